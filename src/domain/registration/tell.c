/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people are told by mail and SMS: written in the transaction that does it.
 */
#include "base/error.h"
#include "domain/outbox/outbox.h"
#include "domain/registration/internal.h"

static const char *const words[REQUEST_EVENTS][2] = {
#define EVENT_WORDS(event, spanish, catalan) [REQUEST_EVENT_##event] = {spanish, catalan},
#include "domain/registration/registration_words.def"
#undef EVENT_WORDS
};

const char *request_event_word(enum request_event event, slice language)
{
    if (slice_is(language, "en")) return request_event_title(event);
    return words[event][slice_is(language, "ca") ? 1 : 0];
}

slice registration_day(const struct zone *zone, rfd_time moment, struct arena *a)
{
    struct civil day = zone_civil(zone, moment);
    const char *text = arena_print(a, "%02d/%02d/%04d", day.day, day.month, day.year);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

rfd_status request_view(struct transaction *t, const struct request *request, const char *link, struct view **out,
                        struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct view *view = view_new(a);
    if (link == NULL)
        link = request->way == WAY_AGENCY ? arena_print(a, REGISTRATION_PAGE_AGENCY "%lld", (long long)request->id)
                                          : arena_print(a, REGISTRATION_PAGE_FOLLOW "%.*s", (int)request->code.length,
                                                        (const char *)request->code.data);
    if (link == NULL || view == NULL) return arena_failed(a, error);
    view_text(view, "code", request->code);
    view_string(view, "link", link);
    *out = view;
    return RFD_OK;
}

/** "message:what:once"; an empty identity when nothing has to be told once only. */
static rfd_status make_identity(struct transaction *t, const char *message, long long whom, const char *once,
                                slice *out, struct rfd_error *error)
{
    *out = SLICE_EMPTY;
    if (once == NULL) return RFD_OK;
    const char *text = arena_print(store_arena(t), "%s:%lld:%s", message, whom, once);
    if (text == NULL) return arena_failed(store_arena(t), error);
    *out = slice_text(text);
    return RFD_OK;
}

rfd_status request_mail(struct transaction *t, const char *message, const struct request *request,
                        const struct applicant *applicant, struct view *view, const char *once, struct rfd_error *error)
{
    slice identity;
    slice name = applicant_name(applicant, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    if (applicant->mail.length == 0) return RFD_OK;
    TRY(make_identity(t, message, applicant->id, once, &identity, error));
    view_text(view, "name", name);
    const struct outbox_message m = {.name = message,
                                     .mail = applicant->mail,
                                     .mobile = applicant->mobile,
                                     .language = request->language,
                                     .view = view,
                                     .identity = identity};
    return outbox_put_message(t, &m, error);
}

rfd_status request_mail_person(struct transaction *t, const char *message, int64_t person, struct view *view,
                               const char *once, struct rfd_error *error)
{
    struct person p;
    slice identity;
    if (person == 0) return RFD_OK;
    TRY(person_find(t, person, &p, error));
    if (p.mail.length == 0) return RFD_OK;
    slice name = person_full_name(&p, store_arena(t));
    if (name.data == NULL) return arena_failed(store_arena(t), error);
    TRY(make_identity(t, message, person, once, &identity, error));
    view_text(view, "name", name);
    const struct outbox_message m = {.name = message,
                                     .mail = p.mail,
                                     .mobile = p.mobile,
                                     .language = p.language,
                                     .view = view,
                                     .identity = identity};
    return outbox_put_message(t, &m, error);
}

/* ---- Everybody of a request ---- */

static rfd_status view_of_step(struct transaction *t, const struct request *request, enum request_event event,
                               slice note, slice language, const char *link, struct view **out, struct rfd_error *error)
{
    TRY(request_view(t, request, link, out, error));
    view_string(*out, "step", request_event_word(event, language));
    view_text(*out, "note", note);
    view_text(*out, "reason", note);
    return RFD_OK;
}

static rfd_status tell_requester(struct transaction *t, const char *message, const struct request *request,
                                 enum request_event event, slice note, struct rfd_error *error)
{
    struct view *view;
    struct person person;
    if (request->requester == 0) return RFD_OK;
    TRY(person_find(t, request->requester, &person, error));
    TRY(view_of_step(t, request, event, note, person.language, NULL, &view, error));
    return request_mail_person(t, message, request->requester, view, NULL, error);
}

/** Of an agency's request its applicants have no page: they are led to the beginning. */
rfd_status request_tell(struct transaction *t, const char *message, const struct request *request,
                        enum request_event event, slice note, struct rfd_error *error)
{
    bool agency = request->way == WAY_AGENCY;
    for (size_t i = 0; i < request->applicant_count; i++) {
        struct view *view;
        TRY(view_of_step(t, request, event, note, request->language, agency ? "/" : NULL, &view, error));
        TRY(request_mail(t, message, request, &request->applicants[i], view, NULL, error));
    }
    return agency ? tell_requester(t, message, request, event, note, error) : RFD_OK;
}
