/* SPDX-License-Identifier: EUPL-1.2
 *
 * Entities, their units (a tree), positions, people, and who holds which post from when to when. Nothing is deleted
 * that something else speaks of: it is closed, with the day.
 *
 * Every function that changes something takes the actor, asks the policy table, writes its audit event, and collects
 * what is wrong with the fields in `faults` (RFD_E_INVALID).
 */
#ifndef DOMAIN_ORGANISATION_H
#define DOMAIN_ORGANISATION_H

#include "domain/access/actor.h"
#include "domain/fault.h"
#include "domain/list/list.h"
#include "base/language.h"
#include "base/zone.h"
#include "packs/packs.h"

struct entity {
    int64_t id;
    slice name, short_name;
    slice country;    /* of its pack: "pe" */
    slice tax_number; /* RUC, RFC, NIF: unique in its country */
    slice domains;    /* of institutional mail, separated by blanks */
    bool closed;
};
struct unit {
    int64_t id, entity, parent; /* parent 0: directly below the entity */
    slice code;                 /* unique in its entity */
    slice abbreviation, name;
    slice path; /* made here: "/1/7/" */
    bool closed;
};
struct position {
    int64_t id, unit;
    slice name;     /* unique in its unit */
    bool head;      /* who holds it leads the unit; one of a unit is */
    int64_t places; /* how many may hold it at a time; 0 is put as 1 */
    bool closed;
};
/** Identity documents are of a country's pack (packs/COUNTRY/identity.yaml): "dni", "ce", "curp", "nie" ... */
struct person {
    int64_t id;
    slice country, document, number; /* normalised by packs_identity_check(): unique together */
    slice given_names, surname, second_surname;
    slice mail, mobile; /* mobile: E.164, "+51987654321"; both may be empty */
    slice language;     /* "es" */
    bool closed;
};
struct appointment {
    int64_t id, person, position;
    bool acting;       /* else main */
    rfd_time from, to; /* first instant; first instant after, RFD_TIME_NONE: open */
    slice document;    /* resolution that appoints */
};

/* ---- How somebody is reached ---- */

/** One address that mail can be sent to; also with letters beyond ASCII before the @ (RFC 6531). */
bool organisation_is_mail(slice text);
/** E.164 without the blanks, dots, dashes and brackets that people write; false when it is none. */
bool organisation_mobile(slice typed, struct arena *a, slice *out);

