/* SPDX-License-Identifier: EUPL-1.2
 *
 * A new request, on line or in person at the desk: everything is looked at, and told field by field, before anything is
 * written.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/internal.h"
#include "packs/identity.h"

enum { NAME_MAXIMUM = 100, MAIL_MAXIMUM = 254, LINE_MAXIMUM = 200, ADDRESS_MAXIMUM = 300, TOKEN_MAXIMUM = 64 };

/** What one asks for, while it is looked at. */
struct asking {
    struct transaction *t;
    const struct registration_settings *settings;
    const struct actor *actor;
    struct request request;
    struct applicant person;
    const struct evidence_file *files;
    size_t file_count;
    struct faults *faults;
};

/* ---- The request ---- */

static rfd_status check_kind(struct asking *a, struct rfd_error *error)
{
    struct request *r = &a->request;
    struct catalogue_entry entry;
    if (r->kind.length == 0) r->kind = SLICE("issue");
    rfd_status status = catalogue_find(a->t, a->settings->packs, r->country, "kind", r->kind, &entry, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status != RFD_OK || entry.closed || !catalogue_has(&entry, "ways", SLICE("online"))) {
        error_clear(error);
        fault_add(a->faults, "kind", N_("Choose what you ask for"));
    }
    if (r->motive.length == 0) return RFD_OK;
    status = catalogue_find(a->t, a->settings->packs, r->country, "motive", r->motive, &entry, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status == RFD_OK && !entry.closed && catalogue_has(&entry, "kinds", r->kind)) return RFD_OK;
    error_clear(error);
    fault_add(a->faults, "motive", N_("Choose why you ask for it"));
    return RFD_OK;
}

