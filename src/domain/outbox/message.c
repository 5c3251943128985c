/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/outbox/message.h"

#include "base/error.h"
#include "base/i18n.h"

enum { MESSAGE_LONGEST = 64 << 10 };

const struct message_info message_infos[] = {
#define MESSAGE(name, english, values, short) {name, english, values, short},
#include "domain/outbox/messages.def"
#undef MESSAGE
};
const size_t message_info_count = sizeof message_infos / sizeof *message_infos;

const struct message_info *message_info(slice name)
{
    for (size_t i = 0; i < message_info_count; i++) {
        if (slice_equal(slice_text(message_infos[i].name), name)) return &message_infos[i];
    }
    return NULL;
}

/* ---- What every message knows ---- */

/** Name and address of the installation, and of `link`, which may be a path of the pages, the whole address. */
static rfd_status add_house(struct transaction *t, struct view *view, struct rfd_error *error)
{
    struct store_rows rows;
    slice link = view_find(view, "link");
    TRY(store_run(t, "SELECT name, url FROM house WHERE id = 1", NULL, 0, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_STORE, "the table \"house\" is empty");
    slice url = store_cell(&rows, 0, 1)->bytes;
    view_text(view, "house", store_cell(&rows, 0, 0)->bytes);
    view_text(view, "url", url);
    if (link.data == NULL || link.length == 0) return RFD_OK;
    const char *whole = arena_print(view_arena(view), "%.*s%.*s", link.data[0] == '/' ? (int)url.length : 0,
                                    (const char *)url.data, (int)link.length, (const char *)link.data);
    if (whole == NULL) return arena_failed(view_arena(view), error);
    view_string(view, "address", whole);
    return RFD_OK;
}

struct house {
    slice name, url;
};

static rfd_status set_house(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct house *h = context;
    const struct store_value values[] = {store_text(h->name), store_text(h->url)};
    return store_run(t, "UPDATE house SET name = $1, url = $2 WHERE id = 1 AND (name <> $1 OR url <> $2)", values, 2,
                     NULL, error);
}

rfd_status outbox_house(struct store *store, slice name, slice url, struct rfd_error *error)
{
    struct house h = {name, url};
    return store_write(store, set_house, &h, error);
}

/* ---- Putting ---- */

/** Values are strangers' texts: none may begin a line of its own in a subject or an SMS. */
static void flatten(struct buf *b)
{
    for (size_t i = 0; i < b->length; i++) {
        if (b->data[i] < ' ' || b->data[i] == 0x7F) b->data[i] = ' ';
    }
}

static rfd_status put_mail(struct transaction *t, const struct outbox_message *m, const struct message_text *text,
                           struct rfd_error *error)
{
    struct buf subject, body;
    buf_init_secret(&subject, MESSAGE_LONGEST);
    buf_init_secret(&body, MESSAGE_LONGEST);
    rfd_status status = template_render_text(text->subject, m->view, NULL, TEMPLATE_PLAIN, &subject, error);
    if (status == RFD_OK) status = template_render_text(text->body, m->view, NULL, TEMPLATE_PLAIN, &body, error);
    flatten(&subject);
    const struct outbox_mail mail = {
        .to = m->mail, .subject = buf_slice(&subject), .text = buf_slice(&body), .identity = m->identity};
    if (status == RFD_OK) status = outbox_put_named_mail(t, slice_text(m->name), &mail, error);
    buf_dispose(&subject); /* there may be a code or link in it */
    buf_dispose(&body);
    return status;
}

static rfd_status put_sms(struct transaction *t, const struct outbox_message *m, const struct message_text *text,
                          struct rfd_error *error)
{
    struct buf body;
    buf_init_secret(&body, MESSAGE_LONGEST);
    rfd_status status = template_render_text(text->body, m->view, NULL, TEMPLATE_PLAIN, &body, error);
    flatten(&body);
    const struct outbox_mail sms = {.to = m->mobile, .text = buf_slice(&body), .identity = m->identity};
    if (status == RFD_OK) status = outbox_put_sms(t, slice_text(m->name), &sms, error);
    buf_dispose(&body);
    return status;
}

rfd_status outbox_put_message(struct transaction *t, const struct outbox_message *message, struct rfd_error *error)
{
    const struct message_info *info = message_info(slice_text(message->name));
    struct message_text text;
    if (info == NULL) return error_set(error, RFD_E_ARGUMENT, "there is no message \"%s\"", message->name);
    TRY(add_house(t, message->view, error));
    if (message->mail.length > 0) {
        TRY(message_text_find(t, slice_text(message->name), message->language, OUTBOX_MAIL, &text, error));
        TRY(put_mail(t, message, &text, error));
    }
    if (!info->sms || message->mobile.length == 0) return RFD_OK;
    TRY(message_text_find(t, slice_text(message->name), message->language, OUTBOX_SMS, &text, error));
    return put_sms(t, message, &text, error);
}
