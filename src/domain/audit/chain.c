/* SPDX-License-Identifier: EUPL-1.2
 *
 * From waiting rows to chained ones. A batch is one transaction: the rows are read in the order of their ids and hashed
 * one after the other; the database itself then copies them into the chain, and gets only the hashes from here, all in
 * one piece. A batch of thousands of rows takes four statements.
 */
#include "domain/audit/audit_internal.h"

#include "base/error.h"
#include "pki/digest.h"

enum { BATCH_MAXIMUM = 10000, ROW_MAXIMUM = 64 << 10 };

/* --- One row ------------------------------------------------------------------------------------------------------ */

static void put_number(struct buf *b, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) buf_put_byte(b, (uint8_t)(value >> (8 * (size - 1 - i))));
}

rfd_status audit_hash_with(struct buf *memory, const struct audit_row *row, const uint8_t previous[AUDIT_HASH_SIZE],
                           uint8_t out[AUDIT_HASH_SIZE], struct rfd_error *error)
{
    const slice parts[] = {row->node, row->action, row->actor, row->object, row->detail};
    buf_reset(memory);
    buf_put_slice(memory, SLICE("refrenda audit row 1\n"));
    buf_put(memory, previous, AUDIT_HASH_SIZE);
    put_number(memory, (uint64_t)row->time, 8);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        put_number(memory, parts[i].length, 4);
        buf_put_slice(memory, parts[i]);
    }
    TRY(buf_check(memory, "audit row", error));
    return digest_of(DIGEST_SHA256, buf_slice(memory), out, error);
}

rfd_status audit_hash(const struct audit_row *row, const uint8_t previous[AUDIT_HASH_SIZE],
                      uint8_t out[AUDIT_HASH_SIZE], struct rfd_error *error)
{
    struct buf memory;
    buf_init(&memory, SIZE_MAX);
    rfd_status status = audit_hash_with(&memory, row, previous, out, error);
    buf_dispose(&memory);
    return status;
}

/* --- The chain's end ---------------------------------------------------------------------------------------------- */

rfd_status audit_read_end(struct transaction *t, struct audit_end *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT sequence, hash FROM audit_chain WHERE id = 1", NULL, 0, &rows, error));
    if (rows.count != 1 || store_cell(&rows, 0, 0)->integer < 0 ||
        store_cell(&rows, 0, 1)->bytes.length != AUDIT_HASH_SIZE)
        return error_set(error, RFD_E_AUDIT, "the chain's end is not there");
    out->sequence = (uint64_t)store_cell(&rows, 0, 0)->integer;
    memcpy(out->hash, store_cell(&rows, 0, 1)->bytes.data, AUDIT_HASH_SIZE);
    return RFD_OK;
}

static rfd_status write_end(struct transaction *t, uint64_t sequence, const uint8_t *hash, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer((int64_t)sequence),
                                         store_bytes(slice_of(hash, AUDIT_HASH_SIZE))};
    return store_run(t, "UPDATE audit_chain SET sequence = $1, hash = $2 WHERE id = 1", values, 2, NULL, error);
}

/* --- A batch ------------------------------------------------------------------------------------------------------ */

struct batch {
    enum store_kind kind;
    size_t limit, done;
    int64_t last;      /* id */
    struct buf hashes; /* the chain's end before the batch, and each row's */
    struct buf memory; /* of a row */
};

/** One batch at a time. On PostgreSQL this has to be the transaction's first statement: what it sees is settled only
 * after the lock was had. SQLite has one writer anyway. */
static rfd_status lock(struct transaction *t, const struct batch *b, struct rfd_error *error)
{
    if (b->kind != STORE_POSTGRESQL) return RFD_OK;
    return store_run(t, "LOCK TABLE audit_chain IN EXCLUSIVE MODE", NULL, 0, NULL, error);
}

static rfd_status hash_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct batch *b = context;
    uint8_t hash[AUDIT_HASH_SIZE];
    const struct audit_row row = {.time = values[1].integer,
                                  .node = values[2].bytes,
                                  .action = values[3].bytes,
                                  .actor = values[4].bytes,
                                  .object = values[5].bytes,
                                  .detail = values[6].bytes};
    (void)columns;
    TRY(audit_hash_with(&b->memory, &row, b->hashes.data + b->done * AUDIT_HASH_SIZE, hash, error));
    buf_put(&b->hashes, hash, sizeof hash);
    b->last = values[0].integer;
    b->done++;
    return buf_check(&b->hashes, "hashes", error);
}

/** The type of the second parameter is nothing that PostgreSQL could guess, and what it takes for a type SQLite takes
 * for another. */
#define NUMBER "row_number() OVER (ORDER BY id)"
#define MOVE(hashes)                                                                                                   \
    "INSERT INTO audit_row(sequence, time, node, action, actor, object, detail, previous, hash, object_id) "           \
    "SELECT $1 + " NUMBER ", time, node, action, actor, object, detail, "                                              \
    "substr(" hashes ", CAST(32 * (" NUMBER ") - 31 AS INTEGER), 32), "                                                \
    "substr(" hashes ", CAST(32 * (" NUMBER ") + 1 AS INTEGER), 32), object_id FROM audit_waiting WHERE id <= $3"
static const char *const move_sql[] = {[STORE_SQLITE] = MOVE("$2"), [STORE_POSTGRESQL] = MOVE("CAST($2 AS BYTEA)")};

/** The rows that were read get into the chain, in the order in which they were read: it is the same transaction's
 * view. */
static rfd_status move_rows(struct transaction *t, const struct batch *b, uint64_t end, struct rfd_error *error)
{
    struct store_rows moved;
    const struct store_value values[] = {store_integer((int64_t)end), store_bytes(buf_slice(&b->hashes)),
                                         store_integer(b->last)};
    TRY(store_run(t, move_sql[b->kind], values, 3, &moved, error));
    if (moved.changed != b->done) return error_set(error, RFD_E_INTERNAL, "audit rows that came meanwhile");
    return store_run(t, "DELETE FROM audit_waiting WHERE id <= $1", values + 2, 1, NULL, error);
}

static rfd_status sequence(struct transaction *t, void *context, struct rfd_error *error)
{
    struct batch *b = context;
    struct audit_end end;
    const struct store_value limit = store_integer((int64_t)b->limit);
    b->done = 0;
    buf_reset(&b->hashes);
    TRY(lock(t, b, error));
    TRY(audit_read_end(t, &end, error));
    buf_put(&b->hashes, end.hash, sizeof end.hash);
    TRY(buf_check(&b->hashes, "hashes", error));
    TRY(store_each(t, "SELECT id, time, node, action, actor, object, detail FROM audit_waiting ORDER BY id LIMIT $1",
                   &limit, 1, hash_row, b, error));
    if (b->done == 0) return RFD_OK;
    TRY(move_rows(t, b, end.sequence, error));
    return write_end(t, end.sequence + b->done, b->hashes.data + b->done * AUDIT_HASH_SIZE, error);
}

rfd_status audit_sequence(struct store *store, size_t limit, size_t *done, struct rfd_error *error)
{
    struct batch b = {.kind = store_kind(store), .limit = limit > BATCH_MAXIMUM ? BATCH_MAXIMUM : limit};
    buf_init(&b.hashes, (BATCH_MAXIMUM + 1) * AUDIT_HASH_SIZE);
    buf_init(&b.memory, ROW_MAXIMUM);
    rfd_status status = store_write(store, sequence, &b, error);
    if (status == RFD_OK) *done = b.done;
    buf_dispose(&b.hashes);
    buf_dispose(&b.memory);
    return status;
}
