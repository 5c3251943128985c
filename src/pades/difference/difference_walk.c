/* SPDX-License-Identifier: EUPL-1.2
 *
 * The walk: pairs of old and new values on a list, each taken apart key by key as the rules of its kind say. Nothing
 * is followed that leads to no change. At the end every changed object that the new revision still reaches must have
 * been met; what was not is judged by itself.
 */
#include "pades/difference/difference_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>

enum { CHANGES_MAXIMUM = 100000, TOLD_MAXIMUM = 500, PATH_DEPTH = 24, PATH_TEXT = 512 };
#define SCRATCH_MAXIMUM ((size_t)512 << 20)
#define BUDGET          (UINT64_C(40) * 1000 * 1000)

/* ---- small things ---- */

/** What is no lack of memory or of input is a fact about the document, not a failure. */
static bool is_failure(rfd_status status)
{
    return status == RFD_E_MEMORY || status == RFD_E_IO_READ || status == RFD_E_INPUT_CHANGED;
}

void walk_fail(struct walk *w, rfd_status status)
{
    if (w->status != RFD_OK || !is_failure(status)) return;
    w->status = status;
    if (w->failure.code != status) (void)error_set(&w->failure, status, "while two revisions were compared");
}

void *walk_allocate(struct walk *w, size_t count, size_t size)
{
    void *p = arena_zeroed(&w->scratch, count, size);
    if (p == NULL && w->scratch.status == RFD_E_LIMIT)
        w->budget = 0; /* too intricate, which is a finding */
    else if (p == NULL)
        walk_fail(w, RFD_E_MEMORY);
    return p;
}

bool walk_spend(struct walk *w, uint64_t steps)
{
    w->budget = steps > w->budget ? 0 : w->budget - steps;
    return w->budget > 0;
}

bool walk_marked(const struct walk *w, uint32_t number, uint8_t flag)
{
    uint32_t node;
    return number != 0 && graph_find(w->graph, number, &node) && (w->marks[node] & flag) != 0;
}

void walk_mark(struct walk *w, uint32_t number, uint8_t flag)
{
    uint32_t node;
    if (number != 0 && graph_find(w->graph, number, &node)) w->marks[node] |= flag;
}

bool walk_is_dirty(const struct walk *w, uint32_t number)
{
    return walk_marked(w, number, MARK_DIRTY);
}

bool walk_was_there(struct walk *w, uint32_t number)
{
    uint32_t node;
    if (number == 0 || !graph_find(w->graph, number, &node)) return false;
    const struct graph_version *before = graph_before(w->graph, node);
    return before != NULL && before->used;
}

/** What leads where in the old revision is only asked when something is suspicious. */
bool walk_was_hidden(struct walk *w, uint32_t number)
{
    if (!walk_was_there(w, number)) return false;
    if (!w->old_known) {
        graph_go(w->graph, w->revision - 1);
        graph_mark_reachable(w->graph, pdf_trailer(&w->old), w->marks, MARK_OLD);
        graph_go(w->graph, w->revision);
        w->old_known = true;
    }
    return !walk_marked(w, number, MARK_OLD);
}

bool walk_is_reachable(struct walk *w, uint32_t number)
{
    if (!w->new_known) graph_mark_reachable(w->graph, pdf_trailer(&w->new), w->marks, MARK_NEW);
    w->new_known = true;
    return walk_marked(w, number, MARK_NEW);
}

static struct walk_value look(struct walk *w, struct pdf_view *view, const struct pdf_value *v)
{
    struct walk_value out = {.value = v, .number = v->kind == PDF_REFERENCE ? v->reference.number : 0};
    if (out.number == 0) return out;
    out.value = pdf_resolve(view, v);
    if (view->failure.code == RFD_OK) return out;
    if (is_failure(view->failure.code)) w->failure = view->failure;
    walk_fail(w, view->failure.code);
    view->failure.code = RFD_OK;
    out.value = &pdf_null;
    out.unreadable = true;
    return out;
}

struct walk_value walk_old(struct walk *w, const struct pdf_value *v)
{
    return look(w, &w->old, v);
}

struct walk_value walk_new(struct walk *w, const struct pdf_value *v)
{
    return look(w, &w->new, v);
}

const struct pdf_value *walk_old_entry(struct walk *w, const struct pdf_value *dictionary, const char *key)
{
    return walk_old(w, pdf_entry_of(walk_old(w, dictionary).value, key)).value;
}

const struct pdf_value *walk_new_entry(struct walk *w, const struct pdf_value *dictionary, const char *key)
{
    return walk_new(w, pdf_entry_of(walk_new(w, dictionary).value, key)).value;
}

/* ---- paths and reports ---- */

