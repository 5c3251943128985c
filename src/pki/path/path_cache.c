/* SPDX-License-Identifier: EUPL-1.2
 *
 * A ring of issuer paths under one lock; the signature is verified outside of it.
 */
#include "pki/path/path_cache.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/certificate_internal.h"
#include "pki/oid.h"
#include "pki/path/strength.h"
#include "pki/path/trust_store.h"

#include <pthread.h>

enum { CACHE_SIZE = 64, EXTRA_MAXIMUM = 1024, LEAF_EXTENSIONS = 32, LEAF_POLICIES = 16, DER_DEPTH = 12 };

struct cached_path {
    const struct certificate *certificates[PATH_LENGTH_MAXIMUM]; /* issuer first, anchor last */
    bool in_trust[PATH_LENGTH_MAXIMUM];
    size_t count;
    rfd_time valid_from, valid_until;
};
struct path_cache {
    pthread_mutex_t lock;
    struct cached_path paths[CACHE_SIZE];
    size_t next;
};

rfd_status path_cache_new(struct path_cache **out, struct rfd_error *error)
{
    struct path_cache *cache = memory_zeroed(1, sizeof *cache);
    if (cache == NULL || pthread_mutex_init(&cache->lock, NULL) != 0) {
        memory_free(cache);
        return error_memory(error);
    }
    *out = cache;
    return RFD_OK;
}

static void forget(struct cached_path *p)
{
    for (size_t i = 0; i < p->count; i++) certificate_unref(p->certificates[i]);
    *p = (struct cached_path){0};
}

void path_cache_clear(struct path_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < CACHE_SIZE; i++) forget(&cache->paths[i]);
    cache->next = 0;
    pthread_mutex_unlock(&cache->lock);
}

void path_cache_free(struct path_cache *cache)
{
    if (cache == NULL) return;
    path_cache_clear(cache);
    pthread_mutex_destroy(&cache->lock);
    memory_free(cache);
}

/* --- Keeping ----------------------------------------------------------------------------------------------------- */

static bool constrains_leaf(const struct certificate *c)
{
    static const enum oid_name constraining[] = {OID_NAME_CONSTRAINTS, OID_POLICY_CONSTRAINTS, OID_POLICY_MAPPINGS,
                                                 OID_INHIBIT_ANY_POLICY};
    slice value;
    for (size_t i = 0; i < sizeof constraining / sizeof constraining[0]; i++) {
        if (certificate_extension(c, oid(constraining[i]), &value, NULL)) return true;
    }
    return false;
}

static bool same_path(const struct cached_path *a, const struct cached_path *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) same = certificate_equal(a->certificates[i], b->certificates[i]);
    return same;
}

static void put(struct path_cache *cache, const struct cached_path *p)
{
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        if (same_path(&cache->paths[i], p)) return;
    }
    struct cached_path *slot = &cache->paths[cache->next];
    cache->next = (cache->next + 1) % CACHE_SIZE;
    forget(slot);
    *slot = *p;
    for (size_t i = 0; i < p->count; i++) (void)certificate_ref(p->certificates[i]);
}

void path_cache_keep(const struct rfd_trust *trust, const struct path *p, rfd_time valid_from, rfd_time valid_until)
{
    struct cached_path kept = {.count = p->count - 1, .valid_from = valid_from, .valid_until = valid_until};
    if (p->count < 2) return;
    for (size_t i = 0; i < kept.count; i++) {
        kept.certificates[i] = p->certificates[i + 1];
        if (constrains_leaf(kept.certificates[i])) return;
        kept.in_trust[i] = trust_entry_of(trust, kept.certificates[i]) != NULL;
    }
    pthread_mutex_lock(&trust->cache->lock);
    put(trust->cache, &kept);
    pthread_mutex_unlock(&trust->cache->lock);
}

/* --- Is the leaf a plain one? --------------------------------------------------------------------------------------
 */

/* Well-formed all the way down; primitive contents are not looked into. */
static bool well_formed(slice der, int depth)
{
    struct der_item item;
    while (der.length > 0) {
        if (!der_next(&der, &item)) return false;
        if ((item.tag & 0x20) != 0 && (depth == 0 || !well_formed(item.content, depth - 1))) return false;
    }
    return true;
}

/* RFC 5280 §4.2.1.4: no policy twice. */
static bool policies_once(slice value)
{
    slice seen[LEAF_POLICIES];
    slice list;
    slice information;
    size_t count = 0;
    if (!der_take_optional(&value, DER_SEQUENCE, &list)) return false;
    while (list.length > 0) {
        if (count == LEAF_POLICIES || !der_take_optional(&list, DER_SEQUENCE, &information) ||
            !der_take_optional(&information, DER_OID, &seen[count])) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], seen[count])) return false;
        }
        count++;
    }
    return count > 0;
}

