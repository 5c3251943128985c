/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a signature's ByteRange covers (ISO 32000-2 §12.8.1): two ranges around exactly the hexadecimal /Contents
 * string, ending where a revision ends, with every cross-reference section of that revision inside. Facts as findings.
 */
#ifndef PADES_COVERAGE_H
#define PADES_COVERAGE_H

#include "pades/verify/findings.h"
#include "pdf/field.h"

struct coverage {
    bool well_formed;  /* ByteRange and gap are right: a digest over it means something */
    bool whole_file;   /* ends at the end of the file (a final end of line may be left out) */
    bool has_revision; /* ends where a revision ends */
    size_t revision;   /* that revision's index */
    uint64_t end;      /* source offset where the covered bytes end */
};

/** Checks one signature of `doc`; what is wrong is added to `findings`. */
rfd_status coverage_check(struct pdf_document *doc, const struct pdf_signature *signature, struct coverage *out,
                          struct findings *findings, struct rfd_error *error) RFD_MUST_CHECK;
/** A stream of the signed revision that reaches over the gap shows what nobody signed: hexadecimal digits may change
 * their case, white space and unsigned attributes come and go (§12.8.1). It is no longer `well_formed` then. For a
 * well-formed signature with a revision, one in each: of several there none is good. */
rfd_status coverage_check_streams(struct pdf_document *doc, const struct pdf_signature *signature,
                                  struct coverage *coverage, struct findings *findings,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** Overlaps and sharing between signatures; adds to each one's findings. */
rfd_status coverage_check_together(const struct pdf_signature *const *signatures, struct findings *const *findings,
                                   size_t count, struct rfd_error *error) RFD_MUST_CHECK;

#endif
