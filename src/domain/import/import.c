/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/import/import.h"

#include "base/error.h"
#include "domain/ceremony/ceremony_internal.h"
#include "keeper/ask.h"
#include "keeper/authority_policy.h"
#include "pki/keys/key.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOURS = 24, MINUTES = 60, MINUTE = 60, ARENA_MAXIMUM = 16 << 20, BACKUP_MAXIMUM = 17 << 20, PATH_SIZE = 4096 };

struct importing {
    const struct import_order *order;
    const struct certificate *certificate;
    struct local_keeper keeper, signer;
    struct buf policy;
    struct authority authority;
    struct arena arena;
};

static unsigned or_standard(unsigned value, unsigned standard)
{
    return value == 0 ? standard : value;
}

static slice or_empty(const char *text)
{
    return text == NULL ? SLICE("") : slice_text(text);
}

/* ---- The key ---- */

static rfd_status make_policy(struct importing *i, struct rfd_error *error)
{
    const struct import_plan *p = i->order->plan;
    struct authority_policy policy = {.profile_count = p->profile_count,
                                      .ocsp = or_empty(p->ocsp),
                                      .ca_issuers = or_empty(p->ca_issuers),
                                      .crl_point = or_empty(p->crl_point),
                                      .freshest = or_empty(p->freshest),
                                      .partitions = or_standard(p->partitions, 1),
                                      .crl_seconds = or_standard(p->crl_hours, HOURS) * CEREMONY_HOUR,
                                      .approval_seconds = or_standard(p->approval_minutes, MINUTES) * MINUTE,
                                      .instance = (uint8_t)p->instance};
    for (unsigned n = 0; n < p->profile_count; n++) policy.profiles[n] = slice_text(p->profiles[n]);
    return authority_policy_write(&policy, &i->policy, error);
}

static rfd_status check_certificate(const struct importing *i, struct rfd_error *error)
{
    const struct certificate *c = i->certificate;
    if (c->is_ca && (c->key_usage & KEY_USAGE_CERT_SIGN) != 0 && (c->key_usage & KEY_USAGE_CRL_SIGN) != 0)
        return RFD_OK;
    return error_set(error, RFD_E_CERTIFICATE_KEY_USAGE, "not the certificate of an authority that signs lists, too");
}

/** Into the store itself, while no keeper has it open. */
static rfd_status take_key(struct importing *i, const char *store_path, struct rfd_error *error)
{
    struct keystore store = {.backend = NULL};
    struct stored_key *key = NULL;
    struct key_description wanted = {.purpose = PURPOSE_CA, .policy = {.authority = buf_slice(&i->policy)}};
    struct evp_pkey_st *inside = key_inside(i->order->key);
    rfd_status status = RFD_OK;
    if (inside == NULL) return error_set(error, RFD_E_KEY_READ, "the key is not in a file");
    (void)snprintf(wanted.name, sizeof wanted.name, "%s", i->order->plan->name);
    TRY(keystore_files_open(store_path, i->order->master, &store, error));
    TRY_OUT(keystore_files_import(&store, &wanted, inside, &key, error));
    status = keystore_certify(&store, key, i->certificate->der, error);
out:
    stored_key_free(key);
    keystore_close(&store);
    return status;
}

/* ---- The register ---- */

/** The authority that issued it, when it is here. */
static rfd_status find_parent(struct importing *i, int64_t *out, struct rfd_error *error)
{
    struct authority_list list;
    *out = 0;
    TRY(authority_list(i->order->domain, &i->arena, &list, error));
    for (size_t n = 0; n < list.count; n++) {
        const struct certificate *issuer = NULL;
        TRY(certificate_parse(list.items[n].certificate, &issuer, error));
        bool issued = slice_equal(issuer->subject, i->certificate->issuer) &&
                      certificate_verify_signature(i->certificate, issuer, NULL) == RFD_OK;
        certificate_unref(issuer);
        if (issued) *out = list.items[n].id;
    }
    return RFD_OK;
}

static rfd_status enter(struct importing *i, struct import_result *out, struct rfd_error *error)
{
    const struct import_order *o = i->order;
    i->authority = (struct authority){.name = slice_text(o->plan->name),
                                      .certificate = i->certificate->der,
                                      .key = slice_text(o->plan->name),
                                      .policy = buf_slice(&i->policy),
                                      .ocsp_key = SLICE(""),
                                      .ocsp_certificate = SLICE("")};
    TRY(find_parent(i, &i->authority.parent, error));
    TRY(authority_add(o->domain, o->actor, &i->authority, error));
    out->authority = i->authority.id;
    return authority_import(o->domain, o->actor, i->authority.id, o->rows, o->row_count, o->crl_number,
                            &out->certificates, error);
}

/* ---- The responder ---- */

