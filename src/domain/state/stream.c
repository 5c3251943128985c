/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/state/stream.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/output.h"
#include "ipc/message.h"
#include "keeper/seal.h"

#include <openssl/rand.h>

#define STATE_MAGIC SLICE("RFDSTA01")
#define STATE_LABEL SLICE("refrenda backup")

enum {
    PIECE = 24 << 10 /* as much as seal_close() takes */,
    LENGTH_SIZE = 4,
    HEAD_SIZE = 8 + MASTER_RECORD_SIZE,
    MARK_SIZE = 9
};

/** What is authenticated with a piece: its number, and 1 for the last. */
static slice mark_of(uint64_t number, bool last, uint8_t mark[MARK_SIZE])
{
    for (size_t i = 0; i < 8; i++) mark[i] = (uint8_t)(number >> (56 - 8 * i));
    mark[8] = last;
    return slice_of(mark, MARK_SIZE);
}

/* ---- Writing ---- */

struct state_writer {
    struct output *output;
    struct secret key;
    struct buf plain, sealed;
    uint64_t pieces;
};

static rfd_status put_head(struct state_writer *w, const struct master *master, struct rfd_error *error)
{
    uint8_t random[SEAL_KEY_SIZE];
    struct buf record;
    buf_init(&record, MASTER_RECORD_SIZE);
    if (RAND_priv_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    rfd_status status = secret_set(&w->key, slice_of(random, sizeof random), error);
    secret_wipe(random, sizeof random);
    if (status == RFD_OK) status = master_put_record(master, secret_slice(&w->key), &record, error);
    if (status == RFD_OK) status = output_write(w->output, STATE_MAGIC, error);
    if (status == RFD_OK) status = output_write(w->output, buf_slice(&record), error);
    buf_dispose(&record);
    return status;
}

rfd_status state_writer_open(const char *path, bool replace, const struct master *master, struct state_writer **out,
                             struct rfd_error *error)
{
    struct state_writer *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    buf_init_secret(&w->plain, 2 * PIECE);
    buf_init(&w->sealed, 2 * PIECE);
    rfd_status status = output_open(path, replace, &w->output, error);
    if (status == RFD_OK) status = put_head(w, master, error);
    if (status == RFD_OK)
        *out = w;
    else
        state_writer_abandon(w);
    return status;
}

static rfd_status put_piece(struct state_writer *w, bool last, struct rfd_error *error)
{
    uint8_t mark[MARK_SIZE];
    buf_reset(&w->sealed);
    message_put_u32(&w->sealed, (uint32_t)(w->plain.length + SEAL_OVERHEAD));
    TRY(seal_close(secret_slice(&w->key), STATE_LABEL, mark_of(w->pieces, last, mark), buf_slice(&w->plain), &w->sealed,
                   error));
    w->pieces++;
    buf_reset(&w->plain);
    return output_write(w->output, buf_slice(&w->sealed), error);
}

static rfd_status put_octets(struct state_writer *w, slice octets, struct rfd_error *error)
{
    while (octets.length > 0) {
        slice part = slice_part(octets, 0, PIECE - w->plain.length);
        buf_put_slice(&w->plain, part);
        TRY(buf_check(&w->plain, "backup", error));
        octets = slice_from(octets, part.length);
        if (w->plain.length == PIECE) TRY(put_piece(w, false, error));
    }
    return RFD_OK;
}

rfd_status state_writer_put(struct state_writer *w, slice record, struct rfd_error *error)
{
    uint8_t bytes[LENGTH_SIZE];
    struct buf length = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    if (record.length > STATE_RECORD_MAXIMUM) return error_set(error, RFD_E_LIMIT, "a record of the backup");
    message_put_u32(&length, (uint32_t)record.length);
    TRY(put_octets(w, buf_slice(&length), error));
    return put_octets(w, record, error);
}

rfd_status state_writer_finish(struct state_writer *w, struct rfd_error *error)
{
    rfd_status status = put_piece(w, true, error);
    if (status == RFD_OK) {
        struct output *output = w->output;
        w->output = NULL;
        status = output_commit(output, error);
    }
    state_writer_abandon(w);
    return status;
}

void state_writer_abandon(struct state_writer *w)
{
    if (w == NULL) return;
    output_abandon(w->output);
    secret_dispose(&w->key);
    buf_dispose(&w->plain);
    buf_dispose(&w->sealed);
    memory_free(w);
}

/* ---- Reading ---- */

struct state_reader {
    struct source *source;
    struct secret key;
    struct buf plain; /* what was opened and not taken yet begins at `taken` */
    size_t taken;
    uint64_t offset, pieces;
    bool last;
};

static rfd_status damaged(const char *why, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "backup: %s", why);
}

