/* SPDX-License-Identifier: EUPL-1.2
 *
 * The door of the desk, and what its pages share. An agent's acts are signatures of their certificate: so the desk is
 * open only to a session that was signed in with one, and closes with it, when it ends or is revoked.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "domain/authority/register.h"
#include "domain/organisation/organisation.h"
#include "web/registration/registration_pages.h"

enum { SERIAL_MAXIMUM = 20 };

struct opening {
    struct page *page;
    struct certificate_row row;
};

static rfd_status find_certificate(struct transaction *t, void *context, struct rfd_error *error)
{
    struct opening *o = context;
    rfd_status status = register_get(t, o->page->session.certificate, o->page->arena, &o->row, error);
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    o->row.id = 0;
    return RFD_OK;
}

/** N_(); NULL: nothing. */
static const char *why_closed(const struct page *page, const struct certificate_row *row)
{
    if (row->id == 0)
        return N_("The agent's desk is for who signs in with their certificate: what is issued and revoked here is "
                  "signed with it.");
    if (row->state != CERTIFICATE_VALID)
        return N_("The certificate that you signed in with is not valid any more: it was revoked or suspended.");
    if (row->not_before > page->now || row->not_after < page->now)
        return N_("The certificate that you signed in with has expired.");
    return NULL;
}

/** Signing out leads to signing in with a certificate, and that back to this page. */
static rfd_status show_closed(struct page *page, const char *why, struct rfd_error *error)
{
    bool again = page->request->method == HTTP_GET;
    view_string(page->view, "why", page_text(page, why));
    view_text(page->view, "back",
              again ? page_link(page, page->request->path, "lang", SLICE_EMPTY) : SLICE(DESK_REQUESTS));
    page->response->status = 403;
    return page_show(page, N_("Agent's desk"), "desk/closed", error);
}

static void put_agent(struct page *page, const struct certificate_row *row)
{
    struct view *agent = view_object(page->view, "agent");
    view_text(agent, "name", page->actor.name);
    view_text(agent, "ends", page_time(page, row->not_after));
    view_text(agent, "serial", desk_serial(page, row->serial));
}

rfd_status desk_open(struct page *page, bool *open, struct rfd_error *error)
{
    struct opening o = {.page = page};
    bool signed_in = (page->actor.methods & METHOD_CERTIFICATE) != 0 && page->session.certificate != 0;
    if (signed_in) TRY(page_read(page, find_certificate, &o, error));
    const char *why = why_closed(page, &o.row);
    *open = why == NULL;
    if (why != NULL) return show_closed(page, why, error);
    put_agent(page, &o.row);
    return RFD_OK;
}

/* ---- What the domain wants to know ---- */

struct registration_settings desk_settings(struct page *page)
{
    return registration_settings_of(page_settings(page), page_packs(page), page->web->zone);
}

struct authority_domain desk_authority(const struct page *page)
{
    return (struct authority_domain){.store = page_store(page), .keeper = page_keeper(page), .packs = page_packs(page)};
}

rfd_status desk_request(struct page *page, struct transaction *t, int64_t id, struct request *out,
                        struct rfd_error *error)
{
    return request_see(t, &page->actor, id, out, error);
}

static bool may_in_entity(const struct actor *actor, enum action action, int64_t entity)
{
    for (size_t i = 0; i < actor->role_count; i++) {
        enum scope scope = policy_scope(actor->roles[i].role, action);
        if (scope > SCOPE_OWN && actor->roles[i].entity == entity) return true;
    }
    return false;
}

rfd_status desk_check_unit(struct transaction *t, const struct page *page, enum action action, int64_t entity,
                           int64_t unit, struct rfd_error *error)
{
    struct access_object object = {.entity = entity, .unit = unit};
    if (unit != 0) {
        struct unit found;
        TRY(unit_find(t, unit, &found, error));
        object.path = found.path;
    } else if (may_in_entity(&page->actor, action, entity)) {
        return RFD_OK;
    }
    return actor_check(&page->actor, action, &object, error);
}

slice desk_title(struct transaction *t, const struct page *page, slice country, const char *catalogue, slice code)
{
    struct catalogue_entry entry;
    struct rfd_error ignored = RFD_ERROR_INIT;
    if (code.length == 0) return SLICE_EMPTY;
    if (catalogue_find(t, page_packs(page), country, catalogue, code, &entry, &ignored) != RFD_OK)
        return page_keep(page, code);
    return page_keep(page, catalogue_title(&entry, slice_text(language_code(page->language))));
}

/* ---- What pages show ---- */

slice desk_serial(const struct page *page, slice serial)
{
    uint8_t *digits = serial.length > SERIAL_MAXIMUM + 1 ? NULL : arena_allocate(page->arena, 2 * serial.length + 1);
    if (digits == NULL) return SLICE_EMPTY;
    number_to_hex(serial, false, digits);
    return slice_of(digits, 2 * serial.length);
}

