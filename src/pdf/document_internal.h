/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the reader share: the document itself, how anomalies are taken, objects at offsets.
 */
#ifndef PDF_DOCUMENT_INTERNAL_H
#define PDF_DOCUMENT_INTERNAL_H

#include "base/error.h"
#include "pdf/document.h"
#include "pdf/lexer.h"
#include "pdf/xref.h"

/** A reference that was followed, and what it led to. */
struct followed {
    size_t revision;
    struct pdf_reference reference; /* number 0: nothing yet */
    const struct pdf_value *value;
};
enum { FOLLOWED = 16 }; /* a power of two */

struct pdf_document {
    struct source *source;
    struct arena arena;
    bool strict;
    bool ready; /* cross-references are known: references can be followed */
    uint32_t anomalies;
    uint64_t header; /* source offset of %PDF- */
    uint64_t shift;
    int header_version;
    int version; /* 0: not asked yet */
    struct xref xref;
    struct pdf_revision *revisions;
    uint32_t *newest_section; /* of each revision */
    size_t revision_count;
    struct map objects;                 /* source offset to struct loaded */
    struct map containers;              /* address of an object stream's value to struct container */
    struct followed followed[FOLLOWED]; /* by object number: the catalog and the page tree are asked for all the time */
    struct pdf_crypt *crypt;
    uint32_t encrypt; /* object number of /Encrypt, 0 when direct or absent */
    unsigned depth;   /* of objects that need another object to be read */
    uint64_t work;    /* bytes that may still be parsed: hostile offsets cannot make us read the file over and over */
};

/** Notes an anomaly. */
void document_note(struct pdf_document *doc, enum pdf_anomaly anomaly);
/** Notes an anomaly that changes what is read: an error with `strict`. */
rfd_status document_tolerate(struct pdf_document *doc, enum pdf_anomaly anomaly, struct rfd_error *error,
                             const char *format, ...) RFD_PRINTF(4, 5) RFD_MUST_CHECK;

/** Finds the startxref and follows /Prev: fills `xref` and `revisions` (revision.c). */
rfd_status revision_read_all(struct pdf_document *doc, struct rfd_error *error) RFD_MUST_CHECK;

/** An indirect object as found at an offset. */
struct loaded {
    struct pdf_value value;
    struct pdf_reference header; /* as its "n g obj" says */
    uint64_t end;                /* just after "endobj" */
    uint32_t length_number;      /* object that holds the stream's /Length, 0 when direct */
    const struct pdf_value *length;
    struct loaded *other; /* the same offset read with another /Length, in another revision */
};
/** Parses "n g obj ... endobj" at a source offset, once (load.c). */
rfd_status load_at(struct pdf_document *doc, size_t revision, uint64_t offset, const struct loaded **out,
                   struct rfd_error *error) RFD_MUST_CHECK;
/** As pdf_object, but with `strict` the generations must agree too (§7.3.10). */
rfd_status load_reference(struct pdf_document *doc, size_t revision, struct pdf_reference reference,
                          const struct pdf_value **out, struct rfd_error *error) RFD_MUST_CHECK;
/** §7.5.4: the object at a place; the cross-reference and the object itself must name the same number. */
rfd_status load_plain(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_location at,
                      const struct pdf_value **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Takes from the work that a document may cost; RFD_E_LIMIT when it is used up. */
rfd_status load_spend(struct pdf_document *doc, uint64_t work, struct rfd_error *error);
/** Forgets all objects. */
void load_clear(struct pdf_document *doc);
void load_dispose(struct pdf_document *doc);

/** The object that a cross-reference says is in an object stream (container.c). */
rfd_status container_object(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_location at,
                            const struct pdf_value **out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
