/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/place.h"

#include "base/error.h"
#include "base/text.h"
#include "pades/appearance/slot.h"
#include "pdf/page_text.h"

#include <math.h>

enum { MARKER_MAXIMUM = 1000 };
/* ISO 32000-2 §12.5.3 table 167 */
enum { FLAG_HIDDEN = 2, FLAG_NO_VIEW = 32 };
static const double millimetre = 72 / 25.4;
static const double margin_default = 10, margin_of_strips = 5, gap = 2; /* millimetres */

rfd_status place_read(const struct rfd_place *given, struct rfd_place *out, struct rfd_error *error)
{
    struct rfd_place p = RFD_PLACE_INIT;
    if (given != NULL) {
        if (given->size < sizeof given->size || given->size > sizeof p)
            return error_set(error, RFD_E_ARGUMENT, "place not initialised with RFD_PLACE_INIT");
        memcpy(&p, given, given->size);
    }
    if ((unsigned)p.kind > RFD_PLACE_MARKER || (unsigned)p.anchor > RFD_ANCHOR_BOTTOM_RIGHT)
        return error_set(error, RFD_E_ARGUMENT, "kind of place %d, anchor %d", (int)p.kind, (int)p.anchor);
    if (p.page < -1) return error_set(error, RFD_E_ARGUMENT, "page %d", p.page);
    if (!isfinite(p.x) || !isfinite(p.y) || !isfinite(p.margin) || p.margin < 0)
        return error_set(error, RFD_E_ARGUMENT, "x, y and margin are millimetres");
    if (p.kind == RFD_PLACE_MARKER && (p.marker == NULL || *p.marker == '\0' || strlen(p.marker) > MARKER_MAXIMUM ||
                                       !text_is_utf8(slice_text(p.marker))))
        return error_set(error, RFD_E_ARGUMENT, "a marker is 1 to %d bytes of UTF-8", MARKER_MAXIMUM);
    *out = p;
    return RFD_OK;
}

static double margin_of(const struct place_wish *wish)
{
    double mm = wish->place->margin > 0 ? wish->place->margin : wish->strip ? margin_of_strips : margin_default;
    return mm * millimetre;
}

/* ---- what is on a page ---- */

struct taken {
    struct pdf_box box; /* as seen */
    bool stamp;         /* a field's widget or a stamp, signed or not */
};
struct taken_list {
    struct taken *items;
    size_t count;
};

static rfd_status read_taken(struct pdf_view *view, const struct place_spot *spot, struct taken_list *out,
                             struct rfd_error *error)
{
    const struct pdf_value *annotations = pdf_get(view, spot->page.dictionary, "Annots");
    size_t count = annotations->kind == PDF_ARRAY ? annotations->count : 0;
    struct taken *items = arena_zeroed(pdf_arena(view->doc), count + 1, sizeof *items);
    if (items == NULL) return arena_failed(pdf_arena(view->doc), error);
    *out = (struct taken_list){.items = items};
    for (size_t i = 0; i < count; i++) {
        const struct pdf_value *annotation = pdf_item(view, annotations, i);
        const struct pdf_value *subtype = pdf_get(view, annotation, "Subtype");
        struct pdf_box box;
        int64_t flags = 0;
        (void)pdf_integer(pdf_get(view, annotation, "F"), &flags);
        if (pdf_is_name(subtype, "Popup") || (flags & (FLAG_HIDDEN | FLAG_NO_VIEW)) != 0) continue;
        if (!pdf_box_read(view, pdf_get(view, annotation, "Rect"), &box)) continue;
        if (box.right <= box.left || box.top <= box.bottom) continue;
        items[out->count++] = (struct taken){pdf_geometry_box_to_seen(&spot->geometry, box),
                                             pdf_is_name(subtype, "Widget") || pdf_is_name(subtype, "Stamp")};
    }
    return pdf_view_status(view, error);
}

static bool meets_stamp(const struct taken_list *list, struct pdf_box box)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].stamp && slot_overlap(list->items[i].box, box)) return true;
    }
    return false;
}

/** How empty a place has to be. */
enum emptiness { NOTHING_THERE, NO_ANNOTATION, NO_STAMP };

