/* SPDX-License-Identifier: EUPL-1.2
 *
 * The baseline level that a signature reached (EN 319 142-1 §6), from what was found and not from what is written:
 * T needs a proof of time that is good, LT the revocation evidence for every certificate of the signer and of its time
 * stamps inside the file, LTA that good document time stamps cover exactly that evidence.
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
           !findings_has(&s->findings, RFD_FINDING_REASON_WITH_COMMITMENT) &&
           !findings_has(&s->findings, RFD_FINDING_CERT_WITH_CADES);
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
    struct poe archive;
    bool archived = s->checked->evidence_archived && s->timestamps_archived;
    if (archived && validate_proven(v, s, &archive)) r->level = RFD_LEVEL_B_LTA;
}
