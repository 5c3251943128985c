/* SPDX-License-Identifier: EUPL-1.2
 *
 * Form fields and signature dictionaries, read (ISO 32000-2 §12.7, §12.8). Walks the AcroForm's field tree with cycle
 * and depth limits; never the page tree.
 */
#ifndef PDF_FIELD_H
#define PDF_FIELD_H

#include "pdf/document.h"

enum pdf_lock_action { PDF_LOCK_NONE, PDF_LOCK_ALL, PDF_LOCK_INCLUDE, PDF_LOCK_EXCLUDE };

/** /Lock of a signature field or the TransformParams of a FieldMDP (§12.8.2.4). */
struct pdf_field_lock {
    enum pdf_lock_action action;
    int permission;      /* /P of a /Lock (1-3), or 0 */
    const slice *fields; /* full names, UTF-8 */
    size_t count;
};
/** True when `name` falls under the lock: names match whole or at a '.' boundary, never by prefix of a part. */
bool pdf_lock_covers(const struct pdf_field_lock *lock, slice name);

struct pdf_field {
    slice name; /* fully qualified, UTF-8; '.' between parts (one inside a /T, which §12.7.4.2 forbids, stays) */
    slice type; /* "Sig", "Tx", "Btn", "Ch", inherited; empty when none */
    struct pdf_reference reference; /* {0} for a direct object */
    const struct pdf_value *dictionary;
    const struct pdf_value *value; /* /V resolved, inherited; null when empty */
    struct pdf_reference value_reference;
    const struct pdf_reference *widgets; /* its widgets' references: itself when merged; {0} for a direct object */
    size_t widget_count;
    bool merged;
    uint32_t flags; /* /Ff, inherited; 0 when none (§12.7.4.1 table 227) */
};

/**
 * All terminal fields in tree order, in the document's arena; also a node with both fields and nameless widgets below.
 * An object met a second time (a cycle, a kid of two parents) counts where it was met first. RFD_E_LIMIT beyond
 * 100,000 fields, a depth of 64 or names of 32 KiB.
 */
rfd_status pdf_fields(struct pdf_view *view, const struct pdf_field **out, size_t *count,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Null gives PDF_LOCK_NONE; an /Action that is none of the three locks all fields, the safe reading. */
rfd_status pdf_field_lock(struct pdf_view *view, const struct pdf_value *lock, struct pdf_field_lock *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

/** A signature dictionary (§12.8.1 table 255), as parsed; checks nothing. */
struct pdf_signature {
    const struct pdf_value *dictionary;
    struct pdf_reference reference;
    slice filter, sub_filter; /* names */
    slice contents;           /* decoded /Contents with padding */
    slice contents_raw;       /* as in the file, with < and > */
    uint64_t contents_offset; /* source offset of '<'; 0 when not a direct string at a known place */
    int64_t byte_range[4];
    size_t byte_range_count; /* integers found in /ByteRange (0 when missing or not all integers) */
    const struct pdf_value *byte_range_value;
    rfd_time claimed_time;                 /* /M, or RFD_TIME_NONE */
    slice reason, location, contact, name; /* UTF-8, in the arena */
    const slice *certificates;             /* /Cert, a string or an array of them: DER, the signer's first */
    size_t certificate_count;
    bool document_timestamp;        /* /Type /DocTimeStamp or /SubFilter /ETSI.RFC3161 */
    int docmdp;                     /* permission of a DocMDP transform in /Reference (1-3), 0 when none */
    struct pdf_field_lock fieldmdp; /* PDF_LOCK_NONE when none */
};
rfd_status pdf_signature_read(struct pdf_view *view, const struct pdf_value *dictionary, struct pdf_reference reference,
                              struct pdf_signature *out, struct rfd_error *error) RFD_MUST_CHECK;

/** The permission of the document's certification signature, found through /Perms /DocMDP (0 = none). */
int pdf_certification(struct pdf_view *view, struct pdf_reference *signature);

#endif
