/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with a key that the personal keeper holds: /firmar, in steps, and /certificados/central, where people look
 * after such certificates.
 */
#ifndef WEB_CENTRAL_PAGES_H
#define WEB_CENTRAL_PAGES_H

#include "domain/central/central.h"
#include "web/certificates.h"
#include "web/internal.h"

enum { SIGNING_DOCUMENT_MAXIMUM = 50 << 20 };
_Static_assert((int)SIGNING_DOCUMENT_MAXIMUM <= (int)PERSONAL_DOCUMENT_MAXIMUM,
               "the personal keeper reads each document");

#define SIGNING "/firmar"
#define CENTRAL "/certificados/central"

/* ---- common.c ---- */

/** What the domain works with; without a personal keeper where none runs. */
void page_signing(struct page *page, struct central *out);
/** The same; RFD_E_PEER_GONE where no personal keeper runs. */
rfd_status page_central(struct page *page, struct central *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The serialNumber of the person's certificates, kept for the page; empty: of a person who has none. */
rfd_status page_holder(struct page *page, slice *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The person's own, in the page's arena; none without a holder. */
rfd_status page_credentials(struct page *page, struct central_credential **out, size_t *count,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The enrolment by which the person may make a certificate now; id 0: none. Its texts are kept. `weak`: there is one,
 * but the account is not known well enough. */
rfd_status page_enrolment(struct page *page, struct enrolment *out, bool *weak, struct rfd_error *error) RFD_MUST_CHECK;
/** How a credential is: badge, title, validity, and what to do where it cannot sign. */
void credential_put(struct page *page, const struct central_credential *credential, struct view *view);
/** "Cannot sign: ..." for people (N_()); NULL: it can. */
const char *credential_hindrance(const struct page *page, const struct central_credential *credential);
/** part/stepper: the place of the stamp is a step where it can be chosen. */
enum signing_step { STEP_DOCUMENTS, STEP_PLACE, STEP_CERTIFICATE, STEP_AUTHORISE, STEP_RESULT, STEP_OVER };
void signing_stepper(struct page *page, const struct signing *signing, enum signing_step current);
/** A size as people write it: "1.2 MB". */
slice page_size(const struct page *page, uint64_t octets);
/** "https://sede.example.pe": what people see of an address; empty for what is none. */
slice address_host(slice address);

/* ---- sign.c: with which certificate ---- */

/** `credentials`, of which one is chosen, and `usable`, for the partial central/choice: how many can sign. `chosen`
 * empty: the first of these. */
size_t credentials_choice(struct page *page, const struct central_credential *all, size_t count, slice chosen);
/** What to do where there is none: make one now, and come back to `address`; or come to an office first. */
rfd_status credentials_way(struct page *page, const char *address, struct rfd_error *error) RFD_MUST_CHECK;
/** What hinders at this moment, told where the certificate is chosen (N_()); NULL: it is no matter of that. */
const char *signing_hindrance(rfd_status status);
/** The same for what is begun without one; N_() or NULL. */
const char *beginning_hindrance(rfd_status status);

/* ---- authorise.c: password and code, for every kind of operation ---- */

struct authorising {
    const char *title, *lead; /* N_() */
    const char *action;       /* N_(), of the button */
    const char *address;      /* to which the browser's proofs are sent; answers with authorise_answer() */
    const char *cancel;       /* where one goes who does not want it */
    bool danger;
};
/** The page that asks for them. */
rfd_status authorise_show(struct page *page, const struct authorising *what, const struct central_authorisation *begun,
                          struct rfd_error *error) RFD_MUST_CHECK;
struct authorise_form {
    uint8_t operation[PERSONAL_OPERATION_SIZE];
    struct central_proofs proofs;
};
/** RFD_E_REQUEST for what no script of ours sent. */
rfd_status authorise_read(const struct page *page, struct authorise_form *out, struct rfd_error *error) RFD_MUST_CHECK;
/** JSON for the script: where to go on, or what was wrong and how many tries are left. `next` is the page's. */
rfd_status authorise_answer(struct page *page, const struct central *c, const struct authorise_form *form,
                            rfd_status status, const char *next, struct rfd_error *error) RFD_MUST_CHECK;
page_handler authorise_progress, authorise_again;
struct json_t;
/** JSON for a script; takes `json`, which may be NULL for want of memory. */
rfd_status page_answer(struct page *page, struct json_t *json, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- own_key.c: with a certificate that is opened in the page ---- */

/** part/stepper of this way: at its certificate, or over. */
void own_key_stepper(struct page *page, const struct signing *signing, enum signing_step current);
page_handler own_key_show, own_key_begin, own_key_prepared_send, own_key_finish;

/* ---- signing.c, sign.c, result.c ---- */

/** The operation of the address, taken by who is signed in; texts are kept for the page. */
rfd_status signing_page_open(struct page *page, struct signing *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Who asks: the portal's name, or this house. */
rfd_status signing_asker(struct page *page, const struct signing *signing, slice *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
bool signing_is_open(const struct signing *signing);
/** The documents, and everything else that steps show. */
rfd_status signing_put(struct page *page, const struct signing *signing, struct rfd_error *error) RFD_MUST_CHECK;
/** Where the portal wants its people back, with what came of it ("operation", "reference", "state") in the query;
 * empty: nowhere. */
slice signing_way_back(const struct page *page, const struct signing *signing);
/** What a document is called from now on: the last part of a path, without ".pdf". */
slice signing_file_title(const struct page *page, slice name);
/** What a document's failure says to people. */
const char *signing_failure_text(const struct page *page, slice name);
/** What became of it: the last step. */
rfd_status signing_result(struct page *page, const struct signing *signing, struct rfd_error *error) RFD_MUST_CHECK;

page_handler signing_own_show, signing_own_send;
page_handler signing_place_show, signing_place_send; /* place.c */
page_handler signing_show, signing_document_send, signing_cancel_show, signing_cancel_send;
page_handler signing_choose_show, signing_begin, signing_begin_again, signing_finish;
page_handler signing_result_show, signing_file_send, signing_receipt_send;

/* ---- credentials.c, generate.c, change.c ---- */

page_handler credentials_show, credential_show, credential_log_send;
page_handler generate_show, generate_send, generate_finish;
page_handler change_show, change_send, change_finish;

/* ---- seals.c: of entities, for who looks after them ---- */

/** In the page's arena. */
rfd_status page_kept_seals(struct page *page, struct central_credential **out, size_t *count,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** An enrolment by which the person may make a seal; `entity`: its name. RFD_E_NOT_FOUND. */
rfd_status page_seal_enrolment(struct page *page, int64_t id, struct enrolment *out, slice *entity,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** `seals` and `seals_to_make`. */
rfd_status seals_put(struct page *page, struct rfd_error *error) RFD_MUST_CHECK;
/** `grants`: which portals may use it. */
rfd_status seal_grants_put(struct page *page, const struct central_credential *credential,
                           struct rfd_error *error) RFD_MUST_CHECK;
page_handler seal_withdraw_ask, seal_withdraw_send;

/** The one of the address, if it is the person's own, or a seal that they look after: RFD_E_NOT_FOUND else. */
rfd_status credential_page_open(struct page *page, struct central_credential *out,
                                struct rfd_error *error) RFD_MUST_CHECK;

#endif
