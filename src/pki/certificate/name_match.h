/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether two distinguished names are the same (RFC 5280 §7.1): string type, case of ASCII letters and amount of
 * white space do not matter, order of the RDNs does. Letters beyond ASCII are compared as they are: no case folding
 * and no Unicode normalisation, which is also what OpenSSL does.
 */
#ifndef PKI_NAME_MATCH_H
#define PKI_NAME_MATCH_H

#include "base/buf.h"

/** Two Names as whole DER elements. Malformed ones are equal only when their bytes are. */
bool name_equal(slice a, slice b);
/** Known to be different: both are well-formed and could be compared. For where a wrong "different" would do harm. */
bool name_differs(slice a, slice b);
/** Equal names have equal hashes. */
uint64_t name_hash(slice name);
/** Appends the form that is compared; false when the Name is malformed or too large. */
bool name_canonical(slice name, struct buf *out);

#endif
