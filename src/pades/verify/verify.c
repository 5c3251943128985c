/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verification of a document: finds its signatures, lets each go through the steps of validate.h, and keeps the result.
 *
 * The file is read strictly: two readers must not see two documents in it. A file that only a tolerant reader can read
 * and that shows signatures is not called unreadable but rejected by name: each signature is TOTAL-FAILED.
 */
#include "pades/verify/validate.h"

#include "pades/active_content.h"
#include "pades/verify/verify_beginning.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#define ARENA_MAXIMUM ((size_t)512 << 20)
/* The end of the year 9999, the last that certificates can name (RFC 5280 §4.1.2.5); as far the other way. Periods are
 * added to times all over the place. */
#define TIME_MAXIMUM (INT64_C(253402300799) * RFD_SECOND)

struct rfd_verification {
    struct arena arena;
    struct rfd_signature_report *signatures;
    size_t count;
    size_t revision_count;
    rfd_time time;
    struct findings findings;
};

/* --- The steps --------------------------------------------------------------------------------------------------- */

typedef rfd_status step(struct validation *v, struct signature_state *s, struct rfd_error *error);

/* A step that cannot read its signature fails that signature and not the document. */
static rfd_status take_step(struct validation *v, struct signature_state *s, step *what, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    rfd_status status = what(v, s, &why);
    if (status == RFD_OK) return RFD_OK;
    if (validate_is_fatal(status)) {
        if (error != NULL) *error = why;
        return status;
    }
    findings_add(&s->findings, RFD_FINDING_CHANGE_UNREADABLE, "%s", why.detail);
    return RFD_OK;
}

static rfd_status each(struct validation *v, step *what, struct rfd_error *error)
{
    for (size_t i = 0; i < v->count; i++) TRY(take_step(v, &v->signatures[i], what, error));
    return RFD_OK;
}

static rfd_status time_and_signer(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    if (s->format == FORMAT_TIMESTAMP) return RFD_OK;
    TRY(validate_signature_timestamps(v, s, error));
    return validate_signer(v, s, error);
}

static rfd_status check_together(struct validation *v, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    const struct pdf_signature **signatures = memory_zeroed(v->count + 1, sizeof *signatures);
    struct findings **findings = memory_zeroed(v->count + 1, sizeof *findings);
    if (signatures == NULL || findings == NULL) {
        status = error_memory(error);
        goto out;
    }
    for (size_t i = 0; i < v->count; i++) {
        signatures[i] = &v->signatures[i].dictionary;
        findings[i] = &v->signatures[i].findings;
    }
    TRY_OUT(coverage_check_together(signatures, findings, v->count, error));
out:
    memory_free((void *)signatures);
    memory_free((void *)findings);
    return status;
}

static rfd_status go_through_steps(struct validation *v, struct rfd_error *error)
{
    TRY(validate_find(v, error));
    if (v->count == 0) return RFD_OK;
    TRY(ranges_new(pdf_source(v->doc), &v->ranges, error));
    TRY(difference_open(v->doc, &v->difference, error));
    TRY(each(v, validate_format, error));
    TRY(check_together(v, error));
    TRY(ranges_run(v->ranges, error));
    TRY(each(v, validate_gather, error));
    TRY(validate_store(v, error));
    TRY(each(v, validate_cryptography, error));
    TRY(each(v, validate_changes, error));
    TRY(validate_document_timestamps(v, error));
    TRY(each(v, time_and_signer, error));
    for (size_t i = 0; i < v->count; i++) {
        validate_level(v, &v->signatures[i]);
        TRY(validate_conclude(v, &v->signatures[i], error));
    }
    return RFD_OK;
}

static void dispose(struct validation *v)
{
    for (size_t i = 0; i < v->count; i++) timestamp_dispose(&v->signatures[i].token);
    memory_free(v->signatures);
    ranges_free(v->ranges);
    difference_close(v->difference);
    revocation_store_dispose(&v->evidence);
    poe_dispose(&v->poe);
    certificate_list_dispose(&v->certificates);
}

/* --- The document ------------------------------------------------------------------------------------------------ */

