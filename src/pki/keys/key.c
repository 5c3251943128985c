/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/keys/key.h"
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/memory.h"

enum { KIND_SIZE = 24, NAME_MAXIMUM = 1 << 16 };

struct rfd_key {
    const struct key_backend *backend;
    void *state;
    struct certificate_list certificates;
    struct buf subject; /* zero-terminated */
    char kind[KIND_SIZE];
};

static void describe_kind(const struct certificate *c, char kind[KIND_SIZE])
{
    switch (c->key_type) {
    case KEY_RSA: (void)snprintf(kind, KIND_SIZE, "RSA-%d", c->key_bits_size); break;
    case KEY_RSA_PSS: (void)snprintf(kind, KIND_SIZE, "RSA-PSS-%d", c->key_bits_size); break;
    case KEY_EC: (void)snprintf(kind, KIND_SIZE, "%s", c->curve == NULL ? "EC" : c->curve); break;
    case KEY_ED25519: (void)snprintf(kind, KIND_SIZE, "Ed25519"); break;
    case KEY_ED448: (void)snprintf(kind, KIND_SIZE, "Ed448"); break;
    default: (void)snprintf(kind, KIND_SIZE, "unknown"); break;
    }
}

/* One signature, verified with the certificate's public key. */
static rfd_status check_pair(struct rfd_key *key, const struct signature_algorithm *a, struct rfd_error *error)
{
    struct buf signature;
    slice message = SLICE("refrenda: does this key belong to its certificate?");
    buf_init(&signature, 1 << 16);
    rfd_status status = key_sign(key, a, message, &signature, error);
    if (status == RFD_OK) {
        status = signature_verify(a, key_certificate(key), message, buf_slice(&signature), error);
        if (status == RFD_E_SIGNING) {
            status = error_set(error, RFD_E_KEY_MISMATCH, "a trial signature does not verify with the certificate");
        }
    }
    buf_dispose(&signature);
    return status;
}

static rfd_status fill(struct rfd_key *key, bool verify_pair, struct rfd_error *error)
{
    struct signature_algorithm algorithm;
    const struct certificate *signer = key_certificate(key);
    TRY(signature_algorithm_choose(signer, DIGEST_NONE, false, &algorithm, error));
    describe_kind(signer, key->kind);
    certificate_put_name(&key->subject, signer->subject);
    buf_put_byte(&key->subject, '\0');
    TRY(buf_check(&key->subject, "subject", error));
    return verify_pair ? check_pair(key, &algorithm, error) : RFD_OK;
}

rfd_status key_new(const struct key_backend *backend, void *state, struct certificate_list *certificates,
                   bool verify_pair, struct rfd_key **out, struct rfd_error *error)
{
    if (certificates->count == 0) return error_set(error, RFD_E_KEY_READ, "no certificate for the key");
    struct rfd_key *key = memory_zeroed(1, sizeof *key);
    if (key == NULL) return error_memory(error);
    *key = (struct rfd_key){.backend = backend, .state = state, .certificates = *certificates};
    buf_init(&key->subject, NAME_MAXIMUM);
    rfd_status status = fill(key, verify_pair, error);
    if (status != RFD_OK) {
        buf_dispose(&key->subject);
        memory_free(key);
        return status;
    }
    *certificates = (struct certificate_list){0};
    *out = key;
    return RFD_OK;
}

const struct certificate *key_certificate(const struct rfd_key *key)
{
    return key->certificates.items[0];
}

const struct certificate_list *key_chain(const struct rfd_key *key)
{
    return &key->certificates;
}

rfd_status key_sign(struct rfd_key *key, const struct signature_algorithm *a, slice message, struct buf *signature,
                    struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    if (a->scheme == SCHEME_ED25519) return key->backend->sign(key->state, a, message, SLICE_EMPTY, signature, error);
    TRY(digest_of(a->digest, message, digest, error));
    return key->backend->sign(key->state, a, message, slice_of(digest, digest_size(a->digest)), signature, error);
}

rfd_status rfd_key_add_chain(struct rfd_key *key, rfd_slice certificates, struct rfd_error *error)
{
    struct certificate_list found = {0};
    rfd_status status = certificate_list_read(&found, certificates, error);
    if (status == RFD_E_DER) status = error_wrap(error, RFD_E_KEY_READ, "the chain given");
    if (status == RFD_OK && found.count == 0)
        status = error_set(error, RFD_E_KEY_READ, "no certificates in the chain given");
    for (size_t i = 0; status == RFD_OK && i < found.count; i++) {
        status = certificate_list_add(&key->certificates, found.items[i], error);
    }
    certificate_list_dispose(&found);
    return status;
}

rfd_slice rfd_key_certificate(const struct rfd_key *key)
{
    return key_certificate(key)->der;
}

const char *rfd_key_subject(const struct rfd_key *key)
{
    return (const char *)key->subject.data;
}

const char *rfd_key_kind(const struct rfd_key *key)
{
    return key->kind;
}

void rfd_key_free(struct rfd_key *key)
{
    if (key == NULL) return;
    key->backend->dispose(key->state);
    certificate_list_dispose(&key->certificates);
    buf_dispose(&key->subject);
    memory_free(key);
}

struct evp_pkey_st *key_inside(const struct rfd_key *key)
{
    return key->backend->sign == private_key_sign ? private_key_inside(key->state) : NULL;
}
