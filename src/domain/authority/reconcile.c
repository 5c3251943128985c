/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper signed and the register does not have: somebody died between both. Nobody got such a certificate
 * from us, but it exists: it is entered as revoked, so that neither OCSP nor the lists can be wrong about it.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "keeper/authority_policy.h"

enum { JOURNAL_MILLISECONDS = 20000, JOURNAL_ENTRIES_MAXIMUM = 4096, HASH_MAXIMUM = 64 };
#define PATIENCE (300 * RFD_SECOND)
#define WORKER   SLICE("system:worker")

struct journal_entry {
    uint64_t position;
    slice serial;
    rfd_time time;
};
struct reconciling {
    struct authority_domain *d;
    int64_t authority;
    char key[AUTHORITY_NAME_SIZE];
    uint32_t partitions;
    uint64_t position;                       /* of the last entry that was compared; 0: none */
    uint8_t serial[REGISTER_SERIAL_MAXIMUM]; /* and its serial number */
    size_t serial_length;
    bool other; /* the journal is not the one that was compared */
    rfd_time until;
    struct journal_entry *entries; /* to be compared */
    size_t count;
    bool more; /* the journal has another page that is old enough */
    size_t found;
};

static rfd_status find_position(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reconciling *r = context;
    struct store_rows rows;
    struct store_value value = store_integer(r->authority);
    struct authority_policy policy;
    TRY(store_run(t, "SELECT key_name, journal_position, journal_serial, policy FROM authority WHERE id = $1", &value,
                  1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such authority");
    slice key = store_cell(&rows, 0, 0)->bytes;
    if (key.length == 0 || key.length >= sizeof r->key)
        return error_set(error, RFD_E_KEY_REFUSED, "the authority's key is not on line");
    memcpy(r->key, key.data, key.length);
    r->key[key.length] = '\0';
    slice serial = store_cell(&rows, 0, 2)->bytes;
    r->position = r->other ? 0 : (uint64_t)store_cell(&rows, 0, 1)->integer;
    r->serial_length = serial.length <= sizeof r->serial ? serial.length : 0;
    if (r->serial_length > 0) memcpy(r->serial, serial.data, r->serial_length);
    TRY(authority_policy_read(store_cell(&rows, 0, 3)->bytes, &policy, error));
    r->partitions = policy.partitions;
    return RFD_OK;
}

/** The first entry has to be the one that was compared last. If it is not, the keeper has begun a new journal (or has
 * thrown old files away): all that it has is compared, which does no harm. */
static rfd_status pass_known(struct reconciling *r, uint32_t all)
{
    const struct journal_entry *first = &r->entries[0];
    if (r->position == 0) return RFD_OK;
    bool known = r->count > 0 && first->position == r->position &&
                 slice_equal(first->serial, slice_of(r->serial, r->serial_length));
    r->other = !known;
    if (known) {
        r->entries++;
        r->count--;
        r->more = r->more && all > 1;
    } else {
        r->count = 0;
        r->more = true;
    }
    return RFD_OK;
}

/** Entries up to the first that is too young: its storing may be under way. */
static rfd_status read_entries(struct reconciling *r, struct message_reader *fields, struct arena *a,
                               struct rfd_error *error)
{
    uint32_t count = message_get_u32(fields);
    if (count > JOURNAL_ENTRIES_MAXIMUM) return error_set(error, RFD_E_PROTOCOL, "%u entries of the journal", count);
    r->entries = arena_zeroed(a, (size_t)count + 1, sizeof *r->entries);
    if (r->entries == NULL) return arena_failed(a, error);
    r->count = 0;
    r->more = count > 0;
    for (uint32_t i = 0; i < count; i++) {
        struct journal_entry e = {.position = message_get_u64(fields)};
        e.serial = message_get_bytes(fields, REGISTER_SERIAL_MAXIMUM);
        e.time = message_get_i64(fields);
        (void)message_get_bytes(fields, HASH_MAXIMUM);
        (void)message_get_bytes(fields, HASH_MAXIMUM);
        if (fields->failed || e.position < r->position) return error_set(error, RFD_E_PROTOCOL, "journal");
        if (e.time > r->until) r->more = false;
        if (r->more) r->entries[r->count++] = e;
    }
    TRY(message_end(fields, "journal", error));
    return pass_known(r, count);
}

/** As the keeper chooses it. */
static uint32_t partition_of(const struct reconciling *r, slice serial)
{
    slice chance = slice_from(serial, serial.length < 8 ? 0 : serial.length - 8);
    return (uint32_t)(number_big_endian(chance.data, chance.length) % r->partitions);
}

static rfd_status enter_lost(struct transaction *t, struct reconciling *r, const struct journal_entry *e,
                             struct rfd_error *error)
{
    struct certificate_row row = {.authority = r->authority,
                                  .serial = e->serial,
                                  .not_before = e->time,
                                  .not_after = e->time,
                                  .issued_at = e->time,
                                  .revoked_at = clock_now(),
                                  .partition = partition_of(r, e->serial),
                                  .invalid_since = RFD_TIME_NONE};
    TRY(register_enter(t, CERTIFICATE_EVENT_LOSE, WORKER, &row, NULL, error));
    r->found++;
    return register_number_change(t, &row, NULL, error);
}

static rfd_status compare(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reconciling *r = context;
    struct store_rows rows;
    r->found = 0;
    TRY(register_begin_change(t, r->d->store, error));
    for (size_t i = 0; i < r->count; i++) {
        const struct store_value values[] = {store_bytes(r->entries[i].serial), store_integer(r->authority)};
        TRY(store_run(t, "SELECT state FROM certificate_status WHERE serial = $1 AND authority = $2", values, 2, &rows,
                      error));
        if (rows.count == 0) TRY(enter_lost(t, r, &r->entries[i], error));
    }
    const struct journal_entry *last = &r->entries[r->count - 1];
    const struct store_value position[] = {store_integer(r->authority), store_integer((int64_t)last->position),
                                           store_bytes(last->serial)};
    return store_run(t, "UPDATE authority SET journal_position = $2, journal_serial = $3 WHERE id = $1", position, 3,
                     NULL, error);
}

/** One page of the journal. */
static rfd_status reconcile_page(struct reconciling *r, struct arena *a, struct rfd_error *error)
{
    struct keeper_reply reply = {0};
    struct buf body;
    rfd_status status;
    buf_init(&body, (size_t)KEEPER_MESSAGE_MAXIMUM);
    TRY_OUT(store_read(r->d->store, find_position, r, error));
    message_put_text(&body, r->key);
    message_put_u64(&body, r->position);
    TRY_OUT(buf_check(&body, "question", error));
    TRY_OUT(keeper_client_ask(r->d->keeper, KEEPER_JOURNAL, buf_slice(&body), -1, JOURNAL_MILLISECONDS, &reply, error));
    TRY_OUT(read_entries(r, &reply.fields, a, error));
    if (r->count == 0) goto out;
    status = store_write(r->d->store, compare, r, error);
    r->other = false; /* from now on it is this one */
out:
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

rfd_status authority_reconcile(struct authority_domain *d, int64_t authority, size_t *found, struct rfd_error *error)
{
    struct reconciling r = {.d = d, .authority = authority, .until = clock_now() - PATIENCE, .more = true};
    struct arena a;
    size_t all = 0;
    rfd_status status = RFD_OK;
    if (d->keeper == NULL) return error_set(error, RFD_E_PEER_GONE, "no keeper");
    arena_init(&a, 1 << 20);
    while (status == RFD_OK && r.more) {
        struct arena_mark mark = arena_mark(&a);
        r.found = 0; /* of this page */
        status = reconcile_page(&r, &a, error);
        all += r.found;
        arena_release(&a, mark);
    }
    arena_dispose(&a);
    if (status == RFD_OK) *found = all;
    return status;
}