static const struct walk_path *extend_path(struct walk *w, struct walk_path next)
{
    struct walk_path *p = walk_allocate(w, 1, sizeof *p);
    if (p == NULL) return NULL;
    next.object = next.up == NULL ? 0 : next.up->object;
    *p = next;
    return p;
}

const struct walk_path *walk_key(struct walk *w, const struct walk_path *up, slice key)
{
    return extend_path(w, (struct walk_path){.up = up, .key = key});
}

const struct walk_path *walk_index(struct walk *w, const struct walk_path *up, uint32_t index)
{
    return extend_path(w, (struct walk_path){.up = up, .index = index});
}

const struct walk_path *walk_at_object(struct walk *w, const struct walk_path *path, uint32_t number)
{
    struct walk_path *here;
    if (number == 0 || path == NULL || (here = walk_allocate(w, 1, sizeof *here)) == NULL) return path;
    *here = *path;
    here->object = number;
    return here;
}

/** Of a very long path only the end is told. */
static const char *path_text(struct walk *w, const struct walk_path *path)
{
    const struct walk_path *steps[PATH_DEPTH];
    char text[PATH_TEXT];
    struct buf b;
    int depth = 0;
    buf_init(&b, PATH_TEXT - 1);
    for (; path != NULL && path->up != NULL && depth < PATH_DEPTH; path = path->up) steps[depth++] = path;
    if (path != NULL && path->up != NULL) buf_put_text(&b, "...");
    while (depth-- > 0) {
        if (steps[depth]->key.length > 0) {
            buf_put_byte(&b, '/');
            text_put_printable(&b, steps[depth]->key);
        } else {
            buf_print(&b, "[%u]", (unsigned)steps[depth]->index);
        }
    }
    (void)snprintf(text, sizeof text, "%.*s", (int)b.length, b.data == NULL ? "" : (const char *)b.data);
    buf_dispose(&b);
    return arena_text(pdf_arena(w->doc), slice_text(text));
}

void walk_report(struct walk *w, enum rfd_change_level level, enum rfd_finding_code code, const struct walk_path *path,
                 const struct walk_field *field)
{
    if (level > w->level) w->level = level;
    if (level == RFD_CHANGE_NONE && w->change_count >= TOLD_MAXIMUM) return;
    if (w->change_count > CHANGES_MAXIMUM) return;
    if (w->change_count == CHANGES_MAXIMUM) { /* none may be lost that could matter: the last one stands for all */
        w->level = level = RFD_CHANGE_OTHER;
        code = RFD_FINDING_CHANGE_UNREADABLE;
    }
    if (w->change_count == w->change_capacity) {
        size_t capacity = w->change_capacity == 0 ? 16 : w->change_capacity * 2;
        struct change *bigger = memory_resize(w->changes, capacity * sizeof *bigger);
        if (bigger == NULL) {
            walk_fail(w, RFD_E_MEMORY);
            return;
        }
        w->changes = bigger;
        w->change_capacity = capacity;
    }
    const char *text = path_text(w, path);
    if (text == NULL) walk_fail(w, RFD_E_MEMORY);
    w->changes[w->change_count++] = (struct change){.level = level,
                                                    .code = code,
                                                    .object = path == NULL ? 0 : path->object,
                                                    .revision = w->revision,
                                                    .field = field == NULL ? SLICE_EMPTY : field->name,
                                                    .path = text};
}

void walk_report_accompanying(struct walk *w, const struct walk_path *path)
{
    size_t before = w->change_count;
    walk_report(w, RFD_CHANGE_FORM, RFD_FINDING_CHANGE_SIGNATURE_FIELD, path, NULL);
    if (w->change_count > before) w->changes[before].accompanies = true;
}

void walk_report_new_field(struct walk *w, enum rfd_change_level level, enum rfd_finding_code code,
                           const struct walk_path *path, const struct walk_field *field)
{
    size_t before = w->change_count;
    walk_report(w, level, code, path, field);
    if (w->change_count > before) w->changes[before].new_field = true;
}

void walk_refuse(struct walk *w, enum rfd_finding_code code, const struct walk_path *path,
                 const struct walk_field *field)
{
    if (w->hint != RFD_FINDING_COUNT) code = w->hint;
    w->hint = RFD_FINDING_COUNT;
    walk_report(w, RFD_CHANGE_OTHER, code, path, field);
}

void walk_accept(struct walk *w, const struct pdf_value *v)
{
    graph_mark_content(w->graph, v, w->marks, MARK_ACCEPTED);
}

/* ---- the lists ---- */

