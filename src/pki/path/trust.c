/* SPDX-License-Identifier: EUPL-1.2
 *
 * The trust store's table: an array of certificates, chained by the hash of their subject.
 */
#include "pki/path/trust_store.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/revocation/crl.h"
#include "pki/certificate/name_match.h"
#include "pki/path/path_cache.h"
#include "pki/path/path_verify.h"

enum { FIRST_ENTRIES = 16, FIRST_CRLS = 4 };

rfd_status rfd_trust_new(struct rfd_trust **out, struct rfd_error *error)
{
    struct rfd_trust *trust = memory_zeroed(1, sizeof *trust);
    if (trust == NULL) return error_memory(error);
    trust->store = path_verify_settings_new();
    rfd_status status = trust->store == NULL ? error_memory(error) : path_cache_new(&trust->cache, error);
    if (status != RFD_OK) {
        rfd_trust_free(trust);
        return status;
    }
    *out = trust;
    return RFD_OK;
}

void rfd_trust_free(struct rfd_trust *trust)
{
    if (trust == NULL) return;
    for (size_t i = 0; i < trust->count; i++) certificate_unref(trust->entries[i].certificate);
    for (size_t i = 0; i < trust->crl_count; i++) crl_free(trust->crls[i]);
    memory_free(trust->entries);
    memory_free(trust->crls);
    map_dispose(&trust->by_subject);
    path_verify_settings_free(trust->store);
    path_cache_free(trust->cache);
    memory_free(trust);
}

size_t rfd_trust_anchor_count(const struct rfd_trust *trust)
{
    return trust->anchor_count;
}

size_t trust_first(const struct rfd_trust *trust, uint64_t subject_hash)
{
    uint64_t first = 0;
    return trust != NULL && map_get(&trust->by_subject, subject_hash, &first) ? (size_t)first : 0;
}

static size_t find_entry(const struct rfd_trust *trust, const struct certificate *c, uint64_t hash)
{
    size_t i = trust_first(trust, hash);
    while (i != 0 && !certificate_equal(trust->entries[i - 1].certificate, c)) i = trust->entries[i - 1].next;
    return i;
}

const struct trust_entry *trust_entry_of(const struct rfd_trust *trust, const struct certificate *c)
{
    size_t i = find_entry(trust, c, name_hash(c->subject));
    return i == 0 ? NULL : &trust->entries[i - 1];
}

bool trust_is_anchor(const struct rfd_trust *trust, const struct certificate *c)
{
    const struct trust_entry *entry = trust == NULL ? NULL : trust_entry_of(trust, c);
    return entry != NULL && entry->anchor;
}

/* Doubles an array that is full. */
static rfd_status make_room(void **items, size_t count, size_t *capacity, size_t first, size_t size,
                            struct rfd_error *error)
{
    if (count < *capacity) return RFD_OK;
    size_t wanted = *capacity == 0 ? first : *capacity * 2;
    size_t bytes;
    if (__builtin_mul_overflow(wanted, size, &bytes)) return error_memory(error);
    void *bigger = memory_resize(*items, bytes);
    if (bigger == NULL) return error_memory(error);
    *items = bigger;
    *capacity = wanted;
    return RFD_OK;
}

rfd_status trust_add(struct rfd_trust *trust, const struct certificate *c, bool anchor, struct rfd_error *error)
{
    uint64_t hash = name_hash(c->subject);
    size_t known = find_entry(trust, c, hash);
    path_cache_clear(trust->cache);
    if (known != 0) {
        trust->anchor_count += anchor && !trust->entries[known - 1].anchor;
        trust->entries[known - 1].anchor |= anchor;
        return RFD_OK;
    }
    void *entries = trust->entries;
    TRY(make_room(&entries, trust->count, &trust->capacity, FIRST_ENTRIES, sizeof *trust->entries, error));
    trust->entries = entries;
    size_t first = trust_first(trust, hash);
    if (map_set(&trust->by_subject, hash, trust->count + 1) != RFD_OK) return error_memory(error);
    trust->entries[trust->count++] =
        (struct trust_entry){.certificate = certificate_ref(c), .anchor = anchor, .next = first};
    trust->anchor_count += anchor;
    return RFD_OK;
}

rfd_status trust_add_crl(struct rfd_trust *trust, const struct crl *crl, struct rfd_error *error)
{
    void *crls = trust->crls;
    TRY(make_room(&crls, trust->crl_count, &trust->crl_capacity, FIRST_CRLS, sizeof(struct crl *), error));
    trust->crls = crls;
    trust->crls[trust->crl_count++] = crl;
    return RFD_OK;
}

size_t trust_crl_count(const struct rfd_trust *trust)
{
    return trust == NULL ? 0 : trust->crl_count;
}

const struct crl *trust_crl(const struct rfd_trust *trust, size_t index)
{
    return trust->crls[index];
}
