/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists, by RFC 5280 §6.3.3: for each distribution point of the certificate the lists that cover it, newest
 * first, until all reasons are covered; each with the newest delta that fits; each signed by who may. The letters in
 * comments are the steps of that section.
 */
#include "pki/revocation/revocation_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/name_match.h"
#include "pki/oid.h"
#include "pki/path/strength.h"
#include "pki/path/trust_store.h"

#include <stdlib.h>

enum { SIGNERS_MAXIMUM = 16 };

struct list_ref {
    const struct crl *crl;
    enum revocation_source source;
    rfd_time proven; /* that it existed; RFD_TIME_NONE: only now */
};
/* One certificate against all lists. */
struct lookup {
    struct revocation_run *run;
    const struct certificate *c;
    const struct certificate *issuer;
    struct list_ref *lists; /* newest first */
    size_t count;
    unsigned reasons; /* covered so far */
    struct revocation_result best;
};

/* --- All lists, newest first ---------------------------------------------------------------------------------------
 */

static int newest_first(const void *a, const void *b)
{
    rfd_time left = ((const struct list_ref *)a)->crl->this_update;
    rfd_time right = ((const struct list_ref *)b)->crl->this_update;
    return (left < right) - (left > right);
}

static rfd_status gather(struct lookup *l, struct rfd_error *error)
{
    const struct rfd_trust *trust = l->run->options->trust;
    size_t of_trust = trust_crl_count(trust);
    const struct revocation_store *store = l->run->store;
    if (of_trust + store->count == 0) return RFD_OK;
    l->lists = memory_zeroed(of_trust + store->count, sizeof *l->lists);
    if (l->lists == NULL) return error_memory(error);
    for (size_t i = 0; i < store->count; i++) {
        if (!store->items[i].is_crl || revocation_is_foreign(l->run, store->items[i].source)) continue;
        l->lists[l->count++] =
            (struct list_ref){revocation_item_crl(&store->items[i]), store->items[i].source, store->items[i].proven};
    }
    for (size_t i = 0; i < of_trust && !revocation_is_foreign(l->run, REVOCATION_FROM_TRUST); i++) {
        l->lists[l->count++] = (struct list_ref){trust_crl(trust, i), REVOCATION_FROM_TRUST, RFD_TIME_NONE};
    }
    if (l->count > 1) qsort(l->lists, l->count, sizeof *l->lists, newest_first);
    return RFD_OK;
}

/* --- (f), (g): the signer ------------------------------------------------------------------------------------------
 */

static bool may_sign_lists(const struct crl *crl, const struct certificate *c)
{
    if (c->has_key_usage && (c->key_usage & KEY_USAGE_CRL_SIGN) == 0) return false;
    if (crl->authority_key_id.length > 0 && c->subject_key_id.length > 0 &&
        !slice_equal(crl->authority_key_id, c->subject_key_id)) {
        return false;
    }
    return name_equal(c->subject, crl->issuer);
}

static bool same_authority(const struct certificate *a, const struct certificate *b)
{
    return certificate_equal(a, b) || (slice_equal(a->spki, b->spki) && name_equal(a->subject, b->subject));
}

/* Every certificate of the signer's path must be unrevoked; those from the certificate's own issuer upwards are
 * checked by whoever checks its path. */
static rfd_status path_unrevoked(struct lookup *l, const struct path *p, rfd_time signed_at, bool *good,
                                 struct rfd_error *error)
{
    *good = true;
    for (size_t i = 0; *good && i + 1 < p->count && !certificate_equal(p->certificates[i], l->issuer); i++) {
        struct revocation_result result;
        TRY(revocation_decide(l->run, p->certificates[i], p->certificates[i + 1], &result, error));
        *good = result.state == REVOCATION_GOOD || result.state == REVOCATION_NOT_NEEDED ||
                (result.state != REVOCATION_UNKNOWN && result.revoked_at > signed_at);
        revocation_result_dispose(&result);
    }
    return RFD_OK;
}

/* The anchor that a path ends at. The path of the certificate's issuer is judged by whoever checks the certificate, not
 * here: as the end of a path it could be subject to constraints that pass over it in the middle (§6.1.3 (b), (d)). */
