/* SPDX-License-Identifier: EUPL-1.2
 *
 * Passkeys of accounts: made by who is signed in, used without a name (the authenticator knows whose it is) or as a
 * second factor. Each must have checked its user (PIN, finger, face), so that one alone is enough to sign in.
 */
#include "domain/account/factor_internal.h"
#include "domain/account/webauthn.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"

#include <jansson.h>

enum { PASSKEYS_MAXIMUM = 20, NAME_MAXIMUM = 80, HANDLE_SIZE = 32, MILLISECONDS = 120000 };
static const int algorithms[] = {-7, -8, -257};

/* ---- Options ---- */

/** What the authenticator keeps in place of a name: nothing that says who it is. */
static rfd_status make_handle(const struct account_settings *settings, int64_t account, uint8_t out[HANDLE_SIZE],
                              struct rfd_error *error)
{
    char text[40];
    (void)snprintf(text, sizeof text, "passkey %lld", (long long)account);
    return token_mac(settings->key, slice_text(text), out, error);
}

static json_t *base64url_json(slice bytes)
{
    struct buf text;
    buf_init(&text, 4096);
    url_put_base64(&text, bytes);
    json_t *value = buf_status(&text) == RFD_OK ? json_stringn((const char *)text.data, text.length) : NULL;
    buf_dispose(&text);
    return value;
}

static json_t *text_json(slice text)
{
    return json_stringn((const char *)text.data, text.length);
}

/** Takes over `root`. */
static rfd_status put_json(json_t *root, struct buf *out, struct rfd_error *error)
{
    char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (text == NULL) return error_memory(error);
    buf_put_text(out, text);
    free(text);
    return buf_check(out, "options of a passkey", error);
}

