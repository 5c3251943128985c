/* SPDX-License-Identifier: EUPL-1.2
 *
 * A desk at which certificates are issued, anew for each test of the keeper's issuing: an authority with a registered
 * agent, a clock that stands still, and what lies on the desk at the moment.
 */
#ifndef TESTS_ISSUE_DESK_H
#define TESTS_ISSUE_DESK_H

#include "issue_support.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

struct issue_desk {
    struct issue_world keeper;
    rfd_time now;
    struct identity agent, other; /* two agents; the first is registered */
    const struct certificate *authority;
    struct buf body, spki, approval, second; /* the question, and what it is about */
};
extern struct issue_desk desk;

/** Of a group of tests: the agents, whose keys take time, and a folder. */
int desk_open_room(void **state);
int desk_close_room(void **state);
/** Of each test. */
int desk_set(void **state);
int desk_clear(void **state);
/** Ends the keeper and starts it anew. */
void desk_reopen(void);

rfd_status desk_ask_as(enum keeper_sender sender, enum keeper_operation operation, struct buf *body,
                       struct message_reader *fields);
/** An approval for the key on the desk, not signed yet. */
struct approval desk_approval(unsigned number);
/** Asks for a certificate of `spki` with the approvals on the desk. */
rfd_status desk_issue_for(slice spki, struct message_reader *fields);
/** The same of the key on the desk. */
rfd_status desk_issue(struct message_reader *fields);
/** What is issued for an approval that the first agent signs. */
rfd_status desk_issue_approved(const struct approval *a);

struct desk_given {
    uint8_t der[KEY_CERTIFICATE_MAXIMUM];
    size_t length;
    uint8_t serial[20];
    uint32_t partition;
    rfd_time time;
    bool repeated;
};
struct desk_given desk_take_given(struct message_reader *r);

#endif
