/* SPDX-License-Identifier: EUPL-1.2
 *
 * The writer of DER: an element is opened with one octet for its length, and what follows is moved when at closing the
 * length turns out to need more. The buffer's sticky error makes checking each call needless.
 */
#include "pki/der.h"

#include "base/clock.h"
#include "base/number.h"

enum { LENGTH_OCTETS = 4 };

/* Octets of a long-form length after the first, 0 for the short form; they are written to `to`. */
static size_t length_octets(size_t length, uint8_t to[LENGTH_OCTETS])
{
    if (length < 0x80) return 0;
    size_t count = 1;
    while (count < LENGTH_OCTETS && length >> (8 * count) != 0) count++;
    for (size_t i = 0; i < count; i++) to[i] = (uint8_t)(length >> (8 * (count - 1 - i)));
    return count;
}

size_t der_open(struct buf *b, uint8_t tag)
{
    uint8_t *to = buf_reserve(b, 2);
    if (to != NULL) {
        to[0] = tag;
        to[1] = 0;
        b->length += 2;
    }
    return b->length;
}

void der_close(struct buf *b, size_t opened)
{
    uint8_t octets[LENGTH_OCTETS];
    if (b->status != RFD_OK) return;
    size_t length = b->length - opened;
    if (length > UINT32_MAX) {
        b->status = RFD_E_LIMIT;
        return;
    }
    size_t count = length_octets(length, octets);
    if (count == 0) {
        b->data[opened - 1] = (uint8_t)length;
        return;
    }
    if (buf_reserve(b, count) == NULL) return;
    memmove(b->data + opened + count, b->data + opened, length);
    b->data[opened - 1] = (uint8_t)(0x80 | count);
    memcpy(b->data + opened, octets, count);
    b->length += count;
}

void der_put(struct buf *b, uint8_t tag, slice content)
{
    if (content.length > UINT32_MAX) {
        b->status = RFD_E_LIMIT;
        return;
    }
    uint8_t octets[LENGTH_OCTETS];
    size_t count = length_octets(content.length, octets);
    uint8_t *to = buf_reserve(b, 2 + count + content.length);
    if (to == NULL) return;
    *to++ = tag;
    *to++ = count == 0 ? (uint8_t)content.length : (uint8_t)(0x80 | count);
    for (size_t i = 0; i < count; i++) *to++ = octets[i];
    if (content.length > 0) memcpy(to, content.data, content.length);
    b->length += 2 + count + content.length;
}

void der_put_unsigned(struct buf *b, uint64_t value)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    der_put_integer(b, slice_of(bytes, sizeof bytes));
}

void der_put_integer(struct buf *b, slice magnitude)
{
    while (magnitude.length > 0 && magnitude.data[0] == 0) magnitude = slice_from(magnitude, 1);
    if (magnitude.length > 0 && magnitude.data[0] < 0x80) {
        der_put(b, DER_INTEGER, magnitude);
        return;
    }
    size_t opened = der_open(b, DER_INTEGER);
    buf_put_byte(b, 0);
    buf_put_slice(b, magnitude);
    der_close(b, opened);
}

void der_put_boolean(struct buf *b, bool value)
{
    buf_put(b, (uint8_t[]){DER_BOOLEAN, 1, value ? 0xFF : 0}, 3);
}

void der_put_null(struct buf *b)
{
    buf_put(b, (uint8_t[]){DER_NULL, 0}, 2);
}

void der_put_oid(struct buf *b, slice oid)
{
    der_put(b, DER_OID, oid);
}

void der_put_time(struct buf *b, rfd_time t)
{
    char text[CLOCK_TEXT_SIZE];
    int year = clock_civil(t).year;
    bool generalized = year < 1950 || year >= 2050;
    der_put(b, generalized ? DER_GENERALIZED_TIME : DER_UTC_TIME, slice_text(clock_asn1(t, generalized, text)));
}

void der_put_bits(struct buf *b, slice bytes)
{
    size_t opened = der_open(b, DER_BIT_STRING);
    buf_put_byte(b, 0);
    buf_put_slice(b, bytes);
    der_close(b, opened);
}

/* --- Object identifiers (X.690 §8.19) ---------------------------------------------------------------------------- */

static bool next_arc(slice *in, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    if (in->length > 0 && in->data[0] == 0x80) return false;
    for (; i < in->length; i++) {
        if (value > UINT64_MAX >> 7) return false;
        value = value << 7 | (in->data[i] & 0x7F);
        if (in->data[i] < 0x80) break;
    }
    if (i == in->length) return false;
    *in = slice_from(*in, i + 1);
    *out = value;
    return true;
}

const char *oid_text(slice oid, char text[OID_TEXT_SIZE])
{
    uint64_t arc = 0;
    text[0] = '\0';
    if (!next_arc(&oid, &arc)) return text;
    uint64_t first = arc < 80 ? arc / 40 : 2;
    int used =
        snprintf(text, OID_TEXT_SIZE, "%llu.%llu", (unsigned long long)first, (unsigned long long)(arc - first * 40));
    while (oid.length > 0) {
        size_t left = OID_TEXT_SIZE - (size_t)used;
        int more = next_arc(&oid, &arc) ? snprintf(text + used, left, ".%llu", (unsigned long long)arc) : -1;
        if (more < 0 || (size_t)more >= left) {
            text[0] = '\0';
            return text;
        }
        used += more;
    }
    return text;
}

static size_t put_arc(uint64_t arc, uint8_t *to, size_t size)
{
    size_t count = 1;
    while (count < 10 && arc >> (7 * count) != 0) count++;
    if (count > size) return 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t more = i + 1 < count ? 0x80 : 0;
        to[i] = (uint8_t)(more | (arc >> (7 * (count - 1 - i)) & 0x7F));
    }
    return count;
}

/* The number up to the next dot, which is taken too; `*last` when there was none. */
static bool take_number(slice *text, uint64_t maximum, uint64_t *out, bool *last)
{
    size_t length = 0;
    while (length < text->length && text->data[length] != '.') length++;
    *last = length == text->length;
    if (!number_unsigned(slice_part(*text, 0, length), maximum, out)) return false;
    *text = slice_from(*text, length + 1);
    return true;
}

size_t oid_parse(const char *dotted, uint8_t *to, size_t size)
{
    slice text = slice_text(dotted);
    uint64_t first;
    uint64_t arc;
    bool last = false;
    if (!take_number(&text, 2, &first, &last) || last) return 0;
    if (!take_number(&text, first < 2 ? 39 : UINT64_MAX - 80, &arc, &last)) return 0;
    size_t used = put_arc(first * 40 + arc, to, size);
    while (used > 0 && !last) {
        if (!take_number(&text, UINT64_MAX, &arc, &last)) return 0;
        size_t more = put_arc(arc, to + used, size - used);
        used = more == 0 ? 0 : used + more;
    }
    return used;
}
