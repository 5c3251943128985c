/* SPDX-License-Identifier: EUPL-1.2
 *
 * The audit trail, the newest first, by who, what, to what and when.
 */
#include "web/audit/audit_web.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"

#define MARGIN (INT64_C(600) * RFD_SECOND) /* rows are chained this much out of order at most */

void audit_tabs(struct page *page, const char *current)
{
    static const struct {
        const char *link, *title;
    } tabs[] = {{"/auditoria", N_("Events")},
                {"/auditoria/verificacion", N_("Verification")},
                {"/auditoria/firmas", N_("Signed checkpoints")}};
    struct view *list = view_list(page->view, "tabs");
    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++)
        page_tab(page, list, tabs[i].title, tabs[i].link, strcmp(tabs[i].link, current) == 0);
}

/* ---- What is looked for ---- */

struct looking {
    struct page *page;
    struct list_query query;
    rfd_time first, after; /* RFD_TIME_NONE: not asked for */
    slice object;
};

static slice asked(const struct page *page, const char *name)
{
    return http_trim(http_field_get(&page->request->query, name, 0));
}

static rfd_status find_range(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    uint64_t sequence;
    int64_t certificate;
    l->query = (struct list_query){.sort = NULL};
    if (l->first != RFD_TIME_NONE) {
        TRY(audit_sequence_at(t, l->first - MARGIN, &sequence, error));
        list_fix_number(&l->query, l->page->arena, "from", (int64_t)sequence);
        list_fix_number(&l->query, l->page->arena, "first", l->first);
    }
    if (l->after != RFD_TIME_NONE) {
        TRY(audit_sequence_at(t, l->after + MARGIN, &sequence, error));
        list_fix_number(&l->query, l->page->arena, "until", (int64_t)sequence);
        list_fix_number(&l->query, l->page->arena, "last", l->after);
    }
    TRY(audit_object_certificate(t, l->object, &certificate, error));
    if (certificate != 0) list_fix_number(&l->query, l->page->arena, "certificate", certificate);
    return RFD_OK;
}

/** The list's own filter would look for the object by its name: of a certificate it is found by its number. */
static void take_object(struct looking *l)
{
    for (size_t i = 0; i < LIST_FILTERS; i++) {
        if (l->query.filters[i].name == NULL || strcmp(l->query.filters[i].name, "certificate") != 0) continue;
        list_fix(&l->query, "object", SLICE_EMPTY);
        return;
    }
}

static void show_filters(const struct looking *l, bool wrong)
{
    struct page *page = l->page;
    struct view *view = view_object(page->view, "asked");
    struct view *actions = view_list(page->view, "actions");
    static const char *const fields[] = {"actor", "object", "action", "desde", "hasta"};
    bool filtered = false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        slice text = asked(page, fields[i]);
        view_text(view, fields[i], text);
        filtered = filtered || text.length > 0;
    }
    view_flag(page->view, "filtered", filtered);
    view_flag(page->view, "wrong_date", wrong);
    const char *name;
    for (size_t i = 0; (name = audit_action_name(i)) != NULL; i++) {
        struct view *item = view_item(actions);
        view_string(item, "value", name);
        view_string(item, "label", page_text(page, audit_action_title(slice_text(name))));
        view_flag(item, "selected", slice_is(asked(page, "action"), name));
    }
}

rfd_status audit_rows_show(struct page *page, struct rfd_error *error)
{
    struct looking l = {.page = page, .first = RFD_TIME_NONE, .after = RFD_TIME_NONE, .object = asked(page, "object")};
    const struct page_list list = {.definition = &audit_page_list,
                                   .link = "/auditoria/filas/%lld",
                                   .empty = N_("Nothing that was done fits what you look for."),
                                   .fixed = &l.query};
    slice from = asked(page, "desde"), until = asked(page, "hasta");
    rfd_time ignored;
    bool done = false;
    bool wrong = from.length > 0 && !moment_read_day(page, from, &l.first, &ignored);
    wrong = (until.length > 0 && !moment_read_day(page, until, &ignored, &l.after)) || wrong;
    TRY(page_read(page, find_range, &l, error));
    take_object(&l);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    show_filters(&l, wrong);
    audit_tabs(page, "/auditoria");
    return page_show(page, N_("Audit trail"), "audit/rows", error); /* es: "Registro de auditoría" */
}

/* ---- One row ---- */

struct reading {
    struct page *page;
    int64_t sequence;
};

static slice hex(struct page *page, slice bytes)
{
    uint8_t *text = arena_allocate(page->arena, bytes.length * 2 + 1);
    if (text == NULL) return SLICE_EMPTY;
    number_to_hex(bytes, false, text);
    return slice_of(text, bytes.length * 2);
}

static rfd_status load_row(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct reading *r = context;
    struct page *page = r->page;
    struct audit_page_row found;
    TRY(audit_page_row(t, &page->actor, (uint64_t)r->sequence, &found, error));
    const struct audit_row *row = &found.row;
    struct view *facts = view_list(page->view, "facts");
    view_number(page->view, "sequence", r->sequence);
    view_string(page->view, "what", page_text(page, audit_action_title(row->action)));
    page_fact(page, facts, N_("When"), page_time(page, row->time), NULL);
    page_fact(page, facts, N_("Who"), row->actor, NULL);
    page_fact(page, facts, N_("What"), row->action, NULL);
    page_fact(page, facts, N_("To what"), row->object, NULL);
    page_fact(page, facts, N_("Where"), row->node, NULL);
    page_fact(page, facts, N_("Details"), row->detail, NULL);
    page_fact(page, facts, N_("Hash of this row"), hex(page, found.hash), NULL);
    page_fact(page, facts, N_("Hash of the row before it"), hex(page, found.previous), NULL);
    view_text(page->view, "object", page_escape(page, arena_copy(page->arena, row->object)));
    view_text(page->view, "actor", page_escape(page, arena_copy(page->arena, row->actor)));
    return RFD_OK;
}

rfd_status audit_row_show(struct page *page, struct rfd_error *error)
{
    struct reading r = {.page = page};
    TRY(page_id(page, "sequence", &r.sequence, error));
    TRY(page_read(page, load_row, &r, error));
    view_number(page->view, "before", r.sequence - 1);
    view_number(page->view, "next", r.sequence + 1);
    view_flag(page->view, "has_before", r.sequence > 1);
    return page_show(page, N_("An event of the audit trail"), "audit/row", error);
}
