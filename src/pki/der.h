/* SPDX-License-Identifier: EUPL-1.2
 *
 * DER (X.690 §10): a reader that walks slices and a writer over a buf. The reader takes definite lengths in their
 * shortest form only; for BER met in the wild (indefinite lengths in old CMS) there is der_from_ber().
 */
#ifndef PKI_DER_H
#define PKI_DER_H

#include "base/buf.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_UTF8_STRING = 0x0C,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_UNIVERSAL_STRING = 0x1C,
    DER_BMP_STRING = 0x1E,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31
};
/** Context-specific [n], primitive and constructed. n < 31. */
#define DER_CONTEXT(n)             ((uint8_t)(0x80 | (n)))
#define DER_CONTEXT_CONSTRUCTED(n) ((uint8_t)(0xA0 | (n)))

/** One element: its tag byte, its content, and tag + length + content together. */
struct der_item {
    uint8_t tag;
    slice content;
    slice whole;
};

/** Takes the next element of `in`; false at the end or when it is not DER (then `in` is unchanged). */
bool der_next(slice *in, struct der_item *item);
/** The tag that is next, 0 at the end. */
uint8_t der_peek(slice in);
/** Takes the next element, which must have `tag`. RFD_E_DER naming `what`. */
rfd_status der_take(slice *in, uint8_t tag, slice *content, const char *what, struct rfd_error *error) RFD_MUST_CHECK;
/** Takes it when it has `tag`. */
bool der_take_optional(slice *in, uint8_t tag, slice *content);
/** The whole of `in` must be one element with `tag`, nothing after it. */
rfd_status der_only(slice in, uint8_t tag, slice *content, const char *what, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_DER when bytes are left. */
rfd_status der_end_of(slice in, const char *what, struct rfd_error *error) RFD_MUST_CHECK;
/** A non-negative INTEGER's content as a number. */
bool der_unsigned(slice content, uint64_t *out);
/** UTCTime or GeneralizedTime by tag. */
bool der_time(uint8_t tag, slice content, rfd_time *out);
/** The length of the first element (tag + length + content), 0 when there is none: for zero-padded /Contents. */
size_t der_total_length(slice in);

/** Rewrites one BER element (indefinite lengths, constructed strings, long forms) as DER; SETs are not re-sorted. Only
 * zero padding may follow it. Depth ≤ 32; the size is bounded by `out`'s maximum (that of `in` and a quarter more is
 * enough). RFD_E_DER, RFD_E_LIMIT. */
rfd_status der_from_ber(slice in, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Opens an element; give what it returns to der_close() after its content was written. */
size_t der_open(struct buf *b, uint8_t tag);
void der_close(struct buf *b, size_t opened);
void der_put(struct buf *b, uint8_t tag, slice content);
void der_put_unsigned(struct buf *b, uint64_t value);
/** An INTEGER from big-endian magnitude bytes (leading zeros dropped, sign byte added). */
void der_put_integer(struct buf *b, slice magnitude);
void der_put_boolean(struct buf *b, bool value);
void der_put_null(struct buf *b);
/** An OID given by its encoded content octets. */
void der_put_oid(struct buf *b, slice oid);
/** UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5). */
void der_put_time(struct buf *b, rfd_time t);
/** BIT STRING with no unused bits. */
void der_put_bits(struct buf *b, slice bytes);

/** "1.2.840.113549..." from content octets; "" when malformed. */
enum { OID_TEXT_SIZE = 128 };
const char *oid_text(slice oid, char text[OID_TEXT_SIZE]);
/** Content octets from dotted text, at most `size` bytes; 0 when malformed. */
size_t oid_parse(const char *dotted, uint8_t *to, size_t size);

#endif