static rfd_status read_head(struct source *source, slice *record, struct rfd_error *error)
{
    slice head;
    if (source_size(source) < HEAD_SIZE) return damaged("it is none", error);
    TRY(source_view(source, 0, HEAD_SIZE, &head, error));
    if (!slice_starts(head, STATE_MAGIC)) return damaged("it is none", error);
    *record = slice_from(head, STATE_MAGIC.length);
    return RFD_OK;
}

rfd_status state_reader_kind(const char *path, enum master_kind *out, struct rfd_error *error)
{
    struct source *source = NULL;
    slice record;
    TRY(source_open_file(path, &source, error));
    rfd_status status = read_head(source, &record, error);
    if (status == RFD_OK) *out = master_record_kind(record);
    source_close(source);
    return status;
}

rfd_status state_reader_open(const char *path, const struct master *master, struct state_reader **out,
                             struct rfd_error *error)
{
    struct state_reader *r = memory_zeroed(1, sizeof *r);
    slice record;
    rfd_status status = RFD_OK;
    if (r == NULL) return error_memory(error);
    buf_init_secret(&r->plain, STATE_RECORD_MAXIMUM + 2 * PIECE);
    TRY_OUT(source_open_file(path, &r->source, error));
    TRY_OUT(read_head(r->source, &record, error));
    TRY_OUT(master_open_record(master, record, &r->key, error));
    state_reader_rewind(r);
    *out = r;
    r = NULL;
out:
    state_reader_close(r);
    return status;
}

void state_reader_rewind(struct state_reader *r)
{
    buf_reset(&r->plain);
    r->taken = 0;
    r->offset = HEAD_SIZE;
    r->pieces = 0;
    r->last = false;
}

/** Moves what is left to the front. */
static void pack(struct state_reader *r)
{
    size_t left = r->plain.length - r->taken;
    if (left > 0) memmove(r->plain.data, r->plain.data + r->taken, left);
    r->plain.length = left;
    r->taken = 0;
}

static rfd_status read_piece(struct state_reader *r, struct rfd_error *error)
{
    uint8_t mark[MARK_SIZE];
    slice bytes;
    uint64_t left = source_size(r->source) - r->offset;
    if (r->last || left < LENGTH_SIZE) return damaged("it is cut off", error);
    TRY(source_view(r->source, r->offset, LENGTH_SIZE, &bytes, error));
    uint64_t length = number_big_endian(bytes.data, LENGTH_SIZE);
    if (length < SEAL_OVERHEAD || length > PIECE + SEAL_OVERHEAD || length > left - LENGTH_SIZE)
        return damaged("a piece's length", error);
    TRY(source_view(r->source, r->offset + LENGTH_SIZE, length, &bytes, error));
    pack(r);
    uint8_t *to = buf_reserve(&r->plain, (size_t)length);
    if (to == NULL) return buf_check(&r->plain, "backup", error);
    bool last = left == LENGTH_SIZE + length;
    if (!seal_open(secret_slice(&r->key), STATE_LABEL, mark_of(r->pieces, last, mark), bytes, to))
        return damaged("a piece was altered, or the end is missing", error);
    r->plain.length += (size_t)length - SEAL_OVERHEAD;
    r->offset += LENGTH_SIZE + length;
    r->pieces++;
    r->last = last;
    return RFD_OK;
}

static rfd_status need(struct state_reader *r, size_t octets, struct rfd_error *error)
{
    while (r->plain.length - r->taken < octets) TRY(read_piece(r, error));
    return RFD_OK;
}

rfd_status state_reader_next(struct state_reader *r, slice *record, bool *more, struct rfd_error *error)
{
    while (r->plain.length == r->taken && !r->last) TRY(read_piece(r, error));
    *more = r->plain.length > r->taken;
    if (!*more) return RFD_OK;
    TRY(need(r, LENGTH_SIZE, error));
    size_t length = (size_t)number_big_endian(r->plain.data + r->taken, LENGTH_SIZE);
    if (length > STATE_RECORD_MAXIMUM) return damaged("a record's length", error);
    TRY(need(r, LENGTH_SIZE + length, error));
    *record = slice_of(r->plain.data + r->taken + LENGTH_SIZE, length);
    r->taken += LENGTH_SIZE + length;
    return RFD_OK;
}

void state_reader_close(struct state_reader *r)
{
    if (r == NULL) return;
    source_close(r->source);
    secret_dispose(&r->key);
    buf_dispose(&r->plain);
    memory_free(r);
}
