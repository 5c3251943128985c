/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/registration.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "packs/identity.h"
#include "packs/packs_internal.h"
#include "packs/registration_value.h"

#include <sys/stat.h>

#define REGISTRATION_NAME "registration.yaml"
#define PLACES_NAME       "places.csv"

enum { REMINDERS_MAXIMUM = 8, DAYS_MAXIMUM = 365 };

/* ---- Checking ---- */

static rfd_status check_document(const struct packs *packs, const struct country *c, const char *key, const char *name,
                                 struct rfd_error *error)
{
    const struct pack_document *d = packs_document(packs, slice_text(c->name), slice_text(name));
    if (d != NULL && !d->entity) return RFD_OK;
    return yaml_complain(&c->registration, RFD_E_PACK, key, name, error, "%s is no identity document of people here",
                         name);
}

/* Only of the country's own, or of all countries', for people. */
static rfd_status check_profile(const struct packs *packs, const struct country *c, const char *key, const char *name,
                                struct rfd_error *error)
{
    const struct pack_profile *p = packs_profile(packs, slice_text(name));
    if (p == NULL)
        return yaml_complain(&c->registration, RFD_E_PACK, key, name, error, "there is no profile of the name %s",
                             name);
    if (strcmp(p->country, c->name) != 0 || p->profile.kind != LINT_NATURAL)
        return yaml_complain(&c->registration, RFD_E_PACK, key, name, error, "%s is no profile for people of here",
                             name);
    return RFD_OK;
}

static rfd_status check_reminders(const struct country *c, const char *text, struct rfd_error *error)
{
    uint64_t before = DAYS_MAXIMUM + 1;
    unsigned count = 0;
    for (const char *at = text; *at != '\0';) {
        uint64_t day = 0;
        size_t length = strcspn(at, " ");
        bool good = number_unsigned(slice_of(at, length), DAYS_MAXIMUM, &day);
        if (!good || day == 0 || day >= before || ++count > REMINDERS_MAXIMUM)
            return yaml_complain(&c->registration, RFD_E_PACK, "reminders", text, error,
                                 "reminders are days before the end, each less than the one before");
        before = day;
        at += length;
        at += strspn(at, " ");
    }
    return RFD_OK;
}

static rfd_status check_settings(const struct packs *packs, const struct country *c, struct rfd_error *error)
{
    const struct registration_file *f = c->registration.data;
    TRY(check_document(packs, c, "documents", f->documents, error));
    if (f->second != NULL) TRY(check_document(packs, c, "second", f->second, error));
    TRY(check_profile(packs, c, "profile", f->profile, error));
    TRY(check_profile(packs, c, "agency_profile", f->agency_profile, error));
    if (strcmp(f->key, "P-256") != 0 && strcmp(f->key, "RSA-2048") != 0)
        return yaml_complain(&c->registration, RFD_E_PACK, "key", f->key, error, "browsers make P-256 or RSA-2048");
    if (f->renewal_days == 0 || f->renewal_days > DAYS_MAXIMUM)
        return yaml_complain(&c->registration, RFD_E_PACK, "renewal_days", "", error, "renewal_days is 1 to %d",
                             DAYS_MAXIMUM);
    return check_reminders(c, f->reminders, error);
}

static rfd_status check_entry(const struct country *c, const struct registration_list *list, unsigned n,
                              struct rfd_error *error)
{
    const struct registration_entry *e = &list->entries[n];
    slice part;
    if (!pack_code_is_good(slice_text(e->code)))
        return yaml_complain(&c->registration, RFD_E_PACK, "code", e->code, error,
                             "a code is small letters, digits and dashes: %s", e->code);
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(list->entries[i].code, e->code) == 0)
            return yaml_complain(&c->registration, RFD_E_PACK, "code", e->code, error,
                                 "there are two entries of the code %s in %s", e->code, list->name);
    }
    if (e->value == NULL) return RFD_OK;
    const char *wrong = pack_value_wrong(slice_text(list->name), slice_text(e->value), &part);
    if (wrong == NULL) return RFD_OK;
    return yaml_complain(&c->registration, RFD_E_PACK, "value", e->value, error, "%.*s: %s", (int)part.length,
                         (const char *)part.data, wrong);
}

static rfd_status check_lists(const struct country *c, struct rfd_error *error)
{
    const struct registration_file *f = c->registration.data;
    for (unsigned i = 0; i < f->catalogue_count; i++) {
        const struct registration_list *list = &f->catalogues[i];
        if (!pack_catalogue_is_known(slice_text(list->name)))
            return yaml_complain(&c->registration, RFD_E_PACK, "name", list->name, error,
                                 "there is no catalogue of the name %s", list->name);
        for (unsigned n = 0; n < i; n++) {
            if (strcmp(f->catalogues[n].name, list->name) == 0)
                return yaml_complain(&c->registration, RFD_E_PACK, "name", list->name, error,
                                     "there are two catalogues of the name %s", list->name);
        }
        for (unsigned n = 0; n < list->entry_count; n++) TRY(check_entry(c, list, n, error));
    }
    return RFD_OK;
}

