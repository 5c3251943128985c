/* SPDX-License-Identifier: EUPL-1.2
 *
 * Password and code. The page gives the browser the operation's text, the personal keeper's key and its nonce; the
 * script (assets/script/activation.js) shows what that text says, encrypts what the person types for exactly that, and
 * sends it here, where nobody can read it.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "base/url.h"

#include <jansson.h>

enum { PROOF_MAXIMUM = 4096, JSON_MAXIMUM = 4096 };

/* ---- The page ---- */

static void put_octets(const struct page *page, struct view *view, const char *name, slice octets)
{
    struct buf b;
    buf_init(&b, 2 * PERSONAL_TEXT_MAXIMUM);
    url_put_base64(&b, octets);
    view_text(view, name, buf_status(&b) == RFD_OK ? page_keep(page, buf_slice(&b)) : SLICE_EMPTY);
    buf_dispose(&b);
}

static slice operation_digits(const struct page *page, const uint8_t operation[PERSONAL_OPERATION_SIZE])
{
    uint8_t *digits = arena_allocate(page->arena, 2 * PERSONAL_OPERATION_SIZE);
    if (digits == NULL) return SLICE_EMPTY;
    number_to_hex(slice_of(operation, PERSONAL_OPERATION_SIZE), false, digits);
    return slice_of(digits, 2 * PERSONAL_OPERATION_SIZE);
}

static int64_t seconds_until(const struct page *page, rfd_time moment)
{
    return moment > page->now ? (moment - page->now + RFD_SECOND - 1) / RFD_SECOND : 0;
}

static void put_begun(struct page *page, const struct central_authorisation *begun, struct view *view)
{
    slice digits = operation_digits(page, begun->operation);
    view_text(view, "operation", digits);
    put_octets(page, view, "nonce", slice_of(begun->nonce, sizeof begun->nonce));
    put_octets(page, view, "text", begun->text);
    put_octets(page, view, "point", begun->point);
    put_octets(page, view, "encapsulated", begun->encapsulated);
    put_octets(page, view, "sealed", begun->sealed);
    view_flag(view, "wants_password", (begun->proofs & PERSONAL_PROOF_PASSWORD) != 0);
    view_flag(view, "wants_code", (begun->proofs & PERSONAL_PROOF_CODE) != 0);
    view_flag(view, "wants_new_password", (begun->proofs & PERSONAL_PROOF_NEW_PASSWORD) != 0);
    view_flag(view, "wants_second_code", (begun->proofs & PERSONAL_PROOF_SECOND_CODE) != 0);
    view_flag(view, "is_sms", begun->channel == PERSONAL_SMS);
    view_flag(view, "is_mail", begun->channel == PERSONAL_MAIL);
    view_flag(view, "is_app", begun->channel == PERSONAL_TOTP);
    view_flag(view, "with_secret", begun->sealed.length > 0);
    view_text(view, "masked", begun->address);
    view_text(view, "ends", page_time(page, begun->ends));
    view_number(view, "seconds", seconds_until(page, begun->ends));
    view_number(view, "again", seconds_until(page, begun->again));
}

rfd_status authorise_show(struct page *page, const struct authorising *what, const struct central_authorisation *begun,
                          struct rfd_error *error)
{
    struct view *view = view_object(page->view, "activation");
    slice own = page->actor.name;
    put_begun(page, begun, view);
    view_string(view, "title", page_text(page, what->title));
    view_string(view, "lead", what->lead == NULL ? "" : page_text(page, what->lead));
    view_string(view, "action", page_text(page, what->action));
    view_string(view, "address", what->address);
    view_string(view, "cancel", what->cancel);
    view_text(view, "own", own);
    view_text(view, "csrf", csrf_token(page));
    view_flag(view, "danger", what->danger);
    return page_show(page, what->title, "central/authorise", error);
}

/* ---- What the script sends ---- */

static slice sent_octets(const struct page *page, const char *name)
{
    slice text = http_field_get(&page->fields, name, 0);
    if (text.data == NULL || text.length == 0 || text.length > PROOF_MAXIMUM) return SLICE_EMPTY;
    return url_read_base64(text, page->arena);
}

static rfd_status read_operation(slice digits, uint8_t out[PERSONAL_OPERATION_SIZE], struct rfd_error *error)
{
    if (digits.data == NULL || digits.length != 2 * PERSONAL_OPERATION_SIZE || !number_hex(digits, out))
        return error_set(error, RFD_E_NOT_FOUND, "no number of an operation");
    return RFD_OK;
}

rfd_status authorise_read(const struct page *page, struct authorise_form *out, struct rfd_error *error)
{
    TRY(read_operation(http_field_get(&page->fields, "operation", 0), out->operation, error));
    out->proofs.encapsulated = sent_octets(page, "encapsulated");
    out->proofs.sealed = sent_octets(page, "sealed");
    if (out->proofs.encapsulated.length == 0 || out->proofs.sealed.length == 0)
        return error_set(error, RFD_E_REQUEST, "nothing that was encrypted");
    return RFD_OK;
}

