/* SPDX-License-Identifier: EUPL-1.2
 *
 * What there is for who wants a certificate.
 */
#include "web/registration/registration_pages.h"

static const struct {
    const char *title, *text; /* N_() */
    const char *link, *icon;
} tiles[] = {
    {N_("Ask for a signature on line"),
     N_("Fill in the form, attach your documents; your key is made in this browser."), "/firma/solicitud",
     "certificate"},
    {N_("Follow a request"), N_("With its folio and your identity number: how far it is, and what has to be mended."),
     "/firma/seguimiento", "search"},
    {N_("Join certificate and key"), N_("Your certificate was issued: make the .p12 file that you sign with."),
     "/firma/certificado", "key"},
    {N_("Verify a printed form"), N_("With the code that stands on it: whether it is one of ours."), "/verificar",
     "tick"},
};

rfd_status applicant_start(struct page *page, struct rfd_error *error)
{
    struct view *list = view_list(page->view, "tiles");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, tiles[i].title));
        view_string(item, "text", page_text(page, tiles[i].text));
        view_string(item, "link", tiles[i].link);
        view_string(item, "icon", tiles[i].icon);
    }
    return page_show(page, N_("Electronic signature"), "registration/start", error);
}
