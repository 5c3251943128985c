/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading a request: its row, its applicants, what happened to it, and who may see it.
 */
#include "base/error.h"
#include "domain/registration/columns.h"

static rfd_status read_applicants(struct transaction *t, struct request *r, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(columns_read(t, &applicant_columns, "request = $1 ORDER BY place", store_integer(r->id), &rows, error));
    r->applicants = arena_zeroed(store_arena(t), rows.count + 1, sizeof *r->applicants);
    if (r->applicants == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++)
        columns_fill(&applicant_columns, store_cell(&rows, i, 0), &r->applicants[i]);
    r->applicant_count = rows.count;
    return RFD_OK;
}

static rfd_status read_one(struct transaction *t, const char *where, struct store_value key, struct request *out,
                           struct rfd_error *error)
{
    struct store_rows rows;
    struct request found = {.applicant_count = 0};
    TRY(columns_read(t, &request_columns, where, key, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such request");
    columns_fill(&request_columns, store_cell(&rows, 0, 0), &found);
    TRY(read_applicants(t, &found, error));
    *out = found;
    return RFD_OK;
}

rfd_status request_find(struct transaction *t, int64_t id, struct request *out, struct rfd_error *error)
{
    return read_one(t, "id = $1", store_integer(id), out, error);
}

rfd_status request_by_code(struct transaction *t, slice code, struct request *out, struct rfd_error *error)
{
    return read_one(t, "code = $1", store_text(code), out, error);
}

rfd_status request_of_applicant(struct transaction *t, int64_t applicant, struct request *out, struct rfd_error *error)
{
    return read_one(t, "id = (SELECT a.request FROM applicant a WHERE a.id = $1)", store_integer(applicant), out,
                    error);
}

struct applicant *request_applicant(const struct request *request, int64_t id)
{
    for (size_t i = 0; i < request->applicant_count; i++) {
        if (request->applicants[i].id == id) return &request->applicants[i];
    }
    return NULL;
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
