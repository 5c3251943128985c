/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has which credentials: in memory, made from the files at the start. What is seldom wanted stays on disk.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <stdio.h>

enum { SUFFIX = sizeof ".cred" - 1 };

/** Numbers of credentials are random. */
static bool entry_key(slice id, uint64_t *key)
{
    uint8_t octets[PERSONAL_ID_SIZE / 2];
    if (id.length != PERSONAL_ID_SIZE - 1 || !number_hex(id, octets)) return false;
    *key = number_big_endian(octets, sizeof *key);
    return true;
}

static rfd_status holder_key(slice name, uint64_t *key, struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA256, name, hash, error));
    *key = number_big_endian(hash, sizeof *key);
    return RFD_OK;
}

rfd_status holders_entry(struct personal *p, slice id, struct entry **out, struct rfd_error *error)
{
    uint64_t key;
    struct entry *e = entry_key(id, &key) ? map_get_pointer(p->entries, key) : NULL;
    if (e == NULL || !slice_is(id, e->id)) return error_set(error, RFD_E_NOT_FOUND, "there is no such credential");
    if (e->holder == NULL) return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s.cred", e->id);
    *out = e;
    return RFD_OK;
}

struct holder *holders_find(struct personal *p, slice name)
{
    uint64_t key;
    struct holder *h = holder_key(name, &key, NULL) == RFD_OK ? map_get_pointer(p->holders, key) : NULL;
    return h != NULL && slice_is(name, h->name) ? h : NULL;
}

rfd_status holders_get(struct personal *p, slice name, struct holder **out, struct rfd_error *error)
{
    uint64_t key;
    if (name.length == 0 || name.length >= PERSONAL_HOLDER_SIZE)
        return error_set(error, RFD_E_ARGUMENT, "a holder's name of %zu octets", name.length);
    TRY(holder_key(name, &key, error));
    struct holder *h = map_get_pointer(p->holders, key);
    if (h != NULL && !slice_is(name, h->name)) return error_set(error, RFD_E_INTERNAL, "two holders of one hash");
    if (h == NULL) {
        h = memory_zeroed(1, sizeof *h);
        if (h == NULL) return error_memory(error);
        memcpy(h->name, name.data, name.length);
        if (map_set_pointer(p->holders, key, h) != RFD_OK) {
            memory_free(h);
            return error_memory(error);
        }
    }
    *out = h;
    return RFD_OK;
}

void holders_update(struct entry *e, const struct record *r)
{
    e->entity = r->entity;
    e->state = r->state;
    e->expires = r->expires;
    e->approved = r->approved;
    e->mobile_changed = r->mobile_changed;
    e->changes++;
}

static rfd_status put_entry(struct personal *p, struct entry *e, struct rfd_error *error)
{
    uint64_t key;
    if (!entry_key(slice_text(e->id), &key)) return error_set(error, RFD_E_KEYSTORE_DAMAGED, "credential %s", e->id);
    if (map_has(p->entries, key)) return error_set(error, RFD_E_EXISTS, "credential %s", e->id);
    return map_set_pointer(p->entries, key, e) == RFD_OK ? RFD_OK : error_memory(error);
}

rfd_status holders_add(struct personal *p, const struct record *r, struct rfd_error *error)
{
    struct holder *h = NULL;
    TRY(holders_get(p, slice_text(r->holder), &h, error));
    struct entry **entries = memory_resize(h->entries, (h->count + 1) * sizeof(struct entry *));
    if (entries == NULL) return error_memory(error);
    h->entries = entries;
    struct entry *e = memory_zeroed(1, sizeof *e);
    if (e == NULL) return error_memory(error);
    memcpy(e->id, r->id, sizeof e->id);
    e->holder = h;
    e->created = r->created;
    e->wrong_passwords = e->on_disk = r->wrong_passwords;
    holders_update(e, r);
    rfd_status status = put_entry(p, e, error);
    if (status == RFD_OK)
        h->entries[h->count++] = e;
    else
        memory_free(e);
    return status;
}

/* ---- One at a time ---- */

void holders_take(struct personal *p, struct holder *h)
{
    h->claims++;
    while (h->busy || h->away > 0) (void)pthread_cond_wait(&p->released, &p->lock);
    h->claims--;
    h->busy = true;
}

/** Whoever has a claim is let before: tries that come one after the other keep nobody waiting for ever. */
void holders_take_for_try(struct personal *p, const struct entry *e)
{
    struct holder *h = e->holder;
    while (h->busy || h->claims > 0 || !count_has_room(p, e)) (void)pthread_cond_wait(&p->released, &p->lock);
    h->busy = true;
}

