/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes of printed forms: 20 letters out of 20, which is 86 bits. No vowels, so that they spell nothing, and none that
 * looks like a digit or like another letter in a bad print.
 */
#include "base/error.h"
#include "domain/registration/forms_internal.h"

#include <openssl/rand.h>

enum { GROUP = 5, LETTERS = 20, OCTETS = 4 * PRINTED_CODE_LETTERS, FAIR = 256 / LETTERS * LETTERS };
static const char letters[LETTERS + 1] = "BCDFGHJKLMNPQRSTVWXZ";

static void put_letter(char code[PRINTED_CODE_SIZE], size_t n, char letter)
{
    code[n + n / GROUP] = letter;
    if (n % GROUP == GROUP - 1) code[n + n / GROUP + 1] = n + 1 == PRINTED_CODE_LETTERS ? '\0' : '-';
}

/* Octets beyond the last whole round of letters are passed over, so that each letter is as likely as another. */
rfd_status form_code_new(char code[PRINTED_CODE_SIZE], struct rfd_error *error)
{
    uint8_t random[OCTETS];
    size_t n = 0;
    while (n < PRINTED_CODE_LETTERS) {
        if (RAND_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
        for (size_t i = 0; i < sizeof random && n < PRINTED_CODE_LETTERS; i++) {
            if (random[i] < FAIR) put_letter(code, n++, letters[random[i] % LETTERS]);
        }
    }
    return RFD_OK;
}

bool form_code_read(slice typed, char code[PRINTED_CODE_SIZE])
{
    size_t n = 0;
    for (size_t i = 0; i < typed.length; i++) {
        uint8_t c = typed.data[i];
        if (c == '-' || c == ' ') continue;
        if (c >= 'a' && c <= 'z') c = (uint8_t)(c - 'a' + 'A');
        if (c == 0 || strchr(letters, c) == NULL || n == PRINTED_CODE_LETTERS) return false;
        put_letter(code, n++, (char)c);
    }
    return n == PRINTED_CODE_LETTERS;
}
