/* SPDX-License-Identifier: EUPL-1.2
 *
 * What makes a password a bad one (spec 5.1, as NIST SP 800-63B §5.1.1.2 advises): short, only digits, one of the
 * common ones, or made of what is known about the person. No rules of composition.
 */
#include "domain/account/account_internal.h"

#include "base/error.h"
#include "base/text.h"

enum { SHORTEST = 8, LONGEST_OCTETS = 256, OWN_SHORTEST = 3, REST_SHORTEST = 5, FEW = 4 };

static size_t count_characters(slice text, bool *only_digits, unsigned *kinds)
{
    size_t count = 0;
    unsigned seen = 0;
    while (text.length > 0) {
        uint32_t c = text_next(&text);
        seen |= c >= '0' && c <= '9' ? 1u : c >= 'a' && c <= 'z' ? 2u : c >= 'A' && c <= 'Z' ? 4u : 8u;
        count++;
    }
    *only_digits = seen == 1;
    *kinds = (unsigned)__builtin_popcount(seen);
    return count;
}

static unsigned count_different(slice text)
{
    bool seen[256] = {false};
    unsigned count = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (!seen[text.data[i]]) count++;
        seen[text.data[i]] = true;
    }
    return count;
}

/** Small letters without accents, one octet each; what is no letter or digit is left out. */
static size_t fold(slice text, uint8_t *to, size_t size)
{
    static const char latin[] = "aaaaaaaceeeeiiiidnooooo ouuuuy  aaaaaaaceeeeiiiidnooooo ouuuuy y"; /* U+00C0-U+00FF */
    size_t length = 0;
    while (text.length > 0 && length < size) {
        uint32_t c = text_next(&text);
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        if (c >= 0xC0 && c <= 0xFF) c = (uint32_t)latin[c - 0xC0];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) to[length++] = (uint8_t)c;
    }
    return length;
}

/** Blanks out what the password has of a word; true when there was something. */
static bool strike(uint8_t *password, size_t length, const uint8_t *word, size_t word_length)
{
    bool found = false;
    if (word_length < OWN_SHORTEST) return false;
    for (size_t i = 0; i + word_length <= length; i++) {
        if (memcmp(password + i, word, word_length) != 0) continue;
        memset(password + i, 0, word_length);
        found = true;
    }
    return found;
}

/** The whole of it, and each of its words: of several given names people use one. */
static bool strike_words(uint8_t *password, size_t length, slice own)
{
    uint8_t word[LONGEST_OCTETS];
    bool found = strike(password, length, word, fold(own, word, sizeof word));
    while (own.length > 0) {
        const uint8_t *blank = memchr(own.data, ' ', own.length);
        size_t end = blank == NULL ? own.length : (size_t)(blank - own.data);
        if (strike(password, length, word, fold(slice_part(own, 0, end), word, sizeof word))) found = true;
        own = slice_from(own, blank == NULL ? end : end + 1);
    }
    return found;
}

/** Whether little is left of it without the person's own words: letters and digits that are no year or counter. */
static bool is_own(slice password, const slice *own, size_t own_count)
{
    uint8_t folded[LONGEST_OCTETS];
    size_t length = fold(password, folded, sizeof folded);
    size_t left = 0;
    bool found = false;
    for (size_t i = 0; i < own_count; i++) {
        if (strike_words(folded, length, own[i])) found = true;
    }
    for (size_t i = 0; i < length; i++) left += folded[i] >= 'a' ? 1 : 0;
    secret_wipe(folded, sizeof folded);
    return found && left < REST_SHORTEST;
}

static unsigned strength(size_t characters, unsigned kinds, unsigned different)
{
    if (different <= FEW) return 1;
    if (characters >= 20 || (characters >= 16 && kinds >= 2)) return 4;
    if (characters >= 16 || (characters >= 12 && kinds >= 2)) return 3;
    if (characters >= 12 || (characters >= 10 && kinds >= 2)) return 2;
    return 1;
}

unsigned password_judge(slice password, const slice *own, size_t own_count, struct faults *faults)
{
    bool only_digits;
    unsigned kinds;
    const char *fault = NULL;
    size_t characters = count_characters(password, &only_digits, &kinds);
    if (characters < SHORTEST)
        fault = N_("The password needs at least 8 characters; 12 are better");
    else if (password.length > LONGEST_OCTETS || !text_is_utf8(password))
        fault = N_("The password is too long");
    else if (only_digits)
        fault = N_("The password cannot be digits only");
    else if (common_password(password))
        fault = N_("This password is among the most common ones: choose another");
    else if (is_own(password, own, own_count))
        fault = N_("The password is too similar to your own data");
    if (fault == NULL) return strength(characters, kinds, count_different(password));
    fault_add(faults, "password", fault);
    return 0;
}

rfd_status account_own_words(struct transaction *t, const struct account *account, slice own[ACCOUNT_OWN_WORDS],
                             size_t *count, struct rfd_error *error)
{
    struct person p;
    struct entity entity = {.id = 0};
    TRY(person_find(t, account->person, &p, error));
    if (account->entity != 0) TRY(entity_find(t, account->entity, &entity, error));
    const uint8_t *at = p.mail.length == 0 ? NULL : memchr(p.mail.data, '@', p.mail.length);
    const slice words[] = {
        account->code,           p.number,
        p.given_names,           p.surname,
        p.second_surname,        at == NULL ? p.mail : slice_part(p.mail, 0, (size_t)(at - p.mail.data)),
        slice_from(p.mobile, 3), entity.short_name,
        entity.tax_number};
    size_t used = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) own[used++] = words[i];
    *count = used;
    return RFD_OK;
}
