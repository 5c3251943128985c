/* SPDX-License-Identifier: EUPL-1.2
 *
 * My certificates, and one of them: state, uses, files.
 */
#include "base/error.h"
#include "pki/certificate/pem.h"
#include "web/holding/holding_pages.h"
#include "web/printed.h"

enum { PEM_MAXIMUM = 256 << 10 };

/* ---- All ---- */

struct listing {
    struct page *page;
    struct registration_settings settings;
};

static rfd_status put_last_use(struct transaction *t, struct page *page, int64_t certificate, struct view *item,
                               struct rfd_error *error)
{
    struct holding_use *all;
    size_t count;
    TRY(holding_uses(t, certificate, &all, &count, error));
    view_flag(item, "used", count > 0);
    view_text(item, "last_use", count == 0 ? SLICE_EMPTY : page_time(page, all[0].time));
    view_string(item, "last_use_title", count == 0 ? "" : page_text(page, holding_use_title(all[0].use)));
    return RFD_OK;
}

static rfd_status put_all(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct listing *l = context;
    struct holding *all;
    size_t count;
    TRY(holding_own(t, &l->page->actor, &l->settings, &all, &count, error));
    struct view *list = view_list(l->page->view, "certificates");
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(list);
        all[i].revocation_code = page_keep(l->page, all[i].revocation_code);
        holding_page_put(l->page, &l->settings, &all[i], item);
        TRY(put_last_use(t, l->page, all[i].row.id, item, error));
    }
    view_flag(l->page->view, "none", count == 0);
    return RFD_OK;
}

rfd_status holdings_show(struct page *page, struct rfd_error *error)
{
    struct listing l = {.page = page, .settings = page_registration(page)};
    TRY(page_read(page, put_all, &l, error));
    struct view *empty = view_object(page->view, "empty");
    view_string(empty, "title", page_text(page, N_("You have no certificates yet")));
    view_string(empty, "text",
                page_text(page, N_("Ask for one on line: an agent attends your request, and tells you by e-mail.")));
    view_string(empty, "link", "/firma/solicitud");
    view_string(empty, "action", page_text(page, N_("Ask for a certificate")));
    return page_show(page, N_("My certificates"), "holding/own", error); /* es: "Mis certificados" */
}

/* ---- One ---- */

static rfd_status put_uses(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct holding_page *p = context;
    return page_uses(t, p->page, p->id, SIZE_MAX, error);
}

rfd_status holding_show(struct page *page, struct rfd_error *error)
{
    struct holding_page p;
    TRY(holding_page_open(page, &p, error));
    TRY(page_read(page, put_uses, &p, error));
    holding_page_put(page, &p.settings, &p.holding, page->view);
    return page_show(page, N_("Your certificate"), "holding/one", error);
}

/* ---- Files ---- */

struct chaining {
    const struct holding *holding;
    struct buf pem;
};

static rfd_status read_chain(struct transaction *t, void *context, struct rfd_error *error)
{
    struct chaining *c = context;
    buf_reset(&c->pem);
    return holding_chain(t, c->holding, &c->pem, error);
}

rfd_status holding_chain_send(struct page *page, struct rfd_error *error)
{
    struct holding_page p;
    TRY(holding_page_open(page, &p, error));
    struct chaining c = {.holding = &p.holding};
    buf_init(&c.pem, PEM_MAXIMUM);
    rfd_status status = page_read(page, read_chain, &c, error);
    if (status == RFD_OK) status = page_attach(page, "application/x-pem-file", buf_slice(&c.pem), "cadena.pem", error);
    buf_dispose(&c.pem);
    return status;
}

/** Comprobante de Revocación, for the holder. */
rfd_status holding_receipt_send(struct page *page, struct rfd_error *error)
{
    struct holding_page p;
    TRY(holding_page_open(page, &p, error));
    if (p.holding.revocation_state != REQUEST_REVOKED)
        return error_set(error, RFD_E_NOT_FOUND, "it was not revoked by a request here");
    return page_send_printed(page, PRINTED_REVOCATION, p.holding.revocation, SLICE("comprobante-de-revocacion.pdf"),
                             error);
}
