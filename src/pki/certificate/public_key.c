/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/certificate/public_key.h"

#include "base/error.h"
#include "pki/oid.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <pthread.h>

enum { RSA_BYTES_MAXIMUM = 2048, CURVES_USED = 3 };

static const struct {
    enum oid_name oid;
    enum key_type type;
    int bits; /* 0: depends on the key */
} algorithms[] = {
    {OID_RSA, KEY_RSA, 0},           {OID_RSA_PSS, KEY_RSA_PSS, 0}, {OID_EC_PUBLIC_KEY, KEY_EC, 0},
    {OID_ED25519, KEY_ED25519, 256}, {OID_ED448, KEY_ED448, 456},
};

static const struct {
    enum oid_name oid;
    int bits;
    const char *name; /* NULL: known, but not used; the used ones come first */
} curves[] = {
    {OID_P256, 256, "P-256"},
    {OID_P384, 384, "P-384"},
    {OID_P521, 521, "P-521"},
    {OID_P192, 192, NULL},
    {OID_P224, 224, NULL},
    {OID_SECP256K1, 256, NULL},
    {OID_BRAINPOOL_P256R1, 256, NULL},
    {OID_BRAINPOOL_P384R1, 384, NULL},
    {OID_BRAINPOOL_P512R1, 512, NULL},
};

/* RSAPublicKey ::= SEQUENCE { modulus, publicExponent } (RFC 8017 §A.1.1), without sign octets. */
static bool read_rsa(slice bits, slice *modulus, slice *exponent)
{
    slice content;
    if (!der_take_optional(&bits, DER_SEQUENCE, &content) || bits.length != 0) return false;
    if (!der_take_optional(&content, DER_INTEGER, modulus) || !der_take_optional(&content, DER_INTEGER, exponent))
        return false;
    slice *both[] = {modulus, exponent};
    for (size_t i = 0; i < 2; i++) {
        if (both[i]->length == 0 || both[i]->data[0] >= 0x80) return false;
        if (both[i]->data[0] == 0) *both[i] = slice_from(*both[i], 1);
        if (both[i]->length == 0 || both[i]->data[0] == 0) return false;
    }
    return content.length == 0;
}

static int bit_length(slice number)
{
    int top = 0;
    while (number.data[0] >> top != 0) top++;
    return (int)(number.length - 1) * 8 + top;
}

static void describe_curve(struct certificate *c, slice parameters)
{
    slice id;
    if (!der_take_optional(&parameters, DER_OID, &id)) return;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (!slice_equal(id, oid(curves[i].oid))) continue;
        c->key_bits_size = curves[i].bits;
        c->curve = curves[i].name;
    }
}

rfd_status public_key_describe(struct certificate *c, struct rfd_error *error)
{
    slice content;
    slice algorithm;
    slice bits;
    slice id;
    TRY(der_only(c->spki, DER_SEQUENCE, &content, "public key", error));
    TRY(der_take(&content, DER_SEQUENCE, &algorithm, "public key algorithm", error));
    TRY(der_take(&algorithm, DER_OID, &id, "public key algorithm", error));
    TRY(der_take(&content, DER_BIT_STRING, &bits, "public key", error));
    TRY(der_end_of(content, "public key", error));
    if (bits.length < 2 || bits.data[0] != 0) return error_set(error, RFD_E_DER, "public key: malformed bits");
    c->key_bits = slice_from(bits, 1);
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (!slice_equal(id, oid(algorithms[i].oid))) continue;
        c->key_type = algorithms[i].type;
        c->key_bits_size = algorithms[i].bits;
    }
    if (c->key_type == KEY_EC) describe_curve(c, algorithm);
    if (c->key_type == KEY_RSA || c->key_type == KEY_RSA_PSS) {
        slice modulus;
        slice exponent;
        if (!read_rsa(c->key_bits, &modulus, &exponent) || modulus.length > RSA_BYTES_MAXIMUM) {
            return error_set(error, RFD_E_DER, "public key: malformed RSA key (RFC 8017 §A.1.1)");
        }
        c->key_bits_size = bit_length(modulus);
    }
    return RFD_OK;
}

static EVP_PKEY *import(const char *type, int selection, OSSL_PARAM *parameters)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (context == NULL) return NULL;
    if (EVP_PKEY_fromdata_init(context) != 1 || EVP_PKEY_fromdata(context, &key, selection, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

/* OSSL_PARAM numbers are in the machine's byte order. */
static void to_native(slice big_endian, uint8_t *to)
{
    const uint16_t probe = 1;
    bool little = *(const uint8_t *)&probe == 1;
    for (size_t i = 0; i < big_endian.length; i++) {
        to[i] = big_endian.data[little ? big_endian.length - 1 - i : i];
    }
}

static EVP_PKEY *make_rsa(const struct certificate *c)
{
    uint8_t numbers[2][RSA_BYTES_MAXIMUM];
    slice modulus;
    slice exponent;
    if (!read_rsa(c->key_bits, &modulus, &exponent)) return NULL;
    if (modulus.length > RSA_BYTES_MAXIMUM || exponent.length > RSA_BYTES_MAXIMUM) return NULL;
    to_native(modulus, numbers[0]);
    to_native(exponent, numbers[1]);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, numbers[0], modulus.length),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, numbers[1], exponent.length),
        OSSL_PARAM_construct_end(),
    };
    return import("RSA", EVP_PKEY_PUBLIC_KEY, parameters);
}

/* Keys with a curve and no point, made once: a copy with a point set costs a quarter of an import by name, which builds
 * the curve anew. OpenSSL checks that the point lies on the curve. */
static EVP_PKEY *curve_templates[CURVES_USED];
static pthread_once_t curve_templates_once = PTHREAD_ONCE_INIT;

static EVP_PKEY *make_curve(size_t i)
{
    char group[8];
    memcpy(group, curves[i].name, strlen(curves[i].name) + 1);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_end(),
    };
    return import("EC", EVP_PKEY_KEY_PARAMETERS, parameters);
}

static void make_curve_templates(void)
{
    for (size_t i = 0; i < CURVES_USED; i++) curve_templates[i] = make_curve(i);
}

static EVP_PKEY *make_ec(const struct certificate *c)
{
    size_t i = 0;
    (void)pthread_once(&curve_templates_once, make_curve_templates);
    while (i < CURVES_USED && curves[i].name != c->curve) i++;
    /* Shorter than a compressed point: infinity (RFC 5480 §2.2 knows points only). */
    if (i == CURVES_USED || c->key_bits.length < 33) return NULL;
    /* A template that could not be made for want of memory must not cost the process its curve for ever. */
    EVP_PKEY *key = curve_templates[i] == NULL ? make_curve(i) : EVP_PKEY_dup(curve_templates[i]);
    if (key != NULL && EVP_PKEY_set1_encoded_public_key(key, c->key_bits.data, c->key_bits.length) == 1) return key;
    EVP_PKEY_free(key);
    return NULL;
}

struct evp_pkey_st *public_key_make(const struct certificate *c)
{
    if (c->key_type == KEY_RSA) return make_rsa(c);
    if (c->key_type == KEY_EC && c->curve != NULL) return make_ec(c);
    if (c->key_type == KEY_ED25519) {
        return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, c->key_bits.data, c->key_bits.length);
    }
    const uint8_t *at = c->spki.data;
    return d2i_PUBKEY_ex(NULL, &at, (long)c->spki.length, NULL, NULL);
}
