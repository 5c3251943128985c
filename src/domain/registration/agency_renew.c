/* SPDX-License-Identifier: EUPL-1.2
 *
 * Renewing: a new draft with the data of the old request, to be looked over and sent. Asked for twice, by the lead and
 * by the link of a reminder, it is one.
 */
#include "domain/registration/agency_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/registration/holding_internal.h"

/* ---- Who may ---- */

/** The holder by the link of the mail, or who files for the unit. */
static rfd_status check(struct transaction *t, const struct actor *actor, const struct holding *h, slice token,
                        struct rfd_error *error)
{
    int64_t certificate = 0;
    struct access_object object;
    if (token.length > 0) {
        TRY(request_link_look(t, LINK_RENEW, token, clock_now(), &certificate, error));
        if (certificate == h->row.id) return RFD_OK;
        return error_set(error, RFD_E_NOT_FOUND, "the link is not in force any more");
    }
    TRY(holding_object(t, h, &object, error));
    return actor_check(actor, ACTION_AGENCY_REQUEST, &object, error);
}

/** One that is on its way, or is done. */
static rfd_status find_begun(struct transaction *t, int64_t certificate, int64_t *id, int64_t *given_up,
                             struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(certificate);
    TRY(store_run(t, "SELECT r.id, r.state FROM applicant a JOIN request r ON r.id = a.request WHERE a.renews = $1",
                  &value, 1, &rows, error));
    *id = *given_up = 0;
    for (size_t i = 0; i < rows.count; i++) {
        enum request_state state = request_state_from(store_cell(&rows, i, 1)->bytes);
        if (state == REQUEST_REJECTED || state == REQUEST_CANCELLED)
            ++*given_up;
        else
            *id = store_cell(&rows, i, 0)->integer;
    }
    return RFD_OK;
}

/* ---- What is carried over ---- */

static rfd_status find_motive(struct transaction *t, const struct registration_settings *settings, slice country,
                              slice *out, struct rfd_error *error)
{
    struct catalogue_entry *motives;
    size_t count;
    *out = SLICE_EMPTY;
    TRY(catalogue_read(t, settings->packs, country, "motive", false, &motives, &count, error));
    for (size_t i = 0; i < count && out->length == 0; i++) {
        bool pays = slice_is(catalogue_value(&motives[i], "payment"), "yes");
        if (!pays && catalogue_has(&motives[i], "kinds", SLICE("renew"))) *out = motives[i].code;
    }
    if (out->length > 0) return RFD_OK;
    return error_set(error, RFD_E_STATE, "the catalogue of motives has none for renewals");
}

static struct applicant copy_applicant(const struct applicant *old, int64_t certificate)
{
    struct applicant a = *old;
    a.id = a.request = a.certificate = a.payment = 0;
    a.place = a.attempt = 0;
    a.spki = a.pkcs10 = a.approved = a.approved_again = SLICE_EMPTY;
    a.external_certificate = a.external_approval = SLICE_EMPTY;
    a.installation = a.installation_phone = SLICE_EMPTY;
    a.installation_at = RFD_TIME_NONE;
    a.renews = certificate;
    return a;
}

/** Pictures of the person and of their signature; the sworn statement is made anew. */
static rfd_status copy_files(struct transaction *t, const struct registration_settings *settings, slice actor,
                             const struct holding *h, const struct request *r, struct rfd_error *error)
{
    struct evidence *files;
    size_t count;
    TRY(evidence_list(t, h->request, false, &files, &count, error));
    for (size_t i = 0; i < count; i++) {
        struct catalogue_entry entry;
        struct pack_evidence kind;
        struct evidence_file file = {.kind = files[i].kind, .name = files[i].name};
        int64_t id;
        if (files[i].applicant != h->applicant || slice_is(files[i].scan, "infected")) continue;
        TRY(agency_entry(t, settings, r->country, "evidence", files[i].kind, &entry, error));
        if (entry.code.length == 0) continue;
        catalogue_evidence(&entry, &kind);
        if (!kind.picture) continue;
        TRY(blob_find(t, files[i].blob, &file.blob, error));
        TRY(evidence_add(t, actor, r->id, r->applicants[0].id, 0, &file, settings->scanner, &id, error));
    }
    return RFD_OK;
}

