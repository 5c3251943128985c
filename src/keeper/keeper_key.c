/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys in use. What a purpose needs beyond the key itself is prepared once, by a table: one function for each purpose
 * that says whether policy and certificate are right, and one that prepares.
 */
#include "keeper/operations.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

enum {
    VALIDITY_LEAST = 60, /* seconds */
    VALIDITY_MOST = 31 * 24 * 3600,
    ACCURACY_MOST = 60 * 1000 * 1000, /* microseconds */
    SIGNATURE_MAXIMUM = 1024
};

/* ---- OCSP ---- */

static rfd_status check_ocsp_policy(const struct key_policy *p, struct rfd_error *error)
{
    const struct certificate *issuer = NULL;
    if (p->validity < VALIDITY_LEAST || p->validity > VALIDITY_MOST)
        return error_set(error, RFD_E_ARGUMENT, "an OCSP key whose answers hold for %u seconds", p->validity);
    TRY(certificate_parse(p->issuer, &issuer, error));
    bool is_ca = issuer->is_ca;
    certificate_unref(issuer);
    return is_ca ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "an OCSP key for an issuer that is no CA");
}

/** A delegated responder is appointed by its issuer's own signature (RFC 6960 §4.2.2.2). */
static rfd_status check_ocsp_certificate(const struct keeper_key *key, const struct certificate *c,
                                         struct rfd_error *error)
{
    const struct certificate *issuer = NULL;
    bool present = false;
    bool critical = false;
    bool only = false;
    if (!certificate_has_eku(c, oid(OID_EKU_OCSP_SIGNING), &present, &critical, &only))
        return error_set(error, RFD_E_CERTIFICATE_KEY_USAGE, "not for OCSP");
    TRY(certificate_parse(key->description->policy.issuer, &issuer, error));
    rfd_status status = certificate_verify_signature(c, issuer, error);
    if (status == RFD_OK && !slice_equal(c->issuer, issuer->subject))
        status = error_set(error, RFD_E_KEY_REFUSED, "not issued by the key's issuer");
    certificate_unref(issuer);
    return status;
}

static rfd_status prepare_ocsp(struct keeper *k, struct keeper_key *key, struct rfd_error *error)
{
    const struct certificate *issuer = NULL;
    const struct key_description *d = key->description;
    slice name = key->certificate == NULL ? SLICE_EMPTY : key->certificate->subject;
    (void)k;
    TRY(certificate_parse(d->policy.issuer, &issuer, error));
    rfd_status status = ocsp_rule_set(&key->ocsp, issuer, d->public_key, name, d->policy.validity, error);
    certificate_unref(issuer);
    return status;
}

/* ---- Time-stamps ---- */

static rfd_status check_tsa_policy(const struct key_policy *p, struct rfd_error *error)
{
    if (p->timestamp_policy.length > 0 && p->accuracy > 0 && p->accuracy <= ACCURACY_MOST) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "a time-stamping key without policy or accuracy");
}

/** Where the policy names the issuer, it is the one. */
static rfd_status check_tsa_issuer(const struct keeper_key *key, const struct certificate *c, struct rfd_error *error)
{
    const struct certificate *issuer = NULL;
    slice der = key->description->policy.issuer;
    if (der.length == 0) return RFD_OK;
    TRY(certificate_parse(der, &issuer, error));
    rfd_status status = certificate_verify_signature(c, issuer, error);
    certificate_unref(issuer);
    return status;
}

static rfd_status check_tsa_certificate(const struct keeper_key *key, const struct certificate *c,
                                        struct rfd_error *error)
{
    bool present = false;
    bool critical = false;
    bool only = false;
    if (certificate_has_eku(c, oid(OID_EKU_TIME_STAMPING), &present, &critical, &only) && critical && only)
        return check_tsa_issuer(key, c, error);
    return error_set(error, RFD_E_CERTIFICATE_KEY_USAGE, "not for time-stamping alone and critically (RFC 3161 §2.3)");
}

static rfd_status sign_token(void *context, const struct signature_algorithm *a, slice message, slice digest,
                             struct buf *signature, struct rfd_error *error)
{
    struct keeper_key *key = context;
    return stored_key_sign(key->stored, a, message, digest, signature, error);
}

static rfd_status prepare_tsa(struct keeper *k, struct keeper_key *key, struct rfd_error *error)
{
    enum { FRACTION_DIGITS = 3 };
    (void)k;
    if (key->certificate == NULL) return RFD_OK;
    key->signer = (struct authority_signer){
        .certificate = key->certificate, .algorithm = key->algorithm, .sign = sign_token, .context = key};
    slice issuer = key->description->policy.issuer;
    if (issuer.length > 0) TRY(certificate_parse(issuer, &key->issuer, error));
    const struct stamper_plan plan = {.signer = &key->signer,
                                      .chain = &key->issuer,
                                      .chain_count = key->issuer == NULL ? 0 : 1,
                                      .policies = {key->description->policy.timestamp_policy},
                                      .policy_count = 1,
                                      .accuracy = key->description->policy.accuracy,
                                      .fraction_digits = FRACTION_DIGITS};
    TRY(stamper_set(&key->stamper, &plan, error));
    key->has_stamper = true;
    return RFD_OK;
}

/* ---- Logs ---- */

static rfd_status prepare_log(struct keeper *k, struct keeper_key *key, struct rfd_error *error)
{
    return keeper_read_head(k->store->folder, key->description->name, &key->head, &key->has_head, error);
}

/* ---- By purpose ---- */

