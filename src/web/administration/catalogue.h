/* SPDX-License-Identifier: EUPL-1.2
 *
 * For administrators: the catalogues of registration, country by country.
 */
#ifndef WEB_ADMINISTRATION_CATALOGUE_H
#define WEB_ADMINISTRATION_CATALOGUE_H

#include "domain/registration/catalogue.h"
#include "web/web.h"

#define CATALOGUES "/administracion/catalogos"

page_handler catalogues_show, catalogue_show, catalogue_new, catalogue_add, catalogue_edit, catalogue_save,
    catalogue_reset_ask, catalogue_reset_do;

/** Which catalogue an address means. */
struct catalogue_place {
    slice country;
    const char *name; /* in the arena */
    const char *title;
};
/** RFD_E_NOT_FOUND. */
rfd_status catalogue_place(const struct page *page, struct catalogue_place *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** "Peru", in the page's language. */
const char *catalogue_country(const struct page *page, slice country);
/** Its address. */
const char *catalogue_link(const struct page *page, const struct catalogue_place *place);

#endif
