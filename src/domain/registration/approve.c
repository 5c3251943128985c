/* SPDX-License-Identifier: EUPL-1.2
 *
 * The agent's approval: the text of keeper/approval.h, made here of what is stored, and the signature of exactly that
 * text. The keeper looks at it once more, and at whether the signer is registered with it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/access/person_signature.h"
#include "domain/registration/subject.h"
#include "pki/certificate/certificate.h"

enum { FRESH_SECONDS = 15 * 60, EARLY_SECONDS = 60 };

/* ---- The text ---- */

rfd_status registration_authority(struct transaction *t, const struct registration_settings *settings,
                                  struct authority *out, struct rfd_error *error)
{
    const char *name = settings->authority == NULL ? "" : settings->authority;
    const struct store_value values[] = {store_text(slice_text(name))};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id, name, certificate, key_name FROM authority WHERE key_name IS NOT NULL "
                  "AND ($1 = '' OR name = $1) ORDER BY CASE WHEN parent IS NULL THEN 1 ELSE 0 END, id LIMIT 1",
                  values, 1, &rows, error));
    if (rows.count == 0)
        return error_set(error, RFD_E_NOT_FOUND, "no authority that issues to people has its key here");
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct authority){.id = v[0].integer, .name = v[1].bytes, .certificate = v[2].bytes, .key = v[3].bytes};
    return RFD_OK;
}

slice applicant_approval_number(const struct request *request, const struct applicant *applicant, unsigned attempt,
                                struct arena *a)
{
    const char *text = arena_print(a, "%.*s-%u-%u", (int)request->code.length, (const char *)request->code.data,
                                   applicant->place, attempt);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static rfd_status hash_authority(slice der, uint8_t hash[APPROVAL_HASH_SIZE], struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    TRY(certificate_parse(der, &certificate, error));
    rfd_status status = digest_of(DIGEST_SHA256, certificate->spki, hash, error);
    certificate_unref(certificate);
    return status;
}

rfd_status request_approval_text(struct transaction *t, const struct registration_settings *settings,
                                 const struct request *request, const struct applicant *applicant, rfd_time now,
                                 struct buf *text, struct rfd_error *error)
{
    struct approval approval = {.profile = applicant->profile, .central = applicant->central};
    const struct pack_profile *profile = packs_profile(settings->packs, applicant->profile);
    struct authority authority;
    const char *why;
    TRY(applicant_subject(t, settings->packs, request, applicant, &approval, &why, error));
    if (why == NULL && !applicant->central && applicant->spki.length == 0)
        why = N_("The applicant has not made the key yet");
    if (why != NULL) return error_set(error, RFD_E_INVALID, "%s", why);
    TRY(registration_authority(t, settings, &authority, error));
    TRY(hash_authority(authority.certificate, approval.authority, error));
    if (!applicant->central) TRY(digest_of(DIGEST_SHA256, applicant->spki, approval.key, error));
    approval.request = applicant_approval_number(request, applicant, applicant->attempt + 1, store_arena(t));
    if (approval.request.data == NULL) return arena_failed(store_arena(t), error);
    if (profile->profile.mail_allowed && applicant->mail.length > 0)
        approval.mails[approval.mail_count++] = applicant->mail;
    approval.time = now / RFD_SECOND * RFD_SECOND;
    return approval_write(&approval, text, error);
}

/* ---- The signature ---- */

/** What is being approved. */
struct approving {
    struct transaction *t;
    const struct actor *actor;
    const struct registration_settings *settings;
    struct request request;
    rfd_time now;
    struct faults *faults;
};

/** Whether the signed text is the one of now, but for its time, which has to be of the last minutes. */
static rfd_status check_text(const struct approving *a, const struct applicant *applicant, slice text, const char **why,
                             struct rfd_error *error)
{
    struct approval approval;
    struct buf expected;
    rfd_status status = approval_read(text, &approval, error);
    if (status != RFD_OK) {
        *why = N_("The signature is not of an approval");
        error_clear(error);
        return RFD_OK;
    }
    if (approval.time > a->now + EARLY_SECONDS * RFD_SECOND || approval.time < a->now - FRESH_SECONDS * RFD_SECOND) {
        *why = N_("The approval is older than 15 minutes: sign it again");
        return RFD_OK;
    }
    buf_init(&expected, APPROVAL_MAXIMUM);
    status = request_approval_text(a->t, a->settings, &a->request, applicant, approval.time, &expected, error);
    if (status == RFD_OK && !slice_equal(buf_slice(&expected), text))
        *why = N_("The signature is of other data than the request has now: look at it again, and sign again");
    buf_dispose(&expected);
    return status;
}

static rfd_status check_approval(const struct approving *a, const struct applicant *applicant, slice signed_data,
                                 int64_t *certificate, const char **why, struct rfd_error *error)
{
    slice text;
    *why = signed_data.length == 0 || signed_data.length > APPROVAL_SIGNED_MAXIMUM
               ? N_("The signature of the approval is missing")
               : NULL;
    if (*why != NULL) return RFD_OK;
    if (approval_content(signed_data, &text, error) != RFD_OK) {
        error_clear(error);
        *why = N_("The signature is not of an approval");
        return RFD_OK;
    }
    TRY(check_text(a, applicant, text, why, error));
    if (*why != NULL) return RFD_OK;
    return person_signature_check(a->t, a->settings->packs, a->actor->person, text, signed_data, a->now, certificate,
                                  why, error);
}

static bool waits(const struct request *r, const struct applicant *applicant)
{
    return !r->external && applicant->certificate == 0;
}

static const struct request_approval *find_approval(const struct request_approval *approvals, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (approvals[i].applicant == id) return &approvals[i];
    }
    return NULL;
}

