/* SPDX-License-Identifier: EUPL-1.2
 *
 * Authorising by PIN, for entities' seals; where agents want it, with a code, too, that the portal had sent before
 * (credentials/sendOTP, getChallenge): from the personal keeper to the mobile of who answers for the seal.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "domain/audit/audit.h"
#include "domain/central/entity_seal.h"
#include "domain/central/internal.h"
#include "domain/csc/token.h"
#include "domain/csc/use.h"
#include "keeper/hpke.h"

enum {
    INFO_MAXIMUM = 4096,
    PROOF_MAXIMUM = 4096,
    HEAD_MAXIMUM = 4096, /* of an operation's text: what stands in it beside documents */
    DOCUMENT_LINES = 83  /* octets of a document's two lines (personal/operation.h) without title and hash */
};

/* ---- By PIN ---- */

struct authorising {
    const struct central *c;
    const struct csc_order *order;
    struct arena *a;
    struct central_credential credential;
    struct central_authorisation begun;
    struct csc_token token;
    char *text; /* of the token that is given */
};

static rfd_status find_credential(struct authorising *w, const struct csc_token *token, slice id,
                                  struct rfd_error *error)
{
    struct central_credential *all = NULL;
    size_t count = 0;
    TRY(csc_credentials(w->c, token, w->a, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(id, all[i].id)) continue;
        w->credential = all[i];
        if (!w->credential.entity) return error_set(error, RFD_E_FORBIDDEN, "people sign on our own pages");
        if (w->credential.state == PERSONAL_LOCKED) return error_set(error, RFD_E_CREDENTIAL_LOCKED, NULL);
        if (!central_credential_is_usable(&w->credential, clock_now())) return error_set(error, RFD_E_STATE, NULL);
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "there is no such credential");
}

/** At most so many octets, whole letters. */
static slice shorten(slice text, size_t most)
{
    if (text.length <= most) return text;
    while (most > 0 && (text.data[most] & 0xC0) == 0x80) most--;
    return slice_part(text, 0, most);
}

/** Titles neither begin nor end with a blank. */
static slice trim(slice text)
{
    while (text.length > 0 && text.data[0] == ' ') text = slice_from(text, 1);
    while (text.length > 0 && text.data[text.length - 1] == ' ') text.length--;
    return text;
}

/** Octets that each title may have, so that the operation's text has room for all documents. */
static size_t title_room(const struct csc_order *o)
{
    size_t lines = DOCUMENT_LINES + 2 * digest_size(o->digest);
    size_t room = (PERSONAL_TEXT_MAXIMUM - HEAD_MAXIMUM) / o->count - lines;
    return room < OPERATION_TITLE_MAXIMUM ? room : OPERATION_TITLE_MAXIMUM;
}

/** What the holder's log calls it: the label, or what the portal says of all, or its place. */
static rfd_status put_title(const struct authorising *w, size_t i, slice *out, struct rfd_error *error)
{
    const struct csc_order *o = w->order;
    *out = trim(shorten(o->hashes[i].label.length > 0 ? o->hashes[i].label : o->description, title_room(o)));
    if (out->length > 0) return RFD_OK;
    const char *text = arena_print(w->a, "Document %zu", i + 1);
    if (text == NULL) return arena_failed(w->a, error);
    *out = slice_text(text);
    return RFD_OK;
}

/** There is no document to be shown: what stands for it is the hash itself. */
static rfd_status put_documents(struct authorising *w, struct operation_document *documents, struct rfd_error *error)
{
    const struct csc_order *o = w->order;
    for (size_t i = 0; i < o->count; i++) {
        documents[i].hash = o->hashes[i].hash;
        TRY(csc_shown(o->hashes[i].hash, documents[i].shown, error));
        TRY(put_title(w, i, &documents[i].title, error));
    }
    return RFD_OK;
}

