/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of services: OCSP responders and time-stamp services in the signers' store, seal and log in the authority's, and
 * the registration server's, which is a file. Responders and time-stamp services are registered with the keeper, which
 * gives them their next certificates without anybody present.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "keeper/key_material.h"
#include "pki/certificate/pem.h"
#include "pki/der.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

enum { OCSP_HOURS = 24, OID_SIZE = 64, MICROSECONDS = 1000, SIGNERS = 2, BACKUP_MAXIMUM = 17 << 20 };

/* ---- Services with a certificate that is renewed ---- */

static rfd_status register_service(struct ceremony *c, const char *name, const struct ceremony_order *order,
                                   struct rfd_error *error)
{
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    const struct certificate *certificate = NULL;
    TRY(certificate_parse(c->keys[c->key_count - 1].certificate, &certificate, error));
    const struct ask_registration ask = {.kind = KEEPER_SERVICE,
                                         .name = name,
                                         .proof = certificate->spki,
                                         .profiles = order->profile,
                                         .key = c->issuing[order->issuer].plan->name,
                                         .values = values,
                                         .value_count = plan_subject_values(order->subject, values)};
    rfd_status status = ask_register(c->authority.client, &ask, error);
    certificate_unref(certificate);
    return status;
}

static rfd_status make_responder(struct ceremony *c, size_t index, struct rfd_error *error)
{
    const struct ceremony_issuing *i = &c->issuing[index];
    const struct ceremony_order order = {.issuer = index, .profile = "ocsp", .subject = &i->plan->responder.subject};
    unsigned hours = i->plan->ocsp_hours == 0 ? OCSP_HOURS : i->plan->ocsp_hours;
    char name[KEY_NAME_SIZE];
    slice certificate;
    (void)snprintf(name, sizeof name, "ocsp-%s", i->plan->name);
    const struct ask_key key = {.name = name,
                                .purpose = PURPOSE_OCSP,
                                .algorithm = i->plan->responder.algorithm,
                                .policy = {.issuer = i->certificate, .validity = hours * CEREMONY_HOUR}};
    TRY(ceremony_key(c, c->signer.client, &key, &order, &certificate, error));
    TRY(register_service(c, name, &order, error));
    return authority_set_responder(&c->domain, c->options->actor, i->id, slice_text(name), certificate, error);
}

static rfd_status make_stamper(struct ceremony *c, const struct plan_stamper *t, struct rfd_error *error)
{
    const struct ceremony_order order = {
        .issuer = plan_issuer(c->plan, t->issuer), .profile = "tsa", .subject = &t->subject};
    uint8_t policy[OID_SIZE];
    size_t length = oid_parse(t->policy, policy, sizeof policy);
    const struct ask_key key = {.name = t->name,
                                .purpose = PURPOSE_TSA,
                                .algorithm = t->algorithm,
                                .policy = {.issuer = c->issuing[order.issuer].certificate,
                                           .timestamp_policy = slice_of(policy, length),
                                           .accuracy = t->accuracy_ms * MICROSECONDS}};
    TRY(ceremony_key(c, c->signer.client, &key, &order, NULL, error));
    return register_service(c, t->name, &order, error);
}

/* ---- Seal, log, and the keys of later services ---- */

static rfd_status make_log(struct ceremony *c, struct rfd_error *error)
{
    const struct ask_key key = {.name = "log", .purpose = PURPOSE_LOG, .algorithm = c->plan->log_algorithm};
    char public[CEREMONY_PATH_SIZE];
    slice spki;
    TRY(ceremony_path(c->home, "public", public, error));
    TRY(ceremony_key(c, c->authority.client, &key, NULL, &spki, error));
    return ceremony_write_pem(public, "log.pem", "PUBLIC KEY", spki, error);
}

static rfd_status make_seal(struct ceremony *c, struct rfd_error *error)
{
    const struct plan_service *seal = &c->plan->seal;
    const struct ceremony_order order = {
        .issuer = plan_issuer(c->plan, seal->issuer), .profile = "seal", .subject = &seal->subject};
    const struct ask_key key = {
        .name = "seal", .purpose = PURPOSE_SEAL, .algorithm = seal->algorithm, .token = seal->token};
    char public[CEREMONY_PATH_SIZE];
    TRY(ceremony_path(c->home, "public", public, error));
    TRY(ceremony_key(c, c->authority.client, &key, &order, &c->seal_certificate, error));
    return ceremony_write_pem(public, "seal.pem", "CERTIFICATE", c->seal_certificate, error);
}

