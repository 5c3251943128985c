/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the requests of roles: the table of states, assignments, who decides, and what is told.
 */
#ifndef DOMAIN_ACCESS_INTERNAL_H
#define DOMAIN_ACCESS_INTERNAL_H

#include "domain/access/access.h"
#include "domain/organisation/organisation.h"

/* ---- access_way.c: the table ---- */

enum access_state {
    ACCESS_NONE,
#define ACCESS_STATE(name, text, english) ACCESS_##name,
#include "domain/access/access_states.def"
#undef ACCESS_STATE
    ACCESS_STATES
};
enum access_event_kind {
#define ACCESS_EVENT(name, text, english) ACCESS_EVENT_##name,
#include "domain/access/access_states.def"
#undef ACCESS_EVENT
    ACCESS_EVENTS
};
struct access_way {
    enum access_event_kind event;
    enum access_state from, to;
    const char *who, *effect, *action;
};
const char *access_state_text(enum access_state state);
const char *access_event_text(enum access_event_kind event);
/** NULL: it cannot be. */
const struct access_way *access_way(enum access_event_kind event, enum access_state from);
/** RFD_E_STATE. `from`: as the database has it. */
rfd_status access_way_needed(enum access_event_kind event, slice from, const struct access_way **out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- working_days.c ---- */

/** The first instant after `days` whole working days that come after the day of `from`. */
rfd_time access_deadline(const struct access_settings *settings, rfd_time from, unsigned days);
/** Working days between two moments. */
unsigned access_days_waited(const struct access_settings *settings, rfd_time from, rfd_time to);
/** The same day of the month, so many months earlier or later; or that month's last. */
rfd_time access_add_months(const struct access_settings *settings, rfd_time moment, int months);
int access_year(const struct access_settings *settings, rfd_time moment);
/** "21/11/2026" in the arena. */
slice access_day(const struct access_settings *settings, rfd_time moment, struct arena *a);

/* ---- assignment.c ---- */

/** Two transactions that change roles of one person come one after the other from here on. */
rfd_status assignment_hold(struct transaction *t, int64_t person, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status assignment_open(struct transaction *t, const struct actor *actor, const struct role_assignment *assignment,
                           int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
struct assignment_end {
    int64_t assignment, request;
    rfd_time moment;
    slice reason;
};
/** RFD_E_STATE when it is over by then. Tells the person when it ends at once. */
rfd_status assignment_close(struct transaction *t, const struct actor *actor, const struct assignment_end *end,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND. */
rfd_status assignment_find(struct transaction *t, int64_t id, struct role_assignment *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** The rule that what `lines` add would break, in itself or with what the person has and keeps; NULL: none. */
rfd_status assignment_conflict(struct transaction *t, int64_t person, const struct access_line *lines, size_t count,
                               rfd_time now, const char **rule, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- approvers.c ---- */

struct approvers {
    int64_t unit;          /* whose tray; 0: nobody decides, or the certification department does */
    int64_t first;         /* of them, the one that is named: who leads the unit, or else anybody */
    const int64_t *people; /* in the transaction's arena */
    size_t count;
};
/** Of the unit or the nearest one above it (`above`: but not the unit itself) that has one who is none of the two. */
rfd_status approvers_of_unit(struct transaction *t, int64_t unit, bool above, const int64_t except[2], rfd_time now,
                             struct approvers *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Of exactly this unit. */
rfd_status approvers_at_unit(struct transaction *t, int64_t unit, const int64_t except[2], rfd_time now,
                             struct approvers *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The certification department's, who approve agents in the entity. */
rfd_status approvers_of_agents(struct transaction *t, int64_t entity, const int64_t except[2], rfd_time now,
                               struct approvers *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The topmost unit above. */
rfd_status approvers_top(struct transaction *t, int64_t unit, int64_t *top, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether a role reaches beyond the unit that it is held in: no unit's head gives it alone. */
bool role_reaches_beyond(enum role role);

/* ---- request.c ---- */

/** Whatever its state, whoever asks. RFD_E_NOT_FOUND. */
rfd_status request_load(struct transaction *t, int64_t id, struct access_request *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** The event of the timeline and the row of the audit. */
rfd_status request_note(struct transaction *t, const struct actor *actor, const struct access_way *way,
                        const struct access_request *request, slice note, struct rfd_error *error) RFD_MUST_CHECK;
bool request_asks(const struct access_request *request, enum role role);
bool request_adds(const struct access_request *request);
/** What must hold when it is sent, and still when it is approved; into the faults. */
rfd_status request_check(struct transaction *t, const struct access_request *request, rfd_time now,
                         struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- approval_signature.c ---- */

/** Whether `signature` is a CMS over `text` by a certificate in force of this installation whose identity number is the
 * person's. `*why` is N_() when it is not. */
rfd_status approval_signature_check(struct transaction *t, const struct access_settings *settings, int64_t person,
                                    slice text, slice signature, rfd_time now, const char **why,
                                    struct rfd_error *error) RFD_MUST_CHECK;

/* ---- tell.c: messages ---- */

/** Of a request, to each of the people: "access-sent", "access-reminder" ... `moment` makes repetitions others. */
rfd_status tell_request(struct transaction *t, const char *message, const struct access_request *request,
                        const int64_t *people, size_t count, unsigned days, rfd_time moment,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** "role-ended" by itself, or "role-withdrawn" by somebody. */
rfd_status tell_role(struct transaction *t, const char *message, const struct role_assignment *assignment,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** `until`: a day, for people. */
rfd_status tell_review(struct transaction *t, int64_t unit, slice until, rfd_time moment, const int64_t *people,
                       size_t count, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- tick_run.c: the worker's steps ---- */

/** What one step, in a transaction of its own, is about. It changes the row only where it is still as it was seen. */
struct tick_step {
    const struct access_settings *settings;
    rfd_time now;
    int64_t id; /* what the query gave */
    bool done;  /* set by the work: something was changed */
};
struct tick {
    const char *sql; /* one column, the ids; $1: `until`, $2: how many */
    rfd_time until;
    store_work *work; /* its context is the step */
};
/** All that are due; one that fails keeps no other from its turn. */
rfd_status tick_run(struct store *store, const struct tick *tick, struct tick_step *step, unsigned *done,
                    struct rfd_error *error) RFD_MUST_CHECK;

/* ---- review.c ---- */

rfd_status review_tick(struct store *store, const struct access_settings *settings, rfd_time now, unsigned *done,
                       struct rfd_error *error) RFD_MUST_CHECK;

#endif
