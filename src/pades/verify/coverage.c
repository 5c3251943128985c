/* SPDX-License-Identifier: EUPL-1.2
 *
 * A signature's ByteRange against the file. Universal forgery leaves ByteRange or Contents unusable, wrapping moves
 * the gap, incremental saving adds what is no update: each leaves a finding of its own.
 */
#include "pades/verify/coverage.h"

#include "base/error.h"
#include "base/number.h"
#include "pdf/lexer.h"

enum {
    EOF_LENGTH = 5,         /* %%EOF */
    WHITE_MAXIMUM = 1 << 16 /* white space behind %%EOF that may be signed along */
};

/* ---- ByteRange and Contents ---- */

static bool is_zero(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] != 0) return false;
    }
    return true;
}

static bool check_contents(const struct pdf_signature *s, struct findings *findings)
{
    if (pdf_entry_of(s->dictionary, "Contents")->kind != PDF_STRING) {
        findings_add(findings, RFD_FINDING_CONTENTS_MISSING, "/Contents is no direct string (ISO 32000-2 §12.8.1)");
        return false;
    }
    if (is_zero(s->contents)) {
        findings_add(findings, RFD_FINDING_CONTENTS_EMPTY, "%zu bytes", s->contents.length);
        return false;
    }
    return true;
}

/** Four integers that make two ascending ranges within the file, the first at its start. */
static bool check_byte_range(const struct pdf_signature *s, uint64_t size, struct findings *findings)
{
    const int64_t *r = s->byte_range;
    bool usable = pdf_entry_of(s->dictionary, "ByteRange")->kind == PDF_ARRAY && s->byte_range_count == 4;
    for (int i = 0; usable && i < 4; i++) usable = r[i] >= 0;
    if (!usable || (r[1] == 0 && r[3] == 0)) {
        findings_add(findings, RFD_FINDING_BYTE_RANGE_MISSING, "not four integers that are 0 or more");
        return false;
    }
    for (int i = 0; i < 4; i += 2) {
        if ((uint64_t)r[i] <= size && (uint64_t)r[i + 1] <= size - (uint64_t)r[i]) continue;
        findings_add(findings, RFD_FINDING_BYTE_RANGE_OUTSIDE, "%lld+%lld of %llu bytes", (long long)r[i],
                     (long long)r[i + 1], (unsigned long long)size);
        return false;
    }
    if (r[0] != 0) {
        findings_add(findings, RFD_FINDING_BYTE_RANGE_START, "starts at byte %lld", (long long)r[0]);
        return false;
    }
    if (r[1] == 0 || r[3] == 0 || r[2] <= r[1]) {
        findings_add(findings, RFD_FINDING_BYTE_RANGE_SHAPE, "[%lld %lld %lld %lld]", (long long)r[0], (long long)r[1],
                     (long long)r[2], (long long)r[3]);
        return false;
    }
    return true;
}

/** "<", pairs of digits in one case (white space between them tolerated), ">". No signature covers the hole: a digit of
 * the other case or a missing one leaves its value as it was, and nobody writes so but who altered it. */
static bool is_hexadecimal(slice raw)
{
    size_t digits = 0;
    bool upper = false;
    bool lower = false;
    if (raw.length < 2 || raw.data[0] != '<' || raw.data[raw.length - 1] != '>') return false;
    for (size_t i = 1; i + 1 < raw.length; i++) {
        uint8_t c = raw.data[i];
        if (lexer_is_space(c)) continue;
        if (number_hex_digit(c) < 0) return false;
        digits++;
        upper |= c >= 'A' && c <= 'F';
        lower |= c >= 'a';
    }
    return digits % 2 == 0 && !(upper && lower);
}

static bool check_gap(const struct pdf_signature *s, struct findings *findings)
{
    uint64_t from = (uint64_t)s->byte_range[1];
    uint64_t length = (uint64_t)s->byte_range[2] - from;
    if (s->contents_offset == from && s->contents_raw.length == length && is_hexadecimal(s->contents_raw)) return true;
    findings_add(findings, RFD_FINDING_GAP_NOT_CONTENTS, "gap %llu+%llu, /Contents %llu+%zu", (unsigned long long)from,
                 (unsigned long long)length, (unsigned long long)s->contents_offset, s->contents_raw.length);
    return false;
}

/* ---- revisions ---- */

/** White space only between two offsets. */
static rfd_status is_white(struct source *source, uint64_t from, uint64_t to, bool *out, struct rfd_error *error)
{
    slice between;
    *out = false;
    if (to < from || to - from > WHITE_MAXIMUM) return RFD_OK;
    TRY(source_view(source, from, to - from, &between, error));
    for (size_t i = 0; i < between.length; i++) {
        if (!lexer_is_space(between.data[i])) return RFD_OK;
    }
    *out = true;
    return RFD_OK;
}

/** The revision whose %%EOF the covered bytes end with, white space aside. */
static rfd_status find_revision(struct pdf_document *doc, struct coverage *c, struct rfd_error *error)
{
    for (size_t i = pdf_revision_count(doc); i-- > 0;) {
        uint64_t marker = pdf_revision(doc, i)->eof_marker;
        if (marker == 0 || marker + EOF_LENGTH > c->end) continue;
        c->revision = i;
        return is_white(pdf_source(doc), marker + EOF_LENGTH, c->end, &c->has_revision, error);
    }
    return RFD_OK;
}

static bool is_inside(struct pdf_document *doc, const struct pdf_value *offset, uint64_t end)
{
    int64_t at;
    return !pdf_integer(offset, &at) || at < 0 || (uint64_t)at < end - pdf_offset_shift(doc);
}

