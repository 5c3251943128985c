/* SPDX-License-Identifier: EUPL-1.2
 *
 * An encoding is written as the characters of its upper half in order, an accented letter's name is its letter and its
 * accent: "Aacute" is A in the row "acute".
 */
#include "pdf/page_font_encoding.h"

#include "base/number.h"
#include "base/text.h"
#include "pdf/document.h"

#define NOTHING "_"
static const uint32_t nothing = '_'; /* in these tables, which have no underscore of their own */

static const char win_ansi[] = /* 80-9F; the rest is Latin-1. Unused codes are bullets (annex D.2, note 3) */
    "€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••‘’“”•–—˜™š›œ•žŸ";
static const char mac_roman[] = /* 80-FF */
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»… ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄¤‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ" NOTHING
    "ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
static const char standard[] = /* A0-FF */
    NOTHING "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ" NOTHING "–†‡·" NOTHING "¶•‚„”»…‰" NOTHING "¿" NOTHING "`´ˆ˜¯˘˙¨" NOTHING "˚¸" NOTHING
            "˝˛ˇ—" NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING NOTHING
                NOTHING NOTHING NOTHING NOTHING "Æ" NOTHING "ª" NOTHING NOTHING NOTHING NOTHING
            "ŁØŒº" NOTHING NOTHING NOTHING NOTHING NOTHING "æ" NOTHING NOTHING NOTHING "ı" NOTHING NOTHING "łøœß";

struct row {
    const char *name;
    const char *text;
};

static const struct {
    const char *name;
    uint32_t alone;   /* the accent as a character of its own; 0 when it is none */
    const char *text; /* pairs: a letter, and the same with the accent */
} accents[] = {
    {"acute", 0xB4, "AÁEÉIÍOÓUÚYÝCĆLĹNŃRŔSŚWẂZŹaáeéiíoóuúyýcćlĺnńrŕsśwẃzź"},
    {"grave", 0x60, "AÀEÈIÌOÒUÙYỲWẀaàeèiìoòuùyỳwẁ"},
    {"circumflex", 0x2C6, "AÂEÊIÎOÔUÛYŶCĈGĜHĤJĴSŜWŴaâeêiîoôuûyŷcĉgĝhĥjĵsŝwŵ"},
    {"dieresis", 0xA8, "AÄEËIÏOÖUÜYŸWẄaäeëiïoöuüyÿwẅ"},
    {"tilde", 0x2DC, "AÃEẼIĨOÕUŨYỸNÑaãeẽiĩoõuũyỹnñ"},
    {"ring", 0x2DA, "AÅUŮaåuů"},
    {"caron", 0x2C7, "AǍEĚIǏOǑUǓCČDĎLĽNŇRŘSŠTŤZŽaǎeěiǐoǒuǔcčdďlľnňrřsštťzž"},
    {"cedilla", 0xB8, "CÇGĢKĶLĻNŅRŖSŞTŢcçgģkķlļnņrŗsştţ"},
    {"commaaccent", 0, "GĢKĶLĻNŅRŖSȘTŢgģkķlļnņrŗsștţ"},
    {"ogonek", 0x2DB, "AĄEĘIĮUŲaąeęiįuų"},
    {"macron", 0xAF, "AĀEĒIĪOŌUŪaāeēiīoōuū"},
    {"breve", 0x2D8, "AĂEĔIĬOŎUŬGĞaăeĕiĭoŏuŭgğ"},
    {"dotaccent", 0x2D9, "EĖIİCĊGĠZŻeėcċgġzż"},
    {"hungarumlaut", 0x2DD, "OŐUŰoőuű"},
    {"slash", 0, "OØLŁDĐoølłdđ"},
    {"croat", 0, "DĐdđ"},
    {"bar", 0, "HĦTŦhħtŧ"},
    {"dot", 0, "LĿlŀ"},
};

