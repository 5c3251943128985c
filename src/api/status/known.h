/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the register said of serial numbers lately, so that an answer that has to be signed again (a nonce) does not ask
 * it again. A table of fixed size: what comes in pushes out what was in its place. Only certificates that were issued
 * are remembered: what strangers make up takes no room.
 *
 * Kept true like the answers in memory: changes are dropped (known_drop), and what was read before a change and comes
 * after it is not taken in: known_put() wants to know when the reading began.
 */
#ifndef API_STATUS_KNOWN_H
#define API_STATUS_KNOWN_H

#include "pki/authority/responder.h"

struct known;

enum { KNOWN_PLACES = 1 << 16 };

rfd_status known_new(struct known **out, struct rfd_error *error) RFD_MUST_CHECK;
void known_free(struct known *k);
/** Before the register is asked. */
uint64_t known_moment(struct known *k);
bool known_get(struct known *k, int64_t authority, slice serial, struct responder_record *out);
void known_put(struct known *k, uint64_t moment, int64_t authority, slice serial,
               const struct responder_record *record);
/** Of all authorities. */
void known_drop(struct known *k, slice serial);

#endif
