/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where the processes put their metrics for the one that answers for all: a memory file that the supervisor made, with
 * a slot for each process. A process writes its own slot once a second; the worker reads them all. A reader takes what
 * it finds for a stranger's text: lengths are checked, and a slot that changes while it is read is read again.
 *
 * Nothing keeps a process from writing into another one's slot: a figure on the board is no evidence.
 */
#ifndef SERVER_BOARD_H
#define SERVER_BOARD_H

#include "base/buf.h"

enum { BOARD_SLOTS = 8, BOARD_TEXT_MAXIMUM = 60 << 10, BOARD_METRICS_MAXIMUM = 512 << 10 };
#define BOARD_NAME "board"

struct board_slot;

/** Makes the memory file, which cannot grow or shrink any more. */
rfd_status board_make(int *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Maps it; returns its first slot. The descriptor is not needed afterwards. */
rfd_status board_map(int descriptor, struct board_slot **out, struct rfd_error *error) RFD_MUST_CHECK;
void board_unmap(struct board_slot *slots);

/** Writes the metrics of this process, called `process`, into slot `index`. */
void board_publish(struct board_slot *slots, unsigned index, const char *process);
/** Appends the metrics of all processes as one text: each family once (OpenMetrics 1.0 §"MetricFamily"), with the
 * samples of every process. */
void board_collect(const struct board_slot *slots, struct buf *out);

#endif
