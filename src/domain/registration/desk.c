/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a certifying agent does with a request: takes it, leaves it, returns it to be mended, ends it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/registration/internal.h"

static rfd_status say_who(struct transaction *t, const struct request *r, struct rfd_error *error)
{
    struct person who;
    if (r->taker == 0) return error_set(error, RFD_E_STATE, "somebody else was faster");
    TRY(person_find(t, r->taker, &who, error));
    slice name = person_full_name(&who, store_arena(t));
    return error_set(error, RFD_E_STATE, "%.*s is attended by %.*s", (int)r->code.length, (const char *)r->code.data,
                     (int)name.length, (const char *)name.data);
}

/** Of an agency's request each step is told. */
static rfd_status tell_agency(struct transaction *t, const struct request *r, enum request_event event,
                              struct rfd_error *error)
{
    return r->way == WAY_AGENCY ? request_tell(t, "request-step", r, event, SLICE_EMPTY, error) : RFD_OK;
}

rfd_status request_take(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct request r;
    const struct request_step step = {.event = REQUEST_EVENT_TAKE, .actor = actor, .is_public = true};
    TRY(request_to_attend(t, actor, id, &r, error));
    if (actor->person == 0) return error_set(error, RFD_E_FORBIDDEN, "only a person attends requests");
    TRY(request_not_own(actor, &r, error));
    if (r.way == WAY_AGENCY && r.requester == actor->person)
        return error_set(error, RFD_E_FORBIDDEN, "it is one's own request: another agent attends it");
    if (r.state == REQUEST_TAKEN && r.taker == actor->person) return RFD_OK; /* opened twice */
    if (r.state == REQUEST_TAKEN) return say_who(t, &r, error);
    TRY(request_step(t, &r, &step, error));
    return tell_agency(t, &r, REQUEST_EVENT_TAKE, error);
}

rfd_status request_release(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct request r;
    const struct request_step step = {.event = REQUEST_EVENT_RELEASE, .actor = actor, .is_public = true};
    TRY(request_of_taker(t, actor, id, &r, error));
    return request_step(t, &r, &step, error);
}

static rfd_status check_note(slice *note, const char *empty, struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    if (faults == NULL) faults = &own;
    while (note->length > 0 && note->data[note->length - 1] <= ' ') note->length--;
    while (note->length > 0 && note->data[0] <= ' ') *note = slice_from(*note, 1);
    if (note->length == 0) fault_add(faults, "note", empty);
    if (note->length > REQUEST_NOTE_MAXIMUM) fault_add(faults, "note", N_("This is too long"));
    if (!text_is_utf8(*note) || memchr(note->data == NULL ? (const void *)"" : note->data, 0, note->length) != NULL)
        fault_add(faults, "note", N_("There are characters here that cannot be used"));
    return faults_end(faults, error);
}

rfd_status request_observe(struct transaction *t, const struct actor *actor, int64_t id, slice note,
                           struct faults *faults, struct rfd_error *error)
{
    struct request r;
    TRY(request_of_taker(t, actor, id, &r, error));
    TRY(check_note(&note, N_("Say what has to be mended: the applicant reads it"), faults, error));
    const struct request_step step = {.event = REQUEST_EVENT_OBSERVE, .actor = actor, .note = note, .is_public = true};
    TRY(request_step(t, &r, &step, error));
    return request_tell(t, "request-observed", &r, REQUEST_EVENT_OBSERVE, note, error);
}

/** Whoever attends the unit may cancel one whose address was never confirmed; any other only who has it. */
static rfd_status to_cancel(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                            struct rfd_error *error)
{
    TRY(request_to_attend(t, actor, id, out, error));
    return out->state == REQUEST_UNVERIFIED ? RFD_OK : request_of_taker(t, actor, id, out, error);
}

rfd_status request_cancel(struct transaction *t, const struct actor *actor, int64_t id, bool reject, slice note,
                          struct faults *faults, struct rfd_error *error)
{
    struct request r;
    enum request_event event = reject ? REQUEST_EVENT_REJECT : REQUEST_EVENT_CANCEL;
    const struct request_link_row link = {.request = id};
    TRY(to_cancel(t, actor, id, &r, error));
    TRY(check_note(&note, N_("Say why: the applicant reads it"), faults, error));
    const struct request_step step = {.event = event, .actor = actor, .note = note, .is_public = true};
    TRY(request_step(t, &r, &step, error));
    TRY(request_links_end(t, LINK_CONFIRM, &link, error));
    return request_tell(t, reject ? "request-rejected" : "request-cancelled", &r, event, note, error);
}

/* ---- Before it can be approved ---- */

static const char *missing_of_file(const struct evidence *e)
{
    if (slice_is(e->scan, "waiting")) return N_("A file is still being looked at for viruses");
    if (slice_is(e->scan, "infected"))
        return N_("A file has a virus: return the request, so that another one is handed in");
    if (!e->legible || !e->complete || !e->current)
        return N_("Not every file was checked: legible, complete and current");
    return NULL;
}

bool request_needs_key(const struct request *request, const struct applicant *applicant)
{
    return !request->external && !applicant->central && applicant->certificate == 0 &&
           !slice_is(request->kind, "install") && request->way != WAY_REVOCATION;
}

rfd_status request_missing(struct transaction *t, const struct request *request, const char **missing,
                           struct rfd_error *error)
{
    struct evidence *files;
    size_t count;
    const char *found = NULL;
    TRY(evidence_list(t, request->id, false, &files, &count, error));
    for (size_t i = 0; i < count && found == NULL; i++) found = missing_of_file(&files[i]);
    for (size_t i = 0; i < request->applicant_count && found == NULL; i++) {
        const struct applicant *a = &request->applicants[i];
        if (request_needs_key(request, a) && a->spki.length == 0) found = N_("The applicant has not made the key yet");
    }
    *missing = found;
    return RFD_OK;
}
