/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people type into the forms of registration, looked at field by field.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/organisation/organisation.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/internal.h"
#include "packs/identity.h"

enum { NUMBER_SIZE = 33 };

slice registration_line(slice typed, const char *field, bool required, size_t maximum, struct arena *a,
                        struct faults *faults)
{
    uint8_t *to = arena_allocate(a, typed.length + 1);
    size_t n = 0;
    if (to == NULL || !text_is_printable(typed)) {
        fault_add(faults, field, N_("There are characters here that cannot be used"));
        return SLICE_EMPTY;
    }
    for (size_t i = 0; i < typed.length; i++) {
        if (typed.data[i] == ' ' && (n == 0 || to[n - 1] == ' ')) continue;
        to[n++] = typed.data[i];
    }
    while (n > 0 && to[n - 1] == ' ') n--;
    if (required && n == 0) fault_add(faults, field, N_("Fill this in"));
    if (n > maximum) fault_add(faults, field, N_("This is too long"));
    return slice_of(to, n);
}

/* ---- Identity documents ---- */

static const struct pack_document *find_document(const struct packs *packs, slice country, slice name)
{
    if (name.length > 0) return packs_document(packs, country, name);
    const struct pack_registration *pack = packs_registration(packs, country);
    slice first = pack == NULL ? SLICE_EMPTY : slice_text(pack->documents);
    for (size_t i = 0; i < first.length; i++) {
        if (first.data[i] == ' ' || first.data[i] == ',') first.length = i;
    }
    return first.length == 0 ? NULL : packs_document(packs, country, first);
}

rfd_status registration_identity(const struct packs *packs, const char *field, slice country, slice *document,
                                 slice typed, struct arena *a, slice *number, struct faults *faults,
                                 struct rfd_error *error)
{
    char normal[NUMBER_SIZE];
    const struct pack_document *d = find_document(packs, country, *document);
    if (d == NULL || d->entity) {
        fault_add(faults, "document", N_("Choose an identity document"));
        return RFD_OK;
    }
    *document = slice_text(d->name);
    enum identity_fault fault = packs_identity_check(d, typed, normal);
    if (typed.length == 0)
        fault_add(faults, field, N_("Fill this in"));
    else if (fault == IDENTITY_FORM)
        fault_add(faults, field, N_("This is not how the numbers of this document are written"));
    else if (fault == IDENTITY_DIGIT)
        fault_add(faults, field, N_("The check digit is wrong: look at the number again"));
    if (typed.length == 0 || fault == IDENTITY_FORM || fault == IDENTITY_DIGIT) return RFD_OK;
    *number = arena_copy(a, slice_text(normal));
    return number->data == NULL ? arena_failed(a, error) : RFD_OK;
}

/* ---- How somebody is reached ---- */

static const struct {
    const char *country, *prefix;
    size_t digits; /* of a mobile number at home */
} prefixes[] = {{"pe", "+51", 9}, {"mx", "+52", 10}, {"es", "+34", 9}};

/** Digits alone are a number of the country. */
static slice with_prefix(slice typed, slice country, struct arena *a)
{
    size_t digits = 0;
    for (size_t i = 0; i < typed.length; i++) digits += typed.data[i] >= '0' && typed.data[i] <= '9';
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (!slice_is(country, prefixes[i].country) || digits != prefixes[i].digits) continue;
        const char *text = arena_print(a, "%s %.*s", prefixes[i].prefix, (int)typed.length, (const char *)typed.data);
        return text == NULL ? SLICE_EMPTY : slice_text(text);
    }
    return typed;
}

slice registration_mobile(slice typed, slice country, const char *field, struct arena *a, struct faults *faults)
{
    slice mobile = SLICE_EMPTY;
    if (typed.length == 0) return SLICE_EMPTY;
    if (typed.data[0] != '+') typed = with_prefix(typed, country, a);
    if (!organisation_mobile(typed, a, &mobile))
        fault_add(faults, field, N_("Write the number with + and the country's prefix: +51 987 654 321"));
    return mobile;
}

void registration_mail(slice typed, const char *field, struct faults *faults)
{
    if (typed.length == 0)
        fault_add(faults, field, N_("Fill this in"));
    else if (!organisation_is_mail(typed))
        fault_add(faults, field, N_("This is no e-mail address"));
    else if (!text_is_ascii(typed)) /* RFC 5280 §4.2.1.6: an rfc822Name is an IA5String */
        fault_add(faults, field, N_("An address with these letters cannot stand in a certificate"));
}

/* ---- Files ---- */

static bool wanted(const struct pack_evidence *e, enum request_way way)
{
    return way == WAY_AGENCY ? e->agency : e->online;
}

static size_t count_of(const struct evidence_file *files, size_t count, slice kind)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += slice_equal(files[i].kind, kind);
    return n;
}

bool registration_fits(const struct pack_evidence *e, slice type)
{
    bool image = slice_is(type, "image/png") || slice_is(type, "image/jpeg");
    return (e->pdf && slice_is(type, "application/pdf")) || (e->image && image);
}

rfd_status registration_files(struct transaction *t, const struct packs *packs, slice country, enum request_way way,
                              const struct evidence_file *files, size_t count, bool demand, struct faults *faults,
                              struct rfd_error *error)
{
    struct catalogue_entry *entries;
    size_t entry_count, known = 0;
    TRY(catalogue_read(t, packs, country, "evidence", false, &entries, &entry_count, error));
    for (size_t i = 0; i < entry_count; i++) {
        struct pack_evidence e;
        catalogue_evidence(&entries[i], &e);
        if (!wanted(&e, way)) continue;
        slice field = entries[i].code;
        size_t n = count_of(files, count, field);
        known += n;
        if (n > 1) fault_add_to(faults, field, N_("Only one file can be handed in here"));
        if (n == 0 && demand && e.required) fault_add_to(faults, field, N_("Attach this file"));
        for (size_t k = 0; k < count; k++) {
            if (slice_equal(files[k].kind, field) && !registration_fits(&e, files[k].blob.type))
                fault_add_to(faults, field, N_("Files of this kind are not accepted here"));
        }
    }
    if (known < count) fault_add(faults, "", N_("A file was sent that is not asked for"));
    return RFD_OK;
}
