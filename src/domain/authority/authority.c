/* SPDX-License-Identifier: EUPL-1.2
 *
 * The authorities themselves.
 */
#include "domain/authority/authority.h"

#include "base/error.h"
#include "domain/audit/audit.h"
#include "keeper/authority_policy.h"
#include "keeper/keystore.h"
#include "pki/certificate/certificate.h"

enum { FLOOR_SIZE = 20, OBJECT_SIZE = 10 + AUTHORITY_NAME_SIZE };

/* --- Listing ------------------------------------------------------------------------------------------------------ */

struct listing {
    struct arena *a;
    struct authority *items;
    size_t count;
};

static rfd_status copy_row(struct arena *a, const struct store_value *v, struct authority *out, struct rfd_error *error)
{
    struct authority row = {.id = v[0].integer,
                            .name = arena_copy(a, v[1].bytes),
                            .certificate = arena_copy(a, v[2].bytes),
                            .key = arena_copy(a, v[3].bytes),
                            .policy = arena_copy(a, v[4].bytes),
                            .parent = store_reference_of(&v[5]),
                            .ocsp_key = arena_copy(a, v[6].bytes),
                            .ocsp_certificate = arena_copy(a, v[7].bytes)};
    const slice parts[] = {row.name, row.certificate, row.key, row.policy, row.ocsp_key, row.ocsp_certificate};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].data == NULL) return arena_failed(a, error);
    }
    *out = row;
    return RFD_OK;
}

static rfd_status list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id, name, certificate, key_name, policy, parent, ocsp_key, ocsp_certificate FROM authority "
                  "ORDER BY id",
                  NULL, 0, &rows, error));
    struct authority *items = arena_zeroed(l->a, rows.count + 1, sizeof *items);
    if (items == NULL) return arena_failed(l->a, error);
    for (size_t i = 0; i < rows.count; i++) TRY(copy_row(l->a, store_cell(&rows, i, 0), &items[i], error));
    l->items = items;
    l->count = rows.count;
    return RFD_OK;
}

rfd_status authority_list(struct authority_domain *d, struct arena *a, struct authority_list *out,
                          struct rfd_error *error)
{
    struct listing l = {.a = a};
    TRY(store_read(d->store, list, &l, error));
    *out = (struct authority_list){l.items, l.count};
    return RFD_OK;
}

/* --- Changing ----------------------------------------------------------------------------------------------------- */

struct changing {
    slice actor;
    struct authority *authority;
    rfd_time not_before; /* of its certificate */
};

static rfd_status tell_audit(struct transaction *t, const char *action, slice actor, slice name,
                             struct rfd_error *error)
{
    char object[OBJECT_SIZE];
    (void)snprintf(object, sizeof object, "authority:%.*s", (int)name.length, (const char *)name.data);
    struct audit_event event = {.action = action, .actor = actor, .object = slice_text(object)};
    return audit_put(t, &event, error);
}

static rfd_status insert(struct transaction *t, void *context, struct rfd_error *error)
{
    static const uint8_t none[FLOOR_SIZE];
    struct changing *c = context;
    struct authority *a = c->authority;
    struct store_rows rows;
    const struct store_value values[] = {
        store_text(a->name),
        store_bytes(a->certificate),
        a->key.length == 0 ? store_null() : store_text(a->key),
        store_bytes(a->policy),
        store_reference(a->parent),
        store_text(a->ocsp_key),
        store_bytes(a->ocsp_certificate),
        store_integer(c->not_before),
        store_bytes(slice_of(none, sizeof none)),
        store_bytes(SLICE_EMPTY),
    };
    TRY(store_run(
        t,
        "INSERT INTO authority(name, certificate, key_name, policy, parent, ocsp_key, ocsp_certificate, "
        "not_before, crl_floor, journal_position, journal_serial) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10) "
        "RETURNING id",
        values, sizeof values / sizeof *values, &rows, error));
    a->id = store_cell(&rows, 0, 0)->integer;
    return tell_audit(t, "authority.add", c->actor, a->name, error);
}

/** What is entered has to be what it is said to be: names as keys have them, a certificate of an authority, a policy
 * that can be read. */
static rfd_status check(const struct authority *a, rfd_time *not_before, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    struct authority_policy policy;
    if (!key_name_is_good(a->name) || (a->key.length > 0 && !key_name_is_good(a->key)))
        return error_set(error, RFD_E_ARGUMENT, "the name of an authority or of its key");
    if (a->policy.length > 0) TRY(authority_policy_read(a->policy, &policy, error));
    TRY(certificate_parse(a->certificate, &certificate, error));
    bool is_ca = certificate->is_ca;
    *not_before = certificate->not_before;
    certificate_unref(certificate);
    return is_ca ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "the certificate is not that of an authority");
}

rfd_status authority_add(struct authority_domain *d, slice actor, struct authority *authority, struct rfd_error *error)
{
    struct authority copy = *authority;
    struct changing c = {.actor = actor, .authority = &copy};
    TRY(check(authority, &c.not_before, error));
    TRY(store_write(d->store, insert, &c, error));
    authority->id = copy.id;
    return RFD_OK;
}

static rfd_status set_responder(struct transaction *t, void *context, struct rfd_error *error)
{
    struct changing *c = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer(c->authority->id), store_text(c->authority->ocsp_key),
                                         store_bytes(c->authority->ocsp_certificate)};
    TRY(store_run(t, "UPDATE authority SET ocsp_key = $2, ocsp_certificate = $3 WHERE id = $1 RETURNING name", values,
                  3, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such authority");
    return tell_audit(t, "authority.responder", c->actor, store_cell(&rows, 0, 0)->bytes, error);
}

rfd_status authority_set_responder(struct authority_domain *d, slice actor, int64_t authority, slice key,
                                   slice certificate, struct rfd_error *error)
{
    struct authority row = {.id = authority, .ocsp_key = key, .ocsp_certificate = certificate};
    struct changing c = {.actor = actor, .authority = &row};
    if (key.length > 0 && !key_name_is_good(key)) return error_set(error, RFD_E_ARGUMENT, "the name of a key");
    return store_write(d->store, set_responder, &c, error);
}