void walk_push(struct walk *w, struct walk_item item)
{
    if (w->item_count == w->item_capacity) {
        size_t capacity = w->item_capacity == 0 ? 64 : w->item_capacity * 2;
        struct walk_item *bigger = memory_resize(w->items, capacity * sizeof *bigger);
        if (bigger == NULL) {
            walk_fail(w, RFD_E_MEMORY);
            return;
        }
        w->items = bigger;
        w->item_capacity = capacity;
    }
    w->items[w->item_count++] = item;
}

void walk_defer(struct walk *w, struct walk_item item, bool added)
{
    if (w->widget_count == w->widget_capacity) {
        size_t capacity = w->widget_capacity == 0 ? 16 : w->widget_capacity * 2;
        struct walk_widget *bigger = memory_resize(w->widgets, capacity * sizeof *bigger);
        if (bigger == NULL) {
            walk_fail(w, RFD_E_MEMORY);
            return;
        }
        w->widgets = bigger;
        w->widget_capacity = capacity;
    }
    w->widgets[w->widget_count++] = (struct walk_widget){item, added};
}

/* ---- steps ---- */

static bool same_target(const struct pdf_value *old, const struct pdf_value *new)
{
    return old->kind == PDF_REFERENCE && new->kind == PDF_REFERENCE && old->reference.number == new->reference.number;
}

static void apply(struct walk *w, const struct rule *rule, const struct pdf_value *old, const struct pdf_value *new,
                  const struct walk_path *path, const struct walk_field *field)
{
    switch (rule->action) {
    case RULE_EQUAL: (void)walk_require_equal(w, old, new, rule->code, path, field); break;
    case RULE_FREE: break;
    case RULE_LINK:
        if (!same_target(old, new)) (void)walk_require_equal(w, old, new, rule->code, path, field);
        break;
    case RULE_WALK: walk_push(w, (struct walk_item){old, new, rule->to, path, field}); break;
    case RULE_CALL: rule->call(w, old, new, path, field); break;
    }
}

bool walk_is_unchanged(const struct walk *w, const struct pdf_value *old, const struct pdf_value *new)
{
    if (old->kind == PDF_REFERENCE)
        return same_target(old, new) && old->reference.generation == new->reference.generation &&
               !walk_is_dirty(w, new->reference.number);
    return old == new && old->kind != PDF_ARRAY && old->kind != PDF_DICTIONARY;
}

static void step_entry(struct walk *w, const struct walk_item *item, slice key, const struct pdf_value *old,
                       const struct pdf_value *new, const struct walk_path *path, const struct walk_field *field)
{
    const struct rule *rule = rule_find(item->kind, key);
    if (walk_is_unchanged(w, old, new)) return;
    const struct walk_path *below = walk_key(w, path, key);
    if (below != NULL) apply(w, rule, old, new, below, field);
}

static const struct pdf_value *entry_at(const struct pdf_entry *entries, uint32_t count, slice key, uint32_t hint)
{
    if (hint < count && slice_equal(entries[hint].key, key)) return &entries[hint].value;
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(entries[i].key, key)) return &entries[i].value;
    }
    return &pdf_null;
}

static void step_dictionary(struct walk *w, const struct walk_item *item, const struct pdf_value *old,
                            const struct pdf_value *new, const struct walk_path *path)
{
    const struct pdf_entry *a = pdf_entries(old);
    const struct pdf_entry *b = pdf_entries(new);
    const struct walk_field *field = item->field;
    if (item->kind == WALK_FIELD) {
        field = field_enter(w, old, new, item->field);
        if (path != NULL) walk_mark(w, path->object, MARK_FIELD);
        if (path != NULL && field != NULL && field->signing) walk_mark(w, path->object, MARK_WIDGET);
    }
    for (uint32_t i = 0; i < old->count && w->status == RFD_OK; i++) {
        if (!walk_spend(w, 1 + (new->count > old->count ? new->count : 0))) return;
        step_entry(w, item, a[i].key, &a[i].value, entry_at(b, new->count, a[i].key, i), path, field);
    }
    for (uint32_t i = 0; i < new->count && w->status == RFD_OK; i++) {
        if (!walk_spend(w, 1 + old->count / 8)) return;
        if (entry_at(a, old->count, b[i].key, i) == &pdf_null)
            step_entry(w, item, b[i].key, &pdf_null, &b[i].value, path, field);
    }
}

static bool already_seen(struct walk *w, const struct pdf_value *old, const struct pdf_value *new, enum walk_kind kind)
{
    uint64_t key = (uint64_t)(uintptr_t)old * UINT64_C(0x9E3779B97F4A7C15);
    key = (key ^ key >> 31) + (uint64_t)(uintptr_t) new *UINT64_C(0xD6E8FEB86659FD93) + (uint64_t)kind;
    if (map_has(&w->seen, key)) return true;
    if (map_set(&w->seen, key, 1) != RFD_OK) walk_fail(w, RFD_E_MEMORY);
    return false;
}

