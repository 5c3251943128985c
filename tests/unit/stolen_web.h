/* SPDX-License-Identifier: EUPL-1.2
 *
 * A process of the pages that somebody else took over: what it has is its links to both keepers, under its name, the
 * database, the blobs and the spool. Answers are in `stolen.reply` until the next question. What the telephone shows is
 * its owner's; tests may look at it.
 */
#ifndef TESTS_STOLEN_WEB_H
#define TESTS_STOLEN_WEB_H

#include "central_world.h"
#include "personal/operation.h"

enum { STOLEN_CODE_SIZE = 8, STOLEN_TRIES = 5, STOLEN_EVENTS_AT_FIRST = 2 /* of her log: generate, certificate */ };
#define MOBILE_OF_ANA "+51987654321"
#define STOLEN_MOBILE "+51900000666" /* of who attacks */

struct stolen {
    struct central c;
    struct office *office;
    struct store *store;
    char credential[PERSONAL_ID_SIZE]; /* Ana's */
    struct arena memory;
    struct buf body;
    struct keeper_reply reply;
};
extern struct stolen stolen;

/** Of a group of tests, and of each: Ana has a credential. */
int stolen_set_up(void **state);
int stolen_tear_down(void **state);
void stolen_take_over(void **state);

/** Asks with the body, and empties it. */
rfd_status stolen_ask(struct keeper_client *keeper, unsigned operation);
rfd_status stolen_ask_personal(unsigned operation);
rfd_status stolen_ask_authority(unsigned operation);

/** An operation of this kind with Ana's credential. */
struct operation_text stolen_about(enum operation_kind kind);
rfd_status stolen_begin_text(const struct operation_text *text, slice statement, struct central_authorisation *out);
/** To sign two documents that say "1" and "2"; of that number (0: none) another one is shown, or signed. */
rfd_status stolen_begin_two(slice portal, slice statement, unsigned changed_shown, unsigned changed_hash,
                            struct central_authorisation *out);
rfd_status stolen_begin_signing(struct central_authorisation *out);
/** What the browser encrypted goes to an operation, whichever. `sad` may be NULL. */
rfd_status stolen_activate(const uint8_t *operation, const struct central_proofs *proofs,
                           uint8_t sad[PERSONAL_SAD_SIZE]);
/** Signs the documents that say this; the second may be NULL. */
rfd_status stolen_sign(const uint8_t *sad, const char *first, const char *second);
/** Events in the holder's own log. */
uint64_t stolen_events(void);

struct sent {
    char address[64], code[STOLEN_CODE_SIZE];
};
/** The message about this operation; `which`: its first or second code. */
struct sent stolen_receive(const uint8_t *operation, unsigned which);
/** Tries codes until it is over; nothing but a lock, which is `last`, comes of it. */
void stolen_try_codes(const struct central_authorisation *begun, const char *code, rfd_status last);

void stolen_change(const char *sql);
/** The first cell that a query gives. */
slice stolen_read_value(const char *sql);
/** All rows of all tables, all blobs, the whole spool. */
void stolen_dump(struct buf *out);
bool stolen_contains(const struct buf *b, const char *text);
/** In the database, everybody's mobile is the attacker's. */
void stolen_redirect_everybody(void);
/** How many certificates the authority has signed. */
uint32_t stolen_journal_length(void);
int64_t stolen_certificates_of_ana(void);

#endif
