/* SPDX-License-Identifier: EUPL-1.2
 *
 * The demonstration hierarchy: a root, an issuing authority, two signers, a time-stamp service and an OCSP responder.
 * Names, a policy under the example arc 2.999 and a notice in every certificate say that it has no legal value; the
 * persons are invented, with identity numbers that no register gives out.
 *
 *   root (25 years) ── issuing (10 years) ──┬── signer, signer-p256 (3 years)
 *                                           └── tsa, ocsp (5 years)
 */
#include "pki/issue/issue.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "pki/issue/demo_files.h"
#include "pki/certificate/pem.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#define NO_VALUE     "no legal value"
#define ORGANIZATION "Refrenda Demo (" NO_VALUE ")"
#define NOTICE       "Demostración, sin valor legal. Demonstration, no legal value."
#define DEFAULT_URL  "http://127.0.0.1:8088"

enum role { ROOT, ISSUING, SIGNER, SIGNER_P256, TSA, OCSP, ROLES };
enum { DAYS_PER_YEAR = 365, CRL_DAYS = 90, PASSWORD_LENGTH = 16, URL_MAXIMUM = 512, DER_MAXIMUM = 1 << 16 };
#define DAY (86400 * RFD_SECOND)

static const struct person {
    const char *file;
    const char *common_name;
    const char *surname, *given_name, *serial_number; /* natural persons: EN 319 412-2 §4.2.4 */
    bool rsa;
    bool pkcs12;
    bool keep_key;
    int years;
} people[ROLES] = {
    [ROOT] = {"root", "Refrenda Demo Root CA (" NO_VALUE ")", NULL, NULL, NULL, false, false, false, 25},
    [ISSUING] = {"issuing", "Refrenda Demo Issuing CA (" NO_VALUE ")", NULL, NULL, NULL, false, false, true, 10},
    [SIGNER] = {"signer", "ANA EJEMPLO INVENTADA (DEMO, " NO_VALUE ")", "EJEMPLO INVENTADA", "ANA", "IDCES-99999999R",
                true, true, true, 3},
    [SIGNER_P256] = {"signer-p256", "BLAS MUESTRA FICTICIA (DEMO, " NO_VALUE ")", "MUESTRA FICTICIA", "BLAS",
                     "IDCES-00000000T", false, true, true, 3},
    [TSA] = {"tsa", "Refrenda Demo Time Stamping (" NO_VALUE ")", NULL, NULL, NULL, false, false, true, 5},
    [OCSP] = {"ocsp", "Refrenda Demo OCSP Responder (" NO_VALUE ")", NULL, NULL, NULL, false, false, true, 5},
};

struct member {
    struct issuer self; /* its key, name and key identifier, also of those who issue nothing */
    struct buf name;
    uint8_t key_id[ISSUE_KEY_ID_SIZE];
    const struct certificate *certificate;
};

struct demo {
    const char *folder;
    const char *base_url;
    rfd_time now;
    char password[PASSWORD_LENGTH + 1];
    struct member members[ROLES];
    struct buf trusted; /* root.pem: the root's certificate and both CRLs */
};

/* --- Extensions -------------------------------------------------------------------------------------------------- */

static const char *address(const struct demo *d, const char *path, char to[URL_MAXIMUM])
{
    size_t length = strlen(d->base_url);
    if (d->base_url[length - 1] == '/') length--;
    (void)snprintf(to, URL_MAXIMUM, "%.*s%s", (int)length, d->base_url, path);
    return to;
}

static void put_demo_policy(struct buf *b)
{
    uint8_t octets[8];
    size_t length = oid_parse("2.999.1", octets, sizeof octets);
    issue_put_policy(b, slice_of(octets, length), NOTICE);
}

/* Where the certificate's issuer, its list and its responder are found. */
static void put_addresses(struct buf *b, const struct demo *d, const char *authority, bool ocsp)
{
    char path[64];
    char urls[3][URL_MAXIMUM];
    (void)snprintf(path, sizeof path, "/ca/%s.cer", authority);
    issue_put_authority_access(b, ocsp ? address(d, "/ocsp", urls[0]) : NULL, address(d, path, urls[1]));
    (void)snprintf(path, sizeof path, "/crl/%s.crl", authority);
    issue_put_crl_point(b, address(d, path, urls[2]));
}

