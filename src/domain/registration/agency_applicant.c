/* SPDX-License-Identifier: EUPL-1.2
 *
 * Those whom a unit's request is for: what is typed of them, what the organisation knows already, and their files.
 */
#include "domain/registration/agency_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "packs/identity.h"

enum { NAME_MAXIMUM = 100, POST_MAXIMUM = 150, MAIL_MAXIMUM = 254 };

/* ---- Who it is ---- */

static bool is_twice(const struct request *r, const struct applicant *a)
{
    for (size_t i = 0; i < r->applicant_count; i++) {
        const struct applicant *other = &r->applicants[i];
        if (other->id != a->id && slice_equal(other->number, a->number) && slice_equal(other->document, a->document))
            return true;
    }
    return false;
}

/** The number that the country asks for beside the first (RFC beside the CURP). */
static rfd_status take_second(const struct registration_settings *settings, const struct request *r,
                              const struct applicant *typed, struct applicant *a, struct arena *arena,
                              struct faults *faults, struct rfd_error *error)
{
    const struct pack_registration *pack = packs_registration(settings->packs, r->country);
    a->second_document = a->second_number = SLICE_EMPTY;
    if (pack == NULL || pack->second[0] == '\0') return RFD_OK;
    a->second_document = slice_text(pack->second);
    return registration_identity(settings->packs, "second_number", r->country, &a->second_document,
                                 typed->second_number, arena, &a->second_number, faults, error);
}

static rfd_status take_identity(struct transaction *t, const struct registration_settings *settings,
                                const struct request *r, const struct applicant *typed, struct applicant *a,
                                struct faults *faults, struct rfd_error *error)
{
    a->country = r->country;
    a->document = typed->document;
    TRY(registration_identity(settings->packs, "number", r->country, &a->document, typed->number, store_arena(t),
                              &a->number, faults, error));
    TRY(take_second(settings, r, typed, a, store_arena(t), faults, error));
    if (is_twice(r, a)) fault_add(faults, "number", N_("This person is in the request already"));
    return RFD_OK;
}

/** Unit and post of where they work now, in the request's entity. */
static rfd_status find_work(struct transaction *t, const struct request *r, struct applicant *a,
                            struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(a->person), store_integer(r->entity),
                                         store_integer(clock_now())};
    TRY(store_run(t,
                  "SELECT p.unit, p.name FROM appointment n JOIN position p ON p.id = n.position WHERE n.person = $1 "
                  "AND n.entity = $2 AND n.starts <= $3 AND (n.ends IS NULL OR n.ends > $3) ORDER BY n.acting, "
                  "n.starts DESC LIMIT 1",
                  values, 3, &rows, error));
    if (rows.count == 0) return RFD_OK;
    if (a->unit == 0) a->unit = store_cell(&rows, 0, 0)->integer;
    if (a->post.length == 0) a->post = store_cell(&rows, 0, 1)->bytes;
    return RFD_OK;
}

static void fill(slice *to, slice known)
{
    if (to->length == 0) *to = known;
}

/** What the organisation knows of somebody with this number. Only of its own people: others' data are no business of
 * the unit's. */
