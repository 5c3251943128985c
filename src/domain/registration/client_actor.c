/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/registration/client_actor.h"

#include "base/error.h"
#include "domain/audit/audit.h"

rfd_status client_actor(struct transaction *t, int64_t client, rfd_time now, struct actor *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(client);
    struct actor actor = {.methods = METHOD_CERTIFICATE};
    TRY(store_run(t,
                  "SELECT a.id, a.person, a.code, a.level FROM registration_client_account c JOIN account a ON a.id = "
                  "c.account WHERE c.client = $1 AND a.state = 'open'",
                  &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_FORBIDDEN, "this client acts for no account that is open");
    const struct store_value *v = store_cell(&rows, 0, 0);
    actor.account = v[0].integer;
    actor.person = v[1].integer;
    actor.code = v[2].bytes;
    actor.name = v[2].bytes;
    actor.level = v[3].integer == LEVEL_ADVANCED ? LEVEL_ADVANCED : LEVEL_BASIC;
    TRY(actor_load_roles(t, actor.person, now, store_arena(t), &actor.roles, &actor.role_count, error));
    *out = actor;
    return RFD_OK;
}

static rfd_status find_id(struct transaction *t, const char *sql, slice name, const char *what, int64_t *out,
                          struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_text(name);
    TRY(store_run(t, sql, &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "%s", what);
    *out = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status tell_audit(struct transaction *t, slice who, slice client, slice account, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "client:%.*s", (int)client.length, (const char *)client.data);
    const char *detail = arena_print(a, "{\"account\":\"%.*s\"}", (int)account.length,
                                     account.length == 0 ? "" : (const char *)account.data);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = "client.act-for", .actor = who, .object = slice_text(object), .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status client_act_for(struct transaction *t, slice who, slice client, slice account, struct rfd_error *error)
{
    struct store_value values[] = {store_null(), store_null()};
    TRY(find_id(t, "SELECT id FROM registration_client WHERE name = $1", client, "there is no such registration client",
                &values[0].integer, error));
    values[0].type = STORE_INTEGER;
    if (account.length == 0) {
        TRY(store_run(t, "DELETE FROM registration_client_account WHERE client = $1", values, 1, NULL, error));
        return tell_audit(t, who, client, account, error);
    }
    TRY(find_id(t, "SELECT id FROM account WHERE code = $1 AND state = 'open'", account, "there is no such account",
                &values[1].integer, error));
    values[1].type = STORE_INTEGER;
    TRY(store_run(t,
                  "INSERT INTO registration_client_account(client, account) VALUES ($1, $2) ON CONFLICT (client) DO "
                  "UPDATE SET account = excluded.account",
                  values, 2, NULL, error));
    return tell_audit(t, who, client, account, error);
}
