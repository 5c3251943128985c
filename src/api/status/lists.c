/* SPDX-License-Identifier: EUPL-1.2
 *
 * A shelf of prepared lists. One is looked after again when it was asked for and the last look is a second old: its
 * number in the database says whether it is still the newest. A list that is the newest for a long time is prepared
 * again every now and then, since the max-age in its headers must not reach beyond its nextUpdate.
 *
 * The shelf is bounded in octets. What was not asked for the longest goes first; a list alone that is larger than the
 * shelf is sent and not kept.
 */
#include "api/status/lists.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pki/digest.h"

#include <pthread.h>

enum {
    SHELF_PLACES = 256,
    SHELF_OCTETS = 512 << 20,
    LIST_MAXIMUM = 1 << 30,
    TAG_OCTETS = 20,
};
#define LOOK_AGAIN    RFD_SECOND
#define PREPARE_AGAIN (60 * RFD_SECOND)

struct place {
    int64_t authority;
    uint32_t partition;
    bool delta;
    struct http_prepared *prepared; /* NULL: the place is free */
    size_t size;
    rfd_time next_update;
    rfd_time looked, made, asked;
    uint8_t number[20];
    size_t number_length;
};
struct status_lists {
    struct store *store;
    pthread_mutex_t lock;    /* of the places */
    pthread_mutex_t reading; /* one list at a time comes from the database: they may be large */
    struct place places[SHELF_PLACES];
};

/* ---- Names ---- */

static bool take_end(slice *s, slice end)
{
    if (!slice_ends(*s, end)) return false;
    s->length -= end.length;
    return true;
}

/** "issuing-1-{partition}.crl" against "issuing-1-7.crl". */
static bool fits_pattern(slice pattern, slice file, uint32_t partitions, uint32_t *partition)
{
    const slice hole = SLICE("{partition}");
    uint64_t number = 0;
    size_t at = 0;
    if (pattern.length == 0) return false;
    while (at < pattern.length && !slice_starts(slice_from(pattern, at), hole)) at++;
    if (at == pattern.length) {
        *partition = 0;
        return slice_equal(pattern, file);
    }
    if (!slice_starts(file, slice_part(pattern, 0, at))) return false;
    slice rest = slice_from(file, at);
    if (!take_end(&rest, slice_from(pattern, at + hole.length))) return false;
    if (!number_unsigned(rest, partitions - 1, &number)) return false;
    *partition = (uint32_t)number;
    return true;
}

/** NAME[-PARTITION][-delta].crl */
static bool fits_name(const struct status_authority *a, slice file, struct list_name *out)
{
    uint64_t number = 0;
    if (!take_end(&file, SLICE(".crl")) || !slice_starts(file, a->name)) return false;
    slice rest = slice_from(file, a->name.length);
    out->delta = take_end(&rest, SLICE("-delta"));
    if (rest.length > 0 && (rest.data[0] != '-' || !number_unsigned(slice_from(rest, 1), a->partitions - 1, &number)))
        return false;
    out->partition = (uint32_t)number;
    return true;
}

bool list_name_parse(const struct status_authorities *authorities, slice file, struct list_name *out)
{
    for (size_t i = 0; i < authorities->count; i++) {
        const struct status_authority *a = &authorities->items[i];
        *out = (struct list_name){.authority = a};
        if (fits_pattern(a->crl_file, file, a->partitions, &out->partition)) return true;
        out->delta = true;
        if (fits_pattern(a->delta_file, file, a->partitions, &out->partition)) return true;
    }
    /* The longest name wins: of "emisora-1.crl", the authority "emisora-1" before partition 1 of "emisora". */
    const struct status_authority *best = NULL;
    for (size_t i = 0; i < authorities->count; i++) {
        struct list_name name = {.authority = &authorities->items[i]};
        if (!fits_name(name.authority, file, &name)) continue;
        if (best != NULL && best->name.length > name.authority->name.length) continue;
        best = name.authority;
        *out = name;
    }
    return best != NULL;
}

/* ---- The shelf ---- */

rfd_status status_lists_new(struct store *store, struct status_lists **out, struct rfd_error *error)
{
    struct status_lists *lists = memory_zeroed(1, sizeof *lists);
    if (lists == NULL) return error_memory(error);
    lists->store = store;
    (void)pthread_mutex_init(&lists->lock, NULL);
    (void)pthread_mutex_init(&lists->reading, NULL);
    *out = lists;
    return RFD_OK;
}

void status_lists_free(struct status_lists *lists)
{
    if (lists == NULL) return;
    for (size_t i = 0; i < SHELF_PLACES; i++) http_prepared_release(lists->places[i].prepared);
    (void)pthread_mutex_destroy(&lists->lock);
    (void)pthread_mutex_destroy(&lists->reading);
    memory_free(lists);
}

static struct place *find(struct status_lists *lists, const struct list_name *name)
{
    for (size_t i = 0; i < SHELF_PLACES; i++) {
        struct place *p = &lists->places[i];
        if (p->prepared != NULL && p->authority == name->authority->id && p->partition == name->partition &&
            p->delta == name->delta)
            return p;
    }
    return NULL;
}

static void clear(struct place *p)
{
    http_prepared_release(p->prepared);
    *p = (struct place){.prepared = NULL};
}

