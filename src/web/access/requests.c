/* SPDX-License-Identifier: EUPL-1.2
 *
 * The requester's tray, and whom to ask for.
 */
#include "web/access/access_pages.h"

#include "base/error.h"

#include <stdio.h>

/* ---- What these pages share ---- */

struct access_settings access_page_settings(const struct page *page)
{
    return access_settings_of(page_settings(page), page_packs(page), page->web->zone);
}

void access_put_line(const struct page *page, struct view *item, const struct access_line *line)
{
    const struct role_info *info = role_info(line->role);
    view_string(item, "role", page_text(page, info->title));
    view_flag(item, "withdraw", line->withdraw);
    view_flag(item, "sensitive", info->sensitive && !line->withdraw);
    view_flag(item, "everywhere", info->everywhere);
    view_text(item, "starts", page_day(page, line->from));
    view_text(item, "ends", line->to == RFD_TIME_NONE ? SLICE_EMPTY : page_day(page, line->to - 1));
}

/* ---- The tray ---- */

static const struct {
    const char *state, *title;
} trays[] = {
    {"draft", N_("Drafts")},             /* es: "Borradores" */
    {"sent", N_("Sent ones")},           /* es: "Enviadas" */
    {"approved", N_("Granted ones")},    /* es: "Aprobadas" */
    {"rejected", N_("Rejected ones")},   /* es: "Rechazadas" */
    {"denied", N_("Denied")},            /* es: "Denegadas" */
    {"cancelled", N_("Cancelled ones")}, /* es: "Anuladas" */
};

static rfd_status count_trays(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    uint64_t counts[sizeof trays / sizeof *trays] = {0};
    slice wanted = http_field_get(&page->request->query, "state", 0);
    for (size_t i = 0; i < sizeof trays / sizeof *trays; i++)
        TRY(access_request_count(t, &page->actor, slice_text(trays[i].state), &counts[i], error));
    struct view *list = view_list(page->view, "trays");
    for (size_t i = 0; i < sizeof trays / sizeof *trays; i++) {
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, trays[i].title));
        view_string(item, "link", arena_print(page->arena, "/accesos/solicitudes?state=%s", trays[i].state));
        bool more = counts[i] > LIST_COUNTED;
        view_string(item, "count",
                    arena_print(page->arena, more ? "%llu+" : "%llu", (unsigned long long)counts[i] - more));
        view_flag(item, "current", slice_is(wanted, trays[i].state));
    }
    return RFD_OK;
}

rfd_status page_requests_show(struct page *page, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    const struct page_list list = {.definition = &access_sent_list,
                                   .link = "/accesos/solicitudes/%lld",
                                   .empty = N_("There are no requests here. Begin one with “New”."),
                                   .fixed = &fixed};
    bool done = false;
    list_fix_number(&fixed, page->arena, "requester", page->actor.person);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    TRY(page_read(page, count_trays, page, error));
    /* es: "Bandeja de solicitudes" */
    return page_show(page, N_("Requests of roles"), "access/requests", error);
}

rfd_status colleagues_show(struct page *page, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    const struct page_list list = {
        .definition = &access_colleague_list,
        .link = "/accesos/solicitudes/nueva/%lld",
        .empty = N_("Nobody else has a post in your unit. Ask the personnel office to enter your colleague."),
        .fixed = &fixed};
    bool done = false;
    list_fix_number(&fixed, page->arena, "not-person", page->actor.person);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    /* es: "Nueva solicitud" */
    return page_show(page, N_("New request"), "access/colleagues", error);
}
