/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the PDF/A checker share. One walk over everything reachable (archive_walk.c) hands each value to
 * the checks of its kind; content streams are read on the way (archive_content.c); what can only be judged at the end
 * (device colours against the output intent) is collected in `struct archive`.
 */
#ifndef PDF_ARCHIVE_INTERNAL_H
#define PDF_ARCHIVE_INTERNAL_H

#include "base/map.h"
#include "pdf/archive/archive.h"

enum { ARCHIVE_STREAM_MAXIMUM = 64 << 20 };

/** Where a value was met. */
struct archive_place {
    uint32_t object; /* the indirect object that holds it */
    slice under;     /* the key that leads to it (of an array's items: the array's) */
    slice above;     /* the key above that */
};

enum archive_device { ARCHIVE_GRAY, ARCHIVE_RGB, ARCHIVE_CMYK, ARCHIVE_DEVICES };

struct archive {
    struct pdf_view *view;
    struct arena *arena;
    int part;
    char level;
    struct pdf_archive_violation *violations;
    size_t count, capacity;
    struct map told; /* rule and object */
    bool complete;
    int intent_components; /* of the output intent: 0 none, 1, 3, 4 */
    bool uses_device[ARCHIVE_DEVICES];
    uint32_t device_object[ARCHIVE_DEVICES];
    struct map fonts;    /* checked font dictionaries */
    struct map profiles; /* checked profiles by object number: 1 right, 0 wrong */
    uint64_t steps;      /* that may still be made, see archive_spend() */
    rfd_status status;   /* RFD_E_MEMORY or RFD_E_LIMIT, sticky: ends the check */
};

/** Notes a violation when the part has the rule; each rule once for an object. Not after a failure of the view, which
 * makes everything look as if it were missing. */
void archive_add(struct archive *a, enum pdf_archive_rule rule, uint32_t object, const char *format, ...)
    RFD_PRINTF(4, 5);

/** What could not be read: memory ends the check, the rest leaves it incomplete. Returns true for RFD_OK. */
bool archive_read(struct archive *a, rfd_status status);
/** Forgets that an object could not be read, so that what comes after it is seen again; the check is incomplete. */
void archive_settle(struct archive *a);
/** Pays for work that a small file can demand again and again: bytes of content, entries compared, widths. False when
 * all is spent, which ends the check: what was not looked at must not be called wrong. */
bool archive_spend(struct archive *a, uint64_t steps);
/** pdf_get() of a dictionary that others share, paid for by its size. */
const struct pdf_value *archive_get(struct archive *a, const struct pdf_value *dictionary, const char *key);
/** The decoded stream; false when it is none or cannot be read. */
bool archive_stream(struct archive *a, const struct pdf_value *stream, slice *out);

void archive_check_file(struct archive *a);                     /* archive_file.c */
void archive_check_framing(struct archive *a, uint32_t number); /* archive_file.c: spacing of one object */
void archive_read_claim(struct archive *a);                     /* archive_metadata.c */
void archive_check_metadata(struct archive *a);                 /* archive_metadata.c */
void archive_read_intent(struct archive *a);                    /* archive_colour.c */
void archive_note_device(struct archive *a, uint32_t object, const struct pdf_value *space);    /* the same */
void archive_check_devices(struct archive *a);                                                  /* the same */
void archive_check_profile(struct archive *a, uint32_t object, const struct pdf_value *stream); /* the same */
void archive_walk(struct archive *a);                                                           /* archive_walk.c */
void archive_check_value(struct archive *a, const struct pdf_value *v, const struct archive_place *at);
void archive_check_annotation(struct archive *a, const struct pdf_value *v, uint32_t object);
void archive_check_signature(struct archive *a, const struct pdf_value *v, uint32_t object);
/** `stream` with its own resources. `above` are resources of who shows it, for streams without any. */
void archive_check_content(struct archive *a, slice content, const struct pdf_value *resources, uint32_t object);
void archive_check_font(struct archive *a, const struct pdf_value *font, uint32_t object);

#endif
