/* SPDX-License-Identifier: EUPL-1.2
 *
 * The attributes of a SignerInfo being parsed: used by cms_parse.c only.
 */
#ifndef PKI_CMS_ATTRIBUTE_H
#define PKI_CMS_ATTRIBUTE_H

#include "pki/cms/cms.h"

/** Reads c->signed_attributes into the fields for known attributes. No type may occur twice. RFD_E_CMS, RFD_E_DER. */
rfd_status cms_read_signed_attributes(struct cms *c, struct rfd_error *error) RFD_MUST_CHECK;
/** Checks the form of c->unsigned_attributes and finds the time-stamps. A type may occur several times (EN 319 122-1
 * §5.3). RFD_E_CMS, RFD_E_DER. */
rfd_status cms_read_unsigned_attributes(struct cms *c, struct rfd_error *error) RFD_MUST_CHECK;

#endif
