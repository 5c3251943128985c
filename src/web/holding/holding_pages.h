/* SPDX-License-Identifier: EUPL-1.2
 *
 * "Mis certificados": a person's own certificates, what can be done with them, and the figures of registration.
 */
#ifndef WEB_HOLDING_PAGES_H
#define WEB_HOLDING_PAGES_H

#include "domain/registration/registration.h"
#include "web/certificates.h"
#include "web/internal.h"

#define HOLDINGS "/certificados"

/** What is known of one that the person holds. */
struct holding_page {
    struct page *page;
    struct registration_settings settings;
    int64_t id;
    struct holding holding; /* its texts are kept for the page */
};
/** Of the address; the person's own: RFD_E_NOT_FOUND for others'. */
rfd_status holding_page_open(struct page *page, struct holding_page *out, struct rfd_error *error) RFD_MUST_CHECK;
/** What can be done with it and how it is, for own.mustache and one.mustache; facts without links. */
void holding_page_put(struct page *page, const struct registration_settings *settings, const struct holding *holding,
                      struct view *view);

page_handler holdings_show, holding_show, holding_chain_send, holding_receipt_send;
page_handler holding_revoke_show, holding_revoke_send;
page_handler holding_renew, holding_renew_link_show, holding_renew_link_send;
page_handler statistics_show;

#endif
