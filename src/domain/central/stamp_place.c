/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where people want the visible stamp. What they chose is kept with each document; where it really goes is found here,
 * the same way when they choose and when it is prepared: a page that a document has not is its last one, and what lies
 * off a page that is smaller than the one they looked at is moved onto it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/source.h"
#include "domain/central/sign_options.h"
#include "pades/appearance/place.h"

#include <math.h>
#include <unistd.h>

enum { PAGE_MOST = 1 << 24 };
static const double millimetre = 72 / 25.4;
static const double slack = 1; /* millimetres: people choose whole ones */

bool signing_has_place(const struct signing *s)
{
    return s->options.visible && (s->portal == 0 || s->options.page.length == 0);
}

unsigned signing_page(const struct signing *s, unsigned pages)
{
    uint64_t number = 0;
    if (slice_is(s->options.page, "first")) return 1;
    if (number_unsigned(s->options.page, PAGE_MOST, &number) && number > 0 && number < pages) return (unsigned)number;
    return pages;
}

/* ---- Where it goes ---- */

/** The stamp moved onto its page; RFD_E_STAMP_OUTSIDE for what does not fit there at all. */
static rfd_status fit(struct pdf_view *view, bool exact, struct rfd_place *p, struct rfd_error *error)
{
    struct pdf_page page;
    TRY(pdf_page(view, (size_t)p->page - 1, &page, error));
    const struct pdf_geometry g = pdf_geometry(view, &page);
    const double right = g.width / millimetre - SIGNING_STAMP_WIDTH, low = g.height / millimetre - SIGNING_STAMP_HEIGHT;
    bool off = p->x > right + slack || p->y > low + slack;
    if (right < 0 || low < 0 || (exact && off))
        return error_set(error, RFD_E_STAMP_OUTSIDE, "page %d is %.0f x %.0f mm", p->page, g.width / millimetre,
                         g.height / millimetre);
    p->x = fmin(p->x, right);
    p->y = fmin(p->y, low);
    return RFD_OK;
}

static rfd_status resolve(struct pdf_view *view, const struct signing *s, const struct signing_place *wanted,
                          bool exact, struct rfd_place *out, struct rfd_error *error)
{
    static const enum rfd_place_kind kinds[] = {[SIGNING_PLACE_FREE] = RFD_PLACE_FREE,
                                                [SIGNING_PLACE_ANCHOR] = RFD_PLACE_ANCHOR,
                                                [SIGNING_PLACE_POSITION] = RFD_PLACE_POSITION};
    struct rfd_place p = RFD_PLACE_INIT;
    size_t count = 0;
    TRY(pdf_page_count(view, &count, error));
    if (count == 0 || count > PAGE_MOST) return error_set(error, RFD_E_UNSUPPORTED, "%zu pages", count);
    const unsigned pages = (unsigned)count;
    p.kind = kinds[wanted->kind];
    p.anchor = (enum rfd_anchor)wanted->anchor;
    p.x = wanted->x;
    p.y = wanted->y;
    p.page = (int)(wanted->page == 0 ? signing_page(s, pages) : wanted->page < pages ? wanted->page : pages);
    if (p.kind == RFD_PLACE_POSITION) TRY(fit(view, exact, &p, error));
    *out = p;
    return RFD_OK;
}

static rfd_status open_pdf(const char *path, struct source **source, struct pdf_document **pdf, struct rfd_error *error)
{
    TRY(source_open_file(path, source, error));
    return pdf_open(*source, NULL, pdf, error);
}

rfd_status sign_options_place(struct sign_options *o, const struct signing *s, const struct signing_document *d,
                              const char *path, struct rfd_error *error)
{
    struct source *source = NULL;
    struct pdf_document *pdf = NULL;
    rfd_status status = RFD_OK;
    if (o->options.stamp == NULL) return RFD_OK;
    TRY_OUT(open_pdf(path, &source, &pdf, error));
    struct pdf_view view = pdf_latest(pdf);
    TRY_OUT(resolve(&view, s, &d->stamp, false, &o->place, error));
out:
    pdf_close(pdf);
    source_close(source);
    return status;
}

static rfd_status find(struct pdf_view *view, const struct rfd_place *place, struct signing_spot *out,
                       struct rfd_error *error)
{
    const struct place_wish wish = {
        .place = place, .width = SIGNING_STAMP_WIDTH * millimetre, .height = SIGNING_STAMP_HEIGHT * millimetre};
    struct place_spot spot;
    TRY(place_find(view, &wish, &spot, error));
    *out = (struct signing_spot){.page = (unsigned)spot.index + 1,
                                 .x = spot.seen.left / millimetre,
                                 .y = (spot.geometry.height - spot.seen.top) / millimetre,
                                 .width = spot.geometry.width / millimetre,
                                 .height = spot.geometry.height / millimetre};
    return RFD_OK;
}

rfd_status signing_place_find(const struct central *c, struct arena *a, const struct signing *s,
                              const struct signing_document *d, bool exact, struct signing_spot *out,
                              struct rfd_error *error)
{
    char name[SPOOL_NAME_SIZE];
    struct source *source = NULL;
    struct pdf_document *pdf = NULL;
    struct rfd_place place;
    rfd_status status;
    TRY(spool_name(name, error));
    const char *path = spool_path(c, slice_text(name), a);
    if (path == NULL) return arena_failed(a, error);
    TRY(spool_put_blob(c, d->blob, a, path, error));
    TRY_OUT(open_pdf(path, &source, &pdf, error));
    struct pdf_view view = pdf_latest(pdf);
    TRY_OUT(resolve(&view, s, &d->stamp, exact, &place, error));
    TRY_OUT(find(&view, &place, out, error));
out:
    pdf_close(pdf);
    source_close(source);
    (void)unlink(path);
    return status;
}

