/* SPDX-License-Identifier: EUPL-1.2
 *
 * The file as bytes: header, trailer, end, cross-reference, and how objects are set. ISO 19005-1 §6.1.2-6.1.8,
 * 19005-2 §6.1.2-6.1.9.
 */
#include "pdf/archive/archive_internal.h"

#include "pdf/lexer.h"

enum { HEADER_SIZE = 16, COMMENT_BYTES = 4 };

/** The bytes at an offset, fewer at the end of the file. */
static slice bytes_at(struct archive *a, uint64_t offset, size_t length)
{
    struct source *source = pdf_source(a->view->doc);
    uint64_t size = source_size(source);
    slice out = SLICE_EMPTY;
    if (offset >= size) return out;
    if (length > size - offset) length = (size_t)(size - offset);
    (void)archive_read(a, source_view(source, offset, length, &out, NULL));
    return out;
}

static bool is_eol(uint8_t c)
{
    return c == '\r' || c == '\n';
}

/** Length of one end of line at the slice's beginning, 0 for none. */
static size_t eol_length(slice s)
{
    if (s.length == 0 || !is_eol(s.data[0])) return 0;
    return s.length > 1 && s.data[0] == '\r' && s.data[1] == '\n' ? 2 : 1;
}

/* --- Header, trailer, end ---------------------------------------------------------------------------------------- */

static void check_header(struct archive *a)
{
    slice head = bytes_at(a, 0, HEADER_SIZE);
    uint8_t last = a->part == 1 ? '9' : '7';
    bool good = slice_starts(head, SLICE("%PDF-1.")) && head.length == HEADER_SIZE && head.data[7] >= '0' &&
                head.data[7] <= last && eol_length(slice_from(head, 8)) > 0;
    if (!good) {
        archive_add(a, PDF_ARCHIVE_HEADER, 0, NULL);
        return;
    }
    slice comment = slice_from(head, 8 + eol_length(slice_from(head, 8)));
    bool binary = comment.length > COMMENT_BYTES && comment.data[0] == '%';
    for (size_t i = 1; binary && i <= COMMENT_BYTES; i++) binary = comment.data[i] > 127;
    if (!binary) archive_add(a, PDF_ARCHIVE_HEADER_COMMENT, 0, NULL);
}

static void check_trailer(struct archive *a)
{
    const struct pdf_value *trailer = pdf_trailer(a->view);
    const struct pdf_value *id = pdf_get(a->view, trailer, "ID");
    if (id->kind != PDF_ARRAY || id->count != 2 || pdf_item(a->view, id, 0)->kind != PDF_STRING)
        archive_add(a, PDF_ARCHIVE_FILE_IDENTIFIER, 0, NULL);
    if (pdf_is_encrypted(a->view->doc)) archive_add(a, PDF_ARCHIVE_ENCRYPTION, 0, NULL);
}

/** Only of the file's last revision: earlier ones end where the next begins. */
static void check_end(struct archive *a)
{
    const struct pdf_revision *r = pdf_revision(a->view->doc, pdf_revision_count(a->view->doc) - 1);
    if (r->eof_marker == 0 || r->end < source_size(pdf_source(a->view->doc)))
        archive_add(a, PDF_ARCHIVE_AFTER_END, 0, NULL);
}

static void check_sections(struct archive *a)
{
    for (size_t i = 0; i < pdf_revision_count(a->view->doc); i++) {
        const struct pdf_revision *r = pdf_revision(a->view->doc, i);
        if (r->xref != PDF_XREF_TABLE) archive_add(a, PDF_ARCHIVE_XREF_STREAM, 0, "revision %zu", i + 1);
        if (r->xref == PDF_XREF_STREAM) continue;
        slice text = bytes_at(a, r->startxref, 8);
        size_t eol = slice_starts(text, SLICE("xref")) ? eol_length(slice_from(text, 4)) : 0;
        bool digit = eol > 0 && 4 + eol < text.length && text.data[4 + eol] >= '0' && text.data[4 + eol] <= '9';
        if (!digit) archive_add(a, PDF_ARCHIVE_XREF_SPACING, 0, "revision %zu", i + 1);
    }
}

