/* SPDX-License-Identifier: EUPL-1.2
 *
 * One signature: cryptography, signer, conclusion (EN 319 102-1 §5.2.3 to §5.2.8, §5.3).
 *
 * Two choices where the standard leaves room. A signing-certificate attribute that names another certificate is
 * TOTAL-FAILED / FORMAT_FAILURE here (EN 319 102-1 §5.2.3.4 says INDETERMINATE): nobody signs so but who swaps
 * certificates. Everything that an ERROR finding names is TOTAL-FAILED, with FORMAT_FAILURE unless a step knows better.
 */
#include "pades/verify/validate.h"

#include "base/error.h"
#include "pki/oid.h"

/* --- Small things ------------------------------------------------------------------------------------------------ */

bool validate_is_fatal(rfd_status status)
{
    return status != RFD_OK && rfd_status_class(status) == RFD_CLASS_SYSTEM;
}

rfd_status validate_text(const struct validation *v, slice s, const char **out, struct rfd_error *error)
{
    const char *text = s.length == 0 ? "" : arena_text(v->arena, s);
    if (text == NULL) return arena_failed(v->arena, error);
    *out = text;
    return RFD_OK;
}

static void hold(struct signature_state *s, enum fact_name fact)
{
    s->facts[fact] = (struct fact){.holds = true};
}

static void deny(struct signature_state *s, enum fact_name fact, enum rfd_sub_indication otherwise)
{
    s->facts[fact] = (struct fact){.otherwise = otherwise};
}

/* --- Cryptography ------------------------------------------------------------------------------------------------ */

/* Whether what is signed speaks of the document's bytes, and the digest over which the CMS was made. */
static rfd_status signed_digest(const struct signature_state *s, slice of_document, bool *same, slice *out,
                                uint8_t space[DIGEST_SIZE_MAXIMUM], struct rfd_error *error)
{
    const struct cms *cms = &s->token.cms;
    *same = true;
    *out = of_document;
    if (s->format == FORMAT_DETACHED || s->format == FORMAT_BARE_RSA) return RFD_OK;
    *same = slice_equal(s->format == FORMAT_TIMESTAMP ? s->token.imprint : cms->content, of_document) &&
            of_document.length > 0;
    *out = SLICE_EMPTY;
    if (cms->digest == DIGEST_NONE) return RFD_OK;
    TRY(digest_of(cms->digest, cms->content, space, error));
    *out = slice_of(space, digest_size(cms->digest));
    return RFD_OK;
}

/* The attribute is obligatory in PAdES and in time stamps (EN 319 142-1 §6.3, RFC 5816 §2.2), unknown to older
 * formats. */
static void judge_signing_certificate(struct signature_state *s, const struct cms_check *check)
{
    bool needed = s->format == FORMAT_TIMESTAMP || slice_is(s->dictionary.sub_filter, "ETSI.CAdES.detached");
    if (check->signing_certificate_present && !check->signing_certificate_matches) {
        findings_add(&s->findings, RFD_FINDING_SIGNING_CERTIFICATE_MISMATCH, "%s", check->detail);
        deny(s, FACT_SIGNER, RFD_SUB_FORMAT_FAILURE);
        return;
    }
    hold(s, FACT_SIGNER);
    s->names_signer = check->signing_certificate_present;
    if (!check->signing_certificate_present) findings_add(&s->findings, RFD_FINDING_SIGNING_CERTIFICATE_MISSING, NULL);
    if (check->signing_certificate_present || !needed) hold(s, FACT_ATTRIBUTES);
}

/* An algorithm that we do not know proves nothing, but neither does it prove a forgery. */
static bool judge_algorithms(struct signature_state *s, const struct cms_check *check)
{
    const struct cms *cms = &s->token.cms;
    if (cms->algorithm.scheme == SCHEME_NONE || cms->digest == DIGEST_NONE) {
        findings_add(&s->findings, RFD_FINDING_ALGORITHM_WEAK, "%s", check->detail);
        deny(s, FACT_DIGEST, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE);
        deny(s, FACT_SIGNATURE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE);
        return false;
    }
    if (!check->algorithms_consistent) {
        findings_add(&s->findings, RFD_FINDING_ALGORITHMS_INCONSISTENT, "%s", check->detail);
    }
    return true;
}

