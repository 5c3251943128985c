/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/authority/crl_store.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "domain/audit/audit.h"

enum { PARTS = 3, PIECES_TOGETHER = 4, LISTS_KEPT = 2 };

slice crl_number_trimmed(const uint8_t number[CRL_NUMBER_SIZE])
{
    slice s = slice_of(number, CRL_NUMBER_SIZE);
    while (s.length > 1 && s.data[0] == 0) s = slice_from(s, 1);
    return s;
}

/* --- Putting ------------------------------------------------------------------------------------------------------ */

struct putting {
    const struct crl_new *list;
    int64_t id;          /* 0: its row is not there yet */
    uint64_t size, done; /* octets */
    int64_t position;
    uint8_t *piece; /* CRL_PIECE_SIZE */
    /* What a transaction reached; taken over when it is committed. */
    int64_t next_id, next_position;
    uint64_t next_done;
};

/** Octets of the list from `at` on into the piece; how many. */
static size_t fill_piece(struct putting *p, uint64_t at)
{
    size_t filled = 0;
    for (size_t i = 0; i < PARTS && filled < CRL_PIECE_SIZE; i++) {
        slice part = p->list->parts[i];
        if (at >= part.length) {
            at -= part.length;
            continue;
        }
        slice some = slice_part(part, (size_t)at, CRL_PIECE_SIZE - filled);
        memcpy(p->piece + filled, some.data, some.length);
        filled += some.length;
        at = 0;
    }
    return filled;
}

