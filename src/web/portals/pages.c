/* SPDX-License-Identifier: EUPL-1.2
 *
 * For who administers portals: which there are, one of them, its operations, closing it; and whether the personal
 * keeper knows its key.
 */
#include "web/portals/portal_pages.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/organisation/organisation.h"
#include "pki/certificate/pem.h"
#include "pki/digest.h"
#include "web/internal.h"

enum { PEM_MAXIMUM = 8192, COMMAND_MAXIMUM = 2048 };

/* ---- All of them ---- */

rfd_status portals_show(struct page *page, struct rfd_error *error)
{
    bool done = false;
    slice closed;
    struct list_query fixed = {0};
    TRY(http_request_query(page->request, "cerrados", &closed, error));
    list_fix(&fixed, "closed", closed.length > 0 ? SLICE("true") : SLICE("false"));
    const struct page_list list = {.definition = &portal_list,
                                   .link = PORTALS "/%lld",
                                   .empty = closed.length > 0 ? N_("No portal was closed.")
                                                              : N_("No portal has its people sign here yet."),
                                   .fixed = &fixed};
    struct view *tabs = view_list(page->view, "tabs");
    page_tab(page, tabs, N_("Portals in use"), PORTALS, closed.length == 0);
    page_tab(page, tabs, N_("Closed portals"), PORTALS "?cerrados=1", closed.length > 0);
    TRY(page_list(page, &list, &done, error));
    return done ? RFD_OK : page_show(page, N_("Portals"), "portals/list", error); /* es: "Portales" */
}

/* ---- One ---- */

static void keep(struct portal_page *p)
{
    slice *const texts[] = {&p->portal.name,        &p->portal.client,  &p->portal.key, &p->portal.certificate_hash,
                            &p->portal.secret_hash, &p->portal.webhook, &p->entity};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(p->page, *texts[i]);
    for (size_t i = 0; i < p->portal.return_count; i++) p->portal.returns[i] = page_keep(p->page, p->portal.returns[i]);
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct portal_page *p = context;
    struct entity entity;
    TRY(portal_find(t, p->id, &p->portal, error));
    TRY(entity_find(t, p->portal.entity, &entity, error));
    p->entity = entity.name;
    keep(p);
    return RFD_OK;
}

rfd_status portal_page_open(struct page *page, struct portal_page *out, struct rfd_error *error)
{
    *out = (struct portal_page){.page = page};
    TRY(page_id(page, "id", &out->id, error));
    return page_read(page, find, out, error);
}

static const char *below(const struct portal_page *p, const char *rest)
{
    const char *text = arena_print(p->page->arena, PORTALS "/%lld%s", (long long)p->id, rest);
    return text == NULL ? PORTALS : text;
}

void portal_page_head(struct portal_page *p, unsigned current)
{
    struct page *page = p->page;
    struct view *tabs = view_list(page->view, "tabs");
    page_tab(page, tabs, N_("Portal"), below(p, ""), current == 0);
    page_tab(page, tabs, N_("Operations"), below(p, "/operaciones"), current == 1); /* es: "Operaciones" */
    page_tab(page, tabs, N_("Notices"), below(p, "/avisos"), current == 2);         /* es: "Avisos" */
    page_tab(page, tabs, N_("Seals"), below(p, "/sellos"), current == 3);           /* es: "Sellos" */
    view_text(page->view, "name", p->portal.name);
    view_flag(page->view, "closed", p->portal.closed);
    view_string(page->view, "self", below(p, ""));
}

/* ---- Its key, and the personal keeper ---- */

static slice fingerprint(const struct page *page, slice spki)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    size_t size = digest_size(DIGEST_SHA256);
    uint8_t *digits = arena_allocate(page->arena, 2 * size + 1);
    if (digits == NULL || digest_of(DIGEST_SHA256, spki, hash, NULL) != RFD_OK) return SLICE_EMPTY;
    number_to_hex(slice_of(hash, size), false, digits);
    return slice_of(digits, 2 * size);
}

/** A word of a shell: nothing in it means anything. */
static void put_quoted(struct buf *b, slice text)
{
    buf_put_byte(b, '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\'')
            buf_put_text(b, "'\\''");
        else
            buf_put_byte(b, text.data[i]);
    }
    buf_put_byte(b, '\'');
}

