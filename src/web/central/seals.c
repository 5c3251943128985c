/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seals of entities as who looks after them sees them: beside their own certificates, those that they may make, which
 * portals may use one, and taking that back.
 */
#include "base/error.h"
#include "domain/central/entity_seal.h"
#include "domain/organisation/organisation.h"
#include "web/central/central_pages.h"
#include "web/seal.h"

/* ---- Enrolments ---- */

struct searching {
    struct page *page;
    int64_t wanted; /* 0: all */
    struct enrolment *found;
    slice *entities;
    size_t count;
};

static rfd_status find_enrolments(struct transaction *t, void *context, struct rfd_error *error)
{
    struct searching *s = context;
    struct page *page = s->page;
    struct enrolment *all = NULL;
    TRY(central_seal_enrolments(t, page->actor.person, page->now, &all, &s->count, error));
    s->found = arena_zeroed(page->arena, s->count + 1, sizeof *s->found);
    s->entities = arena_zeroed(page->arena, s->count + 1, sizeof *s->entities);
    if (s->found == NULL || s->entities == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < s->count; i++) {
        struct entity entity;
        TRY(entity_find(t, all[i].entity, &entity, error));
        s->found[i] = all[i];
        s->found[i].approval_count = 0; /* whoever uses them reads them again */
        s->found[i].holder = page_keep(page, all[i].holder);
        s->found[i].profile = page_keep(page, all[i].profile);
        s->entities[i] = page_keep(page, entity.name);
    }
    return RFD_OK;
}

rfd_status page_seal_enrolment(struct page *page, int64_t id, struct enrolment *out, slice *entity,
                               struct rfd_error *error)
{
    struct searching s = {.page = page};
    TRY(page_read(page, find_enrolments, &s, error));
    for (size_t i = 0; i < s.count; i++) {
        if (s.found[i].id != id) continue;
        *out = s.found[i];
        *entity = s.entities[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "there is no such enrolment");
}

rfd_status page_kept_seals(struct page *page, struct central_credential **out, size_t *count, struct rfd_error *error)
{
    struct central c;
    *count = 0;
    *out = NULL;
    if (page->actor.person == 0) return RFD_OK;
    TRY(page_central(page, &c, error));
    return central_kept_seals(&c, &page->actor, page->arena, out, count, error);
}

static bool has_one(const struct central_credential *all, size_t count, slice holder)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(holder, all[i].holder) && all[i].state != PERSONAL_DESTROYED) return true;
    }
    return false;
}

rfd_status seals_put(struct page *page, struct rfd_error *error)
{
    struct central_credential *all;
    struct searching s = {.page = page};
    size_t count;
    TRY(page_read(page, find_enrolments, &s, error));
    TRY(page_kept_seals(page, &all, &count, error));
    struct view *seals = view_list(page->view, "seals");
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(seals);
        credential_put(page, &all[i], item);
        view_text(item, "holder", page_keep(page, slice_text(all[i].holder)));
    }
    struct view *makes = view_list(page->view, "seals_to_make");
    for (size_t i = 0; i < s.count; i++) {
        struct view *item = view_item(makes);
        view_number(item, "enrolment", s.found[i].id);
        view_text(item, "entity", s.entities[i]);
        view_flag(item, "made", has_one(all, count, s.found[i].holder));
    }
    view_flag(page->view, "has_seals", count > 0 || s.count > 0);
    return RFD_OK;
}

/* ---- Who may use one ---- */

struct granted {
    struct page *page;
    const struct central_credential *credential;
    size_t count;
};

