/* SPDX-License-Identifier: EUPL-1.2
 *
 * The signatures of a document: all signature fields with a value in the latest revision, each read as the revision
 * that it signed has it.
 */
#include "pades/verify/validate.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum {
    SIGNATURES_MAXIMUM = 4096,
    LOOKED_MAXIMUM = 1000 * 1000, /* fields of earlier revisions */
    CONTENTS_MINIMUM = 32         /* bytes; no signature is shorter */
};

/* The field of this name in a revision, if possible the one with the very same value; NULL when there is none. */
static rfd_status find_field(struct pdf_view *view, const struct signature_state *s, const struct pdf_field **out,
                             struct rfd_error *error)
{
    const struct pdf_field *fields;
    const struct pdf_field *found = NULL;
    size_t count;
    TRY(pdf_fields(view, &fields, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal(fields[i].name, s->field->name)) continue;
        if (found == NULL || fields[i].value == s->dictionary.dictionary) found = &fields[i];
    }
    *out = found;
    return RFD_OK;
}

static bool is_same_object(struct validation *v, size_t revision, struct pdf_reference reference,
                           const struct pdf_value *value)
{
    const struct pdf_value *then;
    return reference.number != 0 && pdf_object(v->doc, revision, reference.number, &then, NULL) == RFD_OK &&
           then == value;
}

/* A CMS (a SEQUENCE) or a bare RSA signature (an OCTET STRING) of a length that one can have, padding aside. */
static bool may_be_signature(slice contents)
{
    while (contents.length > 0 && contents.data[contents.length - 1] == 0) contents.length--;
    return contents.length >= CONTENTS_MINIMUM && (contents.data[0] == 0x30 || contents.data[0] == 0x04);
}

/* The signature dictionary as the signed revision has it. A later revision that shows another one is found out here:
 * what is reported is always what was signed (ISO 32000-2 §12.8.1). */
static rfd_status read_signed(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    struct pdf_view view = pdf_view(v->doc, s->coverage.revision);
    const struct pdf_field *then;
    struct pdf_signature signature;
    if (is_same_object(v, s->coverage.revision, s->field->reference, s->field->dictionary) &&
        is_same_object(v, s->coverage.revision, s->field->value_reference, s->dictionary.dictionary)) {
        return RFD_OK;
    }
    TRY(find_field(&view, s, &then, error));
    if (then == NULL || then->value->kind != PDF_DICTIONARY) {
        findings_add(&s->findings, RFD_FINDING_DICTIONARY_CHANGED, "the signed revision has no such signature");
        return RFD_OK;
    }
    s->field = then;
    if (then->value == s->dictionary.dictionary) return RFD_OK;
    if (!slice_equal(then->value->raw, s->dictionary.dictionary->raw)) {
        findings_add(&s->findings, RFD_FINDING_DICTIONARY_CHANGED, NULL);
        if (!may_be_signature(s->dictionary.contents)) /* what a viewer meets is nothing that can be verified */
            findings_add(&s->findings, RFD_FINDING_CONTENTS_MISSING, "the later /Contents is no signature");
    }
    TRY(pdf_signature_read(&view, then->value, then->value_reference, &signature, error));
    s->dictionary = signature;
    return coverage_check(v->doc, &s->dictionary, &s->coverage, &s->findings, error);
}

static rfd_status start(struct validation *v, const struct pdf_field *field, struct signature_state *s,
                        struct rfd_error *error)
{
    *s = (struct signature_state){.field = field, .proof = RFD_TIME_NONE};
    findings_init(&s->findings, v->arena);
    s->report = (struct rfd_signature_report){.signer = "",
                                              .sub_filter = "",
                                              .reason = "",
                                              .location = "",
                                              .contact = "",
                                              .name = "",
                                              .digest_algorithm = "",
                                              .signature_algorithm = "",
                                              .claimed_time = RFD_TIME_NONE,
                                              .proven_time = RFD_TIME_NONE,
                                              .best_time = RFD_TIME_NONE,
                                              .best_proof_field = "",
                                              .control_time = RFD_TIME_NONE};
    return validate_text(v, field->name, &s->report.field, error);
}

/* Reads one signature; a first look at its coverage tells the revision, and that revision what was signed. */
static rfd_status read_signature(struct validation *v, struct pdf_view *view, const struct pdf_field *field,
                                 struct signature_state *s, struct rfd_error *error)
{
    TRY(start(v, field, s, error));
    if (field->value->kind != PDF_DICTIONARY) {
        findings_add(&s->findings, RFD_FINDING_CONTENTS_MISSING, "the field's value is not a dictionary");
        return RFD_OK;
    }
    TRY(pdf_signature_read(view, field->value, field->value_reference, &s->dictionary, error));
    TRY(coverage_check(v->doc, &s->dictionary, &s->coverage, &s->findings, error));
    return s->coverage.has_revision ? read_signed(v, s, error) : RFD_OK;
}

