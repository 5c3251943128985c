/* SPDX-License-Identifier: EUPL-1.2
 *
 * The last step: what was signed, what was not and why, the receipt, and the way back to whoever asked.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/number.h"

enum { RECEIPT_MAXIMUM = 8 << 20 };

/** Failures are kept as names of errors: what they say is in the table of errors. */
const char *signing_failure_text(const struct page *page, slice name)
{
    for (int code = 1; code < RFD_STATUS_COUNT; code++) {
        if (!slice_is(name, rfd_status_name((rfd_status)code))) continue;
        return page_text(page, rfd_status_message((rfd_status)code));
    }
    return page_text(page, N_("It could not be signed"));
}

static void put_document(struct page *page, const struct signing *s, const struct signing_document *d,
                         struct view *item)
{
    bool is_signed = d->result.length > 0;
    const char *link = arena_print(page->arena, SIGNING "/%.*s/resultado/%u", (int)s->token.length,
                                   (const char *)s->token.data, d->place);
    struct view *badge = view_object(item, "badge");
    view_string(badge, "label", page_text(page, is_signed ? N_("Signed") : N_("Not signed")));
    view_string(badge, "tone", is_signed ? "good" : "bad");
    view_text(item, "title", d->title);
    view_string(item, "link", is_signed && link != NULL ? link : "");
    view_flag(item, "signed", is_signed);
    view_string(item, "failure", is_signed ? "" : signing_failure_text(page, d->failure));
}

rfd_status signing_result(struct page *page, const struct signing *s, struct rfd_error *error)
{
    size_t done = 0;
    slice asker;
    struct view *list = view_list(page->view, "documents");
    TRY(signing_asker(page, s, &asker, error));
    for (size_t i = 0; i < s->count; i++) {
        put_document(page, s, &s->documents[i], view_item(list));
        done += s->documents[i].result.length > 0;
    }
    view_text(page->view, "token", s->token);
    view_text(page->view, "asker", asker);
    view_flag(page->view, "of_portal", s->portal != 0);
    view_flag(page->view, "all", done == s->count);
    view_flag(page->view, "some", done > 0 && done < s->count);
    view_flag(page->view, "none", done == 0);
    view_flag(page->view, "has_receipt", done > 0);
    view_text(page->view, "when", s->concluded == 0 ? SLICE_EMPTY : page_time(page, s->concluded));
    slice back = signing_way_back(page, s);
    view_text(page->view, "return_address", back);
    view_text(page->view, "return_host", address_host(back));
    view_flag(page->view, "own_key", s->own_key);
    if (s->own_key)
        own_key_stepper(page, s, STEP_OVER);
    else
        signing_stepper(page, s, STEP_OVER);
    return page_show(page,
                     done == s->count ? N_("Signed")
                     : done > 0       ? N_("Not all of them were signed")
                                      : N_("Nothing was signed"),
                     "central/result", error);
}

rfd_status signing_result_show(struct page *page, struct rfd_error *error)
{
    struct signing s;
    TRY(signing_page_open(page, &s, error));
    if (s.state == SIGNING_SIGNED || s.state == SIGNING_PARTLY || s.state == SIGNING_FAILED)
        return signing_result(page, &s, error);
    return page_redirect(page, NULL, error, SIGNING "/%.*s", (int)s.token.length, (const char *)s.token.data);
}

/* ---- A signed document ---- */

struct fetching {
    struct page *page;
    slice id;
    struct blob blob;
};

static rfd_status find_blob(struct transaction *t, void *context, struct rfd_error *error)
{
    struct fetching *f = context;
    TRY(blob_find(t, f->id, &f->blob, error));
    TRY(store_keep(f->page->arena, &f->blob.type, error));
    return store_keep(f->page->arena, &f->blob.wrapped, error);
}

rfd_status signing_file_send(struct page *page, struct rfd_error *error)
{
    struct signing s;
    uint64_t place = 0;
    TRY(signing_page_open(page, &s, error));
    if (!number_unsigned(http_request_part(page->request, "place"), s.count, &place) || place == 0 ||
        s.documents[place - 1].result.length == 0)
        return error_set(error, RFD_E_NOT_FOUND, "there is no such document");
    const struct signing_document *d = &s.documents[place - 1];
    struct fetching f = {.page = page, .id = d->result};
    TRY(page_read(page, find_blob, &f, error));
    const char *name = arena_print(page->arena, "%.*s-%s.pdf", (int)d->title.length, (const char *)d->title.data,
                                   page_text(page, N_("signed"))); /* es: "firmado" */
    if (name == NULL) return arena_failed(page->arena, error);
    return page_save_file(page, &f.blob, slice_text(name), error);
}

/* ---- The receipt ---- */

struct receiving {
    struct page *page;
    struct central central;
    struct signing signing;
    struct buf pdf;
};

static rfd_status make_receipt(struct transaction *t, void *context, struct rfd_error *error)
{
    struct receiving *r = context;
    buf_reset(&r->pdf);
    return signing_receipt(&r->central, t, &r->signing, &r->pdf, error);
}

rfd_status signing_receipt_send(struct page *page, struct rfd_error *error)
{
    struct receiving r = {.page = page};
    TRY(signing_page_open(page, &r.signing, error));
    page_signing(page, &r.central); /* without the personal keeper it says less of the holder's log */
    if (r.signing.state != SIGNING_SIGNED && r.signing.state != SIGNING_PARTLY)
        return error_set(error, RFD_E_NOT_FOUND, "nothing was signed");
    buf_init(&r.pdf, RECEIPT_MAXIMUM);
    rfd_status status = page_read(page, make_receipt, &r, error);
    slice copy = status == RFD_OK ? arena_copy(page->arena, buf_slice(&r.pdf)) : SLICE_EMPTY;
    buf_dispose(&r.pdf);
    TRY(status);
    if (copy.data == NULL) return arena_failed(page->arena, error);
    page->policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    show_headers(page);
    http_response_header(page->response, "Content-Disposition", SLICE("inline; filename=\"constancia-de-firma.pdf\""));
    http_response_body(page->response, "application/pdf", copy);
    return RFD_OK;
}
