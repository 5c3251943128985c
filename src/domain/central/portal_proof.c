/* SPDX-License-Identifier: EUPL-1.2
 *
 * One way is tried, the strongest that came: who sends a signed assertion is judged by it alone, whatever certificate
 * the connection has. A certificate is known by its octets: the portal's registration says which one, so that no
 * authority can make another, and it need not be one in whom people's certificates are trusted.
 */
#include "domain/central/portal_proof.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/url.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"
#include "domain/oidc/jws.h"
#include "pki/certificate/certificate.h"

enum { SKEW_SECONDS = 60, ID_MAXIMUM = 200, HASH_DIGITS = 64 };

static rfd_status unproved(const char *why, struct rfd_error *error)
{
    return error_set(error, RFD_E_UNAUTHORISED, "portal: %s", why);
}

/** Hexadecimal SHA-256, as portals have it. */
static rfd_status hash_digits(slice of, uint8_t digits[HASH_DIGITS], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    TRY(token_hash(of, hash, error));
    number_to_hex(slice_of(hash, sizeof hash), false, digits);
    return RFD_OK;
}

/* ---- Assertions ---- */

static slice claim(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    return json_is_string(value) ? slice_of(json_string_value(value), json_string_length(value)) : SLICE_EMPTY;
}

static bool is_ours(const json_t *audience, const struct portal_proof *proof)
{
    if (!json_is_string(audience)) return false;
    slice text = slice_of(json_string_value(audience), json_string_length(audience));
    bool token_endpoint = text.length > 0 && slice_equal(text, proof->token_endpoint);
    return token_endpoint || slice_equal(text, proof->issuer) || slice_equal(text, proof->endpoint);
}

/** For us and nobody else: what is for others as well, they could have sent on (RFC 7523 §3). */
static bool is_for_us(const json_t *audience, const struct portal_proof *proof)
{
    if (!json_is_array(audience)) return is_ours(audience, proof);
    for (size_t i = 0; i < json_array_size(audience); i++)
        if (!is_ours(json_array_get(audience, i), proof)) return false;
    return json_array_size(audience) > 0;
}

static bool seconds_of(const json_t *claims, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(claims, name);
    if (!json_is_integer(value)) return false;
    *out = json_integer_value(value);
    return true;
}

/** What is wrong with its times; NULL: nothing. */
static const char *wrong_times(const json_t *claims, int64_t now, int64_t *ends)
{
    int64_t issued = 0, from = now;
    if (!seconds_of(claims, "exp", ends) || *ends <= now) return "the assertion has ended";
    if (*ends > now + PORTAL_ASSERTION_SECONDS + SKEW_SECONDS) return "the assertion holds too long";
    if (!seconds_of(claims, "iat", &issued) || issued > now + SKEW_SECONDS ||
        issued < now - PORTAL_ASSERTION_SECONDS - SKEW_SECONDS)
        return "the assertion was not issued now";
    if (json_object_get(claims, "nbf") != NULL && (!seconds_of(claims, "nbf", &from) || from > now + SKEW_SECONDS))
        return "the assertion does not hold yet";
    return NULL;
}

static const char *wrong_claims(const json_t *claims, const struct portal_proof *proof, const struct portal *portal,
                                int64_t now, int64_t *ends)
{
    slice id = claim(claims, "jti");
    if (!slice_equal(claim(claims, "iss"), portal->client) || !slice_equal(claim(claims, "sub"), portal->client))
        return "the assertion is by another";
    if (!is_for_us(json_object_get(claims, "aud"), proof)) return "the assertion is for another";
    if (id.length == 0 || id.length > ID_MAXIMUM) return "the assertion has no jti";
    return wrong_times(claims, now, ends);
}

/** Remembered for as long as it holds; who comes second is refused. */
static rfd_status use_once(struct transaction *t, const struct portal *portal, slice id, int64_t ends,
                           struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    TRY(token_hash_pair("portal.assertion", portal->client, id, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)), store_integer(ends * RFD_SECOND)};
    TRY(store_run(t, "INSERT INTO portal_assertion(hash, ends) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING", values,
                  2, &rows, error));
    return rows.changed > 0 ? RFD_OK : unproved("the assertion was used before", error);
}

static rfd_status check_assertion(struct transaction *t, const struct portal_proof *proof, const struct portal *portal,
                                  struct rfd_error *error)
{
    json_t *claims = NULL;
    int64_t ends = 0;
    if (portal->key.length == 0) return unproved("no key is registered", error);
    rfd_status status = jws_verify_key(proof->assertion, portal->key, &claims, error);
    if (status == RFD_E_INVALID) return unproved("the assertion is not signed by its key", error);
    TRY(status);
    const char *wrong = wrong_claims(claims, proof, portal, clock_now() / RFD_SECOND, &ends);
    status = wrong != NULL ? unproved(wrong, error) : use_once(t, portal, claim(claims, "jti"), ends, error);
    json_decref(claims);
    return status;
}

/** Whom an assertion says that it is of, which is to be seen yet. */
static slice read_subject(struct transaction *t, slice assertion)
{
    const uint8_t *first = assertion.length > JWS_MAXIMUM ? NULL : memchr(assertion.data, '.', assertion.length);
    if (first == NULL) return SLICE_EMPTY;
    slice rest = slice_from(assertion, (size_t)(first - assertion.data) + 1);
    const uint8_t *second = rest.length == 0 ? NULL : memchr(rest.data, '.', rest.length);
    if (second == NULL) return SLICE_EMPTY;
    slice payload = url_read_base64(slice_part(rest, 0, (size_t)(second - rest.data)), store_arena(t));
    json_t *claims = payload.length == 0 ? NULL : json_loadb((const char *)payload.data, payload.length, 0, NULL);
    slice subject = arena_copy(store_arena(t), claim(claims, "sub"));
    json_decref(claims);
    return subject;
}