static rfd_status make_responder(struct importing *i, const char *name, struct rfd_error *error)
{
    const struct import_plan *p = i->order->plan;
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    size_t count = plan_subject_values(&p->responder->subject, values);
    const struct ask_key key = {
        .name = name,
        .purpose = PURPOSE_OCSP,
        .algorithm = p->responder->algorithm,
        .policy = {.issuer = i->certificate->der, .validity = or_standard(p->ocsp_hours, HOURS) * CEREMONY_HOUR}};
    struct certificate_row row;
    struct buf spki, made;
    uint32_t partition = 0;
    rfd_status status = RFD_OK;
    buf_init(&spki, ASK_CERTIFICATE_MAXIMUM);
    buf_init(&made, ASK_CERTIFICATE_MAXIMUM);
    TRY_OUT(ask_create_key(i->signer.client, &key, &spki, error));
    const struct ask_certificate ask = {
        .key = p->name, .profile = "ocsp", .values = values, .value_count = count, .spki = buf_slice(&spki)};
    TRY_OUT(ask_issue_service(i->keeper.client, &ask, &made, &partition, error));
    TRY_OUT(ask_certify_key(i->signer.client, name, buf_slice(&made), error));
    TRY_OUT(authority_store_service(i->order->domain, i->order->actor, i->authority.id, SLICE("ocsp"), buf_slice(&made),
                                    partition, &i->arena, &row, error));
    TRY_OUT(authority_set_responder(i->order->domain, i->order->actor, i->authority.id, slice_text(name),
                                    buf_slice(&made), error));
    const struct ask_registration registration = {.kind = KEEPER_SERVICE,
                                                  .name = name,
                                                  .proof = buf_slice(&spki),
                                                  .profiles = "ocsp",
                                                  .key = p->name,
                                                  .values = values,
                                                  .value_count = count};
    status = ask_register(i->keeper.client, &registration, error);
out:
    buf_dispose(&spki);
    buf_dispose(&made);
    return status;
}

/** Makes the other signers' stores anew from the first: beside the old one, then in its place. */
static rfd_status copy_store(struct importing *i, unsigned index, slice backup, struct rfd_error *error)
{
    char path[PATH_SIZE], fresh[PATH_SIZE], old[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/signer-%u", i->order->keys, index);
    (void)snprintf(fresh, sizeof fresh, "%s/.signer-%u.new", i->order->keys, index);
    (void)snprintf(old, sizeof old, "%s/.signer-%u.old-%lld", i->order->keys, index, (long long)i->authority.id);
    TRY(keystore_files_restore(fresh, backup, i->order->master, error));
    if (rename(path, old) != 0 || rename(fresh, path) != 0)
        return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    return RFD_OK;
}

static rfd_status copy_signers(struct importing *i, struct rfd_error *error)
{
    char path[PATH_SIZE];
    struct buf backup;
    buf_init(&backup, BACKUP_MAXIMUM);
    rfd_status status = keystore_files_backup(&i->signer.store, &backup, error);
    for (unsigned index = 1; index < PLAN_SIGNERS_MAXIMUM && status == RFD_OK; index++) {
        (void)snprintf(path, sizeof path, "%s/signer-%u", i->order->keys, index);
        if (access(path, F_OK) != 0) break;
        status = copy_store(i, index, buf_slice(&backup), error);
    }
    buf_dispose(&backup);
    return status;
}

static rfd_status add_responder(struct importing *i, struct rfd_error *error)
{
    char path[PATH_SIZE], name[KEY_NAME_SIZE];
    if (i->order->plan->responder == NULL) return RFD_OK;
    (void)snprintf(path, sizeof path, "%s/signer-0", i->order->keys);
    (void)snprintf(name, sizeof name, "ocsp-%s", i->order->plan->name);
    TRY(local_keeper_open(path, i->order->master, NULL, &i->signer, error));
    TRY(make_responder(i, name, error));
    return copy_signers(i, error);
}

/* ---- All of it ---- */

static rfd_status import_all(struct importing *i, struct import_result *out, struct rfd_error *error)
{
    char path[PATH_SIZE];
    size_t made = 0;
    (void)snprintf(path, sizeof path, "%s/authority", i->order->keys);
    TRY(check_certificate(i, error));
    TRY(make_policy(i, error));
    TRY(take_key(i, path, error));
    TRY(local_keeper_open(path, i->order->master, i->order->domain->packs, &i->keeper, error));
    i->order->domain->keeper = i->keeper.client;
    TRY(enter(i, out, error));
    TRY(add_responder(i, error));
    return authority_make_crls(i->order->domain, out->authority, 0, true, &made, error);
}

rfd_status import_authority(const struct import_order *order, struct import_result *out, struct rfd_error *error)
{
    struct importing i = {.order = order, .certificate = key_certificate(order->key)};
    arena_init(&i.arena, ARENA_MAXIMUM);
    buf_init(&i.policy, AUTHORITY_POLICY_MAXIMUM);
    *out = (struct import_result){.authority = 0};
    rfd_status status = import_all(&i, out, error);
    order->domain->keeper = NULL;
    local_keeper_close(&i.keeper);
    local_keeper_close(&i.signer);
    buf_dispose(&i.policy);
    arena_dispose(&i.arena);
    return status;
}