static rfd_status make_grid(struct pdf_view *view, const struct place_spot *spot, const struct taken_list *list,
                            enum emptiness emptiness, struct slot_grid **out, struct rfd_error *error)
{
    struct pdf_page_text text = {0};
    struct slot_grid *g = NULL;
    if (emptiness == NOTHING_THERE) TRY(pdf_page_text(view, &spot->page, &text, error));
    TRY(slot_grid_new(spot->geometry.width, spot->geometry.height, &g, error));
    for (size_t i = 0; i < list->count; i++) {
        if (emptiness != NO_STAMP || list->items[i].stamp) slot_grid_take(g, list->items[i].box, gap * millimetre);
    }
    for (size_t i = 0; i < text.character_count; i++)
        slot_grid_take(g, pdf_geometry_box_to_seen(&spot->geometry, text.characters[i].box), gap * millimetre);
    for (size_t i = 0; i < text.box_count; i++)
        slot_grid_take(g, pdf_geometry_box_to_seen(&spot->geometry, text.boxes[i]), gap * millimetre);
    slot_grid_close(g);
    *out = g;
    return RFD_OK;
}

/* ---- the kinds of places ---- */

static struct pdf_box page_box(const struct place_spot *spot)
{
    return (struct pdf_box){0, 0, spot->geometry.width, spot->geometry.height};
}

/** Inside the margins; along a side where the stamp needs them, inside the page. */
static struct pdf_box area_of(const struct place_wish *wish, const struct place_spot *spot, double height)
{
    double margin = margin_of(wish);
    double across = wish->width + 2 * margin > spot->geometry.width ? 0 : margin;
    double along = height + 2 * margin > spot->geometry.height ? 0 : margin;
    return (struct pdf_box){across, along, spot->geometry.width - across, spot->geometry.height - along};
}

static rfd_status outside(const struct place_spot *spot, double width, double height, struct rfd_error *error)
{
    return error_set(error, RFD_E_STAMP_OUTSIDE, "page %zu is %.0f x %.0f mm, the stamp %.0f x %.0f mm",
                     spot->index + 1, spot->geometry.width / millimetre, spot->geometry.height / millimetre,
                     width / millimetre, height / millimetre);
}

/** Moves a box onto the page; false when it is larger. */
static bool push_inside(struct pdf_box *box, struct pdf_box area)
{
    if (box->left < area.left)
        *box = (struct pdf_box){area.left, box->bottom, area.left + box->right - box->left, box->top};
    if (box->right > area.right)
        *box = (struct pdf_box){area.right - (box->right - box->left), box->bottom, area.right, box->top};
    if (box->bottom < area.bottom)
        *box = (struct pdf_box){box->left, area.bottom, box->right, area.bottom + box->top - box->bottom};
    if (box->top > area.top)
        *box = (struct pdf_box){box->left, area.top - (box->top - box->bottom), box->right, area.top};
    return slot_inside(*box, area);
}

static struct pdf_box position_box(const struct place_wish *wish, const struct place_spot *spot, double height)
{
    double x = wish->place->x * millimetre;
    double top = spot->geometry.height - wish->place->y * millimetre;
    return (struct pdf_box){x, top - height, x + wish->width, top};
}

static struct pdf_box anchor_box(const struct place_wish *wish, const struct place_spot *spot, double height)
{
    struct pdf_box area = area_of(wish, spot, height);
    int column = (int)wish->place->anchor % 3;
    int row = (int)wish->place->anchor / 3; /* 0: the top */
    double x = area.left + (area.right - area.left - wish->width) * column / 2;
    double y = area.bottom + (area.top - area.bottom - height) * (2 - row) / 2;
    return (struct pdf_box){x, y, x + wish->width, y + height};
}

/** The first of these emptinesses under which a place is found; `wanted` NULL: the first place in reading order. */
static rfd_status find_free(struct pdf_view *view, const struct place_wish *wish, const struct taken_list *list,
                            enum emptiness from, const struct pdf_box *wanted, double height, struct place_spot *spot,
                            struct rfd_error *error)
{
    struct pdf_box area = area_of(wish, spot, height);
    for (int emptiness = (int)from; emptiness <= NO_STAMP; emptiness++) {
        struct slot_grid *g = NULL;
        TRY(make_grid(view, spot, list, (enum emptiness)emptiness, &g, error));
        bool found = wanted == NULL ? slot_first(g, area, wish->width, height, &spot->seen)
                                    : slot_nearest(g, area, *wanted, &spot->seen);
        slot_grid_free(g);
        spot->crowded = from == NOTHING_THERE && emptiness != NOTHING_THERE;
        if (found) return RFD_OK;
    }
    return error_set(error, RFD_E_STAMP_NO_ROOM, "page %zu, for %.0f x %.0f mm", spot->index + 1,
                     wish->width / millimetre, height / millimetre);
}

