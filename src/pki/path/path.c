/* SPDX-License-Identifier: EUPL-1.2
 *
 * Building paths: depth first from the leaf upwards, going back on wrong turns (cross certificates, renewed keys and
 * names), the likely issuer first. Every path that reaches an anchor is checked whole (path_verify.c) and the first
 * good one wins; of the others the one whose fault comes last in the checks is reported.
 *
 * Bounds for hostile bags of certificates: length, issuers tried at each step, steps, checks and names compared in all.
 */
#include "pki/path/path.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/certificate/name_match.h"
#include "pki/path/path_cache.h"
#include "pki/path/path_verify.h"
#include "pki/path/trust_store.h"

#include <stdio.h>

enum { STEPS_MAXIMUM = 2000, CHECKS_MAXIMUM = 24, CANDIDATES_MAXIMUM = 16, EXTRA_MAXIMUM = 8192 };
enum { NAMES_MAXIMUM = 2048 }; /* names compared that are not the same bytes */

struct builder {
    const struct rfd_trust *trust;
    const struct certificate_list *extra;
    uint64_t *extra_hashes; /* of the subject of each */
    size_t extra_count;
    enum path_purpose purpose;
    rfd_time at;
    const struct path_parameters *parameters;
    const struct certificate *chain[PATH_LENGTH_MAXIMUM]; /* borrowed */
    size_t count;
    int steps;
    int checks;
    int names;
    bool done;
    struct path best;
    rfd_time valid_from, valid_until; /* of the good path */
};

void path_dispose(struct path *p)
{
    for (size_t i = 0; i < p->count; i++) certificate_unref(p->certificates[i]);
    *p = (struct path){0};
}

static void keep_chain(struct builder *b)
{
    path_dispose(&b->best);
    for (size_t i = 0; i < b->count; i++) b->best.certificates[i] = certificate_ref(b->chain[i]);
    b->best.count = b->count;
}

/* --- Weighing one complete path ------------------------------------------------------------------------------------
 */

/* How near to good: what is checked last is nearest. */
static int nearness(enum path_fault fault)
{
    static const int order[PATH_FAULT_COUNT] = {
        [PATH_FAULT_NO_ANCHOR] = 1,   [PATH_FAULT_SIGNATURE] = 2,     [PATH_FAULT_MALFORMED] = 3,
        [PATH_FAULT_CONSTRAINTS] = 4, [PATH_FAULT_NOT_YET_VALID] = 5, [PATH_FAULT_EXPIRED] = 6,
        [PATH_FAULT_WEAK] = 7,        [PATH_FAULT_PURPOSE] = 8,       [PATH_FAULT_NONE] = 9,
    };
    return order[fault];
}

/* Of several faults of one path the more telling, which is the order of the enumeration. */
static enum path_fault telling_fault(const struct path_verdict *v)
{
    for (enum path_fault f = PATH_FAULT_NO_ANCHOR; f < PATH_FAULT_COUNT; f++) {
        if (v->met[f]) return f;
    }
    return PATH_FAULT_NONE;
}

static rfd_status check_chain(struct builder *b, struct rfd_error *error)
{
    struct path_verdict verdict;
    char detail[160];
    if (b->checks++ == CHECKS_MAXIMUM) {
        b->done = true;
        return RFD_OK;
    }
    TRY(path_verify(b->trust->store, b->chain, b->count, b->at, b->parameters, &verdict, error));
    if (!path_purpose_allowed(b->chain[0], b->purpose, detail)) {
        path_verdict_add(&verdict, PATH_FAULT_PURPOSE, 0, "%s", detail);
    }
    enum path_fault fault = telling_fault(&verdict);
    if (nearness(fault) > nearness(b->best.fault) || b->best.count == 0) {
        keep_chain(b);
        b->best.fault = fault;
        b->best.fault_at = verdict.at[fault];
        (void)snprintf(b->best.detail, sizeof b->best.detail, "%s", verdict.detail[fault]);
    }
    b->valid_from = verdict.valid_from;
    b->valid_until = verdict.valid_until;
    b->done = fault == PATH_FAULT_NONE;
    return RFD_OK;
}

/* --- Finding issuers -----------------------------------------------------------------------------------------------
 */

struct candidate {
    const struct certificate *certificate;
    int score;
};
struct candidates {
    struct candidate items[CANDIDATES_MAXIMUM]; /* best first */
    size_t count;
};

/* The authority key identifier only orders: it is a help for building (RFC 5280 §4.2.1.1), no condition of validity. */
static int score_of(const struct builder *b, const struct certificate *subject, const struct certificate *c,
                    bool anchor)
{
    int score = anchor ? 4 : 0;
    if (subject->authority_key_id.length > 0 && c->subject_key_id.length > 0) {
        score += slice_equal(subject->authority_key_id, c->subject_key_id) ? 8 : -8;
    }
    if (b->at >= c->not_before && b->at <= c->not_after) score += 2;
    return score + c->is_ca;
}

/* The same certificate, or the same name with the same key, twice would be a loop (RFC 4158 §5.2). */
static bool in_chain(const struct builder *b, const struct certificate *c)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct certificate *d = b->chain[i];
        if (certificate_equal(c, d)) return true;
        if (i > 0 && slice_equal(c->spki, d->spki) && slice_equal(c->subject, d->subject)) return true;
    }
    return false;
}

