/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may answer for an issuer (RFC 6960 §4.2.2.2): the issuer itself, or a certificate that the issuer issued
 * directly, with extendedKeyUsage OCSPSigning, valid when the response was made and not revoked then. Nobody else; a
 * responder trusted by configuration is not known here.
 */
#include "pki/revocation/revocation_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/certificate/name_match.h"
#include "pki/oid.h"
#include "pki/path/strength.h"

/* A response about a certificate of `issuer`, proven to exist at `proven` (or RFD_TIME_NONE). */
struct answer {
    const struct ocsp *ocsp;
    const struct certificate *issuer;
    rfd_time proven;
};

static bool has_pointers(const struct certificate *c)
{
    slice value;
    return certificate_extension(c, oid(OID_CRL_DISTRIBUTION_POINTS), &value, NULL) ||
           certificate_extension(c, oid(OID_AUTHORITY_INFO_ACCESS), &value, NULL);
}

enum { REASON_KEY_COMPROMISE = 1 };

/* producedAt is the responder's own word. Whoever judges the past wants a proof instead: a key that is out of use may
 * be in other hands, whatever reason the revocation gives (EN 319 102-1 §5.6.2.2). */
static bool believes(const struct revocation_run *run)
{
    return run->options->past == NULL || run->options->past->believe;
}

/* A responder's certificate without nocheck and without any pointer to its status is taken as it is (RFC 6960
 * §4.2.2.2.1 leaves it to the client); with pointers its status must be known. */
static rfd_status responder_unrevoked(struct revocation_run *run, const struct answer *a, const struct certificate *c,
                                      bool *good, struct rfd_error *error)
{
    const struct ocsp *o = a->ocsp;
    struct revocation_result result;
    rfd_time not_older_than = run->not_older_than;
    rfd_time reach = run->reach;
    run->not_older_than = RFD_TIME_NONE;
    run->reach = revocation_signed_at(run, a->proven, o->produced_at);
    run->responders[run->responder_count++] = c;
    run->depth++;
    rfd_status status = revocation_decide(run, c, a->issuer, &result, error);
    run->depth--;
    run->responder_count--;
    run->reach = reach;
    run->not_older_than = not_older_than;
    TRY(status);
    switch (result.state) {
    case REVOCATION_GOOD:
    case REVOCATION_NOT_NEEDED: *good = true; break;
    case REVOCATION_REVOKED:
    case REVOCATION_HELD:
        *good = result.revoked_at > revocation_signed_at(run, a->proven, INT64_MAX) ||
                (believes(run) && result.reason != REASON_KEY_COMPROMISE && result.revoked_at > o->produced_at);
        break;
    case REVOCATION_UNKNOWN: *good = !has_pointers(c); break;
    }
    if (!*good) revocation_note(run, "OCSP: the responder's own certificate is revoked or unchecked");
    revocation_result_dispose(&result);
    return RFD_OK;
}

static const char *fault_of_delegate(struct revocation_run *run, const struct answer *a, const struct certificate *c)
{
    char detail[160];
    const struct ocsp *o = a->ocsp;
    const struct certificate *issuer = a->issuer;
    rfd_time until = INT64_MAX;
    rfd_time signed_at = revocation_signed_at(run, a->proven, run->options->at);
    if (!name_equal(c->issuer, issuer->subject)) return "the responder's certificate is another authority's";
    if (!certificate_has_eku(c, oid(OID_EKU_OCSP_SIGNING), NULL, NULL, NULL)) return "the responder has no OCSPSigning";
    if (!path_purpose_allowed(c, PATH_OCSP, detail)) return "the responder's key usage forbids signing";
    if (o->produced_at < c->not_before || o->produced_at > c->not_after)
        return "the responder's certificate was not valid";
    if (!strength_of_key(c, signed_at, &until, detail, sizeof detail) ||
        !strength_of_signature(c->signature_algorithm, signed_at, &until, detail, sizeof detail)) {
        return "the responder's certificate is too weak";
    }
    if (!revocation_may_verify(run) || !ocsp_signed_by(o, c)) return "its signature is wrong";
    if (!revocation_may_verify(run) || certificate_verify_signature(c, issuer, NULL) != RFD_OK) {
        return "the responder's certificate was not issued by the authority";
    }
    return NULL;
}

/* What a responder says of itself says nothing. */
static bool speaks_for_itself(const struct revocation_run *run, const struct certificate *c)
{
    for (size_t i = 0; i < run->responder_count; i++) {
        if (certificate_equal(run->responders[i], c)) return true;
    }
    return false;
}

static rfd_status try_delegates(struct revocation_run *run, const struct answer *a, const struct certificate_list *from,
                                const struct certificate **signer, struct rfd_error *error)
{
    for (size_t i = 0; from != NULL && i < from->count && i < REVOCATION_EXTRA && *signer == NULL; i++) {
        const struct certificate *c = from->items[i];
        bool good = false;
        if (!ocsp_is_responder(a->ocsp, c) || speaks_for_itself(run, c)) continue;
        const char *fault = fault_of_delegate(run, a, c);
        if (fault != NULL) {
            revocation_note(run, "OCSP: %s", fault);
            continue;
        }
        if (!revocation_signer_lasts(run, "OCSP response", c, a->proven)) continue;
        TRY(responder_unrevoked(run, a, c, &good, error));
        if (good) *signer = c;
    }
    return RFD_OK;
}

