/* SPDX-License-Identifier: EUPL-1.2
 *
 * Preparing: each document gets its empty signature, of which only the hash goes to the personal keeper. What people
 * agree to is the operation's text, which names each document by the SHA-256 of what they were shown, with the hash
 * that is signed for it. A document that cannot be signed is told, and the others go on without it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/authority/register.h"
#include "domain/central/sign_options.h"

#include <unistd.h>

enum { CHAIN_MAXIMUM = 256 << 10 };

struct preparing {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    slice token;
    struct signing_row row;
    struct central_credential credential;
    struct sign_options options;
    struct buf chain;
    /* of each document: */
    slice *prepared, *sessions, *failures;
    struct operation_document *texts; /* of those that will be signed, without gaps */
    size_t count;
    rfd_status failed; /* the first document's */
    struct rfd_error why;
    struct central_authorisation begun;
    slice asker;
};

/* ---- What there is ---- */

static rfd_status read_operation(struct transaction *t, void *context, struct rfd_error *error)
{
    struct preparing *p = context;
    struct portal portal;
    TRY(signing_load(t, p->token, 0, clock_now(), &p->row, error));
    TRY(signing_check_owner(&p->row.s, p->actor, error));
    if (!signing_is_waiting(p->row.s.state) || p->row.busy != RFD_TIME_NONE)
        return error_set(error, RFD_E_STATE, "it is %s", signing_state_name(p->row.s.state));
    p->asker = slice_text(p->c->settings->web.name);
    if (p->row.s.portal != 0) {
        TRY(portal_find(t, p->row.s.portal, &portal, error));
        if (portal.closed) return error_set(error, RFD_E_STATE, "this portal was closed");
        p->asker = portal.name;
    }
    TRY(store_keep(p->a, &p->asker, error));
    return signing_keep(p->a, &p->row, error);
}

static rfd_status read_chain(struct transaction *t, void *context, struct rfd_error *error)
{
    struct preparing *p = context;
    struct holding holding = {.request = 0};
    buf_reset(&p->chain);
    TRY(register_get(t, p->credential.registered, store_arena(t), &holding.row, error));
    return holding_chain(t, &holding, &p->chain, error);
}

static rfd_status choose_credential(struct preparing *p, slice id, struct rfd_error *error)
{
    slice holder;
    TRY(central_own_credential(p->c, p->actor, p->a, id, &holder, &p->credential, error));
    if (p->row.s.holder.length > 0 && !slice_equal(p->row.s.holder, holder))
        return error_set(error, RFD_E_FORBIDDEN, "somebody else has to sign this");
    if (p->credential.state == PERSONAL_LOCKED) return error_set(error, RFD_E_CREDENTIAL_LOCKED, NULL);
    if (!central_credential_is_usable(&p->credential, clock_now()))
        return error_set(error, RFD_E_STATE, "this certificate cannot sign now");
    return store_read(p->c->store, read_chain, p, error);
}

/* ---- One document ---- */

struct finding {
    slice id;
    struct arena *a;
    struct blob blob;
};

static rfd_status find_blob(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    TRY(blob_find(t, f->id, &f->blob, error));
    TRY(store_keep(f->a, &f->blob.type, error));
    return store_keep(f->a, &f->blob.wrapped, error);
}

bool signing_is_of_document(rfd_status status)
{
    return (status >= RFD_E_NOT_PDF && status <= RFD_E_CERTIFY_LATE) ||
           (status >= RFD_E_STAMP_TEMPLATE && status <= RFD_E_PDF_ARCHIVE) || status == RFD_E_LIMIT ||
           status == RFD_E_UNSUPPORTED;
}

