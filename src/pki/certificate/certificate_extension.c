/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/certificate/certificate_internal.h"

#include "pki/oid.h"

/* Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } (RFC 5280 §4.1). */
bool certificate_next_extension(slice *in, slice *oid, bool *critical, slice *value)
{
    slice extension;
    slice flag;
    if (!der_take_optional(in, DER_SEQUENCE, &extension) || !der_take_optional(&extension, DER_OID, oid)) return false;
    *critical = false;
    if (der_take_optional(&extension, DER_BOOLEAN, &flag)) {
        if (flag.length != 1) return false;
        *critical = flag.data[0] != 0;
    }
    return der_take_optional(&extension, DER_OCTET_STRING, value) && extension.length == 0;
}

bool certificate_extension(const struct certificate *c, slice oid, slice *value, bool *critical)
{
    slice rest = c->extensions;
    slice found;
    slice content;
    bool flag;
    while (certificate_next_extension(&rest, &found, &flag, &content)) {
        if (!slice_equal(found, oid)) continue;
        *value = content;
        if (critical != NULL) *critical = flag;
        return true;
    }
    return false;
}

bool certificate_has_eku(const struct certificate *c, slice purpose, bool *present, bool *critical, bool *only)
{
    slice value;
    slice list;
    slice each;
    size_t count = 0;
    bool found = false;
    bool flag = false;
    bool exists = certificate_extension(c, oid(OID_EXTENDED_KEY_USAGE), &value, &flag);
    if (exists && der_take_optional(&value, DER_SEQUENCE, &list)) {
        for (; der_take_optional(&list, DER_OID, &each); count++) found = found || slice_equal(each, purpose);
    }
    if (present != NULL) *present = exists;
    if (critical != NULL) *critical = flag;
    if (only != NULL) *only = found && count == 1;
    return found;
}

enum { NAME_URI = DER_CONTEXT(6) };

static bool starts_ignoring_case(slice text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (text.length < length) return false;
    for (size_t i = 0; i < length; i++) {
        if ((text.data[i] | 0x20) != (uint8_t)prefix[i]) return false;
    }
    return true;
}

/* An http address without blanks and control characters; false when `take` wants no more. */
static bool give_url(slice url, certificate_take_url *take, void *context)
{
    if (!starts_ignoring_case(url, "http:") && !starts_ignoring_case(url, "https:")) return true;
    for (size_t i = 0; i < url.length; i++) {
        if (url.data[i] <= 0x20 || url.data[i] >= 0x7F) return true;
    }
    return take(context, url);
}

/* RFC 5280 §4.2.2.1. */
void certificate_aia_urls(const struct certificate *c, slice method, certificate_take_url *take, void *context)
{
    slice value;
    slice list;
    slice access;
    slice found;
    slice url;
    if (!certificate_extension(c, oid(OID_AUTHORITY_INFO_ACCESS), &value, NULL)) return;
    if (!der_take_optional(&value, DER_SEQUENCE, &list)) return;
    while (der_take_optional(&list, DER_SEQUENCE, &access)) {
        if (!der_take_optional(&access, DER_OID, &found) || !slice_equal(found, method)) continue;
        if (der_take_optional(&access, NAME_URI, &url) && !give_url(url, take, context)) return;
    }
}

/* DistributionPoint ::= SEQUENCE { [0] { [0] fullName GeneralNames | [1] } ... } (RFC 5280 §4.2.1.13). */
static bool give_point(slice point, certificate_take_url *take, void *context)
{
    slice name;
    slice full;
    struct der_item item;
    if (!der_take_optional(&point, DER_CONTEXT_CONSTRUCTED(0), &name)) return true;
    if (!der_take_optional(&name, DER_CONTEXT_CONSTRUCTED(0), &full)) return true;
    while (der_next(&full, &item)) {
        if (item.tag == NAME_URI && !give_url(item.content, take, context)) return false;
    }
    return true;
}

void certificate_crl_urls(const struct certificate *c, certificate_take_url *take, void *context)
{
    slice value;
    slice list;
    slice point;
    if (!certificate_extension(c, oid(OID_CRL_DISTRIBUTION_POINTS), &value, NULL)) return;
    if (!der_take_optional(&value, DER_SEQUENCE, &list)) return;
    while (der_take_optional(&list, DER_SEQUENCE, &point)) {
        if (!give_point(point, take, context)) return;
    }
}
