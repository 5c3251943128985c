/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/administration/messages.h"

#include "base/error.h"
#include "domain/outbox/message.h"
#include "http/response.h"

static const struct form_field mail_fields[] = {
    {.name = "subject", .label = N_("Subject"), .required = true, .maximum = 200},
    {.name = "body", .label = N_("Text"), .kind = FORM_LONG_TEXT, .required = true, .maximum = 8000},
};
static const struct form_field sms_fields[] = {
    {.name = "body",
     .label = N_("Text"),
     .hint = N_("At most 300 characters; with accents, an SMS holds 70 of them and is sent in several parts"),
     .kind = FORM_LONG_TEXT,
     .required = true,
     .maximum = 300},
};
static const struct {
    const char *code, *name;
} languages[] = {{"es", "Castellano"}, {"ca", "Català"}, {"en", "English"}};

/* ---- What is on its way ---- */

rfd_status messages_outgoing(struct page *page, struct rfd_error *error)
{
    static const struct page_list list = {.definition = &outbox_list, .empty = N_("No message was written yet.")};
    bool done = false;
    TRY(page_list(page, &list, &done, error));
    return done ? RFD_OK : page_show(page, N_("Messages"), "administration/messages", error);
}

/* ---- Which texts there are ---- */

struct listing {
    struct page *page;
    struct view *groups;
};

static rfd_status add_text(struct transaction *t, struct page *page, struct view *list, const char *name,
                           const char *language, enum outbox_channel channel, struct rfd_error *error)
{
    struct message_text text;
    const char *way = channel == OUTBOX_SMS ? "sms" : "correo";
    TRY(message_text_find(t, slice_text(name), slice_text(language), channel, &text, error));
    struct view *item = view_item(list);
    view_string(item, "language", language);
    view_flag(item, "is_sms", channel == OUTBOX_SMS);
    view_flag(item, "written", text.written);
    view_string(item, "link", arena_print(page->arena, "/administracion/textos/%s/%s/%s", name, language, way));
    return RFD_OK;
}

static rfd_status list_texts(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct view *messages = view_list(page->view, "messages");
    for (size_t i = 0; i < message_info_count; i++) {
        const struct message_info *info = &message_infos[i];
        struct view *message = view_item(messages);
        struct view *texts = view_list(message, "texts");
        view_string(message, "title", page_text(page, info->title));
        for (size_t l = 0; l < sizeof languages / sizeof *languages; l++) {
            TRY(add_text(t, page, texts, info->name, languages[l].code, OUTBOX_MAIL, error));
            if (info->sms) TRY(add_text(t, page, texts, info->name, languages[l].code, OUTBOX_SMS, error));
        }
    }
    return RFD_OK;
}

rfd_status messages_texts(struct page *page, struct rfd_error *error)
{
    TRY(page_read(page, list_texts, page, error));
    return page_show(page, N_("Texts of messages"), "administration/texts", error);
}

/* ---- One text ---- */

struct editing {
    struct page *page;
    struct message_text text;
    struct faults faults;
};

static rfd_status which(const struct page *page, struct message_text *text, struct rfd_error *error)
{
    slice channel = http_request_part(page->request, "channel");
    bool sms = slice_is(channel, "sms");
    *text = (struct message_text){.name = http_request_part(page->request, "name"),
                                  .language = http_request_part(page->request, "language"),
                                  .channel = sms ? OUTBOX_SMS : OUTBOX_MAIL};
    return sms || slice_is(channel, "correo") ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, NULL);
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    struct message_text found;
    TRY(message_text_find(t, e->text.name, e->text.language, e->text.channel, &found, error));
    if (!slice_equal(found.language, e->text.language)) return error_set(error, RFD_E_NOT_FOUND, NULL);
    found.subject = arena_copy(e->page->arena, found.subject);
    found.body = arena_copy(e->page->arena, found.body);
    e->text = found;
    return found.subject.data == NULL || found.body.data == NULL ? arena_failed(e->page->arena, error) : RFD_OK;
}

