/* SPDX-License-Identifier: EUPL-1.2
 *
 * The two things that systemd and a service say to each other (sd_notify(3), sd_listen_fds(3)), without libsystemd.
 */
#ifndef IPC_SUPERVISOR_SYSTEMD_H
#define IPC_SUPERVISOR_SYSTEMD_H

#include "base/slice.h"

enum { SYSTEMD_NAME_SIZE = 64 };

struct systemd_socket {
    char name[SYSTEMD_NAME_SIZE]; /* FileDescriptorName= of the unit; "" when not given */
    int descriptor;
};

/** Sends lines such as "READY=1" to who is named in $NOTIFY_SOCKET; nothing happens when nobody is. A message that
 * gets lost is no failure. */
void systemd_notify(const char *state);

/** The sockets that the environment says were passed to this very process, at most `maximum`; they become
 * close-on-exec. The variables are removed, so that children do not take them for theirs. RFD_E_ARGUMENT when the
 * variables contradict each other or there are too many. */
rfd_status systemd_sockets(struct systemd_socket *out, size_t maximum, size_t *count,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