static const struct certificate *anchor_of(const struct path *p)
{
    bool found = p->count > 0 && p->fault != PATH_FAULT_NO_ANCHOR && p->fault != PATH_FAULT_SIGNATURE;
    return found ? p->certificates[p->count - 1] : NULL;
}

/* The signer is not the issuer: it needs a path of its own to the same anchor (f). */
static rfd_status check_signer_path(struct lookup *l, const struct list_ref *list, const struct certificate *signer,
                                    bool *good, struct rfd_error *error)
{
    const struct revocation_options *options = l->run->options;
    rfd_time at = revocation_signed_at(l->run, list->proven, options->at);
    struct path own = {0};
    struct path of_issuer = {0};
    rfd_status status = RFD_OK;
    TRY_OUT(path_build(options->trust, signer, options->extra, PATH_ANY, at, &own, error));
    TRY_OUT(path_build(options->trust, l->issuer, options->extra, PATH_ANY, at, &of_issuer, error));
    if (own.fault == PATH_FAULT_NONE && anchor_of(&of_issuer) != NULL &&
        certificate_equal(anchor_of(&own), anchor_of(&of_issuer))) {
        TRY_OUT(path_unrevoked(l, &own, options->past == NULL ? INT64_MAX : at, good, error));
    } else if (own.fault == PATH_FAULT_EXPIRED && options->past != NULL) {
        l->run->unproven = true;
    }
out:
    path_dispose(&own);
    path_dispose(&of_issuer);
    return status;
}

/* The status of the list's signer depends on this very list: it says so itself that it is not revoked, and nobody
 * else could say more (PKITS 4.14.30). */
static bool is_busy(const struct revocation_run *run, const struct crl *crl, const struct certificate *signer)
{
    for (size_t i = 0; i < run->busy_count; i++) {
        if (run->busy[i].crl == crl && certificate_equal(run->busy[i].signer, signer)) return true;
    }
    return false;
}

static rfd_status authorised(struct lookup *l, const struct list_ref *list, const struct certificate *signer,
                             bool *good, struct rfd_error *error)
{
    struct revocation_run *run = l->run;
    const struct crl *crl = list->crl;
    *good = false;
    if (same_authority(signer, l->issuer)) {
        /* A renewed certificate of the same key lasts longer, but anyone who has the key could make one: only the trust
         * store is believed. */
        bool renewed = trust_entry_of(run->options->trust, signer) != NULL;
        *good = revocation_signer_lasts(run, "CRL", renewed ? signer : l->issuer, list->proven);
        return RFD_OK;
    }
    *good = is_busy(run, crl, signer);
    if (*good || run->depth >= REVOCATION_DEPTH) return RFD_OK;
    rfd_time not_older_than = run->not_older_than;
    rfd_time reach = run->reach;
    run->reach = revocation_signed_at(run, list->proven, crl->this_update);
    run->busy[run->busy_count].crl = crl;
    run->busy[run->busy_count++].signer = signer;
    run->not_older_than = RFD_TIME_NONE;
    run->depth++;
    rfd_status status = check_signer_path(l, list, signer, good, error);
    run->depth--;
    run->reach = reach;
    run->not_older_than = not_older_than;
    run->busy_count--;
    if (status == RFD_OK && !*good) revocation_note(run, "CRL: its signer is not trusted, revoked or unchecked");
    return status;
}

/* Tries one certificate; sets `signer` when it signed the list and may do so. */
static rfd_status try_signer(struct lookup *l, const struct list_ref *list, const struct certificate *c, int *tried,
                             const struct certificate **signer, struct rfd_error *error)
{
    const struct crl *crl = list->crl;
    bool good = false;
    if (*signer != NULL || !may_sign_lists(crl, c)) return RFD_OK;
    if (++*tried > SIGNERS_MAXIMUM) {
        revocation_give_up(l->run, "too many certificates that may sign a CRL");
        return RFD_OK;
    }
    if (!revocation_may_verify(l->run) || !crl_signed_by(crl, c)) return RFD_OK;
    TRY(authorised(l, list, c, &good, error));
    if (good) *signer = c;
    return RFD_OK;
}

