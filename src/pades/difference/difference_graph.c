/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who refers to whom. Every object of every revision is read once and only its references are kept, so that a document
 * of 300,000 objects costs a few bytes each; its values are parsed for good only where the walk goes.
 *
 * Nodes are object numbers, versions are what the revisions wrote under them. Edges from all versions together, turned
 * around, tell from where a changed object can be reached: more than in any one revision, which only means that a
 * little more is walked. A link back (/Parent, /P, /Pg) to a page, field or structure element is marked as such.
 */
#include "pades/difference/difference_internal.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum { ENTRIES_MAXIMUM = 20 * 1000 * 1000, DENSE_FACTOR = 4, DENSE_FREE = 65536 };
#define SCRATCH_MAXIMUM ((size_t)256 << 20)
#define BUDGET          (UINT64_C(400) * 1000 * 1000)

void graph_dispose(struct graph *g)
{
    memory_free(g->numbers);
    memory_free(g->direct);
    memory_free(g->versions);
    memory_free(g->first_version);
    memory_free(g->edges);
    memory_free(g->incoming_first);
    memory_free(g->incoming);
    memory_free(g->containers);
    memory_free(g->current);
    memory_free(g->queue);
    *g = (struct graph){0};
}

/* ---- nodes ---- */

bool graph_find(const struct graph *g, uint32_t number, uint32_t *node)
{
    if (g->direct != NULL) {
        if (number >= g->direct_size || g->direct[number] == 0) return false;
        *node = g->direct[number] - 1;
        return true;
    }
    uint32_t low = 0;
    uint32_t high = g->node_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (g->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    *node = low;
    return low < g->node_count && g->numbers[low] == number;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

struct listing {
    const uint32_t *numbers;
    size_t count;
};

static rfd_status read_listings(struct graph *g, struct listing *listings, size_t *total, struct rfd_error *error)
{
    *total = 0;
    for (size_t r = 0; r < pdf_revision_count(g->doc); r++) {
        TRY(pdf_revision_objects(g->doc, r, &listings[r].numbers, &listings[r].count, error));
        *total += listings[r].count;
        if (*total > ENTRIES_MAXIMUM)
            return error_set(error, RFD_E_LIMIT, "more than %d cross-reference entries", ENTRIES_MAXIMUM);
    }
    return RFD_OK;
}

static rfd_status number_nodes(struct graph *g, const struct listing *listings, size_t total, struct rfd_error *error)
{
    size_t used = 0;
    g->numbers = memory_zeroed(total + 1, sizeof *g->numbers);
    if (g->numbers == NULL) return error_memory(error);
    for (size_t r = 0; r < pdf_revision_count(g->doc); r++) {
        if (listings[r].count > 0)
            memcpy(g->numbers + used, listings[r].numbers, listings[r].count * sizeof *g->numbers);
        used += listings[r].count;
    }
    if (pdf_revision_count(g->doc) > 1) qsort(g->numbers, used, sizeof *g->numbers, by_number);
    for (size_t i = 0; i < used; i++) {
        if (g->node_count == 0 || g->numbers[g->node_count - 1] != g->numbers[i])
            g->numbers[g->node_count++] = g->numbers[i];
    }
    uint64_t size = g->node_count == 0 ? 0 : (uint64_t)g->numbers[g->node_count - 1] + 1;
    if (size > (uint64_t)DENSE_FACTOR * g->node_count + DENSE_FREE) return RFD_OK;
    uint32_t *direct = memory_zeroed((size_t)size + 1, sizeof *direct);
    if (direct == NULL) return error_memory(error);
    for (uint32_t i = 0; i < g->node_count; i++) direct[g->numbers[i]] = i + 1;
    g->direct = direct;
    g->direct_size = (uint32_t)size;
    return RFD_OK;
}

/* ---- versions ---- */

static bool same_place(struct pdf_location a, struct pdf_location b)
{
    if (a.kind != b.kind) return false;
    if (a.kind == PDF_ENTRY_OFFSET) return a.offset == b.offset && a.generation == b.generation;
    return a.kind != PDF_ENTRY_COMPRESSED || (a.container == b.container && a.index == b.index);
}

static void add_version(struct graph *g, uint32_t node, bool used)
{
    g->versions[g->version_count++] =
        (struct graph_version){.node = node, .older = g->current[node], .used = used, .first_edge = g->edge_count};
    g->current[node] = g->version_count;
}

/** An object stream that is written again takes its objects along, though no entry of theirs says so. */
static void add_taken_along(struct graph *g, size_t revision, uint32_t container, uint32_t begin)
{
    for (uint32_t node = 0; node < g->node_count; node++) {
        struct pdf_location at = pdf_locate(g->doc, revision, g->numbers[node]);
        if (at.kind == PDF_ENTRY_COMPRESSED && at.container == container && g->current[node] <= begin)
            add_version(g, node, true);
    }
}

static void add_versions(struct graph *g, size_t revision, const struct listing *listing)
{
    uint32_t begin = g->version_count;
    for (size_t i = 0; i < listing->count; i++) {
        uint32_t node;
        struct pdf_location at = pdf_locate(g->doc, revision, listing->numbers[i]);
        if (!graph_find(g, listing->numbers[i], &node)) continue;
        if (revision > 0 && same_place(at, pdf_locate(g->doc, revision - 1, listing->numbers[i]))) continue;
        add_version(g, node, at.kind == PDF_ENTRY_OFFSET || at.kind == PDF_ENTRY_COMPRESSED);
    }
    uint32_t listed = g->version_count;
    for (uint32_t v = begin; v < listed; v++) {
        if (g->containers[g->versions[v].node]) add_taken_along(g, revision, g->numbers[g->versions[v].node], begin);
    }
}

/** A version more than entries: objects taken along by their stream come in addition, at most once a revision each. */
static rfd_status reserve_versions(struct graph *g, size_t extra, struct rfd_error *error)
{
    struct graph_version *bigger = memory_resize(g->versions, (g->version_count + extra + 1) * sizeof *bigger);
    if (bigger == NULL) return error_memory(error);
    g->versions = bigger;
    return RFD_OK;
}

static rfd_status read_versions(struct graph *g, const struct listing *listings, struct rfd_error *error)
{
    struct arena scratch;
    rfd_status status = RFD_OK;
    bool any_container = false;
    arena_init(&scratch, SCRATCH_MAXIMUM);
    if (arena_allocate(&scratch, 1) == NULL) TRY_OUT(arena_failed(&scratch, error)); /* keeps the first block */
    for (size_t r = 0; r < pdf_revision_count(g->doc); r++) {
        g->first_version[r] = g->version_count;
        for (uint32_t i = 0; r > 0 && !any_container && i < g->node_count; i++) any_container = g->containers[i] != 0;
        TRY_OUT(reserve_versions(g, listings[r].count + (any_container ? g->node_count : 0), error));
        add_versions(g, r, &listings[r]);
        TRY_OUT(graph_scan(g, r, &scratch, error));
    }
    g->first_version[pdf_revision_count(g->doc)] = g->version_count;
out:
    arena_dispose(&scratch);
    return status;
}

static rfd_status turn_around(struct graph *g, struct rfd_error *error)
{
    g->incoming_first = memory_zeroed((size_t)g->node_count + 2, sizeof *g->incoming_first);
    g->incoming = memory_zeroed((size_t)g->edge_count + 1, sizeof *g->incoming);
    if (g->incoming_first == NULL || g->incoming == NULL) return error_memory(error);
    for (uint32_t e = 0; e < g->edge_count; e++) g->incoming_first[(g->edges[e] >> 1) + 2]++;
    for (uint32_t n = 0; n < g->node_count; n++) g->incoming_first[n + 2] += g->incoming_first[n + 1];
    for (uint32_t v = 0; v < g->version_count; v++) {
        const struct graph_version *version = &g->versions[v];
        for (uint32_t e = 0; e < version->edge_count; e++) {
            uint32_t edge = g->edges[version->first_edge + e];
            g->incoming[g->incoming_first[(edge >> 1) + 1]++] = version->node << 1 | (edge & 1);
        }
    }
    return RFD_OK;
}

rfd_status graph_build(struct graph *g, struct pdf_document *doc, struct rfd_error *error)
{
    size_t revisions = pdf_revision_count(doc);
    size_t total;
    rfd_status status;
    *g = (struct graph){.doc = doc, .budget = BUDGET};
    struct listing *listings = memory_zeroed(revisions, sizeof *listings);
    if (listings == NULL) return error_memory(error);
    TRY_OUT(read_listings(g, listings, &total, error));
    TRY_OUT(number_nodes(g, listings, total, error));
    g->first_version = memory_zeroed(revisions + 1, sizeof *g->first_version);
    g->containers = memory_zeroed((size_t)g->node_count + 1, 1);
    g->current = memory_zeroed((size_t)g->node_count + 1, sizeof *g->current);
    g->queue = memory_zeroed((size_t)g->node_count + 1, sizeof *g->queue);
    if (g->first_version == NULL || g->containers == NULL || g->current == NULL || g->queue == NULL)
        TRY_OUT(error_memory(error));
    TRY_OUT(read_versions(g, listings, error));
    TRY_OUT(turn_around(g, error));
    g->at = revisions - 1;
out:
    memory_free(listings);
    if (status != RFD_OK) graph_dispose(g);
    return status;
}

/* ---- questions ---- */

bool graph_is_used_outside_fields(const struct graph *g, uint32_t node)
{
    for (uint32_t i = g->incoming_first[node]; i < g->incoming_first[node + 1]; i++) {
        const struct graph_version *before = graph_before(g, g->incoming[i] >> 1);
        if (before == NULL || before->kind == GRAPH_FIELD) continue;
        for (uint32_t e = 0; e < before->edge_count; e++) {
            if (g->edges[before->first_edge + e] >> 1 == node) return true;
        }
    }
    return false;
}

void graph_go(struct graph *g, size_t revision)
{
    size_t from = g->at + 1;
    if (revision < g->at) {
        memset(g->current, 0, (size_t)g->node_count * sizeof *g->current);
        from = 0;
    }
    for (size_t r = from; r <= revision; r++) {
        for (uint32_t v = g->first_version[r]; v < g->first_version[r + 1]; v++)
            g->current[g->versions[v].node] = v + 1;
    }
    g->at = revision;
}

const struct graph_version *graph_before(const struct graph *g, uint32_t node)
{
    uint32_t version = g->current[node];
    if (version > g->first_version[g->at]) version = g->versions[version - 1].older;
    return version == 0 ? NULL : &g->versions[version - 1];
}

/** A link back to a page or the like is no way by which a change spreads, as long as it is one in the old revision. */
static bool spreads(const struct graph *g, uint32_t node, uint32_t incoming)
{
    if ((incoming & 1) == 0) return true;
    const struct graph_version *before = graph_before(g, node);
    return before == NULL || before->kind == GRAPH_PLAIN;
}

void graph_mark_dirty(struct graph *g, uint8_t *marks, uint8_t flag)
{
    uint32_t count = 0;
    for (uint32_t v = g->first_version[g->at]; v < g->first_version[g->at + 1]; v++) {
        uint32_t node = g->versions[v].node;
        if ((marks[node] & flag) == 0) g->queue[count++] = node;
        marks[node] |= flag;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = g->queue[i];
        for (uint32_t e = g->incoming_first[node]; e < g->incoming_first[node + 1]; e++) {
            uint32_t source = g->incoming[e] >> 1;
            if ((marks[source] & flag) != 0 || !spreads(g, node, g->incoming[e])) continue;
            marks[source] |= flag;
            g->queue[count++] = source;
        }
    }
}

static void start_from(struct graph *g, const struct pdf_value *v, uint8_t *marks, uint8_t flag, uint32_t *count)
{
    uint32_t node;
    if (v->kind == PDF_REFERENCE && graph_find(g, v->reference.number, &node) && (marks[node] & flag) == 0) {
        marks[node] |= flag;
        g->queue[(*count)++] = node;
    }
    for (uint32_t i = 0; v->kind == PDF_ARRAY && i < v->count; i++) start_from(g, &v->items[i], marks, flag, count);
    const struct pdf_entry *entries = pdf_entries(v);
    for (uint32_t i = 0; entries != NULL && i < v->count; i++) start_from(g, &entries[i].value, marks, flag, count);
}

static bool is_older_structure(const struct graph *g, uint32_t node)
{
    const struct graph_version *before = graph_before(g, node);
    return before != NULL && before->used && before->kind != GRAPH_PLAIN;
}

static void follow(struct graph *g, uint8_t *marks, uint8_t flag, uint32_t count, bool content)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t version = g->current[g->queue[i]];
        if (version == 0) continue;
        const struct graph_version *v = &g->versions[version - 1];
        for (uint32_t e = 0; e < v->edge_count; e++) {
            uint32_t target = g->edges[v->first_edge + e] >> 1;
            if ((marks[target] & flag) != 0 || (content && is_older_structure(g, target))) continue;
            marks[target] |= flag;
            g->queue[count++] = target;
        }
    }
}

void graph_mark_reachable(struct graph *g, const struct pdf_value *value, uint8_t *marks, uint8_t flag)
{
    uint32_t count = 0;
    start_from(g, value, marks, flag, &count);
    follow(g, marks, flag, count, false);
}

void graph_mark_content(struct graph *g, const struct pdf_value *value, uint8_t *marks, uint8_t flag)
{
    uint32_t count = 0;
    start_from(g, value, marks, flag, &count);
    follow(g, marks, flag, count, true);
}