void archive_check_file(struct archive *a)
{
    check_header(a);
    check_trailer(a);
    check_end(a);
    check_sections(a);
}

/* --- Objects ----------------------------------------------------------------------------------------------------- */

static size_t digits(slice s)
{
    size_t n = 0;
    while (n < s.length && s.data[n] >= '0' && s.data[n] <= '9') n++;
    return n;
}

/** "12 0 obj" and an end of line. */
static bool head_is_right(slice s)
{
    size_t number = digits(s);
    if (number == 0 || number >= s.length || !lexer_is_space(s.data[number])) return false;
    s = slice_from(s, number + 1);
    size_t generation = digits(s);
    if (generation == 0 || generation >= s.length || !lexer_is_space(s.data[generation])) return false;
    s = slice_from(s, generation + 1);
    return slice_starts(s, SLICE("obj")) && eol_length(slice_from(s, 3)) > 0;
}

/** An end of line, the word, an end of line. Other white space may stand before the first. */
static bool word_is_right(slice s, slice word, size_t *after)
{
    size_t at = 0;
    while (at < s.length && lexer_is_space(s.data[at])) at++;
    if (at == 0 || !is_eol(s.data[at - 1]) || !slice_starts(slice_from(s, at), word)) return false;
    *after = at + word.length;
    return eol_length(slice_from(s, *after)) > 0;
}

static void check_stream_words(struct archive *a, const struct pdf_stream *stream, uint32_t number)
{
    slice before = stream->offset < 8 ? SLICE_EMPTY : bytes_at(a, stream->offset - 8, 8);
    bool begins = before.length == 8 && before.data[7] == '\n' &&
                  (slice_equal(slice_part(before, 1, 6), SLICE("stream")) ||
                   (before.data[6] == '\r' && slice_equal(slice_part(before, 0, 6), SLICE("stream"))));
    slice end = bytes_at(a, stream->offset + stream->encoded.length, 40);
    size_t eol = eol_length(end);
    bool ends = eol > 0 && slice_starts(slice_from(end, eol), SLICE("endstream"));
    if (!begins || !ends) archive_add(a, PDF_ARCHIVE_STREAM_LENGTH, number, NULL);
    size_t after;
    if (ends && !word_is_right(slice_from(end, eol + 9), SLICE("endobj"), &after))
        archive_add(a, PDF_ARCHIVE_OBJECT_SPACING, number, NULL);
}

/** Goes behind "12 0 obj". */
static bool pass_head(struct lexer *l)
{
    uint64_t number;
    if (!lexer_unsigned(l, UINT32_MAX, &number)) return false;
    lexer_skip_space(l);
    if (!lexer_unsigned(l, UINT16_MAX, &number)) return false;
    lexer_skip_space(l);
    return lexer_keyword(l, "obj");
}

static void check_end_word(struct archive *a, uint64_t offset, uint32_t number)
{
    struct pdf_value ignored;
    struct lexer l;
    size_t after;
    struct arena_mark mark = arena_mark(a->arena);
    lexer_at(&l, pdf_source(a->view->doc), offset, a->arena);
    bool read = pass_head(&l) && lexer_value(&l, &ignored, NULL) == RFD_OK;
    arena_release(a->arena, mark);
    if (read && !word_is_right(bytes_at(a, l.position, 64), SLICE("endobj"), &after))
        archive_add(a, PDF_ARCHIVE_OBJECT_SPACING, number, NULL);
}

void archive_check_framing(struct archive *a, uint32_t number)
{
    const struct pdf_value *v;
    struct pdf_location where = pdf_locate(a->view->doc, a->view->revision, number);
    if (where.kind != PDF_ENTRY_OFFSET || pdf_object(a->view->doc, a->view->revision, number, &v, NULL) != RFD_OK)
        return;
    slice before = where.offset == 0 ? SLICE_EMPTY : bytes_at(a, where.offset - 1, 1);
    if (before.length != 1 || !is_eol(before.data[0]) || !head_is_right(bytes_at(a, where.offset, 32)))
        archive_add(a, PDF_ARCHIVE_OBJECT_SPACING, number, NULL);
    if (v->kind == PDF_STREAM)
        check_stream_words(a, v->stream, number);
    else
        check_end_word(a, where.offset, number);
}