static bool is_named(struct builder *b, slice name, slice wanted)
{
    if (slice_equal(name, wanted)) return true;
    return b->names++ < NAMES_MAXIMUM && name_equal(name, wanted);
}

static void consider(struct builder *b, struct candidates *list, const struct certificate *c, bool anchor)
{
    const struct certificate *subject = b->chain[b->count - 1];
    if (in_chain(b, c) || !is_named(b, c->subject, subject->issuer)) return;
    for (size_t i = 0; i < list->count; i++) {
        if (certificate_equal(list->items[i].certificate, c)) return;
    }
    struct candidate added = {c, score_of(b, subject, c, anchor)};
    size_t place = list->count;
    while (place > 0 && list->items[place - 1].score < added.score) place--;
    if (place == CANDIDATES_MAXIMUM) return;
    if (list->count < CANDIDATES_MAXIMUM) list->count++;
    for (size_t i = list->count - 1; i > place; i--) list->items[i] = list->items[i - 1];
    list->items[place] = added;
}

static void find_issuers(struct builder *b, struct candidates *list)
{
    uint64_t hash = name_hash(b->chain[b->count - 1]->issuer);
    for (size_t i = trust_first(b->trust, hash); i != 0; i = b->trust->entries[i - 1].next) {
        consider(b, list, b->trust->entries[i - 1].certificate, b->trust->entries[i - 1].anchor);
    }
    for (size_t i = 0; i < b->extra_count; i++) {
        if (b->extra_hashes[i] == hash) consider(b, list, b->extra->items[i], false);
    }
}

/* --- Walking -------------------------------------------------------------------------------------------------------
 */

/* No anchor here: the longest such attempt is worth showing, unless a complete path was found. */
static void note_dead_end(struct builder *b)
{
    if (b->checks > 0 || b->count <= b->best.count) return;
    keep_chain(b);
    b->best.fault = PATH_FAULT_NO_ANCHOR;
    b->best.fault_at = b->count - 1;
    struct buf name;
    buf_init(&name, 4096);
    certificate_put_name(&name, b->chain[b->count - 1]->issuer);
    (void)snprintf(b->best.detail, sizeof b->best.detail, "the issuer %.*s is neither trusted nor at hand",
                   (int)(name.length > 100 ? 100 : name.length), (const char *)name.data);
    buf_dispose(&name);
}

/* Recursion is as deep as the path is long: PATH_LENGTH_MAXIMUM. */
static rfd_status walk(struct builder *b, struct rfd_error *error)
{
    if (trust_is_anchor(b->trust, b->chain[b->count - 1])) return check_chain(b, error);
    struct candidates list = {.count = 0};
    if (b->count < PATH_LENGTH_MAXIMUM) find_issuers(b, &list);
    if (list.count == 0) note_dead_end(b);
    for (size_t i = 0; i < list.count && !b->done; i++) {
        if (b->steps++ == STEPS_MAXIMUM) b->done = true;
        b->chain[b->count++] = list.items[i].certificate;
        rfd_status status = walk(b, error);
        b->count--;
        if (status != RFD_OK) return status;
    }
    return RFD_OK;
}

static rfd_status hash_extra(struct builder *b, struct rfd_error *error)
{
    if (b->extra == NULL || b->extra->count == 0) return RFD_OK;
    size_t count = b->extra->count < EXTRA_MAXIMUM ? b->extra->count : EXTRA_MAXIMUM;
    b->extra_hashes = memory_zeroed(count, sizeof *b->extra_hashes);
    if (b->extra_hashes == NULL) return error_memory(error);
    b->extra_count = count;
    for (size_t i = 0; i < count; i++) b->extra_hashes[i] = certificate_subject_hash(b->extra->items[i]);
    return RFD_OK;
}

rfd_status path_build_with(const struct rfd_trust *trust, const struct certificate *leaf,
                           const struct certificate_list *extra, enum path_purpose purpose, rfd_time at,
                           const struct path_parameters *parameters, struct path *out, struct rfd_error *error)
{
    struct builder b = {.trust = trust, .extra = extra, .purpose = purpose, .at = at, .parameters = parameters};
    b.chain[b.count++] = leaf;
    rfd_status status = hash_extra(&b, error);
    if (status == RFD_OK) status = walk(&b, error);
    memory_free(b.extra_hashes);
    if (status != RFD_OK) {
        path_dispose(&b.best);
        return status;
    }
    bool plain = parameters->policy_count == 0 && !parameters->require_explicit_policy &&
                 !parameters->inhibit_policy_mapping && !parameters->inhibit_any_policy;
    if (plain && b.best.fault == PATH_FAULT_NONE) path_cache_keep(trust, &b.best, b.valid_from, b.valid_until);
    *out = b.best;
    return RFD_OK;
}

rfd_status path_build(const struct rfd_trust *trust, const struct certificate *leaf,
                      const struct certificate_list *extra, enum path_purpose purpose, rfd_time at, struct path *out,
                      struct rfd_error *error)
{
    static const struct path_parameters any_policy = {0};
    if (trust != NULL && path_cache_use(trust, leaf, extra, purpose, at, out)) return RFD_OK;
    return path_build_with(trust, leaf, extra, purpose, at, &any_policy, out, error);
}
