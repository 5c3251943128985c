/* SPDX-License-Identifier: EUPL-1.2
 *
 * OpenSSL's digests are fetched by name once and kept for the life of the process: a fetch costs more than hashing a
 * set of signed attributes.
 */
#include "pki/digest.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/oid.h"

#include <openssl/evp.h>
#include <pthread.h>

struct row {
    const char *name;
    const char *fetch; /* OpenSSL's name */
    size_t size;
    enum oid_name oid;
    bool strong;
};
static const struct row rows[DIGEST_COUNT] = {
    [DIGEST_NONE] = {"none", NULL, 0, OID_COUNT, false},
    [DIGEST_MD5] = {"MD5", "MD5", 16, OID_MD5, false},
    [DIGEST_SHA1] = {"SHA-1", "SHA1", 20, OID_SHA1, false},
    [DIGEST_SHA224] = {"SHA-224", "SHA2-224", 28, OID_SHA224, false},
    [DIGEST_SHA256] = {"SHA-256", "SHA2-256", 32, OID_SHA256, true},
    [DIGEST_SHA384] = {"SHA-384", "SHA2-384", 48, OID_SHA384, true},
    [DIGEST_SHA512] = {"SHA-512", "SHA2-512", 64, OID_SHA512, true},
    [DIGEST_SHA3_256] = {"SHA3-256", "SHA3-256", 32, OID_SHA3_256, true},
    [DIGEST_SHA3_384] = {"SHA3-384", "SHA3-384", 48, OID_SHA3_384, true},
    [DIGEST_SHA3_512] = {"SHA3-512", "SHA3-512", 64, OID_SHA3_512, true},
    [DIGEST_SHAKE256_512] = {"SHAKE256", "SHAKE256", 64, OID_SHAKE256_LEN, true},
};

static EVP_MD *fetched[DIGEST_COUNT];
static pthread_once_t fetched_once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    for (size_t i = DIGEST_NONE + 1; i < DIGEST_COUNT; i++) fetched[i] = EVP_MD_fetch(NULL, rows[i].fetch, NULL);
}

static const struct row *row_of(enum digest_id id)
{
    return &rows[(unsigned)id < DIGEST_COUNT ? id : DIGEST_NONE];
}

const struct evp_md_st *digest_md(enum digest_id id)
{
    (void)pthread_once(&fetched_once, fetch_all);
    return (unsigned)id < DIGEST_COUNT ? fetched[id] : NULL;
}

const char *digest_name(enum digest_id id)
{
    return row_of(id)->name;
}

size_t digest_size(enum digest_id id)
{
    return row_of(id)->size;
}

slice digest_oid(enum digest_id id)
{
    return oid(row_of(id)->oid);
}

enum digest_id digest_from_oid(slice content)
{
    enum oid_name name = oid_find(content);
    /* RFC 8702 §3.1: in CMS, id-shake256 without a length gives 512 bits too. */
    if (name == OID_SHAKE256) return DIGEST_SHAKE256_512;
    for (size_t i = DIGEST_NONE + 1; name != OID_COUNT && i < DIGEST_COUNT; i++) {
        if (rows[i].oid == name) return (enum digest_id)i;
    }
    return DIGEST_NONE;
}

static uint8_t next_folded(slice *text)
{
    while (text->length > 0) {
        uint8_t c = text->data[0];
        *text = slice_from(*text, 1);
        if (c != '-' && c != '_') return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
    }
    return 0;
}

static bool same_name(slice a, slice b)
{
    uint8_t left;
    do {
        left = next_folded(&a);
        if (left != next_folded(&b)) return false;
    } while (left != 0);
    return true;
}

enum digest_id digest_from_name(slice name)
{
    for (size_t i = DIGEST_NONE + 1; i < DIGEST_COUNT; i++) {
        if (same_name(name, slice_text(rows[i].name))) return (enum digest_id)i;
    }
    return DIGEST_NONE;
}

enum digest_id digest_from_public(enum rfd_digest digest)
{
    switch (digest) {
    case RFD_DIGEST_SHA256: return DIGEST_SHA256;
    case RFD_DIGEST_SHA384: return DIGEST_SHA384;
    case RFD_DIGEST_SHA512: return DIGEST_SHA512;
    default: return DIGEST_NONE;
    }
}

bool digest_is_strong(enum digest_id id)
{
    return row_of(id)->strong;
}

