/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/visible_pages.h"

#include "base/error.h"
#include "base/map.h"
#include "base/number.h"
#include "pades/appearance/content_depth.h"
#include "pades/update_text.h"
#include "print/canvas.h"

enum { NAME_SIZE = 32, CONTENT_MAXIMUM = 64 * 1024, PARENTS_MAXIMUM = 512 };

struct pages {
    struct sign_run *run;
    struct pdf_update *update;
    struct pdf_reference form;
    struct pdf_matrix turn; /* of the form */
    double width;           /* of the form */
    struct map written;     /* pages by object number: a page may be listed twice */
    struct rfd_error *error;
};

/** The matrix before the form's own that puts it where `spot` says: inverse of the form's turn, then the page's. */
static struct pdf_matrix matrix_for(const struct pages *p, const struct place_spot *spot)
{
    struct pdf_matrix back = {p->turn.a, p->turn.c, p->turn.b, p->turn.d, 0, 0};
    struct pdf_matrix user = pdf_geometry_to_user(&spot->geometry);
    double scale = (spot->seen.right - spot->seen.left) / p->width;
    struct pdf_matrix there = {scale, 0, 0, scale, spot->seen.left, spot->seen.bottom};
    struct pdf_matrix placed = pdf_matrix_multiply(&there, &user);
    return pdf_matrix_multiply(&back, &placed);
}

static struct pdf_reference write_stream(const struct pages *p, const struct buf *content)
{
    struct pdf_reference object = pdf_update_new(p->update);
    pdf_update_stream(p->update, object, "", buf_slice(content), false);
    return object;
}

static void put_often(struct buf *b, const char *operator, unsigned count)
{
    for (unsigned i = 0; i < count; i++) buf_put_text(b, operator);
}

/** The streams before and after the page's own. */
static rfd_status write_streams(const struct pages *p, const struct place_spot *spot, const char *name,
                                struct pdf_reference around[2])
{
    struct content_depth depth;
    struct buf b;
    const struct pdf_value *contents = pdf_entry_of(spot->page.dictionary, "Contents");
    struct pdf_matrix m = matrix_for(p, spot);
    const double numbers[] = {m.a, m.b, m.c, m.d, m.e, m.f};
    TRY(content_depth_of_page(&p->run->view, contents, &depth, p->error));
    buf_init(&b, CONTENT_MAXIMUM);
    put_often(&b, "q\n", depth.missing + 1);
    rfd_status status = RFD_OK;
    TRY_OUT(buf_check(&b, "page content", p->error));
    around[0] = write_stream(p, &b);
    buf_reset(&b);
    buf_put_byte(&b, '\n');
    put_often(&b, "Q\n", depth.left + 1);
    buf_put_text(&b, "/Artifact BMC\nq\n");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        canvas_put_number(&b, numbers[i]);
        buf_put_byte(&b, ' ');
    }
    buf_print(&b, "cm\n/%s Do\nQ\nEMC\n", name);
    TRY_OUT(buf_check(&b, "page content", p->error));
    around[1] = write_stream(p, &b);
out:
    buf_dispose(&b);
    return status;
}

/** The object that a value was read from: the end of the references from `value`, or `owner` of a direct one. */
static struct pdf_reference owner_of(struct pdf_view *view, const struct pdf_value *value, struct pdf_reference owner)
{
    for (int i = 0; i < PARENTS_MAXIMUM && value->kind == PDF_REFERENCE; i++) {
        owner = value->reference;
        if (pdf_object(view->doc, view->revision, owner.number, &value, NULL) != RFD_OK) break;
    }
    return owner;
}

/** The object that holds a page's resources: the page, a node above it, or one of their own. */
static struct pdf_reference owner_of_resources(struct pdf_view *view, const struct pdf_page *page)
{
    const struct pdf_value *node = page->dictionary;
    struct pdf_reference owner = page->reference;
    for (int i = 0; i < PARENTS_MAXIMUM && pdf_entry_of(node, "Resources")->kind == PDF_NULL; i++) {
        owner = owner_of(view, pdf_entry_of(node, "Parent"), owner);
        node = pdf_get(view, node, "Parent");
    }
    return owner_of(view, pdf_entry_of(node, "Resources"), owner);
}

/** "RfdStamp" with a number above all that are there: one pass, however many there are. */
static void choose_name(const struct pdf_value *objects, char name[NAME_SIZE])
{
    static const char stem[] = "RfdStamp";
    uint64_t next = 0;
    const struct pdf_entry *entries = pdf_entries(objects);
    for (uint32_t i = 0; entries != NULL && i < objects->count; i++) {
        uint64_t number = 0;
        if (!slice_starts(entries[i].key, slice_text(stem))) continue;
        slice rest = slice_from(entries[i].key, sizeof stem - 1);
        bool ours = rest.length == 0 || number_unsigned(rest, UINT32_MAX, &number);
        if (ours && number >= next) next = number + 1;
    }
    if (next == 0)
        (void)snprintf(name, NAME_SIZE, "%s", stem);
    else
        (void)snprintf(name, NAME_SIZE, "%s%llu", stem, (unsigned long long)next);
}

