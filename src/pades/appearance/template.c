/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/template.h"

#include "base/error.h"
#include "base/line.h"
#include "base/text.h"

enum { FILLED_MAXIMUM = 256 * 1024 };

static const char *const words[TEMPLATE_WORD_COUNT] = {
#define X(name, text) [TEMPLATE_##name] = text,
    TEMPLATE_WORDS(X)
#undef X
};

static bool find_word(slice text, enum template_word *out)
{
    for (int i = 0; i < TEMPLATE_WORD_COUNT; i++) {
        if (!slice_is(text, words[i])) continue;
        *out = (enum template_word)i;
        return true;
    }
    return false;
}

/** The next piece of a line, which is not empty. "{{" ends a literal after its first brace. */
static rfd_status next_piece(slice *rest, struct template_piece *out, struct rfd_error *error)
{
    const uint8_t *brace = memchr(rest->data, '{', rest->length);
    size_t before = brace == NULL ? rest->length : (size_t)(brace - rest->data);
    bool doubled = brace != NULL && before + 1 < rest->length && brace[1] == '{';
    if (before > 0 || doubled) {
        *out = (struct template_piece){TEMPLATE_LITERAL, slice_part(*rest, 0, before + (doubled ? 1 : 0))};
        *rest = slice_from(*rest, before + (doubled ? 2 : 0));
        return RFD_OK;
    }
    const uint8_t *end = memchr(rest->data, '}', rest->length);
    slice word = slice_part(*rest, 1, end == NULL ? SIZE_MAX : (size_t)(end - rest->data) - 1);
    *out = (struct template_piece){.word = TEMPLATE_LITERAL};
    if (end == NULL || !find_word(word, &out->word))
        return error_set(error, RFD_E_STAMP_TEMPLATE, "{%.*s%s", (int)(word.length > 40 ? 40 : word.length),
                         (const char *)word.data, end == NULL ? " is not closed" : "}");
    *rest = slice_from(*rest, word.length + 2);
    return RFD_OK;
}

static rfd_status parse_line(slice text, struct arena *arena, struct template_line *out, struct rfd_error *error)
{
    size_t room = 1;
    for (size_t i = 0; i < text.length; i++) room += text.data[i] == '{' ? 2 : 0;
    struct template_piece *pieces = arena_zeroed(arena, room, sizeof *pieces);
    if (pieces == NULL) return arena_failed(arena, error);
    out->pieces = pieces;
    while (text.length > 0) TRY(next_piece(&text, &pieces[out->count++], error));
    return RFD_OK;
}

static size_t count_lines(slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.length; i++) count += text.data[i] == '\n';
    return count;
}

rfd_status template_parse(slice text, bool bold, struct arena *arena, struct template *out, struct rfd_error *error)
{
    struct template t = {0};
    size_t count = count_lines(text);
    if (text.length > TEMPLATE_TEXT_MAXIMUM || count > TEMPLATE_LINES_MAXIMUM || !text_is_utf8(text))
        return error_set(error, RFD_E_ARGUMENT, "a stamp's text is UTF-8, at most %d lines and %d bytes",
                         TEMPLATE_LINES_MAXIMUM, TEMPLATE_TEXT_MAXIMUM);
    slice copy = arena_copy(arena, text);
    t.lines = arena_zeroed(arena, count, sizeof *t.lines);
    if (copy.data == NULL || t.lines == NULL) return arena_failed(arena, error);
    while (t.count < count) {
        struct template_line *line = &t.lines[t.count++];
        slice content = line_next(&copy);
        line->bold = bold && content.length > 0 && content.data[0] == '*';
        TRY(parse_line(slice_from(content, line->bold ? 1 : 0), arena, line, error));
    }
    *out = t;
    return RFD_OK;
}

/** A line is shown when it has no words, or when one of them says something. */
static bool is_shown(const struct template_line *line, const slice *values)
{
    bool has_word = false;
    for (size_t i = 0; i < line->count; i++) {
        if (line->pieces[i].word == TEMPLATE_LITERAL) continue;
        if (values[line->pieces[i].word].length > 0) return true;
        has_word = true;
    }
    return !has_word;
}

rfd_status template_fill(const struct template *t, const slice values[TEMPLATE_WORD_COUNT], struct arena *arena,
                         const struct template_text **out, size_t *count, struct rfd_error *error)
{
    size_t shown = 0;
    struct buf b;
    rfd_status status = RFD_OK;
    buf_init(&b, FILLED_MAXIMUM);
    struct template_text *lines = arena_zeroed(arena, t->count + 1, sizeof *lines);
    if (lines == NULL) status = arena_failed(arena, error);
    for (size_t i = 0; status == RFD_OK && i < t->count; i++) {
        const struct template_line *line = &t->lines[i];
        if (!is_shown(line, values)) continue;
        buf_reset(&b);
        for (size_t k = 0; k < line->count; k++) {
            const struct template_piece *piece = &line->pieces[k];
            buf_put_slice(&b, piece->word == TEMPLATE_LITERAL ? piece->text : values[piece->word]);
        }
        TRY_OUT(buf_check(&b, "a line of the stamp", error));
        TRY_OUT(template_value(buf_slice(&b), arena, &lines[shown].text, error));
        lines[shown++].bold = line->bold;
    }
    *out = lines;
    *count = shown;
out:
    buf_dispose(&b);
    return status;
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

rfd_status template_value(slice text, struct arena *arena, slice *out, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, 4 * TEMPLATE_VALUE_MAXIMUM);
    while (text.length > 0 && b.length < TEMPLATE_VALUE_MAXIMUM) {
        slice at = text;
        if (is_plain(*at.data)) {
            buf_put_byte(&b, *at.data);
            text = slice_from(text, 1);
            continue;
        }
        uint32_t c = text_next(&text);
        at.length -= text.length;
        if (c < 0x20 || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029)
            buf_put_byte(&b, ' ');
        else
            text_put_printable(&b, at);
    }
    rfd_status status = buf_check(&b, "a word of the stamp", error);
    if (status == RFD_OK) *out = arena_copy(arena, buf_slice(&b));
    if (status == RFD_OK && out->data == NULL) status = arena_failed(arena, error);
    buf_dispose(&b);
    return status;
}