/* A motive is for kinds that there are. */
static rfd_status check_kinds(const struct packs *packs, const struct country *c, struct rfd_error *error)
{
    const struct pack_catalogue *kinds = packs_catalogue(packs, slice_text(c->name), "kind");
    const struct pack_catalogue *motives = packs_catalogue(packs, slice_text(c->name), "motive");
    for (size_t i = 0; motives != NULL && kinds != NULL && i < motives->count; i++) {
        bool said = false;
        bool found = false;
        slice list = pack_value(slice_text(motives->entries[i].value), "kinds", &said);
        for (size_t n = 0; n < kinds->count; n++)
            found |= pack_value_has(slice_text(motives->entries[i].value), "kinds", slice_text(kinds->entries[n].code));
        if (said && !found)
            return yaml_complain(&c->registration, RFD_E_PACK, "kinds", "", error, "%.*s: there is no such kind",
                                 (int)list.length, (const char *)list.data);
    }
    return RFD_OK;
}

/* ---- Taking ---- */

static rfd_status take_catalogues(struct country *c, struct rfd_error *error)
{
    const struct registration_file *f = c->registration.data;
    size_t total = 0;
    for (unsigned i = 0; i < f->catalogue_count; i++) total += f->catalogues[i].entry_count;
    c->entries = memory_zeroed(total, sizeof *c->entries);
    c->catalogues = memory_zeroed(f->catalogue_count, sizeof *c->catalogues);
    if (c->entries == NULL || c->catalogues == NULL) return error_memory(error);
    struct pack_entry *next = c->entries;
    for (unsigned i = 0; i < f->catalogue_count; i++) {
        const struct registration_list *list = &f->catalogues[i];
        c->catalogues[i] = (struct pack_catalogue){list->name, next, list->entry_count};
        for (unsigned n = 0; n < list->entry_count; n++) {
            const struct registration_entry *e = &list->entries[n];
            *next++ = (struct pack_entry){e->code, e->es, e->ca, e->en, e->value == NULL ? "" : e->value};
        }
    }
    return RFD_OK;
}

static const char *or_nothing(const char *text)
{
    return text == NULL ? "" : text;
}

static void take_settings(struct country *c)
{
    static const struct registration_fee no_fee = {.code = NULL};
    const struct registration_file *f = c->registration.data;
    const struct registration_fee *fee = f->fee == NULL ? &no_fee : f->fee;
    c->registered = (struct pack_registration){.country = c->name,
                                               .documents = f->documents,
                                               .second = or_nothing(f->second),
                                               .profile = f->profile,
                                               .agency_profile = f->agency_profile,
                                               .key = f->key,
                                               .renewal_days = f->renewal_days,
                                               .reminders = f->reminders,
                                               .fee_code = or_nothing(fee->code),
                                               .fee_payee = or_nothing(fee->payee),
                                               .fee_amount = fee->amount,
                                               .fee_currency = or_nothing(fee->currency),
                                               .responsibility_es = f->responsibility.es,
                                               .responsibility_ca = f->responsibility.ca,
                                               .responsibility_en = f->responsibility.en,
                                               .statement_es = f->statement.es,
                                               .statement_ca = f->statement.ca,
                                               .statement_en = f->statement.en,
                                               .catalogues = c->catalogues,
                                               .catalogue_count = f->catalogue_count};
}

/* ---- Reading ---- */

static bool path_of(const char *folder, const char *country, const char *name, char path[YAML_PATH_SIZE])
{
    struct stat about;
    int length = snprintf(path, YAML_PATH_SIZE, "%s/%s/%s", folder, country, name);
    return length > 0 && (size_t)length < YAML_PATH_SIZE && stat(path, &about) == 0;
}

static rfd_status read_country(const struct packs *packs, struct country *c, const char *folder,
                               struct rfd_error *error)
{
    char path[YAML_PATH_SIZE];
    if (path_of(folder, c->name, PLACES_NAME, path)) TRY(places_open(path, &c->places, error));
    if (!path_of(folder, c->name, REGISTRATION_NAME, path)) return RFD_OK;
    TRY(yaml_read(path, &registration_schema, RFD_E_PACK, &c->registration, error));
    TRY(check_settings(packs, c, error));
    TRY(check_lists(c, error));
    TRY(take_catalogues(c, error));
    take_settings(c);
    return check_kinds(packs, c, error);
}

rfd_status packs_read_registration(struct packs *packs, const char *folder, struct rfd_error *error)
{
    for (size_t i = 0; i < packs->country_count; i++) TRY(read_country(packs, &packs->countries[i], folder, error));
    return RFD_OK;
}

void packs_dispose_registration(struct country *country)
{
    yaml_dispose(&country->registration);
    memory_free(country->entries);
    memory_free(country->catalogues);
    places_close(country->places);
}

/* ---- Finding ---- */

const struct pack_registration *packs_registration(const struct packs *packs, slice country)
{
    const struct country *c = packs_country(packs, country);
    return c == NULL || c->registered.country == NULL ? NULL : &c->registered;
}

const struct pack_catalogue *packs_catalogue(const struct packs *packs, slice country, const char *name)
{
    const struct pack_registration *r = packs_registration(packs, country);
    for (size_t i = 0; r != NULL && i < r->catalogue_count; i++) {
        if (strcmp(r->catalogues[i].name, name) == 0) return &r->catalogues[i];
    }
    return NULL;
}

const struct pack_place *packs_place(const struct packs *packs, slice country, slice code)
{
    const struct country *c = packs_country(packs, country);
    return c == NULL || c->places == NULL ? NULL : places_find(c->places, code);
}

const struct pack_place *packs_places(const struct packs *packs, slice country, size_t *count)
{
    const struct country *c = packs_country(packs, country);
    *count = 0;
    return c == NULL || c->places == NULL ? NULL : places_all(c->places, count);
}
