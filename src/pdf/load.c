/* SPDX-License-Identifier: EUPL-1.2
 *
 * Indirect objects, by offset and by number. Each place is parsed once; the results are found again by their place, so
 * that revisions which share an object share its value.
 *
 * One case needs care. A stream whose /Length is a reference may end elsewhere in another revision, where that
 * reference leads to another number. Then the same offset has two values, told apart by the /Length object.
 */
#include "base/map.h"
#include "pdf/crypt.h"
#include "pdf/document_internal.h"

enum {
    NEEDS_MAXIMUM = 8,      /* a stream's /Length in an object stream whose /Length ... */
    FIND_PIECE = 64 * 1024, /* searched at a time */
    LOOKUP_WORK = 64,       /* least cost of an object */
    WHITE_MAXIMUM = 64      /* before "endstream" */
};

rfd_status load_spend(struct pdf_document *doc, uint64_t work, struct rfd_error *error)
{
    work += LOOKUP_WORK;
    if (work > doc->work) {
        doc->work = 0;
        return error_set(error, RFD_E_LIMIT, "objects overlap so much that reading them does not end");
    }
    doc->work -= work;
    return RFD_OK;
}

/** Source offset of the first `needle` in [from, to), or `to`. */
static rfd_status find_text(struct pdf_document *doc, uint64_t from, uint64_t to, slice needle, uint64_t *out,
                            struct rfd_error *error)
{
    while (to - from >= needle.length) {
        slice piece;
        uint64_t length = to - from < FIND_PIECE ? to - from : FIND_PIECE;
        TRY(source_view(doc->source, from, length, &piece, error));
        const uint8_t *hit = memmem(piece.data, piece.length, needle.data, needle.length);
        if (hit != NULL) {
            *out = from + (uint64_t)(hit - piece.data);
            return RFD_OK;
        }
        from += length - (needle.length - 1);
        if (length < FIND_PIECE) break;
    }
    *out = to;
    return RFD_OK;
}

/* ---- decryption of strings ---- */

struct decryption {
    struct pdf_document *doc;
    struct pdf_reference owner;
    struct rfd_error *error;
};

static rfd_status decrypt_value(const struct decryption *d, struct pdf_value *v);

/** §12.8.1: the /Contents of a signature is written after encryption and stays clear; /ByteRange tells it is one. */
static rfd_status decrypt_entries(const struct decryption *d, const struct pdf_value *dictionary)
{
    struct pdf_entry *entries = (struct pdf_entry *)(uintptr_t)pdf_entries(dictionary); /* ours, not yet handed out */
    bool signature = pdf_entry_of(dictionary, "ByteRange")->kind != PDF_NULL;
    for (uint32_t i = 0; i < dictionary->count; i++) {
        if (signature && slice_is(entries[i].key, "Contents")) continue;
        TRY(decrypt_value(d, &entries[i].value));
    }
    return RFD_OK;
}

/** Recursion is as deep as the lexer allows values to nest. */
static rfd_status decrypt_value(const struct decryption *d, struct pdf_value *v)
{
    if (v->kind == PDF_STRING)
        return pdf_crypt_decrypt(d->doc->crypt, PDF_CRYPT_STRING, SLICE_EMPTY, d->owner, v->bytes, &d->doc->arena,
                                 &v->bytes, d->error);
    if (v->kind == PDF_DICTIONARY) return decrypt_entries(d, v);
    if (v->kind != PDF_ARRAY) return RFD_OK;
    struct pdf_value *items = (struct pdf_value *)(uintptr_t)v->items;
    for (uint32_t i = 0; i < v->count; i++) TRY(decrypt_value(d, &items[i]));
    return RFD_OK;
}

static rfd_status decrypt_object(struct pdf_document *doc, struct loaded *o, struct rfd_error *error)
{
    struct decryption d = {doc, o->header, error};
    if (doc->crypt == NULL || (doc->encrypt != 0 && o->header.number == doc->encrypt)) return RFD_OK;
    if (pdf_is_name(pdf_entry_of(&o->value, "Type"), "XRef") && o->value.kind == PDF_STREAM) return RFD_OK;
    if (o->value.kind == PDF_STREAM) {
        struct pdf_value dictionary = o->value.stream->dictionary;
        return decrypt_entries(&d, &dictionary);
    }
    return decrypt_value(&d, &o->value);
}

/* ---- streams ---- */

