/* SPDX-License-Identifier: EUPL-1.2
 *
 * A table of parts for each kind of key: OpenSSL's names of its numbers and the octets that each takes, one after the
 * other. Numbers are little-endian, as OSSL_PARAM has them on the machines that this runs on.
 */
#include "keeper/key_material.h"

#include "base/error.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "key files hold little-endian numbers");

struct part {
    const char *name;
    bool octets; /* not a number */
    size_t size;
};
enum { PARTS_MAXIMUM = 8 };

#define RSA_PARTS(octets)                                                                                              \
    {                                                                                                                  \
        {OSSL_PKEY_PARAM_RSA_N, false, octets}, {OSSL_PKEY_PARAM_RSA_E, false, 4},                                     \
            {OSSL_PKEY_PARAM_RSA_D, false, octets}, {OSSL_PKEY_PARAM_RSA_FACTOR1, false, (octets) / 2},                \
            {OSSL_PKEY_PARAM_RSA_FACTOR2, false, (octets) / 2}, {OSSL_PKEY_PARAM_RSA_EXPONENT1, false, (octets) / 2},  \
            {OSSL_PKEY_PARAM_RSA_EXPONENT2, false, (octets) / 2},                                                      \
            {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, false, (octets) / 2},                                                   \
    }
#define EC_PARTS(octets)                                                                                               \
    {                                                                                                                  \
        {OSSL_PKEY_PARAM_PUB_KEY, true, 1 + 2 * (octets)},                                                             \
        {                                                                                                              \
            OSSL_PKEY_PARAM_PRIV_KEY, false, octets                                                                    \
        }                                                                                                              \
    }

static const struct kind {
    const char *name;
    const char *type;  /* OpenSSL's; NULL: chance octets, which OpenSSL takes as the key of a MAC */
    const char *group; /* of elliptic curves */
    unsigned bits;     /* of RSA */
    struct part parts[PARTS_MAXIMUM];
} kinds[KEY_ALGORITHM_COUNT] = {
    [KEY_ALGORITHM_P256] = {"P-256", "EC", "P-256", 0, EC_PARTS(32)},
    [KEY_ALGORITHM_P384] = {"P-384", "EC", "P-384", 0, EC_PARTS(48)},
    [KEY_ALGORITHM_RSA_2048] = {"RSA-2048", "RSA", NULL, 2048, RSA_PARTS(256)},
    [KEY_ALGORITHM_RSA_3072] = {"RSA-3072", "RSA", NULL, 3072, RSA_PARTS(384)},
    [KEY_ALGORITHM_RSA_4096] = {"RSA-4096", "RSA", NULL, 4096, RSA_PARTS(512)},
    [KEY_ALGORITHM_ED25519] =
        {"Ed25519", "ED25519", NULL, 0, {{OSSL_PKEY_PARAM_PUB_KEY, true, 32}, {OSSL_PKEY_PARAM_PRIV_KEY, true, 32}}},
    [KEY_ALGORITHM_AES_256] = {"AES-256", NULL, NULL, 0, {{OSSL_PKEY_PARAM_PRIV_KEY, true, 32}}},
};

static const struct kind *kind_of(enum key_algorithm algorithm)
{
    return algorithm > KEY_ALGORITHM_NONE && algorithm < KEY_ALGORITHM_COUNT ? &kinds[algorithm] : NULL;
}

const char *key_algorithm_name(enum key_algorithm algorithm)
{
    const struct kind *k = kind_of(algorithm);
    return k == NULL ? "" : k->name;
}

enum key_algorithm key_algorithm_from_name(slice name)
{
    for (enum key_algorithm a = KEY_ALGORITHM_P256; a < KEY_ALGORITHM_COUNT; a++) {
        if (slice_is(name, kinds[a].name)) return a;
    }
    return KEY_ALGORITHM_NONE;
}

size_t key_material_size(enum key_algorithm algorithm)
{
    const struct kind *k = kind_of(algorithm);
    size_t size = 0;
    for (size_t i = 0; k != NULL && i < PARTS_MAXIMUM; i++) size += k->parts[i].size;
    return size;
}

static rfd_status failed(rfd_status code, const char *what, struct rfd_error *error)
{
    ERR_clear_error();
    return error_set(error, code, "%s", what);
}

static EVP_PKEY *octets_key(const uint8_t *octets, size_t size)
{
    return EVP_PKEY_new_raw_private_key_ex(NULL, "HMAC", NULL, octets, size);
}

static EVP_PKEY *random_key(const struct kind *k)
{
    uint8_t octets[64];
    size_t size = k->parts[0].size;
    EVP_PKEY *key = RAND_priv_bytes(octets, (int)size) == 1 ? octets_key(octets, size) : NULL;
    OPENSSL_cleanse(octets, sizeof octets);
    return key;
}

