/* SPDX-License-Identifier: EUPL-1.2
 *
 * A subset of a face ready to be written: the font program and everything around it, already compressed. What it holds
 * depends on its key alone, so documents that show the same classes of glyphs (font_face.h) share one, and whether it
 * was made now or earlier cannot be told from the PDF.
 */
#ifndef PRINT_FONT_PROGRAM_H
#define PRINT_FONT_PROGRAM_H

#include "print/font_face.h"

/** A glyph without a character of its own, and what it was first shown for. */
struct font_extra {
    uint8_t face;
    uint16_t glyph;
    slice text;
};

/** What is asked for. */
struct font_selection {
    uint8_t face;
    uint32_t classes;       /* bit n: all glyphs of class n */
    const uint64_t *single; /* bit set of glyphs, as many bits as the face has; those of `classes` count, too */
    const struct font_extra *extras; /* by glyph, ascending */
    size_t extra_count;
};

/** Never changes; counted references. */
struct font_program {
    struct font_program *newer, *older; /* among those kept */
    uint64_t hash;
    struct buf key;
    unsigned references;           /* under the lock of its owner */
    char name[FONT_NAME_SIZE + 8]; /* "ABCDEF+NotoSans-Regular" */
    struct buf widths;             /* the array /W */
    struct buf file, unicode, set; /* /FontFile2, /ToUnicode, /CIDSet, deflated */
    size_t file_length;            /* /Length1: before compression */
};

/** The programs used last; a zeroed one is empty. Not locked: its owner does. */
struct font_programs {
    struct font_program *newest, *oldest;
    size_t bytes;
};

/** The key of a selection. */
void font_program_key(const struct font_face *f, const struct font_selection *selection, struct buf *key);
/** A new program with one reference. Takes `key` over. */
rfd_status font_program_new(const struct font_face *f, const struct font_selection *selection, struct buf *key,
                            struct font_program **out, struct rfd_error *error) RFD_MUST_CHECK;

/** One that is kept, with a reference more, or NULL. */
struct font_program *font_programs_find(struct font_programs *programs, slice key);
/** Keeps a program (with a reference of its own), and lets the oldest ones go when they get too many. */
void font_programs_keep(struct font_programs *programs, struct font_program *program);
void font_program_release(struct font_program *program);
void font_programs_dispose(struct font_programs *programs);

#endif