/* ---- What it is told ---- */

rfd_status page_answer(struct page *page, struct json_t *json, struct rfd_error *error)
{
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    slice copy = text == NULL ? SLICE_EMPTY : page_keep(page, slice_text(text));
    free(text);
    json_decref(json);
    if (copy.length == 0) return arena_failed(page->arena, error);
    page_json(page, copy);
    return RFD_OK;
}

static json_t *progress_json(const struct page *page, const struct central_progress *p)
{
    static const char *const ways[] = {
        [PERSONAL_QUEUED] = "queued", [PERSONAL_SENT] = "sent", [PERSONAL_NOT_SENT] = "failed"};
    return json_pack("{s:b,s:s,s:I,s:I,s:i,s:i}", "ended", p->state == PERSONAL_ENDED, "delivery",
                     p->delivery <= PERSONAL_NOT_SENT ? ways[p->delivery] : "queued", "seconds",
                     (json_int_t)seconds_until(page, p->ends), "again", (json_int_t)seconds_until(page, p->again),
                     "codes", (int)p->codes_left, "passwords", (int)p->passwords_left);
}

/** What may be wrong with what a person typed: by which field it is told, and how. */
static const struct wrong {
    rfd_status status;
    const char *field, *message; /* N_() */
} wrongs[] = {
    {RFD_E_ACTIVATION_CODE, "code", N_("The code is wrong.")},
    {RFD_E_ACTIVATION_PASSWORD, "password", N_("The signing password is wrong.")},
    {RFD_E_PASSWORD_WEAK, "newPassword",
     N_("This password is too easy to guess: at least 8 characters, not digits alone.")},
    {RFD_E_CREDENTIAL_LOCKED, "",
     N_("There were too many wrong passwords or codes. My certificates says until when, and what to do.")},
    {RFD_E_ACTIVATION_ENDED, "", N_("This authorisation has ended. Begin again.")},
    {RFD_E_ARGUMENT, "", N_("What came from your browser was not for this operation. Begin again.")},
};

static const struct wrong *wrong_of(rfd_status status)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++)
        if (wrongs[i].status == status) return &wrongs[i];
    return NULL;
}

/** "The code is wrong. Tries left: 3." */
static const char *message_of(const struct page *page, const struct wrong *wrong, const struct central_progress *p)
{
    const char *text = page_text(page, wrong->message);
    unsigned left = wrong->status == RFD_E_ACTIVATION_CODE ? p->codes_left : p->passwords_left;
    bool counted = wrong->status == RFD_E_ACTIVATION_CODE || wrong->status == RFD_E_ACTIVATION_PASSWORD;
    if (!counted || left == 0) return text;
    const char *all = arena_print(page->arena, "%s %s %u.", text, page_text(page, N_("Tries left:")), left);
    return all == NULL ? text : all;
}

static rfd_status answer_wrong(struct page *page, const struct central *c, const struct authorise_form *form,
                               const struct wrong *wrong, struct rfd_error *error)
{
    struct central_progress p = {.state = PERSONAL_ENDED};
    bool final = wrong->field[0] == '\0';
    error_clear(error);
    if (!final && central_progress(c, form->operation, false, &p, error) != RFD_OK) {
        error_clear(error);
        p = (struct central_progress){.state = PERSONAL_ENDED};
    }
    page->response->status = 422;
    return page_answer(page,
                       json_pack("{s:s,s:s,s:b}", "field", wrong->field, "message", message_of(page, wrong, &p),
                                 "ended", final || p.state == PERSONAL_ENDED),
                       error);
}

rfd_status authorise_answer(struct page *page, const struct central *c, const struct authorise_form *form,
                            rfd_status status, const char *next, struct rfd_error *error)
{
    const struct wrong *wrong = wrong_of(status);
    if (wrong != NULL) return answer_wrong(page, c, form, wrong, error);
    if (status != RFD_OK) return status;
    if (next == NULL) return arena_failed(page->arena, error);
    return page_answer(page, json_pack("{s:s}", "next", next), error);
}

/* ---- How far it is ---- */

static rfd_status progress(struct page *page, bool again, struct rfd_error *error)
{
    struct central c;
    struct central_progress p;
    uint8_t operation[PERSONAL_OPERATION_SIZE];
    TRY(page_central(page, &c, error));
    TRY(read_operation(http_request_part(page->request, "operation"), operation, error));
    rfd_status status = central_progress(&c, operation, again, &p, error);
    if (again && (status == RFD_E_BUSY || status == RFD_E_LIMIT || status == RFD_E_SLOW_DOWN)) {
        error_clear(error);
        page->response->status = 429;
        status = central_progress(&c, operation, false, &p, error);
    }
    TRY(status);
    return page_answer(page, progress_json(page, &p), error);
}

rfd_status authorise_progress(struct page *page, struct rfd_error *error)
{
    return progress(page, false, error);
}

rfd_status authorise_again(struct page *page, struct rfd_error *error)
{
    return progress(page, true, error);
}
