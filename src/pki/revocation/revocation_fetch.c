/* SPDX-License-Identifier: EUPL-1.2
 *
 * Getting evidence and issuers from the addresses that certificates name. What comes back is only put where evidence
 * is kept; it is believed or not like any other.
 */
#include "pki/revocation/revocation_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/oid.h"
#include "pki/certificate/pem.h"

#include <openssl/rand.h>

enum {
    URLS_MAXIMUM = 3,
    NONCE_SIZE = 32, /* RFC 9654 §2.1 */
    RESPONSE_MAXIMUM = 1 << 20,
    LIST_MAXIMUM = 1 << 28,
    ISSUERS_MAXIMUM = 8,
    ISSUERS_BYTES = 1 << 20,
    URL_LENGTH = 2048
};

/* Up to a few addresses as zero-terminated text. */
struct urls {
    char *items[URLS_MAXIMUM];
    size_t count;
    bool no_memory;
};

static bool take_url(void *context, slice url)
{
    struct urls *urls = context;
    if (url.length == 0 || url.length > URL_LENGTH || memchr(url.data, 0, url.length) != NULL) return true;
    char *text = memory_zeroed(url.length + 1, 1);
    if (text == NULL) {
        urls->no_memory = true;
        return false;
    }
    memcpy(text, url.data, url.length);
    urls->items[urls->count++] = text;
    return urls->count < URLS_MAXIMUM;
}

static void urls_dispose(struct urls *urls)
{
    for (size_t i = 0; i < urls->count; i++) memory_free(urls->items[i]);
}

/* Notes what did not work; only lack of memory is passed on. */
static rfd_status noted(struct revocation_run *run, const char *what, const char *url, rfd_status status,
                        const struct rfd_error *cause, struct rfd_error *error)
{
    if (status == RFD_OK) return RFD_OK;
    if (status == RFD_E_MEMORY) return error_memory(error);
    revocation_note(run, "%s %.60s: %.80s", what, url, cause->detail);
    return RFD_OK;
}

/* --- OCSP ----------------------------------------------------------------------------------------------------------
 */

static rfd_status keep_response(struct revocation_run *run, slice der, slice nonce, struct rfd_error *error)
{
    struct ocsp *o = NULL;
    size_t index;
    TRY(ocsp_parse(der, &o, error));
    /* Without one the answer was made beforehand (RFC 5019 §4); then its age must do. */
    bool other = o->nonce.length > 0 && !ocsp_nonce_matches(o, nonce);
    ocsp_free(o);
    if (other) return error_set(error, RFD_E_OCSP, "the answer's nonce is not the one sent (RFC 9654 §2.1)");
    return revocation_store_put(run->store, der, false, REVOCATION_FROM_NETWORK, &index, error);
}

static rfd_status ask_responder(struct revocation_run *run, const char *url, slice body, slice nonce,
                                struct rfd_error *error)
{
    struct fetch_request request = {.url = url,
                                    .body = body,
                                    .content_type = "application/ocsp-request",
                                    .accept = "application/ocsp-response",
                                    .maximum = RESPONSE_MAXIMUM};
    struct buf answer;
    buf_init(&answer, RESPONSE_MAXIMUM);
    rfd_status status = fetch(run->options->fetcher, &request, &answer, error);
    if (status == RFD_OK) status = keep_response(run, buf_slice(&answer), nonce, error);
    buf_dispose(&answer);
    return status;
}

