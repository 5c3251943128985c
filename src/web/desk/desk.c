/* SPDX-License-Identifier: EUPL-1.2
 *
 * The door of the desk, and what its pages share. An agent's acts are signatures of their certificate: so the desk is
 * open only to a session that was signed in with one, and closes with it, when it ends or is revoked.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/organisation/organisation.h"
#include "web/registration/registration_pages.h"

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
    view_text(agent, "serial", page_serial(page, row->serial));
}

rfd_status desk_open(struct page *page, bool *open, struct rfd_error *error)
{
    struct opening o = {.page = page};
    bool signed_in = (page->actor.methods & METHOD_CERTIFICATE) != 0 && page->session.certificate != 0;
    if (signed_in) TRY(store_look(page_store(page), find_certificate, &o, error));
    const char *why = why_closed(page, &o.row);
    *open = why == NULL;
    if (why != NULL) return show_closed(page, why, error);
    put_agent(page, &o.row);
    return RFD_OK;
}

/* ---- What the domain wants to know ---- */

struct authority_domain desk_authority(const struct page *page)
{
    return (struct authority_domain){.store = page_store(page), .keeper = page_keeper(page), .packs = page_packs(page)};
}

rfd_status desk_request(struct page *page, struct transaction *t, int64_t id, struct request *out,
                        struct rfd_error *error)
{
    return request_see(t, &page->actor, id, out, error);
}

rfd_status desk_check_unit(struct transaction *t, const struct page *page, enum action action, int64_t entity,
                           int64_t unit, struct rfd_error *error)
{
    struct access_object object = {.entity = entity, .unit = unit};
    if (unit != 0) {
        struct unit found;
        TRY(unit_find(t, unit, &found, error));
        object.path = found.path;
    } else if (actor_may_in_entity(&page->actor, action, entity)) {
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
    for (size_t i = 0; i < count; i++)
        page_event(page, list, all[i].time, request_event_title(all[i].event), all[i].note, all[i].name,
                   event_tone(all[i].event));
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

rfd_status desk_applicant(struct transaction *t, struct page *page, const struct applicant *a, struct view *facts,
                          struct rfd_error *error)
{
    page_fact(page, facts, N_("Full name"), applicant_name(a, page->arena), NULL); /* es: "Nombre completo" */
    put_document(page, facts, a, a->document, a->number);
    put_document(page, facts, a, a->second_document, a->second_number);
    TRY(put_place(t, page, a, facts, error));
    page_fact(page, facts, N_("E-mail"), a->mail, NULL);
    page_fact(page, facts, N_("Mobile"), a->mobile, NULL);
    page_fact(page, facts, N_("Certificate"), page_profile(page, a->profile), NULL);
    const char *key = a->central           ? N_("The platform makes it and keeps it")
                      : a->spki.length > 0 ? N_("Made by the applicant")
                                           : N_("Not made yet");
    page_fact(page, facts, N_("Key"), slice_text(page_text(page, key)), NULL);
    return RFD_OK;
}
