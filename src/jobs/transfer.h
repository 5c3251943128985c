/* SPDX-License-Identifier: EUPL-1.2
 *
 * What all of the worker's transfers have in common: an end by the clock, an end when the worker is stopped, no
 * signals, and no proxy that the environment names.
 */
#ifndef JOBS_TRANSFER_H
#define JOBS_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>

struct transfer {
    curl_xferinfo_callback look; /* asked again and again; anything but 0 ends the transfer */
    void *context;
    char *problem; /* CURL_ERROR_SIZE octets, or NULL */
    long connect_seconds, seconds;
};
/** False without memory. */
bool transfer_set_up(CURL *curl, const struct transfer *transfer);

#endif
