/* SPDX-License-Identifier: EUPL-1.2
 *
 * For the tests of the PDF floor: third-party files, other people's programs, small PDFs made on the spot.
 */
#ifndef TESTS_PDF_SUPPORT_H
#define TESTS_PDF_SUPPORT_H

#include "base/buf.h"
#include "base/source.h"
#include "pdf/update.h"

/** Folder of third-party files (REFRENDA_CORPORA, or ../shared/corpora beside the sources), or NULL. */
const char *support_corpora(void);
/** Calls `each` for every *.pdf below corpora/`folder`; returns how many. */
size_t support_each_pdf(const char *folder, void (*each)(const char *path, void *context), void *context);

/** Runs a program found in PATH without a shell, its output thrown away: its exit status, or -1 when it is missing. */
int support_run(const char *const *arguments);
bool support_has(const char *program);

/** A file in a folder of this test's own, of at most 16 names; valid until support_clean(), which removes them. */
const char *support_path(const char *name);
void support_write(const char *path, slice head, slice tail);
void support_read(const char *path, struct buf *out);
void support_clean(void);

/** A document over bytes in memory. */
struct support_document {
    struct buf bytes;
    struct source *source;
    struct pdf_document *doc;
    struct rfd_error error;
};
void support_init(struct support_document *d);
/** Opens d->bytes. */
rfd_status support_open(struct support_document *d, const char *password, bool strict);
void support_close(struct support_document *d);

/** Finishes and frees an update of `from` and opens input and tail together; anything that fails ends the program. */
void support_apply(struct support_document *from, struct pdf_update *u, const char *password,
                   struct support_document *to);

/** What qpdf can encrypt with: options after the two passwords, ended by NULL. */
enum { SUPPORT_ENCRYPTIONS = 7 };
extern const char *const support_encryptions[SUPPORT_ENCRYPTIONS][4];
/** Encrypts the PDF in `plain` into d->bytes; every odd `variant` (below 2 * SUPPORT_ENCRYPTIONS) has object streams.
 */
void support_encrypt(struct support_document *d, const struct buf *plain, size_t variant, const char *user,
                     const char *owner);

/**
 * A PDF of `count` objects ("<<...>>" texts numbered from 1), with a table, or as one object stream and an xref
 * stream; `trailer` holds further entries ("/Root 1 0 R").
 */
void support_make_pdf(struct buf *out, const char *const *objects, size_t count, const char *trailer);
void support_make_compressed_pdf(struct buf *out, const char *const *objects, size_t count, const char *trailer);

#endif
