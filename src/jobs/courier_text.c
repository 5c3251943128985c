/* SPDX-License-Identifier: EUPL-1.2
 *
 * The texts are those that come with the program, and no others: whoever took over the process of the pages writes to
 * the database, and must not say there what the words around a code are (spec 4.2).
 */
#include "jobs/courier_text.h"

#include "base/error.h"
#include "base/text.h"
#include "domain/outbox/message.h"
#include "jobs/gsm.h"

enum {
    ARENA_MAXIMUM = 256 << 10,
    TEXT_MAXIMUM = 8 << 10,
    NAME_SIZE = 32,
    OTHERS_SIZE = 32,
    TITLE_LONGEST = 200,
    PORTAL_MORE = 12, /* letters that a portal's name has beside a title's when both are cut */
    MINUTE = 60
};

/* ---- Which text ---- */

static const char *message_name(const struct courier_code *code, char name[NAME_SIZE])
{
    bool second = code->which == 1;
    (void)snprintf(name, NAME_SIZE, "code-%s%.*s", second ? "new-" : "", (int)slice_part(code->kind, 0, 16).length,
                   (const char *)code->kind.data);
    return name;
}

static const struct message_default *find_default(slice name, slice language)
{
    const struct message_default *spanish = NULL;
    for (size_t i = 0; i < message_default_count; i++) {
        const struct message_default *d = &message_defaults[i];
        if (!slice_is(name, d->name)) continue;
        if (slice_is(language, d->language)) return d;
        if (strcmp(d->language, "es") == 0) spanish = d;
    }
    return spanish;
}

static rfd_status take_default(slice name, slice language, enum outbox_channel channel, struct message_text *out,
                               struct rfd_error *error)
{
    const struct message_default *d = find_default(name, language);
    if (d == NULL)
        return error_set(error, RFD_E_ARGUMENT, "there is no message \"%.*s\"", (int)name.length,
                         (const char *)name.data);
    bool sms = channel == OUTBOX_SMS;
    *out = (struct message_text){.name = name,
                                 .language = slice_text(d->language),
                                 .channel = channel,
                                 .subject = slice_text(sms ? "" : d->subject),
                                 .body = slice_text(sms ? d->sms : d->body)};
    return RFD_OK;
}

/* ---- Values ---- */

/** " (y 2 más)" */
static const char *others(slice language, uint32_t documents, char text[OTHERS_SIZE])
{
    static const struct {
        const char *language, *format;
    } formats[] = {{"es", " (y %u más)"}, {"ca", " (i %u més)"}, {"en", " (and %u more)"}};
    text[0] = '\0';
    for (size_t i = 0; i < sizeof formats / sizeof *formats && documents > 1; i++) {
        if (slice_is(language, formats[i].language))
            (void)snprintf(text, OTHERS_SIZE, formats[i].format, (unsigned)(documents - 1));
    }
    return text;
}

/** At most `letters` of it, with three points where something is missing; without marks that reorder text. */
static slice cut(struct arena *a, slice text, size_t letters)
{
    slice rest = text;
    size_t count = 0;
    size_t kept = 0; /* octets of three letters less than are allowed */
    struct buf b;
    while (rest.length > 0) {
        (void)text_next(&rest);
        if (++count + 3 <= letters) kept = text.length - rest.length;
    }
    buf_init(&b, TEXT_MAXIMUM);
    text_put_printable(&b, count <= letters ? text : slice_part(text, 0, kept));
    if (count > letters) buf_put_text(&b, "...");
    slice shown = buf_status(&b) == RFD_OK ? arena_copy(a, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return shown;
}

static struct view *make_view(const struct jobs *jobs, const struct courier_code *code, slice language, rfd_time now,
                              size_t letters, struct arena *a)
{
    char text[OTHERS_SIZE];
    struct view *view = view_new(a);
    rfd_time left = code->ends > now ? code->ends - now : 0;
    view_text(view, "code", code->code);
    view_text(view, "title", cut(a, code->title, letters));
    view_text(view, "portal", cut(a, code->portal, letters + PORTAL_MORE));
    view_text(view, "others", arena_copy(a, slice_text(others(language, code->documents, text))));
    view_number(view, "minutes", (left + MINUTE * RFD_SECOND - 1) / (MINUTE * RFD_SECOND));
    view_string(view, "house", jobs->settings->web.name);
    view_string(view, "url", jobs->settings->web.url);
    return view;
}

/* ---- Writing ---- */

static rfd_status render(slice text, const struct view *view, bool sms, struct buf *out, struct rfd_error *error)
{
    struct buf b;
    buf_init_secret(&b, TEXT_MAXIMUM);
    rfd_status status = template_render_text(text, view, NULL, TEMPLATE_PLAIN, &b, error);
    if (status == RFD_OK) status = buf_check(&b, "message", error);
    if (status == RFD_OK) {
        buf_reset(out);
        if (sms)
            gsm_put(out, buf_slice(&b));
        else
            buf_put_slice(out, buf_slice(&b));
        status = buf_check(out, "message", error);
    }
    buf_dispose(&b);
    return status;
}

/** Whole, then with ever less of the title; what still does not fit goes as several messages. */
static rfd_status render_all(const struct jobs *jobs, const struct courier_code *code, const struct message_text *found,
                             rfd_time now, struct arena *a, struct buf *subject, struct buf *text,
                             struct rfd_error *error)
{
    static const size_t lengths[] = {TITLE_LONGEST, 60, 40, 30, 20, 12, 8};
    bool sms = found->channel == OUTBOX_SMS;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const struct view *view = make_view(jobs, code, found->language, now, lengths[i], a);
        TRY(render(found->body, view, sms, text, error));
        if (!sms) return render(found->subject, view, false, subject, error);
        if (gsm_length(buf_slice(text)) <= GSM_MESSAGE) break;
    }
    return RFD_OK;
}

rfd_status courier_write(const struct jobs *jobs, const struct courier_code *code, rfd_time now, struct buf *subject,
                         struct buf *text, struct rfd_error *error)
{
    struct arena a;
    char name[NAME_SIZE];
    struct message_text found = {.name = SLICE_EMPTY};
    enum outbox_channel channel = code->channel == PERSONAL_MAIL ? OUTBOX_MAIL : OUTBOX_SMS;
    TRY(take_default(slice_text(message_name(code, name)), code->language, channel, &found, error));
    arena_init(&a, ARENA_MAXIMUM);
    rfd_status status = render_all(jobs, code, &found, now, &a, subject, text, error);
    arena_dispose(&a);
    return status;
}
