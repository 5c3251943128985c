/* SPDX-License-Identifier: EUPL-1.2
 *
 * PKCS#12 (RFC 7292) by OpenSSL's functions for its parts. Files of many makers and ages are met, hence:
 *  - old algorithms (RC2, 3DES with 40-bit keys...) come from OpenSSL's legacy provider, loaded only when needed and
 *    into a library context of its own, so that nothing else in the process can use them;
 *  - a password beyond ASCII has been encoded in different ways, which are tried one after the other;
 *  - an empty password may have been taken as "no password".
 * The key and the certificate that belong together are found by comparing public keys, and by localKeyID when a key has
 * several certificates.
 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

enum { FILE_MAXIMUM = 1 << 20, KEYS_MAXIMUM = 16, CERTIFICATES_MAXIMUM = 64, ID_MAXIMUM = 64, BAG_DEPTH = 4 };
enum { PASSWORDS = 3, PASSWORD_MAXIMUM = 1024, MAC_ROUNDS_MAXIMUM = 10000000 };

static const struct key_backend backend = {"pkcs12", private_key_sign, private_key_dispose};

struct local_id {
    uint8_t bytes[ID_MAXIMUM];
    size_t length;
};

/* One encoding of the password: NULL text means none at all. */
struct password {
    const char *text;
    int length;
};

struct contents {
    OSSL_LIB_CTX *library; /* NULL: the default one */
    OSSL_PROVIDER *providers[2];
    struct password passwords[PASSWORDS];
    size_t password_count;
    size_t password; /* the one that worked last */
    bool mac_verified;
    bool undecryptable;
    bool excessive;
    struct {
        EVP_PKEY *key;
        struct local_id id;
    } keys[KEYS_MAXIMUM];
    size_t key_count;
    struct {
        const struct certificate *certificate;
        struct local_id id;
    } certificates[CERTIFICATES_MAXIMUM];
    size_t certificate_count;
};

static void forget_bags(struct contents *c)
{
    for (size_t i = 0; i < c->key_count; i++) EVP_PKEY_free(c->keys[i].key);
    for (size_t i = 0; i < c->certificate_count; i++) certificate_unref(c->certificates[i].certificate);
    c->key_count = 0;
    c->certificate_count = 0;
    c->undecryptable = false;
}

static void contents_dispose(struct contents *c)
{
    forget_bags(c);
    for (size_t i = 0; i < 2; i++) {
        if (c->providers[i] != NULL) (void)OSSL_PROVIDER_unload(c->providers[i]);
    }
    OSSL_LIB_CTX_free(c->library);
}

/* --- Bags -------------------------------------------------------------------------------------------------------- */

static void read_local_id(const PKCS12_SAFEBAG *bag, struct local_id *id)
{
    const ASN1_TYPE *value = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    id->length = 0;
    if (value == NULL || ASN1_TYPE_get(value) != V_ASN1_OCTET_STRING) return;
    const ASN1_OCTET_STRING *octets = value->value.octet_string;
    id->length = (size_t)ASN1_STRING_length(octets);
    if (id->length > ID_MAXIMUM) id->length = ID_MAXIMUM;
    memcpy(id->bytes, ASN1_STRING_get0_data(octets), id->length);
}

static bool rounds_bearable(const X509_ALGOR *algorithm)
{
    uint8_t *der = NULL;
    int length = i2d_X509_ALGOR(algorithm, &der);
    bool bearable = length > 0 && key_rounds_bearable(slice_of(der, (size_t)length));
    OPENSSL_free(der);
    return bearable;
}

static PKCS8_PRIV_KEY_INFO *decrypt_key(struct contents *c, const PKCS12_SAFEBAG *bag)
{
    const X509_ALGOR *algorithm = NULL;
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
    c->excessive = c->excessive || !rounds_bearable(algorithm);
    for (size_t i = 0; !c->excessive && i < c->password_count; i++) {
        size_t which = (c->password + i) % c->password_count;
        const struct password *p = &c->passwords[which];
        PKCS8_PRIV_KEY_INFO *info = PKCS12_decrypt_skey_ex(bag, p->text, p->length, c->library, NULL);
        if (info == NULL) continue;
        c->password = which;
        return info;
    }
    c->undecryptable = true;
    return NULL;
}

