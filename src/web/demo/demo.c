/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a demonstration shows beside the house: the messages that would have left, and the patterns that pages are made
 * of.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "domain/outbox/outbox.h"
#include "web/demo/patterns.h"

enum { SHOWN = 50, UPLOAD_MAXIMUM = 101 << 20 };

/* ---- Messages ---- */

/** The first address in a line, which people want to follow. */
static slice find_link(slice line)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *found = line.length == 0 ? NULL : memmem(line.data, line.length, schemes[i], strlen(schemes[i]));
        if (found == NULL) continue;
        slice link = slice_from(line, (size_t)(found - line.data));
        const uint8_t *blank = memchr(link.data, ' ', link.length);
        return blank == NULL ? link : slice_part(link, 0, (size_t)(blank - link.data));
    }
    return SLICE_EMPTY;
}

static void put_lines(struct page *page, struct view *to, slice text)
{
    struct view *list = view_list(to, "lines");
    while (text.length > 0) {
        slice line = http_trim(http_cut(&text, '\n'));
        struct view *item = view_item(list);
        view_text(item, "text", arena_copy(page->arena, line));
        view_text(item, "link", arena_copy(page->arena, find_link(line)));
    }
}

static void put_message(struct page *page, struct view *to, const struct outbox_recent *m)
{
    static const struct {
        const char *text, *tone;
    } states[] = {{"", ""}, {N_("Waits"), "neutral"}, {N_("Sent"), "good"}, {N_("Given up"), "bad"}};
    unsigned state = m->state < sizeof states / sizeof *states ? m->state : 0;
    bool sms = m->channel == OUTBOX_SMS;
    view_text(to, "subject", sms ? slice_text("SMS") : arena_copy(page->arena, m->subject));
    view_string(to, "channel", sms ? "SMS" : page_text(page, N_("Mail")));
    view_string(to, "state", page_text(page, states[state].text));
    view_string(to, "tone", states[state].tone);
    view_text(to, "to", arena_copy(page->arena, m->to));
    view_text(to, "time", page_time(page, m->created));
    put_lines(page, to, m->text);
}

static rfd_status put_messages(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct outbox_recent *items = NULL;
    size_t count = 0;
    TRY(outbox_recent(t, SHOWN, &items, &count, error));
    struct view *list = view_list(page->view, "messages");
    for (size_t i = 0; i < count; i++) put_message(page, view_item(list), &items[i]);
    return RFD_OK;
}

static rfd_status show_messages(struct page *page, struct rfd_error *error)
{
    TRY(page_read(page, put_messages, page, error));
    struct view *empty = view_object(page->view, "empty");
    view_string(empty, "title", page_text(page, N_("No message yet")));
    view_string(empty, "text",
                page_text(page, N_("Ask for a new password, or send a request of roles: its mail comes here.")));
    view_string(empty, "link", "");
    view_string(empty, "action", "");
    return page_show(page, N_("Messages sent"), "demo/messages", error);
}

const struct page_route demo_routes[] = {
    {HTTP_GET, "/demo/mensajes", "demo-messages", ACTION_PUBLIC, 0, PAGE_DEMO, show_messages},
    {HTTP_GET, "/estilo", "patterns", ACTION_PUBLIC, 0, PAGE_DEMO, patterns_show},
    {HTTP_POST, "/estilo", "patterns", ACTION_PUBLIC, UPLOAD_MAXIMUM, PAGE_DEMO | PAGE_SPOOL, patterns_show},
    {.pattern = NULL},
};
