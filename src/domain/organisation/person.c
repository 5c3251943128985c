/* SPDX-License-Identifier: EUPL-1.2
 *
 * People, known by the number of an identity document. Where somebody works is not theirs but their appointments';
 * somebody without any is a citizen, whom everybody who may edit any part of the organisation may enter.
 */
#include "domain/organisation/internal.h"

#include "base/error.h"
#include "packs/identity.h"

enum { NORMAL_SIZE = 33 };

static const struct record_field fields[] = {
    {"country", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct person, country), 8},
    {"document", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct person, document), 20},
    {"number", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct person, number), 40},
    {"given_names", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct person, given_names), 100},
    {"surname", RECORD_TEXT, RECORD_REQUIRED, offsetof(struct person, surname), 100},
    {"second_surname", RECORD_TEXT, 0, offsetof(struct person, second_surname), 100},
    {"mail", RECORD_TEXT, 0, offsetof(struct person, mail), 200},
    {"mobile", RECORD_TEXT, 0, offsetof(struct person, mobile), 30},
    {"language", RECORD_TEXT, 0, offsetof(struct person, language), 8},
    {"closed", RECORD_FLAG, RECORD_KEPT, offsetof(struct person, closed), 0}};
const struct record person_record = {"person", "person", fields, sizeof fields / sizeof *fields};

slice person_full_name(const struct person *p, struct arena *a)
{
    const char *name =
        arena_print(a, "%.*s %.*s%s%.*s", (int)p->given_names.length, (const char *)p->given_names.data,
                    (int)p->surname.length, (const char *)p->surname.data, p->second_surname.length > 0 ? " " : "",
                    (int)p->second_surname.length, (const char *)p->second_surname.data);
    return name == NULL ? SLICE_EMPTY : slice_text(name);
}

/* ---- Who may ---- */

static rfd_status homes(struct transaction *t, int64_t person, struct store_rows *rows, struct rfd_error *error)
{
    const struct store_value value = store_integer(person);
    return store_run(t,
                     "SELECT DISTINCT u.entity, u.id, u.path FROM appointment a JOIN position p ON p.id = a.position "
                     "JOIN unit u ON u.id = p.unit WHERE a.person = $1",
                     &value, 1, rows, error);
}

rfd_status person_check_edit(struct transaction *t, const struct actor *actor, int64_t person, struct rfd_error *error)
{
    struct store_rows rows = {.count = 0};
    const struct access_object nowhere = {.person = person};
    if (person != 0) TRY(homes(t, person, &rows, error));
    if (rows.count == 0)
        return actor_may(actor, ACTION_ORGANISATION_EDIT, NULL)
                   ? RFD_OK
                   : actor_check(actor, ACTION_ORGANISATION_EDIT, &nowhere, error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        const struct access_object object = {
            .person = person, .entity = v[0].integer, .unit = v[1].integer, .path = v[2].bytes};
        if (actor_may(actor, ACTION_ORGANISATION_EDIT, &object)) return RFD_OK;
    }
    return actor_check(actor, ACTION_ORGANISATION_EDIT, &nowhere, error);
}

/* ---- Checking ---- */

static rfd_status check_number(struct transaction *t, const struct packs *packs, struct person *p,
                               struct faults *faults, struct rfd_error *error)
{
    char normal[NORMAL_SIZE];
    const struct pack_document *document = packs_document(packs, p->country, p->document);
    if (document == NULL || document->entity) {
        fault_add(faults, "document", N_("This is not an identity document of people in this country"));
        return RFD_OK;
    }
    switch (packs_identity_check(document, p->number, normal)) {
    case IDENTITY_FORM:
        fault_add(faults, "number", N_("This is not how numbers of this document are written"));
        return RFD_OK;
    case IDENTITY_DIGIT:
        fault_add(faults, "number", N_("The check digit does not fit: some digit is wrong or two are exchanged"));
        return RFD_OK;
    case IDENTITY_FINE:
    case IDENTITY_DIGIT_WARNS: break;
    }
    p->number = arena_copy(store_arena(t), slice_text(normal));
    return p->number.data == NULL ? arena_failed(store_arena(t), error) : RFD_OK;
}

static rfd_status check_other(struct transaction *t, const struct person *p, struct faults *faults,
                              struct rfd_error *error)
{
    const struct store_value values[] = {store_text(p->country), store_text(p->document), store_text(p->number),
                                         store_integer(p->id)};
    int64_t other;
    TRY(record_number(t, "SELECT id FROM person WHERE country = $1 AND document = $2 AND number = $3 AND id <> $4",
                      values, 4, &other, error));
    if (other != 0) fault_add(faults, "number", N_("There is already a person with this document"));
    return RFD_OK;
}

