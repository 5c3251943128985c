/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions to the personal keeper. Passwords and codes pass through as the browser encrypted them.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/central/internal.h"

enum { PERSONAL_MILLISECONDS = 30000, SPKI_MAXIMUM = 1024, ADDRESS_MAXIMUM = 320, SEALED_MAXIMUM = 1024 };

rfd_status central_ask(const struct central *c, enum personal_operation operation, const struct buf *body,
                       struct keeper_reply *reply, struct rfd_error *error)
{
    if (c->personal == NULL) return error_set(error, RFD_E_PEER_GONE, "no personal keeper runs here");
    if (body != NULL) TRY(buf_check(body, "a question to the personal keeper", error));
    return keeper_client_ask(c->personal, (unsigned)operation, body == NULL ? SLICE_EMPTY : buf_slice(body), -1,
                             PERSONAL_MILLISECONDS, reply, error);
}

/* ---- Beginning ---- */

static rfd_status keep(struct arena *a, slice value, slice *out, struct rfd_error *error)
{
    slice copy = arena_copy(a, value);
    if (copy.data == NULL) return arena_failed(a, error);
    *out = copy;
    return RFD_OK;
}

static rfd_status read_point(const struct central *c, struct arena *a, slice *out, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    rfd_status status = central_ask(c, PERSONAL_KEYS, NULL, &reply, error);
    slice activation = message_get_bytes(&reply.fields, SPKI_MAXIMUM);
    (void)message_get_bytes(&reply.fields, SPKI_MAXIMUM);
    if (status == RFD_OK) status = message_end(&reply.fields, "keys of the personal keeper", error);
    if (status == RFD_OK) status = keep(a, activation, out, error);
    keeper_reply_dispose(&reply);
    return status;
}

static rfd_status read_begun(struct message_reader *fields, bool totp, struct arena *a,
                             struct central_authorisation *out, struct rfd_error *error)
{
    slice operation = message_get_bytes(fields, PERSONAL_OPERATION_SIZE);
    slice nonce = message_get_bytes(fields, PERSONAL_NONCE_SIZE);
    out->ends = message_get_i64(fields);
    out->proofs = message_get_u8(fields);
    out->channel = (enum personal_channel)message_get_u8(fields);
    slice address = message_get_text(fields, ADDRESS_MAXIMUM);
    out->again = message_get_i64(fields);
    slice encapsulated = totp ? message_get_bytes(fields, SEALED_MAXIMUM) : SLICE_EMPTY;
    slice sealed = totp ? message_get_bytes(fields, SEALED_MAXIMUM) : SLICE_EMPTY;
    TRY(message_end(fields, "an operation that was begun", error));
    if (operation.length != sizeof out->operation || nonce.length != sizeof out->nonce)
        return error_set(error, RFD_E_PROTOCOL, "an operation that was begun");
    memcpy(out->operation, operation.data, sizeof out->operation);
    memcpy(out->nonce, nonce.data, sizeof out->nonce);
    TRY(keep(a, address, &out->address, error));
    TRY(keep(a, encapsulated, &out->encapsulated, error));
    return keep(a, sealed, &out->sealed, error);
}

static void put_begin(const struct central_begin *b, slice text, struct buf *body)
{
    message_put_bytes(body, text);
    message_put_u32(body, (uint32_t)b->approval_count);
    for (size_t i = 0; i < b->approval_count; i++) message_put_bytes(body, b->approvals[i]);
    message_put_u8(body, (uint8_t)b->channel);
    message_put_bytes(body, b->language);
    message_put_bytes(body, b->statement);
    message_put_bytes(body, b->point);
}

rfd_status central_begin(const struct central *c, struct central_begin *begin, struct arena *a,
                         struct central_authorisation *out, struct rfd_error *error)
{
    struct central_authorisation made = {.channel = PERSONAL_NO_CHANNEL};
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct buf text, body;
    rfd_status status = RFD_OK;
    buf_init(&text, PERSONAL_TEXT_MAXIMUM);
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    begin->text.time = clock_now() / RFD_SECOND * RFD_SECOND;
    TRY_OUT(operation_write(&begin->text, &text, error));
    TRY_OUT(keep(a, buf_slice(&text), &made.text, error));
    TRY_OUT(read_point(c, a, &made.point, error));
    put_begin(begin, made.text, &body);
    TRY_OUT(central_ask(c, PERSONAL_BEGIN, &body, &reply, error));
    TRY_OUT(read_begun(&reply.fields, begin->text.kind == OPERATION_TOTP, a, &made, error));
    *out = made;
out:
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    buf_dispose(&text);
    return status;
}

/* ---- Going on ---- */

rfd_status central_activate(const struct central *c, const uint8_t *operation, const struct central_proofs *proofs,
                            struct keeper_reply *reply, struct rfd_error *error)
{
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, slice_of(operation, PERSONAL_OPERATION_SIZE));
    message_put_bytes(&body, proofs->encapsulated);
    message_put_bytes(&body, proofs->sealed);
    rfd_status status = central_ask(c, PERSONAL_ACTIVATE, &body, reply, error);
    buf_dispose(&body);
    return status;
}

void central_forget(const struct central *c, slice operation)
{
    struct buf body;
    if (operation.length != PERSONAL_OPERATION_SIZE) return;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, operation);
    if (central_ask(c, PERSONAL_CANCEL, &body, NULL, NULL) != RFD_OK) { /* it ends by itself */
    }
    buf_dispose(&body);
}

rfd_status central_progress(const struct central *c, const uint8_t *operation, bool send_again,
                            struct central_progress *out, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct message_reader *f = &reply.fields;
    struct central_progress p;
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, slice_of(operation, PERSONAL_OPERATION_SIZE));
    rfd_status status = central_ask(c, send_again ? PERSONAL_SEND_AGAIN : PERSONAL_PROGRESS, &body, &reply, error);
    p.state = (enum personal_progress)message_get_u8(f);
    p.delivery = (enum personal_delivery)message_get_u8(f);
    p.ends = message_get_i64(f);
    p.again = message_get_i64(f);
    p.codes_left = message_get_u8(f);
    p.passwords_left = message_get_u8(f);
    p.signed_hashes = message_get_u32(f);
    if (status == RFD_OK) status = message_end(f, "how far an operation is", error);
    if (status == RFD_OK) *out = p;
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}
