/* SPDX-License-Identifier: EUPL-1.2
 *
 * Registration clients: known by the certificate with which they connect.
 */
#include "domain/authority/authority.h"

#include "base/error.h"
#include "base/text.h"
#include "domain/audit/audit.h"
#include "pki/certificate/certificate.h"
#include "pki/digest.h"

enum { HASH_SIZE = 32, NAME_MAXIMUM = 100, OBJECT_SIZE = 8 + NAME_MAXIMUM };

struct registering {
    slice actor, name;
    const struct certificate *certificate;
    bool enabled;
};

static rfd_status tell_audit(struct transaction *t, const char *action, const struct registering *r,
                             struct rfd_error *error)
{
    char object[OBJECT_SIZE];
    (void)snprintf(object, sizeof object, "client:%.*s", (int)r->name.length, (const char *)r->name.data);
    struct audit_event event = {.action = action, .actor = r->actor, .object = slice_text(object)};
    return audit_put(t, &event, error);
}

static rfd_status insert(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct registering *r = context;
    const struct store_value values[] = {store_text(r->name),
                                         store_bytes(slice_of(r->certificate->fingerprint, HASH_SIZE)),
                                         store_bytes(r->certificate->der), store_boolean(true)};
    TRY(store_run(t,
                  "INSERT INTO registration_client(name, certificate_hash, certificate, enabled) "
                  "VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET certificate_hash = "
                  "excluded.certificate_hash, certificate = excluded.certificate, enabled = excluded.enabled",
                  values, 4, NULL, error));
    return tell_audit(t, "client.register", r, error);
}

rfd_status client_register(struct authority_domain *d, slice actor, slice name, slice certificate,
                           struct rfd_error *error)
{
    struct registering r = {.actor = actor, .name = name};
    if (name.length == 0 || name.length > NAME_MAXIMUM || !text_is_utf8(name))
        return error_set(error, RFD_E_ARGUMENT, "the name of a registration client");
    TRY(certificate_parse(certificate, &r.certificate, error));
    rfd_status status = store_write(d->store, insert, &r, error);
    certificate_unref(r.certificate);
    return status;
}

static rfd_status enable(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct registering *r = context;
    struct store_rows rows;
    const struct store_value values[] = {store_text(r->name), store_boolean(r->enabled)};
    TRY(store_run(t, "UPDATE registration_client SET enabled = $2 WHERE name = $1", values, 2, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such registration client");
    return tell_audit(t, r->enabled ? "client.enable" : "client.disable", r, error);
}

rfd_status client_enable(struct authority_domain *d, slice actor, slice name, bool enabled, struct rfd_error *error)
{
    struct registering r = {.actor = actor, .name = name, .enabled = enabled};
    if (name.length > NAME_MAXIMUM) return error_set(error, RFD_E_NOT_FOUND, "there is no such registration client");
    return store_write(d->store, enable, &r, error);
}

struct finding {
    uint8_t hash[HASH_SIZE];
    struct arena *a;
    struct registration_client client;
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    struct store_rows rows;
    const struct store_value values[] = {store_bytes(slice_of(f->hash, HASH_SIZE)), store_boolean(true)};
    TRY(store_run(t, "SELECT id, name FROM registration_client WHERE certificate_hash = $1 AND enabled = $2", values, 2,
                  &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "no registration client has this certificate");
    f->client = (struct registration_client){.id = store_cell(&rows, 0, 0)->integer,
                                             .name = arena_copy(f->a, store_cell(&rows, 0, 1)->bytes),
                                             .enabled = true};
    memcpy(f->client.certificate_hash, f->hash, HASH_SIZE);
    return f->client.name.data == NULL ? arena_failed(f->a, error) : RFD_OK;
}

rfd_status client_find(struct store *store, slice certificate, struct arena *a, struct registration_client *out,
                       struct rfd_error *error)
{
    struct finding f = {.a = a};
    TRY(digest_of(DIGEST_SHA256, certificate, f.hash, error));
    TRY(store_look(store, find, &f, error));
    *out = f.client;
    return RFD_OK;
}
