/* SPDX-License-Identifier: EUPL-1.2
 *
 * Appointments: who holds which position from when to when. The person and the position are held while one is
 * written, so that two at once do not both find the place free.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"

static const struct record_field fields[] = {
    {"person", RECORD_REFERENCE, 0, offsetof(struct appointment, person), 0},
    {"position", RECORD_REFERENCE, 0, offsetof(struct appointment, position), 0},
    {"acting", RECORD_FLAG, 0, offsetof(struct appointment, acting), 0},
    {"starts", RECORD_TIME, 0, offsetof(struct appointment, from), 0},
    {"ends", RECORD_TIME, 0, offsetof(struct appointment, to), 0},
    {"document", RECORD_TEXT, 0, offsetof(struct appointment, document), 200}};
const struct record appointment_record = {"appointment", "appointment", fields, sizeof fields / sizeof *fields};

/** What an appointment is about. */
struct post {
    struct person person;
    struct position position;
    struct unit unit;
};

static rfd_status find_post(struct transaction *t, const struct appointment *a, struct post *out, struct faults *faults,
                            struct rfd_error *error)
{
    const struct store_value person = store_integer(a->person), position = store_integer(a->position);
    TRY(record_find_by(t, &person_record, "id = $1", &person, 1, &out->person, error));
    TRY(record_find_by(t, &position_record, "id = $1", &position, 1, &out->position, error));
    if (out->person.id == 0) fault_add(faults, "person", N_("There is no such person"));
    if (out->position.id == 0) fault_add(faults, "position", N_("There is no such position"));
    TRY(faults_end(faults, error));
    return record_find(t, &unit_record, out->position.unit, &out->unit, error);
}

/* ---- Words ---- */

static rfd_status index_rows(struct transaction *t, const char *where, int64_t id, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(id);
    const char *sql = arena_print(store_arena(t),
                                  "SELECT a.id, h.surname, h.second_surname, h.given_names, h.number, p.name FROM "
                                  "appointment a JOIN person h ON h.id = a.person JOIN position p ON p.id = "
                                  "a.position WHERE a.%s = $1",
                                  where);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    TRY(store_run(t, sql, &value, 1, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        const slice words[] = {v[1].bytes, v[2].bytes, v[3].bytes, v[4].bytes, v[5].bytes};
        TRY(list_index(t, "appointment_word", v[0].integer, words, 5, error));
    }
    return RFD_OK;
}

rfd_status appointment_index_person(struct transaction *t, int64_t person, struct rfd_error *error)
{
    return index_rows(t, "person", person, error);
}

rfd_status appointment_index_position(struct transaction *t, int64_t position, struct rfd_error *error)
{
    return index_rows(t, "position", position, error);
}

/* ---- Checking ---- */

/* The most people that hold the position at one moment of the time: at its beginning, or when one of them begins. */
#define HOLDERS                                                                                                        \
    "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM (SELECT starts AS at FROM appointment WHERE "          \
    "position = $1 AND id <> $2 AND NOT acting AND starts > $3 AND starts < $4 UNION SELECT $3) m JOIN appointment a " \
    "ON a.position = $1 AND a.id <> $2 AND NOT a.acting AND a.starts <= m.at AND (a.ends IS NULL OR a.ends > m.at) "   \
    "GROUP BY m.at) c"

static rfd_status check_places(struct transaction *t, const struct appointment *a, const struct position *position,
                               struct faults *faults, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(a->position), store_integer(a->id), store_integer(a->from),
                                         store_integer(a->to == RFD_TIME_NONE ? INT64_MAX : a->to)};
    int64_t holders;
    if (a->acting) return RFD_OK;
    TRY(record_number(t, HOLDERS, values, 4, &holders, error));
    if (holders >= position->places)
        fault_add(faults, "position",
                  position->places == 1 ? N_("Somebody else holds this position at that time")
                                        : N_("All places of this position are held at that time"));
    return RFD_OK;
}

static rfd_status check_person(struct transaction *t, const struct appointment *a, int64_t entity,
                               struct faults *faults, struct rfd_error *error)
{
    const struct store_value same[] = {store_integer(a->person), store_integer(a->position), store_integer(a->id),
                                       store_integer(a->from),
                                       store_integer(a->to == RFD_TIME_NONE ? INT64_MAX : a->to)};
    const struct store_value other[] = {same[0], store_integer(entity), same[2], same[3], same[4]};
    int64_t found;
    TRY(record_number(t,
                      "SELECT id FROM appointment WHERE person = $1 AND position = $2 AND id <> $3 AND starts < $5 AND "
                      "(ends IS NULL OR ends > $4) LIMIT 1",
                      same, 5, &found, error));
    if (found != 0) fault_add(faults, "position", N_("The person holds this position at that time already"));
    if (found != 0 || a->acting) return RFD_OK;
    TRY(record_number(t,
                      "SELECT id FROM appointment WHERE person = $1 AND entity = $2 AND NOT acting AND id <> $3 AND "
                      "starts < $5 AND (ends IS NULL OR ends > $4) LIMIT 1",
                      other, 5, &found, error));
    if (found != 0)
        fault_add(faults, "person", N_("The person has a main appointment in this entity at that time already"));
    return RFD_OK;
}

