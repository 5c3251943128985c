/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/preparation.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/central/revision.h"

#include <unistd.h>

enum { CHAIN_MAXIMUM = 256 << 10 };

void preparation_init(struct preparation *p, const struct central *c, const struct actor *actor, struct arena *a,
                      slice token)
{
    *p = (struct preparation){.c = c, .actor = actor, .a = a, .token = token, .why = RFD_ERROR_INIT};
    buf_init(&p->chain, CHAIN_MAXIMUM);
}

/* ---- What there is ---- */

static rfd_status read_operation(struct transaction *t, void *context, struct rfd_error *error)
{
    struct preparation *p = context;
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

rfd_status preparation_open(struct preparation *p, struct rfd_error *error)
{
    TRY(actor_check(p->actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (p->token.length == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    return store_read(p->c->store, read_operation, p, error);
}

/* ---- One document ---- */

bool signing_is_of_document(rfd_status status)
{
    return (status >= RFD_E_NOT_PDF && status <= RFD_E_CERTIFY_LATE) ||
           (status >= RFD_E_STAMP_TEMPLATE && status <= RFD_E_PDF_ARCHIVE) || status == RFD_E_LIMIT ||
           status == RFD_E_UNSUPPORTED;
}

static rfd_status put_session_hash(struct preparation *p, slice session, slice *out, struct rfd_error *error)
{
    rfd_bytes message = {0}, digest = {0};
    rfd_status status = rfd_session_to_sign(session, &message, &digest, error);
    if (status == RFD_OK) *out = arena_copy(p->a, slice_bytes(digest));
    if (status == RFD_OK && out->data == NULL) status = arena_failed(p->a, error);
    rfd_bytes_free(&message);
    rfd_bytes_free(&digest);
    return status;
}

static rfd_status put_text(struct preparation *p, size_t i, const char *prepared, struct rfd_error *error)
{
    struct operation_document *d = &p->texts[p->count];
    const struct signing_document *from = &p->row.s.documents[i];
    struct revision revision;
    d->title = from->title;
    if (from->blob.length != 2 * sizeof d->shown || !number_hex(from->blob, d->shown))
        return error_set(error, RFD_E_INTERNAL, "a document without its hash");
    d->hash = slice_of(d->shown, sizeof d->shown);
    if (p->whole)
        TRY(revision_find(p->sessions[i], prepared, from->size, &revision, error));
    else
        TRY(put_session_hash(p, p->sessions[i], &d->hash, error));
    p->count++;
    return RFD_OK;
}

static rfd_status prepare_file(struct preparation *p, size_t i, const char *input, const char *prepared,
                               struct rfd_error *error)
{
    rfd_bytes session = {0};
    TRY(sign_options_place(&p->options, &p->row.s, &p->row.s.documents[i], input, error));
    rfd_status status = rfd_prepare_file(input, prepared, buf_slice(&p->chain), &p->options.options, &session, error);
    if (status != RFD_OK) return status;
    p->sessions[i] = arena_copy(p->a, slice_bytes(session));
    status = p->sessions[i].data == NULL ? arena_failed(p->a, error) : put_text(p, i, prepared, error);
    rfd_bytes_free(&session);
    return status;
}

static rfd_status prepare_document(struct preparation *p, size_t i, struct rfd_error *error)
{
    char input_name[SPOOL_NAME_SIZE], name[SPOOL_NAME_SIZE];
    TRY(spool_name(input_name, error));
    TRY(spool_name(name, error));
    p->prepared[i] = arena_copy(p->a, slice_text(name));
    const char *input = spool_path(p->c, slice_text(input_name), p->a);
    const char *prepared = spool_path(p->c, slice_text(name), p->a);
    if (p->prepared[i].data == NULL || input == NULL || prepared == NULL) return arena_failed(p->a, error);
    TRY(spool_put_blob(p->c, p->row.s.documents[i].blob, p->a, input, error));
    rfd_status status = prepare_file(p, i, input, prepared, error);
    (void)unlink(input);
    return status;
}

static rfd_status prepare_all(struct preparation *p, struct rfd_error *error)
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

/** Not one of them can be signed, whoever tries. */
static rfd_status fail(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct preparation *p = context;
    for (size_t i = 0; i < p->row.s.count; i++) {
        const struct store_value values[] = {store_integer(p->row.s.documents[i].id), store_text(p->failures[i])};
        TRY(store_run(t, "UPDATE signing_document SET failure = $2 WHERE id = $1 AND result IS NULL", values, 2, NULL,
                      error));
    }
    return signing_end(t, p->actor, &p->row.s, SIGNING_FAILED, "signing.fail", clock_now(), error);
}

static rfd_status give_up(struct preparation *p, struct rfd_error *error)
{
    bool all = true;
    for (size_t i = 0; i < p->row.s.count; i++) all = all && p->failures[i].length > 0;
    if (all) TRY(store_write(p->c->store, fail, p, error));
    if (error != NULL) *error = p->why;
    return p->failed == RFD_OK ? error_set(error, RFD_E_STATE, "there is nothing left to sign") : p->failed;
}

rfd_status preparation_make(struct preparation *p, struct rfd_error *error)
{
    TRY(sign_options_make(p->c, &p->row.s, p->a, &p->options, error));
    TRY(prepare_all(p, error));
    return p->count > 0 ? RFD_OK : give_up(p, error);
}

/* ---- Keeping ---- */

static rfd_status keep_operation(struct transaction *t, const struct preparation *p, const struct preparation_key *key,
                                 struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(p->row.s.id),  store_text(key->credential), store_integer(key->certificate),
        store_bytes(key->operation), store_text(key->text),       store_integer(clock_now()),
    };
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE signing SET state = 'prepared', credential = $2, certificate = $3, operation = $4, "
                  "operation_text = $5, failure = '', busy = NULL WHERE id = $1 AND state IN ('waiting', 'prepared') "
                  "AND (busy IS NULL OR busy <= $6)",
                  values, sizeof values / sizeof *values, &rows, error));
    return rows.changed > 0 ? RFD_OK : error_set(error, RFD_E_STATE, "it is concluded, or being signed");
}

rfd_status preparation_keep(struct transaction *t, const struct preparation *p, const struct preparation_key *key,
                            struct rfd_error *error)
{
    TRY(keep_operation(t, p, key, error));
    TRY(sign_options_check_places(t, &p->row.s, error));
    for (size_t i = 0; i < p->row.s.count; i++) {
        if (p->row.s.documents[i].result.length > 0) continue;
        const struct store_value values[] = {store_integer(p->row.s.documents[i].id), store_text(p->prepared[i]),
                                             store_text(p->sessions[i]), store_text(p->failures[i])};
        TRY(store_run(t,
                      "UPDATE signing_document SET prepared = $2, session = $3, failure = $4 WHERE id = $1 AND result "
                      "IS NULL",
                      values, 4, NULL, error));
    }
    const char *name;
    slice signer = central_signer(t, key->credential, key->certificate, &name);
    return central_audit(t, p->actor, "signing.prepare", "signing", p->row.s.id,
                         central_detail(t, name, signer, NULL, SLICE_EMPTY), error);
}

void preparation_dispose(struct preparation *p, bool kept)
{
    for (size_t i = 0; i < p->row.s.count; i++)
        if (p->prepared != NULL) spool_remove(p->c, kept ? p->row.prepared[i] : p->prepared[i]);
    sign_options_dispose(&p->options);
    buf_dispose(&p->chain);
}