static rfd_status find_signer(struct lookup *l, const struct list_ref *list, const struct certificate **signer,
                              struct rfd_error *error)
{
    const struct crl *crl = list->crl;
    const struct rfd_trust *trust = l->run->options->trust;
    const struct certificate_list *extra = l->run->options->extra;
    int tried = 0;
    *signer = NULL;
    TRY(try_signer(l, list, l->issuer, &tried, signer, error));
    for (size_t i = trust_first(trust, name_hash(crl->issuer)); i != 0 && *signer == NULL;
         i = trust->entries[i - 1].next) {
        TRY(try_signer(l, list, trust->entries[i - 1].certificate, &tried, signer, error));
    }
    for (size_t i = 0; extra != NULL && i < extra->count && i < REVOCATION_EXTRA && *signer == NULL; i++) {
        TRY(try_signer(l, list, extra->items[i], &tried, signer, error));
    }
    if (*signer == NULL && extra != NULL && extra->count > REVOCATION_EXTRA)
        revocation_give_up(l->run, "too many certificates to look for a CRL's signer");
    if (*signer == NULL) revocation_note(l->run, "CRL: no certificate that may sign it fits its signature");
    return RFD_OK;
}

/* --- (c), (h): deltas ----------------------------------------------------------------------------------------------
 */

static bool delta_fits(struct lookup *l, const struct list_ref *list, const struct crl *base)
{
    char detail[96];
    rfd_time until = INT64_MAX;
    const struct crl *delta = list->crl;
    if (delta->delta_base.length == 0 || delta->number.length == 0 || base->number.length == 0) return false;
    if (delta->unknown_critical || !name_equal(delta->issuer, base->issuer) || !slice_equal(delta->idp, base->idp) ||
        !slice_equal(delta->authority_key_id, base->authority_key_id)) {
        return false;
    }
    if (crl_number_compare(base->number, delta->delta_base) < 0) return false;
    if (crl_number_compare(delta->number, base->number) < 0) return false;
    rfd_time signed_at = revocation_signed_at(l->run, list->proven, delta->this_update);
    return strength_of_signature(delta->signature_algorithm, signed_at, &until, detail, sizeof detail) &&
           revocation_is_known(l->run, "delta CRL", list->proven) &&
           revocation_in_time(l->run, "delta CRL", delta->this_update, delta->next_update);
}

/* The newest that fits and is signed with the same key as the base, or NULL. */
static const struct crl *find_delta(struct lookup *l, const struct crl *base, const struct certificate *signer)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct crl *delta = l->lists[i].crl;
        if (!delta_fits(l, &l->lists[i], base)) continue;
        if (revocation_may_verify(l->run) && crl_signed_by(delta, signer)) return delta;
    }
    return NULL;
}

static bool has_delta(struct lookup *l, const struct crl *base)
{
    for (size_t i = 0; i < l->count; i++) {
        if (delta_fits(l, &l->lists[i], base)) return true;
    }
    return false;
}

/* --- Looking up ----------------------------------------------------------------------------------------------------
 */

/* (i), (j): the delta says more than its base. False when the lists may not be used. */
static bool find_entry(struct lookup *l, const struct crl *base, const struct crl *delta, struct crl_entry *out)
{
    if (delta != NULL) {
        if (!crl_find(delta, l->c->serial, l->c->issuer, out)) return false;
        if (out->listed) {
            out->listed = out->reason != CRL_REASON_REMOVED;
            return true;
        }
    }
    return crl_find(base, l->c->serial, l->c->issuer, out);
}

/* After its expiry a certificate may be dropped from the lists, unless they promise to keep it. */
static bool remembers(const struct crl *crl, const struct certificate *c)
{
    return crl->this_update <= c->not_after ||
           (crl->expired_since != RFD_TIME_NONE && crl->expired_since <= c->not_after);
}

static rfd_status put_evidence(struct lookup *l, const struct list_ref *used, size_t *index, struct rfd_error *error)
{
    rfd_status status = revocation_store_put(l->run->store, used->crl->der, true, used->source, index, error);
    if (status != RFD_E_LIMIT) return status;
    *index = SIZE_MAX;
    return RFD_OK;
}

