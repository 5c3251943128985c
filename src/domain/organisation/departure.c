/* SPDX-License-Identifier: EUPL-1.2
 *
 * Departures. A report makes proposals, and nothing else: what hangs on the appointment is closed when each is
 * confirmed. Account and mailbox of the person are never among them: they are the person's, who goes on getting
 * notices.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/access/access.h"

static const struct record_field fields[] = {
    {"appointment", RECORD_REFERENCE, 0, offsetof(struct departure, appointment), 0},
    {"person", RECORD_REFERENCE, 0, offsetof(struct departure, person), 0},
    {"entity", RECORD_REFERENCE, 0, offsetof(struct departure, entity), 0},
    {"unit", RECORD_REFERENCE, 0, offsetof(struct departure, unit), 0},
    {"leaves", RECORD_TIME, 0, offsetof(struct departure, leaves), 0},
    {"reason", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct departure, reason), 500},
    {"reported", RECORD_TIME, 0, offsetof(struct departure, reported), 0},
    {"reporter", RECORD_TEXT, 0, offsetof(struct departure, reporter), 200},
    {"undecided", RECORD_NUMBER, 0, offsetof(struct departure, undecided), 0}};
const struct record departure_record = {"departure", "departure", fields, sizeof fields / sizeof *fields};

/* ---- Words ---- */

static rfd_status index_words(struct transaction *t, int64_t id, const struct person *p, struct rfd_error *error)
{
    const slice words[] = {p->surname, p->second_surname, p->given_names, p->number};
    return list_index(t, "departure_word", id, words, 4, error);
}

rfd_status departure_index_person(struct transaction *t, int64_t person, struct rfd_error *error)
{
    struct person p;
    struct store_rows rows;
    const struct store_value value = store_integer(person);
    TRY(store_run(t, "SELECT id FROM departure WHERE person = $1", &value, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    TRY(record_find(t, &person_record, person, &p, error));
    for (size_t i = 0; i < rows.count; i++) TRY(index_words(t, store_cell(&rows, i, 0)->integer, &p, error));
    return RFD_OK;
}

/* ---- Proposals ---- */

static rfd_status propose(struct transaction *t, struct departure *d, const char *kind, int64_t target,
                          const char *name, slice text, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(d->id), store_text(slice_text(kind)),  store_integer(target),  store_text(slice_text(name)),
        store_text(text),     store_text(SLICE("proposed")), store_text(SLICE_EMPTY)};
    d->undecided++;
    return store_run(t,
                     "INSERT INTO departure_proposal(departure, kind, target, name, text, state, decider) VALUES ($1, "
                     "$2, $3, $4, $5, $6, $7)",
                     values, 7, NULL, error);
}

static rfd_status propose_appointment(struct transaction *t, struct departure *d, slice position,
                                      const struct unit *unit, struct rfd_error *error)
{
    const char *text = arena_print(store_arena(t), "%.*s (%.*s)", (int)position.length, (const char *)position.data,
                                   (int)unit->abbreviation.length, (const char *)unit->abbreviation.data);
    if (text == NULL) return arena_failed(store_arena(t), error);
    return propose(t, d, "appointment", d->appointment, "", slice_text(text), error);
}

/* Whether the person goes on working in the unit, by another appointment. */
static rfd_status stays_in(struct transaction *t, const struct departure *d, int64_t unit, bool *out,
                           struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(d->person), store_integer(d->appointment), store_integer(unit),
                                         store_integer(d->leaves)};
    int64_t other;
    TRY(record_number(t,
                      "SELECT a.id FROM appointment a JOIN position p ON p.id = a.position WHERE a.person = $1 AND "
                      "a.id <> $2 AND p.unit = $3 AND (a.ends IS NULL OR a.ends > $4) LIMIT 1",
                      values, 4, &other, error));
    *out = other != 0;
    return RFD_OK;
}

/* What a role is held for: a unit of this entity, or the whole installation, where an office gave it (an auditor's,
 * an administrator's). Those that everybody has by being a citizen are not the office's. */
static bool is_of_office(const struct role_assignment *role, const struct departure *d, rfd_time now)
{
    const struct role_info *info = role_info(role->role);
    if (role->to != RFD_TIME_NONE && role->to <= now) return false;
    if (role->unit == 0 && role->entity == 0) return info->sensitive || !info->everywhere;
    return role->entity == d->entity;
}

static rfd_status propose_role(struct transaction *t, struct departure *d, const struct role_assignment *role,
                               struct rfd_error *error)
{
    struct unit unit = {.id = 0};
    bool stays = false;
    const char *name = role_info(role->role)->name;
    if (role->unit == 0) return propose(t, d, "role", role->id, name, SLICE_EMPTY, error);
    TRY(stays_in(t, d, role->unit, &stays, error));
    if (stays) return RFD_OK;
    TRY(record_find(t, &unit_record, role->unit, &unit, error));
    return propose(t, d, "role", role->id, name, unit.abbreviation, error);
}

static rfd_status propose_roles(struct transaction *t, struct departure *d, struct rfd_error *error)
{
    struct role_assignment *roles;
    size_t count;
    TRY(role_assignments(t, d->person, RFD_TIME_NONE, &roles, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (is_of_office(&roles[i], d, d->reported)) TRY(propose_role(t, d, &roles[i], error));
    }
    return RFD_OK;
}

static rfd_status propose_groups(struct transaction *t, struct departure *d, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(d->person), store_integer(d->entity)};
    TRY(store_run(t,
                  "SELECT g.id, g.name FROM support_group_member m JOIN support_group g ON g.id = m.support_group "
                  "WHERE m.person = $1 AND g.entity = $2 ORDER BY g.id",
                  values, 2, &rows, error));
    for (size_t i = 0; i < rows.count; i++)
        TRY(propose(t, d, "support-group", store_cell(&rows, i, 0)->integer, "", store_cell(&rows, i, 1)->bytes,
                    error));
    return RFD_OK;
}

