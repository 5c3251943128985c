/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/audit/audit.h"
#include "domain/outbox/outbox.h"

#include <jansson.h>

enum { DETAIL_MAXIMUM = 2048 };

static rfd_status put_detail(struct buf *out, const char *what, slice detail, struct rfd_error *error)
{
    json_t *object = json_pack("{s:s%}", what, (const char *)detail.data, detail.length);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text != NULL) buf_put_text(out, text);
    bool made = text != NULL;
    free(text);
    json_decref(object);
    return made ? buf_check(out, "detail of an audit event", error) : error_memory(error);
}

rfd_status account_audit(struct transaction *t, const char *action, const struct actor *actor,
                         const struct account *account, const char *what, slice detail, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    char *object = arena_print(a, "account:%.*s", (int)account->code.length, (const char *)account->code.data);
    struct buf text;
    if (object == NULL) return arena_failed(a, error);
    buf_init(&text, DETAIL_MAXIMUM);
    const struct audit_event event = {.action = action,
                                      .actor = actor == NULL ? slice_text(object) : actor_audit(actor, a),
                                      .object = slice_text(object)};
    struct audit_event detailed = event;
    rfd_status status = detail.length == 0 ? RFD_OK : put_detail(&text, what, detail, error);
    detailed.detail = buf_slice(&text);
    if (status == RFD_OK) status = audit_put(t, &detailed, error);
    buf_dispose(&text);
    return status;
}

static slice full_name(const struct person *p, struct arena *a)
{
    const char *name = arena_print(a, "%.*s %.*s", (int)p->given_names.length, (const char *)p->given_names.data,
                                   (int)p->surname.length, (const char *)p->surname.data);
    return name == NULL ? SLICE_EMPTY : slice_text(name);
}

rfd_status account_tell(struct transaction *t, const char *message, const struct account *account, struct view *view,
                        struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct person person;
    TRY(person_find(t, account->person, &person, error));
    if (person.mail.length == 0) return RFD_OK;
    if (view == NULL) view = view_new(a);
    if (view == NULL) return arena_failed(a, error);
    view_text(view, "name", full_name(&person, a));
    const struct outbox_message letter = {.name = message,
                                          .mail = person.mail,
                                          .mobile = person.mobile,
                                          .language =
                                              account->language.length > 0 ? account->language : person.language,
                                          .view = view};
    return outbox_put_message(t, &letter, error);
}

static void view_now(struct view *view)
{
    struct civil c = clock_civil(clock_now());
    view_string(
        view, "when",
        arena_print(view_arena(view), "%02d/%02d/%04d %02d:%02d UTC", c.day, c.month, c.year, c.hour, c.minute));
}

/** The domain has no catalogues; these words go into mails, whose languages are known. */
static const struct {
    enum sign_in_method method;
    const char *es, *ca, *en;
} factor_words[] = {
    {METHOD_TOTP, "aplicación de códigos", "aplicació de codis", "authenticator app"},
    {METHOD_SMS, "código por SMS", "codi per SMS", "code by SMS"},
    {METHOD_MAIL, "código por correo", "codi per correu", "code by e-mail"},
    {METHOD_PASSKEY, "llave de acceso", "clau d’accés", "passkey"},
};

static const char *say_factor(struct arena *a, slice language, enum sign_in_method method, bool added)
{
    bool english = slice_is(language, "en");
    bool catalan = slice_is(language, "ca");
    const char *word = "";
    for (size_t i = 0; i < sizeof factor_words / sizeof *factor_words; i++) {
        if (factor_words[i].method == method)
            word = english ? factor_words[i].en : catalan ? factor_words[i].ca : factor_words[i].es;
    }
    const char *what = english   ? (added ? "added" : "removed")
                       : catalan ? (added ? "s’ha afegit" : "s’ha tret")
                                 : (added ? "se añadió" : "se quitó");
    return english ? arena_print(a, "%s %s", word, what) : arena_print(a, "%s %s", what, word);
}

rfd_status account_tell_factor(struct transaction *t, const struct account *account, enum sign_in_method method,
                               bool added, struct rfd_error *error)
{
    struct view *view = view_new(store_arena(t));
    if (view == NULL) return arena_failed(store_arena(t), error);
    view_string(view, "what", say_factor(store_arena(t), account->language, method, added));
    view_now(view);
    return account_tell(t, "factor-changed", account, view, error);
}

rfd_status account_tell_password(struct transaction *t, const struct account *account, struct rfd_error *error)
{
    struct view *view = view_new(store_arena(t));
    if (view == NULL) return arena_failed(store_arena(t), error);
    view_now(view);
    return account_tell(t, "password-changed", account, view, error);
}

/** Only its newest link of a kind is in force. */
static rfd_status put_link(struct transaction *t, const struct account *account, const char *kind,
                           char token[TOKEN_TEXT_SIZE], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    rfd_time now = clock_now();
    TRY(token_make(token, hash, error));
    const struct store_value values[] = {store_integer(account->id), store_text(slice_text(kind)),
                                         account_hash_value(hash), store_integer(now),
                                         store_integer(now + LINK_MINUTES * ACCOUNT_MINUTE)};
    TRY(store_run(t, "DELETE FROM account_link WHERE account = $1 AND kind = $2", values, 2, NULL, error));
    return store_run(t, "INSERT INTO account_link(hash, account, kind, created, ends) VALUES ($3, $1, $2, $4, $5)",
                     values, 5, NULL, error);
}

rfd_status account_send_link(struct transaction *t, const struct account *account, const char *kind,
                             struct rfd_error *error)
{
    static const struct {
        const char *kind, *message;
    } messages[] = {{"first", "first-password"}, {"recovery", "recovery"}, {"unlock", "account-locked"}};
    struct view *view = view_new(store_arena(t));
    char token[TOKEN_TEXT_SIZE];
    const char *message = NULL;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (slice_is(slice_text(messages[i].kind), kind)) message = messages[i].message;
    }
    if (message == NULL) return error_set(error, RFD_E_ARGUMENT, "kind of link");
    if (view == NULL) return arena_failed(store_arena(t), error);
    TRY(put_link(t, account, kind, token, error));
    view_text(view, "code", account->code);
    view_number(view, "minutes", LINK_MINUTES);
    view_string(view, "link", arena_print(store_arena(t), "/acceso/enlace/%s", token));
    return account_tell(t, message, account, view, error);
}
