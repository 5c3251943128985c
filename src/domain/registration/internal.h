/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of registration: the table of ways, the rows, the one step by which a request changes its state, and mails.
 *
 * How a state changes, in every file of this folder: request_find() reads the request; the fields that the step is to
 * change are set in the struct (taker, due, sent ...); request_step() looks the way up in registration_states.def,
 * writes the row where it is still as it was read, and with it the event, the audit row and the words of the lists.
 * Whoever comes second is told RFD_E_STATE.
 */
#ifndef DOMAIN_REGISTRATION_INTERNAL_H
#define DOMAIN_REGISTRATION_INTERNAL_H

#include "domain/organisation/organisation.h"
#include "domain/registration/evidence.h"
#include "domain/registration/registration.h"
#include "template/template.h"

#define REGISTRATION_DAY (86400 * RFD_SECOND)
enum { REQUEST_NOTE_MAXIMUM = 4000, REGISTRATION_HASH_SIZE = 32 };

/* ---- states.c ---- */

struct request_way_row {
    enum request_way way;
    enum request_event event;
    enum request_state from, to;
    const char *who, *effect, *action; /* action: of audit_actions.def */
};
/** `to` REQUEST_NONE: wherever it leads. NULL: there is no such step. */
const struct request_way_row *request_way_find(enum request_way way, enum request_event event, enum request_state from,
                                               enum request_state to);
enum request_way request_way_from(slice name);
enum request_event request_event_from(slice name);
const char *request_event_name(enum request_event event);

/* ---- number.c ---- */

/** The next of its series in the installation's year: "S-0029-2026". The series' row is this transaction's until it
 * commits, so that there are no gaps. In the transaction's arena. */
rfd_status request_number(struct transaction *t, const struct zone *zone, enum request_way way, slice *code,
                          struct rfd_error *error) RFD_MUST_CHECK;

/* ---- row.c ---- */

/** Writes what may be edited of a request that is there: kind, motive, description, entity, unit, external, language.
 * No policy, no state, no audit. */
