/* SPDX-License-Identifier: EUPL-1.2
 *
 * The form that asks for a certificate: what its fields, its choices and its sending share.
 */
#ifndef WEB_ASKING_H
#define WEB_ASKING_H

#include "domain/organisation/organisation.h"
#include "web/registration/registration_pages.h"

struct asking {
    struct page *page;
    struct registration_settings settings;
    const struct pack_registration *pack;
    slice country;
    struct form_field fields[FORM_FIELDS];
    size_t field_count, first_file;
    struct form form;
    struct kept_file files[KEPT_FILES];
    size_t file_count;
    /* What there is to choose from; kept for the page. */
    struct form_choice *documents, *motives, *units, *places;
    size_t document_count, motive_count, unit_count, place_count;
    int64_t entity;         /* the only one; 0: there are several, or none */
    int64_t renews;         /* certificate */
    slice link;             /* of the reminder that one came by; empty: none */
    bool keeps;             /* the key may be kept here (central signing): at the desk only */
    struct applicant known; /* of what is renewed */
    struct faults faults;
    int64_t id;
};

/* ---- asking_choices.c ---- */

/** Entities, units, motives, evidence: out of the database. */
rfd_status asking_load(struct transaction *t, struct asking *a, struct rfd_error *error) RFD_MUST_CHECK;
/** "issue/first-issue" in its two. */
void asking_motive(slice choice, slice *kind, slice *motive);

/* ---- asking_fields.c ---- */

/** Fills `fields` by the country's pack and what was loaded. */
void asking_fields(struct asking *a);
/** Gives the form its choices; `sent`: it was filled in by somebody. */
void asking_choose(struct asking *a, bool sent);
/** The unit that was chosen, or typed by its code, and its entity; a fault of the field. */
rfd_status asking_unit(struct transaction *t, struct asking *a, struct unit *out,
                       struct rfd_error *error) RFD_MUST_CHECK;

/* ---- renewal.c ---- */

/** Finds what is renewed, and the data that it was asked for with. RFD_E_NOT_FOUND when it is not theirs, RFD_E_STATE
 * outside of the time for it. */
rfd_status asking_renewal(struct transaction *t, struct asking *a, struct rfd_error *error) RFD_MUST_CHECK;
void asking_renewal_fill(struct asking *a);
/** That it is for the same person; a fault of the form. */
void asking_renewal_check(struct asking *a);

/* ---- ask.c ---- */

/** Nothing loaded yet. RFD_E_NOT_FOUND where no certificates are issued. */
rfd_status asking_begin(struct page *page, struct asking **out, struct rfd_error *error) RFD_MUST_CHECK;
/** By which a form that is sent twice is one request. */
slice asking_token(struct page *page);
/** Whom the form is about. */
struct applicant asking_applicant(struct asking *a, const struct unit *unit, slice locality, slice pkcs10);
/** What is asked for, for that one applicant. */
struct request asking_request(struct asking *a, const struct unit *unit, struct applicant *applicant, slice token);

/* ---- pkcs10_field.c ---- */

/** The request that the browser made (field "key"), or the file that was brought (field "pkcs10"): DER; empty: neither,
 * or a fault of "key" or "pkcs10". A file that was brought goes into "key", so that it is not lost. */
rfd_status pkcs10_read(struct page *page, struct form *form, slice *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Names of the fields, and what of a request can be at most, in base64. */
enum { PKCS10_TEXT_MAXIMUM = REQUEST_PKCS10_MAXIMUM / 3 * 4 + 8 };

#endif
