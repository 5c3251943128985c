/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/certificate/pem.h"

#include "base/error.h"
#include "base/number.h"

/* Where `what` begins in `in`, or in.length. */
static size_t find(slice in, slice what)
{
    const uint8_t *found = in.length == 0 ? NULL : memmem(in.data, in.length, what.data, what.length);
    return found == NULL ? in.length : (size_t)(found - in.data);
}

static slice skip_headers(slice body, bool *has_headers)
{
    slice blank = SLICE("\n\n");
    slice blank_with_returns = SLICE("\r\n\r\n");
    *has_headers = body.length > 0 && memchr(body.data, ':', body.length) != NULL;
    if (!*has_headers) return body;
    size_t at = find(body, blank);
    if (at < body.length) return slice_from(body, at + blank.length);
    return slice_from(body, find(body, blank_with_returns) + blank_with_returns.length);
}

bool pem_next(slice *text, struct pem_block *block)
{
    static const char begin[] = "-----BEGIN ";
    static const char end[] = "-----END ";
    slice rest = slice_from(*text, find(*text, SLICE("-----BEGIN ")));
    slice whole = rest;
    if (rest.length == 0) return false;
    rest = slice_from(rest, sizeof begin - 1);
    size_t label = find(rest, SLICE("-----"));
    if (label == rest.length || label > 64) return false;
    block->label = slice_part(rest, 0, label);
    rest = slice_from(rest, label + 5);
    size_t body = find(rest, SLICE("-----END "));
    if (body == rest.length) return false;
    block->body = skip_headers(slice_part(rest, 0, body), &block->has_headers);
    rest = slice_from(rest, body + sizeof end - 1);
    if (!slice_starts(rest, block->label) || !slice_starts(slice_from(rest, label), SLICE("-----"))) return false;
    rest = slice_from(rest, label + 5);
    block->whole = slice_part(whole, 0, whole.length - rest.length);
    *text = rest;
    return true;
}

rfd_status pem_decode(const struct pem_block *block, struct buf *out, struct rfd_error *error)
{
    struct buf plain;
    size_t length = 0;
    buf_init_secret(&plain, block->body.length + 1);
    for (size_t i = 0; i < block->body.length; i++) {
        uint8_t c = block->body.data[i];
        if (c != ' ' && c != '\t') buf_put_byte(&plain, c);
    }
    uint8_t *to = buf_reserve(out, plain.length / 4 * 3 + 3);
    bool good = to != NULL && number_base64(buf_slice(&plain), to, &length);
    rfd_status status = buf_status(&plain) != RFD_OK ? buf_check(&plain, "PEM", error) : buf_check(out, "PEM", error);
    if (status == RFD_OK && !good) status = error_set(error, RFD_E_DER, "PEM block that is not base64 (RFC 7468 §3)");
    if (status == RFD_OK) out->length += length;
    buf_dispose(&plain);
    return status;
}

void pem_put(struct buf *b, const char *label, slice bytes)
{
    buf_put_text(b, "-----BEGIN ");
    buf_put_text(b, label);
    buf_put_text(b, "-----\n");
    for (size_t at = 0; at < bytes.length; at += 48) {
        buf_put_base64(b, slice_part(bytes, at, 48));
        buf_put_byte(b, '\n');
    }
    buf_put_text(b, "-----END ");
    buf_put_text(b, label);
    buf_put_text(b, "-----\n");
}