static const struct {
    rfd_status (*check_policy)(const struct key_policy *p, struct rfd_error *error);
    rfd_status (*check_certificate)(const struct keeper_key *key, const struct certificate *c, struct rfd_error *error);
    rfd_status (*prepare)(struct keeper *k, struct keeper_key *key, struct rfd_error *error);
} by_purpose[PURPOSE_COUNT] = {
    [PURPOSE_CA] = {keeper_check_authority_policy, keeper_check_authority_certificate, keeper_prepare_authority},
    [PURPOSE_OCSP] = {check_ocsp_policy, check_ocsp_certificate, prepare_ocsp},
    [PURPOSE_TSA] = {check_tsa_policy, check_tsa_certificate, prepare_tsa},
    [PURPOSE_LOG] = {NULL, NULL, prepare_log},
};

rfd_status keeper_policy_check(enum key_purpose purpose, const struct key_policy *policy, struct rfd_error *error)
{
    bool for_ocsp = (policy->issuer.length > 0 && purpose != PURPOSE_TSA) || policy->validity != 0;
    bool for_tsa = policy->timestamp_policy.length > 0 || policy->accuracy != 0;
    bool for_ca = policy->authority.length > 0;
    if ((for_ocsp && purpose != PURPOSE_OCSP) || (for_tsa && purpose != PURPOSE_TSA) ||
        (for_ca && purpose != PURPOSE_CA))
        return error_set(error, RFD_E_ARGUMENT, "a key for %s with the policy of another purpose",
                         key_purpose_name(purpose));
    return by_purpose[purpose].check_policy == NULL ? RFD_OK : by_purpose[purpose].check_policy(policy, error);
}

rfd_status keeper_certificate_check(const struct keeper_key *key, const struct certificate *certificate,
                                    struct rfd_error *error)
{
    enum key_purpose purpose = key->description->purpose;
    if (by_purpose[purpose].check_certificate == NULL) return RFD_OK;
    return by_purpose[purpose].check_certificate(key, certificate, error);
}

static void close_key(struct keeper_key *key)
{
    if (key->has_stamper) stamper_dispose(&key->stamper);
    certificate_unref(key->certificate);
    certificate_unref(key->issuer);
    stored_key_free(key->stored);
    memory_free(key);
}

static rfd_status open_key(struct keeper *k, slice name, struct keeper_key *key, struct rfd_error *error)
{
    TRY(keystore_open_key(k->store, name, &key->stored, error));
    key->description = stored_key_description(key->stored);
    key->algorithm = stored_key_algorithm(key->stored);
    TRY(counter_open(k->store->folder, key->description->name, &key->counter, error));
    key->floor = key->counter.floor;
    slice certificate = key->description->certificate;
    if (certificate.length > 0) TRY(certificate_parse(certificate, &key->certificate, error));
    enum key_purpose purpose = key->description->purpose;
    return by_purpose[purpose].prepare == NULL ? RFD_OK : by_purpose[purpose].prepare(k, key, error);
}

rfd_status keeper_key_find(struct keeper *k, slice name, struct keeper_key **out, struct rfd_error *error)
{
    for (size_t i = 0; i < k->count; i++) {
        if (!slice_is(name, k->keys[i]->description->name)) continue;
        *out = k->keys[i];
        return RFD_OK;
    }
    if (k->count == KEEPER_KEYS_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%zu keys in use", k->count);
    struct keeper_key *key = memory_zeroed(1, sizeof *key);
    if (key == NULL) return error_memory(error);
    rfd_status status = open_key(k, name, key, error);
    if (status != RFD_OK) {
        close_key(key);
        return status;
    }
    k->keys[k->count++] = key;
    *out = key;
    return RFD_OK;
}

void keeper_key_forget(struct keeper *k, struct keeper_key *key)
{
    for (size_t i = 0; i < k->count; i++) {
        if (k->keys[i] != key) continue;
        k->keys[i] = k->keys[--k->count];
        close_key(key);
        return;
    }
}

rfd_status keeper_key_time(struct keeper_key *key, rfd_time *out, struct rfd_error *error)
{
    rfd_time now = clock_now();
    if (now < key->floor && key->floor - now > RFD_SECOND)
        return error_set(error, RFD_E_KEY_REFUSED, "the clock went back behind the last use of the key");
    if (now < key->floor) now = key->floor;
    key->floor = now;
    *out = now;
    return RFD_OK;
}

rfd_status keeper_key_use(struct keeper *k, struct keeper_key *key, rfd_time now, struct rfd_error *error)
{
    return counter_next(&key->counter, k->store->folder, now, error);
}

rfd_status keeper_key_sign(struct keeper_key *key, slice message, struct buf *signature, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(key->algorithm.digest, message, digest, error));
    return stored_key_sign(key->stored, &key->algorithm, message, slice_of(digest, digest_size(key->algorithm.digest)),
                           signature, error);
}

rfd_status keeper_key_answer(struct keeper_key *key, slice message, struct buf *answer, struct rfd_error *error)
{
    struct buf part;
    buf_init(&part, SIGNATURE_MAXIMUM);
    signature_algorithm_put(&part, &key->algorithm);
    message_put_bytes(answer, buf_slice(&part));
    rfd_status status = buf_check(&part, "algorithm", error);
    buf_reset(&part);
    if (status == RFD_OK) status = keeper_key_sign(key, message, &part, error);
    if (status == RFD_OK) message_put_bytes(answer, buf_slice(&part));
    buf_dispose(&part);
    return status;
}
