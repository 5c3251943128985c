/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people are told by mail: written in the transaction that does it.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/outbox/outbox.h"

enum { ROLES_TEXT_MAXIMUM = 4096 };

static const char *const words[ROLES][2] = {
#define ROLE_WORDS(role, spanish, catalan) [ROLE_##role] = {spanish, catalan},
#include "domain/access/role_words.def"
#undef ROLE_WORDS
};

static const char *role_word(enum role role, slice language)
{
    if (slice_is(language, "en")) return role_info(role)->title;
    return words[role][slice_is(language, "ca") ? 1 : 0];
}

static rfd_status put_name(struct view *view, const char *name, const struct person *p, struct arena *a,
                           struct rfd_error *error)
{
    slice text = person_full_name(p, a);
    if (text.data == NULL) return arena_failed(a, error);
    view_text(view, name, text);
    return RFD_OK;
}

static rfd_status put(struct transaction *t, const char *message, struct view *view, const struct person *person,
                      const char *identity, struct rfd_error *error)
{
    if (identity == NULL) return arena_failed(store_arena(t), error);
    TRY(put_name(view, "name", person, store_arena(t), error));
    const struct outbox_message m = {.name = message,
                                     .mail = person->mail,
                                     .mobile = person->mobile,
                                     .language = person->language,
                                     .view = view,
                                     .identity = slice_text(identity)};
    return outbox_put_message(t, &m, error);
}

/** The roles of a request, one a line: those that are added, and those that are taken away. */
static rfd_status roles_text(struct transaction *t, const struct access_request *r, slice language, slice *out,
                             struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, ROLES_TEXT_MAXIMUM);
    for (unsigned i = 0; i < r->line_count; i++)
        buf_print(&b, "%s%s%s", i > 0 ? "\n" : "", r->lines[i].withdraw ? "- " : "+ ",
                  role_word(r->lines[i].role, language));
    rfd_status status = buf_check(&b, "roles", error);
    if (status == RFD_OK) *out = arena_copy(store_arena(t), buf_slice(&b));
    buf_dispose(&b);
    return status;
}

static rfd_status request_view(struct transaction *t, const struct access_request *r, unsigned days, slice language,
                               struct view **out, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct view *view = view_new(a);
    struct person requester, subject;
    struct unit unit;
    slice text;
    TRY(person_find(t, r->requester, &requester, error));
    TRY(person_find(t, r->subject, &subject, error));
    TRY(unit_find(t, r->unit, &unit, error));
    view_text(view, "code", r->code);
    TRY(put_name(view, "requester", &requester, a, error));
    TRY(put_name(view, "subject", &subject, a, error));
    view_text(view, "unit", unit.name);
    view_text(view, "reason", r->decision);
    view_number(view, "days", days);
    TRY(roles_text(t, r, language, &text, error));
    view_text(view, "roles", text);
    *out = view;
    return RFD_OK;
}

/** Whose roles have changed is led to all their roles, the others to the request. */
static const char *link_of(struct transaction *t, const char *message, const struct access_request *r)
{
    if (strcmp(message, "access-approved") == 0) return "/accesos/historial";
    return arena_print(store_arena(t), "/accesos/solicitudes/%lld", (long long)r->id);
}

rfd_status tell_request(struct transaction *t, const char *message, const struct access_request *request,
                        const int64_t *people, size_t count, unsigned days, rfd_time moment, struct rfd_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct view *view = NULL;
        struct person person;
        TRY(person_find(t, people[i], &person, error));
        if (person.mail.length == 0) continue;
        TRY(request_view(t, request, days, person.language, &view, error));
        view_string(view, "link", link_of(t, message, request));
        TRY(put(t, message, view, &person,
                arena_print(store_arena(t), "%s:%lld:%lld:%lld", message, (long long)request->id, (long long)people[i],
                            (long long)moment),
                error));
    }
    return RFD_OK;
}

rfd_status tell_role(struct transaction *t, const char *message, const struct role_assignment *assignment,
                     struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct view *view = view_new(a);
    struct person person;
    struct unit unit = {.name = SLICE_EMPTY};
    TRY(person_find(t, assignment->person, &person, error));
    if (person.mail.length == 0) return RFD_OK;
    if (assignment->unit != 0) TRY(unit_find(t, assignment->unit, &unit, error));
    view_string(view, "role", role_word(assignment->role, person.language));
    view_text(view, "unit", unit.name);
    return put(t, message, view, &person, arena_print(a, "%s:%lld", message, (long long)assignment->id), error);
}

rfd_status tell_review(struct transaction *t, int64_t unit, slice until, rfd_time moment, const int64_t *people,
                       size_t count, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct unit found;
    TRY(unit_find(t, unit, &found, error));
    for (size_t i = 0; i < count; i++) {
        struct view *view = view_new(a);
        struct person person;
        TRY(person_find(t, people[i], &person, error));
        if (person.mail.length == 0) continue;
        view_text(view, "unit", found.name);
        view_text(view, "until", until);
        view_string(view, "link", "/accesos/revision");
        TRY(put(
            t, "access-review", view, &person,
            arena_print(a, "access-review:%lld:%lld:%lld", (long long)unit, (long long)people[i], (long long)moment),
            error));
    }
    return RFD_OK;
}
