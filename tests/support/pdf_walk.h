/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reads everything that a document has: every object of every revision, every stream, the page tree. For tests and
 * fuzzers that ask only that nothing breaks.
 */
#ifndef SUPPORT_PDF_WALK_H
#define SUPPORT_PDF_WALK_H

#include "pdf/document.h"

enum { PDF_WALK_STREAM = 1 << 20, PDF_WALK_OBJECTS = 20000, PDF_WALK_PAGES = 50 };

struct pdf_walk {
    size_t objects, streams, failures, pages;
};

/** Touches every byte that a value refers to. */
static inline unsigned pdf_walk_value(const struct pdf_value *v)
{
    unsigned sum = v->raw.length > 0 ? v->raw.data[0] + (unsigned)v->raw.data[v->raw.length - 1] : 0;
    if (v->kind == PDF_STRING || v->kind == PDF_NAME)
        for (size_t i = 0; i < v->bytes.length; i++) sum += v->bytes.data[i];
    if (v->kind == PDF_ARRAY)
        for (uint32_t i = 0; i < v->count; i++) sum += pdf_walk_value(&v->items[i]);
    const struct pdf_entry *entries = pdf_entries(v);
    for (uint32_t i = 0; entries != NULL && i < v->count; i++) sum += pdf_walk_value(&entries[i].value);
    return sum;
}

static inline void pdf_walk_object(struct pdf_document *doc, size_t revision, uint32_t number, struct pdf_walk *walk)
{
    const struct pdf_value *v = NULL;
    slice data;
    walk->objects++;
    if (pdf_object(doc, revision, number, &v, NULL) != RFD_OK) {
        walk->failures++;
        return;
    }
    (void)pdf_walk_value(v);
    if (v->kind != PDF_STREAM) return;
    struct pdf_view view = pdf_view(doc, revision);
    walk->streams++;
    if (pdf_stream_data(&view, v, PDF_WALK_STREAM, &data, NULL) != RFD_OK) walk->failures++;
}

static inline struct pdf_walk pdf_walk_document(struct pdf_document *doc)
{
    struct pdf_walk walk = {0};
    for (size_t r = 0; r < pdf_revision_count(doc); r++) {
        const uint32_t *numbers = NULL;
        size_t count = 0;
        struct pdf_view view = pdf_view(doc, r);
        struct pdf_page page;
        if (pdf_revision_objects(doc, r, &numbers, &count, NULL) != RFD_OK) walk.failures++;
        for (size_t i = 0; i < count && walk.objects < PDF_WALK_OBJECTS; i++)
            pdf_walk_object(doc, r, numbers[i], &walk);
        if (pdf_page_count(&view, &walk.pages, NULL) != RFD_OK) walk.failures++;
        for (size_t i = 0; i < walk.pages && i < PDF_WALK_PAGES; i++) {
            view = pdf_view(doc, r);
            if (pdf_page(&view, i, &page, NULL) != RFD_OK) walk.failures++;
        }
    }
    (void)pdf_version(doc);
    return walk;
}

#endif