/* Each puts a new one (id 0) or changes one; `*id` is its id. RFD_E_FORBIDDEN, RFD_E_INVALID, RFD_E_STATE. */
rfd_status entity_put(struct transaction *t, const struct actor *actor, const struct entity *entity,
                      struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** A new parent moves the whole branch; below itself is a fault. */
rfd_status unit_put(struct transaction *t, const struct actor *actor, const struct unit *unit, struct faults *faults,
                    int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status position_put(struct transaction *t, const struct actor *actor, const struct position *position,
                        struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status person_put(struct transaction *t, const struct actor *actor, const struct packs *packs,
                      const struct person *person, struct faults *faults, int64_t *id,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** One main appointment of a person at a time in an entity; no two open ones to the same position but acting. */
rfd_status appointment_put(struct transaction *t, const struct actor *actor, const struct appointment *appointment,
                           struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** Ends or closes. A unit with open units, positions or appointments cannot be closed (RFD_E_STATE tells which). */
rfd_status entity_close(struct transaction *t, const struct actor *actor, int64_t id,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status unit_close(struct transaction *t, const struct actor *actor, int64_t id,
                      struct rfd_error *error) RFD_MUST_CHECK;
rfd_status position_close(struct transaction *t, const struct actor *actor, int64_t id,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status appointment_end(struct transaction *t, const struct actor *actor, int64_t id, rfd_time moment,
                           struct rfd_error *error) RFD_MUST_CHECK;

/* Each finds one; RFD_E_NOT_FOUND. Texts are in the transaction's arena. No policy is asked. */
rfd_status entity_find(struct transaction *t, int64_t id, struct entity *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status unit_find(struct transaction *t, int64_t id, struct unit *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status position_find(struct transaction *t, int64_t id, struct position *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
rfd_status person_find(struct transaction *t, int64_t id, struct person *out, struct rfd_error *error) RFD_MUST_CHECK;
/** What certificates of the person have as their subject's number ("IDCPE-00000201"), in `a`; empty: they name no
 * such document. */
rfd_status person_subject(const struct packs *packs, const struct person *person, struct arena *a, slice *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Given names and surnames, as people write it; data is NULL when the arena is exhausted. */
slice person_full_name(const struct person *person, struct arena *a);
rfd_status appointment_find(struct transaction *t, int64_t id, struct appointment *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
rfd_status person_by_document(struct transaction *t, slice country, slice document, slice number, struct person *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** By what people call them; id 0 in `out`: there is none. Of positions, an open one, whatever capitals and accents. */
rfd_status unit_by_code(struct transaction *t, int64_t entity, slice code, struct unit *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
rfd_status position_by_name(struct transaction *t, int64_t unit, slice name, struct position *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The open entities in which the actor may do something, by name; at most 500. */
rfd_status entity_choices(struct transaction *t, const struct actor *actor, enum action action, struct entity **out,
                          size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** May the actor change the person's data (id 0: enter somebody)? */
rfd_status person_check_edit(struct transaction *t, const struct actor *actor, int64_t id,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Where the person works, or worked at last, for the policy table; entity 0: nowhere. */
rfd_status person_home(struct transaction *t, int64_t id, struct access_object *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** All units of an entity, each after its parent, siblings by code. */
rfd_status unit_tree(struct transaction *t, int64_t entity, struct unit **out, size_t *count,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** Who leads a unit now: who holds its head position, acting before main, else the unit above; person 0: nobody.
 * `above`: begins that many heads higher, for escalation. */
rfd_status unit_head(struct transaction *t, int64_t unit, unsigned above, rfd_time now, int64_t *person,
                     int64_t *head_unit, struct rfd_error *error) RFD_MUST_CHECK;

/* institutional mailboxes (5.2) and support groups: catalogues that later parts use */
struct institutional_mailbox {
    int64_t id, unit;
    slice level; /* a catalogue's: "central", "regional", "local" */
    slice mail;
    bool closed;
};
rfd_status institutional_mailbox_put(struct transaction *t, const struct actor *actor,
                                     const struct institutional_mailbox *mailbox, struct faults *faults, int64_t *id,
                                     struct rfd_error *error) RFD_MUST_CHECK;
rfd_status institutional_mailbox_find(struct transaction *t, int64_t id, struct institutional_mailbox *out,
                                      struct rfd_error *error) RFD_MUST_CHECK;
struct support_group {
    int64_t id, entity;
    slice name;
    slice mail;
    bool closed;
};
rfd_status support_group_put(struct transaction *t, const struct actor *actor, const struct support_group *group,
                             struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status support_group_find(struct transaction *t, int64_t id, struct support_group *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
rfd_status support_group_member(struct transaction *t, const struct actor *actor, int64_t group, int64_t person,
                                bool member, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Import from CSV ---- */

enum import_change { IMPORT_NEW, IMPORT_CHANGED, IMPORT_SAME, IMPORT_WRONG };
struct import_line {
    unsigned line; /* of the file, from 1 */
    enum import_change change;
    slice what;   /* "unit GAF", "person DNI 00000011": for people */
    slice detail; /* what would change ("name: A -> B"), or what is wrong, in the import's language */
};
typedef rfd_status import_each(void *context, const struct import_line *line, struct rfd_error *error);
struct import_counts {
    unsigned lines, added, changed, same, wrong;
};
/**
 * One file of units, positions, people with their appointments, by its header (docs/organisation-import.md). UTF-8
 * (with or without mark), or ISO 8859-1 when it is not UTF-8; comma or semicolon. A dry run changes nothing and tells
 * the same; a run with a wrong line changes nothing at all.
 */
struct import_options {
    const struct packs *packs;
    int64_t entity;
    bool dry_run;
    const struct rfd_language *language;
    const struct zone *zone; /* in which its days are days; NULL: UTC */
    import_each *each;       /* may be NULL */
    void *context;
};
/** `*counts` also of a run that was refused for its wrong lines (RFD_E_INVALID). */
rfd_status organisation_import(struct transaction *t, const struct actor *actor, slice csv,
                               const struct import_options *options, struct import_counts *counts,
                               struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Departures ---- */

/** Reported by the personnel office: opens a proposal for each thing that hangs on the appointment (the appointment
 * itself, roles in its unit, and what later parts add); nothing is closed until each is confirmed. Never the person's
 * own mailbox or account. */
rfd_status departure_report(struct transaction *t, const struct actor *actor, int64_t appointment, rfd_time leaves,
                            slice reason, const struct zone *zone, struct faults *faults, int64_t *id,
                            struct rfd_error *error) RFD_MUST_CHECK;
struct departure {
    int64_t id, appointment, person, entity, unit;
    rfd_time leaves; /* first instant when they are not there any more */
    slice reason;
    rfd_time reported;
    slice reporter;    /* as the audit names them */
    int64_t undecided; /* proposals */
};
rfd_status departure_find(struct transaction *t, int64_t id, struct departure *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
struct departure_proposal {
    int64_t id, departure;
    slice kind; /* "appointment", "role", "support-group", "certificate", later "token" */
    int64_t target;
    slice name;  /* of a role: as roles.def has it */
    slice text;  /* for people: the position and its unit, the role's unit, the group, the serial number */
    slice state; /* "proposed", "confirmed", "kept" */
    rfd_time decided;
};
rfd_status departure_proposals(struct transaction *t, int64_t departure, struct departure_proposal **out, size_t *count,
                               struct rfd_error *error) RFD_MUST_CHECK;
struct registration_settings;
/** Confirms (closes the thing; of a certificate, asks for its revocation) or keeps. Twice is RFD_E_STATE. Nobody
 * decides about their own departure. */
rfd_status departure_decide(struct transaction *t, const struct actor *actor,
                            const struct registration_settings *settings, int64_t proposal, bool confirm,
                            struct rfd_error *error) RFD_MUST_CHECK;

/* Lists for the pages. */
extern const struct list_definition entity_list, unit_list, position_list, person_list, appointment_list,
    institutional_mailbox_list, support_group_list, departure_list;

#endif
