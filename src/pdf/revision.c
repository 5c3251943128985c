/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the file's end to its revisions: the last startxref, the chain of /Prev, and for each revision the %%EOF that
 * closes it. Sections are read newest first and numbered oldest first:
 *
 *   [objects][xref 0][startxref %%EOF] [objects][xref 1][startxref %%EOF]
 *   '---------- revision 0 ----------' '---------- revision 1 ----------'
 *
 * In a linearised file the newer section of the first revision lies before the older one (annex F.3).
 */
#include "pdf/document_internal.h"

#include <stdlib.h>

enum {
    TAIL = 64 * 1024,          /* how far before the file's end the last startxref is looked for */
    NEAR = 8,                  /* how far a startxref may be off */
    TRAILING_MAXIMUM = 1 << 20 /* white space after the last %%EOF that is looked through */
};

/* ---- where a section is ---- */

static bool section_begins(struct pdf_document *doc, uint64_t at)
{
    struct lexer l;
    uint64_t ignored;
    slice before;
    lexer_at(&l, doc->source, at, &doc->arena);
    if (at > 0 && source_view(doc->source, at - 1, 1, &before, NULL) != RFD_OK) return false;
    int previous = at > 0 ? before.data[0] : ' ';
    if (lexer_peek(&l) == 'x') return previous != 't' && lexer_keyword(&l, "xref"); /* not within "startxref" */
    if ((previous >= '0' && previous <= '9') || !lexer_unsigned(&l, XREF_NUMBER_MAXIMUM, &ignored)) return false;
    lexer_skip_space(&l);
    if (!lexer_unsigned(&l, UINT16_MAX, &ignored)) return false;
    lexer_skip_space(&l);
    return lexer_keyword(&l, "obj");
}

/** The first byte from `at` on that is no white space, at most NEAR bytes further. */
static uint64_t skip_space_near(struct pdf_document *doc, uint64_t at)
{
    struct lexer l;
    lexer_at(&l, doc->source, at, &doc->arena);
    while (l.position < at + NEAR && lexer_is_space(lexer_peek(&l))) l.position++;
    return l.position;
}

/** Turns an offset as written into the place of a section. One after white space is met by every reader; other nearby
 * ones count when not strict. */
static rfd_status find_section(struct pdf_document *doc, uint64_t written, uint64_t *out, struct rfd_error *error)
{
    uint64_t at = written + doc->shift;
    if (written <= source_size(doc->source) && section_begins(doc, at)) {
        *out = at;
        return RFD_OK;
    }
    uint64_t behind_space = written <= source_size(doc->source) ? skip_space_near(doc, at) : at;
    if (behind_space != at && section_begins(doc, behind_space)) {
        document_note(doc, PDF_ANOMALY_STARTXREF_INEXACT);
        *out = behind_space;
        return RFD_OK;
    }
    TRY(document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error, "no cross-reference section at byte %llu",
                          (unsigned long long)at));
    for (uint64_t by = 1; by <= NEAR && written <= source_size(doc->source); by++) {
        if (section_begins(doc, at + by))
            at += by;
        else if (at >= by && section_begins(doc, at - by))
            at -= by;
        else
            continue;
        *out = at;
        return RFD_OK;
    }
    return error_set(error, RFD_E_PDF_DAMAGED, "no cross-reference section at or near byte %llu (ISO 32000-2 §7.5.5)",
                     (unsigned long long)at);
}

/** Offsets count from the header when something precedes it, or from the file's start: the last startxref tells. */
static rfd_status choose_shift(struct pdf_document *doc, uint64_t written, struct rfd_error *error)
{
    if (doc->header == 0 || written > source_size(doc->source)) return RFD_OK;
    bool plain = section_begins(doc, written);
    bool shifted = section_begins(doc, written + doc->header);
    if (plain && shifted)
        TRY(document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error,
                              "two cross-reference sections fit, from the file's start and from the header"));
    if (shifted && !plain) doc->shift = doc->header;
    return RFD_OK;
}

/* ---- startxref and %%EOF ---- */

struct closing {
    uint64_t written;    /* the number after startxref */
    uint64_t end;        /* after %%EOF and its line end, or after the number */
    uint64_t eof_marker; /* 0 when missing */
    bool own_line;       /* the number stands on a line of its own */
};

static void skip_white(struct lexer *l, bool *line)
{
    for (int c = lexer_peek(l); lexer_is_space(c); c = lexer_peek(l)) {
        *line |= c == '\n' || c == '\r';
        l->position++;
    }
}

static bool take_text(struct lexer *l, const char *text)
{
    uint64_t from = l->position;
    for (; *text != '\0'; text++, l->position++) {
        if (lexer_peek(l) == (uint8_t)*text) continue;
        l->position = from;
        return false;
    }
    return true;
}

static void take_line_end(struct lexer *l)
{
    bool carriage = lexer_peek(l) == '\r';
    if (carriage) l->position++;
    if (lexer_peek(l) == '\n') l->position++;
}

