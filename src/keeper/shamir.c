/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/shamir.h"

#include "base/error.h"
#include "base/number.h"
#include "pki/digest.h"

#include <openssl/rand.h>

enum { DIGEST = 32, FIELD_BITS = 8, REDUCTION = 0x1B };

/* ---- GF(2^8) ---- */

uint8_t shamir_multiply(uint8_t a, uint8_t b)
{
    uint8_t product = 0;
    for (int i = 0; i < FIELD_BITS; i++) {
        uint8_t take = (uint8_t)(0 - (b & 1));
        uint8_t carry = (uint8_t)(0 - (a >> 7));
        product ^= (uint8_t)(a & take);
        a = (uint8_t)((uint8_t)(a << 1) ^ (carry & REDUCTION));
        b >>= 1;
    }
    return product;
}

/** a^254, which is 1/a, and 0 for 0. */
uint8_t shamir_inverse(uint8_t a)
{
    uint8_t square = shamir_multiply(a, a);
    uint8_t result = square;
    for (int i = 2; i < FIELD_BITS; i++) {
        square = shamir_multiply(square, square);
        result = shamir_multiply(result, square);
    }
    return result;
}

/* ---- Splitting ---- */

static rfd_status append_check(slice secret, uint8_t *to, struct rfd_error *error)
{
    uint8_t digest[DIGEST];
    TRY(digest_of(DIGEST_SHA256, secret, digest, error));
    memcpy(to, secret.data, secret.length);
    memcpy(to + secret.length, digest, SHAMIR_CHECK_SIZE);
    secret_wipe(digest, sizeof digest);
    return RFD_OK;
}

/** The polynomial with these coefficients at `x`, by Horner. */
static uint8_t value_at(const uint8_t *coefficients, unsigned count, uint8_t x)
{
    uint8_t value = 0;
    for (unsigned i = count; i > 0; i--) value = shamir_multiply(value, x) ^ coefficients[i - 1];
    return value;
}

rfd_status shamir_split(slice secret, unsigned needed, unsigned count, struct shamir_share *out,
                        struct rfd_error *error)
{
    uint8_t checked[SHAMIR_SHARE_MAXIMUM];
    uint8_t coefficients[SHAMIR_SHARES_MAXIMUM];
    rfd_status status = RFD_OK;
    if (needed < 2 || needed > count || count > SHAMIR_SHARES_MAXIMUM || secret.length == 0 ||
        secret.length > SHAMIR_SECRET_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "%u of %u shares of %zu octets", needed, count, secret.length);
    TRY(append_check(secret, checked, error));
    for (unsigned n = 0; n < count; n++) {
        out[n] = (struct shamir_share){
            .needed = (uint8_t)needed, .number = (uint8_t)(n + 1), .length = secret.length + SHAMIR_CHECK_SIZE};
    }
    for (size_t i = 0; i < secret.length + SHAMIR_CHECK_SIZE && status == RFD_OK; i++) {
        coefficients[0] = checked[i];
        if (RAND_priv_bytes(coefficients + 1, (int)needed - 1) != 1)
            status = error_set(error, RFD_E_INTERNAL, "no random numbers");
        for (unsigned n = 0; n < count; n++) out[n].octets[i] = value_at(coefficients, needed, out[n].number);
    }
    secret_wipe(checked, sizeof checked);
    secret_wipe(coefficients, sizeof coefficients);
    if (status != RFD_OK) secret_wipe(out, count * sizeof *out);
    return status;
}

/* ---- Combining ---- */

static rfd_status check_shares(const struct shamir_share *shares, size_t count, struct rfd_error *error)
{
    if (count == 0 || count > SHAMIR_SHARES_MAXIMUM || count < shares[0].needed)
        return error_set(error, RFD_E_SHARES, "%zu shares", count);
    for (size_t i = 0; i < count; i++) {
        const struct shamir_share *s = &shares[i];
        if (s->number == 0 || s->needed < 2 || s->length <= SHAMIR_CHECK_SIZE || s->length > SHAMIR_SHARE_MAXIMUM)
            return error_set(error, RFD_E_SHARES, "share %u is malformed", s->number);
        if (s->needed != shares[0].needed || s->length != shares[0].length)
            return error_set(error, RFD_E_SHARES, "shares %u and %u are of different secrets", shares[0].number,
                             s->number);
        for (size_t j = 0; j < i; j++) {
            if (shares[j].number == s->number) return error_set(error, RFD_E_SHARES, "share %u twice", s->number);
        }
    }
    return RFD_OK;
}

/** Lagrange's weight of share `i` for the value at 0: the product of x_j / (x_j - x_i). */
static uint8_t weight(const struct shamir_share *shares, size_t count, size_t i)
{
    uint8_t above = 1;
    uint8_t below = 1;
    for (size_t j = 0; j < count; j++) {
        if (j == i) continue;
        above = shamir_multiply(above, shares[j].number);
        below = shamir_multiply(below, shares[j].number ^ shares[i].number);
    }
    return shamir_multiply(above, shamir_inverse(below));
}

