/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/keystore.h"

#include "base/error.h"
#include "keeper/keystore_internal.h"

static const char *const purpose_names[PURPOSE_COUNT] = {
    [PURPOSE_NONE] = "",
#define PURPOSE(name, text) [PURPOSE_##name] = text,
#include "keeper/purpose.def"
#undef PURPOSE
};

const char *key_purpose_name(enum key_purpose purpose)
{
    return purpose < PURPOSE_COUNT ? purpose_names[purpose] : "";
}

enum key_purpose key_purpose_from_name(slice name)
{
    for (enum key_purpose p = PURPOSE_NONE + 1; p < PURPOSE_COUNT; p++) {
        if (slice_is(name, purpose_names[p])) return p;
    }
    return PURPOSE_NONE;
}

bool key_name_is_good(slice name)
{
    if (name.length == 0 || name.length >= KEY_NAME_SIZE) return false;
    if (name.data[0] == '-' || name.data[name.length - 1] == '-') return false;
    for (size_t i = 0; i < name.length; i++) {
        uint8_t c = name.data[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return false;
    }
    return true;
}

const struct key_description *stored_key_description(const struct stored_key *key)
{
    return &key->description;
}

rfd_status stored_key_sign(struct stored_key *key, const struct signature_algorithm *a, slice message, slice digest,
                           struct buf *signature, struct rfd_error *error)
{
    return key->operations->sign(key->state, a, message, digest, signature, error);
}

static rfd_status cannot(const struct stored_key *key, struct rfd_error *error)
{
    return error_set(error, RFD_E_UNSUPPORTED, "key %s: not with a key of this kind", key->description.name);
}

rfd_status stored_key_agree(struct stored_key *key, slice point, uint8_t shared[HPKE_SHARED_SIZE],
                            struct rfd_error *error)
{
    if (key->operations->agree == NULL || key->description.algorithm != KEY_ALGORITHM_P256) return cannot(key, error);
    return key->operations->agree(key->state, point, shared, error);
}

rfd_status stored_key_wrap(struct stored_key *key, slice label, slice plain, struct buf *wrapped,
                           struct rfd_error *error)
{
    if (key->operations->wrap == NULL || key->description.algorithm != KEY_ALGORITHM_AES_256) return cannot(key, error);
    return key->operations->wrap(key->state, label, plain, wrapped, error);
}

rfd_status stored_key_unwrap(struct stored_key *key, slice label, slice wrapped, uint8_t *plain,
                             struct rfd_error *error)
{
    if (key->operations->unwrap == NULL || key->description.algorithm != KEY_ALGORITHM_AES_256)
        return cannot(key, error);
    return key->operations->unwrap(key->state, label, wrapped, plain, error);
}

struct signature_algorithm stored_key_algorithm(const struct stored_key *key)
{
    static const struct signature_algorithm algorithms[KEY_ALGORITHM_COUNT] = {
        [KEY_ALGORITHM_P256] = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256},
        [KEY_ALGORITHM_P384] = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA384},
        [KEY_ALGORITHM_RSA_2048] = {.scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA256},
        [KEY_ALGORITHM_RSA_3072] = {.scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA256},
        [KEY_ALGORITHM_RSA_4096] = {.scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA256},
        [KEY_ALGORITHM_ED25519] = {.scheme = SCHEME_ED25519, .digest = DIGEST_SHA512},
    };
    return algorithms[key->description.algorithm];
}

void stored_key_free(struct stored_key *key)
{
    if (key == NULL) return;
    key->operations->release(key->state);
    buf_dispose(&key->bytes);
    memory_free(key);
}

rfd_status keystore_create(struct keystore *store, const struct key_description *wanted, struct stored_key **out,
                           struct rfd_error *error)
{
    if (!key_name_is_good(slice_text(wanted->name)))
        return error_set(error, RFD_E_ARGUMENT, "key name: 1 to 40 lower-case letters, digits and inner hyphens");
    return store->backend->create(store->state, wanted, out, error);
}

rfd_status keystore_open_key(struct keystore *store, slice name, struct stored_key **out, struct rfd_error *error)
{
    char text[KEY_NAME_SIZE] = "";
    if (!key_name_is_good(name)) return error_set(error, RFD_E_KEY_UNKNOWN, "no possible name of a key");
    memcpy(text, name.data, name.length);
    return store->backend->open(store->state, text, out, error);
}

rfd_status keystore_certify(struct keystore *store, struct stored_key *key, slice certificate, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    if (certificate.length > KEY_CERTIFICATE_MAXIMUM) return error_set(error, RFD_E_LIMIT, "certificate");
    TRY(certificate_parse(certificate, &c, error));
    bool fits = slice_equal(c->spki, key->description.public_key);
    certificate_unref(c);
    if (!fits) return error_set(error, RFD_E_KEY_MISMATCH, "not a certificate of key %s", key->description.name);
    return store->backend->certify(store->state, key, certificate, error);
}

rfd_status keystore_list(struct keystore *store, keystore_each *each, void *context, struct rfd_error *error)
{
    return store->backend->list(store->state, each, context, error);
}

rfd_status keystore_derive(struct keystore *store, slice label, uint8_t secret[KEYSTORE_SECRET_SIZE],
                           struct rfd_error *error)
{
    if (store->backend->derive == NULL)
        return error_set(error, RFD_E_UNSUPPORTED, "a store without secrets of its own");
    return store->backend->derive(store->state, label, secret, error);
}

void keystore_close(struct keystore *store)
{
    if (store->backend != NULL) store->backend->close(store->state);
    *store = (struct keystore){0};
}
