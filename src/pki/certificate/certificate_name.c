/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names as text. A Name is a SEQUENCE of SETs of attributes (RFC 5280 §4.1.2.4); RFC 4514 prints it from the last to
 * the first.
 */
#include "pki/certificate/certificate.h"

#include "base/text.h"
#include "pki/oid.h"

enum { NAME_PARTS_MAXIMUM = 64, TEXT_MAXIMUM = 1 << 16 };

/* RFC 4514 §3 and the names that OpenSSL and EN 319 412 readers know. */
static const struct {
    enum oid_name oid;
    const char *name;
} short_names[] = {
    {OID_COMMON_NAME, "CN"},
    {OID_SURNAME, "SN"},
    {OID_SERIAL_NUMBER, "serialNumber"},
    {OID_COUNTRY, "C"},
    {OID_LOCALITY, "L"},
    {OID_STATE, "ST"},
    {OID_STREET, "street"},
    {OID_ORGANIZATION, "O"},
    {OID_ORGANIZATIONAL_UNIT, "OU"},
    {OID_TITLE, "title"},
    {OID_DESCRIPTION, "description"},
    {OID_BUSINESS_CATEGORY, "businessCategory"},
    {OID_POSTAL_CODE, "postalCode"},
    {OID_NAME, "name"},
    {OID_GIVEN_NAME, "GN"},
    {OID_INITIALS, "initials"},
    {OID_GENERATION_QUALIFIER, "generationQualifier"},
    {OID_DN_QUALIFIER, "dnQualifier"},
    {OID_PSEUDONYM, "pseudonym"},
    {OID_ORGANIZATION_IDENTIFIER, "organizationIdentifier"},
    {OID_EMAIL_ADDRESS, "emailAddress"},
    {OID_USER_ID, "UID"},
    {OID_DOMAIN_COMPONENT, "DC"},
};

struct attribute {
    slice oid;
    struct der_item value;
};

static bool next_attribute(slice *set, struct attribute *a)
{
    slice content;
    return der_take_optional(set, DER_SEQUENCE, &content) && der_take_optional(&content, DER_OID, &a->oid) &&
           der_next(&content, &a->value) && content.length == 0;
}

/* Any string type as UTF-8; false for what is no string. */
static bool to_utf8(const struct der_item *value, struct buf *out)
{
    switch (value->tag) {
    case DER_UTF8_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case 0x12: /* NumericString */
    case 0x1A: /* VisibleString */ buf_put_slice(out, value->content); return true;
    case DER_T61_STRING: text_from_latin1(value->content, out); return true;
    case DER_BMP_STRING: text_from_utf16(value->content, true, out); return true;
    case DER_UNIVERSAL_STRING: text_from_utf32_be(value->content, out); return true;
    default: return false;
    }
}

static void put_type(struct buf *b, slice id)
{
    char text[OID_TEXT_SIZE];
    enum oid_name name = oid_find(id);
    for (size_t i = 0; name != OID_COUNT && i < sizeof short_names / sizeof *short_names; i++) {
        if (short_names[i].oid != name) continue;
        buf_put_text(b, short_names[i].name);
        return;
    }
    buf_put_text(b, oid_text(id, text)[0] == '\0' ? "?" : text);
}

/* RFC 4514 §2.4. */
static void put_escaped(struct buf *b, slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool first = i == 0 && (c == ' ' || c == '#');
        bool last = i + 1 == text.length && c == ' ';
        if (first || last || memchr("\"+,;<>\\", c, 7) != NULL) buf_put_byte(b, '\\');
        buf_put_byte(b, c);
    }
}

static void put_attribute(struct buf *b, const struct attribute *a)
{
    struct buf raw;
    struct buf printable;
    buf_init(&raw, TEXT_MAXIMUM);
    buf_init(&printable, 4 * TEXT_MAXIMUM);
    put_type(b, a->oid);
    buf_put_byte(b, '=');
    if (to_utf8(&a->value, &raw)) {
        text_put_printable(&printable, buf_slice(&raw));
        put_escaped(b, buf_slice(&printable));
    } else {
        buf_put_byte(b, '#');
        buf_put_hex(b, a->value.whole, false);
    }
    if (b->status == RFD_OK && raw.status != RFD_OK) b->status = raw.status;
    if (b->status == RFD_OK && printable.status != RFD_OK) b->status = printable.status;
    buf_dispose(&raw);
    buf_dispose(&printable);
}

static void put_part(struct buf *b, slice set)
{
    struct attribute a;
    for (bool first = true; next_attribute(&set, &a); first = false) {
        if (!first) buf_put_byte(b, '+');
        put_attribute(b, &a);
    }
}

void certificate_put_name(struct buf *b, slice name)
{
    slice parts[NAME_PARTS_MAXIMUM];
    slice content;
    size_t count = 0;
    if (!der_take_optional(&name, DER_SEQUENCE, &content)) return;
    while (count < NAME_PARTS_MAXIMUM && der_take_optional(&content, DER_SET, &parts[count])) count++;
    for (size_t i = count; i > 0; i--) {
        if (i < count) buf_put_byte(b, ',');
        put_part(b, parts[i - 1]);
    }
}

bool certificate_name_attribute(slice name, slice id, struct buf *out)
{
    slice content;
    slice set;
    struct attribute a;
    if (!der_take_optional(&name, DER_SEQUENCE, &content)) return false;
    while (der_take_optional(&content, DER_SET, &set)) {
        while (next_attribute(&set, &a)) {
            if (slice_equal(a.oid, id)) return to_utf8(&a.value, out);
        }
    }
    return false;
}
