/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking up an object in one section, and in the chain of them.
 */
#include "pdf/xref.h"

#include "base/number.h"
#include "pdf/document_internal.h"

enum {
    FEW_SECTIONS = 8,          /* up to here every section is asked */
    MENTIONS_MAXIMUM = 1 << 22 /* beyond it, too */
};

/** "nnnnnnnnnn ggggg n" and two bytes of line end (§7.5.4). */
bool xref_entry_is_exact(const uint8_t *e)
{
    unsigned other = (e[10] ^ 0x20u) | (e[16] ^ 0x20u);
    for (int i = 0; i < 10; i++) other |= (unsigned)e[i] - '0' > 9;
    for (int i = 11; i < 16; i++) other |= (unsigned)e[i] - '0' > 9;
    bool end = (e[18] == ' ' && (e[19] == '\n' || e[19] == '\r')) || (e[18] == '\r' && e[19] == '\n');
    return other == 0 && (e[17] == 'n' || e[17] == 'f') && end;
}

/* ---- looking up ---- */

static const struct xref_run *find_run(const struct xref_section *s, uint32_t number)
{
    size_t low = 0;
    size_t high = s->run_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (number - s->runs[middle].first < s->runs[middle].count) return &s->runs[middle];
        if (number < s->runs[middle].first)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void set_offset(const struct pdf_document *doc, uint64_t written, struct pdf_location *out)
{
    /* Many writers mark unused numbers as "0000000000 00000 n"; no object can stand before the header. */
    bool unused = written == 0;
    out->kind = unused ? PDF_ENTRY_FREE : PDF_ENTRY_OFFSET;
    out->offset = unused ? 0 : written + doc->shift;
}

static rfd_status read_exact_entry(struct pdf_document *doc, uint64_t at, struct pdf_location *out,
                                   struct rfd_error *error)
{
    slice e;
    uint64_t offset = 0;
    TRY(source_view(doc->source, at, XREF_ENTRY_LENGTH, &e, error));
    if (!xref_entry_is_exact(e.data)) {
        document_note(doc, PDF_ANOMALY_XREF_ENTRY_LENGTH);
        return error_set(error, RFD_E_PDF_DAMAGED, "byte %llu: a malformed cross-reference entry (§7.5.4)",
                         (unsigned long long)at);
    }
    for (int i = 0; i < 10; i++) offset = offset * 10 + (e.data[i] - '0');
    for (int i = 11; i < 16; i++) out->generation = out->generation * 10 + (uint32_t)(e.data[i] - '0');
    if (e.data[17] == 'n')
        set_offset(doc, offset, out);
    else
        out->kind = PDF_ENTRY_FREE;
    return RFD_OK;
}

static rfd_status read_binary_entry(struct pdf_document *doc, const struct xref_section *s, const uint8_t *e,
                                    struct pdf_location *out, struct rfd_error *error)
{
    uint64_t type = s->widths[0] == 0 ? 1 : number_big_endian(e, s->widths[0]);
    uint64_t second = number_big_endian(e + s->widths[0], s->widths[1]);
    uint64_t third = number_big_endian(e + s->widths[0] + s->widths[1], s->widths[2]);
    if (type > 2) return RFD_OK; /* §7.5.8.3: a reference to null */
    if ((type == 1 && second > INT64_MAX / 2) || (type == 2 && second > UINT32_MAX) || third > UINT32_MAX)
        return error_set(error, RFD_E_PDF_DAMAGED, "cross-reference at byte %llu: an impossible entry (§7.5.8.3)",
                         (unsigned long long)s->offset);
    if (type == 2) {
        out->kind = PDF_ENTRY_COMPRESSED;
        out->container = (uint32_t)second;
        out->index = (uint32_t)third;
        return RFD_OK;
    }
    out->generation = (uint32_t)third;
    out->kind = PDF_ENTRY_FREE;
    if (type == 1) set_offset(doc, second, out);
    return RFD_OK;
}

/** What one part of a section says; `listed` stays false when it says nothing. */
static rfd_status look_in(struct pdf_document *doc, const struct xref_section *s, uint32_t number,
                          struct pdf_location *out, bool *listed, struct rfd_error *error)
{
    const struct xref_run *run = find_run(s, number);
    if (run == NULL) return RFD_OK;
    *listed = true;
    uint32_t index = number - run->first;
    if (run->data == NULL) return read_exact_entry(doc, run->offset + (uint64_t)index * XREF_ENTRY_LENGTH, out, error);
    return read_binary_entry(doc, s, run->data + index * xref_entry_length(s), out, error);
}

static bool same_place(const struct pdf_location *a, const struct pdf_location *b)
{
    return a->kind == b->kind && a->offset == b->offset && a->container == b->container && a->index == b->index;
}

/** §7.5.8.4: the table first; what it hides (as free, or by silence) is in the stream. */
static rfd_status look_up(struct pdf_document *doc, const struct xref_section *s, uint32_t number,
                          struct pdf_location *out, bool *listed, struct rfd_error *error)
{
    struct pdf_location in_table = {0};
    struct pdf_location in_stream = {0};
    bool hidden = false;
    TRY(look_in(doc, s, number, &in_table, listed, error));
    if (s->hybrid != NULL) TRY(look_in(doc, s->hybrid, number, &in_stream, &hidden, error));
    bool table_uses = *listed && in_table.kind == PDF_ENTRY_OFFSET;
    if (hidden && table_uses && !same_place(&in_table, &in_stream))
        TRY(document_tolerate(doc, PDF_ANOMALY_XREF_OVERLAP, error, "object %u is in the table and in /XRefStm",
                              number));
    *out = hidden && !table_uses ? in_stream : in_table;
    *listed |= hidden;
    return RFD_OK;
}

rfd_status xref_locate(struct pdf_document *doc, uint32_t section, uint32_t number, struct pdf_location *out,
                       struct rfd_error *error)
{
    const struct xref *x = &doc->xref;
    struct pdf_location found = {0};
    bool listed = false;
    uint64_t mention = 0;
    if (x->mentions != NULL) {
        if (map_get(&x->newest, number, &mention)) {
            while (mention != 0 && x->mentions[mention - 1].section > section) mention = x->mentions[mention - 1].older;
        }
        section = mention == 0 ? 0 : x->mentions[mention - 1].section;
    }
    for (uint32_t s = section + 1; s > 0 && !listed; s--) {
        TRY(look_up(doc, x->sections[s - 1], number, &found, &listed, error));
        found.section = s - 1;
    }
    *out = listed ? found : (struct pdf_location){0};
    return RFD_OK;
}

/* ---- the chain ---- */

static size_t part_numbers(const struct xref_section *s, uint32_t *to)
{
    size_t count = 0;
    for (size_t i = 0; i < s->run_count; i++) {
        for (uint32_t j = 0; j < s->runs[i].count; j++) to[count++] = s->runs[i].first + j;
    }
    return count;
}

size_t xref_numbers(const struct xref_section *section, uint32_t *to)
{
    size_t count = part_numbers(section, to);
    return section->hybrid == NULL ? count : count + part_numbers(section->hybrid, to + count);
}

static rfd_status mention_all(struct pdf_document *doc, uint32_t section, uint32_t *numbers, uint32_t *used,
                              struct rfd_error *error)
{
    struct xref *x = &doc->xref;
    size_t count = xref_numbers(x->sections[section], numbers);
    for (size_t i = 0; i < count; i++) {
        uint64_t older = 0;
        (void)map_get(&x->newest, numbers[i], &older);
        if (older != 0 && x->mentions[older - 1].section == section) continue; /* in both parts of a hybrid */
        x->mentions[*used] = (struct xref_mention){section, (uint32_t)older};
        ++*used;
        if (map_set(&x->newest, numbers[i], *used) != RFD_OK) return error_memory(error);
    }
    return RFD_OK;
}

/** With many sections, asking each for each object would be quadratic. */
static rfd_status index_sections(struct pdf_document *doc, struct rfd_error *error)
{
    struct xref *x = &doc->xref;
    uint64_t total = 0;
    uint64_t largest = 0;
    for (uint32_t i = 1; i < x->count; i++) {
        total += x->sections[i]->entry_count;
        if (largest < x->sections[i]->entry_count) largest = x->sections[i]->entry_count;
    }
    if (x->count <= FEW_SECTIONS || total > MENTIONS_MAXIMUM) return RFD_OK;
    uint32_t used = 0;
    uint32_t *numbers = arena_zeroed(&doc->arena, (size_t)largest, sizeof *numbers);
    x->mentions = arena_zeroed(&doc->arena, (size_t)total, sizeof *x->mentions);
    if (numbers == NULL || x->mentions == NULL) return arena_failed(&doc->arena, error);
    for (uint32_t i = 1; i < x->count; i++) TRY(mention_all(doc, i, numbers, &used, error));
    return RFD_OK;
}

rfd_status xref_set(struct pdf_document *doc, struct xref_section *newest, struct rfd_error *error)
{
    struct xref *x = &doc->xref;
    uint32_t count = 0;
    for (const struct xref_section *s = newest; s != NULL; s = s->older) count++;
    x->sections = arena_zeroed(&doc->arena, count, sizeof *x->sections);
    if (x->sections == NULL) return arena_failed(&doc->arena, error);
    x->count = count;
    for (struct xref_section *s = newest; s != NULL; s = s->older) x->sections[--count] = s;
    return index_sections(doc, error);
}

void xref_dispose(struct xref *x)
{
    map_dispose(&x->newest);
}