static void note_document(struct validation *v, struct findings *findings)
{
    const char *active[ACTIVE_CONTENT_MAXIMUM];
    size_t count = active_content_find(&v->latest, active);
    for (size_t i = 0; i < count; i++) findings_add(findings, RFD_FINDING_ACTIVE_CONTENT, "%s", active[i]);
    for (int i = 0; i < PDF_ANOMALY_COUNT; i++) {
        if (!pdf_has_anomaly(v->doc, (enum pdf_anomaly)i)) continue;
        findings_add(findings, RFD_FINDING_DOCUMENT_ANOMALY, "%s", pdf_anomaly_text((enum pdf_anomaly)i));
    }
}

static rfd_status keep(const struct validation *v, struct rfd_verification *out, struct rfd_error *error)
{
    out->signatures = arena_zeroed(v->arena, v->count == 0 ? 1 : v->count, sizeof *out->signatures);
    if (out->signatures == NULL) return arena_failed(v->arena, error);
    for (size_t i = 0; i < v->count; i++) out->signatures[i] = v->signatures[i].report;
    out->count = v->count;
    out->revision_count = pdf_revision_count(v->doc);
    if (out->findings.status != RFD_OK) return error_set(error, out->findings.status, "findings of the document");
    return RFD_OK;
}

struct reading {
    struct source *source;
    const struct rfd_verify_options *options;
    const struct rfd_trust *trust;
    const char *damage; /* NULL: read strictly */
    bool beginning;     /* the source is only the beginning of the file */
};

static rfd_status read_document(const struct reading *r, struct rfd_verification *out, struct rfd_error *error)
{
    struct pdf_options how = {.strict = r->damage == NULL, .password = r->options->document_password};
    struct validation v = {.arena = &out->arena,
                           .trust = r->trust,
                           .fetcher = r->options->fetcher,
                           .offline = r->options->offline,
                           .at = out->time,
                           .damage = r->damage,
                           .beginning = r->beginning};
    rfd_status status;
    findings_init(&out->findings, &out->arena);
    TRY(pdf_open(r->source, &how, &v.doc, error));
    v.latest = pdf_latest(v.doc);
    TRY_OUT(go_through_steps(&v, error));
    note_document(&v, &out->findings);
    TRY_OUT(keep(&v, out, error));
out:
    dispose(&v);
    pdf_close(v.doc);
    return status;
}

/* A signed document that the file begins with, when the whole shows no signatures; `found` tells whether there is one.
 */
static rfd_status read_beginning(const struct reading *whole, struct rfd_verification *out, bool *found,
                                 struct rfd_error *error)
{
    struct verify_beginning beginning;
    slice bytes;
    struct reading r = *whole;
    *found = false;
    TRY(verify_beginning_find(whole->source, whole->options->document_password, &beginning, error));
    if (beginning.length == 0 && beginning.signature_behind && r.damage == NULL)
        return error_set(error, RFD_E_PDF_DAMAGED, "behind the last revision stands the beginning of a signed one");
    if (beginning.length == 0) return RFD_OK;
    *found = true;
    TRY(source_view(whole->source, 0, beginning.length, &bytes, error));
    TRY(source_open_memory(bytes, &r.source, error));
    r.beginning = true;
    if (r.damage == NULL) r.damage = "the file no longer leads to what was signed";
    rfd_status status = read_document(&r, out, error);
    source_close(r.source);
    return status;
}

/* Strictly, and when that fails for damage, tolerantly; then, as long as there are no signatures, only the beginning:
 * the second and third times only to name the signatures that a viewer might show. */
static rfd_status read_as_far_as_possible(struct reading *r, struct rfd_verification *out, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    bool found = false;
    rfd_status status = read_document(r, out, &why);
    if (status == RFD_OK && out->count > 0) return RFD_OK;
    if (status != RFD_OK) {
        r->damage = arena_text(&out->arena, slice_text(why.detail));
        if (r->damage == NULL) return arena_failed(&out->arena, error);
    }
    if (status == RFD_E_PDF_DAMAGED && read_document(r, out, NULL) == RFD_OK && out->count > 0) return RFD_OK;
    if (!validate_is_fatal(status)) {
        rfd_status again = read_beginning(r, out, &found, error);
        if (found || again != RFD_OK) return again;
    }
    if (status != RFD_OK && error != NULL) *error = why;
    return status;
}

