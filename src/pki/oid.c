/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/oid.h"

static const slice octets[OID_COUNT] = {
#define OID(name, dotted, bytes) [OID_##name] = {(const uint8_t *)(bytes), sizeof(bytes) - 1},
#include "pki/oid.def"
#undef OID
};

slice oid(enum oid_name name)
{
    return (unsigned)name < OID_COUNT ? octets[name] : SLICE_EMPTY;
}

enum oid_name oid_find(slice content)
{
    size_t low = 0;
    size_t high = OID_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare(content, octets[middle]);
        if (order == 0) return (enum oid_name)middle;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return OID_COUNT;
}
