/* SPDX-License-Identifier: EUPL-1.2
 *
 * Positions: posts of a unit, each with as many places as people may hold it.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"

enum { PLACES_MAXIMUM = 10000 };

static const struct record_field fields[] = {
    {"unit", RECORD_REFERENCE, 0, offsetof(struct position, unit), 0},
    {"name", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct position, name), 200},
    {"head", RECORD_FLAG, 0, offsetof(struct position, head), 0},
    {"places", RECORD_NUMBER, 0, offsetof(struct position, places), 0},
    {"closed", RECORD_FLAG, RECORD_KEPT, offsetof(struct position, closed), 0}};
const struct record position_record = {"position", "position", fields, sizeof fields / sizeof *fields};

static rfd_status index_words(struct transaction *t, int64_t id, slice name, const struct unit *unit,
                              struct rfd_error *error)
{
    const slice words[] = {name, unit->abbreviation, unit->code};
    return list_index(t, "position_word", id, words, 3, error);
}

rfd_status position_index_unit(struct transaction *t, int64_t unit, struct rfd_error *error)
{
    struct unit u;
    struct store_rows rows;
    const struct store_value value = store_integer(unit);
    TRY(record_find(t, &unit_record, unit, &u, error));
    TRY(store_run(t, "SELECT id, name FROM position WHERE unit = $1", &value, 1, &rows, error));
    for (size_t i = 0; i < rows.count; i++)
        TRY(index_words(t, store_cell(&rows, i, 0)->integer, store_cell(&rows, i, 1)->bytes, &u, error));
    return RFD_OK;
}

/* ---- Checking ---- */

static rfd_status check_unique(struct transaction *t, const struct position *p, slice sort_name, struct faults *faults,
                               struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(p->unit), store_integer(p->id), store_text(sort_name)};
    int64_t other;
    TRY(record_number(t, "SELECT id FROM position WHERE unit = $1 AND id <> $2 AND sort_name = $3 AND NOT closed",
                      values, 3, &other, error));
    if (other != 0) fault_add(faults, "name", N_("The unit has a position of this name"));
    if (!p->head) return RFD_OK;
    TRY(record_number(t, "SELECT id FROM position WHERE unit = $1 AND id <> $2 AND head AND NOT closed", values, 2,
                      &other, error));
    if (other != 0) fault_add(faults, "head", N_("Another position leads this unit already"));
    return RFD_OK;
}

static rfd_status check(struct transaction *t, const struct position *p, const struct position *before,
                        const struct unit *unit, slice sort_name, struct faults *faults, struct rfd_error *error)
{
    const struct store_value value = store_integer(p->id);
    int64_t used = 0;
    if (unit->closed) fault_add(faults, "unit", N_("This unit is closed"));
    if (p->places < 1 || p->places > PLACES_MAXIMUM || (p->head && p->places != 1))
        fault_add(faults, "places",
                  p->head ? N_("A position that leads a unit has one place") : N_("From 1 to 10,000 places"));
    if (before->id != 0 && before->unit != p->unit)
        TRY(record_number(t, "SELECT id FROM appointment WHERE position = $1 LIMIT 1", &value, 1, &used, error));
    if (used != 0) fault_add(faults, "unit", N_("A position that people have held stays in its unit"));
    return check_unique(t, p, sort_name, faults, error);
}

static rfd_status find_unit(struct transaction *t, int64_t id, struct unit *out, struct faults *faults,
                            struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    TRY(record_find_by(t, &unit_record, "id = $1", &value, 1, out, error));
    if (out->id == 0) fault_add(faults, "unit", N_("There is no such unit"));
    return faults_end(faults, error);
}

static rfd_status check_actor(struct transaction *t, const struct actor *actor, const struct unit *unit,
                              const struct position *before, struct rfd_error *error)
{
    struct unit old;
    TRY(organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, unit, error));
    if (before->id == 0 || before->unit == unit->id) return RFD_OK;
    TRY(record_find(t, &unit_record, before->unit, &old, error));
    return organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, &old, error);
}

/* ---- Writing ---- */

static rfd_status write(struct transaction *t, const struct actor *actor, struct position *p,
                        const struct position *before, const struct unit *unit, slice sort_name,
                        struct rfd_error *error)
{
    const struct record_extra extra = {"sort_name", store_text(sort_name)};
    TRY(record_put(t, actor, &position_record, p, before, &extra, 1, error));
    TRY(index_words(t, p->id, p->name, unit, error));
    return before->id == 0 ? RFD_OK : appointment_index_position(t, p->id, error);
}

rfd_status position_put(struct transaction *t, const struct actor *actor, const struct position *position,
                        struct faults *faults, int64_t *id, struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct position p = *position, before = {.id = 0};
    struct unit unit;
    slice sort_name = SLICE_EMPTY;
    bool open;
    if (p.places == 0) p.places = 1;
    if (p.id != 0) TRY(record_find(t, &position_record, p.id, &before, error));
    TRY(find_unit(t, p.unit, &unit, faults, error));
    TRY(check_actor(t, actor, &unit, &before, error));
    if (before.closed) return error_set(error, RFD_E_STATE, "position %lld is closed", (long long)p.id);
    TRY(record_hold(t, &unit_record, p.unit, &open, error));
    record_check(&position_record, &p, faults);
    TRY(record_sort_name(t, &p.name, 1, &sort_name, error));
    TRY(check(t, &p, &before, &unit, sort_name, faults, error));
    TRY(faults_end(faults, error));
    if (p.id == 0 || !record_same(&position_record, &p, &before))
        TRY(write(t, actor, &p, &before, &unit, sort_name, error));
    *id = p.id;
    return RFD_OK;
}

static rfd_status check_empty(struct transaction *t, int64_t id, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id), store_integer(clock_now())};
    int64_t other;
    TRY(record_number(t, "SELECT id FROM appointment WHERE position = $1 AND (ends IS NULL OR ends > $2) LIMIT 1",
                      values, 2, &other, error));
    if (other != 0) return error_set(error, RFD_E_STATE, "appointment %lld", (long long)other);
    return RFD_OK;
}

rfd_status position_close(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct position p;
    struct unit unit;
    TRY(record_find(t, &position_record, id, &p, error));
    TRY(record_find(t, &unit_record, p.unit, &unit, error));
    TRY(organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, &unit, error));
    TRY(organisation_hold(t, &position_record, id, error));
    TRY(check_empty(t, id, error));
    return organisation_close(t, actor, &position_record, id, error);
}

rfd_status position_by_name(struct transaction *t, int64_t unit, slice name, struct position *out,
                            struct rfd_error *error)
{
    slice sort_name = SLICE_EMPTY;
    TRY(record_sort_name(t, &name, 1, &sort_name, error));
    const struct store_value values[] = {store_integer(unit), store_text(sort_name)};
    return record_find_by(t, &position_record, "unit = $1 AND sort_name = $2 AND NOT closed", values, 2, out, error);
}

rfd_status position_find(struct transaction *t, int64_t id, struct position *out, struct rfd_error *error)
{
    return record_find(t, &position_record, id, out, error);
}
