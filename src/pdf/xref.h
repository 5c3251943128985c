/* SPDX-License-Identifier: EUPL-1.2
 *
 * One cross-reference section (ISO 32000-2 §7.5.4, §7.5.8) and the chain of them. Entries are not copied: a well-formed
 * table is read where it lies in the source, by arithmetic; a stream is kept as its decoded bytes. Only a table whose
 * entries are not 20 bytes long is copied, into the form that a stream has.
 *
 * Internal to the pdf floor.
 */
#ifndef PDF_XREF_H
#define PDF_XREF_H

#include "base/map.h"
#include "pdf/document.h"

enum {
    XREF_SECTIONS_MAXIMUM = 4096,
    XREF_NUMBER_MAXIMUM = 0x7FFFFFFE, /* of an object */
    XREF_ENTRY_LENGTH = 20,           /* in a table (§7.5.4) */
};

/** Consecutive object numbers. */
struct xref_run {
    uint32_t first, count;
    uint64_t offset;     /* in the source, of 20-byte entries; unused when `data` is set */
    const uint8_t *data; /* binary entries of the section's `widths` */
};

struct xref_section {
    uint64_t offset; /* source offset of "xref" or of "n g obj" */
    uint64_t end;    /* just after the trailer dictionary, or after "endobj" */
    enum pdf_xref_kind kind;
    uint8_t widths[3];     /* /W; of a copied table 1, 8, 2 */
    struct xref_run *runs; /* ascending, not overlapping */
    size_t run_count;
    uint64_t entry_count; /* with those of `hybrid` */
    uint32_t size;        /* highest object number listed + 1, with those of `hybrid` */
    const struct pdf_value *trailer;
    struct xref_section *hybrid; /* what /XRefStm points to, or NULL */
    struct xref_section *older;  /* what /Prev points to, or NULL */
    bool short_entries;          /* of 19 bytes */
};

/** Bytes of a binary entry. */
static inline size_t xref_entry_length(const struct xref_section *s)
{
    return (size_t)s->widths[0] + s->widths[1] + s->widths[2];
}
/** True for the XREF_ENTRY_LENGTH bytes of a well-formed table entry. */
bool xref_entry_is_exact(const uint8_t *entry);

/** For documents of many revisions: which sections list an object, without asking each. */
struct xref_mention {
    uint32_t section;
    uint32_t older; /* index of the next mention + 1, 0 at the end */
};

struct xref {
    struct xref_section **sections; /* the oldest first */
    uint32_t count;
    struct xref_mention *mentions; /* of all sections but the oldest; NULL when there are few sections */
    struct map newest;             /* object number to the index of its newest mention + 1 */
};

/** Reads the section at a source offset, with its hybrid part; entries are looked at only as far as needed. */
rfd_status xref_read(struct pdf_document *doc, uint64_t offset, struct xref_section **out,
                     struct rfd_error *error) RFD_MUST_CHECK;

/** Takes the chain from its newest section. */
rfd_status xref_set(struct pdf_document *doc, struct xref_section *newest, struct rfd_error *error) RFD_MUST_CHECK;
void xref_dispose(struct xref *x);

/** Where sections 0 to `section` say that an object is. Fails on a malformed entry. */
rfd_status xref_locate(struct pdf_document *doc, uint32_t section, uint32_t number, struct pdf_location *out,
                       struct rfd_error *error) RFD_MUST_CHECK;

/** Writes the numbers that a section lists, ascending within each of its parts, and returns how many. */
size_t xref_numbers(const struct xref_section *section, uint32_t *to);

#endif
