/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate's path and the revocation of everything in it: first at the time of validation (EN 319 102-1 §5.2.6);
 * where that fails for a reason that time explains and there is a proof, in the past (§5.6.2.1): the path as of the
 * proof, and validation-time sliding over it (validate_past.c). When the past does not help, today's answer stands.
 *
 * Answers are kept for each (certificate, purpose, proof): fifty signatures of one person cost one path.
 */
#include "pades/verify/validate.h"

#include "base/clock.h"
#include "base/error.h"

/* Beyond so many certificates of a document only signers are taken: each list is searched one by one. */
enum { FETCH_ROUNDS = 3, FETCH_ROUNDS_OF_FILE = 32, CERTIFICATES_MAXIMUM = 4096, CHECKS_MAXIMUM = 8192 };
#define FETCH_WAIT_OF_FILE (60 * RFD_SECOND)
#define CHECK_TIME_OF_FILE (30 * RFD_SECOND)
#define CHECK_WAIT_OF_FILE (300 * RFD_SECOND)
#define CLOCK_SKEW         (300 * RFD_SECOND)

/* --- Path -------------------------------------------------------------------------------------------------------- */

/* What a fault of the path means; `proven` when there is a proof of time and it did not help. */
static const struct {
    enum rfd_sub_indication sub, proven;
    enum rfd_finding_code finding;
} faults[] = {
    [PATH_FAULT_NONE] = {RFD_SUB_NONE, RFD_SUB_NONE, RFD_FINDING_PATH_INVALID},
    [PATH_FAULT_NO_ANCHOR] = {RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND, RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND,
                              RFD_FINDING_PATH_NOT_FOUND},
    [PATH_FAULT_SIGNATURE] = {RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE, RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE,
                              RFD_FINDING_PATH_INVALID},
    [PATH_FAULT_EXPIRED] = {RFD_SUB_OUT_OF_BOUNDS_NO_POE, RFD_SUB_OUT_OF_BOUNDS_NO_POE,
                            RFD_FINDING_CERTIFICATE_EXPIRED},
    [PATH_FAULT_NOT_YET_VALID] = {RFD_SUB_OUT_OF_BOUNDS_NO_POE, RFD_SUB_NOT_YET_VALID,
                                  RFD_FINDING_CERTIFICATE_NOT_YET_VALID},
    [PATH_FAULT_CONSTRAINTS] = {RFD_SUB_CHAIN_CONSTRAINTS_FAILURE, RFD_SUB_CHAIN_CONSTRAINTS_FAILURE,
                                RFD_FINDING_PATH_INVALID},
    [PATH_FAULT_PURPOSE] = {RFD_SUB_CHAIN_CONSTRAINTS_FAILURE, RFD_SUB_CHAIN_CONSTRAINTS_FAILURE,
                            RFD_FINDING_CERTIFICATE_PURPOSE},
    [PATH_FAULT_WEAK] = {RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
                         RFD_FINDING_ALGORITHM_WEAK},
    [PATH_FAULT_MALFORMED] = {RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE, RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE,
                              RFD_FINDING_PATH_INVALID},
};

static bool time_explains(enum path_fault fault)
{
    return fault == PATH_FAULT_EXPIRED || fault == PATH_FAULT_NOT_YET_VALID || fault == PATH_FAULT_WEAK;
}

/* Any forger's certificate names addresses, and a file may have thousands of signatures. */
static bool may_fetch_issuers(const struct validation *v, const struct checked *k)
{
    return k->online && v->issuer_fetches < FETCH_ROUNDS_OF_FILE && v->issuer_wait < FETCH_WAIT_OF_FILE;
}

static rfd_status fetch_issuers(struct validation *v, const struct certificate *of)
{
    rfd_time before = clock_now();
    rfd_status status = revocation_fetch_issuers(v->fetcher, of, &v->certificates, NULL);
    v->issuer_wait += clock_now() - before;
    v->issuer_fetches++;
    return status;
}

/* Builds the path at `at`, asking the network for missing issuers when allowed. */
static rfd_status build(struct validation *v, const struct checked *k, rfd_time at, struct path *out,
                        struct rfd_error *error)
{
    struct path path = {.count = 0};
    TRY(path_build(v->trust, k->leaf, &v->certificates, k->purpose, at, &path, error));
    for (int round = 0; path.fault == PATH_FAULT_NO_ANCHOR && round < FETCH_ROUNDS && may_fetch_issuers(v, k);
         round++) {
        size_t known = v->certificates.count;
        const struct certificate *last = path.count > 0 ? path.certificates[path.count - 1] : k->leaf;
        rfd_status status = fetch_issuers(v, last);
        if (v->certificates.count == known) break;
        path_dispose(&path);
        if (status == RFD_E_MEMORY) return error_memory(error);
        TRY(path_build(v->trust, k->leaf, &v->certificates, k->purpose, at, &path, error));
    }
    *out = path;
    return RFD_OK;
}

/* --- Together ---------------------------------------------------------------------------------------------------- */

