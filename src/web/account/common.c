/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/account/account_pages.h"

#include "base/text.h"

enum { BACK_MAXIMUM = 4096, AGENT_MAXIMUM = 200 };

/** A page of signing in or out itself is no place to go on to. */
static bool is_sign_in(slice back)
{
    size_t length = 0;
    while (length < back.length && memchr("?#", back.data[length], 2) == NULL) length++;
    slice path = slice_part(back, 0, length);
    return slice_is(path, "/acceso") || slice_starts(path, SLICE("/acceso/")) || slice_is(path, "/salir");
}

bool account_is_back(slice back)
{
    if (back.length == 0 || back.length > BACK_MAXIMUM || back.data[0] != '/') return false;
    if (back.length > 1 && (back.data[1] == '/' || back.data[1] == '\\')) return false;
    for (size_t i = 0; i < back.length; i++) {
        if (back.data[i] <= ' ' || back.data[i] >= 0x7F || back.data[i] == '\\') return false;
    }
    return !is_sign_in(back);
}

slice account_back(const struct page *page)
{
    slice back = page_field(page, "volver");
    if (back.length == 0) back = http_field_get(&page->request->query, "volver", 0);
    return account_is_back(back) ? back : SLICE("/");
}

void account_show_back(struct page *page)
{
    slice back = account_back(page);
    view_text(page->view, "back", back.length > 1 ? back : SLICE_EMPTY);
    view_text(page->view, "back_query", back.length > 1 ? page_escape(page, back) : SLICE_EMPTY);
}

rfd_status account_go_back(struct page *page, struct rfd_error *error)
{
    slice back = account_back(page);
    return page_redirect(page, NULL, error, "%.*s", (int)back.length, (const char *)back.data);
}

rfd_status account_go_on(struct page *page, enum sign_in_result result, const char token[ACCOUNT_TOKEN_SIZE],
                         struct rfd_error *error)
{
    slice back = page_escape(page, account_back(page));
    const char *step = result == SIGN_IN_FACTOR ? "/acceso/segundo-factor" : "/acceso/cambiar-clave";
    page_cookie(page, token);
    if (result == SIGN_IN_DONE) return account_go_back(page, error);
    if (back.length <= 1) return page_redirect(page, NULL, error, "%s", step);
    return page_redirect(page, NULL, error, "%s?volver=%.*s", step, (int)back.length, (const char *)back.data);
}

const char *account_result_text(enum sign_in_result result)
{
    switch (result) {
    case SIGN_IN_PROOF:
        return N_("There were several wrong tries. Write your password again and send the security code, or, without "
                  "script, wait a little longer before each new try");
    case SIGN_IN_LOCKED:
        return N_(
            "This account is locked after too many wrong tries. We have sent you a mail with a link to unlock it");
    case SIGN_IN_SLOW: return N_("There were too many tries. Wait a few minutes and try again");
    default: return N_("The code or the password is not right");
    }
}

void account_introduce(struct page *page)
{
    slice agent = slice_part(http_request_header(page->request, "user-agent", 0), 0, AGENT_MAXIMUM);
    if (page->session.id != 0) return;
    page->session.client = page->actor.client;
    page->session.agent = text_is_utf8(agent) ? agent : SLICE_EMPTY;
}

rfd_status account_json(struct page *page, struct buf *json, struct rfd_error *error)
{
    rfd_status status = buf_check(json, "JSON", error);
    slice copy = status == RFD_OK ? arena_copy(page->arena, buf_slice(json)) : SLICE_EMPTY;
    buf_dispose(json);
    if (status != RFD_OK) return status;
    if (copy.data == NULL) return arena_failed(page->arena, error);
    page_json(page, copy);
    return RFD_OK;
}

void account_tabs(struct page *page, const char *link)
{
    static const struct {
        const char *title, *link;
    } tabs[] = {
        {N_("Your data"), "/cuenta"},
        {N_("Password"), "/cuenta/clave"},
        {N_("Second factor"), "/cuenta/factores"},
        {N_("Passkeys"), "/cuenta/llaves"},
        {N_("Sessions"), "/cuenta/sesiones"},
    };
    struct view *list = view_list(page->view, "tabs");
    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++)
        page_tab(page, list, tabs[i].title, tabs[i].link, strcmp(tabs[i].link, link) == 0);
}

rfd_status account_show_narrow(struct page *page, const char *title, const char *template, struct rfd_error *error)
{
    view_flag(page->view, "narrow", true);
    account_show_back(page);
    return page_show(page, title, template, error);
}

/* ---- New passwords ---- */

const struct form_field account_password_fields[ACCOUNT_PASSWORD_FIELDS] = {
    {.name = "old",
     .label = N_("Present password"),
     .kind = FORM_PASSWORD,
     .required = true,
     .maximum = 256,
     .autocomplete = "current-password"},
    {.name = "password",
     .label = N_("New password"),
     .hint = N_("At least 8 characters; 12 are better. Several words that do not belong together are easy to remember"),
     .kind = FORM_NEW_PASSWORD,
     .required = true,
     .maximum = 256,
     .autocomplete = "new-password"},
    {.name = "repeat",
     .label = N_("The new password once more"),
     .kind = FORM_PASSWORD,
     .required = true,
     .maximum = 256,
     .autocomplete = "new-password"},
};

rfd_status account_read_password(struct page *page, bool old, struct form *form, struct rfd_error *error)
{
    const struct form_field *first = account_password_fields + (old ? 0 : 1);
    TRY(form_read(page, first, ACCOUNT_PASSWORD_FIELDS - (old ? 0 : 1), form, error));
    if (!form->wrong && !slice_equal(form_text(form, "password"), form_text(form, "repeat")))
        form_fail(form, "repeat", N_("The two passwords are not the same"));
    return RFD_OK;
}

rfd_status account_show_password(struct page *page, struct form *form, struct rfd_error *error)
{
    form_show(page, form);
    return account_show_narrow(page, N_("Choose your password"), "account/change", error);
}