static rfd_status make_room(struct validation *v, size_t count, struct rfd_error *error)
{
    if (count > SIGNATURES_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%zu signatures", count);
    v->signatures = memory_zeroed(count == 0 ? 1 : count, sizeof *v->signatures);
    return v->signatures == NULL ? error_memory(error) : RFD_OK;
}

static bool is_signed(const struct pdf_field *field)
{
    return slice_is(field->type, "Sig") && field->value->kind != PDF_NULL;
}

/* In the order of signing: by the end of what is covered. */
static int compare_signatures(const void *left, const void *right)
{
    const struct signature_state *a = left;
    const struct signature_state *b = right;
    if (a->coverage.has_revision != b->coverage.has_revision) return a->coverage.has_revision ? -1 : 1;
    if (a->coverage.end != b->coverage.end) return a->coverage.end < b->coverage.end ? -1 : 1;
    return slice_compare(a->field->name, b->field->name);
}

static rfd_status find_in(struct validation *v, struct pdf_view *view, size_t *looked, struct rfd_error *error)
{
    const struct pdf_field *fields;
    size_t field_count;
    size_t count = 0;
    TRY(pdf_fields(view, &fields, &field_count, error));
    *looked += field_count + 1;
    for (size_t i = 0; i < field_count; i++) count += is_signed(&fields[i]);
    memory_free(v->signatures);
    TRY(make_room(v, count, error));
    for (size_t i = 0; i < field_count; i++) {
        if (!is_signed(&fields[i])) continue;
        TRY(read_signature(v, view, &fields[i], &v->signatures[v->count], error));
        v->count++;
    }
    if (v->count > 1) qsort(v->signatures, v->count, sizeof *v->signatures, compare_signatures);
    return RFD_OK;
}

/* When the document shows no signature any more, those of the newest revision that does: an update that takes them all
 * away must not pass for a document that nobody signed. One that leaves others is found out by those. */
static rfd_status find_removed(struct validation *v, size_t looked, struct rfd_error *error)
{
    for (size_t i = pdf_revision_count(v->doc) - 1; i-- > 0 && v->count == 0 && looked < LOOKED_MAXIMUM;) {
        struct pdf_view view = pdf_view(v->doc, i);
        rfd_status status = find_in(v, &view, &looked, error);
        if (validate_is_fatal(status)) return status;
    }
    for (size_t i = 0; i < v->count; i++) {
        findings_add(&v->signatures[i].findings, RFD_FINDING_DICTIONARY_CHANGED, "a later revision took it away");
    }
    return RFD_OK;
}

static rfd_status find_readable(struct validation *v, struct rfd_error *error)
{
    size_t looked = 0;
    TRY(find_in(v, &v->latest, &looked, error));
    return v->count == 0 ? find_removed(v, looked, error) : RFD_OK;
}

/* --- Signatures that cannot be read ------------------------------------------------------------------------------- */

/* A signature field of the form's first level whose value is there but is no dictionary that can be read: a viewer may
 * show it all the same, so it must be named. */
static rfd_status find_unreadable_at(struct validation *v, const struct pdf_value *item, struct rfd_error *error)
{
    struct pdf_view view = pdf_latest(v->doc);
    struct pdf_field *field = arena_zeroed(v->arena, 1, sizeof *field);
    struct buf name;
    if (field == NULL) return arena_failed(v->arena, error);
    const struct pdf_value *dictionary = pdf_resolve(&view, item);
    const struct pdf_value *title = pdf_get(&view, dictionary, "T");
    bool is_signature = pdf_is_name(pdf_get(&view, dictionary, "FT"), "Sig");
    if (!is_signature || title->kind != PDF_STRING || pdf_entry_of(dictionary, "V")->kind == PDF_NULL) return RFD_OK;
    if (pdf_get(&view, dictionary, "V")->kind == PDF_NULL && view.failure.code == RFD_OK) return RFD_OK;
    buf_init(&name, 1 << 16);
    pdf_text_to_utf8(title->bytes, &name);
    field->name = arena_copy(v->arena, buf_slice(&name));
    buf_dispose(&name);
    if (field->name.data == NULL) return arena_failed(v->arena, error);
    struct signature_state *s = &v->signatures[v->count];
    TRY(start(v, field, s, error));
    v->count++;
    findings_add(&s->findings, RFD_FINDING_CONTENTS_MISSING, "%s", view.failure.detail);
    return RFD_OK;
}

static rfd_status find_unreadable(struct validation *v, struct rfd_error *error)
{
    struct pdf_view view = pdf_latest(v->doc);
    const struct pdf_value *fields = pdf_get(&view, pdf_get(&view, pdf_catalog(&view), "AcroForm"), "Fields");
    if (fields->kind != PDF_ARRAY) return RFD_OK;
    TRY(make_room(v, fields->count, error));
    for (uint32_t i = 0; i < fields->count; i++) TRY(find_unreadable_at(v, &fields->items[i], error));
    return RFD_OK;
}

/* What follows the beginning that is read has no place in it: at least it is no update. */
static void note_beginning(struct validation *v)
{
    for (size_t i = 0; v->beginning && i < v->count; i++) {
        v->signatures[i].coverage.whole_file = false;
        findings_add(&v->signatures[i].findings, RFD_FINDING_TRAILING_BYTES, "from byte %llu",
                     (unsigned long long)source_size(pdf_source(v->doc)));
    }
}

/* The objects of each revision are looked through once, however many signatures say that they cover it. */
static rfd_status check_gaps(struct validation *v, struct rfd_error *error)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < v->count; i++) {
        struct signature_state *s = &v->signatures[i];
        if (!s->coverage.well_formed || !s->coverage.has_revision || s->coverage.revision == last) continue;
        last = s->coverage.revision;
        TRY(coverage_check_streams(v->doc, &s->dictionary, &s->coverage, &s->findings, error));
    }
    return RFD_OK;
}

rfd_status validate_find(struct validation *v, struct rfd_error *error)
{
    rfd_status status = find_readable(v, error);
    if (status == RFD_E_PDF_DAMAGED && v->damage != NULL) {
        v->count = 0;
        memory_free(v->signatures);
        v->signatures = NULL;
        status = find_unreadable(v, error);
    }
    note_beginning(v);
    return status == RFD_OK ? check_gaps(v, error) : status;
}
