/* SPDX-License-Identifier: EUPL-1.2
 *
 * What validation leans on and since when it exists (EN 319 102-1 §5.6.2.3): the document security store as each
 * time-stamped revision has it, so that what a later update leaves out is not lost, and as the latest one has it, which
 * may hold evidence that no time stamp covers: usable, but proven for now only. VRI dictionaries are read like the
 * common lists, and nothing depends on their being there (EN 319 142-1 §5.4.2.2); their /TU and /TS prove nothing here.
 */
#include "pades/verify/validate.h"

#include "base/error.h"

#define UNPROVEN SIZE_MAX

struct gathering {
    struct validation *v;
    size_t from; /* marks of this revision or later prove what is taken now; UNPROVEN: none will */
};

static bool is_timestamp(const struct signature_state *s)
{
    return s->format == FORMAT_TIMESTAMP && s->parsed && s->coverage.well_formed && s->coverage.has_revision;
}

static bool has_timestamps(const struct validation *v)
{
    for (size_t i = 0; i < v->count; i++) {
        if (is_timestamp(&v->signatures[i])) return true;
    }
    return false;
}

/* --- What a signature brought --------------------------------------------------------------------------------------
 */

rfd_status validate_brought(struct validation *v, const struct signature_state *s, const struct cms *cms, size_t first,
                            struct rfd_error *error)
{
    if (!s->coverage.has_revision || !has_timestamps(v)) return RFD_OK;
    size_t from = s->coverage.revision + 1;
    for (size_t i = 0; i < cms->certificates.count; i++) {
        TRY(poe_add_object(&v->poe, cms->certificates.items[i]->fingerprint, from, error));
    }
    for (size_t i = first; i < v->evidence.count; i++) {
        TRY(poe_add_object(&v->poe, v->evidence.items[i].fingerprint, from, error));
    }
    return RFD_OK;
}

/* --- The document security store -----------------------------------------------------------------------------------
 */

static rfd_status take_certificate(struct gathering *g, slice der, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    TRY(certificate_parse(der, &c, error));
    rfd_status status = certificate_list_add(&g->v->certificates, c, error);
    if (status == RFD_OK && g->from != UNPROVEN) status = poe_add_object(&g->v->poe, c->fingerprint, g->from, error);
    certificate_unref(c);
    return status;
}

static rfd_status take(void *context, enum dss_kind kind, slice der, struct rfd_error *error)
{
    struct gathering *g = context;
    struct revocation_store *store = &g->v->evidence;
    size_t index;
    if (kind == DSS_CERTIFICATE) return take_certificate(g, der, error);
    TRY(revocation_store_put(store, der, kind == DSS_CRL, REVOCATION_FROM_DOCUMENT, &index, error));
    if (g->from == UNPROVEN) return RFD_OK;
    return poe_add_object(&g->v->poe, store->items[index].fingerprint, g->from, error);
}

/* From the oldest time stamp on, so that each object is met first where it is first covered. */
static rfd_status walk_timestamped(struct gathering *g, struct dss_walk *w, struct rfd_error *error)
{
    struct validation *v = g->v;
    for (size_t i = 0; i < v->count; i++) {
        if (!is_timestamp(&v->signatures[i])) continue;
        g->from = v->signatures[i].coverage.revision;
        struct pdf_view view = pdf_view(v->doc, g->from);
        rfd_status status = dss_walk_revision(w, &view, true, error);
        if (validate_is_fatal(status)) return status;
    }
    g->from = UNPROVEN;
    return RFD_OK;
}

/* ISO 32000-2 §12.8.4.4: the SHA-1 of the whole /Contents, padding included. */
static rfd_status vri_key(const struct signature_state *s, struct buf *key, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA1, s->dictionary.contents, digest, error));
    buf_put_hex(key, slice_of(digest, digest_size(DIGEST_SHA1)), true);
    return buf_check(key, "VRI key", error);
}

/* What one signature's dictionary lists must be in the common lists, too (EN 319 142-1 §5.4.2.2). */
static rfd_status walk_own(struct validation *v, struct dss_walk *w, struct signature_state *s, struct rfd_error *error)
{
    struct buf key;
    bool found = false;
    rfd_status status;
    size_t known = v->evidence.count + v->certificates.count;
    buf_init(&key, 64);
    TRY_OUT(vri_key(s, &key, error));
    TRY_OUT(dss_walk_vri(w, &v->latest, buf_slice(&key), &found, error));
    if (v->evidence.count + v->certificates.count > known) {
        findings_add(&s->findings, RFD_FINDING_VRI_APART, "%.*s", (int)key.length, (const char *)key.data);
    }
out:
    buf_dispose(&key);
    return status;
}

static rfd_status walk_latest(struct validation *v, struct dss_walk *w, struct rfd_error *error)
{
    const struct pdf_value *dss = pdf_get(&v->latest, pdf_catalog(&v->latest), "DSS");
    TRY(dss_walk_revision(w, &v->latest, false, error));
    if (pdf_entries(pdf_get(&v->latest, dss, "VRI")) == NULL) return RFD_OK;
    for (size_t i = 0; i < v->count; i++) {
        if (v->signatures[i].dictionary.contents.length > 0) TRY(walk_own(v, w, &v->signatures[i], error));
    }
    return RFD_OK;
}

rfd_status validate_store(struct validation *v, struct rfd_error *error)
{
    struct gathering g = {.v = v, .from = UNPROVEN};
    struct dss_walk w;
    rfd_status status;
    dss_walk_start(&w, take, &g);
    TRY_OUT(walk_timestamped(&g, &w, error));
    status = walk_latest(v, &w, error);
    if (!validate_is_fatal(status)) status = RFD_OK; /* evidence that cannot be read is evidence that is missing */
out:
    dss_walk_dispose(&w);
    return status;
}

/* --- Proofs ---------------------------------------------------------------------------------------------------------
 */

rfd_time validate_upper(const struct timestamp *t)
{
    rfd_time upper;
    return t->accuracy > 0 && !__builtin_add_overflow(t->time, t->accuracy, &upper) ? upper : t->time;
}

rfd_status validate_add_proof(struct validation *v, const struct signature_state *s, struct rfd_error *error)
{
    struct poe proof = {validate_upper(&s->token), s->token.time, (size_t)(s - v->signatures)};
    struct poe found;
    if (!s->coverage.has_revision) return RFD_OK;
    TRY(poe_add_mark(&v->poe, s->coverage.revision, &proof, error));
    for (size_t i = 0; i < v->evidence.count; i++) {
        struct revocation_item *item = &v->evidence.items[i];
        if (poe_of(&v->poe, item->fingerprint, &found)) item->proven = found.time;
    }
    return RFD_OK;
}

bool validate_proven(const struct validation *v, const struct signature_state *s, struct poe *out)
{
    return s->coverage.has_revision && poe_from(&v->poe, s->coverage.revision + 1, out);
}
