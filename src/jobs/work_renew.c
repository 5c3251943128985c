/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates of the services: each authority's OCSP responder, and the time-stamp service. Their keys are on the
 * signers, all of which hold copies; the keeper issues the next certificate for a service that the ceremony registered,
 * under the name of its key. A service's certificate is renewed when two thirds of its life are over:
 *
 *   keeper: KEEPER_RENEW_SERVICE → register → database → each signer: KEEPER_CERTIFY_SERVICE
 *
 * A signer that was away gets the certificate at a later run: each run compares what signers have with what is in the
 * database, or, for time stamps, with the newest that a signer has.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "jobs/work.h"
#include "keeper/ask.h"
#include "pki/certificate/certificate.h"

enum { LIST_MAXIMUM = 1 << 20 };

/* ---- Questions ---- */

/** The certificate that a signer's key has; empty when it has none yet. In `a`. */
static rfd_status certificate_of_key(struct keeper_client *signer, slice key, struct arena *a, slice *out,
                                     struct rfd_error *error)
{
    struct ask_public_key found;
    TRY(ask_public_key(signer, key, a, &found, error));
    *out = found.certificate;
    return RFD_OK;
}

struct wanted {
    slice service;
    struct arena *a;
    slice profile;
};

static rfd_status look(void *context, const struct ask_registered *item, struct rfd_error *error)
{
    struct wanted *w = context;
    if (item->kind != KEEPER_SERVICE || !slice_equal(item->name, w->service)) return RFD_OK;
    w->profile = arena_copy(w->a, item->profiles);
    return w->profile.data == NULL ? arena_failed(w->a, error) : RFD_OK;
}

/** Profile that a service was registered with, in `a`. RFD_E_NOT_FOUND. */
static rfd_status registered_profile(struct jobs *jobs, slice service, struct arena *a, slice *out,
                                     struct rfd_error *error)
{
    struct wanted wanted = {.service = service, .a = a};
    TRY(ask_registered(jobs->authority.keeper, look, &wanted, error));
    if (wanted.profile.length == 0)
        return error_set(error, RFD_E_NOT_FOUND, "the keeper knows no service \"%.*s\"", (int)service.length,
                         (const char *)service.data);
    *out = wanted.profile;
    return RFD_OK;
}

/* ---- Renewing ---- */

struct renewal {
    const struct authority *authority;
    slice key;         /* of the signers, and the service's name */
    slice certificate; /* that it has now; empty: none yet */
    bool responder;
};

static bool is_due(slice der)
{
    const struct certificate *c = NULL;
    if (der.length == 0) return true;
    if (certificate_parse(der, &c, NULL) != RFD_OK) return true;
    rfd_time life = c->not_after - c->not_before;
    bool due = clock_now() >= c->not_before + life / 3 * 2;
    certificate_unref(c);
    return due;
}

/** Has the keeper issue the next certificate and enters it; `renewal->certificate` is the new one afterwards. */
static rfd_status issue(struct jobs *jobs, struct renewal *renewal, struct arena *a, struct rfd_error *error)
{
    struct certificate_row row;
    struct buf made;
    slice profile;
    uint32_t partition = 0;
    rfd_status status = RFD_OK;
    buf_init(&made, ASK_CERTIFICATE_MAXIMUM);
    TRY_OUT(registered_profile(jobs, renewal->key, a, &profile, error));
    TRY_OUT(ask_renew_service(jobs->authority.keeper, renewal->authority->key, renewal->key, &made, &partition, error));
    slice certificate = arena_copy(a, buf_slice(&made));
    if (certificate.data == NULL) TRY_OUT(arena_failed(a, error));
    TRY_OUT(authority_store_service(&jobs->authority, SLICE("system:worker"), renewal->authority->id, profile,
                                    certificate, partition, a, &row, error));
    renewal->certificate = certificate;
out:
    buf_dispose(&made);
    return status;
}

/** Gives every signer the certificate that it lacks; the first failure is returned after all had their turn. */
static rfd_status hand_out(struct jobs *jobs, const struct renewal *renewal, struct rfd_error *error)
{
    rfd_status first = RFD_OK;
    for (unsigned i = 0; i < jobs->signer_count; i++) {
        struct arena a;
        slice has = SLICE_EMPTY;
        struct rfd_error one = RFD_ERROR_INIT;
        arena_init(&a, LIST_MAXIMUM);
        rfd_status status = certificate_of_key(jobs->signers[i], renewal->key, &a, &has, &one);
        if (status == RFD_OK && !slice_equal(has, renewal->certificate))
            status = ask_certify_service(jobs->signers[i], renewal->key, renewal->certificate, &one);
        arena_dispose(&a);
        if (status == RFD_OK || first != RFD_OK) continue;
        first = status;
        if (error != NULL) *error = one;
    }
    return first;
}

