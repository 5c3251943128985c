/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seals of entities at the desk ("Sellos de entidades"): an agent says who answers for one, and by which document; as
 * many agents as the kind of certificate wants sign the approval.
 */
#include "base/error.h"
#include "base/number.h"
#include "domain/central/seal_order.h"
#include "domain/organisation/organisation.h"
#include "keeper/approval.h"
#include "packs/identity.h"
#include "web/desk/desk_pages.h"
#include "web/signature.h"

static const struct form_field order_fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "number",
     .label = N_("Identity number of who answers for the seal"),
     .hint = N_("Somebody with an account here: they make the seal, with codes to their mobile, and look after it"),
     .required = true,
     .maximum = 30},
    {.name = "basis",
     .label = N_("Document that says so"),
     .hint = N_("Kind, number and date of the resolution that names them"),
     .required = true,
     .maximum = SEAL_BASIS_MAXIMUM},
    {.name = "code",
     .label = N_("Each use wants a code, too"),
     .hint = N_(
         "It is sent to the mobile of who answers for the seal, and names the portal that asks. For seals that people use, "
         "not machines."),
     .kind = FORM_TICK},
};
static const struct form_field sign_fields[] = {
    SIGNATURE_FIELDS(N_("Save the text, sign it in the other program with the text inside, and attach the signature")),
};
enum {
    ORDER_FIELDS = sizeof order_fields / sizeof *order_fields,
    SIGN_FIELDS = sizeof sign_fields / sizeof *sign_fields
};

struct seal_page {
    struct page *page;
    struct registration_settings settings;
    int64_t id;
    struct seal_order order;
    slice signature;
    struct faults faults;
};

/* ---- All of them ---- */

static void put_badge(const struct page *page, const struct seal_order *o, struct view *item)
{
    struct view *badge = view_object(item, "badge");
    const char *label = o->enrolment != 0 ? N_("Granted")
                        : o->withdrawn    ? N_("Withdrawn")
                        : !o->open        ? N_("Too old")
                        : o->agent != 0   ? N_("One agent has signed")
                                          : N_("Nobody has signed yet");
    view_string(badge, "label", page_text(page, label));
    view_string(badge, "tone", o->enrolment != 0 ? "good" : o->open ? "warn" : "neutral");
}

static rfd_status put_orders(struct transaction *t, void *context, struct rfd_error *error)
{
    struct seal_page *s = context;
    struct page *page = s->page;
    struct seal_order *all = NULL;
    size_t count = 0;
    TRY(seal_orders(t, &page->actor, &s->settings, page->now, &all, &count, error));
    struct view *list = view_list(page->view, "orders");
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(list);
        view_number(item, "id", all[i].id);
        view_text(item, "number", page_keep(page, all[i].number));
        view_text(item, "entity", page_keep(page, all[i].entity_name));
        view_text(item, "person", page_keep(page, all[i].person_name));
        view_text(item, "created", page_time(page, all[i].created));
        put_badge(page, &all[i], item);
    }
    view_flag(page->view, "none", count == 0);
    return RFD_OK;
}

rfd_status desk_seals_show(struct page *page, struct rfd_error *error)
{
    struct seal_page s = {.page = page, .settings = page_registration(page)};
    TRY(page_read(page, put_orders, &s, error));
    return page_show(page, N_("Seals of entities"), "desk/seals", error); /* es: "Sellos de entidades" */
}

/* ---- A new one ---- */

struct ordering {
    struct seal_page s;
    struct form_choice *choices;
    size_t count;
    slice number;
};

/** Those in which the agent works somewhere. */
static rfd_status find_entities(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ordering *o = context;
    struct page *page = o->s.page;
    const struct actor house = actor_system("web");
    struct entity *found;
    size_t count = 0;
    TRY(entity_choices(t, &house, ACTION_ORGANISATION_SEE, &found, &count, error));
    o->choices = arena_zeroed(page->arena, count + 1, sizeof *o->choices);
    if (o->choices == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < count; i++) {
        if (!actor_may_in_entity(&page->actor, ACTION_REGISTRATION_ATTEND, found[i].id)) continue;
        const char *id = arena_print(page->arena, "%lld", (long long)found[i].id);
        o->choices[o->count++] = (struct form_choice){slice_text(id == NULL ? "" : id), page_keep(page, found[i].name)};
    }
    return RFD_OK;
}

static rfd_status show_new(struct page *page, struct form *form, struct rfd_error *error)
{
    form_show(page, form);
    if (form->wrong) page->response->status = 422;
    return page_show(page, N_("Ask for a seal of an entity"), "desk/seals-new", error);
}