/** The resources with the form among them, for the open object. */
static rfd_status put_resources(const struct pages *p, const struct pdf_page *page, const char *name, slice *out)
{
    struct pdf_view *view = &p->run->view;
    struct arena *arena = pdf_arena(view->doc);
    struct buf *b = pdf_update_buffer(p->update);
    size_t from = b->length;
    struct pdf_reference owner = owner_of_resources(view, page);
    const struct pdf_value *objects = pdf_get(view, page->resources, "XObject");
    struct pdf_change form = {.key = name};
    pdf_put_reference(b, p->form);
    TRY(update_text_capture(p->update, arena, from, &form.value, p->error));
    struct pdf_change change = {.key = "XObject"};
    struct pdf_reference inner = owner_of(view, pdf_entry_of(page->resources, "XObject"), owner);
    pdf_update_dictionary(p->update, objects->kind == PDF_DICTIONARY ? objects : &pdf_null, inner, &form, 1);
    TRY(update_text_capture(p->update, arena, from, &change.value, p->error));
    pdf_update_dictionary(p->update, page->resources, owner, &change, 1);
    return update_text_capture(p->update, arena, from, out, p->error);
}

static rfd_status put_contents(const struct pages *p, const struct pdf_page *page, const struct pdf_reference around[2],
                               slice *out)
{
    struct buf *b = pdf_update_buffer(p->update);
    size_t from = b->length;
    const struct pdf_value *entry = pdf_entry_of(page->dictionary, "Contents");
    const struct pdf_value *contents = pdf_resolve(&p->run->view, entry);
    buf_put_byte(b, '[');
    pdf_put_reference(b, around[0]);
    for (uint32_t i = 0; contents->kind == PDF_ARRAY && i < contents->count; i++) {
        if (contents->items[i].kind != PDF_REFERENCE) continue;
        buf_put_byte(b, ' ');
        pdf_put_reference(b, contents->items[i].reference);
    }
    if (contents->kind == PDF_STREAM && entry->kind == PDF_REFERENCE) {
        buf_put_byte(b, ' ');
        pdf_put_reference(b, entry->reference);
    }
    buf_put_byte(b, ' ');
    pdf_put_reference(b, around[1]);
    buf_put_byte(b, ']');
    return update_text_capture(p->update, pdf_arena(p->run->doc), from, out, p->error);
}

static rfd_status write_page(struct pages *p, const struct place_spot *spot)
{
    char name[NAME_SIZE];
    struct pdf_reference around[2];
    struct pdf_change changes[] = {{.key = "Contents"}, {.key = "Resources"}};
    struct pdf_view *view = &p->run->view;
    const struct pdf_page *page = &spot->page;
    if (page->reference.number == 0)
        return error_set(p->error, RFD_E_PDF_DAMAGED, "page %zu is not an indirect object (ISO 32000-2 §7.7.3.2)",
                         spot->index + 1);
    if (map_has(&p->written, page->reference.number)) return RFD_OK;
    if (map_set(&p->written, page->reference.number, 1) != RFD_OK) return error_memory(p->error);
    choose_name(pdf_get(view, page->resources, "XObject"), name);
    TRY(write_streams(p, spot, name, around));
    (void)pdf_update_object(p->update, page->reference);
    TRY(put_contents(p, page, around, &changes[0].value));
    TRY(put_resources(p, page, name, &changes[1].value));
    pdf_update_dictionary(p->update, page->dictionary, page->reference, changes, sizeof changes / sizeof *changes);
    pdf_update_end(p->update);
    return pdf_view_status(view, p->error);
}

rfd_status visible_pages_write(struct sign_run *run, struct pdf_update *update, struct pdf_reference form,
                               struct pdf_matrix turn, double width, struct rfd_error *error)
{
    struct pages p = {.run = run, .update = update, .form = form, .turn = turn, .width = width, .error = error};
    const struct visible *v = run->visible;
    size_t count = 0;
    rfd_status status = RFD_OK;
    TRY_OUT(pdf_page_count(&run->view, &count, error));
    if (map_set(&p.written, v->spot.page.reference.number, 1) != RFD_OK) status = error_memory(error);
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        struct place_spot spot;
        if (i == v->spot.index) continue;
        TRY_OUT(place_again(&run->view, &v->wish, &v->spot, i, &spot, error));
        status = write_page(&p, &spot);
    }
out:
    map_dispose(&p.written);
    return status;
}
