/* SPDX-License-Identifier: EUPL-1.2
 *
 * Units: a tree below each entity. A unit's path has the numbers of all units from the top down to it ("/1/7/"), so
 * that a branch is all units whose path begins with its own; it moves by changing the beginning of all of them.
 */
#include "domain/organisation/internal.h"

#include "base/error.h"

enum { DEPTH_MAXIMUM = 20, NUMBER_SIZE = 24 };

static const struct record_field fields[] = {
    {"entity", RECORD_REFERENCE, 0, offsetof(struct unit, entity), 0},
    {"parent", RECORD_REFERENCE, 0, offsetof(struct unit, parent), 0},
    {"code", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct unit, code), 40},
    {"abbreviation", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct unit, abbreviation), 40},
    {"name", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct unit, name), 200},
    {"path", RECORD_TEXT, RECORD_KEPT, offsetof(struct unit, path), 500},
    {"closed", RECORD_FLAG, RECORD_KEPT, offsetof(struct unit, closed), 0}};
const struct record unit_record = {"unit", "unit", fields, sizeof fields / sizeof *fields};

/* ---- Checking ---- */

static size_t depth_of(slice path)
{
    size_t depth = 0;
    for (size_t i = 1; i < path.length; i++) depth += path.data[i] == '/';
    return depth;
}

/* What is below `path` lies from it up to, not including, this: '0' is the character after '/'. */
static slice path_end(struct transaction *t, slice path)
{
    char *end = path.length == 0 ? NULL : arena_text(store_arena(t), path);
    if (end == NULL) return SLICE_EMPTY;
    end[path.length - 1] = '0';
    return slice_of(end, path.length);
}

/* How many levels the branch has below its own. */
static rfd_status branch_depth(struct transaction *t, slice path, size_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(path), store_text(path_end(t, path))};
    TRY(store_run(t,
                  "SELECT max(length(path) - length(replace(path, '/', ''))) FROM unit WHERE path >= $1 AND path < $2",
                  values, 2, &rows, error));
    size_t slashes = rows.count == 0 ? 1 : (size_t)store_cell(&rows, 0, 0)->integer;
    *out = slashes - 1 - depth_of(path);
    return RFD_OK;
}

static rfd_status check_parent(struct transaction *t, const struct unit *u, const struct unit *before,
                               const struct unit *parent, struct faults *faults, struct rfd_error *error)
{
    size_t below = 0;
    if (u->parent != 0 && (parent->id == 0 || parent->entity != u->entity)) {
        fault_add(faults, "parent", N_("There is no such unit in this entity"));
        return RFD_OK;
    }
    if (parent->closed && (before->id == 0 || before->parent != u->parent))
        fault_add(faults, "parent", N_("This unit is closed"));
    if (before->id != 0 && parent->path.data != NULL && slice_starts(parent->path, before->path))
        fault_add(faults, "parent", N_("A unit cannot be below itself"));
    if (before->id != 0) TRY(branch_depth(t, before->path, &below, error));
    if (depth_of(parent->path) + 1 + below > DEPTH_MAXIMUM)
        fault_add(faults, "parent", N_("There would be more than 20 levels of units"));
    return RFD_OK;
}

static rfd_status check(struct transaction *t, const struct unit *u, const struct unit *before,
                        const struct unit *parent, struct faults *faults, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(u->entity), store_text(u->code), store_integer(u->id)};
    int64_t other;
    if (before->id != 0 && before->entity != u->entity) fault_add(faults, "entity", N_("A unit stays in its entity"));
    TRY(check_parent(t, u, before, parent, faults, error));
    TRY(record_number(t, "SELECT id FROM unit WHERE entity = $1 AND code = $2 AND id <> $3", values, 3, &other, error));
    if (other != 0) fault_add(faults, "code", N_("Another unit of this entity has this code"));
    return RFD_OK;
}

static rfd_status check_actor(const struct actor *actor, const struct unit *u, const struct unit *before,
                              const struct unit *parent, struct rfd_error *error)
{
    const struct access_object below = {
        .entity = u->entity, .unit = parent->id, .path = parent->id == 0 ? SLICE_EMPTY : parent->path};
    TRY(actor_check(actor, ACTION_ORGANISATION_EDIT, &below, error));
    return before->id == 0 ? RFD_OK : organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, before, error);
}

/* ---- Writing ---- */

