/* SPDX-License-Identifier: EUPL-1.2
 *
 * The agent's approval: the text of keeper/approval.h, made here of what is stored, and the signature of exactly that
 * text. The keeper looks at it once more, and at whether the signer is registered with it.
 *
 * Whoever writes keeps all others from writing, and a signature takes longer to look at than the rows to write. So,
 * where somebody waits, it is looked at before (request_approve_checked()), in a transaction that reads; the one that
 * writes sees that request, applicants and the signer's certificate are still the same.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/access/person_signature.h"
#include "domain/registration/columns.h"
#include "domain/registration/subject.h"
#include "pki/certificate/certificate.h"

enum { FRESH_SECONDS = 15 * 60, EARLY_SECONDS = 60, SEEN_SIZE = 32, SEEN_MAXIMUM = 4 << 20 };

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

rfd_status registration_hash_authority(slice der, uint8_t hash[REGISTRATION_HASH_SIZE], struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    TRY(certificate_parse(der, &certificate, error));
    rfd_status status = digest_of(DIGEST_SHA256, certificate->spki, hash, error);
    certificate_unref(certificate);
    return status;
}

rfd_status registration_find_issuer(struct transaction *t, const struct registration_settings *settings,
                                    struct registration_issuer *out, struct rfd_error *error)
{
    struct authority authority;
    struct registration_issuer found = {.id = 0};
    TRY(registration_authority(t, settings, &authority, error));
    if (authority.key.length >= sizeof found.key) return error_set(error, RFD_E_LIMIT, "the name of a key");
    TRY(registration_hash_authority(authority.certificate, found.hash, error));
    found.id = authority.id;
    memcpy(found.key, authority.key.data, authority.key.length);
    *out = found;
    return RFD_OK;
}

static rfd_status write_text(struct transaction *t, const struct registration_settings *settings,
                             const struct registration_issuer *issuer, const struct request *request,
                             const struct applicant *applicant, rfd_time now, struct buf *text, struct rfd_error *error)
{
    struct approval approval = {.profile = applicant->profile, .central = applicant->central};
    const struct pack_profile *profile = packs_profile(settings->packs, applicant->profile);
    const char *why;
    TRY(applicant_subject(t, settings->packs, request, applicant, &approval, &why, error));
    if (why == NULL && !applicant->central && applicant->spki.length == 0)
        why = N_("The applicant has not made the key yet");
    if (why != NULL) return error_set(error, RFD_E_INVALID, "%s", why);
    memcpy(approval.authority, issuer->hash, sizeof approval.authority);
    if (!applicant->central) TRY(digest_of(DIGEST_SHA256, applicant->spki, approval.key, error));
    approval.request = applicant_approval_number(request, applicant, applicant->attempt + 1, store_arena(t));
    if (approval.request.data == NULL) return arena_failed(store_arena(t), error);
    if (profile->profile.mail_allowed && applicant->mail.length > 0)
        approval.mails[approval.mail_count++] = applicant->mail;
    if (applicant->central) approval.mobile = applicant->mobile; /* which gets the codes */
    approval.time = now / RFD_SECOND * RFD_SECOND;
    return approval_write(&approval, text, error);
}

rfd_status request_approval_text(struct transaction *t, const struct registration_settings *settings,
                                 const struct request *request, const struct applicant *applicant, rfd_time now,
                                 struct buf *text, struct rfd_error *error)
{
    struct registration_issuer issuer;
    TRY(registration_find_issuer(t, settings, &issuer, error));
    return write_text(t, settings, &issuer, request, applicant, now, text, error);
}

/* ---- The signature ---- */