static bool is_checked(slice checked)
{
    uint8_t digest[DIGEST];
    slice secret = slice_part(checked, 0, checked.length - SHAMIR_CHECK_SIZE);
    bool good = digest_of(DIGEST_SHA256, secret, digest, NULL) == RFD_OK &&
                secret_equal(slice_from(checked, secret.length), slice_of(digest, SHAMIR_CHECK_SIZE));
    secret_wipe(digest, sizeof digest);
    return good;
}

rfd_status shamir_combine(const struct shamir_share *shares, size_t count, struct secret *out, struct rfd_error *error)
{
    uint8_t checked[SHAMIR_SHARE_MAXIMUM] = {0};
    uint8_t weights[SHAMIR_SHARES_MAXIMUM];
    TRY(check_shares(shares, count, error));
    size_t length = shares[0].length;
    for (size_t n = 0; n < count; n++) weights[n] = weight(shares, count, n);
    for (size_t n = 0; n < count; n++) {
        for (size_t i = 0; i < length; i++) checked[i] ^= shamir_multiply(weights[n], shares[n].octets[i]);
    }
    rfd_status status = RFD_OK;
    if (is_checked(slice_of(checked, length)))
        status = secret_set(out, slice_of(checked, length - SHAMIR_CHECK_SIZE), error);
    else
        status = error_set(error, RFD_E_SHARES, "%zu shares that do not belong together", count);
    secret_wipe(checked, sizeof checked);
    return status;
}

/* ---- As text ---- */

#define SHARE_PREFIX "refrenda-share-"

/** Four octets of the digest of everything before them. */
static rfd_status slip_check(slice text, uint8_t check[SHAMIR_CHECK_SIZE], struct rfd_error *error)
{
    uint8_t digest[DIGEST];
    TRY(digest_of(DIGEST_SHA256, text, digest, error));
    memcpy(check, digest, SHAMIR_CHECK_SIZE);
    return RFD_OK;
}

rfd_status shamir_write(const struct shamir_share *share, char text[SHAMIR_TEXT_SIZE], struct rfd_error *error)
{
    uint8_t check[SHAMIR_CHECK_SIZE];
    if (share->length > SHAMIR_SHARE_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "share of %zu", share->length);
    int prefix = snprintf(text, SHAMIR_TEXT_SIZE, SHARE_PREFIX "%u-%u-", share->needed, share->number);
    size_t at = (size_t)prefix;
    number_to_hex(slice_of(share->octets, share->length), false, (uint8_t *)text + at);
    at += 2 * share->length;
    TRY(slip_check(slice_of(text, at), check, error));
    number_to_hex(slice_of(check, sizeof check), false, (uint8_t *)text + at);
    text[at + 2 * sizeof check] = '\0';
    return RFD_OK;
}

/** "N-" at the front. */
static bool take_number(slice *text, uint8_t *out)
{
    uint64_t value;
    const uint8_t *dash = text->length == 0 ? NULL : memchr(text->data, '-', text->length);
    if (dash == NULL) return false;
    size_t digits = (size_t)(dash - text->data);
    if (!number_unsigned(slice_part(*text, 0, digits), SHAMIR_SHARES_MAXIMUM, &value)) return false;
    *text = slice_from(*text, digits + 1);
    *out = (uint8_t)value;
    return true;
}

static bool take_octets(slice digits, struct shamir_share *share)
{
    size_t octets = digits.length / 2;
    uint8_t both[SHAMIR_SHARE_MAXIMUM + SHAMIR_CHECK_SIZE];
    if (digits.length % 2 != 0 || octets <= 2 * SHAMIR_CHECK_SIZE || octets > sizeof both) return false;
    bool good = number_hex(digits, both);
    share->length = octets - SHAMIR_CHECK_SIZE;
    if (good) memcpy(share->octets, both, share->length);
    secret_wipe(both, sizeof both);
    return good;
}

rfd_status shamir_read(slice text, struct shamir_share *out, struct rfd_error *error)
{
    struct shamir_share share = {0};
    uint8_t check[SHAMIR_CHECK_SIZE];
    uint8_t found[SHAMIR_CHECK_SIZE] = {0};
    slice rest = slice_from(text, sizeof SHARE_PREFIX - 1);
    bool good = text.data != NULL && slice_starts(text, SLICE(SHARE_PREFIX)) && take_number(&rest, &share.needed) &&
                take_number(&rest, &share.number) && take_octets(rest, &share);
    if (good) {
        slice slip = slice_from(text, text.length - 2 * sizeof found);
        TRY(slip_check(slice_part(text, 0, text.length - slip.length), check, error));
        good = number_hex(slip, found) && memcmp(found, check, sizeof check) == 0;
    }
    if (good) *out = share;
    secret_wipe(&share, sizeof share);
    return good ? RFD_OK : error_set(error, RFD_E_SHARES, "not a share, or with a slip of the pen");
}
