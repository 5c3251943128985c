/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions and answers: an answer has the type of its question and begins with a status (u32, rfd_status), followed by
 * a text with the detail when that is not RFD_OK, and by the fields that were asked for when it is.
 */
#ifndef IPC_ANSWER_H
#define IPC_ANSWER_H

#include "ipc/channel.h"

/** What an answer to a question of `type` says: RFD_OK with `*fields` reading the rest of its body; or the status and
 * detail of `who` refused; or RFD_E_PROTOCOL. */
rfd_status answer_read(const struct message *answer, uint16_t type, const char *who, struct message_reader *fields,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Asks and waits (channel_call); `*fields` is valid until the next call. */
rfd_status answer_ask(struct channel *channel, uint16_t type, slice body, unsigned milliseconds, const char *who,
                      struct message_reader *fields, struct rfd_error *error) RFD_MUST_CHECK;
/** Replaces what was appended to `answer` since `start` by a refusal. */
void answer_put_refusal(struct buf *answer, size_t start, const struct rfd_error *why);

#endif
