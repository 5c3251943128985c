/* SPDX-License-Identifier: EUPL-1.2
 *
 * The document security store (ISO 32000-2 §12.8.4.3, EN 319 142-1 §5.4.2): certificates, OCSP responses and CRLs of a
 * document, read and written. Earlier entries are never dropped.
 */
#ifndef PADES_DSS_H
#define PADES_DSS_H

#include "base/map.h"
#include "pdf/update.h"
#include "pki/revocation/revocation.h"

enum dss_kind { DSS_CERTIFICATE, DSS_OCSP, DSS_CRL };
/** What to do with one entry. An error but RFD_E_MEMORY means that the entry cannot be read, and counts as skipped. */
typedef rfd_status dss_take(void *context, enum dss_kind kind, slice der, struct rfd_error *error);

/** Goes through the stores of one or more revisions, each stream once. */
struct dss_walk {
    dss_take *take;
    void *context;
    struct map seen;     /* addresses of the streams taken */
    size_t bytes_left;   /* that may still be unfolded */
    size_t entries_left; /* that may still be looked at */
    size_t skipped;
};
void dss_walk_start(struct dss_walk *w, dss_take *take, void *context);
void dss_walk_dispose(struct dss_walk *w);
/** The common lists (/Certs, /OCSPs, /CRLs) of a revision; `all_vri`: those of every VRI dictionary, too. */
rfd_status dss_walk_revision(struct dss_walk *w, struct pdf_view *view, bool all_vri,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** The lists of one signature's VRI dictionary, whose `key` is upper-case hexadecimal; `*found` when
 * there is one. */
rfd_status dss_walk_vri(struct dss_walk *w, struct pdf_view *view, slice key, bool *found,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** Reads what a revision's DSS holds, into lists that may already hold something. What cannot be parsed is skipped and
 * counted in `*skipped`. */
rfd_status dss_read(struct pdf_view *view, struct certificate_list *certificates, struct revocation_store *store,
                    size_t *skipped, struct rfd_error *error) RFD_MUST_CHECK;

/** What to add for one signature: its VRI key is the upper-case hexadecimal SHA-1 of its whole /Contents as in the
 * file, padding included (§12.8.4.4). */
struct dss_entry {
    slice contents; /* decoded /Contents with padding */
    const struct certificate_list *certificates;
    const struct revocation_store *store;
    const size_t *items; /* indexes into the store */
    size_t item_count;
};
/** Writes the DSS (new or grown, deduplicated by content) and the catalog entry into the update, together with
 * /Extensions /ESIC where the version asks for it. `changed` is false when everything was there already. */
rfd_status dss_write(struct pdf_update *update, struct pdf_view *view, const struct dss_entry *entries, size_t count,
                     bool *changed, struct rfd_error *error) RFD_MUST_CHECK;

#endif