rfd_status key_material_generate(enum key_algorithm algorithm, struct evp_pkey_st **out, struct rfd_error *error)
{
    const struct kind *k = kind_of(algorithm);
    EVP_PKEY *key = NULL;
    if (k == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "algorithm %d", (int)algorithm);
    if (k->type == NULL)
        key = random_key(k);
    else if (k->bits != 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, k->type, (size_t)k->bits);
    else if (k->group != NULL)
        key = EVP_PKEY_Q_keygen(NULL, NULL, k->type, k->group);
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, k->type);
    if (key == NULL) return failed(RFD_E_INTERNAL, "no key could be made", error);
    *out = key;
    return RFD_OK;
}

/** The parts as parameters over `memory`; `parameters` has room for the group and the end, too. */
static size_t lay_out(const struct kind *k, uint8_t *memory, OSSL_PARAM *parameters)
{
    size_t count = 0;
    for (; count < PARTS_MAXIMUM && k->parts[count].name != NULL; count++) {
        const struct part *p = &k->parts[count];
        parameters[count] = p->octets ? OSSL_PARAM_construct_octet_string(p->name, memory, p->size)
                                      : OSSL_PARAM_construct_BN(p->name, memory, p->size);
        memory += p->size;
    }
    parameters[count] = OSSL_PARAM_construct_end();
    return count;
}

/** Every octet string has the size that it must; numbers are padded. */
static bool is_filled(const OSSL_PARAM *parameters)
{
    for (; parameters->key != NULL; parameters++) {
        if (OSSL_PARAM_modified(parameters) != 1) return false;
        if (parameters->data_type == OSSL_PARAM_OCTET_STRING && parameters->return_size != parameters->data_size)
            return false;
    }
    return true;
}

rfd_status key_material_export(struct evp_pkey_st *key, enum key_algorithm algorithm, uint8_t *to,
                               struct rfd_error *error)
{
    const struct kind *k = kind_of(algorithm);
    OSSL_PARAM parameters[PARTS_MAXIMUM + 2];
    if (k == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "algorithm %d", (int)algorithm);
    if (k->type == NULL) {
        size_t size = k->parts[0].size;
        if (EVP_PKEY_get_raw_private_key(key, to, &size) == 1 && size == k->parts[0].size) return RFD_OK;
        return failed(RFD_E_INTERNAL, "the key does not give its octets", error);
    }
    (void)lay_out(k, to, parameters);
    if (EVP_PKEY_get_params(key, parameters) == 1 && is_filled(parameters)) return RFD_OK;
    return failed(RFD_E_INTERNAL, "the key does not give its numbers", error);
}

rfd_status key_material_import(enum key_algorithm algorithm, uint8_t *from, struct evp_pkey_st **out,
                               struct rfd_error *error)
{
    const struct kind *k = kind_of(algorithm);
    OSSL_PARAM parameters[PARTS_MAXIMUM + 2];
    EVP_PKEY *key = NULL;
    if (k == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "algorithm %d", (int)algorithm);
    if (k->type == NULL) {
        *out = octets_key(from, k->parts[0].size);
        return *out != NULL ? RFD_OK : failed(RFD_E_KEYSTORE_DAMAGED, "the key's octets are none", error);
    }
    size_t count = lay_out(k, from, parameters);
    if (k->group != NULL) {
        parameters[count] =
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)k->group, 0);
        parameters[count + 1] = OSSL_PARAM_construct_end();
    }
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, k->type, NULL);
    bool good = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
                EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1;
    EVP_PKEY_CTX_free(context);
    if (!good) return failed(RFD_E_KEYSTORE_DAMAGED, "the key's numbers are none", error);
    *out = key;
    return RFD_OK;
}

rfd_status key_material_put_public(struct evp_pkey_st *key, struct buf *out, struct rfd_error *error)
{
    uint8_t *der = NULL;
    if (EVP_PKEY_is_a(key, "HMAC") == 1) return RFD_OK;
    int length = i2d_PUBKEY(key, &der);
    if (length <= 0) return failed(RFD_E_INTERNAL, "the key has no public part", error);
    buf_put(out, der, (size_t)length);
    OPENSSL_free(der);
    return buf_check(out, "public key", error);
}

enum key_algorithm key_material_algorithm(const struct evp_pkey_st *key)
{
    static const struct {
        int bits;
        enum key_algorithm algorithm;
    } sizes[] = {{2048, KEY_ALGORITHM_RSA_2048}, {3072, KEY_ALGORITHM_RSA_3072}, {4096, KEY_ALGORITHM_RSA_4096}};
    char group[32] = "";
    if (EVP_PKEY_is_a(key, "ED25519")) return KEY_ALGORITHM_ED25519;
    for (size_t i = 0; EVP_PKEY_is_a(key, "RSA") && i < sizeof sizes / sizeof *sizes; i++) {
        if (EVP_PKEY_get_bits(key) == sizes[i].bits) return sizes[i].algorithm;
    }
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
        return KEY_ALGORITHM_NONE;
    if (strcmp(group, "prime256v1") == 0) return KEY_ALGORITHM_P256;
    return strcmp(group, "secp384r1") == 0 ? KEY_ALGORITHM_P384 : KEY_ALGORITHM_NONE;
}
