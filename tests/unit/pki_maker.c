/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki_maker.h"

#include "base/clock.h"
#include "pki_fixture.h"

#include <openssl/conf.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static EVP_PKEY *make_key(const struct make *m)
{
    if (m->key_of != NULL) {
        NEED(EVP_PKEY_up_ref(m->key_of->key) == 1);
        return m->key_of->key;
    }
    if (m->rsa_bits > 0) return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)m->rsa_bits);
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static void set_time(ASN1_TIME *to, const char *iso, long from_now)
{
    if (iso == NULL) {
        NEED(X509_gmtime_adj(to, from_now) != NULL);
    } else {
        NEED(ASN1_TIME_set(to, (time_t)(moment(iso) / RFD_SECOND)) != NULL);
    }
}

static void add_extension(X509 *x509, X509 *issuer, const char *text)
{
    X509V3_CTX context;
    char name[64];
    const char *value = strchr(text, '=');
    CONF *empty = NCONF_new(NULL);
    NEED(value != NULL && empty != NULL && (size_t)(value - text) < sizeof name);
    (void)snprintf(name, sizeof name, "%.*s", (int)(value - text), text);
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509V3_set_nconf(&context, empty);
    X509_EXTENSION *extension = X509V3_EXT_nconf(empty, &context, name, value + 1);
    NEED(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    NCONF_free(empty);
}

static void set_names(X509 *x, const struct make *m)
{
    X509_NAME *subject = X509_NAME_new();
    int type = m->printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
    NEED(subject != NULL);
    NEED(X509_NAME_add_entry_by_NID(subject, NID_countryName, V_ASN1_PRINTABLESTRING, (const uint8_t *)"PE", 2, -1, 0));
    NEED(X509_NAME_add_entry_by_NID(subject, NID_commonName, type, (const uint8_t *)m->name, -1, -1, 0) == 1);
    NEED(X509_set_subject_name(x, subject) == 1);
    NEED(X509_set_issuer_name(x, m->issuer == NULL ? subject : X509_get_subject_name(m->issuer->x509)) == 1);
    X509_NAME_free(subject);
}

struct made made_new(const struct make *m)
{
    static long serial = 1000;
    enum { DAY = 86400, YEARS = 3650 };
    struct made made = {.key = make_key(m), .x509 = X509_new()};
    unsigned char *der = NULL;
    X509 *x = made.x509;
    NEED(made.key != NULL && x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(x), serial++) == 1);
    set_names(x, m);
    set_time(X509_getm_notBefore(x), m->from, -DAY);
    set_time(X509_getm_notAfter(x), m->to, (long)YEARS * DAY);
    NEED(X509_set_pubkey(x, made.key) == 1);
    for (size_t i = 0; i < MADE_EXTENSIONS && m->extensions[i] != NULL; i++) {
        add_extension(x, m->issuer == NULL ? x : m->issuer->x509, m->extensions[i]);
    }
    const struct made *signer = m->signer != NULL ? m->signer : m->issuer;
    const EVP_MD *digest = EVP_get_digestbyname(m->digest == NULL ? "SHA256" : m->digest);
    NEED(X509_sign(x, signer == NULL ? made.key : signer->key, digest) > 0);
    int length = i2d_X509(x, &der);
    NEED(length > 0 && certificate_parse(slice_of(der, (size_t)length), &made.certificate, NULL) == RFD_OK);
    OPENSSL_free(der);
    return made;
}

void made_free(struct made *m)
{
    EVP_PKEY_free(m->key);
    X509_free(m->x509);
    certificate_unref(m->certificate);
    *m = (struct made){0};
}

void made_write(const struct made *m, const char *certificate, const char *key)
{
    FILE *f = fopen(folder_file(certificate), "wbe");
    NEED(f != NULL && PEM_write_X509(f, m->x509) == 1 && fclose(f) == 0);
    if (key == NULL) return;
    f = fopen(folder_file(key), "wbe");
    NEED(f != NULL && PEM_write_PrivateKey(f, m->key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(f) == 0);
}

rfd_time moment(const char *iso)
{
    rfd_time t = 0;
    NEED(clock_parse_iso(slice_text(iso), &t));
    return t;
}