/** What is being approved. */
struct approving {
    struct transaction *t;
    const struct actor *actor;
    const struct registration_settings *settings;
    struct request request;
    struct registration_issuer issuer;
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
    status = write_text(a->t, a->settings, &a->issuer, &a->request, applicant, approval.time, &expected, error);
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

/** Whose an approval is. */
static const struct applicant *approved_one(const struct request *r, const struct request_approval *approval)
{
    bool only = approval->applicant == 0 && r->way == WAY_ONLINE && r->applicant_count == 1;
    return only ? &r->applicants[0] : request_applicant(r, approval->applicant);
}

static const struct request_approval *find_approval(const struct request *r, const struct request_approval *approvals,
                                                    size_t count, const struct applicant *applicant)
{
    for (size_t i = 0; i < count; i++) {
        if (approved_one(r, &approvals[i]) == applicant) return &approvals[i];
    }
    return NULL;
}

static rfd_status check_one(const struct approving *a, const struct applicant *applicant,
                            const struct request_approval *approval, int64_t *certificate, struct rfd_error *error)
{
    const char *why = NULL;
    slice signed_data = approval == NULL ? SLICE_EMPTY : approval->signed_data;
    TRY(check_approval(a, applicant, signed_data, certificate, &why, error));
    if (why == NULL && !applicant->central) {
        slice subject_id = applicant_subject_id(a->settings->packs, applicant, store_arena(a->t));
        TRY(request_key_free(a->t, applicant->spki, subject_id, &why, error));
    }
    if (why != NULL) fault_add(a->faults, "signature", why);
    return RFD_OK;
}

/** The same form once more. */
static bool is_again(const struct request *r, const struct request_approval *approvals, size_t count)
{
    if (r->state != REQUEST_APPROVED && r->state != REQUEST_ISSUED) return false;
    for (size_t i = 0; i < count; i++) {
        const struct applicant *a = approved_one(r, &approvals[i]);
        if (a == NULL || !slice_equal(a->approved, approvals[i].signed_data)) return false;
    }
    return count > 0;
}

static rfd_status check_missing(const struct approving *a, struct rfd_error *error)
{
    const char *missing = NULL;
    TRY(request_missing(a->t, &a->request, &missing, error));
    if (missing != NULL) fault_add(a->faults, "", missing);
    return faults_end(a->faults, error);
}

/** Who signed, of each approval that is wanted (0 of others), is `signers`. */
static rfd_status check_all(struct approving *a, const struct request_approval *approvals, size_t count,
                            int64_t *signers, struct rfd_error *error)
{
    size_t waiting = 0;
    TRY(check_missing(a, error));
    TRY(registration_find_issuer(a->t, a->settings, &a->issuer, error));
    for (size_t i = 0; i < a->request.applicant_count; i++) {
        const struct applicant *applicant = &a->request.applicants[i];
        if (!waits(&a->request, applicant)) continue;
        const struct request_approval *approval = find_approval(&a->request, approvals, count, applicant);
        int64_t ignored = 0;
        waiting++;
        TRY(check_one(a, applicant, approval, approval == NULL ? &ignored : &signers[approval - approvals], error));
    }
    if (waiting == 0) fault_add(a->faults, "signature", N_("Nobody of this request waits for a certificate"));
    return faults_end(a->faults, error);
}

/* ---- Finding it ---- */

/** The actor's request, when it waits for this; `again`: it was approved by this very form. */
static rfd_status find_request(struct approving *a, int64_t id, const struct request_approval *approvals, size_t count,
                               bool *again, struct rfd_error *error)
{
    const struct request *r = &a->request;
    TRY(request_of_taker(a->t, a->actor, id, &a->request, error));
    TRY(request_not_own(a->actor, r, error));
    *again = is_again(r, approvals, count);
    if (*again || request_may(r->way, REQUEST_EVENT_APPROVE, r->state)) return RFD_OK;
    return error_set(error, RFD_E_STATE, "%.*s is \"%s\"", (int)r->code.length, (const char *)r->code.data,
                     request_state_name(r->state));
}

/* ---- Writing ---- */

static rfd_status put_one(const struct approving *a, struct applicant *applicant,
                          const struct request_approval *approval, int64_t signer, struct rfd_error *error)
{
    applicant->approved = approval->signed_data;
    applicant->attempt++;
    TRY(holding_used(a->t, signer, "approval", a->request.code, error));
    if (applicant->central)
        TRY(request_central_enrol(a->t, a->actor, &a->request, applicant, approval->signed_data, error));
    return applicant_put_approval(a->t, applicant, error);
}

static rfd_status put_all(struct approving *a, const struct request_approval *approvals, size_t count,
                          const int64_t *signers, struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_APPROVE, .actor = a->actor, .is_public = true};
    for (size_t i = 0; i < a->request.applicant_count; i++) {
        struct applicant *applicant = &a->request.applicants[i];
        const struct request_approval *approval = find_approval(&a->request, approvals, count, applicant);
        if (!waits(&a->request, applicant)) continue;
        TRY(put_one(a, applicant, approval, signers[approval - approvals], error));
    }
    TRY(request_step(a->t, &a->request, &step, error));
    if (a->request.way != WAY_AGENCY) return RFD_OK;
    return request_tell(a->t, "request-step", &a->request, REQUEST_EVENT_APPROVE, SLICE_EMPTY, error);
}

static rfd_status check_and_put(struct approving *a, const struct request_approval *approvals, size_t count,
                                struct rfd_error *error)
{
    int64_t *signers = arena_zeroed(store_arena(a->t), count + 1, sizeof *signers);
    if (signers == NULL) return arena_failed(store_arena(a->t), error);
    TRY(check_all(a, approvals, count, signers, error));
    return put_all(a, approvals, count, signers, error);
}

