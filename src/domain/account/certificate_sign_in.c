/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in with a certificate of this installation. It is believed when an authority of ours signed it, the register
 * has it, octet for octet, as valid now, its authorities are valid too, and its profile is for persons. Nothing is
 * fetched: the register knows more than any list would say.
 */
#include "domain/account/account_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/line.h"
#include "base/url.h"
#include "domain/authority/register.h"
#include "domain/registration/registration.h"
#include "packs/identity.h"
#include "pki/algorithm.h"

enum { AUTHORITIES_UP = 8, CERTIFICATE_MAXIMUM = 16 << 10, SIGNATURE_MAXIMUM = 1024, TEXT_MAXIMUM = 512, MINUTES = 2 };
#define FIRST_LINE "refrenda-login-v1"

/* ---- The challenge ---- */

rfd_status certificate_challenge(struct transaction *t, const struct account_settings *settings,
                                 const struct session *session, struct buf *text, struct rfd_error *error)
{
    uint8_t nonce[32];
    char now[CLOCK_TEXT_SIZE];
    TRY(challenge_make(t, session, "certificate", nonce, error));
    buf_print(text, FIRST_LINE "\n%s\n", settings->url);
    url_put_base64(text, slice_of(nonce, sizeof nonce));
    buf_print(text, "\n%s", clock_iso(clock_now(), now));
    return buf_check(text, "a challenge", error);
}

static rfd_status check_challenge(struct transaction *t, const struct account_settings *settings,
                                  const struct session *session, slice text, bool *good, struct rfd_error *error)
{
    rfd_time made;
    rfd_time now = clock_now();
    *good = false;
    if (text.length > TEXT_MAXIMUM) return RFD_OK;
    bool first = slice_is(line_next(&text), FIRST_LINE);
    bool ours = slice_is(line_next(&text), settings->url);
    slice nonce = url_read_base64(line_next(&text), store_arena(t));
    bool timely = clock_parse_iso(line_next(&text), &made) && made > now - MINUTES * ACCOUNT_MINUTE &&
                  made < now + MINUTES * ACCOUNT_MINUTE;
    if (!first || !ours || !timely || nonce.length == 0 || text.length > 0) return RFD_OK;
    return challenge_use(t, session, "certificate", nonce, good, error);
}

/* ---- The certificate ---- */

struct issuer {
    int64_t id, parent;
    const struct certificate *certificate;
};

static rfd_status read_issuer(const struct store_value *v, struct issuer *out, struct rfd_error *error)
{
    out->id = v[0].integer;
    out->parent = store_reference_of(&v[1]);
    return certificate_parse(v[2].bytes, &out->certificate, error);
}

