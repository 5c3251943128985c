/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a request to a certificate (spec 3). One model: a request has a way (on line, agency, revocation), whose states
 * and ways between them are registration_states.def; those it is for are its applicants; what they hand in is evidence
 * (evidence.h). What a country asks for, and which reasons there are, is its pack's (packs/registration.h).
 *
 * Issuing, in this order: the agent signs the approval (keeper/approval.h) in the browser; request and approval are
 * stored as APPROVED; the authority issues under the idempotency key "registration:" and the approval's number; the
 * request becomes ISSUED and the certificate is mailed. Whatever dies in between, the worker goes on from what is
 * stored (request_tick), and the keeper gives the same certificate again: one for a request, never two.
 */
#ifndef DOMAIN_REGISTRATION_H
#define DOMAIN_REGISTRATION_H

#include "base/zone.h"
#include "domain/access/actor.h"
#include "domain/authority/authority.h"
#include "domain/blob/blob.h"
#include "domain/fault.h"
#include "domain/list/list.h"
#include "packs/registration.h"
#include "settings/settings.h"

enum request_way { WAY_ONLINE, WAY_AGENCY, WAY_REVOCATION };
enum request_state {
    REQUEST_NONE,
#define REQUEST_STATE(name, text, english) REQUEST_##name,
#include "domain/registration/registration_states.def"
#undef REQUEST_STATE
    REQUEST_STATES
};
enum request_event {
#define REQUEST_EVENT(name, text, english) REQUEST_EVENT_##name,
#include "domain/registration/registration_states.def"
#undef REQUEST_EVENT
    REQUEST_EVENTS
};
const char *request_way_name(enum request_way way);        /* "online", "agency", "revocation" */
const char *request_state_name(enum request_state state);  /* "unverified"; "" of NONE */
const char *request_state_title(slice state);              /* N_(); for lists: list_column.words */
const char *request_state_tone(enum request_state state);  /* "neutral", "good", "warn", "bad": part/badge */
const char *request_event_title(enum request_event event); /* N_() */
enum request_state request_state_from(slice name);         /* REQUEST_NONE: none of this name */
/** Whether the table has such a step. */
bool request_may(enum request_way way, enum request_event event, enum request_state from);

struct registration_settings {
    const struct packs *packs;
    const struct zone *zone;
    const char *country;   /* where nothing says otherwise */
    unsigned link_hours;   /* of confirmation mails: 72 */
    unsigned return_days;  /* a request that its agent leaves alone is offered to others after: 5 */
    unsigned resend_days;  /* a certificate is mailed again until then: 7 */
    const char *authority; /* that issues to people: its name; "": the first that has its key here */
    bool scanner;          /* evidence waits for a virus scan */
    bool central;          /* there is a personal keeper: keys may be kept here (spec 4) */
};
struct registration_settings registration_settings_of(const struct settings *settings, const struct packs *packs,
                                                      const struct zone *zone);

/* ---- What there is ---- */

enum { APPLICANTS_MAXIMUM = 20, EVIDENCE_MAXIMUM = 400, REQUEST_PKCS10_MAXIMUM = 8192 };