rfd_status desk_seal_new(struct page *page, struct rfd_error *error)
{
    struct ordering o = {.s = {.page = page}};
    struct form form;
    TRY(page_read(page, find_entities, &o, error));
    form_new(&form, order_fields, ORDER_FIELDS);
    form_choices(&form, "entity", o.choices, o.count, false);
    if (o.count == 1) form_set(&form, "entity", o.choices[0].value);
    return show_new(page, &form, error);
}

/** Whoever has this number on some identity document of the entity's country; 0: nobody. */
static rfd_status find_person(struct transaction *t, const struct ordering *o, slice country, int64_t *out,
                              struct rfd_error *error)
{
    size_t count = 0;
    const struct pack_document *const *documents = packs_documents(o->s.settings.packs, country, &count);
    *out = 0;
    for (size_t i = 0; i < count && *out == 0; i++) {
        struct person person;
        if (documents[i]->entity) continue;
        rfd_status status = person_by_document(t, country, slice_text(documents[i]->name), o->number, &person, error);
        if (status == RFD_OK) *out = person.id;
        if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
        error_clear(error);
    }
    return RFD_OK;
}

static rfd_status put_order(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ordering *o = context;
    struct entity entity;
    o->s.faults.count = 0;
    TRY(entity_find(t, o->s.order.entity, &entity, error));
    TRY(find_person(t, o, entity.country, &o->s.order.person, error));
    return seal_order_put(t, &o->s.page->actor, &o->s.settings, &o->s.order, &o->s.faults, &o->s.id, error);
}

rfd_status desk_seal_send(struct page *page, struct rfd_error *error)
{
    struct ordering o = {.s = {.page = page, .settings = page_registration(page)}};
    struct form form;
    uint64_t entity = 0;
    TRY(page_read(page, find_entities, &o, error));
    TRY(form_read(page, order_fields, ORDER_FIELDS, &form, error));
    form_choices(&form, "entity", o.choices, o.count, true);
    if (form.wrong || !number_unsigned(form_text(&form, "entity"), INT64_MAX, &entity))
        return show_new(page, &form, error);
    o.number = form_text(&form, "number");
    o.s.order = (struct seal_order){
        .entity = (int64_t)entity, .basis = form_text(&form, "basis"), .code = form_text(&form, "code").length > 0};
    rfd_status status = page_write(page, put_order, &o, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        for (unsigned i = 0; i < o.s.faults.count; i++) {
            const struct fault *f = &o.s.faults.items[i];
            form_fail(&form, strcmp(f->field, "person") == 0 ? "number" : f->field, f->message);
        }
        return show_new(page, &form, error);
    }
    TRY(status);
    return page_redirect(page, N_("It waits for the agents' signatures"), error, DESK_SEALS "/%lld", (long long)o.s.id);
}

/* ---- One ---- */

static rfd_status find_order(struct transaction *t, void *context, struct rfd_error *error)
{
    struct seal_page *s = context;
    struct page *page = s->page;
    struct seal_order *o = &s->order;
    TRY(seal_order_see(t, &page->actor, &s->settings, s->id, page->now, o, error));
    slice *const texts[] = {&o->number,      &o->profile,     &o->basis,      &o->text,
                            &o->entity_name, &o->person_name, &o->agent_name, &o->signed_data};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(page, *texts[i]);
    return RFD_OK;
}

static rfd_status open(struct page *page, struct seal_page *s, struct rfd_error *error)
{
    *s = (struct seal_page){.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &s->id, error));
    return page_read(page, find_order, s, error);
}

/** What is signed, in plain words, out of the very text. */
static rfd_status put_facts(const struct seal_page *s, struct rfd_error *error)
{
    struct page *page = s->page;
    const struct seal_order *o = &s->order;
    struct approval a;
    struct view *facts = view_list(page->view, "facts");
    TRY(approval_read(o->text, &a, error));
    page_fact(page, facts, N_("Request"), o->number, NULL);
    page_fact(page, facts, N_("Entity"), o->entity_name, NULL);
    page_fact(page, facts, N_("Number in the seal"), approval_holder(&a), NULL);
    for (size_t i = 0; i < a.subject_count; i++) {
        if (a.subject[i].type == OID_COMMON_NAME)
            page_fact(page, facts, N_("Name in the certificate"), a.subject[i].value, NULL);
    }
    page_fact(page, facts, N_("Kind of certificate"), page_profile(page, a.profile), NULL);
    page_fact(page, facts, N_("Who answers for it"), o->person_name, NULL);
    page_fact(page, facts, N_("Document that says so"), o->basis, NULL);
    page_fact(page, facts, N_("It signs with"),
              slice_text(page_text(page, a.code ? N_("PIN and a code for each use") : N_("PIN"))), NULL);
    page_fact(page, facts, N_("Codes are sent to"), a.mobile, NULL);
    page_fact(page, facts, N_("Asked for on"), page_time(page, o->created), NULL);
    if (o->agent != 0) page_fact(page, facts, N_("Signed by"), o->agent_name, NULL);
    if (o->certificate != 0)
        page_fact(page, facts, N_("Certificate"), slice_text(page_text(page, N_("Details"))),
                  arena_print(page->arena, DESK_ISSUED "/%lld", (long long)o->certificate));
    return RFD_OK;
}