/* The signer when it may answer for the issuer, NULL when none may; borrowed. */
static rfd_status find_signer(struct revocation_run *run, const struct answer *a, const struct certificate **signer,
                              struct rfd_error *error)
{
    const struct ocsp *o = a->ocsp;
    *signer = NULL;
    if (ocsp_is_responder(o, a->issuer) && revocation_may_verify(run)) {
        if (ocsp_signed_by(o, a->issuer)) {
            if (revocation_signer_lasts(run, "OCSP response", a->issuer, a->proven)) *signer = a->issuer;
            return RFD_OK;
        }
        revocation_note(run, "OCSP: its signature is wrong");
    }
    TRY(try_delegates(run, a, &o->certificates, signer, error));
    const struct certificate_list *extra = run->options->extra;
    if (*signer == NULL) TRY(try_delegates(run, a, extra, signer, error));
    if (*signer == NULL && extra != NULL && extra->count > REVOCATION_EXTRA)
        revocation_give_up(run, "too many certificates to look for a responder's");
    if (*signer == NULL && run->notes[0] == '\0')
        revocation_note(run, "OCSP: the responder's certificate is not at hand");
    return RFD_OK;
}

static bool answer_usable(struct revocation_run *run, const struct answer *a, const struct ocsp_single *single,
                          const struct certificate *c)
{
    char detail[96];
    rfd_time until = INT64_MAX;
    const struct ocsp *o = a->ocsp;
    rfd_time now = clock_now();
    const struct revocation_past *past = run->options->past;
    if (run->options->at > now) now = run->options->at;
    if (past != NULL && past->now > now) now = past->now;
    if (o->unknown_critical || single->unknown_critical) {
        revocation_note(run, "OCSP: unknown critical extension");
        return false;
    }
    if (!revocation_in_time(run, "OCSP response", single->this_update, single->next_update)) return false;
    if (o->produced_at + REVOCATION_SKEW < single->this_update || o->produced_at > now + REVOCATION_SKEW) {
        revocation_note(run, "OCSP: made before the time it speaks for, or in the future");
        return false;
    }
    rfd_time signed_at = revocation_signed_at(run, a->proven, o->produced_at);
    if (!strength_of_signature(o->signature_algorithm, signed_at, &until, detail, sizeof detail)) {
        revocation_note(run, "OCSP: %s", detail);
        run->unproven = run->unproven || past != NULL;
        return false;
    }
    /* After its expiry a certificate may be forgotten, unless the responder says that it remembers (§4.4.4). */
    bool remembered = single->archive_cutoff != RFD_TIME_NONE && single->archive_cutoff <= c->not_after;
    if (single->status == OCSP_GOOD && single->this_update > c->not_after && !remembered) {
        revocation_note(run, "OCSP response made after the certificate expired, without archiveCutoff");
        return false;
    }
    if (single->status == OCSP_UNKNOWN) revocation_note(run, "OCSP: the responder does not know the certificate");
    return single->status != OCSP_UNKNOWN;
}

static enum revocation_state state_of(const struct ocsp_single *single)
{
    if (single->status == OCSP_GOOD) return REVOCATION_GOOD;
    return single->reason == CRL_REASON_HOLD ? REVOCATION_HELD : REVOCATION_REVOKED;
}

static rfd_status judge(struct revocation_run *run, size_t index, const struct certificate *c,
                        const struct certificate *issuer, struct revocation_result *best, struct rfd_error *error)
{
    struct ocsp_single single;
    const struct certificate *signer = NULL;
    struct answer a = {revocation_item_ocsp(&run->store->items[index]), issuer, run->store->items[index].proven};
    if (!ocsp_find(a.ocsp, c, issuer, &single) || !answer_usable(run, &a, &single, c)) return RFD_OK;
    if (!revocation_is_known(run, "OCSP response", a.proven)) return RFD_OK;
    TRY(find_signer(run, &a, &signer, error));
    if (signer == NULL) return RFD_OK;
    struct revocation_result found = {.state = state_of(&single),
                                      .source = run->store->items[index].source,
                                      .revoked_at = single.revoked_at,
                                      .reason = single.reason,
                                      .this_update = single.this_update,
                                      .next_update = single.next_update,
                                      .produced_at = a.ocsp->produced_at,
                                      .item = index,
                                      .issuer = certificate_ref(signer)};
    revocation_weigh(best, &found);
    return RFD_OK;
}

rfd_status revocation_from_ocsp(struct revocation_run *run, const struct certificate *c,
                                const struct certificate *issuer, struct revocation_result *out,
                                struct rfd_error *error)
{
    struct revocation_result best = {.state = REVOCATION_UNKNOWN};
    /* The store may grow meanwhile, when a responder's certificate is looked up on the network. */
    for (size_t i = 0; i < run->store->count; i++) {
        const struct revocation_item *item = &run->store->items[i];
        if (item->is_crl || revocation_is_foreign(run, item->source)) continue;
        rfd_status status = judge(run, i, c, issuer, &best, error);
        if (status != RFD_OK) {
            revocation_result_dispose(&best);
            return status;
        }
    }
    *out = best;
    return RFD_OK;
}
