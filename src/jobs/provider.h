/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker's part of signing in with another OpenID provider (domain/oidc/provider.h): it asks the provider for its
 * metadata and keys, redeems codes, and verifies the identity tokens that it gets for them.
 *
 * What comes from there is a stranger's: https only (http on this machine), no redirects, bounded in size and time; and
 * whatever host its metadata name, none inside of private networks is spoken with, but for the provider's own.
 */
#ifndef JOBS_PROVIDER_H
#define JOBS_PROVIDER_H

#include "settings/settings.h"
#include "store/store.h"

#include <stdatomic.h>

struct provider_client;
/** For settings with sso.issuer. `secret` empty: we have none there; `authorities` (PEM) empty: the machine's. What is
 * given has to live as long. `stop` ends what is under way. */
rfd_status provider_client_new(const struct settings *settings, struct store *store, slice secret, slice authorities,
                               const atomic_bool *stop, struct provider_client **out,
                               struct rfd_error *error) RFD_MUST_CHECK;
void provider_client_free(struct provider_client *client);
/** Does what there is to do; the milliseconds until it wants to be called again. Failures go to the log. */
unsigned provider_client_run(struct provider_client *client);

#endif
