/* SPDX-License-Identifier: EUPL-1.2
 *
 * What pages of several areas show of certificates, and of the requests for them.
 */
#ifndef WEB_CERTIFICATES_H
#define WEB_CERTIFICATES_H

#include "domain/registration/evidence.h"
#include "domain/registration/registration.h"
#include "web/web.h"

/** What the domain wants to know of registration. */
struct registration_settings page_registration(const struct page *page);
/** What a profile is called, in the page's language. */
slice page_profile(const struct page *page, slice name);
/** A serial number as people read it: hexadecimal digits, in the page's arena. */
slice page_serial(const struct page *page, slice serial);
/** A certificate's last uses, for part/timeline, as `events`; `used`: there are some. */
rfd_status page_uses(struct transaction *t, struct page *page, int64_t certificate, size_t most,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** A file that was handed in, for part/evidence and desk/file: what it is, and where it is seen, if it may be opened.
 * `title` lives as long as the page. */
void page_evidence(const struct page *page, const struct evidence *evidence, slice title, struct view *item);

#endif
