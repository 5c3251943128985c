/* SPDX-License-Identifier: EUPL-1.2
 *
 * Entities' seals that a portal may have sign without a person: which, since when, how much of today's is used;
 * granting and withdrawing.
 */
#include "base/error.h"
#include "domain/central/entity_seal.h"
#include "web/internal.h"
#include "web/portals/portal_pages.h"
#include "web/seal.h"

enum { DAILY_DIGITS = 9 };

static const struct form_field fields[] = {
    {.name = "credential",
     .label = N_("Seal"),
     .hint = N_("Of which entity, and who looks after it"),
     .kind = FORM_CHOICE,
     .required = true},
    {.name = "daily",
     .label = N_("Signatures a day, at most"),
     .hint = N_("0: no limit. A day is one of UTC."),
     .kind = FORM_NUMBER,
     .required = true,
     .maximum = DAILY_DIGITS},
    {.name = "ends", .label = N_("Last day"), .hint = N_("Empty: until it is withdrawn"), .kind = FORM_DAY},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- Which it has ---- */

struct showing {
    struct portal_page *portal;
    struct view *list;
    size_t count;
};

static void put_grant(const struct page *page, const struct seal_grant *g, struct view *item)
{
    const char *limit =
        g->daily == 0 ? page_text(page, N_("No limit")) : arena_print(page->arena, "%lld", (long long)g->daily);
    view_number(item, "grant", g->id);
    view_text(item, "entity", page_keep(page, g->entity_name));
    view_text(item, "holder", page_keep(page, g->holder));
    view_number(item, "used", g->used);
    view_string(item, "limit", limit == NULL ? "" : limit);
    view_flag(item, "used_up", g->daily > 0 && g->used >= g->daily);
    view_text(item, "ends", g->ends == RFD_TIME_NONE ? SLICE_EMPTY : page_day(page, g->ends - 1));
}

static rfd_status put_grants(struct transaction *t, void *context, struct rfd_error *error)
{
    struct showing *s = context;
    struct page *page = s->portal->page;
    struct seal_grant *all = NULL;
    TRY(seal_grants_of(t, s->portal->id, page->now, &all, &s->count, error));
    s->list = view_list(page->view, "grants");
    for (size_t i = 0; i < s->count; i++) put_grant(page, &all[i], view_item(s->list));
    return RFD_OK;
}

rfd_status portal_seals_show(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    struct list_query fixed = {0};
    bool done = false;
    TRY(portal_page_open(page, &p, error));
    struct showing s = {.portal = &p};
    list_fix_number(&fixed, page->arena, "portal", p.id);
    const struct page_list list = {
        .definition = &seal_grant_list, .empty = N_("This portal was never allowed to use a seal."), .fixed = &fixed};
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    portal_page_head(&p, 3);
    TRY(page_read(page, put_grants, &s, error));
    view_flag(page->view, "none", s.count == 0);
    view_flag(page->view, "explicit", page_settings(page)->central.explicit);
    return page_show(page, N_("Seals of a portal"), "portals/seals", error);
}

/* ---- Granting ---- */

struct granting {
    struct portal_page portal;
    struct form_choice *choices;
    size_t count;
    struct seal_grant grant;
    struct faults faults;
    int64_t id;
};

static rfd_status find_choices(struct transaction *t, void *context, struct rfd_error *error)
{
    struct granting *g = context;
    struct page *page = g->portal.page;
    struct seal_choice *all = NULL;
    TRY(seal_choices(t, &page->actor, page->now, &all, &g->count, error));
    g->choices = arena_zeroed(page->arena, g->count + 1, sizeof *g->choices);
    if (g->choices == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < g->count; i++) {
        const struct seal_choice *c = &all[i];
        slice until = page_day(page, c->until);
        const char *label = arena_print(page->arena, "%.*s (%.*s): %.*s, %.*s", (int)c->entity_name.length,
                                        (const char *)c->entity_name.data, (int)c->holder.length,
                                        (const char *)c->holder.data, (int)c->person.length,
                                        (const char *)c->person.data, (int)until.length, (const char *)until.data);
        if (label == NULL) return arena_failed(page->arena, error);
        g->choices[i] = (struct form_choice){page_keep(page, c->credential), slice_text(label)};
    }
    return RFD_OK;
}

/** False: the portal was closed, and the answer is made. */
static rfd_status open_form(struct page *page, struct granting *g, bool *open, struct rfd_error *error)
{
    *g = (struct granting){.id = 0};
    TRY(portal_page_open(page, &g->portal, error));
    *open = !g->portal.portal.closed;
    if (!*open) return page_redirect(page, NULL, error, PORTALS "/%lld/sellos", (long long)g->portal.id);
    return page_read(page, find_choices, g, error);
}

static rfd_status show_form(struct granting *g, struct form *form, struct rfd_error *error)
{
    struct page *page = g->portal.page;
    portal_page_head(&g->portal, 3);
    form_show(page, form);
    view_flag(page->view, "choices", g->count > 0);
    if (form->wrong) page->response->status = 422;
    return page_show(page, N_("Allow a portal to use a seal"), "portals/seals-new", error);
}

rfd_status portal_seal_new(struct page *page, struct rfd_error *error)
{
    struct granting g;
    struct form form;
    bool open = false;
    TRY(open_form(page, &g, &open, error));
    if (!open) return RFD_OK;
    form_new(&form, fields, FIELDS);
    form_choices(&form, "credential", g.choices, g.count, false);
    form_set(&form, "daily", SLICE("1000"));
    return show_form(&g, &form, error);
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct granting *g = context;
    g->faults.count = 0;
    return seal_grant_put(t, &g->portal.page->actor, &g->grant, &g->faults, &g->id, error);
}

rfd_status portal_seal_grant(struct page *page, struct rfd_error *error)
{
    struct granting g;
    struct form form;
    bool open = false;
    TRY(open_form(page, &g, &open, error));
    if (!open) return RFD_OK;
    TRY(form_read(page, fields, FIELDS, &form, error));
    form_choices(&form, "credential", g.choices, g.count, true);
    if (form.wrong) return show_form(&g, &form, error);
    g.grant = (struct seal_grant){.portal = g.portal.id,
                                  .credential = form_text(&form, "credential"),
                                  .daily = form_value(&form, "daily")->number,
                                  .ends = moment_after_day(page, form_value(&form, "ends")->day)};
    rfd_status status = page_write(page, put, &g, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&form, &g.faults);
        return show_form(&g, &form, error);
    }
    TRY(status);
    return page_redirect(page, N_("The portal may use the seal now"), error, PORTALS "/%lld/sellos",
                         (long long)g.portal.id);
}