/** Where there was nothing: rules for additions see an empty dictionary. */
static bool may_be_added(enum walk_kind kind)
{
    return kind == WALK_DSS || kind == WALK_VRI || kind == WALK_VRI_ENTRY || kind == WALK_ACROFORM ||
           kind == WALK_DEFAULT_RESOURCES;
}

static const struct pdf_value empty_dictionary = {.kind = PDF_DICTIONARY};

static void step(struct walk *w, const struct walk_item *item)
{
    struct walk_value old = walk_old(w, item->old);
    struct walk_value new = walk_new(w, item->new);
    if (w->status != RFD_OK || already_seen(w, old.value, new.value, item->kind)) return;
    const struct walk_path *path = walk_at_object(w, item->path, new.number != 0 ? new.number : old.number);
    walk_mark(w, new.number, MARK_VISITED);
    if (old.value->kind == PDF_NULL && item->old->kind != PDF_REFERENCE && may_be_added(item->kind) &&
        new.value->kind == PDF_DICTIONARY)
        old.value = &empty_dictionary;
    if (item->kind == WALK_ANNOTATION) {
        struct walk_item here = *item;
        here.path = path;
        annotation_step(w, &here, old.value, new.value);
    } else if (old.value->kind == PDF_DICTIONARY && new.value->kind == PDF_DICTIONARY) {
        if (new.number != old.number && old.number != 0 && new.number != 0 && walk_was_hidden(w, new.number) &&
            !walk_equal(w, item->old, item->new))
            walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_HIDDEN_OBJECT, path, item->field);
        step_dictionary(w, item, old.value, new.value, path);
    } else if (old.value->kind == PDF_DICTIONARY) { /* freed, or overwritten by something else: under the same number */
        w->hint = new.unreadable ? RFD_FINDING_CHANGE_UNREADABLE : RFD_FINDING_COUNT;
        walk_refuse(w, rule_code(item->kind), path, item->field);
    } else {
        (void)walk_require_equal(w, item->old, item->new, rule_code(item->kind), path, item->field);
    }
}

static void run(struct walk *w)
{
    while (w->status == RFD_OK && w->item_count > 0) {
        struct walk_item item = w->items[--w->item_count];
        if (!walk_spend(w, 1)) return;
        step(w, &item);
    }
}

/* ---- one pair of revisions ---- */

static void walk_dispose(struct walk *w)
{
    map_dispose(&w->seen);
    map_dispose(&w->equal);
    map_dispose(&w->unequal);
    memory_free(w->marks);
    memory_free(w->items);
    memory_free(w->widgets);
    memory_free(w->changes);
    arena_dispose(&w->scratch);
}

static void walk_all(struct walk *w)
{
    static const struct walk_path root = {0};
    graph_go(w->graph, w->revision);
    graph_mark_dirty(w->graph, w->marks, MARK_DIRTY);
    walk_push(w, (struct walk_item){pdf_trailer(&w->old), pdf_trailer(&w->new), WALK_TRAILER, &root, NULL});
    run(w);
    annotation_judge_widgets(w);
    run(w);
    rest_judge_objects(w);
    rest_judge_body(w);
    if (w->budget == 0) walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_UNREADABLE, &root, NULL);
    rest_lower_accompaniment(w);
}

rfd_status walk_revisions(struct graph *g, struct pdf_document *doc, size_t revision, struct difference *out,
                          struct rfd_error *error)
{
    rfd_status status;
    uint64_t budget = g->budget < BUDGET ? g->budget : BUDGET;
    struct walk w = {.doc = doc, .graph = g, .revision = revision, .budget = budget, .hint = RFD_FINDING_COUNT};
    w.old = pdf_view(doc, revision - 1);
    w.new = pdf_view(doc, revision);
    arena_init(&w.scratch, SCRATCH_MAXIMUM);
    w.marks = memory_zeroed((size_t)g->node_count + 1, 1);
    if (w.marks == NULL)
        walk_fail(&w, RFD_E_MEMORY);
    else
        walk_all(&w);
    slice changes = {0};
    if (w.status == RFD_OK) {
        changes = arena_copy(pdf_arena(doc), slice_of(w.changes, w.change_count * sizeof *w.changes));
        if (changes.data == NULL) walk_fail(&w, RFD_E_MEMORY);
    }
    g->budget -= budget - w.budget;
    status = w.status;
    if (status == RFD_OK)
        *out = (struct difference){(const struct change *)(const void *)changes.data, w.change_count, w.level};
    else if (error != NULL)
        *error = w.failure;
    walk_dispose(&w);
    return status;
}
