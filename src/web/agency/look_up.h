/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is known of an identity number: by the organisation, of its own people.
 */
#ifndef WEB_AGENCY_LOOK_UP_H
#define WEB_AGENCY_LOOK_UP_H

#include "web/web.h"

struct known_person {
    slice given_names, surname, second_surname, mail, mobile, post; /* in the page's arena; empty: not known */
};
/** Nothing known is no error. */
rfd_status look_up_person(struct page *page, slice country, int64_t entity, slice document, slice number,
                          struct known_person *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
