/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker's part of looking somebody up in the identity service (docs/identity-service.md): takes the questions of
 * the processes that serve pages, one at a time, and asks the service. Two seconds an answer, 16 KiB at most; after
 * three failures in a row it is left alone for half a minute. Nothing of an answer stays.
 */
#ifndef JOBS_IDENTITY_LOOKUP_H
#define JOBS_IDENTITY_LOOKUP_H

#include "settings/settings.h"

#include <stdatomic.h>

struct identity_lookup;
/** For settings with requests.identity_service. `token` empty: the service wants none; `authorities` (PEM) empty: the
 * machine's. What is given has to live as long. `stop` ends what is under way. */
rfd_status identity_lookup_new(const struct settings *settings, slice token, slice authorities, const atomic_bool *stop,
                               struct identity_lookup **out, struct rfd_error *error) RFD_MUST_CHECK;
void identity_lookup_free(struct identity_lookup *lookup);
/** Takes over `descriptor`, a way to a process with questions. From any thread. */
rfd_status identity_lookup_connect(struct identity_lookup *lookup, int descriptor,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** Answers until identity_lookup_stop() was called: a thread of its own. */
void identity_lookup_run(struct identity_lookup *lookup);
/** From any thread. */
void identity_lookup_stop(struct identity_lookup *lookup);

#endif
