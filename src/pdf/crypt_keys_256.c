/* SPDX-License-Identifier: EUPL-1.2
 *
 * /U and /O of revisions 5 and 6 are 32 bytes of hash, 8 bytes of validation salt and 8 bytes of key salt. The owner's
 * hashes also take the whole /U.
 */
#include "pdf/crypt_keys.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"

#include <openssl/evp.h>

enum {
    HASH_SIZE = 32,
    SALT_SIZE = 8,
    ENTRY_SIZE = 48,
    BLOCK = 16,
    PASSWORD_MAXIMUM = 127,
    HASH_MAXIMUM = 64, /* SHA-512 */
    REPEATS = 64,
    ROUNDS_MINIMUM = 64,
    ROUND_SLACK = 32,
    INPUT_MAXIMUM = REPEATS * (PASSWORD_MAXIMUM + HASH_MAXIMUM + ENTRY_SIZE)
};

/** The algorithms that the hash of revision 6 alternates between, and room for its input. */
struct hasher {
    EVP_MD *sha[3];
    EVP_CIPHER *aes;
    EVP_MD_CTX *digest;
    EVP_CIPHER_CTX *cipher;
    uint8_t input[INPUT_MAXIMUM];
};

static void hasher_free(struct hasher *h)
{
    if (h == NULL) return;
    for (size_t i = 0; i < 3; i++) EVP_MD_free(h->sha[i]);
    EVP_CIPHER_free(h->aes);
    EVP_MD_CTX_free(h->digest);
    EVP_CIPHER_CTX_free(h->cipher);
    secret_wipe(h, sizeof *h);
    memory_free(h);
}

static rfd_status hasher_new(struct hasher **out, struct rfd_error *error)
{
    static const char *const names[] = {"SHA2-256", "SHA2-384", "SHA2-512"};
    struct hasher *h = memory_zeroed(1, sizeof *h);
    if (h == NULL) return error_memory(error);
    bool good = true;
    for (size_t i = 0; i < 3; i++) good &= (h->sha[i] = EVP_MD_fetch(NULL, names[i], NULL)) != NULL;
    h->aes = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    h->digest = EVP_MD_CTX_new();
    h->cipher = EVP_CIPHER_CTX_new();
    if (good && h->aes != NULL && h->digest != NULL && h->cipher != NULL) {
        *out = h;
        return RFD_OK;
    }
    hasher_free(h);
    return error_memory(error);
}

static rfd_status failed(struct rfd_error *error)
{
    return error_set(error, RFD_E_INTERNAL, "OpenSSL refused a step of ISO 32000-2 algorithm 2.A or 2.B");
}

/** Encrypts h->input in place, as step b of algorithm 2.B says. */
static bool encrypt_input(struct hasher *h, const uint8_t *hash, size_t length)
{
    int written = 0;
    return EVP_EncryptInit_ex2(h->cipher, h->aes, hash, hash + BLOCK, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(h->cipher, 0) == 1 &&
           EVP_EncryptUpdate(h->cipher, h->input, &written, h->input, (int)length) == 1 && (size_t)written == length;
}

static size_t repeat_input(struct hasher *h, slice password, slice hash, slice entry)
{
    const slice parts[] = {password, hash, entry};
    size_t unit = 0;
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].length > 0) memcpy(h->input + unit, parts[i].data, parts[i].length);
        unit += parts[i].length;
    }
    for (size_t i = 1; i < REPEATS; i++) memcpy(h->input + i * unit, h->input, unit);
    return REPEATS * unit;
}

/** Algorithm 2.B, steps a to f, on the first SHA-256 in `hash`. At most 287 rounds: the last byte is at most 255. */
static bool harden(struct hasher *h, slice password, slice entry, uint8_t hash[HASH_MAXIMUM])
{
    size_t hash_length = HASH_SIZE;
    for (unsigned round = 1;; round++) {
        size_t length = repeat_input(h, password, slice_of(hash, hash_length), entry);
        if (!encrypt_input(h, hash, length)) return false;
        unsigned sum = 0; /* 256 is 1 modulo 3: the number's remainder is that of its digits' sum */
        for (size_t i = 0; i < BLOCK; i++) sum += h->input[i];
        unsigned last = h->input[length - 1];
        unsigned int written = 0;
        if (EVP_Digest(h->input, length, hash, &written, h->sha[sum % 3], NULL) != 1) return false;
        hash_length = written;
        if (round >= ROUNDS_MINIMUM && last + ROUND_SLACK <= round) return true;
    }
}

