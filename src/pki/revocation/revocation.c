/* SPDX-License-Identifier: EUPL-1.2
 *
 * Deciding: all evidence at hand first, OCSP and lists alike; only when it does not tell, the network, OCSP before
 * lists. A certificate that any valid evidence calls revoked is revoked; between "good" and "on hold" the newer counts.
 */
#include "pki/revocation/revocation_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/oid.h"

#include <stdarg.h>
#include <stdio.h>

void revocation_result_dispose(struct revocation_result *r)
{
    certificate_unref(r->issuer);
    r->issuer = NULL;
}

void revocation_note(struct revocation_run *run, const char *format, ...)
{
    va_list args;
    size_t used = strlen(run->notes);
    if (used > 0 && used + 3 < sizeof run->notes) {
        memcpy(run->notes + used, "; ", 3);
        used += 2;
    }
    va_start(args, format);
    (void)vsnprintf(run->notes + used, sizeof run->notes - used, format, args);
    va_end(args);
}

void revocation_give_up(struct revocation_run *run, const char *why)
{
    if (!run->gave_up) revocation_note(run, "%s", why);
    run->gave_up = true;
}

bool revocation_may_verify(struct revocation_run *run)
{
    if (run->signatures_left == 0) {
        revocation_give_up(run, "too many signatures to verify");
        return false;
    }
    run->signatures_left--;
    return true;
}

bool revocation_in_time(struct revocation_run *run, const char *what, rfd_time this_update, rfd_time next_update)
{
    char text[CLOCK_TEXT_SIZE];
    const struct revocation_past *past = run->options->past;
    bool any_age = past != NULL && past->any_age;
    rfd_time at = any_age ? run->reach : run->options->at;
    rfd_time now = clock_now();
    if (past != NULL && past->now > now) now = past->now;
    if (this_update > (at > now ? at : now) + REVOCATION_SKEW) {
        revocation_note(run, "%s from the future (%s)", what, clock_iso(this_update, text));
        return false;
    }
    if (next_update != RFD_TIME_NONE && next_update + REVOCATION_SKEW < at) {
        revocation_note(run, "%s out of date since %s", what, clock_iso(next_update, text));
        return false;
    }
    if (next_update == RFD_TIME_NONE && this_update + REVOCATION_FRESH + REVOCATION_SKEW < at) {
        revocation_note(run, "%s without nextUpdate, of %s", what, clock_iso(this_update, text));
        return false;
    }
    if (run->not_older_than != RFD_TIME_NONE && this_update + REVOCATION_SKEW < run->not_older_than) {
        revocation_note(run, "%s too old (%s)", what, clock_iso(this_update, text));
        return false;
    }
    return true;
}

bool revocation_is_foreign(const struct revocation_run *run, enum revocation_source source)
{
    const struct revocation_past *past = run->options->past;
    return past != NULL && past->of_file && source != REVOCATION_FROM_SIGNATURE && source != REVOCATION_FROM_DOCUMENT;
}

bool revocation_is_known(struct revocation_run *run, const char *what, rfd_time proven)
{
    const struct revocation_past *past = run->options->past;
    if (past == NULL || (past->now <= past->known_by && !past->proven)) return true;
    if (proven != RFD_TIME_NONE && (proven <= past->known_by || past->now <= past->known_by)) return true;
    revocation_note(run, "%s not proven to be old enough", what);
    run->unproven = true;
    return false;
}

rfd_time revocation_signed_at(const struct revocation_run *run, rfd_time proven, rfd_time otherwise)
{
    const struct revocation_past *past = run->options->past;
    if (past == NULL || past->believe) return otherwise;
    return proven == RFD_TIME_NONE || proven > past->now ? past->now : proven;
}

bool revocation_signer_lasts(struct revocation_run *run, const char *what, const struct certificate *signer,
                             rfd_time proven)
{
    rfd_time until = signer->not_after;
    if (revocation_signed_at(run, proven, until) <= until || trust_is_anchor(run->options->trust, signer)) return true;
    revocation_note(run, "%s: its signer's certificate has ended since, and nothing proves it older", what);
    run->unproven = true;
    return false;
}

/* Final revocation weighs more than anything, and what is known more than what is not. */
static int weight_of(enum revocation_state state)
{
    static const int weights[] = {
        [REVOCATION_UNKNOWN] = 0, [REVOCATION_GOOD] = 1,       [REVOCATION_HELD] = 1,
        [REVOCATION_REVOKED] = 2, [REVOCATION_NOT_NEEDED] = 3,
    };
    return weights[state];
}

void revocation_weigh(struct revocation_result *best, struct revocation_result *found)
{
    int order = weight_of(found->state) - weight_of(best->state);
    bool better =
        order > 0 || (order == 0 && found->state != REVOCATION_UNKNOWN && found->this_update > best->this_update);
    if (!better) {
        revocation_result_dispose(found);
        return;
    }
    revocation_result_dispose(best);
    *best = *found;
    found->issuer = NULL;
}

