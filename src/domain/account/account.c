/* SPDX-License-Identifier: EUPL-1.2
 *
 * Accounts themselves: made, read, closed, unlocked, raised. A person has one account of their own and one for each
 * entity that they hold (index account_holder); a closed one stays, for what speaks of it.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/list/list.h"

enum { CODE_MAXIMUM = 32, EVIDENCE_MAXIMUM = 500 };

rfd_status account_find(struct transaction *t, int64_t id, struct account *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id, code, person, entity, level, state, password <> '', must_change, factors, language, "
                  "created, last_sign_in, EXISTS(SELECT 1 FROM passkey k WHERE k.account = account.id), "
                  "sign_in_before FROM account WHERE id = $1",
                  values, 1, &rows, error));
    if (rows.count != 1) return error_set(error, RFD_E_NOT_FOUND, "account %lld", (long long)id);
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct account){
        .id = v[0].integer,
        .code = v[1].bytes,
        .person = v[2].integer,
        .entity = store_reference_of(&v[3]),
        .level = (enum account_level)v[4].integer,
        .locked = slice_is(v[5].bytes, "locked"),
        .closed = slice_is(v[5].bytes, "closed"),
        .has_password = v[6].integer != 0,
        .must_change = v[7].integer != 0,
        .factors = (unsigned)v[8].integer,
        .has_totp = (v[8].integer & METHOD_TOTP) != 0,
        .language = v[9].bytes,
        .created = v[10].integer,
        .last_sign_in = store_moment_of(&v[11]),
        .has_passkey = v[12].integer != 0,
        .sign_in_before = store_moment_of(&v[13]),
    };
    return RFD_OK;
}

/** Reads it and asks whether the actor may do this to it. */
static rfd_status find_for(struct transaction *t, const struct actor *actor, enum action action, int64_t id,
                           struct account *out, struct rfd_error *error)
{
    TRY(account_find(t, id, out, error));
    const struct access_object object = {.person = out->person, .entity = out->entity};
    return actor_check(actor, action, &object, error);
}

/* ---- Making ---- */

/** Capitals and digits: "U1234", "12345678", a CURP. */
static bool is_code(slice code)
{
    if (code.length < 2 || code.length > CODE_MAXIMUM) return false;
    for (size_t i = 0; i < code.length; i++) {
        uint8_t c = code.data[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) return false;
    }
    return true;
}

slice account_capitals(slice text, struct arena *a)
{
    uint8_t *to = arena_allocate(a, text.length + 1);
    size_t length = 0;
    if (to == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == ' ' || c == '.' || c == '-') continue;
        to[length++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
    }
    return slice_of(to, length);
}

static rfd_status next_code(struct transaction *t, char prefix, slice *out, struct rfd_error *error)
{
    char text[2] = {prefix, '\0'};
    const struct store_value values[] = {store_text(slice_text(text))};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO account_number(prefix, number) VALUES ($1, 1) ON CONFLICT(prefix) DO UPDATE SET "
                  "number = account_number.number + 1 RETURNING number",
                  values, 1, &rows, error));
    const char *code = arena_print(store_arena(t), "%c%04lld", prefix, (long long)store_cell(&rows, 0, 0)->integer);
    if (code == NULL) return arena_failed(store_arena(t), error);
    *out = slice_text(code);
    return RFD_OK;
}

