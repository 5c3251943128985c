/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the printed forms: what stands on them, how they are drawn, and their seal.
 */
#ifndef DOMAIN_FORMS_INTERNAL_H
#define DOMAIN_FORMS_INTERNAL_H

#include "domain/registration/forms.h"
#include "domain/registration/holding_internal.h"
#include "pki/certificate/certificate.h"

/** Where a certificate stands in the transparency log; size 0: not there yet, or there is no log. */
struct form_log {
    uint64_t index, size;
    rfd_time time; /* of the tree head */
};
/** Outside of a transaction. */
rfd_status form_log_find(const struct forms *forms, int64_t certificate, struct form_log *out,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** What a form says, read in one transaction; empty what it does not have. */
struct form_content {
    enum printed_form_kind kind;
    const struct pack_registration *pack;
    struct request request;       /* that it came of, or of the revocation; id 0: none */
    struct applicant applicant;   /* the holder; id 0: the certificate came otherwise */
    struct holding holding;       /* row.id 0: of no certificate */
    struct revocation revocation; /* request 0: none */
    slice name;                   /* of the holder */
    const char *document;         /* label of the identity document: "DNI" */
    slice number;
    slice entity, unit;
    slice kind_title, motive_title;
    slice *files; /* what was handed in, in words */
    size_t file_count;
    const struct certificate *certificate; /* NULL: none */
    struct form_log log;
};
/** RFD_E_NOT_FOUND; RFD_E_STATE for a revocation that is not carried out. The certificate is to be unref'd. */
rfd_status form_content_read(struct transaction *t, const struct forms *forms, enum printed_form_kind kind,
                             int64_t subject, const struct rfd_language *language, struct form_content *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** "A. Q. M." */
slice form_initials(slice name, struct arena *a);

/** Draws it: `code` as in struct printed_form, `made` is the moment that it bears. `document` is the caller's to free.
 */
rfd_status form_print(const struct forms *forms, const struct form_content *content,
                      const struct rfd_language *language, const char *code, rfd_time made, struct arena *a,
                      rfd_bytes *document, struct rfd_error *error) RFD_MUST_CHECK;

/** Appends the document and its seal. */
rfd_status form_seal(const struct forms *forms, slice document, const char *reason, struct buf *out,
                     struct rfd_error *error) RFD_MUST_CHECK;

/** A new one, in groups. */
rfd_status form_code_new(char code[PRINTED_CODE_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** However it was typed; false: it is none. */
bool form_code_read(slice typed, char code[PRINTED_CODE_SIZE]);

#endif
