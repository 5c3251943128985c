/* SPDX-License-Identifier: EUPL-1.2
 *
 * Agency requests (spec 3.3): a unit's head of certification files requests for the unit's people, with proofs of
 * payment; the entity's certification office works the queue, with the internal authority or an external one. The
 * request is registration.h's, of way AGENCY.
 */
#ifndef DOMAIN_AGENCY_H
#define DOMAIN_AGENCY_H

#include "domain/registration/evidence.h"
#include "domain/registration/registration.h"

struct payment {
    int64_t id, request;
    slice kind; /* catalogue "payment": the bank */
    rfd_time day;
    slice operation, agency, cashier;
    int64_t amount; /* hundredths */
};

/** For who filed it, who may file for its unit, or attends it; else RFD_E_NOT_FOUND. */
rfd_status agency_see(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** One of its applicants, with the request: for who may see it. */
rfd_status agency_find_applicant(struct transaction *t, const struct actor *actor, int64_t id, struct request *request,
                                 struct applicant *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status agency_find_payment(struct transaction *t, const struct actor *actor, int64_t id, struct request *request,
                               struct payment *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the actor may change it now: it is theirs, and a draft or observed. */
bool agency_may_edit(const struct actor *actor, const struct request *request);
/** Whether a certificate comes of this kind: "issue", "reissue", "renew". */
bool agency_issues(slice kind);
/** Whether its motive has to be paid for (catalogue: payment=yes). */
rfd_status agency_pays(struct transaction *t, const struct registration_settings *settings,
                       const struct request *request, bool *pays, struct rfd_error *error) RFD_MUST_CHECK;
/** Puts a draft (id 0: new, gets its code at once): kind, motive, description, unit. Editable as draft and when
 * observed, by its requester (AGENCY_REQUEST of its unit). Faults: "kind", "motive", "description", "unit". */
rfd_status agency_put(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                      const struct request *request, struct faults *faults, int64_t *id,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Puts an applicant (id 0: new). A person of the organisation with this number: names and unit are filled in where
 * empty. Faults: number given_names surname document_issued mobile unit post mail way_of_working locality installed_at
 * device payment. */
rfd_status agency_put_applicant(struct transaction *t, const struct actor *actor,
                                const struct registration_settings *settings, const struct applicant *applicant,
                                struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** Before the identity service is asked for a person who is to be its applicant: that the actor may edit it, and that
 * it is not too much (else `*allowed` is false); writes down who asks for which number. `*document` and `*number` are
 * normalised, in the transaction's arena. Faults: "document", "number". */
rfd_status agency_look_up(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t request, slice *document, slice *number,
                          bool *allowed, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** A file of an applicant, or of a payment (the other is 0); its content was checked (evidence_check). */
rfd_status agency_add_file(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t applicant, int64_t payment,
                           const struct evidence_file *file, struct faults *faults,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** What of an applicant is missing before it can be sent, one fault each by the name of the file or field. */
rfd_status agency_applicant_missing(struct transaction *t, const struct registration_settings *settings,
                                    const struct request *request, const struct applicant *applicant,
                                    struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status agency_remove_applicant(struct transaction *t, const struct actor *actor, int64_t applicant,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** The same operation of a bank pays once. Faults: kind day operation agency cashier document. */
rfd_status payment_put(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       const struct payment *payment, struct faults *faults, int64_t *id,
                       struct rfd_error *error) RFD_MUST_CHECK;
rfd_status payment_remove(struct transaction *t, const struct actor *actor, int64_t payment,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status payment_list(struct transaction *t, int64_t request, struct payment **out, size_t *count,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Everything that is missing before it can be sent, one fault each ("solicitantes", "pago", ...). */
rfd_status agency_missing(struct transaction *t, const struct registration_settings *settings,
                          const struct request *request, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status agency_send(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       int64_t id, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status agency_cancel(struct transaction *t, const struct actor *actor, int64_t id,
                         struct rfd_error *error) RFD_MUST_CHECK;
/* The office: request_take(), request_release(), request_observe(), request_cancel(reject) as at the desk. */
/** Mails each applicant who has no key yet a link to make it (LINK_KEY), by who has it; how many. */
rfd_status agency_ask_keys(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id, unsigned *mailed,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Approved: with the internal authority by request_approve() (each applicant makes their key by a mailed link first);
 * with an external one here, and the dossier can be had. */
rfd_status agency_approve(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t id,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** A ZIP with everything of the request: data as CSV and JSON, evidence by applicant, a table of SHA-256. Piece by
 * piece. */
rfd_status agency_dossier(struct store *store, struct blob_store *blobs, const struct actor *actor, int64_t id,
                          blob_each *each, void *context, struct rfd_error *error) RFD_MUST_CHECK;
/** What the external authority decided of an applicant: its number, and the certificate (PEM or DER; its subject has to
 * name the applicant). Faults: "approval", "certificate". */
rfd_status agency_import(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                         int64_t applicant, slice approval, slice certificate, struct faults *faults,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** When and how it is installed: `installation` "mobile" or "extension". Faults: "installation", "day", "phone". */
rfd_status agency_install(struct transaction *t, const struct actor *actor, int64_t applicant, slice installation,
                          rfd_time at, slice phone, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status agency_attend(struct transaction *t, const struct actor *actor, int64_t id,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the actor may renew it for its unit, now: RFD_E_STATE says from which day on. */
rfd_status agency_renewable(struct transaction *t, const struct actor *actor,
                            const struct registration_settings *settings, int64_t certificate, struct holding *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** A renewal with the data carried over, by the unit's lead or by the link of the reminder (actor nobody, `token`):
 * refused outside of the window (RFD_E_STATE says from when). */
rfd_status agency_renew(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                        int64_t certificate, slice token, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;

#endif