/** Without unit or entity: the installation's first entity, whose agents all see it. */
static rfd_status default_entity(struct asking *a, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value open = store_boolean(false);
    TRY(store_run(a->t, "SELECT id FROM entity WHERE closed = $1 ORDER BY id LIMIT 1", &open, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_STATE, "there is no entity yet");
    a->request.entity = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static rfd_status check_unit(struct asking *a, struct rfd_error *error)
{
    struct request *r = &a->request;
    struct unit unit;
    struct entity entity;
    if (r->unit == 0) r->unit = a->person.unit;
    a->person.unit = r->unit;
    if (r->unit != 0) {
        rfd_status status = unit_find(a->t, r->unit, &unit, error);
        if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
        if (status != RFD_OK || unit.closed || (r->entity != 0 && unit.entity != r->entity)) {
            error_clear(error);
            fault_add(a->faults, "unit", N_("Choose a unit of the list"));
            return RFD_OK;
        }
        r->entity = unit.entity;
    }
    if (r->entity == 0) return default_entity(a, error);
    rfd_status status = entity_find(a->t, r->entity, &entity, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status != RFD_OK || entity.closed) fault_add(a->faults, "unit", N_("Choose a unit of the list"));
    error_clear(error);
    return RFD_OK;
}

/* ---- The applicant ---- */

static rfd_status check_identity(struct asking *a, struct rfd_error *error)
{
    struct applicant *p = &a->person;
    struct arena *arena = store_arena(a->t);
    const struct packs *packs = a->settings->packs;
    const struct pack_registration *pack = packs_registration(packs, p->country);
    slice typed = p->number;
    p->number = SLICE_EMPTY;
    TRY(registration_identity(packs, "number", p->country, &p->document, typed, arena, &p->number, a->faults, error));
    typed = p->second_number;
    p->second_number = SLICE_EMPTY;
    if (typed.length == 0 || pack == NULL || pack->second[0] == '\0') {
        p->second_document = SLICE_EMPTY;
        return RFD_OK;
    }
    p->second_document = slice_text(pack->second);
    return registration_identity(packs, "second_number", p->country, &p->second_document, typed, arena,
                                 &p->second_number, a->faults, error);
}

static void check_names(struct asking *a)
{
    struct applicant *p = &a->person;
    struct arena *arena = store_arena(a->t);
    p->given_names = registration_line(p->given_names, "given_names", true, NAME_MAXIMUM, arena, a->faults);
    p->surname = registration_line(p->surname, "surname", true, NAME_MAXIMUM, arena, a->faults);
    p->second_surname = registration_line(p->second_surname, "second_surname", false, NAME_MAXIMUM, arena, a->faults);
    p->organisation = registration_line(p->organisation, "organisation", false, LINE_MAXIMUM, arena, a->faults);
    p->post = registration_line(p->post, "post", false, NAME_MAXIMUM, arena, a->faults);
    p->address = registration_line(p->address, "address", true, ADDRESS_MAXIMUM, arena, a->faults);
}

static void check_reach(struct asking *a)
{
    struct applicant *p = &a->person;
    struct arena *arena = store_arena(a->t);
    unsigned before = a->faults->count;
    p->mail = registration_line(p->mail, "mail", false, MAIL_MAXIMUM, arena, a->faults);
    if (a->faults->count == before) registration_mail(p->mail, "mail", a->faults);
    bool twice = !a->request.in_person || p->mail_again.length > 0;
    p->mail_again = registration_line(p->mail_again, "mail_again", false, MAIL_MAXIMUM, arena, a->faults);
    if (a->faults->count == before && twice && !slice_equal(p->mail, p->mail_again))
        fault_add(a->faults, "mail_again", N_("Both addresses have to be the same"));
    if (p->mobile.length == 0) fault_add(a->faults, "mobile", N_("Fill this in"));
    p->mobile = registration_mobile(p->mobile, p->country, "mobile", arena, a->faults);
}

static void check_place(struct asking *a)
{
    struct applicant *p = &a->person;
    size_t count = 0;
    (void)packs_places(a->settings->packs, p->country, &count);
    if (count == 0) return;
    if (p->locality.length == 0)
        fault_add(a->faults, "locality", N_("Choose where you live"));
    else if (packs_place(a->settings->packs, p->country, p->locality) == NULL)
        fault_add(a->faults, "locality", N_("Choose a place of the list"));
}

/** For people, by one agent's approval, of this country. */
static bool may_be_asked(const struct pack_profile *profile, slice country)
{
    return profile != NULL && profile->profile.kind == LINT_NATURAL && profile->approvals == 1 && !profile->agent &&
           slice_is(country, profile->country);
}

static rfd_status check_profile(struct asking *a, struct rfd_error *error)
{
    struct applicant *p = &a->person;
    const struct pack_registration *pack = packs_registration(a->settings->packs, p->country);
    const char *why = NULL;
    if (p->profile.length == 0 && pack != NULL) p->profile = slice_text(pack->profile);
    if (!may_be_asked(packs_profile(a->settings->packs, p->profile), p->country)) {
        fault_add(a->faults, "profile", N_("Choose a kind of certificate of the list"));
        return RFD_OK;
    }
    bool kept = a->request.in_person && a->settings->central && packs_profile(a->settings->packs, p->profile)->central;
    if (p->central && !kept)
        fault_add(a->faults, "central", N_("Certificates whose key is kept centrally are not offered here"));
    if (a->faults->count > 0 || a->request.entity == 0) return RFD_OK;
    TRY(applicant_lacks(a->t, a->settings->packs, &a->request, p, &why, error));
    if (why != NULL) fault_add(a->faults, "profile", why);
    return RFD_OK;
}

/** At the desk the key may come later. */
static rfd_status check_key(struct asking *a, struct rfd_error *error)
{
    struct applicant *p = &a->person;
    p->spki = SLICE_EMPTY;
    if (p->central || (a->request.in_person && p->pkcs10.length == 0)) return RFD_OK;
    return request_check_key(a->t, a->settings->packs, p, a->faults, error);
}

/** Somebody whom the organisation knows. */
static rfd_status find_person(struct asking *a, struct rfd_error *error)
{
    struct person person;
    struct applicant *p = &a->person;
    rfd_status status = person_by_document(a->t, p->country, p->document, p->number, &person, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    p->person = status == RFD_OK ? person.id : 0;
    error_clear(error);
    if (a->request.in_person && p->person != 0 && p->person == a->actor->person) {
        fault_add(a->faults, "number", N_("Nobody attends their own request: ask a colleague"));
        return faults_end(a->faults, error);
    }
    return RFD_OK;
}

static rfd_status check(struct asking *a, struct rfd_error *error)
{
    TRY(check_kind(a, error));
    TRY(check_unit(a, error));
    TRY(check_identity(a, error));
    check_names(a);
    check_reach(a);
    check_place(a);
    TRY(check_profile(a, error));
    TRY(check_key(a, error));
    TRY(registration_files(a->t, a->settings->packs, a->request.country, WAY_ONLINE, a->files, a->file_count, true,
                           a->faults, error));
    return faults_end(a->faults, error);
}

/* ---- Writing ---- */

/** Only what people type; the rest is ours. */
static rfd_status begin(struct asking *a, const struct request *typed, struct rfd_error *error)
{
    slice country = typed->country.length > 0 ? typed->country : slice_text(a->settings->country);
    if (typed->applicant_count != 1) return error_set(error, RFD_E_ARGUMENT, "%zu applicants", typed->applicant_count);
    if (typed->token.length > TOKEN_MAXIMUM) return error_set(error, RFD_E_REQUEST, "the form's token is too long");
    a->request = (struct request){.token = typed->token,
                                  .way = WAY_ONLINE,
                                  .kind = typed->kind,
                                  .motive = typed->motive,
                                  .description = SLICE(""),
                                  .country = country,
                                  .entity = typed->entity,
                                  .unit = typed->unit,
                                  .language = typed->language.length > 0 ? typed->language : SLICE("es"),
                                  .in_person = a->request.in_person,
                                  .sent = RFD_TIME_NONE,
                                  .taken = RFD_TIME_NONE,
                                  .concluded = RFD_TIME_NONE,
                                  .due = RFD_TIME_NONE};
    a->person = typed->applicants[0];
    a->person.country = country;
    a->person.approved = a->person.approved_again = SLICE_EMPTY;
    a->person.external_certificate = a->person.external_approval = a->person.installation = SLICE_EMPTY;
    a->person.installation_phone = SLICE_EMPTY;
    a->person.installation_at = RFD_TIME_NONE;
    a->person.attempt = 0;
    a->person.payment = a->person.certificate = 0;
    return RFD_OK;
}

static rfd_status add_files(struct asking *a, struct rfd_error *error)
{
    const char *adder = a->request.in_person
                            ? NULL
                            : arena_print(store_arena(a->t), "applicant:%.*s", (int)a->request.code.length,
                                          (const char *)a->request.code.data);
    slice who = a->request.in_person ? actor_audit(a->actor, store_arena(a->t))
                                     : (adder == NULL ? SLICE_EMPTY : slice_text(adder));
    if (who.length == 0) return arena_failed(store_arena(a->t), error);
    for (size_t i = 0; i < a->file_count; i++) {
        int64_t id;
        TRY(evidence_add(a->t, who, a->request.id, a->person.id, 0, &a->files[i], a->settings->scanner, &id, error));
    }
    return RFD_OK;
}

static rfd_status enter(struct asking *a, enum request_state to, struct rfd_error *error)
{
    bool known = a->actor != NULL && a->actor->account != 0;
    const struct request_step step = {
        .event = REQUEST_EVENT_ASK, .to = to, .actor = known ? a->actor : NULL, .is_public = true};
    TRY(find_person(a, error));
    a->request.applicants = &a->person;
    a->request.applicant_count = 1;
    TRY(request_enter(a->t, a->settings->zone, &a->request, &step, error));
    return add_files(a, error);
}

rfd_status request_mail_confirm(struct transaction *t, const struct registration_settings *settings,
                                const struct request *request, struct rfd_error *error)
{
    char token[REQUEST_TOKEN_SIZE];
    struct view *view;
    rfd_time ends = clock_now() + (rfd_time)settings->link_hours * 3600 * RFD_SECOND;
    TRY(request_link(t, LINK_CONFIRM, request->id, ends, token, error));
    const char *link = arena_print(store_arena(t), REGISTRATION_PAGE_CONFIRM "%s", token);
    if (link == NULL) return arena_failed(store_arena(t), error);
    TRY(request_view(t, request, link, &view, error));
    view_number(view, "hours", settings->link_hours);
    const struct applicant *to = &request->applicants[0];
    return request_mail(t, "request-confirm", request, to, view, NULL, error);
}

rfd_status request_ask(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       const struct request *request, const struct evidence_file *files, size_t file_count,
                       struct faults *faults, int64_t *id, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct asking a = {.t = t,
                       .settings = settings,
                       .actor = actor,
                       .files = files,
                       .file_count = file_count,
                       .faults = faults == NULL ? &own : faults};
    int64_t made;
    TRY(begin(&a, request, error));
    TRY(request_by_token(t, request->token, &made, error));
    if (made == 0) {
        TRY(check(&a, error));
        a.request.requester = actor == NULL ? 0 : actor->person;
        TRY(enter(&a, REQUEST_UNVERIFIED, error));
        TRY(request_mail_confirm(t, settings, &a.request, error));
        made = a.request.id;
    }
    *id = made;
    return RFD_OK;
}

rfd_status request_ask_in_person(struct transaction *t, const struct actor *actor,
                                 const struct registration_settings *settings, const struct request *request,
                                 const struct evidence_file *files, size_t file_count, struct faults *faults,
                                 int64_t *id, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct asking a = {.t = t,
                       .settings = settings,
                       .actor = actor,
                       .request = {.in_person = true},
                       .files = files,
                       .file_count = file_count,
                       .faults = faults == NULL ? &own : faults};
    int64_t made;
    TRY(actor_check(actor, ACTION_REGISTRATION_ATTEND, NULL, error));
    TRY(begin(&a, request, error));
    TRY(request_by_token(t, request->token, &made, error));
    if (made == 0) {
        TRY(check(&a, error));
        TRY(request_check_actor(t, actor, ACTION_REGISTRATION_ATTEND, &a.request, error));
        a.request.taker = actor->person;
        a.request.taken = clock_now();
        TRY(enter(&a, REQUEST_TAKEN, error));
        made = a.request.id;
    }
    *id = made;
    return RFD_OK;
}
