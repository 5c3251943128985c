/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a portal asks for with oauth2/authorize: a query, or a form that is pushed. The first octet says which version.
 * What is not refused can be kept, and shown to people.
 */
#include "base/text.h"
#include "http/form.h"
#include "web/csc/csc_pages.h"
#include "web/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct csc_request *r)
{
    if (!r->credential_scope) return;
    if (r->count == 0 || r->count > CSC_HASHES || digest_size(r->digest) == 0) __builtin_trap();
    for (size_t i = 0; i < r->count; i++) {
        const struct csc_hash *h = &r->hashes[i];
        bool shown = h->label.length <= CSC_LABEL_MAXIMUM && text_is_printable(h->label);
        if (h->hash.length != digest_size(r->digest) || !shown) __builtin_trap();
        for (size_t k = 0; k < i; k++)
            if (slice_equal(h->hash, r->hashes[k].hash)) __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct portal portal = {.returns = {{(const uint8_t *)"https://sede.example/vuelta", 27},
                                                     {(const uint8_t *)"http://127.0.0.1/vuelta", 23}},
                                         .return_count = 2};
    struct arena arena;
    struct http_fields fields;
    if (size == 0) return 0;
    arena_init(&arena, 16 << 20);
    struct page page = {.arena = &arena};
    struct csc_asked asked = {.fields = &fields, .version = data[0] % 2 + 1, .portal = &portal};
    if (http_form_parse(slice_of(data + 1, size - 1), &arena, &fields, NULL) == RFD_OK) {
        if (!csc_ask_redirect(&fields, &portal, &asked.request.redirect)) asked.request.redirect = SLICE_EMPTY;
        if (csc_ask_read(&page, &asked, NULL) == RFD_OK && asked.refused == NULL) check(&asked.request);
    }
    arena_dispose(&arena);
    return 0;
}
