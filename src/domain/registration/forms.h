/* SPDX-License-Identifier: EUPL-1.2
 *
 * Printed forms: PDFs that the platform seals (domain/seal_key.h), with a code and a QR by which anybody can look at
 * /verificar whether they are ours. Made once: the same form of the same thing in a language is the same file again.
 */
#ifndef DOMAIN_FORMS_H
#define DOMAIN_FORMS_H

#include "base/language.h"
#include "domain/registration/registration.h"
#include "print/font.h"

enum printed_form_kind {
    PRINTED_ACCEPTANCE,  /* Formato de Aceptación de Responsabilidad del Uso de la Firma Electrónica: of a certificate */
    PRINTED_REVOCATION,  /* Comprobante de Revocación: of a revocation */
    PRINTED_STATEMENT,   /* Declaración jurada: of an applicant; to be signed by them, not sealed */
    PRINTED_RECEIPT      /* Constancia de solicitud: of a request, with its folio */
};
enum { PRINTED_CODE_SIZE = 25 }; /* "ABCDE-FGHIJ-KLMNP-QRSTU" */

struct forms {
    struct store *store;
    struct blob_store *blobs;
    struct keeper_client *keeper;
    struct fonts *fonts;
    const struct registration_settings *registration;
    const char *seal_key, *url, *house;
};
/** The form of `subject` (certificate, request, or applicant: as the kind says), made when it is not there yet. Outside of
 * a transaction; `actor` was asked before by who shows it. `a` keeps the texts of `out`. */
rfd_status printed_form_make(const struct forms *forms, const struct actor *actor, enum printed_form_kind kind, int64_t subject,
                     const struct rfd_language *language, struct arena *a, struct blob *out,
                     struct rfd_error *error) RFD_MUST_CHECK;

struct printed_form {
    slice code, kind, blob;
    int64_t request, certificate;
    rfd_time made;
};
/** By the code that stands on it, however it was typed; RFD_E_NOT_FOUND. For everybody: what it tells is what
 * the form shows of itself (kind, day, serial number, initials), never an identity number. */
rfd_status printed_form_find(struct transaction *t, slice code, struct printed_form *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
