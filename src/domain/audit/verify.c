/* SPDX-License-Identifier: EUPL-1.2
 *
 * Walking the chain. Rows and checkpoints are read side by side in pages, each a transaction of its own, so that
 * neither memory nor the database is held for long however long the chain is; the end is looked at in the transaction
 * that finds no more rows. The walk ends at the first fault.
 */
#include "domain/audit/audit_internal.h"

#include "base/error.h"
#include "keeper/checkpoint.h"

#include <stdarg.h>

enum { PAGE = 8192 };
#define SECOND ((rfd_time)1000000)

/** A checkpoint of the page, as the table has it. */
struct stored {
    uint64_t sequence;
    slice hash, content, algorithm, signature;
    rfd_time time;
};

struct walk {
    struct audit_verdict verdict;
    const struct certificate *certificate;
    struct audit_end known; /* by the keeper */
    struct audit_end at;    /* the last row that was good */
    struct buf memory;
    bool ended;

    /* Of the page at hand; those of a page that has to be read again start anew. */
    const struct stored *points;
    size_t point_count, point;
    size_t rows;
};

/** Ends the walk; the verdict is what the function is for, so this is no error of it. */
static rfd_status found(struct walk *w, enum audit_fault fault, uint64_t sequence, const char *format, ...)
    RFD_PRINTF(4, 5);
static rfd_status found(struct walk *w, enum audit_fault fault, uint64_t sequence, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    w->verdict.fault = fault;
    w->verdict.sequence = sequence;
    (void)vsnprintf(w->verdict.text, sizeof w->verdict.text, format, args);
    va_end(args);
    w->ended = true;
    return RFD_OK;
}

/* --- Checkpoints -------------------------------------------------------------------------------------------------- */

static bool same_hash(slice a, const uint8_t b[AUDIT_HASH_SIZE])
{
    return slice_equal(a, slice_of(b, AUDIT_HASH_SIZE));
}

/** The signature, and that the table's columns say what was signed. */
static bool is_genuine(const struct walk *w, const struct stored *s)
{
    struct checkpoint c;
    rfd_status status = w->certificate == NULL
                            ? checkpoint_read(s->content, &c, NULL)
                            : checkpoint_verify(s->content, s->algorithm, s->signature, w->certificate, &c, NULL);
    return status == RFD_OK && strcmp(c.chain, AUDIT_CHAIN) == 0 && c.sequence == s->sequence &&
           c.time / SECOND == s->time / SECOND && same_hash(s->hash, c.hash);
}

/** Those that are about the row where the walk is. */
static rfd_status check_points(struct walk *w)
{
    const struct audit_end *at = &w->at;
    for (; w->point < w->point_count && w->points[w->point].sequence <= at->sequence; w->point++) {
        const struct stored *s = &w->points[w->point];
        if (!is_genuine(w, s))
            return found(w, AUDIT_CHECKPOINT, s->sequence, "the checkpoint of row %llu is not genuine",
                         (unsigned long long)s->sequence);
        if (s->sequence != at->sequence || !same_hash(s->hash, at->hash))
            return found(w, AUDIT_CHECKPOINT, s->sequence, "the checkpoint of row %llu does not agree with the row",
                         (unsigned long long)s->sequence);
        w->verdict.checkpoints++;
    }
    if (w->known.sequence == at->sequence && at->sequence > 0 && memcmp(w->known.hash, at->hash, AUDIT_HASH_SIZE) != 0)
        return found(w, AUDIT_CHECKPOINT, at->sequence, "row %llu does not agree with what the keeper signed",
                     (unsigned long long)at->sequence);
    return RFD_OK;
}

static rfd_status read_points(struct transaction *t, struct walk *w, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer((int64_t)w->at.sequence),
                                         store_integer((int64_t)w->at.sequence + PAGE)};
    TRY(store_run(t,
                  "SELECT sequence, time, hash, content, algorithm, signature FROM audit_checkpoint "
                  "WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence",
                  values, 2, &rows, error));
    struct stored *points = arena_zeroed(store_arena(t), rows.count + 1, sizeof *points);
    if (points == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        points[i].sequence = (uint64_t)store_cell(&rows, i, 0)->integer;
        points[i].time = store_cell(&rows, i, 1)->integer;
        points[i].hash = store_cell(&rows, i, 2)->bytes;
        points[i].content = store_cell(&rows, i, 3)->bytes;
        points[i].algorithm = store_cell(&rows, i, 4)->bytes;
        points[i].signature = store_cell(&rows, i, 5)->bytes;
    }
    w->points = points;
    w->point_count = rows.count;
    w->point = 0;
    return RFD_OK;
}

/* --- Rows --------------------------------------------------------------------------------------------------------- */

