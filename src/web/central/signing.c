/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first step: who asks, and what will be signed; the documents themselves; and giving it up, which is possible at
 * any step.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/number.h"

struct opening {
    struct page *page;
    slice token;
    struct signing signing;
    struct portal portal;
    struct blob blob;
    bool look; /* without taking it */
};

static void keep(const struct page *page, struct signing *s)
{
    slice *texts[] = {&s->token,         &s->holder,          &s->purpose,        &s->reference,
                      &s->credential,    &s->options.page,    &s->options.reason, &s->return_address,
                      &s->error_address, &s->options.location};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(page, *texts[i]);
}

static rfd_status keep_documents(const struct page *page, struct signing *s, struct rfd_error *error)
{
    struct signing_document *all = arena_zeroed(page->arena, s->count + 1, sizeof *all);
    if (all == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < s->count; i++) {
        all[i] = s->documents[i];
        all[i].title = page_keep(page, all[i].title);
        all[i].blob = page_keep(page, all[i].blob);
        all[i].result = page_keep(page, all[i].result);
        all[i].failure = page_keep(page, all[i].failure);
    }
    s->documents = all;
    return RFD_OK;
}

static rfd_status open_one(struct transaction *t, void *context, struct rfd_error *error)
{
    struct opening *o = context;
    if (o->look)
        TRY(signing_find(t, o->token, &o->signing, error));
    else
        TRY(signing_open(t, &o->page->actor, o->token, &o->signing, error));
    keep(o->page, &o->signing);
    return keep_documents(o->page, &o->signing, error);
}

rfd_status signing_page_open(struct page *page, struct signing *out, struct rfd_error *error)
{
    struct opening o = {.page = page, .token = http_request_part(page->request, "token")};
    TRY(page_write(page, open_one, &o, error));
    *out = o.signing;
    return RFD_OK;
}

static rfd_status find_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct opening *o = context;
    TRY(portal_find(t, o->signing.portal, &o->portal, error));
    o->portal.name = page_keep(o->page, o->portal.name);
    return RFD_OK;
}

rfd_status signing_asker(struct page *page, const struct signing *signing, slice *out, struct rfd_error *error)
{
    struct opening o = {.page = page, .signing = *signing};
    *out = slice_text(page_settings(page)->web.name);
    if (signing->portal == 0) return RFD_OK;
    TRY(page_read(page, find_portal, &o, error));
    *out = o.portal.name;
    return RFD_OK;
}

