/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signature dictionaries as they are, without judging them (ISO 32000-2 §12.8.1).
 */
#include "pdf/field.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"

enum { TEXT_MAXIMUM = 1 << 20, REFERENCES_MAXIMUM = 1000, CERTIFICATES_MAXIMUM = 64, DEFAULT_PERMISSION = 2 };

static rfd_status read_text(struct pdf_view *view, const struct pdf_value *dictionary, const char *key, slice *out,
                            struct rfd_error *error)
{
    struct arena *arena = pdf_arena(view->doc);
    const struct pdf_value *v = pdf_get(view, dictionary, key);
    if (v->kind != PDF_STRING) return RFD_OK;
    struct buf text;
    buf_init(&text, TEXT_MAXIMUM);
    pdf_text_to_utf8(v->bytes, &text);
    rfd_status status = buf_check(&text, key, error);
    if (status == RFD_OK) {
        *out = arena_copy(arena, buf_slice(&text));
        if (out->data == NULL) status = arena_failed(arena, error);
    }
    buf_dispose(&text);
    return status;
}

static slice read_name(struct pdf_view *view, const struct pdf_value *dictionary, const char *key)
{
    const struct pdf_value *v = pdf_get(view, dictionary, key);
    return v->kind == PDF_NAME ? v->bytes : SLICE_EMPTY;
}

/** Only direct integers count: anything else is no byte range to trust. */
static void read_byte_range(struct pdf_view *view, struct pdf_signature *s)
{
    const struct pdf_value *range = pdf_get(view, s->dictionary, "ByteRange");
    s->byte_range_value = range;
    if (range->kind != PDF_ARRAY) return;
    for (uint32_t i = 0; i < range->count; i++) {
        if (range->items[i].kind != PDF_INTEGER) return;
        if (i < 4) s->byte_range[i] = range->items[i].integer;
    }
    s->byte_range_count = range->count;
}

/** Where in the source /Contents was read from; left at 0 for one in an object stream, even in one without filters. */
static rfd_status find_offset(struct pdf_view *view, struct pdf_reference owner, slice raw, uint64_t *out,
                              struct rfd_error *error)
{
    if (owner.number != 0 && pdf_locate(view->doc, view->revision, owner.number).kind == PDF_ENTRY_COMPRESSED)
        return RFD_OK;
    struct source *source = pdf_source(view->doc);
    slice start;
    TRY(source_view(source, 0, 0, &start, error));
    uintptr_t base = (uintptr_t)start.data;
    uintptr_t at = (uintptr_t)raw.data;
    if (base != 0 && at >= base && at - base < source_size(source)) *out = at - base;
    return RFD_OK;
}

/** Hexadecimal digits between < and >, white space skipped, an odd last digit completed by 0 (§7.3.4.3). */
static rfd_status decode_hexadecimal(struct arena *arena, slice raw, slice *out, struct rfd_error *error)
{
    uint8_t *bytes = arena_zeroed(arena, raw.length / 2 + 1, 1);
    size_t digits = 0;
    if (bytes == NULL) return arena_failed(arena, error);
    for (size_t i = 0; i < raw.length; i++) {
        int digit = number_hex_digit(raw.data[i]);
        if (digit < 0) continue;
        bytes[digits / 2] |= (uint8_t)(digits % 2 == 0 ? digit << 4 : digit);
        digits++;
    }
    *out = slice_of(bytes, (digits + 1) / 2);
    return RFD_OK;
}

/** §7.6.2: a hexadecimal /Contents is not encrypted, whatever the parser made of it. */
static rfd_status read_contents(struct pdf_view *view, struct pdf_signature *s, struct rfd_error *error)
{
    const struct pdf_value *direct = pdf_entry_of(s->dictionary, "Contents");
    const struct pdf_value *v = pdf_resolve(view, direct);
    if (v->kind != PDF_STRING) return RFD_OK;
    s->contents = v->bytes;
    s->contents_raw = v->raw;
    if (v == direct) TRY(find_offset(view, s->reference, v->raw, &s->contents_offset, error));
    if (!v->hexadecimal || !pdf_is_encrypted(view->doc)) return RFD_OK;
    return decode_hexadecimal(pdf_arena(view->doc), v->raw, &s->contents, error);
}

static rfd_time read_time(struct pdf_view *view, const struct pdf_value *dictionary)
{
    rfd_time t;
    const struct pdf_value *v = pdf_get(view, dictionary, "M");
    return v->kind == PDF_STRING && clock_parse_pdf(v->bytes, &t) ? t : RFD_TIME_NONE;
}