static rfd_status check_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct walk *w = context;
    uint8_t hash[AUDIT_HASH_SIZE];
    int64_t sequence = values[0].integer;
    uint64_t wanted = w->at.sequence + 1;
    slice previous = values[7].bytes;
    const struct audit_row row = {.time = values[1].integer,
                                  .node = values[2].bytes,
                                  .action = values[3].bytes,
                                  .actor = values[4].bytes,
                                  .object = values[5].bytes,
                                  .detail = values[6].bytes};
    (void)columns;
    if (w->ended) return RFD_OK;
    w->rows++;
    if (sequence != (int64_t)wanted)
        return found(w, AUDIT_MISSING, wanted, "row %llu is not there", (unsigned long long)wanted);
    if (previous.length != AUDIT_HASH_SIZE)
        return found(w, AUDIT_ALTERED, wanted, "row %llu was altered", (unsigned long long)wanted);
    TRY(audit_hash_with(&w->memory, &row, previous.data, hash, error));
    if (!same_hash(values[8].bytes, hash))
        return found(w, AUDIT_ALTERED, wanted, "row %llu was altered", (unsigned long long)wanted);
    if (!same_hash(previous, w->at.hash))
        return found(w, AUDIT_REORDERED, wanted, "row %llu does not follow from the row before it",
                     (unsigned long long)wanted);
    w->at.sequence = wanted;
    memcpy(w->at.hash, hash, sizeof hash);
    w->verdict.rows++;
    return check_points(w);
}

/* --- The end ------------------------------------------------------------------------------------------------------ */

static rfd_status check_end(struct transaction *t, struct walk *w, struct rfd_error *error)
{
    struct store_rows rows;
    struct audit_end end;
    uint64_t after = w->at.sequence + 1;
    TRY(audit_read_end(t, &end, error));
    TRY(store_run(t,
                  "SELECT count(*), (SELECT max(sequence) FROM audit_checkpoint), (SELECT min(sequence) FROM "
                  "audit_row) FROM audit_waiting",
                  NULL, 0, &rows, error));
    w->verdict.waiting = (uint64_t)store_cell(&rows, 0, 0)->integer;
    uint64_t point = (uint64_t)store_cell(&rows, 0, 1)->integer;
    w->ended = true;
    if (store_cell(&rows, 0, 2)->type != STORE_NULL && store_cell(&rows, 0, 2)->integer < 1)
        return found(w, AUDIT_REORDERED, 0, "there is a row before the first");
    if (w->known.sequence > w->at.sequence)
        return found(w, AUDIT_CUT, after, "the keeper signed row %llu, and the chain ends at row %llu",
                     (unsigned long long)w->known.sequence, (unsigned long long)w->at.sequence);
    if (point > w->at.sequence)
        return found(w, AUDIT_CUT, after, "there is a checkpoint of row %llu, and the chain ends at row %llu",
                     (unsigned long long)point, (unsigned long long)w->at.sequence);
    if (end.sequence > w->at.sequence)
        return found(w, AUDIT_CUT, after, "the chain had %llu rows, and ends at row %llu",
                     (unsigned long long)end.sequence, (unsigned long long)w->at.sequence);
    if (end.sequence != w->at.sequence || memcmp(end.hash, w->at.hash, sizeof end.hash) != 0)
        return found(w, AUDIT_REORDERED, w->at.sequence, "row %llu is not the one that the chain ended with",
                     (unsigned long long)w->at.sequence);
    return RFD_OK;
}

static rfd_status read_page(struct transaction *t, void *context, struct rfd_error *error)
{
    struct walk *w = context;
    const struct store_value values[] = {store_integer((int64_t)w->at.sequence), store_integer(PAGE)};
    w->rows = 0;
    TRY(read_points(t, w, error));
    TRY(store_each(t,
                   "SELECT sequence, time, node, action, actor, object, detail, previous, hash FROM audit_row "
                   "WHERE sequence > $1 ORDER BY sequence LIMIT $2",
                   values, 2, check_row, w, error));
    return w->ended || w->rows > 0 ? RFD_OK : check_end(t, w, error);
}

/* --- All of it ---------------------------------------------------------------------------------------------------- */

static rfd_status ask_keeper(struct keeper_client *keeper, struct audit_end *out, struct rfd_error *error)
{
    struct keeper_reply reply;
    struct buf body;
    rfd_status status;
    buf_init(&body, AUDIT_ASK_MAXIMUM);
    buf_init(&reply.memory, KEEPER_MESSAGE_MAXIMUM);
    message_put_text(&body, AUDIT_CHAIN);
    TRY_OUT(buf_check(&body, "last-checkpoint", error));
    TRY_OUT(
        keeper_client_ask(keeper, KEEPER_LAST_CHECKPOINT, buf_slice(&body), -1, AUDIT_ASK_MILLISECONDS, &reply, error));
    out->sequence = message_get_u64(&reply.fields);
    slice hash = message_get_bytes(&reply.fields, AUDIT_HASH_SIZE);
    (void)message_get_i64(&reply.fields);
    TRY_OUT(message_end(&reply.fields, "last-checkpoint", error));
    if (hash.length == AUDIT_HASH_SIZE)
        memcpy(out->hash, hash.data, hash.length);
    else if (out->sequence > 0)
        status = error_set(error, RFD_E_PROTOCOL, "a checkpoint's hash of %zu octets", hash.length);
out:
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

rfd_status audit_verify(struct store *store, struct keeper_client *keeper, const struct certificate *certificate,
                        struct audit_verdict *out, struct rfd_error *error)
{
    struct walk w = {.certificate = certificate};
    rfd_status status = keeper == NULL ? RFD_OK : ask_keeper(keeper, &w.known, error);
    buf_init(&w.memory, SIZE_MAX);
    while (status == RFD_OK && !w.ended) status = store_read(store, read_page, &w, error);
    buf_dispose(&w.memory);
    if (status == RFD_OK) *out = w.verdict;
    return status;
}
