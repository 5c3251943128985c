/* SPDX-License-Identifier: EUPL-1.2
 *
 * chronyd is asked over its command port on the loopback address, as chronyc does; "tracking" needs no rights.
 */
#include "api/status/trusted_clock.h"

#include "base/clock.h"
#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

enum {
    LOOK_AGAIN = 250000, /* microseconds */
    CHRONY_FORGOTTEN = 10000000,
    CHRONY_PORT = 323,
    CHRONY_WAIT = 200, /* milliseconds */
    CHRONY_SIZE = 104, /* octets of a tracking reply; requests are padded to it */
    CHRONY_VERSION = 6,
    CHRONY_REQUEST = 1,
    CHRONY_REPLY = 2,
    CHRONY_TRACKING = 33,
    CHRONY_TRACKING_REPLY = 5,
    LEAP_UNSYNCHRONISED = 3,
};
#define LEAP_MARGIN (2 * RFD_SECOND) /* around the moment: clocks may be smeared or stepped there */
#define DAY         (INT64_C(86400) * RFD_SECOND)

rfd_status trusted_clock_open(struct trusted_clock *clock, const char *source, unsigned bound_milliseconds,
                              struct rfd_error *error)
{
    static const char *const names[] = {"adjtimex", "chrony", "unchecked"};
    size_t found = 0;
    while (found < sizeof names / sizeof *names && strcmp(names[found], source) != 0) found++;
    if (found == sizeof names / sizeof *names)
        return error_set(error, RFD_E_SETTINGS, "status.clock: \"%s\" is none of adjtimex, chrony, unchecked", source);
    clock->source = (enum trusted_clock_source)found;
    clock->bound = (int64_t)bound_milliseconds * 1000;
    clock->chrony = -1;
    atomic_init(&clock->checked, INT64_MIN / 2);
    atomic_init(&clock->good, clock->source == CLOCK_UNCHECKED);
    if (clock->source != CLOCK_BY_CHRONY) return RFD_OK;
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(CHRONY_PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    clock->chrony = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (clock->chrony >= 0 && connect(clock->chrony, (const struct sockaddr *)&address, sizeof address) == 0)
        return RFD_OK;
    rfd_status status = error_errno(error, RFD_E_NETWORK, errno, "chronyd's command port");
    trusted_clock_close(clock);
    return status;
}

void trusted_clock_close(struct trusted_clock *clock)
{
    if (clock->source == CLOCK_BY_CHRONY && clock->chrony >= 0) (void)close(clock->chrony);
    clock->chrony = -1;
}

const char *clock_report_fault(const struct clock_report *report, int64_t bound, rfd_time time)
{
    rfd_time of_day = time % DAY;
    if (!report->synchronised) return "it is not synchronised";
    if (report->maximum_error > bound) return "it may be off by more than the bound";
    if (report->leap_now) return "a leap second is being inserted";
    if (report->leap_today && of_day > DAY - LEAP_MARGIN) return "a leap second is near";
    return NULL;
}

/* ---- The kernel ---- */

static struct clock_report ask_kernel(void)
{
    struct timex t = {.modes = 0};
    int state = adjtimex(&t);
    return (struct clock_report){.synchronised = state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0,
                                 .maximum_error = t.maxerror,
                                 .leap_today = state == TIME_INS || state == TIME_DEL,
                                 .leap_now = state == TIME_OOP};
}

/* ---- chronyd ---- */

static uint32_t word_at(slice s, size_t at)
{
    return (uint32_t)s.data[at] << 24 | (uint32_t)s.data[at + 1] << 16 | (uint32_t)s.data[at + 2] << 8 | s.data[at + 3];
}

/** Its own floating format: 7 bits of exponent and 25 of coefficient, both signed. In seconds. */
static double number_at(slice s, size_t at)
{
    enum { COEFFICIENT_BITS = 25, EXPONENT_BITS = 7 };
    uint32_t word = word_at(s, at);
    int32_t exponent = (int32_t)(word >> COEFFICIENT_BITS);
    int32_t coefficient = (int32_t)(word & ((1U << COEFFICIENT_BITS) - 1));
    if (exponent >= 1 << (EXPONENT_BITS - 1)) exponent -= 1 << EXPONENT_BITS;
    if (coefficient >= 1 << (COEFFICIENT_BITS - 1)) coefficient -= 1 << COEFFICIENT_BITS;
    return ldexp((double)coefficient, exponent - COEFFICIENT_BITS);
}

bool clock_report_from_chrony(slice reply, uint32_t sequence, struct clock_report *out)
{
    /* Header of 28 octets; then reference (4), address (20), stratum (2), leap (2), time (12), and numbers of 4. */
    enum { REPLY = 6, STATUS = 8, SEQUENCE = 16, LEAP = 54, CORRECTION = 68, DELAY = 92, DISPERSION = 96 };
    if (reply.length < CHRONY_SIZE || reply.data[0] != CHRONY_VERSION || reply.data[1] != CHRONY_REPLY) return false;
    if (word_at(reply, REPLY) != (uint32_t)CHRONY_TRACKING_REPLY << 16 || word_at(reply, SEQUENCE) != sequence)
        return false;
    unsigned leap = (unsigned)reply.data[LEAP] << 8 | reply.data[LEAP + 1];
    double off = fabs(number_at(reply, CORRECTION)) + number_at(reply, DISPERSION) + number_at(reply, DELAY) / 2;
    bool sane = off >= 0 && off < 1e6;
    *out = (struct clock_report){.synchronised = leap != LEAP_UNSYNCHRONISED && sane,
                                 .maximum_error = sane ? (int64_t)(off * 1e6) : INT64_MAX,
                                 .leap_today = leap == 1 || leap == 2};
    return true;
}

static struct clock_report ask_chrony(int chrony, uint32_t sequence)
{
    uint8_t request[CHRONY_SIZE] = {CHRONY_VERSION, CHRONY_REQUEST, 0, 0, 0, CHRONY_TRACKING};
    uint8_t reply[512];
    struct clock_report report = {.synchronised = false};
    struct pollfd wait = {.fd = chrony, .events = POLLIN};
    for (int i = 0; i < 4; i++) request[8 + i] = (uint8_t)(sequence >> (24 - 8 * i));
    if (send(chrony, request, sizeof request, 0) != (ssize_t)sizeof request) return report;
    while (poll(&wait, 1, CHRONY_WAIT) == 1) {
        ssize_t length = recv(chrony, reply, sizeof reply, 0);
        if (length < 0) break;
        if (clock_report_from_chrony(slice_of(reply, (size_t)length), sequence, &report)) break;
    }
    return report;
}

/* ---- Both ---- */

rfd_status trusted_clock_look(struct trusted_clock *clock, int64_t now, struct rfd_error *error)
{
    struct clock_report report = {.synchronised = true};
    if (clock->source == CLOCK_BY_KERNEL) report = ask_kernel();
    if (clock->source == CLOCK_BY_CHRONY) report = ask_chrony(clock->chrony, (uint32_t)now);
    const char *fault = clock_report_fault(&report, clock->bound, clock_now());
    atomic_store(&clock->good, fault == NULL);
    atomic_store(&clock->checked, now);
    return fault == NULL ? RFD_OK : error_set(error, RFD_E_CLOCK, "the clock: %s", fault);
}

bool trusted_clock_good(struct trusted_clock *clock, int64_t now)
{
    int64_t age = now - atomic_load_explicit(&clock->checked, memory_order_relaxed);
    if (clock->source == CLOCK_UNCHECKED) return true;
    if (clock->source == CLOCK_BY_CHRONY && (age < 0 || age > CHRONY_FORGOTTEN)) return false;
    if (clock->source == CLOCK_BY_KERNEL && (age < 0 || age > LOOK_AGAIN)) (void)trusted_clock_look(clock, now, NULL);
    return atomic_load_explicit(&clock->good, memory_order_relaxed);
}
