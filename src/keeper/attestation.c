/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/attestation.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"

#define FIRST_LINE SLICE("Refrenda attestation 1\n")

enum { HEX_SIZE = 2 * APPROVAL_HASH_SIZE };

static void put_hash(struct buf *b, const char *name, const uint8_t hash[APPROVAL_HASH_SIZE])
{
    buf_put_text(b, name);
    buf_put_hex(b, slice_of(hash, APPROVAL_HASH_SIZE), false);
    buf_put_byte(b, '\n');
}

rfd_status attestation_write(const struct attestation *attestation, struct buf *out, struct rfd_error *error)
{
    char time[CLOCK_TEXT_SIZE];
    rfd_time back;
    if (!clock_parse_iso(slice_text(clock_iso(attestation->time, time)), &back) || back != attestation->time)
        return error_set(error, RFD_E_ARGUMENT, "attestation: time");
    buf_put_slice(out, FIRST_LINE);
    put_hash(out, "approval: ", attestation->approval);
    put_hash(out, "key: ", attestation->key);
    buf_put_text(out, "time: ");
    buf_put_text(out, time);
    buf_put_byte(out, '\n');
    return buf_check(out, "attestation", error);
}

/* ---- Reading: take apart, write again, compare ---- */

static bool take(slice *text, slice name)
{
    if (!slice_starts(*text, name)) return false;
    *text = slice_from(*text, name.length);
    return true;
}

static bool take_hash(slice *text, slice name, uint8_t hash[APPROVAL_HASH_SIZE])
{
    if (!take(text, name) || text->length < HEX_SIZE || !number_hex(slice_part(*text, 0, HEX_SIZE), hash)) return false;
    *text = slice_from(*text, HEX_SIZE);
    return take(text, SLICE("\n"));
}

static bool take_all(slice text, struct attestation *a)
{
    if (!take(&text, FIRST_LINE) || !take_hash(&text, SLICE("approval: "), a->approval) ||
        !take_hash(&text, SLICE("key: "), a->key) || !take(&text, SLICE("time: ")) || text.length == 0)
        return false;
    return clock_parse_iso(slice_part(text, 0, text.length - 1), &a->time);
}

rfd_status attestation_read(slice text, struct attestation *out, struct rfd_error *error)
{
    uint8_t bytes[ATTESTATION_MAXIMUM];
    struct buf again = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct attestation a = {.time = 0};
    if (text.length > ATTESTATION_MAXIMUM || !take_all(text, &a))
        return error_set(error, RFD_E_APPROVAL, "not the text of an attestation");
    if (attestation_write(&a, &again, NULL) != RFD_OK || !slice_equal(text, buf_slice(&again)))
        return error_set(error, RFD_E_APPROVAL, "not in the one form that attestations have");
    *out = a;
    return RFD_OK;
}
