/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_voice.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"

enum { SENTENCE_MAXIMUM = 64 << 10, VALUES_MAXIMUM = 9 };

/* A month is part of its date's message: languages bend its name ("d'abril") and set it where they like. */
static const char *const dates[] = {
    N_("%1 January %2"),   N_("%1 February %2"), N_("%1 March %2"),    N_("%1 April %2"),
    N_("%1 May %2"),       N_("%1 June %2"),     N_("%1 July %2"),     N_("%1 August %2"),
    N_("%1 September %2"), N_("%1 October %2"),  N_("%1 November %2"), N_("%1 December %2"),
};

/* --- Keeping ----------------------------------------------------------------------------------------------------- */

static const char *keep(struct report_voice *v, const struct buf *b)
{
    char *text = b->status == RFD_OK ? arena_text(v->arena, buf_slice(b)) : NULL;
    if (b->status != RFD_OK && v->arena->status == RFD_OK) v->arena->status = b->status;
    if (text != NULL) return text;
    v->failed = true;
    return "";
}

/** As many whole characters as fit. */
static slice cut(slice s, size_t maximum)
{
    if (s.length <= maximum) return s;
    while (maximum > 0 && (s.data[maximum] & 0xC0) == 0x80) maximum--;
    return slice_part(s, 0, maximum);
}

static void put_clean(struct buf *b, slice text)
{
    slice part = cut(text, REPORT_TEXT_MAXIMUM);
    text_put_printable(b, part);
    if (part.length < text.length) buf_put_text(b, "…");
}

const char *report_clean(struct report_voice *v, const char *text)
{
    struct buf b;
    if (text == NULL || *text == '\0') return "";
    buf_init(&b, SENTENCE_MAXIMUM);
    put_clean(&b, slice_text(text));
    const char *kept = keep(v, &b);
    buf_dispose(&b);
    return kept;
}

/* --- Sentences --------------------------------------------------------------------------------------------------- */

const char *report_word(const struct report_voice *v, const char *message)
{
    return i18n_get(v->catalogue, message);
}

const char *report_fill_values(struct report_voice *v, const char *text, const char *const *values)
{
    size_t count = 0;
    struct buf b;
    while (count < VALUES_MAXIMUM && values[count] != NULL) count++;
    buf_init(&b, SENTENCE_MAXIMUM);
    for (const char *at = text; *at != '\0'; at++) {
        size_t number = at[0] == '%' && at[1] >= '1' && at[1] <= '9' ? (size_t)(at[1] - '0') : 0;
        if (number == 0 || number > count) {
            buf_put_byte(&b, (uint8_t)*at);
            continue;
        }
        put_clean(&b, slice_text(values[number - 1]));
        at++;
    }
    const char *kept = keep(v, &b);
    buf_dispose(&b);
    return kept;
}

/* --- Names (RFC 4514) -------------------------------------------------------------------------------------------- */

/** Where the attribute's value starts: at the beginning of a relative name, which ',' or '+' ends. NULL: not there. */
static const char *find_attribute(const char *name, const char *attribute)
{
    size_t length = strlen(attribute);
    bool begins = true;
    for (const char *at = name; *at != '\0'; at++) {
        if (begins && strncmp(at, attribute, length) == 0 && at[length] == '=') return at + length + 1;
        begins = *at == ',' || *at == '+';
        if (*at == '\\' && at[1] != '\0') at++;
    }
    return NULL;
}

/** RFC 4514 §2.4: a backslash before a special character, or before two hexadecimal digits of a byte. */
static void put_unescaped(struct buf *b, const char *at)
{
    for (; *at != '\0' && *at != ',' && *at != '+'; at++) {
        if (*at != '\\' || at[1] == '\0') {
            buf_put_byte(b, (uint8_t)*at);
            continue;
        }
        at++;
        int high = number_hex_digit((uint8_t)at[0]);
        int low = high < 0 ? -1 : number_hex_digit((uint8_t)at[1]);
        buf_put_byte(b, (uint8_t)(low < 0 ? at[0] : high * 16 + low));
        if (low >= 0) at++;
    }
}

const char *report_attribute(struct report_voice *v, const char *name, const char *attribute)
{
    struct buf raw;
    struct buf clean;
    const char *at = find_attribute(name, attribute);
    if (at == NULL) return "";
    buf_init(&raw, SENTENCE_MAXIMUM);
    buf_init(&clean, SENTENCE_MAXIMUM);
    put_unescaped(&raw, at);
    put_clean(&clean, buf_slice(&raw));
    if (raw.status != RFD_OK) clean.status = raw.status;
    const char *kept = keep(v, &clean);
    buf_dispose(&raw);
    buf_dispose(&clean);
    return kept;
}

const char *report_person(struct report_voice *v, const char *name)
{
    const char *common = report_attribute(v, name, "CN");
    return *common == '\0' ? report_clean(v, name) : common;
}

/* --- Numbers and dates ------------------------------------------------------------------------------------------- */

static const char *digits(struct report_voice *v, int number, int width)
{
    const char *text = arena_print(v->arena, "%0*d", width, number);
    if (text != NULL) return text;
    v->failed = true;
    return "";
}

const char *report_number(struct report_voice *v, uint64_t number)
{
    const char *text = arena_print(v->arena, "%llu", (unsigned long long)number);
    if (text != NULL) return text;
    v->failed = true;
    return "";
}

const char *report_day(struct report_voice *v, rfd_time time)
{
    if (time == RFD_TIME_NONE) return "";
    struct civil c = clock_civil(time);
    return report_say(v, dates[c.month - 1], digits(v, c.day, 1), digits(v, c.year, 4), NULL);
}

const char *report_moment(struct report_voice *v, rfd_time time)
{
    if (time == RFD_TIME_NONE) return "";
    struct civil c = clock_civil(time);
    return report_say(v, N_("%1, %2:%3:%4 (UTC)"), report_day(v, time), digits(v, c.hour, 2), digits(v, c.minute, 2),
                      digits(v, c.second, 2), NULL);
}

const char *report_short_day(struct report_voice *v, rfd_time time)
{
    if (time == RFD_TIME_NONE) return "";
    struct civil c = clock_civil(time);
    /* Year, month, day. */
    return report_say(v, N_("%1-%2-%3"), digits(v, c.year, 4), digits(v, c.month, 2), digits(v, c.day, 2), NULL);
}

const char *report_short_month(struct report_voice *v, rfd_time time)
{
    if (time == RFD_TIME_NONE) return "";
    struct civil c = clock_civil(time);
    /* Year, month. */
    return report_say(v, N_("%1-%2"), digits(v, c.year, 4), digits(v, c.month, 2), NULL);
}
