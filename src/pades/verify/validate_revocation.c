/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation as of now (EN 319 102-1 §5.2.5, §5.2.6): evidence of the file, the trust store or the network that speaks
 * for the time of validation. Evidence counts while whoever signed it lasts, and for ever when it is proven to be older
 * than that end.
 */
#include "pades/verify/validate.h"

#include "base/error.h"

#define EVIDENCE_FRESH (3600 * RFD_SECOND)
#define EVIDENCE_NEWER (301 * RFD_SECOND) /* later, with the 5 minutes that revocation.h grants to clocks */

void validate_status_dispose(struct path_status *status)
{
    for (size_t i = 0; i < PATH_LENGTH_MAXIMUM; i++) {
        if (status->asked[i]) revocation_result_dispose(&status->results[i]);
    }
    *status = (struct path_status){0};
}

rfd_status validate_ask(struct validation *v, const struct question *q, const struct path *path, size_t i,
                        struct revocation_result *out, struct rfd_error *error)
{
    struct revocation_past past = {.now = v->at,
                                   .known_by = q->known_by,
                                   .any_age = q->any_age,
                                   .believe = q->believe,
                                   .proven = q->proven,
                                   .of_file = q->of_file};
    struct revocation_options options = {.trust = v->trust,
                                         .extra = &v->certificates,
                                         .store = &v->evidence,
                                         .fetcher = v->fetcher,
                                         .online = q->online,
                                         .at = q->at,
                                         .not_older_than = q->newer_than,
                                         .past = &past};
    return revocation_check(&options, path->certificates[i], path->certificates[i + 1], out, error);
}

static bool is_inside(const struct revocation_result *r)
{
    return r->state == REVOCATION_NOT_NEEDED ||
           (r->state != REVOCATION_UNKNOWN &&
            (r->source == REVOCATION_FROM_SIGNATURE || r->source == REVOCATION_FROM_DOCUMENT));
}

/* Who signs may choose which evidence to put in: it could be an old "good" from before the revocation, and then from
 * before the proof of time, too (EN 319 102-1 §5.2.5, freshness). On line, something newer is asked for, and kept when
 * it tells; or when it is too much to tell, for a flood of evidence may be there to hide the answer. */
rfd_status validate_refresh(struct validation *v, const struct checked *k, const struct question *q,
                            const struct path *path, size_t i, struct revocation_result *result,
                            struct rfd_error *error)
{
    struct revocation_result newer;
    struct question again = *q;
    bool proven = k->proof != RFD_TIME_NONE;
    rfd_time limit = proven ? k->proof : v->at - EVIDENCE_FRESH;
    bool old = result->state == REVOCATION_GOOD && is_inside(result) && result->this_update < limit;
    if (!q->online || !old) return RFD_OK;
    again.newer_than = result->this_update + (proven ? EVIDENCE_NEWER : EVIDENCE_FRESH);
    TRY(validate_ask(v, &again, path, i, &newer, error));
    if (newer.state == REVOCATION_UNKNOWN && !newer.gave_up) {
        revocation_result_dispose(&newer);
        return RFD_OK;
    }
    revocation_result_dispose(result);
    *result = newer;
    return RFD_OK;
}

static enum rfd_sub_indication weigh(const struct revocation_result *r, size_t i)
{
    switch (r->state) {
    case REVOCATION_GOOD:
    case REVOCATION_NOT_NEEDED: return RFD_SUB_NONE;
    case REVOCATION_REVOKED: return i > 0 ? RFD_SUB_REVOKED_CA_NO_POE : RFD_SUB_REVOKED_NO_POE;
    case REVOCATION_HELD: return RFD_SUB_TRY_LATER;
    case REVOCATION_UNKNOWN: break;
    }
    return r->unproven ? RFD_SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE : RFD_SUB_TRY_LATER;
}

/* What is known to be bad says more than what is not known. */
static bool outweighs(enum rfd_sub_indication new, enum rfd_sub_indication old)
{
    return old == RFD_SUB_NONE ||
           (new != RFD_SUB_NONE && (old == RFD_SUB_TRY_LATER || old == RFD_SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE) &&
            (new == RFD_SUB_REVOKED_NO_POE || new == RFD_SUB_REVOKED_CA_NO_POE));
}

rfd_status validate_revocation(struct validation *v, struct checked *k, const struct path *path,
                               struct path_status *status, enum rfd_sub_indication *sub, struct rfd_error *error)
{
    struct question question = {.at = v->at, .newer_than = RFD_TIME_NONE, .known_by = v->at, .online = k->online};
    *sub = RFD_SUB_NONE;
    for (size_t i = path->count - 1; i-- > 0;) {
        struct revocation_result *r = &status->results[i];
        TRY(validate_ask(v, &question, path, i, r, error));
        status->asked[i] = true;
        TRY(validate_refresh(v, k, &question, path, i, r, error));
        enum rfd_sub_indication one = weigh(r, i);
        if (outweighs(one, *sub)) *sub = one;
    }
    return RFD_OK;
}

/* What a signature needs is evidence that speaks for its proof; what a time stamp without one needs, any. */
static rfd_status ask_inside(struct validation *v, const struct checked *k, const struct path *path, size_t i,
                             bool archived, bool *inside, struct rfd_error *error)
{
    struct revocation_result r;
    struct question question = {.at = k->proof == RFD_TIME_NONE ? k->time : k->proof,
                                .newer_than = RFD_TIME_NONE,
                                .known_by = v->at,
                                .any_age = k->proof == RFD_TIME_NONE,
                                .of_file = true,
                                .proven = archived,
                                .believe = !archived};
    TRY(validate_ask(v, &question, path, i, &r, error));
    if (!is_inside(&r)) *inside = false;
    revocation_result_dispose(&r);
    return RFD_OK;
}

/* Whether the file itself could have answered, without the lists of the trust store and the network. */
rfd_status validate_inside(struct validation *v, struct checked *k, const struct path *path, struct rfd_error *error)
{
    k->evidence_inside = true;
    for (size_t i = 0; i + 1 < path->count; i++) TRY(ask_inside(v, k, path, i, false, &k->evidence_inside, error));
    k->evidence_archived = k->evidence_inside && k->marks > 0;
    for (size_t i = 0; i + 1 < path->count && k->evidence_archived; i++) {
        TRY(ask_inside(v, k, path, i, true, &k->evidence_archived, error));
    }
    return RFD_OK;
}
