/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files that make up an update share: update.c (objects), update_value.c (their content), update_xref.c
 * (the cross-reference section and trailer); and create.c, for which a new file is an update of nothing.
 */
#ifndef PDF_UPDATE_INTERNAL_H
#define PDF_UPDATE_INTERNAL_H

#include "pdf/update.h"

/** One object of the update. */
struct update_entry {
    uint32_t number;
    uint32_t generation;
    uint64_t offset; /* as it will be written: source offset less the document's shift */
};

struct pdf_update {
    struct pdf_document *doc; /* NULL: a new file */
    size_t revision;          /* the latest */
    const struct pdf_crypt *crypt;
    uint64_t base;
    uint64_t shift;                  /* of offsets in the document */
    struct pdf_reference root, info; /* of a new file */
    uint32_t first_new;              /* numbers from here on are ours */
    uint32_t next;
    struct pdf_reference open; /* the object being written; number 0: none */
    bool finished;
    struct buf tail;
    struct buf scratch; /* encrypted or encoded bytes on their way into the tail */
    struct update_entry *entries;
    size_t count, capacity;
    struct rfd_error failure; /* the first one */
};

/** An update without objects that continues a file of `base` bytes, or NULL. */
struct pdf_update *update_new(uint64_t base);
/** Keeps the first failure; what follows is written in vain. */
void update_failed(struct pdf_update *u, const struct rfd_error *error);
/** Lists an object that begins at the tail's end. */
void update_add_entry(struct pdf_update *u, struct pdf_reference reference);
/** A dictionary's key as it was read, and a space. */
void update_put_key(struct buf *b, const struct pdf_entry *entry);
/** Sorted by number and without repeats, or RFD_E_INTERNAL. */
rfd_status update_sort_entries(struct pdf_update *u, struct rfd_error *error) RFD_MUST_CHECK;
/** The cross-reference section and the trailer, at the tail's end. */
rfd_status update_write_xref(struct pdf_update *u, struct rfd_error *error) RFD_MUST_CHECK;
/** The same for a new file (create.c). */
rfd_status create_write_xref(struct pdf_update *u, struct rfd_error *error) RFD_MUST_CHECK;
/** "nnnnnnnnnn ggggg n" and CR LF: twenty bytes (§7.5.4). */
void update_put_table_entry(struct buf *b, const struct update_entry *entry);
/** "startxref" to the end of the file. */
void update_put_end(struct pdf_update *u, uint64_t startxref);

#endif
