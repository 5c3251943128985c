/* SPDX-License-Identifier: EUPL-1.2
 *
 * Each check is one weighted sum and a table of what its remainder has to be.
 */
#include "packs/identity_check.h"

static unsigned digit(slice s, size_t at)
{
    return (unsigned)(s.data[at] - '0');
}

static unsigned weighted(slice s, const uint8_t *weights, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) sum += digit(s, i) * weights[i];
    return sum;
}

static enum identity_fault fault(bool fine)
{
    return fine ? IDENTITY_FINE : IDENTITY_DIGIT;
}

static enum identity_fault none(slice s)
{
    (void)s;
    return IDENTITY_FINE;
}

/* ---- Peru ---- */

/* RENIEC: modulo 11; cards before 2005 have a letter, later ones a digit. The ninth character may be missing. */
static enum identity_fault pe_dni(slice s)
{
    static const uint8_t weights[] = {3, 2, 7, 6, 5, 4, 3, 2};
    static const char digits[] = "65432110987", letters[] = "KJIHGFEDCBA";
    if (s.length == sizeof weights) return IDENTITY_FINE;
    unsigned rest = weighted(s, weights, sizeof weights) % 11;
    return fault(s.data[8] == (uint8_t)digits[rest] || s.data[8] == (uint8_t)letters[rest]);
}

/* SUNAT: modulo 11; the first two digits tell the kind of taxpayer. */
static enum identity_fault pe_ruc(slice s)
{
    static const uint8_t weights[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    static const unsigned kinds[] = {10, 15, 16, 17, 20};
    unsigned kind = digit(s, 0) * 10 + digit(s, 1);
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) known = known || kind == kinds[i];
    if (!known) return IDENTITY_FORM;
    return fault((11 - weighted(s, weights, sizeof weights) % 11) % 10 == digit(s, 10));
}

/* ---- Mexico ---- */

/* Place of a character in the alphabet of the RFC (Anexo, SAT) and, but for N with tilde, of the CURP (RENAPO). */
static unsigned place(uint8_t c, bool curp)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ";
    if (c == IDENTITY_ENYE) return curp ? 24 : 38;
    const char *at = strchr(alphabet, c);
    return at == NULL ? 0 : (unsigned)(at - alphabet);
}

/* Six digits, YYMMDD, of some century. */
static bool is_date(slice s, size_t from)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned month = digit(s, from + 2) * 10 + digit(s, from + 3);
    unsigned day = digit(s, from + 4) * 10 + digit(s, from + 5);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* RENAPO: modulo 10 over 17 characters with the weights 18 to 2. */
static enum identity_fault mx_curp(slice s)
{
    unsigned sum = 0;
    if (!is_date(s, 4)) return IDENTITY_FORM;
    for (unsigned i = 0; i < 17; i++) sum += place(s.data[i], true) * (18 - i);
    return fault((10 - sum % 10) % 10 == digit(s, 17));
}

/* SAT: modulo 11 over 12 characters with the weights 13 to 2, a moral person's with a blank before it. */
static enum identity_fault mx_rfc(slice s)
{
    static const char digits[] = "0123456789A";
    size_t letters = s.length == 12 ? 3 : 4;
    unsigned sum = s.length == 12 ? place(' ', false) * 13 : 0;
    if (!is_date(s, letters)) return IDENTITY_FORM;
    for (size_t i = 0; i + 1 < s.length; i++) sum += place(s.data[i], false) * (unsigned)(s.length - i);
    return fault(s.data[s.length - 1] == (uint8_t)digits[(11 - sum % 11) % 11]);
}

/* ---- Spain ---- */

/* Real Decreto 1553/2005: the letter is the number's rest by 23; of a NIE, X, Y and Z stand for 0, 1 and 2. */
static enum identity_fault es_dni(slice s)
{
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    unsigned number = s.data[0] >= 'X' ? (unsigned)(s.data[0] - 'X') : digit(s, 0);
    for (size_t i = 1; i < 8; i++) number = number * 10 + digit(s, i);
    return fault(s.data[8] == (uint8_t)letters[number % 23]);
}

/* Orden EHA/451/2008: Luhn's sum over seven digits; the kind of entity says whether the end is a digit or a letter. */
static enum identity_fault es_nif_entity(slice s)
{
    static const char only_digit[] = "ABEH", only_letter[] = "NPQRSW", letters[] = "JABCDEFGHI";
    unsigned sum = 0;
    for (size_t i = 1; i < 8; i++) {
        unsigned value = digit(s, i) * (i % 2 == 1 ? 2 : 1);
        sum += value / 10 + value % 10;
    }
    unsigned control = (10 - sum % 10) % 10;
    uint8_t end = s.data[8];
    bool fits_digit = end == '0' + control, fits_letter = end == (uint8_t)letters[control];
    if (strchr(only_digit, s.data[0]) != NULL) return fault(fits_digit);
    if (strchr(only_letter, s.data[0]) != NULL) return fault(fits_letter);
    return fault(fits_digit || fits_letter);
}

enum identity_fault identity_check(enum identity_check_name name, slice number)
{
    static enum identity_fault (*const functions[])(slice) = {
#define IDENTITY_CHECK(text, function) function,
#include "packs/identity_check.def"
#undef IDENTITY_CHECK
    };
    return functions[name](number);
}
