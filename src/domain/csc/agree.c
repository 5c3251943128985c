/* SPDX-License-Identifier: EUPL-1.2
 *
 * A person agrees. A request gives one code: what ends it is in the code's own transaction. To what was begun with the
 * keeper for one request no other one can be agreed: the number of the operation stands in the request's row.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"
#include "domain/csc/csc_seal.h"
#include "domain/csc/request.h"
#include "domain/csc/token.h"
#include "domain/csc/use.h"

enum { SEALED_MAXIMUM = 256, SAD_MAXIMUM = 64 };

/* ---- Codes ---- */

/** What a code stands for; its `ends` is that of the SAD. */
static rfd_status put_code(struct transaction *t, const struct csc_request *r, const struct csc_token *grant,
                           char code[CSC_TOKEN_SIZE], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct buf sealed;
    buf_init(&sealed, SEALED_MAXIMUM);
    rfd_status status = token_make(code, hash, error);
    if (status == RFD_OK && r->credential_scope)
        status = csc_seal(CSC_SEAL_CODE, slice_text(code), grant, &sealed, error);
    const struct store_value values[] = {
        store_bytes(slice_of(hash, sizeof hash)),
        store_integer(grant->portal.id),
        store_integer(grant->account),
        store_integer(grant->person),
        store_text(grant->holder),
        store_integer(grant->version),
        store_boolean(r->credential_scope),
        store_text(r->redirect),
        store_text(r->challenge),
        store_text(grant->credential),
        store_text(r->details),
        store_integer(grant->digest),
        store_boolean(grant->documents),
        store_integer(grant->count),
        store_bytes(sealed.length == 0 ? SLICE("") : buf_slice(&sealed)),
        store_integer(grant->ends),
        store_boolean(false),
        store_integer(clock_now() + CSC_CODE_SECONDS * RFD_SECOND),
    };
    if (status == RFD_OK)
        status =
            store_run(t,
                      "INSERT INTO csc_code(hash, portal, account, person, holder, version, credential_scope, "
                      "redirect, challenge, credential, details, digest, documents, count, sealed, sad_ends, used, "
                      "ends) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
                      "$18)",
                      values, sizeof values / sizeof *values, NULL, error);
    buf_dispose(&sealed);
    return status;
}

static rfd_status open_portal(struct transaction *t, int64_t id, struct portal *out, struct rfd_error *error)
{
    TRY(portal_find(t, id, out, error));
    return out->closed ? error_set(error, RFD_E_NOT_FOUND, "this portal was closed") : RFD_OK;
}

/* ---- Scope "service" ---- */

rfd_status csc_agree_service(struct transaction *t, const struct actor *actor, const struct packs *packs,
                             const struct csc_request *request, char code[CSC_TOKEN_SIZE], struct rfd_error *error)
{
    struct csc_token grant = {
        .kind = CSC_TOKEN_SERVICE, .version = request->version, .account = actor->account, .person = actor->person};
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (request->credential_scope) return error_set(error, RFD_E_ARGUMENT, "it asks for signatures");
    TRY(open_portal(t, request->portal, &grant.portal, error));
    TRY(central_holder_of(t, packs, actor->person, &grant.holder, error));
    TRY(csc_request_end(t, actor, request->id, SLICE(""), error));
    TRY(put_code(t, request, &grant, code, error));
    return central_audit(t, actor, "csc.agree", "portal", grant.portal.id,
                         central_detail(t, "client", grant.portal.client, NULL, SLICE_EMPTY), error);
}

/* ---- Scope "credential" ---- */

struct authorising {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    const struct csc_request *request;
    struct central_credential credential;
    struct csc_request_row row;
    slice asker; /* the portal's name */
    struct central_authorisation begun;
    struct csc_token grant;
    char *code;
};

static rfd_status read_request(struct transaction *t, void *context, struct rfd_error *error)
{
    struct authorising *w = context;
    struct portal portal;
    TRY(actor_check(w->actor, ACTION_CENTRAL_SIGN, NULL, error));
    TRY(csc_request_load(t, w->request->id, &w->row, error));
    if (w->row.account != w->actor->account || !w->row.r.credential_scope)
        return error_set(error, RFD_E_NOT_FOUND, "there is no such request");
    TRY(open_portal(t, w->row.r.portal, &portal, error));
    w->grant.portal = (struct portal){.id = portal.id};
    w->asker = portal.name;
    TRY(store_keep(w->a, &w->asker, error));
    TRY(store_keep(w->a, &w->row.chosen, error));
    return store_keep(w->a, &w->row.operation, error);
}

static rfd_status choose_credential(struct authorising *w, slice id, struct rfd_error *error)
{
    slice asked = w->request->credential;
    if (asked.length > 0 && !slice_equal(asked, id))
        return error_set(error, RFD_E_NOT_FOUND, "the portal asked for another one");
    TRY(central_own_credential(w->c, w->actor, w->a, id, &w->grant.holder, &w->credential, error));
    if (w->credential.state == PERSONAL_LOCKED) return error_set(error, RFD_E_CREDENTIAL_LOCKED, NULL);
    if (!central_credential_is_usable(&w->credential, clock_now()))
        return error_set(error, RFD_E_STATE, "this certificate cannot sign now");
    return RFD_OK;
}

/* ---- Beginning ---- */

