/* SPDX-License-Identifier: EUPL-1.2
 *
 * The step between documents and certificate, where there is a visible stamp: on which page, and where on it. A script
 * shows the page with the stamp's box on it (assets/script/stamp-place.js); the fields say the same, and are enough.
 * One place is for all documents but those that were given one of their own.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/number.h"

#include <math.h>
#include <refrenda/stamp.h>

#define ONE SIGNING "/%.*s"
/* As the last part of an address, and as the value of "con". */
#define OWN_KEY "archivo"
enum { DIGITS = 8 };

static const struct form_field fields[] = {
    {.name = "pagina",
     .label = N_("Page of the stamp"),
     .hint = N_("Left empty: the last one"),
     .kind = FORM_NUMBER,
     .maximum = DIGITS,
     .conditional = true},
    {.name = "sitio", .label = N_("Place on the page"), .kind = FORM_CHOICE, .required = true},
    {.name = "x",
     .label = N_("Millimetres from the left edge"),
     .hint = N_("Only when you put it there yourself"),
     .kind = FORM_NUMBER,
     .maximum = DIGITS,
     .conditional = true},
    {.name = "y",
     .label = N_("Millimetres from the upper edge"),
     .hint = N_("Only when you put it there yourself"),
     .kind = FORM_NUMBER,
     .maximum = DIGITS,
     .conditional = true},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const struct {
    const char *value, *title; /* N_() */
    int kind;
    unsigned anchor;
} places[] = {
    {"libre", N_("The first free place, from below"), SIGNING_PLACE_FREE, 0},
    {"arriba-izquierda", N_("At the top left"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_TOP_LEFT},
    {"arriba", N_("At the top"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_TOP},
    {"arriba-derecha", N_("At the top right"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_TOP_RIGHT},
    {"izquierda", N_("At the left, half-way down"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_LEFT},
    {"centro", N_("In the middle"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_CENTRE},
    {"derecha", N_("At the right, half-way down"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_RIGHT},
    {"abajo-izquierda", N_("At the bottom left"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_BOTTOM_LEFT},
    {"abajo", N_("At the bottom"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_BOTTOM},
    {"abajo-derecha", N_("At the bottom right"), SIGNING_PLACE_ANCHOR, RFD_ANCHOR_BOTTOM_RIGHT},
    {"punto", N_("Where I put it"), SIGNING_PLACE_POSITION, 0},
};
enum { PLACES = sizeof places / sizeof *places };

struct placing {
    struct page *page;
    struct signing s;
    struct central c;
    unsigned number;                      /* of the one document; 0: all that have no place of their own */
    const struct signing_document *shown; /* whose page is looked at */
    struct form form;
    struct signing_place wanted;
    bool own_key; /* it goes on with a key of one's own, in a file */
};

static const char *title_of(const struct signing_place *p)
{
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].kind == (int)p->kind && places[i].anchor == p->anchor) return places[i].title;
    return places[0].title;
}

static bool is_meant(const struct placing *p, const struct signing_document *d)
{
    if (d->result.length > 0) return false;
    return p->number == 0 ? !d->stamp.own : d->place == p->number;
}

static const char *address_of(const struct placing *p, const char *step)
{
    const char *text =
        arena_print(p->page->arena, ONE "%s", (int)p->s.token.length, (const char *)p->s.token.data, step);
    return text == NULL ? SIGNING : text;
}

/** `step` with the way on that the person has chosen. */
static const char *here(const struct placing *p, const char *step)
{
    return address_of(p, p->own_key ? arena_print(p->page->arena, "%s?con=" OWN_KEY, step) : step);
}

static const char *next_of(const struct placing *p)
{
    return p->own_key ? "/" OWN_KEY : "/certificado";
}

/** `over`: there is no place to be chosen, and the answer leads to where it goes on. */
static rfd_status open_step(struct placing *p, const struct http_fields *sent, bool *over, struct rfd_error *error)
{
    uint64_t one = 0;
    slice number = http_field_get(sent, "documento", 0);
    p->own_key = slice_is(http_field_get(sent, "con", 0), OWN_KEY);
    TRY(signing_page_open(p->page, &p->s, error));
    *over = !signing_is_open(&p->s) || !signing_has_place(&p->s);
    if (*over)
        return page_redirect(p->page, NULL, error, "%s", address_of(p, signing_is_open(&p->s) ? next_of(p) : ""));
    if (number.data != NULL && number.length > 0 && (!number_unsigned(number, p->s.count, &one) || one == 0))
        return error_set(error, RFD_E_NOT_FOUND, "there is no such document");
    p->number = (unsigned)one;
    p->shown = &p->s.documents[one == 0 ? 0 : one - 1];
    for (size_t i = p->s.count; one == 0 && i > 0; i--)
        if (is_meant(p, &p->s.documents[i - 1])) p->shown = &p->s.documents[i - 1];
    p->wanted = p->shown->stamp;
    /* Documents are looked at whether or not the personal keeper is there. */
    rfd_status status = page_central(p->page, &p->c, error);
    if (status == RFD_E_PEER_GONE) {
        error_clear(error);
        status = RFD_OK;
    }
    return status;
}

/* ---- The form ---- */

static void put_choices(struct placing *p, bool sent)
{
    struct form_choice *all = arena_zeroed(p->page->arena, PLACES, sizeof *all);
    if (all == NULL) return;
    for (size_t i = 0; i < PLACES; i++)
        all[i] = (struct form_choice){slice_text(places[i].value), slice_text(page_text(p->page, places[i].title))};
    form_choices(&p->form, "sitio", all, PLACES, sent);
}

static void set_number(struct placing *p, const char *name, unsigned number)
{
    const char *text = arena_print(p->page->arena, "%u", number);
    if (text != NULL) form_set(&p->form, name, slice_text(text));
}

static void fill(struct placing *p)
{
    const struct signing_place *w = &p->wanted;
    form_new(&p->form, fields, FIELDS);
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].title == title_of(w)) form_set(&p->form, "sitio", slice_text(places[i].value));
    if (w->page > 0)
        set_number(p, "pagina", w->page);
    else if (p->number != 0 || p->s.count == 1 || signing_page(&p->s, 2) == 1)
        set_number(p, "pagina", signing_page(&p->s, p->shown->pages));
    if (w->kind == SIGNING_PLACE_POSITION) {
        set_number(p, "x", w->x);
        set_number(p, "y", w->y);
    }
    put_choices(p, false);
}

/** What the script shows: the stamp's size, and where it is now. */
static void put_stamp(struct placing *p, struct rfd_error *error)
{
    struct signing_document d = *p->shown;
    struct signing_spot spot;
    struct view *stamp = view_object(p->page->view, "stamp");
    d.stamp = p->wanted;
    view_number(stamp, "width", SIGNING_STAMP_WIDTH);
    view_number(stamp, "height", SIGNING_STAMP_HEIGHT);
    bool found = signing_place_find(&p->c, p->page->arena, &p->s, &d, false, &spot, error) == RFD_OK;
    error_clear(error);
    view_flag(stamp, "found", found);
    view_number(stamp, "page", found ? spot.page : signing_page(&p->s, d.pages));
    view_number(stamp, "x", found ? (int64_t)lround(spot.x) : 0);
    view_number(stamp, "y", found ? (int64_t)lround(spot.y) : 0);
}

static void put_others(struct placing *p)
{
    struct page *page = p->page;
    struct view *list = view_list(page->view, "others");
    for (size_t i = 0; i < p->s.count && p->s.count > 1; i++) {
        const struct signing_document *d = &p->s.documents[i];
        struct view *item = view_item(list);
        const char *link = arena_print(page->arena, "%s?documento=%u%s", address_of(p, "/lugar"), d->place,
                                       p->own_key ? "&con=" OWN_KEY : "");
        view_text(item, "title", d->title);
        view_number(item, "pages", d->pages);
        view_string(item, "link", link == NULL ? "" : link);
        view_flag(item, "own", d->stamp.own);
        view_string(item, "where", page_text(page, title_of(&d->stamp)));
        view_number(item, "page", d->stamp.page);
    }
}

static rfd_status show(struct placing *p, struct rfd_error *error)
{
    struct page *page = p->page;
    struct view *view = page->view;
    struct view *shown = view_object(view, "shown");
    const char *link = arena_print(page->arena, "%s%u", address_of(p, "/documento/"), p->shown->place);
    TRY(signing_put(page, &p->s, error));
    put_stamp(p, error);
    put_others(p);
    form_show(page, &p->form);
    view_text(shown, "title", p->shown->title);
    view_string(shown, "link", link == NULL ? "" : link);
    view_flag(shown, "is_pdf", true);
    view_flag(view, "one", p->number != 0);
    view_flag(view, "many", p->s.count > 1);
    view_flag(view, "own", p->number != 0 && p->shown->stamp.own);
    view_number(view, "document", p->number);
    view_string(view, "back", p->number != 0 ? here(p, "/lugar") : address_of(p, ""));
    view_text(view, "csrf", csrf_token(page));
    if (p->form.wrong) page->response->status = 422;
    view_flag(view, "own_key", p->own_key);
    if (p->own_key)
        own_key_stepper(page, &p->s, STEP_PLACE);
    else
        signing_stepper(page, &p->s, STEP_PLACE);
    return page_show(page, N_("Place of the stamp"), "central/place", error);
}

rfd_status signing_place_show(struct page *page, struct rfd_error *error)
{
    struct placing p = {.page = page};
    bool over;
    TRY(open_step(&p, &page->request->query, &over, error));
    if (over) return RFD_OK;
    fill(&p);
    return show(&p, error);
}

/* ---- What was sent ---- */

/** A whole number of this range; false: told beside the field. */
static bool take_number(struct placing *p, const char *name, int64_t least, int64_t most, const char *wrong,
                        unsigned *out)
{
    const struct form_value *value = form_value(&p->form, name);
    if (value->error != NULL) return false;
    bool good = value->text.length > 0 && value->number >= least && value->number <= most;
    if (good) *out = (unsigned)value->number;
    if (!good) form_fail(&p->form, name, wrong);
    return good;
}

static void take_page(struct placing *p)
{
    unsigned most = 0;
    p->wanted.page = 0;
    for (size_t i = 0; i < p->s.count; i++)
        if (is_meant(p, &p->s.documents[i]) && p->s.documents[i].pages > most) most = p->s.documents[i].pages;
    if (form_text(&p->form, "pagina").length == 0) return;
    const char *wrong = arena_print(p->page->arena, "%s %u.", page_text(p->page, N_("The last page is number")), most);
    (void)take_number(p, "pagina", 1, most == 0 ? INT32_MAX : most, wrong == NULL ? N_("Write a whole number") : wrong,
                      &p->wanted.page);
}

static void take_place(struct placing *p)
{
    slice value = form_text(&p->form, "sitio");
    p->wanted = (struct signing_place){.own = p->number != 0};
    take_page(p);
    for (size_t i = 0; i < PLACES; i++) {
        if (!slice_is(value, places[i].value)) continue;
        p->wanted.kind = places[i].kind == SIGNING_PLACE_ANCHOR     ? SIGNING_PLACE_ANCHOR
                         : places[i].kind == SIGNING_PLACE_POSITION ? SIGNING_PLACE_POSITION
                                                                    : SIGNING_PLACE_FREE;
        p->wanted.anchor = places[i].anchor;
    }
    if (p->wanted.kind != SIGNING_PLACE_POSITION) return;
    (void)take_number(p, "x", 0, SIGNING_PLACE_MOST, N_("Write how many millimetres: this is not on the page"),
                      &p->wanted.x);
    (void)take_number(p, "y", 0, SIGNING_PLACE_MOST, N_("Write how many millimetres: this is not on the page"),
                      &p->wanted.y);
}

/** "Contract: another stamp is already there." after what is said of others. */
static const char *told(const struct placing *p, const struct signing_document *d, rfd_status status, const char *all)
{
    const char *message = page_text(p->page, rfd_status_message(status));
    const char *text = p->s.count == 1 || p->number != 0
                           ? arena_print(p->page->arena, "%s.", message)
                           : arena_print(p->page->arena, "%s%s%.*s: %s.", all, all[0] == '\0' ? "" : " ",
                                         (int)d->title.length, (const char *)d->title.data, message);
    return text == NULL ? all : text;
}

/** In every document that it is for. A first free place is found in each: there is nothing to be looked at. */
static rfd_status check(struct placing *p, struct rfd_error *error)
{
    const char *all = "";
    for (size_t i = 0; i < p->s.count && p->wanted.kind != SIGNING_PLACE_FREE; i++) {
        struct signing_document d = p->s.documents[i];
        struct signing_spot spot;
        if (!is_meant(p, &d)) continue;
        bool exact = p->shown == &p->s.documents[i];
        d.stamp = p->wanted;
        rfd_status status = signing_place_find(&p->c, p->page->arena, &p->s, &d, exact, &spot, error);
        if (status == RFD_OK) continue;
        if (status != RFD_E_STAMP_OUTSIDE && status != RFD_E_STAMP_OVERLAP && status != RFD_E_STAMP_NO_ROOM)
            return status;
        error_clear(error);
        all = told(p, &d, status, all);
    }
    if (all[0] != '\0') form_fail(&p->form, "sitio", all);
    return RFD_OK;
}

static rfd_status keep(struct placing *p, const struct signing_place *place, struct rfd_error *error)
{
    rfd_status status = signing_place_put(&p->c, &p->page->actor, p->s.token, p->number, place, error);
    if (status == RFD_E_STATE) { /* concluded, or being signed, in another window */
        error_clear(error);
        return page_redirect(p->page, NULL, error, "%s", address_of(p, ""));
    }
    TRY(status);
    return page_redirect(p->page, NULL, error, "%s", p->number != 0 ? here(p, "/lugar") : address_of(p, next_of(p)));
}

rfd_status signing_place_send(struct page *page, struct rfd_error *error)
{
    struct placing p = {.page = page};
    bool over;
    TRY(open_step(&p, &page->fields, &over, error));
    if (over) return RFD_OK;
    if (p.number != 0 && http_field_get(&page->fields, "comun", 0).length > 0) return keep(&p, NULL, error);
    TRY(form_read(page, fields, FIELDS, &p.form, error));
    put_choices(&p, true);
    take_place(&p);
    if (!p.form.wrong) TRY(check(&p, error));
    return p.form.wrong ? show(&p, error) : keep(&p, &p.wanted, error);
}