/** The object that holds a /Length; when not strict, null stands for one that cannot be read. */
static rfd_status follow_length(struct pdf_document *doc, size_t revision, uint32_t number,
                                const struct pdf_value **out, struct rfd_error *error)
{
    *out = &pdf_null;
    if (!doc->ready) return RFD_OK;
    rfd_status status = pdf_object(doc, revision, number, out, doc->strict ? error : NULL);
    return doc->strict ? status : RFD_OK;
}

/** /Length; a reference that cannot be followed, or leads to no number, gives none (-1). */
static rfd_status stream_length(struct pdf_document *doc, size_t revision, const struct pdf_value *dictionary,
                                struct loaded *o, int64_t *out, struct rfd_error *error)
{
    const struct pdf_value *length = pdf_entry_of(dictionary, "Length");
    *out = -1;
    if (length->kind == PDF_REFERENCE) {
        o->length_number = length->reference.number;
        TRY(follow_length(doc, revision, o->length_number, &length, error));
        o->length = length;
    }
    if (!pdf_integer(length, out) || *out < 0) *out = -1;
    return RFD_OK;
}

/** True, with the lexer after it, when "endstream" comes next: after one line end at most, or (noted) white space. */
static bool take_endstream(struct pdf_document *doc, struct lexer *l)
{
    if (lexer_peek(l) == '\r') l->position++;
    if (lexer_peek(l) == '\n') l->position++;
    if (lexer_keyword(l, "endstream")) return true;
    for (int i = 0; i < WHITE_MAXIMUM && !doc->strict && lexer_is_space(lexer_peek(l)); i++) l->position++;
    if (doc->strict || !lexer_keyword(l, "endstream")) return false;
    document_note(doc, PDF_ANOMALY_STREAM_LENGTH);
    return true;
}

/** Goes from after "stream" to its first byte (§7.3.8.1: CR LF or LF, not CR alone). */
static rfd_status enter_stream(struct pdf_document *doc, struct lexer *l, struct rfd_error *error)
{
    uint64_t from = l->position;
    while (!doc->strict && (lexer_peek(l) == ' ' || lexer_peek(l) == '\t')) l->position++;
    bool exact = l->position == from;
    bool carriage = lexer_peek(l) == '\r';
    if (carriage) l->position++;
    bool line = lexer_peek(l) == '\n';
    if (line) l->position++;
    if (line && exact) return RFD_OK;
    if (!carriage && !line) l->position = from;
    return document_tolerate(doc, PDF_ANOMALY_STREAM_LENGTH, error, "byte %llu: no line end after stream",
                             (unsigned long long)from);
}

/** Without a usable /Length the stream ends at the first endstream, less one line end. */
static rfd_status search_end(struct pdf_document *doc, struct lexer *l, uint64_t from, uint64_t *length,
                             struct rfd_error *error)
{
    uint64_t size = source_size(doc->source);
    uint64_t end;
    slice last;
    TRY(document_tolerate(doc, PDF_ANOMALY_STREAM_LENGTH, error, "stream at byte %llu", (unsigned long long)from));
    TRY(find_text(doc, from, size, SLICE("endstream"), &end, error));
    if (end == size)
        return error_set(error, RFD_E_PDF_DAMAGED, "stream at byte %llu has no end", (unsigned long long)from);
    TRY(load_spend(doc, end - from, error));
    l->position = end + strlen("endstream");
    size_t look = end - from < 2 ? (size_t)(end - from) : 2;
    TRY(source_view(doc->source, end - look, look, &last, error));
    if (look > 0 && last.data[look - 1] == '\n') end--, look--;
    if (look > 0 && last.data[look - 1] == '\r') end--;
    *length = end - from;
    return RFD_OK;
}

static rfd_status read_stream(struct pdf_document *doc, size_t revision, struct lexer *l, struct loaded *o,
                              struct rfd_error *error)
{
    int64_t written;
    TRY(enter_stream(doc, l, error));
    uint64_t from = l->position;
    uint64_t length = 0;
    TRY(stream_length(doc, revision, &o->value, o, &written, error));
    if (written >= 0) length = (uint64_t)written;
    bool fits = written >= 0 && length <= source_size(doc->source) - from;
    if (fits) l->position = from + length;
    if (!fits || !take_endstream(doc, l)) TRY(search_end(doc, l, from, &length, error));
    struct pdf_stream *s = arena_zeroed(&doc->arena, 1, sizeof *s);
    if (s == NULL) return arena_failed(&doc->arena, error);
    slice ready = source_ahead(doc->source, from);
    s->entries = o->value.entries;
    s->dictionary = o->value;
    s->encoded = slice_of(ready.length >= length ? ready.data : NULL, (size_t)length);
    s->offset = from;
    s->owner = o->header;
    o->value = (struct pdf_value){.kind = PDF_STREAM, .count = s->dictionary.count, .raw = s->dictionary.raw};
    o->value.stream = s;
    return RFD_OK;
}

