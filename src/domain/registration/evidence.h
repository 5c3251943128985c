/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people hand in: PDF, JPEG or PNG, told by content and read through before it is taken; each content is stored
 * once (domain/blob); scanned for viruses where a scanner is set (clamd, by the worker: jobs/scan); shown from a
 * sandbox.
 */
#ifndef DOMAIN_EVIDENCE_H
#define DOMAIN_EVIDENCE_H

#include "domain/registration/registration.h"

enum { EVIDENCE_FILE_MAXIMUM = 10 << 20 };

/** A file that came with a form: its blob is on disk (page_keep_file()), its row is written with the request's. */
struct evidence_file {
    slice kind; /* catalogue "evidence": also the form's field */
    slice name; /* as it was called, for people; never a path */
    struct blob blob;
};
/** What is wrong with a file: N_(), NULL: nothing. Type by content and by reading it whole (picture decoded, PDF
 * opened: encrypted ones are refused), size, and what its kind demands (`pack`; NULL: nothing): pixels, sharpness
 * (variance of the Laplacian of the grey picture, at 800 pixels of width). */
rfd_status evidence_check(slice content, const struct pack_evidence *pack, const char **why,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The variance; 0 for a picture of one colour. */
rfd_status evidence_sharpness(slice picture, double *variance, struct rfd_error *error) RFD_MUST_CHECK;

struct evidence {
    int64_t id, request, applicant, payment;
    slice kind, blob, name, type, adder;
    uint64_t size;
    rfd_time added;
    bool replaced;
    slice scan; /* "none", "waiting", "clean", "infected" */
    bool legible, complete, current;
    int64_t checker;
};
/** Adds a file; one of the same kind of the same applicant or payment is replaced. `scanner`: it waits for the scan. */
rfd_status evidence_add(struct transaction *t, slice adder, int64_t request, int64_t applicant, int64_t payment,
                        const struct evidence_file *file, bool scanner, int64_t *id,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Those in force (`all`: replaced ones, too), by applicant and kind. */
rfd_status evidence_list(struct transaction *t, int64_t request, bool all, struct evidence **out, size_t *count,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Only for who may see the request. RFD_E_NOT_FOUND; RFD_E_STATE for one that is infected, or not scanned yet. */
rfd_status evidence_see(struct transaction *t, const struct actor *actor, int64_t id, struct evidence *out,
                        struct blob *blob, struct rfd_error *error) RFD_MUST_CHECK;
/** The agent's three marks, by the agent who has the request. */
rfd_status evidence_mark(struct transaction *t, const struct actor *actor, int64_t id, bool legible, bool complete,
                         bool current, struct rfd_error *error) RFD_MUST_CHECK;
/** What waits for the scanner, for the worker; and what the scanner said (`found` empty: clean). An infected file is
 * never shown again; who handed it in is told. */
rfd_status evidence_waiting(struct transaction *t, size_t limit, struct evidence **out, size_t *count,
                            struct rfd_error *error) RFD_MUST_CHECK;
rfd_status evidence_scanned(struct transaction *t, int64_t id, slice found, struct rfd_error *error) RFD_MUST_CHECK;

#endif