static void put_authority(struct buf *b, const struct demo *d, enum role role)
{
    issue_put_basic_constraints(b, role == ISSUING ? 0 : -1);
    issue_put_key_usage(b, KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN);
    if (role != ISSUING) return;
    issue_put_policy(b, oid(OID_ANY_POLICY), NULL);
    put_addresses(b, d, "root", false);
}

static void put_role(struct buf *b, const struct demo *d, enum role role)
{
    switch (role) {
    case ROOT:
    case ISSUING: put_authority(b, d, role); return;
    case TSA: /* RFC 3161 §2.3: critical and alone */
        issue_put_key_usage(b, KEY_USAGE_DIGITAL_SIGNATURE);
        issue_put_eku(b, OID_EKU_TIME_STAMPING, true);
        break;
    case OCSP: /* RFC 6960 §4.2.2.2 */
        issue_put_key_usage(b, KEY_USAGE_DIGITAL_SIGNATURE);
        issue_put_eku(b, OID_EKU_OCSP_SIGNING, false);
        issue_put_ocsp_nocheck(b);
        break;
    default: issue_put_key_usage(b, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION); break;
    }
    put_demo_policy(b);
    put_addresses(b, d, "issuing", true);
}

/* --- Members ----------------------------------------------------------------------------------------------------- */

static rfd_status make_key(struct member *m, bool rsa, struct rfd_error *error)
{
    EVP_PKEY *key =
        rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    if (key == NULL) {
        ERR_clear_error();
        return error_set(error, RFD_E_INTERNAL, "OpenSSL cannot make a key");
    }
    m->self.key = key;
    m->self.algorithm =
        (struct signature_algorithm){.scheme = rsa ? SCHEME_RSA_PKCS1 : SCHEME_ECDSA, .digest = DIGEST_SHA256};
    return RFD_OK;
}

static rfd_status make_name(struct member *m, const struct person *p, struct rfd_error *error)
{
    const struct issue_name_part parts[] = {
        {OID_COUNTRY, "ES"},
        {OID_ORGANIZATION, p->surname == NULL ? ORGANIZATION : NULL},
        {OID_SURNAME, p->surname},
        {OID_GIVEN_NAME, p->given_name},
        {OID_SERIAL_NUMBER, p->serial_number},
        {OID_COMMON_NAME, p->common_name},
    };
    issue_put_name(&m->name, parts, sizeof parts / sizeof *parts);
    TRY(buf_check(&m->name, "name", error));
    m->self.name = buf_slice(&m->name);
    return RFD_OK;
}

static rfd_status key_id_of(slice spki, struct member *m, struct rfd_error *error)
{
    slice content;
    slice ignored;
    slice bits;
    TRY(der_only(spki, DER_SEQUENCE, &content, "public key", error));
    TRY(der_take(&content, DER_SEQUENCE, &ignored, "public key", error));
    TRY(der_take(&content, DER_BIT_STRING, &bits, "public key", error));
    TRY(issue_key_id(slice_from(bits, 1), m->key_id, error));
    m->self.key_id = slice_of(m->key_id, sizeof m->key_id);
    return RFD_OK;
}

/* The last second of the validity belongs to it (RFC 5280 §4.1.2.5). */
static rfd_time end_of_validity(const struct demo *d, int years)
{
    return d->now + years * DAYS_PER_YEAR * DAY - RFD_SECOND;
}