/* ---- Withdrawing ---- */

struct withdrawing {
    struct portal_page portal;
    struct seal_grant grant;
    int64_t id;
};

static rfd_status find_grant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct withdrawing *w = context;
    struct page *page = w->portal.page;
    TRY(seal_grant_find(t, &page->actor, w->id, page->now, &w->grant, error));
    if (w->grant.portal != w->portal.id) return error_set(error, RFD_E_NOT_FOUND, "the grant of another portal");
    w->grant.entity_name = page_keep(page, w->grant.entity_name);
    return RFD_OK;
}

static rfd_status open_grant(struct page *page, struct withdrawing *w, struct rfd_error *error)
{
    *w = (struct withdrawing){.id = 0};
    TRY(portal_page_open(page, &w->portal, error));
    TRY(page_id(page, "grant", &w->id, error));
    return page_read(page, find_grant, w, error);
}

rfd_status portal_seal_ask(struct page *page, struct rfd_error *error)
{
    struct withdrawing w;
    TRY(open_grant(page, &w, error));
    const char *back = arena_print(page->arena, PORTALS "/%lld/sellos", (long long)w.portal.id);
    if (back == NULL) return arena_failed(page->arena, error);
    if (w.grant.withdrawn) return page_redirect(page, NULL, error, "%s", back);
    seal_withdraw_put(page, w.portal.portal.name, w.grant.entity_name, back);
    return page_show(page, N_("Withdraw the use of this seal?"), "portals/confirm", error);
}

static rfd_status withdraw(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct withdrawing *w = context;
    return seal_grant_withdraw(t, &w->portal.page->actor, w->id, error);
}

rfd_status portal_seal_withdraw(struct page *page, struct rfd_error *error)
{
    struct withdrawing w;
    TRY(open_grant(page, &w, error));
    TRY(page_write(page, withdraw, &w, error));
    return page_redirect(page, N_("The portal may not use this seal any more"), error, PORTALS "/%lld/sellos",
                         (long long)w.portal.id);
}
