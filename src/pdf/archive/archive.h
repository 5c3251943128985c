/* SPDX-License-Identifier: EUPL-1.2
 *
 * Does a file that claims to be PDF/A (ISO 19005-1, -2, -3) still keep what signing could break? The file's structure,
 * claim and metadata, colour, transparency, the fonts that text is shown with, annotations, forms, actions, embedded
 * files and signatures are looked at, in everything that the latest revision reaches.
 *
 * It is no full validator: logical structure (level A), glyphs missing from fonts, font encodings, JPEG 2000, embedded
 * files' own conformance and XMP extension schemas are not checked.
 */
#ifndef PDF_ARCHIVE_H
#define PDF_ARCHIVE_H

#include "pdf/document.h"

enum pdf_archive_rule {
#define ARCHIVE_RULE(name, one, two, message) PDF_ARCHIVE_##name,
#include "pdf/archive/archive_rules.def"
#undef ARCHIVE_RULE
    PDF_ARCHIVE_RULE_COUNT
};

struct pdf_archive_violation {
    enum pdf_archive_rule rule;
    uint32_t object;    /* 0: the file, or a direct object of the trailer */
    const char *clause; /* of the part that is claimed, "6.3.4" */
    const char *detail; /* technical, English; "" for none */
};
struct pdf_archive_report {
    int part;   /* 1 to 3; 0: no claim, nothing is checked */
    char level; /* 'A', 'B', 'U' */
    const struct pdf_archive_violation *violations;
    size_t count;
    bool complete; /* false: limits were reached, or parts could not be read */
};

/** Checks against the part that the file claims; `as` (1 to 3) against another, 0 for the claim. The report lives in
 * the document's arena. */
rfd_status pdf_archive_check(struct pdf_view *view, int as, struct pdf_archive_report *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** Which part the document claims to follow, 1 to 3, or 0 for none of these; not whether that is true. Metadata that
 * cannot be read claim nothing. RFD_E_MEMORY. */
rfd_status pdf_archive_claim(struct pdf_view *view, int *part, struct rfd_error *error) RFD_MUST_CHECK;

/** "font-embedded"; valid until this thread asks again. */
const char *pdf_archive_rule_name(enum pdf_archive_rule rule);
/** English sentence, also the catalogue's key. */
const char *pdf_archive_rule_message(enum pdf_archive_rule rule);

#endif
