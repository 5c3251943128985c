/* SPDX-License-Identifier: EUPL-1.2
 *
 * A keeper that answers what the log and the audit ask, with a key of its own, and does otherwise when it is told to.
 * It takes the place of keeper_client_ask() in the test program (--wrap); the client may be NULL.
 */
#ifndef TESTS_FAKE_KEEPER_H
#define TESTS_FAKE_KEEPER_H

#include "keeper/client.h"
#include "pki_fixture.h"

struct fake_keeper {
    struct identity identity; /* the key that signs, its certificate */
    rfd_status refuses;       /* what it answers; RFD_OK: it does what it is asked */
    bool lies;                /* signs something else */
    size_t signatures;
    uint64_t sequence; /* of the last checkpoint */
    uint8_t hash[32];
    rfd_time time;
};
extern struct fake_keeper fake_keeper;

/** `kind` as in identity_new(). */
void fake_keeper_open(const char *kind);
void fake_keeper_close(void);

#endif
