/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a PKCS#10 comes with a form: in base64 from the browser that made the key, or as a file, in DER or PEM, from who
 * made it elsewhere. What is in it is for the domain to look at.
 */
#include "web/registration/asking.h"

#include "base/number.h"

enum { FILE_MAXIMUM = 2 * PKCS10_TEXT_MAXIMUM };

/** The text between the lines of a PEM file (RFC 7468 §7, and the old label); empty: it is none. */
static slice pem_body(slice file)
{
    static const char *const labels[] = {"CERTIFICATE REQUEST-----", "NEW CERTIFICATE REQUEST-----"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        char begin[64];
        (void)snprintf(begin, sizeof begin, "-----BEGIN %s", labels[i]);
        const uint8_t *start = memmem(file.data, file.length, begin, strlen(begin));
        if (start == NULL) continue;
        slice rest = slice_from(file, (size_t)(start - file.data) + strlen(begin));
        const uint8_t *end = memmem(rest.data, rest.length, "-----END ", 9);
        if (end != NULL) return slice_part(rest, 0, (size_t)(end - rest.data));
    }
    return SLICE_EMPTY;
}

static rfd_status from_base64(const struct page *page, slice text, slice *out, struct rfd_error *error)
{
    size_t length = 0;
    uint8_t *to = arena_allocate(page->arena, text.length / 4 * 3 + 3);
    if (to == NULL) return arena_failed(page->arena, error);
    *out = number_base64(text, to, &length) ? slice_of(to, length) : SLICE_EMPTY;
    return RFD_OK;
}

/** As a file that was chosen cannot be sent back, what was in it goes along in the hidden field. */
static rfd_status remember(struct page *page, struct form *form, slice der, slice name, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, PKCS10_TEXT_MAXIMUM);
    buf_put_base64(&b, der);
    slice text = buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    if (text.data == NULL) return arena_failed(page->arena, error);
    form_set(form, "key", text);
    form_set(form, "key_name", page_keep(page, name));
    form_set(form, "key_id", SLICE_EMPTY);
    return RFD_OK;
}

static rfd_status read_file(struct page *page, struct form *form, const struct http_part *file, slice *out,
                            struct rfd_error *error)
{
    slice der = file->body;
    slice body = file->body.length > FILE_MAXIMUM ? SLICE_EMPTY : pem_body(file->body);
    if (body.length > 0) TRY(from_base64(page, body, &der, error));
    if (der.length == 0 || der.length > REQUEST_PKCS10_MAXIMUM) {
        form_fail(form, "pkcs10", N_("This file is no request of a certificate (PKCS#10, in PEM or DER)"));
        return RFD_OK;
    }
    *out = der;
    return remember(page, form, der, file->file_name, error);
}

rfd_status pkcs10_read(struct page *page, struct form *form, slice *out, struct rfd_error *error)
{
    const struct http_part *file = form_value(form, "pkcs10")->file;
    slice text = form_text(form, "key");
    *out = SLICE_EMPTY;
    if (file != NULL) return read_file(page, form, file, out, error);
    if (text.length > 0) TRY(from_base64(page, text, out, error));
    if (out->length == 0)
        form_fail(form, "key",
                  N_("Choose a password for your key, so that it is made here, or bring a request of your own"));
    return RFD_OK;
}