static rfd_status at_anchor(struct pdf_view *view, const struct place_wish *wish, const struct taken_list *list,
                            struct pdf_box wanted, struct place_spot *spot, struct rfd_error *error)
{
    double height = wanted.top - wanted.bottom;
    spot->seen = wanted;
    if (!slot_inside(wanted, page_box(spot))) return outside(spot, wish->width, height, error);
    if (!meets_stamp(list, wanted)) return RFD_OK;
    return find_free(view, wish, list, NO_STAMP, &wanted, height, spot, error);
}

/** Where there must be no stamp yet. */
static rfd_status at_box(const struct taken_list *list, struct pdf_box box, struct place_spot *spot,
                         struct rfd_error *error)
{
    spot->seen = box;
    if (!slot_inside(box, page_box(spot))) return outside(spot, box.right - box.left, box.top - box.bottom, error);
    if (!meets_stamp(list, box)) return RFD_OK;
    return error_set(error, RFD_E_STAMP_OVERLAP, "page %zu, %.0f mm from the left and %.0f mm from the top",
                     spot->index + 1, box.left / millimetre, (spot->geometry.height - box.top) / millimetre);
}

/** On a page that is chosen already. */
static rfd_status find_on_page(struct pdf_view *view, const struct place_wish *wish, const struct pdf_box *marker,
                               struct place_spot *spot, struct rfd_error *error)
{
    struct taken_list list;
    double margin = margin_of(wish);
    double height = wish->height;
    TRY(read_taken(view, spot, &list, error));
    if (wish->strip) height = spot->geometry.height - 2 * margin;
    if (wish->strip && wish->place->kind == RFD_PLACE_POSITION) height -= wish->place->y * millimetre - margin;
    if (!(height > 0)) return outside(spot, wish->width, wish->height, error);
    if (marker != NULL && !wish->strip) {
        struct pdf_box seen = pdf_geometry_box_to_seen(&spot->geometry, *marker);
        seen = (struct pdf_box){seen.left, seen.top - height, seen.left + wish->width, seen.top};
        (void)push_inside(&seen, page_box(spot));
        return at_box(&list, seen, spot, error);
    }
    if (wish->place->kind == RFD_PLACE_POSITION) return at_box(&list, position_box(wish, spot, height), spot, error);
    if (wish->strip) {
        struct pdf_box left = {margin, margin, margin + wish->width, margin + height};
        return at_anchor(view, wish, &list, left, spot, error);
    }
    if (wish->place->kind == RFD_PLACE_ANCHOR)
        return at_anchor(view, wish, &list, anchor_box(wish, spot, height), spot, error);
    if (!slot_inside((struct pdf_box){0, 0, wish->width, height}, page_box(spot)))
        return outside(spot, wish->width, height, error);
    return find_free(view, wish, &list, NOTHING_THERE, NULL, height, spot, error);
}

static rfd_status open_page(struct pdf_view *view, size_t index, struct place_spot *spot, struct rfd_error *error)
{
    *spot = (struct place_spot){.index = index};
    TRY(pdf_page(view, index, &spot->page, error));
    spot->geometry = pdf_geometry(view, &spot->page);
    return RFD_OK;
}

static rfd_status find_marker(struct pdf_view *view, const struct place_wish *wish, size_t from, size_t to,
                              struct place_spot *spot, struct pdf_box *box, struct rfd_error *error)
{
    slice marker = slice_text(wish->place->marker);
    for (size_t i = from; i < to; i++) {
        struct pdf_page_text text;
        TRY(open_page(view, i, spot, error));
        TRY(pdf_page_text(view, &spot->page, &text, error));
        if (pdf_page_text_find(&text, marker, 0, box)) return RFD_OK;
    }
    return error_set(error, RFD_E_MARKER_MISSING, "%s", wish->place->marker);
}

