/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading a request: its row, its applicants, what happened to it, and who may see it.
 */
#include "base/error.h"
#include "domain/registration/internal.h"

#define REQUEST_COLUMNS                                                                                                \
    "SELECT r.id, r.code, coalesce(r.token, ''), r.way, r.kind, r.motive, r.description, r.country, r.state, r.entity, " \
    "coalesce(r.unit, 0), coalesce(r.requester, 0), r.language, r.in_person, r.external, r.created, r.sent, r.taken, " \
    "r.concluded, r.due, coalesce(r.taker, 0), r.note FROM request r "
#define APPLICANT_COLUMNS                                                                                              \
    "SELECT id, request, place, coalesce(person, 0), country, document, number, second_document, second_number, "      \
    "document_issued, given_names, surname, second_surname, mail, mobile, organisation, coalesce(unit, 0), post, "     \
    "way_of_working, locality, address, installed_at, device, coalesce(payment, 0), profile, central, spki, pkcs10, "  \
    "approved, approved_again, attempt, coalesce(certificate, 0), external_certificate, external_approval, "           \
    "coalesce(renews, 0), installation, installation_at, installation_phone FROM applicant "

static struct request read_request(const struct store_value *v)
{
    return (struct request){.id = v[0].integer,
                            .code = v[1].bytes,
                            .token = v[2].bytes,
                            .way = request_way_from(v[3].bytes),
                            .kind = v[4].bytes,
                            .motive = v[5].bytes,
                            .description = v[6].bytes,
                            .country = v[7].bytes,
                            .state = request_state_from(v[8].bytes),
                            .entity = v[9].integer,
                            .unit = v[10].integer,
                            .requester = v[11].integer,
                            .language = v[12].bytes,
                            .in_person = v[13].integer != 0,
                            .external = v[14].integer != 0,
                            .created = v[15].integer,
                            .sent = registration_time_of(&v[16]),
                            .taken = registration_time_of(&v[17]),
                            .concluded = registration_time_of(&v[18]),
                            .due = registration_time_of(&v[19]),
                            .taker = v[20].integer,
                            .note = v[21].bytes};
}

static struct applicant read_applicant(const struct store_value *v)
{
    return (struct applicant){.id = v[0].integer,
                              .request = v[1].integer,
                              .place = (unsigned)v[2].integer,
                              .person = v[3].integer,
                              .country = v[4].bytes,
                              .document = v[5].bytes,
                              .number = v[6].bytes,
                              .second_document = v[7].bytes,
                              .second_number = v[8].bytes,
                              .document_issued = registration_time_of(&v[9]),
                              .given_names = v[10].bytes,
                              .surname = v[11].bytes,
                              .second_surname = v[12].bytes,
                              .mail = v[13].bytes,
                              .mobile = v[14].bytes,
                              .organisation = v[15].bytes,
                              .unit = v[16].integer,
                              .post = v[17].bytes,
                              .way_of_working = v[18].bytes,
                              .locality = v[19].bytes,
                              .address = v[20].bytes,
                              .installed_at = v[21].bytes,
                              .device = v[22].bytes,
                              .payment = v[23].integer,
                              .profile = v[24].bytes,
                              .central = v[25].integer != 0,
                              .spki = v[26].bytes,
                              .pkcs10 = v[27].bytes,
                              .approved = v[28].bytes,
                              .approved_again = v[29].bytes,
                              .attempt = (unsigned)v[30].integer,
                              .certificate = v[31].integer,
                              .external_certificate = v[32].bytes,
                              .external_approval = v[33].bytes,
                              .renews = v[34].integer,
                              .installation = v[35].bytes,
                              .installation_at = registration_time_of(&v[36]),
                              .installation_phone = v[37].bytes};
}