/** Table 257: 2 unless said; what is not 1 to 3 is read as 1, the strictest. */
static int docmdp_permission(struct pdf_view *view, const struct pdf_value *parameters)
{
    int64_t p;
    const struct pdf_value *v = pdf_get(view, parameters, "P");
    if (v->kind == PDF_NULL) return DEFAULT_PERMISSION;
    return pdf_integer(v, &p) && p >= 1 && p <= 3 ? (int)p : 1;
}

/** The transforms in /Reference (table 256); the first of each kind counts. */
static rfd_status read_transforms(struct pdf_view *view, struct pdf_signature *s, struct rfd_error *error)
{
    const struct pdf_value *references = pdf_get(view, s->dictionary, "Reference");
    if (references->kind != PDF_ARRAY) return RFD_OK;
    if (references->count > REFERENCES_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "%u signature references", (unsigned)references->count);
    for (uint32_t i = 0; i < references->count; i++) {
        const struct pdf_value *reference = pdf_item(view, references, i);
        const struct pdf_value *method = pdf_get(view, reference, "TransformMethod");
        const struct pdf_value *parameters = pdf_get(view, reference, "TransformParams");
        if (pdf_is_name(method, "DocMDP") && s->docmdp == 0) s->docmdp = docmdp_permission(view, parameters);
        if (pdf_is_name(method, "FieldMDP") && s->fieldmdp.action == PDF_LOCK_NONE)
            TRY(pdf_field_lock(view, parameters, &s->fieldmdp, error));
    }
    return RFD_OK;
}

/** /Cert (table 255): one byte string, or an array of them; what is none is left out. */
static rfd_status read_certificates(struct pdf_view *view, struct pdf_signature *s, struct rfd_error *error)
{
    const struct pdf_value *v = pdf_get(view, s->dictionary, "Cert");
    uint32_t count = v->kind == PDF_ARRAY ? v->count : 1;
    if (v->kind != PDF_ARRAY && v->kind != PDF_STRING) return RFD_OK;
    if (count > CERTIFICATES_MAXIMUM) count = CERTIFICATES_MAXIMUM;
    slice *list = arena_zeroed(pdf_arena(view->doc), count + 1, sizeof *list);
    if (list == NULL) return arena_failed(pdf_arena(view->doc), error);
    for (uint32_t i = 0; i < count; i++) {
        const struct pdf_value *one = v->kind == PDF_ARRAY ? pdf_item(view, v, i) : v;
        if (one->kind == PDF_STRING) list[s->certificate_count++] = one->bytes;
    }
    s->certificates = list;
    return RFD_OK;
}

static rfd_status read_texts(struct pdf_view *view, struct pdf_signature *s, struct rfd_error *error)
{
    const struct {
        const char *key;
        slice *to;
    } texts[] = {{"Reason", &s->reason}, {"Location", &s->location}, {"ContactInfo", &s->contact}, {"Name", &s->name}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        TRY(read_text(view, s->dictionary, texts[i].key, texts[i].to, error));
    return RFD_OK;
}

rfd_status pdf_signature_read(struct pdf_view *view, const struct pdf_value *dictionary, struct pdf_reference reference,
                              struct pdf_signature *out, struct rfd_error *error)
{
    struct pdf_signature s = {.dictionary = pdf_resolve(view, dictionary), .reference = reference};
    if (s.dictionary->kind != PDF_DICTIONARY) {
        TRY(pdf_view_status(view, error));
        return error_set(error, RFD_E_PDF_DAMAGED, "signature %u is not a dictionary", (unsigned)reference.number);
    }
    s.filter = read_name(view, s.dictionary, "Filter");
    s.sub_filter = read_name(view, s.dictionary, "SubFilter");
    s.document_timestamp =
        slice_is(read_name(view, s.dictionary, "Type"), "DocTimeStamp") || slice_is(s.sub_filter, "ETSI.RFC3161");
    s.claimed_time = read_time(view, s.dictionary);
    read_byte_range(view, &s);
    TRY(read_contents(view, &s, error));
    TRY(read_texts(view, &s, error));
    TRY(read_transforms(view, &s, error));
    TRY(read_certificates(view, &s, error));
    TRY(pdf_view_status(view, error));
    *out = s;
    return RFD_OK;
}

int pdf_certification(struct pdf_view *view, struct pdf_reference *signature)
{
    const struct pdf_value *permissions = pdf_get(view, pdf_catalog(view), "Perms");
    struct pdf_signature s = {.dictionary = pdf_get(view, permissions, "DocMDP")};
    if (s.dictionary->kind != PDF_DICTIONARY) return 0;
    if (signature != NULL) *signature = pdf_reference_of(permissions, "DocMDP");
    if (read_transforms(view, &s, NULL) != RFD_OK) return 1;
    return s.docmdp == 0 ? DEFAULT_PERMISSION : s.docmdp;
}
