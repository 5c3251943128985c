/* SPDX-License-Identifier: EUPL-1.2
 *
 * Samples; nobody in them is real. Their texts are Spanish, as the demonstration's data is.
 */
#include "web/demo/patterns.h"

#include "base/error.h"
#include "base/i18n.h"

static void put(struct view *view, const char *const (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) view_string(view, pairs[i][0], pairs[i][1]);
}
#define PUT(view, ...)                                                                                                 \
    do {                                                                                                               \
        const char *const pairs_[][2] = {__VA_ARGS__};                                                                 \
        put((view), pairs_, sizeof pairs_ / sizeof *pairs_);                                                           \
    } while (0)

/* ---- Forms ---- */

static const struct form_field fields[] = {
    {"text", N_("Full name"), N_("As it is in your identity document"), FORM_TEXT, true, 80, "name", NULL, false},
    {"long-text", N_("Reason"), NULL, FORM_LONG_TEXT, false, 500, NULL, NULL, false},
    {"mail", N_("E-mail address"), NULL, FORM_MAIL, true, 0, "email", NULL, false},
    {"mobile", N_("Mobile number"), NULL, FORM_MOBILE, false, 0, "tel", NULL, false},
    {"password", N_("Password"), NULL, FORM_PASSWORD, false, 0, "current-password", NULL, false},
    {"new-password", N_("New password"), N_("At least 8 characters; 12 are better"), FORM_NEW_PASSWORD, false, 0,
     "new-password", NULL, false},
    {"code", N_("Code"), NULL, FORM_CODE, false, 8, "one-time-code", NULL, false},
    {"number", N_("Working days"), NULL, FORM_NUMBER, false, 4, NULL, NULL, false},
    {"day", N_("From"), NULL, FORM_DAY, false, 0, NULL, NULL, false},
    {"choice", N_("Unit"), NULL, FORM_CHOICE, true, 0, NULL, NULL, false},
    {"radio", N_("Way"), NULL, FORM_RADIO, true, 0, NULL, NULL, false},
    {"many", N_("Role"), NULL, FORM_MANY, false, 0, NULL, NULL, false},
    {"tick", N_("I have read the conditions"), NULL, FORM_TICK, true, 0, NULL, NULL, false},
    {"file", N_("Choose a file"), NULL, FORM_FILE, false, 0, NULL, NULL, false},
};
enum { FIELDS = sizeof fields / sizeof *fields };

#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                                             \
    }
static const struct form_choice units[] = {{TEXT("gaf"), TEXT("Gerencia de Administración")},
                                           {TEXT("oti"), TEXT("Oficina de Tecnologías")}};
static const struct form_choice ways[] = {{TEXT("mail"), TEXT("Correo electrónico")}, {TEXT("sms"), TEXT("SMS")}};

/** A file goes the way of all uploads; nobody records it, so that it is swept away after a day. */
static rfd_status keep_file(struct page *page, struct form *form, struct rfd_error *error)
{
    struct blob blob;
    const struct http_part *file = form_value(form, "file")->file;
    if (file == NULL) return RFD_OK;
    TRY(page_keep_file(page, file, &blob, error));
    view_string(page->view, "kept_id", arena_print(page->arena, "%s", blob.id));
    view_number(page->view, "kept_size", (int64_t)blob.size);
    return RFD_OK;
}

static rfd_status put_form(struct page *page, struct rfd_error *error)
{
    struct form form;
    bool sent = page->request->method == HTTP_POST;
    form_new(&form, fields, FIELDS);
    if (sent) TRY(form_read(page, fields, FIELDS, &form, error));
    if (sent) TRY(keep_file(page, &form, error));
    form_choices(&form, "choice", units, 2, sent);
    form_choices(&form, "radio", ways, 2, sent);
    form_choices(&form, "many", ways, 2, sent);
    form_show(page, &form);
    return RFD_OK;
}

/* ---- Lists ---- */

static void put_row(struct view *rows, int64_t id, const char *const cells[4], const char *tone)
{
    static const char *const labels[] = {"Código", "Persona", "Enviada", "Estado"};
    struct view *row = view_item(rows);
    struct view *list = view_list(row, "cells");
    view_number(row, "id", id);
    for (size_t i = 0; i < 4; i++) {
        struct view *cell = view_item(list);
        PUT(cell, {"text", cells[i]}, {"label", labels[i]}, {"link", i == 0 ? "#lista" : ""},
            {"tone", i == 3 ? tone : ""});
        view_flag(cell, "is_number", false);
        view_flag(cell, "is_time", i == 2);
        view_flag(cell, "is_flag", false);
        view_flag(cell, "flag", false);
    }
}

