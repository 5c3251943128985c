/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/certificates.h"

#include "base/error.h"
#include "base/number.h"
#include "web/internal.h"

enum { SERIAL_MAXIMUM = 20 }; /* octets; RFC 5280 §4.1.2.2 */

struct registration_settings page_registration(const struct page *page)
{
    struct registration_settings settings =
        registration_settings_of(page_settings(page), page_packs(page), page->web->zone);
    settings.central = page->web->options.personal != NULL;
    return settings;
}

slice page_profile(const struct page *page, slice name)
{
    const struct pack_profile *p = packs_profile(page_packs(page), name);
    const char *code = language_code(page->language);
    if (p == NULL) return page_keep(page, name);
    return slice_text(strcmp(code, "ca") == 0 ? p->title_ca : strcmp(code, "en") == 0 ? p->title_en : p->title_es);
}

slice page_serial(const struct page *page, slice serial)
{
    uint8_t *digits = serial.length > SERIAL_MAXIMUM + 1 ? NULL : arena_allocate(page->arena, 2 * serial.length + 1);
    if (digits == NULL) return SLICE_EMPTY;
    number_to_hex(serial, false, digits);
    return slice_of(digits, 2 * serial.length);
}

/* ---- Uses ---- */

rfd_status page_uses(struct transaction *t, struct page *page, int64_t certificate, size_t most,
                     struct rfd_error *error)
{
    struct holding_use *all = NULL;
    size_t count = 0;
    struct view *list = view_list(page->view, "events");
    TRY(holding_uses(t, certificate, &all, &count, error));
    for (size_t i = 0; i < count && i < most; i++)
        page_event(page, list, all[i].time, holding_use_title(all[i].use), all[i].detail, SLICE_EMPTY, "neutral");
    view_flag(page->view, "used", count > 0);
    return RFD_OK;
}

/* ---- Files ---- */

/** Why it cannot be opened; NULL: it can. */
static const char *scan_note(const struct evidence *e)
{
    if (slice_is(e->scan, "waiting")) return N_("It waits for the virus scan");
    if (slice_is(e->scan, "infected")) return N_("The virus scan found something: it cannot be opened");
    return NULL;
}

void page_evidence(const struct page *page, const struct evidence *e, slice title, struct view *item)
{
    const char *note = scan_note(e);
    bool open = note == NULL;
    bool pdf = slice_is(e->type, "application/pdf");
    uint64_t kilobytes = (e->size + 1023) / 1024;
    view_number(item, "id", e->id);
    view_text(item, "title", title);
    view_string(item, "link", open ? arena_print(page->arena, "/evidencias/%lld", (long long)e->id) : "");
    view_string(item, "viewer", open && pdf ? arena_print(page->arena, "/visor?evidencia=%lld", (long long)e->id) : "");
    view_string(item, "type", pdf ? "PDF" : slice_is(e->type, "image/png") ? "PNG" : "JPEG");
    view_string(item, "size", arena_print(page->arena, "%llu KB", (unsigned long long)kilobytes));
    view_string(item, "note", open ? "" : page_text(page, note));
    view_flag(item, "is_image", open && !pdf);
    view_flag(item, "is_pdf", open && pdf);
    view_flag(item, "legible", e->legible);
    view_flag(item, "complete", e->complete);
    view_flag(item, "current", e->current);
    view_flag(item, "checked", e->legible && e->complete && e->current);
}
