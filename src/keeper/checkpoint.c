/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/checkpoint.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "keeper/keystore.h"

#define TITLE SLICE("Refrenda checkpoint 1\n")

void checkpoint_write(const struct checkpoint *checkpoint, struct buf *out)
{
    char time[CLOCK_TEXT_SIZE];
    buf_put_slice(out, TITLE);
    buf_put_text(out, "chain: ");
    buf_put_text(out, checkpoint->chain);
    buf_put_text(out, "\nsequence: ");
    buf_put_unsigned(out, checkpoint->sequence);
    buf_put_text(out, "\nhash: ");
    buf_put_hex(out, slice_of(checkpoint->hash, CHECKPOINT_HASH_SIZE), false);
    buf_put_text(out, "\ntime: ");
    buf_put_text(out, clock_iso(checkpoint->time, time));
    buf_put_byte(out, '\n');
}

/** Takes a line that begins with `name`; what is behind that. */
static bool take_line(slice *text, const char *name, slice *value)
{
    const uint8_t *end = text->length == 0 ? NULL : memchr(text->data, '\n', text->length);
    slice line = end == NULL ? SLICE_EMPTY : slice_part(*text, 0, (size_t)(end - text->data));
    if (end == NULL || !slice_starts(line, slice_text(name))) return false;
    *value = slice_from(line, strlen(name));
    *text = slice_from(*text, line.length + 1);
    return true;
}

static bool read_text(slice text, struct checkpoint *out)
{
    struct checkpoint c = {.sequence = 0};
    slice chain, sequence, hash, time;
    if (text.length > CHECKPOINT_MAXIMUM || !slice_starts(text, TITLE)) return false;
    text = slice_from(text, TITLE.length);
    if (!take_line(&text, "chain: ", &chain) || !take_line(&text, "sequence: ", &sequence) ||
        !take_line(&text, "hash: ", &hash) || !take_line(&text, "time: ", &time) || text.length != 0)
        return false;
    if (!key_name_is_good(chain) || !number_unsigned(sequence, UINT64_MAX, &c.sequence) ||
        hash.length != 2 * (size_t)CHECKPOINT_HASH_SIZE || !number_hex(hash, c.hash) || !clock_parse_iso(time, &c.time))
        return false;
    memcpy(c.chain, chain.data, chain.length);
    *out = c;
    return true;
}

rfd_status checkpoint_read(slice text, struct checkpoint *out, struct rfd_error *error)
{
    struct checkpoint c;
    struct buf again;
    if (!read_text(text, &c)) return error_set(error, RFD_E_ARGUMENT, "not the text of a checkpoint");
    buf_init(&again, CHECKPOINT_MAXIMUM);
    checkpoint_write(&c, &again);
    bool same = slice_equal(buf_slice(&again), text);
    buf_dispose(&again);
    if (!same) return error_set(error, RFD_E_ARGUMENT, "not written as a checkpoint is");
    *out = c;
    return RFD_OK;
}

rfd_status checkpoint_verify(slice text, slice algorithm, slice signature, const struct certificate *certificate,
                             struct checkpoint *out, struct rfd_error *error)
{
    struct signature_algorithm a;
    TRY(signature_algorithm_read(algorithm, DIGEST_NONE, &a, error));
    TRY(signature_verify(&a, certificate, text, signature, error));
    return checkpoint_read(text, out, error);
}