static rfd_status set_path(struct transaction *t, const struct unit *parent, struct unit *u, struct rfd_error *error)
{
    char number[NUMBER_SIZE];
    (void)snprintf(number, sizeof number, "%lld/", (long long)u->id);
    const char *path = arena_print(store_arena(t), "%.*s%s", parent->id == 0 ? 1 : (int)parent->path.length,
                                   parent->id == 0 ? "/" : (const char *)parent->path.data, number);
    if (path == NULL) return arena_failed(store_arena(t), error);
    u->path = slice_text(path);
    return RFD_OK;
}

/* The branch gets a new beginning. */
static rfd_status move(struct transaction *t, slice from, slice to, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(to), store_integer((int64_t)from.length + 1), store_text(from),
                                         store_text(path_end(t, from))};
    return store_run(t, "UPDATE unit SET path = $1 || substr(path, $2) WHERE path >= $3 AND path < $4", values, 4, NULL,
                     error);
}

static rfd_status write(struct transaction *t, const struct actor *actor, struct unit *u, const struct unit *before,
                        const struct unit *parent, struct rfd_error *error)
{
    const slice words[] = {u->name, u->abbreviation, u->code};
    slice sort_name = SLICE_EMPTY;
    TRY(record_sort_name(t, words, 1, &sort_name, error));
    const struct record_extra extras[] = {{"sort_name", store_text(sort_name)}, {"path", store_text(SLICE("/"))}};
    TRY(record_put(t, actor, &unit_record, u, before, extras, before->id == 0 ? 2 : 1, error));
    TRY(set_path(t, parent, u, error));
    if (before->id == 0) {
        const struct store_value values[] = {store_integer(u->id), store_text(u->path)};
        TRY(store_run(t, "UPDATE unit SET path = $2 WHERE id = $1", values, 2, NULL, error));
    } else if (!slice_equal(before->path, u->path)) {
        TRY(move(t, before->path, u->path, error));
    }
    TRY(list_index(t, "unit_word", u->id, words, 3, error));
    return before->id == 0 ? RFD_OK : position_index_unit(t, u->id, error);
}

/* The entity is held: two who move branches at once come one after the other, so no branch gets below itself. */
static rfd_status hold_above(struct transaction *t, const struct unit *u, const struct unit *before,
                             struct rfd_error *error)
{
    bool open;
    if (u->parent != 0 && (before->id == 0 || before->parent != u->parent))
        TRY(record_hold(t, &unit_record, u->parent, &open, error));
    return organisation_hold(t, &entity_record, u->entity, error);
}

rfd_status unit_put(struct transaction *t, const struct actor *actor, const struct unit *unit, struct faults *faults,
                    int64_t *id, struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct unit u = *unit, before = {.id = 0}, parent = {.id = 0};
    const struct store_value above = store_integer(u.parent);
    if (u.id != 0) TRY(record_find(t, &unit_record, u.id, &before, error));
    if (u.parent != 0) TRY(record_find_by(t, &unit_record, "id = $1", &above, 1, &parent, error));
    TRY(check_actor(actor, &u, &before, &parent, error));
    if (before.closed) return error_set(error, RFD_E_STATE, "unit %lld is closed", (long long)u.id);
    TRY(hold_above(t, &u, &before, error));
    record_check(&unit_record, &u, faults);
    TRY(check(t, &u, &before, &parent, faults, error));
    TRY(faults_end(faults, error));
    if (u.id == 0 || !record_same(&unit_record, &u, &before)) TRY(write(t, actor, &u, &before, &parent, error));
    *id = u.id;
    return RFD_OK;
}

rfd_status unit_close(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    static const char *const blocks[][2] = {
        {"unit", "SELECT code FROM unit WHERE parent = $1 AND NOT closed ORDER BY code LIMIT 1"},
        {"position", "SELECT name FROM position WHERE unit = $1 AND NOT closed ORDER BY sort_name LIMIT 1"},
        {"mailbox", "SELECT mail FROM institutional_mailbox WHERE unit = $1 AND NOT closed ORDER BY mail LIMIT 1"}};
    struct unit u;
    TRY(record_find(t, &unit_record, id, &u, error));
    TRY(organisation_check_unit(actor, ACTION_ORGANISATION_EDIT, &u, error));
    TRY(organisation_hold(t, &unit_record, id, error));
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        TRY(organisation_blocked(t, blocks[i][1], blocks[i][0], id, error));
    return organisation_close(t, actor, &unit_record, id, error);
}

rfd_status unit_by_code(struct transaction *t, int64_t entity, slice code, struct unit *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(entity), store_text(code)};
    return record_find_by(t, &unit_record, "entity = $1 AND code = $2", values, 2, out, error);
}

rfd_status unit_find(struct transaction *t, int64_t id, struct unit *out, struct rfd_error *error)
{
    return record_find(t, &unit_record, id, out, error);
}
