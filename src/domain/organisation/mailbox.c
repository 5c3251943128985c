/* SPDX-License-Identifier: EUPL-1.2
 *
 * Institutional mailboxes of units, and support groups of an entity.
 */
#include "domain/organisation/internal.h"

#include "base/error.h"

static const struct record_field mailbox_fields[] = {
    {"unit", RECORD_REFERENCE, 0, offsetof(struct institutional_mailbox, unit), 0},
    {"level", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct institutional_mailbox, level), 20},
    {"mail", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct institutional_mailbox, mail), 200},
    {"closed", RECORD_FLAG, 0, offsetof(struct institutional_mailbox, closed), 0}};
const struct record institutional_mailbox_record = {"institutional_mailbox", "institutional-mailbox", mailbox_fields,
                                                    sizeof mailbox_fields / sizeof *mailbox_fields};

static const struct record_field group_fields[] = {
    {"entity", RECORD_REFERENCE, 0, offsetof(struct support_group, entity), 0},
    {"name", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct support_group, name), 100},
    {"mail", RECORD_TEXT, 0, offsetof(struct support_group, mail), 200},
    {"closed", RECORD_FLAG, 0, offsetof(struct support_group, closed), 0}};
const struct record support_group_record = {"support_group", "support-group", group_fields,
                                            sizeof group_fields / sizeof *group_fields};

/* ---- Institutional mailboxes ---- */

static bool is_level(slice level)
{
    return slice_is(level, "central") || slice_is(level, "regional") || slice_is(level, "local");
}

static rfd_status check_mailbox(struct transaction *t, const struct institutional_mailbox *m,
                                const struct institutional_mailbox *before, const struct unit *unit,
                                struct faults *faults, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(m->mail), store_integer(m->id)};
    int64_t other;
    if (!is_level(m->level)) fault_add(faults, "level", N_("There is no such level"));
    if (m->mail.length > 0 && !organisation_is_mail(m->mail))
        fault_add(faults, "mail", N_("An address looks like name@example.gob.pe"));
    if (unit->closed && !m->closed) fault_add(faults, "unit", N_("This unit is closed"));
    if (before->id != 0 && before->unit != m->unit) fault_add(faults, "unit", N_("A mailbox stays in its unit"));
    TRY(record_number(t, "SELECT id FROM institutional_mailbox WHERE mail = $1 AND id <> $2", values, 2, &other,
                      error));
    if (other != 0) fault_add(faults, "mail", N_("There is already a mailbox of this address"));
    return faults_end(faults, error);
}

rfd_status institutional_mailbox_put(struct transaction *t, const struct actor *actor,
                                     const struct institutional_mailbox *mailbox, struct faults *faults, int64_t *id,
                                     struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct institutional_mailbox m = *mailbox, before = {.id = 0};
    struct unit unit;
    bool open;
    const struct store_value value = store_integer(m.unit);
    if (m.id != 0) TRY(record_find(t, &institutional_mailbox_record, m.id, &before, error));
    TRY(record_find_by(t, &unit_record, "id = $1", &value, 1, &unit, error));
    if (unit.id == 0) fault_add(faults, "unit", N_("There is no such unit"));
    TRY(faults_end(faults, error));
    TRY(organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, &unit, error));
    TRY(record_hold(t, &unit_record, unit.id, &open, error));
    record_check(&institutional_mailbox_record, &m, faults);
    TRY(check_mailbox(t, &m, &before, &unit, faults, error));
    if (m.id == 0 || !record_same(&institutional_mailbox_record, &m, &before)) {
        const slice words[] = {m.mail, unit.name, unit.abbreviation};
        TRY(record_put(t, actor, &institutional_mailbox_record, &m, &before, NULL, 0, error));
        TRY(list_index(t, "institutional_mailbox_word", m.id, words, 3, error));
    }
    *id = m.id;
    return RFD_OK;
}

rfd_status institutional_mailbox_find(struct transaction *t, int64_t id, struct institutional_mailbox *out,
                                      struct rfd_error *error)
{
    return record_find(t, &institutional_mailbox_record, id, out, error);
}