rfd_status revocation_fetch_ocsp(struct revocation_run *run, const struct certificate *c,
                                 const struct certificate *issuer, struct rfd_error *error)
{
    struct urls urls = {.count = 0};
    struct buf body;
    uint8_t nonce[NONCE_SIZE];
    rfd_status status = RFD_OK;
    bool answered = false;
    buf_init(&body, 1 << 16);
    certificate_aia_urls(c, oid(OID_AD_OCSP), take_url, &urls);
    if (urls.no_memory) TRY_OUT(error_memory(error));
    if (urls.count == 0) goto out;
    if (RAND_bytes(nonce, sizeof nonce) != 1) {
        status = error_set(error, RFD_E_INTERNAL, "no random numbers");
        goto out;
    }
    TRY_OUT(ocsp_put_request(&body, c, issuer, slice_of(nonce, sizeof nonce), error));
    for (size_t i = 0; i < urls.count && !answered && run->fetches_left > 0; i++) {
        struct rfd_error cause = RFD_ERROR_INIT;
        run->fetches_left--;
        rfd_status asked = ask_responder(run, urls.items[i], buf_slice(&body), slice_of(nonce, sizeof nonce), &cause);
        answered = asked == RFD_OK;
        TRY_OUT(noted(run, "OCSP", urls.items[i], asked, &cause, error));
    }
out:
    urls_dispose(&urls);
    buf_dispose(&body);
    return status;
}

/* --- Lists ---------------------------------------------------------------------------------------------------------
 */

static rfd_status keep_list(struct revocation_run *run, slice bytes, struct rfd_error *error)
{
    struct pem_block block;
    slice text = bytes;
    size_t index;
    if (bytes.length == 0 || bytes.data[0] == DER_SEQUENCE || !pem_next(&text, &block)) {
        return revocation_store_put(run->store, bytes, true, REVOCATION_FROM_NETWORK, &index, error);
    }
    struct buf der;
    buf_init(&der, LIST_MAXIMUM);
    rfd_status status = pem_decode(&block, &der, error);
    if (status == RFD_OK) {
        status = revocation_store_put(run->store, buf_slice(&der), true, REVOCATION_FROM_NETWORK, &index, error);
    }
    buf_dispose(&der);
    return status;
}

static rfd_status get_list(struct revocation_run *run, const char *url, struct rfd_error *error)
{
    struct fetch_request request = {.url = url, .accept = "application/pkix-crl", .maximum = LIST_MAXIMUM};
    struct buf answer;
    buf_init(&answer, LIST_MAXIMUM);
    rfd_status status = fetch(run->options->fetcher, &request, &answer, error);
    if (status == RFD_OK) status = keep_list(run, buf_slice(&answer), error);
    buf_dispose(&answer);
    return status;
}

rfd_status revocation_fetch_crls(struct revocation_run *run, const struct certificate *c, struct rfd_error *error)
{
    struct urls urls = {.count = 0};
    rfd_status status = RFD_OK;
    certificate_crl_urls(c, take_url, &urls);
    if (urls.no_memory) TRY_OUT(error_memory(error));
    for (size_t i = 0; i < urls.count && run->fetches_left > 0; i++) {
        struct rfd_error cause = RFD_ERROR_INIT;
        run->fetches_left--;
        rfd_status got = get_list(run, urls.items[i], &cause);
        TRY_OUT(noted(run, "CRL", urls.items[i], got, &cause, error));
    }
out:
    urls_dispose(&urls);
    return status;
}

/* --- Issuers -------------------------------------------------------------------------------------------------------
 */

/* The certificates of a certs-only SignedData (RFC 5652 §5.1, RFC 8551 §3.2.2), each whole, one after the other. */
static bool certificates_of_cms(slice der, slice *out)
{
    slice content_info;
    slice wrapped;
    slice signed_data;
    slice skipped;
    if (!der_take_optional(&der, DER_SEQUENCE, &content_info) || !der_take_optional(&content_info, DER_OID, &skipped) ||
        !slice_equal(skipped, oid(OID_SIGNED_DATA)) ||
        !der_take_optional(&content_info, DER_CONTEXT_CONSTRUCTED(0), &wrapped) ||
        !der_take_optional(&wrapped, DER_SEQUENCE, &signed_data)) {
        return false;
    }
    return der_take_optional(&signed_data, DER_INTEGER, &skipped) &&
           der_take_optional(&signed_data, DER_SET, &skipped) &&
           der_take_optional(&signed_data, DER_SEQUENCE, &skipped) &&
           der_take_optional(&signed_data, DER_CONTEXT_CONSTRUCTED(0), out);
}

