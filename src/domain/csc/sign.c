/* SPDX-License-Identifier: EUPL-1.2
 *
 * Credentials as portals see them, and signing what was authorised. What may be signed is decided by the personal
 * keeper alone: by the SAD, hash by hash, document by document.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/central/entity_seal.h"
#include "domain/central/internal.h"
#include "domain/csc/use.h"

enum { SIGNATURE_MAXIMUM = 1024 };

/* ---- Which credentials there are ---- */

struct granted {
    const struct csc_token *token;
    struct arena *a;
    struct seal_grant *grants;
    size_t count;
};

static rfd_status find_grants(struct transaction *t, void *context, struct rfd_error *error)
{
    struct granted *g = context;
    struct seal_grant *found = NULL;
    TRY(seal_grants_of(t, g->token->portal.id, clock_now(), &found, &g->count, error));
    g->grants = arena_zeroed(g->a, g->count + 1, sizeof *g->grants);
    if (g->grants == NULL) return arena_failed(g->a, error);
    for (size_t i = 0; i < g->count; i++) {
        g->grants[i] = found[i];
        TRY(store_keep(g->a, &g->grants[i].credential, error));
        TRY(store_keep(g->a, &g->grants[i].holder, error));
    }
    return RFD_OK;
}

/** One that the keeper no longer has is none. */
static rfd_status show_granted(const struct central *c, const struct granted *g, struct central_credential *out,
                               size_t *count, struct rfd_error *error)
{
    *count = 0;
    for (size_t i = 0; i < g->count; i++) {
        struct central_credential *to = &out[*count];
        rfd_status status = central_credential_show(c, g->grants[i].credential, g->a, to, error);
        if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
        if (status == RFD_OK && to->entity) ++*count;
        error_clear(error);
    }
    return RFD_OK;
}

rfd_status csc_credentials(const struct central *c, const struct csc_token *token, struct arena *a,
                           struct central_credential **out, size_t *count, struct rfd_error *error)
{
    struct granted g = {.token = token, .a = a};
    struct central_credential *all = NULL;
    if (token->holder.length > 0) return central_credentials(c, a, token->holder, out, count, error);
    TRY(store_read(c->store, find_grants, &g, error));
    all = arena_zeroed(a, g.count + 1, sizeof *all);
    if (all == NULL) return arena_failed(a, error);
    TRY(show_granted(c, &g, all, count, error));
    *out = all;
    return RFD_OK;
}

/* ---- What was authorised ---- */

/** `timed` is of documents alone; -1: of hashes. */
static void put_hashes(struct buf *body, const uint8_t *sad, int timed, const slice *hashes, size_t count)
{
    message_put_bytes(body, slice_of(sad, PERSONAL_SAD_SIZE));
    if (timed >= 0) message_put_u8(body, (uint8_t)timed);
    message_put_u32(body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) message_put_bytes(body, hashes[i]);
}

static rfd_status ask(const struct central *c, enum personal_operation operation, const struct csc_token *token,
                      int timed, const slice *hashes, size_t count, struct keeper_reply *reply, struct rfd_error *error)
{
    struct buf body;
    if (token->kind != CSC_TOKEN_CREDENTIAL) return error_set(error, RFD_E_ACTIVATION_ENDED, "it is no SAD");
    if (count == 0 || count > CSC_HASHES) return error_set(error, RFD_E_HASH_NOT_AUTHORISED, "%zu hashes", count);
    buf_init_secret(&body, KEEPER_MESSAGE_MAXIMUM);
    put_hashes(&body, token->sad, timed, hashes, count);
    rfd_status status = central_ask(c, operation, &body, reply, error);
    buf_dispose(&body);
    return status;
}

static rfd_status read_signatures(struct message_reader *fields, size_t count, struct arena *a, slice *out,
                                  struct rfd_error *error)
{
    uint32_t given = message_get_u32(fields);
    if (given != count) return error_set(error, RFD_E_PROTOCOL, "%u signatures", given);
    for (size_t i = 0; i < count; i++) {
        out[i] = arena_copy(a, message_get_bytes(fields, SIGNATURE_MAXIMUM));
        if (out[i].data == NULL) return arena_failed(a, error);
    }
    return message_end(fields, "signatures", error);
}

rfd_status csc_sign(const struct central *c, const struct csc_token *token, const slice *hashes, size_t count,
                    struct arena *a, slice *signatures, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    rfd_status status = ask(c, PERSONAL_SIGN, token, -1, hashes, count, &reply, error);
    if (status == RFD_OK) status = read_signatures(&reply.fields, count, a, signatures, error);
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status csc_sign_documents(const struct central *c, const struct csc_token *token, bool timed, const slice *digests,
                              size_t count, struct arena *a, slice *signatures, rfd_time *time, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    rfd_status status = ask(c, PERSONAL_SIGN_DOCUMENTS, token, timed, digests, count, &reply, error);
    rfd_time made = message_get_i64(&reply.fields);
    if (status == RFD_OK) status = read_signatures(&reply.fields, count, a, signatures, error);
    if (status == RFD_OK) *time = made;
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status csc_check(const struct central *c, const struct csc_token *token, const slice *hashes, size_t count,
                     struct rfd_error *error)
{
    return ask(c, PERSONAL_CHECK, token, -1, hashes, count, NULL, error);
}
