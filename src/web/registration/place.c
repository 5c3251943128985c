/* SPDX-License-Identifier: EUPL-1.2
 *
 * Places of a country. A short list is chosen from; of a long one (each of 2,500 municipalities) the name is typed, and
 * looked for whatever its capitals and accents.
 */
#include "web/registration/registration_pages.h"

#include "domain/list/list.h"

/** "Ayacucho, Huamanga": without what repeats itself, and what is empty. */
static slice full_name(const struct page *page, const struct pack_place *place)
{
    const char *parts[] = {place->district, place->province, place->region};
    const char *text = "";
    const char *last = "";
    for (size_t i = 0; i < 3 && text != NULL; i++) {
        if (parts[i][0] == '\0' || strcmp(parts[i], last) == 0) continue;
        text = arena_print(page->arena, "%s%s%s", text, text[0] == '\0' ? "" : ", ", parts[i]);
        last = parts[i];
    }
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

slice place_name(const struct page *page, slice country, slice code)
{
    const struct pack_place *place = packs_place(page_packs(page), country, code);
    return place == NULL ? SLICE_EMPTY : full_name(page, place);
}

static bool is_short(const struct page *page, slice country)
{
    size_t count = 0;
    return packs_places(page_packs(page), country, &count) == NULL || count <= FORM_CHOICES;
}

void place_field(const struct page *page, slice country, struct form_field *field)
{
    bool chosen = is_short(page, country);
    field->kind = chosen ? FORM_CHOICE : FORM_TEXT;
    field->hint = chosen ? NULL : N_("Its name; with province or state where several are called so");
}

/** As a list is looked through: "Lima, Lima, Miraflores", from the region down. */
static slice list_name(const struct page *page, const struct pack_place *place)
{
    const char *parts[] = {place->region, place->province, place->district};
    const char *text = "";
    for (size_t i = 0; i < 3 && text != NULL; i++)
        if (parts[i][0] != '\0') text = arena_print(page->arena, "%s%s%s", text, text[0] == '\0' ? "" : ", ", parts[i]);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

rfd_status place_choices(const struct page *page, slice country, struct form_choice **out, size_t *count,
                         struct rfd_error *error)
{
    size_t all = 0;
    const struct pack_place *places = packs_places(page_packs(page), country, &all);
    if (places == NULL || all > FORM_CHOICES) all = 0;
    struct form_choice *choices = arena_zeroed(page->arena, all + 1, sizeof *choices);
    if (choices == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < all; i++)
        choices[i] = (struct form_choice){slice_text(places[i].code), list_name(page, &places[i])};
    *out = choices;
    *count = all;
    return RFD_OK;
}

/* ---- Looking for what was typed ---- */

static bool has_all(const struct list_words *words, const struct list_words *in)
{
    for (size_t i = 0; i < words->count; i++) {
        size_t j = 0;
        while (j < in->count && strcmp(words->words[i], in->words[j]) != 0) j++;
        if (j == in->count) return false;
    }
    return words->count > 0;
}

/** 0: it is not what was typed; 1: it has these words; 2: they are all that it is called. */
static unsigned fits(const struct list_words *typed, const struct pack_place *place)
{
    struct list_words own, all;
    const slice texts[] = {slice_text(place->district), slice_text(place->province), slice_text(place->region)};
    list_words(texts, 3, &all);
    if (!has_all(typed, &all)) return 0;
    list_words(texts, 1, &own);
    return has_all(&own, typed) && own.count == typed->count ? 2 : 1;
}

static slice find(const struct page *page, slice country, slice text, const char **why)
{
    size_t count = 0, found[3] = {0};
    const struct pack_place *best[3] = {NULL};
    const struct pack_place *places = packs_places(page_packs(page), country, &count);
    struct list_words typed;
    list_words(&text, 1, &typed);
    for (size_t i = 0; i < count; i++) {
        unsigned how = fits(&typed, &places[i]);
        best[how] = &places[i];
        found[how]++;
    }
    unsigned how = found[2] > 0 ? 2 : 1;
    if (found[how] == 1) return slice_text(best[how]->code);
    *why = found[how] == 0 ? N_("There is no place of this name here")
                           : N_("Several places are called so: write the province or state, too");
    return SLICE_EMPTY;
}

slice place_choices_read(const struct page *page, slice country, struct form *form, const char *name)
{
    slice text = form_text(form, name);
    const char *why = NULL;
    if (text.length == 0) return SLICE_EMPTY; /* where it has to be there, the form says so */
    if (packs_place(page_packs(page), country, text) != NULL) return text;
    slice code = find(page, country, text, &why);
    if (why != NULL) form_fail(form, name, why);
    return code;
}
