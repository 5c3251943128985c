/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bytes of an incremental update that its own cross-reference does not account for: no reader that follows the
 * cross-reference sees them, one that rebuilds it does. All places that are accounted for are sorted; only white space
 * may lie between them.
 */
#include "base/memory.h"
#include "pdf/document_internal.h"

#include <stdlib.h>

struct span {
    uint64_t from, to;
};

struct spans {
    struct span *items;
    size_t count;
};

static int by_start(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static bool only_space(struct pdf_document *doc, uint64_t from, uint64_t to)
{
    struct lexer l;
    lexer_at(&l, doc->source, from, &doc->arena);
    while (l.position < to && lexer_is_space(lexer_peek(&l))) l.position++;
    return l.position >= to;
}

static rfd_status add_objects(struct pdf_document *doc, size_t revision, const uint32_t *numbers, size_t count,
                              struct spans *spans, struct rfd_error *error)
{
    uint64_t begin = doc->revisions[revision - 1].end;
    for (size_t i = 0; i < count; i++) {
        struct pdf_location at;
        const struct loaded *o;
        TRY(xref_locate(doc, doc->newest_section[revision], numbers[i], &at, error));
        if (at.kind != PDF_ENTRY_OFFSET || at.offset < begin) continue;
        TRY(load_at(doc, revision, at.offset, &o, error));
        spans->items[spans->count++] = (struct span){at.offset, o->end};
    }
    return RFD_OK;
}

/** The sections, and from the last of them to the %%EOF. */
static void add_sections(const struct pdf_document *doc, size_t revision, struct spans *spans)
{
    uint64_t last = 0;
    for (uint32_t i = doc->newest_section[revision - 1] + 1; i <= doc->newest_section[revision]; i++) {
        const struct xref_section *s = doc->xref.sections[i];
        spans->items[spans->count++] = (struct span){s->offset, s->end};
        if (s->hybrid != NULL) spans->items[spans->count++] = (struct span){s->hybrid->offset, s->hybrid->end};
        if (last < s->end) last = s->end;
    }
    spans->items[spans->count++] = (struct span){last, doc->revisions[revision].end};
}

static rfd_status find_gap(struct pdf_document *doc, size_t revision, struct spans *spans, bool *found,
                           struct rfd_error *error)
{
    const uint32_t *numbers;
    size_t count = 0;
    uint64_t at = doc->revisions[revision - 1].end;
    size_t sections = doc->newest_section[revision] - doc->newest_section[revision - 1];
    TRY(pdf_revision_objects(doc, revision, &numbers, &count, error));
    spans->items = memory_zeroed(count + 2 * sections + 1, sizeof *spans->items);
    if (spans->items == NULL) return error_memory(error);
    TRY(add_objects(doc, revision, numbers, count, spans, error));
    add_sections(doc, revision, spans);
    qsort(spans->items, spans->count, sizeof *spans->items, by_start);
    for (size_t i = 0; i < spans->count && !*found; i++) {
        *found = spans->items[i].from > at && !only_space(doc, at, spans->items[i].from);
        if (at < spans->items[i].to) at = spans->items[i].to;
    }
    return RFD_OK;
}

rfd_status pdf_find_gap(struct pdf_document *doc, size_t revision, bool *out, struct rfd_error *error)
{
    struct spans spans = {0};
    bool found = false;
    if (revision == 0) {
        *out = false;
        return RFD_OK;
    }
    rfd_status status = find_gap(doc, revision, &spans, &found, error);
    memory_free(spans.items);
    if (status != RFD_OK) return status;
    if (found) document_note(doc, PDF_ANOMALY_GAP);
    *out = found;
    return RFD_OK;
}
