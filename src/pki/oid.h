/* SPDX-License-Identifier: EUPL-1.2
 *
 * Object identifiers by name, as content octets. One table (oid.def): OID(name, "dotted", "bytes").
 */
#ifndef PKI_OID_H
#define PKI_OID_H

#include "base/slice.h"

enum oid_name {
#define OID(name, dotted, bytes) OID_##name,
#include "pki/oid.def"
#undef OID
    OID_COUNT
};
/** The content octets; lives for ever. */
slice oid(enum oid_name name);
/** OID_COUNT when not in the table. */
enum oid_name oid_find(slice content);

#endif
