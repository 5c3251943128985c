/* SPDX-License-Identifier: EUPL-1.2
 *
 * After the walk: every object that the revision wrote is looked at once more. What was written again without a
 * change, what nothing uses, what comes out of signed bytes, and what the new revision uses although the walk never
 * met it.
 */
#include "pades/difference/difference_internal.h"

static bool is_container(const struct pdf_value *v)
{
    const struct pdf_value *type = pdf_entry_of(v, "Type");
    return v->kind == PDF_STREAM && (pdf_is_name(type, "XRef") || pdf_is_name(type, "ObjStm"));
}

static uint64_t offset_of(const struct walk *w, uint32_t number)
{
    struct pdf_location at = pdf_locate(w->doc, w->revision, number);
    if (at.kind == PDF_ENTRY_COMPRESSED) at = pdf_locate(w->doc, w->revision, at.container);
    return at.kind == PDF_ENTRY_OFFSET ? at.offset : UINT64_MAX;
}

/** An entry that points into bytes of an earlier revision takes out what was hidden there. */
static bool points_back(const struct walk *w, uint32_t number)
{
    return offset_of(w, number) < pdf_revision(w->doc, w->revision - 1)->end;
}

static void judge_changed(struct walk *w, const struct graph_version *version)
{
    uint32_t number = w->graph->numbers[version->node];
    struct walk_path root = {0};
    struct walk_path path = {.up = &root, .key = SLICE("object"), .object = number};
    const struct pdf_value *value;
    const struct pdf_value *before;
    bool was_there = walk_was_there(w, number);
    bool readable = pdf_object(w->doc, w->revision, number, &value, NULL) == RFD_OK;
    if (pdf_object(w->doc, w->revision - 1, number, &before, NULL) != RFD_OK) before = &pdf_null;
    if (!version->used) value = &pdf_null;
    bool visited = walk_marked(w, number, MARK_VISITED | MARK_ACCEPTED);
    if (version->twofold) walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_UNREADABLE, &path, NULL);
    if (readable && was_there && version->used && walk_equal(w, before, value)) {
        if (!is_container(value)) walk_report(w, RFD_CHANGE_NONE, RFD_FINDING_CHANGE_IDENTICAL, &path, NULL);
        return;
    }
    w->hint = RFD_FINDING_COUNT;
    if (readable && version->used && points_back(w, number)) {
        walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_HIDDEN_OBJECT, &path, NULL);
    } else if (!walk_is_reachable(w, number)) {
        if (readable && version->used && !is_container(value))
            walk_report(w, RFD_CHANGE_NONE, RFD_FINDING_CHANGE_UNREFERENCED, &path, NULL);
    } else if (!readable) {
        walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_UNREADABLE, &path, NULL);
    } else if (was_there && version->used && walk_was_hidden(w, number)) {
        walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_HIDDEN_OBJECT, &path, NULL);
    } else if (!visited) {
        walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_CHANGE_OTHER, &path, NULL);
    }
}

void rest_judge_objects(struct walk *w)
{
    const struct graph *g = w->graph;
    for (uint32_t v = g->first_version[w->revision]; v < g->first_version[w->revision + 1]; v++) {
        if (w->status != RFD_OK || w->budget == 0) return;
        judge_changed(w, &g->versions[v]);
    }
}

void rest_judge_body(struct walk *w)
{
    uint64_t extra;
    struct walk_path root = {0};
    rfd_status status = body_check(w->doc, w->graph, w->revision, &extra, &w->failure);
    struct walk_path path = {.up = &root, .key = SLICE("bytes")};
    if (status == RFD_OK && extra == 0) return;
    walk_fail(w, status);
    walk_report(w, RFD_CHANGE_OTHER, RFD_FINDING_TRAILING_BYTES, &path, NULL);
}

/** What only accompanies a document time stamp (its structure element, its entry in /Tabs) is no more than that. */
void rest_lower_accompaniment(struct walk *w)
{
    bool timestamp = false;
    if (w->level != RFD_CHANGE_FORM) return;
    for (size_t i = 0; i < w->change_count; i++) {
        const struct change *c = &w->changes[i];
        timestamp |= c->code == RFD_FINDING_CHANGE_DOCUMENT_TIMESTAMP;
        if (c->level == RFD_CHANGE_FORM && !c->accompanies) return;
    }
    if (!timestamp) return;
    for (size_t i = 0; i < w->change_count; i++) {
        if (w->changes[i].level == RFD_CHANGE_FORM) w->changes[i].level = RFD_CHANGE_LTA;
    }
    w->level = RFD_CHANGE_LTA;
}
