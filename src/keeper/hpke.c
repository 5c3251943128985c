/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/hpke.h"

#include "base/error.h"
#include "base/secret.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { HASH_SIZE = 32, KEY_SIZE = 32, NONCE_SIZE = 12, LABELED_MAXIMUM = 4096, MODE_BASE = 0, UNCOMPRESSED = 4 };

/* RFC 9180 §4.1, §5.1: KEM 0x0010, KDF 0x0001, AEAD 0x0002. */
#define VERSION    SLICE("HPKE-v1")
#define SUITE_KEM  SLICE("KEM\x00\x10")
#define SUITE_HPKE SLICE("HPKE\x00\x10\x00\x01\x00\x02")

static rfd_status failed(rfd_status code, const char *what, struct rfd_error *error)
{
    ERR_clear_error();
    return error_set(error, code, "HPKE: %s", what);
}

/* ---- HKDF in two steps (RFC 9180 §4) ---- */

static rfd_status hkdf(int mode, slice key, slice salt, slice info, uint8_t *to, size_t size, struct rfd_error *error)
{
    static const uint8_t no_salt[HASH_SIZE]; /* RFC 5869 §2.2; OpenSSL wants it said */
    char hash[] = "SHA256";
    if (salt.length == 0) salt = slice_of(no_salt, sizeof no_salt);
    OSSL_PARAM p[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key.data, key.length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.data, salt.length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.data, info.length),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool good = context != NULL && EVP_KDF_derive(context, to, size, p) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good ? RFD_OK : failed(RFD_E_INTERNAL, "HKDF", error);
}

static rfd_status labeled_extract(slice suite, slice salt, const char *label, slice material, uint8_t out[HASH_SIZE],
                                  struct rfd_error *error)
{
    struct buf b;
    buf_init_secret(&b, LABELED_MAXIMUM);
    buf_put_slice(&b, VERSION);
    buf_put_slice(&b, suite);
    buf_put_text(&b, label);
    buf_put_slice(&b, material);
    rfd_status status = buf_check(&b, "HPKE", error);
    if (status == RFD_OK)
        status = hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, buf_slice(&b), salt, SLICE_EMPTY, out, HASH_SIZE, error);
    buf_dispose(&b);
    return status;
}

static rfd_status labeled_expand(slice suite, const uint8_t key[HASH_SIZE], const char *label, slice info, uint8_t *out,
                                 size_t size, struct rfd_error *error)
{
    struct buf b;
    buf_init_secret(&b, LABELED_MAXIMUM);
    buf_put_byte(&b, (uint8_t)(size >> 8));
    buf_put_byte(&b, (uint8_t)size);
    buf_put_slice(&b, VERSION);
    buf_put_slice(&b, suite);
    buf_put_text(&b, label);
    buf_put_slice(&b, info);
    rfd_status status = buf_check(&b, "HPKE", error);
    if (status == RFD_OK)
        status =
            hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, slice_of(key, HASH_SIZE), SLICE_EMPTY, buf_slice(&b), out, size, error);
    buf_dispose(&b);
    return status;
}

/* ---- The shared secret (RFC 9180 §4.1) ---- */

static bool is_point(slice point)
{
    return point.length == HPKE_POINT_SIZE && point.data[0] == UNCOMPRESSED;
}

/** The public key of a point; NULL when it is none of the curve. */
static EVP_PKEY *read_point(slice point)
{
    char group[] = "P-256";
    OSSL_PARAM p[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.data, point.length),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    if (!is_point(point)) return NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, p) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

rfd_status hpke_agree_with(struct evp_pkey_st *key, slice point, uint8_t shared[HPKE_SHARED_SIZE],
                           struct rfd_error *error)
{
    size_t length = HPKE_SHARED_SIZE;
    EVP_PKEY *peer = read_point(point);
    EVP_PKEY_CTX *context = peer == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool good = context != NULL && EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1 &&
                EVP_PKEY_derive(context, shared, &length) == 1 && length == HPKE_SHARED_SIZE;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    return good ? RFD_OK : failed(RFD_E_ARGUMENT, "not a point of P-256", error);
}

