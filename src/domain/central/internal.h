/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of central signing: questions to the personal keeper, files of the spool, rows of operations.
 */
#ifndef DOMAIN_CENTRAL_INTERNAL_H
#define DOMAIN_CENTRAL_INTERNAL_H

#include "domain/central/central.h"
#include "domain/registration/internal.h"
#include "keeper/attestation.h"
#include "personal/operation.h"

/* ---- ask.c: the personal keeper ---- */

/** Asks; `body` may be NULL: no fields. RFD_E_PEER_GONE where there is no such keeper. */
rfd_status central_ask(const struct central *c, enum personal_operation operation, const struct buf *body,
                       struct keeper_reply *reply, struct rfd_error *error) RFD_MUST_CHECK;
struct central_begin {
    struct operation_text text;
    const slice *approvals; /* of "generate" */
    size_t approval_count;
    enum personal_channel channel; /* PERSONAL_NO_CHANNEL: the credential's */
    slice language, statement, point;
};
/** Writes the text, with now as its time, and has it begun. In `a`. */
rfd_status central_begin(const struct central *c, struct central_begin *begin, struct arena *a,
                         struct central_authorisation *out, struct rfd_error *error) RFD_MUST_CHECK;
/** PERSONAL_ACTIVATE; dispose of the reply, it may hold what signs. */
rfd_status central_activate(const struct central *c, const uint8_t *operation, const struct central_proofs *proofs,
                            struct keeper_reply *reply, struct rfd_error *error) RFD_MUST_CHECK;
/** Nobody needs it any more; failures are no matter, as it ends by itself. */
void central_forget(const struct central *c, slice operation);

/* ---- credential.c ---- */

/** One of the person's own: RFD_E_NOT_FOUND otherwise. `holder`: theirs, in `a`. Seals are nobody's own. */
rfd_status central_own_credential(const struct central *c, const struct actor *actor, struct arena *a, slice id,
                                  slice *holder, struct central_credential *out,
                                  struct rfd_error *error) RFD_MUST_CHECK;

/** One of the person's own, or a seal that they look after: RFD_E_NOT_FOUND otherwise. */
rfd_status central_kept_credential(const struct central *c, const struct actor *actor, struct arena *a, slice id,
                                   struct central_credential *out, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- enrolment.c ---- */

/** RFD_E_NOT_FOUND; what it has is the transaction's. */
rfd_status central_enrolment_find(struct transaction *t, int64_t id, struct enrolment *out, slice *number,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** The newest one of a profile, in force, by which the person answers for an entity's seals; id 0: none. */
rfd_status central_seal_enrolment_of(struct transaction *t, slice holder, slice profile, int64_t person, rfd_time now,
                                     struct enrolment *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The text that an approval signs, and its SHA-256. */
rfd_status central_approval_hash(slice signed_data, uint8_t hash[APPROVAL_HASH_SIZE],
                                 struct rfd_error *error) RFD_MUST_CHECK;

/* ---- tell.c ---- */

/** {"name":"text", ...} of pairs that end with NULL, in the transaction's arena. */
slice central_detail(struct transaction *t, const char *name, slice value, const char *second, slice second_value);
/** With what an operation is signed: `*name` "credential", and its number; of a key that is its owner's "certificate",
 * and the register's number. In the transaction's arena. */
slice central_signer(struct transaction *t, slice credential, int64_t certificate, const char **name);
rfd_status central_audit(struct transaction *t, const struct actor *actor, const char *action, const char *kind,
                         int64_t id, slice detail, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- spool.c: files that wait ---- */

enum { SPOOL_NAME_SIZE = 48 };
/** "signing-" and 32 random digits. */
rfd_status spool_name(char name[SPOOL_NAME_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** Its path, in `a`; NULL without memory. */
const char *spool_path(const struct central *c, slice name, struct arena *a);
/** The content of a blob as a file; RFD_E_KEYSTORE_DAMAGED when it is not what its name says. What the database says of
 * it is kept in `a`. */
rfd_status spool_put_blob(const struct central *c, slice id, struct arena *a, const char *path,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** A new file of these octets. */
rfd_status spool_put(slice octets, const char *path, struct rfd_error *error) RFD_MUST_CHECK;
/** A file becomes a blob, without a row yet. */
rfd_status spool_take_blob(const struct central *c, const char *path, struct arena *a, struct blob *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** SHA-256 of the file's first `length` octets. */
rfd_status spool_hash(const char *path, uint64_t length, uint8_t hash[OPERATION_HASH_SIZE],
                      struct rfd_error *error) RFD_MUST_CHECK;
void spool_remove(const struct central *c, slice name);
/** Removes what no operation waits for. Of very many files some, the others in the minutes that follow: `more` stays
 * as it is. */
rfd_status spool_sweep(const struct central *c, rfd_time now, bool *more, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- row.c: operations as they are stored ---- */

/** What is not for those who show it. */
struct signing_row {
    struct signing s;
    slice operation, text, failure;
    int64_t certificate;
    rfd_time busy;              /* RFD_TIME_NONE: nobody is at it */
    slice *prepared, *sessions; /* of each document */
};
/** By token, or by id where the token is empty. An open one whose time is over is SIGNING_EXPIRED. RFD_E_NOT_FOUND. */
rfd_status signing_load(struct transaction *t, slice token, int64_t id, rfd_time now, struct signing_row *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
enum signing_state signing_state_from(slice name);
/** Of preparing a document: its own fault, so that nothing else helps. preparation.c */
bool signing_is_of_document(rfd_status status);
static inline bool signing_is_waiting(enum signing_state state)
{
    return state == SIGNING_WAITING || state == SIGNING_PREPARED;
}
/** RFD_E_NOT_FOUND unless it is the actor's. */
rfd_status signing_check_owner(const struct signing *s, const struct actor *actor,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** From an open state to an end, where nobody is at it: RFD_E_STATE. */
rfd_status signing_end(struct transaction *t, const struct actor *actor, const struct signing *s,
                       enum signing_state state, const char *action, rfd_time now,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Into `a`, to outlive the transaction. */
rfd_status signing_keep(struct arena *a, struct signing_row *row, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- generate.c ---- */

/** Keys that were made and have no certificate yet. `more`: there may be others; each comes once for a `now`. The first
 * failure, after all were tried. */
rfd_status central_finish_due(const struct central *c, rfd_time now, bool *more,
                              struct rfd_error *error) RFD_MUST_CHECK;

#endif
