/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper: takes messages from its channels, finds the operation in the table, checks who asks and with which key,
 * lets the operation do its work, tells the audit, and answers. A bad request fails that request; only what is no
 * message of the protocol ends a channel. Nothing that a client sends ends the process.
 *
 * Keys are opened on first use and stay open. One thread; a second one only waits for the journal's disk.
 */
#ifndef KEEPER_KEEPER_H
#define KEEPER_KEEPER_H

#include "keeper/keystore.h"
#include "keeper/protocol.h"
#include "packs/packs.h"

/* Who is at the other end of a channel: known from the descriptor. Masks. */
enum keeper_sender {
    KEEPER_FROM_ADMIN = 1,  /* the commands of the ceremony, over the admin socket */
    KEEPER_FROM_STATUS = 2, /* public services */
    KEEPER_FROM_WORKER = 4,
    KEEPER_FROM_WEB = 8
};
/** "status", ...; "" for none. */
const char *keeper_sender_name(enum keeper_sender sender);
/** 0 when it is not known. */
enum keeper_sender keeper_sender_from_name(slice name);

/** One operation that was asked for, done or refused. */
struct keeper_event {
    rfd_time time;
    enum keeper_sender sender;
    const char *operation;   /* name in the table */
    char key[KEY_NAME_SIZE]; /* "" when there is none */
    uint64_t uses;           /* of the key, with this one */
    rfd_status status;
    const char *detail; /* "" when it was done */
};
/** Called before the answer is sent. When it fails, the answer is its failure, and the work is not handed out: what
 * cannot be recorded has not happened. */
typedef rfd_status keeper_audit(void *context, const struct keeper_event *event, struct rfd_error *error);

enum { KEEPER_KEYS_MAXIMUM = 64 /* open at once */ };

struct keeper;

/** `store` and `packs` (profiles of what is issued; NULL: nothing is) are borrowed. */
rfd_status keeper_new(struct keystore *store, const struct packs *packs, keeper_audit *audit, void *context,
                      struct keeper **out, struct rfd_error *error) RFD_MUST_CHECK;
void keeper_free(struct keeper *k);

/** A channel's state. */
struct keeper_session {
    enum keeper_sender sender;
    bool greeted;
    unsigned once; /* bits of operations that are allowed once and were used */
};

/** Does what `message` asks for, has it on disk, and appends the answer's body to `answer`. RFD_E_PROTOCOL when the
 * channel has to end (nothing is appended then); everything else is in the answer. */
rfd_status keeper_handle(struct keeper *k, struct keeper_session *session, const struct message *message,
                         struct buf *answer, struct rfd_error *error) RFD_MUST_CHECK;

/* Many at once: the answers of all that were taken leave together, after keeper_settle(). */

/** As keeper_handle(), but the answer may not be handed out before keeper_settle() has returned RFD_OK. */
rfd_status keeper_take(struct keeper *k, struct keeper_session *session, const struct message *message,
                       struct buf *answer, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether something was signed whose record is not on disk yet. */
bool keeper_owes(const struct keeper *k);
/** Has all records on disk. When it fails, keeper_refuse() replaces each answer that was taken since the last time. */
rfd_status keeper_settle(struct keeper *k, struct rfd_error *error) RFD_MUST_CHECK;
/* While a thread waits for the disk, the keeper may go on: what is taken after keeper_settle_go() waits for the next
 * time. When keeper_settle_land() fails, what was taken since is to be refused, too. */

/** From now on keeper_settle_go() works; `notify` (an eventfd, borrowed) can be read when it is done. Without a thread
 * all stays as it was. */
void keeper_settle_aside(struct keeper *k, int notify);
/** Sends the records that were made on their way. False when there are none, or it is for keeper_settle(). */
bool keeper_settle_go(struct keeper *k);
/** Whether keeper_settle_land() does not have to wait. */
bool keeper_has_landed(const struct keeper *k);
/** Waits for what keeper_settle_go() sent. */
rfd_status keeper_settle_land(struct keeper *k, struct rfd_error *error) RFD_MUST_CHECK;

/** Replaces what `answer` has from `start` on by the refusal that `why` says. */
void keeper_refuse(struct buf *answer, size_t start, const struct rfd_error *why);

#endif
