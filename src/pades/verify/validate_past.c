/* SPDX-License-Identifier: EUPL-1.2
 *
 * Validation-time sliding (EN 319 102-1 §5.6.2.2). Control-time begins at the time of validation and goes down the path
 * from the anchor: at each certificate it slides to the moment from which on nothing vouches for it any more. What is
 * asked about the next certificate may then only be answered by evidence that is proven to be from before.
 *
 *   revoked or on hold              → the date of the revocation
 *   good, but the evidence is old   → the end of its own period (its nextUpdate; without one, REVOCATION_FRESH after
 *                                     thisUpdate): how old evidence may be is the policy's to say (§5.2.5), and ours
 *                                     takes the issuer's word for it
 *   an algorithm given up           → the date of strength.def
 *   no evidence, none proven        → no control-time: the answer of today stands
 *
 * A signature that certainly existed before control-time is as good as it was then (§5.6.2.4).
 */
#include "pades/verify/validate.h"

#include "base/error.h"
#include "pki/path/strength.h"
#include "pki/path/trust_store.h"

/* As in revocation.h: the clocks' tolerance, and how long evidence without nextUpdate is taken for. */
#define SKEW  (300 * RFD_SECOND)
#define FRESH (28 * 3600 * RFD_SECOND)

static void lower(rfd_time *control, rfd_time to)
{
    if (to < *control) *control = to;
}

/* The last moment that evidence speaks for. */
static rfd_time reach_of(const struct revocation_result *r)
{
    rfd_time reach = r->next_update == RFD_TIME_NONE ? r->this_update + FRESH : r->next_update;
    return (reach > r->this_update ? reach : r->this_update) + SKEW;
}

/* §5.6.2.2 asks for a proof of the certificate, too: from before it could be made by others than its issuer, and its
 * own signature is one that they make when the algorithm is given up. The signer's is as old as a signature that names
 * it by its digest; for one that does not only `forgeable` counts, the time from which on its issuer's key was not its
 * issuer's alone. What the trust store holds needs no proof. */
static bool certificate_known(const struct validation *v, const struct checked *k, const struct path *path, size_t i,
                              rfd_time control, rfd_time forgeable)
{
    struct poe proof;
    const struct certificate *c = path->certificates[i];
    rfd_time limit = i == 0 ? forgeable : control;
    lower(&limit, strength_end_of_signature(c->signature_algorithm, NULL, 0));
    if (limit >= v->at || (i == 0 && !k->unnamed) || trust_entry_of(v->trust, c) != NULL) return true;
    return poe_of(&v->poe, c->fingerprint, &proof) && proof.time < limit;
}

/* Evidence about path[i] from before `control`, of whatever age: the newest, as revocation_check() prefers it, or what
 * was in force at the proof when the newest was not. The network was asked already when today's status was. */
static rfd_status ask_past(struct validation *v, const struct checked *k, const struct path *path, size_t i,
                           rfd_time control, bool online, struct revocation_result *out, struct rfd_error *error)
{
    struct revocation_result then = {.state = REVOCATION_UNKNOWN};
    struct question question = {.at = v->at,
                                .newer_than = RFD_TIME_NONE,
                                .known_by = control < v->at && control > INT64_MIN ? control - 1 : control,
                                .any_age = true,
                                .online = online && control >= v->at};
    rfd_status status;
    TRY(validate_ask(v, &question, path, i, out, error));
    TRY_OUT(validate_refresh(v, k, &question, path, i, out, error));
    if (out->state != REVOCATION_GOOD || reach_of(out) > k->proof) return RFD_OK;
    question.any_age = question.online = false;
    question.at = k->proof;
    TRY_OUT(validate_ask(v, &question, path, i, &then, error));
    if (then.state == REVOCATION_GOOD) {
        revocation_result_dispose(out);
        *out = then;
        then.issuer = NULL;
    }
    revocation_result_dispose(&then);
    return RFD_OK;
out:
    revocation_result_dispose(out);
    return status;
}

/* What `r` does to control-time; false when it says nothing. */
static bool slide_by(const struct revocation_result *r, rfd_time *control)
{
    switch (r->state) {
    case REVOCATION_NOT_NEEDED: return true;
    case REVOCATION_GOOD: lower(control, reach_of(r)); return true;
    case REVOCATION_REVOKED:
    case REVOCATION_HELD: lower(control, r->revoked_at); return true;
    case REVOCATION_UNKNOWN: break;
    }
    return false;
}

static enum rfd_sub_indication sub_of(const struct revocation_result *r, size_t i)
{
    if (r->state == REVOCATION_HELD) return RFD_SUB_TRY_LATER;
    return i > 0 ? RFD_SUB_REVOKED_CA_NO_POE : RFD_SUB_REVOKED_NO_POE;
}

/* Evidence was there, but not proven to be from before `control`, which slid for the reason `limit`; or, with
 * control-time still now, not from before its signer ended. */
static enum rfd_sub_indication unproven(const struct validation *v, rfd_time control, enum rfd_sub_indication limit,
                                        enum rfd_sub_indication sub)
{
    if (limit != RFD_SUB_NONE) return limit;
    bool ended = sub == RFD_SUB_TRY_LATER && control >= v->at;
    return ended ? RFD_SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE : sub;
}

static void lower_to_algorithms(const struct certificate *c, bool anchor, rfd_time *control)
{
    lower(control, strength_end_of_key(c, NULL, 0));
    if (!anchor) lower(control, strength_end_of_signature(c->signature_algorithm, NULL, 0));
}

rfd_status validate_slide(struct validation *v, struct checked *k, const struct path *path, struct path_status *status,
                          enum rfd_sub_indication *sub, struct rfd_error *error)
{
    rfd_time control = v->at;
    rfd_time forgeable = v->at;
    bool known = true;
    enum rfd_sub_indication limit = RFD_SUB_NONE; /* why control-time is before now, when that says more than *sub */
    lower_to_algorithms(path->certificates[path->count - 1], true, &control);
    lower(&forgeable, control);
    for (size_t i = path->count - 1; i-- > 0 && known;) {
        struct revocation_result r;
        known = certificate_known(v, k, path, i, control, forgeable);
        if (!known) break;
        TRY(ask_past(v, k, path, i, control, k->online && !status->asked[i], &r, error));
        if (status->asked[i]) revocation_result_dispose(&status->results[i]);
        status->results[i] = r;
        status->asked[i] = true;
        known = slide_by(&r, &control);
        bool revoked = r.state == REVOCATION_REVOKED || r.state == REVOCATION_HELD;
        if (revoked && k->proof >= r.revoked_at) *sub = sub_of(&r, i);
        if (!known && r.unproven) *sub = unproven(v, control, limit, *sub);
        if (revoked) limit = sub_of(&r, i);
        if (revoked) lower(&forgeable, r.revoked_at);
        lower_to_algorithms(path->certificates[i], false, &control);
        lower_to_algorithms(path->certificates[i], false, &forgeable);
    }
    k->control = known ? control : RFD_TIME_NONE;
    if (known && (control >= v->at || k->proof < control)) *sub = RFD_SUB_NONE;
    return RFD_OK;
}