static void put_columns(struct view *list)
{
    static const char *const titles[] = {"Código", "Persona", "Enviada", "Estado"};
    for (size_t i = 0; i < 4; i++) {
        struct view *column = view_item(list);
        PUT(column, {"title", titles[i]}, {"link", "#lista"});
        view_flag(column, "sortable", i != 3);
        view_flag(column, "sorted", i == 2);
        view_flag(column, "ascending", false);
        view_flag(column, "descending", i == 2);
        view_flag(column, "is_number", false);
    }
}

static void put_numbers(struct view *list, const int64_t *numbers, size_t count, int64_t current)
{
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(list);
        view_number(item, "number", numbers[i]);
        view_string(item, "link", "#lista");
        view_flag(item, "gap", numbers[i] == 0);
        view_flag(item, "current", numbers[i] == current);
    }
}

static void put_list(struct page *page)
{
    static const int64_t pages[] = {1, 2, 3, 0, 12};
    static const int64_t sizes[] = {10, 25, 50, 100};
    struct view *list = view_object(page->view, "list");
    PUT(list, {"name", "lista"}, {"search", ""}, {"empty", ""}, {"first_link", ""}, {"previous_link", ""},
        {"next_link", "#lista"}, {"last_link", "#lista"}, {"csv", "#lista"});
    view_flag(list, "searchable", true);
    view_flag(list, "searched", false);
    view_flag(list, "ticks", true);
    view_flag(list, "more", false);
    view_flag(list, "is_empty", false);
    view_number(list, "from", 1);
    view_number(list, "to", 3);
    view_number(list, "total", 35);
    put_columns(view_list(list, "columns"));
    struct view *rows = view_list(list, "rows");
    put_row(rows, 7, (const char *const[]){"A-0007-2026", "Quispe Inventada, Rosa", "21/11/2026 18:50", "Enviada"},
            "neutral");
    put_row(rows, 6, (const char *const[]){"A-0006-2026", "Ejemplo Ficticio, Juan", "20/11/2026 09:12", "Aprobada"},
            "good");
    put_row(rows, 5, (const char *const[]){"A-0005-2026", "Muestra Irreal, Carmen", "19/11/2026 16:03", "Rechazada"},
            "bad");
    put_numbers(view_list(list, "pages"), pages, 5, 1);
    put_numbers(view_list(list, "sizes"), sizes, 4, 10);
    (void)view_list(list, "hidden");
}

/* ---- The other parts ---- */

static void put_badges(struct view *view)
{
    static const char *const badges[][2] = {
        {"neutral", "Borrador"}, {"good", "Aprobada"}, {"warn", "Por vencer"}, {"bad", "Rechazada"}};
    struct view *list = view_list(view, "badges");
    for (size_t i = 0; i < 4; i++)
        PUT(view_item(list), {"tone", badges[i][0]}, {"label", badges[i][1]}, {"state", badges[i][0]});
}

static void put_trays(struct view *view)
{
    static const char *const titles[] = {"Por decidir", "Enviadas", "Decididas"};
    static const int64_t counts[] = {3, 12, 128};
    struct view *trays = view_list(view, "trays");
    struct view *tabs = view_list(view, "tabs");
    struct view *steps = view_list(view, "steps");
    for (size_t i = 0; i < 3; i++) {
        struct view *tray = view_item(trays);
        struct view *tab = view_item(tabs);
        struct view *step = view_item(steps);
        PUT(tray, {"title", titles[i]}, {"link", "#bandeja"});
        view_number(tray, "count", counts[i]);
        view_flag(tray, "current", i == 0);
        PUT(tab, {"title", titles[i]}, {"link", "#pestanas"});
        view_flag(tab, "current", i == 0);
        view_string(step, "title", titles[i]);
        view_number(step, "number", (int64_t)i + 1);
        view_flag(step, "done", i == 0);
        view_flag(step, "current", i == 1);
    }
}

