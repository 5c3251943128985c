/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may see which request. Folios can be counted up, so that what is to be guessed is the identity number: every
 * folio may be tried ten times a minute by all the world together, a wrong folio answers as a wrong number does.
 */
#include "web/registration/registration_pages.h"

#include "base/number.h"
#include "base/url.h"
#include "pki/digest.h"
#include "web/delay.h"

#include <openssl/hmac.h>
#include <stdio.h>

#define COOKIE_PASS "__Host-refrenda-folio"
enum { PASS_SECONDS = 30 * 60, MAC_SIZE = 32, SHA256_SIZE = 32 };

const char *applicant_text(const struct page *page, slice text)
{
    const char *copy = arena_text(page->arena, text);
    return copy == NULL ? "" : copy;
}

rfd_status applicant_show(struct page *page, const char *title, const char *template, struct rfd_error *error)
{
    if (page->actor.account == 0) view_flag(page->view, "narrow", true);
    return page_show(page, title, template, error);
}

slice applicant_masked_mail(const struct page *page, slice mail)
{
    const uint8_t *at = mail.length == 0 ? NULL : memchr(mail.data, '@', mail.length);
    if (at == NULL || at == mail.data) return SLICE_EMPTY;
    slice first = slice_part(mail, 0, 1), domain = slice_from(mail, (size_t)(at - mail.data));
    const char *text = arena_print(page->arena, "%.*s***%.*s", (int)first.length, (const char *)first.data,
                                   (int)domain.length, (const char *)domain.data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

slice applicant_key_id(const struct page *page, slice spki)
{
    uint8_t hash[SHA256_SIZE];
    uint8_t *digits = arena_allocate(page->arena, 2 * sizeof hash);
    if (spki.length == 0 || digits == NULL || digest_of(DIGEST_SHA256, spki, hash, NULL) != RFD_OK) return SLICE_EMPTY;
    number_to_hex(slice_of(hash, sizeof hash), false, digits);
    return slice_of(digits, 2 * sizeof hash);
}

/* ---- Seals ---- */

rfd_status applicant_seal(struct page *page, const char *purpose, slice text, slice *out, struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    struct buf b;
    slice key = page_account_settings(page)->key;
    if (key.length == 0) return error_set(error, RFD_E_PEER_GONE, "the installation's key");
    buf_init(&b, text.length + 256);
    buf_print(&b, "firma %s\n", purpose); /* nothing else that is sealed with this key begins so */
    buf_put_slice(&b, text);
    bool good =
        buf_status(&b) == RFD_OK && HMAC(EVP_sha256(), key.data, (int)key.length, b.data, b.length, mac, NULL) != NULL;
    buf_reset(&b);
    url_put_base64(&b, slice_of(mac, sizeof mac));
    slice copy = good && buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    if (copy.data == NULL) return arena_failed(page->arena, error);
    *out = copy;
    return RFD_OK;
}

/* REQUEST "." APPLICANT "." END "." SEAL */
static rfd_status text_of_pass(struct page *page, const struct applicant_pass *pass, rfd_time ends, slice *out,
                               struct rfd_error *error)
{
    slice seal;
    const char *text = arena_print(page->arena, "%lld.%lld.%lld", (long long)pass->request, (long long)pass->applicant,
                                   (long long)(ends / RFD_SECOND));
    if (text == NULL) return arena_failed(page->arena, error);
    TRY(applicant_seal(page, "pass", slice_text(text), &seal, error));
    const char *all = arena_print(page->arena, "%s.%.*s", text, (int)seal.length, (const char *)seal.data);
    if (all == NULL) return arena_failed(page->arena, error);
    *out = slice_text(all);
    return RFD_OK;
}

rfd_status applicant_let_in(struct page *page, const struct applicant_pass *pass, struct rfd_error *error)
{
    slice text;
    TRY(text_of_pass(page, pass, page->now + PASS_SECONDS * RFD_SECOND, &text, error));
    http_response_cookie(page->response, COOKIE_PASS, text, PASS_SECONDS);
    return RFD_OK;
}

void applicant_forget(struct page *page)
{
    http_response_cookie(page->response, COOKIE_PASS, SLICE("-"), -1);
}

rfd_status applicant_request(struct page *page, struct applicant_pass *pass, struct rfd_error *error)
{
    slice wanted, text = visit_cookie(page, COOKIE_PASS);
    slice rest = text;
    uint64_t numbers[3]; /* request, applicant, end */
    *pass = (struct applicant_pass){0};
    for (size_t i = 0; i < 3; i++)
        if (!number_unsigned(http_cut(&rest, '.'), i < 2 ? INT64_MAX : UINT32_MAX, &numbers[i])) return RFD_OK;
    const struct applicant_pass said = {(int64_t)numbers[0], (int64_t)numbers[1]};
    rfd_time ends = (rfd_time)numbers[2] * RFD_SECOND;
    TRY(text_of_pass(page, &said, ends, &wanted, error));
    if (secret_equal(wanted, text) && ends > page->now) *pass = said;
    return RFD_OK;
}

rfd_status applicant_of_pass(const struct request *request, const struct applicant_pass *pass,
                             const struct applicant **out, struct rfd_error *error)
{
    size_t i = 0;
    if (pass->applicant == 0) {
        if (request->applicant_count != 1) return error_set(error, RFD_E_NOT_FOUND, "whose of several");
    } else {
        while (i < request->applicant_count && request->applicants[i].id != pass->applicant) i++;
        if (i == request->applicant_count) return error_set(error, RFD_E_NOT_FOUND, "an applicant who is gone");
    }
    *out = &request->applicants[i];
    return RFD_OK;
}

/* ---- Finding a request ---- */

static const struct form_field looking_fields[] = {
    {.name = "folio",
     .label = N_("Folio"),
     .hint = N_("As the receipt and the mails have it: S-0029-2026"),
     .required = true,
     .maximum = 24,
     .autocomplete = "off"},
    {.name = "number",
     .label = N_("Identity number"),
     .hint = N_("The one of the request"),
     .required = true,
     .maximum = 32,
     .autocomplete = "off"},
};
enum { LOOKING_FIELDS = sizeof looking_fields / sizeof *looking_fields };

/** A folio counts as a network does: by a hash, in the table of the same sort. */
static rfd_status count_try(struct page *page, slice folio, struct rfd_error *error)
{
    uint8_t hash[SHA256_SIZE];
    struct http_address counted = {.family = HTTP_IPV6};
    TRY(digest_of(DIGEST_SHA256, folio, hash, error));
    memcpy(counted.bytes, hash, sizeof counted.bytes);
    unsigned wait = limit_take(page->web->folio_limit, &counted, page->now);
    if (wait == 0) return RFD_OK;
    page->retry_after = wait;
    return error_set(error, RFD_E_SLOW_DOWN, "tries of one folio");
}

struct looking {
    const struct registration_settings *settings;
    slice folio, number;
    struct applicant_pass found;
};

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    struct request request = {0};
    rfd_status status = request_follow(t, l->settings, l->folio, l->number, &request, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return RFD_OK;
    }
    if (status == RFD_OK) l->found = (struct applicant_pass){request.id, request.applicants[0].id};
    return status;
}

/** "s-0029 -2026" is what people write of "S-0029-2026". */
static slice tidy(const struct page *page, slice folio)
{
    uint8_t *to = arena_allocate(page->arena, folio.length + 1);
    size_t used = 0;
    for (size_t i = 0; to != NULL && i < folio.length; i++) {
        uint8_t c = folio.data[i];
        if (c == ' ') continue;
        to[used++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
    }
    return slice_of(to, used);
}

/** `found->request` 0: folio or number is wrong, which the form then says. */
static rfd_status find(struct page *page, struct form *form, struct applicant_pass *found, struct rfd_error *error)
{
    rfd_time from = delay_begin();
    const struct registration_settings settings = page_registration(page);
    struct looking l = {
        .settings = &settings, .folio = tidy(page, form_text(form, "folio")), .number = form_text(form, "number")};
    *found = (struct applicant_pass){0};
    TRY(count_try(page, l.folio, error));
    TRY(page_read(page, look, &l, error));
    delay_end(from); /* does not tell which of both was wrong */
    if (l.found.request == 0)
        form_fail(form, "", N_("There is no request with this folio and this number. Look at both again"));
    *found = l.found;
    return RFD_OK;
}

static rfd_status show_door(struct page *page, const struct applicant_door *door, struct form *form,
                            struct rfd_error *error)
{
    form_show(page, form);
    if (form->wrong) page->response->status = 422;
    return applicant_show(page, door->title, door->template, error);
}

rfd_status applicant_door_show(struct page *page, const struct applicant_door *door, struct rfd_error *error)
{
    struct form form;
    slice folio = http_field_get(&page->request->query, "folio", 0);
    form_new(&form, looking_fields, LOOKING_FIELDS);
    if (folio.length <= looking_fields[0].maximum) form_set(&form, "folio", folio);
    return show_door(page, door, &form, error);
}

rfd_status applicant_door_try(struct page *page, const struct applicant_door *door, struct applicant_pass *found,
                              struct rfd_error *error)
{
    struct form form;
    *found = (struct applicant_pass){0};
    TRY(form_read(page, looking_fields, LOOKING_FIELDS, &form, error));
    if (!form.wrong) TRY(find(page, &form, found, error));
    return found->request == 0 ? show_door(page, door, &form, error) : RFD_OK;
}

rfd_status applicant_door_send(struct page *page, const struct applicant_door *door, struct rfd_error *error)
{
    struct applicant_pass found;
    TRY(applicant_door_try(page, door, &found, error));
    if (found.request == 0) return RFD_OK;
    TRY(applicant_let_in(page, &found, error));
    return page_redirect(page, NULL, error, "%s", door->inside);
}
