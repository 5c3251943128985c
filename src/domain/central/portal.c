/* SPDX-License-Identifier: EUPL-1.2
 *
 * Portals that have their people sign here: who they are is known by a key, a TLS certificate or a secret, of which
 * only what recognises it is kept; where people may be sent back to is registered beforehand, address by address.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "domain/central/internal.h"
#include "domain/oidc/oidc_internal.h"
#include "pki/authority/key_check.h"

enum { CLIENT_MAXIMUM = 64, HASH_DIGITS = 64, KEY_MAXIMUM = 2048, QUOTA_MOST = 100000000 };

/* ---- What is wrong ---- */

static bool is_client(slice s)
{
    if (s.length == 0 || s.length > CLIENT_MAXIMUM) return false;
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && memchr("-_.", c, 3) == NULL) return false;
    }
    return true;
}

static bool is_hash(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (number_hex_digit(s.data[i]) < 0 || (s.data[i] >= 'A' && s.data[i] <= 'F')) return false;
    }
    return s.length == 0 || s.length == HASH_DIGITS;
}

static bool is_address(slice s)
{
    return s.length <= PORTAL_ADDRESS_MAXIMUM && oidc_is_address(s);
}

static void check_addresses(const struct portal *p, struct faults *faults)
{
    static const char wrong[] = N_("Each has to be an address that begins with https:// (http:// for localhost only)");
    if (p->return_count > PORTAL_ADDRESSES) {
        fault_add(faults, "returns", N_("These are too many addresses"));
        return;
    }
    for (size_t i = 0; i < p->return_count; i++) {
        if (is_address(p->returns[i])) continue;
        fault_add(faults, "returns", wrong);
        break;
    }
    if (p->webhook.length > 0 && !is_address(p->webhook)) fault_add(faults, "webhook", wrong);
}

static bool is_key(slice key)
{
    static const struct key_rules rules = {KEY_KIND_RSA | KEY_KIND_P256 | KEY_KIND_P384 | KEY_KIND_P521, 2048, 4096};
    return key.length <= KEY_MAXIMUM && key_check_thoroughly(key, &rules, NULL) == RFD_OK;
}

static void check_portal(const struct portal *p, struct faults *faults)
{
    if (p->name.length > PORTAL_NAME_MAXIMUM || !operation_is_portal(p->name))
        fault_add(faults, "name",
                  N_("Write a name as people will see it, of at most 120 octets: a letter with an accent is two"));
    if (!is_client(p->client)) fault_add(faults, "client", N_("Letters, digits, dots and dashes, at most 64"));
    if (p->key.length > 0 && !is_key(p->key))
        fault_add(faults, "key",
                  N_("This is no public key that can be used: RSA from 2048 bits, or P-256, P-384, P-521"));
    if (!is_hash(p->certificate_hash))
        fault_add(faults, "certificate", N_("This has to be a SHA-256 fingerprint: 64 hexadecimal digits"));
    if (!is_hash(p->secret_hash)) fault_add(faults, "secret", N_("This has to be a SHA-256: 64 hexadecimal digits"));
    if (p->key.length == 0 && p->certificate_hash.length == 0 && p->secret_hash.length == 0)
        fault_add(faults, "key", N_("A portal needs a key, a TLS certificate or a secret to be known by"));
    if (p->quota < 0 || p->quota > QUOTA_MOST) fault_add(faults, "quota", N_("Write a number; 0: no limit"));
    check_addresses(p, faults);
}

static rfd_status check_others(struct transaction *t, const struct portal *p, struct faults *faults,
                               struct rfd_error *error)
{
    const struct store_value values[] = {store_text(p->client), store_integer(p->id)};
    struct store_rows rows;
    struct entity entity;
    TRY(store_run(t, "SELECT id FROM portal WHERE client = $1 AND id <> $2", values, 2, &rows, error));
    if (rows.count > 0) fault_add(faults, "client", N_("Another portal has this name"));
    rfd_status status = entity_find(t, p->entity, &entity, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status != RFD_OK || entity.closed) fault_add(faults, "entity", N_("Choose an entity of the list"));
    error_clear(error);
    return RFD_OK;
}

/* ---- Writing ---- */

/** The secret that it has now, whatever it had when the form was shown. The row is held from here on: whoever renews or
 * drops the secret comes after. */