static void add_key(struct contents *c, const PKCS12_SAFEBAG *bag, const PKCS8_PRIV_KEY_INFO *info)
{
    if (info == NULL || c->key_count == KEYS_MAXIMUM) return;
    EVP_PKEY *key = EVP_PKCS82PKEY_ex(info, NULL, NULL);
    if (key == NULL) return;
    read_local_id(bag, &c->keys[c->key_count].id);
    c->keys[c->key_count++].key = key;
}

/* A certificate that we cannot read may still be one that nobody needs. */
static rfd_status add_certificate(struct contents *c, const PKCS12_SAFEBAG *bag, struct rfd_error *error)
{
    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate || c->certificate_count == CERTIFICATES_MAXIMUM)
        return RFD_OK;
    X509 *x509 = PKCS12_SAFEBAG_get1_cert(bag);
    uint8_t *der = NULL;
    int length = x509 == NULL ? 0 : i2d_X509(x509, &der);
    const struct certificate *certificate = NULL;
    rfd_status status = length <= 0 ? RFD_E_DER : certificate_parse(slice_of(der, (size_t)length), &certificate, error);
    OPENSSL_free(der);
    X509_free(x509);
    if (status == RFD_OK) {
        read_local_id(bag, &c->certificates[c->certificate_count].id);
        c->certificates[c->certificate_count++].certificate = certificate;
    }
    return status == RFD_E_DER ? RFD_OK : status;
}

static rfd_status read_bags(struct contents *c, const STACK_OF(PKCS12_SAFEBAG) * bags, int depth,
                            struct rfd_error *error)
{
    if (depth > BAG_DEPTH) return error_set(error, RFD_E_KEY_READ, "PKCS#12: bags nested too deep");
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        PKCS8_PRIV_KEY_INFO *info = NULL;
        switch (PKCS12_SAFEBAG_get_nid(bag)) {
        case NID_keyBag: add_key(c, bag, PKCS12_SAFEBAG_get0_p8inf(bag)); break;
        case NID_pkcs8ShroudedKeyBag:
            info = decrypt_key(c, bag);
            add_key(c, bag, info);
            PKCS8_PRIV_KEY_INFO_free(info);
            break;
        case NID_certBag: TRY(add_certificate(c, bag, error)); break;
        case NID_safeContentsBag: TRY(read_bags(c, PKCS12_SAFEBAG_get0_safes(bag), depth + 1, error)); break;
        default: break;
        }
    }
    return RFD_OK;
}

static STACK_OF(PKCS12_SAFEBAG) * decrypt_bags(struct contents *c, PKCS7 *part)
{
    const PKCS7_ENCRYPT *encrypted = part->d.encrypted;
    if (encrypted == NULL || encrypted->enc_data == NULL) return NULL;
    c->excessive = c->excessive || !rounds_bearable(encrypted->enc_data->algorithm);
    for (size_t i = 0; !c->excessive && i < c->password_count; i++) {
        size_t which = (c->password + i) % c->password_count;
        const struct password *p = &c->passwords[which];
        STACK_OF(PKCS12_SAFEBAG) *bags = PKCS12_unpack_p7encdata(part, p->text, p->length);
        if (bags == NULL) continue;
        c->password = which;
        return bags;
    }
    c->undecryptable = true;
    return NULL;
}

static rfd_status read_part(struct contents *c, PKCS7 *part, struct rfd_error *error)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    if (PKCS7_type_is_data(part)) bags = PKCS12_unpack_p7data(part);
    if (PKCS7_type_is_encrypted(part)) bags = decrypt_bags(c, part);
    if (bags == NULL) return RFD_OK;
    rfd_status status = read_bags(c, bags, 0, error);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return status;
}

/* --- The file ---------------------------------------------------------------------------------------------------- */

static rfd_status decode(struct contents *c, slice bytes, PKCS12 **out, struct rfd_error *error)
{
    const uint8_t *at = bytes.data;
    PKCS12 *pfx = PKCS12_init_ex(NID_pkcs7_data, c->library, NULL);
    if (pfx == NULL) return error_memory(error);
    if (d2i_PKCS12(&pfx, &at, (long)bytes.length) == NULL) {
        return error_set(error, RFD_E_KEY_READ, "not PKCS#12 (RFC 7292 §4)");
    }
    *out = pfx;
    return RFD_OK;
}