static rfd_status begin(struct authorising *w, struct rfd_error *error)
{
    const struct csc_order *o = w->order;
    struct central_begin b = {.text = {.kind = OPERATION_SIGN,
                                       .credential = o->credential,
                                       .portal = o->token->portal.name,
                                       .digest = o->digest,
                                       .of = o->version == 1 ? OPERATION_OF_HASHES : OPERATION_OF_BOTH,
                                       .count = o->count},
                              .language = SLICE("es"),
                              .statement = o->statement};
    b.text.documents = arena_zeroed(w->a, o->count + 1, sizeof *b.text.documents);
    if (b.text.documents == NULL) return arena_failed(w->a, error);
    TRY(put_documents(w, b.text.documents, error));
    return central_begin(w->c, &b, w->a, &w->begun, error);
}

static void put_text(struct buf *plain, slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == '"' || c == '\\') buf_put_byte(plain, '\\');
        if (c < ' ')
            buf_print(plain, "\\u%04x", c);
        else
            buf_put_byte(plain, c);
    }
}

static void put_proofs(struct buf *plain, const struct csc_order *o, bool with_code)
{
    buf_put_text(plain, "{\"password\":\"");
    put_text(plain, o->pin);
    if (with_code) buf_put_text(plain, "\",\"code\":\"");
    if (with_code) put_text(plain, o->code);
    buf_put_text(plain, "\"}");
}

/** As the browser does it for people: the PIN leaves this process only for the keeper, and for this operation. */
static rfd_status seal(struct authorising *w, struct buf *info, struct buf *plain, struct buf *sealed,
                       uint8_t encapsulated[HPKE_POINT_SIZE], struct rfd_error *error)
{
    struct operation_document *documents = arena_zeroed(w->a, w->order->count + 1, sizeof *documents);
    struct operation_text text;
    if (documents == NULL) return arena_failed(w->a, error);
    if (w->begun.point.length < HPKE_POINT_SIZE) return error_set(error, RFD_E_PROTOCOL, "the keeper's key");
    TRY(operation_read(w->begun.text, documents, w->order->count, &text, error));
    TRY(personal_activation_info(w->begun.text, &text, w->begun.nonce, info, error));
    put_proofs(plain, w->order, w->credential.code);
    TRY(buf_check(plain, "PIN and code", error));
    slice point = slice_from(w->begun.point, w->begun.point.length - HPKE_POINT_SIZE);
    return hpke_seal(point, buf_slice(info), SLICE_EMPTY, buf_slice(plain), encapsulated, sealed, error);
}

static rfd_status activate(struct authorising *w, struct rfd_error *error)
{
    uint8_t encapsulated[HPKE_POINT_SIZE];
    struct buf info, plain, sealed;
    buf_init(&info, INFO_MAXIMUM);
    buf_init_secret(&plain, PROOF_MAXIMUM);
    buf_init(&sealed, PROOF_MAXIMUM);
    rfd_status status = seal(w, &info, &plain, &sealed, encapsulated, error);
    const struct central_proofs proofs = {slice_of(encapsulated, sizeof encapsulated), buf_slice(&sealed)};
    if (status == RFD_OK) status = csc_take_sad(w->c, w->begun.operation, &proofs, &w->token, error);
    buf_dispose(&info);
    buf_dispose(&sealed);
    buf_dispose(&plain);
    /* What no PIN can be is none that is right. */
    return status == RFD_E_ARGUMENT ? error_set(error, RFD_E_ACTIVATION_PASSWORD, NULL) : status;
}

static rfd_status tell(struct transaction *t, const struct authorising *w, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const struct csc_order *o = w->order;
    const char *actor =
        arena_print(a, "portal:%.*s", (int)o->token->portal.client.length, (const char *)o->token->portal.client.data);
    const char *object = arena_print(a, "credential:%s", w->credential.id);
    const char *count = arena_print(a, "%zu", o->count);
    if (actor == NULL || object == NULL || count == NULL) return arena_failed(a, error);
    slice detail = central_detail(t, "hashes", slice_text(count), "description", o->description);
    if (detail.data == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = "credential.authorise", .actor = slice_text(actor), .object = slice_text(object), .detail = detail};
    return audit_put(t, &event, error);
}