void digest_put_algorithm(struct buf *b, enum digest_id id)
{
    size_t opened = der_open(b, DER_SEQUENCE);
    der_put_oid(b, digest_oid(id));
    /* RFC 8419 §2.3: id-shake256-len names its output length. */
    if (id == DIGEST_SHAKE256_512) der_put_unsigned(b, 512);
    der_close(b, opened);
}

struct digest {
    enum digest_id id;
    EVP_MD_CTX *context;
};

static rfd_status digest_failed(enum digest_id id, struct rfd_error *error)
{
    return error_set(error, RFD_E_INTERNAL, "OpenSSL cannot compute %s", digest_name(id));
}

static struct digest *digest_new(enum digest_id id)
{
    struct digest *d = memory_zeroed(1, sizeof *d);
    if (d == NULL) return NULL;
    d->id = id;
    d->context = EVP_MD_CTX_new();
    if (d->context != NULL) return d;
    memory_free(d);
    return NULL;
}

rfd_status digest_start(enum digest_id id, struct digest **out, struct rfd_error *error)
{
    const EVP_MD *md = digest_md(id);
    if (md == NULL) return digest_failed(id, error);
    struct digest *d = digest_new(id);
    if (d == NULL) return error_memory(error);
    if (EVP_DigestInit_ex2(d->context, md, NULL) != 1) {
        digest_free(d);
        return digest_failed(id, error);
    }
    *out = d;
    return RFD_OK;
}

rfd_status digest_add(struct digest *d, slice bytes, struct rfd_error *error)
{
    if (EVP_DigestUpdate(d->context, bytes.data, bytes.length) != 1) return digest_failed(d->id, error);
    return RFD_OK;
}

rfd_status digest_fork(const struct digest *d, struct digest **out, struct rfd_error *error)
{
    struct digest *copy = digest_new(d->id);
    if (copy == NULL) return error_memory(error);
    if (EVP_MD_CTX_copy_ex(copy->context, d->context) != 1) {
        digest_free(copy);
        return digest_failed(d->id, error);
    }
    *out = copy;
    return RFD_OK;
}

static int finish(EVP_MD_CTX *context, enum digest_id id, uint8_t *out)
{
    if (id == DIGEST_SHAKE256_512) return EVP_DigestFinalXOF(context, out, digest_size(id));
    return EVP_DigestFinal_ex(context, out, NULL);
}

rfd_status digest_finish(struct digest *d, uint8_t *out, struct rfd_error *error)
{
    return finish(d->context, d->id, out) == 1 ? RFD_OK : digest_failed(d->id, error);
}

void digest_free(struct digest *d)
{
    if (d == NULL) return;
    EVP_MD_CTX_free(d->context);
    memory_free(d);
}

/* Each thread's context for SHA-256 in one go: to make one costs twice what hashing a few hundred octets does, and a
 * certificate on its way takes some twenty of them. It is wiped by the next start, at the latest with the thread. */
static pthread_key_t kept_contexts;
static bool contexts_are_kept;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void free_kept(void *context)
{
    EVP_MD_CTX_free(context);
}

static void make_kept(void)
{
    contexts_are_kept = pthread_key_create(&kept_contexts, free_kept) == 0;
}

static EVP_MD_CTX *take_context(enum digest_id id, bool *kept)
{
    (void)pthread_once(&kept_once, make_kept);
    *kept = id == DIGEST_SHA256 && contexts_are_kept;
    EVP_MD_CTX *context = *kept ? pthread_getspecific(kept_contexts) : NULL;
    if (context != NULL) return context;
    context = EVP_MD_CTX_new();
    if (context != NULL && *kept) *kept = pthread_setspecific(kept_contexts, context) == 0;
    return context;
}

rfd_status digest_of(enum digest_id id, slice bytes, uint8_t *out, struct rfd_error *error)
{
    bool kept = false;
    const EVP_MD *md = digest_md(id);
    if (md == NULL) return digest_failed(id, error);
    EVP_MD_CTX *context = take_context(id, &kept);
    if (context == NULL) return error_memory(error);
    bool good = EVP_DigestInit_ex2(context, md, NULL) == 1 &&
                EVP_DigestUpdate(context, bytes.data, bytes.length) == 1 && finish(context, id, out) == 1;
    if (!kept) EVP_MD_CTX_free(context);
    return good ? RFD_OK : digest_failed(id, error);
}
