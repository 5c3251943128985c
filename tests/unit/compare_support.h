/* SPDX-License-Identifier: EUPL-1.2
 *
 * A handmade document, updates of it, and what they are taken for, for the tests of difference analysis.
 */
#ifndef TESTS_COMPARE_SUPPORT_H
#define TESTS_COMPARE_SUPPORT_H

#include "pades/difference/difference.h"
#include "pades/verify/findings.h"
#include "pdf_support.h"

enum { COMPARE_EDITS = 6, COMPARE_BASE = 30, NEW = 0, FUTURE = 60, HIDDEN = 19 };
#define ANY RFD_FINDING_COUNT

#define SIGNATURE                                                                                                      \
    "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <30>>>"
#define TIMESTAMP                                                                                                      \
    "<</Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <31>>>"
#define STREAM(entries, data) "<<" entries "/Length 8>>\nstream\n" data "\nendstream"
#define PAGE(annotations, rest)                                                                                        \
    "<</Type /Page /Parent 2 0 R /Contents 6 0 R /Resources 7 0 R /Annots [" annotations "]" rest ">>"
#define CATALOG(rest)                                                                                                  \
    "<</Type /Catalog /Pages 2 0 R /AcroForm 4 0 R /StructTreeRoot 20 0 R /Outlines 24 0 R "                           \
    "/Holder 29 0 R " rest ">>"
#define FORM(fields, rest)                                                                                             \
    "<</Fields [" fields "] /SigFlags 3 /DR <</Font <</Helv 15 0 R>>>> /CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)" rest ">>"
#define TEXT_FIELD(rest)      "<</FT /Tx /T (name) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R " rest ">>"
#define EMPTY_SIGNATURE(rest) "<</FT /Sig /T (Sig2) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R " rest ">>"
#define NEW_WIDGET(rest)      "<</FT /Sig /T (Sig3) /Type /Annot /Subtype /Widget /P 3 0 R /F 132 " rest ">>"
#define BOX                   "8 0 R 9 0 R 10 0 R 11 0 R 12 0 R"
#define FIELDS                "8 0 R 9 0 R 13 0 R 14 0 R 26 0 R"
#define INVISIBLE             "/Rect [0 0 0 0] "

#define TRAILER    "/Root 1 0 R /ID [<00112233><00112233>]"
#define CODE(name) RFD_FINDING_CHANGE_##name

/** The objects of the document, from number 1. */
extern const char *const compare_base[COMPARE_BASE];

/** Replaces an object, or makes a NEW one: "@1" in any text stands for the number of the first new object. */
struct compare_edit {
    uint32_t object;
    const char *text;
};
struct compare_example {
    const char *name;
    struct compare_edit edits[COMPARE_EDITS];
    enum rfd_change_level level;
    enum rfd_finding_code code; /* one that must be among the changes */
};

/** The document with the edits as one more revision. */
void compare_apply(struct support_document *before, const struct compare_example *e, struct support_document *after);
/** What the last revision changed; in the context, which the caller closes. */
const struct difference *compare_last(struct support_document *d, struct difference_context **c);
/** Whether a change has this code, or it is ANY. */
bool compare_has_code(const struct difference *d, enum rfd_finding_code code);
/** Prints all changes. */
void compare_explain(const char *name, const struct difference *d);

#endif
