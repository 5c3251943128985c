/* SPDX-License-Identifier: EUPL-1.2
 *
 * Difference analysis: what a revision changed, object by object as seen from the trailer, and whether a signature
 * permits it (ISO 32000-2 §12.8.2.2-4). Two steps: difference_between() lists the changes of one revision against the
 * one before, once for all signatures; difference_permitted() holds a change against one signature's permissions.
 *
 * The old and new graphs are walked side by side from their trailers with a table of rules: {kind of dictionary, key,
 * rule}. A value that no rule allows to differ must be deeply equal. Because every path is walked (subgraphs that no
 * changed object can be reached from are cut off), an object that is reached both by an allowed and by another path is
 * judged by the other. What is unknown is not allowed.
 *
 * Not checked here: ByteRange, cryptography, whether an appearance looks like its value.
 */
#ifndef PADES_DIFFERENCE_H
#define PADES_DIFFERENCE_H

#include "pdf/field.h"
#include <refrenda/verify.h>

struct change {
    enum rfd_change_level level;
    enum rfd_finding_code code; /* what it is when it is permitted, or the ERROR code when level is OTHER */
    uint32_t object;            /* 0: trailer or direct */
    size_t revision;            /* index of the revision that made it */
    slice field;                /* full name, for changes to fields and signatures */
    const char *path;           /* "/Root/Pages/Kids[2]/Contents", in the arena */
    bool new_field;             /* `field` did not exist before */
    bool accompanies;           /* only serves another change (a new widget's structure element) */
};

struct difference {
    const struct change *changes; /* in the document's arena */
    size_t count;
    enum rfd_change_level level; /* the highest */
};

/** Analysis state of one document: adjacency of objects, kept between pairs of revisions. */
struct difference_context;
rfd_status difference_open(struct pdf_document *doc, struct difference_context **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
void difference_close(struct difference_context *c);

/** What revision `revision` (≥ 1) changed against `revision` - 1. Unreadable parts are a change of level OTHER
 * (CHANGE_UNREADABLE); the status is for lack of memory only. The result is kept and given again. */
rfd_status difference_between(struct difference_context *c, size_t revision, const struct difference **out,
                              struct rfd_error *error) RFD_MUST_CHECK;

/** What a signature permits after itself. */
struct difference_policy {
    int permission;                    /* DocMDP in force for this signature: 1, 2, 3; 0: none, taken as 2 */
    const struct pdf_field_lock *lock; /* its FieldMDP, or NULL */
};
/** True when the change is permitted; otherwise `code` tells why not. LTA-level changes are always permitted
 * (ISO 32000-2:2020 §12.8.2.2.2: DSS and document time stamps are not changes). */
bool difference_permitted(const struct difference_policy *policy, const struct change *change,
                          enum rfd_finding_code *code);

#endif
