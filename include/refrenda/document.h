/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/document.h: what a PDF holds that matters for signing: fields, pages, revisions, encryption, active content.
 */
#ifndef REFRENDA_DOCUMENT_H
#define REFRENDA_DOCUMENT_H

#include <refrenda/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rfd_document;

RFD_API rfd_status rfd_document_open(const char *path, rfd_slice password, struct rfd_document **out,
                                     struct rfd_error *error) RFD_MUST_CHECK;
RFD_API void rfd_document_close(struct rfd_document *document);

struct rfd_field_info {
    const char *name; /* fully qualified, UTF-8 */
    const char *type; /* "Sig", "Tx", "Btn", "Ch", "" */
    bool is_signature;
    bool is_signed;
    const char *lock;        /* "", "All", "Include: a, b", "Exclude: c" */
    const char *seed_values; /* what /SV demands, in words; "" */
    uint32_t object;
};
RFD_API rfd_status rfd_document_fields(struct rfd_document *document, const struct rfd_field_info **fields,
                                       size_t *count, struct rfd_error *error) RFD_MUST_CHECK;

struct rfd_document_info {
    int version; /* 10 * major + minor */
    size_t pages, revisions, objects, signatures;
    uint64_t size;
    const char *xref;       /* "table", "stream", "hybrid" */
    const char *encryption; /* "", "AES-256 (R6)", ... */
    bool linearised;
    int certification;            /* DocMDP permission in force, 0 = none */
    const char *const *anomalies; /* NULL-terminated sentences */
    const char *const
        *active_content; /* NULL-terminated: "JavaScript", "launch action", "embedded file", "layers", ... */
};
RFD_API rfd_status rfd_document_inspect(struct rfd_document *document, const struct rfd_document_info **out,
                                        struct rfd_error *error) RFD_MUST_CHECK;

/** Something that PDF/A (ISO 19005) does not allow. */
struct rfd_archive_violation {
    const char *rule;    /* "font-embedded" */
    const char *clause;  /* "6.3.4", of the part that is checked */
    const char *message; /* English, also the catalogue's key */
    const char *detail;  /* technical, may hold text of the document; "" for none */
    uint32_t object;     /* 0: none */
};
struct rfd_archive_info {
    int part;      /* 1 to 3; 0: the document claims none, and nothing was checked */
    char level;    /* 'A', 'B', 'U' as claimed */
    bool complete; /* false: limits were reached, or parts could not be read */
    const struct rfd_archive_violation *violations;
    size_t count;
};
/** Whether the document keeps what PDF/A demands and signing could break; no full validation. `part`: 0 for the one
 * that the document claims, or 1 to 3. */
RFD_API rfd_status rfd_document_archive(struct rfd_document *document, int part, const struct rfd_archive_info **out,
                                        struct rfd_error *error) RFD_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