/** Those in force that the person was given for this entity. */
static rfd_status propose_certificates(struct transaction *t, struct departure *d, const struct person *person,
                                       struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(person->country), store_text(person->document),
                                         store_text(person->number), store_integer(d->entity),
                                         store_integer(d->reported)};
    TRY(store_run(t,
                  "SELECT g.certificate, g.serial FROM applicant a JOIN certificate_agent g ON g.applicant = a.id "
                  "JOIN certificate c ON c.id = g.certificate WHERE a.number = $3 AND a.country = $1 AND "
                  "a.document = $2 AND g.entity = $4 AND g.state <= 2 AND c.not_after > $5 ORDER BY g.certificate",
                  values, 5, &rows, error));
    for (size_t i = 0; i < rows.count; i++)
        TRY(propose(t, d, "certificate", store_cell(&rows, i, 0)->integer, "", store_cell(&rows, i, 1)->bytes, error));
    return RFD_OK;
}

/* ---- Reporting ---- */

static rfd_status check(struct transaction *t, struct departure *d, const struct appointment *a, struct faults *faults,
                        struct rfd_error *error)
{
    const struct store_value value = store_integer(d->appointment);
    int64_t other;
    record_check(&departure_record, d, faults);
    if (d->leaves == RFD_TIME_NONE)
        fault_add(faults, "leaves", N_("This is needed"));
    else if (d->leaves <= a->from)
        fault_add(faults, "leaves", N_("This is before the appointment began"));
    if (a->to != RFD_TIME_NONE && a->to <= d->reported)
        fault_add(faults, "appointment", N_("This appointment is over already"));
    TRY(record_number(t, "SELECT id FROM departure WHERE appointment = $1 AND undecided > 0", &value, 1, &other,
                      error));
    if (other != 0) fault_add(faults, "appointment", N_("This departure was reported already"));
    return faults_end(faults, error);
}

static rfd_status tell_report(struct transaction *t, const struct actor *actor, const struct departure *d,
                              struct rfd_error *error)
{
    struct buf detail;
    buf_init(&detail, 8192);
    buf_print(&detail, "{\"appointment\":%lld,\"person\":%lld,\"unit\":%lld,\"leaves\":%lld,\"reason\":",
              (long long)d->appointment, (long long)d->person, (long long)d->unit, (long long)d->leaves);
    record_put_json(&detail, d->reason);
    buf_print(&detail, ",\"proposals\":%lld}", (long long)d->undecided);
    rfd_status status = buf_check(&detail, "audit detail", error);
    if (status == RFD_OK)
        status = record_audit(t, actor, &departure_record, d->id, "report", buf_slice(&detail), error);
    buf_dispose(&detail);
    return status;
}

static rfd_status insert(struct transaction *t, struct departure *d, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(d->appointment), store_integer(d->person), store_integer(d->entity),   store_integer(d->unit),
        store_integer(d->leaves),      store_text(d->reason),    store_integer(d->reported), store_text(d->reporter)};
    return record_number(t,
                         "INSERT INTO departure(appointment, person, entity, unit, leaves, reason, reported, reporter, "
                         "undecided) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) RETURNING id",
                         values, 8, &d->id, error);
}

static rfd_status count_proposals(struct transaction *t, const struct departure *d, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(d->id), store_integer(d->undecided)};
    return store_run(t, "UPDATE departure SET undecided = $2 WHERE id = $1", values, 2, NULL, error);
}

rfd_status departure_report(struct transaction *t, const struct actor *actor, int64_t appointment, rfd_time leaves,
                            slice reason, const struct zone *zone, struct faults *faults, int64_t *id,
                            struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct appointment a;
    struct position position;
    struct unit unit;
    struct person person;
    bool open;
    TRY(record_find(t, &appointment_record, appointment, &a, error));
    TRY(record_find(t, &position_record, a.position, &position, error));
    TRY(record_find(t, &unit_record, position.unit, &unit, error));
    TRY(record_find(t, &person_record, a.person, &person, error));
    TRY(organisation_check_unit(actor, ACTION_DEPARTURE_REPORT, &unit, error));
    TRY(record_hold(t, &person_record, a.person, &open, error));
    struct departure d = {.appointment = appointment,
                          .person = a.person,
                          .entity = unit.entity,
                          .unit = unit.id,
                          .leaves = leaves,
                          .reason = reason,
                          .reported = clock_now(),
                          .reporter = actor_audit(actor, store_arena(t))};
    TRY(check(t, &d, &a, faults, error));
    TRY(insert(t, &d, error));
    TRY(propose_appointment(t, &d, position.name, &unit, error));
    TRY(propose_roles(t, &d, error));
    TRY(propose_groups(t, &d, error));
    TRY(propose_certificates(t, &d, &person, error));
    TRY(count_proposals(t, &d, error));
    TRY(index_words(t, d.id, &person, error));
    TRY(tell_report(t, actor, &d, error));
    TRY(departure_tell_head(t, &d, &person, &unit, zone, error));
    *id = d.id;
    return RFD_OK;
}

rfd_status departure_find(struct transaction *t, int64_t id, struct departure *out, struct rfd_error *error)
{
    return record_find(t, &departure_record, id, out, error);
}
