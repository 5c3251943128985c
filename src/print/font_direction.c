/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/font_direction.h"

#include "base/text.h"

static bool is_latin(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c < 0x250 && c != 0xD7 && c != 0xF7);
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

hb_script_t font_direction_script(uint32_t c)
{
    if (is_latin(c)) return HB_SCRIPT_LATIN;
    if (c < 0x80) return HB_SCRIPT_COMMON;
    hb_script_t script = hb_unicode_script(hb_unicode_funcs_get_default(), c);
    return script == HB_SCRIPT_INHERITED || script == HB_SCRIPT_UNKNOWN ? HB_SCRIPT_COMMON : script;
}

static enum font_direction_kind kind_of(uint32_t c, hb_script_t script)
{
    if (is_digit(c)) return DIRECTION_NUMBER;
    if (script == HB_SCRIPT_COMMON) return DIRECTION_NEUTRAL;
    return hb_script_get_horizontal_direction(script) == HB_DIRECTION_RTL ? DIRECTION_RIGHT : DIRECTION_LEFT;
}

/** Right-to-left scripts live in U+0590 to U+08FF, U+FB1D to U+FEFC and beyond U+10800; their first bytes tell. */
static bool may_go_right_to_left(slice line)
{
    for (size_t i = 0; i < line.length; i++) {
        uint8_t byte = line.data[i];
        if (byte >= 0xD6 && (byte <= 0xE0 || byte >= 0xEF)) return true;
    }
    return false;
}

/** The first character that is not neutral; false at the end of the line. */
static bool look_ahead(slice rest, enum font_direction_kind *kind, const uint8_t **at)
{
    while (rest.length > 0) {
        *at = rest.data;
        uint32_t c = text_next(&rest);
        *kind = kind_of(c, font_direction_script(c));
        if (*kind != DIRECTION_NEUTRAL) return true;
    }
    *at = rest.data;
    return false;
}

void font_direction_begin(struct font_direction *d, slice line, int base)
{
    enum font_direction_kind kind;
    const uint8_t *at;
    slice rest = line;
    *d = (struct font_direction){.plain = base <= 0 && !may_go_right_to_left(line)};
    if (d->plain) return;
    if (base >= 0) {
        d->base = (unsigned)base;
    } else {
        bool found;
        while ((found = look_ahead(rest, &kind, &at)) && kind == DIRECTION_NUMBER)
            rest = slice_from(rest, (size_t)(at - rest.data) + 1);
        d->base = found && kind == DIRECTION_RIGHT;
    }
    d->strong_right = d->before_right = d->base == 1;
}

/** Rules N1 and N2: between two of one direction of that direction, else of the line's. */
static unsigned neutral_level(struct font_direction *d, slice rest)
{
    if (d->ahead == NULL || rest.data > d->ahead) {
        enum font_direction_kind kind;
        bool found = look_ahead(rest, &kind, &d->ahead);
        d->ahead_right = !found ? d->base == 1 : kind == DIRECTION_NUMBER ? d->strong_right : kind == DIRECTION_RIGHT;
    }
    if (d->before_right != d->ahead_right) return d->base;
    return d->before_right ? 1 : d->base * 2;
}

unsigned font_direction_next(struct font_direction *d, uint32_t c, hb_script_t script, slice rest)
{
    if (d->plain) return 0;
    enum font_direction_kind kind = kind_of(c, script);
    bool separator = c < 0x80 && strchr("+,-./:", (int)c) != NULL && c != 0;
    /* W4: a separator within a number is part of it. */
    if (separator && d->after_digit && rest.length > 0 && is_digit(rest.data[0])) kind = DIRECTION_NUMBER;
    d->after_digit = kind == DIRECTION_NUMBER;
    switch (kind) {
    case DIRECTION_LEFT:
    case DIRECTION_RIGHT: d->before_right = d->strong_right = kind == DIRECTION_RIGHT; break;
    case DIRECTION_NUMBER:
        /* W7, N1: a number counts for the direction of the letter before it. */
        d->before_right = d->strong_right;
        return d->strong_right || d->base == 1 ? 2 : 0;
    case DIRECTION_NEUTRAL: return neutral_level(d, rest);
    }
    return d->strong_right ? 1 : d->base * 2;
}
