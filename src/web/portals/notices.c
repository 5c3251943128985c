/* SPDX-License-Identifier: EUPL-1.2
 *
 * Notices to a portal: which there were, what became of each attempt, and sending one again.
 */
#include "web/portals/portal_pages.h"

#include "base/error.h"
#include "web/internal.h"

rfd_status notices_show(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    struct list_query fixed = {0};
    bool done = false;
    TRY(portal_page_open(page, &p, error));
    list_fix_number(&fixed, page->arena, "portal", p.id);
    const char *link = arena_print(page->arena, PORTALS "/%lld/avisos/%%lld", (long long)p.id);
    const struct page_list list = {.definition = &webhook_list,
                                   .link = link,
                                   .empty = p.portal.webhook.length > 0
                                                ? N_("There was nothing to tell this portal yet.")
                                                : N_("This portal has no address for notices."),
                                   .fixed = &fixed};
    if (link == NULL) return arena_failed(page->arena, error);
    portal_page_head(&p, 2);
    TRY(page_list(page, &list, &done, error));
    return done ? RFD_OK : page_show(page, N_("Notices to a portal"), "portals/operations", error);
}

/* ---- One ---- */

struct noticing {
    struct portal_page p;
    int64_t id;
    struct webhook w;
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct noticing *n = context;
    struct page *page = n->p.page;
    TRY(webhook_find(t, n->p.id, n->id, &n->w, error));
    slice *const texts[] = {&n->w.identity, &n->w.event, &n->w.body};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(page->arena, texts[i], error));
    struct webhook_attempt *log = arena_zeroed(page->arena, n->w.log_count + 1, sizeof *log);
    if (log == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < n->w.log_count; i++) {
        log[i] = n->w.log[i];
        TRY(store_keep(page->arena, &log[i].why, error));
    }
    n->w.log = log;
    return RFD_OK;
}

static rfd_status open_notice(struct page *page, struct noticing *n, struct rfd_error *error)
{
    TRY(portal_page_open(page, &n->p, error));
    TRY(page_id(page, "notice", &n->id, error));
    return page_read(page, find, n, error);
}

static void put_facts(struct noticing *n)
{
    struct page *page = n->p.page;
    struct view *facts = view_list(page->view, "facts");
    page_fact(page, facts, N_("What is told"), slice_text(page_text(page, webhook_event_title(n->w.event))), NULL);
    page_fact(page, facts, N_("Delivery"), n->w.identity, NULL);
    page_fact(page, facts, N_("Made on"), page_time(page, n->w.created), NULL);
    if (n->w.state == WEBHOOK_WAITS) page_fact(page, facts, N_("Next attempt"), page_time(page, n->w.due), NULL);
    if (n->w.sent != RFD_TIME_NONE) page_fact(page, facts, N_("Taken on"), page_time(page, n->w.sent), NULL);
    page_fact(page, facts, N_("Address"), n->p.portal.webhook, NULL);
}

static void put_attempts(struct noticing *n)
{
    struct page *page = n->p.page;
    struct view *events = view_list(page->view, "events");
    for (size_t i = 0; i < n->w.log_count; i++) {
        const struct webhook_attempt *a = &n->w.log[i];
        bool taken = a->why.length == 0;
        const char *text = taken ? arena_print(page->arena, "HTTP %ld", a->status)
                                 : arena_print(page->arena, "%.*s", (int)a->why.length, (const char *)a->why.data);
        page_event(page, events, a->time, taken ? N_("The portal took it") : N_("The portal did not take it"),
                   slice_text(text == NULL ? "" : text), SLICE_EMPTY, taken ? "good" : "bad");
    }
    view_flag(page->view, "tried", n->w.log_count > 0);
}

rfd_status notice_show(struct page *page, struct rfd_error *error)
{
    struct noticing n = {.id = 0};
    TRY(open_notice(page, &n, error));
    portal_page_head(&n.p, 2);
    struct view *badge = view_object(page->view, "badge");
    view_string(badge, "label", page_text(page, webhook_state_title(n.w.state)));
    view_string(badge, "tone", webhook_state_tone(n.w.state));
    put_facts(&n);
    put_attempts(&n);
    view_text(page->view, "body", n.w.body);
    view_flag(page->view, "can", n.p.portal.webhook.length > 0 && !n.p.portal.closed);
    view_text(page->view, "csrf", csrf_token(page));
    return page_show(page, N_("A notice to a portal"), "portals/notice", error);
}

static rfd_status send_again(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct noticing *n = context;
    return webhook_again(t, &n->p.page->actor, n->p.id, n->id, error);
}

rfd_status notice_again(struct page *page, struct rfd_error *error)
{
    struct noticing n = {.id = 0};
    TRY(open_notice(page, &n, error));
    TRY(page_write(page, send_again, &n, error));
    return page_redirect(page, N_("It is sent again now"), error, PORTALS "/%lld/avisos/%lld", (long long)n.p.id,
                         (long long)n.id);
}