/* MACs by PBKDF2 (RFC 9579) are beyond OpenSSL 3.0: then only the decryption tells whether the password is right. */
static bool mac_is_known(const PKCS12 *pfx)
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *id = NULL;
    PKCS12_get0_mac(NULL, &algorithm, NULL, NULL, pfx);
    if (algorithm == NULL) return false;
    X509_ALGOR_get0(&id, NULL, NULL, algorithm);
    return EVP_get_digestbyobj(id) != NULL;
}

static rfd_status check_mac(struct contents *c, PKCS12 *pfx, struct rfd_error *error)
{
    const ASN1_INTEGER *rounds = NULL;
    int64_t count = 1;
    if (PKCS12_mac_present(pfx) != 1 || !mac_is_known(pfx)) return RFD_OK;
    PKCS12_get0_mac(NULL, NULL, NULL, &rounds, pfx);
    if (rounds != NULL && (ASN1_INTEGER_get_int64(&count, rounds) != 1 || count > MAC_ROUNDS_MAXIMUM)) {
        c->excessive = true;
        return RFD_OK;
    }
    for (size_t i = 0; i < c->password_count; i++) {
        if (PKCS12_verify_mac(pfx, c->passwords[i].text, c->passwords[i].length) != 1) continue;
        c->password = i;
        c->mac_verified = true;
        return RFD_OK;
    }
    return error_set(error, RFD_E_KEY_PASSWORD, "PKCS#12: the integrity check fails");
}

static rfd_status read_parts(struct contents *c, PKCS12 *pfx, struct rfd_error *error)
{
    rfd_status status = check_mac(c, pfx, error);
    STACK_OF(PKCS7) *parts = status != RFD_OK || c->excessive ? NULL : PKCS12_unpack_authsafes(pfx);
    for (int i = 0; status == RFD_OK && parts != NULL && i < sk_PKCS7_num(parts); i++) {
        status = read_part(c, sk_PKCS7_value(parts, i), error);
    }
    if (status == RFD_OK && c->excessive) {
        status = error_set(error, RFD_E_LIMIT, "PKCS#12: the password asks for too many rounds of derivation");
    }
    sk_PKCS7_pop_free(parts, PKCS7_free);
    return status;
}

static rfd_status read_once(struct contents *c, slice bytes, struct rfd_error *error)
{
    PKCS12 *pfx = NULL;
    rfd_status status = decode(c, bytes, &pfx, error);
    if (status == RFD_OK) status = read_parts(c, pfx, error);
    PKCS12_free(pfx);
    ERR_clear_error();
    return status;
}

static bool load_legacy(struct contents *c)
{
    c->library = OSSL_LIB_CTX_new();
    if (c->library == NULL) return false;
    c->providers[0] = OSSL_PROVIDER_load(c->library, "default");
    c->providers[1] = OSSL_PROVIDER_load(c->library, "legacy");
    ERR_clear_error();
    return c->providers[0] != NULL && c->providers[1] != NULL;
}

static rfd_status read_contents(struct contents *c, slice bytes, struct rfd_error *error)
{
    TRY(read_once(c, bytes, error));
    if (!c->undecryptable) return RFD_OK;
    bool legacy = load_legacy(c);
    if (legacy) {
        forget_bags(c);
        TRY(read_once(c, bytes, error));
        if (!c->undecryptable) return RFD_OK;
    }
    if (!c->mac_verified) return error_set(error, RFD_E_KEY_PASSWORD, "PKCS#12: a part cannot be decrypted");
    return error_set(error, RFD_E_KEY_ALGORITHM, "PKCS#12: the password is right, but a part is encrypted in %s",
                     legacy ? "an unknown way" : "an old way, and OpenSSL's legacy provider is not there");
}

/* --- Choosing ---------------------------------------------------------------------------------------------------- */

static bool same_id(const struct local_id *a, const struct local_id *b)
{
    return a->length > 0 && slice_equal(slice_of(a->bytes, a->length), slice_of(b->bytes, b->length));
}

/* How well a certificate suits: made for signing first, then named by the key, then the one that lasts longest. */
static int suitability(const struct certificate *c, bool named)
{
    int use = !c->has_key_usage                                   ? 1
              : (c->key_usage & KEY_USAGE_NON_REPUDIATION) != 0   ? 2
              : (c->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) != 0 ? 1
                                                                  : 0;
    return 1 + 2 * use + (named ? 1 : 0);
}