static void put_events(struct view *view)
{
    struct view *list = view_list(view, "events");
    PUT(view_item(list), {"time", "19/11/2026 16:03"}, {"title", "Solicitud creada"}, {"text", ""},
        {"actor", "Quispe Inventada, Rosa"}, {"state", "Borrador"}, {"tone", "neutral"});
    PUT(view_item(list), {"time", "19/11/2026 16:10"}, {"title", "Enviada a la jefatura"},
        {"text", "Se avisó por correo electrónico."}, {"actor", "Quispe Inventada, Rosa"}, {"state", "Enviada"},
        {"tone", "warn"});
    PUT(view_item(list), {"time", "20/11/2026 09:12"}, {"title", "Aprobada"}, {"text", ""},
        {"actor", "Ejemplo Ficticio, Juan"}, {"state", "Aprobada"}, {"tone", "good"});
}

static void put_evidence(struct view *view)
{
    struct view *list = view_list(view, "files");
    for (size_t i = 0; i < 2; i++) {
        struct view *file = view_item(list);
        PUT(file, {"title", i == 0 ? "Oficio 0012-2026.pdf" : "DNI.png"}, {"link", "#evidencia"},
            {"type", i == 0 ? "PDF" : "PNG"}, {"size", i == 0 ? "182 KiB" : "96 KiB"},
            {"note", i == 0 ? "Firmado por una persona inventada" : ""});
        view_flag(file, "is_pdf", i == 0);
        view_flag(file, "is_image", false);
    }
    struct view *facts = view_list(view, "facts");
    PUT(view_item(facts), {"label", "Unidad"}, {"text", "Gerencia de Administración"}, {"link", "#datos"},
        {"markup", ""});
    PUT(view_item(facts), {"label", "Cargo"}, {"text", "Analista"}, {"link", ""}, {"markup", ""});
    PUT(view_item(facts), {"label", "Correo"}, {"text", ""}, {"link", ""}, {"markup", ""});
}

static void put_chart(struct view *view)
{
    static const char *const labels[] = {"Enero", "Febrero", "Marzo"};
    static const int64_t numbers[] = {24, 60, 41};
    struct view *chart = view_object(view, "chart");
    view_string(chart, "title", "Solicitudes por mes");
    struct view *bars = view_list(chart, "bars");
    for (size_t i = 0; i < 3; i++) {
        struct view *bar = view_item(bars);
        view_string(bar, "label", labels[i]);
        view_number(bar, "number", numbers[i]);
        view_number(bar, "percent", numbers[i] * 100 / 60);
    }
}

static void put_confirm(struct view *view)
{
    struct view *confirm = view_object(view, "confirm");
    PUT(confirm, {"title", "Cerrar la cuenta U1234"}, {"text", "Esto no se puede deshacer."},
        {"action", "Cerrar la cuenta"}, {"back", "/estilo"});
    view_flag(confirm, "danger", true);
    struct view *consequences = view_list(confirm, "consequences");
    view_item_text(consequences, SLICE("Sus sesiones terminan ahora mismo."));
    view_item_text(consequences, SLICE("Sus roles quedan en el historial."));
    (void)view_list(confirm, "fields");
    struct view *empty = view_object(view, "empty");
    PUT(empty, {"title", "Aún no hay solicitudes"}, {"text", "Cree la primera para un colega de su unidad."},
        {"link", "#vacio"}, {"action", "Nueva solicitud"});
}

/** The page's own contents. */
static void put_sections(struct page *page)
{
    static const char *const sections[][2] = {
        {"words", N_("Text")},
        {"buttons", N_("Buttons")},
        {"badge", N_("States")},
        {"tray", N_("Trays")},
        {"tabs", N_("Tabs")},
        {"steps", N_("Steps")},
        {"list", N_("Lists")},
        {"form", N_("Forms")},
        {"timeline", N_("Timeline")},
        {"evidence", N_("Documents")},
        {"facts", N_("Facts")},
        {"chart", N_("Charts")},
        {"empty", N_("Nothing here yet")},
        {"confirm", N_("Are you sure?")},
    };
    struct view *list = view_list(page->view, "sections");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        PUT(view_item(list), {"name", sections[i][0]}, {"title", page_text(page, sections[i][1])});
}

rfd_status patterns_show(struct page *page, struct rfd_error *error)
{
    TRY(put_form(page, error));
    put_sections(page);
    put_list(page);
    put_badges(page->view);
    put_trays(page->view);
    put_events(page->view);
    put_evidence(page->view);
    put_chart(page->view);
    put_confirm(page->view);
    view_string(page->view, "sample_notice", "La solicitud A-0007-2026 fue enviada.");
    return page_show(page, N_("Patterns"), "style/patterns", error);
}
