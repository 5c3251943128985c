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
    PRINTED_ACCEPTANCE, /* Formato de Aceptación de Responsabilidad del Uso de la Firma Electrónica: of a certificate */
    PRINTED_REVOCATION, /* Comprobante de Revocación: of a revocation, by its request */
    PRINTED_STATEMENT,  /* Declaración jurada: of an applicant; to be signed by them: neither sealed nor kept */
    PRINTED_RECEIPT     /* Constancia de solicitud: of a request, with its folio */
};
enum { PRINTED_CODE_LETTERS = 20, PRINTED_CODE_SIZE = 24 }; /* "BCDFG-HJKLM-NPQRS-TVWXZ", and a zero */

struct forms {
    struct store *store;
    struct blob_store *blobs;
    struct keeper_client *keeper;
    struct fonts *fonts;
    const struct registration_settings *registration;
    const char *seal_key, *url, *house;
    const char *tsa_url; /* RFC 3161; NULL or "": seals have no time stamp. Without an answer there is none, either */
};
/** The form of `subject` (certificate, request, or applicant: as the kind says), made when it is not there yet. Outside
 * of a transaction; `actor` was asked before by who shows it. `a` keeps the texts of `out`. */
rfd_status printed_form_make(const struct forms *forms, const struct actor *actor, enum printed_form_kind kind,
                             int64_t subject, const struct rfd_language *language, struct arena *a, struct blob *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

struct printed_form {
    slice code, kind, blob; /* the code as it is printed, in groups */
    int64_t request, certificate;
    rfd_time made;
};
/** "acceptance"; and its title, N_(); NULL: there is no such kind. */
const char *printed_form_name(enum printed_form_kind kind);
const char *printed_form_title(slice kind);
/** By the code that stands on it, however it was typed; RFD_E_NOT_FOUND. For everybody: what it tells is what
 * the form shows of itself (kind, day, serial number, initials), never an identity number. */
rfd_status printed_form_find(struct transaction *t, slice code, struct printed_form *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/** The same by the content, hexadecimal SHA-256: whether a file that somebody has is ours, octet by octet. */
rfd_status printed_form_find_content(struct transaction *t, slice id, struct printed_form *out,
                                     struct rfd_error *error) RFD_MUST_CHECK;
/** What anybody may know of it. */
struct printed_form_facts {
    slice folio;    /* of the request; empty: there is none */
    slice initials; /* of the holder, or the applicant: "A. Q. M." */
    slice serial;   /* hexadecimal; empty: it is of no certificate */
    rfd_time not_before, not_after;
    enum certificate_state state; /* now */
    rfd_time revoked;             /* RFD_TIME_NONE */
    bool in_force;                /* now */
};
rfd_status printed_form_look(struct transaction *t, const struct registration_settings *settings,
                             const struct printed_form *form, rfd_time now, struct printed_form_facts *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
