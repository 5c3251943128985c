/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/status/service.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pki/digest.h"

#include <stdatomic.h>

enum {
    AUTHORITIES_MEMORY = 16 << 20,
    CHAIN_MAXIMUM = 8,
    CHAIN_BYTES_MAXIMUM = 256 << 10,
    CERTIFICATE_SECONDS = 86400 /* an authority's certificate stays what it is under its name until it is renewed */
};

struct whole {
    struct status_authorities authorities;
    atomic_uint holders;
    struct arena arena;
    struct responder_issuer *issuers;
    struct authority_signer *signers;
    size_t *issuer_index;
    uint8_t digest[DIGEST_SIZE_MAXIMUM]; /* of all that was read */
};

static struct whole *whole_of(const struct status_authorities *authorities)
{
    return (struct whole *)(uintptr_t)authorities;
}

struct status_authorities *status_authorities_hold(struct status_authorities *authorities)
{
    atomic_fetch_add(&whole_of(authorities)->holders, 1);
    return authorities;
}

void status_authorities_release(struct status_authorities *authorities)
{
    if (authorities == NULL || atomic_fetch_sub(&whole_of(authorities)->holders, 1) > 1) return;
    struct whole *w = whole_of(authorities);
    for (size_t i = 0; i < authorities->count; i++) {
        certificate_unref(authorities->items[i].certificate);
        certificate_unref(authorities->items[i].ocsp_certificate);
        http_prepared_release(authorities->items[i].cer);
        http_prepared_release(authorities->items[i].p7c);
    }
    arena_dispose(&w->arena);
    memory_free(w);
}

const struct status_authority *status_authorities_spokesman(const struct status_authorities *authorities,
                                                            const struct responder_issuer *spokesman)
{
    return &authorities->items[authorities->issuer_index[spokesman - authorities->responder.issuers]];
}

const struct status_authority *status_authorities_find(const struct status_authorities *authorities, slice name)
{
    for (size_t i = 0; i < authorities->count; i++)
        if (slice_equal(authorities->items[i].name, name)) return &authorities->items[i];
    return NULL;
}

/* ---- What is prepared for downloads ---- */

static rfd_status prepare(const char *type, slice body, struct http_prepared **out, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    uint8_t tag[2 * 32];
    char cache[32];
    TRY(digest_of(DIGEST_SHA256, body, digest, error));
    number_to_hex(slice_of(digest, sizeof tag / 2), false, tag);
    (void)snprintf(cache, sizeof cache, "public, max-age=%d", CERTIFICATE_SECONDS);
    const struct http_prepared_options options = {.content_type = type,
                                                  .body = body,
                                                  .etag = slice_of(tag, sizeof tag),
                                                  .last_modified = RFD_TIME_NONE,
                                                  .cache_control = cache,
                                                  .expires = RFD_TIME_NONE};
    return http_prepared_new(&options, out, error);
}

/** The superior by the database's word, whose subject must be the issuer: the first of the chain is `a` itself. */
static size_t chain_of(const struct status_authorities *all, const struct authority_list *list, size_t first,
                       slice chain[CHAIN_MAXIMUM])
{
    size_t count = 0;
    for (size_t at = first; count < CHAIN_MAXIMUM;) {
        size_t next = 0;
        chain[count++] = all->items[at].certificate->der;
        while (next < list->count && list->items[next].id != list->items[at].parent) next++;
        if (next == list->count || next == at) break;
        at = next;
    }
    return count;
}

/** A SignedData without content and signers (RFC 5652 §5, RFC 5280 §4.2.2.1): certificates as a SET OF. */
static void put_certificates_only(struct buf *b, const slice *chain, size_t count)
{
    slice last = SLICE_EMPTY;
    size_t info = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_SIGNED_DATA));
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t data = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, 1);
    der_put(b, DER_SET, SLICE_EMPTY);
    size_t content = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_DATA));
    der_close(b, content);
    size_t certificates = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    for (;;) {
        slice best = SLICE_EMPTY;
        for (size_t i = 0; i < count; i++) {
            if (last.length > 0 && slice_compare(chain[i], last) <= 0) continue;
            if (best.length == 0 || slice_compare(chain[i], best) < 0) best = chain[i];
        }
        if (best.length == 0) break;
        buf_put_slice(b, best);
        last = best;
    }
    der_close(b, certificates);
    der_put(b, DER_SET, SLICE_EMPTY);
    der_close(b, data);
    der_close(b, tagged);
    der_close(b, info);
}

static rfd_status prepare_downloads(struct status_authorities *all, const struct authority_list *list, size_t i,
                                    struct rfd_error *error)
{
    slice chain[CHAIN_MAXIMUM];
    struct buf b;
    size_t count = chain_of(all, list, i, chain);
    buf_init(&b, CHAIN_BYTES_MAXIMUM);
    put_certificates_only(&b, chain, count);
    rfd_status status = buf_check(&b, "chain", error);
    if (status == RFD_OK)
        status = prepare("application/pkix-cert", all->items[i].certificate->der, &all->items[i].cer, error);
    if (status == RFD_OK)
        status = prepare("application/pkcs7-mime; smime-type=certs-only", buf_slice(&b), &all->items[i].p7c, error);
    buf_dispose(&b);
    return status;
}

