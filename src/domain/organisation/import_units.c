/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of units and of positions.
 */
#include "domain/organisation/import.h"

#include "base/error.h"
#include "base/number.h"

enum { PLACES_MAXIMUM = 10000 };

/* ---- Units ---- */

enum { UNIT_CODE, UNIT_ABBREVIATION, UNIT_NAME, UNIT_ABOVE };
static const struct import_column unit_columns[] = {{"codigo", true, {"code", NULL}},
                                                    {"siglas", true, {"abbreviation", NULL}},
                                                    {"nombre", true, {"name", NULL}},
                                                    {"superior", false, {"parent", NULL}}};

static rfd_status find_above(struct importing *i, const struct unit *before, struct unit *above,
                             struct rfd_error *error)
{
    slice code = import_cell(i, UNIT_ABOVE);
    *above = (struct unit){.id = 0};
    if (code.length == 0 && before->parent != 0) return unit_find(i->t, before->parent, above, error);
    if (code.length == 0 || slice_is(code, "-")) return RFD_OK;
    TRY(unit_by_code(i->t, i->entity.id, code, above, error));
    if (above->id == 0)
        import_wrong(i, UNIT_ABOVE, N_("There is no unit of this code; it has to come in a line before"));
    return RFD_OK;
}

static rfd_status put_unit(struct importing *i, struct unit *u, const struct unit *before, const struct unit *above,
                           struct rfd_error *error)
{
    struct unit was = {.id = 0};
    struct faults faults = {.count = 0};
    if (before->id != 0 && before->parent != 0) TRY(unit_find(i->t, before->parent, &was, error));
    u->parent = above->id;
    TRY(import_judge(i, unit_put(i->t, i->actor, u, &faults, &u->id, error), &faults, 0, error));
    if (before->id == 0) {
        import_note(i, NULL, u->name);
        return RFD_OK;
    }
    import_difference(i, UNIT_ABBREVIATION, before->abbreviation, u->abbreviation);
    import_difference(i, UNIT_NAME, before->name, u->name);
    import_difference(i, UNIT_ABOVE, was.id == 0 ? SLICE_EMPTY : was.code, above->id == 0 ? SLICE_EMPTY : above->code);
    return RFD_OK;
}

/* New, or changed where something was said to differ. */
static void set_change(struct importing *i, bool is_new)
{
    if (i->change == IMPORT_WRONG) return;
    i->change = is_new ? IMPORT_NEW : i->detail.length > 0 ? IMPORT_CHANGED : IMPORT_SAME;
}

static rfd_status unit_row(struct importing *i, struct rfd_error *error)
{
    slice code = import_cell(i, UNIT_CODE);
    struct unit u, before, above;
    import_about(i, code, SLICE_EMPTY);
    if (code.length > 0 && !import_first(i, &code, 1)) return RFD_OK;
    TRY(unit_by_code(i->t, i->entity.id, code, &before, error));
    u = before.id != 0 ? before : (struct unit){.entity = i->entity.id};
    u.code = code;
    u.abbreviation = import_text(i, UNIT_ABBREVIATION, u.abbreviation);
    u.name = import_text(i, UNIT_NAME, u.name);
    TRY(find_above(i, &before, &above, error));
    if (i->change != IMPORT_WRONG) TRY(put_unit(i, &u, &before, &above, error));
    set_change(i, before.id == 0);
    return RFD_OK;
}

const struct import_kind import_units = {N_("Unit"), unit_columns, sizeof unit_columns / sizeof *unit_columns,
                                         unit_row};

/* ---- Positions ---- */

enum { POSITION_UNIT, POSITION_NAME, POSITION_HEAD, POSITION_PLACES };
static const struct import_column position_columns[] = {{"unidad", true, {"unit", NULL}},
                                                        {"cargo", true, {"name", NULL}},
                                                        {"jefatura", false, {"head", NULL}},
                                                        {"plazas", false, {"places", NULL}}};

static void read_position(struct importing *i, struct position *p)
{
    uint64_t places = (uint64_t)p->places;
    slice cell = import_cell(i, POSITION_PLACES);
    if (!import_flag(i, POSITION_HEAD, p->head, &p->head)) import_wrong(i, POSITION_HEAD, N_("Write yes or no"));
    if (cell.length > 0 && !number_unsigned(cell, PLACES_MAXIMUM, &places))
        import_wrong(i, POSITION_PLACES, N_("From 1 to 10,000 places"));
    p->places = (int64_t)places;
}

static slice number_text(const struct importing *i, int64_t number)
{
    const char *text = arena_print(store_arena(i->t), "%lld", (long long)number);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static rfd_status put_position(struct importing *i, struct position *p, const struct position *before,
                               const struct unit *unit, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    TRY(import_judge(i, position_put(i->t, i->actor, p, &faults, &p->id, error), &faults, 0, error));
    if (before->id == 0) {
        import_note(i, NULL, unit->name);
        return RFD_OK;
    }
    import_difference(i, POSITION_NAME, before->name, p->name);
    import_difference_flag(i, POSITION_HEAD, before->head, p->head);
    import_difference(i, POSITION_PLACES, number_text(i, before->places), number_text(i, p->places));
    return RFD_OK;
}

static rfd_status position_row(struct importing *i, struct rfd_error *error)
{
    slice name = import_cell(i, POSITION_NAME), code = import_cell(i, POSITION_UNIT), sort_name = SLICE_EMPTY;
    struct position p, before;
    struct unit unit;
    import_about(i, name, code);
    TRY(unit_by_code(i->t, i->entity.id, code, &unit, error));
    if (unit.id == 0) {
        import_wrong(i, POSITION_UNIT, N_("There is no unit of this code"));
        return RFD_OK;
    }
    TRY(record_sort_name(i->t, &name, 1, &sort_name, error));
    const slice key[] = {code, sort_name};
    if (!import_first(i, key, 2)) return RFD_OK;
    TRY(position_by_name(i->t, unit.id, name, &before, error));
    p = before.id != 0 ? before : (struct position){.unit = unit.id, .places = 1};
    p.name = name;
    read_position(i, &p);
    if (i->change != IMPORT_WRONG) TRY(put_position(i, &p, &before, &unit, error));
    set_change(i, before.id == 0);
    return RFD_OK;
}

const struct import_kind import_positions = {N_("Position"), position_columns,
                                             sizeof position_columns / sizeof *position_columns, position_row};