static const struct row others[] = {
    {"space", " "},
    {"exclam", "!"},
    {"quotedbl", "\""},
    {"numbersign", "#"},
    {"dollar", "$"},
    {"percent", "%"},
    {"ampersand", "&"},
    {"quotesingle", "'"},
    {"parenleft", "("},
    {"parenright", ")"},
    {"asterisk", "*"},
    {"plus", "+"},
    {"comma", ","},
    {"hyphen", "-"},
    {"period", "."},
    {"slash", "/"},
    {"zero", "0"},
    {"one", "1"},
    {"two", "2"},
    {"three", "3"},
    {"four", "4"},
    {"five", "5"},
    {"six", "6"},
    {"seven", "7"},
    {"eight", "8"},
    {"nine", "9"},
    {"colon", ":"},
    {"semicolon", ";"},
    {"less", "<"},
    {"equal", "="},
    {"greater", ">"},
    {"question", "?"},
    {"at", "@"},
    {"bracketleft", "["},
    {"backslash", "\\"},
    {"bracketright", "]"},
    {"asciicircum", "^"},
    {"underscore", "_"},
    {"grave", "`"},
    {"braceleft", "{"},
    {"bar", "|"},
    {"braceright", "}"},
    {"asciitilde", "~"},
    {"nbspace", "\u00A0"},
    {"nonbreakingspace", "\u00A0"},
    {"exclamdown", "¡"},
    {"cent", "¢"},
    {"sterling", "£"},
    {"currency", "¤"},
    {"yen", "¥"},
    {"brokenbar", "¦"},
    {"section", "§"},
    {"dieresis", "¨"},
    {"copyright", "©"},
    {"ordfeminine", "ª"},
    {"guillemotleft", "«"},
    {"logicalnot", "¬"},
    {"sfthyphen", "\u00AD"},
    {"softhyphen", "\u00AD"},
    {"registered", "®"},
    {"macron", "¯"},
    {"degree", "°"},
    {"plusminus", "±"},
    {"twosuperior", "²"},
    {"threesuperior", "³"},
    {"acute", "´"},
    {"mu", "µ"},
    {"mu1", "µ"},
    {"paragraph", "¶"},
    {"periodcentered", "·"},
    {"middot", "·"},
    {"cedilla", "¸"},
    {"onesuperior", "¹"},
    {"ordmasculine", "º"},
    {"guillemotright", "»"},
    {"onequarter", "¼"},
    {"onehalf", "½"},
    {"threequarters", "¾"},
    {"questiondown", "¿"},
    {"AE", "Æ"},
    {"Eth", "Ð"},
    {"multiply", "×"},
    {"Thorn", "Þ"},
    {"germandbls", "ß"},
    {"ae", "æ"},
    {"eth", "ð"},
    {"divide", "÷"},
    {"thorn", "þ"},
    {"dotlessi", "ı"},
    {"dotlessj", "ȷ"},
    {"IJ", "Ĳ"},
    {"ij", "ĳ"},
    {"kgreenlandic", "ĸ"},
    {"napostrophe", "ŉ"},
    {"Eng", "Ŋ"},
    {"eng", "ŋ"},
    {"OE", "Œ"},
    {"oe", "œ"},
    {"longs", "ſ"},
    {"florin", "ƒ"},
    {"circumflex", "ˆ"},
    {"caron", "ˇ"},
    {"breve", "˘"},
    {"dotaccent", "˙"},
    {"ring", "˚"},
    {"ogonek", "˛"},
    {"tilde", "˜"},
    {"hungarumlaut", "˝"},
    {"endash", "–"},
    {"emdash", "—"},
    {"quoteleft", "‘"},
    {"quoteright", "’"},
    {"quotesinglbase", "‚"},
    {"quotedblleft", "“"},
    {"quotedblright", "”"},
    {"quotedblbase", "„"},
    {"dagger", "†"},
    {"daggerdbl", "‡"},
    {"bullet", "•"},
    {"ellipsis", "…"},
    {"perthousand", "‰"},
    {"guilsinglleft", "‹"},
    {"guilsinglright", "›"},
    {"fraction", "⁄"},
    {"Euro", "€"},
    {"euro", "€"},
    {"trademark", "™"},
    {"Omega", "Ω"},
    {"Delta", "∆"},
    {"pi", "π"},
    {"partialdiff", "∂"},
    {"product", "∏"},
    {"summation", "∑"},
    {"minus", "−"},
    {"radical", "√"},
    {"infinity", "∞"},
    {"integral", "∫"},
    {"approxequal", "≈"},
    {"notequal", "≠"},
    {"lessequal", "≤"},
    {"greaterequal", "≥"},
    {"lozenge", "◊"},
    {"ff", "ﬀ"},
    {"fi", "ﬁ"},
    {"fl", "ﬂ"},
    {"ffi", "ﬃ"},
    {"ffl", "ﬄ"},
    {"f_f", "ﬀ"},
    {"f_i", "ﬁ"},
    {"f_l", "ﬂ"},
    {"f_f_i", "ﬃ"},
    {"f_f_l", "ﬄ"},
};

