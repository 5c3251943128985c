/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading the tree: all of an entity's units in the order of their branches, and who leads a unit.
 */
#include "domain/organisation/internal.h"

#include "base/error.h"
#include "base/map.h"

enum { LEVELS_MAXIMUM = 64 };

/* ---- All units ---- */

/* Rows by code; `below` and `next` are positions of rows, from 1. */
struct tree {
    struct unit *units;
    size_t *below, *next, *last;
    size_t count, first;
    struct map places; /* unit → position */
};

static void take_unit(const struct store_rows *rows, size_t row, struct unit *u)
{
    const struct store_value *v = store_cell(rows, row, 0);
    *u = (struct unit){.id = v[0].integer,
                       .entity = v[1].integer,
                       .parent = store_reference_of(&v[2]),
                       .code = v[3].bytes,
                       .abbreviation = v[4].bytes,
                       .name = v[5].bytes,
                       .path = v[6].bytes,
                       .closed = v[7].integer != 0};
}

static rfd_status read_tree(struct transaction *t, int64_t entity, struct tree *tree, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct store_rows rows;
    const struct store_value value = store_integer(entity);
    TRY(store_run(t,
                  "SELECT id, entity, parent, code, abbreviation, name, path, closed FROM unit WHERE entity = $1 "
                  "ORDER BY code, id",
                  &value, 1, &rows, error));
    tree->count = rows.count;
    tree->units = arena_zeroed(a, rows.count + 1, sizeof *tree->units);
    tree->below = arena_zeroed(a, rows.count + 1, sizeof *tree->below);
    tree->next = arena_zeroed(a, rows.count + 1, sizeof *tree->next);
    tree->last = arena_zeroed(a, rows.count + 1, sizeof *tree->last);
    if (tree->units == NULL || tree->below == NULL || tree->next == NULL || tree->last == NULL)
        return arena_failed(a, error);
    for (size_t i = 0; i < rows.count; i++) {
        take_unit(&rows, i, &tree->units[i + 1]);
        TRY(map_set(&tree->places, (uint64_t)tree->units[i + 1].id, i + 1));
    }
    return RFD_OK;
}

/* Each row becomes the last one below its parent; place 0 stands for the entity. */
static void link_tree(struct tree *tree)
{
    for (size_t i = 1; i <= tree->count; i++) {
        uint64_t parent = 0;
        if (tree->units[i].parent != 0) (void)map_get(&tree->places, (uint64_t)tree->units[i].parent, &parent);
        if (tree->last[parent] == 0)
            tree->below[parent] = i;
        else
            tree->next[tree->last[parent]] = i;
        tree->last[parent] = i;
    }
}

/* Down, else to the next, else up until there is a next; the parent's place is found by the map. */
static size_t follow(const struct tree *tree, size_t at)
{
    if (tree->below[at] != 0) return tree->below[at];
    while (at != 0 && tree->next[at] == 0) {
        uint64_t parent = 0;
        if (tree->units[at].parent != 0) (void)map_get(&tree->places, (uint64_t)tree->units[at].parent, &parent);
        at = (size_t)parent;
    }
    return at == 0 ? 0 : tree->next[at];
}

rfd_status unit_tree(struct transaction *t, int64_t entity, struct unit **out, size_t *count, struct rfd_error *error)
{
    struct tree tree = {.count = 0};
    struct unit *ordered = NULL;
    size_t done = 0;
    rfd_status status;
    TRY_OUT(read_tree(t, entity, &tree, error));
    link_tree(&tree);
    ordered = arena_zeroed(store_arena(t), tree.count + 1, sizeof *ordered);
    TRY_OUT(ordered == NULL ? arena_failed(store_arena(t), error) : RFD_OK);
    for (size_t at = tree.below[0]; at != 0 && done < tree.count; at = follow(&tree, at))
        ordered[done++] = tree.units[at];
    *out = ordered;
    *count = done;
out:
    map_dispose(&tree.places);
    return status;
}

/* ---- Who leads ---- */

/* Who holds the head position now; the one who acts for somebody before that somebody. */
static rfd_status holder(struct transaction *t, int64_t unit, rfd_time now, int64_t *person, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(unit), store_integer(now)};
    return record_number(t,
                         "SELECT a.person FROM position p JOIN appointment a ON a.position = p.id JOIN person h ON "
                         "h.id = a.person WHERE p.unit = $1 AND p.head AND NOT p.closed AND NOT h.closed AND a.starts "
                         "<= $2 AND (a.ends IS NULL OR a.ends > $2) ORDER BY a.acting DESC, a.starts DESC, a.id DESC "
                         "LIMIT 1",
                         values, 2, person, error);
}

/* Somebody who leads two units above each other counts once: passing on to them again would pass on to nobody. */
rfd_status unit_head(struct transaction *t, int64_t unit, unsigned above, rfd_time now, int64_t *person,
                     int64_t *head_unit, struct rfd_error *error)
{
    int64_t last = 0, found;
    struct unit u;
    for (unsigned level = 0; unit != 0 && level < LEVELS_MAXIMUM; level++) {
        TRY(record_find(t, &unit_record, unit, &u, error));
        TRY(holder(t, unit, now, &found, error));
        if (found != 0 && found != last) {
            if (above == 0) break;
            above--;
            last = found;
        }
        found = 0;
        unit = u.parent;
    }
    *person = unit == 0 ? 0 : found;
    *head_unit = unit;
    return RFD_OK;
}