/** A free place, after others have gone for its octets; NULL when it would not fit at all. */
static struct place *make_room(struct status_lists *lists, size_t size)
{
    for (;;) {
        struct place *vacant = NULL;
        struct place *oldest = NULL;
        size_t octets = size;
        for (size_t i = 0; i < SHELF_PLACES; i++) {
            struct place *p = &lists->places[i];
            octets += p->size;
            if (p->prepared == NULL)
                vacant = p;
            else if (oldest == NULL || p->asked < oldest->asked)
                oldest = p;
        }
        if (vacant != NULL && octets <= SHELF_OCTETS) return vacant;
        if (oldest == NULL) return NULL;
        clear(oldest);
    }
}

/** What is there and was looked after lately, held. */
static struct http_prepared *take(struct status_lists *lists, const struct list_name *name, rfd_time now)
{
    struct http_prepared *prepared = NULL;
    (void)pthread_mutex_lock(&lists->lock);
    struct place *p = find(lists, name);
    if (p != NULL) {
        p->asked = now;
        if (now - p->looked < LOOK_AGAIN && now >= p->looked) prepared = http_prepared_hold(p->prepared);
    }
    (void)pthread_mutex_unlock(&lists->lock);
    return prepared;
}

/** The same when the database's number says that it is still the newest. */
static struct http_prepared *take_again(struct status_lists *lists, const struct list_name *name, slice number,
                                        rfd_time now)
{
    struct http_prepared *prepared = NULL;
    (void)pthread_mutex_lock(&lists->lock);
    struct place *p = find(lists, name);
    if (p != NULL && slice_equal(number, slice_of(p->number, p->number_length)) && now - p->made < PREPARE_AGAIN) {
        p->looked = now;
        prepared = http_prepared_hold(p->prepared);
    }
    (void)pthread_mutex_unlock(&lists->lock);
    return prepared;
}

static void put(struct status_lists *lists, const struct list_name *name, const struct authority_crl *crl,
                struct http_prepared *prepared, rfd_time now)
{
    slice number = crl->number;
    while (number.length > 1 && number.data[0] == 0) number = slice_from(number, 1);
    if (number.length > sizeof lists->places[0].number) return;
    (void)pthread_mutex_lock(&lists->lock);
    struct place *p = find(lists, name);
    if (p != NULL) clear(p);
    p = crl->der.length > SHELF_OCTETS ? NULL : make_room(lists, crl->der.length);
    if (p != NULL) {
        *p = (struct place){.authority = name->authority->id,
                            .partition = name->partition,
                            .delta = name->delta,
                            .prepared = http_prepared_hold(prepared),
                            .size = crl->der.length,
                            .looked = now,
                            .made = now,
                            .asked = now,
                            .number_length = number.length};
        memcpy(p->number, number.data, number.length);
    }
    (void)pthread_mutex_unlock(&lists->lock);
}

/* ---- From the database ---- */

/** max-age reaches to nextUpdate, less the time that these headers may be in use. */
static rfd_status prepare(const struct authority_crl *crl, rfd_time now, struct http_prepared **out,
                          struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    uint8_t tag[2 * TAG_OCTETS];
    char cache[64];
    rfd_time age = (crl->next_update - now - PREPARE_AGAIN) / RFD_SECOND;
    TRY(digest_of(DIGEST_SHA256, crl->der, digest, error));
    number_to_hex(slice_of(digest, TAG_OCTETS), false, tag);
    (void)snprintf(cache, sizeof cache, "public, no-transform, max-age=%lld", (long long)(age > 0 ? age : 0));
    const struct http_prepared_options options = {.content_type = "application/pkix-crl",
                                                  .body = crl->der,
                                                  .etag = slice_of(tag, sizeof tag),
                                                  .last_modified = crl->this_update,
                                                  .cache_control = cache,
                                                  .expires = crl->next_update};
    return http_prepared_new(&options, out, error);
}

static rfd_status read_list(struct status_lists *lists, const struct list_name *name, rfd_time now, struct arena *a,
                            struct http_prepared **out, struct rfd_error *error)
{
    struct authority_crl crl;
    TRY(authority_crl(lists->store, name->authority->id, name->partition, name->delta, a, &crl, error));
    TRY(prepare(&crl, now, out, error));
    put(lists, name, &crl, *out, now);
    return RFD_OK;
}

rfd_status status_lists_get(struct status_lists *lists, const struct list_name *name, rfd_time now,
                            struct http_prepared **out, struct rfd_error *error)
{
    struct arena a;
    slice number;
    rfd_status status = RFD_OK;
    struct http_prepared *prepared = take(lists, name, now);
    if (prepared != NULL) {
        *out = prepared;
        return RFD_OK;
    }
    arena_init(&a, LIST_MAXIMUM);
    (void)pthread_mutex_lock(&lists->reading);
    prepared = take(lists, name, now); /* somebody may have read it meanwhile */
    if (prepared == NULL) {
        status =
            authority_crl_number(lists->store, name->authority->id, name->partition, name->delta, &a, &number, error);
        if (status == RFD_OK) prepared = take_again(lists, name, number, now);
        if (status == RFD_OK && prepared == NULL) status = read_list(lists, name, now, &a, &prepared, error);
    }
    (void)pthread_mutex_unlock(&lists->reading);
    arena_dispose(&a);
    if (status == RFD_OK) *out = prepared;
    return status;
}
