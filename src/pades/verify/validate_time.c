/* SPDX-License-Identifier: EUPL-1.2
 *
 * Proofs of time (EN 319 102-1 §5.4): time stamps inside a signature, and document time stamps, which prove every byte
 * that they cover. A time stamp counts only when it is intact, for these bytes, and its authority is trusted; one whose
 * authority's certificate has ended since, or was revoked, or whose algorithms were given up, may lean on a later one
 * (§5.6.3, from the newest to the oldest).
 *
 * An authority that was revoked for another reason than a stolen key would be believed for earlier tokens by RFC 3161
 * §4; not here: EN 319 102-1 §5.4 wants a proof.
 */
#include "pades/verify/validate.h"

#include "base/error.h"

enum { TIMESTAMPS_MAXIMUM = 16 };
#define CLOCK_SKEW (300 * RFD_SECOND)

/* --- Document time stamps ---------------------------------------------------------------------------------------- */

/* Findings that make it doubtful what the time stamp covers. */
static bool covers_for_sure(const struct signature_state *s)
{
    /* The last: an object of the revision may reach into a later one. */
    static const enum rfd_finding_code doubts[] = {RFD_FINDING_XREF_NOT_COVERED, RFD_FINDING_BYTE_RANGE_SHARED,
                                                   RFD_FINDING_SIGNATURE_SHARED, RFD_FINDING_DICTIONARY_CHANGED,
                                                   RFD_FINDING_CHANGE_UNREADABLE};
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
        if (findings_has(&s->findings, doubts[i])) return false;
    }
    return s->coverage.well_formed && s->coverage.has_revision;
}

bool validate_is_proof(const struct signature_state *s)
{
    return s->format == FORMAT_TIMESTAMP && s->parsed && s->report.intact && covers_for_sure(s) &&
           s->facts[FACT_SIGNER].holds && s->facts[FACT_ATTRIBUTES].holds && s->facts[FACT_STRENGTH].holds &&
           s->facts[FACT_PATH].holds && s->facts[FACT_REVOCATION].holds && s->facts[FACT_ORDER].holds;
}

/* Takes over what proves `s`. */
static void adopt_proof(const struct validation *v, struct signature_state *s, const struct poe *proof)
{
    s->proof = proof->time;
    s->report.proven_time = proof->stated;
    s->report.best_proof = RFD_PROOF_DOCUMENT_TIMESTAMP;
    s->report.best_proof_field = v->signatures[proof->signature].report.field;
}

/* A time stamp that is proven to have existed before its own time (EN 319 102-1 §5.5.4, order of time stamps). */
static bool is_out_of_order(const struct timestamp *t, const struct poe *proof)
{
    rfd_time lower = t->accuracy > 0 && t->accuracy < t->time ? t->time - t->accuracy : t->time;
    return lower > proof->time + CLOCK_SKEW;
}

static void judge_order(struct signature_state *s, const struct timestamp *t, const struct poe *proof)
{
    if (!is_out_of_order(t, proof)) return;
    findings_add(&s->findings, RFD_FINDING_TIMESTAMP_ORDER, NULL);
    s->facts[FACT_ORDER] = (struct fact){.otherwise = RFD_SUB_TIMESTAMP_ORDER_FAILURE};
}

/* The token's time must lie in the life of its certificate and not ahead of us. */
static const char *time_fault(const struct validation *v, const struct timestamp *t, const struct certificate *signer)
{
    if (t->time > v->at + CLOCK_SKEW) return "its time is later than the time of validation";
    if (signer != NULL && (t->time < signer->not_before || t->time > signer->not_after)) {
        return "its time is outside the validity of its authority's certificate";
    }
    return NULL;
}

static rfd_status judge_document_timestamp(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    const char *fault = NULL;
    struct poe proof;
    s->facts[FACT_ORDER] = (struct fact){.holds = true};
    if (validate_proven(v, s, &proof)) {
        adopt_proof(v, s, &proof);
        if (s->parsed) judge_order(s, &s->token, &proof);
    }
    TRY(validate_signer(v, s, error));
    if (s->parsed) fault = time_fault(v, &s->token, s->signer);
    if (fault != NULL) {
        findings_add(&s->findings, RFD_FINDING_TIMESTAMP_INVALID, "%s", fault);
        s->facts[FACT_PATH] = (struct fact){.otherwise = RFD_SUB_CHAIN_CONSTRAINTS_FAILURE};
    }
    s->timestamps_inside = s->timestamps_archived = true;
    return validate_is_proof(s) ? validate_add_proof(v, s, error) : RFD_OK;
}

rfd_status validate_document_timestamps(struct validation *v, struct rfd_error *error)
{
    for (size_t i = v->count; i-- > 0;) {
        struct signature_state *s = &v->signatures[i];
        if (s->format == FORMAT_TIMESTAMP) TRY(judge_document_timestamp(v, s, error));
    }
    for (size_t i = 0; i < v->count; i++) {
        struct signature_state *s = &v->signatures[i];
        if (!validate_is_proof(s)) continue;
        struct poe own = {validate_upper(&s->token), s->token.time, i};
        adopt_proof(v, s, &own);
    }
    return RFD_OK;
}

/* --- Time stamps inside a signature ------------------------------------------------------------------------------ */

/* What proves a signature proves the time stamps inside it. */
static rfd_time token_proof(const struct validation *v, const struct signature_state *s)
{
    struct poe proof;
    return validate_proven(v, s, &proof) ? proof.time : RFD_TIME_NONE;
}