rfd_status request_approve(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id,
                           const struct request_approval *approvals, size_t count, struct faults *faults,
                           struct rfd_error *error)
{
    struct faults own = {.count = 0};
    bool again = false;
    struct approving a = {
        .t = t, .actor = actor, .settings = settings, .now = clock_now(), .faults = faults == NULL ? &own : faults};
    TRY(find_request(&a, id, approvals, count, &again, error));
    return again ? RFD_OK : check_and_put(&a, approvals, count, error);
}

/* ---- In two transactions ---- */

/** What is approved, and what was found out about it. */
struct checked {
    const struct actor *actor;
    const struct registration_settings *settings;
    int64_t id;
    const struct request_approval *approvals;
    size_t count;
    struct faults *faults;
    uint8_t seen[SEEN_SIZE]; /* of request and applicants, as they were looked at */
    struct registration_issuer issuer;
    int64_t *signers;
    bool again;
    request_approved *approved;
    void *context;
};

static struct approving approving_of(struct transaction *t, const struct checked *c)
{
    c->faults->count = 0;
    return (struct approving){
        .t = t, .actor = c->actor, .settings = c->settings, .now = clock_now(), .faults = c->faults};
}

static rfd_status hash_request(const struct request *r, uint8_t hash[SEEN_SIZE], struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, SEEN_MAXIMUM);
    columns_put(&request_columns, r, &b);
    for (size_t i = 0; i < r->applicant_count; i++) columns_put(&applicant_columns, &r->applicants[i], &b);
    rfd_status status = buf_check(&b, "request", error);
    if (status == RFD_OK) status = digest_of(DIGEST_SHA256, buf_slice(&b), hash, error);
    buf_dispose(&b);
    return status;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct checked *c = context;
    struct approving a = approving_of(t, c);
    TRY(find_request(&a, c->id, c->approvals, c->count, &c->again, error));
    if (c->again) return RFD_OK;
    TRY(check_all(&a, c->approvals, c->count, c->signers, error));
    c->issuer = a.issuer;
    return hash_request(&a.request, c->seen, error);
}

/** Whether the certificates that signed are in force, as they were a moment ago. */
static rfd_status still_sign(struct transaction *t, const struct checked *c, bool *out, struct rfd_error *error)
{
    *out = true;
    for (size_t i = 0; i < c->count && *out; i++) {
        const struct store_value values[] = {store_integer(c->signers[i]), store_integer(CERTIFICATE_VALID)};
        struct store_rows rows;
        if (c->signers[i] == 0 || (i > 0 && c->signers[i] == c->signers[i - 1])) continue;
        TRY(store_run(t,
                      "SELECT 1 FROM certificate c JOIN certificate_status s ON s.serial = c.serial AND "
                      "s.authority = c.authority WHERE c.id = $1 AND s.state = $2",
                      values, 2, &rows, error));
        *out = rows.count == 1;
    }
    return RFD_OK;
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct checked *c = context;
    struct approving a = approving_of(t, c);
    uint8_t seen[SEEN_SIZE];
    bool signs = false;
    TRY(find_request(&a, c->id, c->approvals, c->count, &c->again, error));
    if (c->again) return RFD_OK;
    TRY(hash_request(&a.request, seen, error));
    TRY(still_sign(t, c, &signs, error));
    if (signs && memcmp(seen, c->seen, sizeof seen) == 0) {
        TRY(check_missing(&a, error));
        TRY(put_all(&a, c->approvals, c->count, c->signers, error));
    } else {
        TRY(check_and_put(&a, c->approvals, c->count, error));
        c->issuer = a.issuer;
    }
    return c->approved == NULL ? RFD_OK : c->approved(&a.request, &c->issuer, c->context, error);
}

rfd_status request_approve_checked(struct store *store, const struct actor *actor,
                                   const struct registration_settings *settings, int64_t id,
                                   const struct request_approval *approvals, size_t count, request_approved *approved,
                                   void *context, struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    int64_t signers[APPLICANTS_MAXIMUM] = {0};
    struct checked c = {.actor = actor,
                        .settings = settings,
                        .id = id,
                        .approvals = approvals,
                        .count = count,
                        .faults = faults == NULL ? &own : faults,
                        .signers = signers,
                        .approved = approved,
                        .context = context};
    if (count > APPLICANTS_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%zu approvals", count);
    TRY(store_read(store, look, &c, error));
    return c.again ? RFD_OK : store_write(store, put, &c, error);
}
