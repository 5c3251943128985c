/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether a printed form is ours, for everybody: by the code that stands on it, or by the file itself, which has to be
 * ours octet by octet. What is told is what the form shows of itself, and how it is with its certificate now; never an
 * identity number.
 */
#include "web/registration/verify_form.h"

#include "base/error.h"
#include "base/number.h"
#include "domain/registration/forms.h"
#include "pki/digest.h"
#include "web/registration/registration_pages.h"

enum { HASH = 32 };

static const struct form_field verify_fields[] = {
    {.name = "code",
     .label = N_("Code"),
     .hint = N_("Twenty letters beside the square code; dashes do not matter"),
     .kind = FORM_TEXT,
     .maximum = 60,
     .autocomplete = "off"},
    {.name = "file",
     .label = N_("Or the file"),
     .hint = N_("The PDF as you received it; it is not kept"),
     .kind = FORM_FILE},
};

struct verifying {
    struct page *page;
    slice code; /* as it was typed */
    char content[2 * HASH + 1];
    bool by_file;
    struct registration_settings settings;
    struct printed_form form;
    struct printed_form_facts facts;
};

/* ---- Looking ---- */

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct verifying *v = context;
    TRY(v->by_file ? printed_form_find_content(t, slice_text(v->content), &v->form, error)
                   : printed_form_find(t, v->code, &v->form, error));
    TRY(printed_form_look(t, &v->settings, &v->form, v->page->now, &v->facts, error));
    v->form.code = page_keep(v->page, v->form.code);
    v->form.kind = page_keep(v->page, v->form.kind);
    v->facts.folio = page_keep(v->page, v->facts.folio);
    v->facts.initials = page_keep(v->page, v->facts.initials);
    v->facts.serial = page_keep(v->page, v->facts.serial);
    return RFD_OK;
}

/** As it is printed on the form: groups of eight octets. */
static slice serial_words(const struct page *page, slice serial)
{
    enum { GROUP = 16 };
    const char *text = "";
    for (size_t at = 0; at < serial.length && text != NULL; at += GROUP) {
        slice part = slice_part(serial, at, GROUP);
        text =
            arena_print(page->arena, "%s%s%.*s", text, at == 0 ? "" : " ", (int)part.length, (const char *)part.data);
    }
    return text == NULL ? serial : slice_text(text);
}

/* ---- Showing ---- */

static void put_state(struct page *page, const char *tone, const char *text, slice since)
{
    const char *words = page_text(page, text);
    if (since.length > 0)
        words = arena_print(page->arena, "%s (%.*s)", words, (int)since.length, (const char *)since.data);
    struct view *badge = view_object(page->view, "status");
    view_string(badge, "tone", tone);
    view_string(badge, "label", words);
}

static void put_certificate(struct page *page, const struct printed_form_facts *f, struct view *facts)
{
    page_fact(page, facts, N_("Serial number"), serial_words(page, f->serial), NULL);
    page_fact(page, facts, N_("In force from"), page_time(page, f->not_before), NULL);
    page_fact(page, facts, N_("In force until"), page_time(page, f->not_after), NULL);
    if (f->in_force)
        put_state(page, "good", N_("The certificate is in force now"), SLICE_EMPTY);
    else if (f->state == CERTIFICATE_REVOKED)
        put_state(page, "bad", N_("The certificate is revoked"), page_time(page, f->revoked));
    else if (f->state == CERTIFICATE_HELD)
        put_state(page, "warn", N_("The certificate is suspended"), SLICE_EMPTY);
    else
        put_state(page, "warn", N_("The certificate is not in force now: its time is over, or has not begun"),
                  SLICE_EMPTY);
}

static rfd_status show_found(struct verifying *v, struct rfd_error *error)
{
    struct page *page = v->page;
    const struct printed_form_facts *f = &v->facts;
    const char *title = printed_form_title(v->form.kind);
    struct view *facts = view_list(page->view, "facts");
    view_string(page->view, "kind", title == NULL ? "" : page_text(page, title));
    view_flag(page->view, "by_file", v->by_file);
    page_fact(page, facts, N_("Code"), v->form.code, NULL);
    page_fact(page, facts, N_("Made on"), page_time(page, v->form.made), NULL);
    if (f->folio.length > 0) page_fact(page, facts, N_("Folio"), f->folio, NULL);
    if (f->initials.length > 0) page_fact(page, facts, N_("Initials of the holder"), f->initials, NULL);
    if (f->serial.length > 0) put_certificate(page, f, facts);
    return applicant_show(page, N_("Verify a printed form"), "registration/verify-found", error);
}

static rfd_status show_form(struct page *page, struct form *form, struct rfd_error *error)
{
    form_show(page, form);
    return applicant_show(page, N_("Verify a printed form"), "registration/verify", error);
}

rfd_status verify_form_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, verify_fields, sizeof verify_fields / sizeof *verify_fields);
    return show_form(page, &form, error);
}

static struct verifying begin(struct page *page)
{
    return (struct verifying){.page = page, .settings = page_registration(page)};
}

/** The address of the QR. What is no code of ours is told in the form, with what it says. */
rfd_status verify_form_code(struct page *page, struct rfd_error *error)
{
    struct verifying v = begin(page);
    v.code = http_request_part(page->request, "code");
    rfd_status status = page_read(page, find, &v, error);
    if (status == RFD_OK) return show_found(&v, error);
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    struct form form;
    form_new(&form, verify_fields, sizeof verify_fields / sizeof *verify_fields);
    form_set(&form, "code", v.code);
    form_fail(&form, "code", N_("We have no form with this code: compare it letter by letter"));
    page->response->status = 404;
    return show_form(page, &form, error);
}

/* ---- What was sent ---- */

static rfd_status digest_file(struct verifying *v, slice content, struct rfd_error *error)
{
    uint8_t hash[HASH];
    TRY(digest_of(DIGEST_SHA256, content, hash, error));
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)v->content);
    v->by_file = true;
    return RFD_OK;
}

static rfd_status look(struct verifying *v, struct form *form, struct rfd_error *error)
{
    const struct http_part *file = form_value(form, "file")->file;
    if (file != NULL && file->body.length > 0) TRY(digest_file(v, file->body, error));
    if (!v->by_file && v->code.length == 0) {
        form_fail(form, "code", N_("Write the code, or choose the file"));
        return error_set(error, RFD_E_INVALID, "code");
    }
    rfd_status status = page_read(v->page, find, v, error);
    if (status != RFD_E_NOT_FOUND) return status;
    error_clear(error);
    if (v->by_file)
        form_fail(form, "file",
                  N_("This is not exactly a file of ours: it was changed, or printed and scanned. Try its code."));
    else
        form_fail(form, "code", N_("We have no form with this code: compare it letter by letter"));
    return error_set(error, RFD_E_INVALID, "not ours");
}

rfd_status verify_form_send(struct page *page, struct rfd_error *error)
{
    struct verifying v = begin(page);
    struct form form;
    TRY(form_read(page, verify_fields, sizeof verify_fields / sizeof *verify_fields, &form, error));
    v.code = form_text(&form, "code");
    rfd_status status = form.wrong ? RFD_E_INVALID : look(&v, &form, error);
    if (status == RFD_OK && v.by_file) return show_found(&v, error);
    if (status == RFD_OK)
        return page_redirect(page, NULL, error, VERIFY "/%.*s", (int)v.form.code.length,
                             (const char *)v.form.code.data);
    if (status != RFD_E_INVALID) return status;
    error_clear(error);
    page->response->status = 422;
    return show_form(page, &form, error);
}
