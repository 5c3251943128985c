/* SPDX-License-Identifier: EUPL-1.2
 *
 * The public key of an applicant: proof of possession, strength, and whether it is somebody else's.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/authority/register.h"
#include "domain/registration/internal.h"
#include "domain/registration/pkcs10.h"

rfd_status request_check_pkcs10(slice pkcs10, struct arena *a, slice *spki, struct faults *faults,
                                struct rfd_error *error)
{
    const char *why = NULL;
    if (pkcs10.length == 0)
        why = N_("The key is missing: make it, or attach its request (PKCS#10)");
    else if (pkcs10.length > REQUEST_PKCS10_MAXIMUM)
        why = N_("This is too long for a request of a key");
    else
        TRY(pkcs10_check(pkcs10, &KEY_RULES_USUAL, a, spki, &why, error));
    if (why != NULL) fault_add(faults, "key", why);
    return why == NULL ? RFD_OK : error_set(error, RFD_E_INVALID, "key: %s", why);
}

rfd_status request_key_free(struct transaction *t, slice spki, slice subject_id, const char **why,
                            struct rfd_error *error)
{
    struct store_value hash;
    struct store_rows rows;
    *why = NULL;
    TRY(register_hash_key(spki, &hash, error));
    TRY(store_run(t,
                  "SELECT k.compromised, coalesce(c.subject_id, '') FROM public_key k "
                  "LEFT JOIN certificate c ON c.id = k.certificate WHERE k.hash = $1",
                  &hash, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    const struct store_value *v = store_cell(&rows, 0, 0);
    if (v[0].integer != 0)
        *why = N_("A certificate with this key was revoked, as the key was lost: make another key");
    else if (subject_id.length == 0 || !slice_equal(v[1].bytes, subject_id))
        *why = N_("Somebody else has a certificate with this key: make another key");
    return RFD_OK;
}

rfd_status request_check_key(struct transaction *t, const struct packs *packs, struct applicant *applicant,
                             struct faults *faults, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *why = NULL;
    rfd_status status = request_check_pkcs10(applicant->pkcs10, a, &applicant->spki, faults, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    const struct pack_profile *profile = packs == NULL ? NULL : packs_profile(packs, applicant->profile);
    slice subject_id = packs == NULL ? SLICE_EMPTY : applicant_subject_id(packs, applicant, a);
    if (profile != NULL) TRY(pkcs10_check(applicant->pkcs10, &profile->profile.keys, a, &applicant->spki, &why, error));
    if (why == NULL && packs != NULL) TRY(request_key_free(t, applicant->spki, subject_id, &why, error));
    if (why != NULL) fault_add(faults, "key", why);
    return RFD_OK;
}

/* ---- By the page that the applicant was handed ---- */

static rfd_status write_key(struct transaction *t, const struct actor *actor, struct request *r, struct applicant *a,
                            struct rfd_error *error)
{
    const struct request_step step = {
        .event = REQUEST_EVENT_KEY, .actor = actor != NULL && actor->account != 0 ? actor : NULL, .is_public = true};
    const struct request_link_row link = {.request = r->id, .applicant = a->id};
    TRY(request_step(t, r, &step, error));
    TRY(request_links_end(t, LINK_KEY, &link, error));
    return applicant_put_row(t, a, error);
}

rfd_status request_key(struct transaction *t, const struct actor *actor, int64_t applicant, slice pkcs10,
                       struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct request r;
    if (faults == NULL) faults = &own;
    TRY(request_of_applicant(t, applicant, &r, error));
    struct applicant *a = request_applicant(&r, applicant);
    if (a->spki.length > 0 && slice_equal(a->pkcs10, pkcs10)) return RFD_OK; /* sent twice */
    if (!request_may(r.way, REQUEST_EVENT_KEY, r.state))
        return error_set(error, RFD_E_STATE, "%.*s is \"%s\": its key is not made now", (int)r.code.length,
                         (const char *)r.code.data, request_state_name(r.state));
    a->pkcs10 = pkcs10;
    a->central = false;
    TRY(request_check_key(t, NULL, a, faults, error));
    TRY(faults_end(faults, error));
    return write_key(t, actor, &r, a, error);
}
