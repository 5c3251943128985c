/* SPDX-License-Identifier: EUPL-1.2
 *
 * One run over one document: its source, the document open on it, and the update that was made last. A run may append
 * several updates (signature, validation data, document time stamp):
 *
 *   source: [ original bytes | earlier updates ]   tail: [ last update ]
 *
 * sign_run_absorb() moves the tail into the source and opens the document anew. The running digest over the original
 * bytes is kept, so that however many updates follow, the original is hashed once.
 */
#ifndef PADES_SIGN_RUN_H
#define PADES_SIGN_RUN_H

#include "base/arena.h"
#include "base/output.h"
#include "pades/sign/placement.h"
#include "pades/sign/report_sign.h"
#include "pades/sign/signature_write.h"
#include "pki/algorithm.h"
#include "pki/digest.h"
#include "pki/path/path.h"

struct visible;

struct sign_run {
    struct rfd_sign_options options; /* a copy, adapted by seed values */
    struct rfd_sign_report *report;  /* NULL when not asked for */
    struct arena arena;              /* texts that outlive a reopening */
    struct source *source;
    rfd_bytes repaired; /* what `source` reads, after a repair */
    struct pdf_document *doc;
    struct pdf_view view;
    struct placement place;
    struct visible *visible; /* the stamp's place, in the arena; NULL: nothing is seen (visible.h) */
    const char *field;       /* that is being signed; survives a reopening */
    struct signature_algorithm algorithm;
    struct path path;        /* the signer's, from the checks before signing */
    enum digest_id digest;   /* of every digest over the document */
    struct digest *original; /* over the original bytes, when kept */
    bool keep_original;      /* more than one digest will be wanted */
    bool may_repair;
    rfd_time now;
    rfd_time proven;   /* of the last time stamp got, or RFD_TIME_NONE */
    size_t token_size; /* of the largest time-stamp token got */
    rfd_bytes tail;
};

/** `options` is copied by its `size`; checks what does not depend on the document. */
rfd_status sign_run_begin(struct sign_run *run, const struct rfd_sign_options *options,
                          struct rfd_error *error) RFD_MUST_CHECK;
void sign_run_dispose(struct sign_run *run);

/** Without options.key: a key for `certificates` that cannot sign, which the caller frees when the run is disposed of.
 */
rfd_status sign_run_key(struct sign_run *run, slice certificates, struct rfd_key **own,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** Opens the document on run->source, repairs it when allowed and needed, reads its fields. RFD_E_PDF_SIGNED_DAMAGED.
 */
rfd_status sign_run_document(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;
/** Moves the tail into the source and opens the document again. Does nothing without a tail. */
rfd_status sign_run_absorb(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;

/** Writes field, signature dictionary and stamp as an update into the tail, with /ByteRange filled. */
rfd_status sign_run_update(struct sign_run *run, const struct signature_dictionary *dictionary,
                           struct signature_hole *hole, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes field and stamp without a signature into the tail, to be looked at. */
rfd_status sign_run_preview(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;
/** Digest of source and tail without the hole; writes digest_size() bytes. */
rfd_status sign_run_digest(struct sign_run *run, const struct signature_hole *hole, uint8_t *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Puts the CMS into the tail's hole; false when it does not fit. */
bool sign_run_fill(struct sign_run *run, const struct signature_hole *hole, slice cms);

/** Writes source and tail into `output` and commits it; `output` is used up in any case. */
rfd_status sign_run_output(struct sign_run *run, struct output *output, struct rfd_error *error) RFD_MUST_CHECK;

/** Opens report, source, output, runs `work`, writes the result: what all functions on files share. */
typedef rfd_status sign_run_work(struct sign_run *run, struct rfd_error *error);
rfd_status sign_run_file(const char *operation, const char *input, const char *output,
                         const struct rfd_sign_options *options, sign_run_work *work, struct rfd_sign_report **report,
                         struct rfd_error *error) RFD_MUST_CHECK;

#endif