/** Reads "startxref number %%EOF"; other comments may stand before the %%EOF. False when no startxref is there. */
static bool read_closing(struct lexer *l, struct closing *out)
{
    bool before = false;
    bool after = false;
    struct closing c = {0};
    if (!take_text(l, "startxref")) return false;
    skip_white(l, &before);
    if (!lexer_unsigned(l, INT64_MAX / 2, &c.written)) return false;
    c.end = l->position;
    skip_white(l, &after);
    c.own_line = before && after;
    while (lexer_peek(l) == '%') {
        uint64_t marker = l->position;
        if (take_text(l, "%%EOF")) {
            take_line_end(l);
            c.eof_marker = marker;
            c.end = l->position;
            break;
        }
        c.own_line = false;
        while (lexer_peek(l) >= 0 && lexer_peek(l) != '\n' && lexer_peek(l) != '\r') l->position++;
        skip_white(l, &after);
    }
    *out = c;
    return true;
}

static rfd_status find_last_startxref(struct pdf_document *doc, uint64_t *out, struct rfd_error *error)
{
    static const char keyword[] = "startxref";
    enum { LENGTH = sizeof keyword - 1 };
    uint64_t size = source_size(doc->source);
    uint64_t from = size > TAIL ? size - TAIL : 0;
    slice tail;
    TRY(source_view(doc->source, from, size - from, &tail, error));
    const uint8_t *end = tail.data + tail.length;
    while (tail.length >= LENGTH) {
        const uint8_t *s = memrchr(tail.data, 's', (size_t)(end - tail.data));
        if (s == NULL) break;
        if ((size_t)(tail.data + tail.length - s) >= LENGTH && memcmp(s, keyword, LENGTH) == 0) {
            *out = from + (uint64_t)(s - tail.data);
            return RFD_OK;
        }
        end = s;
    }
    return error_set(error, RFD_E_PDF_DAMAGED, "no startxref in the last %d bytes (ISO 32000-2 §7.5.5)", TAIL);
}

static rfd_status find_newest(struct pdf_document *doc, uint64_t *out, struct rfd_error *error)
{
    struct lexer l;
    struct closing closing;
    uint64_t keyword = 0;
    TRY(find_last_startxref(doc, &keyword, error));
    lexer_at(&l, doc->source, keyword, &doc->arena);
    if (!read_closing(&l, &closing))
        return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: startxref without a number (ISO 32000-2 §7.5.5)",
                         (unsigned long long)keyword);
    if (!closing.own_line)
        TRY(document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error, "its number is not alone on its line"));
    TRY(choose_shift(doc, closing.written, error));
    return find_section(doc, closing.written, out, error);
}

/* ---- the chain ---- */

static rfd_status previous_of(struct pdf_document *doc, const struct xref_section *s, uint64_t *out, bool *any,
                              struct rfd_error *error)
{
    int64_t at;
    const struct pdf_value *written = pdf_entry_of(s->trailer, "Prev");
    *any = false;
    if (written->kind == PDF_NULL) return RFD_OK;
    if (!pdf_integer(written, &at) || at < 0)
        return error_set(error, RFD_E_PDF_DAMAGED, "/Prev of the section at byte %llu (ISO 32000-2 §7.5.5)",
                         (unsigned long long)s->offset);
    if (at == 0) return document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error, "/Prev 0");
    *any = true;
    return find_section(doc, (uint64_t)at, out, error);
}

static rfd_status read_chain(struct pdf_document *doc, uint64_t newest, struct map *seen, struct xref_section **out,
                             struct rfd_error *error)
{
    struct xref_section *first = NULL;
    struct xref_section **link = &first;
    uint64_t at = newest;
    bool any = true;
    while (any) {
        if (map_has(seen, at))
            return error_set(error, RFD_E_PDF_DAMAGED, "/Prev leads back to byte %llu", (unsigned long long)at);
        if (seen->count == XREF_SECTIONS_MAXIMUM)
            return error_set(error, RFD_E_LIMIT, "more than %d cross-reference sections", XREF_SECTIONS_MAXIMUM);
        if (map_set(seen, at, 1) != RFD_OK) return error_memory(error);
        TRY(xref_read(doc, at, link, error));
        TRY(previous_of(doc, *link, &at, &any, error));
        link = &(*link)->older;
    }
    *out = first;
    return RFD_OK;
}

/** True when the file's first object is a linearization dictionary (annex F.3.3). */
static bool is_linearised(struct pdf_document *doc)
{
    struct lexer l;
    struct pdf_value v;
    uint64_t ignored;
    lexer_at(&l, doc->source, doc->header, &doc->arena);
    lexer_skip_space(&l); /* the header is a comment */
    bool object = lexer_unsigned(&l, XREF_NUMBER_MAXIMUM, &ignored);
    lexer_skip_space(&l);
    object = object && lexer_unsigned(&l, UINT16_MAX, &ignored);
    lexer_skip_space(&l);
    object = object && lexer_keyword(&l, "obj");
    return object && lexer_value(&l, &v, NULL) == RFD_OK && pdf_entry_of(&v, "Linearized")->kind != PDF_NULL;
}