static bool is_language(slice s)
{
    return s.length == 2 && s.data[0] >= 'a' && s.data[0] <= 'z' && s.data[1] >= 'a' && s.data[1] <= 'z';
}

static rfd_status check(struct transaction *t, const struct packs *packs, struct person *p, struct faults *faults,
                        struct rfd_error *error)
{
    if (p->language.length == 0) p->language = SLICE("es");
    if (!is_language(p->language)) fault_add(faults, "language", N_("There is no such language"));
    if (p->mail.length > 0 && !organisation_is_mail(p->mail))
        fault_add(faults, "mail", N_("An address looks like name@example.gob.pe"));
    if (p->mobile.length > 0 && !organisation_mobile(p->mobile, store_arena(t), &p->mobile))
        fault_add(faults, "mobile", N_("A mobile number begins with + and the country's number: +51 987 654 321"));
    if (p->country.length > 0 && p->document.length > 0 && p->number.length > 0)
        TRY(check_number(t, packs, p, faults, error));
    return check_other(t, p, faults, error);
}

/* ---- Writing ---- */

static rfd_status write(struct transaction *t, const struct actor *actor, struct person *p, const struct person *before,
                        struct rfd_error *error)
{
    const slice names[] = {p->surname, p->second_surname, p->given_names, p->number, p->mail};
    slice sort_name = SLICE_EMPTY;
    TRY(record_sort_name(t, names, 3, &sort_name, error));
    const struct record_extra extra = {"sort_name", store_text(sort_name)};
    TRY(record_put(t, actor, &person_record, p, before, &extra, 1, error));
    TRY(list_index(t, "person_word", p->id, names, 5, error));
    if (before->id == 0) return RFD_OK;
    TRY(person_tell_reach(t, p, before, error));
    TRY(appointment_index_person(t, p->id, error));
    return departure_index_person(t, p->id, error);
}

rfd_status person_put(struct transaction *t, const struct actor *actor, const struct packs *packs,
                      const struct person *person, struct faults *faults, int64_t *id, struct rfd_error *error)
{
    FAULTS_OR_OWN(faults);
    struct person p = *person, before = {.id = 0};
    TRY(person_check_edit(t, actor, p.id, error));
    if (p.id != 0) TRY(record_find(t, &person_record, p.id, &before, error));
    if (before.closed) return error_set(error, RFD_E_STATE, "person %lld is closed", (long long)p.id);
    record_check(&person_record, &p, faults);
    TRY(check(t, packs, &p, faults, error));
    TRY(person_check_reach(t, actor, &p, &before, faults, error));
    TRY(faults_end(faults, error));
    if (p.id == 0 || !record_same(&person_record, &p, &before)) TRY(write(t, actor, &p, &before, error));
    *id = p.id;
    return RFD_OK;
}

rfd_status person_home(struct transaction *t, int64_t id, struct access_object *out, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(id);
    TRY(store_run(t, "SELECT h.entity, h.unit, u.path FROM person h LEFT JOIN unit u ON u.id = h.unit WHERE h.id = $1",
                  &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "person %lld", (long long)id);
    const struct store_value *v = store_cell(&rows, 0, 0);
    bool nowhere = v[1].type == STORE_NULL;
    *out = (struct access_object){.person = id,
                                  .entity = nowhere ? 0 : v[0].integer,
                                  .unit = nowhere ? 0 : v[1].integer,
                                  .path = nowhere ? SLICE_EMPTY : v[2].bytes};
    return RFD_OK;
}

rfd_status person_subject(const struct packs *packs, const struct person *person, struct arena *a, slice *out,
                          struct rfd_error *error)
{
    const struct pack_document *document = packs_document(packs, person->country, person->document);
    *out = SLICE_EMPTY;
    if (document == NULL || document->subject[0] == '\0') return RFD_OK;
    const char *text =
        arena_print(a, "%s%.*s", document->subject, (int)person->number.length, (const char *)person->number.data);
    if (text == NULL) return arena_failed(a, error);
    *out = slice_text(text);
    return RFD_OK;
}

rfd_status person_find(struct transaction *t, int64_t id, struct person *out, struct rfd_error *error)
{
    return record_find(t, &person_record, id, out, error);
}

rfd_status person_by_document(struct transaction *t, slice country, slice document, slice number, struct person *out,
                              struct rfd_error *error)
{
    const struct store_value values[] = {store_text(country), store_text(document), store_text(number)};
    struct person p;
    TRY(record_find_by(t, &person_record, "country = $1 AND document = $2 AND number = $3", values, 3, &p, error));
    if (p.id == 0) return error_set(error, RFD_E_NOT_FOUND, "nobody has this document");
    *out = p;
    return RFD_OK;
}
