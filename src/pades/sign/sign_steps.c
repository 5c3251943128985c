/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/sign_steps.h"

#include "base/error.h"
#include "pades/active_content.h"
#include "pades/sign/precheck.h"
#include "pades/sign/refuse.h"
#include "pades/sign/seed_values.h"
#include "pades/sign/timestamp_document.h"
#include "pades/sign/validation_data.h"
#include "pades/sign/visible.h"
#include "pki/cms/timestamp.h"

static void report_active_content(struct sign_run *run)
{
    const char *found[ACTIVE_CONTENT_MAXIMUM];
    size_t count = active_content_find(&run->view, found);
    if (count == 0) report_sign_check(run->report, "active-content", RFD_CHECK_PASSED, RFD_OK, NULL);
    for (size_t i = 0; i < count; i++)
        report_sign_check(run->report, "active-content", RFD_CHECK_WARNING, RFD_OK, "%s", found[i]);
}

static rfd_status step_document(struct sign_run *run, struct rfd_error *error)
{
    TRY(sign_run_document(run, error));
    TRY(refuse_document(&run->view, error));
    if (run->report != NULL) report_active_content(run);
    return RFD_OK;
}

static rfd_status step_field(struct sign_run *run, struct rfd_error *error)
{
    TRY(placement_choose(&run->place, &run->arena, run->options.field, "Signature", error));
    run->field = run->place.name;
    report_sign_field(run->report, run->field);
    if (run->place.field == NULL) return RFD_OK;
    return seed_values_apply(&run->view, run->place.field->dictionary, key_chain(run->options.key), &run->options,
                             error);
}

static rfd_status step_refuse(struct sign_run *run, struct rfd_error *error)
{
    TRY(refuse_signature(&run->view, &run->place, run->options.certify, error));
    if (run->options.level >= RFD_LEVEL_B_T && run->options.tsa_url == NULL)
        return error_set(error, RFD_E_TSA_MISSING, NULL);
    return RFD_OK;
}

static rfd_status step_check(struct sign_run *run, struct rfd_error *error)
{
    TRY(precheck_signer(&run->options, run->options.key, run->now, run->report, &run->algorithm, &run->path, error));
    run->digest = run->algorithm.digest;
    run->keep_original = run->options.level > RFD_LEVEL_B_B;
    if (run->report != NULL)
        report_sign_signer(run->report, rfd_key_subject(run->options.key), signature_algorithm_name(&run->algorithm));
    return RFD_OK;
}

struct cms_attributes sign_steps_attributes(const struct sign_run *run, slice digest)
{
    bool approval = run->options.commitment == RFD_COMMITMENT_APPROVAL;
    return (struct cms_attributes){.digest = digest,
                                   .algorithm = run->algorithm,
                                   .signer = key_certificate(run->options.key),
                                   .commitment = approval ? CMS_COMMITMENT_APPROVAL : CMS_COMMITMENT_NONE,
                                   .signing_time = RFD_TIME_NONE};
}

rfd_status sign_steps_certificates(const struct sign_run *run, struct certificate_list *own,
                                   const struct certificate_list **out, struct rfd_error *error)
{
    *out = key_chain(run->options.key);
    if (run->path.count < 2) return RFD_OK;
    for (size_t i = 0; i < run->path.count; i++) TRY(certificate_list_add(own, run->path.certificates[i], error));
    *out = own;
    return RFD_OK;
}

rfd_status sign_steps_reserve(const struct sign_run *run, const struct certificate_list *certificates, size_t token,
                              size_t *out, struct rfd_error *error)
{
    static const uint8_t zeros[DIGEST_SIZE_MAXIMUM];
    struct cms_attributes attributes = sign_steps_attributes(run, slice_of(zeros, digest_size(run->digest)));
    struct cms_signed content = {
        .algorithm = run->algorithm, .signer = attributes.signer, .certificates = certificates};
    struct buf b;
    buf_init(&b, SIGN_CMS_MAXIMUM);
    cms_put_signed_attributes(&b, &attributes);
    rfd_status status = buf_check(&b, "signed attributes", error);
    if (status == RFD_OK) *out = cms_size_bound(&content, b.length, token);
    buf_dispose(&b);
    return status;
}

