/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a portal's program may see of its operations, fetch of them, and end.
 */
#include "web/portals/portal_pages.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "web/central/central_pages.h"

enum { RECEIPT_MAXIMUM = 8 << 20, KEPT_SECONDS = 3600 };

extern const char portals_openapi_text[];
extern const size_t portals_openapi_length;

struct finding {
    struct page *page;
    struct api_caller caller;
    struct signing signing;
    uint64_t place; /* of the document that is wanted; 0: none */
    struct blob blob;
    struct central central;
    struct buf pdf;
};

static rfd_status find_operation(struct transaction *t, struct finding *f, struct rfd_error *error)
{
    TRY(redirect_find(t, f->caller.portal.id, http_request_part(f->page->request, "id"), &f->signing, error));
    return api_keep_signing(f->page, &f->signing, error);
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    TRY(find_operation(t, f, error));
    if (f->place == 0) return RFD_OK;
    if (f->place > f->signing.count || f->signing.documents[f->place - 1].result.length == 0)
        return error_set(error, RFD_E_NOT_FOUND, "this document was not signed");
    TRY(blob_find(t, f->signing.documents[f->place - 1].result, &f->blob, error));
    TRY(store_keep(f->page->arena, &f->blob.type, error));
    return store_keep(f->page->arena, &f->blob.wrapped, error);
}

static rfd_status show(struct finding *f, struct rfd_error *error)
{
    TRY(api_caller_of(f->page, &f->caller, error));
    TRY(page_read(f->page, find, f, error));
    return api_answer(f->page, 200, api_operation_json(f->page, &f->signing), error);
}

rfd_status api_operation_show(struct page *page, struct rfd_error *error)
{
    struct finding f = {.page = page};
    return api_fail(page, show(&f, error), error);
}

/* ---- What was signed ---- */

static rfd_status send_file(struct finding *f, struct rfd_error *error)
{
    struct page *page = f->page;
    TRY(api_caller_of(page, &f->caller, error));
    if (!number_unsigned(http_request_part(page->request, "n"), SIGNING_DOCUMENTS, &f->place) || f->place == 0)
        return error_set(error, RFD_E_NOT_FOUND, "there is no such document");
    TRY(page_read(page, find, f, error));
    slice title = f->signing.documents[f->place - 1].title;
    const char *name = arena_print(page->arena, "%.*s.pdf", (int)title.length, (const char *)title.data);
    if (name == NULL) return arena_failed(page->arena, error);
    return page_save_file(page, &f->blob, slice_text(name), error);
}

rfd_status api_operation_file(struct page *page, struct rfd_error *error)
{
    struct finding f = {.page = page};
    return api_fail(page, send_file(&f, error), error);
}

static rfd_status make_receipt(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    buf_reset(&f->pdf);
    TRY(find_operation(t, f, error));
    return signing_receipt(&f->central, t, &f->signing, &f->pdf, error);
}

static rfd_status send_receipt(struct finding *f, struct rfd_error *error)
{
    TRY(api_caller_of(f->page, &f->caller, error));
    TRY(page_central(f->page, &f->central, error));
    TRY(page_read(f->page, make_receipt, f, error));
    return page_attach(f->page, "application/pdf", buf_slice(&f->pdf), "constancia-de-firma.pdf", error);
}

rfd_status api_operation_receipt(struct page *page, struct rfd_error *error)
{
    struct finding f = {.page = page};
    buf_init(&f.pdf, RECEIPT_MAXIMUM);
    rfd_status status = send_receipt(&f, error);
    buf_dispose(&f.pdf);
    return api_fail(page, status, error);
}

/* ---- Not any more ---- */

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    TRY(find_operation(t, f, error));
    TRY(signing_cancel(t, &f->caller.actor, f->signing.token, error));
    return find_operation(t, f, error);
}

static rfd_status take_back(struct finding *f, struct rfd_error *error)
{
    TRY(api_caller_of(f->page, &f->caller, error));
    TRY(page_write(f->page, cancel, f, error));
    return api_answer(f->page, 200, api_operation_json(f->page, &f->signing), error);
}

rfd_status api_operation_cancel(struct page *page, struct rfd_error *error)
{
    struct finding f = {.page = page};
    return api_fail(page, take_back(&f, error), error);
}

/* ---- The description ---- */

rfd_status api_description(struct page *page, struct rfd_error *error)
{
    (void)error;
    http_response_body(page->response, "application/json", slice_of(portals_openapi_text, portals_openapi_length));
    http_response_cache(page->response, HTTP_REVALIDATE, KEPT_SECONDS);
    return RFD_OK;
}
