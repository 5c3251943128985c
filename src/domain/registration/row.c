/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing the rows of requests and applicants.
 */
#include "base/error.h"
#include "domain/organisation/record.h"
#include "domain/registration/columns.h"

enum { WORDS_PER_APPLICANT = 6 };

rfd_status request_put_row(struct transaction *t, const struct request *request, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(request->id),       store_text(request->kind),      store_text(request->motive),
        store_text(request->description), store_integer(request->entity), store_reference(request->unit),
        store_boolean(request->external), store_text(request->language),
    };
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE request SET kind = $2, motive = $3, description = $4, entity = $5, unit = $6, external = $7, "
                  "language = $8 WHERE id = $1",
                  values, sizeof values / sizeof *values, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "request %lld", (long long)request->id);
}

static rfd_status next_place(struct transaction *t, struct applicant *a, struct rfd_error *error)
{
    const struct store_value request = store_integer(a->request);
    int64_t last;
    TRY(record_number(t, "SELECT coalesce(max(place), 0) FROM applicant WHERE request = $1", &request, 1, &last,
                      error));
    a->place = (unsigned)last + 1;
    return RFD_OK;
}

rfd_status applicant_put_row(struct transaction *t, struct applicant *applicant, struct rfd_error *error)
{
    if (applicant->id != 0) return columns_update(t, &applicant_columns, applicant, error);
    if (applicant->place == 0) TRY(next_place(t, applicant, error));
    return columns_insert(t, &applicant_columns, applicant, &applicant->id, error);
}

/* Only what changes: an index and a reference are looked at again for each column that is written. */

rfd_status applicant_put_approval(struct transaction *t, const struct applicant *applicant, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(applicant->id), store_bytes(applicant->approved),
                                         store_bytes(applicant->approved_again), store_integer(applicant->attempt)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE applicant SET approved = $2, approved_again = $3, attempt = $4 WHERE id = $1", values, 4,
                  &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "applicant %lld", (long long)applicant->id);
}

rfd_status applicant_put_certificate(struct transaction *t, const struct applicant *applicant, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(applicant->id), store_integer(applicant->certificate),
                                         store_integer(applicant->attempt)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE applicant SET certificate = $2 WHERE id = $1 AND attempt = $3 AND certificate IS NULL",
                  values, 3, &rows, error));
    return rows.changed == 1 ? RFD_OK : error_set(error, RFD_E_STATE, "applicant %lld", (long long)applicant->id);
}

rfd_status request_by_token(struct transaction *t, slice token, int64_t *id, struct rfd_error *error)
{
    const struct store_value value = store_text(token);
    struct store_rows rows;
    *id = 0;
    if (token.length == 0) return RFD_OK;
    TRY(store_run(t, "SELECT id FROM request WHERE token = $1", &value, 1, &rows, error));
    if (rows.count > 0) *id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/* ---- What lists search and sort by ---- */

static rfd_status put_sort_name(struct transaction *t, const struct request *r, struct rfd_error *error)
{
    const struct applicant *first = r->applicant_count > 0 ? &r->applicants[0] : NULL;
    const slice names[] = {first == NULL ? r->description : first->surname,
                           first == NULL ? SLICE_EMPTY : first->second_surname,
                           first == NULL ? SLICE_EMPTY : first->given_names};
    struct store_value values[] = {store_integer(r->id), store_null()};
    slice sort_name;
    TRY(record_sort_name(t, names, sizeof names / sizeof *names, &sort_name, error));
    values[1] = store_text(sort_name);
    return store_run(t, "UPDATE request SET sort_name = $2 WHERE id = $1 AND sort_name <> $2", values, 2, NULL, error);
}

rfd_status request_index(struct transaction *t, int64_t id, struct rfd_error *error)
{
    struct request r;
    size_t n = 0;
    TRY(request_find(t, id, &r, error));
    slice *words = arena_zeroed(store_arena(t), r.applicant_count * WORDS_PER_APPLICANT + 2, sizeof *words);
    if (words == NULL) return arena_failed(store_arena(t), error);
    words[n++] = r.code;
    for (size_t i = 0; i < r.applicant_count; i++) {
        const struct applicant *a = &r.applicants[i];
        const slice own[WORDS_PER_APPLICANT] = {a->number,        a->surname,     a->second_surname,
                                                a->second_number, a->given_names, a->mail};
        memcpy(words + n, own, sizeof own);
        n += WORDS_PER_APPLICANT;
    }
    if (r.applicant_count == 0) words[n++] = r.description;
    TRY(put_sort_name(t, &r, error));
    return list_index(t, "request_word", id, words, n, error);
}