rfd_status pdf_stream_encoded(struct pdf_document *doc, const struct pdf_value *stream, slice *out,
                              struct rfd_error *error)
{
    if (stream->kind != PDF_STREAM) return error_set(error, RFD_E_PDF_DAMAGED, "not a stream");
    const struct pdf_stream *s = stream->stream;
    if (s->encoded.data == NULL) return source_view(doc->source, s->offset, s->encoded.length, out, error);
    *out = s->encoded;
    return RFD_OK;
}

/* ---- objects at offsets ---- */

static rfd_status read_header(const struct pdf_document *doc, struct lexer *l, struct pdf_reference *out,
                              struct rfd_error *error)
{
    uint64_t from = l->position;
    uint64_t number = 0;
    uint64_t generation = 0;
    if (!doc->strict) lexer_skip_space(l);
    bool good = lexer_unsigned(l, XREF_NUMBER_MAXIMUM, &number);
    lexer_skip_space(l);
    good = good && lexer_unsigned(l, UINT16_MAX, &generation);
    lexer_skip_space(l);
    if (!good || !lexer_keyword(l, "obj")) {
        TRY(source_status(l->source, error));
        return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: no object begins here (ISO 32000-2 §7.3.10)",
                         (unsigned long long)from);
    }
    *out = (struct pdf_reference){(uint32_t)number, (uint32_t)generation};
    return RFD_OK;
}

static rfd_status read_footer(const struct pdf_document *doc, struct lexer *l, struct loaded *o,
                              struct rfd_error *error)
{
    lexer_skip_space(l);
    bool closed = lexer_keyword(l, "endobj");
    o->end = l->position;
    if (closed || !doc->strict) return RFD_OK;
    return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: object %u has no endobj (ISO 32000-2 §7.3.10)",
                     (unsigned long long)o->end, o->header.number);
}

static rfd_status parse_at(struct pdf_document *doc, size_t revision, uint64_t offset, struct loaded *o,
                           struct rfd_error *error)
{
    struct lexer l;
    TRY(load_spend(doc, 0, error));
    lexer_at(&l, doc->source, offset, &doc->arena);
    TRY(read_header(doc, &l, &o->header, error));
    lexer_skip_space(&l);
    uint64_t body = l.position;
    bool empty = !doc->strict && lexer_keyword(&l, "endobj");
    l.position = body;
    rfd_status status = empty ? RFD_OK : lexer_value(&l, &o->value, error);
    uint64_t read = l.position - offset;
    if (status == RFD_OK && o->value.kind == PDF_DICTIONARY) {
        lexer_skip_space(&l);
        if (lexer_keyword(&l, "stream")) status = read_stream(doc, revision, &l, o, error);
    }
    if (status == RFD_OK) status = read_footer(doc, &l, o, error);
    if (status == RFD_OK)
        status = load_spend(doc, read, error);
    else
        (void)load_spend(doc, read, NULL);
    if (status == RFD_OK && l.duplicate_key)
        status = document_tolerate(doc, PDF_ANOMALY_DUPLICATE_KEY, error, "object %u", o->header.number);
    return status;
}

/** The value read earlier at an offset, if its /Length still leads to the same number. */
static rfd_status find_loaded(struct pdf_document *doc, size_t revision, uint64_t offset, const struct loaded **out,
                              struct rfd_error *error)
{
    *out = NULL;
    for (const struct loaded *o = map_get_pointer(&doc->objects, offset); o != NULL; o = o->other) {
        const struct pdf_value *length = o->length;
        if (o->length_number != 0) TRY(follow_length(doc, revision, o->length_number, &length, error));
        if (length == o->length) {
            *out = o;
            return RFD_OK;
        }
    }
    return RFD_OK;
}

static rfd_status load_new(struct pdf_document *doc, size_t revision, uint64_t offset, const struct loaded **out,
                           struct rfd_error *error)
{
    struct loaded *o = arena_zeroed(&doc->arena, 1, sizeof *o);
    if (o == NULL) return arena_failed(&doc->arena, error);
    TRY(parse_at(doc, revision, offset, o, error));
    TRY(decrypt_object(doc, o, error));
    o->other = map_get_pointer(&doc->objects, offset);
    if (map_set_pointer(&doc->objects, offset, o) != RFD_OK) return error_memory(error);
    *out = o;
    return RFD_OK;
}

