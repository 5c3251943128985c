/* SPDX-License-Identifier: EUPL-1.2
 *
 * The menu: what is in it depends on what the person may do; what they may not do is not there.
 */
#include "web/menu.h"

#include "base/i18n.h"

/* Rows of one title follow each other: the first is shown, the others are below it. */
static const struct menu_row rows[] = {
    {N_("Start"), NULL, "/", ACTION_SIGNED_IN, "home", NULL},
    {N_("Access"), N_("Requests of roles"), "/accesos/solicitudes", ACTION_ACCESS_REQUEST, "request",
     N_("Ask for roles of a colleague, and see how far it is")},
    {N_("Access"), N_("To decide"), "/accesos/bandeja", ACTION_ACCESS_APPROVE, "tray",
     N_("Approve or reject what your people need")},
    {N_("Access"), N_("Certifying agents"), "/accesos/agentes", ACTION_ACCESS_AGENT_APPROVE, "certificate",
     N_("Decide who becomes a certifying agent")},
    {N_("Access"), N_("Review of roles"), "/accesos/revision", ACTION_ACCESS_REVIEW, "role",
     N_("Confirm the roles that your people have")},
    {N_("Access"), N_("History of roles"), "/accesos/historial", ACTION_ACCESS_SEE, "history",
     N_("Who had which role, on any day")},
    {N_("Agent's desk"), N_("On-line requests"), "/agente/solicitudes", ACTION_REGISTRATION_ATTEND, "request",
     N_("Requests that wait for an agent")}, /* es: Solicitudes en Línea */
    {N_("Agent's desk"), N_("My on-line requests"), "/agente/mis-solicitudes", ACTION_REGISTRATION_ATTEND, "tray",
     N_("Those that you have taken")}, /* es: Mis Solicitudes en Línea */
    {N_("Agent's desk"), N_("Issue a certificate"), "/agente/generar", ACTION_REGISTRATION_ATTEND, "certificate",
     N_("In person, for somebody who is here")}, /* es: Generar Certificado */
    {N_("Agent's desk"), N_("Seals of entities"), "/agente/sellos", ACTION_REGISTRATION_ATTEND, "stamp",
     N_("Approve, with another agent, that an entity has one")}, /* es: Sellos de entidades */
    {N_("Agent's desk"), N_("Advanced search"), "/agente/busqueda", ACTION_REGISTRATION_SEE, "search",
     N_("Requests and certificates, by name or number")}, /* es: Búsqueda Avanzada */
    {N_("Agent's desk"), N_("Certificates that I issued"), "/agente/mis-certificados", ACTION_REGISTRATION_ATTEND,
     "certificate", NULL}, /* es: Mis Certificados Creados */
    {N_("Agent's desk"), N_("Certificates that I revoked"), "/agente/mis-revocados", ACTION_REGISTRATION_ATTEND, "lock",
     NULL}, /* es: Mis Certificados Revocados */
    {N_("Agent's desk"), N_("My revocation requests"), "/agente/revocaciones", ACTION_CERTIFICATE_REVOKE, "history",
     NULL}, /* es: Mis Solicitudes de Revocación */
    {N_("Certificates of units"), N_("Requests of my unit"), "/tramites/certificados", ACTION_AGENCY_REQUEST, "request",
     N_("Ask for certificates for your people, and see how far it is")},
    {N_("Certificates of units"), N_("To attend"), "/tramites/bandeja", ACTION_AGENCY_ATTEND, "tray",
     N_("What units have asked for")},
    {N_("Certificates of units"), N_("Statistics"), "/certificados/estadisticas", ACTION_STATISTICS_SEE, "history",
     N_("Requests and certificates, by state, unit and month")},
    {N_("Sign documents"), NULL, "/firmar", ACTION_CENTRAL_SIGN, "stamp",
     N_("With your certificate that is kept here, from any device")}, /* es: Firmar documentos */
    {N_("My certificates"), NULL, "/certificados", ACTION_CERTIFICATE_OWN, "certificate",
     N_("Their state and uses; renew or revoke them")},
    {N_("Organisation"), N_("Overview"), "/organizacion", ACTION_ORGANISATION_SEE, "unit", NULL},
    {N_("Organisation"), N_("People"), "/organizacion/personas", ACTION_ORGANISATION_SEE, "people",
     N_("People, their posts and how to reach them")},
    {N_("Organisation"), N_("Units"), "/organizacion/unidades", ACTION_ORGANISATION_SEE, "tree",
     N_("The tree of units, with their positions")},
    {N_("Organisation"), N_("Departures"), "/organizacion/ceses", ACTION_ORGANISATION_SEE, "leave",
     N_("Who left, and what is to be closed")},
    {N_("Organisation"), N_("Import"), "/organizacion/importar", ACTION_ORGANISATION_IMPORT, "upload", NULL},
    {N_("Accounts"), NULL, "/administracion/cuentas", ACTION_ACCOUNT_SEE, "person",
     N_("Accounts: create, unlock, raise to the advanced level")},
    {N_("Audit"), N_("Events"), "/auditoria", ACTION_AUDIT_SEE, "audit", N_("What happened, by whom and when")},
    {N_("Audit"), N_("Verification"), "/auditoria/verificacion", ACTION_AUDIT_SEE, "shield",
     N_("Whether the trail is whole, and its signatures")},
    {N_("Administration"), N_("Messages"), "/administracion/mensajes", ACTION_MESSAGES_SEE, "mail",
     N_("Mails and SMS on their way, and what became of them")},
    {N_("Administration"), N_("Texts of messages"), "/administracion/textos", ACTION_MESSAGES_EDIT, "edit",
     N_("What mails and SMS say, in each language")},
    {N_("Administration"), N_("Catalogues"), "/administracion/catalogos", ACTION_CATALOGUE_EDIT, "settings",
     N_("Motives, evidence, reasons to revoke")},
    {N_("Administration"), N_("Who may do what"), "/administracion/permisos", ACTION_SETTINGS_SEE, "lock",
     N_("The table of roles and what they may do")},
    {N_("Administration"), N_("State of the installation"), "/administracion/estado", ACTION_SETTINGS_SEE, "settings",
     N_("Settings, and how the installation is")},
    {N_("Administration"), N_("Single sign-on"), "/administracion/programas", ACTION_CLIENTS_EDIT, "key",
     N_("Programs that people enter with their account here")},
    {N_("Administration"), N_("Portals"), "/administracion/portales", ACTION_CENTRAL_PORTALS, "external",
     N_("Sites that send their people here to sign")}, /* es: "Portales" */
    {N_("Your account"), NULL, "/cuenta", ACTION_ACCOUNT_OWN, "person",
     N_("Your data, password, ways to sign in and sessions")},
};

