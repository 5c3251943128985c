/* SPDX-License-Identifier: EUPL-1.2
 *
 * Three tests of a modulus that anybody can make: division by small primes; Fermat's method, which finds two factors
 * that begin with the same half of their digits; and the residues that one maker's key generator left behind
 * (CVE-2017-15361: n is a power of 65,537 modulo each of these primes).
 */
#include "pki/authority/key_check_rsa.h"

#include "base/error.h"

#include <openssl/bn.h>

enum { FERMAT_STEPS = 110, GENERATOR = 65537 };

static const uint16_t small_primes[] = {
    3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,  73,  79,
    83,  89,  97,  101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191,
    193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311,
    313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383, 389, 397, 401, 409, 419, 421, 431, 433, 439,
    443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509, 521, 523, 541, 547, 557, 563, 569, 571, 577,
    587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643, 647, 653, 659, 661, 673, 677, 683, 691, 701, 709,
    719, 727, 733, 739, 743, 751, 757, 761, 769, 773, 787, 797, 809, 811, 821, 823, 827, 829, 839, 853, 857,
    859, 863, 877, 881, 883, 887, 907, 911, 919, 929, 937, 941, 947, 953, 967, 971, 977, 983, 991, 997,
};
enum { SMALL_PRIMES = sizeof small_primes / sizeof *small_primes };

/* The first small prime that divides n, 0 when none does. As many as fit into 32 bits are multiplied up, so that one
 * long division tests all of them. */
static BN_ULONG small_factor(const BIGNUM *n)
{
    for (size_t first = 0, next; first < SMALL_PRIMES; first = next) {
        BN_ULONG product = 1;
        for (next = first; next < SMALL_PRIMES && product * small_primes[next] <= UINT32_MAX; next++) {
            product *= small_primes[next];
        }
        BN_ULONG rest = BN_mod_word(n, product);
        for (size_t i = first; i < next; i++) {
            if (rest % small_primes[i] == 0) return small_primes[i];
        }
    }
    return 0;
}

static bool is_power_of_generator(BN_ULONG rest, BN_ULONG prime)
{
    BN_ULONG power = 1;
    do {
        if (power == rest) return true;
        power = power * GENERATOR % prime;
    } while (power != 1);
    return false;
}

static bool has_mark(const BIGNUM *n)
{
    static const uint8_t primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
    for (size_t i = 0; i < sizeof primes; i++) {
        if (!is_power_of_generator(BN_mod_word(n, primes[i]), primes[i])) return false;
    }
    return true;
}

/* --- Fermat ------------------------------------------------------------------------------------------------------ */

/* The whole part of the square root, by Newton's method from above. */
static bool square_root(BIGNUM *root, const BIGNUM *n, BN_CTX *context)
{
    BN_CTX_start(context);
    BIGNUM *next = BN_CTX_get(context);
    bool good = next != NULL;
    BN_zero(root);
    if (good && !BN_is_zero(n)) {
        good = BN_set_bit(root, (BN_num_bits(n) + 1) / 2) == 1;
        while (good) {
            good = BN_div(next, NULL, n, root, context) == 1 && BN_add(next, next, root) == 1 &&
                   BN_rshift1(next, next) == 1;
            if (!good || BN_cmp(next, root) >= 0) break;
            good = BN_copy(root, next) != NULL;
        }
    }
    BN_CTX_end(context);
    return good;
}

static bool is_residue(BN_ULONG rest, BN_ULONG modulus)
{
    for (BN_ULONG i = 0; i <= modulus / 2; i++) {
        if (i * i % modulus == rest) return true;
    }
    return false;
}

/* Most numbers are no square by their residues; of a hundred, one or two get to the square root. */
static bool may_be_square(const BIGNUM *n)
{
    /* Bit r is set when r is a square modulo 64. */
    static const uint64_t squares = UINT64_C(0x0202021202030213);
    unsigned low = 0;
    for (int bit = 0; bit < 6; bit++) low |= BN_is_bit_set(n, bit) == 1 ? 1U << bit : 0U;
    if ((squares >> low & 1) == 0) return false;
    BN_ULONG rest = BN_mod_word(n, 63 * 65 * 11);
    return is_residue(rest % 63, 63) && is_residue(rest % 65, 65) && is_residue(rest % 11, 11);
}

/* n = a² - b²: a from the square root of n upwards until a² - n is a square. False when there is no memory. */
static bool fermat(const BIGNUM *n, BN_CTX *context, bool *found)
{
    BN_CTX_start(context);
    BIGNUM *a = BN_CTX_get(context);
    BIGNUM *rest = BN_CTX_get(context);
    BIGNUM *root = BN_CTX_get(context);
    BIGNUM *square = BN_CTX_get(context);
    bool good =
        square != NULL && square_root(a, n, context) && BN_sqr(rest, a, context) == 1 && BN_sub(rest, rest, n) == 1;
    *found = good && BN_is_zero(rest);
    for (int step = 0; good && !*found && step <= FERMAT_STEPS; step++) {
        if (!BN_is_negative(rest) && may_be_square(rest)) {
            good = square_root(root, rest, context) && BN_sqr(square, root, context) == 1;
            *found = good && BN_cmp(square, rest) == 0;
        }
        /* (a + 1)² - n = rest + 2a + 1 */
        good = good && BN_add(rest, rest, a) == 1 && BN_add_word(a, 1) == 1 && BN_add(rest, rest, a) == 1;
    }
    BN_CTX_end(context);
    return good;
}

static rfd_status check(const BIGNUM *n, BN_CTX *context, struct rfd_error *error)
{
    bool close = false;
    BN_ULONG factor = small_factor(n);
    if (factor != 0) {
        return error_set(error, RFD_E_KEY_WEAK, "the RSA modulus is divisible by %lu", (unsigned long)factor);
    }
    if (has_mark(n))
        return error_set(error, RFD_E_KEY_WEAK, "the RSA key comes from a broken generator (CVE-2017-15361)");
    if (!fermat(n, context, &close)) return error_memory(error);
    if (close) return error_set(error, RFD_E_KEY_WEAK, "the factors of the RSA modulus are too close");
    return RFD_OK;
}

rfd_status key_check_rsa_modulus(slice modulus, struct rfd_error *error)
{
    BIGNUM *n = BN_bin2bn(modulus.data, (int)modulus.length, NULL);
    BN_CTX *context = BN_CTX_new();
    rfd_status status = n == NULL || context == NULL ? error_memory(error) : check(n, context, error);
    BN_CTX_free(context);
    BN_free(n);
    return status;
}
