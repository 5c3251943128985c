/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/page_text.h"

#include "base/memory.h"
#include "pdf/page_text_reader.h"

enum {
    TEXT_MAXIMUM = 32 << 20,
    CHARACTERS_MAXIMUM = 1 << 20,
    BOXES_MAXIMUM = 1 << 18,
    ACTUAL_MAXIMUM = 1 << 16,
    OPERANDS = 6
};

void page_text_fail(struct page_reader *r, rfd_status status)
{
    if (r->status == RFD_OK) r->status = status;
}

const struct pdf_value *page_text_resource(struct page_reader *r, const char *category, const struct pdf_value *name)
{
    if (name->kind != PDF_NAME) return &pdf_null;
    const struct pdf_value *all = page_work_get(&r->work, r->resources, slice_text(category));
    const struct pdf_value *found = page_work_get(&r->work, all, name->bytes);
    rfd_status status = page_work_settle(&r->work, r->error);
    if (status != RFD_OK) page_text_fail(r, status);
    return found;
}

static bool is_named(const struct page_operator *row, const char name[4])
{
    return memcmp(row->name, name, 4) == 0;
}

static const struct page_operator *search_operator(const char padded[4])
{
    static const struct page_operator *const tables[] = {page_text_show_operators, page_text_path_operators,
                                                         page_text_state_operators, page_text_form_operators};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (const struct page_operator *row = tables[i]; row->name[0] != '\0'; row++) {
            if (is_named(row, padded)) return row;
        }
    }
    return NULL;
}

/** Operators come again and again: the reader remembers those that it met. */
static const struct page_operator *find_operator(struct page_reader *r, slice name)
{
    char padded[4] = {0};
    uint32_t number;
    if (name.length == 0 || name.length >= sizeof padded) return NULL;
    memcpy(padded, name.data, name.length);
    memcpy(&number, padded, sizeof number);
    const struct page_operator **known = &r->known[number * UINT32_C(2654435769) >> (32 - PAGE_TEXT_KNOWN_BITS)];
    if (*known == NULL || !is_named(*known, padded)) *known = search_operator(padded);
    return *known;
}

static void perform(struct page_reader *r, const struct content_operation *o)
{
    const struct page_operator *row = find_operator(r, o->name);
    double n[OPERANDS];
    if (row == NULL || o->count < row->numbers) return;
    for (size_t i = 0; i < row->numbers; i++) {
        if (!pdf_number(&o->operands[o->count - row->numbers + i], &n[i])) return;
    }
    row->perform(r, n, o);
}

void page_text_run(struct page_reader *r, slice bytes)
{
    struct content content;
    struct content_operation o;
    content_init(&content, bytes);
    while (r->status == RFD_OK && page_work_spend(&r->work, 1) && content_next(&content, &o)) perform(r, &o);
    if (content.status != RFD_OK) page_text_fail(r, error_memory(r->error));
    if (content.damaged) r->work.complete = false;
    content_dispose(&content);
}

/** §7.8.2: the streams of an array are one, divided between tokens. */
static rfd_status join_streams(struct page_work *w, const struct pdf_value *array, struct buf *joined,
                               struct rfd_error *error)
{
    for (uint32_t i = 0; i < array->count; i++) {
        slice part;
        if (!page_work_spend(w, 1)) return RFD_OK;
        TRY(page_work_stream(w, pdf_item(&w->view, array, i), &part, error));
        if (i > 0) buf_put_byte(joined, '\n');
        buf_put_slice(joined, part);
    }
    return buf_check(joined, "a page's content", error);
}

static rfd_status read_contents(struct page_reader *r, const struct pdf_page *page)
{
    const struct pdf_value *contents = pdf_get(&r->work.view, page->dictionary, "Contents");
    struct buf joined;
    rfd_status status = RFD_OK;
    slice bytes = SLICE_EMPTY;
    buf_init(&joined, SIZE_MAX / 2);
    if (contents->kind == PDF_ARRAY) {
        TRY_OUT(join_streams(&r->work, contents, &joined, r->error));
        bytes = buf_slice(&joined);
    } else if (contents->kind != PDF_NULL) {
        TRY_OUT(page_work_stream(&r->work, contents, &bytes, r->error));
    }
    TRY_OUT(page_work_settle(&r->work, r->error));
    page_text_run(r, bytes);
    status = r->status;
out:
    buf_dispose(&joined);
    return status;
}

/** Moves a buffer's bytes to the document's arena. A buffer that reached its maximum is as good as any. */
static rfd_status keep(struct page_reader *r, const struct buf *b, slice *out)
{
    struct arena *arena = pdf_arena(r->work.view.doc);
    if (buf_status(b) == RFD_E_MEMORY) return error_memory(r->error);
    if (buf_status(b) != RFD_OK) r->work.complete = false;
    *out = arena_copy(arena, buf_slice(b));
    return out->data == NULL ? arena_failed(arena, r->error) : RFD_OK;
}

static rfd_status hand_out(struct page_reader *r, struct pdf_page_text *out)
{
    slice text, characters, boxes;
    TRY(keep(r, &r->text, &text));
    TRY(keep(r, &r->characters, &characters));
    TRY(keep(r, &r->boxes, &boxes));
    *out = (struct pdf_page_text){
        .text = text,
        .characters = (const struct pdf_character *)(const void *)characters.data,
        .character_count = characters.length / sizeof(struct pdf_character),
        .boxes = (const struct pdf_box *)(const void *)boxes.data,
        .box_count = boxes.length / sizeof(struct pdf_box),
        .complete = r->work.complete,
    };
    return RFD_OK;
}

static void begin(struct page_reader *r, struct pdf_view *view, const struct pdf_page *page, struct rfd_error *error)
{
    *r = (struct page_reader){.error = error, .resources = page->resources, .status = RFD_OK};
    page_work_begin(&r->work, view);
    r->page = pdf_geometry(&r->work.view, page).box;
    r->state = (struct page_state){
        .ctm = PDF_MATRIX_IDENTITY, .clip = r->page, .line_width = 1, .scale = 1, .fill = {PAGE_GRAY, false}};
    r->text_matrix = r->line_matrix = PDF_MATRIX_IDENTITY;
    buf_init(&r->text, TEXT_MAXIMUM);
    buf_init(&r->characters, CHARACTERS_MAXIMUM * sizeof(struct pdf_character));
    buf_init(&r->boxes, BOXES_MAXIMUM * sizeof(struct pdf_box));
    buf_init(&r->actual.text, ACTUAL_MAXIMUM);
}

static void finish(struct page_reader *r)
{
    page_work_end(&r->work);
    memory_free(r->saved);
    map_dispose(&r->fonts);
    map_dispose(&r->streams);
    buf_dispose(&r->text);
    buf_dispose(&r->characters);
    buf_dispose(&r->boxes);
    buf_dispose(&r->actual.text);
}

rfd_status pdf_page_text(struct pdf_view *view, const struct pdf_page *page, struct pdf_page_text *out,
                         struct rfd_error *error)
{
    struct page_reader r;
    struct pdf_page_text result;
    rfd_status status = pdf_view_status(view, error);
    if (status != RFD_OK) return status;
    begin(&r, view, page, error);
    status = read_contents(&r, page);
    if (status == RFD_OK) status = hand_out(&r, &result);
    if (status == RFD_OK) *out = result;
    finish(&r);
    return status;
}
