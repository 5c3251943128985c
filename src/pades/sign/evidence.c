/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/evidence.h"

#include "base/error.h"
#include "base/memory.h"

enum { RESPONDER_DEPTH = 6, ISSUERS_FETCHED = 4, NAME_MAXIMUM = 4096, FIRST_ITEMS = 16 };

rfd_status evidence_open(struct evidence *e, const struct rfd_sign_options *options, rfd_time now,
                         struct rfd_error *error)
{
    *e = (struct evidence){
        .trust = options->trust, .fetcher = options->fetcher, .online = !options->offline, .now = now};
    if (e->trust == NULL) {
        TRY(rfd_trust_new(&e->no_trust, error));
        e->trust = e->no_trust;
    }
    return RFD_OK;
}

void evidence_dispose(struct evidence *e)
{
    rfd_trust_free(e->no_trust);
    certificate_list_dispose(&e->known);
    revocation_store_dispose(&e->store);
    *e = (struct evidence){0};
}

void evidence_set_dispose(struct evidence_set *set)
{
    certificate_list_dispose(&set->certificates);
    memory_free(set->items);
    *set = (struct evidence_set){0};
}

const char *evidence_name(const struct certificate *c, char text[EVIDENCE_NAME_SIZE])
{
    struct buf b;
    buf_init(&b, NAME_MAXIMUM);
    certificate_put_name(&b, c->subject);
    (void)snprintf(text, EVIDENCE_NAME_SIZE, "%.*s", (int)b.length, (const char *)b.data);
    buf_dispose(&b);
    return text;
}

rfd_status evidence_path(struct evidence *e, const struct certificate *leaf, enum path_purpose purpose, rfd_time at,
                         struct path *out, struct rfd_error *error)
{
    struct path path = {0};
    TRY(path_build(e->trust, leaf, &e->known, purpose, at, &path, error));
    for (int i = 0; i < ISSUERS_FETCHED && e->online && path.fault == PATH_FAULT_NO_ANCHOR; i++) {
        const struct certificate *top = path.count > 0 ? path.certificates[path.count - 1] : leaf;
        size_t before = e->known.count;
        struct rfd_error ignored;
        if (top->self_issued || revocation_fetch_issuers(e->fetcher, top, &e->known, &ignored) != RFD_OK ||
            e->known.count == before)
            break;
        path_dispose(&path);
        path = (struct path){0};
        TRY(path_build(e->trust, leaf, &e->known, purpose, at, &path, error));
    }
    *out = path;
    return RFD_OK;
}

static rfd_status add_item(struct evidence_set *set, size_t item, struct rfd_error *error)
{
    for (size_t i = 0; i < set->item_count; i++) {
        if (set->items[i] == item) return RFD_OK;
    }
    if (set->item_count == set->item_capacity) {
        size_t capacity = set->item_capacity == 0 ? FIRST_ITEMS : set->item_capacity * 2;
        size_t *grown = memory_resize(set->items, capacity * sizeof *grown);
        if (grown == NULL) return error_memory(error);
        set->items = grown;
        set->item_capacity = capacity;
    }
    set->items[set->item_count++] = item;
    return RFD_OK;
}

static bool contains(const struct certificate_list *list, const struct certificate *c)
{
    for (size_t i = 0; i < list->count; i++) {
        if (certificate_equal(list->items[i], c)) return true;
    }
    return false;
}

/** Evidence that is fresh when it can be had, else any that holds at the time of interest, else what speaks for the
 * moment that is proven: an authority may have ended or fallen silent since, and the store have all that is needed. */
static rfd_status check(struct evidence *e, const struct certificate *c, const struct certificate *issuer,
                        const struct evidence_wish *wish, struct revocation_result *out, struct rfd_error *error)
{
    struct revocation_options options = {.trust = e->trust,
                                         .extra = &e->known,
                                         .store = &e->store,
                                         .fetcher = e->fetcher,
                                         .online = e->online,
                                         .at = wish->at,
                                         .not_older_than = wish->fresh_from};
    TRY(revocation_check(&options, c, issuer, out, error));
    if (out->state == REVOCATION_UNKNOWN && wish->fresh_from != RFD_TIME_NONE) {
        revocation_result_dispose(out);
        options.not_older_than = RFD_TIME_NONE;
        TRY(revocation_check(&options, c, issuer, out, error));
    }
    if (out->state != REVOCATION_UNKNOWN || wish->proven == RFD_TIME_NONE || wish->proven >= wish->at) return RFD_OK;
    struct revocation_result before;
    options.at = wish->proven;
    options.online = false;
    TRY(revocation_check(&options, c, issuer, &before, error));
    if (before.state == REVOCATION_UNKNOWN) {
        revocation_result_dispose(&before);
        return RFD_OK;
    }
    revocation_result_dispose(out);
    *out = before;
    return RFD_OK;
}

