/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is known of an identity number: by the organisation, of its own people, and by the identity service, where there
 * is one, of everybody.
 */
#ifndef WEB_AGENCY_LOOK_UP_H
#define WEB_AGENCY_LOOK_UP_H

#include "domain/fault.h"
#include "domain/registration/registration.h"
#include "web/web.h"

struct known_person {
    slice given_names, surname, second_surname, mail, mobile, post; /* in the page's arena; empty: not known */
};
/** Nothing known is no error. */
rfd_status look_up_person(struct page *page, slice country, int64_t entity, slice document, slice number,
                          struct known_person *out, struct rfd_error *error) RFD_MUST_CHECK;

struct looked_up {
    bool names;        /* the service's: they count more than what was typed */
    const char *says;  /* why there are none, N_(); NULL: there are, or there is no service */
    const char *warns; /* the document does not hold, N_(); NULL: it does */
};
/** Asks the service for who may edit this request; its names take the place of those in `known`. RFD_E_INVALID with
 * faults: "document", "number". */
rfd_status look_up_identity(struct page *page, const struct registration_settings *settings, int64_t request,
                            slice document, slice number, struct known_person *known, struct looked_up *out,
                            struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;

#endif
