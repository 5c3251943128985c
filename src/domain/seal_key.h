/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper's seal key as a key of refrenda/key.h, so that documents are sealed by the library as persons sign them.
 * The keeper builds the signed attributes itself (KEEPER_SIGN_SEAL); they have to be the very octets that the library
 * is about to sign.
 */
#ifndef DOMAIN_SEAL_KEY_H
#define DOMAIN_SEAL_KEY_H

#include "keeper/client.h"
#include <refrenda/key.h>

struct seal_key;

/** `certificates`: PEM or DER, the seal's first. The client is borrowed. */
rfd_status seal_key_open(struct keeper_client *keeper, const char *name, slice certificates, struct seal_key **out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** To sign with; lives as long as the seal key. */
struct rfd_key *seal_key_key(const struct seal_key *seal);
void seal_key_free(struct seal_key *seal);

#endif
