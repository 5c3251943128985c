/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/precheck.h"

#include "base/clock.h"
#include "base/error.h"

struct precheck {
    const struct rfd_sign_options *options;
    const struct certificate *signer;
    const struct certificate_list *chain;
    rfd_time now;
    struct rfd_sign_report *report;
    struct path *path;
};

static rfd_status stop(const struct precheck *p, const char *name, rfd_status code, struct rfd_error *error,
                       const char *detail)
{
    report_sign_check(p->report, name, RFD_CHECK_FAILED, code, "%s", detail);
    return error_set(error, code, "%s", detail);
}

/** Something could not be found out. */
static rfd_status unknown(const struct precheck *p, const char *name, rfd_status code, struct rfd_error *error,
                          const char *detail)
{
    if (p->options->require_trust) return stop(p, name, code, error, detail);
    report_sign_check(p->report, name, RFD_CHECK_WARNING, code, "%s", detail);
    return RFD_OK;
}

static void passed(const struct precheck *p, const char *name, const char *detail)
{
    report_sign_check(p->report, name, RFD_CHECK_PASSED, RFD_OK, "%s", detail);
}

static rfd_status check_usage(const struct precheck *p, struct rfd_error *error)
{
    char detail[160] = "";
    if (!path_purpose_allowed(p->signer, PATH_SIGNER, detail))
        return stop(p, "key-usage", RFD_E_CERTIFICATE_KEY_USAGE, error, detail);
    passed(p, "key-usage", "");
    return RFD_OK;
}

static rfd_status check_algorithm(const struct precheck *p, struct signature_algorithm *algorithm,
                                  struct rfd_error *error)
{
    struct rfd_error why;
    enum digest_id wanted = digest_from_public(p->options->digest);
    rfd_status status = signature_algorithm_choose(p->signer, wanted, p->options->pss, algorithm, &why);
    if (status != RFD_OK) return stop(p, "algorithm", status, error, why.detail);
    if (p->report != NULL) passed(p, "algorithm", signature_algorithm_name(algorithm));
    return RFD_OK;
}

static rfd_status check_validity(const struct precheck *p, struct rfd_error *error)
{
    char text[CLOCK_TEXT_SIZE];
    if (p->now > p->signer->not_after)
        return stop(p, "validity", RFD_E_CERTIFICATE_EXPIRED, error, clock_iso(p->signer->not_after, text));
    if (p->now < p->signer->not_before)
        return stop(p, "validity", RFD_E_CERTIFICATE_NOT_YET_VALID, error, clock_iso(p->signer->not_before, text));
    if (p->report != NULL) passed(p, "validity", clock_iso(p->signer->not_after, text));
    return RFD_OK;
}

/** Faults of the path that always stop, by the code that says so. */
static rfd_status code_of_fault(enum path_fault fault, size_t at)
{
    switch (fault) {
    case PATH_FAULT_EXPIRED: return RFD_E_CERTIFICATE_EXPIRED;
    case PATH_FAULT_NOT_YET_VALID: return RFD_E_CERTIFICATE_NOT_YET_VALID;
    case PATH_FAULT_PURPOSE: return RFD_E_CERTIFICATE_KEY_USAGE;
    case PATH_FAULT_WEAK: return at == 0 ? RFD_E_KEY_WEAK : RFD_OK;
    default: return RFD_OK;
    }
}

static rfd_status check_path(const struct precheck *p, struct evidence *e, struct rfd_error *error)
{
    TRY(evidence_path(e, p->signer, PATH_SIGNER, p->now, p->path, error));
    const struct path *path = p->path;
    if (path->fault == PATH_FAULT_NONE) {
        char name[EVIDENCE_NAME_SIZE];
        passed(p, "path", path->count == 0 ? "" : evidence_name(path->certificates[path->count - 1], name));
        return RFD_OK;
    }
    char detail[RFD_ERROR_DETAIL_SIZE];
    (void)snprintf(detail, sizeof detail, "%s%s%s", path_fault_text(path->fault), path->detail[0] == '\0' ? "" : ": ",
                   path->detail);
    rfd_status code = code_of_fault(path->fault, path->fault_at);
    if (code != RFD_OK) return stop(p, "path", code, error, detail);
    return unknown(p, "path", RFD_E_CERTIFICATE_UNTRUSTED, error, detail);
}

