/* SPDX-License-Identifier: EUPL-1.2
 *
 * The reader of DER, and the rewriting of BER into it. Tag numbers above 30 (two or more tag octets) occur nowhere in
 * PKI and are refused, so a tag is always one octet.
 */
#include "pki/der.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"

enum { CONSTRUCTED = 0x20, TAG_NUMBER = 0x1F, INDEFINITE = 0x80, BER_DEPTH = 32 };

/* X.690 §10.1: the shortest form. Gives the octets of tag and length, 0 when they are not DER or leave `in`. */
static size_t read_header(slice in, size_t *content_length)
{
    if (in.length < 2 || (in.data[0] & TAG_NUMBER) == TAG_NUMBER) return 0;
    uint8_t first = in.data[1];
    if (first < INDEFINITE) {
        *content_length = first;
        return first <= in.length - 2 ? 2 : 0;
    }
    size_t count = first & 0x7F;
    if (count == 0 || count > 4 || in.length - 2 < count || in.data[2] == 0) return 0;
    uint64_t length = number_big_endian(in.data + 2, count);
    if (length < INDEFINITE || length > in.length - 2 - count) return 0;
    *content_length = (size_t)length;
    return 2 + count;
}

bool der_next(slice *in, struct der_item *item)
{
    size_t length = 0;
    size_t header = read_header(*in, &length);
    if (header == 0) return false;
    item->tag = in->data[0];
    item->content = slice_of(in->data + header, length);
    item->whole = slice_of(in->data, header + length);
    *in = slice_of(in->data + header + length, in->length - header - length);
    return true;
}

uint8_t der_peek(slice in)
{
    return in.length == 0 ? 0 : in.data[0];
}

rfd_status der_take(slice *in, uint8_t tag, slice *content, const char *what, struct rfd_error *error)
{
    struct der_item item;
    slice rest = *in;
    if (!der_next(&rest, &item)) {
        return error_set(error, RFD_E_DER, "%s: %s (X.690 §10.1)", what,
                         in->length == 0 ? "missing" : "not DER or cut short");
    }
    if (item.tag != tag) {
        return error_set(error, RFD_E_DER, "%s: tag 0x%02x where 0x%02x belongs", what, item.tag, tag);
    }
    *in = rest;
    *content = item.content;
    return RFD_OK;
}

bool der_take_optional(slice *in, uint8_t tag, slice *content)
{
    struct der_item item;
    slice rest = *in;
    if (der_peek(*in) != tag || !der_next(&rest, &item)) return false;
    *in = rest;
    *content = item.content;
    return true;
}

rfd_status der_only(slice in, uint8_t tag, slice *content, const char *what, struct rfd_error *error)
{
    slice found;
    TRY(der_take(&in, tag, &found, what, error));
    TRY(der_end_of(in, what, error));
    *content = found;
    return RFD_OK;
}

rfd_status der_end_of(slice in, const char *what, struct rfd_error *error)
{
    if (in.length == 0) return RFD_OK;
    return error_set(error, RFD_E_DER, "%s: %zu bytes after its end", what, in.length);
}

bool der_unsigned(slice content, uint64_t *out)
{
    if (content.length == 0 || content.data[0] >= 0x80) return false;
    if (content.length > 1 && content.data[0] == 0) {
        if (content.data[1] < 0x80) return false; /* X.690 §8.3.2: not the shortest */
        content = slice_from(content, 1);
    }
    if (content.length > 8) return false;
    *out = number_big_endian(content.data, content.length);
    return true;
}

bool der_time(uint8_t tag, slice content, rfd_time *out)
{
    if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) return false;
    return clock_parse_asn1(content, tag == DER_GENERALIZED_TIME, out);
}

size_t der_total_length(slice in)
{
    size_t length = 0;
    size_t header = read_header(in, &length);
    return header == 0 ? 0 : header + length;
}

/* --- BER --------------------------------------------------------------------------------------------------------- */

struct ber_header {
    uint8_t tag;
    bool indefinite;
    size_t length; /* of the content, when definite */
};

static bool ber_take_header(slice *in, struct ber_header *h)
{
    if (in->length < 2 || (in->data[0] & TAG_NUMBER) == TAG_NUMBER) return false;
    uint8_t first = in->data[1];
    size_t count = first > INDEFINITE ? first & 0x7F : 0;
    uint64_t length = first < INDEFINITE ? first : 0;
    if (in->length - 2 < count) return false;
    for (size_t i = 0; i < count; i++) {
        length = length << 8 | in->data[2 + i];
        if (length > in->length) return false;
    }
    *h = (struct ber_header){.tag = in->data[0], .indefinite = first == INDEFINITE, .length = (size_t)length};
    *in = slice_from(*in, 2 + count);
    /* X.690 §8.1.3.2: only what is constructed may go without a length. */
    return h->indefinite ? (h->tag & CONSTRUCTED) != 0 : h->length <= in->length;
}

