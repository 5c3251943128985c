/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of the desk: one row of the table is a page, found by the name of its route.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"

struct tray {
    const char *route;
    const struct list_definition *list;
    const char *title, *lead; /* N_(); lead NULL: none */
    const char *link;         /* of a row */
    const char *empty;        /* N_() */
    unsigned group;           /* of tabs; 0: none */
    const char *tab, *path;   /* N_(), its address */
    const char *own;          /* the filter by which it is the agent's own; NULL: it is not */
    const char *option;       /* N_(): what opening a row is for */
};
enum { TABS_ON_LINE = 1, TABS_SEARCH };
static const struct tray trays[] = {
    {.route = "desk-unverified",
     .list = &request_unverified_list,
     .title = N_("On-line requests"), /* es: "Solicitudes en Línea" */
     .lead = N_("Their applicants have not confirmed their e-mail address yet. Cancel one whose address is wrong."),
     .link = DESK_REQUESTS "/%lld",
     .empty = N_("No request waits for its address to be confirmed."),
     .option = N_("Look at it"),
     .group = TABS_ON_LINE,
     .tab = N_("E-mail not confirmed"), /* es: "Correo sin Validar" */
     .path = DESK_REQUESTS "/sin-validar"},
    {.route = "desk-started",
     .list = &request_started_list,
     .title = N_("On-line requests"),
     .lead = N_("They wait for an agent. Whoever takes one attends it; nobody else can then."),
     .link = DESK_REQUESTS "/%lld",
     .empty = N_("No request waits for an agent."),
     .option = N_("Open"),
     .group = TABS_ON_LINE,
     .tab = N_("Started ones"), /* es: "Iniciados" */
     .path = DESK_REQUESTS},
    {.route = "desk-mine",
     .list = &request_own_list,
     .title = N_("My on-line requests"), /* es: "Mis Solicitudes en Línea" */
     .lead = N_("Those that you have taken and not concluded."),
     .link = DESK_REQUESTS "/%lld",
     .empty = N_("You have taken no request. Take one in “On-line requests”."),
     .option = N_("Attend"), /* es: "Atender Solicitud" */
     .own = "taker"},
    {.route = "desk-search",
     .list = &request_list,
     .title = N_("Advanced search"), /* es: "Búsqueda Avanzada" */
     .link = DESK_REQUESTS "/%lld",
     .empty = N_("There are no requests yet."),
     .option = N_("Follow"), /* es: "Seguimiento" */
     .group = TABS_SEARCH,
     .tab = N_("Requests"), /* es: "Requerimientos" */
     .path = DESK_SEARCH},
    {.route = "desk-valid",
     .list = &holding_valid_list,
     .title = N_("Advanced search"),
     .link = DESK_ISSUED "/%lld",
     .empty = N_("There are no valid certificates yet."),
     .option = N_("Details"), /* es: "Detalles" */
     .group = TABS_SEARCH,
     .tab = N_("Valid certificates"), /* es: "Certificados válidos" */
     .path = DESK_SEARCH "/validos"},
    {.route = "desk-revoked",
     .list = &holding_revoked_list,
     .title = N_("Advanced search"),
     .link = DESK_ISSUED "/%lld",
     .empty = N_("No certificate was revoked yet."),
     .option = N_("Details"),
     .group = TABS_SEARCH,
     .tab = N_("Revoked certificates"), /* es: "Certificados revocados" */
     .path = DESK_SEARCH "/revocados"},
    {.route = "desk-made",
     .list = &holding_made_list,
     .title = N_("Certificates that I issued"), /* es: "Mis Certificados Creados" */
     .link = DESK_ISSUED "/%lld",
     .empty = N_("You have issued no certificate yet."),
     .option = N_("Details"),
     .own = "agent"},
    {.route = "desk-withdrawn",
     .list = &holding_withdrawn_list,
     .title = N_("Certificates that I revoked"), /* es: "Mis Certificados Revocados" */
     .link = DESK_ISSUED "/%lld",
     .empty = N_("You have revoked no certificate yet."),
     .option = N_("Details"),
     .own = "revoker"},
    {.route = "desk-revocations",
     .list = &revocation_list,
     .title = N_("My revocation requests"), /* es: "Mis Solicitudes de Revocación" */
     .lead = N_("Asked for by agents, holders, and departures. Who asked for one does not decide it."),
     .link = DESK_REVOKED "/%lld",
     .empty = N_("There are no revocation requests.")}, /* its columns fill the page already */
};
enum { TRAYS = sizeof trays / sizeof *trays };

static void put_tabs(const struct page *page, const struct tray *current)
{
    struct view *tabs = view_list(page->view, "tabs");
    for (size_t i = 0; current->group != 0 && i < TRAYS; i++) {
        if (trays[i].group == current->group) page_tab(page, tabs, trays[i].tab, trays[i].path, &trays[i] == current);
    }
    view_flag(page->view, "has_tabs", current->group != 0);
}

rfd_status desk_tray_list(struct page *page, struct rfd_error *error)
{
    size_t i = 0;
    bool done = false;
    while (i < TRAYS && strcmp(trays[i].route, page->route->name) != 0) i++;
    if (i == TRAYS) return error_set(error, RFD_E_INTERNAL, "no list of this name");
    struct list_query fixed = {.sort = NULL};
    const struct page_list list = {.definition = trays[i].list,
                                   .link = trays[i].link,
                                   .option = trays[i].option,
                                   .empty = trays[i].empty,
                                   .fixed = &fixed};
    if (trays[i].own != NULL) list_fix_number(&fixed, page->arena, trays[i].own, page->actor.person);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    put_tabs(page, &trays[i]);
    view_string(page->view, "heading", page_text(page, trays[i].title));
    view_string(page->view, "lead", trays[i].lead == NULL ? "" : page_text(page, trays[i].lead));
    return page_show(page, trays[i].title, "desk/list", error);
}
