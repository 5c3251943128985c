/* SPDX-License-Identifier: EUPL-1.2
 *
 * Operators are words of their own outside strings, comments and inline images; that much of §7.2 and §8.9.7 is enough
 * to count two of them.
 */
#include "pades/appearance/content_depth.h"

#include "base/error.h"

enum { CONTENT_MAXIMUM = 64 << 20, STREAMS_MAXIMUM = 4096, DEPTH_MAXIMUM = 1000 };

static bool is_space(uint8_t c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(uint8_t c)
{
    return is_space(c) || memchr("()<>[]{}/%", c, 10) != NULL;
}

/** After the string that begins at `i`: parentheses nest, a backslash takes the next byte along. */
static size_t after_string(slice s, size_t i)
{
    int depth = 0;
    for (; i < s.length; i++) {
        if (s.data[i] == '\\')
            i++;
        else if (s.data[i] == '(')
            depth++;
        else if (s.data[i] == ')' && --depth == 0)
            return i + 1;
    }
    return s.length;
}

static size_t after_line(slice s, size_t i)
{
    while (i < s.length && s.data[i] != '\n' && s.data[i] != '\r') i++;
    return i;
}

/** After the EI of an inline image whose data begins at `i`. */
static size_t after_image(slice s, size_t i)
{
    for (; i + 2 < s.length; i++) {
        bool end = is_space(s.data[i]) && s.data[i + 1] == 'E' && s.data[i + 2] == 'I';
        if (end && (i + 3 == s.length || is_delimiter(s.data[i + 3]))) return i + 3;
    }
    return s.length;
}

static void count(struct content_depth *d, slice word)
{
    if (word.length != 1) return;
    if (*word.data == 'q' && d->left < DEPTH_MAXIMUM) d->left++;
    if (*word.data != 'Q') return;
    if (d->left > 0)
        d->left--;
    else if (d->missing < DEPTH_MAXIMUM)
        d->missing++;
}

void content_depth_add(struct content_depth *d, slice s)
{
    size_t i = 0;
    while (i < s.length) {
        uint8_t c = s.data[i];
        if (c == '(') {
            i = after_string(s, i);
        } else if (c == '%') {
            i = after_line(s, i);
        } else if (is_delimiter(c) && c != '/') {
            i++;
        } else {
            size_t from = i++;
            while (i < s.length && !is_delimiter(s.data[i])) i++;
            slice word = slice_part(s, from, i - from);
            if (slice_is(word, "ID"))
                i = after_image(s, i);
            else
                count(d, word);
        }
    }
}

static rfd_status add_stream(struct pdf_view *view, const struct pdf_value *stream, struct content_depth *d,
                             struct rfd_error *error)
{
    slice content;
    struct rfd_error ignored = RFD_ERROR_INIT;
    if (stream->kind != PDF_STREAM) return RFD_OK;
    rfd_status status = pdf_stream_data(view, stream, CONTENT_MAXIMUM, &content, &ignored);
    if (status == RFD_E_MEMORY) return error_memory(error);
    view->failure.code = RFD_OK;
    if (status == RFD_OK) content_depth_add(d, content);
    return RFD_OK;
}

rfd_status content_depth_of_page(struct pdf_view *view, const struct pdf_value *contents, struct content_depth *out,
                                 struct rfd_error *error)
{
    struct content_depth d = {0};
    const struct pdf_value *value = pdf_resolve(view, contents);
    TRY(pdf_view_status(view, error));
    if (value->kind != PDF_ARRAY) TRY(add_stream(view, value, &d, error));
    for (uint32_t i = 0; value->kind == PDF_ARRAY && i < value->count && i < STREAMS_MAXIMUM; i++)
        TRY(add_stream(view, pdf_item(view, value, i), &d, error));
    *out = d;
    return RFD_OK;
}