/** A certificate still to be vouched for: the leaf, then whoever signed evidence. */
struct pending {
    const struct certificate *leaf; /* one reference */
    enum path_purpose purpose;
    int depth;
};
enum { PENDING_MAXIMUM = 64 };
struct work {
    struct pending items[PENDING_MAXIMUM];
    size_t count;
};

static void push(struct work *work, const struct certificate *leaf, enum path_purpose purpose, int depth)
{
    if (work->count < PENDING_MAXIMUM && depth <= RESPONDER_DEPTH)
        work->items[work->count++] = (struct pending){certificate_ref(leaf), purpose, depth};
}

static rfd_status collect_certificate(struct evidence *e, const struct path *path, size_t index,
                                      const struct evidence_wish *wish, int depth, struct work *work,
                                      struct evidence_set *set, struct rfd_error *error)
{
    const struct certificate *c = path->certificates[index];
    const struct certificate *issuer = path->certificates[index + 1];
    char name[EVIDENCE_NAME_SIZE];
    struct revocation_result result = {0};
    rfd_status status = RFD_OK;
    TRY_OUT(check(e, c, issuer, wish, &result, error));
    if (result.state == REVOCATION_NOT_NEEDED) goto out;
    if (result.state == REVOCATION_UNKNOWN) {
        status = error_set(error, RFD_E_REVOCATION_MISSING, "%s: %s", evidence_name(c, name), result.detail);
        goto out;
    }
    bool revoked = result.state == REVOCATION_REVOKED || result.state == REVOCATION_HELD;
    rfd_time proven = wish->proven == RFD_TIME_NONE ? wish->at : wish->proven;
    if (revoked && (result.revoked_at == RFD_TIME_NONE || result.revoked_at <= proven)) {
        status = error_set(error, RFD_E_CERTIFICATE_REVOKED, "%s", evidence_name(c, name));
        goto out;
    }
    TRY_OUT(add_item(set, result.item, error));
    if (result.issuer != NULL && !certificate_equal(result.issuer, issuer)) {
        TRY_OUT(certificate_list_add(&e->known, result.issuer, error));
        push(work, result.issuer, result.from_crl ? PATH_ANY : PATH_OCSP, depth + 1);
    }
out:
    revocation_result_dispose(&result);
    return status;
}

static rfd_status collect_path(struct evidence *e, const struct pending *next, const struct evidence_wish *wish,
                               struct work *work, struct evidence_set *set, struct rfd_error *error)
{
    struct path path = {0};
    char name[EVIDENCE_NAME_SIZE];
    rfd_status status = RFD_OK;
    TRY_OUT(evidence_path(e, next->leaf, next->purpose, wish->at, &path, error));
    bool whole =
        path.fault != PATH_FAULT_NO_ANCHOR || (path.count > 0 && path.certificates[path.count - 1]->self_issued);
    if (path.count == 0 || !whole) {
        const struct certificate *top = path.count == 0 ? next->leaf : path.certificates[path.count - 1];
        if (trust_is_anchor(e->trust, top)) goto out;
        status = error_set(error, RFD_E_REVOCATION_MISSING, "%s: its issuer's certificate is not known",
                           evidence_name(top, name));
        goto out;
    }
    for (size_t i = 0; i < path.count; i++) {
        bool done = contains(&set->certificates, path.certificates[i]);
        if (!done) TRY_OUT(certificate_list_add(&set->certificates, path.certificates[i], error));
        if (!done && i + 1 < path.count) TRY_OUT(collect_certificate(e, &path, i, wish, next->depth, work, set, error));
    }
out:
    path_dispose(&path);
    return status;
}

rfd_status evidence_collect(struct evidence *e, const struct certificate *leaf, const struct evidence_wish *wish,
                            struct evidence_set *set, struct rfd_error *error)
{
    struct work work = {0};
    rfd_status status = RFD_OK;
    push(&work, leaf, wish->purpose, 0);
    while (work.count > 0 && status == RFD_OK) {
        struct pending next = work.items[--work.count];
        status = collect_path(e, &next, wish, &work, set, error);
        certificate_unref(next.leaf);
    }
    while (work.count > 0) certificate_unref(work.items[--work.count].leaf);
    return status;
}
