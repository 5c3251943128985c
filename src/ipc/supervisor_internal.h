/* SPDX-License-Identifier: EUPL-1.2
 *
 * What supervisor and child say to each other over the control channel.
 */
#ifndef IPC_SUPERVISOR_INTERNAL_H
#define IPC_SUPERVISOR_INTERNAL_H

enum {
    CONTROL_READY = 1,    /* child: I serve. No fields */
    CONTROL_PEER = 2,     /* supervisor: text role, u32 index, one descriptor */
    CONTROL_LISTENER = 3, /* supervisor: text name, u32 0, one descriptor */
    CONTROL_DESCRIPTOR = 3,
    CONTROL_MAXIMUM = 256, /* octets of a message */
    CONTROL_BACKLOG = 64 << 10
};

#define CONTROL_ARGUMENT "--child"

#endif
