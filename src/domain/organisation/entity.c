/* SPDX-License-Identifier: EUPL-1.2
 *
 * Entities: administrations, each with its tax number.
 */
#include "domain/organisation/internal.h"

#include "base/error.h"

static const struct record_field fields[] = {
    {"name", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct entity, name), 200},
    {"short_name", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct entity, short_name), 40},
    {"country", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct entity, country), 8},
    {"tax_number", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct entity, tax_number), 32},
    {"domains", RECORD_TEXT, 0, offsetof(struct entity, domains), 300},
    {"closed", RECORD_FLAG, RECORD_KEPT, offsetof(struct entity, closed), 0}};
const struct record entity_record = {"entity", "entity", fields, sizeof fields / sizeof *fields};

/* Labels of letters, digits and hyphens with a dot between them, separated by one blank. */
static bool are_domains(slice text)
{
    slice domain = SLICE_EMPTY;
    while (organisation_next_word(&text, &domain)) {
        if (!organisation_is_domain(domain)) return false;
    }
    return true;
}

static rfd_status check(struct transaction *t, const struct entity *e, const struct entity *before,
                        struct faults *faults, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(e->country), store_text(e->tax_number), store_integer(e->id)};
    int64_t other;
    if (before->id != 0 && !slice_equal(before->country, e->country))
        fault_add(faults, "country", N_("The country cannot be changed"));
    if (!are_domains(e->domains))
        fault_add(faults, "domains", N_("Domains look like example.gob.pe, with blanks between them"));
    TRY(record_number(t, "SELECT id FROM entity WHERE country = $1 AND tax_number = $2 AND id <> $3", values, 3, &other,
                      error));
    if (other != 0) fault_add(faults, "tax_number", N_("There is already an entity with this number"));
    return RFD_OK;
}

rfd_status entity_put(struct transaction *t, const struct actor *actor, const struct entity *entity,
                      struct faults *faults, int64_t *id, struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct entity e = *entity, before = {.id = 0};
    const struct access_object object = {.entity = e.id};
    slice sort_name = SLICE_EMPTY;
    TRY(actor_check(actor, ACTION_ORGANISATION_EDIT, &object, error));
    if (e.id != 0) TRY(record_find(t, &entity_record, e.id, &before, error));
    if (before.closed) return error_set(error, RFD_E_STATE, "entity %lld is closed", (long long)e.id);
    record_check(&entity_record, &e, faults);
    TRY(check(t, &e, &before, faults, error));
    TRY(faults_end(faults, error));
    if (e.id == 0 || !record_same(&entity_record, &e, &before)) {
        const slice words[] = {e.name, e.short_name, e.tax_number};
        TRY(record_sort_name(t, words, 1, &sort_name, error));
        const struct record_extra extra = {"sort_name", store_text(sort_name)};
        TRY(record_put(t, actor, &entity_record, &e, &before, &extra, 1, error));
        TRY(list_index(t, "entity_word", e.id, words, 3, error));
    }
    *id = e.id;
    return RFD_OK;
}

/* Who may see a unit of it may know its name. */
static bool is_member(const struct actor *actor, int64_t entity)
{
    for (size_t i = 0; i < actor->role_count; i++) {
        if (actor->roles[i].entity == entity) return true;
    }
    return false;
}

rfd_status entity_close(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    const struct access_object object = {.entity = id};
    struct entity e;
    TRY(actor_check(actor, ACTION_ORGANISATION_EDIT, &object, error));
    TRY(record_find(t, &entity_record, id, &e, error));
    TRY(organisation_hold(t, &entity_record, id, error));
    TRY(organisation_blocked(t, "SELECT code FROM unit WHERE entity = $1 AND NOT closed ORDER BY code LIMIT 1", "unit",
                             id, error));
    return organisation_close(t, actor, &entity_record, id, error);
}

rfd_status entity_choices(struct transaction *t, const struct actor *actor, enum action action, struct entity **out,
                          size_t *count, struct rfd_error *error)
{
    struct store_rows rows;
    struct entity *list;
    size_t found = 0;
    TRY(store_run(
        t,
        "SELECT id, name, short_name, country, tax_number FROM entity WHERE NOT closed ORDER BY sort_name, id "
        "LIMIT 500",
        NULL, 0, &rows, error));
    list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        const struct access_object object = {.entity = v[0].integer};
        bool member = action == ACTION_ORGANISATION_SEE && is_member(actor, v[0].integer);
        if (!member && !actor_may(actor, action, &object)) continue;
        list[found++] = (struct entity){.id = v[0].integer,
                                        .name = v[1].bytes,
                                        .short_name = v[2].bytes,
                                        .country = v[3].bytes,
                                        .tax_number = v[4].bytes};
    }
    *out = list;
    *count = found;
    return RFD_OK;
}

rfd_status entity_find(struct transaction *t, int64_t id, struct entity *out, struct rfd_error *error)
{
    return record_find(t, &entity_record, id, out, error);
}