/* ---- The draft ---- */

static rfd_status make(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       const struct holding *h, int64_t given_up, struct request *out, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct request old;
    bool linked = actor->person == 0;
    TRY(request_find(t, h->request, &old, error));
    const struct applicant *of = request_applicant(&old, h->applicant);
    if (old.way != WAY_AGENCY || of == NULL)
        return error_set(error, RFD_E_STATE, "it was not asked for by a unit: its holder renews it on line");
    struct applicant *applicant = arena_zeroed(a, 1, sizeof *applicant);
    slice name = applicant_name(of, a);
    const char *token = arena_print(a, "renew:%lld:%lld", (long long)h->row.id, (long long)given_up);
    const char *text = arena_print(a, "%.*s: %.*s", (int)old.code.length, (const char *)old.code.data, (int)name.length,
                                   (const char *)name.data);
    if (applicant == NULL || name.data == NULL || token == NULL || text == NULL) return arena_failed(a, error);
    *applicant = copy_applicant(of, h->row.id);
    struct request r = {.way = WAY_AGENCY,
                        .kind = SLICE("renew"),
                        .token = slice_text(token),
                        .description = slice_text(text),
                        .country = old.country,
                        .entity = old.entity,
                        .unit = old.unit,
                        .requester = linked ? old.requester : actor->person,
                        .language = old.language,
                        .created = RFD_TIME_NONE,
                        .sent = RFD_TIME_NONE,
                        .taken = RFD_TIME_NONE,
                        .concluded = RFD_TIME_NONE,
                        .applicants = applicant,
                        .applicant_count = 1};
    const struct request_step step = {.event = REQUEST_EVENT_SAVE, .to = REQUEST_DRAFT, .actor = linked ? NULL : actor};
    TRY(find_motive(t, settings, old.country, &r.motive, error));
    TRY(request_enter(t, settings->zone, &r, &step, error));
    *out = r;
    return RFD_OK;
}

rfd_status agency_renewable(struct transaction *t, const struct actor *actor,
                            const struct registration_settings *settings, int64_t certificate, struct holding *out,
                            struct rfd_error *error)
{
    struct holding h;
    TRY(holding_load(t, settings, certificate, &h, error));
    TRY(check(t, actor, &h, SLICE_EMPTY, error));
    TRY(holding_check_renewal(settings, &h, error));
    if (h.request == 0) return error_set(error, RFD_E_STATE, "it did not come of a request here");
    *out = h;
    return RFD_OK;
}

rfd_status agency_renew(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                        int64_t certificate, slice token, int64_t *id, struct rfd_error *error)
{
    struct holding h;
    struct request r;
    int64_t given_up;
    TRY(holding_load(t, settings, certificate, &h, error));
    TRY(check(t, actor, &h, token, error));
    TRY(find_begun(t, certificate, id, &given_up, error));
    if (*id != 0) return RFD_OK;
    TRY(holding_check_renewal(settings, &h, error));
    if (h.request == 0) return error_set(error, RFD_E_STATE, "it did not come of a request here");
    TRY(make(t, actor, settings, &h, given_up, &r, error));
    slice adder = actor->person != 0 ? actor_audit(actor, store_arena(t)) : SLICE("applicant:renewal");
    TRY(copy_files(t, settings, adder, &h, &r, error));
    if (token.length > 0) {
        const struct request_link_row link = {.certificate = certificate};
        TRY(request_links_end(t, LINK_RENEW, &link, error));
        TRY(request_tell(t, "request-step", &r, REQUEST_EVENT_SAVE, SLICE_EMPTY, error));
    }
    *id = r.id;
    return RFD_OK;
}