static rfd_status verify(struct source *source, const struct rfd_verify_options *options, struct rfd_verification **out,
                         struct rfd_error *error)
{
    struct rfd_verify_options all = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_trust *nobody = NULL;
    rfd_status status;
    if (options != NULL && options->size > sizeof all)
        return error_set(error, RFD_E_ARGUMENT, "options of a later version");
    if (options != NULL) memcpy(&all, options, options->size);
    if (all.at != RFD_TIME_NONE && (all.at > TIME_MAXIMUM || all.at < -TIME_MAXIMUM))
        return error_set(error, RFD_E_ARGUMENT, "a time of validation beyond the year 9999");
    struct rfd_verification *v = memory_zeroed(1, sizeof *v);
    if (v == NULL) return error_memory(error);
    arena_init(&v->arena, ARENA_MAXIMUM);
    v->time = all.at == RFD_TIME_NONE ? clock_now() : all.at;
    if (all.trust == NULL) TRY_OUT(rfd_trust_new(&nobody, error));
    struct reading reading = {.source = source, .options = &all, .trust = all.trust == NULL ? nobody : all.trust};
    TRY_OUT(read_as_far_as_possible(&reading, v, error));
    *out = v;
    v = NULL;
out:
    rfd_trust_free(nobody);
    rfd_verification_free(v);
    return status;
}

rfd_status rfd_verify_file(const char *path, const struct rfd_verify_options *options, struct rfd_verification **out,
                           struct rfd_error *error)
{
    struct source *source;
    TRY(source_open_file(path, &source, error));
    rfd_status status = verify(source, options, out, error);
    source_close(source);
    return status;
}

rfd_status rfd_verify_memory(rfd_slice bytes, const struct rfd_verify_options *options, struct rfd_verification **out,
                             struct rfd_error *error)
{
    struct source *source;
    TRY(source_open_memory(bytes, &source, error));
    rfd_status status = verify(source, options, out, error);
    source_close(source);
    return status;
}

/* --- The result -------------------------------------------------------------------------------------------------- */

size_t rfd_verification_count(const struct rfd_verification *v)
{
    return v->count;
}

const struct rfd_signature_report *rfd_verification_signature(const struct rfd_verification *v, size_t index)
{
    return index < v->count ? &v->signatures[index] : NULL;
}

size_t rfd_verification_revision_count(const struct rfd_verification *v)
{
    return v->revision_count;
}

rfd_time rfd_verification_time(const struct rfd_verification *v)
{
    return v->time;
}

size_t rfd_verification_finding_count(const struct rfd_verification *v)
{
    return v->findings.count;
}

const struct rfd_finding *rfd_verification_finding(const struct rfd_verification *v, size_t index)
{
    return index < v->findings.count ? &v->findings.items[index] : NULL;
}

enum rfd_indication rfd_verification_indication(const struct rfd_verification *v)
{
    enum rfd_indication worst = v->count == 0 ? RFD_INDETERMINATE : RFD_TOTAL_PASSED;
    for (size_t i = 0; i < v->count; i++) {
        if (v->signatures[i].indication > worst) worst = v->signatures[i].indication;
    }
    return worst;
}

void rfd_verification_free(struct rfd_verification *v)
{
    if (v == NULL) return;
    arena_dispose(&v->arena);
    memory_free(v);
}

const char *rfd_indication_name(enum rfd_indication indication)
{
    static const char *const names[] = {
        [RFD_TOTAL_PASSED] = "TOTAL-PASSED",
        [RFD_INDETERMINATE] = "INDETERMINATE",
        [RFD_TOTAL_FAILED] = "TOTAL-FAILED",
    };
    size_t index = (size_t)indication;
    return index < sizeof names / sizeof names[0] ? names[index] : "";
}

const char *rfd_sub_indication_name(enum rfd_sub_indication sub)
{
    static const char *const names[] = {
#define X(name) [RFD_SUB_##name] = #name,
        RFD_SUB_INDICATIONS(X)
#undef X
    };
    size_t index = (size_t)sub;
    return sub != RFD_SUB_NONE && index < sizeof names / sizeof names[0] ? names[index] : "";
}