static rfd_status keep_secret(struct transaction *t, struct portal *p, struct rfd_error *error)
{
    const struct store_value value = store_integer(p->id);
    struct store_rows rows;
    if (!p->secret_stays || p->id == 0) return RFD_OK;
    TRY(store_run(t, "UPDATE portal SET quota = quota WHERE id = $1 AND NOT closed RETURNING secret_hash", &value, 1,
                  &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such portal");
    p->secret_hash = store_cell(&rows, 0, 0)->bytes;
    return store_keep(store_arena(t), &p->secret_hash, error);
}

static rfd_status put_row(struct transaction *t, const struct portal *p, int64_t *id, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(p->entity),
        store_text(p->name),
        store_text(p->client),
        store_bytes(p->key),
        store_text(p->certificate_hash),
        store_text(p->secret_hash),
        store_text(p->webhook),
        store_integer(p->quota),
        p->id == 0 ? store_integer(clock_now()) : store_integer(p->id),
    };
    struct store_rows rows;
    const char *sql =
        p->id == 0 ? "INSERT INTO portal(entity, name, client, key, certificate_hash, secret_hash, webhook, quota, "
                     "closed, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE, $9) RETURNING id"
                   : "UPDATE portal SET entity = $1, name = $2, client = $3, key = $4, certificate_hash = $5, "
                     "secret_hash = $6, webhook = $7, quota = $8 WHERE id = $9 AND NOT closed RETURNING id";
    TRY(store_run(t, sql, values, sizeof values / sizeof *values, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such portal");
    *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status put_addresses(struct transaction *t, const struct portal *p, int64_t id, struct rfd_error *error)
{
    const struct store_value key = store_integer(id);
    TRY(store_run(t, "DELETE FROM portal_return WHERE portal = $1", &key, 1, NULL, error));
    for (size_t i = 0; i < p->return_count; i++) {
        const struct store_value values[] = {key, store_integer((int64_t)i), store_text(p->returns[i])};
        TRY(store_run(t, "INSERT INTO portal_return(portal, place, address) VALUES ($1, $2, $3)", values, 3, NULL,
                      error));
    }
    return RFD_OK;
}

rfd_status portal_put(struct transaction *t, const struct actor *actor, const struct portal *portal,
                      struct faults *faults, int64_t *id, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct faults *told = faults == NULL ? &own : faults;
    const slice words[] = {portal->name, portal->client};
    struct portal p = *portal;
    int64_t made = 0;
    TRY(actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, error));
    TRY(keep_secret(t, &p, error));
    check_portal(&p, told);
    TRY(check_others(t, &p, told, error));
    TRY(faults_end(told, error));
    TRY(put_row(t, &p, &made, error));
    TRY(put_addresses(t, &p, made, error));
    TRY(list_index(t, "portal_word", made, words, 2, error));
    slice detail = central_detail(t, "client", portal->client, "name", portal->name);
    TRY(central_audit(t, actor, portal->id == 0 ? "portal.add" : "portal.change", "portal", made, detail, error));
    *id = made;
    return RFD_OK;
}

rfd_status portal_close(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    struct portal p;
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, error));
    TRY(portal_find(t, id, &p, error));
    TRY(store_run(t, "UPDATE portal SET closed = TRUE WHERE id = $1 AND NOT closed", &value, 1, &rows, error));
    if (rows.changed == 0) return RFD_OK;
    return central_audit(t, actor, "portal.close", "portal", id,
                         central_detail(t, "client", p.client, NULL, SLICE_EMPTY), error);
}

/* ---- Finding ---- */

static rfd_status read_addresses(struct transaction *t, struct portal *p, struct rfd_error *error)
{
    const struct store_value key = store_integer(p->id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT address FROM portal_return WHERE portal = $1 ORDER BY place", &key, 1, &rows, error));
    for (p->return_count = 0; p->return_count < rows.count && p->return_count < PORTAL_ADDRESSES; p->return_count++)
        p->returns[p->return_count] = store_cell(&rows, p->return_count, 0)->bytes;
    return RFD_OK;
}

static rfd_status find(struct transaction *t, const char *where, struct store_value key, struct portal *out,
                       struct rfd_error *error)
{
    struct store_rows rows;
    const char *sql =
        arena_print(store_arena(t),
                    "SELECT id, entity, name, client, key, certificate_hash, secret_hash, webhook, quota, "
                    "closed, created FROM portal WHERE %s = $1",
                    where);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    TRY(store_run(t, sql, &key, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such portal");
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct portal){.id = v[0].integer,
                           .entity = v[1].integer,
                           .name = v[2].bytes,
                           .client = v[3].bytes,
                           .key = v[4].bytes,
                           .certificate_hash = v[5].bytes,
                           .secret_hash = v[6].bytes,
                           .webhook = v[7].bytes,
                           .quota = v[8].integer,
                           .closed = v[9].integer != 0,
                           .created = v[10].integer};
    return read_addresses(t, out, error);
}

rfd_status portal_find(struct transaction *t, int64_t id, struct portal *out, struct rfd_error *error)
{
    return find(t, "id", store_integer(id), out, error);
}

rfd_status portal_by_client(struct transaction *t, slice client, struct portal *out, struct rfd_error *error)
{
    if (!is_client(client)) return error_set(error, RFD_E_NOT_FOUND, "there is no such portal");
    TRY(find(t, "client", store_text(client), out, error));
    return out->closed ? error_set(error, RFD_E_NOT_FOUND, "this portal was closed") : RFD_OK;
}
