/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of people, each with an appointment, or none. Somebody with two appointments has two lines, which have to say
 * the same of the person.
 */
#include "domain/organisation/import.h"

#include "base/clock.h"
#include "base/error.h"
#include "packs/identity.h"

enum {
    DOCUMENT,
    NUMBER,
    GIVEN_NAMES,
    SURNAME,
    SECOND_SURNAME,
    MAIL,
    MOBILE,
    LANGUAGE,
    COUNTRY,
    UNIT,
    POSITION,
    FROM,
    TO,
    ACTING,
    RESOLUTION
};
static const struct import_column columns[] = {{"documento", false, {"document", NULL}},
                                               {"numero", true, {"number", NULL}},
                                               {"nombres", true, {"given_names", NULL}},
                                               {"primer apellido", true, {"surname", NULL}},
                                               {"segundo apellido", false, {"second_surname", NULL}},
                                               {"correo", false, {"mail", NULL}},
                                               {"movil", false, {"mobile", NULL}},
                                               {"idioma", false, {"language", NULL}},
                                               {"pais", false, {"country", NULL}},
                                               {"unidad", false, {NULL, "unit"}},
                                               {"cargo", false, {NULL, "position"}},
                                               {"desde", false, {NULL, "starts"}},
                                               {"hasta", false, {NULL, "ends"}},
                                               {"encargo", false, {NULL, "acting"}},
                                               {"resolucion", false, {NULL, "document"}}};

/* ---- The person ---- */

static bool same_words(slice a, slice b)
{
    struct list_words one, other;
    list_words(&a, 1, &one);
    list_words(&b, 1, &other);
    if (one.count != other.count) return false;
    for (size_t i = 0; i < one.count; i++) {
        if (strcmp(one.words[i], other.words[i]) != 0) return false;
    }
    return true;
}

/* By its name or label; without any, the first that the country has for people. */
static const struct pack_document *find_document(struct importing *i, slice country, slice typed)
{
    size_t count;
    const struct pack_document *const *list = packs_documents(i->packs, country, &count);
    for (size_t n = 0; n < count; n++) {
        const struct pack_document *d = list[n];
        if (d->entity) continue;
        if (typed.length == 0 || same_words(typed, slice_text(d->name)) || same_words(typed, slice_text(d->label)))
            return d;
    }
    import_wrong(i, DOCUMENT, N_("This is not an identity document of people in this country"));
    return NULL;
}

static rfd_status find_person(struct importing *i, struct person *before, struct person *p, struct rfd_error *error)
{
    slice number = import_cell(i, NUMBER), country = import_text(i, COUNTRY, i->entity.country);
    const struct pack_document *document = find_document(i, country, import_cell(i, DOCUMENT));
    char *normal = arena_zeroed(store_arena(i->t), 33, 1);
    *before = (struct person){.id = 0};
    if (document == NULL) return RFD_OK;
    if (normal == NULL) return arena_failed(store_arena(i->t), error);
    enum identity_fault fault = packs_identity_check(document, number, normal);
    bool fine = fault == IDENTITY_FINE || fault == IDENTITY_DIGIT_WARNS;
    slice known = fine ? slice_text(normal) : number;
    import_about(i, slice_text(document->label), known);
    const struct store_value values[] = {store_text(slice_text(document->country)),
                                         store_text(slice_text(document->name)), store_text(known)};
    if (fine)
        TRY(record_find_by(i->t, &person_record, "country = $1 AND document = $2 AND number = $3", values, 3, before,
                           error));
    *p = *before;
    p->country = slice_text(document->country);
    p->document = slice_text(document->name);
    p->number = known;
    return RFD_OK;
}

static void read_person(struct importing *i, struct person *p)
{
    p->given_names = import_text(i, GIVEN_NAMES, p->given_names);
    p->surname = import_text(i, SURNAME, p->surname);
    p->second_surname = import_text(i, SECOND_SURNAME, p->second_surname);
    p->mail = import_text(i, MAIL, p->mail);
    p->mobile = import_text(i, MOBILE, p->mobile);
    p->language = import_text(i, LANGUAGE, p->language);
}

/* Another line may be about the same person; not with other data. */
static void check_said(struct importing *i, const struct person *p, const struct person *before)
{
    const slice key[] = {p->country, p->document, p->number};
    uint64_t hash = import_hash(key, 3);
    if (map_has(&i->people, hash)) {
        if (!record_same(&person_record, p, before))
            import_wrong(i, -1, N_("Another line says something else of this person"));
        return;
    }
    if (map_set(&i->people, hash, 1) != RFD_OK) import_wrong(i, -1, rfd_status_message(RFD_E_MEMORY));
}

static rfd_status put_person(struct importing *i, struct person *p, const struct person *before,
                             struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    TRY(import_judge(i, person_put(i->t, i->actor, i->packs, p, &faults, &p->id, error), &faults, 0, error));
    if (i->change == IMPORT_WRONG) return RFD_OK;
    TRY(person_find(i->t, p->id, p, error));
    check_said(i, p, before);
    if (before->id == 0) return RFD_OK;
    import_difference(i, GIVEN_NAMES, before->given_names, p->given_names);
    import_difference(i, SURNAME, before->surname, p->surname);
    import_difference(i, SECOND_SURNAME, before->second_surname, p->second_surname);
    import_difference(i, MAIL, before->mail, p->mail);
    import_difference(i, MOBILE, before->mobile, p->mobile);
    import_difference(i, LANGUAGE, before->language, p->language);
    return RFD_OK;
}