/* The path of today, the one of the time that is proven when today's has a fault that time explains, and which counts.
 */
struct paths {
    struct path now, past;
    const struct path *chosen;
};

/* An accuracy, or clocks that differ, may put the proof into the future: it is worth no more than today then. */
static bool lies_in_the_past(const struct validation *v, const struct checked *k)
{
    return k->proof != RFD_TIME_NONE && k->proof <= v->at;
}

static rfd_status choose_path(struct validation *v, struct checked *k, struct paths *paths, struct rfd_error *error)
{
    TRY(build(v, k, v->at, &paths->now, error));
    paths->chosen = &paths->now;
    k->time = v->at;
    if (!lies_in_the_past(v, k) || !time_explains(paths->now.fault)) return RFD_OK;
    TRY(build(v, k, k->proof, &paths->past, error));
    paths->chosen = &paths->past;
    k->time = k->proof;
    return RFD_OK;
}

static void note_fault(struct checked *k, const struct path *path)
{
    findings_add(&k->findings, faults[path->fault].finding, "%s",
                 path->detail[0] == '\0' ? path_fault_text(path->fault) : path->detail);
}

/* What is wrong with the path that counts; RFD_SUB_NONE when it is good. */
static enum rfd_sub_indication judge_path(const struct validation *v, struct checked *k, const struct path *path)
{
    bool proven = lies_in_the_past(v, k);
    if (path->fault != PATH_FAULT_NONE) {
        note_fault(k, path);
        return proven ? faults[path->fault].proven : faults[path->fault].sub;
    }
    if (!proven || k->proof >= k->leaf->not_before) return RFD_SUB_NONE;
    findings_add(&k->findings, RFD_FINDING_CERTIFICATE_NOT_YET_VALID, "the proof of time is older");
    return RFD_SUB_NOT_YET_VALID;
}

/* Expired without a proof of its time: was it at least not revoked until then (EN 319 102-1 §5.2.6.4)? */
static rfd_status refine_expired(struct validation *v, struct checked *k, const struct path *path,
                                 struct rfd_error *error)
{
    struct question question = {
        .at = k->leaf->not_after, .newer_than = RFD_TIME_NONE, .known_by = v->at, .online = k->online};
    struct revocation_result r;
    if (k->path != RFD_SUB_OUT_OF_BOUNDS_NO_POE || v->at <= k->leaf->not_after || path->count < 2) return RFD_OK;
    TRY(validate_ask(v, &question, path, 0, &r, error));
    if (r.state == REVOCATION_GOOD) k->path = RFD_SUB_OUT_OF_BOUNDS_NOT_REVOKED;
    revocation_result_dispose(&r);
    return RFD_OK;
}

static void note_status(struct checked *k, const struct revocation_result *r, const char *subject)
{
    switch (r->state) {
    case REVOCATION_NOT_NEEDED: return;
    case REVOCATION_GOOD:
        if (k->revocation_good && k->proof != RFD_TIME_NONE && r->this_update + CLOCK_SKEW < k->proof) {
            findings_add(&k->findings, RFD_FINDING_EVIDENCE_OLDER, "%s", subject);
        }
        return;
    case REVOCATION_REVOKED:
        findings_add(&k->findings, RFD_FINDING_CERTIFICATE_REVOKED, "%s%s", subject,
                     k->revocation_good ? " (after the proof of time)" : "");
        return;
    case REVOCATION_HELD: findings_add(&k->findings, RFD_FINDING_CERTIFICATE_ON_HOLD, "%s", subject); return;
    case REVOCATION_UNKNOWN: break;
    }
    findings_add(&k->findings, RFD_FINDING_REVOCATION_UNKNOWN, "%s: %s", subject, r->detail);
}

static rfd_status report_status(const struct validation *v, struct checked *k, const struct path_status *status,
                                struct rfd_error *error)
{
    for (size_t i = 0; i < k->count; i++) {
        if (!status->asked[i]) continue;
        note_status(k, &status->results[i], k->reports[i].subject);
        TRY(validate_describe_revocation(v, &status->results[i], &k->reports[i], error));
    }
    k->reports[k->count - 1].revocation = RFD_REVOCATION_NOT_NEEDED;
    return RFD_OK;
}

/* Revocation now, and in the past when now does not do. */
static rfd_status check_revocation(struct validation *v, struct checked *k, const struct paths *paths,
                                   struct rfd_error *error)
{
    struct path_status known = {0};
    enum rfd_sub_indication sub = faults[paths->now.fault].sub;
    rfd_status status = RFD_OK;
    TRY_OUT(validate_inside(v, k, paths->chosen, error));
    k->control = RFD_TIME_NONE;
    if (sub == RFD_SUB_NONE) TRY_OUT(validate_revocation(v, k, paths->chosen, &known, &sub, error));
    if (sub == RFD_SUB_NONE)
        k->control = v->at;
    else if (k->proof != RFD_TIME_NONE)
        TRY_OUT(validate_slide(v, k, paths->chosen, &known, &sub, error));
    k->revocation = sub;
    k->revocation_good = sub == RFD_SUB_NONE;
    if (!k->revocation_good && paths->now.fault != PATH_FAULT_NONE) note_fault(k, &paths->now);
    status = report_status(v, k, &known, error);
out:
    validate_status_dispose(&known);
    return status;
}