static slice command_of(const struct page *page, const struct portal *p)
{
    struct buf b;
    buf_init(&b, COMMAND_MAXIMUM);
    buf_print(&b, "refrenda ca register portal %.*s %.*s.pem --attribute cn=", (int)p->client.length,
              (const char *)p->client.data, (int)p->client.length, (const char *)p->client.data);
    put_quoted(&b, p->name);
    slice copy = buf_status(&b) == RFD_OK ? page_keep(page, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return copy;
}

static void put_keeper(struct portal_page *p)
{
    struct page *page = p->page;
    slice key;
    struct view *view = view_object(page->view, "keeper");
    bool asked = portal_keeper_key(page, &p->portal, &key);
    bool known = asked && slice_equal(key, p->portal.key);
    view_flag(view, "known", known);
    view_flag(view, "missing", asked && !known);
    view_flag(view, "unsure", !asked);
    view_text(view, "command", command_of(page, &p->portal));
    view_string(view, "link", below(p, "/clave.pem"));
}

rfd_status portal_key_send(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    struct buf pem;
    TRY(portal_page_open(page, &p, error));
    if (p.portal.key.length == 0) return error_set(error, RFD_E_NOT_FOUND, "this portal has no key");
    const char *name =
        arena_print(page->arena, "%.*s.pem", (int)p.portal.client.length, (const char *)p.portal.client.data);
    if (name == NULL) return arena_failed(page->arena, error);
    buf_init(&pem, PEM_MAXIMUM);
    pem_put(&pem, "PUBLIC KEY", p.portal.key);
    rfd_status status = buf_check(&pem, "PEM", error);
    if (status == RFD_OK) status = page_attach(page, "application/x-pem-file", buf_slice(&pem), name, error);
    buf_dispose(&pem);
    return status;
}

/* ---- What is known of it ---- */

static void put_returns(struct portal_page *p, struct view *facts)
{
    for (size_t i = 0; i < p->portal.return_count; i++)
        page_fact(p->page, facts, i == 0 ? N_("Addresses that people come back to") : "", p->portal.returns[i], NULL);
    if (p->portal.return_count == 0)
        page_fact(p->page, facts, N_("Addresses that people come back to"), SLICE_EMPTY, NULL);
}

static void put_facts(struct portal_page *p)
{
    struct page *page = p->page;
    struct view *facts = view_list(page->view, "facts");
    const char *quota = p->portal.quota == 0 ? page_text(page, N_("No limit"))
                                             : arena_print(page->arena, "%lld", (long long)p->portal.quota);
    page_fact(page, facts, N_("Entity"), p->entity, NULL);
    page_fact(page, facts, N_("Identifier"), p->portal.client, NULL);
    page_fact(page, facts, N_("Public key (SHA-256)"),
              p->portal.key.length == 0 ? SLICE_EMPTY : fingerprint(page, p->portal.key), NULL);
    page_fact(page, facts, N_("TLS certificate (SHA-256)"), p->portal.certificate_hash, NULL);
    page_fact(page, facts, N_("Secret"),
              slice_text(page_text(page, p->portal.secret_hash.length > 0 ? N_("It has one") : N_("It has none"))),
              NULL);
    put_returns(p, facts);
    page_fact(page, facts, N_("Address for notices"), p->portal.webhook, NULL);
    page_fact(page, facts, N_("Operations a day, at most"), slice_text(quota == NULL ? "" : quota), NULL);
    page_fact(page, facts, N_("Registered on"), page_time(page, p->portal.created), NULL);
}

rfd_status portal_show(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    TRY(portal_page_open(page, &p, error));
    portal_page_head(&p, 0);
    put_facts(&p);
    view_flag(page->view, "has_key", p.portal.key.length > 0);
    if (p.portal.key.length > 0) put_keeper(&p);
    return page_show(page, N_("Portal"), "portals/portal", error);
}

rfd_status portal_operations_show(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    struct list_query fixed = {0};
    bool done = false;
    TRY(portal_page_open(page, &p, error));
    list_fix_number(&fixed, page->arena, "portal", p.id);
    const struct page_list list = {
        .definition = &portal_signing_list, .empty = N_("This portal has not sent anybody here yet."), .fixed = &fixed};
    portal_page_head(&p, 1);
    TRY(page_list(page, &list, &done, error));
    return done ? RFD_OK : page_show(page, N_("Operations of a portal"), "portals/operations", error);
}

/* ---- Closing ---- */

rfd_status portal_close_ask(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    TRY(portal_page_open(page, &p, error));
    if (p.portal.closed) return page_redirect(page, NULL, error, "%s", below(&p, ""));
    struct view *consequences = view_list(page->view, "consequences");
    static const char *const texts[] = {
        N_("Its programs are not let in any more: neither to hand in documents nor to fetch what was signed."),
        N_("Nobody can begin to sign for it any more. Who is asked for password and code just now can still finish; "
           "the portal is not told so."),
        N_("It cannot be opened again."),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        view_item_text(consequences, slice_text(page_text(page, texts[i])));
    view_string(page->view, "title", page_text(page, N_("Close this portal?")));
    view_text(page->view, "text", p.portal.name);
    view_string(page->view, "action", page_text(page, N_("Close the portal")));
    view_string(page->view, "back", below(&p, ""));
    view_flag(page->view, "danger", true);
    view_text(page->view, "csrf", csrf_token(page));
    return page_show(page, N_("Close this portal?"), "portals/confirm", error);
}

static rfd_status close_it(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct portal_page *p = context;
    return portal_close(t, &p->page->actor, p->id, error);
}

rfd_status portal_close_send(struct page *page, struct rfd_error *error)
{
    struct portal_page p = {.page = page};
    TRY(page_id(page, "id", &p.id, error));
    TRY(page_write(page, close_it, &p, error));
    return page_redirect(page, N_("The portal was closed"), error, PORTALS);
}
