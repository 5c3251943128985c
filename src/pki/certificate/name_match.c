/* SPDX-License-Identifier: EUPL-1.2
 *
 * The canonical form is a flat string of bytes: for each attribute its depth marks, its type, and its value in UTF-8
 * with lower-case letters and single spaces. Values that are not text go in as their DER.
 */
#include "pki/certificate/name_match.h"

#include "base/text.h"
#include "pki/der.h"

enum { NUMERIC_STRING = 0x12, VISIBLE_STRING = 0x1A, NAME_MAXIMUM = 1 << 16 };
enum { MARK_RDN = 1, MARK_TEXT = 2, MARK_OTHER = 3 };

static bool put_utf8(uint8_t tag, slice value, struct buf *out)
{
    switch (tag) {
    case DER_UTF8_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case NUMERIC_STRING:
    case VISIBLE_STRING: buf_put_slice(out, value); return true;
    case DER_T61_STRING: text_from_latin1(value, out); return true;
    case DER_BMP_STRING: text_from_utf16(value, true, out); return true;
    case DER_UNIVERSAL_STRING: text_from_utf32_be(value, out); return true;
    default: return false;
    }
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Lower case, blanks trimmed at both ends and otherwise single, in place. */
static void fold(struct buf *b, size_t from)
{
    size_t to = from;
    bool pending = false;
    for (size_t i = from; i < b->length; i++) {
        uint8_t c = b->data[i];
        if (is_space(c)) {
            pending = to > from;
            continue;
        }
        if (pending) b->data[to++] = ' ';
        pending = false;
        b->data[to++] = (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    b->length = to;
}

static bool put_attribute(slice attribute, struct buf *out)
{
    slice type;
    struct der_item value;
    if (!der_take_optional(&attribute, DER_OID, &type) || !der_next(&attribute, &value) || attribute.length > 0) {
        return false;
    }
    size_t start = out->length;
    buf_put_byte(out, MARK_TEXT);
    der_put_oid(out, type);
    size_t text = out->length;
    if (put_utf8(value.tag, value.content, out)) {
        if (buf_status(out) == RFD_OK) fold(out, text);
    } else {
        if (buf_status(out) == RFD_OK) out->data[start] = MARK_OTHER;
        buf_put_slice(out, value.whole);
    }
    buf_put_byte(out, 0);
    return buf_status(out) == RFD_OK;
}

bool name_canonical(slice name, struct buf *out)
{
    struct der_item item;
    if (name.length > NAME_MAXIMUM || !der_next(&name, &item) || item.tag != DER_SEQUENCE || name.length > 0) {
        return false;
    }
    slice rdns = item.content;
    while (rdns.length > 0) {
        slice rdn;
        if (!der_take_optional(&rdns, DER_SET, &rdn)) return false;
        buf_put_byte(out, MARK_RDN);
        while (rdn.length > 0) {
            slice attribute;
            if (!der_take_optional(&rdn, DER_SEQUENCE, &attribute) || !put_attribute(attribute, out)) return false;
        }
    }
    return buf_status(out) == RFD_OK;
}

enum comparison { SAME, DIFFERENT, NOT_COMPARABLE };

static enum comparison compare(slice a, slice b)
{
    struct buf left;
    struct buf right;
    enum comparison result = NOT_COMPARABLE;
    if (slice_equal(a, b)) return SAME;
    buf_init(&left, NAME_MAXIMUM * 4);
    buf_init(&right, NAME_MAXIMUM * 4);
    if (name_canonical(a, &left) && name_canonical(b, &right)) {
        result = slice_equal(buf_slice(&left), buf_slice(&right)) ? SAME : DIFFERENT;
    }
    buf_dispose(&left);
    buf_dispose(&right);
    return result;
}

bool name_equal(slice a, slice b)
{
    return compare(a, b) == SAME;
}

bool name_differs(slice a, slice b)
{
    return compare(a, b) == DIFFERENT;
}

/* FNV-1a; a collision only costs a comparison. */
static uint64_t hash_bytes(slice s)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < s.length; i++) h = (h ^ s.data[i]) * UINT64_C(0x100000001B3);
    return h;
}

uint64_t name_hash(slice name)
{
    struct buf canonical;
    buf_init(&canonical, NAME_MAXIMUM * 4);
    uint64_t h = hash_bytes(name_canonical(name, &canonical) ? buf_slice(&canonical) : name);
    buf_dispose(&canonical);
    return h;
}