rfd_status request_put_row(struct transaction *t, const struct request *request,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** A new applicant (id 0: `id`, and place where it is 0, are filled in), or all columns of one that is there. */
rfd_status applicant_put_row(struct transaction *t, struct applicant *applicant,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** What an approval, and its certificate, change of an applicant that is there. RFD_E_STATE when it has a certificate,
 * or was approved once more. */
rfd_status applicant_put_approval(struct transaction *t, const struct applicant *applicant,
                                  struct rfd_error *error) RFD_MUST_CHECK;
rfd_status applicant_put_certificate(struct transaction *t, const struct applicant *applicant,
                                     struct rfd_error *error) RFD_MUST_CHECK;
/** With the applicants' request only: RFD_E_NOT_FOUND. */
rfd_status request_of_applicant(struct transaction *t, int64_t applicant, struct request *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** NULL: it has none of this id. */
struct applicant *request_applicant(const struct request *request, int64_t id);
/** Sort name and words of the lists, by the applicants' rows as they are now. request_enter() calls it, too. */
rfd_status request_index(struct transaction *t, int64_t id, struct rfd_error *error) RFD_MUST_CHECK;
/** The request that a form has made already; 0: none. */
rfd_status request_by_token(struct transaction *t, slice token, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- step.c ---- */

struct request_step {
    enum request_event event;
    enum request_state to;     /* REQUEST_NONE: where the table leads */
    const struct actor *actor; /* NULL: the applicant, whom a link or folio and number have let in */
    slice note;                /* of the event */
    bool is_public;            /* the applicant may read the note */
};
/** Enters a new request, and its applicants: code, row, event, audit, words. Fills in id, code, created, state (`to`),
 * and the applicants' id, request and place. RFD_E_STORE_CONFLICT when its token was used meanwhile. */
rfd_status request_enter(struct transaction *t, const struct zone *zone, struct request *request,
                         const struct request_step *step, struct rfd_error *error) RFD_MUST_CHECK;
/** The step from request->state, as it was read. Writes sent, taken, taker, note, due and concluded as the struct has
 * them (concluded: now, where the new state is an end), and sets request->state. RFD_E_STATE when there is no such way,
 * or the row is not as it was any more. */
rfd_status request_step(struct transaction *t, struct request *request, const struct request_step *step,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** The event and audit rows alone, of something that happens without a change of state. */
rfd_status request_happened(struct transaction *t, const struct request *request, const struct request_way_row *way,
                            const struct request_step *step, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- object.c: who may ---- */

/** Of the policy table: the request's unit (with its path) and entity, its requester. */
rfd_status request_object(struct transaction *t, const struct request *request, struct access_object *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** As actor_check(); a request of no unit is open to who has a role with the action anywhere in its entity. */
rfd_status request_check_actor(struct transaction *t, const struct actor *actor, enum action action,
                               const struct request *request, struct rfd_error *error) RFD_MUST_CHECK;
/** For who attends requests of its way (REGISTRATION_ATTEND, AGENCY_ATTEND, CERTIFICATE_REVOKE). Who may not even see
 * it gets RFD_E_NOT_FOUND. */
rfd_status request_to_attend(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_FORBIDDEN when it is theirs: who asks does not decide. */
rfd_status request_not_own(const struct actor *actor, const struct request *request,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** And who has it: RFD_E_STATE, RFD_E_FORBIDDEN tell by whom it is taken. */
rfd_status request_of_taker(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                            struct rfd_error *error) RFD_MUST_CHECK;

/* ---- tell.c ---- */

/** With what the messages of registration know: `code`, and `link` (NULL: where its applicant follows it). */
rfd_status request_view(struct transaction *t, const struct request *request, const char *link, struct view **out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Puts a message of messages.def to an applicant, in the request's language; adds `name` to the view. `once`: never
 * twice of the same (NULL: no matter). */
rfd_status request_mail(struct transaction *t, const char *message, const struct request *request,
                        const struct applicant *applicant, struct view *view, const char *once,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** To a person of the organisation (who filed it, an agent), in their language. Who has no address is not told. */
rfd_status request_mail_person(struct transaction *t, const char *message, int64_t person, struct view *view,
                               const char *once, struct rfd_error *error) RFD_MUST_CHECK;
/** "request-step", "request-observed" ... to all applicants of it, and to its requester where it is an agency's. `note`
 * is put as `note` and as `reason`; `step` is what happened, in the language of each. */
rfd_status request_tell(struct transaction *t, const char *message, const struct request *request,
                        enum request_event event, slice note, struct rfd_error *error) RFD_MUST_CHECK;
/** What happened, for mails: "Observada". */
const char *request_event_word(enum request_event event, slice language);
/** "21/11/2026", of the installation's zone, in the arena; data is NULL without memory. */
slice registration_day(const struct zone *zone, rfd_time moment, struct arena *a);

/* ---- check.c: what people type ---- */

/** Removes blanks at both ends and double ones; faults where it is empty (`required`), too long, or no printable text.
 */
slice registration_line(slice typed, const char *field, bool required, size_t maximum, struct arena *a,
                        struct faults *faults);
/** As packs_identity_check(), with faults in words ("document", and `field`): the number normalised, in the arena.
 * `document` empty: becomes the country's first. */
rfd_status registration_identity(const struct packs *packs, const char *field, slice country, slice *document,
                                 slice typed, struct arena *a, slice *number, struct faults *faults,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** E.164 into the arena (digits alone are a number of the country); faults. Empty stays empty. */
slice registration_mobile(slice typed, slice country, const char *field, struct arena *a, struct faults *faults);
void registration_mail(slice typed, const char *field, struct faults *faults);
/** Whether a file of this type is taken for it. */
bool registration_fits(const struct pack_evidence *kind, slice type);
/** That the evidence that the catalogue demands for `way` ("online", "agency") is among the files, and that there is
 * none that it does not know; the faults' fields are the kinds. */
rfd_status registration_files(struct transaction *t, const struct packs *packs, slice country, enum request_way way,
                              const struct evidence_file *files, size_t count, bool demand, struct faults *faults,
                              struct rfd_error *error) RFD_MUST_CHECK;

/* ---- link.c ---- */

struct request_link_row {
    int64_t request, applicant, certificate; /* what it is for; all 0: there is no such link, or it has ended */
    bool used;                               /* or another one took its place */
};
rfd_status request_link_find(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now,
                             struct request_link_row *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Those for it are not in force any more. */
rfd_status request_links_end(struct transaction *t, enum request_purpose purpose, const struct request_link_row *of,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** When the last one of the request was made; RFD_TIME_NONE: never. */
rfd_status request_link_made(struct transaction *t, enum request_purpose purpose, int64_t request, rfd_time *made,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- ask.c ---- */

/** Mails a new link that confirms. */
rfd_status request_mail_confirm(struct transaction *t, const struct registration_settings *settings,
                                const struct request *request, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- key.c ---- */

/** Whether the register has the key with somebody else's certificate, or as compromised; else *why is NULL. */
rfd_status request_key_free(struct transaction *t, slice spki, slice subject_id, const char **why,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The applicant's `pkcs10`, by the usual rules and (`packs` not NULL) by the profile's, and that its key is nobody
 * else's; fills in `spki`. Faults: "key". */
rfd_status request_check_key(struct transaction *t, const struct packs *packs, struct applicant *applicant,
                             struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- subject.c ---- */

/** The person's serialNumber by the profile ("PNOMX-..."); empty: the profile has none for the applicant's documents.
 */
slice applicant_subject_id(const struct packs *packs, const struct applicant *applicant, struct arena *a);
/** What the profile wants and the applicant does not have, N_(); NULL: nothing. */
rfd_status applicant_lacks(struct transaction *t, const struct packs *packs, const struct request *request,
                           const struct applicant *applicant, const char **why, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- holding.c, revoke.c, statistics.c: what issuing and the worker call ---- */

/** Enters a certificate that was issued to an applicant, by the agent who approved it (a person): for the lists by
 * agent, its holder and the statistics. In the transaction that makes the request ISSUED; twice is once. */
rfd_status holding_enter(struct transaction *t, const struct request *request, const struct applicant *applicant,
                         const struct certificate_row *certificate, int64_t agent,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** "certificate-issued" to its applicant; `once` as request_mail(). */
rfd_status holding_mail(struct transaction *t, const struct registration_settings *settings,
                        const struct request *request, const struct applicant *applicant,
                        const struct certificate_row *row, const char *once, struct rfd_error *error) RFD_MUST_CHECK;
/** Goes on with revocations that were begun: request_tick() calls it. */
rfd_status revoke_tick(struct authority_domain *authority, const struct registration_settings *settings, rfd_time now,
                       unsigned *done, struct rfd_error *error) RFD_MUST_CHECK;
/** Counts what has changed since the last time: request_tick() calls it. */
rfd_status statistics_tick(struct store *store, const struct registration_settings *settings, unsigned *done,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- desk.c ---- */

/** Whether a certificate is to come of it, whose key the applicant has to make. */
bool request_needs_key(const struct request *request, const struct applicant *applicant);

/* ---- issue.c ---- */

/** The authority that an approval names, by the hash of its key. RFD_E_APPROVAL: it is not here. */
rfd_status registration_approved_authority(struct authority_domain *d, struct arena *a, slice approved, int64_t *id,
                                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- central.c: keys that are kept here ---- */

/** What an approval whose key is "central" makes of an applicant: an enrolment, and an account of the advanced level.
 */
rfd_status request_central_enrol(struct transaction *t, const struct actor *actor, const struct request *request,
                                 const struct applicant *applicant, slice signed_data,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** The holder has made the key, and `row` was issued under the approval of this number: the request is issued, unless
 * it was by an earlier one. Of no request that is here: nothing. */
rfd_status request_central_issued(struct transaction *t, slice number, const struct certificate_row *row,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** Whether nobody is left in it whom the worker could issue to: what is missing, holders make themselves. */
bool request_is_central(const struct request *request);

/* ---- reminder.c ---- */

rfd_status reminder_tick(struct store *store, const struct registration_settings *settings, rfd_time now,
                         unsigned *done, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- approve.c ---- */

/** The authority that issues to people: the setting's, or the first that has its key here. RFD_E_NOT_FOUND. */
rfd_status registration_authority(struct transaction *t, const struct registration_settings *settings,
                                  struct authority *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Who issues to people now. */
struct registration_issuer {
    int64_t id; /* of the authority */
    char key[AUTHORITY_NAME_SIZE];
    uint8_t hash[REGISTRATION_HASH_SIZE]; /* of its public key, as approvals name it */
};
/** Of registration_authority(). */
rfd_status registration_find_issuer(struct transaction *t, const struct registration_settings *settings,
                                    struct registration_issuer *out, struct rfd_error *error) RFD_MUST_CHECK;
/** In the transaction that approves, with the request and its applicants as they are from then on. */
typedef rfd_status request_approved(const struct request *request, const struct registration_issuer *issuer,
                                    void *context, struct rfd_error *error);
/** As request_approve(), in transactions of its own: signatures are looked at before the one that writes, so that
 * agents do not wait for each other's. `approved` is not called when the same form had come before. */
rfd_status request_approve_checked(struct store *store, const struct actor *actor,
                                   const struct registration_settings *settings, int64_t id,
                                   const struct request_approval *approvals, size_t count, request_approved *approved,
                                   void *context, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** SHA-256 of an authority's public key, as approvals name it. */
rfd_status registration_hash_authority(slice certificate, uint8_t hash[REGISTRATION_HASH_SIZE],
                                       struct rfd_error *error) RFD_MUST_CHECK;
/** "S-0029-2026-1-1": the approval's number. */
slice applicant_approval_number(const struct request *request, const struct applicant *applicant, unsigned attempt,
                                struct arena *a);

#endif
