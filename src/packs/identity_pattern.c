/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/identity_schema.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

/** One element of a pattern: what it takes, and whether it may be missing. */
struct element {
    char kind; /* 9 A L * [ ; 0: there is none */
    slice set; /* of [ */
    bool optional;
};

/* False for what is none; at the end, and before |, the kind is 0. */
static bool next_element(const char **pattern, struct element *e)
{
    const char *at = *pattern;
    *e = (struct element){.kind = *at == '|' ? '\0' : *at};
    if (e->kind == '\0') return true;
    if (strchr("9AL*[", *at) == NULL) return false;
    if (*at == '[') {
        const char *end = strchr(at, ']');
        if (end == NULL || end == at + 1) return false;
        e->set = slice_of(at + 1, (size_t)(end - at - 1));
        at = end;
    }
    at++;
    e->optional = *at == '?';
    *pattern = at + e->optional;
    return true;
}

bool identity_pattern_is_good(const char *pattern)
{
    struct element e;
    size_t count = 0;
    do {
        if (!next_element(&pattern, &e)) return false;
        count = e.kind == '\0' ? count : count + 1;
        if (e.kind != '\0') continue;
        if (count == 0 || count > IDENTITY_LONGEST) return false;
        count = 0;
        if (*pattern == '\0') return true;
        pattern++;
    } while (true);
}

static bool takes(const struct element *e, uint8_t c)
{
    switch (e->kind) {
    case '9': return is_digit(c);
    case 'A': return is_letter(c);
    case 'L': return is_letter(c) || c == '&' || c == IDENTITY_ENYE;
    case '*': return is_letter(c) || is_digit(c);
    default: return memchr(e->set.data, c, e->set.length) != NULL;
    }
}

/* What may be missing is tried first; nothing in a pattern needs going back. */
static bool fits_one(const char **pattern, slice number)
{
    struct element e;
    size_t at = 0;
    bool fits = true;
    while (next_element(pattern, &e) && e.kind != '\0') {
        if (at < number.length && takes(&e, number.data[at]))
            at++;
        else if (!e.optional)
            fits = false;
    }
    return fits && at == number.length;
}

bool identity_pattern_fits(const char *pattern, slice number)
{
    for (;;) {
        if (fits_one(&pattern, number)) return true;
        if (*pattern == '\0') return false;
        pattern++;
    }
}