/* id-pkix-ocsp-nocheck only means something on a responder's certificate (RFC 6960 §4.2.2.2.1), that is one for nothing
 * else: a person's or an authority's that answers OCSP as well can be revoked like any. A person's with ETSI's
 * validity-assured extension is too short-lived to be revoked (EN 319 412-1 §5.2). */
static bool is_exempt(const struct revocation_run *run, const struct certificate *c)
{
    slice value;
    bool only = false;
    if (trust_is_anchor(run->options->trust, c)) return true;
    if (c->is_ca) return false;
    if (certificate_extension(c, oid(OID_VALIDITY_ASSURED_SHORT_TERM), &value, NULL)) return true;
    return certificate_has_eku(c, oid(OID_EKU_OCSP_SIGNING), NULL, NULL, &only) && only &&
           certificate_extension(c, oid(OID_OCSP_NOCHECK), &value, NULL);
}

static rfd_status from_lists(struct revocation_run *run, const struct certificate *c, const struct certificate *issuer,
                             struct revocation_result *best, struct rfd_error *error)
{
    struct revocation_result found = {.state = REVOCATION_UNKNOWN};
    TRY(revocation_from_crls(run, c, issuer, &found, error));
    revocation_weigh(best, &found);
    return RFD_OK;
}

static rfd_status from_responses(struct revocation_run *run, const struct certificate *c,
                                 const struct certificate *issuer, struct revocation_result *best,
                                 struct rfd_error *error)
{
    struct revocation_result found = {.state = REVOCATION_UNKNOWN};
    TRY(revocation_from_ocsp(run, c, issuer, &found, error));
    revocation_weigh(best, &found);
    return RFD_OK;
}

static rfd_status from_network(struct revocation_run *run, const struct certificate *c,
                               const struct certificate *issuer, struct revocation_result *best,
                               struct rfd_error *error)
{
    TRY(revocation_fetch_ocsp(run, c, issuer, error));
    TRY(from_responses(run, c, issuer, best, error));
    if (best->state != REVOCATION_UNKNOWN) return RFD_OK;
    TRY(revocation_fetch_crls(run, c, error));
    return from_lists(run, c, issuer, best, error);
}

static const struct revocation_result nothing_known = {.state = REVOCATION_UNKNOWN,
                                                       .revoked_at = RFD_TIME_NONE,
                                                       .reason = -1,
                                                       .this_update = RFD_TIME_NONE,
                                                       .next_update = RFD_TIME_NONE,
                                                       .produced_at = RFD_TIME_NONE,
                                                       .item = SIZE_MAX};

static void forget(struct revocation_result *r)
{
    revocation_result_dispose(r);
    *r = nothing_known;
}

rfd_status revocation_decide(struct revocation_run *run, const struct certificate *c, const struct certificate *issuer,
                             struct revocation_result *out, struct rfd_error *error)
{
    struct revocation_result best = nothing_known;
    rfd_status status = RFD_OK;
    if (is_exempt(run, c)) {
        best.state = REVOCATION_NOT_NEEDED;
    } else if (run->depth <= REVOCATION_DEPTH) {
        TRY_OUT(from_responses(run, c, issuer, &best, error));
        TRY_OUT(from_lists(run, c, issuer, &best, error));
        if (best.state == REVOCATION_UNKNOWN && run->options->online) {
            TRY_OUT(from_network(run, c, issuer, &best, error));
        }
    }
    *out = best;
    return RFD_OK;
out:
    revocation_result_dispose(&best);
    return status;
}

rfd_status revocation_check(const struct revocation_options *options, const struct certificate *c,
                            const struct certificate *issuer, struct revocation_result *out, struct rfd_error *error)
{
    struct revocation_store own = {0};
    struct revocation_run run = {.options = options,
                                 .store = options->store != NULL ? options->store : &own,
                                 .not_older_than = options->not_older_than,
                                 .reach = RFD_TIME_NONE,
                                 .signatures_left = REVOCATION_SIGNATURES,
                                 .fetches_left = REVOCATION_FETCHES};
    struct revocation_result result;
    rfd_status status = revocation_decide(&run, c, issuer, &result, error);
    revocation_store_dispose(&own);
    if (status != RFD_OK) return status;
    if (run.gave_up && (result.state == REVOCATION_GOOD || result.state == REVOCATION_HELD)) forget(&result);
    result.gave_up = run.gave_up;
    result.unproven = run.unproven && result.state == REVOCATION_UNKNOWN;
    if (options->store == NULL) result.item = SIZE_MAX;
    if (result.state == REVOCATION_UNKNOWN) {
        (void)snprintf(result.detail, sizeof result.detail, "%s",
                       run.notes[0] == '\0' ? "no evidence at hand" : run.notes);
    }
    *out = result;
    return RFD_OK;
}