void holders_leave(struct personal *p, struct holder *h)
{
    (void)pthread_mutex_lock(&p->lock);
    h->away++;
    h->busy = false;
    (void)pthread_cond_broadcast(&p->released);
    (void)pthread_mutex_unlock(&p->lock);
}

void holders_return(struct personal *p, struct holder *h)
{
    (void)pthread_mutex_lock(&p->lock);
    while (h->busy) (void)pthread_cond_wait(&p->released, &p->lock);
    h->away--;
    h->busy = true;
    (void)pthread_mutex_unlock(&p->lock);
}

void holders_release(struct personal *p, struct holder *h)
{
    (void)pthread_mutex_lock(&p->lock);
    h->busy = false;
    (void)pthread_cond_broadcast(&p->released);
    (void)pthread_mutex_unlock(&p->lock);
}

/** How long codes are still refused, by the clock: never longer than that lock was, whatever the clock does. */
static rfd_time still_refused(const struct code_counters *c)
{
    rfd_time left = c->refused_until - clock_now();
    unsigned doublings = c->locks > PERSONAL_REFUSE_DOUBLINGS ? PERSONAL_REFUSE_DOUBLINGS : c->locks;
    rfd_time longest = (rfd_time)PERSONAL_REFUSE_SECONDS * RFD_SECOND << doublings;
    if (c->refused_until == 0 || left < 0) return 0;
    return left > longest ? longest : left;
}

rfd_status holders_ready(struct personal *p, struct holder *h, struct rfd_error *error)
{
    struct code_counters c;
    if (h->loaded) return RFD_OK;
    TRY(record_read_counters(p, h->name, &c, error));
    (void)pthread_mutex_lock(&p->lock);
    h->counters = c;
    h->on_disk = c.wrong;
    rfd_time left = still_refused(&c);
    h->refused_until = left == 0 ? 0 : p->monotonic() + left;
    h->loaded = true;
    (void)pthread_mutex_unlock(&p->lock);
    return RFD_OK;
}

/* ---- Loading ---- */

static void tell_damaged(struct personal *p, const char *id, const struct rfd_error *why)
{
    struct keeper_event event = {.time = clock_now(), .operation = "load", .status = why->code, .detail = why->detail};
    (void)snprintf(event.key, sizeof event.key, "%s", id);
    if (p->audit(p->context, &event, NULL) != RFD_OK) return; /* whoever uses it is told again */
}

/** Its file cannot be read: who asks for it is told so. */
static rfd_status add_damaged(struct personal *p, const char *id, const struct rfd_error *why, struct rfd_error *error)
{
    struct entry *e = memory_zeroed(1, sizeof *e);
    if (e == NULL) return error_memory(error);
    (void)snprintf(e->id, sizeof e->id, "%s", id);
    rfd_status status = put_entry(p, e, error);
    if (status != RFD_OK) memory_free(e);
    tell_damaged(p, id, why);
    return status == RFD_E_MEMORY ? status : RFD_OK;
}

static rfd_status load(void *context, const char *name, struct rfd_error *error)
{
    struct personal *p = context;
    char id[PERSONAL_ID_SIZE] = "";
    struct record r = {.state = 0};
    struct rfd_error why = RFD_ERROR_INIT;
    size_t length = strlen(name) - SUFFIX;
    if (length >= sizeof id) length = sizeof id - 1;
    memcpy(id, name, length);
    rfd_status status = record_read(p, id, &r, &why);
    if (status == RFD_OK) status = holders_add(p, &r, &why);
    if (status == RFD_OK && r.changed > p->floor) p->floor = r.changed;
    record_dispose(&r);
    if (status == RFD_E_KEYSTORE_DAMAGED || status == RFD_E_NOT_FOUND || status == RFD_E_LIMIT)
        return add_damaged(p, id, &why, error);
    if (status != RFD_OK && error != NULL) *error = why;
    return status;
}

rfd_status holders_load(struct personal *p, struct rfd_error *error)
{
    return key_folder_walk(p->store->folder, ".cred", load, p, error);
}

void holders_free(struct personal *p)
{
    for (size_t i = 0; p->entries != NULL && i < p->entries->capacity; i++) {
        if (!p->entries->entries[i].used) continue;
        struct entry *e = (void *)(uintptr_t)p->entries->entries[i].value;
        holder_log_dispose(&e->log);
        memory_free(e);
    }
    for (size_t i = 0; p->holders != NULL && i < p->holders->capacity; i++) {
        if (!p->holders->entries[i].used) continue;
        struct holder *h = (void *)(uintptr_t)p->holders->entries[i].value;
        memory_free(h->entries);
        memory_free(h);
    }
    if (p->entries != NULL) map_dispose(p->entries);
    if (p->holders != NULL) map_dispose(p->holders);
}
