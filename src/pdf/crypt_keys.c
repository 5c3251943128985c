/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/crypt_keys.h"

#include "base/error.h"
#include "base/secret.h"
#include "pdf/rc4.h"

#include <openssl/evp.h>

enum { MD5_SIZE = 16, PASSWORD_SIZE = 32, ROUNDS = 50, PASSES = 20 };

/** §7.6.4.3.2: completes a password to 32 bytes. */
static const uint8_t padding[PASSWORD_SIZE] = {0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E,
                                               0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68,
                                               0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A};

struct digest {
    EVP_MD *md5;
    EVP_MD_CTX *context;
};

static void digest_dispose(struct digest *d)
{
    EVP_MD_CTX_free(d->context);
    EVP_MD_free(d->md5);
}

static rfd_status digest_init(struct digest *d, struct rfd_error *error)
{
    *d = (struct digest){EVP_MD_fetch(NULL, "MD5", NULL), EVP_MD_CTX_new()};
    if (d->md5 != NULL && d->context != NULL) return RFD_OK;
    digest_dispose(d);
    return error_set(error, RFD_E_PDF_ENCRYPTION, "MD5 is not available here, which this document's encryption needs");
}

static rfd_status digest_of(struct digest *d, const slice *parts, size_t count, uint8_t out[MD5_SIZE],
                            struct rfd_error *error)
{
    bool good = EVP_DigestInit_ex2(d->context, d->md5, NULL) == 1;
    for (size_t i = 0; i < count && good; i++) good = EVP_DigestUpdate(d->context, parts[i].data, parts[i].length) == 1;
    if (good && EVP_DigestFinal_ex(d->context, out, NULL) == 1) return RFD_OK;
    return error_set(error, RFD_E_INTERNAL, "MD5 failed");
}

/** Hashes `length` bytes of `hash` into itself ROUNDS times. */
static rfd_status digest_again(struct digest *d, uint8_t hash[MD5_SIZE], size_t length, struct rfd_error *error)
{
    for (int i = 0; i < ROUNDS; i++) {
        slice part = slice_of(hash, length);
        TRY(digest_of(d, &part, 1, hash, error));
    }
    return RFD_OK;
}

static void pad_password(slice password, uint8_t out[PASSWORD_SIZE])
{
    size_t length = password.length < PASSWORD_SIZE ? password.length : PASSWORD_SIZE;
    if (length > 0) memcpy(out, password.data, length);
    memcpy(out + length, padding, PASSWORD_SIZE - length);
}

/** RC4 in place with each byte of the key XORed with `mask`. */
static void rc4_masked(slice key, uint8_t mask, uint8_t *data, size_t length)
{
    uint8_t masked[MD5_SIZE];
    struct rc4 r;
    for (size_t i = 0; i < key.length; i++) masked[i] = key.data[i] ^ mask;
    rc4_start(&r, slice_of(masked, key.length));
    rc4_apply(&r, slice_of(data, length), data);
    secret_wipe(masked, sizeof masked);
    secret_wipe(&r, sizeof r);
}

/** Algorithm 2: the file encryption key of a padded user password. */
static rfd_status file_key(struct digest *d, const struct crypt_parameters *p, const uint8_t padded[PASSWORD_SIZE],
                           uint8_t key[MD5_SIZE], struct rfd_error *error)
{
    const uint8_t permissions[4] = {(uint8_t)p->permissions, (uint8_t)(p->permissions >> 8),
                                    (uint8_t)(p->permissions >> 16), (uint8_t)(p->permissions >> 24)};
    const slice parts[] = {slice_of(padded, PASSWORD_SIZE), slice_part(p->owner, 0, PASSWORD_SIZE),
                           slice_of(permissions, sizeof permissions), p->id, SLICE("\xFF\xFF\xFF\xFF")};
    size_t count = sizeof parts / sizeof *parts;
    TRY(digest_of(d, parts, p->revision >= 4 && !p->metadata ? count : count - 1, key, error));
    return p->revision >= 3 ? digest_again(d, key, p->key_length, error) : RFD_OK;
}

/** Algorithms 4 and 5: the /U that `key` gives; returns how many of its bytes count. */
static rfd_status user_entry(struct digest *d, const struct crypt_parameters *p, slice key, uint8_t out[PASSWORD_SIZE],
                             size_t *significant, struct rfd_error *error)
{
    if (p->revision == 2) {
        memcpy(out, padding, PASSWORD_SIZE);
        rc4_masked(key, 0, out, PASSWORD_SIZE);
        *significant = PASSWORD_SIZE;
        return RFD_OK;
    }
    const slice parts[] = {slice_of(padding, PASSWORD_SIZE), p->id};
    TRY(digest_of(d, parts, 2, out, error));
    for (uint8_t pass = 0; pass < PASSES; pass++) rc4_masked(key, pass, out, MD5_SIZE);
    *significant = MD5_SIZE;
    return RFD_OK;
}

/** Algorithm 6: whether a padded user password opens the document; its key then. */
static rfd_status try_user(struct digest *d, const struct crypt_parameters *p, const uint8_t padded[PASSWORD_SIZE],
                           uint8_t key[MD5_SIZE], bool *opens, struct rfd_error *error)
{
    uint8_t expected[PASSWORD_SIZE];
    size_t significant = 0;
    TRY(file_key(d, p, padded, key, error));
    TRY(user_entry(d, p, slice_of(key, p->key_length), expected, &significant, error));
    *opens = secret_equal(slice_of(expected, significant), slice_part(p->user, 0, significant));
    return RFD_OK;
}

/** Algorithm 7: the padded user password that an owner password uncovers in /O. */
static rfd_status uncover_user(struct digest *d, const struct crypt_parameters *p, const uint8_t owner[PASSWORD_SIZE],
                               uint8_t padded[PASSWORD_SIZE], struct rfd_error *error)
{
    uint8_t hash[MD5_SIZE];
    slice part = slice_of(owner, PASSWORD_SIZE);
    TRY(digest_of(d, &part, 1, hash, error));
    if (p->revision >= 3) TRY(digest_again(d, hash, MD5_SIZE, error));
    memcpy(padded, p->owner.data, PASSWORD_SIZE);
    for (int pass = p->revision == 2 ? 0 : PASSES - 1; pass >= 0; pass--)
        rc4_masked(slice_of(hash, p->key_length), (uint8_t)pass, padded, PASSWORD_SIZE);
    secret_wipe(hash, sizeof hash);
    return RFD_OK;
}

rfd_status crypt_keys_legacy(const struct crypt_parameters *p, slice password, struct crypt_key *out,
                             struct rfd_error *error)
{
    struct digest d;
    uint8_t given[PASSWORD_SIZE];
    uint8_t user[PASSWORD_SIZE];
    uint8_t key[MD5_SIZE];
    bool opens = false;
    bool owner = false;
    TRY(digest_init(&d, error));
    rfd_status status = RFD_OK;
    pad_password(password, given);
    TRY_OUT(try_user(&d, p, given, key, &opens, error));
    if (!opens) {
        owner = true;
        TRY_OUT(uncover_user(&d, p, given, user, error));
        TRY_OUT(try_user(&d, p, user, key, &opens, error));
    }
    if (!opens) {
        status = error_set(error, RFD_E_PDF_PASSWORD, "neither user nor owner password (ISO 32000-2 §7.6.4.4)");
        goto out;
    }
    memcpy(out->bytes, key, p->key_length);
    out->owner = owner;
out:
    digest_dispose(&d);
    secret_wipe(given, sizeof given);
    secret_wipe(user, sizeof user);
    secret_wipe(key, sizeof key);
    return status;
}