static rfd_status renew(struct jobs *jobs, struct renewal *renewal, struct rfd_error *error)
{
    struct arena a;
    arena_init(&a, LIST_MAXIMUM);
    rfd_status status = RFD_OK;
    bool due = is_due(renewal->certificate);
    /* A responder's certificate is in the database, and one node sees to it; of a time-stamp service each has its own.
     */
    if (due && renewal->responder) TRY_OUT(jobs_hold_lease(jobs, LEASE_AUTHORITY, &due, error));
    if (due) TRY_OUT(issue(jobs, renewal, &a, error));
    if (due && renewal->responder)
        TRY_OUT(authority_set_responder(&jobs->authority, SLICE("system:worker"), renewal->authority->id, renewal->key,
                                        renewal->certificate, error));
    if (due)
        log_event(LOG_NOTICE, "renewed", "a service got its next certificate", LOG_SLICE("service", renewal->key),
                  LOG_SLICE("authority", renewal->authority->name));
    status = hand_out(jobs, renewal, error);
out:
    arena_dispose(&a);
    return status;
}

/* ---- Which services there are ---- */

static rfd_status renew_responder(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    struct renewal renewal = {authority, authority->ocsp_key, authority->ocsp_certificate, true};
    if (authority->ocsp_key.length == 0) return RFD_OK;
    return renew(jobs, &renewal, error);
}

/** The newest certificate of the time-stamp key that some signer has. */
static rfd_status find_tsa_certificate(struct jobs *jobs, slice key, struct arena *a, slice *out,
                                       struct rfd_error *error)
{
    rfd_time newest = RFD_TIME_NONE;
    rfd_status status = RFD_OK;
    *out = SLICE_EMPTY;
    for (unsigned i = 0; i < jobs->signer_count; i++) {
        const struct certificate *c = NULL;
        slice der = SLICE_EMPTY;
        rfd_status one = certificate_of_key(jobs->signers[i], key, a, &der, error);
        if (one != RFD_OK) status = one;
        if (one != RFD_OK || certificate_parse(der, &c, NULL) != RFD_OK) continue;
        if (newest == RFD_TIME_NONE || c->not_before > newest) {
            newest = c->not_before;
            *out = der;
        }
        certificate_unref(c);
    }
    return newest != RFD_TIME_NONE ? RFD_OK : status;
}

/** The authority that issued `der`: by name. NULL when it is none of ours. */
static const struct authority *find_issuer(const struct authority_list *list, slice der)
{
    const struct authority *found = NULL;
    const struct certificate *c = NULL;
    if (certificate_parse(der, &c, NULL) != RFD_OK) return NULL;
    for (size_t i = 0; i < list->count && found == NULL; i++) {
        const struct certificate *ca = NULL;
        if (list->items[i].key.length == 0 || certificate_parse(list->items[i].certificate, &ca, NULL) != RFD_OK)
            continue;
        if (slice_equal(ca->subject, c->issuer)) found = &list->items[i];
        certificate_unref(ca);
    }
    certificate_unref(c);
    return found;
}

static rfd_status renew_tsa(struct jobs *jobs, struct rfd_error *error)
{
    struct arena a;
    struct authority_list list = {0};
    struct renewal renewal = {.key = slice_text(jobs->settings->status.tsa_key)};
    rfd_status status = RFD_OK;
    if (renewal.key.length == 0) return RFD_OK;
    arena_init(&a, LIST_MAXIMUM);
    TRY_OUT(authority_list(&jobs->authority, &a, &list, error));
    TRY_OUT(find_tsa_certificate(jobs, renewal.key, &a, &renewal.certificate, error));
    renewal.authority = find_issuer(&list, renewal.certificate);
    if (renewal.authority != NULL) status = renew(jobs, &renewal, error);
out:
    arena_dispose(&a);
    return status;
}

rfd_status job_renew(struct jobs *jobs, struct rfd_error *error)
{
    struct rfd_error second = RFD_ERROR_INIT;
    rfd_status status = jobs_each_authority(jobs, renew_responder, error);
    rfd_status tsa = renew_tsa(jobs, &second);
    if (status != RFD_OK || tsa == RFD_OK) return status;
    if (error != NULL) *error = second;
    return tsa;
}