/* ---- Support groups ---- */

static rfd_status check_group(struct transaction *t, const struct support_group *g, const struct support_group *before,
                              struct faults *faults, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(g->entity), store_text(g->name), store_integer(g->id)};
    int64_t other;
    if (g->mail.length > 0 && !organisation_is_mail(g->mail))
        fault_add(faults, "mail", N_("An address looks like name@example.gob.pe"));
    if (before->id != 0 && before->entity != g->entity) fault_add(faults, "entity", N_("A group stays in its entity"));
    TRY(record_number(t, "SELECT id FROM support_group WHERE entity = $1 AND name = $2 AND id <> $3", values, 3, &other,
                      error));
    if (other != 0) fault_add(faults, "name", N_("There is already a group of this name"));
    return faults_end(faults, error);
}

rfd_status support_group_put(struct transaction *t, const struct actor *actor, const struct support_group *group,
                             struct faults *faults, int64_t *id, struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct support_group g = *group, before = {.id = 0};
    const struct access_object object = {.entity = g.entity};
    TRY(actor_check(actor, ACTION_ORGANISATION_EDIT, &object, error));
    if (g.id != 0) TRY(record_find(t, &support_group_record, g.id, &before, error));
    TRY(organisation_hold(t, &entity_record, g.entity, error));
    record_check(&support_group_record, &g, faults);
    TRY(check_group(t, &g, &before, faults, error));
    if (g.id == 0 || !record_same(&support_group_record, &g, &before)) {
        const slice words[] = {g.name, g.mail};
        TRY(record_put(t, actor, &support_group_record, &g, &before, NULL, 0, error));
        TRY(list_index(t, "support_group_word", g.id, words, 2, error));
    }
    *id = g.id;
    return RFD_OK;
}

rfd_status support_group_find(struct transaction *t, int64_t id, struct support_group *out, struct rfd_error *error)
{
    return record_find(t, &support_group_record, id, out, error);
}

static rfd_status tell_member(struct transaction *t, const struct actor *actor, int64_t group, int64_t person,
                              const char *what, struct rfd_error *error)
{
    char detail[64];
    (void)snprintf(detail, sizeof detail, "{\"person\":%lld}", (long long)person);
    return record_audit(t, actor, &support_group_record, group, what, slice_text(detail), error);
}

static rfd_status join(struct transaction *t, const struct actor *actor, const struct support_group *g, int64_t person,
                       struct rfd_error *error)
{
    struct store_rows rows;
    struct person p;
    const struct store_value values[] = {store_integer(g->id), store_integer(person)};
    TRY(record_find(t, &person_record, person, &p, error));
    if (g->closed || p.closed) return error_set(error, RFD_E_STATE, "group %lld or person is closed", (long long)g->id);
    TRY(store_run(t,
                  "INSERT INTO support_group_member(support_group, person) VALUES ($1, $2) ON CONFLICT "
                  "(support_group, person) DO NOTHING",
                  values, 2, &rows, error));
    return rows.changed == 0 ? RFD_OK : tell_member(t, actor, g->id, person, "join", error);
}

rfd_status support_group_leave(struct transaction *t, const struct actor *actor, int64_t group, int64_t person,
                               struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(group), store_integer(person)};
    TRY(store_run(t, "DELETE FROM support_group_member WHERE support_group = $1 AND person = $2", values, 2, &rows,
                  error));
    return rows.changed == 0 ? RFD_OK : tell_member(t, actor, group, person, "leave", error);
}

rfd_status support_group_member(struct transaction *t, const struct actor *actor, int64_t group, int64_t person,
                                bool member, struct rfd_error *error)
{
    struct support_group g;
    TRY(record_find(t, &support_group_record, group, &g, error));
    const struct access_object object = {.entity = g.entity};
    TRY(actor_check(actor, ACTION_ORGANISATION_EDIT, &object, error));
    return member ? join(t, actor, &g, person, error) : support_group_leave(t, actor, group, person, error);
}