/* ---- The appointment ---- */

static rfd_status find_position(struct importing *i, struct unit *unit, struct position *position,
                                struct rfd_error *error)
{
    slice code = import_cell(i, UNIT), name = import_cell(i, POSITION);
    *position = (struct position){.id = 0};
    if (code.length == 0 || name.length == 0) {
        import_wrong(i, code.length == 0 ? UNIT : POSITION, N_("Unit and position go together"));
        return RFD_OK;
    }
    TRY(unit_by_code(i->t, i->entity.id, code, unit, error));
    if (unit->id == 0) {
        import_wrong(i, UNIT, N_("There is no unit of this code"));
        return RFD_OK;
    }
    TRY(position_by_name(i->t, unit->id, name, position, error));
    if (position->id == 0) import_wrong(i, POSITION, N_("The unit has no position of this name"));
    return RFD_OK;
}

static void read_appointment(struct importing *i, struct appointment *a)
{
    if (!import_day(i, FROM, 0, &a->from)) import_wrong(i, FROM, N_("Days are written 31/01/2026 or 2026-01-31"));
    if (!import_day(i, TO, 1, &a->to)) import_wrong(i, TO, N_("Days are written 31/01/2026 or 2026-01-31"));
    if (!import_flag(i, ACTING, a->acting, &a->acting)) import_wrong(i, ACTING, N_("Write yes or no"));
    a->document = import_text(i, RESOLUTION, a->document);
}

/* The one of this person at this position that the line speaks of: the one that is not over by the day it names. */
static rfd_status find_appointment(struct importing *i, const struct person *p, const struct position *position,
                                   struct appointment *out, struct rfd_error *error)
{
    rfd_time from = clock_now();
    if (!import_day(i, FROM, 0, &from) || from == RFD_TIME_NONE) from = clock_now();
    const struct store_value values[] = {store_integer(p->id), store_integer(position->id), store_integer(from)};
    return record_find_by(i->t, &appointment_record,
                          "person = $1 AND position = $2 AND (ends IS NULL OR ends > $3) ORDER BY starts DESC, id",
                          values, 3, out, error);
}

static slice day_text(const struct importing *i, rfd_time moment)
{
    if (moment == RFD_TIME_NONE) return SLICE_EMPTY;
    struct civil c = zone_civil(i->zone, moment);
    const char *text = arena_print(store_arena(i->t), "%02d/%02d/%04d", c.day, c.month, c.year);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static void tell_appointment(struct importing *i, const struct appointment *a, const struct appointment *before,
                             const struct position *position)
{
    if (before->id == 0) {
        import_note(i, N_("New appointment"), position->name);
        return;
    }
    import_difference(i, FROM, day_text(i, before->from), day_text(i, a->from));
    import_difference(i, TO, before->to == RFD_TIME_NONE ? SLICE_EMPTY : day_text(i, before->to - 1),
                      a->to == RFD_TIME_NONE ? SLICE_EMPTY : day_text(i, a->to - 1));
    import_difference_flag(i, ACTING, before->acting, a->acting);
    import_difference(i, RESOLUTION, before->document, a->document);
}

static rfd_status put_appointment(struct importing *i, const struct person *p, bool *is_new, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct unit unit;
    struct position position;
    struct appointment a, before;
    TRY(find_position(i, &unit, &position, error));
    if (i->change == IMPORT_WRONG) return RFD_OK;
    TRY(find_appointment(i, p, &position, &before, error));
    a = before.id != 0 ? before
                       : (struct appointment){
                             .person = p->id, .position = position.id, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};
    read_appointment(i, &a);
    if (i->change == IMPORT_WRONG) return RFD_OK;
    TRY(import_judge(i, appointment_put(i->t, i->actor, &a, &faults, &a.id, error), &faults, 1, error));
    tell_appointment(i, &a, &before, &position);
    *is_new = *is_new || before.id == 0;
    return RFD_OK;
}

/* ---- A line ---- */

static rfd_status person_row(struct importing *i, struct rfd_error *error)
{
    struct person p, before;
    bool is_new;
    import_about(i, import_cell(i, NUMBER), SLICE_EMPTY);
    TRY(find_person(i, &before, &p, error));
    if (i->change == IMPORT_WRONG) return RFD_OK;
    const slice key[] = {p.country,           p.document, p.number, import_cell(i, UNIT), import_cell(i, POSITION),
                         import_cell(i, FROM)};
    read_person(i, &p);
    if (!import_first(i, key, 6)) return RFD_OK;
    TRY(put_person(i, &p, &before, error));
    is_new = before.id == 0;
    if (i->change != IMPORT_WRONG && is_new) {
        import_note(i, NULL, p.surname);
        buf_print(&i->detail, ", %.*s", (int)p.given_names.length, (const char *)p.given_names.data);
    }
    if (i->change != IMPORT_WRONG && (import_cell(i, UNIT).length > 0 || import_cell(i, POSITION).length > 0))
        TRY(put_appointment(i, &p, &is_new, error));
    if (i->change != IMPORT_WRONG)
        i->change = is_new ? IMPORT_NEW : i->detail.length > 0 ? IMPORT_CHANGED : IMPORT_SAME;
    return RFD_OK;
}

const struct import_kind import_people = {N_("Person"), columns, sizeof columns / sizeof *columns, person_row};
