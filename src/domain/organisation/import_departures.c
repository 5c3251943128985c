/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of departures, as the personnel office has them: who, and their last day. Each is reported as on the page; one
 * that was reported already with the same day stays as it is.
 */
#include "domain/organisation/import.h"

#include "base/clock.h"
#include "base/error.h"
#include "packs/identity.h"

enum { NUMBER, LAST_DAY, REASON, UNIT, POSITION };
static const struct import_column columns[] = {{"numero", true, {"number", NULL}},
                                               {"ultimo dia", true, {"leaves", NULL}},
                                               {"motivo", true, {"reason", NULL}},
                                               {"unidad", false, {"unit", NULL}},
                                               {"cargo", false, {"appointment", NULL}}};

/* ---- Who leaves what ---- */

/** By whichever document of the entity's country has this number. */
static rfd_status find_person(struct importing *i, struct person *out, struct rfd_error *error)
{
    size_t count;
    slice number = import_cell(i, NUMBER);
    const struct pack_document *const *list = packs_documents(i->packs, i->entity.country, &count);
    *out = (struct person){.id = 0};
    for (size_t n = 0; n < count && out->id == 0; n++) {
        char normal[33];
        if (list[n]->entity) continue;
        enum identity_fault fault = packs_identity_check(list[n], number, normal);
        if (fault != IDENTITY_FINE && fault != IDENTITY_DIGIT_WARNS) continue;
        const struct store_value values[] = {store_text(slice_text(list[n]->country)),
                                             store_text(slice_text(list[n]->name)), store_text(slice_text(normal))};
        TRY(record_find_by(i->t, &person_record, "country = $1 AND document = $2 AND number = $3", values, 3, out,
                           error));
    }
    if (out->id == 0) import_wrong(i, NUMBER, N_("There is nobody with this number"));
    return RFD_OK;
}

static rfd_status list_appointments(struct importing *i, int64_t person, struct store_rows *rows,
                                    struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person), store_integer(i->entity.id),
                                         store_integer(clock_now())};
    return store_run(i->t,
                     "SELECT a.id, u.code, p.name FROM appointment a JOIN position p ON p.id = a.position JOIN unit u "
                     "ON u.id = p.unit WHERE a.person = $1 AND a.entity = $2 AND (a.ends IS NULL OR a.ends > $3) "
                     "ORDER BY a.id",
                     values, 3, rows, error);
}

static bool is_named(const struct importing *i, const struct store_value *row)
{
    slice unit = import_cell(i, UNIT), position = import_cell(i, POSITION);
    return (unit.length == 0 || slice_equal(unit, row[1].bytes)) &&
           (position.length == 0 || slice_equal(position, row[2].bytes));
}

/** The only one that the line can mean. */
static rfd_status find_appointment(struct importing *i, int64_t person, int64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    size_t found = 0;
    TRY(list_appointments(i, person, &rows, error));
    for (size_t n = 0; n < rows.count; n++) {
        const struct store_value *row = store_cell(&rows, n, 0);
        if (!is_named(i, row)) continue;
        *out = row[0].integer;
        found++;
        import_note(i, NULL, row[2].bytes);
    }
    if (found == 0) import_wrong(i, -1, N_("This person has no such appointment now"));
    if (found > 1) import_wrong(i, -1, N_("This person has several appointments: write unit and position"));
    return RFD_OK;
}

/* ---- A line ---- */

static rfd_status was_reported(struct importing *i, int64_t appointment, rfd_time leaves, bool *out,
                               struct rfd_error *error)
{
    int64_t id;
    const struct store_value values[] = {store_integer(appointment), store_integer(leaves)};
    TRY(record_number(i->t, "SELECT id FROM departure WHERE appointment = $1 AND leaves = $2 LIMIT 1", values, 2, &id,
                      error));
    *out = id != 0;
    return RFD_OK;
}

static rfd_status report(struct importing *i, int64_t appointment, rfd_time leaves, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    int64_t id;
    bool there;
    TRY(was_reported(i, appointment, leaves, &there, error));
    if (there) {
        i->change = IMPORT_SAME;
        return RFD_OK;
    }
    TRY(import_judge(
        i, departure_report(i->t, i->actor, appointment, leaves, import_cell(i, REASON), i->zone, &faults, &id, error),
        &faults, 0, error));
    if (i->change != IMPORT_WRONG) i->change = IMPORT_NEW;
    return RFD_OK;
}

static rfd_status departure_row(struct importing *i, struct rfd_error *error)
{
    struct person person;
    int64_t appointment = 0;
    rfd_time leaves = RFD_TIME_NONE;
    const slice key[] = {import_cell(i, NUMBER), import_cell(i, UNIT), import_cell(i, POSITION)};
    import_about(i, import_cell(i, NUMBER), SLICE_EMPTY);
    if (!import_first(i, key, 3)) return RFD_OK;
    if (!import_day(i, LAST_DAY, 1, &leaves) || leaves == RFD_TIME_NONE)
        import_wrong(i, LAST_DAY, N_("Days are written 31/01/2026 or 2026-01-31"));
    TRY(find_person(i, &person, error));
    if (i->change == IMPORT_WRONG) return RFD_OK;
    TRY(find_appointment(i, person.id, &appointment, error));
    return i->change == IMPORT_WRONG ? RFD_OK : report(i, appointment, leaves, error);
}

const struct import_kind import_departures = {N_("Departure"), columns, sizeof columns / sizeof *columns,
                                              departure_row};
