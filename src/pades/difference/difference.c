/* SPDX-License-Identifier: EUPL-1.2
 *
 * The analysis of one document: the graph is built when the first pair of revisions is asked for, each pair is walked
 * once.
 */
#include "pades/difference/difference.h"

#include "base/error.h"
#include "base/memory.h"
#include "pades/difference/difference_internal.h"

struct difference_context {
    struct pdf_document *doc;
    struct graph graph;
    bool built;
    bool unreadable;                 /* the graph is beyond what we read */
    const struct difference **known; /* by revision */
};

rfd_status difference_open(struct pdf_document *doc, struct difference_context **out, struct rfd_error *error)
{
    struct difference_context *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    c->doc = doc;
    c->known = memory_zeroed(pdf_revision_count(doc) + 1, sizeof(const struct difference *));
    if (c->known == NULL) {
        memory_free(c);
        return error_memory(error);
    }
    *out = c;
    return RFD_OK;
}

void difference_close(struct difference_context *c)
{
    if (c == NULL) return;
    graph_dispose(&c->graph);
    memory_free(c->known);
    memory_free(c);
}

static rfd_status build(struct difference_context *c, struct rfd_error *error)
{
    if (c->built) return RFD_OK;
    rfd_status status = graph_build(&c->graph, c->doc, error);
    if (status != RFD_OK && status != RFD_E_LIMIT && status != RFD_E_PDF_DAMAGED) return status;
    c->unreadable = status != RFD_OK;
    c->built = true;
    return RFD_OK;
}

static rfd_status unreadable(struct pdf_document *doc, size_t revision, struct difference *out, struct rfd_error *error)
{
    struct change *change = arena_zeroed(pdf_arena(doc), 1, sizeof *change);
    if (change == NULL) return arena_failed(pdf_arena(doc), error);
    *change = (struct change){
        .level = RFD_CHANGE_OTHER, .code = RFD_FINDING_CHANGE_UNREADABLE, .revision = revision, .path = ""};
    *out = (struct difference){change, 1, RFD_CHANGE_OTHER};
    return RFD_OK;
}

rfd_status difference_between(struct difference_context *c, size_t revision, const struct difference **out,
                              struct rfd_error *error)
{
    if (revision == 0 || revision >= pdf_revision_count(c->doc))
        return error_set(error, RFD_E_INTERNAL, "no difference for revision %zu", revision);
    if (c->known[revision] == NULL) {
        struct difference *d = arena_zeroed(pdf_arena(c->doc), 1, sizeof *d);
        if (d == NULL) return arena_failed(pdf_arena(c->doc), error);
        TRY(build(c, error));
        if (c->unreadable)
            TRY(unreadable(c->doc, revision, d, error));
        else
            TRY(walk_revisions(&c->graph, c->doc, revision, d, error));
        c->known[revision] = d;
    }
    *out = c->known[revision];
    return RFD_OK;
}