/** The 32-byte hash of a password with a salt and, for the owner, the whole /U. */
static rfd_status hash_password(struct hasher *h, int revision, slice password, slice salt, slice entry,
                                uint8_t out[HASH_SIZE], struct rfd_error *error)
{
    uint8_t hash[HASH_MAXIMUM];
    bool good = EVP_DigestInit_ex2(h->digest, h->sha[0], NULL) == 1 &&
                EVP_DigestUpdate(h->digest, password.data, password.length) == 1 &&
                EVP_DigestUpdate(h->digest, salt.data, salt.length) == 1 &&
                EVP_DigestUpdate(h->digest, entry.data, entry.length) == 1 &&
                EVP_DigestFinal_ex(h->digest, hash, NULL) == 1;
    if (good && revision == 6) good = harden(h, password, entry, hash);
    if (good) memcpy(out, hash, HASH_SIZE);
    secret_wipe(hash, sizeof hash);
    return good ? RFD_OK : failed(error);
}

/** AES-256 without padding over whole blocks: CBC with a zero vector for keys, ECB for /Perms. */
static rfd_status unwrap(const char *algorithm, const uint8_t key[HASH_SIZE], slice in, uint8_t *out,
                         struct rfd_error *error)
{
    static const uint8_t zero[BLOCK];
    int written = 0;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, algorithm, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool good = cipher != NULL && context != NULL && EVP_DecryptInit_ex2(context, cipher, key, zero, NULL) == 1 &&
                EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                EVP_DecryptUpdate(context, out, &written, in.data, (int)in.length) == 1 && (size_t)written == in.length;
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return good ? RFD_OK : failed(error);
}

/** Tries the password against one of /U and /O; on success `key` is the file encryption key from /UE or /OE. */
static rfd_status try_entry(struct hasher *h, int revision, slice password, slice entry, slice wrapped, slice extra,
                            uint8_t key[HASH_SIZE], bool *opens, struct rfd_error *error)
{
    uint8_t hash[HASH_SIZE];
    slice validation = slice_part(entry, HASH_SIZE, SALT_SIZE);
    slice key_salt = slice_part(entry, HASH_SIZE + SALT_SIZE, SALT_SIZE);
    TRY(hash_password(h, revision, password, validation, extra, hash, error));
    *opens = secret_equal(slice_of(hash, HASH_SIZE), slice_part(entry, 0, HASH_SIZE));
    if (!*opens) return RFD_OK;
    if (wrapped.length != HASH_SIZE)
        return error_set(error, RFD_E_PDF_ENCRYPTION, "/OE or /UE has %zu bytes, not 32 (ISO 32000-2 table 21)",
                         wrapped.length);
    TRY(hash_password(h, revision, password, key_salt, extra, hash, error));
    rfd_status status = unwrap("AES-256-CBC", hash, wrapped, key, error);
    secret_wipe(hash, sizeof hash);
    return status;
}

/** Algorithm 13: /Perms, opened with the key, repeats /P; a key that cannot open it is not the document's. */
static rfd_status check_permissions(const struct crypt_parameters *p, const uint8_t key[HASH_SIZE],
                                    struct rfd_error *error)
{
    uint8_t plain[BLOCK];
    if (p->permissions_sealed.length != BLOCK)
        return error_set(error, RFD_E_PDF_ENCRYPTION, "/Perms has %zu bytes, not 16", p->permissions_sealed.length);
    TRY(unwrap("AES-256-ECB", key, p->permissions_sealed, plain, error));
    if (!slice_is(slice_of(plain + 9, 3), "adb"))
        return error_set(error, RFD_E_PDF_ENCRYPTION, "/Perms does not open with the key (ISO 32000-2 algorithm 13)");
    uint32_t sealed = (uint32_t)plain[3] << 24 | (uint32_t)plain[2] << 16 | (uint32_t)plain[1] << 8 | plain[0];
    if (sealed != p->permissions)
        return error_set(error, RFD_E_PDF_ENCRYPTION, "/P was changed: it is not what /Perms seals");
    return RFD_OK;
}

rfd_status crypt_keys_256(const struct crypt_parameters *p, slice password, struct crypt_key *out,
                          struct rfd_error *error)
{
    struct hasher *h = NULL;
    uint8_t key[HASH_SIZE];
    bool opens = false;
    bool owner = false;
    password = slice_part(password, 0, PASSWORD_MAXIMUM);
    TRY(hasher_new(&h, error));
    rfd_status status = RFD_OK;
    TRY_OUT(try_entry(h, p->revision, password, p->user, p->user_key, SLICE_EMPTY, key, &opens, error));
    if (!opens) {
        owner = true;
        TRY_OUT(try_entry(h, p->revision, password, p->owner, p->owner_key, p->user, key, &opens, error));
    }
    if (!opens) {
        status = error_set(error, RFD_E_PDF_PASSWORD, "neither user nor owner password (ISO 32000-2 §7.6.4.4)");
        goto out;
    }
    TRY_OUT(check_permissions(p, key, error));
    memcpy(out->bytes, key, sizeof key);
    out->owner = owner;
out:
    secret_wipe(key, sizeof key);
    hasher_free(h);
    return status;
}
