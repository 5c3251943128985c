/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/log_client.h"

#include "base/error.h"
#include "base/number.h"
#include "cli/log_json.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/pem.h"
#include "pki/fetch.h"

enum { HASH = TRANSPARENCY_HASH_SIZE, URL_MAXIMUM = 2048, TIMEOUT = 30000, HTTP_NOT_FOUND = 404 };
#define SERVICE SLICE("/log/v1")

/** Appends what `question` (behind "/log/v1/") answers. */
static rfd_status ask(const char *url, const char *question, size_t maximum, struct buf *answer,
                      struct rfd_error *error)
{
    struct buf whole;
    long http = 0;
    slice base = slice_text(url);
    while (slice_ends(base, SLICE("/"))) base.length--;
    if (slice_ends(base, SERVICE)) base.length -= SERVICE.length;
    buf_init(&whole, URL_MAXIMUM);
    buf_put_slice(&whole, base);
    buf_put_slice(&whole, SERVICE);
    buf_put_text(&whole, question);
    buf_put_byte(&whole, 0);
    rfd_status status = buf_check(&whole, "address", error);
    if (status == RFD_OK) {
        const struct fetch_request request = {
            .url = (const char *)whole.data, .maximum = maximum, .timeout = TIMEOUT, .http_status = &http};
        status = fetch(NULL, &request, answer, error);
    }
    if (status == RFD_E_NETWORK && http == HTTP_NOT_FOUND)
        status = error_wrap(error, RFD_E_NOT_FOUND, "the log does not have it");
    buf_dispose(&whole);
    return status;
}

rfd_status log_client_head(const char *url, struct arena *a, struct tree_head *out, struct rfd_error *error)
{
    struct buf answer;
    buf_init(&answer, LOG_JSON_MAXIMUM);
    rfd_status status = ask(url, "/head", LOG_JSON_MAXIMUM, &answer, error);
    if (status == RFD_OK) status = log_json_head(buf_slice(&answer), a, out, error);
    buf_dispose(&answer);
    return status;
}

rfd_status log_client_key(const char *url, struct arena *a, slice *spki, struct rfd_error *error)
{
    struct buf answer;
    buf_init(&answer, LOG_JSON_MAXIMUM);
    rfd_status status = ask(url, "/key", LOG_JSON_MAXIMUM, &answer, error);
    if (status == RFD_OK) status = log_client_read_key(buf_slice(&answer), a, spki, error);
    buf_dispose(&answer);
    return status;
}

rfd_status log_client_leaves(const char *url, uint64_t from, uint64_t count, struct buf *out, struct rfd_error *error)
{
    char question[128];
    size_t before = out->length;
    if (count > LOG_LEAVES_AT_ONCE) count = LOG_LEAVES_AT_ONCE;
    (void)snprintf(question, sizeof question, "/leaves?from=%llu&count=%llu", (unsigned long long)from,
                   (unsigned long long)count);
    TRY(ask(url, question, (size_t)count * HASH, out, error));
    size_t got = out->length - before;
    if (got % HASH != 0) return error_set(error, RFD_E_PROTOCOL, "the log's answer: leaves of %zu octets", got);
    return got > 0 ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "the log ends at leaf %llu", (unsigned long long)from);
}

rfd_status log_client_inclusion(const char *url, const uint8_t hash[TRANSPARENCY_HASH_SIZE], uint64_t size,
                                struct tree_proof *out, struct rfd_error *error)
{
    uint8_t digits[2 * HASH];
    char question[256];
    struct buf answer;
    number_to_hex(slice_of(hash, HASH), false, digits);
    (void)snprintf(question, sizeof question, "/proof?hash=%.*s&size=%llu", (int)sizeof digits, (const char *)digits,
                   (unsigned long long)size);
    buf_init(&answer, LOG_JSON_MAXIMUM);
    rfd_status status = ask(url, question, LOG_JSON_MAXIMUM, &answer, error);
    if (status == RFD_OK) status = log_json_inclusion(buf_slice(&answer), size, out, error);
    buf_dispose(&answer);
    return status;
}

rfd_status log_client_consistency(const char *url, uint64_t from, uint64_t to, struct tree_proof *out,
                                  struct rfd_error *error)
{
    char question[128];
    struct buf answer;
    (void)snprintf(question, sizeof question, "/consistency?from=%llu&to=%llu", (unsigned long long)from,
                   (unsigned long long)to);
    buf_init(&answer, LOG_JSON_MAXIMUM);
    rfd_status status = ask(url, question, LOG_JSON_MAXIMUM, &answer, error);
    if (status == RFD_OK) status = log_json_consistency(buf_slice(&answer), from, to, out, error);
    buf_dispose(&answer);
    return status;
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

static rfd_status keep(struct arena *a, slice from, slice *out, struct rfd_error *error)
{
    *out = arena_copy(a, from);
    return out->data == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status key_of_certificate(slice der, struct arena *a, slice *spki, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    TRY(certificate_parse(der, &c, error));
    rfd_status status = keep(a, c->spki, spki, error);
    certificate_unref(c);
    return status;
}

static rfd_status key_of_block(const struct pem_block *block, struct arena *a, slice *spki, struct rfd_error *error)
{
    struct buf der;
    buf_init(&der, LOG_JSON_MAXIMUM);
    rfd_status status = pem_decode(block, &der, error);
    if (status == RFD_OK)
        status = slice_is(block->label, "CERTIFICATE") ? key_of_certificate(buf_slice(&der), a, spki, error)
                                                       : keep(a, buf_slice(&der), spki, error);
    buf_dispose(&der);
    return status;
}

rfd_status log_client_read_key(slice file, struct arena *a, slice *spki, struct rfd_error *error)
{
    struct pem_block block;
    for (slice text = file; pem_next(&text, &block);) {
        if (slice_is(block.label, "CERTIFICATE") || slice_is(block.label, "PUBLIC KEY"))
            return key_of_block(&block, a, spki, error);
    }
    if (file.length == 0 || file.data[0] != DER_SEQUENCE)
        return error_set(error, RFD_E_KEY_READ, "neither a certificate nor a public key");
    if (key_of_certificate(file, a, spki, NULL) == RFD_OK) return RFD_OK;
    return keep(a, file, spki, error); /* tried as a bare public key where it is used */
}