static rfd_status issue_member(struct demo *d, enum role role, slice spki, struct rfd_error *error)
{
    struct member *m = &d->members[role];
    struct issuer *by = &d->members[role == ROOT || role == ISSUING ? ROOT : ISSUING].self;
    uint8_t serial[ISSUE_SERIAL_SIZE];
    struct buf extensions;
    struct buf der;
    rfd_status status;
    buf_init(&extensions, DER_MAXIMUM);
    buf_init(&der, DER_MAXIMUM);
    TRY_OUT(issue_serial(serial, error));
    TRY_OUT(key_id_of(spki, m, error));
    put_role(&extensions, d, role);
    issue_put_subject_key_id(&extensions, m->self.key_id);
    if (role != ROOT) issue_put_authority_key_id(&extensions, by->key_id);
    TRY_OUT(buf_check(&extensions, "extensions", error));
    const struct issue_request request = {
        slice_of(serial, sizeof serial), m->self.name, spki,
        buf_slice(&extensions),          d->now,       end_of_validity(d, people[role].years)};
    TRY_OUT(issue_certificate(by, &request, &der, error));
    status = certificate_parse(buf_slice(&der), &m->certificate, error);
out:
    buf_dispose(&extensions);
    buf_dispose(&der);
    return status;
}

static rfd_status make_member(struct demo *d, enum role role, struct rfd_error *error)
{
    uint8_t *spki = NULL;
    TRY(make_key(&d->members[role], people[role].rsa, error));
    TRY(make_name(&d->members[role], &people[role], error));
    int length = i2d_PUBKEY(d->members[role].self.key, &spki);
    if (length <= 0) return error_memory(error);
    rfd_status status = issue_member(d, role, slice_of(spki, (size_t)length), error);
    OPENSSL_free(spki);
    return status;
}

/* --- Files ------------------------------------------------------------------------------------------------------- */

static rfd_status write_member(const struct demo *d, enum role role, struct rfd_error *error)
{
    const struct person *p = &people[role];
    const struct member *m = &d->members[role];
    const struct certificate *chain[] = {d->members[ISSUING].certificate, d->members[ROOT].certificate};
    TRY(demo_write_certificate(d->folder, p->file, m->certificate, error));
    if (p->keep_key) TRY(demo_write_key(d->folder, p->file, m->self.key, error));
    if (!p->pkcs12) return RFD_OK;
    return demo_write_pkcs12(d->folder, p->file, d->password, p->common_name, m->self.key, m->certificate, chain, 2,
                             error);
}

static rfd_status write_crl(struct demo *d, enum role role, rfd_time next_update, struct rfd_error *error)
{
    struct buf der;
    buf_init(&der, DER_MAXIMUM);
    rfd_status status = issue_crl(&d->members[role].self, 1, d->now, next_update, NULL, 0, &der, error);
    if (status == RFD_OK) status = demo_write(d->folder, people[role].file, ".crl", buf_slice(&der), false, error);
    pem_put(&d->trusted, "X509 CRL", buf_slice(&der));
    buf_dispose(&der);
    return status;
}

/* The anchor together with the lists, so that this one file is enough to verify off line. */
static rfd_status write_trusted(const struct demo *d, struct rfd_error *error)
{
    TRY(buf_check(&d->trusted, "root.pem", error));
    return demo_write(d->folder, people[ROOT].file, ".pem", buf_slice(&d->trusted), false, error);
}

/* One line of the database of `openssl ca`: state, end, revocation, serial, file, name. */
static void put_index_line(struct buf *b, const struct certificate *c, const struct person *p)
{
    char text[CLOCK_TEXT_SIZE];
    buf_print(b, "V\t%s\t\t", clock_asn1(c->not_after, clock_civil(c->not_after).year >= 2050, text));
    buf_put_hex(b, c->serial, true);
    buf_put_text(b, "\tunknown\t/C=ES");
    if (p->surname == NULL) {
        buf_print(b, "/O=%s", ORGANIZATION);
    } else {
        buf_print(b, "/SN=%s/GN=%s/serialNumber=%s", p->surname, p->given_name, p->serial_number);
    }
    buf_print(b, "/CN=%s\n", p->common_name);
}

static rfd_status write_index(const struct demo *d, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, DER_MAXIMUM);
    for (size_t role = SIGNER; role < ROLES; role++) {
        put_index_line(&b, d->members[role].certificate, &people[role]);
    }
    rfd_status status = buf_check(&b, "index.txt", error);
    if (status == RFD_OK) status = demo_write(d->folder, "index", ".txt", buf_slice(&b), false, error);
    buf_dispose(&b);
    return status;
}