/** The hash as it came: of what is signed, or of a document. */
static rfd_status put_document(struct authorising *w, size_t i, struct operation_document *to, struct rfd_error *error)
{
    const struct csc_hash *from = &w->request->hashes[i];
    const char *title = from->label.length > 0 ? "" : arena_print(w->a, "Document %zu", i + 1);
    if (title == NULL) return arena_failed(w->a, error);
    to->title = from->label.length > 0 ? from->label : slice_text(title);
    to->hash = from->hash;
    return csc_shown(from->hash, to->shown, error);
}

static rfd_status begin(struct authorising *w, enum personal_channel channel, slice language, struct rfd_error *error)
{
    const struct csc_request *r = w->request;
    struct central_begin b = {.text = {.kind = OPERATION_SIGN,
                                       .credential = slice_text(w->credential.id),
                                       .portal = w->asker,
                                       .digest = r->digest,
                                       .of = r->documents ? OPERATION_OF_DOCUMENTS : OPERATION_OF_HASHES,
                                       .count = r->count},
                              .channel = channel,
                              .language = language,
                              .statement = r->statement};
    b.text.documents = arena_zeroed(w->a, r->count + 1, sizeof *b.text.documents);
    if (b.text.documents == NULL) return arena_failed(w->a, error);
    for (size_t i = 0; i < r->count; i++) TRY(put_document(w, i, &b.text.documents[i], error));
    return central_begin(w->c, &b, w->a, &w->begun, error);
}

/** The first beginning counts as one of the portal's operations. */
static rfd_status keep_begun(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct authorising *w = context;
    if (w->row.operation.length == 0) TRY(csc_quota_use(t, &w->grant.portal, clock_now(), error));
    return csc_request_begun(t, w->actor, w->request->id, slice_text(w->credential.id),
                             slice_of(w->begun.operation, sizeof w->begun.operation), error);
}

rfd_status csc_begin(const struct central *c, const struct actor *actor, struct arena *a,
                     const struct csc_request *request, slice credential, enum personal_channel channel, slice language,
                     struct central_authorisation *out, struct rfd_error *error)
{
    struct authorising w = {.c = c, .actor = actor, .a = a, .request = request};
    TRY(store_read(c->store, read_request, &w, error));
    TRY(choose_credential(&w, credential, error));
    central_forget(c, w.row.operation); /* a credential has few of them at a time */
    TRY(begin(&w, channel, language, error));
    rfd_status status = store_write(c->store, keep_begun, &w, error);
    if (status != RFD_OK)
        central_forget(c, slice_of(w.begun.operation, sizeof w.begun.operation));
    else
        *out = w.begun;
    return status;
}

/* ---- Activating ---- */

rfd_status csc_take_sad(const struct central *c, const uint8_t *operation, const struct central_proofs *proofs,
                        struct csc_token *token, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    rfd_status status = central_activate(c, operation, proofs, &reply, error);
    if (status == RFD_OK) {
        slice sad = message_get_bytes(&reply.fields, SAD_MAXIMUM);
        token->ends = message_get_i64(&reply.fields);
        status = message_end(&reply.fields, "what authorises", error);
        if (status == RFD_OK && sad.length != sizeof token->sad) status = error_set(error, RFD_E_PROTOCOL, "SAD");
        if (status == RFD_OK) memcpy(token->sad, sad.data, sad.length);
    }
    keeper_reply_dispose(&reply);
    return status;
}

static rfd_status give_code(struct transaction *t, void *context, struct rfd_error *error)
{
    struct authorising *w = context;
    const char *count = arena_print(store_arena(t), "%u", w->grant.count);
    if (count == NULL) return arena_failed(store_arena(t), error);
    TRY(csc_request_end(t, w->actor, w->request->id, w->row.operation, error));
    TRY(put_code(t, w->request, &w->grant, w->code, error));
    return central_audit(t, w->actor, "csc.authorise", "portal", w->grant.portal.id,
                         central_detail(t, "credential", w->grant.credential, "hashes", slice_text(count)), error);
}

rfd_status csc_activate(const struct central *c, const struct actor *actor, struct arena *a,
                        const struct csc_request *request, slice credential, const uint8_t *operation,
                        const struct central_proofs *proofs, char code[CSC_TOKEN_SIZE], struct rfd_error *error)
{
    struct authorising w = {.c = c, .actor = actor, .a = a, .request = request, .code = code};
    slice begun = slice_of(operation, PERSONAL_OPERATION_SIZE);
    TRY(store_read(c->store, read_request, &w, error));
    if (!slice_equal(w.row.operation, begun) || !slice_equal(w.row.chosen, credential))
        return error_set(error, RFD_E_ACTIVATION_ENDED, "something else was begun since");
    TRY(choose_credential(&w, credential, error));
    w.grant.kind = CSC_TOKEN_CREDENTIAL;
    w.grant.version = request->version;
    w.grant.account = actor->account;
    w.grant.person = actor->person;
    w.grant.credential = credential;
    w.grant.digest = request->digest;
    w.grant.documents = request->documents;
    w.grant.count = (unsigned)request->count;
    TRY(csc_take_sad(c, operation, proofs, &w.grant, error));
    rfd_status status = store_write(c->store, give_code, &w, error);
    secret_wipe(w.grant.sad, sizeof w.grant.sad);
    if (status != RFD_OK) central_forget(c, begun);
    return status;
}
