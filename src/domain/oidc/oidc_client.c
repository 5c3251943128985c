/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/line.h"
#include "base/text.h"
#include "domain/account/token.h"
#include "domain/audit/audit.h"
#include "domain/oidc/oidc_internal.h"

enum { NAME_MAXIMUM = 100, ID_MAXIMUM = 64, ADDRESSES_MAXIMUM = 4000 };

/* ---- Addresses ---- */

bool oidc_address_listed(slice addresses, slice address)
{
    if (address.length == 0) return false;
    while (addresses.length > 0) {
        if (slice_equal(line_next(&addresses), address)) return true;
    }
    return false;
}

static bool is_local(slice rest)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        size_t length = strlen(hosts[i]);
        if (!slice_starts(rest, slice_text(hosts[i]))) continue;
        if (rest.length == length || rest.data[length] == '/' || rest.data[length] == ':') return true;
    }
    return false;
}

bool oidc_is_address(slice s)
{
    static const char https[] = "https://";
    static const char http[] = "http://";
    if (s.length > OIDC_PARAMETER_MAXIMUM) return false;
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] <= ' ' || s.data[i] >= 0x7F || memchr("\"#<>@\\^`{|}", s.data[i], 11) != NULL) return false;
    }
    if (slice_starts(s, slice_text(https))) return s.length > sizeof https - 1 && s.data[sizeof https - 1] != '/';
    return slice_starts(s, slice_text(http)) && is_local(slice_from(s, sizeof http - 1));
}

static void check_addresses(slice text, const char *field, bool needed, struct faults *faults)
{
    unsigned count = 0;
    if (text.length > ADDRESSES_MAXIMUM) {
        fault_add(faults, field, N_("These are too many addresses"));
        return;
    }
    while (text.length > 0) {
        slice line = line_next(&text);
        if (line.length == 0) continue;
        if (!oidc_is_address(line)) {
            fault_add(faults, field,
                      N_("Each line has to be an address that begins with https:// (http:// for localhost only)"));
            return;
        }
        count++;
    }
    if (count > OIDC_ADDRESSES) fault_add(faults, field, N_("These are too many addresses"));
    if (needed && count == 0) fault_add(faults, field, N_("Write at least one address"));
}

/* ---- Putting ---- */

static bool is_client_id(slice s)
{
    if (s.length == 0 || s.length > ID_MAXIMUM) return false;
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && memchr("-_.", c, 3) == NULL) return false;
    }
    return true;
}

static bool check_client(const struct oidc_client *client, struct faults *faults)
{
    unsigned before = faults->count;
    if (!is_client_id(client->client_id))
        fault_add(faults, "client_id", N_("Letters, digits, dots and dashes, at most 64"));
    if (client->name.length == 0 || client->name.length > NAME_MAXIMUM || !text_is_printable(client->name))
        fault_add(faults, "name", N_("Write a name of at most 100 letters"));
    check_addresses(client->redirects, "redirects", true, faults);
    check_addresses(client->logout_redirects, "logout_redirects", false, faults);
    return faults->count == before;
}

static rfd_status taken(struct transaction *t, const struct oidc_client *client, struct faults *faults,
                        struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(client->client_id), store_integer(client->id)};
    TRY(store_run(t, "SELECT id FROM oidc_client WHERE client_id = $1 AND id <> $2", values, 2, &rows, error));
    if (rows.count == 0) return RFD_OK;
    fault_add(faults, "client_id", N_("Another program has this name"));
    return error_set(error, RFD_E_INVALID, "a client of this name is there");
}