static rfd_status list_credentials(struct transaction *t, int64_t account, json_t **out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account)};
    struct store_rows rows;
    json_t *list = json_array();
    TRY(store_run(t, "SELECT credential FROM passkey WHERE account = $1 ORDER BY id", values, 1, &rows, error));
    for (size_t i = 0; i < rows.count && list != NULL; i++) {
        json_t *item =
            json_pack("{s:s,s:o}", "type", "public-key", "id", base64url_json(store_cell(&rows, i, 0)->bytes));
        if (item == NULL || json_array_append_new(list, item) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    *out = list;
    return list == NULL ? error_memory(error) : RFD_OK;
}

static json_t *parameters_json(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        (void)json_array_append_new(list, json_pack("{s:s,s:i}", "type", "public-key", "alg", algorithms[i]));
    return list;
}

rfd_status passkey_create_options(struct transaction *t, const struct account_settings *settings,
                                  const struct session *session, struct buf *json, struct rfd_error *error)
{
    uint8_t challenge[32];
    uint8_t handle[HANDLE_SIZE];
    struct account account;
    struct person person;
    json_t *exclude;
    if (session->account == 0) return error_set(error, RFD_E_UNAUTHORISED, "nobody is signed in");
    TRY(account_find(t, session->account, &account, error));
    TRY(person_find(t, account.person, &person, error));
    TRY(challenge_make(t, session, "passkey-create", challenge, error));
    TRY(make_handle(settings, account.id, handle, error));
    TRY(list_credentials(t, account.id, &exclude, error));
    json_t *root = json_pack(
        "{s:o,s:{s:s,s:s},s:{s:o,s:o,s:o},s:o,s:o,s:s,s:i,s:{s:s,s:b,s:s}}", "challenge",
        base64url_json(slice_of(challenge, sizeof challenge)), "rp", "id", settings->relying_party, "name",
        settings->relying_party, "user", "id", base64url_json(slice_of(handle, sizeof handle)), "name",
        text_json(account.code), "displayName", text_json(person.given_names), "pubKeyCredParams", parameters_json(),
        "excludeCredentials", exclude, "attestation", "none", "timeout", MILLISECONDS, "authenticatorSelection",
        "residentKey", "required", "requireResidentKey", 1, "userVerification", "required");
    return put_json(root, json, error);
}

rfd_status passkey_get_options(struct transaction *t, const struct account_settings *settings,
                               const struct session *session, struct buf *json, struct rfd_error *error)
{
    uint8_t challenge[32];
    json_t *allow = json_array();
    if (allow == NULL) return error_memory(error);
    if (session->pending != 0) {
        json_decref(allow);
        TRY(list_credentials(t, session->pending, &allow, error));
    }
    rfd_status status = challenge_make(t, session, "passkey-get", challenge, error);
    if (status != RFD_OK) {
        json_decref(allow);
        return status;
    }
    return put_json(json_pack("{s:o,s:s,s:o,s:s,s:i}", "challenge",
                              base64url_json(slice_of(challenge, sizeof challenge)), "rpId", settings->relying_party,
                              "allowCredentials", allow, "userVerification", "required", "timeout", MILLISECONDS),
                    json, error);
}

/* ---- What came back ---- */

/** Challenge and origin, which webauthn.h leaves to us. */
static rfd_status check_frame(struct transaction *t, const struct account_settings *settings,
                              const struct session *session, const char *kind, const struct webauthn_answer *answer,
                              bool *good, struct rfd_error *error)
{
    TRY(challenge_use(t, session, kind, answer->challenge, good, error));
    if (!slice_is(answer->origin, settings->url)) *good = false;
    return RFD_OK;
}

static rfd_status enter_passkey(struct transaction *t, int64_t account, slice name,
                                const struct webauthn_credential *credential, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account),
                                         store_bytes(credential->id),
                                         store_integer(credential->algorithm),
                                         store_bytes(credential->public_key),
                                         store_integer(credential->counter),
                                         store_text(name),
                                         store_integer(clock_now())};
    struct store_rows rows;
    TRY(store_run(t, "SELECT count(*) FROM passkey WHERE account = $1", values, 1, &rows, error));
    if (store_cell(&rows, 0, 0)->integer >= PASSKEYS_MAXIMUM)
        return error_set(error, RFD_E_STATE, "there are %d passkeys already", PASSKEYS_MAXIMUM);
    TRY(store_run(t,
                  "INSERT INTO passkey(account, credential, algorithm, public_key, counter, name, created) VALUES "
                  "($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(credential) DO NOTHING",
                  values, 7, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_STATE, "this passkey is registered already");
}

rfd_status passkey_create(struct transaction *t, const struct account_settings *settings, const struct session *session,
                          slice name, slice json, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct webauthn_credential credential;
    struct webauthn_answer answer;
    struct account account;
    bool good;
    if (session->account == 0) return error_set(error, RFD_E_UNAUTHORISED, "nobody is signed in");
    if (name.length == 0 || name.length > NAME_MAXIMUM || !text_is_printable(name)) name = SLICE("Passkey");
    TRY(account_find(t, session->account, &account, error));
    TRY(webauthn_read(json, true, a, &answer, error));
    TRY(check_frame(t, settings, session, "passkey-create", &answer, &good, error));
    if (!good) return error_set(error, RFD_E_INVALID, "the challenge is old or used, or for another site");
    TRY(webauthn_register(&answer, settings->relying_party, a, &credential, error));
    TRY(enter_passkey(t, account.id, name, &credential, error));
    if ((account.factors & METHOD_PASSKEY) == 0) return factor_set(t, NULL, &account, METHOD_PASSKEY, true, error);
    TRY(account_audit(t, "account.factor-add", NULL, &account, "factor", SLICE("passkey"), error));
    return account_tell_factor(t, &account, METHOD_PASSKEY, true, error);
}

