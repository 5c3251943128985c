/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the authorities and time-stamp services of the world answer at its time. Each answer takes a second. After a
 * certificate's end its authority forgets it, unless it says that it remembers: then nothing tells a revoked one from
 * any other (RFC 6960 §4.4.4, X.509 §9.5.2.8).
 */
#include "world.h"

#include "../unit/pki_fixture.h"
#include "base/error.h"
#include "base/number.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

static time_t seconds(rfd_time t)
{
    return (time_t)(t / RFD_SECOND);
}

static rfd_time moment_of(const struct world *w, const struct member *m)
{
    return m->frozen == RFD_TIME_NONE ? w->now : m->frozen;
}

static bool forgotten(const struct member *about, rfd_time at)
{
    return !about->issuer->remembers && at > about->made.certificate->not_after;
}

static struct buf taken(unsigned char *der, int length)
{
    struct buf out;
    WORLD_NEED(length > 0);
    buf_init(&out, (size_t)1 << 22);
    buf_put(&out, der, (size_t)length);
    OPENSSL_free(der);
    return out;
}

/* --- Lists ------------------------------------------------------------------------------------------------------- */

static void add_entry(X509_CRL *crl, const struct member *about)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, seconds(about->revoked_at));
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    WORLD_NEED(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(about->made.x509)) == 1);
    WORLD_NEED(X509_REVOKED_set_revocationDate(entry, when) == 1);
    WORLD_NEED(ASN1_ENUMERATED_set(reason, about->reason) == 1);
    if (about->reason > 0) WORLD_NEED(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1);
    if (about->invalid_from != RFD_TIME_NONE) {
        ASN1_GENERALIZEDTIME *from = ASN1_GENERALIZEDTIME_set(NULL, seconds(about->invalid_from));
        WORLD_NEED(X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, from, 0, 0) == 1);
        ASN1_GENERALIZEDTIME_free(from);
    }
    WORLD_NEED(X509_CRL_add0_revoked(crl, entry) == 1);
    ASN1_ENUMERATED_free(reason);
    ASN1_TIME_free(when);
}

static void add_list_extensions(X509_CRL *crl, const struct member *authority)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, authority->made.x509, NULL, NULL, crl, 0);
    X509_EXTENSION *key = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid");
    WORLD_NEED(key != NULL && X509_CRL_add_ext(crl, key, -1) == 1);
    X509_EXTENSION_free(key);
    if (!authority->remembers) return;
    unsigned char *der = NULL;
    ASN1_OBJECT *type = OBJ_txt2obj("2.5.29.60", 1); /* expiredCertsOnCRL */
    ASN1_GENERALIZEDTIME *since = ASN1_GENERALIZEDTIME_set(NULL, seconds(authority->made.certificate->not_before));
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    int length = i2d_ASN1_GENERALIZEDTIME(since, &der);
    WORLD_NEED(ASN1_OCTET_STRING_set(value, der, length) == 1);
    X509_EXTENSION *kept = X509_EXTENSION_create_by_OBJ(NULL, type, 0, value);
    WORLD_NEED(kept != NULL && X509_CRL_add_ext(crl, kept, -1) == 1);
    X509_EXTENSION_free(kept);
    ASN1_OCTET_STRING_free(value);
    ASN1_GENERALIZEDTIME_free(since);
    ASN1_OBJECT_free(type);
    OPENSSL_free(der);
}

X509_CRL *world_list(struct world *w, const struct member *authority)
{
    rfd_time at = moment_of(w, authority);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, seconds(at));
    ASN1_TIME *to = ASN1_TIME_set(NULL, seconds(at + authority->period));
    WORLD_NEED(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    WORLD_NEED(X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority->made.x509)) == 1);
    WORLD_NEED(X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, to) == 1);
    for (size_t i = 0; i < w->count; i++) {
        const struct member *about = &w->members[i];
        if (about->issuer != authority || about == authority || forgotten(about, at)) continue;
        if (member_is_revoked(about, at)) add_entry(crl, about);
    }
    add_list_extensions(crl, authority);
    WORLD_NEED(X509_CRL_sign(crl, authority->made.key, EVP_sha256()) > 0);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return crl;
}

/* --- OCSP -------------------------------------------------------------------------------------------------------- */