/* What a plain leaf may have, critical or not; anything else only when it is not critical. */
static bool is_plain_extension(slice found)
{
    switch (oid_find(found)) {
    case OID_SUBJECT_KEY_ID:
    case OID_AUTHORITY_KEY_ID:
    case OID_KEY_USAGE:
    case OID_EXTENDED_KEY_USAGE:
    case OID_BASIC_CONSTRAINTS:
    case OID_SUBJECT_ALT_NAME:
    case OID_CRL_DISTRIBUTION_POINTS:
    case OID_CERTIFICATE_POLICIES: return true;
    default: return false;
    }
}

static bool extensions_plain(const struct certificate *leaf)
{
    slice seen[LEAF_EXTENSIONS];
    slice rest = leaf->extensions;
    slice value;
    size_t count = 0;
    bool critical;
    while (rest.length > 0) {
        if (count == LEAF_EXTENSIONS || !certificate_next_extension(&rest, &seen[count], &critical, &value))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], seen[count])) return false;
        }
        bool plain = is_plain_extension(seen[count]);
        if (critical && !plain) return false;
        if (plain && !well_formed(value, DER_DEPTH)) return false;
        if (slice_equal(seen[count], oid(OID_CERTIFICATE_POLICIES)) && !policies_once(value)) return false;
        count++;
    }
    return true;
}

static bool leaf_plain(const struct certificate *leaf, enum path_purpose purpose, rfd_time at)
{
    char detail[160];
    rfd_time until = INT64_MAX;
    if (leaf->is_ca || leaf->self_issued || constrains_leaf(leaf)) return false;
    if (at < leaf->not_before || at > leaf->not_after) return false;
    return path_purpose_allowed(leaf, purpose, detail) && strength_of_key(leaf, at, &until, detail, sizeof detail) &&
           strength_of_signature(leaf->signature_algorithm, at, &until, detail, sizeof detail) &&
           extensions_plain(leaf);
}

/* --- Using ------------------------------------------------------------------------------------------------------- */

static bool among(const struct certificate_list *extra, const struct certificate *c)
{
    for (size_t i = 0; extra != NULL && i < extra->count && i < EXTRA_MAXIMUM; i++) {
        if (certificate_equal(extra->items[i], c)) return true;
    }
    return false;
}

static bool fits(const struct cached_path *p, const struct certificate *leaf, const struct certificate_list *extra,
                 rfd_time at)
{
    if (p->count == 0 || at < p->valid_from || at > p->valid_until) return false;
    const struct certificate *issuer = p->certificates[0];
    if (!slice_equal(issuer->subject, leaf->issuer)) return false;
    if (leaf->authority_key_id.length > 0 && !slice_equal(issuer->subject_key_id, leaf->authority_key_id)) return false;
    for (size_t i = 0; i < p->count; i++) {
        if (!p->in_trust[i] && !among(extra, p->certificates[i])) return false;
    }
    return p->count < PATH_LENGTH_MAXIMUM;
}

/* The first path that fits from position `from` on, with references. */
static bool find(struct path_cache *cache, size_t *from, const struct certificate *leaf,
                 const struct certificate_list *extra, rfd_time at, struct path *out)
{
    bool found = false;
    pthread_mutex_lock(&cache->lock);
    for (; *from < CACHE_SIZE && !found; ++*from) {
        const struct cached_path *p = &cache->paths[*from];
        if (!fits(p, leaf, extra, at)) continue;
        out->certificates[0] = certificate_ref(leaf);
        for (size_t i = 0; i < p->count; i++) out->certificates[i + 1] = certificate_ref(p->certificates[i]);
        out->count = p->count + 1;
        found = true;
    }
    pthread_mutex_unlock(&cache->lock);
    return found;
}

bool path_cache_use(const struct rfd_trust *trust, const struct certificate *leaf, const struct certificate_list *extra,
                    enum path_purpose purpose, rfd_time at, struct path *out)
{
    struct path found = {0};
    size_t from = 0;
    if (!leaf_plain(leaf, purpose, at) || trust_is_anchor(trust, leaf)) return false;
    while (find(trust->cache, &from, leaf, extra, at, &found)) {
        if (certificate_verify_signature(leaf, found.certificates[1], NULL) == RFD_OK) {
            *out = found;
            return true;
        }
        path_dispose(&found);
    }
    return false;
}
