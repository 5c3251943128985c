/* SPDX-License-Identifier: EUPL-1.2
 *
 * Attributes of names by the words in which plans, packs, approvals and orders write them: those of RFC 4519 §2 ("cn",
 * "sn", "serialNumber"), and of X.520 for what that has not.
 */
#ifndef PKI_ATTRIBUTE_H
#define PKI_ATTRIBUTE_H

#include "pki/oid.h"

/** NULL for what is no attribute of a name. */
const char *attribute_word(enum oid_name type);
/** OID_COUNT when it is not known. Upper and lower case are told apart: there is one way to write each. */
enum oid_name attribute_from_word(slice word);

#endif
