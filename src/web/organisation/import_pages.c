/* SPDX-License-Identifier: EUPL-1.2
 *
 * Importing a file: it is tried first, and what it would change is shown; the file waits as a blob until somebody
 * confirms it, and is then run as a whole or not at all.
 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"
#include "base/number.h"

enum { SHOWN_MAXIMUM = 500, FILE_MAXIMUM = 16 << 20 };

static const struct form_field fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true},
    {.name = "file",
     .label = N_("File (CSV)"),
     .hint = N_("Of units, positions, people or departures: the first line names the columns"),
     .kind = FORM_FILE,
     .required = true},
};

struct shown_line {
    unsigned line;
    enum import_change change;
    slice what, detail;
};
struct importing {
    struct page *page;
    struct form form;
    struct form_choice *choices;
    size_t choice_count;
    int64_t entity;
    slice csv;
    bool dry_run;
    struct import_counts counts;
    struct shown_line *lines;
    size_t line_count;
    struct blob blob;
};

/* ---- The form ---- */

static rfd_status read_entities(struct transaction *t, void *context, struct rfd_error *error)
{
    struct importing *i = context;
    struct arena *a = i->page->arena;
    struct entity *found;
    TRY(entity_choices(t, &i->page->actor, ACTION_ORGANISATION_IMPORT, &found, &i->choice_count, error));
    i->choices = arena_zeroed(a, i->choice_count + 1, sizeof *i->choices);
    if (i->choices == NULL) return arena_failed(a, error);
    for (size_t n = 0; n < i->choice_count; n++) {
        const char *id = arena_print(a, "%lld", (long long)found[n].id);
        if (id == NULL) return arena_failed(a, error);
        i->choices[n] = (struct form_choice){slice_text(id), page_keep(i->page, found[n].name)};
    }
    return RFD_OK;
}

static rfd_status show_form(struct importing *i, bool sent, struct rfd_error *error)
{
    TRY(page_read(i->page, read_entities, i, error));
    if (i->choice_count == 1 && form_text(&i->form, "entity").length == 0)
        form_set(&i->form, "entity", i->choices[0].value);
    form_choices(&i->form, "entity", i->choices, i->choice_count, sent);
    form_show(i->page, &i->form);
    (void)show_title(i->page, slice_text(page_text(i->page, N_("Import"))), false);
    return page_show(i->page, N_("Import"), "organisation/import", error);
}

rfd_status import_form(struct page *page, struct rfd_error *error)
{
    struct importing i = {.page = page};
    form_new(&i.form, fields, sizeof fields / sizeof *fields);
    return show_form(&i, false, error);
}

/* ---- Running it ---- */

/* What stays as it is has its place in the counts alone. Wrong lines are always shown: there are at most 1,000. */
static rfd_status take_line(void *context, const struct import_line *line, struct rfd_error *error)
{
    struct importing *i = context;
    bool wrong = line->change == IMPORT_WRONG;
    if (line->change == IMPORT_SAME || (i->line_count >= SHOWN_MAXIMUM && !wrong)) return RFD_OK;
    if (i->line_count >= 3 * SHOWN_MAXIMUM) return RFD_OK;
    struct shown_line *s = &i->lines[i->line_count++];
    *s =
        (struct shown_line){line->line, line->change, page_keep(i->page, line->what), page_keep(i->page, line->detail)};
    return s->detail.data == NULL && line->detail.length > 0 ? arena_failed(i->page->arena, error) : RFD_OK;
}

static rfd_status import_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct importing *i = context;
    const struct import_options options = {.packs = page_packs(i->page),
                                           .entity = i->entity,
                                           .dry_run = i->dry_run,
                                           .language = i->page->language,
                                           .zone = i->page->web->zone,
                                           .each = take_line,
                                           .context = i};
    i->line_count = 0;
    return organisation_import(t, &i->page->actor, i->csv, &options, &i->counts, error);
}

static rfd_status run(struct importing *i, struct rfd_error *error)
{
    i->lines = arena_zeroed(i->page->arena, 3 * SHOWN_MAXIMUM, sizeof *i->lines);
    if (i->lines == NULL) return arena_failed(i->page->arena, error);
    return page_write(i->page, import_work, i, error);
}

/* ---- The report ---- */

static void put_lines(const struct importing *i)
{
    static const struct {
        const char *words, *tone;
    } changes[] = {[IMPORT_NEW] = {N_("New"), "good"},
                   [IMPORT_CHANGED] = {N_("Changes"), "warn"},
                   [IMPORT_SAME] = {N_("Stays"), "neutral"},
                   [IMPORT_WRONG] = {N_("Wrong"), "bad"}};
    struct view *list = view_list(i->page->view, "lines");
    for (size_t n = 0; n < i->line_count; n++) {
        const struct shown_line *l = &i->lines[n];
        struct view *item = view_item(list);
        view_number(item, "line", l->line);
        view_text(item, "what", l->what);
        view_text(item, "detail", l->detail);
        view_string(item, "label", page_text(i->page, changes[l->change].words));
        view_string(item, "tone", changes[l->change].tone);
    }
}

