/* SPDX-License-Identifier: EUPL-1.2
 *
 * Personal credentials: keys of people that never leave this process, and that nobody but their owner can make sign
 * (CEN EN 419 241-1 SCAL2). The process "personal" has a key store of its own (keys/personal: activation key,
 * attestation key, who may approve) and threads for what costs time, so that people never wait for each other's
 * Argon2id. One instance is active: it holds the lock of its store.
 *
 * A credential is a file of the store, named after its number: holder, profile, mobile, mail, TOTP secret, public key,
 * private key, certificate, counters, state; authenticated under a key of the store. The private key is sealed twice:
 * with a key derived from the signing password (Argon2id, RFC 9106) and, around that, with a key of the store's.
 * Counters are on disk before an attempt is judged.
 *
 * Operations live in memory: after a restart people authorise again, and nothing can be replayed.
 *
 *     begun → activated → done       ended: cancelled, out of time, too many wrong answers
 *
 * The functions may be called by many threads; those that say so cost the time of Argon2id or of a key.
 */
#ifndef PERSONAL_PERSONAL_H
#define PERSONAL_PERSONAL_H

#include "keeper/keeper.h"
#include "personal/operation.h"

struct personal;

struct personal_options {
    enum key_algorithm algorithm; /* of people's keys: RSA-2048, RSA-3072, P-256 */
    unsigned memory_kib, passes;  /* of Argon2id */
    unsigned operation_seconds;   /* from begin to activation: 300 */
    unsigned sad_seconds;         /* from activation to the last hash: 300 */
    unsigned again_seconds;       /* until a code may be sent again: 30 */
    unsigned wrong_passwords;     /* 5 */
    unsigned wrong_codes;         /* 5; then 15 minutes, doubling */
    bool mail;                    /* codes by mail are allowed, to who has neither mobile nor app: the lower level */
    unsigned messages;            /* to one holder: so many at once, then one a minute: 30; 0: no limit */
};
/** What spec and standards want. */
extern const struct personal_options personal_defaults;

/** `store` is borrowed; keys that are missing are made. RFD_E_KEYSTORE_DAMAGED. */
rfd_status personal_new(struct keystore *store, const struct personal_options *options, keeper_audit *audit,
                        void *context, struct personal **out, struct rfd_error *error) RFD_MUST_CHECK;
void personal_free(struct personal *p);

/** Whether the message is one that costs time, for a thread of the pool. */
bool personal_is_slow(const struct message *message);
/** What activations share that have to wait for each other (of one seal; of one holder), and how many of them can be
 * judged at once; 0: nothing. Does not wait. */
uint64_t personal_lane(struct personal *p, const struct message *message, unsigned *most);
/** Does what `message` asks for and appends the answer's body. RFD_E_PROTOCOL when the channel has to end. Called by
 * several threads. As keeper_handle(). */
rfd_status personal_handle(struct personal *p, struct keeper_session *session, const struct message *message,
                           struct buf *answer, struct rfd_error *error) RFD_MUST_CHECK;

#endif
