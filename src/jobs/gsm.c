/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/gsm.h"

#include "base/letter.h"
#include "base/text.h"

/* Beside letters, digits and most signs of ASCII (3GPP TS 23.038 §6.2.1, §6.2.1.1). */
static const char others[] = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
static const char extension[] = "^{}\\[~]|€";

static bool is_among(uint32_t c, const char *letters)
{
    slice rest = slice_text(letters);
    while (rest.length > 0) {
        if (text_next(&rest) == c) return true;
    }
    return false;
}

/** Septets of a letter; 0: the alphabet lacks it. */
static unsigned septets(uint32_t c)
{
    if (is_among(c, extension)) return 2;
    if (c == '\n' || c == '\r' || (c >= ' ' && c < 0x7f && c != '`')) return 1;
    return is_among(c, others) ? 1 : 0;
}

bool gsm_has(slice text)
{
    while (text.length > 0) {
        if (septets(text_next(&text)) == 0) return false;
    }
    return true;
}

size_t gsm_length(slice text)
{
    size_t length = 0;
    while (text.length > 0) length += septets(text_next(&text));
    return length;
}

void gsm_put(struct buf *out, slice text)
{
    while (text.length > 0) {
        uint32_t c = text_next(&text);
        const char *next = septets(c) > 0 ? NULL : letter_neighbour(c);
        if (septets(c) > 0)
            text_put_utf8(out, c);
        else
            buf_put_text(out, next == NULL ? "?" : next);
    }
}