static bool is_end_of_contents(slice in)
{
    return in.length >= 2 && in.data[0] == 0 && in.data[1] == 0;
}

/* OCTET STRING, BIT STRING and the character strings: DER knows them as primitive only (X.690 §10.2). */
static bool is_string(uint8_t universal)
{
    switch (universal) {
    case DER_BIT_STRING:
    case DER_OCTET_STRING:
    case DER_UTF8_STRING:
    case DER_UTC_TIME:
    case DER_GENERALIZED_TIME:
    case DER_UNIVERSAL_STRING:
    case DER_BMP_STRING: return true;
    default: return universal >= 0x12 && universal <= 0x1B;
    }
}

static bool ber_element(slice *in, struct buf *out, int depth);

/* One primitive piece of a constructed string. Of a BIT STRING only the last may have unused bits; their number is
 * written over the one octet at `unused` that leads the joined string. */
static bool join_piece(slice piece, uint8_t tag, struct buf *out, size_t unused)
{
    if (tag == DER_BIT_STRING) {
        if (piece.length == 0 || piece.data[0] > 7) return false;
        if (buf_status(out) == RFD_OK) {
            if (out->data[unused] != 0) return false;
            out->data[unused] = piece.data[0];
        }
        piece = slice_from(piece, 1);
    }
    buf_put_slice(out, piece);
    return true;
}

static bool join_pieces(slice *in, const struct ber_header *h, struct buf *out, size_t unused, int depth)
{
    slice content = h->indefinite ? *in : slice_part(*in, 0, h->length);
    uint8_t tag = h->tag & (uint8_t)~CONSTRUCTED;
    if (depth > BER_DEPTH) return false;
    while (h->indefinite ? !is_end_of_contents(content) : content.length > 0) {
        struct ber_header piece;
        if (!ber_take_header(&content, &piece)) return false;
        if (piece.tag == (tag | CONSTRUCTED)) {
            if (!join_pieces(&content, &piece, out, unused, depth + 1)) return false;
        } else {
            /* X.690 §8.21.3: segments of character strings are OCTET STRINGs. */
            bool fits = piece.tag == tag || (tag != DER_BIT_STRING && piece.tag == DER_OCTET_STRING);
            if (!fits || !join_piece(slice_part(content, 0, piece.length), tag, out, unused)) return false;
            content = slice_from(content, piece.length);
        }
    }
    *in = h->indefinite ? slice_from(content, 2) : slice_from(*in, h->length);
    return true;
}

static bool ber_string(slice *in, const struct ber_header *h, struct buf *out, int depth)
{
    uint8_t tag = h->tag & (uint8_t)~CONSTRUCTED;
    size_t opened = der_open(out, tag);
    size_t unused = out->length;
    if (tag == DER_BIT_STRING) buf_put_byte(out, 0);
    if (!join_pieces(in, h, out, unused, depth + 1)) return false;
    der_close(out, opened);
    return true;
}

static bool ber_constructed(slice *in, const struct ber_header *h, struct buf *out, int depth)
{
    slice content = h->indefinite ? *in : slice_part(*in, 0, h->length);
    size_t opened = der_open(out, h->tag);
    while (h->indefinite ? !is_end_of_contents(content) : content.length > 0) {
        if (!ber_element(&content, out, depth + 1)) return false;
    }
    der_close(out, opened);
    *in = h->indefinite ? slice_from(content, 2) : slice_from(*in, h->length);
    return true;
}

static bool ber_element(slice *in, struct buf *out, int depth)
{
    struct ber_header h;
    if (depth > BER_DEPTH || buf_status(out) != RFD_OK || !ber_take_header(in, &h)) return false;
    if ((h.tag & CONSTRUCTED) == 0) {
        if (h.tag == 0) return false;
        der_put(out, h.tag, slice_part(*in, 0, h.length));
        *in = slice_from(*in, h.length);
        return true;
    }
    if (is_string(h.tag & (uint8_t)~CONSTRUCTED)) return ber_string(in, &h, out, depth);
    return ber_constructed(in, &h, out, depth);
}

rfd_status der_from_ber(slice in, struct buf *out, struct rfd_error *error)
{
    slice rest = in;
    bool good = ber_element(&rest, out, 0);
    TRY(buf_check(out, "BER", error));
    if (!good) {
        return error_set(error, RFD_E_DER, "not BER (X.690 §8.1), or nested deeper than %d", BER_DEPTH);
    }
    for (size_t i = 0; i < rest.length; i++) {
        if (rest.data[i] != 0) {
            return error_set(error, RFD_E_DER, "bytes after the end of BER at offset %zu", in.length - rest.length + i);
        }
    }
    return RFD_OK;
}