static bool choose(const struct contents *c, size_t *key, const struct certificate **certificate)
{
    int best = 0;
    for (size_t k = 0; k < c->key_count; k++) {
        for (size_t i = 0; i < c->certificate_count; i++) {
            const struct certificate *each = c->certificates[i].certificate;
            int score = suitability(each, same_id(&c->keys[k].id, &c->certificates[i].id));
            if (score < best || (score == best && each->not_after <= (*certificate)->not_after)) continue;
            if (!private_key_matches(c->keys[k].key, each)) continue;
            best = score;
            *key = k;
            *certificate = each;
        }
    }
    return best > 0;
}

static rfd_status open_contents(struct contents *c, struct rfd_key **out, struct rfd_error *error)
{
    struct certificate_list others = {0};
    struct certificate_list chain = {0};
    const struct certificate *signer = NULL;
    size_t which = 0;
    rfd_status status = RFD_OK;
    if (c->key_count == 0) return error_set(error, RFD_E_KEY_READ, "PKCS#12: no private key in it");
    if (c->certificate_count == 0) return error_set(error, RFD_E_KEY_READ, "PKCS#12: no certificate in it");
    if (!choose(c, &which, &signer)) {
        return error_set(error, RFD_E_KEY_MISMATCH, "PKCS#12: none of its certificates is for its key");
    }
    for (size_t i = 0; i < c->certificate_count; i++) {
        TRY_OUT(certificate_list_add(&others, c->certificates[i].certificate, error));
    }
    TRY_OUT(key_order_chain(signer, &others, true, &chain, error));
    status = private_key_open(&backend, &c->keys[which].key, &chain, out, error);
out:
    certificate_list_dispose(&others);
    certificate_list_dispose(&chain);
    return status;
}

/* --- Passwords --------------------------------------------------------------------------------------------------- */

/* What is right first: UTF-8 (RFC 7292 §B.1 makes it a BMPString). Then the octets of the UTF-8 text each as a
 * character, as OpenSSL did before 1.1; then Latin-1, as PBES2 keys made on such terminals have it. */
static rfd_status list_passwords(struct contents *c, slice password, struct buf texts[PASSWORDS],
                                 struct rfd_error *error)
{
    slice rest = password;
    buf_put_slice(&texts[0], password);
    text_from_latin1(password, &texts[1]);
    while (rest.length > 0) {
        uint32_t character = text_next(&rest);
        buf_put_byte(&texts[2], (uint8_t)(character < 0x100 ? character : '?'));
    }
    c->password_count = text_is_ascii(password) ? 1 : PASSWORDS;
    for (size_t i = 0; i < PASSWORDS; i++) {
        int length = (int)texts[i].length;
        buf_put_byte(&texts[i], '\0');
        TRY(buf_check(&texts[i], "password", error));
        c->passwords[i] = (struct password){(const char *)texts[i].data, length};
    }
    if (password.length == 0) {
        c->passwords[1] = (struct password){NULL, 0};
        c->password_count = 2;
    }
    return RFD_OK;
}

static rfd_status open_bytes(slice bytes, slice password, struct rfd_key **out, struct rfd_error *error)
{
    struct contents c = {.library = NULL};
    struct buf texts[PASSWORDS];
    for (size_t i = 0; i < PASSWORDS; i++) buf_init_secret(&texts[i], 2 * PASSWORD_MAXIMUM + 1);
    rfd_status status = list_passwords(&c, password, texts, error);
    if (status == RFD_OK) status = read_contents(&c, bytes, error);
    if (status == RFD_OK) status = open_contents(&c, out, error);
    contents_dispose(&c);
    for (size_t i = 0; i < PASSWORDS; i++) buf_dispose(&texts[i]);
    return status;
}

rfd_status rfd_key_open_pkcs12(const char *path, rfd_slice password, struct rfd_key **out, struct rfd_error *error)
{
    struct buf bytes;
    buf_init_secret(&bytes, FILE_MAXIMUM);
    rfd_status status = key_read_file(path, &bytes, error);
    if (status == RFD_OK) status = open_bytes(buf_slice(&bytes), password, out, error);
    if (status != RFD_OK && rfd_status_class(status) == RFD_CLASS_INPUT) {
        status = error_wrap(error, status, "%s", path);
    }
    buf_dispose(&bytes);
    return status;
}
