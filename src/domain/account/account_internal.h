/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of this folder share: rows of accounts, what is told to their holders and to the audit, counters of
 * tries, and the last step of every way to sign in.
 */
#ifndef DOMAIN_ACCOUNT_INTERNAL_H
#define DOMAIN_ACCOUNT_INTERNAL_H

#include "domain/account/account.h"
#include "domain/account/token.h"
#include "domain/organisation/organisation.h"
#include "template/template.h"

#define ACCOUNT_MINUTE (60 * RFD_SECOND)
#define ACCOUNT_HOUR   (60 * ACCOUNT_MINUTE)
enum { ACCOUNT_OWN_WORDS = 9, LINK_MINUTES = 30, PENDING_MINUTES = 10, CHALLENGE_MINUTES = 2 };

static inline struct store_value account_hash_value(const uint8_t hash[TOKEN_HASH_SIZE])
{
    return store_bytes(slice_of(hash, TOKEN_HASH_SIZE));
}

/** As codes and identity numbers are compared: capitals, without blanks, dots and dashes. In the arena. */
slice account_capitals(slice text, struct arena *a);
/** locked → open, whoever was allowed to. RFD_E_STATE. */
rfd_status account_open_again(struct transaction *t, const struct actor *actor, const struct account *account,
                              struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Audit and messages: letter.c ---- */

/** An event of `account`; `actor` NULL: its holder does it. `detail`: a text behind the name `what`, or empty. */
rfd_status account_audit(struct transaction *t, const char *action, const struct actor *actor,
                         const struct account *account, const char *what, slice detail,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** A message to the holder, with `view` (NULL: nothing else) and their name. Nothing when they have no address. */
rfd_status account_tell(struct transaction *t, const char *message, const struct account *account, struct view *view,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** "factor-changed": a way to sign in was added or removed. */
rfd_status account_tell_factor(struct transaction *t, const struct account *account, enum sign_in_method method,
                               bool added, struct rfd_error *error) RFD_MUST_CHECK;
/** "password-changed" */
rfd_status account_tell_password(struct transaction *t, const struct account *account,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** A new link of `kind` ("first", "recovery", "unlock") with its message; earlier ones of the kind are void. */
rfd_status account_send_link(struct transaction *t, const struct account *account, const char *kind,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Counters: limit.c ---- */

struct limit {
    const char *kind; /* "name", "network" */
    slice a, b;       /* what is counted */
};
/** How often it was tried within the hour, and until when who has no proof of work waits. */
rfd_status limit_look(struct transaction *t, const struct limit *limit, rfd_time now, unsigned *tries, rfd_time *waits,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Counts a try; `*tries` with this one. */
rfd_status limit_count(struct transaction *t, const struct limit *limit, rfd_time now, unsigned *tries,
                       struct rfd_error *error) RFD_MUST_CHECK;
rfd_status limit_forget(struct transaction *t, const struct limit *limit, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Passwords ---- */

/** Whether it is one of the common ones (any capitals). */
bool common_password(slice password);
/** The person's own data that a password must not resemble, in the arena. */
rfd_status account_own_words(struct transaction *t, const struct account *account, slice own[ACCOUNT_OWN_WORDS],
                             size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** A hash of nobody's password that costs as much to verify. In the arena. */
slice password_decoy(const struct account_settings *settings, struct arena *a);
/** As password_verify() behind the settings' gate. RFD_E_BUSY after a while. */
rfd_status password_check(const struct account_settings *settings, slice hash, slice password, bool *right,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Its costs are others than those of today. */
bool password_is_old(const struct account_settings *settings, slice hash);
/** Enters the hash, ends links and (but `except`) sessions, and tells the holder. */
rfd_status account_enter_password(struct transaction *t, const struct actor *actor, const struct account *account,
                                  slice hash, bool must_change, int64_t except, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The end of each way: step.c ---- */

/** `session` has proved `methods` for the account; what is wanted still follows from `account`. The session's row and
 * token are renewed. */
rfd_status account_step(struct transaction *t, const struct account_settings *settings, struct session *session,
                        const struct account *account, unsigned methods, char token[ACCOUNT_TOKEN_SIZE],
                        enum sign_in_result *out, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Challenges: challenge.c ---- */

/** 32 random octets for this session (id 0: for any visitor), kept as their hash. */
rfd_status challenge_make(struct transaction *t, const struct session *session, const char *kind, uint8_t out[32],
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Uses it up; `*good` is whether it was there. */
rfd_status challenge_use(struct transaction *t, const struct session *session, const char *kind, slice challenge,
                         bool *good, struct rfd_error *error) RFD_MUST_CHECK;

#endif