static rfd_status put_text(struct preparing *p, size_t i, slice session, struct rfd_error *error)
{
    struct operation_document *d = &p->texts[p->count];
    rfd_bytes message = {0}, digest = {0};
    rfd_status status = rfd_session_to_sign(session, &message, &digest, error);
    if (status == RFD_OK) {
        d->title = p->row.s.documents[i].title;
        d->hash = arena_copy(p->a, slice_bytes(digest));
        if (d->hash.data == NULL) status = arena_failed(p->a, error);
    }
    if (status == RFD_OK && (p->row.s.documents[i].blob.length != 2 * (size_t)OPERATION_HASH_SIZE ||
                             !number_hex(p->row.s.documents[i].blob, d->shown)))
        status = error_set(error, RFD_E_INTERNAL, "a document without its hash");
    if (status == RFD_OK) p->count++;
    rfd_bytes_free(&message);
    rfd_bytes_free(&digest);
    return status;
}

static rfd_status prepare_file(struct preparing *p, size_t i, const char *input, const char *prepared,
                               struct rfd_error *error)
{
    rfd_bytes session = {0};
    rfd_status status = rfd_prepare_file(input, prepared, buf_slice(&p->chain), &p->options.options, &session, error);
    if (status != RFD_OK) return status;
    p->sessions[i] = arena_copy(p->a, slice_bytes(session));
    status = p->sessions[i].data == NULL ? arena_failed(p->a, error) : put_text(p, i, p->sessions[i], error);
    rfd_bytes_free(&session);
    return status;
}

static rfd_status prepare_document(struct preparing *p, size_t i, struct rfd_error *error)
{
    char input_name[SPOOL_NAME_SIZE], name[SPOOL_NAME_SIZE];
    struct finding f = {.id = p->row.s.documents[i].blob, .a = p->a};
    TRY(store_look(p->c->store, find_blob, &f, error));
    TRY(spool_name(input_name, error));
    TRY(spool_name(name, error));
    p->prepared[i] = arena_copy(p->a, slice_text(name));
    const char *input = spool_path(p->c, slice_text(input_name), p->a);
    const char *prepared = spool_path(p->c, slice_text(name), p->a);
    if (p->prepared[i].data == NULL || input == NULL || prepared == NULL) return arena_failed(p->a, error);
    TRY(spool_put_blob(p->c, &f.blob, input, error));
    rfd_status status = prepare_file(p, i, input, prepared, error);
    (void)unlink(input);
    return status;
}

static rfd_status prepare_all(struct preparing *p, struct rfd_error *error)
{
    size_t count = p->row.s.count;
    p->prepared = arena_zeroed(p->a, count + 1, sizeof *p->prepared);
    p->sessions = arena_zeroed(p->a, count + 1, sizeof *p->sessions);
    p->failures = arena_zeroed(p->a, count + 1, sizeof *p->failures);
    p->texts = arena_zeroed(p->a, count + 1, sizeof *p->texts);
    if (p->prepared == NULL || p->sessions == NULL || p->failures == NULL || p->texts == NULL)
        return arena_failed(p->a, error);
    for (size_t i = 0; i < count; i++) {
        if (p->row.s.documents[i].result.length > 0) continue; /* it was signed before */
        rfd_status status = prepare_document(p, i, error);
        if (status == RFD_OK) continue;
        if (!signing_is_of_document(status)) return status;
        p->failures[i] = arena_copy(p->a, slice_text(rfd_status_name(status)));
        if (p->failures[i].data == NULL) return arena_failed(p->a, error);
        if (p->failed == RFD_OK && error != NULL) p->why = *error;
        if (p->failed == RFD_OK) p->failed = status;
        spool_remove(p->c, p->prepared[i]);
        p->prepared[i] = SLICE_EMPTY;
    }
    return RFD_OK;
}

/* ---- Asking, and keeping ---- */

static rfd_status begin(struct preparing *p, enum personal_channel channel, slice language, struct rfd_error *error)
{
    struct central_begin b = {.text = {.kind = OPERATION_SIGN,
                                       .credential = slice_text(p->credential.id),
                                       .portal = p->asker,
                                       .digest = DIGEST_SHA256,
                                       .documents = p->texts,
                                       .count = p->count},
                              .channel = channel,
                              .language = language,
                              .statement = p->row.s.statement};
    return central_begin(p->c, &b, p->a, &p->begun, error);
}

