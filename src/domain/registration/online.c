/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an applicant does with a request on line, who has no account: let in by the link of a mail, or by folio and
 * identity number.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/registration/internal.h"
#include "packs/identity.h"

#include <openssl/crypto.h>

enum { AGAIN_SECONDS = 600, FOLIO_SIZE = 24, NUMBER_SIZE = 33 };

/* ---- The link that confirms ---- */

static rfd_status confirm(struct transaction *t, struct request *r, struct rfd_error *error)
{
    const struct request_step step = {.event = REQUEST_EVENT_CONFIRM, .is_public = true};
    const struct request_link_row link = {.request = r->id};
    struct view *view;
    TRY(request_step(t, r, &step, error));
    TRY(request_links_end(t, LINK_CONFIRM, &link, error));
    TRY(request_view(t, r, NULL, &view, error));
    return request_mail(t, "request-received", r, &r->applicants[0], view, NULL, error);
}

rfd_status request_confirm(struct transaction *t, slice token, rfd_time now, int64_t *id, struct rfd_error *error)
{
    struct request_link_row link;
    struct request r;
    TRY(request_link_find(t, LINK_CONFIRM, token, now, &link, error));
    if (link.request == 0) return error_set(error, RFD_E_NOT_FOUND, "the link is not in force");
    TRY(request_find(t, link.request, &r, error));
    bool again = link.used && r.state == REQUEST_STARTED;
    if (!again && (link.used || r.state != REQUEST_UNVERIFIED))
        return error_set(error, RFD_E_NOT_FOUND, "the link is not in force");
    if (!again) TRY(confirm(t, &r, error));
    *id = r.id;
    return RFD_OK;
}

rfd_status request_confirm_again(struct transaction *t, const struct registration_settings *settings, int64_t id,
                                 struct rfd_error *error)
{
    struct request r;
    rfd_time made;
    TRY(request_find(t, id, &r, error));
    if (r.state != REQUEST_UNVERIFIED) return error_set(error, RFD_E_STATE, "there is nothing to confirm");
    TRY(request_link_made(t, LINK_CONFIRM, id, &made, error));
    if (made != RFD_TIME_NONE && clock_now() < made + AGAIN_SECONDS * RFD_SECOND)
        return error_set(error, RFD_E_SLOW_DOWN, "one was sent less than %d minutes ago", AGAIN_SECONDS / 60);
    return request_mail_confirm(t, settings, &r, error);
}

/* ---- Folio and number ---- */

/** As it is stored: capitals, without blanks. */
static slice folio(slice typed, char text[FOLIO_SIZE])
{
    size_t n = 0;
    for (size_t i = 0; i < typed.length && n < FOLIO_SIZE - 1; i++) {
        uint8_t c = typed.data[i];
        if (c != ' ') text[n++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return slice_of(text, n);
}

static bool has_number(const struct packs *packs, const struct applicant *a, slice typed)
{
    char normal[NUMBER_SIZE] = "";
    const struct pack_document *d = packs_document(packs, a->country, a->document);
    if (d == NULL || packs_identity_check(d, typed, normal) == IDENTITY_FORM) return false;
    return a->number.length == strlen(normal) && CRYPTO_memcmp(normal, a->number.data, a->number.length) == 0;
}

/** The one who asks, and nobody else of the request. */
static bool keep_applicant(const struct packs *packs, struct request *r, slice number)
{
    for (size_t i = 0; i < r->applicant_count; i++) {
        if (!has_number(packs, &r->applicants[i], number)) continue;
        r->applicants = &r->applicants[i];
        r->applicant_count = 1;
        return true;
    }
    return false;
}

/** Whichever of both is wrong, the same is looked at and said. */
rfd_status request_follow(struct transaction *t, const struct registration_settings *settings, slice code, slice number,
                          struct request *out, struct rfd_error *error)
{
    char text[FOLIO_SIZE];
    struct applicant nobody = {.country = slice_text(settings->country), .number = SLICE("-")};
    const struct pack_registration *pack = packs_registration(settings->packs, nobody.country);
    struct request none = {.applicants = &nobody, .applicant_count = 1}, found = none;
    if (pack != NULL) nobody.document = slice_text(pack->documents);
    rfd_status status = request_by_code(t, folio(code, text), &found, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    bool there = status == RFD_OK && found.way != WAY_REVOCATION;
    if (!keep_applicant(settings->packs, there ? &found : &none, number) || !there)
        return error_set(error, RFD_E_NOT_FOUND, "no request has this folio and number");
    *out = found;
    return RFD_OK;
}

/* ---- Answering an observation ---- */

static rfd_status check_answer(struct transaction *t, const struct registration_settings *settings,
                               const struct request *r, const struct evidence_file *files, size_t file_count,
                               slice note, struct faults *faults, struct rfd_error *error)
{
    if (file_count == 0 && note.length == 0)
        fault_add(faults, "note", N_("Attach the file that replaces the other one, or write an answer"));
    if (note.length > REQUEST_NOTE_MAXIMUM) fault_add(faults, "note", N_("This is too long"));
    TRY(registration_files(t, settings->packs, r->country, r->way, files, file_count, false, faults, error));
    return faults_end(faults, error);
}

static rfd_status tell_taker(struct transaction *t, const struct request *r, slice note, struct rfd_error *error)
{
    struct view *view;
    struct person taker;
    const char *link = arena_print(store_arena(t), REGISTRATION_PAGE_DESK "%lld", (long long)r->id);
    if (link == NULL) return arena_failed(store_arena(t), error);
    if (r->taker == 0) return RFD_OK;
    TRY(person_find(t, r->taker, &taker, error));
    TRY(request_view(t, r, link, &view, error));
    view_string(view, "step", request_event_word(REQUEST_EVENT_ANSWER, taker.language));
    view_text(view, "note", note);
    return request_mail_person(t, "request-step", r->taker, view, NULL, error);
}

rfd_status request_answer(struct transaction *t, const struct registration_settings *settings, slice code, slice number,
                          const struct evidence_file *files, size_t file_count, slice note, struct faults *faults,
                          struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct request r;
    const struct request_step step = {.event = REQUEST_EVENT_ANSWER, .note = note, .is_public = true};
    if (faults == NULL) faults = &own;
    TRY(request_follow(t, settings, code, number, &r, error));
    if (!request_may(r.way, REQUEST_EVENT_ANSWER, r.state))
        return error_set(error, RFD_E_STATE, "%.*s is \"%s\": there is nothing to answer", (int)r.code.length,
                         (const char *)r.code.data, request_state_name(r.state));
    TRY(check_answer(t, settings, &r, files, file_count, note, faults, error));
    const char *adder = arena_print(store_arena(t), "applicant:%.*s", (int)r.code.length, (const char *)r.code.data);
    if (adder == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < file_count; i++) {
        int64_t id;
        TRY(evidence_add(t, slice_text(adder), r.id, r.applicants[0].id, 0, &files[i], settings->scanner, &id, error));
    }
    TRY(request_step(t, &r, &step, error));
    return tell_taker(t, &r, note, error);
}