static rfd_status fill_in(struct transaction *t, const struct request *r, struct applicant *a, struct rfd_error *error)
{
    struct person person;
    struct access_object home;
    if (a->number.length == 0) return RFD_OK;
    rfd_status status = person_by_document(t, a->country, a->document, a->number, &person, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    TRY(person_home(t, person.id, &home, error));
    a->person = person.id;
    if (home.entity != r->entity) return RFD_OK;
    fill(&a->given_names, person.given_names);
    fill(&a->surname, person.surname);
    fill(&a->second_surname, person.second_surname);
    fill(&a->mail, person.mail);
    fill(&a->mobile, person.mobile);
    return find_work(t, r, a, error);
}

/* ---- What is checked ---- */

static void check_names(struct applicant *a, struct arena *arena, struct faults *faults)
{
    a->given_names = registration_line(a->given_names, "given_names", true, NAME_MAXIMUM, arena, faults);
    a->surname = registration_line(a->surname, "surname", true, NAME_MAXIMUM, arena, faults);
    a->second_surname = registration_line(a->second_surname, "second_surname", false, NAME_MAXIMUM, arena, faults);
}

static void check_document_day(const struct applicant *a, struct faults *faults)
{
    if (a->document_issued == RFD_TIME_NONE)
        fault_add(faults, "document_issued", N_("This is needed"));
    else if (a->document_issued > clock_now())
        fault_add(faults, "document_issued", N_("This day is still to come"));
}

static uint8_t small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/** One of the entity's domains, or below it. */
static bool is_below(slice host, slice domain)
{
    if (domain.length == 0 || host.length < domain.length) return false;
    slice end = slice_from(host, host.length - domain.length);
    for (size_t i = 0; i < end.length; i++)
        if (small(end.data[i]) != small(domain.data[i])) return false;
    return host.length == domain.length || host.data[host.length - domain.length - 1] == '.';
}

static bool is_of_entity(slice mail, slice domains)
{
    slice host = mail;
    for (size_t i = 0; i < mail.length; i++)
        if (mail.data[i] == '@') host = slice_from(mail, i + 1);
    while (domains.length > 0) {
        size_t length = 0;
        while (length < domains.length && domains.data[length] != ' ') length++;
        if (is_below(host, slice_part(domains, 0, length))) return true;
        domains = slice_from(domains, length + (length < domains.length ? 1 : 0));
    }
    return false;
}

static rfd_status check_reach(struct transaction *t, const struct request *r, struct applicant *a,
                              struct faults *faults, struct rfd_error *error)
{
    struct entity entity;
    unsigned before = faults->count;
    a->mail = registration_line(a->mail, "mail", true, MAIL_MAXIMUM, store_arena(t), faults);
    if (faults->count == before) registration_mail(a->mail, "mail", faults);
    TRY(entity_find(t, r->entity, &entity, error));
    if (faults->count == before && entity.domains.length > 0 && !is_of_entity(a->mail, entity.domains))
        fault_add(faults, "mail", N_("Write an institutional address: its domain has to be one of the entity's"));
    if (a->mobile.length == 0) fault_add(faults, "mobile", N_("This is needed"));
    a->mobile = registration_mobile(a->mobile, a->country, "mobile", store_arena(t), faults);
    return RFD_OK;
}

/** A unit that the actor files for, of the request's entity; the request's own when none was said. */
static rfd_status check_unit(struct transaction *t, const struct actor *actor, const struct request *r,
                             struct applicant *a, struct faults *faults, struct rfd_error *error)
{
    struct unit unit = {.id = 0};
    if (a->unit == 0) a->unit = r->unit;
    rfd_status status = unit_find(t, a->unit, &unit, error);
    if (status == RFD_E_NOT_FOUND) error_clear(error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    const struct access_object object = {.entity = unit.entity, .unit = unit.id, .path = unit.path};
    bool good = status == RFD_OK && unit.entity == r->entity && !unit.closed &&
                actor_may(actor, ACTION_AGENCY_REQUEST, &object);
    if (!good) fault_add(faults, "unit", N_("Choose one of those that are offered"));
    return RFD_OK;
}

static rfd_status check_place(const struct registration_settings *settings, const struct applicant *a,
                              struct faults *faults)
{
    size_t count = 0;
    (void)packs_places(settings->packs, a->country, &count);
    if (count == 0) return RFD_OK;
    if (a->locality.length == 0)
        fault_add(faults, "locality", N_("This is needed"));
    else if (packs_place(settings->packs, a->country, a->locality) == NULL)
        fault_add(faults, "locality", N_("Choose one of those that are offered"));
    return RFD_OK;
}

static rfd_status check_choices(struct transaction *t, const struct registration_settings *settings,
                                const struct applicant *a, struct faults *faults, struct rfd_error *error)
{
    TRY(agency_check_entry(t, settings, a->country, "way-of-working", a->way_of_working, faults, "way_of_working",
                           error));
    TRY(agency_check_entry(t, settings, a->country, "installed-at", a->installed_at, faults, "installed_at", error));
    TRY(agency_check_entry(t, settings, a->country, "device", a->device, faults, "device", error));
    return check_place(settings, a, faults);
}

static rfd_status check_payment(struct transaction *t, const struct request *r, const struct applicant *a,
                                struct faults *faults, struct rfd_error *error)
{
    struct payment payment = {.id = 0};
    if (a->payment == 0) return RFD_OK;
    rfd_status status = payment_find(t, a->payment, &payment, error);
    if (status == RFD_E_NOT_FOUND) error_clear(error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (payment.request != r->id) fault_add(faults, "payment", N_("Choose one of those that are offered"));
    return RFD_OK;
}

static rfd_status check(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                        const struct request *r, struct applicant *a, struct faults *faults, struct rfd_error *error)
{
    check_names(a, store_arena(t), faults);
    check_document_day(a, faults);
    TRY(check_reach(t, r, a, faults, error));
    TRY(check_unit(t, actor, r, a, faults, error));
    a->post = registration_line(a->post, "post", true, POST_MAXIMUM, store_arena(t), faults);
    TRY(check_choices(t, settings, a, faults, error));
    TRY(check_payment(t, r, a, faults, error));
    return faults_end(faults, error);
}

/* ---- Putting one ---- */

/** What the form has; key, approval and the like stay as they are. Another person has another key. */
static void take_form(struct applicant *a, const struct applicant *typed)
{
    a->document_issued = typed->document_issued;
    a->given_names = typed->given_names;
    a->surname = typed->surname;
    a->second_surname = typed->second_surname;
    a->mail = typed->mail;
    a->mobile = typed->mobile;
    a->unit = typed->unit;
    a->post = typed->post;
    a->way_of_working = typed->way_of_working;
    a->locality = typed->locality;
    a->installed_at = typed->installed_at;
    a->device = typed->device;
    a->payment = typed->payment;
}

static void forget_other(struct applicant *a, slice old_number)
{
    if (slice_equal(old_number, a->number)) return;
    a->person = 0;
    a->spki = a->pkcs10 = SLICE_EMPTY;
    a->renews = 0;
}

static void take_profile(const struct registration_settings *settings, struct applicant *a)
{
    const struct pack_registration *pack = packs_registration(settings->packs, a->country);
    if (a->profile.length == 0 && pack != NULL) a->profile = slice_text(pack->agency_profile);
}

static rfd_status begin(struct transaction *t, const struct actor *actor, const struct applicant *typed,
                        struct request *r, struct applicant *a, struct faults *faults, struct rfd_error *error)
{
    struct applicant *there;
    if (typed->id != 0) {
        TRY(agency_applicant_to_edit(t, actor, typed->id, r, &there, error));
        *a = *there;
        return RFD_OK;
    }
    TRY(agency_to_edit(t, actor, typed->request, r, error));
    *a = (struct applicant){.request = r->id, .document_issued = RFD_TIME_NONE, .installation_at = RFD_TIME_NONE};
    if (r->applicant_count >= APPLICANTS_MAXIMUM) fault_add(faults, "number", N_("This is too much for one request"));
    return faults_end(faults, error);
}

rfd_status agency_put_applicant(struct transaction *t, const struct actor *actor,
                                const struct registration_settings *settings, const struct applicant *applicant,
                                struct faults *faults, int64_t *id, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    struct applicant a;
    TRY(begin(t, actor, applicant, &r, &a, faults, error));
    slice old_number = a.number;
    TRY(take_identity(t, settings, &r, applicant, &a, faults, error));
    take_form(&a, applicant);
    forget_other(&a, old_number);
    TRY(fill_in(t, &r, &a, error));
    take_profile(settings, &a);
    TRY(check(t, actor, settings, &r, &a, faults, error));
    TRY(applicant_put_row(t, &a, error));
    TRY(agency_saved(t, actor, &r, error));
    *id = a.id;
    return RFD_OK;
}

rfd_status agency_remove_applicant(struct transaction *t, const struct actor *actor, int64_t applicant,
                                   struct rfd_error *error)
{
    struct request r;
    struct applicant *a;
    const struct store_value value = store_integer(applicant);
    TRY(agency_applicant_to_edit(t, actor, applicant, &r, &a, error));
    TRY(store_run(t, "UPDATE evidence SET applicant = NULL, replaced = TRUE WHERE applicant = $1", &value, 1, NULL,
                  error));
    TRY(store_run(t, "DELETE FROM applicant WHERE id = $1", &value, 1, NULL, error));
    return agency_saved(t, actor, &r, error);
}

/* ---- Files ---- */

static rfd_status find_owner(struct transaction *t, const struct actor *actor, int64_t applicant, int64_t payment,
                             struct request *r, struct rfd_error *error)
{
    struct applicant *a;
    struct payment p;
    if (applicant != 0) return agency_applicant_to_edit(t, actor, applicant, r, &a, error);
    TRY(payment_find(t, payment, &p, error));
    return agency_to_edit(t, actor, p.request, r, error);
}

rfd_status agency_add_file(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t applicant, int64_t payment,
                           const struct evidence_file *file, struct faults *faults, struct rfd_error *error)
{
    AGENCY_FAULTS(faults);
    struct request r;
    struct catalogue_entry entry;
    struct pack_evidence kind = {.code = NULL};
    int64_t id;
    TRY(find_owner(t, actor, applicant, payment, &r, error));
    TRY(agency_entry(t, settings, r.country, "evidence", file->kind, &entry, error));
    if (entry.code.length > 0) catalogue_evidence(&entry, &kind);
    if (applicant != 0 ? !kind.agency : !kind.payment)
        fault_add_to(faults, entry.code, N_("A file of this kind is not asked for"));
    else if (!registration_fits(&kind, file->blob.type))
        fault_add_to(faults, entry.code, N_("A file of this type is not taken here"));
    TRY(faults_end(faults, error));
    TRY(agency_hold(t, &r, error));
    return evidence_add(t, actor_audit(actor, store_arena(t)), r.id, applicant, payment, file, settings->scanner, &id,
                        error);
}