static rfd_status is_there(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                           bool *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, sql, values, count, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

static rfd_status choose_code(struct transaction *t, const struct account *wish, const struct person *person,
                              char prefix, slice *out, struct faults *faults, struct rfd_error *error)
{
    bool taken;
    *out = wish->code.length > 0 ? account_capitals(wish->code, store_arena(t)) : person->number;
    while (wish->code.length == 0 && prefix != 0) {
        TRY(next_code(t, prefix, out, error));
        const struct store_value code[] = {store_text(*out)};
        TRY(is_there(t, "SELECT 1 FROM account WHERE code = $1", code, 1, &taken, error));
        if (!taken) return RFD_OK; /* somebody may have been given this one by hand */
    }
    if (!is_code(*out)) {
        fault_add(faults, "code", N_("A code is 2 to 32 letters and digits, such as U1234"));
        return RFD_OK;
    }
    const struct store_value code[] = {store_text(*out)};
    TRY(is_there(t, "SELECT 1 FROM account WHERE code = $1", code, 1, &taken, error));
    if (taken) fault_add(faults, "code", N_("Another account has this code"));
    return RFD_OK;
}

static rfd_status check_holder(struct transaction *t, const struct account *wish, const struct person *person,
                               struct faults *faults, struct rfd_error *error)
{
    const struct store_value holder[] = {store_integer(wish->person), store_integer(wish->entity)};
    struct entity entity;
    bool taken;
    if (person->closed) fault_add(faults, "person", N_("This person's record is closed"));
    if (wish->entity != 0) {
        TRY(entity_find(t, wish->entity, &entity, error));
        if (entity.closed) fault_add(faults, "entity", N_("This entity is closed"));
    }
    TRY(is_there(t, "SELECT 1 FROM account WHERE person = $1 AND coalesce(entity, 0) = $2 AND state <> 'closed'",
                 holder, 2, &taken, error));
    if (taken) fault_add(faults, "person", N_("This person has such an account already"));
    return RFD_OK;
}

static rfd_status enter(struct transaction *t, const struct account *wish, slice code, const struct person *person,
                        int64_t *id, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_text(code),
        store_integer(wish->person),
        store_reference(wish->entity),
        store_integer(LEVEL_BASIC),
        store_boolean(false),
        store_text(wish->language.length > 0 ? wish->language : person->language),
        store_integer(clock_now()),
    };
    const slice words[] = {code, person->given_names, person->surname, person->second_surname, person->number};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO account(code, person, entity, level, state, password, must_change, factors, language, "
                  "created) VALUES ($1, $2, $3, $4, 'open', '', $5, 0, $6, $7) RETURNING id",
                  values, sizeof values / sizeof *values, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return list_index(t, "account_word", *id, words, sizeof words / sizeof *words, error);
}

rfd_status account_create(struct transaction *t, const struct actor *actor, const struct account_settings *settings,
                          const struct account *account, char prefix, struct faults *faults, int64_t *id,
                          struct rfd_error *error)
{
    const struct access_object object = {.person = account->person, .entity = account->entity};
    struct faults mine = {.count = 0};
    struct person person;
    struct account made;
    slice code;
    int64_t number = 0;
    (void)settings;
    if (faults == NULL) faults = &mine;
    TRY(actor_check(actor, ACTION_ACCOUNT_MANAGE, &object, error));
    if (prefix != 0 && prefix != 'U' && prefix != 'E') return error_set(error, RFD_E_ARGUMENT, "prefix of a code");
    TRY(person_find(t, account->person, &person, error));
    TRY(check_holder(t, account, &person, faults, error));
    TRY(choose_code(t, account, &person, prefix, &code, faults, error));
    if (faults->count > 0) return error_set(error, RFD_E_INVALID, "an account");
    TRY(enter(t, account, code, &person, &number, error));
    TRY(account_find(t, number, &made, error));
    TRY(account_audit(t, "account.create", actor, &made, "entity", SLICE_EMPTY, error));
    if (account->level == LEVEL_ADVANCED)
        TRY(account_enrol(t, actor, number, LEVEL_ADVANCED, SLICE("account.create"), error));
    TRY(account_send_link(t, &made, "first", error));
    *id = number;
    return RFD_OK;
}

rfd_status account_holder(struct transaction *t, slice number, slice tax_number, struct faults *faults, int64_t *person,
                          int64_t *entity, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const struct store_value by_number[] = {store_text(account_capitals(number, a))};
    const struct store_value by_tax[] = {store_text(account_capitals(tax_number, a))};
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM person WHERE number = $1 ORDER BY id LIMIT 2", by_number, 1, &rows, error));
    if (rows.count == 0)
        fault_add(faults, "numero", N_("There is no person with this identity number: add them first"));
    if (rows.count > 1) fault_add(faults, "numero", N_("Several documents have this number"));
    *person = rows.count == 1 ? store_cell(&rows, 0, 0)->integer : 0;
    *entity = 0;
    if (tax_number.length > 0) {
        TRY(store_run(t, "SELECT id FROM entity WHERE tax_number = $1 ORDER BY id LIMIT 2", by_tax, 1, &rows, error));
        if (rows.count != 1) fault_add(faults, "entidad", N_("There is no entity with this tax number"));
        if (rows.count == 1) *entity = store_cell(&rows, 0, 0)->integer;
    }
    return faults->count > 0 ? error_set(error, RFD_E_INVALID, "the holder") : RFD_OK;
}

/* ---- What becomes of it ---- */

rfd_status account_close(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id)};
    struct account account;
    struct store_rows rows;
    TRY(find_for(t, actor, ACTION_ACCOUNT_MANAGE, id, &account, error));
    if (actor->account == id) return error_set(error, RFD_E_STATE, "nobody closes their own account");
    TRY(store_run(t,
                  "UPDATE account SET state = 'closed', password = '', factors = 0 WHERE id = $1 AND state <> 'closed'",
                  values, 1, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_STATE, "the account is closed already");
    TRY(session_end_of(t, id, 0, 0, error));
    TRY(store_run(t, "DELETE FROM session WHERE pending = $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM account_link WHERE account = $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM account_totp WHERE account = $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM account_code WHERE account = $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM passkey WHERE account = $1", values, 1, NULL, error));
    TRY(store_run(t, "DELETE FROM oidc_token WHERE account = $1", values, 1, NULL, error));
    return account_audit(t, "account.close", actor, &account, "", SLICE_EMPTY, error);
}

