/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/agency/agency_pages.h"

enum { FILES = 64 << 20, SIGNATURES = 4 << 20, CERTIFICATE = 1 << 20 };

#define ASK    ACTION_AGENCY_REQUEST
#define ATTEND ACTION_AGENCY_ATTEND
#define ONE    TICKETS "/{id}"
#define QUEUED OFFICE "/{id}"

const struct page_route agency_routes[] = {
    {HTTP_GET, TICKETS, "tickets", ASK, 0, 0, tickets_show},
    {HTTP_GET, TICKETS "/nuevo", "ticket-new", ASK, 0, 0, ticket_new},
    {HTTP_POST, TICKETS "/nuevo", "ticket-create", ASK, 0, 0, ticket_create},
    {HTTP_GET, ONE, "ticket", ASK, 0, 0, ticket_show},
    {HTTP_GET, ONE "/editar", "ticket-edit", ASK, 0, 0, ticket_edit},
    {HTTP_POST, ONE "/editar", "ticket-change", ASK, 0, 0, ticket_change},
    {HTTP_POST, ONE "/enviar", "ticket-send", ASK, 0, 0, ticket_send},
    {HTTP_GET, ONE "/anular", "ticket-cancel-ask", ASK, 0, 0, ticket_cancel_ask},
    {HTTP_POST, ONE "/anular", "ticket-cancel", ASK, 0, 0, ticket_cancel},
    {HTTP_GET, ONE "/solicitantes/nuevo", "ticket-applicant-new", ASK, 0, 0, ticket_applicant_new},
    {HTTP_POST, ONE "/solicitantes/nuevo", "ticket-applicant-create", ASK, FILES, PAGE_SPOOL, ticket_applicant_create},
    {HTTP_GET, ONE "/pagos/nuevo", "ticket-payment-new", ASK, 0, 0, ticket_payment_new},
    {HTTP_POST, ONE "/pagos/nuevo", "ticket-payment-create", ASK, FILES, PAGE_SPOOL, ticket_payment_create},
    {HTTP_GET, APPLICANTS "/{id}", "ticket-applicant", ASK, 0, 0, ticket_applicant_edit},
    {HTTP_POST, APPLICANTS "/{id}", "ticket-applicant-change", ASK, FILES, PAGE_SPOOL, ticket_applicant_change},
    {HTTP_GET, APPLICANTS "/{id}/quitar", "ticket-applicant-remove-ask", ASK, 0, 0, ticket_applicant_remove_ask},
    {HTTP_POST, APPLICANTS "/{id}/quitar", "ticket-applicant-remove", ASK, 0, 0, ticket_applicant_remove},
    {HTTP_GET, APPLICANTS "/{id}/declaracion.pdf", "ticket-statement", ASK, 0, 0, ticket_statement},
    {HTTP_GET, PAYMENTS "/{id}", "ticket-payment", ASK, 0, 0, ticket_payment_edit},
    {HTTP_POST, PAYMENTS "/{id}", "ticket-payment-change", ASK, FILES, PAGE_SPOOL, ticket_payment_change},
    {HTTP_GET, PAYMENTS "/{id}/quitar", "ticket-payment-remove-ask", ASK, 0, 0, ticket_payment_remove_ask},
    {HTTP_POST, PAYMENTS "/{id}/quitar", "ticket-payment-remove", ASK, 0, 0, ticket_payment_remove},
    {HTTP_GET, RENEWING "/{id}", "ticket-renew-ask", ASK, 0, 0, ticket_renew_ask},
    {HTTP_POST, RENEWING "/{id}", "ticket-renew", ASK, 0, 0, ticket_renew},
    {HTTP_GET, "/tramites/{id}", "ticket-lead", ACTION_SIGNED_IN, 0, 0, ticket_lead},
    {HTTP_GET, OFFICE, "office", ATTEND, 0, 0, office_list},
    {HTTP_GET, QUEUED, "office-request", ACTION_REGISTRATION_SEE, 0, 0, office_show},
    {HTTP_POST, QUEUED "/tomar", "office-take", ATTEND, 0, 0, office_take},
    {HTTP_POST, QUEUED "/soltar", "office-release", ATTEND, 0, 0, office_release},
    {HTTP_POST, QUEUED "/revisar", "office-marks", ATTEND, 0, 0, office_marks},
    {HTTP_POST, QUEUED "/observar", "office-observe", ATTEND, 0, 0, office_observe},
    {HTTP_POST, QUEUED "/rechazar", "office-reject", ATTEND, 0, 0, office_reject},
    {HTTP_POST, QUEUED "/claves", "office-keys", ATTEND, 0, 0, office_keys},
    {HTTP_POST, QUEUED "/aprobar", "office-approve", ATTEND, 0, 0, office_approve},
    {HTTP_GET, QUEUED "/emitir", "office-issue", ATTEND, 0, 0, office_issue_show},
    {HTTP_POST, QUEUED "/emitir", "office-issue-send", ATTEND, SIGNATURES, PAGE_SPOOL, office_issue_send},
    {HTTP_GET, QUEUED "/aprobacion", "office-issue-text", ATTEND, 0, 0, office_issue_text},
    {HTTP_POST, QUEUED "/expediente", "office-dossier", ATTEND, 0, 0, office_dossier},
    {HTTP_POST, QUEUED "/atender", "office-attend", ATTEND, 0, 0, office_attend},
    {HTTP_GET, ISSUING "/{id}", "office-import", ATTEND, 0, 0, office_import_show},
    {HTTP_POST, ISSUING "/{id}", "office-import-send", ATTEND, CERTIFICATE, PAGE_SPOOL, office_import_send},
    {HTTP_GET, INSTALLING "/{id}", "office-install", ATTEND, 0, 0, office_install_show},
    {HTTP_POST, INSTALLING "/{id}", "office-install-send", ATTEND, 0, 0, office_install_send},
    {.pattern = NULL},
};