static const char *source_text(const struct revocation_result *r)
{
    return r->from_crl ? "CRL" : "OCSP";
}

static rfd_status check_revocation_of(const struct precheck *p, struct evidence *e, size_t index,
                                      struct rfd_error *error)
{
    const struct certificate *c = p->path->certificates[index];
    struct revocation_options options = {.trust = e->trust,
                                         .extra = &e->known,
                                         .store = &e->store,
                                         .fetcher = e->fetcher,
                                         .online = e->online,
                                         .at = p->now,
                                         .not_older_than = RFD_TIME_NONE};
    struct revocation_result result = {0};
    char name[EVIDENCE_NAME_SIZE], detail[EVIDENCE_NAME_SIZE + 240], time[CLOCK_TEXT_SIZE];
    TRY(revocation_check(&options, c, p->path->certificates[index + 1], &result, error));
    (void)evidence_name(c, name);
    rfd_status status = RFD_OK;
    switch (result.state) {
    case REVOCATION_REVOKED:
    case REVOCATION_HELD:
        (void)snprintf(detail, sizeof detail, "%s: %s%s, by %s", name, clock_iso(result.revoked_at, time),
                       result.state == REVOCATION_HELD ? " on hold" : "", source_text(&result));
        status = stop(p, "revocation", RFD_E_CERTIFICATE_REVOKED, error, detail);
        break;
    case REVOCATION_UNKNOWN:
        (void)snprintf(detail, sizeof detail, "%s: %s", name, result.detail);
        status = unknown(p, "revocation", RFD_E_CERTIFICATE_UNCHECKED, error, detail);
        break;
    case REVOCATION_GOOD:
        (void)snprintf(detail, sizeof detail, "%s: %s of %s", name, source_text(&result),
                       clock_iso(result.this_update, time));
        passed(p, "revocation", detail);
        break;
    case REVOCATION_NOT_NEEDED: passed(p, "revocation", name); break;
    }
    revocation_result_dispose(&result);
    return status;
}

static rfd_status check_trust(const struct precheck *p, struct rfd_error *error)
{
    if (p->options->trust == NULL) {
        TRY(unknown(p, "path", RFD_E_CERTIFICATE_UNTRUSTED, error, "no trust anchors were given"));
        report_sign_check(p->report, "revocation", RFD_CHECK_WARNING, RFD_E_CERTIFICATE_UNCHECKED,
                          "not checked, since no trust anchors were given");
        return RFD_OK;
    }
    struct evidence e;
    rfd_status status = evidence_open(&e, p->options, p->now, error);
    if (status != RFD_OK) return status;
    for (size_t i = 0; i < p->chain->count; i++) TRY_OUT(certificate_list_add(&e.known, p->chain->items[i], error));
    TRY_OUT(check_path(p, &e, error));
    for (size_t i = 0; i + 1 < p->path->count; i++) TRY_OUT(check_revocation_of(p, &e, i, error));
    if (p->path->count < 2 && !trust_is_anchor(e.trust, p->signer))
        status = unknown(p, "revocation", RFD_E_CERTIFICATE_UNCHECKED, error, "the issuer's certificate is not known");
out:
    evidence_dispose(&e);
    return status;
}

rfd_status precheck_signer(const struct rfd_sign_options *options, const struct rfd_key *key, rfd_time now,
                           struct rfd_sign_report *report, struct signature_algorithm *algorithm, struct path *path,
                           struct rfd_error *error)
{
    struct precheck p = {.options = options,
                         .signer = key_certificate(key),
                         .chain = key_chain(key),
                         .now = now,
                         .report = report,
                         .path = path};
    TRY(check_usage(&p, error));
    TRY(check_algorithm(&p, algorithm, error));
    TRY(check_validity(&p, error));
    if (options->trust == NULL && report == NULL && !options->require_trust) return RFD_OK;
    return check_trust(&p, error);
}
