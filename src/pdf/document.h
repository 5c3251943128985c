/* SPDX-License-Identifier: EUPL-1.2
 *
 * A PDF as a chain of revisions (ISO 32000-2 §7.5.6) over one source. Nothing is materialised on opening: the
 * cross-reference sections stay where they are in the file (tables) or as decoded bytes (streams), and an object is
 * parsed when first asked for, once for all revisions that share it: two revisions hold the same object exactly when
 * pdf_object() gives the same pointer.
 *
 * This module does not rebuild damaged cross-references. What it tolerates it notes as an anomaly, and with
 * `strict` an anomaly that changes what is read is an error.
 */
#ifndef PDF_DOCUMENT_H
#define PDF_DOCUMENT_H

#include "base/arena.h"
#include "base/source.h"
#include "pdf/object.h"

struct pdf_document;

struct pdf_options {
    bool strict;           /* validation: no tolerance where two readers could see two documents */
    size_t memory_maximum; /* bytes of parsed objects and decoded streams; 0 = 1 GiB */
    slice password;        /* user or owner password, UTF-8; empty tries the empty one */
};

/** Opens `source` (borrowed, must outlive the document). RFD_E_NOT_PDF, RFD_E_PDF_DAMAGED, RFD_E_PDF_PASSWORD,
 * RFD_E_PDF_ENCRYPTION. An encrypted document is unlocked here or not at all. */
rfd_status pdf_open(struct source *source, const struct pdf_options *options, struct pdf_document **out,
                    struct rfd_error *error) RFD_MUST_CHECK;
void pdf_close(struct pdf_document *doc);

struct source *pdf_source(const struct pdf_document *doc);
struct arena *pdf_arena(struct pdf_document *doc);
/** What must be added to an offset written in the file to get an offset in the source: 0, or the offset of
 * its "%PDF-" when the file counts from there. */
uint64_t pdf_offset_shift(const struct pdf_document *doc);
/** Header or catalog /Version, whichever is higher: 10 * major + minor, e.g. 17, 20. */
int pdf_version(struct pdf_document *doc);

enum pdf_xref_kind { PDF_XREF_TABLE, PDF_XREF_STREAM, PDF_XREF_HYBRID };

/** One revision: everything up to one %%EOF. The two sections of a linearised file are one revision. */
struct pdf_revision {
    uint64_t startxref;  /* source offset of its newest cross-reference section */
    uint64_t end;        /* just after its %%EOF and that line's end (CR, LF or CRLF), or the file's end */
    uint64_t eof_marker; /* source offset of that %%EOF; 0 when missing */
    enum pdf_xref_kind xref;
    uint32_t size;                   /* highest object number + 1, over this and all earlier revisions */
    const struct pdf_value *trailer; /* dictionary (for a stream: its dictionary) */
    bool linearised;
};
/** Revisions are numbered from 0, the oldest. */
size_t pdf_revision_count(const struct pdf_document *doc);
const struct pdf_revision *pdf_revision(const struct pdf_document *doc, size_t index);

/** What was tolerated or looks wrong; each has a name for reports. */
#define PDF_ANOMALIES(X)                                                                                               \
    X(HEADER_MOVED, "bytes before the header")                                                                         \
    X(HEADER_ODD, "the header's version is not well formed")                                                           \
    X(TRAILING_BYTES, "bytes after the last %%EOF")                                                                    \
    X(EOF_MISSING, "no %%EOF after the last cross-reference section")                                                  \
    X(STARTXREF_INEXACT, "startxref does not point exactly at a cross-reference section")                              \
    X(XREF_ENTRY_LENGTH, "cross-reference entries that are not 20 bytes long")                                         \
    X(XREF_SIZE, "the trailer's /Size is smaller than the highest object number")                                      \
    X(XREF_OVERLAP, "a cross-reference section that lists an object twice")                                            \
    X(STREAM_LENGTH, "a stream whose /Length is wrong")                                                                \
    X(DUPLICATE_KEY, "a dictionary that has a key twice")                                                              \
    X(OBJECT_HEADER, "an object whose number is not the one in the cross-reference")                                   \
    X(GAP, "bytes between revisions that belong to no object")
enum pdf_anomaly {
#define X(name, text) PDF_ANOMALY_##name,
    PDF_ANOMALIES(X)
#undef X
        PDF_ANOMALY_COUNT
};
bool pdf_has_anomaly(const struct pdf_document *doc, enum pdf_anomaly anomaly);
const char *pdf_anomaly_text(enum pdf_anomaly anomaly);

