/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines of text, and what becomes of characters that no face has: a file of PDF/A-2 must not show .notdef glyphs
 * (ISO 19005-2 §6.2.11.8), and a reader should see that something is missing.
 */
#include "print/printed_internal.h"

#include "base/text.h"

/** What is drawn for a character that no face has: U+FFFD where there is such a glyph. */
static rfd_status replacement(struct flow *f, enum font_style style, slice *out, struct rfd_error *error)
{
    struct shaped shaped;
    TRY(fonts_shape(f->printed->fonts, style, SLICE("\xEF\xBF\xBD"), &f->arena, &shaped, error));
    *out = shaped.missing == 0 ? SLICE("\xEF\xBF\xBD") : SLICE("?");
    return RFD_OK;
}

static rfd_status mend_text(struct flow *f, const struct span *span, struct buf *out, struct rfd_error *error)
{
    slice mark;
    slice rest = span->text;
    TRY(replacement(f, span->style, &mark, error));
    while (rest.length > 0) {
        struct shaped shaped = {0};
        slice character = {rest.data, rest.length};
        uint32_t c = text_next(&rest);
        character.length -= rest.length;
        struct arena_mark before = arena_mark(&f->arena);
        if (c != '\n') TRY(fonts_shape(f->printed->fonts, span->style, character, &f->arena, &shaped, error));
        arena_release(&f->arena, before);
        buf_put_slice(out, shaped.missing == 0 ? character : mark);
    }
    return buf_check(out, "text", error);
}

/** The spans without the characters that no face has. */
static rfd_status mend(struct flow *f, const struct span *spans, size_t count, struct span **out,
                       struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct buf text;
    struct span *mended = arena_zeroed(&f->arena, count, sizeof *mended);
    if (mended == NULL) return arena_failed(&f->arena, error);
    buf_init(&text, PRINTED_TEXT_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        buf_reset(&text);
        TRY_OUT(mend_text(f, &spans[i], &text, error));
        mended[i] = (struct span){arena_copy(&f->arena, buf_slice(&text)), spans[i].style, spans[i].fill};
        if (mended[i].text.data == NULL) TRY_OUT(arena_failed(&f->arena, error));
    }
    *out = mended;
out:
    buf_dispose(&text);
    return status;
}

static rfd_status layout(struct flow *f, const struct span *spans, size_t count, const struct paragraph_style *style,
                         double width, struct paragraph *out, struct rfd_error *error)
{
    struct span *mended = NULL;
    TRY(paragraph_layout(f->printed->fonts, &f->arena, spans, count, style, width, out, error));
    if (out->missing == 0) return RFD_OK;
    TRY(mend(f, spans, count, &mended, error));
    return paragraph_layout(f->printed->fonts, &f->arena, mended, count, style, width, out, error);
}

bool flow_layout(struct flow *f, const struct span *spans, size_t count, const struct paragraph_style *style,
                 double width, struct paragraph *out)
{
    struct rfd_error error;
    if (!flow_ok(f)) return false;
    if (layout(f, spans, count, style, width, out, &error) != RFD_OK) flow_failed(f, &error);
    return flow_ok(f);
}