static rfd_status put_grants(struct transaction *t, void *context, struct rfd_error *error)
{
    struct granted *g = context;
    struct page *page = g->page;
    struct seal_grant *all = NULL;
    TRY(seal_grants_of_credential(t, slice_text(g->credential->id), page->now, &all, &g->count, error));
    struct view *list = view_list(page->view, "grants");
    for (size_t i = 0; i < g->count; i++) {
        struct view *item = view_item(list);
        const char *limit = all[i].daily == 0 ? page_text(page, N_("No limit"))
                                              : arena_print(page->arena, "%lld", (long long)all[i].daily);
        view_number(item, "grant", all[i].id);
        view_text(item, "portal", page_keep(page, all[i].portal_name));
        view_number(item, "used", all[i].used);
        view_string(item, "limit", limit == NULL ? "" : limit);
        view_text(item, "ends", all[i].ends == RFD_TIME_NONE ? SLICE_EMPTY : page_day(page, all[i].ends - 1));
    }
    return RFD_OK;
}

rfd_status seal_grants_put(struct page *page, const struct central_credential *credential, struct rfd_error *error)
{
    struct granted g = {.page = page, .credential = credential};
    TRY(page_read(page, put_grants, &g, error));
    view_flag(page->view, "granted", g.count > 0);
    return RFD_OK;
}

/* ---- Taking it back ---- */

void seal_withdraw_put(struct page *page, slice portal, slice entity, const char *back)
{
    static const char *const texts[] = {
        N_("From now on its programs cannot sign with the seal."),
        N_("What they were allowed to sign and have not signed yet ends, too."),
        N_("What was signed stays valid. It can be allowed again later."),
    };
    struct view *consequences = view_list(page->view, "consequences");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        view_item_text(consequences, slice_text(page_text(page, texts[i])));
    const char *text = arena_print(page->arena, "%.*s: %.*s", (int)portal.length, (const char *)portal.data,
                                   (int)entity.length, (const char *)entity.data);
    view_string(page->view, "title", page_text(page, N_("Withdraw the use of this seal?")));
    view_string(page->view, "text", text == NULL ? "" : text);
    view_string(page->view, "action", page_text(page, N_("Withdraw it")));
    view_string(page->view, "back", back);
    view_flag(page->view, "danger", true);
    view_text(page->view, "csrf", csrf_token(page));
}

struct taking {
    struct page *page;
    struct central_credential credential;
    struct seal_grant grant;
    int64_t id;
};

static rfd_status find_grant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct taking *w = context;
    struct page *page = w->page;
    TRY(seal_grant_find(t, &page->actor, w->id, page->now, &w->grant, error));
    if (!slice_is(w->grant.credential, w->credential.id))
        return error_set(error, RFD_E_NOT_FOUND, "the grant of another seal");
    w->grant.portal_name = page_keep(page, w->grant.portal_name);
    w->grant.entity_name = page_keep(page, w->grant.entity_name);
    return RFD_OK;
}

static rfd_status open(struct page *page, struct taking *w, struct rfd_error *error)
{
    *w = (struct taking){.page = page};
    TRY(credential_page_open(page, &w->credential, error));
    TRY(page_id(page, "grant", &w->id, error));
    return page_read(page, find_grant, w, error);
}

rfd_status seal_withdraw_ask(struct page *page, struct rfd_error *error)
{
    struct taking w;
    TRY(open(page, &w, error));
    const char *back = arena_print(page->arena, CENTRAL "/%s", w.credential.id);
    if (back == NULL) return arena_failed(page->arena, error);
    if (w.grant.withdrawn) return page_redirect(page, NULL, error, "%s", back);
    seal_withdraw_put(page, w.grant.portal_name, w.grant.entity_name, back);
    return page_show(page, N_("Withdraw the use of this seal?"), "portals/confirm", error);
}

static rfd_status withdraw(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct taking *w = context;
    return seal_grant_withdraw(t, &w->page->actor, w->id, error);
}

rfd_status seal_withdraw_send(struct page *page, struct rfd_error *error)
{
    struct taking w;
    TRY(open(page, &w, error));
    TRY(page_write(page, withdraw, &w, error));
    return page_redirect(page, N_("The portal may not use this seal any more"), error, CENTRAL "/%s", w.credential.id);
}
