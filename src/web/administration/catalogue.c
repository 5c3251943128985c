/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/administration/catalogue.h"

#include "base/error.h"
#include "packs/registration_value.h"

/* ---- Where one is ---- */

const char *catalogue_country(const struct page *page, slice country)
{
    static const struct {
        const char *code, *name;
    } countries[] = {{"es", N_("Spain")}, {"mx", N_("Mexico")}, {"pe", N_("Peru")}};
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++) {
        if (slice_is(country, countries[i].code)) return page_text(page, countries[i].name);
    }
    const char *code = arena_text(page->arena, country);
    return code == NULL ? "" : code;
}

rfd_status catalogue_place(const struct page *page, struct catalogue_place *out, struct rfd_error *error)
{
    slice country = http_request_part(page->request, "country");
    slice name = http_request_part(page->request, "catalogue");
    const struct pack_registration *pack = packs_registration(page_packs(page), country);
    struct catalogue_place place = {.title = pack_catalogue_title(name)};
    if (pack == NULL || place.title == NULL) return error_set(error, RFD_E_NOT_FOUND, NULL);
    place.country = slice_text(pack->country);
    place.name = arena_text(page->arena, name);
    if (place.name == NULL) return arena_failed(page->arena, error);
    *out = place;
    return RFD_OK;
}

const char *catalogue_link(const struct page *page, const struct catalogue_place *place)
{
    const char *link = arena_print(page->arena, CATALOGUES "/%.*s/%s", (int)place->country.length,
                                   (const char *)place->country.data, place->name);
    return link == NULL ? CATALOGUES : link;
}

/* ---- All of them ---- */

static rfd_status put_catalogue(struct transaction *t, struct page *page, struct view *list, slice country,
                                const char *name, struct rfd_error *error)
{
    struct catalogue_entry *entries = NULL;
    size_t count = 0;
    int64_t changed = 0;
    int64_t closed = 0;
    TRY(catalogue_read(t, page_packs(page), country, name, true, &entries, &count, error));
    for (size_t i = 0; i < count; i++) {
        changed += entries[i].changed;
        closed += entries[i].closed;
    }
    struct view *item = view_item(list);
    view_string(item, "title", page_text(page, pack_catalogue_title(slice_text(name))));
    view_string(item, "link", catalogue_link(page, &(struct catalogue_place){.country = country, .name = name}));
    view_number(item, "entries", (int64_t)count);
    view_number(item, "closed", closed);
    view_number(item, "changed", changed);
    view_flag(item, "is_changed", changed > 0);
    return RFD_OK;
}

static rfd_status list_catalogues(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct view *countries = view_list(page->view, "countries");
    for (size_t n = 0; packs_country_name(page_packs(page), n) != NULL; n++) {
        slice country = slice_text(packs_country_name(page_packs(page), n));
        if (packs_registration(page_packs(page), country) == NULL) continue;
        struct view *item = view_item(countries);
        view_string(item, "country", catalogue_country(page, country));
        view_text(item, "code", country);
        struct view *list = view_list(item, "catalogues");
        for (size_t i = 0; pack_catalogue_name(i) != NULL; i++)
            TRY(put_catalogue(t, page, list, country, pack_catalogue_name(i), error));
    }
    return RFD_OK;
}

rfd_status catalogues_show(struct page *page, struct rfd_error *error)
{
    TRY(page_read(page, list_catalogues, page, error));
    return page_show(page, N_("Catalogues"), "administration/catalogues", error);
}

/* ---- One ---- */

struct showing {
    struct page *page;
    struct catalogue_place place;
};

static void put_entry(const struct showing *s, const struct catalogue_entry *e, struct view *item)
{
    slice language = slice_text(language_code(s->page->language));
    view_text(item, "title", page_keep(s->page, catalogue_title(e, language)));
    view_text(item, "code", page_keep(s->page, e->code));
    view_text(item, "value", page_keep(s->page, e->value));
    view_string(item, "link",
                arena_print(s->page->arena, "%s/entradas/%.*s", catalogue_link(s->page, &s->place), (int)e->code.length,
                            (const char *)e->code.data));
    view_flag(item, "closed", e->closed);
    view_flag(item, "own", e->own);
    view_flag(item, "changed", e->changed && !e->own);
}

static rfd_status list_entries(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    struct catalogue_entry *entries = NULL;
    size_t count = 0;
    TRY(catalogue_read(t, page_packs(s->page), s->place.country, s->place.name, true, &entries, &count, error));
    struct view *list = view_list(s->page->view, "entries");
    for (size_t i = 0; i < count; i++) put_entry(s, &entries[i], view_item(list));
    return RFD_OK;
}

rfd_status catalogue_show(struct page *page, struct rfd_error *error)
{
    struct showing s = {.page = page};
    TRY(catalogue_place(page, &s.place, error));
    TRY(page_read(page, list_entries, &s, error));
    view_string(page->view, "heading", page_text(page, s.place.title));
    view_string(page->view, "country", catalogue_country(page, s.place.country));
    view_string(page->view, "add", arena_print(page->arena, "%s/nueva", catalogue_link(page, &s.place)));
    return page_show(page, s.place.title, "administration/catalogue", error);
}
