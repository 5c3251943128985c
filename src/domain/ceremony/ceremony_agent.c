/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first certifying agent. Nobody is there yet who could approve his certificate: while no agent is registered, the
 * keeper issues one without approval (KEEPER_ISSUE_SERVICE), to the admin alone, and writes it into its journal as all
 * others.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"
#include "keeper/key_material.h"
#include "pki/keys/pkcs12_write.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

enum { PASSWORD_LENGTH = 20, PROFILES_SIZE = 1024, FILE_MAXIMUM = 1 << 16 };

/** A password of 100 bits whose characters are not taken for each other. */
static rfd_status make_password(char text[PASSWORD_LENGTH + 1], struct rfd_error *error)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789AB"; /* 32 of them are used */
    uint8_t random[PASSWORD_LENGTH];
    if (RAND_priv_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    for (size_t i = 0; i < PASSWORD_LENGTH; i++) text[i] = letters[random[i] & 31];
    text[PASSWORD_LENGTH] = '\0';
    secret_wipe(random, sizeof random);
    return RFD_OK;
}

static rfd_status write_file(struct ceremony *c, const char *name, slice content, struct rfd_error *error)
{
    if (name[0] == '/') return ceremony_write("", name + 1, content, error);
    return ceremony_write(c->home, name, content, error);
}

static const char *agent_file(const struct ceremony *c)
{
    return c->plan->agent.file == NULL ? "agente.p12" : c->plan->agent.file;
}

static const char *password_file(const struct ceremony *c)
{
    return c->plan->agent.password_file == NULL ? "agente.password" : c->plan->agent.password_file;
}

/** With its chain up to the root. */
static rfd_status write_pkcs12(struct ceremony *c, EVP_PKEY *key, slice certificate, size_t issuer,
                               const char *password, struct rfd_error *error)
{
    const slice ders[] = {certificate, c->issuing[issuer].certificate, c->root_certificate};
    const struct certificate *all[3] = {NULL, NULL, NULL};
    rfd_status status = RFD_OK;
    struct buf file;
    buf_init_secret(&file, FILE_MAXIMUM);
    for (size_t i = 0; i < 3; i++) TRY_OUT(certificate_parse(ders[i], &all[i], error));
    const struct pkcs12_content content = {.key = key,
                                           .certificate = all[0],
                                           .chain = &all[1],
                                           .chain_count = 2,
                                           .password = password,
                                           .friendly_name = c->plan->agent.subject.cn};
    TRY_OUT(pkcs12_write(&content, &file, error));
    status = write_file(c, agent_file(c), buf_slice(&file), error);
out:
    for (size_t i = 0; i < 3; i++) certificate_unref(all[i]);
    buf_dispose(&file);
    return status;
}

static rfd_status hand_out(struct ceremony *c, EVP_PKEY *key, slice certificate, size_t issuer, struct rfd_error *error)
{
    char password[PASSWORD_LENGTH + 2] = "";
    rfd_status status = make_password(password, error);
    if (status == RFD_OK) status = write_pkcs12(c, key, certificate, issuer, password, error);
    password[PASSWORD_LENGTH] = '\n';
    if (status == RFD_OK) status = write_file(c, password_file(c), slice_of(password, PASSWORD_LENGTH + 1), error);
    secret_wipe(password, sizeof password);
    return status;
}

static rfd_status register_agent(struct ceremony *c, slice certificate, struct rfd_error *error)
{
    const struct plan_agent *agent = &c->plan->agent;
    char profiles[PROFILES_SIZE] = "";
    size_t used = 0;
    for (unsigned i = 0; i < agent->profile_count && used < sizeof profiles; i++)
        used +=
            (size_t)snprintf(profiles + used, sizeof profiles - used, "%s%s", i == 0 ? "" : ",", agent->profiles[i]);
    if (used >= sizeof profiles) return error_set(error, RFD_E_PLAN, "agent: too many profiles");
    const struct ask_registration ask = {
        .kind = KEEPER_AGENT, .name = agent->name, .proof = certificate, .profiles = profiles};
    TRY(ask_register(c->authority.client, &ask, error));
    return c->personal.client == NULL ? RFD_OK : ask_register(c->personal.client, &ask, error);
}

rfd_status ceremony_make_agent(struct ceremony *c, struct rfd_error *error)
{
    const struct plan_agent *agent = &c->plan->agent;
    const struct ceremony_order order = {.issuer = plan_issuer(c->plan, agent->issuer),
                                         .profile = "agent",
                                         .subject = &agent->subject,
                                         .mail = agent->mail};
    const struct ask_key noted = {.name = agent->name, .algorithm = agent->algorithm};
    EVP_PKEY *key = NULL;
    slice certificate;
    struct buf spki;
    rfd_status status = RFD_OK;
    buf_init(&spki, ASK_CERTIFICATE_MAXIMUM);
    TRY_OUT(key_material_generate(key_algorithm_from_name(slice_text(agent->algorithm)), &key, error));
    TRY_OUT(key_material_put_public(key, &spki, error));
    TRY_OUT(ceremony_issue(c, &order, buf_slice(&spki), &certificate, error));
    TRY_OUT(hand_out(c, key, certificate, order.issuer, error));
    TRY_OUT(register_agent(c, certificate, error));
    status = ceremony_note_key(c, "file", &noted, buf_slice(&spki), certificate, error);
out:
    EVP_PKEY_free(key);
    buf_dispose(&spki);
    return status;
}