/** Counted and told before anybody has what signs. */
static rfd_status give(struct transaction *t, void *context, struct rfd_error *error)
{
    struct authorising *w = context;
    const struct csc_order *o = w->order;
    TRY(csc_quota_use(t, &o->token->portal, clock_now(), error));
    TRY(seal_grant_use(t, o->token->portal.id, o->credential, (unsigned)o->count, clock_now(), error));
    TRY(tell(t, w, error));
    return csc_token_give(t, &w->token, w->text, error);
}

/** PIN, or PIN and code, as the seal was shown. */
static bool is_right_way(const struct authorising *w)
{
    return w->begun.proofs ==
           (w->credential.code ? PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE : PERSONAL_PROOF_PASSWORD);
}

static rfd_status authorise(struct authorising *w, rfd_time *ends, struct rfd_error *error)
{
    const struct csc_order *o = w->order;
    TRY(find_credential(w, o->token, o->credential, error));
    if (w->credential.code && o->code.length == 0) return error_set(error, RFD_E_ACTIVATION_CODE, "it is missing");
    TRY(begin(w, error));
    w->token = (struct csc_token){.kind = CSC_TOKEN_CREDENTIAL,
                                  .version = o->version,
                                  .portal = o->token->portal,
                                  .credential = o->credential,
                                  .digest = o->digest,
                                  .count = (unsigned)o->count};
    rfd_status status = RFD_OK;
    if (!is_right_way(w)) status = error_set(error, RFD_E_PROTOCOL, "it wants other proofs than it has");
    if (status == RFD_OK) status = activate(w, error);
    if (status == RFD_OK) status = store_write(w->c->store, give, w, error);
    if (status != RFD_OK) central_forget(w->c, slice_of(w->begun.operation, sizeof w->begun.operation));
    if (status == RFD_OK) *ends = w->token.ends;
    return status;
}

static rfd_status check_explicit(const struct central *c, const struct csc_token *token, struct rfd_error *error)
{
    if (!c->settings->central.explicit) return error_set(error, RFD_E_FORBIDDEN, "explicit mode is off");
    return token->kind == CSC_TOKEN_SERVICE ? RFD_OK : error_set(error, RFD_E_FORBIDDEN, "another kind of token");
}

rfd_status csc_authorise(const struct central *c, const struct csc_order *order, struct arena *a,
                         char token[CSC_TOKEN_SIZE], rfd_time *ends, struct rfd_error *error)
{
    struct authorising w = {.c = c, .order = order, .a = a, .text = token};
    TRY(check_explicit(c, order->token, error));
    if (order->count == 0 || order->count > CSC_HASHES)
        return error_set(error, RFD_E_LIMIT, "%zu hashes", order->count);
    rfd_status status = authorise(&w, ends, error);
    secret_wipe(w.token.sad, sizeof w.token.sad);
    return status;
}

/* ---- Codes ---- */

struct sending {
    const struct csc_token *token;
    slice credential;
};

static rfd_status tell_sent(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct sending *s = context;
    const struct csc_token *k = s->token;
    struct arena *a = store_arena(t);
    const char *actor =
        arena_print(a, "portal:%.*s", (int)k->portal.client.length, (const char *)k->portal.client.data);
    const char *object = arena_print(a, "credential:%.*s", (int)s->credential.length, (const char *)s->credential.data);
    if (actor == NULL || object == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = "credential.code", .actor = slice_text(actor), .object = slice_text(object)};
    return audit_put(t, &event, error);
}

rfd_status csc_send_code(const struct central *c, const struct csc_token *token, slice credential, slice language,
                         struct arena *a, struct rfd_error *error)
{
    struct authorising w = {.c = c, .a = a};
    struct sending s = {token, credential};
    struct central_begin b = {.text = {.kind = OPERATION_CODE, .credential = credential, .portal = token->portal.name},
                              .language = language};
    TRY(check_explicit(c, token, error));
    TRY(find_credential(&w, token, credential, error));
    if (!w.credential.code) return error_set(error, RFD_E_FORBIDDEN, "it signs without codes");
    TRY(central_begin(c, &b, a, &w.begun, error));
    rfd_status status = store_write(c->store, tell_sent, &s, error);
    if (status != RFD_OK) central_forget(c, slice_of(w.begun.operation, sizeof w.begun.operation));
    return status;
}