static void fill(uint32_t unicode[FONT_CODES], size_t from, const char *characters)
{
    slice rest = slice_text(characters);
    for (size_t code = from; code < FONT_CODES && rest.length > 0; code++) {
        uint32_t c = text_next(&rest);
        unicode[code] = c == nothing ? 0 : c;
    }
}

static void fill_pdfdoc(uint32_t unicode[FONT_CODES])
{
    for (size_t code = 0; code < FONT_CODES; code++) {
        uint8_t byte = (uint8_t)code;
        struct buf text;
        buf_init(&text, 8);
        pdf_text_to_utf8(slice_of(&byte, 1), &text);
        slice rest = buf_slice(&text);
        unicode[code] = rest.length > 0 && code >= 0x18 ? text_next(&rest) : 0;
        if (unicode[code] == 0xFFFD) unicode[code] = 0;
        buf_dispose(&text);
    }
}

void page_font_encoding(slice name, uint32_t unicode[FONT_CODES])
{
    for (uint32_t code = 0; code < FONT_CODES; code++) unicode[code] = code >= 0x20 && code < 0x7F ? code : 0;
    if (slice_is(name, "WinAnsiEncoding")) {
        for (uint32_t code = 0xA0; code < FONT_CODES; code++) unicode[code] = code;
        fill(unicode, 0x80, win_ansi);
        unicode[0xAD] = '-';
    } else if (slice_is(name, "MacRomanEncoding")) {
        fill(unicode, 0x80, mac_roman);
    } else if (slice_is(name, "PDFDocEncoding")) {
        fill_pdfdoc(unicode);
    } else {
        fill(unicode, 0xA0, standard);
        unicode['\''] = 0x2019;
        unicode['`'] = 0x2018;
    }
}

/** The letter's partner in a row; 0 when it has none. */
static uint32_t with_accent(const char *pairs, uint32_t letter)
{
    slice rest = slice_text(pairs);
    while (rest.length > 0) {
        uint32_t plain = text_next(&rest), accented = rest.length > 0 ? text_next(&rest) : 0;
        if (plain == letter) return accented;
    }
    return 0;
}

uint32_t page_font_plain(uint32_t c)
{
    if (c < 0xC0) return c;
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++) {
        slice rest = slice_text(accents[i].text);
        while (rest.length > 0) {
            uint32_t plain = text_next(&rest), accented = rest.length > 0 ? text_next(&rest) : 0;
            if (accented == c) return plain;
        }
    }
    return c;
}

uint32_t page_font_accented(uint32_t accent, uint32_t letter)
{
    enum { DOTLESS_I = 0x131 };
    if (letter == DOTLESS_I) letter = 'i';
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++) {
        if (accents[i].alone == accent && accent != 0) return with_accent(accents[i].text, letter);
    }
    return 0;
}

/** "uni" and four digits, "u" and four to six: the first of several code points counts. */
static uint32_t spelled_out(slice name)
{
    size_t prefix = slice_starts(name, SLICE("uni")) ? 3 : 1;
    size_t digits = prefix == 3 ? 4 : name.length - 1;
    uint32_t c = 0;
    if (name.length < prefix + digits || name.data[0] != 'u' || digits < 4 || digits > 6) return 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = number_hex_digit(name.data[prefix + i]);
        if (digit < 0) return 0;
        c = c << 4 | (uint32_t)digit;
    }
    return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0 : c;
}

static uint32_t listed(slice name)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!slice_is(name, others[i].name)) continue;
        slice text = slice_text(others[i].text);
        return text_next(&text);
    }
    slice accent = slice_from(name, 1);
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++) {
        if (slice_is(accent, accents[i].name)) return with_accent(accents[i].text, name.data[0]);
    }
    return 0;
}

/** What follows a point is a variant: "a.alt" is an a. */
uint32_t page_font_glyph(slice name)
{
    const uint8_t *point = name.length > 0 ? memchr(name.data, '.', name.length) : NULL;
    if (point != NULL) name.length = (size_t)(point - name.data);
    if (name.length == 0) return 0;
    uint8_t first = name.data[0];
    if (name.length == 1 && ((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z'))) return first;
    uint32_t c = listed(name);
    return c != 0 ? c : spelled_out(name);
}
