/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certifying agent's desk: what its files share. All of it is behind one door (desk.c), which is open for who
 * signed in with a certificate that is valid now; routes.c puts every handler behind it.
 */
#ifndef WEB_DESK_PAGES_H
#define WEB_DESK_PAGES_H

#include "domain/registration/evidence.h"
#include "domain/registration/registration.h"
#include "web/certificates.h"
#include "web/internal.h"

#define DESK           "/agente"
#define DESK_REQUESTS  DESK "/solicitudes"
#define DESK_MINE      DESK "/mis-solicitudes"
#define DESK_IN_PERSON DESK "/generar"
#define DESK_SEARCH    DESK "/busqueda"
#define DESK_ISSUED    DESK "/certificados"
#define DESK_REVOKED   DESK "/revocaciones"
#define DESK_SEALS     DESK "/sellos"

enum { DESK_SIGNED_MAXIMUM = 1 << 20, DESK_TEXT_MAXIMUM = 32 << 10 };

/* ---- desk.c ---- */

/** Whether the door is open; it also puts `agent` into the view (name, end of the certificate). When it is not, the
 * answer is made: what to do to come in. */
rfd_status desk_open(struct page *page, bool *open, struct rfd_error *error) RFD_MUST_CHECK;
struct authority_domain desk_authority(const struct page *page);
/** A person's name; empty for 0. In the page's arena. */
rfd_status desk_person(struct transaction *t, const struct page *page, int64_t id, slice *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** What happened, for part/timeline, as `events`. */
rfd_status desk_events(struct transaction *t, struct page *page, int64_t request,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** `state`, `label` and `tone` for part/badge. */
void desk_badge(struct page *page, const char *label, const char *tone);
/** Facts about an applicant; `label` of identity documents. */
rfd_status desk_applicant(struct transaction *t, struct page *page, const struct applicant *applicant,
                          struct view *facts, struct rfd_error *error) RFD_MUST_CHECK;
/** A text that is signed, as a file, octet by octet. */
#define DESK_TEXT_TYPE "text/plain; charset=utf-8"
/** Whether the agent may do so in a unit; of no unit: anywhere in the entity. */
rfd_status desk_check_unit(struct transaction *t, const struct page *page, enum action action, int64_t entity,
                           int64_t unit, struct rfd_error *error) RFD_MUST_CHECK;
/** As catalogues call a code, in the page's language; the code itself where they do not. */
slice desk_title(struct transaction *t, const struct page *page, slice country, const char *catalogue, slice code);
/** For who may see it. */
rfd_status desk_request(struct page *page, struct transaction *t, int64_t id, struct request *out,
                        struct rfd_error *error) RFD_MUST_CHECK;

/* trays.c */
page_handler desk_tray_list;
/* request_show.c */
page_handler desk_attend_show;
rfd_status desk_attend_show_with(struct page *page, struct form *form, struct rfd_error *error) RFD_MUST_CHECK;
extern const struct form_field desk_note_fields[];
enum { DESK_NOTE_FIELDS = 5 };
/* acts.c */
page_handler desk_attend_take, desk_attend_release, desk_attend_marks, desk_attend_observe, desk_attend_cancel;
/** The check marks of a request's files, as the page with desk/file sent them. */
rfd_status desk_marks(struct transaction *t, struct page *page, int64_t id, const struct form_value *ticks,
                      struct rfd_error *error) RFD_MUST_CHECK;
/* approve.c */
page_handler desk_approve_show, desk_approve_send, desk_approve_text;
/* in_person.c */
page_handler desk_in_person_show, desk_in_person_send;
/* key.c */
page_handler desk_key_show, desk_key_link, desk_key_send, desk_key_state;
/** A link to the page where the applicant of a request makes the key. */
rfd_status desk_key_token(struct transaction *t, const struct page *page, int64_t request,
                          char token[REQUEST_TOKEN_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/* certificate_show.c */
page_handler desk_issued_show, desk_issued_resend, desk_issued_signed_form;
/* revoke.c */
page_handler desk_revoke_show, desk_revoke_send, desk_revoke_text;
/* decide.c */
page_handler desk_decide_show, desk_decide_send, desk_decide_text;
/* seals.c */
page_handler desk_seals_show, desk_seal_new, desk_seal_send, desk_seal_show, desk_seal_text, desk_seal_sign,
    desk_seal_drop;
/* printed.c */
page_handler desk_printed_acceptance, desk_printed_receipt;

#endif