static rfd_status find_passkey(struct transaction *t, slice id, int64_t *row, int64_t *account,
                               struct webauthn_credential *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_bytes(id)};
    struct store_rows rows;
    *row = 0;
    TRY(store_run(t, "SELECT id, account, algorithm, public_key, counter FROM passkey WHERE credential = $1", values, 1,
                  &rows, error));
    if (rows.count == 0) return RFD_OK;
    const struct store_value *v = store_cell(&rows, 0, 0);
    *row = v[0].integer;
    *account = v[1].integer;
    *out = (struct webauthn_credential){
        .id = id, .algorithm = (int)v[2].integer, .public_key = v[3].bytes, .counter = (uint32_t)v[4].integer};
    return RFD_OK;
}

/** A counter that does not grow was copied (§7.2 step 21), unless it never counts. */
static rfd_status use_passkey(struct transaction *t, int64_t row, uint32_t counter, bool *good, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(row), store_integer(counter), store_integer(clock_now())};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE passkey SET counter = $2, used = $3 WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = "
                  "0))",
                  values, 3, &rows, error));
    *good = rows.changed == 1;
    return RFD_OK;
}

static rfd_status check_passkey(struct transaction *t, const struct account_settings *settings,
                                const struct session *session, slice json, int64_t *account, bool *good,
                                struct rfd_error *error)
{
    uint8_t handle[HANDLE_SIZE];
    struct webauthn_credential credential;
    struct webauthn_answer answer;
    int64_t row;
    uint32_t counter;
    *good = false;
    if (webauthn_read(json, false, store_arena(t), &answer, NULL) != RFD_OK) return RFD_OK;
    TRY(check_frame(t, settings, session, "passkey-get", &answer, good, error));
    if (!*good) return RFD_OK;
    *good = false;
    TRY(find_passkey(t, answer.credential, &row, account, &credential, error));
    if (row == 0 || (session->pending != 0 && session->pending != *account)) return RFD_OK;
    TRY(make_handle(settings, *account, handle, error));
    if (answer.user.length > 0 && !secret_equal(answer.user, slice_of(handle, sizeof handle))) return RFD_OK;
    rfd_status status = webauthn_verify(&answer, &credential, settings->relying_party, &counter, error);
    if (status == RFD_E_SIGNING) return RFD_OK;
    TRY(status);
    return use_passkey(t, row, counter, good, error);
}

rfd_status passkey_get(struct transaction *t, const struct account_settings *settings, struct session *session,
                       slice json, char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out, struct rfd_error *error)
{
    int64_t account = 0;
    bool good;
    *out = SIGN_IN_WRONG;
    TRY(check_passkey(t, settings, session, json, &account, &good, error));
    if (!good) return RFD_OK;
    return account_sign_in_as(t, settings, session, account, METHOD_PASSKEY, token, out, error);
}

/* ---- Looking after them ---- */

rfd_status passkey_list(struct transaction *t, int64_t account, struct passkey **out, size_t *count,
                        struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account)};
    struct store_rows rows;
    TRY(store_run(t, "SELECT id, name, created, used FROM passkey WHERE account = $1 ORDER BY id", values, 1, &rows,
                  error));
    struct passkey *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        list[i] = (struct passkey){
            .id = v[0].integer, .name = v[1].bytes, .created = v[2].integer, .used = store_moment_of(&v[3])};
    }
    *out = list;
    *count = rows.count;
    return RFD_OK;
}

rfd_status passkey_remove(struct transaction *t, const struct actor *actor, int64_t account, int64_t id,
                          struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account), store_integer(id)};
    struct store_rows rows;
    struct account found;
    TRY(factor_own(t, actor, account, &found, error));
    TRY(store_run(t, "DELETE FROM passkey WHERE account = $1 AND id = $2", values, 2, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_NOT_FOUND, "passkey %lld", (long long)id);
    TRY(store_run(t, "SELECT 1 FROM passkey WHERE account = $1", values, 1, &rows, error));
    if (rows.count == 0) return factor_set(t, actor, &found, METHOD_PASSKEY, false, error);
    TRY(account_audit(t, "account.factor-remove", actor, &found, "factor", SLICE("passkey"), error));
    return account_tell_factor(t, &found, METHOD_PASSKEY, false, error);
}
