/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the form that asks for a certificate lets people choose from. Who works here and which units there are is what
 * the house tells everybody; of people it tells nothing.
 */
#include "web/registration/asking.h"

#include "base/number.h"

/* ---- Units ---- */

static rfd_status count_units(struct transaction *t, const struct entity *entities, size_t count, size_t *out,
                              struct rfd_error *error)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        struct unit *units;
        size_t found;
        TRY(unit_tree(t, entities[i].id, &units, &found, error));
        *out += found;
    }
    return RFD_OK;
}

static rfd_status put_units(struct transaction *t, struct asking *a, const struct entity *entity, bool several,
                            struct rfd_error *error)
{
    struct unit *units;
    size_t count;
    TRY(unit_tree(t, entity->id, &units, &count, error));
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = a->page->arena;
        if (units[i].closed) continue;
        const slice house = several ? entity->short_name : SLICE_EMPTY;
        const char *value = arena_print(arena, "%lld", (long long)units[i].id);
        const char *label =
            arena_print(arena, "%.*s%s%.*s (%.*s)", (int)house.length, (const char *)house.data, several ? ": " : "",
                        (int)units[i].name.length, (const char *)units[i].name.data, (int)units[i].abbreviation.length,
                        (const char *)units[i].abbreviation.data);
        if (value == NULL || label == NULL) return arena_failed(arena, error);
        a->units[a->unit_count++] = (struct form_choice){slice_text(value), slice_text(label)};
    }
    return RFD_OK;
}

/** All units of all entities, or, where a choice would be too long, none: then the unit's code is typed. */
static rfd_status load_units(struct transaction *t, struct asking *a, struct rfd_error *error)
{
    const struct actor house = actor_system("web");
    struct entity *entities;
    size_t count, all;
    TRY(entity_choices(t, &house, ACTION_ORGANISATION_SEE, &entities, &count, error));
    TRY(count_units(t, entities, count, &all, error));
    a->entity = count == 1 ? entities[0].id : 0;
    a->unit_count = 0;
    a->units = arena_zeroed(a->page->arena, all + 1, sizeof *a->units);
    if (a->units == NULL) return arena_failed(a->page->arena, error);
    if (all > FORM_CHOICES && count == 1) return RFD_OK;
    for (size_t i = 0; i < count && all <= FORM_CHOICES; i++) TRY(put_units(t, a, &entities[i], count > 1, error));
    return RFD_OK;
}

/* ---- Motives ---- */

void asking_motive(slice choice, slice *kind, slice *motive)
{
    slice rest = choice;
    *kind = http_cut(&rest, '/');
    *motive = rest;
}

static rfd_status put_motives(struct asking *a, const struct catalogue_entry *kind, const struct catalogue_entry *all,
                              size_t count, struct rfd_error *error)
{
    struct arena *arena = a->page->arena;
    slice language = slice_text(language_code(a->page->language));
    for (size_t i = 0; i < count; i++) {
        if (!catalogue_has(&all[i], "kinds", kind->code)) continue;
        slice first = catalogue_title(kind, language), second = catalogue_title(&all[i], language);
        const char *value = arena_print(arena, "%.*s/%.*s", (int)kind->code.length, (const char *)kind->code.data,
                                        (int)all[i].code.length, (const char *)all[i].code.data);
        const char *label = arena_print(arena, "%.*s: %.*s", (int)first.length, (const char *)first.data,
                                        (int)second.length, (const char *)second.data);
        if (value == NULL || label == NULL) return arena_failed(arena, error);
        a->motives[a->motive_count++] = (struct form_choice){slice_text(value), slice_text(label)};
    }
    return RFD_OK;
}

/** Kinds that are asked for on line, each with its motives; renewing is for who has a certificate. */
static rfd_status load_motives(struct transaction *t, struct asking *a, struct rfd_error *error)
{
    struct catalogue_entry *kinds, *motives;
    size_t kind_count, motive_count;
    TRY(catalogue_read(t, page_packs(a->page), a->country, "kind", false, &kinds, &kind_count, error));
    TRY(catalogue_read(t, page_packs(a->page), a->country, "motive", false, &motives, &motive_count, error));
    a->motives = arena_zeroed(a->page->arena, kind_count * motive_count + 1, sizeof *a->motives);
    if (a->motives == NULL) return arena_failed(a->page->arena, error);
    a->motive_count = 0;
    for (size_t i = 0; i < kind_count; i++) {
        bool renewal = slice_is(kinds[i].code, "renew");
        if (catalogue_has(&kinds[i], "ways", SLICE("online")) && renewal == (a->renews != 0))
            TRY(put_motives(a, &kinds[i], motives, motive_count, error));
    }
    return RFD_OK;
}

/* ---- Identity documents ---- */

static rfd_status load_documents(struct asking *a, struct rfd_error *error)
{
    slice rest = slice_text(a->pack->documents);
    a->documents = arena_zeroed(a->page->arena, rest.length + 1, sizeof *a->documents);
    if (a->documents == NULL) return arena_failed(a->page->arena, error);
    a->document_count = 0;
    while (rest.length > 0) {
        const struct pack_document *d = packs_document(page_packs(a->page), a->country, http_cut(&rest, ' '));
        if (d != NULL)
            a->documents[a->document_count++] = (struct form_choice){slice_text(d->name), slice_text(d->label)};
    }
    return RFD_OK;
}

static bool is_online(const struct pack_evidence *pack)
{
    return pack->online;
}

rfd_status asking_load(struct transaction *t, struct asking *a, struct rfd_error *error)
{
    TRY(load_documents(a, error));
    TRY(load_motives(t, a, error));
    TRY(load_units(t, a, error));
    TRY(place_choices(a->page, a->country, &a->places, &a->place_count, error));
    return kept_of_catalogue(t, a->page, a->country, is_online, a->files, &a->file_count, error);
}
