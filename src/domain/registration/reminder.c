/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reminders of certificates that end: on the days before that the pack says (30, 21, 7, 1), each with a link to renew.
 * Certificates are gone through in the order of their ends, and how far each day's reminder has come is remembered with
 * the authority's notices (table `notice`), so that none is mailed twice. Those that did not come by a request are told
 * by authority_put_notices().
 */
#include "base/error.h"
#include "base/number.h"
#include "domain/registration/internal.h"

enum { TOGETHER = 200, REMINDERS_MAXIMUM = 8, NOTICE_OFFSET = 10000 /* of our days in the table */ };

struct reminding {
    const struct registration_settings *settings;
    rfd_time now;
    unsigned days, next; /* the stage: from so many days before the end to so many */
    size_t seen, done;
};
struct progress {
    rfd_time not_after;
    int64_t certificate;
};

/* ---- How far ---- */

static rfd_status find_progress(struct transaction *t, const struct reminding *m, struct progress *out,
                                struct rfd_error *error)
{
    const struct store_value days = store_integer(m->days + NOTICE_OFFSET);
    struct store_rows rows;
    rfd_time lowest = m->now + m->next * REGISTRATION_DAY;
    TRY(store_run(t, "SELECT not_after, certificate FROM notice WHERE days = $1", &days, 1, &rows, error));
    *out = (struct progress){lowest, INT64_MAX};
    if (rows.count == 0 || store_cell(&rows, 0, 0)->integer < lowest) return RFD_OK;
    *out = (struct progress){store_cell(&rows, 0, 0)->integer, store_cell(&rows, 0, 1)->integer};
    return RFD_OK;
}

static rfd_status keep_progress(struct transaction *t, const struct reminding *m, struct progress p,
                                struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(m->days + NOTICE_OFFSET), store_integer(p.not_after),
                                         store_integer(p.certificate)};
    return store_run(t,
                     "INSERT INTO notice(days, not_after, certificate) VALUES ($1, $2, $3) ON CONFLICT (days) DO "
                     "UPDATE SET not_after = excluded.not_after, certificate = excluded.certificate",
                     values, 3, NULL, error);
}

/* ---- One ---- */

/** A request to renew it is on its way, or there is another one of the same kind that ends later. */
static rfd_status has_successor(struct transaction *t, int64_t certificate, bool *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(certificate)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT 1 FROM applicant p JOIN request r ON r.id = p.request WHERE p.renews = $1 "
                  "AND r.state NOT IN ('rejected', 'cancelled') "
                  "UNION ALL SELECT 1 FROM certificate o JOIN certificate c ON c.subject_id = o.subject_id "
                  "AND c.subject_id <> '' AND c.profile = o.profile AND c.not_after > o.not_after "
                  "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "
                  "WHERE o.id = $1 AND s.state <= 2 LIMIT 1",
                  values, 1, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

static rfd_status remind(struct transaction *t, struct reminding *m, const struct store_value *v,
                         struct rfd_error *error)
{
    char token[REQUEST_TOKEN_SIZE];
    struct request r;
    struct view *view;
    struct arena *a = store_arena(t);
    int64_t certificate = v[1].integer;
    rfd_time ends = v[0].integer;
    rfd_time left = ends - m->now;
    TRY(request_find(t, v[2].integer, &r, error));
    const struct applicant *p = request_applicant(&r, v[3].integer);
    if (p == NULL) return RFD_OK;
    TRY(request_link(t, LINK_RENEW, certificate, ends, token, error));
    const char *link = arena_print(a, REGISTRATION_PAGE_RENEW "%s", token);
    const char *once = arena_print(a, "%lld:%u", (long long)certificate, m->days);
    if (link == NULL || once == NULL) return arena_failed(a, error);
    TRY(request_view(t, &r, link, &view, error));
    view_text(view, "serial", v[4].bytes);
    view_text(view, "until", registration_day(m->settings->zone, ends, a));
    view_number(view, "days", (left + REGISTRATION_DAY - 1) / REGISTRATION_DAY);
    m->done++;
    return request_mail(t, "certificate-ending", &r, p, view, once, error);
}

/** Some of a stage, from where it was left, and how far it came. */
static rfd_status remind_some(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reminding *m = context;
    struct progress p;
    struct store_rows rows;
    m->seen = m->done = 0;
    TRY(find_progress(t, m, &p, error));
    rfd_time until = m->now + m->days * REGISTRATION_DAY;
    const struct store_value values[] = {store_integer(p.not_after), store_integer(p.certificate), store_integer(until),
                                         store_integer(TOGETHER)};
    TRY(store_run(t,
                  "SELECT e.not_after, e.certificate, a.request, a.applicant, a.serial FROM certificate_ending e "
                  "JOIN certificate_agent a ON a.certificate = e.certificate "
                  "WHERE e.not_after >= $1 AND e.not_after <= $3 AND (e.not_after > $1 OR e.certificate > $2) "
                  "AND a.state = 1 ORDER BY e.not_after, e.certificate LIMIT $4",
                  values, 4, &rows, error));
    m->seen = rows.count;
    for (size_t i = 0; i < rows.count; i++) {
        bool succeeded;
        const struct store_value *v = store_cell(&rows, i, 0);
        TRY(has_successor(t, v[1].integer, &succeeded, error));
        if (!succeeded) TRY(remind(t, m, v, error));
    }
    struct progress next = {until, INT64_MAX};
    if (m->seen == TOGETHER)
        next =
            (struct progress){store_cell(&rows, m->seen - 1, 0)->integer, store_cell(&rows, m->seen - 1, 1)->integer};
    return keep_progress(t, m, next, error);
}

/* ---- All ---- */

/** The numbers of "30 21 7 1". */
static size_t read_days(slice text, unsigned out[REMINDERS_MAXIMUM])
{
    size_t n = 0;
    for (size_t from = 0, i = 0; i <= text.length && n < REMINDERS_MAXIMUM; i++) {
        uint64_t days;
        if (i < text.length && text.data[i] != ' ') continue;
        if (number_unsigned(slice_part(text, from, i - from), 3650, &days)) out[n++] = (unsigned)days;
        from = i + 1;
    }
    return n;
}

rfd_status reminder_tick(struct store *store, const struct registration_settings *settings, rfd_time now,
                         unsigned *done, struct rfd_error *error)
{
    unsigned days[REMINDERS_MAXIMUM];
    const struct pack_registration *pack = packs_registration(settings->packs, slice_text(settings->country));
    size_t count = pack == NULL ? 0 : read_days(slice_text(pack->reminders), days);
    for (size_t i = 0; i < count; i++) {
        struct reminding m = {
            .settings = settings, .now = now, .days = days[i], .next = i + 1 < count ? days[i + 1] : 0};
        do {
            TRY(store_write(store, remind_some, &m, error));
            *done += (unsigned)m.done;
        } while (m.seen == TOGETHER);
    }
    return RFD_OK;
}
