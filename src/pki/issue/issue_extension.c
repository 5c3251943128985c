/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names and extensions as DER (RFC 5280 §4.1.2.4, §4.2). An extension's value is an OCTET STRING around its own DER, so
 * each function opens two elements and closes them again.
 */
#include "pki/issue/issue.h"

enum { NAME_URI = DER_CONTEXT(6) };

void issue_put_name(struct buf *b, const struct issue_name_part *parts, size_t count)
{
    size_t name = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].text == NULL) continue;
        bool printable =
            parts[i].type == OID_COUNTRY || parts[i].type == OID_SERIAL_NUMBER || parts[i].type == OID_DN_QUALIFIER;
        uint8_t tag = printable                            ? DER_PRINTABLE_STRING
                      : parts[i].type == OID_EMAIL_ADDRESS ? DER_IA5_STRING
                                                           : DER_UTF8_STRING;
        size_t set = der_open(b, DER_SET);
        size_t attribute = der_open(b, DER_SEQUENCE);
        der_put_oid(b, oid(parts[i].type));
        der_put(b, tag, slice_text(parts[i].text));
        der_close(b, attribute);
        der_close(b, set);
    }
    der_close(b, name);
}

struct opened {
    size_t extension;
    size_t value;
};

static struct opened open_extension(struct buf *b, enum oid_name id, bool critical)
{
    struct opened o = {.extension = der_open(b, DER_SEQUENCE)};
    der_put_oid(b, oid(id));
    if (critical) der_put_boolean(b, true);
    o.value = der_open(b, DER_OCTET_STRING);
    return o;
}

static void close_extension(struct buf *b, struct opened o)
{
    der_close(b, o.value);
    der_close(b, o.extension);
}

void issue_put_basic_constraints(struct buf *b, int path_length)
{
    struct opened o = open_extension(b, OID_BASIC_CONSTRAINTS, true);
    size_t constraints = der_open(b, DER_SEQUENCE);
    der_put_boolean(b, true);
    if (path_length >= 0) der_put_unsigned(b, (uint64_t)path_length);
    der_close(b, constraints);
    close_extension(b, o);
}

/* A named bit list: bit 0 is the first octet's highest, trailing zero bits are cut (X.690 §11.2.2). */
void issue_put_key_usage(struct buf *b, unsigned key_usage)
{
    struct opened o = open_extension(b, OID_KEY_USAGE, true);
    uint8_t octet = 0;
    uint8_t unused = 7;
    for (unsigned n = 0; n < 8; n++) {
        if ((key_usage & 1U << n) == 0) continue;
        octet |= (uint8_t)(0x80U >> n);
        unused = (uint8_t)(7 - n);
    }
    der_put(b, DER_BIT_STRING, slice_of((uint8_t[]){unused, octet}, 2));
    close_extension(b, o);
}

void issue_put_eku(struct buf *b, enum oid_name purpose, bool critical)
{
    struct opened o = open_extension(b, OID_EXTENDED_KEY_USAGE, critical);
    size_t list = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(purpose));
    der_close(b, list);
    close_extension(b, o);
}

void issue_put_subject_key_id(struct buf *b, slice key_id)
{
    struct opened o = open_extension(b, OID_SUBJECT_KEY_ID, false);
    der_put(b, DER_OCTET_STRING, key_id);
    close_extension(b, o);
}

void issue_put_authority_key_id(struct buf *b, slice key_id)
{
    struct opened o = open_extension(b, OID_AUTHORITY_KEY_ID, false);
    size_t identifier = der_open(b, DER_SEQUENCE);
    der_put(b, DER_CONTEXT(0), key_id);
    der_close(b, identifier);
    close_extension(b, o);
}

/* PolicyQualifierInfo with UserNotice ::= SEQUENCE { explicitText } (RFC 5280 §4.2.1.4). */
static void put_notice(struct buf *b, const char *notice)
{
    size_t qualifiers = der_open(b, DER_SEQUENCE);
    size_t qualifier = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_QUALIFIER_USER_NOTICE));
    size_t user_notice = der_open(b, DER_SEQUENCE);
    der_put(b, DER_UTF8_STRING, slice_text(notice));
    der_close(b, user_notice);
    der_close(b, qualifier);
    der_close(b, qualifiers);
}

void issue_put_policy(struct buf *b, slice policy, const char *notice)
{
    struct opened o = open_extension(b, OID_CERTIFICATE_POLICIES, false);
    size_t list = der_open(b, DER_SEQUENCE);
    size_t information = der_open(b, DER_SEQUENCE);
    der_put_oid(b, policy);
    if (notice != NULL) put_notice(b, notice);
    der_close(b, information);
    der_close(b, list);
    close_extension(b, o);
}

static void put_access(struct buf *b, enum oid_name method, const char *url)
{
    if (url == NULL) return;
    size_t description = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(method));
    der_put(b, NAME_URI, slice_text(url));
    der_close(b, description);
}

void issue_put_authority_access(struct buf *b, const char *ocsp, const char *ca_issuers)
{
    struct opened o = open_extension(b, OID_AUTHORITY_INFO_ACCESS, false);
    size_t list = der_open(b, DER_SEQUENCE);
    put_access(b, OID_AD_OCSP, ocsp);
    put_access(b, OID_AD_CA_ISSUERS, ca_issuers);
    der_close(b, list);
    close_extension(b, o);
}

static void put_point(struct buf *b, enum oid_name extension, const char *url)
{
    struct opened o = open_extension(b, extension, false);
    size_t list = der_open(b, DER_SEQUENCE);
    size_t point = der_open(b, DER_SEQUENCE);
    size_t name = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t full = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(b, NAME_URI, slice_text(url));
    der_close(b, full);
    der_close(b, name);
    der_close(b, point);
    der_close(b, list);
    close_extension(b, o);
}

void issue_put_crl_point(struct buf *b, const char *url)
{
    put_point(b, OID_CRL_DISTRIBUTION_POINTS, url);
}

void issue_put_freshest_crl(struct buf *b, const char *url)
{
    put_point(b, OID_FRESHEST_CRL, url);
}

void issue_put_ocsp_nocheck(struct buf *b)
{
    struct opened o = open_extension(b, OID_OCSP_NOCHECK, false);
    der_put_null(b);
    close_extension(b, o);
}
