/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was asked of a keeper as lines of JSON, one for each operation, done or refused.
 */
#ifndef KEEPER_EVENT_H
#define KEEPER_EVENT_H

#include "keeper/keeper.h"

enum { KEEPER_EVENT_MAXIMUM = 4096 /* octets of a line */ };

/** Appends a line. */
void keeper_event_put(struct buf *b, const struct keeper_event *event);
/** Writes lines to a descriptor, all of them. RFD_E_IO_WRITE. */
rfd_status keeper_event_send(int descriptor, slice lines, struct rfd_error *error) RFD_MUST_CHECK;
/** A keeper_audit: writes a line to a descriptor; `context` points to it (int). RFD_E_IO_WRITE. */
rfd_status keeper_event_write(void *context, const struct keeper_event *event, struct rfd_error *error) RFD_MUST_CHECK;

#endif