static rfd_status insert_row(struct transaction *t, struct putting *p, struct rfd_error *error)
{
    const struct crl_new *l = p->list;
    struct store_rows rows;
    const struct store_value values[] = {
        store_integer(l->authority),   store_integer(l->partition),
        store_boolean(l->delta),       store_bytes(slice_of(l->number, CRL_NUMBER_SIZE)),
        store_integer(l->this_update), store_integer(l->next_update),
        store_integer(l->change),      store_integer((int64_t)p->size),
        store_boolean(false),          store_reference(l->base),
    };
    TRY(store_run(
        t,
        "INSERT INTO crl(authority, part, delta, number, this_update, next_update, change, size, whole, base) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        values, sizeof values / sizeof *values, &rows, error));
    p->next_id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** Only now does it count; what was begun before and never ended goes, as do old ones. */
static rfd_status finish(struct transaction *t, const struct putting *p, struct rfd_error *error)
{
    const struct crl_new *l = p->list;
    const struct store_value whole[] = {store_integer(p->next_id), store_boolean(true)};
    const struct store_value old[] = {store_integer(l->authority), store_integer(l->partition),
                                      store_boolean(l->delta),     store_bytes(slice_of(l->number, CRL_NUMBER_SIZE)),
                                      store_boolean(true),         store_integer(LISTS_KEPT - 1)};
    char object[64], detail[128];
    TRY(store_run(t, "UPDATE crl SET whole = $2 WHERE id = $1", whole, 2, NULL, error));
    TRY(store_run(
        t,
        "DELETE FROM crl WHERE authority = $1 AND part = $2 AND delta = $3 AND number < $4 AND id NOT IN "
        "(SELECT id FROM crl WHERE authority = $1 AND part = $2 AND delta = $3 AND number < $4 AND whole = $5 "
        "ORDER BY number DESC LIMIT $6) AND id NOT IN "
        "(SELECT base FROM crl WHERE authority = $1 AND part = $2 AND delta = $5 AND base IS NOT NULL)",
        old, 6, NULL, error));
    (void)snprintf(object, sizeof object, "authority:%.*s", (int)l->authority_name.length,
                   (const char *)l->authority_name.data);
    (void)snprintf(detail, sizeof detail, "{\"partition\":%u,\"delta\":%s,\"entries\":%llu,\"octets\":%llu}",
                   l->partition, l->delta ? "true" : "false", (unsigned long long)l->entries,
                   (unsigned long long)p->size);
    struct audit_event event = {
        .action = "crl.make", .actor = l->actor, .object = slice_text(object), .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

static rfd_status put_some(struct transaction *t, void *context, struct rfd_error *error)
{
    struct putting *p = context;
    p->next_id = p->id;
    p->next_position = p->position;
    p->next_done = p->done;
    if (p->id == 0) TRY(insert_row(t, p, error));
    for (unsigned n = 0; n < PIECES_TOGETHER && p->next_done < p->size; n++) {
        size_t length = fill_piece(p, p->next_done);
        const struct store_value values[] = {store_integer(p->next_id), store_integer(p->next_position),
                                             store_bytes(slice_of(p->piece, length))};
        TRY(store_run(t, "INSERT INTO crl_piece(crl, position, bytes) VALUES ($1, $2, $3)", values, 3, NULL, error));
        p->next_position++;
        p->next_done += length;
    }
    return p->next_done < p->size ? RFD_OK : finish(t, p, error);
}

rfd_status crl_store_put(struct store *store, const struct crl_new *list, int64_t *id, struct rfd_error *error)
{
    struct putting p = {.list = list, .piece = memory_allocate(CRL_PIECE_SIZE)};
    rfd_status status = p.piece == NULL ? error_memory(error) : RFD_OK;
    for (size_t i = 0; i < PARTS; i++) p.size += list->parts[i].length;
    while (status == RFD_OK && p.done < p.size) {
        status = store_write(store, put_some, &p, error);
        p.id = p.next_id;
        p.position = p.next_position;
        p.done = p.next_done;
    }
    memory_free(p.piece);
    *id = p.id;
    if (status == RFD_OK) metrics_add(METRIC_CRLS, 1);
    return status;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

struct reading {
    int64_t authority;
    uint32_t partition;
    bool delta;
    struct arena *a;
    struct authority_crl crl;
    uint8_t *bytes;
    size_t size, filled;
};

static rfd_status take_piece(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct reading *r = context;
    slice piece = values[0].bytes;
    (void)columns;
    if (piece.length > r->size - r->filled) return error_set(error, RFD_E_STORE, "a list longer than it was");
    if (piece.length > 0) memcpy(r->bytes + r->filled, piece.data, piece.length);
    r->filled += piece.length;
    return RFD_OK;
}

static rfd_status read_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer(r->authority), store_integer(r->partition),
                                         store_boolean(r->delta), store_boolean(true)};
    TRY(store_run(t,
                  "SELECT id, number, this_update, next_update, size FROM crl WHERE authority = $1 AND part = $2 "
                  "AND delta = $3 AND whole = $4 ORDER BY number DESC LIMIT 1",
                  values, 4, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such list yet");
    slice number = store_cell(&rows, 0, 1)->bytes;
    if (number.length != CRL_NUMBER_SIZE) return error_set(error, RFD_E_STORE, "the number of a list");
    r->size = (size_t)store_cell(&rows, 0, 4)->integer;
    r->bytes = arena_allocate(r->a, r->size);
    slice trimmed = arena_copy(r->a, crl_number_trimmed(number.data));
    if (r->bytes == NULL || trimmed.data == NULL) return arena_failed(r->a, error);
    r->filled = 0;
    TRY(store_each(t, "SELECT bytes FROM crl_piece WHERE crl = $1 ORDER BY position", store_cell(&rows, 0, 0), 1,
                   take_piece, r, error));
    if (r->filled != r->size) return error_set(error, RFD_E_STORE, "a list shorter than it was");
    r->crl = (struct authority_crl){.authority = r->authority,
                                    .partition = r->partition,
                                    .delta = r->delta,
                                    .number = trimmed,
                                    .this_update = store_cell(&rows, 0, 2)->integer,
                                    .next_update = store_cell(&rows, 0, 3)->integer,
                                    .der = slice_of(r->bytes, r->size)};
    return RFD_OK;
}

rfd_status authority_crl(struct store *store, int64_t authority, uint32_t partition, bool delta, struct arena *a,
                         struct authority_crl *out, struct rfd_error *error)
{
    struct reading r = {.authority = authority, .partition = partition, .delta = delta, .a = a};
    TRY(store_read(store, read_list, &r, error));
    *out = r.crl;
    return RFD_OK;
}
