/* SPDX-License-Identifier: EUPL-1.2
 *
 * Work over many documents: the list of inputs and outputs, threads, a progress bar on a terminal, and a summary that
 * tells which failed and why. A bad document does not stop the others.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "base/buf.h"
#include "cli/options.h"

struct document {
    const char *input;
    const char *output; /* "-" is standard output, NULL: in place */
    rfd_status status;
    struct rfd_error error;
    struct rfd_sign_report *report;
};

struct batch {
    struct document *documents;
    size_t count;
    char **made;
    size_t made_count;
};

/** From operands or --batch, with -o, --out-dir, --in-place. Mistakes are RFD_E_ARGUMENT. */
rfd_status batch_read(const struct arguments *a, struct batch *out, struct rfd_error *error) RFD_MUST_CHECK;
void batch_dispose(struct batch *b);
/** Where a document's result goes: its output, or the input itself. */
const char *batch_target(const struct document *d);

/** Does `work` for each document on `jobs` threads (0: one for each processor). */
typedef void batch_work(void *context, struct document *document);
void batch_run(struct batch *b, int jobs, bool progress, batch_work *work, void *context);

#endif