rfd_status desk_person(struct transaction *t, const struct page *page, int64_t id, slice *out, struct rfd_error *error)
{
    struct person person;
    *out = SLICE_EMPTY;
    if (id == 0) return RFD_OK;
    TRY(person_find(t, id, &person, error));
    *out = person_full_name(&person, page->arena);
    return RFD_OK;
}

static const char *event_tone(enum request_event event)
{
    if (event == REQUEST_EVENT_ISSUE || event == REQUEST_EVENT_APPROVE || event == REQUEST_EVENT_ATTEND) return "good";
    if (event == REQUEST_EVENT_REJECT || event == REQUEST_EVENT_CANCEL || event == REQUEST_EVENT_REVOKE) return "bad";
    return event == REQUEST_EVENT_OBSERVE || event == REQUEST_EVENT_UNDO ? "warn" : "neutral";
}

rfd_status desk_events(struct transaction *t, struct page *page, int64_t request, struct rfd_error *error)
{
    struct request_happening *all = NULL;
    size_t count = 0;
    struct view *list = view_list(page->view, "events");
    TRY(request_events(t, request, false, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(list);
        view_text(item, "time", page_time(page, all[i].time));
        view_string(item, "title", page_text(page, request_event_title(all[i].event)));
        view_text(item, "text", page_keep(page, all[i].note));
        view_text(item, "actor", page_keep(page, all[i].name));
        view_string(item, "tone", event_tone(all[i].event));
        view_string(item, "state", ""); /* not the request's */
    }
    return RFD_OK;
}

void desk_badge(struct page *page, const char *label, const char *tone)
{
    view_string(page->view, "state", tone);
    view_string(page->view, "label", label == NULL ? "" : page_text(page, label));
    view_string(page->view, "tone", tone);
}

/** "DNI 00000105", by what the country's pack calls it. */
static void put_document(const struct page *page, struct view *facts, const struct applicant *a, slice document,
                         slice number)
{
    const struct pack_document *d = packs_document(page_packs(page), a->country, document);
    if (number.length > 0) page_fact(page, facts, d == NULL ? N_("Identity number") : d->label, number, NULL);
}

static rfd_status put_place(struct transaction *t, struct page *page, const struct applicant *a, struct view *facts,
                            struct rfd_error *error)
{
    struct unit unit;
    slice place = place_name(page, a->country, a->locality);
    if (a->unit != 0) {
        TRY(unit_find(t, a->unit, &unit, error));
        page_fact(page, facts, N_("Unit"), unit.name, NULL);
    }
    if (a->organisation.length > 0) page_fact(page, facts, N_("Organisation and unit"), a->organisation, NULL);
    if (a->post.length > 0) page_fact(page, facts, N_("Post"), a->post, NULL);
    if (a->locality.length > 0)
        page_fact(page, facts, N_("Municipality"), place.length > 0 ? place : a->locality, NULL);
    if (a->address.length > 0) page_fact(page, facts, N_("Address"), a->address, NULL);
    return RFD_OK;
}

slice desk_profile(const struct page *page, slice name)
{
    const struct pack_profile *p = packs_profile(page_packs(page), name);
    const char *code = language_code(page->language);
    if (p == NULL) return name;
    return slice_text(strcmp(code, "ca") == 0 ? p->title_ca : strcmp(code, "en") == 0 ? p->title_en : p->title_es);
}

rfd_status desk_applicant(struct transaction *t, struct page *page, const struct applicant *a, struct view *facts,
                          struct rfd_error *error)
{
    page_fact(page, facts, N_("Full name"), applicant_name(a, page->arena), NULL); /* es: "Nombre completo" */
    put_document(page, facts, a, a->document, a->number);
    put_document(page, facts, a, a->second_document, a->second_number);
    TRY(put_place(t, page, a, facts, error));
    page_fact(page, facts, N_("E-mail"), a->mail, NULL);
    page_fact(page, facts, N_("Mobile"), a->mobile, NULL);
    page_fact(page, facts, N_("Certificate"), desk_profile(page, a->profile), NULL);
    const char *key = a->central           ? N_("The platform makes it and keeps it")
                      : a->spki.length > 0 ? N_("Made by the applicant")
                                           : N_("Not made yet");
    page_fact(page, facts, N_("Key"), slice_text(page_text(page, key)), NULL);
    return RFD_OK;
}

void desk_answer_text(struct page *page, slice text, const char *name)
{
    const char *disposition = arena_print(page->arena, "attachment; filename=\"%s\"", name);
    show_headers(page);
    if (disposition != NULL) http_response_header(page->response, "Content-Disposition", slice_text(disposition));
    http_response_body(page->response, "text/plain; charset=utf-8", arena_copy(page->arena, text));
}