static rfd_status approve_one(const struct approving *a, struct applicant *applicant,
                              const struct request_approval *approval, struct rfd_error *error)
{
    const char *why = NULL;
    int64_t certificate = 0;
    slice signed_data = approval == NULL ? SLICE_EMPTY : approval->signed_data;
    TRY(check_approval(a, applicant, signed_data, &certificate, &why, error));
    if (why == NULL && !applicant->central) {
        slice subject_id = applicant_subject_id(a->settings->packs, applicant, store_arena(a->t));
        TRY(request_key_free(a->t, applicant->spki, subject_id, &why, error));
    }
    if (why != NULL) {
        fault_add(a->faults, "signature", why);
        return RFD_OK;
    }
    applicant->approved = signed_data;
    applicant->attempt++;
    TRY(holding_used(a->t, certificate, "approval", a->request.code, error));
    return applicant_put_row(a->t, applicant, error);
}

/** The same form once more. */
static bool is_again(const struct request *r, const struct request_approval *approvals, size_t count)
{
    if (r->state != REQUEST_APPROVED && r->state != REQUEST_ISSUED) return false;
    for (size_t i = 0; i < count; i++) {
        const struct applicant *a = request_applicant(r, approvals[i].applicant);
        if (a == NULL || !slice_equal(a->approved, approvals[i].signed_data)) return false;
    }
    return count > 0;
}

static rfd_status approve_all(struct approving *a, const struct request_approval *approvals, size_t count,
                              struct rfd_error *error)
{
    const char *missing = NULL;
    size_t waiting = 0;
    TRY(request_missing(a->t, &a->request, &missing, error));
    if (missing != NULL) fault_add(a->faults, "", missing);
    TRY(registration_invalid(a->faults, error));
    for (size_t i = 0; i < a->request.applicant_count; i++) {
        struct applicant *applicant = &a->request.applicants[i];
        if (!waits(&a->request, applicant)) continue;
        waiting++;
        TRY(approve_one(a, applicant, find_approval(approvals, count, applicant->id), error));
    }
    if (waiting == 0) fault_add(a->faults, "signature", N_("Nobody of this request waits for a certificate"));
    return registration_invalid(a->faults, error);
}

rfd_status request_approve(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id,
                           const struct request_approval *approvals, size_t count, struct faults *faults,
                           struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct approving a = {
        .t = t, .actor = actor, .settings = settings, .now = clock_now(), .faults = faults == NULL ? &own : faults};
    const struct request_step step = {.event = REQUEST_EVENT_APPROVE, .actor = actor, .is_public = true};
    TRY(request_of_taker(t, actor, id, &a.request, error));
    TRY(request_not_own(actor, &a.request, error));
    if (is_again(&a.request, approvals, count)) return RFD_OK;
    if (!request_may(a.request.way, REQUEST_EVENT_APPROVE, a.request.state))
        return error_set(error, RFD_E_STATE, "%.*s is \"%s\"", (int)a.request.code.length,
                         (const char *)a.request.code.data, request_state_name(a.request.state));
    TRY(approve_all(&a, approvals, count, error));
    TRY(request_step(t, &a.request, &step, error));
    if (a.request.way != WAY_AGENCY) return RFD_OK;
    return request_tell(t, "request-step", &a.request, REQUEST_EVENT_APPROVE, SLICE_EMPTY, error);
}