const struct menu_row *menu_rows(size_t *count)
{
    *count = sizeof rows / sizeof *rows;
    return rows;
}

bool menu_is_open(const struct page *page, const struct menu_row *row)
{
    if (!web_has_page(page->web, row->link)) return false;
    return row->action == ACTION_SIGNED_IN || actor_may(&page->actor, row->action, NULL);
}

static bool leads_to(const struct menu_row *row, slice path)
{
    slice link = slice_text(row->link);
    if (link.length == 1) return path.length == 1;
    return slice_starts(path, link) && (path.length == link.length || path.data[link.length] == '/');
}

/** Of several that lead there, the one that says most of the way. */
static bool is_current(const struct page *page, const struct menu_row *row)
{
    slice path = page->request->path;
    if (!leads_to(row, path)) return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].link) > strlen(row->link) && leads_to(&rows[i], path)) return false;
    return true;
}

static void put_row(const struct page *page, struct view *to, const struct menu_row *row, const char *title)
{
    view_string(to, "title", page_text(page, title));
    view_string(to, "link", row->link);
    view_flag(to, "current", is_current(page, row));
    view_string(to, "icon", row->icon);
}

/** A title with one page needs nothing below it. */
static void put_group(const struct page *page, struct view *menu, size_t from, size_t to)
{
    struct view *group = NULL;
    struct view *items = NULL;
    size_t open = 0;
    for (size_t i = from; i < to; i++) open += menu_is_open(page, &rows[i]);
    for (size_t i = from; i < to; i++) {
        if (!menu_is_open(page, &rows[i])) continue;
        if (group == NULL) {
            group = view_item(menu);
            view_string(group, "title", page_text(page, rows[i].title));
            view_string(group, "link", rows[i].link);
            view_string(group, "icon", rows[i].icon);
            view_flag(group, "current", open == 1 && is_current(page, &rows[i]));
            items = view_list(group, "items");
        }
        if (open > 1) put_row(page, view_item(items), &rows[i], rows[i].item);
    }
}

void menu_show(struct page *page, struct view *view)
{
    struct view *menu = view_list(view, "menu");
    if (page->actor.account == 0) return;
    size_t count = sizeof rows / sizeof *rows;
    for (size_t from = 0; from < count;) {
        size_t to = from + 1;
        while (to < count && strcmp(rows[to].title, rows[from].title) == 0) to++;
        put_group(page, menu, from, to);
        from = to;
    }
}
