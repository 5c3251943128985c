/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/revision.h"

#include "base/error.h"
#include "base/source.h"
#include "pades/sign/session.h"

enum { SIGNATURE_MAXIMUM = 1024 };

rfd_status revision_find(slice session, const char *prepared, uint64_t length, struct revision *out,
                         struct rfd_error *error)
{
    struct session s;
    TRY(session_read(session, &s, error));
    *out = (struct revision){prepared, length, s.hole_offset, s.hole_offset + s.hole_length, s.size};
    session_dispose(&s);
    if (out->hole < length || out->size < out->hole_end)
        return error_set(error, RFD_E_INTERNAL, "a signature inside the document");
    if (length > PERSONAL_DOCUMENT_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "a document of more than %d octets", PERSONAL_DOCUMENT_MAXIMUM);
    if (out->size - length - (out->hole_end - out->hole) <= PERSONAL_REVISION_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "what is appended to the document");
}

/** The keeper reads. */
struct reading {
    const struct central *c;
    slice sad;
    enum personal_operation question;
    uint64_t offset;
};

static rfd_status put_piece(struct reading *r, slice piece, struct rfd_error *error)
{
    struct buf body;
    buf_init_secret(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, r->sad);
    message_put_u64(&body, r->offset);
    message_put_bytes(&body, piece);
    rfd_status status = central_ask(r->c, r->question, &body, NULL, error);
    buf_dispose(&body);
    r->offset += piece.length;
    return status;
}

static rfd_status take_piece(void *context, slice piece, struct rfd_error *error)
{
    while (piece.length > 0) {
        size_t length = piece.length < PERSONAL_PIECE_MAXIMUM ? piece.length : PERSONAL_PIECE_MAXIMUM;
        TRY(put_piece(context, slice_part(piece, 0, length), error));
        piece = slice_from(piece, length);
    }
    return RFD_OK;
}

static rfd_status read_signature(struct message_reader *fields, struct arena *a, slice *out, struct rfd_error *error)
{
    uint32_t count = message_get_u32(fields);
    slice signature = message_get_bytes(fields, SIGNATURE_MAXIMUM);
    TRY(message_end(fields, "a signature", error));
    if (count != 1) return error_set(error, RFD_E_PROTOCOL, "%u signatures", count);
    *out = arena_copy(a, signature);
    return out->data == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status ask_signature(const struct reading *r, slice before, slice after, struct arena *a, slice *out,
                                struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct buf body;
    buf_init_secret(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, r->sad);
    message_put_u64(&body, r->offset);
    message_put_bytes(&body, before);
    message_put_bytes(&body, after);
    rfd_status status = central_ask(r->c, PERSONAL_SIGN_REVISION, &body, &reply, error);
    if (status == RFD_OK) status = read_signature(&reply.fields, a, out, error);
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

/** What goes with the question, where it has room for all; else it is read before, too. */
static rfd_status sign_rest(struct reading *r, const struct revision *v, struct source *source, struct arena *a,
                            slice *signature, struct rfd_error *error)
{
    slice before, after;
    uint64_t first = v->hole - v->length, second = v->size - v->hole_end;
    if (first + second > PERSONAL_PIECE_MAXIMUM) {
        r->question = PERSONAL_READ_REVISION;
        TRY(source_stream(source, v->length, first, take_piece, r, error));
        TRY(source_stream(source, v->hole_end, second, take_piece, r, error));
        return ask_signature(r, SLICE_EMPTY, SLICE_EMPTY, a, signature, error);
    }
    TRY(source_view(source, v->length, first, &before, error));
    TRY(source_view(source, v->hole_end, second, &after, error));
    return ask_signature(r, before, after, a, signature, error);
}

rfd_status revision_sign(const struct central *c, slice sad, const struct revision *revision, struct arena *a,
                         slice *signature, struct rfd_error *error)
{
    struct reading r = {.c = c, .sad = sad, .question = PERSONAL_READ_DOCUMENT};
    struct source *source = NULL;
    rfd_status status = source_open_file(revision->prepared, &source, error);
    if (status == RFD_OK) status = source_stream(source, 0, revision->length, take_piece, &r, error);
    if (status == RFD_OK) status = sign_rest(&r, revision, source, a, signature, error);
    source_close(source);
    return status;
}