static rfd_status read_applicants(struct transaction *t, struct request *r, struct rfd_error *error)
{
    const struct store_value id = store_integer(r->id);
    struct store_rows rows;
    TRY(store_run(t, APPLICANT_COLUMNS "WHERE request = $1 ORDER BY place", &id, 1, &rows, error));
    r->applicants = arena_zeroed(store_arena(t), rows.count + 1, sizeof *r->applicants);
    if (r->applicants == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) r->applicants[i] = read_applicant(store_cell(&rows, i, 0));
    r->applicant_count = rows.count;
    return RFD_OK;
}

static rfd_status read_one(struct transaction *t, const char *sql, struct store_value key, struct request *out,
                           struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, sql, &key, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such request");
    struct request found = read_request(store_cell(&rows, 0, 0));
    TRY(read_applicants(t, &found, error));
    *out = found;
    return RFD_OK;
}

rfd_status request_find(struct transaction *t, int64_t id, struct request *out, struct rfd_error *error)
{
    return read_one(t, REQUEST_COLUMNS "WHERE r.id = $1", store_integer(id), out, error);
}

rfd_status request_by_code(struct transaction *t, slice code, struct request *out, struct rfd_error *error)
{
    return read_one(t, REQUEST_COLUMNS "WHERE r.code = $1", store_text(code), out, error);
}

rfd_status request_of_applicant(struct transaction *t, int64_t applicant, struct request *out, struct rfd_error *error)
{
    return read_one(t, REQUEST_COLUMNS "WHERE r.id = (SELECT a.request FROM applicant a WHERE a.id = $1)",
                    store_integer(applicant), out, error);
}

struct applicant *request_applicant(const struct request *request, int64_t id)
{
    for (size_t i = 0; i < request->applicant_count; i++) {
        if (request->applicants[i].id == id) return &request->applicants[i];
    }
    return NULL;
}

rfd_status request_see(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                       struct rfd_error *error)
{
    struct request found;
    TRY(request_find(t, id, &found, error));
    if (actor->person == 0 || actor->person != found.requester) {
        rfd_status status = request_check_actor(t, actor, ACTION_REGISTRATION_SEE, &found, error);
        if (status == RFD_E_FORBIDDEN) return error_set(error, RFD_E_NOT_FOUND, "request %lld", (long long)id);
        TRY(status);
    }
    *out = found;
    return RFD_OK;
}

rfd_status request_events(struct transaction *t, int64_t id, bool only_public, struct request_happening **out,
                          size_t *count, struct rfd_error *error)
{
    const struct store_value key = store_integer(id);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT e.time, e.event, e.state, coalesce(e.person, 0), e.note, e.public, "
                  "coalesce(x.given_names || ' ' || x.surname, '') FROM request_event e "
                  "LEFT JOIN person x ON x.id = e.person WHERE e.request = $1 ORDER BY e.id",
                  &key, 1, &rows, error));
    struct request_happening *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        bool hidden = only_public && v[5].integer == 0;
        list[i] = (struct request_happening){.time = v[0].integer,
                                             .event = request_event_from(v[1].bytes),
                                             .state = request_state_from(v[2].bytes),
                                             .person = only_public ? 0 : v[3].integer,
                                             .name = only_public ? SLICE_EMPTY : v[6].bytes,
                                             .note = hidden ? SLICE_EMPTY : v[4].bytes,
                                             .is_public = v[5].integer != 0};
        if (list[i].event == REQUEST_EVENTS)
            return error_set(error, RFD_E_STORE_VERSION, "an event that this version does not know");
    }
    *out = list;
    *count = rows.count;
    return RFD_OK;
}

unsigned request_days(const struct request *request, rfd_time now)
{
    return now <= request->created ? 0 : (unsigned)((now - request->created) / REGISTRATION_DAY);
}

slice applicant_name(const struct applicant *applicant, struct arena *a)
{
    const struct person person = {.given_names = applicant->given_names,
                                  .surname = applicant->surname,
                                  .second_surname = applicant->second_surname};
    return person_full_name(&person, a);
}
