/* SPDX-License-Identifier: EUPL-1.2
 *
 * The baseline level that a signature reached (EN 319 142-1 §6), from what was found and not from what is written:
 * T needs a proof of time that is good, LT the revocation evidence for every certificate of the signer and of its time
 * stamps inside the file, LTA a good document time stamp over a revision that has it.
 */
#include "pades/verify/validate.h"

/* EN 319 142-1 §6.3 table 1, level B. */
static bool is_baseline(const struct signature_state *s)
{
    const struct cms *cms = &s->token.cms;
    if (s->format == FORMAT_TIMESTAMP) return s->facts[FACT_ATTRIBUTES].holds;
    return slice_is(s->dictionary.sub_filter, "ETSI.CAdES.detached") && s->parsed && s->facts[FACT_ATTRIBUTES].holds &&
           cms->has_signed_attributes && cms->signing_time == RFD_TIME_NONE &&
           s->dictionary.claimed_time != RFD_TIME_NONE && cms->signer != NULL &&
           !findings_has(&s->findings, RFD_FINDING_REASON_WITH_COMMITMENT);
}

/* Whether a good document time stamp covers a revision, no older than the signature's, that has a DSS. */
static bool is_archived(const struct validation *v, const struct signature_state *s)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct signature_state *other = &v->signatures[i];
        if (other == s || !validate_is_proof(other) || other->coverage.end <= s->coverage.end) continue;
        struct pdf_view view = pdf_view(v->doc, other->coverage.revision);
        if (pdf_entries(pdf_get(&view, pdf_catalog(&view), "DSS")) != NULL) return true;
    }
    return false;
}

void validate_level(const struct validation *v, struct signature_state *s)
{
    struct rfd_signature_report *r = &s->report;
    r->baseline = is_baseline(s);
    r->level = RFD_LEVEL_B_B;
    if (s->format == FORMAT_TIMESTAMP || s->proof == RFD_TIME_NONE) return;
    r->level = RFD_LEVEL_B_T;
    if (s->checked == NULL || !s->checked->evidence_inside || !s->timestamps_inside) return;
    r->level = RFD_LEVEL_B_LT;
    if (is_archived(v, s)) r->level = RFD_LEVEL_B_LTA;
}