/* Without signed attributes only the signature itself tells whether the digest is right. */
static void judge_digest(struct signature_state *s, const struct cms_check *check, bool same)
{
    if (same && check->digest_matches) {
        hold(s, FACT_DIGEST);
    } else if (s->token.cms.has_signed_attributes || !same) {
        findings_add(&s->findings, RFD_FINDING_DIGEST_MISMATCH, NULL);
        deny(s, FACT_DIGEST, RFD_SUB_HASH_FAILURE);
    }
}

static void judge_signature(struct signature_state *s, const struct cms_check *check)
{
    if (check->signature_matches) {
        hold(s, FACT_SIGNATURE);
    } else {
        findings_add(&s->findings, RFD_FINDING_SIGNATURE_WRONG, "%s", check->detail);
        deny(s, FACT_SIGNATURE, RFD_SUB_SIG_CRYPTO_FAILURE);
    }
    if (!check->content_type_matches) findings_add(&s->findings, RFD_FINDING_CONTENT_TYPE_MISMATCH, NULL);
}

/* What the table of EN 319 142-1 §6.3 forbids without making the signature wrong. */
static void note_attributes(struct signature_state *s)
{
    const struct cms *cms = &s->token.cms;
    const struct pdf_signature *d = &s->dictionary;
    if (s->format != FORMAT_DETACHED) return;
    if (d->claimed_time != RFD_TIME_NONE && cms->signing_time != RFD_TIME_NONE &&
        slice_is(d->sub_filter, "ETSI.CAdES.detached")) {
        findings_add(&s->findings, RFD_FINDING_SIGNING_TIME_TWICE, NULL);
    }
    if (d->certificate_count > 0 && slice_is(d->sub_filter, "ETSI.CAdES.detached"))
        findings_add(&s->findings, RFD_FINDING_CERT_WITH_CADES, NULL);
    if (d->reason.length > 0 && (cms->commitment_oid.length > 0 || cms->policy_oid.length > 0)) {
        findings_add(&s->findings, RFD_FINDING_REASON_WITH_COMMITMENT, NULL);
    }
}

rfd_status validate_cryptography(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    uint8_t space[DIGEST_SIZE_MAXIMUM];
    struct cms_check check;
    slice digest = SLICE_EMPTY;
    bool same = false;
    if (!s->parsed) return RFD_OK;
    note_attributes(s);
    slice of_document = s->has_digest ? ranges_digest(v->ranges, s->digest) : SLICE_EMPTY;
    TRY(signed_digest(s, of_document, &same, &digest, space, error));
    cms_verify(&s->token.cms, s->signer, digest, &check);
    if (check.no_memory) return error_memory(error);
    if (!judge_algorithms(s, &check) || !s->has_digest) return RFD_OK;
    judge_digest(s, &check, same);
    if (s->signer == NULL) return RFD_OK;
    judge_signing_certificate(s, &check);
    judge_signature(s, &check);
    return RFD_OK;
}

/* --- Signer ------------------------------------------------------------------------------------------------------ */

static bool is_intact(const struct signature_state *s)
{
    return s->facts[FACT_DIGEST].holds && s->facts[FACT_SIGNATURE].holds && s->coverage.well_formed;
}

static void adopt_findings(struct findings *to, const struct findings *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const char *detail = from->items[i].detail;
        findings_add(to, from->items[i].code, detail[0] == '\0' ? NULL : "%s", detail);
    }
}

static rfd_status name_signer(const struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    struct buf name;
    rfd_status status;
    buf_init(&name, 1 << 16);
    if (!certificate_name_attribute(s->signer->subject, oid(OID_COMMON_NAME), &name) || name.length == 0) {
        buf_reset(&name);
        certificate_put_name(&name, s->signer->subject);
    }
    TRY_OUT(buf_check(&name, "signer's name", error));
    TRY_OUT(validate_text(v, buf_slice(&name), &s->report.signer, error));
out:
    buf_dispose(&name);
    return status;
}