static rfd_status show(struct seal_page *s, struct form *form, struct rfd_error *error)
{
    struct page *page = s->page;
    const struct seal_order *o = &s->order;
    bool own = page->actor.person == o->person;
    bool signed_already = page->actor.person == o->agent;
    TRY(put_facts(s, error));
    put_badge(page, o, page->view);
    view_number(page->view, "id", o->id);
    view_flag(page->view, "open", o->open);
    view_flag(page->view, "approved", o->enrolment != 0);
    view_flag(page->view, "own", o->open && own);
    view_flag(page->view, "waits", o->open && signed_already);
    view_flag(page->view, "signs", o->open && !own && !signed_already);
    view_flag(page->view, "two", o->wanted > 1 && o->agent == 0);
    if (o->open && !own && !signed_already) {
        signature_add(page, signature_begin(page, "approval"), "signature", o->number, o->text,
                      arena_print(page->arena, DESK_SEALS "/%lld/aprobacion.txt", (long long)o->id));
        form_set(form, "signature", SLICE_EMPTY);
        form_show(page, form);
    } else {
        view_text(page->view, "csrf", csrf_token(page));
    }
    if (form->wrong) page->response->status = 422;
    return page_show(page, N_("Seal of an entity"), "desk/seal", error);
}

rfd_status desk_seal_show(struct page *page, struct rfd_error *error)
{
    struct seal_page s;
    struct form form;
    TRY(open(page, &s, error));
    form_new(&form, sign_fields, SIGN_FIELDS);
    return show(&s, &form, error);
}

rfd_status desk_seal_text(struct page *page, struct rfd_error *error)
{
    struct seal_page s;
    TRY(open(page, &s, error));
    return page_attach(page, DESK_TEXT_TYPE, s.order.text, "aprobacion.txt", error);
}

/* ---- Signing, withdrawing ---- */

static rfd_status put_signature(struct transaction *t, void *context, struct rfd_error *error)
{
    struct seal_page *s = context;
    struct page *page = s->page;
    s->faults.count = 0;
    return seal_order_sign(t, &page->actor, &s->settings, s->id, s->signature, page->now, &s->faults, error);
}

rfd_status desk_seal_sign(struct page *page, struct rfd_error *error)
{
    struct seal_page s;
    struct form form;
    rfd_status status = RFD_E_INVALID;
    TRY(open(page, &s, error));
    TRY(form_read(page, sign_fields, SIGN_FIELDS, &form, error));
    TRY(signature_take(page, &form, "signature", "signature_file", &s.signature, error));
    if (s.signature.length == 0) signature_missing(&form, "signature_file");
    if (!form.wrong) status = page_write(page, put_signature, &s, error);
    if (status == RFD_OK)
        return page_redirect(page,
                             s.order.wanted > 1 && s.order.agent == 0
                                 ? N_("Signed. Another agent has to sign it, too")
                                 : N_("Approved: who answers for the seal can make it now, and was told by mail"),
                             error, DESK_SEALS "/%lld", (long long)s.id);
    if (status == RFD_E_STATE) {
        error_clear(error);
        return page_redirect(page, N_("It does not wait for your signature any more"), error, DESK_SEALS "/%lld",
                             (long long)s.id);
    }
    if (status != RFD_E_INVALID) return status;
    error_clear(error);
    form_faults_at(&form, "signature_file", &s.faults);
    return show(&s, &form, error);
}

static rfd_status drop(struct transaction *t, void *context, struct rfd_error *error)
{
    struct seal_page *s = context;
    return seal_order_withdraw(t, &s->page->actor, &s->settings, s->id, s->page->now, error);
}

rfd_status desk_seal_drop(struct page *page, struct rfd_error *error)
{
    struct seal_page s;
    TRY(open(page, &s, error));
    TRY(page_write(page, drop, &s, error));
    return page_redirect(page, N_("It was withdrawn"), error, DESK_SEALS);
}
