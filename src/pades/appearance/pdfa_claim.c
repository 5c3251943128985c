/* SPDX-License-Identifier: EUPL-1.2
 *
 * No XML parser: the prefix that is bound to PDF/A's namespace is looked for, then "prefix:part" as an attribute
 * (pdfaid:part="1") or an element (<pdfaid:part>1</pdfaid:part>).
 */
#include "pades/appearance/pdfa_claim.h"

#include "base/error.h"

enum { METADATA_MAXIMUM = 4 << 20, PREFIX_MAXIMUM = 64 };

static const uint8_t *find(slice in, slice what)
{
    return in.length == 0 ? NULL : memmem(in.data, in.length, what.data, what.length);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/** What is bound as in xmlns:prefix="uri", blanks around '=' allowed; empty when it is not. */
static slice prefix_before(slice xmp, const uint8_t *uri)
{
    const uint8_t *at = uri;
    if (at == xmp.data || (at[-1] != '"' && at[-1] != '\'')) return SLICE_EMPTY;
    at--;
    while (at > xmp.data && is_space(at[-1])) at--;
    if (at == xmp.data || at[-1] != '=') return SLICE_EMPTY;
    at--;
    while (at > xmp.data && is_space(at[-1])) at--;
    const uint8_t *end = at;
    while (at > xmp.data && at[-1] != ':' && !is_space(at[-1]) && end - at < PREFIX_MAXIMUM) at--;
    return at > xmp.data && at[-1] == ':' ? slice_of(at, (size_t)(end - at)) : SLICE_EMPTY;
}

/** The digit after "prefix:part", with what stands between them in either form. */
static int part_of(slice rest, slice prefix)
{
    const uint8_t *at;
    while ((at = find(rest, prefix)) != NULL) {
        rest = slice_from(rest, (size_t)(at - rest.data) + prefix.length);
        if (!slice_starts(rest, SLICE(":part"))) continue;
        slice value = slice_from(rest, sizeof ":part" - 1);
        while (value.length > 0 && (is_space(*value.data) || memchr("=\"'>", *value.data, 4) != NULL))
            value = slice_from(value, 1);
        if (value.length > 0 && *value.data >= '1' && *value.data <= '4') return *value.data - '0';
    }
    return 0;
}

int pdfa_claim_of(slice xmp)
{
    const uint8_t *uri = find(xmp, SLICE("http://www.aiim.org/pdfa/ns/id/"));
    slice prefix = uri == NULL ? SLICE_EMPTY : prefix_before(xmp, uri);
    return prefix.length == 0 ? 0 : part_of(xmp, prefix);
}

rfd_status pdfa_claim(struct pdf_view *view, int *part, struct rfd_error *error)
{
    slice xmp;
    const struct pdf_value *metadata = pdf_get(view, pdf_catalog(view), "Metadata");
    *part = 0;
    TRY(pdf_view_status(view, error));
    if (metadata->kind != PDF_STREAM) return RFD_OK;
    struct rfd_error ignored = RFD_ERROR_INIT;
    rfd_status status = pdf_stream_data(view, metadata, METADATA_MAXIMUM, &xmp, &ignored);
    if (status == RFD_E_MEMORY) return error_memory(error);
    view->failure.code = RFD_OK; /* damaged metadata claim nothing */
    if (status == RFD_OK) *part = pdfa_claim_of(xmp);
    return RFD_OK;
}