/* ---- Certificates ---- */

static rfd_status check_times(slice der, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    rfd_time now = clock_now();
    if (certificate_parse(der, &certificate, NULL) != RFD_OK) return unproved("a certificate that is none", error);
    bool valid = certificate->not_before <= now && now < certificate->not_after;
    certificate_unref(certificate);
    return valid ? RFD_OK : unproved("the certificate is not in force", error);
}

static rfd_status check_certificate(const struct portal_proof *proof, const struct portal *portal,
                                    struct rfd_error *error)
{
    uint8_t digits[HASH_DIGITS];
    if (portal->certificate_hash.length == 0) return unproved("no certificate is registered", error);
    TRY(hash_digits(proof->certificate, digits, error));
    if (!secret_equal(portal->certificate_hash, slice_of(digits, sizeof digits)))
        return unproved("it has another certificate", error);
    return check_times(proof->certificate, error);
}

/** Without a name: the one open portal that has it. */
static rfd_status find_by_certificate(struct transaction *t, slice der, struct portal *out, struct rfd_error *error)
{
    uint8_t digits[HASH_DIGITS];
    struct store_rows rows;
    TRY(hash_digits(der, digits, error));
    const struct store_value value = store_text(slice_of(digits, sizeof digits));
    TRY(store_run(t, "SELECT id FROM portal WHERE certificate_hash = $1 AND certificate_hash <> '' AND NOT closed",
                  &value, 1, &rows, error));
    if (rows.count != 1) return unproved("no portal, or more than one, has this certificate", error);
    return portal_find(t, store_cell(&rows, 0, 0)->integer, out, error);
}

/* ---- Secrets ---- */

/** The same work whatever there is to compare with. */
static rfd_status check_secret(const struct portal_proof *proof, const struct portal *portal, struct rfd_error *error)
{
    static const uint8_t nothing[HASH_DIGITS];
    uint8_t digits[HASH_DIGITS];
    slice kept = portal->secret_hash.length == sizeof digits ? portal->secret_hash : slice_of(nothing, sizeof nothing);
    TRY(hash_digits(proof->secret, digits, error));
    return secret_equal(kept, slice_of(digits, sizeof digits)) ? RFD_OK : unproved("the secret is wrong", error);
}

/* ---- All ---- */

static rfd_status find_portal(struct transaction *t, const struct portal_proof *proof, struct portal *out,
                              struct rfd_error *error)
{
    slice client = proof->client;
    if (client.length == 0 && proof->assertion.length > 0) client = read_subject(t, proof->assertion);
    if (client.length == 0 && proof->certificate.length > 0 && proof->secret.length == 0)
        return find_by_certificate(t, proof->certificate, out, error);
    rfd_status status = portal_by_client(t, client, out, error);
    if (status != RFD_E_NOT_FOUND) return status;
    *out = (struct portal){.id = 0}; /* it is refused, but later: with all that is done for others */
    return store_run(t, "SELECT address FROM portal_return WHERE portal = 0", NULL, 0, NULL, error);
}

rfd_status portal_prove(struct transaction *t, const struct portal_proof *proof, struct portal *out,
                        struct rfd_error *error)
{
    struct portal found;
    TRY(find_portal(t, proof, &found, error));
    if (proof->assertion.length > 0 && proof->secret.length > 0) return unproved("two proofs at once", error);
    if (proof->assertion.length > 0)
        TRY(check_assertion(t, proof, &found, error));
    else if (proof->secret.length > 0)
        TRY(check_secret(proof, &found, error));
    else if (proof->certificate.length > 0)
        TRY(check_certificate(proof, &found, error));
    else
        return unproved("it proves nothing", error);
    if (found.id == 0) return unproved("there is none of this name", error);
    *out = found;
    return RFD_OK;
}

/* ---- Keeping ---- */

rfd_status portal_make_secret(struct transaction *t, const struct actor *actor, int64_t portal, char secret[44],
                              struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE], digits[HASH_DIGITS];
    char made[TOKEN_TEXT_SIZE];
    struct portal p;
    struct store_rows rows;
    TRY(actor_check(actor, ACTION_CENTRAL_PORTALS, NULL, error));
    TRY(portal_find(t, portal, &p, error));
    TRY(token_make(made, hash, error));
    number_to_hex(slice_of(hash, sizeof hash), false, digits);
    const struct store_value values[] = {store_integer(portal), store_text(slice_of(digits, sizeof digits))};
    TRY(store_run(t, "UPDATE portal SET secret_hash = $2 WHERE id = $1 AND NOT closed", values, 2, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_NOT_FOUND, "this portal was closed");
    TRY(central_audit(t, actor, "portal.secret", "portal", portal,
                      central_detail(t, "client", p.client, NULL, SLICE_EMPTY), error));
    memcpy(secret, made, sizeof made);
    secret_wipe(made, sizeof made);
    return RFD_OK;
}

rfd_status portal_proof_sweep(struct transaction *t, rfd_time now, struct rfd_error *error)
{
    const struct store_value value = store_integer(now);
    return store_run(t, "DELETE FROM portal_assertion WHERE ends <= $1", &value, 1, NULL, error);
}
