/* SPDX-License-Identifier: EUPL-1.2
 *
 * A text that an administrator writes is plain text with {{names}} in it, and nothing else of Mustache.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/audit/audit.h"
#include "domain/outbox/message.h"

enum { SUBJECT_LONGEST = 200, BODY_LONGEST = 8000, SMS_LONGEST = 300 };
static const char house_language[] = "es";

/* ---- Finding ---- */

static const struct message_default *find_default(slice name, slice language)
{
    for (size_t i = 0; i < message_default_count; i++) {
        const struct message_default *d = &message_defaults[i];
        if (slice_equal(slice_text(d->name), name) && slice_equal(slice_text(d->language), language)) return d;
    }
    return NULL;
}

static rfd_status default_text(slice name, slice language, enum outbox_channel channel, struct message_text *out,
                               struct rfd_error *error)
{
    const struct message_default *d = find_default(name, language);
    if (d == NULL) {
        language = slice_text(house_language);
        d = find_default(name, language);
    }
    if (d == NULL || (channel == OUTBOX_SMS && d->sms == NULL))
        return error_set(error, RFD_E_NOT_FOUND, "the message \"%.*s\" has no such text", (int)name.length,
                         (const char *)name.data);
    *out = (struct message_text){.name = name,
                                 .language = language,
                                 .channel = channel,
                                 .subject = slice_text(channel == OUTBOX_SMS ? "" : d->subject),
                                 .body = slice_text(channel == OUTBOX_SMS ? d->sms : d->body)};
    return RFD_OK;
}

rfd_status message_text_find(struct transaction *t, slice name, slice language, enum outbox_channel channel,
                             struct message_text *out, struct rfd_error *error)
{
    struct message_text text;
    struct store_rows rows;
    if (message_info(name) == NULL) return error_set(error, RFD_E_NOT_FOUND, "there is no such message to be written");
    TRY(default_text(name, language, channel, &text, error));
    const struct store_value values[] = {store_text(name), store_text(text.language), store_integer(channel)};
    TRY(store_run(t, "SELECT subject, body FROM message_text WHERE name = $1 AND language = $2 AND channel = $3",
                  values, 3, &rows, error));
    if (rows.count > 0) {
        text.subject = store_cell(&rows, 0, 0)->bytes;
        text.body = store_cell(&rows, 0, 1)->bytes;
        text.written = true;
    }
    *out = text;
    return RFD_OK;
}

/* ---- Checking ---- */

static bool among(slice word, slice words)
{
    while (words.length > 0) {
        const uint8_t *blank = memchr(words.data, ' ', words.length);
        size_t length = blank == NULL ? words.length : (size_t)(blank - words.data);
        if (slice_equal(slice_part(words, 0, length), word)) return true;
        words = slice_from(words, blank == NULL ? length : length + 1);
    }
    return false;
}

/** NULL, or what is wrong with the {{names}} of a text. */
static const char *check_names(slice text, const char *values)
{
    for (size_t i = 0; i + 1 < text.length; i++) {
        if (text.data[i] != '{' || text.data[i + 1] != '{') continue;
        size_t from = i + 2;
        size_t to = from;
        while (to < text.length && text.data[to] != '}' && text.data[to] != '{') to++;
        slice name = slice_part(text, from, to - from);
        if (to + 1 >= text.length || text.data[to] != '}' || text.data[to + 1] != '}')
            return N_("A name is not closed: it is written {{name}}");
        if (!among(name, slice_text(values)) && !among(name, slice_text("house url address")))
            return N_("A name in {{ }} is not one of this message's");
        i = to + 1;
    }
    return NULL;
}

static void check_part(slice text, size_t longest, const char *field, const struct message_info *info,
                       struct faults *faults)
{
    if (text.length == 0) {
        fault_add(faults, field, N_("Write a text"));
    } else if (text.length > longest || !text_is_utf8(text) || memchr(text.data, 0, text.length) != NULL) {
        fault_add(faults, field, N_("The text is too long"));
    } else {
        const char *wrong = check_names(text, info->values);
        if (wrong != NULL) fault_add(faults, field, wrong);
    }
}

static bool check_text(const struct message_text *text, const struct message_info *info, struct faults *faults)
{
    unsigned before = faults->count;
    bool sms = text->channel == OUTBOX_SMS;
    check_part(text->body, sms ? SMS_LONGEST : BODY_LONGEST, "body", info, faults);
    if (!sms) check_part(text->subject, SUBJECT_LONGEST, "subject", info, faults);
    if (!sms && memchr(text->subject.data, '\n', text->subject.length) != NULL)
        fault_add(faults, "subject", N_("The subject is one line"));
    return faults->count == before;
}

/* ---- Changing ---- */

static rfd_status write_audit(struct transaction *t, const struct actor *actor, const char *action,
                              const struct message_text *text, struct rfd_error *error)
{
    const char *object = arena_print(store_arena(t), "message:%.*s:%.*s:%s", (int)text->name.length,
                                     (const char *)text->name.data, (int)text->language.length,
                                     (const char *)text->language.data, text->channel == OUTBOX_SMS ? "sms" : "mail");
    if (object == NULL) return arena_failed(store_arena(t), error);
    const struct audit_event event = {
        .action = action, .actor = actor_audit(actor, store_arena(t)), .object = slice_text(object)};
    return audit_put(t, &event, error);
}

rfd_status message_text_put(struct transaction *t, const struct actor *actor, const struct message_text *text,
                            struct faults *faults, struct rfd_error *error)
{
    const struct message_info *info = message_info(text->name);
    struct message_text present;
    struct faults own = {.count = 0};
    TRY(actor_check(actor, ACTION_MESSAGES_EDIT, NULL, error));
    TRY(message_text_find(t, text->name, text->language, text->channel, &present, error));
    if (!slice_equal(present.language, text->language))
        return error_set(error, RFD_E_NOT_FOUND, "messages have no such language");
    if (!check_text(text, info, faults == NULL ? &own : faults))
        return error_set(error, RFD_E_INVALID, "the text of a message");
    const struct store_value values[] = {store_text(text->name),
                                         store_text(text->language),
                                         store_integer(text->channel),
                                         store_text(text->subject),
                                         store_text(text->body),
                                         store_integer(clock_now()),
                                         store_text(actor_audit(actor, store_arena(t)))};
    TRY(store_run(
        t,
        "INSERT INTO message_text(name, language, channel, subject, body, changed, changed_by) VALUES ($1, $2, "
        "$3, $4, $5, $6, $7) ON CONFLICT(name, language, channel) DO UPDATE SET subject = $4, body = $5, "
        "changed = $6, changed_by = $7",
        values, 7, NULL, error));
    return write_audit(t, actor, "message.write", text, error);
}

rfd_status message_text_reset(struct transaction *t, const struct actor *actor, const struct message_text *text,
                              struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(text->name), store_text(text->language),
                                         store_integer(text->channel)};
    TRY(actor_check(actor, ACTION_MESSAGES_EDIT, NULL, error));
    TRY(store_run(t, "DELETE FROM message_text WHERE name = $1 AND language = $2 AND channel = $3", values, 3, &rows,
                  error));
    return rows.changed == 0 ? RFD_OK : write_audit(t, actor, "message.reset", text, error);
}
