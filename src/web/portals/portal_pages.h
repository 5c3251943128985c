/* SPDX-License-Identifier: EUPL-1.2
 *
 * Portals that send their people here: /administracion/portales for who administers them, and /api/firmas/v1, where
 * their programs hand in documents, see how far an operation is, and fetch what was signed. What is allowed is decided
 * in domain/central.
 */
#ifndef WEB_PORTAL_PAGES_H
#define WEB_PORTAL_PAGES_H

#include "domain/central/redirect.h"
#include "domain/central/webhook.h"
#include "http/response.h"
#include "web/program.h"
#include "web/web.h"

#include <jansson.h>

#define PORTALS      "/administracion/portales"
#define FIRMAS       "/api/firmas/v1"
#define OPERATIONS   FIRMAS "/operaciones"
#define OPENAPI_PATH FIRMAS "/openapi.json"

/* ---- For programs. api_common.c ---- */

struct api_caller {
    struct portal portal; /* kept for the page */
    struct actor actor;   /* as which it acts */
};
/** RFD_E_UNAUTHORISED unless it is a portal, by Bearer (a token of its own for scope "service"), Basic, or the
 * certificate of its connection, whose `client_id` the query has then. */
rfd_status api_caller_of(struct page *page, struct api_caller *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Answers with this, takes it (NULL: there was no memory for it). */
rfd_status api_answer(struct page *page, int status, json_t *json, struct rfd_error *error) RFD_MUST_CHECK;
/** 422: a problem (RFC 9457) with "errors": [{"pointer", "detail"}] (RFC 6901). */
rfd_status api_answer_faults(struct page *page, const struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** What a handler's failure is answered with: as everywhere, and how to prove who one is (RFC 9110 §11.6.1). */
rfd_status api_fail(struct page *page, rfd_status status, struct rfd_error *error) RFD_MUST_CHECK;
/** An operation for its portal. */
json_t *api_operation_json(const struct page *page, const struct signing *signing);
/** Into the page's arena. */
rfd_status api_keep_signing(const struct page *page, struct signing *signing, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- api_read.c ---- */

/** What came of the operation's JSON: texts in the page's arena; documents have their titles, where it gives any.
 * What is wrong is told in `faults`. */
void api_read_operation(struct page *page, const json_t *json, struct signing *out, struct faults *faults);
/** A JSON object, a new reference. RFD_E_REQUEST. */
rfd_status api_read_json(slice text, json_t **out, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- api_new.c, api_show.c ---- */

page_handler api_operation_new;
page_handler api_operation_show, api_operation_file, api_operation_receipt, api_operation_cancel, api_description;

/* ---- For who administers. pages.c, portal_form.c, notices.c ---- */

page_handler portals_show, portal_show, portal_key_send, portal_operations_show, portal_close_ask, portal_close_send;
page_handler portal_new, portal_edit, portal_save;
page_handler notices_show, notice_show, notice_again;

/* ---- keeper_key.c ---- */

/** The key by which the personal keeper knows what the portal states (SubjectPublicKeyInfo, kept for the page); empty:
 * it knows none. False when it could not be asked. */
bool portal_keeper_key(struct page *page, const struct portal *portal, slice *out);

/* ---- For who administers: entities' seals that a portal may use. seals.c ---- */

page_handler portal_seals_show, portal_seal_new, portal_seal_grant, portal_seal_ask, portal_seal_withdraw;

struct portal_page {
    struct page *page;
    struct portal portal;
    slice entity; /* its name */
    int64_t id;
};
/** The portal of the address, its texts kept. */
rfd_status portal_page_open(struct page *page, struct portal_page *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Heading and tabs of a portal's pages; `current`: 0 itself, 1 operations, 2 notices, 3 seals. */
void portal_page_head(struct portal_page *p, unsigned current);

#endif
