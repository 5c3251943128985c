/* SPDX-License-Identifier: EUPL-1.2
 *
 * The signature dictionary (ISO 32000-2 §12.8.1 table 255, EN 319 142-1 §6.3) with its two holes: /ByteRange, blank
 * padded so that any offset of 64 bits fits, and /Contents. Both are filled once the update is finished.
 */
#ifndef PADES_SIGNATURE_WRITE_H
#define PADES_SIGNATURE_WRITE_H

#include "pades/sign/lock.h"

struct signature_dictionary {
    bool timestamp; /* a document time stamp: no texts, no date, no references */
    rfd_time time;
    const char *reason, *location, *contact, *name; /* NULL for none */
    int certification;                              /* DocMDP permission, 0 for none */
    const struct pdf_field_lock *lock;              /* FieldMDP, PDF_LOCK_NONE for none */
    struct pdf_reference catalog;
    size_t reserve; /* bytes of CMS that /Contents must hold */
};

/** Positions in the update's tail. */
struct signature_hole {
    size_t byte_range; /* the blank after "[0" */
    size_t contents;   /* the '<' */
    size_t length;     /* from '<' to '>', both included */
};

void signature_write(struct pdf_update *update, struct pdf_reference object, const struct signature_dictionary *d,
                     struct signature_hole *hole);
/** Writes the numbers: `tail` begins at source offset `base`. */
void signature_fill_byte_range(uint8_t *tail, size_t length, uint64_t base, const struct signature_hole *hole);
/** Writes `cms` as hexadecimal digits after the '<' at `contents`; it must fit. */
void signature_fill_contents(uint8_t *contents, slice cms);

#endif
