/* SPDX-License-Identifier: EUPL-1.2
 *
 * An entry is at most 22 (serial) + 17 (date) + 42 (extensions) octets long, so that all its lengths take one octet
 * and it can be written from the left to the right.
 */
#include "pki/authority/crl_entry.h"

#include "base/clock.h"
#include "base/error.h"

enum { ENTRY_MAXIMUM = 96, DAY_SECONDS = 86400, REASON_SIZE = 12, INVALIDITY_SIZE = 26 };
enum { REASON_UNUSED = 7, REASON_REMOVED = 8, REASON_LAST = 10 };

/* Two decimal digits. */
static uint8_t *put_two(uint8_t *to, int64_t value)
{
    to[0] = (uint8_t)('0' + value / 10);
    to[1] = (uint8_t)('0' + value % 10);
    return to + 2;
}

/* YYYYMMDDhhmmssZ; the date is looked up in the calendar when it changes. */
static void write_moment(struct crl_entry_writer *w, rfd_time t, uint8_t text[15])
{
    int64_t seconds = t / RFD_SECOND - (t % RFD_SECOND < 0);
    int64_t day = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
    int64_t second = seconds - day * DAY_SECONDS;
    if (day != w->day) {
        char date[CLOCK_TEXT_SIZE];
        memcpy(w->date, clock_asn1(t, true, date), sizeof w->date);
        w->day = day;
    }
    memcpy(text, w->date, sizeof w->date);
    uint8_t *to = put_two(text + sizeof w->date, second / 3600);
    to = put_two(to, second / 60 % 60);
    to = put_two(to, second % 60);
    *to = 'Z';
}

/* RFC 5280 §5.1.2.4: UTCTime to 2049. */
static uint8_t *put_time(struct crl_entry_writer *w, uint8_t *to, rfd_time t)
{
    uint8_t text[15];
    write_moment(w, t, text);
    bool utc = memcmp(text, "1950", 4) >= 0 && memcmp(text, "2050", 4) < 0;
    *to++ = utc ? DER_UTC_TIME : DER_GENERALIZED_TIME;
    *to++ = utc ? 13 : 15;
    memcpy(to, text + (utc ? 2 : 0), utc ? 13 : 15);
    return to + (utc ? 13 : 15);
}

static uint8_t *put_reason(uint8_t *to, int reason)
{
    static const uint8_t before[] = {DER_SEQUENCE,     10, DER_OID,        3, 0x55, 0x1D, 0x15,
                                     DER_OCTET_STRING, 3,  DER_ENUMERATED, 1};
    memcpy(to, before, sizeof before);
    to[sizeof before] = (uint8_t)reason;
    return to + REASON_SIZE;
}

static uint8_t *put_invalidity(struct crl_entry_writer *w, uint8_t *to, rfd_time since)
{
    static const uint8_t before[] = {DER_SEQUENCE,         24, DER_OID, 3, 0x55, 0x1D, 0x18, DER_OCTET_STRING, 17,
                                     DER_GENERALIZED_TIME, 15};
    memcpy(to, before, sizeof before);
    write_moment(w, since, to + sizeof before);
    return to + INVALIDITY_SIZE;
}

bool crl_entry_is_date(rfd_time t)
{
    return t >= INT64_C(-62135596800) * RFD_SECOND && t < INT64_C(253402300800) * RFD_SECOND;
}

static rfd_status check(const struct crl_entry_writer *w, const struct crl_writer_entry *entry, struct rfd_error *error)
{
    slice s = entry->serial;
    bool positive = s.length > 0 && s.length <= CRL_WRITER_SERIAL_MAXIMUM && s.data[0] < 0x80;
    if (!positive || (s.data[0] == 0 && (s.length == 1 || s.data[1] < 0x80))) {
        return error_set(error, RFD_E_ARGUMENT, "list: a serial number of %zu octets (RFC 5280 §4.1.2.2)", s.length);
    }
    if (entry->reason < 0 || entry->reason > REASON_LAST || entry->reason == REASON_UNUSED ||
        (entry->reason == REASON_REMOVED && !w->in_delta)) {
        return error_set(error, RFD_E_ARGUMENT, "list: reason %d (RFC 5280 §5.3.1)", entry->reason);
    }
    if (crl_entry_is_date(entry->revoked_at) &&
        (entry->invalid_since == RFD_TIME_NONE || crl_entry_is_date(entry->invalid_since))) {
        return RFD_OK;
    }
    return error_set(error, RFD_E_ARGUMENT, "list: an entry whose date is none");
}

rfd_status crl_entry_put(struct crl_entry_writer *w, struct buf *b, const struct crl_writer_entry *entry,
                         struct rfd_error *error)
{
    TRY(check(w, entry, error));
    size_t extensions =
        (entry->reason > 0 ? REASON_SIZE : 0) + (size_t)(entry->invalid_since != RFD_TIME_NONE ? INVALIDITY_SIZE : 0);
    uint8_t *start = buf_reserve(b, ENTRY_MAXIMUM);
    if (start == NULL) return buf_check(b, "entries of the list", error);
    uint8_t *to = start + 2;
    *to++ = DER_INTEGER;
    *to++ = (uint8_t)entry->serial.length;
    memcpy(to, entry->serial.data, entry->serial.length);
    to = put_time(w, to + entry->serial.length, entry->revoked_at);
    if (extensions > 0) {
        *to++ = DER_SEQUENCE;
        *to++ = (uint8_t)extensions;
        if (entry->reason > 0) to = put_reason(to, entry->reason);
        if (entry->invalid_since != RFD_TIME_NONE) to = put_invalidity(w, to, entry->invalid_since);
    }
    start[0] = DER_SEQUENCE;
    start[1] = (uint8_t)(to - start - 2);
    b->length += (size_t)(to - start);
    return RFD_OK;
}
