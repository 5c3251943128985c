/* SPDX-License-Identifier: EUPL-1.2
 *
 * One function a filter, each appending to a bounded buffer; predictors (filter_predict.c) work in place afterwards.
 */
#include "pdf/filter.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pdf/filter_predict.h"
#include "pdf/lexer.h"

#include <zlib.h>

static rfd_status damaged(struct rfd_error *error, const char *filter, const char *what)
{
    return error_set(error, RFD_E_PDF_DAMAGED, "%s: %s (ISO 32000-2 §7.4)", filter, what);
}

/* ---- Flate (RFC 1950, RFC 1951) ---- */

/** Inflates one piece into `out`; at the buffer's maximum one more byte is tried, to tell "full" from "too much". */
static int inflate_piece(z_stream *z, struct buf *out, size_t piece)
{
    uint8_t probe;
    size_t left = out->maximum - out->length;
    if (piece > left) piece = left;
    uint8_t *to = piece == 0 ? &probe : buf_reserve(out, piece);
    if (to == NULL) return Z_MEM_ERROR;
    z->next_out = to;
    z->avail_out = piece == 0 ? 1 : (unsigned)piece;
    unsigned before = z->avail_out;
    int result = inflate(z, Z_NO_FLUSH);
    unsigned produced = before - z->avail_out;
    if (piece == 0 && produced > 0) {
        out->status = RFD_E_LIMIT;
        return Z_MEM_ERROR;
    }
    if (piece > 0) out->length += produced;
    /* All input taken and nothing more to come: truncated. */
    if (result == Z_BUF_ERROR || (result == Z_OK && z->avail_in == 0 && z->avail_out > 0)) return Z_DATA_ERROR;
    return result;
}

/**
 * The deflate data inside a zlib wrapper. The checksum is not looked at: files with a wrong or missing one are read
 * alike by every reader, and what follows the last block is ignored.
 */
static rfd_status flate_decode(slice in, struct buf *out, struct rfd_error *error)
{
    enum { PIECE_MINIMUM = 1024, PIECE_MAXIMUM = 1 << 20 };
    z_stream z = {.zalloc = memory_zalloc, .zfree = memory_zfree};
    if (in.length < 2 || (in.data[0] & 0x0F) != Z_DEFLATED || (in.data[0] << 8 | in.data[1]) % 31 != 0 ||
        (in.data[1] & 0x20) != 0)
        return damaged(error, "FlateDecode", "no zlib header");
    if (in.length > UINT32_MAX) return error_set(error, RFD_E_LIMIT, "FlateDecode: %zu bytes", in.length);
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return error_memory(error);
    z.next_in = (z_const Bytef *)(uintptr_t)(in.data + 2);
    z.avail_in = (unsigned)(in.length - 2);
    int result = Z_OK;
    for (size_t piece = in.length * 4; result == Z_OK; piece *= 2) {
        if (piece < PIECE_MINIMUM) piece = PIECE_MINIMUM;
        if (piece > PIECE_MAXIMUM) piece = PIECE_MAXIMUM;
        result = inflate_piece(&z, out, piece);
    }
    (void)inflateEnd(&z);
    TRY(buf_check(out, "FlateDecode", error));
    if (result == Z_MEM_ERROR) return error_memory(error);
    return result == Z_STREAM_END ? RFD_OK : damaged(error, "FlateDecode", "damaged or cut data");
}

enum { WINDOW_BITS_LEAST = 9, WINDOW_BITS_MOST = 15, MEMORY_LEVEL_MOST = 8 };

/** A window no larger than the input, and tables to match: a quarter of a megabyte to clear for a page's few kilobytes
 * would cost more than compressing them. */
static int begin_deflate(z_stream *z, size_t length)
{
    int bits = WINDOW_BITS_LEAST;
    while (bits < WINDOW_BITS_MOST && length > (size_t)1 << bits) bits++;
    int memory = bits - 6 < MEMORY_LEVEL_MOST ? bits - 6 : MEMORY_LEVEL_MOST;
    return deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits, memory, Z_DEFAULT_STRATEGY);
}

