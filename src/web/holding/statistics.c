/* SPDX-License-Identifier: EUPL-1.2
 *
 * Figures of registration, as charts that are tables, and as a file. By the way in (`via`) and the period (`meses`).
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "web/holding/holding_pages.h"
#include "web/lists.h"

enum { UNITS_SHOWN = 20, CSV_MAXIMUM = 4 << 20 };

static const struct {
    enum request_way way;
    const char *name, *title;
} ways[] = {
    {WAY_ONLINE, "en-linea", N_("On line and in person")},
    {WAY_AGENCY, "unidades", N_("By units")},
    {WAY_REVOCATION, "revocaciones", N_("Revocations")},
};
static const struct {
    unsigned months; /* 0: all */
    const char *title;
} periods[] = {{12, N_("The last 12 months")},
               {3, N_("The last 3 months")},
               {24, N_("The last 24 months")},
               {0, N_("Since the beginning")}};
enum { WAYS = sizeof ways / sizeof *ways, PERIODS = sizeof periods / sizeof *periods };

struct asking {
    struct page *page;
    size_t way, period;
    rfd_time from;
    struct registration_statistics found;
};

/** The first instant of the month that so many months reach back to. */
static rfd_time first_month(const struct page *page, unsigned months)
{
    struct civil day = zone_civil(page->web->zone, page->now);
    rfd_time moment;
    if (months == 0) return RFD_TIME_NONE;
    int since = day.year * 12 + day.month - 1 - ((int)months - 1);
    const struct civil first = {.year = since / 12, .month = since % 12 + 1, .day = 1};
    return zone_from_civil(page->web->zone, &first, &moment) ? moment : RFD_TIME_NONE;
}

static void read_query(struct asking *a)
{
    slice way = http_field_get(&a->page->request->query, "via", 0);
    slice months = http_field_get(&a->page->request->query, "meses", 0);
    uint64_t number = 0;
    for (size_t i = 0; i < WAYS; i++)
        if (slice_is(way, ways[i].name)) a->way = i;
    if (number_unsigned(months, 1000, &number))
        for (size_t i = 0; i < PERIODS; i++)
            if (periods[i].months == number) a->period = i;
    a->from = first_month(a->page, periods[a->period].months);
}

static rfd_status keep(const struct page *page, struct request_count **counts, size_t count, struct rfd_error *error)
{
    struct request_count *copy = arena_allocate(page->arena, (count + 1) * sizeof *copy);
    if (copy == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < count; i++)
        copy[i] = (struct request_count){page_keep(page, (*counts)[i].name), page_keep(page, (*counts)[i].title),
                                         (*counts)[i].number};
    *counts = copy;
    return RFD_OK;
}

static rfd_status read(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct registration_statistics *s = &a->found;
    TRY(registration_statistics(t, &a->page->actor, ways[a->way].way, a->from, s, error));
    TRY(keep(a->page, &s->states, s->state_count, error));
    TRY(keep(a->page, &s->units, s->unit_count, error));
    return keep(a->page, &s->months, s->month_count, error);
}

/* ---- Showing ---- */

/** "2 d 3 h", "45 min", "12 s": the two largest units, which are written the same in all languages. */
static slice duration(const struct page *page, rfd_time time)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t seconds = time / RFD_SECOND;
    if (time == RFD_TIME_NONE) return slice_text(page_text(page, N_("None was issued yet")));
    for (size_t i = 0; i < 3; i++) {
        if (seconds < units[i].seconds) continue;
        const char *text =
            arena_print(page->arena, "%lld %s %lld %s", (long long)(seconds / units[i].seconds), units[i].name,
                        (long long)(seconds % units[i].seconds / units[i + 1].seconds), units[i + 1].name);
        return text == NULL ? SLICE_EMPTY : slice_text(text);
    }
    const char *text = arena_print(page->arena, "%lld s", (long long)seconds);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static void put_chart(const struct asking *a, struct view *charts, const char *title,
                      const struct request_count *counts, size_t count, bool translated)
{
    struct view *chart = view_object(view_item(charts), "chart");
    struct view *bars = view_list(chart, "bars");
    uint64_t most = 1;
    view_string(chart, "title", page_text(a->page, title));
    for (size_t i = 0; i < count; i++) most = counts[i].number > most ? counts[i].number : most;
    for (size_t i = 0; i < count; i++) {
        struct view *bar = view_item(bars);
        const char *word = translated ? arena_text(a->page->arena, counts[i].title) : NULL;
        view_text(bar, "label", word != NULL ? slice_text(page_text(a->page, word)) : counts[i].title);
        view_number(bar, "number", (int64_t)counts[i].number);
        view_number(bar, "percent", (int64_t)(counts[i].number * 100 / most));
    }
}