/** ExtractAndExpand: what ECDH gave, bound to both points. */
static rfd_status derive_shared(const uint8_t agreed[HPKE_SHARED_SIZE], slice encapsulated, slice recipient,
                                uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error)
{
    uint8_t context[2 * HPKE_POINT_SIZE];
    uint8_t key[HASH_SIZE];
    memcpy(context, encapsulated.data, HPKE_POINT_SIZE);
    memcpy(context + HPKE_POINT_SIZE, recipient.data, HPKE_POINT_SIZE);
    rfd_status status =
        labeled_extract(SUITE_KEM, SLICE_EMPTY, "eae_prk", slice_of(agreed, HPKE_SHARED_SIZE), key, error);
    if (status == RFD_OK)
        status = labeled_expand(SUITE_KEM, key, "shared_secret", slice_of(context, sizeof context), shared,
                                HPKE_SHARED_SIZE, error);
    secret_wipe(key, sizeof key);
    return status;
}

/* ---- Key and nonce of the first message (RFC 9180 §5.1) ---- */

struct schedule {
    uint8_t key[KEY_SIZE], nonce[NONCE_SIZE];
};

static rfd_status make_schedule(const uint8_t shared[HPKE_SHARED_SIZE], slice info, struct schedule *out,
                                struct rfd_error *error)
{
    uint8_t context[1 + 2 * HASH_SIZE] = {MODE_BASE};
    const slice bound = slice_of(context, sizeof context);
    uint8_t secret[HASH_SIZE];
    rfd_status status;
    TRY_OUT(labeled_extract(SUITE_HPKE, SLICE_EMPTY, "psk_id_hash", SLICE_EMPTY, context + 1, error));
    TRY_OUT(labeled_extract(SUITE_HPKE, SLICE_EMPTY, "info_hash", info, context + 1 + HASH_SIZE, error));
    TRY_OUT(labeled_extract(SUITE_HPKE, slice_of(shared, HPKE_SHARED_SIZE), "secret", SLICE_EMPTY, secret, error));
    TRY_OUT(labeled_expand(SUITE_HPKE, secret, "key", bound, out->key, sizeof out->key, error));
    status = labeled_expand(SUITE_HPKE, secret, "base_nonce", bound, out->nonce, sizeof out->nonce, error);
out:
    secret_wipe(secret, sizeof secret);
    return status;
}

static rfd_status schedule_from(const uint8_t agreed[HPKE_SHARED_SIZE], slice encapsulated, slice recipient, slice info,
                                struct schedule *out, struct rfd_error *error)
{
    uint8_t shared[HPKE_SHARED_SIZE];
    rfd_status status = derive_shared(agreed, encapsulated, recipient, shared, error);
    if (status == RFD_OK) status = make_schedule(shared, info, out, error);
    secret_wipe(shared, sizeof shared);
    return status;
}

/* ---- AES-256-GCM: `encrypt` appends the tag, the other way round it is checked ---- */

static bool cipher(const struct schedule *s, bool encrypt, slice additional, slice in, uint8_t *out, uint8_t *tag)
{
    int length = 0;
    uint8_t nothing[1];
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c != NULL && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, s->key, s->nonce, encrypt ? 1 : 0) == 1;
    if (good && additional.length > 0)
        good = EVP_CipherUpdate(c, NULL, &length, additional.data, (int)additional.length) == 1;
    if (good && in.length > 0) good = EVP_CipherUpdate(c, out, &length, in.data, (int)in.length) == 1;
    if (good && !encrypt) good = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, HPKE_TAG_SIZE, tag) == 1;
    if (good) good = EVP_CipherFinal_ex(c, nothing, &length) == 1;
    if (good && encrypt) good = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, HPKE_TAG_SIZE, tag) == 1;
    EVP_CIPHER_CTX_free(c);
    return good;
}