rfd_status filter_flate_encode(slice in, struct buf *out, struct rfd_error *error)
{
    z_stream z = {.zalloc = memory_zalloc, .zfree = memory_zfree};
    if (in.length > UINT32_MAX / 2) return error_set(error, RFD_E_LIMIT, "FlateDecode: %zu bytes", in.length);
    if (begin_deflate(&z, in.length) != Z_OK) return error_memory(error);
    unsigned long bound = deflateBound(&z, in.length);
    uint8_t *to = buf_reserve(out, bound);
    int result = Z_MEM_ERROR;
    if (to != NULL) {
        z.next_in = (z_const Bytef *)(uintptr_t)in.data;
        z.avail_in = (unsigned)in.length;
        z.next_out = to;
        z.avail_out = (unsigned)bound;
        result = deflate(&z, Z_FINISH);
        out->length += bound - z.avail_out;
    }
    (void)deflateEnd(&z);
    TRY(buf_check(out, "FlateDecode", error));
    return result == Z_STREAM_END ? RFD_OK : error_set(error, RFD_E_INTERNAL, "deflate: %d", result);
}

/* ---- LZW (§7.4.4.2) ---- */

enum { LZW_CLEAR = 256, LZW_END = 257, LZW_FIRST = 258, LZW_CODES = 4096 };

/** The strings are kept as places in the output: code n stands for `length[n]` bytes that begin at `start[n]`. */
struct lzw {
    size_t start[LZW_CODES];
    uint32_t length[LZW_CODES];
    unsigned next;  /* code to be given out */
    unsigned width; /* bits of a code */
};

static void lzw_clear(struct lzw *z)
{
    z->next = LZW_FIRST;
    z->width = 9;
}

/** Appends what a code stands for; `previous` is the place of the string before it. */
static bool lzw_put(struct lzw *z, unsigned code, struct buf *out, size_t previous, bool any)
{
    if (code < LZW_CLEAR) {
        buf_put_byte(out, (uint8_t)code);
        return true;
    }
    /* The code not yet known stands for the string before it and that one's first byte. */
    bool unknown = any && code == z->next;
    if (code >= z->next && !unknown) return false;
    size_t from = unknown ? previous : z->start[code];
    size_t length = unknown ? out->length - previous + 1 : z->length[code];
    uint8_t *to = buf_reserve(out, length);
    if (to == NULL) return true; /* sticky */
    for (size_t i = 0; i < length; i++) to[i] = out->data[from + i];
    out->length += length;
    return true;
}

static rfd_status lzw_run(struct lzw *z, slice in, unsigned early, struct buf *out, struct rfd_error *error)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t previous = 0;
    bool any = false; /* a string since the last clear */
    lzw_clear(z);
    for (size_t at = 0;;) {
        while (have < z->width && at < in.length) {
            bits = bits << 8 | in.data[at++];
            have += 8;
        }
        if (have < z->width) return RFD_OK; /* without an end code: tolerated, the data are whole */
        have -= z->width;
        unsigned code = bits >> have & ((1U << z->width) - 1);
        if (code == LZW_END) return RFD_OK;
        if (code == LZW_CLEAR) {
            lzw_clear(z);
            any = false;
            continue;
        }
        size_t start = out->length;
        if (!lzw_put(z, code, out, previous, any)) return damaged(error, "LZWDecode", "a code not yet defined");
        TRY(buf_check(out, "LZWDecode", error));
        if (any && z->next < LZW_CODES) {
            z->start[z->next] = previous;
            z->length[z->next] = (uint32_t)(start - previous + 1);
            z->next++;
        }
        any = true;
        previous = start;
        while (z->width < 12 && z->next + early >= 1U << z->width) z->width++;
    }
}