static rfd_status insert(struct transaction *t, const struct oidc_client *c, int64_t *id, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {
        store_text(c->client_id), store_text(c->name),       store_text(c->redirects),  store_text(c->logout_redirects),
        store_boolean(c->roles),  store_boolean(c->enabled), store_integer(clock_now())};
    TRY(store_run(
        t,
        "INSERT INTO oidc_client(client_id, name, redirects, logout_redirects, roles, enabled, created) VALUES "
        "($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        values, 7, &rows, error));
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status update(struct transaction *t, const struct oidc_client *c, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {
        store_text(c->client_id), store_text(c->name),       store_text(c->redirects), store_text(c->logout_redirects),
        store_boolean(c->roles),  store_boolean(c->enabled), store_integer(c->id)};
    TRY(store_run(
        t,
        "UPDATE oidc_client SET client_id = $1, name = $2, redirects = $3, logout_redirects = $4, roles = $5, "
        "enabled = $6 WHERE id = $7",
        values, 7, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "there is no such client");
}

static rfd_status give_secret(struct transaction *t, int64_t id, char secret[ACCOUNT_TOKEN_SIZE],
                              struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    TRY(token_make(secret, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(id)};
    return store_run(t, "UPDATE oidc_client SET secret_hash = $1 WHERE id = $2", values, 2, NULL, error);
}

static rfd_status write_audit(struct transaction *t, const struct actor *actor, const struct oidc_client *c, int64_t id,
                              struct rfd_error *error)
{
    const char *object = arena_print(store_arena(t), "sso-client:%lld", (long long)id);
    const char *detail =
        arena_print(store_arena(t), "{\"client_id\":\"%.*s\",\"enabled\":%s}", (int)c->client_id.length,
                    (const char *)c->client_id.data, c->enabled ? "true" : "false");
    if (object == NULL || detail == NULL) return arena_failed(store_arena(t), error);
    const struct audit_event event = {.action = c->id == 0 ? "sso-client.add" : "sso-client.change",
                                      .actor = actor_audit(actor, store_arena(t)),
                                      .object = slice_text(object),
                                      .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status oidc_client_put(struct transaction *t, const struct actor *actor, const struct oidc_client *client,
                           bool renew, struct faults *faults, int64_t *id, char secret[ACCOUNT_TOKEN_SIZE],
                           struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct faults *told = faults == NULL ? &own : faults;
    int64_t number = client->id;
    const slice words[] = {client->client_id, client->name};
    secret[0] = '\0';
    TRY(actor_check(actor, ACTION_CLIENTS_EDIT, NULL, error));
    if (!check_client(client, told)) return error_set(error, RFD_E_INVALID, "the data of a client");
    TRY(taken(t, client, told, error));
    TRY(number == 0 ? insert(t, client, &number, error) : update(t, client, error));
    TRY(list_index(t, "oidc_client_word", number, words, 2, error));
    if (client->confidential && (client->id == 0 || renew)) TRY(give_secret(t, number, secret, error));
    TRY(write_audit(t, actor, client, number, error));
    *id = number;
    return RFD_OK;
}

/* ---- Finding ---- */

#define COLUMNS "id, client_id, name, redirects, logout_redirects, roles, enabled, created, secret_hash"

static rfd_status read_client(const struct store_rows *rows, struct oidc_client *out, struct rfd_error *error)
{
    if (rows->count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such client");
    *out = (struct oidc_client){.id = store_cell(rows, 0, 0)->integer,
                                .client_id = store_cell(rows, 0, 1)->bytes,
                                .name = store_cell(rows, 0, 2)->bytes,
                                .redirects = store_cell(rows, 0, 3)->bytes,
                                .logout_redirects = store_cell(rows, 0, 4)->bytes,
                                .roles = store_cell(rows, 0, 5)->integer != 0,
                                .enabled = store_cell(rows, 0, 6)->integer != 0,
                                .created = store_cell(rows, 0, 7)->integer,
                                .confidential = store_cell(rows, 0, 8)->type != STORE_NULL};
    return RFD_OK;
}

rfd_status oidc_client_by_name(struct transaction *t, slice client_id, struct oidc_client *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(client_id), store_boolean(true)};
    if (!is_client_id(client_id)) return error_set(error, RFD_E_NOT_FOUND, "there is no such client");
    TRY(store_run(t, "SELECT " COLUMNS " FROM oidc_client WHERE client_id = $1 AND enabled = $2", values, 2, &rows,
                  error));
    return read_client(&rows, out, error);
}

rfd_status oidc_client_find(struct transaction *t, int64_t id, struct oidc_client *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(id)};
    TRY(store_run(t, "SELECT " COLUMNS " FROM oidc_client WHERE id = $1", values, 1, &rows, error));
    return read_client(&rows, out, error);
}

rfd_status oidc_client_secret_hash(struct transaction *t, int64_t id, slice *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(id)};
    TRY(store_run(t, "SELECT secret_hash FROM oidc_client WHERE id = $1", values, 1, &rows, error));
    *out =
        rows.count == 0 || store_cell(&rows, 0, 0)->type == STORE_NULL ? SLICE_EMPTY : store_cell(&rows, 0, 0)->bytes;
    return RFD_OK;
}

static const struct list_column columns[] = {
    {.name = "nombre", .title = N_("Name"), .sql = "c.name", .sort = "c.name"},
    {.name = "identificador", .title = N_("Identifier"), .sql = "c.client_id", .sort = "c.client_id"},
    {.name = "activo", .title = N_("In use"), .sql = "c.enabled", .kind = LIST_FLAG},
    {.name = "creado", .title = N_("Registered"), .sql = "c.created", .kind = LIST_TIME, .sort = "c.created"},
};
const struct list_definition oidc_client_list = {.name = "programas",
                                                 .from = "oidc_client c",
                                                 .id = "c.id",
                                                 .words = "oidc_client_word",
                                                 .count = "oidc_client c",
                                                 .columns = columns,
                                                 .column_count = sizeof columns / sizeof *columns,
                                                 .order = "nombre",
                                                 .action = ACTION_CLIENTS_EDIT};
