/* SPDX-License-Identifier: EUPL-1.2
 *
 * The fields of the form that asks for a certificate. Most are the same everywhere; how the identity documents are
 * called, whether a second number is wanted, and the files are the country's.
 */
#include "web/registration/asking.h"

#include "base/number.h"

static const struct form_field fixed[] = {
    {.name = "motive", .label = N_("What you ask for"), .kind = FORM_CHOICE, .required = true, .group = "about"},
    {.name = "document",
     .label = N_("Identity document"),
     .kind = FORM_CHOICE,
     .required = true,
     .maximum = 32,
     .group = "person"},
    {.name = "number",
     .label = N_("Number of the identity document"),
     .required = true,
     .maximum = 32,
     .autocomplete = "off",
     .group = "person"},
    {.name = "second_number", .maximum = 32, .required = true, .autocomplete = "off", .group = "person"},
    {.name = "given_names",
     .label = N_("Given names"),
     .hint = N_("As the identity document has them"),
     .required = true,
     .maximum = 100,
     .autocomplete = "given-name",
     .group = "person"},
    {.name = "surname",
     .label = N_("First surname"),
     .required = true,
     .maximum = 100,
     .autocomplete = "family-name",
     .group = "person"},
    {.name = "second_surname", .label = N_("Second surname"), .maximum = 100, .autocomplete = "off", .group = "person"},
    {.name = "unit",
     .label = N_("Entity and unit in which you work"), /* es: "Adscripción" */
     .kind = FORM_CHOICE,
     .required = true,
     .group = "work"},
    {.name = "locality",
     .label = N_("Municipality or district where you live"),
     .kind = FORM_CHOICE,
     .required = true,
     .maximum = 120,
     .group = "home"},
    {.name = "address",
     .label = N_("Address"),
     .hint = N_("Street, number, and what else is needed to find it"),
     .required = true,
     .autocomplete = "street-address",
     .group = "home"},
    {.name = "mail",
     .label = N_("E-mail address"),
     .hint = N_("We send a link to it, which confirms it, and later the certificate"),
     .kind = FORM_MAIL,
     .required = true,
     .autocomplete = "email",
     .group = "contact"},
    {.name = "mail_again",
     .label = N_("The e-mail address once more"),
     .kind = FORM_MAIL,
     .required = true,
     .autocomplete = "off",
     .group = "contact"},
    {.name = "mobile",
     .label = N_("Mobile"),
     .hint = N_("With + and the number of the country, when it is of another one"),
     .kind = FORM_MOBILE,
     .required = true,
     .autocomplete = "tel",
     .group = "contact"},
    {.name = "central",
     .label = N_("The key is kept on the platform (central signing)"), /* es: "La clave se guarda en la plataforma
                                                                          (firma centralizada)" */
     .hint = N_("They make it with their account, protected by a password of their own, and sign from any device; its "
                "codes go to the mobile above"),
     .kind = FORM_TICK,
     .group = "keeping"},
    {.name = "key", .kind = FORM_HIDDEN, .maximum = PKCS10_TEXT_MAXIMUM, .group = "hidden"},
    {.name = "key_name", .kind = FORM_HIDDEN, .group = "hidden"},
    {.name = "key_id", .kind = FORM_HIDDEN, .maximum = 64, .group = "hidden"},
    {.name = "token", .kind = FORM_HIDDEN, .maximum = 64, .required = true, .group = "hidden"},
    {.name = "enlace", .kind = FORM_HIDDEN, .maximum = 64, .group = "hidden"},
    {.name = "renueva", .kind = FORM_HIDDEN, .maximum = 20, .group = "hidden"},
    {.name = "pkcs10",
     .label = N_("Your own request of a certificate (PKCS#10)"),
     .hint = N_("A file in PEM or DER that another program made with your key"),
     .kind = FORM_FILE,
     .maximum = 2 * PKCS10_TEXT_MAXIMUM},
};

static const char *hint_in(const struct pack_document *d, const struct rfd_language *language)
{
    slice code = slice_text(language_code(language));
    return slice_is(code, "es") ? d->hint_es : slice_is(code, "ca") ? d->hint_ca : d->hint_en;
}

/** With one document for all, its number is called as it is. */
static void name_number(const struct asking *a, struct form_field *field, slice document)
{
    const struct pack_document *d = packs_document(page_packs(a->page), a->country, document);
    if (d == NULL) return;
    field->label = d->label;
    field->hint = hint_in(d, a->page->language);
}

/** False: the form has no such field here. */
static bool fit(const struct asking *a, struct form_field *field)
{
    if (strcmp(field->name, "central") == 0) return a->keeps;
    if (strcmp(field->name, "document") == 0 && a->document_count == 1) {
        field->kind = FORM_HIDDEN;
        field->group = "hidden";
        field->required = false;
    }
    if (strcmp(field->name, "number") == 0 && a->document_count == 1) name_number(a, field, a->documents[0].value);
    if (strcmp(field->name, "second_number") == 0) {
        if (a->pack->second[0] == '\0') return false;
        name_number(a, field, slice_text(a->pack->second));
    }
    if (strcmp(field->name, "unit") == 0 && a->unit_count == 0) {
        field->kind = FORM_TEXT;
        field->hint = N_("The code of the unit");
        field->required = false; /* without one any agent of the entity attends it */
    }
    if (strcmp(field->name, "locality") != 0) return true;
    place_field(a->page, a->country, field);
    return field->kind == FORM_TEXT || a->place_count > 0;
}

void asking_fields(struct asking *a)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        a->fields[n] = fixed[i];
        n += fit(a, &a->fields[n]);
    }
    a->first_file = n;
    kept_fields(a->page, a->files, a->file_count, false, a->fields + n); /* kept_read() tells which are missing */
    a->field_count = n + a->file_count;
}

void asking_choose(struct asking *a, bool sent)
{
    form_choices(&a->form, "motive", a->motives, a->motive_count, sent);
    if (a->motive_count == 1) form_set(&a->form, "motive", a->motives[0].value);
    form_choices(&a->form, "document", a->documents, a->document_count, sent && a->document_count > 1);
    if (form_text(&a->form, "document").length == 0 && a->document_count > 0)
        form_set(&a->form, "document", a->documents[0].value);
    if (a->unit_count > 0) form_choices(&a->form, "unit", a->units, a->unit_count, sent);
    if (a->unit_count == 1) form_set(&a->form, "unit", a->units[0].value);
    if (a->place_count > 0) form_choices(&a->form, "locality", a->places, a->place_count, sent);
}

rfd_status asking_unit(struct transaction *t, struct asking *a, struct unit *out, struct rfd_error *error)
{
    slice text = form_text(&a->form, "unit");
    uint64_t id = 0;
    struct unit unit = {0};
    if (a->unit_count > 0 && number_unsigned(text, INT64_MAX, &id) && id > 0) {
        TRY(unit_find(t, (int64_t)id, &unit, error));
    } else if (a->unit_count == 0 && a->entity != 0) {
        TRY(unit_by_code(t, a->entity, text, &unit, error));
        if (unit.id == 0 && text.length > 0) fault_add(&a->faults, "unit", N_("There is no unit with this code"));
    }
    *out = unit;
    return RFD_OK;
}