struct applicant {
    int64_t id, request;
    unsigned place;                       /* from 1 */
    int64_t person;                       /* 0: not known here */
    slice country, document, number;      /* "mx", "curp", "..."; normalised by packs_identity_check() */
    slice second_document, second_number; /* RFC beside the CURP; empty: none */
    rfd_time document_issued;             /* day; RFD_TIME_NONE */
    slice given_names, surname, second_surname;
    slice mail, mobile;
    slice mail_again;   /* of a form, as it was typed the second time; not stored */
    slice organisation; /* as typed, where it is not an entity's unit */
    int64_t unit;       /* 0: none */
    slice post, way_of_working, locality /* a place of the pack: "150101" */, address, installed_at, device;
    int64_t payment;
    slice profile;                  /* packs_profile() */
    bool central;                   /* the keeper makes the key (spec 4) */
    slice spki, pkcs10;             /* empty: no key yet */
    slice approved, approved_again; /* SignedData */
    unsigned attempt;
    int64_t certificate; /* id in the register; 0: none */
    slice external_certificate, external_approval;
    int64_t renews;     /* certificate that it takes over from */
    slice installation; /* "mobile", "extension"; empty: none */
    rfd_time installation_at;
    slice installation_phone;
};
struct request {
    int64_t id;
    slice code;  /* folio: "S-0029-2026" on line, "C-0029-2026" agency, "R-0029-2026" revocation; gapless per year */
    slice token; /* of the form: what is sent twice is one request; empty: none */
    enum request_way way;
    slice kind;   /* "issue", "reissue", "renew", "revoke", "install" */
    slice motive; /* code of the pack's catalogue; of a revocation its reason */
    slice description;
    slice country;
    enum request_state state;
    int64_t entity, unit; /* unit 0: any agent of the entity */
    int64_t requester;    /* person; 0: without an account */
    slice language;
    bool in_person, external;
    rfd_time created, sent, taken, concluded;
    rfd_time due; /* when the worker looks at it next; RFD_TIME_NONE: not at all */
    int64_t taker;
    slice note;                   /* the last observation, or why it was rejected or cancelled */
    struct applicant *applicants; /* by place */
    size_t applicant_count;
};
/** In the transaction's arena. RFD_E_NOT_FOUND. No policy is asked. */
rfd_status request_find(struct transaction *t, int64_t id, struct request *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status request_by_code(struct transaction *t, slice code, struct request *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** The same for who may see it: agents of its unit (`action` REGISTRATION_SEE), its requester; else RFD_E_NOT_FOUND. */
rfd_status request_see(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
struct request_happening {
    rfd_time time;
    enum request_event event;
    enum request_state state; /* afterwards */
    int64_t person;           /* 0: applicant, or the system */
    slice name;               /* of the person */
    slice note;
    bool is_public;
};
/** The oldest first; `only_public`: as its applicant may see it. */
rfd_status request_events(struct transaction *t, int64_t id, bool only_public, struct request_happening **out,
                          size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Whole days since it was made. */
unsigned request_days(const struct request *request, rfd_time now);
/** Name of an applicant, as people write it. */
slice applicant_name(const struct applicant *applicant, struct arena *a);

/** Where the links of mails lead; what follows is a token, or a folio. */
#define REGISTRATION_PAGE_CONFIRM     "/firma/confirmar/"
#define REGISTRATION_PAGE_KEY         "/firma/clave/"
#define REGISTRATION_PAGE_FOLLOW      "/firma/seguimiento?folio="
#define REGISTRATION_PAGE_CERTIFICATE "/firma/certificado?folio=" /* joins certificate and key */
#define REGISTRATION_PAGE_RENEW       "/certificados/renovar/"
#define REGISTRATION_PAGE_DESK        "/agente/solicitudes/" /* and the request's id */
#define REGISTRATION_PAGE_AGENCY      "/tramites/"           /* and the request's id */

/* ---- On line: online.c. `actor` may be nobody ---- */

/** A new request with its one applicant and its evidence; mails the link that confirms. Faults by the fields' names of
 * the form: document number mail mail_again mobile given_names surname unit locality address profile key, and the
 * evidence kinds. Sent twice (token): the same again. */
struct evidence_file;
rfd_status request_ask(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       const struct request *request, const struct evidence_file *files, size_t file_count,
                       struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** The same at the desk: the agent has it at once; the key comes later (request_key), by the page that `link` (a token,
 * 32 octets as base64url) leads to, or is there already. */
rfd_status request_ask_in_person(struct transaction *t, const struct actor *actor,
                                 const struct registration_settings *settings, const struct request *request,
                                 const struct evidence_file *files, size_t file_count, struct faults *faults,
                                 int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
enum { REQUEST_TOKEN_SIZE = 44 }; /* base64url, and a zero */
enum request_purpose { LINK_CONFIRM, LINK_KEY, LINK_RENEW };
/** A link for `purpose`; earlier ones for the same are not in force any more. `id`: the request's (of LINK_KEY: for its
 * first applicant), or, of LINK_RENEW, the certificate's in the register (whose earlier links stay in force). */
rfd_status request_link(struct transaction *t, enum request_purpose purpose, int64_t id, rfd_time ends,
                        char token[REQUEST_TOKEN_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** The same for one of the request's applicants. */
rfd_status request_link_of(struct transaction *t, enum request_purpose purpose, int64_t request, int64_t applicant,
                           rfd_time ends, char token[REQUEST_TOKEN_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** Which request (of LINK_RENEW: which certificate) a link in force is for; 0: it is not. Reads only. */
rfd_status request_link_look(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now,
                             int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** Which applicant a link in force (LINK_KEY) is for; 0: it is not. Reads only. */
rfd_status request_link_applicant(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now,
                                  int64_t *applicant, struct rfd_error *error) RFD_MUST_CHECK;
/** Uses the link of the mail. RFD_E_NOT_FOUND when it is not in force; twice is once (`*id` again, while the state is
 * still the one that it led to). */
rfd_status request_confirm(struct transaction *t, slice token, rfd_time now, int64_t *id,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** The mail again, at most once in 10 minutes (RFD_E_SLOW_DOWN). */
rfd_status request_confirm_again(struct transaction *t, const struct registration_settings *settings, int64_t id,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Folio and identity number, as its applicant types them; RFD_E_NOT_FOUND whichever of both is wrong. */
rfd_status request_follow(struct transaction *t, const struct registration_settings *settings, slice code, slice number,
                          struct request *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The applicant answers an observation: files that replace others, data that may be mended (mobile, address), a note.
 */
rfd_status request_answer(struct transaction *t, const struct registration_settings *settings, slice code, slice number,
                          const struct evidence_file *files, size_t file_count, slice note, struct faults *faults,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The key of a request at the desk, by the applicant: a PKCS#10, DER; its proof of possession is checked. Faults:
 * "key". */
rfd_status request_key(struct transaction *t, const struct actor *actor, int64_t applicant, slice pkcs10,
                       struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** Checks a PKCS#10 and gives its SubjectPublicKeyInfo; a fault "key" says what is wrong with it. */
rfd_status request_check_pkcs10(slice pkcs10, struct arena *a, slice *spki, struct faults *faults,
                                struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The agent's desk: desk.c. Each asks the policy and the table of ways ---- */

/** RFD_E_STATE when somebody else was faster: the message says who has it. */
rfd_status request_take(struct transaction *t, const struct actor *actor, int64_t id,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status request_release(struct transaction *t, const struct actor *actor, int64_t id,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** `note` is what to mend, mailed. Faults: "note". */
rfd_status request_observe(struct transaction *t, const struct actor *actor, int64_t id, slice note,
                           struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** Cancels (also one that is unverified), or rejects; `note` is the reason, mailed. Faults: "note". */
rfd_status request_cancel(struct transaction *t, const struct actor *actor, int64_t id, bool reject, slice note,
                          struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** What is missing before it can be approved: N_(), NULL: nothing (evidence not checked, no key, virus scan ...). */
rfd_status request_missing(struct transaction *t, const struct request *request, const char **missing,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** What the agent signs for an applicant: the exact text of keeper/approval.h, with `now` as its time. The subject is
 * made from the applicant by the profile. */
rfd_status request_approval_text(struct transaction *t, const struct registration_settings *settings,
                                 const struct request *request, const struct applicant *applicant, rfd_time now,
                                 struct buf *text, struct rfd_error *error) RFD_MUST_CHECK;
struct request_approval {
    int64_t applicant; /* 0: the only one of a request on line */
    slice signed_data;
};
/** Stores the agent's signatures, of all applicants that wait for their certificate: TAKEN → APPROVED. What was signed
 * has to be what request_approval_text() says, of a time within the last 15 minutes, by the actor's own certificate.
 * Faults: "signature". Then request_issue(). */
rfd_status request_approve(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id,
                           const struct request_approval *approvals, size_t count, struct faults *faults,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Has the authority issue what is approved, and stores what came of it; may be called again, by anybody. Outside of a
 * transaction. RFD_E_PEER_GONE, RFD_E_STORE: later again, by the worker. `*why` is N_() when the keeper refused for
 * good: then the request is TAKEN again. */
rfd_status request_issue(struct authority_domain *authority, const struct registration_settings *settings, int64_t id,
                         const char **why, struct rfd_error *error) RFD_MUST_CHECK;
/** What came of an approval. */
struct request_outcome {
    rfd_status issued;   /* not RFD_OK: the worker goes on with it */
    const char *why;     /* N_(): as of request_issue() */
    int64_t certificate; /* the first applicant's; 0: none yet */
};
/** request_approve() and request_issue() for who waits: in as few transactions as what must not be lost allows, and
 * with signatures looked at outside of those that write. RFD_OK: it is approved. */
rfd_status request_generate(struct authority_domain *authority, const struct actor *actor,
                            const struct registration_settings *settings, int64_t id,
                            const struct request_approval *approvals, size_t count, struct faults *faults,
                            struct request_outcome *out, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Certificates of people: holding.c ---- */

struct holding {
    struct certificate_row row;
    int64_t request, applicant; /* that it came of; 0: it did not come by a request here */
    slice code;                 /* of that request */
    int64_t entity, unit;
    int64_t agent, revoker; /* persons; 0 */
    slice agent_name;
    bool seal;      /* an entity's, which the actor looks after: agents approve another one, it is not renewed */
    bool renewable; /* now */
    rfd_time renewable_from;
    slice name, number; /* of the holder; `number`: identity number, as people write it */
    bool own;           /* the actor's */
    int64_t revocation; /* request to revoke it that was not rejected; 0: none */
    slice revocation_code;
    enum request_state revocation_state;
};
/** Of certificate_state_name(): for people (N_()), and for part/badge. */
const char *holding_state_title(slice state);
const char *holding_state_tone(slice state);
/** By the register's id. `actor` may see it as an agent (CERTIFICATE_SEE of its unit), or as its holder.
 * RFD_E_NOT_FOUND. */
rfd_status holding_find(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                        int64_t certificate, struct holding *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Those of the person who is signed in, by their identity numbers, the newest first. */
rfd_status holding_own(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       struct holding **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_STATE outside of the time in which it may be renewed: the detail says from which day on. */
rfd_status holding_check_renewal(const struct registration_settings *settings, const struct holding *holding,
                                 struct rfd_error *error) RFD_MUST_CHECK;
struct holding_use {
    rfd_time time;
    slice use, detail; /* "sign-in", "approval", "revocation" */
};
/** N_(), of holding_use.use. */
const char *holding_use_title(slice use);
rfd_status holding_uses(struct transaction *t, int64_t certificate, struct holding_use **out, size_t *count,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status holding_used(struct transaction *t, int64_t certificate, const char *use, slice detail,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** The certificate and its chain as PEM, leaf first. */
rfd_status holding_chain(struct transaction *t, const struct holding *holding, struct buf *pem,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Why it may not be mailed again, N_(); NULL: it may. */
const char *holding_resend_refused(const struct registration_settings *settings, const struct holding *holding,
                                   rfd_time now);
/** Mails the certificate again, to the address it went to, within resend_days (else RFD_E_STATE). */
rfd_status holding_resend(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t certificate,
                          struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Revoking: revoke.c ---- */

struct revocation_order {
    int64_t certificate;
    slice number; /* identity number, typed again */
    slice reason; /* code of the pack's catalogue "revocation" */
    slice note;
    slice signed_text, signature; /* of an agent: CMS over revocation_text(), by their own certificate */
};
/** What an agent signs: lines "Refrenda revocation 1", authority, serial, subject, reason, time. */
rfd_status revocation_text(struct transaction *t, const struct registration_settings *settings, int64_t certificate,
                           slice reason, rfd_time now, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Files a request to revoke: by an agent who may not revoke alone, by a holder where the policy wants four eyes, by a
 * departure. Faults: "number", "reason". */
rfd_status revocation_ask(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, const struct revocation_order *order,
                          struct faults *faults, int64_t *request, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether who may revoke it may do so at once (revocation_do()), rather than only ask for it: one pair of eyes is
 * enough, and a holder is signed in at level advanced or by certificate. */
bool revocation_alone(const struct registration_settings *settings, const struct actor *actor,
                      const struct holding *holding);
/** Revokes, by an agent with their signature, or by the holder, signed in at level advanced or by certificate. Entered
 * first, revoked next, told last: whatever dies in between is gone on with by the worker. Outside of a transaction;
 * when it returns, OCSP says so. `*request` is that of the receipt, 0 before it is entered: with an error and a
 * request, it goes on by itself. Faults: "number", "reason", "signature". */
rfd_status revocation_do(struct authority_domain *authority, const struct actor *actor,
                         const struct registration_settings *settings, const struct revocation_order *order,
                         struct faults *faults, int64_t *request, struct rfd_error *error) RFD_MUST_CHECK;
/** Carries out one that was asked for, or rejects it (`note`). Never by who asked (four eyes). */
rfd_status revocation_request_decide(struct authority_domain *authority, const struct actor *actor,
                                     const struct registration_settings *settings, int64_t request, bool revoke,
                                     const struct revocation_order *order, struct faults *faults,
                                     struct rfd_error *error) RFD_MUST_CHECK;
struct revocation {
    int64_t request, certificate;
    slice reason;  /* code */
    slice asker;   /* name of who asked */
    int64_t agent; /* 0: not decided, or the holder */
    slice agent_name;
    rfd_time revoked; /* RFD_TIME_NONE */
    slice serial;     /* hexadecimal */
    bool begun;       /* an agent or the holder has ordered it, and it is being carried out */
};
rfd_status revocation_find(struct transaction *t, int64_t request, struct revocation *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The worker's ---- */

/** Requests that are approved and not issued, revocations that were begun, requests that their agents leave alone,
 * reminders of certificates that end (30, 21, 7, 1 days; with a link to renew). Each step once. */
rfd_status request_tick(struct authority_domain *authority, const struct registration_settings *settings, rfd_time now,
                        unsigned *done, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Lists: lists.c ---- */

/** Of the desk: unverified and started ones of the units that one serves (columns code name number created state days);
 * one's own (to be filtered by taker); all that were made, by the search; certificates in force and revoked; one's own
 *of both; requests to revoke. Of agencies: agency_request_list (to be filtered by state and, for units, by requester).
 */
extern const struct list_definition request_unverified_list, request_started_list, request_own_list, request_list,
    holding_valid_list, holding_revoked_list, holding_made_list, holding_withdrawn_list, revocation_list,
    agency_request_list, agency_queue_list;

struct request_count {
    slice name; /* state, unit's code, or month "2026-11" */
    slice title;
    uint64_t number;
};
struct registration_statistics {
    struct request_count *states, *units, *months;
    size_t state_count, unit_count, month_count;
    uint64_t issued, revoked;
    rfd_time median, p95; /* from request to certificate, microseconds; RFD_TIME_NONE: none yet */
};
/** Of what the actor may see (STATISTICS_SEE), since `from`. */
rfd_status registration_statistics(struct transaction *t, const struct actor *actor, enum request_way way,
                                   rfd_time from, struct registration_statistics *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** How many there are of a state and way, for trays, up to REQUEST_COUNTED + 1 (more): of the units that the actor
 * serves, or (own) that are theirs. */
enum { REQUEST_COUNTED = 1000 };
rfd_status request_count(struct transaction *t, const struct actor *actor, enum request_way way,
                         enum request_state state, bool own, uint64_t *count, struct rfd_error *error) RFD_MUST_CHECK;

#endif
