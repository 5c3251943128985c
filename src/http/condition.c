/* SPDX-License-Identifier: EUPL-1.2
 *
 * If-None-Match and If-Modified-Since (RFC 9110 §13.1.2, §13.1.3).
 */
#include "http/exchange.h"

/** A list of validators, compared weakly (RFC 9110 §8.8.3.2). */
static bool names(slice list, slice etag)
{
    while (list.length > 0) {
        slice tag = http_trim(http_cut(&list, ','));
        if (slice_is(tag, "*")) return true;
        if (slice_starts(tag, SLICE("W/"))) tag = slice_from(tag, 2);
        if (slice_equal(tag, etag)) return true;
    }
    return false;
}

bool http_unchanged(const struct http_request *request, slice etag, rfd_time last_modified)
{
    rfd_time since;
    slice match = http_request_list(request, "if-none-match");
    if (match.data != NULL) return etag.length > 0 && names(match, etag);
    if (last_modified == RFD_TIME_NONE) return false;
    if (!http_date_parse(http_request_header(request, "if-modified-since", 0), &since)) return false;
    return last_modified / RFD_SECOND <= since / RFD_SECOND;
}