rfd_status validate_signer(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    s->report.intact = is_intact(s);
    if (s->facts[FACT_DIGEST].holds || s->facts[FACT_SIGNATURE].holds) validate_strength(v, s);
    if (s->signer == NULL) return RFD_OK;
    TRY(name_signer(v, s, error));
    struct signer_question question = {
        .leaf = s->signer,
        .purpose = s->format == FORMAT_TIMESTAMP ? PATH_TSA : PATH_SIGNER,
        .proof = s->proof,
        /* A forgery must not make us ask the addresses that it names. */
        .online = !v->offline && s->report.intact && !findings_failed(&s->findings),
        .unnamed = !s->names_signer,
    };
    TRY(validate_certificate(v, &question, &s->checked, error));
    s->report.path = s->checked->reports;
    s->report.path_count = s->checked->count;
    adopt_findings(&s->findings, &s->checked->findings);
    if (s->checked->path_good)
        hold(s, FACT_PATH);
    else
        deny(s, FACT_PATH, s->checked->path);
    if (s->checked->revocation_good)
        hold(s, FACT_REVOCATION);
    else
        deny(s, FACT_REVOCATION, s->checked->revocation);
    return RFD_OK;
}

/* --- Conclusion -------------------------------------------------------------------------------------------------- */

/* EN 319 102-1 §5.1.3 table 5: these say that the signature is bad; all others that it cannot be told yet. */
static bool is_failure(enum rfd_sub_indication sub)
{
    switch (sub) {
    case RFD_SUB_FORMAT_FAILURE:
    case RFD_SUB_HASH_FAILURE:
    case RFD_SUB_SIG_CRYPTO_FAILURE:
    case RFD_SUB_REVOKED:
    case RFD_SUB_EXPIRED:
    case RFD_SUB_NOT_YET_VALID: return true;
    default: return false;
    }
}

static const enum rfd_sub_indication absence[FACT_COUNT] = {
#define X(name, sub) [FACT_##name] = RFD_SUB_##sub,
    VALIDATE_FACTS(X)
#undef X
};

/* The first fact that is missing decides, a failure before anything undecided. */
static enum rfd_sub_indication weigh(const struct signature_state *s)
{
    enum rfd_sub_indication undecided = RFD_SUB_NONE;
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if (s->facts[i].holds) continue;
        enum rfd_sub_indication sub = s->facts[i].otherwise == RFD_SUB_NONE ? absence[i] : s->facts[i].otherwise;
        if (is_failure(sub)) return sub;
        if (undecided == RFD_SUB_NONE) undecided = sub;
    }
    return findings_failed(&s->findings) ? RFD_SUB_FORMAT_FAILURE : undecided;
}

/* The format is good when the coverage is and no step before found an error with it. */
static void judge_format(const struct validation *v, struct signature_state *s)
{
    bool covered = s->coverage.well_formed && s->coverage.has_revision;
    if (v->damage != NULL) findings_add(&s->findings, RFD_FINDING_FILE_DAMAGED, "%s", v->damage);
    if (covered && s->parsed && v->damage == NULL)
        hold(s, FACT_FORMAT);
    else if (!findings_failed(&s->findings))
        findings_add(&s->findings, RFD_FINDING_REVISION_NOT_COVERED, NULL);
}

rfd_status validate_conclude(const struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    struct rfd_signature_report *r = &s->report;
    judge_format(v, s);
    if (s->findings.status != RFD_OK) return error_set(error, s->findings.status, "findings of %s", r->field);
    r->sub_indication = weigh(s);
    r->indication = RFD_INDETERMINATE;
    if (r->sub_indication == RFD_SUB_NONE)
        r->indication = RFD_TOTAL_PASSED;
    else if (is_failure(r->sub_indication))
        r->indication = RFD_TOTAL_FAILED;
    r->best_time = s->proof == RFD_TIME_NONE ? v->at : s->proof;
    if (s->checked != NULL) r->control_time = s->checked->control;
    if (r->indication == RFD_TOTAL_FAILED && r->level != RFD_LEVEL_B_B)
        findings_add(&s->findings, RFD_FINDING_LEVEL_OF_FAILED, NULL);
    r->findings = s->findings.items;
    r->finding_count = s->findings.count;
    return RFD_OK;
}