/** What opens messages to the service, and what wraps the keys of what it keeps. */
static rfd_status make_box(struct ceremony *c, struct rfd_error *error)
{
    const struct ask_key opening = {.name = "opening", .purpose = PURPOSE_OPENING, .algorithm = "P-256"};
    const struct ask_key wrapping = {.name = "wrapping", .purpose = PURPOSE_WRAPPING, .algorithm = "AES-256"};
    TRY(ceremony_key(c, c->authority.client, &opening, NULL, NULL, error));
    return ceremony_key(c, c->authority.client, &wrapping, NULL, NULL, error);
}

rfd_status ceremony_make_services(struct ceremony *c, struct rfd_error *error)
{
    for (unsigned i = 0; i < c->plan->issuing_count; i++) TRY(make_responder(c, i, error));
    for (unsigned i = 0; i < c->plan->stamper_count; i++) TRY(make_stamper(c, &c->plan->stampers[i], error));
    TRY(make_seal(c, error));
    TRY(make_log(c, error));
    return make_box(c, error);
}

/* ---- The registration server ---- */

/** PKCS#8, as the TLS library reads it. */
static rfd_status write_tls_key(struct ceremony *c, EVP_PKEY *key, struct rfd_error *error)
{
    char folder[CEREMONY_PATH_SIZE];
    char *data = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    rfd_status status = RFD_OK;
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        status = error_set(error, RFD_E_INTERNAL, "the registration server's key cannot be written");
    if (status == RFD_OK) status = ceremony_path(c->home, "tls", folder, error);
    if (status == RFD_OK) {
        long length = BIO_get_mem_data(bio, &data);
        status = ceremony_write(folder, "registration.key", slice_of(data, (size_t)length), error);
        secret_wipe(data, (size_t)length);
    }
    BIO_free(bio);
    return status;
}

static rfd_status write_tls_certificates(struct ceremony *c, size_t issuer, slice certificate, struct rfd_error *error)
{
    const slice chain[] = {certificate, c->issuing[issuer].certificate};
    slice authorities[1 + PLAN_ISSUING_MAXIMUM];
    char folder[CEREMONY_PATH_SIZE];
    size_t count = 0;
    TRY(ceremony_path(c->home, "tls", folder, error));
    TRY(ceremony_write_chain(folder, "registration.pem", chain, 2, error));
    for (unsigned i = 0; i < c->plan->issuing_count; i++) authorities[count++] = c->issuing[i].certificate;
    authorities[count++] = c->root_certificate;
    return ceremony_write_chain(folder, "clients.pem", authorities, count, error);
}

rfd_status ceremony_make_registration(struct ceremony *c, struct rfd_error *error)
{
    const struct plan_registration *r = c->plan->registration;
    char folder[CEREMONY_PATH_SIZE];
    EVP_PKEY *key = NULL;
    slice certificate;
    struct buf spki;
    rfd_status status = RFD_OK;
    if (r == NULL) return RFD_OK;
    const struct ceremony_order order = {.issuer = plan_issuer(c->plan, r->issuer),
                                         .profile = "tls-server",
                                         .subject = &r->subject,
                                         .hosts = r->hosts,
                                         .host_count = r->host_count};
    const struct ask_key noted = {.name = "registration", .algorithm = r->algorithm};
    buf_init(&spki, ASK_CERTIFICATE_MAXIMUM);
    TRY_OUT(ceremony_path(c->home, "tls", folder, error));
    TRY_OUT(ceremony_folder(folder, false, error));
    TRY_OUT(key_material_generate(key_algorithm_from_name(slice_text(r->algorithm)), &key, error));
    TRY_OUT(key_material_put_public(key, &spki, error));
    TRY_OUT(ceremony_issue(c, &order, buf_slice(&spki), &certificate, error));
    TRY_OUT(write_tls_key(c, key, error));
    TRY_OUT(write_tls_certificates(c, order.issuer, certificate, error));
    status = ceremony_note_key(c, "tls", &noted, buf_slice(&spki), certificate, error);
out:
    EVP_PKEY_free(key);
    buf_dispose(&spki);
    return status;
}

/* ---- Copies ---- */

rfd_status ceremony_copy_signers(struct ceremony *c, struct rfd_error *error)
{
    unsigned count = c->plan->signers == 0 ? SIGNERS : c->plan->signers;
    struct buf backup;
    buf_init(&backup, BACKUP_MAXIMUM);
    rfd_status status = keystore_files_backup(&c->signer.store, &backup, error);
    for (unsigned i = 1; i < count && status == RFD_OK; i++) {
        char name[KEY_NAME_SIZE], path[CEREMONY_PATH_SIZE];
        (void)snprintf(name, sizeof name, "keys/signer-%u", i);
        status = ceremony_path(c->home, name, path, error);
        if (status == RFD_OK) status = keystore_files_restore(path, buf_slice(&backup), &c->master, error);
    }
    buf_dispose(&backup);
    return status;
}
