/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "domain/organisation/organisation.h"

static const uint8_t key[32] = "this is the installation's key .";

struct account_settings account_world_settings = {
    .argon_kib = 64,
    .argon_passes = 1,
    .argon_lanes = 1,
    .idle_minutes = 30,
    .absolute_hours = 12,
    .url = "http://localhost:8080",
    .relying_party = "localhost",
    .key = {key, sizeof key},
};

struct actor account_world_system(void)
{
    return actor_system("test");
}

rfd_status account_world_write(struct store *store, store_work *work, void *context)
{
    struct rfd_error error = RFD_ERROR_INIT;
    return store_write(store, work, context, &error);
}

static void need(struct store *store, store_work *work, void *context)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = store_write(store, work, context, &error);
    if (status != RFD_OK) fail_msg("%s: %s", rfd_status_name(status), error.detail);
}

struct making {
    const char *number;
    int64_t id, person;
};

static rfd_status make_person(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    char mail[64];
    struct store_rows rows;
    (void)snprintf(mail, sizeof mail, "%s@example.gob.pe", m->number);
    const struct store_value values[] = {store_text(slice_text(m->number)), store_text(slice_text(mail)),
                                         store_boolean(false)};
    TRY(store_run(
        t,
        "INSERT INTO person(country, document, number, given_names, surname, second_surname, sort_name, mail, "
        "mobile, language, closed) VALUES ('pe', 'dni', $1, 'Rosa', 'Quispe', 'Mamani', 'quispe', $2, "
        "'+51987654321', 'es', $3) RETURNING id",
        values, 3, &rows, error));
    m->person = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

int64_t account_world_person(struct store *store, const char *number)
{
    struct making m = {.number = number};
    need(store, make_person, &m);
    return m.person;
}

static rfd_status make_account(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    struct actor actor = account_world_system();
    const struct account account = {.person = m->person};
    struct faults faults = {.count = 0};
    TRY(account_create(t, &actor, &account_world_settings, &account, 'U', &faults, &m->id, error));
    return account_set_password(t, &actor, &account_world_settings, m->id, SLICE(ACCOUNT_PASSWORD), false, &faults,
                                error);
}

int64_t account_world_account(struct store *store, const char *number)
{
    struct making m = {.number = number};
    need(store, make_person, &m);
    need(store, make_account, &m);
    return m.id;
}

struct finding {
    int64_t id;
    struct account *out;
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    return account_find(t, f->id, f->out, error);
}

struct account account_world_find(struct store *store, int64_t id)
{
    struct account account;
    struct finding f = {id, &account};
    need(store, find, &f);
    account.code = account.language = SLICE_EMPTY; /* gone with the transaction */
    return account;
}

struct actor account_world_actor(struct store *store, int64_t account)
{
    struct account found = account_world_find(store, account);
    return (struct actor){.account = account,
                          .person = found.person,
                          .code = SLICE("TEST"),
                          .name = SLICE("Rosa Quispe"),
                          .level = found.level,
                          .methods = METHOD_PASSWORD};
}

struct beginning {
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
};

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct beginning *b = context;
    return session_new(t, &account_world_settings, SLICE("192.0.2.1"), SLICE("test"), b->token, &b->session, error);
}

struct session account_world_session(struct store *store, char token[ACCOUNT_TOKEN_SIZE])
{
    struct beginning b = {.token = ""};
    need(store, begin, &b);
    memcpy(token, b.token, sizeof b.token);
    return b.session;
}

struct visiting {
    slice token;
    struct session session;
    bool stale;
};

static rfd_status visit(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visiting *v = context;
    TRY(session_find(t, &account_world_settings, v->token, clock_now(), &v->session, &v->stale, error));
    v->session.notice = v->session.client = v->session.agent = SLICE_EMPTY;
    return RFD_OK;
}

struct session account_world_visit(struct store *store, const char *token)
{
    struct visiting v = {.token = slice_text(token)};
    need(store, visit, &v);
    return v.session;
}

enum sign_in_result account_world_sign_in(struct store *store, struct session *session,
                                          const struct account_world_try *try, char token[ACCOUNT_TOKEN_SIZE])
{
    struct rfd_error error = RFD_ERROR_INIT;
    enum sign_in_result result = SIGN_IN_WRONG;
    const struct sign_in form = {.name = slice_text(try->name),
                                 .password = slice_text(try->password),
                                 .proof = try->proof,
                                 .client = SLICE("192.0.2.1"),
                                 .network = slice_text(try->network == NULL ? "192.0.2.0/24" : try->network)};
    rfd_status status = account_sign_in(store, &account_world_settings, session, &form, token, &result, &error);
    if (status != RFD_OK) fail_msg("%s: %s", rfd_status_name(status), error.detail);
    return result;
}

struct session account_world_signed_in(struct store *store, const char *name, char token[ACCOUNT_TOKEN_SIZE])
{
    struct session session = account_world_session(store, token);
    const struct account_world_try try = {.name = name, .password = ACCOUNT_PASSWORD};
    assert_int_equal(account_world_sign_in(store, &session, &try, token), SIGN_IN_DONE);
    return session;
}

struct reading {
    const char *message;
    char *out;
    bool found;
};

static rfd_status read_message(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    const struct store_value values[] = {store_text(slice_text(r->message))};
    struct store_rows rows;
    TRY(store_run(t, "SELECT body FROM outbox WHERE name = $1 ORDER BY id DESC LIMIT 1", values, 1, &rows, error));
    r->found = rows.count == 1;
    if (!r->found) return RFD_OK;
    slice body = slice_part(store_cell(&rows, 0, 0)->bytes, 0, 4095);
    memcpy(r->out, body.data, body.length);
    r->out[body.length] = '\0';
    return RFD_OK;
}

bool account_world_message(struct store *store, const char *message, char out[4096])
{
    struct reading r = {.message = message, .out = out};
    need(store, read_message, &r);
    return r.found;
}

void account_world_link(struct store *store, const char *message, char token[ACCOUNT_TOKEN_SIZE])
{
    static const char path[] = "/acceso/enlace/";
    char text[4096];
    if (!account_world_message(store, message, text)) fail_msg("no message %s", message);
    const char *at = strstr(text, path);
    if (at == NULL) fail_msg("no link in %s", text);
    memcpy(token, at + sizeof path - 1, ACCOUNT_TOKEN_SIZE - 1);
    token[ACCOUNT_TOKEN_SIZE - 1] = '\0';
}