rfd_status account_open_again(struct transaction *t, const struct actor *actor, const struct account *account,
                              struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(account->id)};
    char id[24];
    struct store_rows rows;
    (void)snprintf(id, sizeof id, "%lld", (long long)account->id);
    const struct limit by_name = {"name", account->code, SLICE_EMPTY};
    const struct limit by_account = {"account", slice_text(id), SLICE_EMPTY};
    TRY(store_run(t, "UPDATE account SET state = 'open' WHERE id = $1 AND state = 'locked'", values, 1, &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_STATE, "the account is not locked");
    TRY(store_run(t, "DELETE FROM account_link WHERE account = $1 AND kind = 'unlock'", values, 1, NULL, error));
    TRY(limit_forget(t, &by_name, error));
    TRY(limit_forget(t, &by_account, error));
    return account_audit(t, "account.unlock", actor, account, "", SLICE_EMPTY, error);
}

rfd_status account_unlock(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct account account;
    TRY(find_for(t, actor, ACTION_ACCOUNT_MANAGE, id, &account, error));
    return account_open_again(t, actor, &account, error);
}

rfd_status account_enrol(struct transaction *t, const struct actor *actor, int64_t id, enum account_level level,
                         slice evidence, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(level)};
    struct account account;
    struct store_rows rows;
    TRY(find_for(t, actor, ACTION_ACCOUNT_ENROL, id, &account, error));
    if (level != LEVEL_BASIC && level != LEVEL_ADVANCED) return error_set(error, RFD_E_ARGUMENT, "level");
    if (evidence.length == 0 || evidence.length > EVIDENCE_MAXIMUM)
        return error_set(error, RFD_E_INVALID, "the evidence has to be said");
    if (actor->account == id) return error_set(error, RFD_E_FORBIDDEN, "nobody raises their own account");
    TRY(store_run(t, "UPDATE account SET level = $2 WHERE id = $1 AND level <> $2 AND state <> 'closed'", values, 2,
                  &rows, error));
    if (rows.changed != 1) return error_set(error, RFD_E_STATE, "the account has this level already, or is closed");
    TRY(account_audit(t, level == LEVEL_ADVANCED ? "account.raise" : "account.lower", actor, &account, "evidence",
                      evidence, error));
    return level == LEVEL_ADVANCED ? account_tell(t, "level-raised", &account, NULL, error) : RFD_OK;
}

rfd_status account_set_language(struct transaction *t, const struct actor *actor, int64_t id, slice language,
                                struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_text(language)};
    struct account account;
    TRY(find_for(t, actor, actor->account == id ? ACTION_ACCOUNT_OWN : ACTION_ACCOUNT_MANAGE, id, &account, error));
    if (language.length != 2) return error_set(error, RFD_E_ARGUMENT, "a language");
    TRY(store_run(t, "UPDATE account SET language = $2 WHERE id = $1", values, 2, NULL, error));
    return account_audit(t, "account.language", actor, &account, "language", language, error);
}

/* ---- The list ---- */

static const char *state_words(slice state)
{
    if (slice_is(state, "open")) return N_("Active");
    if (slice_is(state, "locked")) return N_("Locked");
    return N_("Closed");
}

static const char *state_tone(slice state)
{
    if (slice_is(state, "open")) return "good";
    return slice_is(state, "locked") ? "warn" : "neutral";
}

static const char *level_words(slice level)
{
    return slice_is(level, "2") ? N_("Advanced") : N_("Basic");
}

static const struct list_column columns[] = {
    {.name = "code", .title = N_("Code"), .sql = "a.code", .kind = LIST_TEXT, .sort = "a.code"},
    {.name = "name",
     .title = N_("Name"),
     .sql = "p.surname || ' ' || p.second_surname || ', ' || p.given_names",
     .kind = LIST_TEXT},
    {.name = "number", .title = N_("Identity number"), .sql = "p.number", .kind = LIST_TEXT},
    {.name = "entity", .title = N_("Entity"), .sql = "coalesce(e.short_name, '')", .kind = LIST_TEXT},
    {.name = "level", .title = N_("Level"), .sql = "CAST(a.level AS TEXT)", .kind = LIST_TEXT, .words = level_words},
    {.name = "state",
     .title = N_("State"),
     .sql = "a.state",
     .kind = LIST_TEXT,
     .words = state_words,
     .tone = state_tone},
    {.name = "created", .title = N_("Created"), .sql = "a.created", .kind = LIST_TIME, .sort = "a.created"},
    {.name = "seen", .title = N_("Last sign-in"), .sql = "a.last_sign_in", .kind = LIST_TIME},
};
static const struct list_filter filters[] = {
    {.name = "state", .sql = "a.state = $?", .kind = LIST_TEXT},
    {.name = "level", .sql = "a.level = $?", .kind = LIST_NUMBER},
};
const struct list_definition account_list = {
    .name = "cuentas",
    .from = "account a JOIN person p ON p.id = a.person LEFT JOIN entity e ON e.id = a.entity",
    .id = "a.id",
    .words = "account_word",
    .count = "account a",
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .filters = filters,
    .filter_count = sizeof filters / sizeof *filters,
    .order = "-created",
    .action = ACTION_ACCOUNT_SEE,
    .scope_person = "a.person",
    .scope_entity = "a.entity",
};