static bool is_cipherable(slice a, slice b)
{
    return a.length < INT32_MAX && b.length < INT32_MAX;
}

static rfd_status decrypt(const struct schedule *s, const struct hpke_message *m, struct buf *plain,
                          struct rfd_error *error)
{
    uint8_t tag[HPKE_TAG_SIZE];
    size_t length = m->sealed.length - HPKE_TAG_SIZE;
    uint8_t *to = buf_reserve(plain, length + 1);
    if (to == NULL) return buf_check(plain, "plaintext", error);
    memcpy(tag, m->sealed.data + length, sizeof tag);
    if (!cipher(s, false, m->additional, slice_part(m->sealed, 0, length), to, tag)) {
        secret_wipe(to, length);
        return failed(RFD_E_ARGUMENT, "altered, or not for this key and use", error);
    }
    plain->length += length;
    return RFD_OK;
}

rfd_status hpke_open(hpke_agree *agree, void *context, slice own, const struct hpke_message *message, struct buf *plain,
                     struct rfd_error *error)
{
    uint8_t agreed[HPKE_SHARED_SIZE];
    struct schedule s;
    rfd_status status;
    if (!is_point(own) || !is_point(message->encapsulated) || message->sealed.length < HPKE_TAG_SIZE ||
        !is_cipherable(message->sealed, message->additional))
        return failed(RFD_E_ARGUMENT, "fields of impossible sizes", error);
    TRY_OUT(agree(context, message->encapsulated, agreed, error));
    TRY_OUT(schedule_from(agreed, message->encapsulated, own, message->info, &s, error));
    status = decrypt(&s, message, plain, error);
out:
    secret_wipe(agreed, sizeof agreed);
    secret_wipe(&s, sizeof s);
    return status;
}

static rfd_status encapsulate(slice recipient, uint8_t encapsulated[HPKE_POINT_SIZE], uint8_t agreed[HPKE_SHARED_SIZE],
                              struct rfd_error *error)
{
    size_t length = 0;
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    rfd_status status = RFD_OK;
    if (own == NULL ||
        EVP_PKEY_get_octet_string_param(own, OSSL_PKEY_PARAM_PUB_KEY, encapsulated, HPKE_POINT_SIZE, &length) != 1 ||
        length != HPKE_POINT_SIZE)
        status = failed(RFD_E_INTERNAL, "no key could be made", error);
    if (status == RFD_OK) status = hpke_agree_with(own, recipient, agreed, error);
    EVP_PKEY_free(own);
    return status;
}

rfd_status hpke_seal(slice recipient, slice info, slice additional, slice plain, uint8_t encapsulated[HPKE_POINT_SIZE],
                     struct buf *sealed, struct rfd_error *error)
{
    uint8_t agreed[HPKE_SHARED_SIZE];
    struct schedule s;
    rfd_status status;
    if (!is_point(recipient) || !is_cipherable(plain, additional))
        return failed(RFD_E_ARGUMENT, "fields of impossible sizes", error);
    TRY_OUT(encapsulate(recipient, encapsulated, agreed, error));
    TRY_OUT(schedule_from(agreed, slice_of(encapsulated, HPKE_POINT_SIZE), recipient, info, &s, error));
    uint8_t *to = buf_reserve(sealed, plain.length + HPKE_TAG_SIZE);
    if (to == NULL)
        status = buf_check(sealed, "ciphertext", error);
    else if (!cipher(&s, true, additional, plain, to, to + plain.length))
        status = failed(RFD_E_INTERNAL, "encryption", error);
    else
        sealed->length += plain.length + HPKE_TAG_SIZE;
out:
    secret_wipe(agreed, sizeof agreed);
    secret_wipe(&s, sizeof s);
    return status;
}
