/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate's path and the revocation of everything in it (EN 319 102-1 §5.2.6 X.509 validation, with the one proof
 * of time of §5.5.4): first at the time of validation; where that fails for a reason that time explains, at the proof.
 *
 * Answers are kept for each (certificate, purpose, proof): fifty signatures of one person cost one path.
 */
#include "pades/verify/validate.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/path/trust_store.h"

/* Beyond so many certificates of a document only signers are taken: each list is searched one by one. */
enum { FETCH_ROUNDS = 3, FETCH_ROUNDS_OF_FILE = 32, CERTIFICATES_MAXIMUM = 4096 };
#define FETCH_WAIT_OF_FILE (60 * RFD_SECOND)
#define EVIDENCE_FRESH     (3600 * RFD_SECOND)
#define EVIDENCE_NEWER     (301 * RFD_SECOND) /* later, with the 5 minutes that revocation.h grants to clocks */

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
    [PATH_FAULT_WEAK] = {RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE,
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

/* Takes the path now or at the proof, and says what is wrong with it. */
static rfd_status choose_path(struct validation *v, struct checked *k, struct path *out, struct rfd_error *error)
{
    struct path path;
    struct path past;
    bool proven = k->proof != RFD_TIME_NONE;
    TRY(build(v, k, v->at, &path, error));
    k->time = v->at;
    if (proven && time_explains(path.fault)) {
        rfd_status status = build(v, k, k->proof, &past, error);
        path_dispose(&path);
        if (status != RFD_OK) return status;
        path = past;
        k->time = k->proof;
    }
    k->path = proven ? faults[path.fault].proven : faults[path.fault].sub;
    if (path.fault != PATH_FAULT_NONE) {
        findings_add(&k->findings, faults[path.fault].finding, "%s",
                     path.detail[0] == '\0' ? path_fault_text(path.fault) : path.detail);
    } else if (proven && k->proof < k->leaf->not_before) {
        findings_add(&k->findings, RFD_FINDING_CERTIFICATE_NOT_YET_VALID, "the proof of time is older");
        k->path = RFD_SUB_NOT_YET_VALID;
    }
    *out = path;
    return RFD_OK;
}

/* --- Revocation -------------------------------------------------------------------------------------------------- */

struct question {
    const struct rfd_trust *trust;
    rfd_time at;
    rfd_time newer_than; /* RFD_TIME_NONE: whatever speaks for `at` */
    bool online;
};

static rfd_status ask(struct validation *v, const struct question *q, const struct path *path, size_t i,
                      struct revocation_result *out, struct rfd_error *error)
{
    struct revocation_options options = {.trust = q->trust,
                                         .extra = &v->certificates,
                                         .store = &v->evidence,
                                         .fetcher = v->fetcher,
                                         .online = q->online,
                                         .at = q->at,
                                         .not_older_than = q->newer_than};
    return revocation_check(&options, path->certificates[i], path->certificates[i + 1], out, error);
}

static bool is_inside(const struct revocation_result *r)
{
    return r->state == REVOCATION_NOT_NEEDED ||
           (r->state != REVOCATION_UNKNOWN &&
            (r->source == REVOCATION_FROM_SIGNATURE || r->source == REVOCATION_FROM_DOCUMENT));
}

/* Whether the file itself could have answered, without the lists of the trust store and the network. Asked before the
 * network adds to the store. */
static rfd_status look_inside(struct validation *v, struct checked *k, const struct path *path, size_t i,
                              struct rfd_error *error)
{
    struct rfd_trust without_lists = *v->trust;
    struct question question = {.trust = &without_lists, .at = k->time, .newer_than = RFD_TIME_NONE};
    struct revocation_result r;
    without_lists.crl_count = 0;
    if (k->proof != RFD_TIME_NONE) question.at = k->proof;
    TRY(ask(v, &question, path, i, &r, error));
    if (!is_inside(&r)) k->evidence_inside = false;
    revocation_result_dispose(&r);
    return RFD_OK;
}

/* Who signs may choose which evidence to put in: it could be an old "good" from before the revocation, and then from
 * before the proof of time, too (EN 319 102-1 §5.2.5, freshness). On line, something newer is asked for, and kept when
 * it tells; or when it is too much to tell, for a flood of evidence may be there to hide the answer. */
static rfd_status refresh(struct validation *v, const struct checked *k, const struct path *path, size_t i,
                          struct revocation_result *result, struct rfd_error *error)
{
    struct revocation_result newer;
    bool proven = k->proof != RFD_TIME_NONE;
    rfd_time limit = proven ? k->proof : k->time - EVIDENCE_FRESH;
    bool old = result->state == REVOCATION_GOOD && is_inside(result) && result->this_update < limit;
    if (!k->online || !old) return RFD_OK;
    struct question question = {.trust = v->trust,
                                .at = k->time,
                                .newer_than = result->this_update + (proven ? EVIDENCE_NEWER : EVIDENCE_FRESH),
                                .online = true};
    TRY(ask(v, &question, path, i, &newer, error));
    if (newer.state == REVOCATION_UNKNOWN && !newer.gave_up) {
        revocation_result_dispose(&newer);
        return RFD_OK;
    }
    revocation_result_dispose(result);
    *result = newer;
    return RFD_OK;
}

/* What counts: evidence for now; where that is missing, evidence that speaks for the moment that is proven. */
static rfd_status find_out(struct validation *v, const struct checked *k, const struct path *path, size_t i,
                           struct revocation_result *out, struct rfd_error *error)
{
    struct question question = {.trust = v->trust, .at = k->time, .newer_than = RFD_TIME_NONE, .online = k->online};
    struct revocation_result r;
    TRY(ask(v, &question, path, i, &r, error));
    if (r.state == REVOCATION_UNKNOWN && k->proof != RFD_TIME_NONE && k->proof != k->time) {
        revocation_result_dispose(&r);
        question.at = k->proof;
        question.online = false;
        TRY(ask(v, &question, path, i, &r, error));
    }
    rfd_status status = refresh(v, k, path, i, &r, error);
    if (status != RFD_OK) {
        revocation_result_dispose(&r);
        return status;
    }
    *out = r;
    return RFD_OK;
}

/* Revoked after the proof of time: good. Otherwise it cannot be told: a time stamp proves that the signature existed at
 * its time, not that it was made after the revocation (EN 319 102-1 §5.5.4). */
static enum rfd_sub_indication weigh_revoked(const struct checked *k, const struct revocation_result *r, size_t i)
{
    bool dated = r->revoked_at != RFD_TIME_NONE;
    if (k->proof != RFD_TIME_NONE && dated && k->proof < r->revoked_at) return RFD_SUB_NONE;
    if (r->state == REVOCATION_HELD) return RFD_SUB_TRY_LATER;
    if (i > 0) return RFD_SUB_REVOKED_CA_NO_POE;
    return RFD_SUB_REVOKED_NO_POE;
}

static enum rfd_sub_indication weigh(struct checked *k, const struct revocation_result *r, const char *subject,
                                     size_t i)
{
    enum rfd_sub_indication sub;
    switch (r->state) {
    case REVOCATION_GOOD:
    case REVOCATION_NOT_NEEDED: return RFD_SUB_NONE;
    case REVOCATION_REVOKED:
        sub = weigh_revoked(k, r, i);
        findings_add(&k->findings, RFD_FINDING_CERTIFICATE_REVOKED, "%s%s", subject,
                     sub == RFD_SUB_NONE ? " (after the proof of time)" : "");
        return sub;
    case REVOCATION_HELD:
        sub = weigh_revoked(k, r, i);
        findings_add(&k->findings, RFD_FINDING_CERTIFICATE_ON_HOLD, "%s", subject);
        return sub;
    case REVOCATION_UNKNOWN: break;
    }
    findings_add(&k->findings, RFD_FINDING_REVOCATION_UNKNOWN, "%s: %s", subject, r->detail);
    return RFD_SUB_TRY_LATER;
}

/* --- Reports ----------------------------------------------------------------------------------------------------- */

static rfd_status name_text(const struct validation *v, slice name, const char **out, struct rfd_error *error)
{
    struct buf text;
    rfd_status status;
    buf_init(&text, 1 << 16);
    certificate_put_name(&text, name);
    TRY_OUT(buf_check(&text, "name", error));
    TRY_OUT(validate_text(v, buf_slice(&text), out, error));
out:
    buf_dispose(&text);
    return status;
}

static rfd_status hex_text(const struct validation *v, slice bytes, const char **out, struct rfd_error *error)
{
    struct buf text;
    rfd_status status;
    buf_init(&text, 1 << 16);
    buf_put_hex(&text, bytes, false);
    TRY_OUT(buf_check(&text, "number", error));
    TRY_OUT(validate_text(v, buf_slice(&text), out, error));
out:
    buf_dispose(&text);
    return status;
}

/* "RSA-2048", "P-256", "Ed25519". */
static const char *key_text(const struct validation *v, const struct certificate *c)
{
    switch (c->key_type) {
    case KEY_RSA:
    case KEY_RSA_PSS: return arena_print(v->arena, "RSA-%d", c->key_bits_size);
    case KEY_EC: return c->curve != NULL ? c->curve : arena_print(v->arena, "EC-%d", c->key_bits_size);
    case KEY_ED25519: return "Ed25519";
    case KEY_ED448: return "Ed448";
    case KEY_OTHER: break;
    }
    return "";
}

static rfd_status describe(const struct validation *v, const struct certificate *c, struct rfd_certificate_report *r,
                           struct rfd_error *error)
{
    *r = (struct rfd_certificate_report){.not_before = c->not_before,
                                         .not_after = c->not_after,
                                         .anchor = trust_is_anchor(v->trust, c),
                                         .revocation = RFD_REVOCATION_UNKNOWN,
                                         .revocation_source = "",
                                         .revoked_at = RFD_TIME_NONE,
                                         .this_update = RFD_TIME_NONE,
                                         .next_update = RFD_TIME_NONE,
                                         .revocation_detail = "",
                                         .key = key_text(v, c)};
    if (r->key == NULL) return arena_failed(v->arena, error);
    TRY(name_text(v, c->subject, &r->subject, error));
    TRY(name_text(v, c->issuer, &r->issuer, error));
    TRY(hex_text(v, c->serial, &r->serial, error));
    return hex_text(v, slice_of(c->fingerprint, sizeof c->fingerprint), &r->fingerprint, error);
}

static rfd_status describe_revocation(const struct validation *v, const struct revocation_result *result,
                                      struct rfd_certificate_report *r, struct rfd_error *error)
{
    static const enum rfd_revocation_state states[] = {
        [REVOCATION_UNKNOWN] = RFD_REVOCATION_UNKNOWN,       [REVOCATION_GOOD] = RFD_REVOCATION_GOOD,
        [REVOCATION_REVOKED] = RFD_REVOCATION_REVOKED,       [REVOCATION_HELD] = RFD_REVOCATION_HELD,
        [REVOCATION_NOT_NEEDED] = RFD_REVOCATION_NOT_NEEDED,
    };
    static const char *const sources[2][4] = {
        {"ocsp, signature", "ocsp, document", "ocsp, trust", "ocsp, network"},
        {"crl, signature", "crl, document", "crl, trust", "crl, network"},
    };
    r->revocation = states[result->state];
    if (result->state == REVOCATION_NOT_NEEDED) return RFD_OK;
    if (result->state != REVOCATION_UNKNOWN) r->revocation_source = sources[result->from_crl][result->source];
    r->revoked_at = result->revoked_at;
    r->this_update = result->this_update;
    r->next_update = result->next_update;
    return validate_text(v, slice_text(result->detail), &r->revocation_detail, error);
}

/* --- Together ---------------------------------------------------------------------------------------------------- */

static rfd_status check_revocation(struct validation *v, struct checked *k, const struct path *path, size_t i,
                                   struct rfd_error *error)
{
    struct revocation_result result;
    rfd_status status;
    TRY(look_inside(v, k, path, i, error));
    TRY(find_out(v, k, path, i, &result, error));
    enum rfd_sub_indication sub = weigh(k, &result, k->reports[i].subject, i);
    if (k->revocation == RFD_SUB_NONE) k->revocation = sub;
    status = describe_revocation(v, &result, &k->reports[i], error);
    revocation_result_dispose(&result);
    return status;
}

/* Expired without a proof of its time: was it at least not revoked until then (EN 319 102-1 §5.2.6.4)? */
static rfd_status refine_expired(struct validation *v, struct checked *k, const struct path *path,
                                 struct rfd_error *error)
{
    struct question question = {.trust = v->trust, .at = k->leaf->not_after, .newer_than = RFD_TIME_NONE};
    struct revocation_result r;
    if (k->path != RFD_SUB_OUT_OF_BOUNDS_NO_POE || path->fault != PATH_FAULT_EXPIRED || path->count < 2) return RFD_OK;
    TRY(ask(v, &question, path, 0, &r, error));
    if (r.state == REVOCATION_GOOD) k->path = RFD_SUB_OUT_OF_BOUNDS_NOT_REVOKED;
    revocation_result_dispose(&r);
    return RFD_OK;
}

static rfd_status examine(struct validation *v, struct checked *k, const struct path *path, struct rfd_error *error)
{
    size_t count = path->count == 0 ? 1 : path->count;
    k->reports = arena_zeroed(v->arena, count, sizeof *k->reports);
    if (k->reports == NULL) return arena_failed(v->arena, error);
    for (size_t i = 0; i < count; i++) {
        TRY(describe(v, path->count == 0 ? k->leaf : path->certificates[i], &k->reports[i], error));
    }
    k->count = count;
    if (k->path != RFD_SUB_NONE || path->fault != PATH_FAULT_NONE || path->count == 0) {
        k->revocation = RFD_SUB_TRY_LATER;
        return refine_expired(v, k, path, error);
    }
    k->path_good = true;
    k->evidence_inside = true;
    for (size_t i = 0; i + 1 < path->count; i++) TRY(check_revocation(v, k, path, i, error));
    k->reports[path->count - 1].revocation = RFD_REVOCATION_NOT_NEEDED;
    k->revocation_good = k->revocation == RFD_SUB_NONE;
    return RFD_OK;
}

static struct checked *find_checked(const struct validation *v, const struct checked *wanted)
{
    for (struct checked *k = v->checked; k != NULL; k = k->next) {
        if (k->leaf == wanted->leaf && k->purpose == wanted->purpose && k->proof == wanted->proof &&
            k->online == wanted->online) {
            return k;
        }
    }
    return NULL;
}

rfd_status validate_certificate(struct validation *v, const struct certificate *leaf, enum path_purpose purpose,
                                rfd_time proof, bool online, const struct checked **out, struct rfd_error *error)
{
    struct checked wanted = {.leaf = leaf, .purpose = purpose, .proof = proof, .online = online};
    struct checked *k = find_checked(v, &wanted);
    struct path path;
    rfd_status status;
    if (k == NULL) {
        k = arena_zeroed(v->arena, 1, sizeof *k);
        if (k == NULL) return arena_failed(v->arena, error);
        *k = wanted;
        findings_init(&k->findings, v->arena);
        TRY(choose_path(v, k, &path, error));
        status = examine(v, k, &path, error);
        path_dispose(&path);
        if (status != RFD_OK) return status;
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
