/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making revocation lists. One read transaction sees the register and the number of its last change; what it finds
 * becomes a TBSCertList in a sealed memory file, which goes to the keeper; the signature comes back, and the whole is
 * stored.
 *
 * A partition's complete list is made when it nears its end, when there is none, and at once after a change, as long
 * as it is small; where deltas are foreseen, a large one is left as it is and the change goes into a delta. A delta
 * builds on the oldest complete list that has not ended, so that who has any that counts needs no new one, and that for
 * as long as it does not grow too long. Both are numbered in one sequence (RFC 5280 §5.2.3, §5.2.4).
 */
#include "domain/authority/crl_entries.h"
#include "domain/authority/crl_store.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "keeper/ask.h"
#include "keeper/authority_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    SMALL_OCTETS = 512 << 10, /* a complete list up to this size is made at every change */
    DELTA_CHANGES = 10000,    /* beyond so many changes, a complete list is */
    ADDRESS_SIZE = AUTHORITY_ADDRESS_MAXIMUM + 16,
    ENVELOPE_MAXIMUM = 8192,
    MILLISECOND = 1000,
    ROUNDS = 16 /* with others who make the same lists */
};
#define WORKER SLICE("system:worker")

/** The newest list of a kind. */
struct last_list {
    bool there;
    rfd_time next_update;
    int64_t id, change, size;
    int64_t base; /* of a delta: the complete list that it builds on */
    uint8_t number[CRL_NUMBER_SIZE];
};
struct partition {
    struct last_list complete, delta;
    struct last_list base;            /* what the delta builds on */
    uint8_t highest[CRL_NUMBER_SIZE]; /* of both */
    int64_t changed, changes;         /* the last change, and how many since the base */
};
struct making {
    struct authority_domain *d;
    int64_t authority;
    struct arena a;
    slice name, policy_bytes;
    char key[AUTHORITY_NAME_SIZE];
    struct authority_policy policy;
    const struct certificate *certificate;
    struct authority_signer signer;
    rfd_time expired_since, now;
    uint8_t floor[CRL_NUMBER_SIZE];
    struct partition *partitions;
    size_t made;
};

/* --- What there is ------------------------------------------------------------------------------------------------ */

static rfd_status take_authority(struct making *m, const struct store_value *v, struct rfd_error *error)
{
    slice key = v[1].bytes, floor = v[4].bytes;
    if (key.length == 0 || key.length >= sizeof m->key)
        return error_set(error, RFD_E_KEY_REFUSED, "the authority's key is not on line");
    memcpy(m->key, key.data, key.length);
    m->key[key.length] = '\0';
    if (floor.length == CRL_NUMBER_SIZE) memcpy(m->floor, floor.data, CRL_NUMBER_SIZE);
    m->name = arena_copy(&m->a, v[0].bytes);
    m->policy_bytes = arena_copy(&m->a, v[3].bytes);
    if (m->name.data == NULL || m->policy_bytes.data == NULL) return arena_failed(&m->a, error);
    TRY(authority_policy_read(m->policy_bytes, &m->policy, error));
    m->expired_since = v[5].integer;
    certificate_unref(m->certificate);
    m->certificate = NULL;
    return certificate_parse(v[2].bytes, &m->certificate, error);
}

static rfd_status take_list(void *context, const struct store_value *v, size_t columns, struct rfd_error *error)
{
    struct making *m = context;
    (void)columns, (void)error;
    if (v[0].integer < 0 || v[0].integer >= m->policy.partitions || v[2].bytes.length != CRL_NUMBER_SIZE) return RFD_OK;
    struct partition *p = &m->partitions[v[0].integer];
    struct last_list list = {.there = true,
                             .next_update = v[3].integer,
                             .change = v[4].integer,
                             .size = v[5].integer,
                             .id = v[7].integer,
                             .base = v[8].type == STORE_NULL ? 0 : v[8].integer};
    memcpy(list.number, v[2].bytes.data, CRL_NUMBER_SIZE);
    if (memcmp(list.number, p->highest, CRL_NUMBER_SIZE) > 0) memcpy(p->highest, list.number, CRL_NUMBER_SIZE);
    if (v[6].integer == 0) return RFD_OK; /* never ended: its number is gone all the same */
    if (v[1].integer != 0)
        p->delta = list;
    else
        p->complete = list;
    if (v[1].integer == 0 && list.id == p->delta.base) p->base = list;
    return RFD_OK;
}