/* The newest responder that the authority has now, or itself. One whose clock stands answers for ever. */
static const struct member *responder_of(const struct world *w, const struct member *authority, rfd_time now)
{
    for (size_t i = w->count; i-- > 0;) {
        const struct member *m = &w->members[i];
        rfd_time at = m->frozen == RFD_TIME_NONE ? now : m->frozen;
        bool lives = at >= m->made.certificate->not_before && at <= m->made.certificate->not_after;
        if (m->kind == MEMBER_RESPONDER && m->issuer == authority && lives && !member_is_revoked(m, at)) return m;
    }
    return authority;
}

static void add_status(OCSP_BASICRESP *basic, OCSP_CERTID *id, const struct member *authority,
                       const struct member *about, rfd_time at)
{
    bool revoked = member_is_revoked(about, at) && !forgotten(about, at);
    ASN1_TIME *from = ASN1_GENERALIZEDTIME_set(NULL, seconds(at));
    ASN1_TIME *to = ASN1_GENERALIZEDTIME_set(NULL, seconds(at + authority->period));
    ASN1_TIME *when = revoked ? ASN1_GENERALIZEDTIME_set(NULL, seconds(about->revoked_at)) : NULL;
    int status = revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
    OCSP_SINGLERESP *single = OCSP_basic_add1_status(basic, id, status, about->reason, when, from, to);
    WORLD_NEED(single != NULL);
    if (authority->remembers) {
        ASN1_TIME *since = ASN1_GENERALIZEDTIME_set(NULL, seconds(authority->made.certificate->not_before));
        WORLD_NEED(OCSP_SINGLERESP_add1_ext_i2d(single, NID_id_pkix_OCSP_archiveCutoff, since, 0, 0) == 1);
        ASN1_TIME_free(since);
    }
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    ASN1_TIME_free(when);
}

static struct buf sign_answer(OCSP_BASICRESP *basic, const struct member *by, bool is_authority, rfd_time at)
{
    unsigned char *der = NULL;
    unsigned long flags = OCSP_NOTIME | (is_authority ? OCSP_NOCERTS : 0);
    /* OpenSSL hands out producedAt only for reading, and has no way to set it but to the machine's clock. */
    ASN1_GENERALIZEDTIME *produced = (ASN1_GENERALIZEDTIME *)OCSP_resp_get0_produced_at(basic);
    WORLD_NEED(ASN1_GENERALIZEDTIME_set(produced, seconds(at)) != NULL);
    WORLD_NEED(OCSP_basic_sign(basic, by->made.x509, by->made.key, EVP_sha256(), NULL, flags) == 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int length = i2d_OCSP_RESPONSE(response, &der);
    OCSP_RESPONSE_free(response);
    return taken(der, length);
}

struct buf world_answer(struct world *w, const struct member *authority, const struct member *about)
{
    rfd_time at = moment_of(w, authority);
    const struct member *by = responder_of(w, authority, at);
    if (by->frozen != RFD_TIME_NONE) at = by->frozen;
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), about->made.x509, authority->made.x509);
    add_status(basic, id, authority, about, at);
    struct buf out = sign_answer(basic, by, by == authority, at);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    return out;
}

static const struct member *asked_about(const struct world *w, const struct member *authority, slice body)
{
    const unsigned char *at = body.data;
    const struct member *found = NULL;
    OCSP_REQUEST *request = d2i_OCSP_REQUEST(NULL, &at, (long)body.length);
    WORLD_NEED(request != NULL);
    OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
    for (size_t i = 0; i < w->count; i++) {
        const struct member *m = &w->members[i];
        if (m->issuer != authority) continue;
        OCSP_CERTID *own = OCSP_cert_to_id(EVP_sha1(), m->made.x509, authority->made.x509);
        if (OCSP_id_cmp(own, id) == 0) found = m;
        OCSP_CERTID_free(own);
    }
    OCSP_REQUEST_free(request);
    return found;
}

/* --- Time stamps ------------------------------------------------------------------------------------------------- */

static ASN1_INTEGER *serial_of(TS_RESP_CTX *context, void *data)
{
    static long serial = 1;
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    (void)context, (void)data;
    WORLD_NEED(number != NULL && ASN1_INTEGER_set(number, serial++) == 1);
    return number;
}

static int time_of(TS_RESP_CTX *context, void *data, long *whole, long *micro)
{
    (void)context;
    const rfd_time *at = data;
    *whole = (long)seconds(*at);
    *micro = 0;
    return 1;
}

