/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tests of endurance, in a short measure for every day (tests/unit/test_endurance.c) and a long one for scripts/soak
 * (endurance.c).
 */
#ifndef TESTS_ENDURE_H
#define TESTS_ENDURE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Signs `count` different documents with a new key of this kind and verifies each, one in `sample` by `openssl cms`
 * too (0: none). ECDSA draws a new nonce each time, and the lengths of its numbers vary: what goes wrong once in a
 * thousand shows here. Returns how many failed; the first few are told on standard output, as TAP comments.
 */
size_t endure_signatures(const char *kind, size_t count, size_t sample);

/**
 * Alters a signed document of 20 KB at every byte, one at a time, by each of the first `masks` masks (at most 8), and
 * verifies. Returns how many alterations still passed; the first few are told as above. `*tried` counts them all.
 */
size_t endure_alterations(size_t masks, size_t *tried);

#endif
