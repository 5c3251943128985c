/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/verify/verify_beginning.h"

#include "pades/verify/validate.h"

#include "base/error.h"

enum { MARKERS = 8 /* the first and the last so many count: each costs reading a document */ };
#define SIZE_MAXIMUM (UINT64_C(256) << 20) /* beyond, looking for a beginning would cost too much memory */

static const char byte_range[] = "/ByteRange";
static const char end_marker[] = "%%EOF";

/** Where in the file the last ends of revisions are that have a signature before them. */
struct search {
    uint64_t position;
    size_t in_range, in_marker; /* bytes of each word that have been met */
    uint64_t last_range;        /* 0: none yet */
    uint64_t last_end;
    uint64_t ends[2 * MARKERS]; /* the first ones, and a ring of the others */
    size_t count;
};

static size_t place_of(size_t end)
{
    return end < MARKERS ? end : MARKERS + end % MARKERS;
}

static bool advance(const char *word, size_t *met, uint8_t c)
{
    /* Of these words no beginning is found again within, but for the first byte (or the two of "%%"). */
    if ((uint8_t)word[*met] == c)
        ++*met;
    else if (!(*met == 2 && word[1] == word[0] && c == (uint8_t)word[0]))
        *met = c == (uint8_t)word[0];
    if (word[*met] != '\0') return false;
    *met = 0;
    return true;
}

static rfd_status take_piece(void *context, slice piece, struct rfd_error *error)
{
    struct search *s = context;
    (void)error;
    for (size_t i = 0; i < piece.length; i++) {
        s->position++;
        if (advance(byte_range, &s->in_range, piece.data[i])) s->last_range = s->position;
        if (!advance(end_marker, &s->in_marker, piece.data[i])) continue;
        s->last_end = s->position;
        if (s->last_range > 0) s->ends[place_of(s->count++)] = s->position;
    }
    return RFD_OK;
}

static rfd_status look_for_signature(struct pdf_document *doc, bool *out, struct rfd_error *error)
{
    struct pdf_view view = pdf_latest(doc);
    const struct pdf_field *fields;
    size_t count;
    TRY(pdf_fields(&view, &fields, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (slice_is(fields[i].type, "Sig") && fields[i].value->kind == PDF_DICTIONARY) *out = true;
    }
    return RFD_OK;
}

/** What cannot be read is no such document; lack of memory is an error. */
static rfd_status try_beginning(slice bytes, slice password, bool *out, struct rfd_error *error)
{
    struct pdf_options strictly = {.strict = true, .password = password};
    struct rfd_error why = RFD_ERROR_INIT;
    struct pdf_document *doc;
    struct source *source;
    *out = false;
    TRY(source_open_memory(bytes, &source, error));
    rfd_status status = pdf_open(source, &strictly, &doc, &why);
    if (status == RFD_OK) {
        status = look_for_signature(doc, out, &why);
        pdf_close(doc);
    }
    source_close(source);
    return validate_is_fatal(status) ? error_set(error, status, "%s", why.detail) : RFD_OK;
}

rfd_status verify_beginning_find(struct source *source, slice password, struct verify_beginning *out,
                                 struct rfd_error *error)
{
    struct search s = {0};
    uint64_t size = source_size(source);
    *out = (struct verify_beginning){0};
    if (size > SIZE_MAXIMUM) return RFD_OK;
    TRY(source_stream(source, 0, size, take_piece, &s, error));
    out->signature_behind = s.last_range > s.last_end;
    for (size_t n = s.count; n-- > 0;) {
        if (n >= MARKERS && n + MARKERS < s.count) n = MARKERS - 1;
        uint64_t end = s.ends[place_of(n)];
        slice bytes;
        bool found;
        if (end == size) continue;
        TRY(source_view(source, 0, end, &bytes, error));
        TRY(try_beginning(bytes, password, &found, error));
        if (!found) continue;
        out->length = end;
        return RFD_OK;
    }
    return RFD_OK;
}
