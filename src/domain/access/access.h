/* SPDX-License-Identifier: EUPL-1.2
 *
 * Roles of people over time, and how they are asked for and approved (spec 5.3). A request is of one person: the roles
 * to add and to withdraw, each in a unit, with dates. Its life is access_states.def; each row names who may.
 *
 *   draft → sent → approved | rejected | denied (by time) | cancelled
 *
 * Assignments are never deleted: they end. So the roles of anybody at any instant are known.
 */
#ifndef DOMAIN_ACCESS_H
#define DOMAIN_ACCESS_H

#include "domain/access/actor.h"
#include "base/zone.h"
#include "domain/fault.h"
#include "base/buf.h"
#include "domain/list/list.h"
#include "packs/packs.h"
#include "settings/settings.h"

struct access_settings {
    unsigned reminder_days, escalation_days, denial_days; /* working days */
    unsigned review_months;                               /* 6 */
    const char *country;                                  /* whose working days */
    const struct zone *zone;                              /* NULL: UTC */
    const struct packs *packs; /* with them, and with the identity numbers of certificates; NULL: Monday to Friday */
};
/** As the installation is set. */
struct access_settings access_settings_of(const struct settings *settings, const struct packs *packs,
                                          const struct zone *zone);

struct role_assignment {
    int64_t id, person;
    enum role role;
    int64_t entity, unit; /* 0: everywhere */
    rfd_time from, to;    /* to: first instant when it is over, or RFD_TIME_NONE */
    int64_t request;      /* 0: given by an administrator */
    int64_t home;         /* the unit whose head answers for it; 0: none */
};
/** In the transaction's arena: of a person, those in force at `moment`; RFD_TIME_NONE: all that ever were. */
rfd_status role_assignments(struct transaction *t, int64_t person, rfd_time moment, struct role_assignment **out,
                            size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Without a request: the first administrator, by the command line. RFD_E_FORBIDDEN for others than the system. */
rfd_status role_grant(struct transaction *t, const struct actor *actor, const struct role_assignment *assignment,
                      int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_end(struct transaction *t, const struct actor *actor, int64_t assignment, rfd_time moment, slice reason,
                    struct rfd_error *error) RFD_MUST_CHECK;

/** Whether a request may ask for it: not what everybody is, or what other parts give. */
bool role_can_be_asked(enum role role);
/** Rules of what must not come together (role_conflicts.def): {role, role, same unit or anywhere, the rule's name}.
 * NULL: none. */
const char *role_conflict(enum role a, enum role b, bool same_unit);

enum { ACCESS_LINES = 20 };
struct access_line {
    bool withdraw;
    enum role role;
    int64_t unit;
    rfd_time from, to;
    int64_t assignment; /* that is withdrawn */
};
struct access_request {
    int64_t id;
    slice code;  /* "A-0007-2026": gapless per year */
    slice token; /* of a new draft: of the form, so that what is sent twice is one draft; empty: none */
    slice state;
    int64_t requester; /* person */
    int64_t subject;   /* person whose roles they are */
    int64_t entity, unit;
    slice reason, decision; /* why asked; why rejected */
    rfd_time created, sent, decided;
    int64_t approver; /* whose tray it is in; who decided */
    bool agent;       /* the certification department decides */
    int64_t tray;     /* unit whose head decides; 0: no unit's */
    unsigned escalated;
    slice letter;    /* blob of the letter (oficio) and documents; empty: none */
    slice signature; /* CMS of the approval, where a role is sensitive, and what it signs */
    slice signed_text;
    struct access_line lines[ACCESS_LINES];
    unsigned line_count;
};
/** Draft: put (id 0: new) by its requester; faults name "subject", "lines", "reason", "letter".
 * RFD_E_STATE when the form was sent already: `id` says what became of it. */
rfd_status access_request_put(struct transaction *t, const struct actor *actor, const struct access_request *request,
                              struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status access_request_find(struct transaction *t, const struct actor *actor, int64_t id, struct access_request *out,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** Checks conflicts, that it is complete, and puts it into the head's tray; e-mails them. */
rfd_status access_request_send(struct transaction *t, const struct actor *actor, int64_t id,
                               const struct access_settings *settings, struct faults *faults,
                               struct rfd_error *error) RFD_MUST_CHECK;
rfd_status access_request_cancel(struct transaction *t, const struct actor *actor, int64_t id,
                                 struct rfd_error *error) RFD_MUST_CHECK;
struct access_decision {
    int64_t request;
    bool approve;
    slice reason;    /* demanded to reject */
    slice signature; /* CMS over access_approval_text(), demanded where a role is sensitive */
    const struct access_settings *settings;
};
/** By an approver of the same unit (or the head it was escalated to), never of one's own or one that is for oneself.
 * Approved roles act at once. */
rfd_status access_request_decide(struct transaction *t, const struct actor *actor,
                                 const struct access_decision *decision, struct faults *faults,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** What an approver signs: plain text that says who asks what for whom. */
rfd_status access_approval_text(struct transaction *t, const struct access_request *request, struct buf *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** What happened to it, the oldest first; in the transaction's arena. */
struct access_event {
    rfd_time time;
    slice event;    /* "sent" */
    int64_t person; /* 0: the system */
    slice name;     /* of the person */
    slice note;
};
rfd_status access_request_events(struct transaction *t, int64_t id, struct access_event **out, size_t *count,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** How many requests in a state the actor has made; LIST_COUNTED + 1: or more. */
rfd_status access_request_count(struct transaction *t, const struct actor *actor, slice state, uint64_t *count,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Parts of the platform, in which roles are asked for (role_parts.def). */
enum role_part {
#define ROLE_PART(name, text, english) ROLE_PART_##name,
#include "domain/access/role_parts.def"
#undef ROLE_PART
    ROLE_PARTS
};
const char *role_part_name(enum role_part part);
const char *role_part_title(enum role_part part); /* N_(), English */
bool role_part_has(enum role_part part, enum role role);
/** The words for people of states and events (N_(), English). */
const char *access_state_title(slice state);
const char *access_event_title(slice event);
/** "good", "warn", "bad" or "neutral": list_column.tone; events have those of the states that they lead to. */
const char *access_state_tone(slice state);
const char *role_title(slice name);
/** Whether the actor could decide about it now, and could change, send or cancel it: for the buttons of pages. */
bool access_request_decidable(const struct actor *actor, const struct access_request *request);
bool access_request_editable(const struct actor *actor, const struct access_request *request);
/** Whether the person holds a post in the unit at `now`. */
rfd_status access_works_at(struct transaction *t, int64_t person, int64_t unit, rfd_time now, bool *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the request has a role whose approval has to be signed. */
bool access_request_sensitive(const struct access_request *request);

/** The worker's: reminders, escalation to the next head, denial, ends of temporary roles, periodic reviews that open.
 * Each step once, whatever kills in between. */
rfd_status access_tick(struct store *store, const struct access_settings *settings, rfd_time now, unsigned *done,
                       struct rfd_error *error) RFD_MUST_CHECK;

/** Periodic review: an item for each assignment of a head's people; keep or end. */
rfd_status access_review_decide(struct transaction *t, const struct actor *actor, int64_t item, bool keep,
                                struct rfd_error *error) RFD_MUST_CHECK;

/* Lists: the requester's tray (to be filtered by requester), the approver's tray and the certification department's (to
 * be filtered by who they must not be of), all requests, history of roles, review items, colleagues to ask for. */
extern const struct list_definition access_sent_list, access_tray_list, access_agent_list, access_request_list,
    role_history_list, access_review_list, access_colleague_list;

#endif