static rfd_status set_result(struct lookup *l, const struct list_ref *used, const struct certificate *signer,
                             const struct crl_entry *entry, struct rfd_error *error)
{
    size_t index = SIZE_MAX;
    enum revocation_state state = REVOCATION_GOOD;
    if (entry->listed) state = entry->reason == CRL_REASON_HOLD ? REVOCATION_HELD : REVOCATION_REVOKED;
    TRY(put_evidence(l, used, &index, error));
    struct revocation_result found = {.state = state,
                                      .source = used->source,
                                      .from_crl = true,
                                      .revoked_at = entry->revoked_at,
                                      .reason = entry->reason,
                                      .this_update = used->crl->this_update,
                                      .next_update = used->crl->next_update,
                                      .produced_at = RFD_TIME_NONE,
                                      .item = index,
                                      .issuer = certificate_ref(signer)};
    if (l->best.state == REVOCATION_UNKNOWN || entry->listed) {
        revocation_result_dispose(&l->best);
        l->best = found;
    } else {
        revocation_result_dispose(&found);
    }
    return RFD_OK;
}

/* (a): in time by itself, or by a delta that is. */
static bool base_in_time(struct lookup *l, const struct list_ref *list)
{
    char detail[96];
    rfd_time until = INT64_MAX;
    const struct crl *crl = list->crl;
    rfd_time signed_at = revocation_signed_at(l->run, list->proven, crl->this_update);
    if (!revocation_is_known(l->run, "CRL", list->proven)) return false;
    if (!strength_of_signature(crl->signature_algorithm, signed_at, &until, detail, sizeof detail)) {
        revocation_note(l->run, "CRL: %s", detail);
        return false;
    }
    return has_delta(l, crl) || revocation_in_time(l->run, "CRL", crl->this_update, crl->next_update);
}

/* One list that covers the certificate; `usable` tells whether it could be used. */
static rfd_status use_list(struct lookup *l, const struct list_ref *list, bool *usable, struct rfd_error *error)
{
    struct crl_entry entry;
    const struct certificate *signer = NULL;
    *usable = false;
    if (!base_in_time(l, list)) return RFD_OK;
    TRY(find_signer(l, list, &signer, error));
    if (signer == NULL) return RFD_OK;
    const struct crl *delta = find_delta(l, list->crl, signer);
    if (delta == NULL && !revocation_in_time(l->run, "CRL", list->crl->this_update, list->crl->next_update))
        return RFD_OK;
    if (!find_entry(l, list->crl, delta, &entry)) {
        revocation_note(l->run, "CRL: an entry is malformed or has an unknown critical extension");
        return RFD_OK;
    }
    if (!entry.listed && !remembers(list->crl, l->c)) {
        revocation_note(l->run, "CRL made after the certificate expired, without expiredCertsOnCRL");
        return RFD_OK;
    }
    *usable = true;
    return set_result(l, list, signer, &entry, error);
}

static bool is_revoked(const struct lookup *l)
{
    return l->best.state == REVOCATION_REVOKED || l->best.state == REVOCATION_HELD;
}

static rfd_status use_point(struct lookup *l, const struct crl_point *point, struct rfd_error *error)
{
    for (size_t i = 0; i < l->count && l->reasons != CRL_REASONS_ALL && !is_revoked(l); i++) {
        unsigned reasons = 0;
        bool usable = false;
        if (!crl_scope_covers(l->lists[i].crl, l->c, point, &reasons)) continue;
        if ((reasons & ~l->reasons) == 0) continue;
        TRY(use_list(l, &l->lists[i], &usable, error));
        if (usable) l->reasons |= reasons;
    }
    return RFD_OK;
}

rfd_status revocation_from_crls(struct revocation_run *run, const struct certificate *c,
                                const struct certificate *issuer, struct revocation_result *out,
                                struct rfd_error *error)
{
    struct lookup l = {.run = run, .c = c, .issuer = issuer, .best = {.state = REVOCATION_UNKNOWN}};
    struct crl_point point;
    rfd_status status = RFD_OK;
    TRY_OUT(gather(&l, error));
    for (size_t i = 0; l.count > 0 && crl_scope_point(c, i, &point); i++) TRY_OUT(use_point(&l, &point, error));
    if (l.best.state == REVOCATION_GOOD && l.reasons != CRL_REASONS_ALL) {
        revocation_note(run, "the CRLs at hand do not cover all reasons");
        revocation_result_dispose(&l.best);
        l.best = (struct revocation_result){.state = REVOCATION_UNKNOWN};
    }
    *out = l.best;
    l.best.issuer = NULL;
out:
    revocation_result_dispose(&l.best);
    memory_free(l.lists);
    return status;
}