static rfd_status add_each(slice certificates, struct certificate_list *to, struct rfd_error *error)
{
    struct der_item item;
    while (to->count < ISSUERS_MAXIMUM && der_next(&certificates, &item)) {
        const struct certificate *c = NULL;
        rfd_status status = certificate_parse(item.whole, &c, NULL);
        if (status == RFD_E_MEMORY) return error_memory(error);
        if (status != RFD_OK) continue;
        status = certificate_list_add(to, c, error);
        certificate_unref(c);
        TRY(status);
    }
    return RFD_OK;
}

static rfd_status read_cms(slice bytes, struct certificate_list *to, struct rfd_error *error)
{
    slice certificates;
    struct buf der;
    buf_init(&der, ISSUERS_BYTES * 2);
    rfd_status status = der_from_ber(bytes, &der, error);
    if (status == RFD_OK) {
        status = certificates_of_cms(buf_slice(&der), &certificates)
                     ? add_each(certificates, to, error)
                     : error_set(error, RFD_E_CMS, "neither certificates nor certs-only CMS");
    }
    buf_dispose(&der);
    return status;
}

static rfd_status read_issuers(slice bytes, struct certificate_list *to, struct rfd_error *error)
{
    rfd_status status = certificate_list_read(to, bytes, error);
    if (status == RFD_E_MEMORY || to->count > 0) return status;
    return read_cms(bytes, to, error);
}

static rfd_status get_issuers(const struct rfd_fetcher *fetcher, const char *url, struct certificate_list *to,
                              struct rfd_error *error)
{
    struct fetch_request request = {.url = url, .accept = "application/pkix-cert", .maximum = ISSUERS_BYTES};
    struct buf answer;
    buf_init(&answer, ISSUERS_BYTES);
    rfd_status status = fetch(fetcher, &request, &answer, error);
    if (status == RFD_OK) status = read_issuers(buf_slice(&answer), to, error);
    buf_dispose(&answer);
    return status;
}

/* Adds what one certificate's addresses give; `next` becomes its issuer when that was among it (borrowed). */
static rfd_status climb(const struct rfd_fetcher *fetcher, const struct certificate *c, struct certificate_list *extra,
                        size_t *added, const struct certificate **next, struct rfd_error *error)
{
    struct urls urls = {.count = 0};
    struct certificate_list got = {0};
    rfd_status status = RFD_OK;
    *next = NULL;
    certificate_aia_urls(c, oid(OID_AD_CA_ISSUERS), take_url, &urls);
    if (urls.no_memory) TRY_OUT(error_memory(error));
    for (size_t i = 0; i < urls.count && got.count == 0; i++) {
        if (get_issuers(fetcher, urls.items[i], &got, NULL) == RFD_E_MEMORY) TRY_OUT(error_memory(error));
    }
    for (size_t i = 0; i < got.count && *added < ISSUERS_MAXIMUM; i++, ++*added) {
        TRY_OUT(certificate_list_add(extra, got.items[i], error));
    }
    *next = certificate_list_find(extra, c->issuer, c->authority_key_id);
out:
    urls_dispose(&urls);
    certificate_list_dispose(&got);
    return status;
}

rfd_status revocation_fetch_issuers(const struct rfd_fetcher *fetcher, const struct certificate *c,
                                    struct certificate_list *extra, struct rfd_error *error)
{
    size_t added = 0;
    for (int i = 0; c != NULL && !c->self_issued && i < ISSUERS_MAXIMUM && added < ISSUERS_MAXIMUM; i++) {
        const struct certificate *known = certificate_list_find(extra, c->issuer, c->authority_key_id);
        if (known == NULL) TRY(climb(fetcher, c, extra, &added, &known, error));
        c = known;
    }
    return RFD_OK;
}