static TS_RESP_CTX *stamp_context(const struct member *service, rfd_time *at)
{
    TS_RESP_CTX *context = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("2.999.2", 1);
    const EVP_MD *weak = EVP_get_digestbyname(service->weak == NULL ? "SHA256" : service->weak);
    STACK_OF(X509) *chain = sk_X509_new_null();
    TS_RESP_CTX_set_serial_cb(context, serial_of, NULL);
    TS_RESP_CTX_set_time_cb(context, time_of, at);
    WORLD_NEED(TS_RESP_CTX_set_signer_cert(context, service->made.x509) == 1);
    WORLD_NEED(TS_RESP_CTX_set_signer_key(context, service->made.key) == 1);
    WORLD_NEED(TS_RESP_CTX_set_signer_digest(context, weak) == 1);
    WORLD_NEED(TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) == 1);
    if (service->accuracy > 0) WORLD_NEED(TS_RESP_CTX_set_accuracy(context, service->accuracy, 0, 0) == 1);
    WORLD_NEED(TS_RESP_CTX_set_def_policy(context, policy) == 1);
    WORLD_NEED(TS_RESP_CTX_add_md(context, EVP_sha256()) == 1 && TS_RESP_CTX_add_md(context, EVP_sha384()) == 1 &&
               TS_RESP_CTX_add_md(context, EVP_sha512()) == 1);
    for (const struct member *i = service->issuer; i->issuer != i; i = i->issuer) {
        WORLD_NEED(sk_X509_push(chain, i->made.x509) > 0);
    }
    WORLD_NEED(TS_RESP_CTX_set_certs(context, chain) == 1);
    sk_X509_free(chain);
    ASN1_OBJECT_free(policy);
    return context;
}

struct buf world_stamp(struct world *w, const struct member *service, slice body)
{
    unsigned char *der = NULL;
    rfd_time at = moment_of(w, service);
    TS_RESP_CTX *context = stamp_context(service, &at);
    BIO *in = BIO_new_mem_buf(body.data, (int)body.length);
    TS_RESP *response = TS_RESP_create_response(context, in);
    WORLD_NEED(response != NULL);
    int length = i2d_TS_RESP(response, &der);
    TS_RESP_free(response);
    TS_RESP_CTX_free(context);
    BIO_free(in);
    return taken(der, length);
}

/* --- The network ------------------------------------------------------------------------------------------------- */

static struct buf list_bytes(struct world *w, const struct member *authority)
{
    unsigned char *der = NULL;
    X509_CRL *crl = world_list(w, authority);
    int length = i2d_X509_CRL(crl, &der);
    X509_CRL_free(crl);
    return taken(der, length);
}

/* An authority answers until its certificate ends or it is closed. */
static const struct member *authority_at(const struct world *w, const char *place)
{
    uint64_t index = 0;
    WORLD_NEED(number_unsigned(slice_text(place), MEMBERS_MAXIMUM - 1, &index));
    const struct member *m = &w->members[index];
    bool open = m->closed == RFD_TIME_NONE || w->now < m->closed;
    return open && w->now <= m->made.certificate->not_after ? m : NULL;
}

static const char *after(const char *url, const char *start)
{
    size_t length = strlen(start);
    return strncmp(url, start, length) == 0 ? url + length : NULL;
}

rfd_status world_fetch(void *context, const char *url, rfd_slice body, const char *content_type, const char *accept,
                       size_t maximum, rfd_bytes *answer, struct rfd_error *error)
{
    (void)content_type, (void)accept, (void)maximum;
    struct world *w = context;
    struct buf out;
    const char *crl = after(url, "http://crl.example/");
    const char *ocsp = after(url, "http://ocsp.example/");
    const char *clock = after(url, "http://tsa.example/");
    const struct member *m = NULL;
    world_set_time(w, w->now + RFD_SECOND);
    if (!w->cut_off && (crl != NULL || ocsp != NULL)) m = authority_at(w, crl != NULL ? crl : ocsp);
    if (clock != NULL) m = world_find(w, clock);
    if (m == NULL) return error_set(error, RFD_E_NETWORK, "nobody answers at %s", url);
    if (clock != NULL) {
        out = world_stamp(w, m, body);
    } else if (crl != NULL) {
        out = list_bytes(w, m);
    } else {
        const struct member *about = asked_about(w, m, body);
        if (about == NULL) return error_set(error, RFD_E_NETWORK, "nobody knows that certificate");
        out = world_answer(w, m, about);
    }
    return buf_take(&out, answer, error);
}
