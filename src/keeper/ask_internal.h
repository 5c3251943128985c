/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the questions of ask.h have in common.
 */
#ifndef KEEPER_ASK_INTERNAL_H
#define KEEPER_ASK_INTERNAL_H

#include "keeper/ask.h"

/** Asks, and ends `body`. `reply` is initialised here and disposed of by the caller, whatever the outcome. */
rfd_status ask_question(struct keeper_client *keeper, unsigned operation, struct buf *body, int descriptor,
                        struct keeper_reply *reply, struct rfd_error *error) RFD_MUST_CHECK;
/** The same of a question whose answer says nothing. */
rfd_status ask_order(struct keeper_client *keeper, unsigned operation, struct buf *body,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** An empty body for ask_question(). */
void ask_begin(struct buf *body);
/** u32 count, and for each: text type, text value. */
void ask_put_values(struct buf *body, const struct profile_value *values, size_t count);

#endif
