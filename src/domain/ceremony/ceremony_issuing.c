/* SPDX-License-Identifier: EUPL-1.2
 *
 * The instance: its key stores, the issuing authorities, the database.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"
#include "domain/schema.h"
#include "keeper/authority_policy.h"

#include <openssl/rand.h>
#include <unistd.h>

#define MASTER_FILE "keys/master.key"

enum { MASTER_SIZE = 64, CRL_HOURS = 24, APPROVAL_MINUTES = 60, MINUTE = 60 };

/* ---- Stores ---- */

static rfd_status make_credential(struct ceremony *c, struct rfd_error *error)
{
    uint8_t random[MASTER_SIZE];
    if (RAND_priv_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    rfd_status status = ceremony_write(c->home, MASTER_FILE, slice_of(random, sizeof random), error);
    if (status == RFD_OK)
        status = master_from_secret(MASTER_CREDENTIAL, slice_of(random, sizeof random), &c->master, error);
    secret_wipe(random, sizeof random);
    return status;
}

static rfd_status open_master(struct ceremony *c, struct rfd_error *error)
{
    const struct plan *plan = c->plan;
    if (plan->passphrase_file != NULL)
        return master_from_file(MASTER_PASSPHRASE, plan->passphrase_file, &c->master, error);
    if (plan->credential != NULL) return master_from_file(MASTER_CREDENTIAL, plan->credential, &c->master, error);
    return make_credential(c, error);
}

static rfd_status make_store(struct ceremony *c, const char *name, const struct packs *packs, struct local_keeper *out,
                             struct rfd_error *error)
{
    char path[CEREMONY_PATH_SIZE];
    TRY(ceremony_path(c->home, name, path, error));
    TRY(keystore_files_init(path, &c->master, error));
    return local_keeper_open(path, &c->master, packs, out, error);
}

/** As the server will; paths and labels are in the plan. */
static rfd_status open_tokens(struct ceremony *c, struct rfd_error *error)
{
    for (unsigned i = 0; i < c->plan->token_count; i++) {
        const struct plan_token *token = &c->plan->tokens[i];
        struct token_helper_options options = {
            .module = token->module, .token = token->token, .network = token->network, .log = STDERR_FILENO};
        TRY(secret_read_file(&options.pin, token->pin_file, error));
        rfd_status status = local_keeper_token(&c->authority, token->name, &options, error);
        secret_dispose(&options.pin);
        TRY(status);
    }
    return RFD_OK;
}

rfd_status ceremony_make_stores(struct ceremony *c, struct rfd_error *error)
{
    static const char *const folders[] = {"keys", "data", "run", "public"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[CEREMONY_PATH_SIZE];
        TRY(ceremony_path(c->home, folders[i], path, error));
        TRY(ceremony_folder(path, false, error));
    }
    TRY(open_master(c, error));
    TRY(make_store(c, "keys/authority", c->options->packs, &c->authority, error));
    TRY(open_tokens(c, error));
    return make_store(c, "keys/signer-0", NULL, &c->signer, error);
}

/* ---- Issuing authorities ---- */

struct addresses {
    char ocsp[AUTHORITY_ADDRESS_MAXIMUM], ca_issuers[AUTHORITY_ADDRESS_MAXIMUM], crl_point[AUTHORITY_ADDRESS_MAXIMUM],
        freshest[AUTHORITY_ADDRESS_MAXIMUM];
};

/** As the status service answers (api/status/status.h). */
static void make_addresses(const char *url, const struct plan_issuing *i, struct addresses *out)
{
    const char *part = i->partitions > 1 ? "-{partition}" : "";
    (void)snprintf(out->ocsp, sizeof out->ocsp, "%s/ocsp", url);
    (void)snprintf(out->ca_issuers, sizeof out->ca_issuers, "%s/ca/%s.cer", url, i->name);
    (void)snprintf(out->crl_point, sizeof out->crl_point, "%s/crl/%s%s.crl", url, i->name, part);
    (void)snprintf(out->freshest, sizeof out->freshest, "%s/crl/%s%s-delta.crl", url, i->name, part);
}

rfd_status ceremony_issuing_policy(struct ceremony *c, const struct plan_issuing *i, slice *out,
                                   struct rfd_error *error)
{
    struct addresses at;
    struct buf b;
    make_addresses(c->plan->url, i, &at);
    struct authority_policy policy = {.profile_count = i->profile_count,
                                      .ocsp = slice_text(at.ocsp),
                                      .ca_issuers = slice_text(at.ca_issuers),
                                      .crl_point = slice_text(at.crl_point),
                                      .freshest = i->deltas ? slice_text(at.freshest) : SLICE_EMPTY,
                                      .partitions = i->partitions == 0 ? 1 : i->partitions,
                                      .crl_seconds = (i->crl_hours == 0 ? CRL_HOURS : i->crl_hours) * CEREMONY_HOUR,
                                      .approval_seconds =
                                          (i->approval_minutes == 0 ? APPROVAL_MINUTES : i->approval_minutes) * MINUTE,
                                      .instance = (uint8_t)i->instance};
    for (unsigned n = 0; n < i->profile_count; n++) policy.profiles[n] = slice_text(i->profiles[n]);
    buf_init(&b, AUTHORITY_POLICY_MAXIMUM);
    rfd_status status = authority_policy_write(&policy, &b, error);
    if (status == RFD_OK) return ceremony_keep(c, &b, out, error);
    buf_dispose(&b);
    return status;
}

/** The root certifies the key. */
static rfd_status certify(struct ceremony *c, const struct plan_issuing *i, slice spki, struct buf *certificate,
                          struct rfd_error *error)
{
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    const struct ask_certificate ask = {.key = c->plan->root.name,
                                        .profile = "issuing",
                                        .values = values,
                                        .value_count = plan_subject_values(&i->subject, values),
                                        .days = i->years * CEREMONY_DAYS_PER_YEAR,
                                        .spki = spki};
    TRY(ask_issue_authority(c->root_keeper.client, &ask, certificate, error));
    return ask_certify_key(c->authority.client, i->name, buf_slice(certificate), error);
}

static rfd_status make_issuing(struct ceremony *c, struct ceremony_issuing *out, struct rfd_error *error)
{
    const struct plan_issuing *i = out->plan;
    struct buf spki, certificate;
    rfd_status status = RFD_OK;
    char name[KEY_NAME_SIZE + 8];
    buf_init(&spki, ASK_CERTIFICATE_MAXIMUM);
    buf_init(&certificate, ASK_CERTIFICATE_MAXIMUM);
    TRY_OUT(ceremony_issuing_policy(c, i, &out->policy, error));
    const struct ask_key key = {.name = i->name,
                                .purpose = PURPOSE_CA,
                                .algorithm = i->algorithm,
                                .token = i->token,
                                .policy = {.authority = out->policy}};
    TRY_OUT(ask_create_key(c->authority.client, &key, &spki, error));
    TRY_OUT(certify(c, i, buf_slice(&spki), &certificate, error));
    TRY_OUT(ceremony_keep(c, &certificate, &out->certificate, error));
    TRY_OUT(ceremony_note_key(c, "authority", &key, buf_slice(&spki), out->certificate, error));
    (void)snprintf(name, sizeof name, "%s.pem", i->name);
    status = ceremony_write_pem(c->root, name, "CERTIFICATE", out->certificate, error);
out:
    buf_dispose(&spki);
    buf_dispose(&certificate);
    return status;
}

static rfd_status write_public(struct ceremony *c, struct rfd_error *error)
{
    char public[CEREMONY_PATH_SIZE], name[KEY_NAME_SIZE + 16];
    slice chain[1 + PLAN_ISSUING_MAXIMUM];
    size_t count = 0;
    TRY(ceremony_path(c->home, "public", public, error));
    for (unsigned i = 0; i < c->plan->issuing_count; i++) {
        chain[count++] = c->issuing[i].certificate;
        (void)snprintf(name, sizeof name, "%s.pem", c->plan->issuing[i].name);
        TRY(ceremony_write_pem(public, name, "CERTIFICATE", c->issuing[i].certificate, error));
    }
    chain[count++] = c->root_certificate;
    (void)snprintf(name, sizeof name, "%s.pem", c->plan->root.name);
    TRY(ceremony_write_pem(public, name, "CERTIFICATE", c->root_certificate, error));
    return ceremony_write_chain(public, "chain.pem", chain, count, error);
}

rfd_status ceremony_make_issuing(struct ceremony *c, struct rfd_error *error)
{
    for (unsigned i = 0; i < c->plan->issuing_count; i++) TRY(make_issuing(c, &c->issuing[i], error));
    return write_public(c, error);
}

/* ---- Database ---- */

static rfd_status open_store(struct ceremony *c, struct rfd_error *error)
{
    const char *given = c->plan->database == NULL ? "sqlite:data/refrenda.db" : c->plan->database;
    char address[CEREMONY_PATH_SIZE + 16];
    bool file = strncmp(given, "sqlite:", 7) == 0;
    if (file && given[7] != '/')
        (void)snprintf(address, sizeof address, "sqlite:%s/%s", c->home, given + 7);
    else
        (void)snprintf(address, sizeof address, "%s", given);
    const struct store_options options = {.address = address};
    TRY(domain_open_store(&options, &c->store, error));
    c->domain = (struct authority_domain){.store = c->store, .keeper = c->authority.client, .packs = c->options->packs};
    return RFD_OK;
}

static rfd_status add_root(struct ceremony *c, struct rfd_error *error)
{
    struct authority root = {.name = slice_text(c->plan->root.name),
                             .certificate = c->root_certificate,
                             .key = SLICE(""),
                             .policy = c->root_policy,
                             .ocsp_key = SLICE(""),
                             .ocsp_certificate = SLICE("")};
    TRY(authority_add(&c->domain, c->options->actor, &root, error));
    c->root_id = root.id;
    return RFD_OK;
}

static rfd_status add_issuing(struct ceremony *c, struct ceremony_issuing *i, struct rfd_error *error)
{
    struct certificate_row row;
    struct authority authority = {.name = slice_text(i->plan->name),
                                  .certificate = i->certificate,
                                  .key = slice_text(i->plan->name),
                                  .policy = i->policy,
                                  .parent = c->root_id,
                                  .ocsp_key = SLICE(""),
                                  .ocsp_certificate = SLICE("")};
    TRY(authority_add(&c->domain, c->options->actor, &authority, error));
    i->id = authority.id;
    return authority_store_service(&c->domain, c->options->actor, c->root_id, SLICE("issuing"), i->certificate, 0,
                                   &c->arena, &row, error);
}

rfd_status ceremony_make_register(struct ceremony *c, struct rfd_error *error)
{
    TRY(open_store(c, error));
    TRY(add_root(c, error));
    for (unsigned i = 0; i < c->plan->issuing_count; i++) TRY(add_issuing(c, &c->issuing[i], error));
    return RFD_OK;
}