/** Nothing that is secret: who follows it learns no more than the portal, which fetches what was signed itself. */
slice signing_way_back(const struct page *page, const struct signing *s)
{
    bool done = s->state == SIGNING_SIGNED || s->state == SIGNING_PARTLY;
    slice to = done || s->error_address.length == 0 ? s->return_address : s->error_address;
    slice reference = page_escape(page, s->reference);
    if (to.length == 0) return SLICE_EMPTY;
    const char *text = arena_print(
        page->arena, "%.*s%coperation=%.*s&reference=%.*s&state=%s", (int)to.length, (const char *)to.data,
        memchr(to.data, '?', to.length) == NULL ? '?' : '&', (int)s->token.length, (const char *)s->token.data,
        (int)reference.length, reference.length == 0 ? "" : (const char *)reference.data, signing_state_name(s->state));
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

bool signing_is_open(const struct signing *signing)
{
    return signing->state == SIGNING_WAITING || signing->state == SIGNING_PREPARED;
}

/* ---- What steps show ---- */

static const char *const level_texts[] = {
    [SIGNING_B_B] = N_("Who signed"),
    [SIGNING_B_T] = N_("Who signed, and when: with a time stamp"),
    [SIGNING_B_LT] = N_("The same, to be checked for many years"),
    [SIGNING_B_LTA] = N_("The same, kept for as long as wanted"),
};

static void put_document(const struct page *page, const struct signing *s, const struct signing_document *d,
                         struct view *item)
{
    const char *link = arena_print(page->arena, SIGNING "/%.*s/documento/%u", (int)s->token.length,
                                   (const char *)s->token.data, d->place);
    view_number(item, "place", d->place);
    view_text(item, "title", d->title);
    view_text(item, "size", page_size(page, d->size));
    view_number(item, "pages", d->pages);
    view_text(item, "hash", d->blob);
    view_text(item, "hash_start", slice_part(d->blob, 0, 8));
    view_text(item, "hash_end", d->blob.length > 8 ? slice_from(d->blob, d->blob.length - 8) : SLICE_EMPTY);
    view_string(item, "link", link == NULL ? "" : link);
    view_flag(item, "is_pdf", true);
    view_flag(item, "open", s->count == 1);
}

static void put_facts(struct page *page, const struct signing *s)
{
    struct view *facts = view_list(page->view, "facts");
    if (s->purpose.length > 0) page_fact(page, facts, N_("What for"), s->purpose, NULL);
    if (s->reference.length > 0) page_fact(page, facts, N_("Reference"), s->reference, NULL);
    page_fact(page, facts, N_("What the signature proves"), slice_text(page_text(page, level_texts[s->options.level])),
              NULL);
    page_fact(page, facts, N_("Visible stamp"), slice_text(page_text(page, s->options.visible ? N_("Yes") : N_("No"))),
              NULL);
    if (s->options.reason.length > 0) page_fact(page, facts, N_("Reason"), s->options.reason, NULL);
    page_fact(page, facts, N_("To be signed until"), page_time(page, s->ends), NULL);
}

rfd_status signing_put(struct page *page, const struct signing *s, struct rfd_error *error)
{
    slice asker;
    struct view *documents = view_list(page->view, "documents");
    TRY(signing_asker(page, s, &asker, error));
    view_text(page->view, "token", s->token);
    view_text(page->view, "asker", asker);
    view_text(page->view, "host", address_host(s->return_address));
    view_flag(page->view, "of_portal", s->portal != 0);
    view_flag(page->view, "has_place", signing_has_place(s));
    view_number(page->view, "count", (int64_t)s->count);
    for (size_t i = 0; i < s->count; i++) put_document(page, s, &s->documents[i], view_item(documents));
    put_facts(page, s);
    return RFD_OK;
}

/* ---- The first step ---- */

/** What was asked of somebody else, who alone may sign it. */
static rfd_status show_other(struct page *page, struct rfd_error *error)
{
    error_clear(error);
    page->response->status = 403;
    return page_show(page, N_("This signature is for somebody else"), "central/other", error);
}

static rfd_status show_over(struct page *page, const struct signing *s, struct rfd_error *error)
{
    bool cancelled = s->state == SIGNING_CANCELLED;
    slice back = signing_way_back(page, s);
    view_text(page->view, "return_address", back);
    view_text(page->view, "return_host", address_host(back));
    view_flag(page->view, "cancelled", cancelled);
    if (page->actor.account == 0) view_flag(page->view, "narrow", true);
    return page_show(page, cancelled ? N_("The signature was cancelled") : N_("The time to sign is over"),
                     "central/over", error);
}

static rfd_status look(struct page *page, struct rfd_error *error)
{
    struct opening o = {.page = page, .token = http_request_part(page->request, "token"), .look = true};
    TRY(page_read(page, open_one, &o, error));
    if (o.signing.state == SIGNING_CANCELLED || o.signing.state == SIGNING_EXPIRED)
        return show_over(page, &o.signing, error);
    TRY(signing_put(page, &o.signing, error));
    view_text(page->view, "back", page_escape(page, page->request->path));
    view_flag(page->view, "narrow", true);
    return page_show(page, N_("Sign documents"), "central/sign-in", error);
}

rfd_status signing_show(struct page *page, struct rfd_error *error)
{
    struct signing s;
    if (page->actor.account == 0) return look(page, error);
    rfd_status status = signing_page_open(page, &s, error);
    if (status == RFD_E_FORBIDDEN) return show_other(page, error);
    TRY(status);
    if (s.state == SIGNING_CANCELLED || s.state == SIGNING_EXPIRED) return show_over(page, &s, error);
    if (!signing_is_open(&s)) return signing_result(page, &s, error);
    TRY(signing_put(page, &s, error));
    view_flag(page->view, "with_preview", true);
    signing_stepper(page, &s, STEP_DOCUMENTS);
    return page_show(page, N_("Sign documents"), "central/documents", error);
}

/* ---- A document ---- */

static rfd_status find_blob(struct transaction *t, void *context, struct rfd_error *error)
{
    struct opening *o = context;
    uint64_t place = 0;
    TRY(open_one(t, o, error));
    slice part = http_request_part(o->page->request, "place");
    if (!number_unsigned(part, o->signing.count, &place) || place == 0)
        return error_set(error, RFD_E_NOT_FOUND, "there is no such document");
    o->signing.documents += place - 1;
    TRY(blob_find(t, o->signing.documents->blob, &o->blob, error));
    TRY(store_keep(o->page->arena, &o->blob.type, error));
    return store_keep(o->page->arena, &o->blob.wrapped, error);
}

rfd_status signing_document_send(struct page *page, struct rfd_error *error)
{
    struct opening o = {.page = page, .token = http_request_part(page->request, "token")};
    slice saved;
    TRY(http_request_query(page->request, "guardar", &saved, error));
    TRY(page_write(page, find_blob, &o, error));
    slice title = o.signing.documents->title;
    const char *name = arena_print(page->arena, "%.*s.pdf", (int)title.length, (const char *)title.data);
    if (name == NULL) return arena_failed(page->arena, error);
    page->policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
    if (saved.length > 0) return page_save_file(page, &o.blob, slice_text(name), error);
    return page_send_file(page, &o.blob, slice_text(name), error);
}

/* ---- Giving it up ---- */

rfd_status signing_cancel_show(struct page *page, struct rfd_error *error)
{
    struct signing s;
    TRY(signing_page_open(page, &s, error));
    if (!signing_is_open(&s))
        return page_redirect(page, NULL, error, SIGNING "/%.*s", (int)s.token.length, (const char *)s.token.data);
    struct view *consequences = view_list(page->view, "consequences");
    const char *back = arena_print(page->arena, SIGNING "/%.*s", (int)s.token.length, (const char *)s.token.data);
    view_item_text(consequences, slice_text(page_text(page, N_("None of the documents will be signed."))));
    if (s.portal != 0)
        view_item_text(consequences,
                       slice_text(page_text(page, N_("Whoever asked for it is told so; to sign after all, "
                                                     "begin again there."))));
    view_string(page->view, "title", page_text(page, N_("Cancel this signature?")));
    view_string(page->view, "text", "");
    view_string(page->view, "action", page_text(page, N_("Cancel the signature")));
    view_string(page->view, "back", back == NULL ? SIGNING : back);
    view_flag(page->view, "danger", true);
    view_text(page->view, "csrf", csrf_token(page));
    return page_show(page, N_("Cancel this signature?"), "central/cancel", error);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct opening *o = context;
    return signing_cancel(t, &o->page->actor, o->token, error);
}

rfd_status signing_cancel_send(struct page *page, struct rfd_error *error)
{
    struct opening o = {.page = page};
    TRY(signing_page_open(page, &o.signing, error));
    o.token = o.signing.token;
    if (o.signing.state != SIGNING_CANCELLED) TRY(page_write(page, cancel, &o, error));
    if (o.signing.portal == 0)
        return page_redirect(page, N_("The signature was cancelled: nothing was signed"), error, SIGNING);
    return page_redirect(page, NULL, error, SIGNING "/%.*s", (int)o.token.length, (const char *)o.token.data);
}