/** The authority of ours whose key signed it; certificate NULL: none. */
static rfd_status find_issuer(struct transaction *t, const struct certificate *c, struct issuer *out,
                              struct rfd_error *error)
{
    struct store_rows rows;
    *out = (struct issuer){.id = 0};
    TRY(store_run(t, "SELECT id, parent, certificate FROM authority ORDER BY id", NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count && out->certificate == NULL; i++) {
        struct issuer found;
        TRY(read_issuer(store_cell(&rows, i, 0), &found, error));
        bool it = found.certificate->is_ca && slice_equal(found.certificate->subject, c->issuer) &&
                  certificate_verify_signature(c, found.certificate, NULL) == RFD_OK;
        if (it)
            *out = found;
        else
            certificate_unref(found.certificate);
    }
    return RFD_OK;
}

static bool is_in_time(const struct certificate *c, rfd_time now)
{
    return c->not_before <= now && now <= c->not_after;
}

/** Whether the register has it as valid; of one that is not there: `unknown`. */
static rfd_status is_valid(struct transaction *t, int64_t authority, const struct certificate *c, bool unknown,
                           struct certificate_row *row, bool *valid, struct rfd_error *error)
{
    rfd_status status = register_find(t, authority, c->serial, store_arena(t), row, error);
    *valid = unknown;
    if (status == RFD_E_NOT_FOUND) return RFD_OK;
    TRY(status);
    bool same = row->der.length == 0 || slice_equal(row->der, c->der);
    *valid = row->state == CERTIFICATE_VALID && same;
    return RFD_OK;
}

/** The authority and all above it: in time, and not revoked by the one above. */
static rfd_status authorities_valid(struct transaction *t, const struct issuer *issuer, rfd_time now, bool *valid,
                                    struct rfd_error *error)
{
    const struct certificate *c = certificate_ref(issuer->certificate);
    int64_t parent = issuer->parent;
    rfd_status status = RFD_OK;
    *valid = true;
    for (unsigned up = 0; status == RFD_OK && *valid; up++) {
        struct certificate_row row;
        const struct store_value values[] = {store_integer(parent)};
        struct store_rows rows;
        struct issuer above;
        *valid = is_in_time(c, now) && up < AUTHORITIES_UP;
        if (parent == 0 || !*valid) break;
        status = is_valid(t, parent, c, true, &row, valid, error);
        if (status == RFD_OK)
            status =
                store_run(t, "SELECT id, parent, certificate FROM authority WHERE id = $1", values, 1, &rows, error);
        if (status == RFD_OK) status = read_issuer(store_cell(&rows, 0, 0), &above, error);
        if (status != RFD_OK) break;
        certificate_unref(c);
        c = above.certificate;
        parent = above.parent;
    }
    certificate_unref(c);
    return status;
}

static bool is_for_persons(const struct packs *packs, slice profile)
{
    const struct pack_profile *found = packs == NULL ? NULL : packs_profile(packs, profile);
    return found != NULL && found->approvals > 0;
}

static rfd_status check_certificate(struct transaction *t, const struct packs *packs, const struct certificate *c,
                                    struct certificate_row *row, const char **why, struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct issuer issuer;
    bool valid = false;
    bool above = false;
    TRY(find_issuer(t, c, &issuer, error));
    if (issuer.certificate == NULL) {
        *why = N_("This certificate was not issued here");
        return RFD_OK;
    }
    rfd_status status = is_valid(t, issuer.id, c, false, row, &valid, error);
    if (status == RFD_OK) status = authorities_valid(t, &issuer, now, &above, error);
    certificate_unref(issuer.certificate);
    TRY(status);
    if (!is_in_time(c, now))
        *why = N_("This certificate has expired, or is not valid yet");
    else if (!valid || !above)
        *why = N_("This certificate is revoked, suspended, or not in our register");
    else if (!is_for_persons(packs, row->profile))
        *why = N_("This certificate is not one of a person");
    else if (c->has_key_usage && (c->key_usage & (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION)) == 0)
        *why = N_("This certificate is not for signing");
    return RFD_OK;
}

/* ---- Whose it is ---- */

static rfd_status find_person(struct transaction *t, const struct packs *packs, const struct certificate_row *row,
                              int64_t *id, struct rfd_error *error)
{
    slice number;
    struct person person;
    const struct pack_document *document = packs_identity_of_subject(packs, row->subject_id, &number);
    *id = 0;
    if (document == NULL) return RFD_OK;
    rfd_status status =
        person_by_document(t, slice_text(document->country), slice_text(document->name), number, &person, error);
    if (status == RFD_OK) *id = person.id;
    if (status == RFD_E_NOT_FOUND) error_clear(error);
    return status == RFD_E_NOT_FOUND ? RFD_OK : status;
}

rfd_status certificate_holder(struct transaction *t, const struct packs *packs, const struct certificate *certificate,
                              struct certificate_row *row, int64_t *person, const char **why, struct rfd_error *error)
{
    *person = 0;
    *why = NULL;
    TRY(check_certificate(t, packs, certificate, row, why, error));
    return *why == NULL ? find_person(t, packs, row, person, error) : RFD_OK;
}

/** The person's own account, or else the only one that they hold. */
static rfd_status find_account(struct transaction *t, const struct account_settings *settings,
                               const struct certificate_row *row, int64_t *account, struct rfd_error *error)
{
    int64_t person;
    struct store_rows rows;
    *account = 0;
    TRY(find_person(t, settings->packs, row, &person, error));
    if (person == 0) return RFD_OK;
    const struct store_value values[] = {store_integer(person)};
    TRY(store_run(t,
                  "SELECT id, entity FROM account WHERE person = $1 AND state <> 'closed' ORDER BY entity IS NOT NULL, "
                  "id LIMIT 2",
                  values, 1, &rows, error));
    if (rows.count == 1 || (rows.count > 1 && store_cell(&rows, 0, 1)->type == STORE_NULL))
        *account = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/** What the session was signed in by: its desk is open as long as that is valid. */
static rfd_status note_certificate(struct transaction *t, struct session *session, const struct certificate_row *row,
                                   struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(session->id), store_integer(row->id)};
    session->certificate = row->id;
    return store_run(t, "UPDATE session SET certificate = $2 WHERE id = $1", values, 2, NULL, error);
}

/** What both ways have in common; the key was proved. */
static rfd_status sign_in_by(struct transaction *t, const struct account_settings *settings, struct session *session,
                             const struct certificate *c, char token[ACCOUNT_TOKEN_SIZE], enum sign_in_result *out,
                             const char **why, struct rfd_error *error)
{
    struct certificate_row row;
    int64_t account;
    TRY(check_certificate(t, settings->packs, c, &row, why, error));
    if (*why != NULL) return RFD_OK;
    TRY(find_account(t, settings, &row, &account, error));
    if (account == 0) {
        *why = N_("The holder of this certificate has no account here");
        return RFD_OK;
    }
    TRY(account_sign_in_as(t, settings, session, account, METHOD_CERTIFICATE, token, out, error));
    if (*out == SIGN_IN_DONE) TRY(note_certificate(t, session, &row, error));
    if (*out == SIGN_IN_LOCKED) *why = N_("This account is locked: use the link in the mail that you were sent");
    return *out == SIGN_IN_DONE ? holding_used(t, row.id, "sign-in", SLICE_EMPTY, error) : RFD_OK;
}

/** RSA with PKCS #1 v1.5, ECDSA as DER, both over SHA-256 as browsers make them; EdDSA. */
static bool is_signed(const struct certificate *c, slice text, slice signature)
{
    struct signature_algorithm algorithm;
    if (signature.length == 0 || signature.length > SIGNATURE_MAXIMUM) return false;
    enum digest_id digest = c->key_type == KEY_ED25519 || c->key_type == KEY_ED448 ? DIGEST_NONE : DIGEST_SHA256;
    return signature_algorithm_choose(c, digest, false, &algorithm, NULL) == RFD_OK &&
           signature_verify(&algorithm, c, text, signature, NULL) == RFD_OK;
}

rfd_status certificate_sign_in(struct transaction *t, const struct account_settings *settings, struct session *session,
                               slice text, slice certificate, slice signature, char token[ACCOUNT_TOKEN_SIZE],
                               enum sign_in_result *out, const char **why, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    bool good;
    *out = SIGN_IN_WRONG;
    *why = NULL;
    TRY(check_challenge(t, settings, session, text, &good, error));
    if (!good) {
        *why = N_("That took too long, or was sent twice: try again");
        return RFD_OK;
    }
    if (certificate.length > CERTIFICATE_MAXIMUM || certificate_parse(certificate, &c, NULL) != RFD_OK) {
        *why = N_("This is no certificate");
        return RFD_OK;
    }
    rfd_status status = RFD_OK;
    if (is_signed(c, text, signature))
        status = sign_in_by(t, settings, session, c, token, out, why, error);
    else
        *why = N_("The signature does not belong to the certificate");
    certificate_unref(c);
    return status;
}

rfd_status certificate_sign_in_tls(struct transaction *t, const struct account_settings *settings,
                                   struct session *session, slice certificate, char token[ACCOUNT_TOKEN_SIZE],
                                   enum sign_in_result *out, const char **why, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    *out = SIGN_IN_WRONG;
    *why = NULL;
    if (certificate.length == 0 || certificate_parse(certificate, &c, NULL) != RFD_OK) {
        *why = N_("Your browser sent no certificate");
        return RFD_OK;
    }
    rfd_status status = sign_in_by(t, settings, session, c, token, out, why, error);
    certificate_unref(c);
    return status;
}