rfd_status sign_steps_dictionary(struct sign_run *run, size_t reserve, struct pdf_field_lock *lock,
                                 struct signature_dictionary *out, struct rfd_error *error)
{
    struct pdf_field_lock own = {.action = PDF_LOCK_NONE};
    if (run->place.field != NULL) {
        const struct pdf_value *value = pdf_get(&run->view, run->place.field->dictionary, "Lock");
        TRY(pdf_field_lock(&run->view, value, &own, error));
    }
    TRY(lock_merge(&run->arena, &own, &run->options, lock, error));
    bool with_reason = run->options.commitment == RFD_COMMITMENT_NONE; /* EN 319 142-1 §6.3 */
    *out = (struct signature_dictionary){.time = run->options.time,
                                         .reason = with_reason ? run->options.reason : NULL,
                                         .location = run->options.location,
                                         .contact = run->options.contact,
                                         .name = run->options.name,
                                         .certification = run->options.certify,
                                         .lock = lock,
                                         .reserve = reserve};
    return RFD_OK;
}

/** Whether the service's certificate leads to an anchor; like the signer's, asked only when it can be answered. */
static rfd_status check_service(struct sign_run *run, const struct timestamp *t, struct rfd_error *error)
{
    struct path path = {0};
    if (run->options.trust == NULL || t->cms.signer == NULL) return RFD_OK;
    TRY(path_build(run->options.trust, t->cms.signer, &t->cms.certificates, PATH_TSA, run->now, &path, error));
    rfd_status status = RFD_OK;
    bool trusted = path.fault == PATH_FAULT_NONE;
    bool stop = !trusted && run->options.require_trust;
    enum rfd_check_result result = trusted ? RFD_CHECK_PASSED : stop ? RFD_CHECK_FAILED : RFD_CHECK_WARNING;
    report_sign_check(run->report, "timestamp", result, trusted ? RFD_OK : RFD_E_CERTIFICATE_UNTRUSTED, "%s%s%s",
                      path_fault_text(path.fault), path.detail[0] == '\0' ? "" : ": ", path.detail);
    if (stop)
        status =
            error_set(error, RFD_E_CERTIFICATE_UNTRUSTED, "the time-stamp service: %s", path_fault_text(path.fault));
    path_dispose(&path);
    return status;
}

rfd_status sign_steps_timestamp_digest(struct sign_run *run, slice digest, struct buf *token, struct rfd_error *error)
{
    struct timestamp t;
    size_t from = token->length;
    TRY(timestamp_fetch(run->options.fetcher, run->options.tsa_url, run->digest, digest, token, error));
    slice bytes = slice_from(buf_slice(token), from);
    TRY(timestamp_parse(bytes, &t, error));
    run->proven = t.time;
    rfd_status status = check_service(run, &t, error);
    timestamp_dispose(&t);
    if (bytes.length > run->token_size) run->token_size = bytes.length;
    report_sign_timestamp(run->report, run->proven);
    return status;
}

rfd_status sign_steps_timestamp(struct sign_run *run, slice message, struct buf *token, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(run->digest, message, digest, error));
    return sign_steps_timestamp_digest(run, slice_of(digest, digest_size(run->digest)), token, error);
}

struct attempt {
    struct signature_hole hole;
    struct buf attributes, signature, token, cms;
};

static void attempt_init(struct attempt *a)
{
    buf_init(&a->attributes, SIGN_CMS_MAXIMUM);
    buf_init(&a->signature, SIGN_CMS_MAXIMUM);
    buf_init(&a->token, SIGN_CMS_MAXIMUM);
    buf_init(&a->cms, SIGN_CMS_MAXIMUM);
}

static void attempt_dispose(struct attempt *a)
{
    buf_dispose(&a->attributes);
    buf_dispose(&a->signature);
    buf_dispose(&a->token);
    buf_dispose(&a->cms);
}

/** One signature over the update with `reserve` bytes; a->cms may turn out longer than that. */
static rfd_status attempt_sign(struct sign_run *run, const struct certificate_list *certificates, size_t reserve,
                               struct attempt *a, struct rfd_error *error)
{
    struct pdf_field_lock lock;
    struct signature_dictionary dictionary;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(sign_steps_dictionary(run, reserve, &lock, &dictionary, error));
    TRY(sign_run_update(run, &dictionary, &a->hole, error));
    TRY(sign_run_digest(run, &a->hole, digest, error));
    struct cms_attributes attributes = sign_steps_attributes(run, slice_of(digest, digest_size(run->digest)));
    cms_put_signed_attributes(&a->attributes, &attributes);
    TRY(buf_check(&a->attributes, "signed attributes", error));
    TRY(key_sign(run->options.key, &run->algorithm, buf_slice(&a->attributes), &a->signature, error));
    if (run->options.level >= RFD_LEVEL_B_T) TRY(sign_steps_timestamp(run, buf_slice(&a->signature), &a->token, error));
    struct cms_signed content = {.signed_attributes = buf_slice(&a->attributes),
                                 .signature = buf_slice(&a->signature),
                                 .algorithm = run->algorithm,
                                 .signer = attributes.signer,
                                 .certificates = certificates,
                                 .timestamp_token = buf_slice(&a->token)};
    cms_put_signed_data(&a->cms, &content);
    return buf_check(&a->cms, "CMS", error);
}