/** Where a revision says that an object is. */
enum pdf_entry_kind { PDF_ENTRY_ABSENT, PDF_ENTRY_FREE, PDF_ENTRY_OFFSET, PDF_ENTRY_COMPRESSED };
struct pdf_location {
    enum pdf_entry_kind kind;
    uint32_t generation; /* free: the next generation to use */
    uint64_t offset;     /* PDF_ENTRY_OFFSET: source offset of "n g obj" */
    uint32_t container;  /* PDF_ENTRY_COMPRESSED: object stream's number */
    uint32_t index;
    uint32_t section; /* counts up from the oldest section; tells which revision wrote the entry */
};
struct pdf_location pdf_locate(struct pdf_document *doc, size_t revision, uint32_t number);

/** The object numbers that the sections of `revision` itself list (changed, added or freed by it), ascending, without
 * repeats; in the document's arena. */
rfd_status pdf_revision_objects(struct pdf_document *doc, size_t revision, const uint32_t **numbers, size_t *count,
                                struct rfd_error *error) RFD_MUST_CHECK;

/** Whether an incremental update holds bytes, other than white space, that belong to none of the objects and sections
 * it lists; notes PDF_ANOMALY_GAP. Costs a parse of each object that the revision lists. False for revision 0. */
rfd_status pdf_find_gap(struct pdf_document *doc, size_t revision, bool *out, struct rfd_error *error) RFD_MUST_CHECK;

/** The object itself, &pdf_null when free or absent (§7.3.10). Parsed at most once for each place in the file. */
rfd_status pdf_object(struct pdf_document *doc, size_t revision, uint32_t number, const struct pdf_value **out,
                      struct rfd_error *error) RFD_MUST_CHECK;

/**
 * The document as of one revision, with a sticky failure: readers follow references without checking each step and
 * ask pdf_view_status() once at the end. After a failure everything reads as null.
 */
struct pdf_view {
    struct pdf_document *doc;
    size_t revision;
    struct rfd_error failure;
};
struct pdf_view pdf_view(struct pdf_document *doc, size_t revision);
struct pdf_view pdf_latest(struct pdf_document *doc);
rfd_status pdf_view_status(const struct pdf_view *view, struct rfd_error *error);

/** Follows references (at most 32) until something direct. Never NULL. */
const struct pdf_value *pdf_resolve(struct pdf_view *view, const struct pdf_value *v);
/** pdf_resolve of a dictionary's (or stream dictionary's) entry; `dictionary` may itself be a reference. */
static inline const struct pdf_value *pdf_get(struct pdf_view *view, const struct pdf_value *dictionary,
                                              const char *key)
{
    return pdf_resolve(view, pdf_entry_of(pdf_resolve(view, dictionary), key));
}

/** pdf_resolve of an array's item; null when out of range. */
const struct pdf_value *pdf_item(struct pdf_view *view, const struct pdf_value *array, size_t index);
const struct pdf_value *pdf_trailer(struct pdf_view *view);
const struct pdf_value *pdf_catalog(struct pdf_view *view);
/** The reference under a key, or {0}. */
struct pdf_reference pdf_reference_of(const struct pdf_value *dictionary, const char *key);

/** A page found by index (0 = first), with what it inherits (§7.7.3.4) resolved; nulls where nothing is given. */
struct pdf_page {
    struct pdf_reference reference; /* {0} for a page that is a direct object in /Kids */
    const struct pdf_value *dictionary;
    const struct pdf_value *media_box, *crop_box, *resources, *rotate;
};
rfd_status pdf_page(struct pdf_view *view, size_t index, struct pdf_page *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Number of pages by walking the tree's leaves' counts (bounded, cycle-safe). */
rfd_status pdf_page_count(struct pdf_view *view, size_t *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Decrypts and applies the filters of a stream; the result lives in the arena. RFD_E_LIMIT beyond `maximum` bytes. */
rfd_status pdf_stream_data(struct pdf_view *view, const struct pdf_value *stream, size_t maximum, slice *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** The bytes of a stream as they are in the file (encrypted, filters not applied), read now if they were not yet. */
rfd_status pdf_stream_encoded(struct pdf_document *doc, const struct pdf_value *stream, slice *out,
                              struct rfd_error *error) RFD_MUST_CHECK;

/** True when the document is encrypted (and, since it opened, unlocked). */
bool pdf_is_encrypted(const struct pdf_document *doc);
struct pdf_crypt;
/** NULL when not encrypted. */
const struct pdf_crypt *pdf_crypt(const struct pdf_document *doc);

/** A text string (§7.9.2.2: UTF-16BE, UTF-8 with mark, or PDFDocEncoding) as UTF-8. */
struct buf;
void pdf_text_to_utf8(slice string, struct buf *out);

#endif