/* ---- What was chosen ---- */

struct putting {
    const struct actor *actor;
    slice token;
    unsigned document;
    const struct signing_place *place;
    uint8_t operation[PERSONAL_OPERATION_SIZE]; /* that was prepared before */
    size_t operation_size;
};

static bool is_place(const struct signing_place *p)
{
    return (unsigned)p->kind <= SIGNING_PLACE_POSITION && p->page <= PAGE_MOST &&
           p->anchor <= RFD_ANCHOR_BOTTOM_RIGHT && p->x <= SIGNING_PLACE_MOST && p->y <= SIGNING_PLACE_MOST;
}

/** Nobody signs what was prepared for another place. */
static rfd_status begin_anew(struct transaction *t, struct putting *p, const struct signing_row *row,
                             struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(row->s.id), store_integer(clock_now()), store_bytes(SLICE(""))};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE signing SET operation = $3 WHERE id = $1 AND state IN ('waiting', 'prepared') AND (busy IS "
                  "NULL OR busy <= $2)",
                  values, 3, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it is concluded, or being signed");
    p->operation_size = row->operation.length == sizeof p->operation ? row->operation.length : 0;
    if (p->operation_size > 0) memcpy(p->operation, row->operation.data, sizeof p->operation);
    return RFD_OK;
}

/** What those documents have that have none of their own; nothing chosen where there is no such document. */
static struct signing_place common_place(const struct signing *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!s->documents[i].stamp.own) return s->documents[i].stamp;
    return (struct signing_place){.kind = SIGNING_PLACE_FREE};
}

static rfd_status put_place(struct transaction *t, const struct putting *p, int64_t signing,
                            const struct signing_place *w, struct rfd_error *error)
{
    const bool at = w->kind == SIGNING_PLACE_POSITION, anchored = w->kind == SIGNING_PLACE_ANCHOR;
    const struct store_value values[] = {store_integer(signing),
                                         store_integer((int64_t)p->document),
                                         w->page == 0 ? store_null() : store_integer((int64_t)w->page),
                                         anchored ? store_integer((int64_t)w->anchor) : store_null(),
                                         at ? store_integer((int64_t)w->x) : store_null(),
                                         at ? store_integer((int64_t)w->y) : store_null(),
                                         store_boolean(p->document != 0 && p->place != NULL)};
    return store_run(
        t,
        p->document == 0
            ? "UPDATE signing_document SET stamp_page = $3, stamp_anchor = $4, stamp_x = $5, stamp_y = $6, "
              "stamp_own = $7 WHERE signing = $1 AND place > $2 AND stamp_own IS NOT TRUE AND result IS "
              "NULL"
            : "UPDATE signing_document SET stamp_page = $3, stamp_anchor = $4, stamp_x = $5, stamp_y = $6, "
              "stamp_own = $7 WHERE signing = $1 AND place = $2 AND result IS NULL",
        values, sizeof values / sizeof *values, NULL, error);
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct putting *p = context;
    struct signing_row row;
    TRY(signing_load(t, p->token, 0, clock_now(), &row, error));
    TRY(signing_check_owner(&row.s, p->actor, error));
    if (p->document > row.s.count) return error_set(error, RFD_E_NOT_FOUND, "there is no such document");
    if (!signing_is_waiting(row.s.state) || !signing_has_place(&row.s))
        return error_set(error, RFD_E_STATE, "it is %s", signing_state_name(row.s.state));
    const struct signing_place common = common_place(&row.s);
    TRY(begin_anew(t, p, &row, error));
    TRY(put_place(t, p, row.s.id, p->place == NULL ? &common : p->place, error));
    return central_audit(t, p->actor, "signing.place", "signing", row.s.id,
                         central_detail(t, "reference", row.s.reference, NULL, SLICE_EMPTY), error);
}

rfd_status signing_place_put(const struct central *c, const struct actor *actor, slice token, unsigned document,
                             const struct signing_place *place, struct rfd_error *error)
{
    struct putting p = {.actor = actor, .token = token, .document = document, .place = place};
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (place == NULL ? document == 0 : !is_place(place)) return error_set(error, RFD_E_ARGUMENT, "no place of a page");
    if (token.length == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    TRY(store_write(c->store, put, &p, error));
    if (p.operation_size > 0) central_forget(c, slice_of(p.operation, p.operation_size));
    return RFD_OK;
}

rfd_status sign_options_check_places(struct transaction *t, const struct signing *s, struct rfd_error *error)
{
    struct signing_row now;
    TRY(signing_load(t, SLICE_EMPTY, s->id, clock_now(), &now, error));
    for (size_t i = 0; i < s->count && i < now.s.count; i++) {
        const struct signing_place *a = &s->documents[i].stamp, *b = &now.s.documents[i].stamp;
        if (a->kind == b->kind && a->page == b->page && a->anchor == b->anchor && a->x == b->x && a->y == b->y)
            continue;
        return error_set(error, RFD_E_STATE, "another place was chosen meanwhile");
    }
    return RFD_OK;
}