static rfd_status step_sign(struct sign_run *run, struct rfd_error *error)
{
    struct certificate_list own = {0};
    const struct certificate_list *certificates;
    size_t reserve = 0, token = run->options.level >= RFD_LEVEL_B_T ? SIGN_TOKEN_GUESS : 0;
    rfd_status status = RFD_OK;
    bool fits = false;
    TRY_OUT(sign_steps_certificates(run, &own, &certificates, error));
    for (int i = 0; i < SIGN_ATTEMPTS && !fits; i++) {
        struct attempt a;
        TRY_OUT(sign_steps_reserve(run, certificates, token, &reserve, error));
        attempt_init(&a);
        status = attempt_sign(run, certificates, reserve, &a, error);
        if (status == RFD_OK) fits = sign_run_fill(run, &a.hole, buf_slice(&a.cms));
        attempt_dispose(&a);
        if (status != RFD_OK) goto out;
        token = run->token_size + SIGN_TOKEN_SLACK;
    }
    if (!fits) status = error_set(error, RFD_E_CMS_SPACE, "%zu bytes", reserve);
    report_sign_time(run->report, run->options.time);
    report_sign_level(run->report, run->options.level >= RFD_LEVEL_B_T ? RFD_LEVEL_B_T : RFD_LEVEL_B_B);
out:
    certificate_list_dispose(&own);
    return status;
}

static rfd_status step_validation_data(struct sign_run *run, struct rfd_error *error)
{
    if (run->options.level < RFD_LEVEL_B_LT) return RFD_OK;
    TRY(sign_run_absorb(run, error));
    TRY(validation_data_add(run, run->field, error));
    report_sign_level(run->report, RFD_LEVEL_B_LT);
    return RFD_OK;
}

static rfd_status step_archive(struct sign_run *run, struct rfd_error *error)
{
    if (run->options.level < RFD_LEVEL_B_LTA) return RFD_OK;
    TRY(sign_run_absorb(run, error));
    TRY(timestamp_document_add(run, NULL, error));
    report_sign_level(run->report, RFD_LEVEL_B_LTA);
    return RFD_OK;
}

struct sign_step {
    const char *name; /* for the report, when the step stops the signing */
    sign_run_work *run;
};
static const struct sign_step preparation[] = {{"document", step_document},
                                               {"field", step_field},
                                               {"permission", step_refuse},
                                               {"stamp", visible_choose},
                                               {"checks", step_check}};
static const struct sign_step signature[] = {{"signature", step_sign}};
static const struct sign_step level[] = {{"validation-data", step_validation_data},
                                         {"archive-timestamp", step_archive}};

static rfd_status run_steps(struct sign_run *run, const struct sign_step *steps, size_t count, struct rfd_error *error)
{
    struct rfd_error failure;
    for (size_t i = 0; i < count; i++) {
        rfd_status status = steps[i].run(run, &failure);
        if (status == RFD_OK) continue;
        report_sign_check(run->report, steps[i].name, RFD_CHECK_FAILED, status, "%s", failure.detail);
        if (error != NULL) *error = failure;
        return status;
    }
    return RFD_OK;
}
#define RUN_STEPS(run, steps, error) run_steps(run, steps, sizeof(steps) / sizeof((steps)[0]), error)

rfd_status sign_steps_prepare(struct sign_run *run, struct rfd_error *error)
{
    return RUN_STEPS(run, preparation, error);
}

rfd_status sign_steps_level(struct sign_run *run, struct rfd_error *error)
{
    return RUN_STEPS(run, level, error);
}

rfd_status sign_steps_all(struct sign_run *run, struct rfd_error *error)
{
    if (run->options.key == NULL) return error_set(error, RFD_E_ARGUMENT, "no key");
    TRY(sign_steps_prepare(run, error));
    TRY(RUN_STEPS(run, signature, error));
    return sign_steps_level(run, error);
}