/** Every cross-reference section that the signed revision is read with must be signed. */
static void check_sections(struct pdf_document *doc, const struct coverage *c, struct findings *findings)
{
    for (size_t i = 0; i <= c->revision; i++) {
        const struct pdf_revision *r = pdf_revision(doc, i);
        if (r->startxref < c->end && is_inside(doc, pdf_entry_of(r->trailer, "XRefStm"), c->end) &&
            is_inside(doc, pdf_entry_of(r->trailer, "Prev"), c->end))
            continue;
        findings_add_at(findings, RFD_FINDING_XREF_NOT_COVERED, i, 0, "section at byte %llu, covered up to %llu",
                        (unsigned long long)r->startxref, (unsigned long long)c->end);
    }
}

/** The file may end with one more end of line. */
static rfd_status is_whole(struct source *source, uint64_t end, bool *out, struct rfd_error *error)
{
    slice rest;
    uint64_t size = source_size(source);
    *out = end == size;
    if (*out || size - end > 2) return RFD_OK;
    TRY(source_view(source, end, size - end, &rest, error));
    *out = slice_is(rest, "\n") || slice_is(rest, "\r") || slice_is(rest, "\r\n");
    return RFD_OK;
}

/** What follows must be updates, each with its own end. */
static void check_rest(struct pdf_document *doc, const struct coverage *c, struct findings *findings)
{
    size_t last = pdf_revision_count(doc) - 1;
    uint64_t end = pdf_revision(doc, last)->end;
    if (pdf_has_anomaly(doc, PDF_ANOMALY_TRAILING_BYTES) && source_size(pdf_source(doc)) > c->end)
        findings_add(findings, RFD_FINDING_TRAILING_BYTES, "from byte %llu", (unsigned long long)end);
    for (size_t i = c->has_revision ? c->revision + 1 : last + 1; i <= last; i++) {
        if (pdf_revision(doc, i)->eof_marker == 0)
            findings_add_at(findings, RFD_FINDING_TRAILING_BYTES, i, 0, "the update has no %%%%EOF");
    }
}

/* ---- the dictionary ---- */

static rfd_status object_of(struct pdf_document *doc, size_t revision, uint32_t number, const struct pdf_value **out,
                            struct rfd_error *error)
{
    rfd_status status = pdf_object(doc, revision, number, out, error);
    if (status == RFD_OK || status == RFD_E_MEMORY) return status;
    *out = &pdf_null;
    return RFD_OK;
}

/** Who signed why is what the signed revision says, not what a later one makes of it. */
static rfd_status check_dictionary(struct pdf_document *doc, const struct pdf_signature *s, const struct coverage *c,
                                   struct findings *findings, struct rfd_error *error)
{
    const struct pdf_value *then;
    const struct pdf_value *now;
    uint32_t number = s->reference.number;
    if (number == 0 || !c->has_revision) return RFD_OK;
    TRY(object_of(doc, c->revision, number, &then, error));
    TRY(object_of(doc, pdf_revision_count(doc) - 1, number, &now, error));
    if (then->kind == PDF_DICTIONARY && (then == now || slice_equal(then->raw, now->raw)) &&
        (then == s->dictionary || slice_equal(then->raw, s->dictionary->raw)))
        return RFD_OK;
    findings_add_at(findings, RFD_FINDING_DICTIONARY_CHANGED, c->revision, number,
                    "the signature dictionary is not that of the signed revision");
    return RFD_OK;
}

rfd_status coverage_check(struct pdf_document *doc, const struct pdf_signature *signature, struct coverage *out,
                          struct findings *findings, struct rfd_error *error)
{
    struct coverage c = {0};
    struct source *source = pdf_source(doc);
    bool contents = check_contents(signature, findings);
    bool range = check_byte_range(signature, source_size(source), findings);
    c.well_formed = contents && range && check_gap(signature, findings);
    if (range) {
        c.end = (uint64_t)signature->byte_range[2] + (uint64_t)signature->byte_range[3];
        TRY(is_whole(source, c.end, &c.whole_file, error));
        TRY(find_revision(doc, &c, error));
        if (c.has_revision)
            check_sections(doc, &c, findings);
        else
            findings_add(findings, RFD_FINDING_REVISION_NOT_COVERED, "covered up to byte %llu",
                         (unsigned long long)c.end);
        check_rest(doc, &c, findings);
        TRY(check_dictionary(doc, signature, &c, findings, error));
    }
    if (findings->status != RFD_OK) return error_set(error, findings->status, "findings");
    *out = c;
    return RFD_OK;
}

/* ---- what others read in the gap ---- */

rfd_status coverage_check_streams(struct pdf_document *doc, const struct pdf_signature *signature,
                                  struct coverage *coverage, struct findings *findings, struct rfd_error *error)
{
    const uint32_t *numbers;
    size_t count;
    uint64_t gap = (uint64_t)signature->byte_range[1];
    rfd_status status = pdf_revision_objects(doc, coverage->revision, &numbers, &count, error);
    if (status == RFD_E_MEMORY) return status;
    for (size_t i = 0; status == RFD_OK && i < count; i++) {
        const struct pdf_value *v;
        struct pdf_location at = pdf_locate(doc, coverage->revision, numbers[i]);
        if (at.kind != PDF_ENTRY_OFFSET || at.offset >= gap) continue;
        TRY(object_of(doc, coverage->revision, numbers[i], &v, error));
        if (v->kind != PDF_STREAM || v->stream->offset >= gap || v->stream->encoded.length <= gap - v->stream->offset)
            continue;
        coverage->well_formed = false;
        findings_add_at(findings, RFD_FINDING_GAP_NOT_CONTENTS, coverage->revision, numbers[i],
                        "a stream reaches over it");
    }
    return RFD_OK;
}