/* ---- revisions ---- */

static rfd_status close_revision(struct pdf_document *doc, struct pdf_revision *r, uint64_t sections_end,
                                 struct rfd_error *error)
{
    struct lexer l;
    struct closing closing;
    lexer_at(&l, doc->source, sections_end, &doc->arena);
    lexer_skip_space(&l);
    if (!read_closing(&l, &closing)) {
        document_note(doc, PDF_ANOMALY_EOF_MISSING);
        r->end = sections_end;
        return RFD_OK;
    }
    r->end = closing.end;
    r->eof_marker = closing.eof_marker;
    if (closing.eof_marker == 0) document_note(doc, PDF_ANOMALY_EOF_MISSING);
    uint64_t says = closing.written + doc->shift;
    if (says == r->startxref) return RFD_OK;
    if (says < r->startxref && skip_space_near(doc, says) == r->startxref) {
        document_note(doc, PDF_ANOMALY_STARTXREF_INEXACT);
        return RFD_OK;
    }
    return document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error,
                             "startxref after the section at byte %llu says %llu", (unsigned long long)r->startxref,
                             (unsigned long long)closing.written);
}

/** §7.5.5: /Size is one more than the highest number in use, in all sections together. */
static rfd_status check_size(struct pdf_document *doc, const struct pdf_revision *r, struct rfd_error *error)
{
    int64_t size;
    bool good = pdf_integer(pdf_entry_of(r->trailer, "Size"), &size) && size >= 0 && (uint64_t)size >= r->size;
    return good ? RFD_OK
                : document_tolerate(doc, PDF_ANOMALY_XREF_SIZE, error, "section at byte %llu",
                                    (unsigned long long)r->startxref);
}

/** Adds the revision whose sections are [from, to]. */
static rfd_status add_revision(struct pdf_document *doc, uint32_t from, uint32_t to, struct rfd_error *error)
{
    const struct xref_section *newest = doc->xref.sections[to];
    struct pdf_revision *r = &doc->revisions[doc->revision_count];
    uint64_t end = 0;
    *r = (struct pdf_revision){.startxref = newest->offset, .xref = newest->kind, .trailer = newest->trailer};
    if (doc->revision_count > 0) r->size = r[-1].size;
    for (uint32_t i = from; i <= to; i++) {
        const struct xref_section *s = doc->xref.sections[i];
        if (doc->revision_count > 0 && s->offset < r[-1].end)
            TRY(document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error,
                                  "the section at byte %llu lies within an earlier revision",
                                  (unsigned long long)s->offset));
        if (end < s->end) end = s->end;
        if (r->size < s->size) r->size = s->size;
    }
    r->linearised = from == 0 && to == 1 && is_linearised(doc);
    if (from != to && !r->linearised)
        TRY(document_tolerate(doc, PDF_ANOMALY_STARTXREF_INEXACT, error, "/Prev points forward from byte %llu",
                              (unsigned long long)newest->offset));
    TRY(close_revision(doc, r, end, error));
    TRY(check_size(doc, r, error));
    doc->newest_section[doc->revision_count++] = to;
    return RFD_OK;
}

static rfd_status split(struct pdf_document *doc, struct rfd_error *error)
{
    const struct xref *x = &doc->xref;
    doc->revisions = arena_zeroed(&doc->arena, x->count, sizeof *doc->revisions);
    doc->newest_section = arena_zeroed(&doc->arena, x->count, sizeof *doc->newest_section);
    if (doc->revisions == NULL || doc->newest_section == NULL) return arena_failed(&doc->arena, error);
    for (uint32_t from = 0; from < x->count;) {
        uint32_t to = from;
        while (to + 1 < x->count && x->sections[to + 1]->offset < x->sections[to]->offset) to++;
        TRY(add_revision(doc, from, to, error));
        from = to + 1;
    }
    return RFD_OK;
}

/** White space after the last %%EOF is nobody's business; anything else is told. */
static void look_behind(struct pdf_document *doc)
{
    struct lexer l;
    uint64_t end = doc->revisions[doc->revision_count - 1].end;
    lexer_at(&l, doc->source, end, &doc->arena);
    while (lexer_is_space(lexer_peek(&l)) && l.position - end < TRAILING_MAXIMUM) l.position++;
    if (lexer_peek(&l) >= 0) document_note(doc, PDF_ANOMALY_TRAILING_BYTES);
}

rfd_status revision_read_all(struct pdf_document *doc, struct rfd_error *error)
{
    uint64_t at;
    struct map seen = {0};
    struct xref_section *newest = NULL;
    rfd_status status;
    TRY_OUT(find_newest(doc, &at, error));
    TRY_OUT(read_chain(doc, at, &seen, &newest, error));
    TRY_OUT(xref_set(doc, newest, error));
    TRY_OUT(split(doc, error));
    look_behind(doc);
out:
    map_dispose(&seen);
    return status;
}
