/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/organisation/organisation.h"

slice visit_cookie(const struct page *page, const char *name)
{
    slice value = http_request_cookie(page->request, name, 0);
    /* Somebody else's page below our domain may have set another of this name (RFC 6265 §8.6): none is believed. */
    if (http_request_cookie(page->request, name, 1).data != NULL) return SLICE_EMPTY;
    return value;
}

/* ---- Session ---- */

struct visit {
    struct page *page;
    slice token;
    bool stale;
};

static void keep_session(struct page *page, const struct session *found)
{
    page->session = *found;
    page->session.notice = page_keep(page, found->notice);
    page->session.client = page_keep(page, found->client);
    page->session.agent = page_keep(page, found->agent);
}

/** The unit that the head of pages names: that of the first role that is held in one. */
static rfd_status find_unit(struct transaction *t, struct page *page, struct rfd_error *error)
{
    struct unit unit = {0};
    const struct actor *actor = &page->actor;
    size_t i = 0;
    while (i < actor->role_count && actor->roles[i].unit == 0) i++;
    if (i == actor->role_count) return RFD_OK;
    TRY(unit_find(t, actor->roles[i].unit, &unit, error));
    page->unit = page_keep(page, unit.name);
    return RFD_OK;
}

static rfd_status find_actor(struct transaction *t, struct page *page, struct rfd_error *error)
{
    struct account account;
    struct person person = {0};
    struct actor *actor = &page->actor;
    TRY(account_find(t, page->session.account, &account, error));
    if (page->session.person != 0) TRY(person_find(t, page->session.person, &person, error));
    slice parts[] = {person.given_names, person.surname, person.second_surname};
    const char *name = arena_print(page->arena, "%.*s%s%.*s%s%.*s", (int)parts[0].length, (const char *)parts[0].data,
                                   parts[1].length > 0 ? " " : "", (int)parts[1].length, (const char *)parts[1].data,
                                   parts[2].length > 0 ? " " : "", (int)parts[2].length, (const char *)parts[2].data);
    if (name == NULL) return arena_failed(page->arena, error);
    *actor = (struct actor){.account = account.id,
                            .person = page->session.person,
                            .code = page_keep(page, account.code),
                            .name = slice_text(name),
                            .level = account.level,
                            .methods = page->session.methods,
                            .client = actor->client};
    page->account_language = page_keep(page, account.language);
    page->last_sign_in = account.sign_in_before;
    TRY(actor_load_roles(t, page->session.person, page->now, page->arena, &actor->roles, &actor->role_count, error));
    return find_unit(t, page, error);
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visit *v = context;
    struct page *page = v->page;
    struct session found = {0};
    TRY(session_find(t, &page->web->account, v->token, page->now, &found, &v->stale, error));
    keep_session(page, &found);
    return found.account == 0 ? RFD_OK : find_actor(t, page, error);
}

static rfd_status touch(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct page *page = context;
    if (page->session.notice.length > 0) TRY(session_notice(t, page->session.id, SLICE_EMPTY, error));
    return session_touch(t, page->session.id, page->now, error);
}

rfd_status visit_load(struct page *page, struct rfd_error *error)
{
    char client[HTTP_ADDRESS_SIZE];
    struct visit v = {.page = page, .token = visit_cookie(page, page->web->cookie_session)};
    page->actor.client = arena_copy(page->arena, slice_text(http_address_text(&page->request->client, client)));
    if (v.token.length == 0) return RFD_OK;
    TRY(store_read(page_store(page), find, &v, error));
    if (page->session.id == 0 || !(v.stale || page->session.notice.length > 0)) return RFD_OK;
    return store_write(page_store(page), touch, page, error);
}

/* ---- Language ---- */

static const struct rfd_language *by_code(const struct page *page, slice code)
{
    const struct web_options *o = &page->web->options;
    for (size_t i = 0; i < o->language_count; i++)
        if (slice_is(code, language_code(o->languages[i]))) return o->languages[i];
    return NULL;
}

/** What was chosen in this browser: by whoever is signed in now, or by a visitor. */
static const struct rfd_language *chosen(const struct page *page)
{
    slice account = visit_cookie(page, page->web->cookie_language);
    slice code = http_cut(&account, '.');
    uint64_t who = 0;
    if (account.length > 0 && !number_unsigned(account, INT64_MAX, &who)) return NULL;
    if (page->actor.account != 0 && (int64_t)who != page->actor.account && page->account_language.length > 0)
        return NULL;
    return by_code(page, code);
}

void visit_language(struct page *page)
{
    slice asked = http_field_get(&page->request->query, "lang", 0);
    const struct rfd_language *language = asked.data == NULL ? NULL : by_code(page, asked);
    if (language != NULL) page_language(page, language);
    if (language == NULL) language = chosen(page);
    if (language == NULL) language = by_code(page, page->account_language);
    if (language == NULL) language = page->request->language;
    page->language = language;
}

void page_language(struct page *page, const struct rfd_language *language)
{
    const char *value = page->actor.account == 0 ? language_code(language)
                                                 : arena_print(page->arena, "%s.%lld", language_code(language),
                                                               (long long)page->actor.account);
    enum { YEAR = 365 * 24 * 3600 };
    if (value != NULL) http_response_cookie(page->response, page->web->cookie_language, slice_text(value), YEAR);
    page->language = language;
}