static rfd_status keep_operation(struct transaction *t, const struct preparing *p, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(p->row.s.id),
        store_text(slice_text(p->credential.id)),
        store_integer(p->credential.registered),
        store_bytes(slice_of(p->begun.operation, sizeof p->begun.operation)),
        store_text(p->begun.text),
        store_integer(clock_now()),
    };
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE signing SET state = 'prepared', credential = $2, certificate = $3, operation = $4, "
                  "operation_text = $5, failure = '', busy = NULL WHERE id = $1 AND state IN ('waiting', 'prepared') "
                  "AND (busy IS NULL OR busy <= $6)",
                  values, sizeof values / sizeof *values, &rows, error));
    return rows.changed > 0 ? RFD_OK : error_set(error, RFD_E_STATE, "it is concluded, or being signed");
}

static rfd_status keep_all(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct preparing *p = context;
    TRY(keep_operation(t, p, error));
    for (size_t i = 0; i < p->row.s.count; i++) {
        if (p->row.s.documents[i].result.length > 0) continue;
        const struct store_value values[] = {store_integer(p->row.s.documents[i].id), store_text(p->prepared[i]),
                                             store_text(p->sessions[i]), store_text(p->failures[i])};
        TRY(store_run(t,
                      "UPDATE signing_document SET prepared = $2, session = $3, failure = $4 WHERE id = $1 AND result "
                      "IS NULL",
                      values, 4, NULL, error));
    }
    return central_audit(t, p->actor, "signing.prepare", "signing", p->row.s.id,
                         central_detail(t, "credential", slice_text(p->credential.id), NULL, SLICE_EMPTY), error);
}

/** Not one of them can be signed, whoever tries. */
static rfd_status fail(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct preparing *p = context;
    for (size_t i = 0; i < p->row.s.count; i++) {
        const struct store_value values[] = {store_integer(p->row.s.documents[i].id), store_text(p->failures[i])};
        TRY(store_run(t, "UPDATE signing_document SET failure = $2 WHERE id = $1 AND result IS NULL", values, 2, NULL,
                      error));
    }
    return signing_end(t, p->actor, &p->row.s, SIGNING_FAILED, "signing.fail", clock_now(), error);
}

static rfd_status give_up(struct preparing *p, struct rfd_error *error)
{
    bool all = true;
    for (size_t i = 0; i < p->row.s.count; i++) all = all && p->failures[i].length > 0;
    if (all) TRY(store_write(p->c->store, fail, p, error));
    if (error != NULL) *error = p->why;
    return p->failed == RFD_OK ? error_set(error, RFD_E_STATE, "there is nothing left to sign") : p->failed;
}

rfd_status signing_prepare(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                           slice credential, enum personal_channel channel, slice language,
                           struct central_authorisation *out, struct rfd_error *error)
{
    struct preparing p = {.c = c, .actor = actor, .a = a, .token = token, .why = RFD_ERROR_INIT};
    bool kept = false;
    rfd_status status = RFD_OK;
    buf_init(&p.chain, CHAIN_MAXIMUM);
    TRY_OUT(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (token.length == 0) TRY_OUT(error_set(error, RFD_E_NOT_FOUND, "there is no such operation"));
    TRY_OUT(store_read(c->store, read_operation, &p, error));
    TRY_OUT(choose_credential(&p, credential, error));
    TRY_OUT(sign_options_make(c, &p.row.s, a, &p.options, error));
    TRY_OUT(prepare_all(&p, error));
    if (p.count == 0) {
        status = give_up(&p, error);
        goto out;
    }
    central_forget(c, p.row.operation); /* a credential has few of them at a time */
    TRY_OUT(begin(&p, channel, language, error));
    status = store_write(c->store, keep_all, &p, error);
    kept = status == RFD_OK;
    if (!kept) central_forget(c, slice_of(p.begun.operation, sizeof p.begun.operation));
    if (kept) *out = p.begun;
out:
    /* Of both, the one that nobody waits for. */
    for (size_t i = 0; i < p.row.s.count; i++)
        if (p.prepared != NULL) spool_remove(c, kept ? p.row.prepared[i] : p.prepared[i]);
    sign_options_dispose(&p.options);
    buf_dispose(&p.chain);
    return status;
}