rfd_status place_find(struct pdf_view *view, const struct place_wish *wish, struct place_spot *out,
                      struct rfd_error *error)
{
    struct place_spot spot;
    struct pdf_box marker;
    size_t count = 0;
    int page = wish->place->page;
    bool marked = wish->place->kind == RFD_PLACE_MARKER;
    TRY(pdf_page_count(view, &count, error));
    if (page > 0 && (size_t)page > count) return error_set(error, RFD_E_ARGUMENT, "page %d of %zu", page, count);
    size_t index = page > 0 ? (size_t)page - 1 : count - 1;
    if (marked)
        TRY(find_marker(view, wish, page == 0 ? 0 : index, index + 1, &spot, &marker, error));
    else
        TRY(open_page(view, index, &spot, error));
    TRY(find_on_page(view, wish, marked ? &marker : NULL, &spot, error));
    *out = spot;
    return RFD_OK;
}

/** Shrinks a box towards its upper left corner until it is no larger than the area. */
static struct pdf_box shrink(struct pdf_box box, struct pdf_box area)
{
    double width = box.right - box.left;
    double height = box.top - box.bottom;
    double scale = fmin(1, fmin((area.right - area.left) / width, (area.top - area.bottom) / height));
    return (struct pdf_box){box.left, box.top - height * scale, box.left + width * scale, box.top};
}

rfd_status place_again(struct pdf_view *view, const struct place_wish *wish, const struct place_spot *first,
                       size_t index, struct place_spot *out, struct rfd_error *error)
{
    struct place_spot spot;
    TRY(open_page(view, index, &spot, error));
    double height = first->seen.top - first->seen.bottom;
    double down = spot.geometry.height - first->geometry.height;
    struct pdf_box box = {first->seen.left, first->seen.bottom + down, first->seen.right, first->seen.top + down};
    if (wish->strip && wish->place->kind != RFD_PLACE_POSITION)
        box = first->seen; /* from the lower edge, where the code is */
    else if (!wish->strip && wish->place->kind == RFD_PLACE_ANCHOR)
        box = anchor_box(wish, &spot, height);
    spot.seen = shrink(box, page_box(&spot));
    (void)push_inside(&spot.seen, page_box(&spot));
    *out = spot;
    return RFD_OK;
}

/* ---- existing widgets ---- */

static bool has_annotation(struct pdf_view *view, const struct pdf_value *page, uint32_t number)
{
    const struct pdf_value *annotations = pdf_get(view, page, "Annots");
    for (uint32_t i = 0; annotations->kind == PDF_ARRAY && i < annotations->count; i++) {
        const struct pdf_value *item = &annotations->items[i];
        if (item->kind == PDF_REFERENCE && item->reference.number == number) return true;
    }
    return false;
}

/** /P may be missing (§12.5.2): then the page is the one that lists the widget. Only one look for each page. */
static rfd_status page_of_widget(struct pdf_view *view, const struct pdf_value *widget, uint32_t number,
                                 struct place_spot *out, bool *found, struct rfd_error *error)
{
    size_t count = 0;
    uint32_t page = pdf_reference_of(widget, "P").number;
    TRY(pdf_page_count(view, &count, error));
    *found = false;
    for (size_t i = 0; i < count && !*found; i++) {
        size_t index = count - 1 - i; /* signatures are mostly at the end */
        TRY(open_page(view, index, out, error));
        *found = page != 0 ? out->page.reference.number == page : has_annotation(view, out->page.dictionary, number);
    }
    return pdf_view_status(view, error);
}

rfd_status place_of_widget(struct pdf_view *view, const struct pdf_field *field, struct place_spot *out, bool *visible,
                           struct rfd_error *error)
{
    struct pdf_box box;
    struct place_spot spot;
    int64_t flags = 0;
    bool found = false;
    *visible = false;
    if (field->widget_count == 0 || field->widgets[0].number == 0) return RFD_OK;
    const struct pdf_value *widget;
    TRY(pdf_object(view->doc, view->revision, field->widgets[0].number, &widget, error));
    (void)pdf_integer(pdf_get(view, widget, "F"), &flags);
    if (!pdf_box_read(view, pdf_get(view, widget, "Rect"), &box)) return pdf_view_status(view, error);
    if (box.right <= box.left || box.top <= box.bottom || (flags & (FLAG_HIDDEN | FLAG_NO_VIEW)) != 0) return RFD_OK;
    TRY(page_of_widget(view, widget, field->widgets[0].number, &spot, &found, error));
    if (!found) return RFD_OK;
    spot.seen = pdf_geometry_box_to_seen(&spot.geometry, box);
    *out = spot;
    *visible = true;
    return RFD_OK;
}