rfd_status load_at(struct pdf_document *doc, size_t revision, uint64_t offset, const struct loaded **out,
                   struct rfd_error *error)
{
    const struct loaded *o = NULL;
    if (doc->depth >= NEEDS_MAXIMUM)
        return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: objects need each other to be read",
                         (unsigned long long)offset);
    doc->depth++;
    rfd_status status = find_loaded(doc, revision, offset, &o, error);
    if (status == RFD_OK && o == NULL) status = load_new(doc, revision, offset, &o, error);
    doc->depth--;
    if (status == RFD_OK) *out = o;
    return status;
}

rfd_status load_plain(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_location at,
                      const struct pdf_value **out, struct rfd_error *error)
{
    const struct loaded *o;
    TRY(load_at(doc, revision, at.offset, &o, error));
    if (o->header.number != number || o->header.generation != at.generation)
        TRY(document_tolerate(doc, PDF_ANOMALY_OBJECT_HEADER, error, "object %u %u at byte %llu says %u %u", number,
                              at.generation, (unsigned long long)at.offset, o->header.number, o->header.generation));
    *out = o->header.number == number ? &o->value : &pdf_null;
    return RFD_OK;
}

/* ---- objects by number ---- */

static rfd_status load_located(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_location at,
                               const struct pdf_value **out, struct rfd_error *error)
{
    switch (at.kind) {
    case PDF_ENTRY_OFFSET: return load_plain(doc, revision, number, at, out, error);
    case PDF_ENTRY_COMPRESSED: return container_object(doc, revision, number, at, out, error);
    case PDF_ENTRY_ABSENT:
    case PDF_ENTRY_FREE: break;
    }
    *out = &pdf_null;
    return RFD_OK;
}

static rfd_status locate(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_location *out,
                         struct rfd_error *error)
{
    *out = (struct pdf_location){0};
    return revision < doc->revision_count ? xref_locate(doc, doc->newest_section[revision], number, out, error)
                                          : RFD_OK;
}

struct pdf_location pdf_locate(struct pdf_document *doc, size_t revision, uint32_t number)
{
    struct pdf_location at;
    return locate(doc, revision, number, &at, NULL) == RFD_OK ? at : (struct pdf_location){0};
}

rfd_status pdf_object(struct pdf_document *doc, size_t revision, uint32_t number, const struct pdf_value **out,
                      struct rfd_error *error)
{
    struct pdf_location at;
    TRY(locate(doc, revision, number, &at, error));
    return load_located(doc, revision, number, at, out, error);
}

static rfd_status follow(struct pdf_document *doc, size_t revision, struct pdf_reference reference,
                         const struct pdf_value **out, struct rfd_error *error)
{
    struct pdf_location at;
    TRY(locate(doc, revision, reference.number, &at, error));
    bool used = at.kind == PDF_ENTRY_OFFSET || at.kind == PDF_ENTRY_COMPRESSED;
    if (doc->strict && used && at.generation != reference.generation)
        return error_set(error, RFD_E_PDF_DAMAGED, "reference %u %u R, but the object has generation %u",
                         reference.number, reference.generation, at.generation);
    return load_located(doc, revision, reference.number, at, out, error);
}

/** Only what was read is remembered, and only once all revisions are known: failures are met again. */
rfd_status load_reference(struct pdf_document *doc, size_t revision, struct pdf_reference reference,
                          const struct pdf_value **out, struct rfd_error *error)
{
    struct followed *f = &doc->followed[reference.number % FOLLOWED];
    if (f->reference.number == reference.number && f->reference.generation == reference.generation &&
        f->revision == revision && reference.number != 0) {
        *out = f->value;
        return RFD_OK;
    }
    TRY(follow(doc, revision, reference, out, error));
    if (doc->ready) *f = (struct followed){revision, reference, *out};
    return RFD_OK;
}

void load_clear(struct pdf_document *doc)
{
    map_clear(&doc->objects);
    map_clear(&doc->containers);
    memset(doc->followed, 0, sizeof doc->followed);
}

void load_dispose(struct pdf_document *doc)
{
    map_dispose(&doc->objects);
    map_dispose(&doc->containers);
}
