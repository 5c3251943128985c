/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in with a certificate: one that script opens in the page, or one that TLS has asked for, on a listener of its
 * own (another port of the same host, which has the same cookies).
 */
#include "web/account/account_pages.h"

#include "base/number.h"

enum { TEXT_MAXIMUM = 1024, CERTIFICATE_MAXIMUM = 16 << 10, SIGNATURE_MAXIMUM = 2048 };

struct certificate_work {
    struct page *page;
    struct buf json;
    slice text, certificate, signature;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
    const char *why;
};

rfd_status certificate_show(struct page *page, struct rfd_error *error)
{
    if (page->actor.account != 0) return account_go_back(page, error);
    view_text(page->view, "why", SLICE_EMPTY);
    return account_show_narrow(page, N_("Sign in with a certificate"), "account/certificate", error);
}

static rfd_status make_text(struct transaction *t, void *context, struct rfd_error *error)
{
    struct certificate_work *w = context;
    buf_reset(&w->json);
    return certificate_challenge(t, page_account_settings(w->page), &w->page->session, &w->json, error);
}

/** The challenge has nothing that JSON would have to escape but its ends of lines. */
static void put_text(struct buf *json, slice text)
{
    buf_put_text(json, "{\"text\":\"");
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\n')
            buf_put_text(json, "\\n");
        else
            buf_put_byte(json, text.data[i]);
    }
    buf_put_text(json, "\"}");
}

rfd_status certificate_text(struct page *page, struct rfd_error *error)
{
    struct certificate_work w = {.page = page};
    struct buf json;
    buf_init(&w.json, TEXT_MAXIMUM);
    buf_init(&json, 2 * TEXT_MAXIMUM);
    rfd_status status = page_write(page, make_text, &w, error);
    if (status == RFD_OK) put_text(&json, buf_slice(&w.json));
    buf_dispose(&w.json);
    if (status == RFD_OK) return account_json(page, &json, error);
    buf_dispose(&json);
    return status;
}

static slice decoded(const struct page *page, const char *name, size_t maximum)
{
    slice text = page_field(page, name);
    size_t length = 0;
    uint8_t *to = text.length > maximum * 4 / 3 + 8 ? NULL : arena_allocate(page->arena, text.length / 4 * 3 + 8);
    return to != NULL && text.length > 0 && number_base64(text, to, &length) ? slice_of(to, length) : SLICE_EMPTY;
}

static rfd_status sign_in(struct transaction *t, void *context, struct rfd_error *error)
{
    struct certificate_work *w = context;
    w->session = w->page->session;
    return certificate_sign_in(t, page_account_settings(w->page), &w->session, w->text, w->certificate, w->signature,
                               w->token, &w->result, &w->why, error);
}

rfd_status certificate_send(struct page *page, struct rfd_error *error)
{
    struct certificate_work w = {.page = page,
                                 .text = decoded(page, "text", TEXT_MAXIMUM),
                                 .certificate = decoded(page, "certificate", CERTIFICATE_MAXIMUM),
                                 .signature = decoded(page, "signature", SIGNATURE_MAXIMUM),
                                 .result = SIGN_IN_WRONG};
    if (page->actor.account != 0) return account_go_back(page, error);
    account_introduce(page);
    TRY(page_write(page, sign_in, &w, error));
    if (w.why == NULL && w.result == SIGN_IN_DONE) return account_go_on(page, w.result, w.token, error);
    view_string(page->view, "why", page_text(page, w.why == NULL ? account_result_text(w.result) : w.why));
    return account_show_narrow(page, N_("Sign in with a certificate"), "account/certificate", error);
}

/* ---- TLS ---- */

rfd_status certificate_tls_show(struct page *page, struct rfd_error *error)
{
    view_string(page->view, "url", page_settings(page)->web.url);
    view_flag(page->view, "has_certificate", page->request->client_certificate.length > 0);
    view_flag(page->view, "done", page->actor.account != 0);
    view_text(page->view, "why", SLICE_EMPTY);
    return account_show_narrow(page, N_("Sign in with a certificate"), "account/certificate-tls", error);
}

static rfd_status sign_in_tls(struct transaction *t, void *context, struct rfd_error *error)
{
    struct certificate_work *w = context;
    w->session = w->page->session;
    return certificate_sign_in_tls(t, page_account_settings(w->page), &w->session, w->certificate, w->token, &w->result,
                                   &w->why, error);
}

/** The pages are at another port: from here on one goes by a link. */
rfd_status certificate_tls_send(struct page *page, struct rfd_error *error)
{
    struct certificate_work w = {
        .page = page, .certificate = page->request->client_certificate, .result = SIGN_IN_WRONG};
    account_introduce(page);
    if (page->actor.account == 0) TRY(page_write(page, sign_in_tls, &w, error));
    bool done = page->actor.account != 0 || (w.why == NULL && w.result == SIGN_IN_DONE);
    if (done && page->actor.account == 0) page_cookie(page, w.token);
    view_string(page->view, "url", page_settings(page)->web.url);
    view_flag(page->view, "has_certificate", w.certificate.length > 0);
    view_flag(page->view, "done", done);
    view_string(page->view, "why", done ? "" : page_text(page, w.why == NULL ? account_result_text(w.result) : w.why));
    return account_show_narrow(page, N_("Sign in with a certificate"), "account/certificate-tls", error);
}