static void put_choices(const struct asking *a)
{
    struct page *page = a->page;
    struct view *tabs = view_list(page->view, "tabs");
    for (size_t i = 0; i < WAYS; i++) {
        struct view *tab = view_item(tabs);
        view_string(tab, "title", page_text(page, ways[i].title));
        view_text(tab, "link", page_link(page, page->request->path, "via", slice_text(ways[i].name)));
        view_flag(tab, "current", i == a->way);
    }
    struct view *list = view_list(page->view, "periods");
    for (size_t i = 0; i < PERIODS; i++) {
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, periods[i].title));
        view_number(item, "value", periods[i].months);
        view_flag(item, "selected", i == a->period);
    }
    view_string(page->view, "way", ways[a->way].name);
    view_text(page->view, "csv", page_link(page, page->request->path, "formato", SLICE("csv")));
}

static void put_numbers(const struct asking *a)
{
    const struct registration_statistics *s = &a->found;
    struct page *page = a->page;
    struct view *facts = view_list(page->view, "facts");
    const struct {
        const char *label;
        uint64_t number;
    } numbers[] = {{N_("Certificates issued"), s->issued}, {N_("Of them revoked by now"), s->revoked}};
    if (ways[a->way].way == WAY_REVOCATION) return;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        page_fact(page, facts, numbers[i].label,
                  slice_text(arena_print(page->arena, "%llu", (unsigned long long)numbers[i].number)), NULL);
    page_fact(page, facts, N_("From request to certificate, half of them within"), duration(page, s->median), NULL);
    page_fact(page, facts, N_("From request to certificate, 95 of 100 within"), duration(page, s->p95), NULL);
}

/* ---- As a file ---- */

static void put_rows(const struct page *page, struct buf *b, const char *kind, const struct request_count *counts,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lists_put_field(b, slice_text(page_text(page, kind)), true);
        buf_put_byte(b, ';');
        lists_put_field(b, counts[i].name, true);
        buf_put_byte(b, ';');
        lists_put_field(b, counts[i].title, true);
        buf_print(b, ";%llu\r\n", (unsigned long long)counts[i].number);
    }
}

static void put_time(const struct page *page, struct buf *b, const char *title, rfd_time time)
{
    lists_put_field(b, slice_text(page_text(page, title)), true);
    buf_put_text(b, ";\"\";\"\";");
    if (time != RFD_TIME_NONE) buf_print(b, "%lld", (long long)(time / RFD_SECOND));
    buf_put_text(b, "\r\n");
}

static rfd_status send_file(const struct asking *a, struct rfd_error *error)
{
    const struct registration_statistics *s = &a->found;
    struct page *page = a->page;
    struct buf b;
    buf_init(&b, CSV_MAXIMUM);
    buf_put_text(&b, "\xEF\xBB\xBF"); /* the mark of UTF-8 */
    static const char *const heads[] = {N_("Figure"), N_("Code"), N_("Name"), N_("Number")};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        lists_put_field(&b, slice_text(page_text(page, heads[i])), true);
        buf_put_text(&b, i + 1 < sizeof heads / sizeof *heads ? ";" : "\r\n");
    }
    put_rows(page, &b, N_("State"), s->states, s->state_count);
    put_rows(page, &b, N_("Unit"), s->units, s->unit_count);
    put_rows(page, &b, N_("Month"), s->months, s->month_count);
    put_time(page, &b, N_("Seconds to issue, median"), s->median);
    put_time(page, &b, N_("Seconds to issue, 95 of 100"), s->p95);
    rfd_status status = buf_check(&b, "statistics", error);
    if (status == RFD_OK)
        status = page_attach(page, "text/csv; charset=utf-8", buf_slice(&b), "estadisticas.csv", error);
    buf_dispose(&b);
    return status;
}

rfd_status statistics_show(struct page *page, struct rfd_error *error)
{
    struct asking a = {.page = page};
    read_query(&a);
    TRY(page_read(page, read, &a, error));
    if (slice_is(http_field_get(&page->request->query, "formato", 0), "csv")) return send_file(&a, error);
    const struct registration_statistics *s = &a.found;
    struct view *charts = view_list(page->view, "charts");
    size_t units = s->unit_count < UNITS_SHOWN ? s->unit_count : UNITS_SHOWN;
    put_choices(&a);
    put_numbers(&a);
    if (s->state_count > 0) {
        put_chart(&a, charts, N_("Requests by state"), s->states, s->state_count, true);
        put_chart(&a, charts, N_("Requests by month"), s->months, s->month_count, false);
        put_chart(&a, charts, N_("Requests by unit"), s->units, units, false);
    }
    view_flag(page->view, "any", s->state_count > 0);
    view_flag(page->view, "more_units", s->unit_count > units);
    view_number(page->view, "units_shown", UNITS_SHOWN);
    view_string(view_object(page->view, "empty"), "text",
                page_text(page, N_("Nothing was asked for in this period, in the units that you see.")));
    return page_show(page, N_("Statistics of certificates"), "holding/statistics", error); /* es: "Estadísticas" */
}
