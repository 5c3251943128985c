/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates whose key is kept here (domain/central). Approved, they wait for their holder: who makes the
 * key, whenever that is, has the certificate issued, and then the request is.
 */
#include "base/error.h"
#include "base/number.h"
#include "domain/account/account.h"
#include "domain/central/central.h"
#include "domain/registration/internal.h"

enum { PLACE_MOST = APPLICANTS_MAXIMUM };

bool request_is_central(const struct request *request)
{
    bool some = false;
    for (size_t i = 0; i < request->applicant_count; i++) {
        const struct applicant *a = &request->applicants[i];
        if (a->certificate != 0) continue;
        if (!a->central) return false;
        some = true;
    }
    return some;
}

/* ---- Approved ---- */

/** The agent has seen who it is: so their own account is of somebody who is known. */
static rfd_status raise(struct transaction *t, const struct actor *actor, const struct request *request, int64_t person,
                        struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(person), store_integer(LEVEL_ADVANCED)};
    struct store_rows rows;
    if (person == 0) return RFD_OK;
    TRY(store_run(t, "SELECT id FROM account WHERE person = $1 AND entity IS NULL AND state <> 'closed' AND level < $2",
                  values, 2, &rows, error));
    for (size_t i = 0; i < rows.count; i++)
        TRY(account_enrol(t, actor, store_cell(&rows, i, 0)->integer, LEVEL_ADVANCED, request->code, error));
    return RFD_OK;
}

rfd_status request_central_enrol(struct transaction *t, const struct actor *actor, const struct request *request,
                                 const struct applicant *applicant, slice signed_data, struct rfd_error *error)
{
    int64_t enrolment;
    TRY(central_enrol(t, actor, applicant->person, &signed_data, 1, &enrolment, error));
    return raise(t, actor, request, applicant->person, error);
}

/* ---- Issued ---- */

/** "S-0029-2026" and 1, of "S-0029-2026-1-1". */
static bool take_apart(slice number, slice *code, uint64_t *place)
{
    const uint8_t *attempt = number.length == 0 ? NULL : memrchr(number.data, '-', number.length);
    if (attempt == NULL) return false;
    slice rest = slice_part(number, 0, (size_t)(attempt - number.data));
    const uint8_t *dash = rest.length == 0 ? NULL : memrchr(rest.data, '-', rest.length);
    if (dash == NULL) return false;
    *code = slice_part(rest, 0, (size_t)(dash - rest.data));
    return number_unsigned(slice_from(rest, code->length + 1), PLACE_MOST, place);
}

static struct applicant *find_applicant(const struct request *request, uint64_t place)
{
    for (size_t i = 0; i < request->applicant_count; i++) {
        if (request->applicants[i].place == place) return &request->applicants[i];
    }
    return NULL;
}

static rfd_status step(struct transaction *t, struct request *r, struct applicant *p, const struct certificate_row *row,
                       struct rfd_error *error)
{
    const struct actor itself = actor_system("registration");
    const struct request_step s = {.event = REQUEST_EVENT_ISSUE, .actor = &itself, .is_public = true};
    p->certificate = row->id;
    TRY(applicant_put_row(t, p, error));
    return request_step(t, r, &s, error);
}

rfd_status request_central_issued(struct transaction *t, slice number, const struct certificate_row *row,
                                  struct rfd_error *error)
{
    struct request r;
    slice code;
    uint64_t place;
    if (!take_apart(number, &code, &place)) return RFD_OK;
    rfd_status status = request_by_code(t, code, &r, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    struct applicant *p = find_applicant(&r, place);
    if (p == NULL || !p->central || r.taker == 0) return RFD_OK;
    if (r.state == REQUEST_APPROVED && p->certificate == 0)
        TRY(step(t, &r, p, row, error));
    else
        r.created = row->issued_at; /* one more: nobody has waited for it */
    return holding_enter(t, &r, p, row, r.taker, error);
}