static int64_t changes_from(const struct partition *p)
{
    return p->base.there ? p->base.change : p->complete.change;
}

static rfd_status take_changes(void *context, const struct store_value *v, size_t columns, struct rfd_error *error)
{
    struct making *m = context;
    (void)columns, (void)error;
    if (v[0].integer < 0 || v[0].integer >= m->policy.partitions) return RFD_OK;
    m->partitions[v[0].integer].changed = v[1].integer;
    m->partitions[v[0].integer].changes = v[2].integer;
    return RFD_OK;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    struct store_rows rows;
    struct store_value values[] = {store_integer(m->authority), store_integer(INT64_MAX)};
    TRY(store_run(t, "SELECT name, key_name, certificate, policy, crl_floor, not_before FROM authority WHERE id = $1",
                  values, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such authority");
    TRY(take_authority(m, rows.values, error));
    m->partitions = arena_zeroed(&m->a, m->policy.partitions, sizeof *m->partitions);
    if (m->partitions == NULL) return arena_failed(&m->a, error);
    TRY(store_each(t,
                   "SELECT part, delta, number, next_update, change, size, whole, id, base FROM crl "
                   "WHERE authority = $1 ORDER BY delta DESC, number",
                   values, 1, take_list, m, error));
    for (uint32_t i = 0; i < m->policy.partitions; i++) {
        int64_t change = changes_from(&m->partitions[i]);
        if (change < values[1].integer) values[1] = store_integer(change);
    }
    return store_each(t,
                      "SELECT part, max(number), count(*) FROM status_change WHERE authority = $1 AND number > $2 "
                      "GROUP BY part",
                      values, 2, take_changes, m, error);
}

/* --- One list ----------------------------------------------------------------------------------------------------- */

/** A list that is being made. */
struct draft {
    struct making *m;
    uint32_t partition;
    const struct last_list *base; /* of a delta; NULL: a complete list */
    struct crl_plan plan;
    struct crl_new list;
    struct crl_summary summary;
    char point[ADDRESS_SIZE], freshest[ADDRESS_SIZE];
    int file;
    struct buf head, tail;
    int64_t stored;
};

static rfd_status write_file(void *context, slice bytes, struct rfd_error *error)
{
    const struct draft *d = context;
    while (bytes.length > 0) {
        ssize_t written = write(d->file, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "memory file of a list");
        bytes = slice_from(bytes, (size_t)written);
    }
    return RFD_OK;
}

/** One transaction sees the entries and the last change that is among them. */
static rfd_status write_draft(struct transaction *t, void *context, struct rfd_error *error)
{
    struct draft *d = context;
    struct store_rows rows;
    struct crl_entries entries = {.t = t,
                                  .authority = d->m->authority,
                                  .partition = d->partition,
                                  .delta = d->base != NULL,
                                  .base = d->base == NULL ? 0 : d->base->change,
                                  .this_update = d->plan.this_update};
    const struct crl_source source = {crl_entries_next, &entries};
    const struct crl_target target = {write_file, d};
    if (ftruncate(d->file, 0) != 0 || lseek(d->file, 0, SEEK_SET) != 0)
        return error_errno(error, RFD_E_IO_WRITE, errno, "memory file of a list");
    TRY(store_run(t, "SELECT number FROM status_counter WHERE id = 1", NULL, 0, &rows, error));
    d->list.change = store_cell(&rows, 0, 0)->integer;
    return crl_write_tbs(&d->m->signer, &d->plan, &source, &target, &d->summary, error);
}

static rfd_status sign_draft(struct draft *d, struct rfd_error *error)
{
    return ask_sign_list(d->m->d->keeper, slice_text(d->m->key), d->file, (size_t)d->summary.bytes, &d->head, &d->tail,
                         error);
}

static rfd_status store_draft(struct draft *d, struct rfd_error *error)
{
    size_t length = (size_t)d->summary.bytes;
    void *mapped = mmap(NULL, length, PROT_READ, MAP_SHARED, d->file, 0);
    if (mapped == MAP_FAILED) return error_errno(error, RFD_E_IO_READ, errno, "memory file of a list");
    d->list.parts[0] = buf_slice(&d->head);
    d->list.parts[1] = slice_of(mapped, length);
    d->list.parts[2] = buf_slice(&d->tail);
    d->list.entries = d->summary.entries;
    rfd_status status = crl_store_put(d->m->d->store, &d->list, &d->stored, error);
    (void)munmap(mapped, length);
    return status;
}

/** An address of the policy for the partition, or NULL. */
static const char *address(slice pattern, uint32_t partition, char text[ADDRESS_SIZE])
{
    struct buf b = {.data = (uint8_t *)text, .capacity = ADDRESS_SIZE - 1, .maximum = ADDRESS_SIZE - 1};
    if (pattern.length == 0) return NULL;
    authority_policy_address(pattern, partition, &b);
    if (buf_status(&b) != RFD_OK) return NULL;
    text[b.length] = '\0';
    return text;
}

static void plan_draft(struct draft *d, const uint8_t number[CRL_NUMBER_SIZE])
{
    const struct making *m = d->m;
    bool partitioned = m->policy.partitions > 1;
    rfd_time now = clock_now() / RFD_SECOND * RFD_SECOND;
    d->list = (struct crl_new){.authority = m->authority,
                               .actor = WORKER,
                               .authority_name = m->name,
                               .partition = d->partition,
                               .delta = d->base != NULL,
                               .base = d->base == NULL ? 0 : d->base->id,
                               .this_update = now,
                               .next_update = now + m->policy.crl_seconds * RFD_SECOND};
    memcpy(d->list.number, number, CRL_NUMBER_SIZE);
    d->plan = (struct crl_plan){.number = crl_number_trimmed(d->list.number),
                                .this_update = d->list.this_update,
                                .next_update = d->list.next_update,
                                .expired_since = m->expired_since};
    if (partitioned) d->plan.issuing_point = address(m->policy.crl_point, d->partition, d->point);
    if (d->base != NULL)
        d->plan.base_number = crl_number_trimmed(d->base->number);
    else
        d->plan.freshest = address(m->policy.freshest, d->partition, d->freshest);
}

static rfd_status make_list(struct making *m, uint32_t partition, const struct last_list *base,
                            const uint8_t number[CRL_NUMBER_SIZE], struct last_list *out, struct rfd_error *error)
{
    struct draft d = {.m = m, .partition = partition, .base = base};
    rfd_status status;
    buf_init(&d.head, ENVELOPE_MAXIMUM);
    buf_init(&d.tail, ENVELOPE_MAXIMUM);
    plan_draft(&d, number);
    d.file = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (d.file < 0) {
        status = error_errno(error, RFD_E_IO_WRITE, errno, "memory file of a list");
        goto out;
    }
    TRY_OUT(store_read(m->d->store, write_draft, &d, error));
    TRY_OUT(sign_draft(&d, error));
    TRY_OUT(store_draft(&d, error));
    m->made++;
    *out = (struct last_list){.id = d.stored,
                              .there = true,
                              .next_update = d.list.next_update,
                              .change = d.list.change,
                              .size = (int64_t)d.summary.bytes};
    memcpy(out->number, number, CRL_NUMBER_SIZE);
out:
    if (d.file >= 0) (void)close(d.file);
    buf_dispose(&d.head);
    buf_dispose(&d.tail);
    return status;
}

/* --- What is due -------------------------------------------------------------------------------------------------- */

/** The clock in milliseconds, but above all that was. */
static void choose_number(const struct making *m, struct partition *p)
{
    uint8_t number[CRL_NUMBER_SIZE] = {0};
    uint64_t clock = (uint64_t)(clock_now() / MILLISECOND);
    if (memcmp(m->floor, p->highest, CRL_NUMBER_SIZE) > 0) memcpy(p->highest, m->floor, CRL_NUMBER_SIZE);
    for (size_t i = 0; i < 8; i++) number[CRL_NUMBER_SIZE - 1 - i] = (uint8_t)(clock >> (8 * i));
    if (memcmp(number, p->highest, CRL_NUMBER_SIZE) > 0) {
        memcpy(p->highest, number, CRL_NUMBER_SIZE);
        return;
    }
    for (size_t i = CRL_NUMBER_SIZE; i-- > 0 && ++p->highest[i] == 0;) continue;
}

static bool nears_end(const struct making *m, const struct last_list *list, rfd_time overlap)
{
    return !list->there || list->next_update - m->now < overlap;
}

struct due {
    bool complete, delta;
};

static struct due what_is_due(const struct making *m, const struct partition *p, rfd_time overlap, bool now_changed)
{
    bool deltas = m->policy.freshest.length > 0;
    int64_t covered = p->complete.change > p->delta.change ? p->complete.change : p->delta.change;
    bool changed = now_changed && p->changed > covered;
    bool small = p->complete.size <= SMALL_OCTETS || p->changes > DELTA_CHANGES;
    struct due due = {.complete = nears_end(m, &p->complete, overlap) || (changed && (!deltas || small))};
    due.delta = deltas && (due.complete || changed || nears_end(m, &p->delta, overlap));
    return due;
}

/** The oldest complete list that somebody may still go by, or the newest when the delta to that would be too long. */
static const struct last_list *choose_base(const struct making *m, const struct partition *p,
                                           const struct last_list *before)
{
    if (p->changes > DELTA_CHANGES) return &p->complete;
    if (p->base.there && p->base.next_update > m->now) return &p->base;
    return before->there && before->next_update > m->now ? before : &p->complete;
}

static rfd_status make_due(struct making *m, uint32_t partition, struct due due, struct rfd_error *error)
{
    struct partition *p = &m->partitions[partition];
    struct last_list before = p->complete;
    if (!due.complete && !due.delta) return RFD_OK;
    choose_number(m, p);
    if (due.complete) TRY(make_list(m, partition, NULL, p->highest, &p->complete, error));
    if (!due.delta) return RFD_OK;
    const struct last_list *base = choose_base(m, p, &before);
    if (due.complete && base == &p->complete) choose_number(m, p);
    return make_list(m, partition, base, p->highest, &p->delta, error);
}

static rfd_status make_all(struct making *m, rfd_time overlap, bool now_changed, struct rfd_error *error)
{
    TRY(store_read(m->d->store, look, m, error));
    m->signer.certificate = m->certificate;
    TRY(signature_algorithm_choose(m->certificate, DIGEST_NONE, false, &m->signer.algorithm, error));
    for (uint32_t i = 0; i < m->policy.partitions; i++)
        TRY(make_due(m, i, what_is_due(m, &m->partitions[i], overlap, now_changed), error));
    return RFD_OK;
}

/** The worker, another node and an operator may make the same list at once. The keeper refuses a number below the one
 * that it signed last, and the store a number that is there already: the loser looks again at what there is, after a
 * while that is not the other's. False for an authority that is off line. */
static bool was_overtaken(const struct making *m, rfd_status status)
{
    const struct timespec pause = {.tv_nsec = (long)(5 + clock_now() / MILLISECOND % 37) * 1000000};
    if (m->key[0] == '\0' || (status != RFD_E_KEY_REFUSED && status != RFD_E_STORE_CONFLICT)) return false;
    (void)nanosleep(&pause, NULL);
    return true;
}

rfd_status authority_make_crls(struct authority_domain *d, int64_t authority, rfd_time overlap, bool now_changed,
                               size_t *made, struct rfd_error *error)
{
    struct making m = {.d = d, .authority = authority, .now = clock_now()};
    if (d->keeper == NULL) return error_set(error, RFD_E_PEER_GONE, "no keeper");
    arena_init(&m.a, 4 << 20);
    struct arena_mark mark = arena_mark(&m.a);
    rfd_status status = make_all(&m, overlap, now_changed, error);
    for (unsigned i = 1; i < ROUNDS && was_overtaken(&m, status); i++) {
        arena_release(&m.a, mark);
        m.now = clock_now();
        error_clear(error);
        status = make_all(&m, overlap, now_changed, error);
    }
    certificate_unref(m.certificate);
    arena_dispose(&m.a);
    *made = m.made;
    return status;
}
