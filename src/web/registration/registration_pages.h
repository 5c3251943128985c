/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages for who asks for a certificate: what their files share, and their handlers. They are open to everybody: who
 * comes back proves that a request is theirs by its folio and an identity number, or by a link of a mail; the browser
 * then keeps a pass for half an hour, so that no page after that asks again.
 */
#ifndef WEB_REGISTRATION_PAGES_H
#define WEB_REGISTRATION_PAGES_H

#include "base/error.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/evidence.h"
#include "web/certificates.h"
#include "web/internal.h"

/* ---- common.c ---- */

/** An HMAC of `text` under the installation's key, base64url; RFD_E_PEER_GONE while there is none. */
rfd_status applicant_seal(struct page *page, const char *purpose, slice text, slice *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** What one may see: a request, as one of its applicants (0: the only one). Of an agency's request the others are no
 * business of theirs. */
struct applicant_pass {
    int64_t request, applicant;
};
/** This browser may see it from now on, for half an hour. */
rfd_status applicant_let_in(struct page *page, const struct applicant_pass *pass,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** What this browser may see; request 0: nothing. */
rfd_status applicant_request(struct page *page, struct applicant_pass *pass, struct rfd_error *error) RFD_MUST_CHECK;
/** Who it is in the request; RFD_E_NOT_FOUND. */
rfd_status applicant_of_pass(const struct request *request, const struct applicant_pass *pass,
                             const struct applicant **out, struct rfd_error *error) RFD_MUST_CHECK;
void applicant_forget(struct page *page);
/** A small page without menu for who is not signed in. */
rfd_status applicant_show(struct page *page, const char *title, const char *template,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** "a***@example.org": enough to know whether it is right. */
slice applicant_masked_mail(const struct page *page, slice mail);
/** Hexadecimal SHA-256 of a public key, by which the browser knows what it kept (assets/script/key-store.js); empty:
 * none. */
slice applicant_key_id(const struct page *page, slice spki);
/** Text for C, in the arena; "" without memory. */
const char *applicant_text(const struct page *page, slice text);

/** A form that finds one's own request: it asks for its folio and number. */
struct applicant_door {
    const char *title; /* N_() */
    const char *template;
    const char *inside; /* address of the page that it leads to; NULL: none */
};
/** The form, with the folio that the address names; the identity number is never filled in. */
rfd_status applicant_door_show(struct page *page, const struct applicant_door *door,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** `found->request` 0: folio or number was wrong, which the page says, always the same and after the same time; it is
 * answered. RFD_E_SLOW_DOWN when a folio was tried too often. */
rfd_status applicant_door_try(struct page *page, const struct applicant_door *door, struct applicant_pass *found,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Lets in who knows both. */
rfd_status applicant_door_send(struct page *page, const struct applicant_door *door,
                               struct rfd_error *error) RFD_MUST_CHECK;

/* ---- kept.c: files that came with a form that had something else wrong ---- */

struct kept_file {
    struct pack_evidence pack;
    const char *title;         /* for people, in the page's language */
    struct evidence_file file; /* kind, name, blob */
    bool there;
};
enum { KEPT_FILES = 16 };
/** What a catalogue wants, for whom `wanted` is true; texts are kept for the page. */
typedef bool kept_wanted(const struct pack_evidence *pack);
rfd_status kept_of_catalogue(struct transaction *t, struct page *page, slice country, kept_wanted *wanted,
                             struct kept_file files[KEPT_FILES], size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** The file fields of a form, in the group "files". `required`: as the catalogue says; else none is. */
void kept_fields(const struct page *page, struct kept_file *files, size_t count, bool required,
                 struct form_field *fields);
/** Looks at what was sent for each: a new file is checked by its content and kept, an earlier one is known by the seal
 * that its hidden field carries. What is wrong, or missing, goes to the form. */
rfd_status kept_read(struct page *page, struct kept_file *files, size_t count, struct form *form,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** The hidden fields, as `kept[] {name, value}`; before it, kept_fields() says in the hints what is there. */
rfd_status kept_show(struct page *page, const struct kept_file *files, size_t count,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** Those that are there, for the domain. */
size_t kept_files(const struct kept_file *files, size_t count, struct evidence_file out[KEPT_FILES]);

/* ---- place.c ---- */

/** The field of a place: a choice, or, of countries whose list is too long for one, a text. */
void place_field(const struct page *page, slice country, struct form_field *field);
/** What there is to choose from, for form_choices(); `*count` 0: it is a text. */
rfd_status place_choices(const struct page *page, slice country, struct form_choice **out, size_t *count,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** The code of what was chosen, or typed: "Tlalpan", "tlalpan, ciudad de mexico"; a fault of the field. */
slice place_choices_read(const struct page *page, slice country, struct form *form, const char *name);
/** "Tlalpan, Ciudad de México"; empty: there is no such code. In the arena. */
slice place_name(const struct page *page, slice country, slice code);

/* ---- handlers ---- */

page_handler applicant_start;
page_handler ask_show, ask_send, received_show, received_form;
page_handler confirm_link_show, confirm_link_send, confirm_again_show, confirm_again_send;
page_handler follow_show, follow_send, follow_leave, answer_send;
page_handler key_show, key_send;
page_handler join_show, join_send, join_chain;

#endif
