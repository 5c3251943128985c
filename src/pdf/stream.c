/* SPDX-License-Identifier: EUPL-1.2
 *
 * The data of a stream: decrypted, then through its filters in order (ISO 32000-2 §7.3.8.2, §7.4).
 */
#include "pdf/crypt.h"
#include "pdf/document_internal.h"
#include "pdf/filter.h"

enum { FILTERS_MAXIMUM = 8 };

struct step {
    slice name;
    const struct pdf_value *parameters;
};

/** /Filter and /DecodeParms are each one value or arrays side by side. */
static rfd_status read_chain(struct pdf_view *view, const struct pdf_value *stream, struct step *steps, size_t *count,
                             struct rfd_error *error)
{
    const struct pdf_value *filter = pdf_get(view, stream, "Filter");
    const struct pdf_value *parameters = pdf_get(view, stream, "DecodeParms");
    size_t filters = filter->kind == PDF_ARRAY ? filter->count : filter->kind != PDF_NULL;
    if (filters > FILTERS_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "object %u: %zu filters", stream->stream->owner.number, filters);
    for (size_t i = 0; i < filters; i++) {
        const struct pdf_value *name = filter->kind == PDF_ARRAY ? pdf_item(view, filter, i) : filter;
        if (name->kind != PDF_NAME)
            return error_set(error, RFD_E_PDF_DAMAGED, "object %u: /Filter (ISO 32000-2 §7.3.8.2)",
                             stream->stream->owner.number);
        steps[i].name = name->bytes;
        steps[i].parameters = parameters->kind == PDF_ARRAY ? pdf_item(view, parameters, i)
                              : i == 0                      ? parameters
                                                            : &pdf_null;
    }
    *count = filters;
    return pdf_view_status(view, error);
}

static void read_parameter(struct pdf_view *view, const struct pdf_value *dictionary, const char *key, int *out)
{
    int64_t value;
    if (pdf_integer(pdf_get(view, dictionary, key), &value)) *out = value < 0 || value > INT32_MAX ? -1 : (int)value;
}

static struct filter_parameters read_parameters(struct pdf_view *view, const struct pdf_value *dictionary)
{
    struct filter_parameters p = FILTER_PARAMETERS_DEFAULT;
    read_parameter(view, dictionary, "Predictor", &p.predictor);
    read_parameter(view, dictionary, "Colors", &p.colors);
    read_parameter(view, dictionary, "BitsPerComponent", &p.bits_per_component);
    read_parameter(view, dictionary, "Columns", &p.columns);
    read_parameter(view, dictionary, "EarlyChange", &p.early_change);
    return p;
}

/** §7.6.2: everything but cross-reference streams, and metadata where the document says so; a Crypt filter overrides.
 */
static rfd_status decrypt(struct pdf_view *view, const struct pdf_value *stream, const struct step *first, slice *data,
                          struct rfd_error *error)
{
    const struct pdf_crypt *crypt = view->doc->crypt;
    const struct pdf_value *type = pdf_get(view, stream, "Type");
    slice filter = SLICE_EMPTY;
    if (crypt == NULL || pdf_is_name(type, "XRef")) return RFD_OK;
    bool explicit = first != NULL && slice_is(first->name, "Crypt");
    if (!explicit && pdf_is_name(type, "Metadata") && !pdf_crypt_covers_metadata(crypt)) return RFD_OK;
    if (explicit) {
        const struct pdf_value *name = pdf_get(view, first->parameters, "Name");
        filter = name->kind == PDF_NAME ? name->bytes : SLICE("Identity");
    }
    enum pdf_crypt_use use = pdf_is_name(type, "EmbeddedFile") ? PDF_CRYPT_EMBEDDED_FILE : PDF_CRYPT_STREAM;
    return pdf_crypt_decrypt(crypt, use, filter, stream->stream->owner, *data, &view->doc->arena, data, error);
}

/** One filter, from `data` into `to`; inner results may be longer than the final one, as ASCII is than binary. */
static rfd_status apply(struct pdf_view *view, const struct step *step, slice data, size_t maximum, struct buf *to,
                        struct rfd_error *error)
{
    struct filter_parameters parameters = read_parameters(view, step->parameters);
    buf_init(to, data.length > maximum ? data.length : maximum);
    TRY(pdf_view_status(view, error));
    return filter_decode(step->name, &parameters, data, to, error);
}

static rfd_status apply_all(struct pdf_view *view, const struct step *steps, size_t count, slice *data, size_t maximum,
                            struct buf *from, struct rfd_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct buf to;
        if (slice_is(steps[i].name, "Crypt")) continue;
        rfd_status status = apply(view, &steps[i], *data, maximum, &to, error);
        buf_dispose(from);
        *from = to;
        if (status != RFD_OK) return status;
        *data = buf_slice(from);
    }
    return RFD_OK;
}

rfd_status pdf_stream_data(struct pdf_view *view, const struct pdf_value *stream, size_t maximum, slice *out,
                           struct rfd_error *error)
{
    struct step steps[FILTERS_MAXIMUM];
    struct buf decoded;
    size_t count = 0;
    slice data;
    rfd_status status;
    buf_init(&decoded, 0);
    stream = pdf_resolve(view, stream);
    TRY(pdf_view_status(view, error));
    TRY(pdf_stream_encoded(view->doc, stream, &data, error));
    TRY(read_chain(view, stream, steps, &count, error));
    TRY(decrypt(view, stream, count > 0 ? &steps[0] : NULL, &data, error));
    TRY_OUT(apply_all(view, steps, count, &data, maximum, &decoded, error));
    if (data.length > maximum) {
        status = error_set(error, RFD_E_LIMIT, "object %u: a stream of more than %zu bytes",
                           stream->stream->owner.number, maximum);
        goto out;
    }
    if (decoded.data != NULL) {
        data = arena_copy(&view->doc->arena, data);
        if (data.data == NULL) status = arena_failed(&view->doc->arena, error);
    }
    if (status == RFD_OK) *out = data;
out:
    buf_dispose(&decoded);
    return status;
}
