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

#ifdef __cplusplus
}
#endif
#endif