static rfd_status write_chain(const struct demo *d, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, DER_MAXIMUM);
    pem_put(&b, "CERTIFICATE", d->members[ISSUING].certificate->der);
    pem_put(&b, "CERTIFICATE", d->members[ROOT].certificate->der);
    rfd_status status = buf_check(&b, "chain.pem", error);
    if (status == RFD_OK) status = demo_write(d->folder, "chain", ".pem", buf_slice(&b), false, error);
    buf_dispose(&b);
    return status;
}

static rfd_status write_password(const struct demo *d, struct rfd_error *error)
{
    char line[PASSWORD_LENGTH + 2];
    (void)snprintf(line, sizeof line, "%s\n", d->password);
    rfd_status status = demo_write(d->folder, "password", ".txt", slice_text(line), true, error);
    secret_wipe(line, sizeof line);
    return status;
}

/* --- All of it --------------------------------------------------------------------------------------------------- */

/* 16 of 56 characters that cannot be taken for one another: 92 bits. */
static rfd_status make_password(char password[PASSWORD_LENGTH + 1], struct rfd_error *error)
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    const unsigned size = sizeof alphabet - 1;
    for (size_t i = 0; i < PASSWORD_LENGTH;) {
        uint8_t byte;
        if (RAND_bytes(&byte, 1) != 1) return error_set(error, RFD_E_INTERNAL, "OpenSSL has no random numbers");
        if (byte < 256 / size * size) password[i++] = alphabet[byte % size];
    }
    password[PASSWORD_LENGTH] = '\0';
    return RFD_OK;
}

static rfd_status make_all(struct demo *d, struct rfd_error *error)
{
    TRY(make_password(d->password, error));
    for (size_t role = ROOT; role < ROLES; role++) TRY(make_member(d, (enum role)role, error));
    return RFD_OK;
}

static rfd_status write_all(struct demo *d, struct rfd_error *error)
{
    for (size_t role = ROOT; role < ROLES; role++) TRY(write_member(d, (enum role)role, error));
    /* Nobody can make another list for the root, whose key is gone: this one lasts as long as what it issued. */
    pem_put(&d->trusted, "CERTIFICATE", d->members[ROOT].certificate->der);
    TRY(write_crl(d, ROOT, d->members[ISSUING].certificate->not_after, error));
    TRY(write_crl(d, ISSUING, d->now + CRL_DAYS * DAY, error));
    TRY(write_trusted(d, error));
    TRY(write_index(d, error));
    TRY(write_chain(d, error));
    return write_password(d, error);
}

static bool is_url(const char *url)
{
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) return false;
    for (const char *c = url; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 0x7F) return false;
    }
    return strlen(url) < URL_MAXIMUM - 64;
}

static void dispose(struct demo *d)
{
    for (size_t role = ROOT; role < ROLES; role++) {
        struct member *m = &d->members[role];
        signature_pool_dispose(&m->self.pool);
        EVP_PKEY_free(m->self.key);
        buf_dispose(&m->name);
        certificate_unref(m->certificate);
    }
    buf_dispose(&d->trusted);
    secret_wipe(d->password, sizeof d->password);
}

rfd_status issue_demo(const char *path, const char *base_url, bool replace, struct rfd_error *error)
{
    struct demo d = {.folder = path, .base_url = base_url == NULL ? DEFAULT_URL : base_url};
    if (!is_url(d.base_url)) {
        return error_set(error, RFD_E_ARGUMENT, "%.100s: not an http address", d.base_url);
    }
    /* A minute back, for clocks that are a little slow; whole seconds, as certificates have them. */
    d.now = clock_now() / RFD_SECOND * RFD_SECOND - 60 * RFD_SECOND;
    for (size_t role = ROOT; role < ROLES; role++) {
        signature_pool_init(&d.members[role].self.pool);
        buf_init(&d.members[role].name, DER_MAXIMUM);
    }
    buf_init(&d.trusted, DER_MAXIMUM);
    rfd_status status = demo_folder(path, replace, error);
    if (status == RFD_OK) status = make_all(&d, error);
    if (status == RFD_OK) status = write_all(&d, error);
    dispose(&d);
    return status;
}