static void show_values(struct page *page, const struct message_info *info)
{
    struct view *names = view_list(page->view, "names");
    slice rest = slice_text(info->values);
    while (rest.length > 0) {
        const uint8_t *blank = memchr(rest.data, ' ', rest.length);
        size_t length = blank == NULL ? rest.length : (size_t)(blank - rest.data);
        view_item_text(names, slice_part(rest, 0, length));
        rest = slice_from(rest, length + 1);
    }
    view_item_text(names, SLICE("house"));
    view_item_text(names, SLICE("url"));
    view_item_text(names, SLICE("address"));
}

static rfd_status show_text(struct page *page, const struct message_text *text, struct form *form,
                            struct rfd_error *error)
{
    const struct message_info *info = message_info(text->name);
    if (info == NULL) return error_set(error, RFD_E_NOT_FOUND, NULL);
    form_show(page, form);
    show_values(page, info);
    view_string(page->view, "message", page_text(page, info->title));
    view_text(page->view, "language_code", text->language);
    view_flag(page->view, "is_sms", text->channel == OUTBOX_SMS);
    view_flag(page->view, "written", text->written);
    view_text(page->view, "original", page_link(page, page->request->path, "", SLICE_EMPTY));
    return page_show(page, N_("Text of a message"), "administration/text", error);
}

static const struct form_field *fields_of(const struct message_text *text, size_t *count)
{
    *count = text->channel == OUTBOX_SMS ? 1 : 2;
    return text->channel == OUTBOX_SMS ? sms_fields : mail_fields;
}

rfd_status message_text_show(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    struct form form;
    size_t count = 0;
    TRY(which(page, &e.text, error));
    TRY(page_read(page, find, &e, error));
    const struct form_field *fields = fields_of(&e.text, &count);
    form_new(&form, fields, count);
    if (e.text.channel == OUTBOX_MAIL) form_set(&form, "subject", e.text.subject);
    form_set(&form, "body", e.text.body);
    return show_text(page, &e.text, &form, error);
}

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    e->faults.count = 0;
    return message_text_put(t, &e->page->actor, &e->text, &e->faults, error);
}

rfd_status message_text_save(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    struct form form;
    size_t count = 0;
    TRY(which(page, &e.text, error));
    const struct form_field *fields = fields_of(&e.text, &count);
    TRY(form_read(page, fields, count, &form, error));
    if (e.text.channel == OUTBOX_MAIL) e.text.subject = form_text(&form, "subject");
    e.text.body = form_text(&form, "body");
    rfd_status status = form.wrong ? RFD_E_INVALID : page_write(page, save, &e, error);
    if (status == RFD_OK) return page_redirect(page, N_("The text was saved"), error, "/administracion/textos");
    if (status != RFD_E_INVALID) return status;
    form_faults(&form, &e.faults);
    page->response->status = 422;
    return show_text(page, &e.text, &form, error);
}

/* ---- Back to the program's own ---- */

rfd_status message_text_reset_ask(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    TRY(which(page, &e.text, error));
    TRY(page_read(page, find, &e, error));
    view_string(page->view, "title", page_text(page, N_("Take the program's own text again?")));
    view_string(page->view, "text", page_text(page, N_("What was written in its place is lost.")));
    view_string(page->view, "action", page_text(page, N_("Take the original text")));
    view_flag(page->view, "danger", true);
    view_string(page->view, "back", "/administracion/textos");
    return page_show(page, N_("Text of a message"), "administration/confirm", error);
}

static rfd_status reset(struct transaction *t, void *context, struct rfd_error *error)
{
    struct editing *e = context;
    return message_text_reset(t, &e->page->actor, &e->text, error);
}

rfd_status message_text_reset_do(struct page *page, struct rfd_error *error)
{
    struct editing e = {.page = page};
    TRY(which(page, &e.text, error));
    TRY(page_write(page, reset, &e, error));
    return page_redirect(page, N_("The original text is used again"), error, "/administracion/textos");
}