/* ---- Reading ---- */

static slice last_part(slice address)
{
    for (size_t i = address.length; i > 0; i--)
        if (address.data[i - 1] == '/') return slice_from(address, i);
    return SLICE_EMPTY;
}

static rfd_status set_one(struct status_authority *to, const struct authority *from, struct rfd_error *error)
{
    struct authority_policy policy = {.partitions = 1};
    to->id = from->id;
    to->name = from->name;
    if (from->policy.length > 0) TRY(authority_policy_read(from->policy, &policy, error));
    to->crl_file = last_part(policy.crl_point);
    to->delta_file = last_part(policy.freshest);
    to->partitions = policy.partitions;
    TRY(certificate_parse(from->certificate, &to->certificate, error));
    if (from->ocsp_key.length == 0 || from->ocsp_certificate.length == 0) return RFD_OK;
    to->ocsp_key = from->ocsp_key;
    return certificate_parse(from->ocsp_certificate, &to->ocsp_certificate, error);
}

/** The look-up of a responder: from what is known, or by the register. */
static rfd_status look_up(void *context, size_t issuer, slice serial, struct responder_record *record,
                          struct rfd_error *error)
{
    const struct status_authorities *all = context;
    struct status_service *s = all->service;
    int64_t authority = all->items[all->issuer_index[issuer]].id;
    uint64_t moment = known_moment(s->known);
    bool trusted = status_memory_trusted(s);
    if (trusted && known_get(s->known, authority, serial, record)) return RFD_OK;
    TRY(authority_look_up(s->store, authority, serial, record, error));
    if (trusted) known_put(s->known, moment, authority, serial, record);
    return RFD_OK;
}

static rfd_status set_responder(struct whole *w, struct rfd_error *error)
{
    struct status_authorities *all = &w->authorities;
    size_t issuers = 0;
    w->issuers = arena_zeroed(&w->arena, all->count + 1, sizeof *w->issuers);
    w->signers = arena_zeroed(&w->arena, all->count + 1, sizeof *w->signers);
    w->issuer_index = arena_zeroed(&w->arena, all->count + 1, sizeof *w->issuer_index);
    if (w->issuers == NULL || w->signers == NULL || w->issuer_index == NULL) return arena_failed(&w->arena, error);
    for (size_t i = 0; i < all->count; i++) {
        const struct status_authority *a = &all->items[i];
        if (a->ocsp_certificate == NULL) continue;
        w->signers[issuers].certificate = a->ocsp_certificate;
        TRY(responder_issuer_set(&w->issuers[issuers], a->certificate, &w->signers[issuers], error));
        w->issuer_index[issuers++] = i;
    }
    all->issuer_index = w->issuer_index;
    all->responder = (struct responder){.issuers = w->issuers,
                                        .issuer_count = issuers,
                                        .look_up = look_up,
                                        .context = all,
                                        .extended_revoke = all->service->settings->status.extended_revoke};
    return RFD_OK;
}

/** Of everything that what is made here follows from. */
static rfd_status digest_list(const struct authority_list *list, uint8_t *digest, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, AUTHORITIES_MEMORY);
    for (size_t i = 0; i < list->count; i++) {
        const struct authority *a = &list->items[i];
        message_put_i64(&b, a->id);
        message_put_i64(&b, a->parent);
        const slice parts[] = {a->name, a->certificate, a->policy, a->ocsp_key, a->ocsp_certificate};
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) message_put_bytes(&b, parts[p]);
    }
    rfd_status status = buf_check(&b, "authorities", error);
    if (status == RFD_OK) status = digest_of(DIGEST_SHA256, buf_slice(&b), digest, error);
    buf_dispose(&b);
    return status;
}

static rfd_status fill(struct whole *w, struct status_service *service, const struct status_authorities *before,
                       bool *same, struct rfd_error *error)
{
    struct authority_domain domain = {.store = service->store};
    struct authority_list list;
    struct status_authorities *all = &w->authorities;
    TRY(authority_list(&domain, &w->arena, &list, error));
    TRY(digest_list(&list, w->digest, error));
    *same = before != NULL && memcmp(w->digest, whole_of(before)->digest, sizeof w->digest) == 0;
    if (*same) return RFD_OK;
    all->service = service;
    all->items = arena_zeroed(&w->arena, list.count + 1, sizeof *all->items);
    if (all->items == NULL) return arena_failed(&w->arena, error);
    for (size_t i = 0; i < list.count; i++) {
        all->count = i + 1; /* what is there of it is released with the rest */
        TRY(set_one(&all->items[i], &list.items[i], error));
    }
    for (size_t i = 0; i < list.count; i++) TRY(prepare_downloads(all, &list, i, error));
    return set_responder(w, error);
}

rfd_status status_authorities_read(struct status_service *service, const struct status_authorities *before,
                                   struct status_authorities **out, struct rfd_error *error)
{
    bool same = false;
    struct whole *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    atomic_init(&w->holders, 1);
    arena_init(&w->arena, AUTHORITIES_MEMORY);
    rfd_status status = fill(w, service, before, &same, error);
    if (status != RFD_OK || same) {
        status_authorities_release(&w->authorities);
        w = NULL;
    }
    if (status == RFD_OK) *out = w == NULL ? NULL : &w->authorities;
    return status;
}
