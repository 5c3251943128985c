/* SPDX-License-Identifier: EUPL-1.2
 *
 * Cryptographic constraints (EN 319 102-1 §5.2.8, §5.6.2.4): an algorithm that was reliable when what it protects is
 * proven to have existed stays good for it. The dates are the rows of pki/path/strength.def. The key of the signer is
 * judged with its path.
 */
#include "pades/verify/validate.h"

#include "base/clock.h"
#include "pki/path/strength.h"

#include <stdio.h>

/* The digest with the earliest end among `used`; `name` is its name. */
static rfd_time first_end(const enum digest_id *used, size_t count, char *name, size_t size)
{
    rfd_time first = INT64_MAX;
    char one[48];
    for (size_t i = 0; i < count; i++) {
        rfd_time end = strength_end_of_digest(used[i], one, sizeof one);
        if (end >= first) continue;
        first = end;
        (void)snprintf(name, size, "%s", one);
    }
    return first;
}

void validate_strength(const struct validation *v, struct signature_state *s)
{
    const enum digest_id used[] = {validate_document_digest(s), s->token.cms.digest, s->token.cms.algorithm.digest};
    char name[48] = "";
    char text[CLOCK_TEXT_SIZE];
    rfd_time at = s->proof == RFD_TIME_NONE ? v->at : s->proof;
    rfd_time end = first_end(used, sizeof used / sizeof used[0], name, sizeof name);
    if (at < end) {
        s->facts[FACT_STRENGTH] = (struct fact){.holds = true};
        if (v->at >= end) {
            findings_add(&s->findings, RFD_FINDING_ALGORITHM_AGED, "%s, until %s", name, clock_iso(end, text));
        }
        return;
    }
    bool never = end == INT64_MIN;
    findings_add(&s->findings, RFD_FINDING_ALGORITHM_WEAK, never ? "%s" : "%s, since %s", name, clock_iso(end, text));
    s->facts[FACT_STRENGTH] = (struct fact){.otherwise = never ? RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE
                                                               : RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE};
}

const char *validate_token_strength(const struct validation *v, const struct timestamp *t, rfd_time proof,
                                    char text[96])
{
    const enum digest_id used[] = {t->imprint_digest, t->cms.digest, t->cms.algorithm.digest};
    char name[48] = "";
    rfd_time at = proof == RFD_TIME_NONE ? v->at : proof;
    if (at < first_end(used, sizeof used / sizeof used[0], name, sizeof name)) return NULL;
    (void)snprintf(text, 96, "its digest algorithm is too weak (%s)", name);
    return text;
}
