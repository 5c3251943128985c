/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/delay.h"

#include <time.h>

enum { ANSWER_MILLISECONDS = 200 };

rfd_time delay_begin(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (rfd_time)now.tv_sec * RFD_SECOND + now.tv_nsec / 1000;
}

void delay_end(rfd_time begun)
{
    rfd_time left = begun + ANSWER_MILLISECONDS * 1000 - delay_begin();
    if (left <= 0) return;
    const struct timespec rest = {.tv_sec = (time_t)(left / RFD_SECOND), .tv_nsec = (long)(left % RFD_SECOND) * 1000};
    (void)nanosleep(&rest, NULL);
}