static rfd_status lzw_decode(slice in, int early_change, struct buf *out, struct rfd_error *error)
{
    struct lzw *z = memory_allocate(sizeof *z);
    if (z == NULL) return error_memory(error);
    rfd_status status = lzw_run(z, in, early_change != 0, out, error);
    memory_free(z);
    return status;
}

/* ---- ASCII and run length ---- */

static rfd_status hexadecimal_decode(slice in, struct buf *out, struct rfd_error *error)
{
    unsigned digits = 0;
    unsigned value = 0;
    for (size_t i = 0; i < in.length && in.data[i] != '>'; i++) {
        int digit = number_hex_digit(in.data[i]);
        if (lexer_is_space(in.data[i])) continue;
        if (digit < 0) return damaged(error, "ASCIIHexDecode", "not a hexadecimal digit");
        value = value << 4 | (unsigned)digit;
        if (++digits % 2 == 0) buf_put_byte(out, (uint8_t)value);
    }
    if (digits % 2 != 0) buf_put_byte(out, (uint8_t)(value << 4));
    return buf_check(out, "ASCIIHexDecode", error);
}

/** §7.4.3: `count` of the four bytes of a group. */
static bool put_group(struct buf *out, uint64_t value, unsigned count)
{
    if (value > UINT32_MAX) return false;
    for (unsigned i = 0; i < count; i++) buf_put_byte(out, (uint8_t)(value >> (24 - 8 * i)));
    return true;
}

static rfd_status ascii85_decode(slice in, struct buf *out, struct rfd_error *error)
{
    uint64_t value = 0;
    unsigned digits = 0;
    bool good = true;
    for (size_t i = 0; i < in.length && in.data[i] != '~' && good; i++) {
        uint8_t c = in.data[i];
        if (lexer_is_space(c)) continue;
        if (c == 'z' && digits == 0) {
            good = put_group(out, 0, 4);
            continue;
        }
        good = c >= '!' && c <= 'u';
        value = value * 85 + (c - (unsigned)'!');
        if (++digits == 5) {
            good = good && put_group(out, value, 4);
            value = digits = 0;
        }
    }
    if (digits > 0) {
        for (unsigned i = digits; i < 5; i++) value = value * 85 + 84;
        good = good && digits > 1 && put_group(out, value, digits - 1);
    }
    TRY(buf_check(out, "ASCII85Decode", error));
    return good ? RFD_OK : damaged(error, "ASCII85Decode", "a group that stands for no bytes");
}

static rfd_status run_length_decode(slice in, struct buf *out, struct rfd_error *error)
{
    enum { END = 128 };
    for (size_t i = 0; i < in.length && in.data[i] != END;) {
        size_t n = in.data[i++];
        size_t needed = n < END ? n + 1 : 1;
        if (needed > in.length - i) return damaged(error, "RunLengthDecode", "cut data");
        if (n < END)
            buf_put(out, in.data + i, needed);
        else
            buf_fill(out, in.data[i], 257 - n);
        i += needed;
        TRY(buf_check(out, "RunLengthDecode", error));
    }
    return RFD_OK;
}

rfd_status filter_decode(slice name, const struct filter_parameters *parameters, slice in, struct buf *out,
                         struct rfd_error *error)
{
    size_t start = out->length;
    if (slice_is(name, "FlateDecode"))
        TRY(flate_decode(in, out, error));
    else if (slice_is(name, "LZWDecode"))
        TRY(lzw_decode(in, parameters->early_change, out, error));
    else if (slice_is(name, "ASCIIHexDecode"))
        return hexadecimal_decode(in, out, error);
    else if (slice_is(name, "ASCII85Decode"))
        return ascii85_decode(in, out, error);
    else if (slice_is(name, "RunLengthDecode"))
        return run_length_decode(in, out, error);
    else
        return error_set(error, RFD_E_UNSUPPORTED, "filter %.*s", (int)(name.length > 64 ? 64 : name.length),
                         (const char *)name.data);
    return filter_predict(parameters, out, start, error);
}
