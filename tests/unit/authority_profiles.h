/* SPDX-License-Identifier: EUPL-1.2
 *
 * A profile of every kind, as country packs will have them, and orders that fit.
 */
#ifndef TESTS_AUTHORITY_PROFILES_H
#define TESTS_AUTHORITY_PROFILES_H

#include "pki/authority/profile.h"

enum sample {
    SAMPLE_ROOT,
    SAMPLE_AUTHORITY,
    SAMPLE_NATURAL,
    SAMPLE_LEGAL,
    SAMPLE_SERVER,
    SAMPLE_TIME,
    SAMPLE_OCSP,
    SAMPLES
};
extern const struct profile sample_profiles[SAMPLES];
/** An order for a sample, at 2026-06-01 (authorities a day before); the key is the caller's. */
struct profile_order sample_order(enum sample sample, slice spki);

#endif
