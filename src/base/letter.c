/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/letter.h"

#include "base/text.h"

struct row {
    const char *from, *to;
};

/* What Latin writing has beside ASCII. */
static const struct row neighbours[] = {
    {"àáâãäåāăąª", "a"},
    {"ÀÁÂÃÄÅĀĂĄ", "A"},
    {"çćčĉċ", "c"},
    {"ÇĆČĈĊ", "C"},
    {"ďđð", "d"},
    {"ĎĐÐ", "D"},
    {"èéêëēęěė", "e"},
    {"ÈÉÊËĒĘĚĖ", "E"},
    {"ğģĝġ", "g"},
    {"ĞĢĜĠ", "G"},
    {"ħ", "h"},
    {"Ħ", "H"},
    {"ìíîïīįı", "i"},
    {"ÌÍÎÏĪĮİ", "I"},
    {"ķ", "k"},
    {"Ķ", "K"},
    {"łľĺļŀ", "l"},
    {"ŁĽĹĻĿ", "L"},
    {"ñńňņ", "n"},
    {"ÑŃŇŅ", "N"},
    {"òóôõöøōőº°", "o"},
    {"ÒÓÔÕÖØŌŐ", "O"},
    {"řŕ", "r"},
    {"ŘŔ", "R"},
    {"šśşșŝ", "s"},
    {"ŠŚŞȘŜ", "S"},
    {"ťţțŧ", "t"},
    {"ŤŢȚŦ", "T"},
    {"ùúûüūůűų", "u"},
    {"ÙÚÛÜŪŮŰŲ", "U"},
    {"ŵ", "w"},
    {"Ŵ", "W"},
    {"ýÿŷ", "y"},
    {"ÝŸŶ", "Y"},
    {"žźż", "z"},
    {"ŽŹŻ", "Z"},
    {"æ", "ae"},
    {"Æ", "AE"},
    {"œ", "oe"},
    {"Œ", "OE"},
    {"ß", "ss"},
    {"«»“”„", "\""},
    {"‘’‚`´ʼ", "'"},
    {"–—‐‑−", "-"},
    {"·•", "."},
    {"…", "..."},
    {"\u00a0\u202f", " "},
};

/* Letters of other scripts that are read as these, and what is read as one of ASCII. */
static const struct row readings[] = {
    {"аΑαАɑ", "a"}, {"вВΒβ", "b"},         {"сСϲϹ", "c"}, {"ԁ", "d"},    {"еЕёЁΕεє", "e"}, {"ɡ", "g"},
    {"нНΗһҺ", "h"}, {"іІїЇΙιӏӀ1l|!", "i"}, {"јЈ", "j"},   {"кКΚκ", "k"}, {"мМΜ", "m"},     {"Νп", "n"},
    {"оОΟο0", "o"}, {"рРΡρ", "p"},         {"ԛ", "q"},    {"гѓ", "r"},   {"ѕЅ", "s"},      {"тТΤτ", "t"},
    {"υ", "u"},     {"νѵѴ", "v"},          {"ԝ", "w"},    {"хХΧχ", "x"}, {"уУΥγ", "y"},    {"Ζ", "z"},
};

enum {
    WIDE_FIRST = 0xff01, /* full-width forms of "!" to "~" */
    WIDE_LAST = 0xff5e,
    WIDE_OFFSET = WIDE_FIRST - '!'
};

/* Ranges, both ends among them. */
static const struct {
    uint32_t first, last;
} unseen[] = {{0x00a0, 0x00a0}, {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c},  {0x115f, 0x1160},
              {0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180b, 0x180e}, {0x2000, 0x200f},  {0x2028, 0x202f},
              {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},  {0xfe00, 0xfe0f},
              {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
/* Accents that are written behind their letter. */
static const struct {
    uint32_t first, last;
} accents[] = {{0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};

static const char *find(const struct row *rows, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++) {
        slice rest = slice_text(rows[i].from);
        while (rest.length > 0) {
            if (text_next(&rest) == c) return rows[i].to;
        }
    }
    return NULL;
}

const char *letter_neighbour(uint32_t c)
{
    return find(neighbours, sizeof neighbours / sizeof *neighbours, c);
}

bool letter_is_unseen(uint32_t c)
{
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) {
        if (c >= unseen[i].first && c <= unseen[i].last) return true;
    }
    return false;
}

static bool is_accent(uint32_t c)
{
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++) {
        if (c >= accents[i].first && c <= accents[i].last) return true;
    }
    return false;
}

/** One letter without accent, in the form that all that look like it have. */
static void put_reading(struct buf *out, uint32_t c)
{
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    const char *read = find(readings, sizeof readings / sizeof *readings, c);
    if (read != NULL)
        buf_put_text(out, read);
    else if (c != ' ')
        text_put_utf8(out, c);
}

void letter_put_look(struct buf *out, slice name)
{
    while (name.length > 0) {
        uint32_t c = text_next(&name);
        if (letter_is_unseen(c) || is_accent(c)) continue;
        if (c >= WIDE_FIRST && c <= WIDE_LAST) c -= WIDE_OFFSET;
        const char *next = letter_neighbour(c);
        if (next == NULL)
            put_reading(out, c);
        else
            for (; *next != '\0'; next++) put_reading(out, (uint8_t)*next);
    }
}
