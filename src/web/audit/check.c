/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether the audit trail is whole: what the worker found, and the signed ends to take along.
 */
#include "web/audit/audit_web.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"

static const struct {
    const char *fault, *text;
} faults[] = {
    {"altered", N_("A row was altered after it was written")},
    {"missing", N_("A row is missing")},
    {"reordered", N_("A row does not follow from the one before it")},
    {"cut", N_("The trail was cut off at its end")},
    {"checkpoint", N_("A signed checkpoint is not genuine, or contradicts the trail")},
};

static const char *fault_text(slice fault)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (slice_is(fault, faults[i].fault)) return faults[i].text;
    }
    return "";
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct audit_check c;
    struct view *view = page->view;
    TRY(audit_check_read(t, &page->actor, &c, error));
    view_flag(view, "verified", c.ended != RFD_TIME_NONE);
    view_flag(view, "fine", c.fault.length == 0);
    view_flag(view, "wanted", c.wanted);
    view_text(view, "ended", page_time(page, c.ended));
    view_number(view, "sequence", (int64_t)c.sequence);
    view_number(view, "rows", (int64_t)c.rows);
    view_number(view, "waiting", (int64_t)c.waiting);
    view_number(view, "checkpoints", (int64_t)c.checkpoints);
    view_string(view, "fault", page_text(page, fault_text(c.fault)));
    view_text(view, "technical", arena_copy(page->arena, c.text));
    return RFD_OK;
}

rfd_status audit_check_show(struct page *page, struct rfd_error *error)
{
    TRY(page_read(page, load, page, error));
    audit_tabs(page, "/auditoria/verificacion");
    return page_show(page, N_("Verification of the audit trail"), "audit/check", error);
}

static rfd_status want(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct page *page = context;
    return audit_check_want(t, &page->actor, error);
}

rfd_status audit_check_ask(struct page *page, struct rfd_error *error)
{
    TRY(page_write(page, want, page, error));
    return page_redirect(page, N_("The trail is being verified: look again in a moment"), error,
                         "/auditoria/verificacion");
}

/* ---- Signed checkpoints ---- */

rfd_status audit_points_show(struct page *page, struct rfd_error *error)
{
    static const struct page_list list = {
        .definition = &audit_checkpoint_list,
        .link = "/auditoria/firmas/%lld",
        .empty = N_("Nothing was signed yet. The keeper signs the end of the trail each minute.")};
    bool done = false;
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    audit_tabs(page, "/auditoria/firmas");
    return page_show(page, N_("Signed checkpoints"), "audit/points", error);
}

struct saving {
    struct page *page;
    int64_t sequence;
    struct buf json;
};

static void put_base64(struct buf *b, const char *name, slice bytes, const char *end)
{
    buf_print(b, "  \"%s\": \"", name);
    buf_put_base64(b, bytes);
    buf_print(b, "\"%s\n", end);
}

static rfd_status load_point(struct transaction *t, void *context, struct rfd_error *error)
{
    struct saving *s = context;
    struct audit_point p;
    char time[CLOCK_TEXT_SIZE];
    TRY(audit_point(t, &s->page->actor, (uint64_t)s->sequence, &p, error));
    buf_reset(&s->json);
    buf_print(&s->json, "{\n  \"sequence\": %llu,\n  \"time\": \"%s\",\n  \"hash\": \"", (unsigned long long)p.sequence,
              clock_iso(p.time, time));
    buf_put_hex(&s->json, p.hash, false);
    buf_put_text(&s->json, "\",\n");
    put_base64(&s->json, "content", p.content, ",");
    put_base64(&s->json, "algorithm", p.algorithm, ",");
    put_base64(&s->json, "signature", p.signature, "");
    buf_put_text(&s->json, "}\n");
    return buf_check(&s->json, "checkpoint", error);
}

/** To be kept elsewhere: with it, a trail that was cut off later is found out. */
rfd_status audit_point_save(struct page *page, struct rfd_error *error)
{
    struct saving s = {.page = page};
    TRY(page_id(page, "sequence", &s.sequence, error));
    buf_init(&s.json, 1 << 20);
    rfd_status status = page_read(page, load_point, &s, error);
    const char *name = arena_print(page->arena, "auditoria-%lld.json", (long long)s.sequence);
    if (status == RFD_OK && name == NULL) status = arena_failed(page->arena, error);
    if (status == RFD_OK) status = page_attach(page, "application/json", buf_slice(&s.json), name, error);
    buf_dispose(&s.json);
    return status;
}