/* Imprint, signature and attributes of the token; `*fault` is NULL when they are right. */
static rfd_status check_token(const struct validation *v, const struct signature_state *s, const struct timestamp *t,
                              const char **fault, struct rfd_error *error)
{
    char text[96];
    struct rfd_error why = RFD_ERROR_INIT;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    *fault = NULL;
    const char *weak = validate_token_strength(v, t, token_proof(v, s), text);
    if (weak != NULL) return validate_text(v, slice_text(weak), fault, error);
    TRY(digest_of(t->imprint_digest, s->token.cms.signature, digest, error));
    rfd_status status = timestamp_verify(t, slice_of(digest, digest_size(t->imprint_digest)), &why);
    if (validate_is_fatal(status)) return error_set(error, status, "%s", why.detail);
    if (status == RFD_OK)
        *fault = time_fault(v, t, t->cms.signer);
    else
        TRY(validate_text(v, slice_text(why.detail), fault, error));
    return RFD_OK;
}

/* Path and revocation of the token's authority. */
static rfd_status check_authority(struct validation *v, struct signature_state *s, const struct certificate *signer,
                                  struct rfd_timestamp_report *r, struct rfd_error *error)
{
    const struct checked *checked;
    struct signer_question question = {
        .leaf = signer, /* a token without its digest is no good token (RFC 5816 §2.2) */
        .purpose = PATH_TSA,
        .proof = token_proof(v, s),
        .online = !v->offline && s->facts[FACT_SIGNATURE].holds && !findings_failed(&s->findings),
    };
    TRY(validate_certificate(v, &question, &checked, error));
    r->path = checked->reports;
    r->path_count = checked->count;
    r->valid = checked->path_good && checked->revocation_good;
    if (!checked->evidence_inside) s->timestamps_inside = false;
    if (!checked->evidence_archived) s->timestamps_archived = false;
    if (r->valid) return RFD_OK;
    r->detail = rfd_sub_indication_name(checked->path_good ? checked->revocation : checked->path);
    for (size_t i = 0; i < checked->findings.count; i++) {
        const struct rfd_finding *f = &checked->findings.items[i];
        findings_add(&s->findings, RFD_FINDING_TIMESTAMP_UNTRUSTED, "%s%s%s", rfd_finding_message(f->code),
                     f->detail[0] == '\0' ? "" : ": ", f->detail);
    }
    return RFD_OK;
}

static rfd_status judge_token(struct validation *v, struct signature_state *s, const struct timestamp *t,
                              struct rfd_timestamp_report *r, struct rfd_error *error)
{
    const struct certificate *signer = NULL;
    const char *fault;
    r->time = t->time;
    r->digest = digest_name(t->imprint_digest);
    TRY(validate_share(v, &t->cms, &signer, error));
    TRY(validate_brought(v, s, &t->cms, v->evidence.count, error));
    TRY(check_token(v, s, t, &fault, error));
    if (fault == NULL && signer != NULL) return check_authority(v, s, signer, r, error);
    r->detail = fault == NULL ? "its authority's certificate is missing" : fault;
    findings_add(&s->findings, RFD_FINDING_TIMESTAMP_INVALID, "%s", r->detail);
    return RFD_OK;
}

/* A good time stamp proves the signature; the earliest counts. */
static void use_token(const struct validation *v, struct signature_state *s, const struct timestamp *t)
{
    struct poe document;
    if (validate_proven(v, s, &document)) judge_order(s, t, &document);
    if (s->proof != RFD_TIME_NONE && s->proof <= validate_upper(t)) return;
    s->proof = validate_upper(t);
    s->report.proven_time = t->time;
    s->report.best_proof = RFD_PROOF_SIGNATURE_TIMESTAMP;
    s->report.best_proof_field = "";
}

static rfd_status read_token(struct validation *v, struct signature_state *s, slice token,
                             struct rfd_timestamp_report *r, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    struct timestamp t;
    rfd_status status = timestamp_parse(token, &t, &why);
    if (validate_is_fatal(status)) return error_set(error, status, "%s", why.detail);
    if (status != RFD_OK) {
        findings_add(&s->findings, RFD_FINDING_TIMESTAMP_INVALID, "%s", why.detail);
        return validate_text(v, slice_text(why.detail), &r->detail, error);
    }
    status = judge_token(v, s, &t, r, error);
    if (status == RFD_OK && r->valid) use_token(v, s, &t);
    timestamp_dispose(&t);
    return status;
}

static rfd_status judge_tokens(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    size_t count = s->token.cms.signature_timestamp_count;
    if (count > TIMESTAMPS_MAXIMUM) count = TIMESTAMPS_MAXIMUM;
    if (count == 0) return RFD_OK;
    struct rfd_timestamp_report *reports = arena_zeroed(v->arena, count, sizeof *reports);
    if (reports == NULL) return arena_failed(v->arena, error);
    for (size_t i = 0; i < count; i++) {
        reports[i] = (struct rfd_timestamp_report){.time = RFD_TIME_NONE, .digest = "", .detail = ""};
        TRY(read_token(v, s, cms_signature_timestamp(&s->token.cms, i), &reports[i], error));
    }
    s->report.timestamps = reports;
    s->report.timestamp_count = count;
    return RFD_OK;
}

rfd_status validate_signature_timestamps(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    struct poe proof;
    s->facts[FACT_ORDER] = (struct fact){.holds = true};
    s->timestamps_inside = s->timestamps_archived = true;
    if (validate_proven(v, s, &proof)) adopt_proof(v, s, &proof);
    if (s->parsed) TRY(judge_tokens(v, s, error));
    if (s->proof == RFD_TIME_NONE) findings_add(&s->findings, RFD_FINDING_NO_TIME_PROOF, NULL);
    return RFD_OK;
}