static rfd_status show_report(struct importing *i, struct rfd_error *error)
{
    struct page *page = i->page;
    const struct import_counts *c = &i->counts;
    struct form form;
    form_new(&form, NULL, 0);
    form_show(page, &form);
    (void)show_title(page, slice_text(page_text(page, N_("What the file would change"))), false);
    view_number(page->view, "total", c->lines);
    view_number(page->view, "added", c->added);
    view_number(page->view, "changed", c->changed);
    view_number(page->view, "same", c->same);
    view_number(page->view, "wrong", c->wrong);
    view_flag(page->view, "any_wrong", c->wrong > 0);
    view_flag(page->view, "nothing", c->wrong == 0 && c->added + c->changed == 0);
    view_flag(page->view, "ready", c->wrong == 0 && c->added + c->changed > 0);
    view_flag(page->view, "cut", i->line_count < c->added + c->changed + c->wrong);
    view_number(page->view, "entity", i->entity);
    view_string(page->view, "blob", i->blob.id);
    view_flag(page->view, "has_lines", i->line_count > 0);
    put_lines(i);
    return page_show(page, N_("What the file would change"), "organisation/import_report", error);
}

static rfd_status record_work(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct importing *i = context;
    return blob_record(t, &i->blob, error);
}

rfd_status import_try(struct page *page, struct rfd_error *error)
{
    struct importing i = {.page = page, .dry_run = true};
    TRY(form_read(page, fields, sizeof fields / sizeof *fields, &i.form, error));
    const struct http_part *file = form_value(&i.form, "file")->file;
    (void)number_signed(form_text(&i.form, "entity"), &i.entity);
    rfd_status status = RFD_E_INVALID;
    if (!i.form.wrong) {
        i.csv = file->body;
        status = run(&i, error);
        if (status == RFD_E_INVALID || status == RFD_E_LIMIT)
            form_fail(&i.form, "file",
                      status == RFD_E_LIMIT ? N_("The file is too large")
                                            : N_("This is no CSV file: save it as CSV (UTF-8)"));
    }
    if (i.form.wrong) {
        error_clear(error);
        page->response->status = 422;
        return show_form(&i, true, error);
    }
    TRY(status);
    if (i.counts.wrong == 0 && i.counts.added + i.counts.changed > 0) {
        TRY(page_keep_file(page, file, &i.blob, error));
        TRY(page_write(page, record_work, &i, error));
    }
    return show_report(&i, error);
}

/* ---- Confirmed ---- */

static rfd_status find_blob(struct transaction *t, void *context, struct rfd_error *error)
{
    struct importing *i = context;
    struct blob found;
    TRY(blob_find(t, http_field_get(&i->page->fields, "blob", 0), &found, error));
    i->blob = found;
    i->blob.type = page_keep(i->page, found.type);
    i->blob.wrapped = page_keep(i->page, found.wrapped);
    return RFD_OK;
}

static rfd_status take_piece(void *context, slice piece, struct rfd_error *error)
{
    struct buf *b = context;
    buf_put_slice(b, piece);
    return buf_check(b, "file", error);
}

rfd_status import_do(struct page *page, struct rfd_error *error)
{
    struct importing i = {.page = page};
    struct buf text;
    const char *notice = N_("The file was imported");
    if (!number_signed(http_field_get(&page->fields, "entity", 0), &i.entity))
        return error_set(error, RFD_E_REQUEST, "entity");
    TRY(page_read(page, find_blob, &i, error));
    buf_init(&text, FILE_MAXIMUM);
    rfd_status status = blob_read(page_blobs(page), &i.blob, take_piece, &text, error);
    i.csv = buf_slice(&text);
    if (status == RFD_OK) status = run(&i, error);
    buf_dispose(&text);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        page->response->status = 409; /* something else has changed since it was tried */
        return show_report(&i, error);
    }
    TRY(status);
    return page_redirect(page, notice, error, ORGANISATION "?entidad=%lld", (long long)i.entity);
}

/* ---- Files to begin with ---- */

static const struct {
    const char *name, *text;
} models[] = {{"unidades", "\xEF\xBB\xBF"
                           "codigo;siglas;nombre;superior\r\n"},
              {"cargos", "\xEF\xBB\xBF"
                         "unidad;cargo;jefatura;plazas\r\n"},
              {"personas", "\xEF\xBB\xBF"
                           "documento;numero;nombres;primer_apellido;segundo_apellido;correo;movil;idioma;unidad;cargo;"
                           "desde;hasta;encargo;resolucion\r\n"},
              {"ceses", "\xEF\xBB\xBF"
                        "numero;ultimo_dia;motivo;unidad;cargo\r\n"}};

rfd_status import_model(struct page *page, struct rfd_error *error)
{
    slice name = http_request_part(page->request, "kind");
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        if (!slice_is(name, models[i].name)) continue;
        const char *disposition = arena_print(page->arena, "attachment; filename=\"%s.csv\"", models[i].name);
        if (disposition == NULL) return arena_failed(page->arena, error);
        http_response_header(page->response, "Content-Disposition", slice_text(disposition));
        http_response_body(page->response, "text/csv; charset=utf-8", slice_text(models[i].text));
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "no such file");
}
