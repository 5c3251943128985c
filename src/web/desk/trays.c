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
};
static const struct tray trays[] = {
    {"desk-unverified", &request_unverified_list, N_("On-line requests"), /* es: "Solicitudes en Línea" */
     N_("Their applicants have not confirmed their e-mail address yet. Cancel one whose address is wrong."),
     DESK_REQUESTS "/%lld", N_("No request waits for its address to be confirmed."), 1,
     N_("E-mail not confirmed"), /* es: "Correo sin Validar" */
     DESK_REQUESTS "/sin-validar"},
    {"desk-started", &request_started_list, N_("On-line requests"),
     N_("They wait for an agent. Whoever takes one attends it; nobody else can then."), DESK_REQUESTS "/%lld",
     N_("No request waits for an agent."), 1, N_("Started ones"), /* es: "Iniciados" */
     DESK_REQUESTS},
    {"desk-mine", &request_own_list, N_("My on-line requests"), /* es: "Mis Solicitudes en Línea" */
     N_("Those that you have taken and not concluded."), DESK_REQUESTS "/%lld",
     N_("You have taken no request. Take one in “On-line requests”."), 0, NULL, DESK_MINE},
    {"desk-search", &request_list, N_("Advanced search"),                              /* es: "Búsqueda Avanzada" */
     NULL, DESK_REQUESTS "/%lld", N_("There are no requests yet."), 2, N_("Requests"), /* es: "Requerimientos" */
     DESK_SEARCH},
    {"desk-valid", &holding_valid_list, N_("Advanced search"), NULL, DESK_ISSUED "/%lld",
     N_("There are no valid certificates yet."), 2, N_("Valid certificates"), /* es: "Certificados válidos" */
     DESK_SEARCH "/validos"},
    {"desk-revoked", &holding_revoked_list, N_("Advanced search"), NULL, DESK_ISSUED "/%lld",
     N_("No certificate was revoked yet."), 2, N_("Revoked certificates"), /* es: "Certificados revocados" */
     DESK_SEARCH "/revocados"},
    {"desk-made", &holding_made_list, N_("Certificates that I issued"), /* es: "Mis Certificados Creados" */
     NULL, DESK_ISSUED "/%lld", N_("You have issued no certificate yet."), 0, NULL, DESK "/mis-certificados"},
    {"desk-withdrawn", &holding_withdrawn_list,
     N_("Certificates that I revoked"), /* es: "Mis Certificados Revocados" */
     NULL, DESK_ISSUED "/%lld", N_("You have revoked no certificate yet."), 0, NULL, DESK "/mis-revocados"},
    {"desk-revocations", &revocation_list, N_("My revocation requests"), /* es: "Mis Solicitudes de Revocación" */
     N_("Asked for by agents, holders, and departures. Who asked for one does not decide it."), DESK_REVOKED "/%lld",
     N_("There are no revocation requests."), 0, NULL, DESK_REVOKED},
};
enum { TRAYS = sizeof trays / sizeof *trays };

static void put_tabs(const struct page *page, const struct tray *current)
{
    struct view *tabs = view_list(page->view, "tabs");
    for (size_t i = 0; current->group != 0 && i < TRAYS; i++) {
        if (trays[i].group != current->group) continue;
        struct view *item = view_item(tabs);
        view_string(item, "title", page_text(page, trays[i].tab));
        view_string(item, "link", trays[i].path);
        view_flag(item, "current", &trays[i] == current);
    }
    view_flag(page->view, "has_tabs", current->group != 0);
}

rfd_status desk_tray_list(struct page *page, struct rfd_error *error)
{
    size_t i = 0;
    bool done = false;
    while (i < TRAYS && strcmp(trays[i].route, page->route->name) != 0) i++;
    if (i == TRAYS) return error_set(error, RFD_E_INTERNAL, "no list of this name");
    const struct page_list list = {.definition = trays[i].list, .link = trays[i].link, .empty = trays[i].empty};
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    put_tabs(page, &trays[i]);
    view_string(page->view, "heading", page_text(page, trays[i].title));
    view_string(page->view, "lead", trays[i].lead == NULL ? "" : page_text(page, trays[i].lead));
    return page_show(page, trays[i].title, "desk/list", error);
}
