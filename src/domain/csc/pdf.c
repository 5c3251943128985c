/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/csc/pdf.h"

#include "base/error.h"
#include "base/number.h"
#include "base/source.h"
#include "domain/central/revision.h"
#include "pki/certificate/pem.h"

#include <unistd.h>

enum { CHAIN_MAXIMUM = 256 << 10, FORMS_AND_SIGNATURES = 2 /* DocMDP */ };

struct csc_pdf {
    struct rfd_sign_options options;
    const char *prepared; /* path; NULL: there is no file */
    rfd_bytes session;
    struct revision revision;
    slice signature;
};

/* ---- Preparing ---- */

static enum rfd_digest public_digest(enum digest_id id)
{
    return id == DIGEST_SHA512 ? RFD_DIGEST_SHA512 : id == DIGEST_SHA384 ? RFD_DIGEST_SHA384 : RFD_DIGEST_SHA256;
}

static struct rfd_sign_options options_of(const struct csc_pdf_wish *w)
{
    struct rfd_sign_options o = RFD_SIGN_OPTIONS_INIT;
    o.level = w->level;
    o.tsa_url = w->level >= RFD_LEVEL_B_T ? w->service : NULL;
    o.digest = public_digest(w->digest);
    o.certify = w->certify ? FORMS_AND_SIGNATURES : 0;
    o.reason = w->reason;
    o.location = w->location;
    o.name = w->name;
    o.contact = w->contact;
    /* The register says whether the certificate is revoked; the network is for what goes into the document. */
    o.offline = w->level < RFD_LEVEL_B_LT;
    return o;
}

static rfd_status path_of_new(const struct central *c, struct arena *a, const char **out, struct rfd_error *error)
{
    char name[SPOOL_NAME_SIZE];
    TRY(spool_name(name, error));
    *out = spool_path(c, slice_text(name), a);
    return *out == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status put_chain(const struct csc_pdf_wish *w, struct buf *pem, struct rfd_error *error)
{
    for (size_t i = 0; i < w->chain_count; i++) pem_put(pem, "CERTIFICATE", w->chain[i]);
    return buf_check(pem, "certificates", error);
}

static rfd_status prepare(const struct central *c, const struct csc_pdf_wish *w, struct arena *a, struct csc_pdf *p,
                          struct rfd_error *error)
{
    const char *input = NULL;
    struct buf pem;
    rfd_status status = RFD_OK;
    buf_init(&pem, CHAIN_MAXIMUM);
    TRY_OUT(put_chain(w, &pem, error));
    TRY_OUT(path_of_new(c, a, &input, error));
    TRY_OUT(path_of_new(c, a, &p->prepared, error));
    TRY_OUT(spool_put(w->content, input, error));
    status = rfd_prepare_file(input, p->prepared, buf_slice(&pem), &p->options, &p->session, error);
    (void)unlink(input);
    if (status == RFD_OK)
        status = revision_find(slice_bytes(p->session), p->prepared, w->content.length, &p->revision, error);
out:
    buf_dispose(&pem);
    return status;
}

rfd_status csc_pdf_prepare(const struct central *c, const struct csc_pdf_wish *wish, struct arena *a,
                           struct csc_pdf **out, struct rfd_error *error)
{
    struct csc_pdf *p = arena_zeroed(a, 1, sizeof *p);
    if (p == NULL) return arena_failed(a, error);
    p->options = options_of(wish);
    rfd_status status = prepare(c, wish, a, p, error);
    if (status == RFD_OK)
        *out = p;
    else
        csc_pdf_forget(p);
    return status;
}

void csc_pdf_forget(struct csc_pdf *pdf)
{
    if (pdf == NULL) return;
    if (pdf->prepared != NULL) (void)unlink(pdf->prepared);
    pdf->prepared = NULL;
    rfd_bytes_free(&pdf->session);
}

/* ---- Signing ---- */

rfd_status csc_pdf_sign(const struct central *c, const struct csc_token *token, struct csc_pdf *pdf, struct arena *a,
                        struct rfd_error *error)
{
    if (token->kind != CSC_TOKEN_CREDENTIAL) return error_set(error, RFD_E_ACTIVATION_ENDED, "it is no SAD");
    return revision_sign(c, slice_of(token->sad, PERSONAL_SAD_SIZE), &pdf->revision, a, &pdf->signature, error);
}

/* ---- Finishing ---- */

/** Out of the hole: hexadecimal digits in angle brackets (ISO 32000-2 §7.3.4.3). */
static rfd_status read_cms(const struct csc_pdf *p, slice file, struct arena *a, slice *out, struct rfd_error *error)
{
    slice digits =
        slice_part(file, (size_t)p->revision.hole + 1, (size_t)(p->revision.hole_end - p->revision.hole) - 2);
    uint8_t *octets = arena_allocate(a, digits.length / 2 + 1);
    if (octets == NULL) return arena_failed(a, error);
    if (!number_hex(digits, octets)) return error_set(error, RFD_E_INTERNAL, "/Contents");
    *out = slice_of(octets, digits.length / 2);
    return RFD_OK;
}

rfd_status csc_pdf_finish(const struct central *c, const struct csc_pdf *pdf, struct arena *a, struct buf *out,
                          slice *cms, struct rfd_error *error)
{
    const char *output = NULL;
    size_t start = out->length;
    TRY(path_of_new(c, a, &output, error));
    rfd_status status =
        rfd_embed_file(pdf->prepared, output, slice_bytes(pdf->session), pdf->signature, &pdf->options, NULL, error);
    if (status == RFD_OK) status = source_read_file(output, out->maximum - start, out, error);
    (void)unlink(output);
    return status == RFD_OK ? read_cms(pdf, slice_from(buf_slice(out), start), a, cms, error) : status;
}