static rfd_status check(struct transaction *t, const struct appointment *a, const struct appointment *before,
                        const struct post *post, struct faults *faults, struct rfd_error *error)
{
    if (a->from == RFD_TIME_NONE) fault_add(faults, "starts", N_("This is needed"));
    if (a->to != RFD_TIME_NONE && a->to <= a->from) fault_add(faults, "ends", N_("The end comes after the beginning"));
    if (post->person.closed) fault_add(faults, "person", N_("This person's data are closed"));
    if (post->position.closed || post->unit.closed) fault_add(faults, "position", N_("This position is closed"));
    if (before->id != 0 && before->person != a->person)
        fault_add(faults, "person", N_("An appointment stays with its person"));
    if (before->id != 0 && before->position != a->position)
        fault_add(faults, "position", N_("An appointment stays with its position: end it, and make a new one"));
    if (faults->count > 0) return RFD_OK;
    TRY(check_places(t, a, &post->position, faults, error));
    return check_person(t, a, post->unit.entity, faults, error);
}

/* ---- Writing ---- */

/* Where a person works, as their last appointment says. */
static rfd_status set_home(struct transaction *t, int64_t person, struct rfd_error *error)
{
    const struct store_value value = store_integer(person);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT u.entity, u.id FROM appointment a JOIN position p ON p.id = a.position JOIN unit u ON u.id = "
                  "p.unit WHERE a.person = $1 ORDER BY CASE WHEN a.ends IS NULL THEN 0 ELSE 1 END, a.acting, a.starts "
                  "DESC, a.id DESC LIMIT 1",
                  &value, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    const struct store_value values[] = {value, *store_cell(&rows, 0, 0), *store_cell(&rows, 0, 1)};
    return store_run(t, "UPDATE person SET entity = $2, unit = $3 WHERE id = $1", values, 3, NULL, error);
}

static rfd_status write(struct transaction *t, const struct actor *actor, struct appointment *a,
                        const struct appointment *before, const struct post *post, struct rfd_error *error)
{
    const struct record_extra extra = {"entity", store_integer(post->unit.entity)};
    TRY(record_put(t, actor, &appointment_record, a, before, &extra, 1, error));
    TRY(index_rows(t, "id", a->id, error));
    return set_home(t, a->person, error);
}

rfd_status appointment_put(struct transaction *t, const struct actor *actor, const struct appointment *appointment,
                           struct faults *faults, int64_t *id, struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct appointment a = *appointment, before = {.id = 0};
    struct post post;
    bool open;
    if (a.id != 0) TRY(record_find(t, &appointment_record, a.id, &before, error));
    TRY(find_post(t, &a, &post, faults, error));
    TRY(organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, &post.unit, error));
    TRY(record_hold(t, &person_record, a.person, &open, error));
    TRY(record_hold(t, &position_record, a.position, &open, error));
    record_check(&appointment_record, &a, faults);
    TRY(check(t, &a, &before, &post, faults, error));
    TRY(faults_end(faults, error));
    if (a.id == 0 || !record_same(&appointment_record, &a, &before)) TRY(write(t, actor, &a, &before, &post, error));
    *id = a.id;
    return RFD_OK;
}

rfd_status appointment_end_now(struct transaction *t, const struct actor *actor, int64_t id, rfd_time moment,
                               struct rfd_error *error)
{
    char detail[64];
    struct store_rows rows;
    const struct store_value values[] = {store_integer(id), store_integer(moment)};
    TRY(store_run(t,
                  "UPDATE appointment SET ends = $2 WHERE id = $1 AND starts < $2 AND (ends IS NULL OR ends > $2) "
                  "RETURNING person",
                  values, 2, &rows, error));
    if (rows.count == 0)
        return error_set(error, RFD_E_STATE, "appointment %lld is over by then, or begins later", (long long)id);
    TRY(set_home(t, store_cell(&rows, 0, 0)->integer, error));
    (void)snprintf(detail, sizeof detail, "{\"ends\":%lld}", (long long)moment);
    return record_audit(t, actor, &appointment_record, id, "end", slice_text(detail), error);
}

rfd_status appointment_end(struct transaction *t, const struct actor *actor, int64_t id, rfd_time moment,
                           struct rfd_error *error)
{
    struct appointment a;
    struct position position;
    struct unit unit;
    TRY(record_find(t, &appointment_record, id, &a, error));
    TRY(record_find(t, &position_record, a.position, &position, error));
    TRY(record_find(t, &unit_record, position.unit, &unit, error));
    TRY(organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, &unit, error));
    return appointment_end_now(t, actor, id, moment, error);
}

rfd_status appointment_find(struct transaction *t, int64_t id, struct appointment *out, struct rfd_error *error)
{
    return record_find(t, &appointment_record, id, out, error);
}
