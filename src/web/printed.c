/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/printed.h"

#include "base/error.h"
#include "web/certificates.h"
#include "web/internal.h"

rfd_status page_send_printed(struct page *page, enum printed_form_kind kind, int64_t subject, slice name,
                             struct rfd_error *error)
{
    const struct settings *s = page_settings(page);
    const struct registration_settings registration = page_registration(page);
    struct blob blob;
    const struct forms forms = {.store = page_store(page),
                                .blobs = page_blobs(page),
                                .keeper = page_keeper(page),
                                .fonts = page->web->fonts,
                                .registration = &registration,
                                .seal_key = s->keys.seal_key,
                                .url = s->web.url,
                                .house = s->web.name,
                                .tsa_url = s->requests.tsa_url};
    TRY(printed_form_make(&forms, &page->actor, kind, subject, page->language, page->arena, &blob, error));
    return page_send_file(page, &blob, name, error);
}