/* The certificates of the path, or the leaf alone when there is none. */
static rfd_status report_path(const struct validation *v, struct checked *k, const struct path *path,
                              struct rfd_error *error)
{
    k->count = path->count == 0 ? 1 : path->count;
    k->reports = arena_zeroed(v->arena, k->count, sizeof *k->reports);
    if (k->reports == NULL) return arena_failed(v->arena, error);
    for (size_t i = 0; i < k->count; i++) {
        TRY(validate_describe(v, path->count == 0 ? k->leaf : path->certificates[i], &k->reports[i], error));
    }
    return RFD_OK;
}

static rfd_status examine(struct validation *v, struct checked *k, struct paths *paths, struct rfd_error *error)
{
    TRY(choose_path(v, k, paths, error));
    const struct path *path = paths->chosen;
    TRY(report_path(v, k, path, error));
    k->path = judge_path(v, k, path);
    k->path_good = k->path == RFD_SUB_NONE && path->count > 0;
    if (k->path_good) return check_revocation(v, k, paths, error);
    k->revocation = RFD_SUB_TRY_LATER;
    return refine_expired(v, k, path, error);
}

static struct checked *find_checked(const struct validation *v, const struct checked *wanted)
{
    for (struct checked *k = v->checked; k != NULL; k = k->next) {
        if (k->leaf == wanted->leaf && k->purpose == wanted->purpose && k->proof == wanted->proof &&
            k->online == wanted->online && k->unnamed == wanted->unnamed && k->marks == wanted->marks) {
            return k;
        }
    }
    return NULL;
}

static rfd_status leave_out(const struct validation *v, struct checked *k, struct rfd_error *error)
{
    const struct path none = {.count = 0};
    findings_add(&k->findings, RFD_FINDING_CHECKS_LIMITED, NULL);
    k->path = RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE;
    k->revocation = RFD_SUB_TRY_LATER;
    return report_path(v, k, &none, error);
}

/* A file may name thousands of signers, with keys of any size and slow addresses. What is left when the time is up is
 * not checked, and says so; when only the wait was too long, it is checked without the network. */
static rfd_status examine_in_time(struct validation *v, struct checked *k, struct rfd_error *error)
{
    struct paths paths = {0};
    rfd_time spent = clock_spent();
    rfd_time began = clock_now();
    if (v->checks++ >= CHECKS_MAXIMUM || v->check_time >= CHECK_TIME_OF_FILE) return leave_out(v, k, error);
    rfd_status status = examine(v, k, &paths, error);
    path_dispose(&paths.now);
    path_dispose(&paths.past);
    v->check_time += clock_spent() - spent;
    v->check_wait += clock_now() - began;
    return status;
}

rfd_status validate_certificate(struct validation *v, const struct signer_question *q, const struct checked **out,
                                struct rfd_error *error)
{
    struct checked wanted = {.leaf = q->leaf,
                             .purpose = q->purpose,
                             .proof = q->proof,
                             .online = q->online && v->check_wait < CHECK_WAIT_OF_FILE,
                             .unnamed = q->unnamed,
                             .marks = v->poe.mark_count,
                             .control = RFD_TIME_NONE};
    struct checked *k = find_checked(v, &wanted);
    if (k == NULL) {
        k = arena_zeroed(v->arena, 1, sizeof *k);
        if (k == NULL) return arena_failed(v->arena, error);
        *k = wanted;
        findings_init(&k->findings, v->arena);
        TRY(examine_in_time(v, k, error));
        if (k->findings.status != RFD_OK) return error_set(error, k->findings.status, "findings of a certificate");
        k->next = v->checked;
        v->checked = k;
    }
    *out = k;
    return RFD_OK;
}

/* The list's own object for `c`, added when new. */
static rfd_status share(struct validation *v, const struct certificate *c, const struct certificate **out,
                        struct rfd_error *error)
{
    TRY(certificate_list_add(&v->certificates, c, error));
    for (size_t i = v->certificates.count; i-- > 0;) {
        if (!certificate_equal(v->certificates.items[i], c)) continue;
        *out = v->certificates.items[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_INTERNAL, "a certificate was not kept");
}

rfd_status validate_share(struct validation *v, const struct cms *cms, const struct certificate **signer,
                          struct rfd_error *error)
{
    const struct certificate *shared = NULL;
    for (size_t i = 0; i < cms->certificates.count; i++) {
        const struct certificate *c = cms->certificates.items[i];
        if (v->certificates.count >= CERTIFICATES_MAXIMUM && c != cms->signer) continue;
        TRY(share(v, c, &shared, error));
        if (c == cms->signer) *signer = shared;
    }
    return RFD_OK;
}
