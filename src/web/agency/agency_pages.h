/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages about the requests of units: what their files share. A ticket is a request as its unit sees it
 * (/tramites/certificados); the office is who attends it (/tramites/bandeja).
 */
#ifndef WEB_AGENCY_PAGES_H
#define WEB_AGENCY_PAGES_H

#include "domain/organisation/organisation.h"
#include "domain/registration/agency.h"
#include "domain/registration/catalogue.h"
#include "web/desk/desk_pages.h"

#define TICKETS    "/tramites/certificados"
#define APPLICANTS "/tramites/solicitantes"
#define PAYMENTS   "/tramites/pagos"
#define OFFICE     "/tramites/bandeja"
#define ISSUING    "/tramites/emision"
#define INSTALLING "/tramites/instalacion"
#define RENEWING   "/tramites/renovar"

/* tickets.c */
page_handler tickets_show, ticket_lead;
/* ticket_form.c */
page_handler ticket_new, ticket_create, ticket_edit, ticket_change;
/* ticket.c */
page_handler ticket_show, ticket_send, ticket_cancel_ask, ticket_cancel, ticket_renew_ask, ticket_renew;
/* applicant.c */
page_handler ticket_applicant_new, ticket_applicant_create, ticket_applicant_edit, ticket_applicant_change,
    ticket_applicant_remove_ask, ticket_applicant_remove, ticket_statement;
/* payment.c */
page_handler ticket_payment_new, ticket_payment_create, ticket_payment_edit, ticket_payment_change,
    ticket_payment_remove_ask, ticket_payment_remove;
/* office.c */
page_handler office_list, office_show;
/* office_acts.c */
page_handler office_take, office_release, office_marks, office_observe, office_reject, office_keys, office_approve,
    office_attend, office_dossier;
/* office_issue.c */
page_handler office_issue_show, office_issue_send, office_issue_text;
/* office_conclude.c */
page_handler office_import_show, office_import_send, office_install_show, office_install_send;

/* ---- common.c ---- */

/** Titles of the codes of a list, by a country's catalogues: for page_list.text. */
struct agency_words {
    struct catalogue_entry *kinds, *motives;
    size_t kind_count, motive_count;
};
rfd_status agency_words_read(struct page *page, struct agency_words *out, struct rfd_error *error) RFD_MUST_CHECK;
list_text agency_words_text;
/** One counter of a tray: beyond REQUEST_COUNTED "1000+". Gives the item, to be added to. */
struct view *agency_put_tray(const struct page *page, struct view *list, const char *title, const char *link,
                             uint64_t count);
/** Choices out of a catalogue; `list` NULL: all, else those whose value's `list` has `item`. */
rfd_status agency_choices(struct transaction *t, const struct page *page, slice country, const char *catalogue,
                          const char *list, slice item, struct form_choice **out, size_t *count,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The open units that the actor files for (`entity` 0: of any); at most FORM_CHOICES. */
rfd_status agency_units(struct transaction *t, const struct page *page, int64_t entity, struct form_choice **out,
                        size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Code, state and facts of a request, its applicants, payments and events, for the pages of both sides. */
rfd_status agency_put_all(struct transaction *t, struct page *page, const struct registration_settings *settings,
                          const struct request *r, bool office, struct rfd_error *error) RFD_MUST_CHECK;
/** The files of one of its applicants, or payments (the other is 0), as `files` and `has_files`. */
rfd_status agency_put_files(struct transaction *t, struct page *page, const struct request *r, int64_t applicant,
                            int64_t payment, struct rfd_error *error) RFD_MUST_CHECK;
/** "S/ 8.10", by the country's pack. */
slice agency_amount(const struct page *page, slice country, int64_t hundredths);
/** "Are you sure": title, text and action are N_(). */
rfd_status agency_confirm(struct page *page, const char *title, const char *text, const char *action, const char *back,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status office_show_with(struct page *page, struct form *form, struct rfd_error *error) RFD_MUST_CHECK;
enum { OFFICE_FIELDS = 3 };
extern const struct form_field office_fields[OFFICE_FIELDS];

#endif
