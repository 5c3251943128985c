/* SPDX-License-Identifier: EUPL-1.2
 *
 * Links of mails, and of the page that is handed to an applicant. The database has their SHA-256 only. Of the same
 * thing for the same purpose only the last one is in force.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/account/token.h"
#include "domain/registration/internal.h"

static const char *const purposes[] = {[LINK_CONFIRM] = "confirm", [LINK_KEY] = "key", [LINK_RENEW] = "renew"};

rfd_status request_links_end(struct transaction *t, enum request_purpose purpose, const struct request_link_row *of,
                             struct rfd_error *error)
{
    const struct store_value values[] = {
        store_text(slice_text(purposes[purpose])),
        store_boolean(true),
        store_boolean(false),
        store_integer(of->certificate != 0 ? of->certificate : of->request),
        store_integer(of->applicant),
    };
    if (of->certificate != 0)
        return store_run(t, "UPDATE request_link SET used = $2 WHERE certificate = $4 AND purpose = $1 AND used = $3",
                         values, 4, NULL, error);
    return store_run(t,
                     "UPDATE request_link SET used = $2 WHERE request = $4 AND purpose = $1 AND used = $3 "
                     "AND coalesce(applicant, 0) = $5",
                     values, 5, NULL, error);
}

static rfd_status make(struct transaction *t, enum request_purpose purpose, const struct request_link_row *of,
                       rfd_time ends, char token[REQUEST_TOKEN_SIZE], struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    if (purpose != LINK_RENEW) TRY(request_links_end(t, purpose, of, error));
    TRY(token_make(token, hash, error));
    const struct store_value values[] = {
        store_bytes(slice_of(hash, sizeof hash)),
        store_reference(of->request),
        store_reference(of->applicant),
        store_reference(of->certificate),
        store_text(slice_text(purposes[purpose])),
        store_integer(clock_now()),
        store_integer(ends),
        store_boolean(false),
    };
    return store_run(t,
                     "INSERT INTO request_link(hash, request, applicant, certificate, purpose, made, ends, used) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                     values, sizeof values / sizeof *values, NULL, error);
}

rfd_status request_link(struct transaction *t, enum request_purpose purpose, int64_t id, rfd_time ends,
                        char token[REQUEST_TOKEN_SIZE], struct rfd_error *error)
{
    struct request_link_row of = {.request = id};
    if (purpose == LINK_RENEW) of = (struct request_link_row){.certificate = id};
    if (purpose == LINK_KEY) {
        struct request r;
        TRY(request_find(t, id, &r, error));
        if (r.applicant_count > 0) of.applicant = r.applicants[0].id;
    }
    return make(t, purpose, &of, ends, token, error);
}

rfd_status request_link_of(struct transaction *t, enum request_purpose purpose, int64_t request, int64_t applicant,
                           rfd_time ends, char token[REQUEST_TOKEN_SIZE], struct rfd_error *error)
{
    const struct request_link_row of = {.request = request, .applicant = applicant};
    return make(t, purpose, &of, ends, token, error);
}

rfd_status request_link_find(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now,
                             struct request_link_row *out, struct rfd_error *error)
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct store_rows rows;
    struct request_link_row link = {.request = 0};
    if (token.length != REQUEST_TOKEN_SIZE - 1) {
        *out = link;
        return RFD_OK;
    }
    TRY(token_hash(token, hash, error));
    const struct store_value values[] = {store_bytes(slice_of(hash, sizeof hash)),
                                         store_text(slice_text(purposes[purpose])), store_integer(now)};
    TRY(store_run(t,
                  "SELECT coalesce(request, 0), coalesce(applicant, 0), coalesce(certificate, 0), used "
                  "FROM request_link WHERE hash = $1 AND purpose = $2 AND ends > $3",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.count > 0) {
        const struct store_value *v = store_cell(&rows, 0, 0);
        link = (struct request_link_row){v[0].integer, v[1].integer, v[2].integer, v[3].integer != 0};
    }
    *out = link;
    return RFD_OK;
}

rfd_status request_link_look(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now,
                             int64_t *id, struct rfd_error *error)
{
    struct request_link_row link;
    TRY(request_link_find(t, purpose, token, now, &link, error));
    *id = link.used ? 0 : purpose == LINK_RENEW ? link.certificate : link.request;
    return RFD_OK;
}

rfd_status request_link_applicant(struct transaction *t, enum request_purpose purpose, slice token, rfd_time now,
                                  int64_t *applicant, struct rfd_error *error)
{
    struct request_link_row link;
    TRY(request_link_find(t, purpose, token, now, &link, error));
    *applicant = link.used ? 0 : link.applicant;
    return RFD_OK;
}

rfd_status request_link_made(struct transaction *t, enum request_purpose purpose, int64_t request, rfd_time *made,
                             struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(purposes[purpose])), store_integer(request)};
    struct store_rows rows;
    TRY(store_run(t, "SELECT max(made) FROM request_link WHERE request = $2 AND purpose = $1", values, 2, &rows,
                  error));
    *made = store_moment_of(store_cell(&rows, 0, 0));
    return RFD_OK;
}
