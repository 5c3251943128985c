/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which key the personal keeper knows a portal by: only the operator can tell it, so that a process of these pages that
 * was broken into cannot state documents in a portal's name.
 */
#include "keeper/ask.h"
#include "web/internal.h"
#include "web/portals/portal_pages.h"

struct looking {
    struct page *page;
    slice client, key;
};

static rfd_status look_at_one(void *context, const struct ask_registered *item, struct rfd_error *error)
{
    struct looking *l = context;
    (void)error;
    if (item->kind == KEEPER_PORTAL && slice_equal(item->name, l->client)) l->key = page_keep(l->page, item->proof);
    return RFD_OK;
}

bool portal_keeper_key(struct page *page, const struct portal *portal, slice *out)
{
    struct keeper_client *personal = page->web->options.personal;
    struct looking looking = {.page = page, .client = portal->client};
    *out = SLICE_EMPTY;
    if (personal == NULL || ask_registered(personal, look_at_one, &looking, NULL) != RFD_OK) return false;
    *out = looking.key;
    return true;
}
