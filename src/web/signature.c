/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/signature.h"

#include "base/error.h"
#include "base/number.h"
#include "keeper/approval.h"
#include "pki/certificate/pem.h"

enum { FILE_MAXIMUM = 1 << 20 };

/** Some programs write signatures as text. */
static rfd_status take_file(struct page *page, slice bytes, slice *out, struct rfd_error *error)
{
    struct pem_block block;
    struct buf b;
    slice rest = bytes;
    *out = bytes;
    if (!slice_starts(bytes, SLICE("-----BEGIN")) || !pem_next(&rest, &block)) return RFD_OK;
    buf_init(&b, FILE_MAXIMUM);
    rfd_status status = pem_decode(&block, &b, error);
    if (status == RFD_OK) *out = arena_copy(page->arena, buf_slice(&b));
    buf_dispose(&b);
    if (status != RFD_E_DER) return status;
    error_clear(error); /* it is no signature, and is told to be none */
    return RFD_OK;
}

rfd_status signature_take(struct page *page, struct form *form, const char *text, const char *file, slice *out,
                          struct rfd_error *error)
{
    slice base64 = form_text(form, text);
    const struct http_part *part = form_value(form, file)->file;
    *out = SLICE_EMPTY;
    if (part != NULL) return take_file(page, part->body, out, error);
    if (base64.length == 0) return RFD_OK;
    uint8_t *bytes = arena_allocate(page->arena, base64.length / 4 * 3 + 3);
    size_t length;
    if (bytes == NULL) return arena_failed(page->arena, error);
    if (!number_base64(base64, bytes, &length)) return error_set(error, RFD_E_REQUEST, "the signature is no base64");
    *out = slice_of(bytes, length);
    return RFD_OK;
}

void signature_missing(struct form *form, const char *file)
{
    form_fail(form, file, N_("Sign the text with your certificate, or attach its signature"));
}

void signature_faults(struct form *form, struct faults *faults)
{
    const char *hidden = form_value(form, "signature")->error;
    if (hidden != NULL) form_fail(form, "signature_file", hidden);
    faults_rename(faults, "signature", "signature_file");
    form_faults(form, faults);
}

slice signature_text(const struct page *page, slice signed_data)
{
    slice text;
    struct rfd_error ignored = RFD_ERROR_INIT;
    if (signed_data.length == 0 || approval_content(signed_data, &text, &ignored) != RFD_OK) return SLICE_EMPTY;
    return page_keep(page, text);
}

struct view *signature_begin(struct page *page, const char *kind)
{
    struct view *signing = view_object(page->view, "signing");
    view_string(signing, "kind", kind);
    return view_list(signing, "texts");
}

void signature_add(const struct page *page, struct view *signing, const char *field, slice about, slice text,
                   const char *link)
{
    struct view *item = view_item(signing);
    view_string(item, "field", field);
    view_text(item, "about", page_keep(page, about));
    view_text(item, "text", page_keep(page, text));
    view_string(item, "link", link);
}
