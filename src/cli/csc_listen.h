/* SPDX-License-Identifier: EUPL-1.2
 *
 * A port of this machine to which a browser comes back with an authorization code (RFC 8252 §7.3). Everything on this
 * machine may connect to it: what it says is bounded, and believed when it has our state.
 */
#ifndef CLI_CSC_LISTEN_H
#define CLI_CSC_LISTEN_H

#include "base/secret.h"

/** At the port of `redirect`, which has to be of this machine (NULL: any free port of 127.0.0.1). */
rfd_status csc_listen_open(const char *redirect, int *descriptor, unsigned *port,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Until somebody comes with the state, five minutes at most. RFD_E_CANCELLED when the person did not agree,
 * RFD_E_REMOTE_REFUSED for other errors, RFD_E_DEADLINE. */
rfd_status csc_listen_wait(int descriptor, const char *redirect, const char *state, struct secret *code,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** The same of an address, or of a code alone. RFD_E_ARGUMENT when it is of something else. */
rfd_status csc_listen_take(slice address, const char *state, struct secret *code,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
