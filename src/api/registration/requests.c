/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates for other systems: what the account sees that the client acts for.
 *
 *   GET /api/registration/v1/requests?way=online&state=started&search=...&sort=-created&page=1&size=50
 *   GET /api/registration/v1/requests/{code}
 *   GET /api/registration/v1/requests/{code}/certificates
 */
#include "api/registration/registration_internal.h"
#include "api/registration/requests_json.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/organisation/organisation.h"
#include "domain/registration/agency.h"
#include "domain/registration/client_actor.h"

/* ---- Who asks, and for what ---- */

struct asking {
    const struct registration_settings *settings;
    struct registration_client client;
    struct http_request *request;
    slice code;
    /* Of lists: */
    const struct list_definition *list;
    struct list_query query;
    json_t *answer; /* made within the transaction */
};

static rfd_status ask(struct registration_service *service, struct http_request *request,
                      struct http_response *response, struct asking *a, store_work *work, struct rfd_error *error)
{
    a->request = request;
    a->settings = registration_requests(service);
    if (a->settings == NULL) return error_set(error, RFD_E_NOT_FOUND, "no requests are kept here");
    TRY(registration_find_client(service, request, &a->client, error));
    rfd_status status = store_read(registration_store(service), work, a, error);
    if (status == RFD_OK) return requests_json_answer(response, a->answer, error);
    json_decref(a->answer);
    return registration_with_retry(response, status);
}

/** A conflict of the database may have it run again. */
static void begin(struct asking *a)
{
    json_decref(a->answer);
    a->answer = NULL;
}

/* ---- Lists ---- */

static const struct {
    const char *way;
    const struct list_definition *list;
} ways[] = {{"online", &request_list}, {"agency", &agency_queue_list}, {"revocation", &revocation_list}};

static rfd_status take_number(const struct http_request *request, const char *name, uint64_t least, uint64_t most,
                              uint64_t *out, struct rfd_error *error)
{
    slice text;
    TRY(http_request_query(request, name, &text, error));
    if (text.length == 0) return RFD_OK;
    if (number_unsigned(text, most, out) && *out >= least) return RFD_OK;
    return error_set(error, RFD_E_REQUEST, "%s is no number from %llu to %llu", name, (unsigned long long)least,
                     (unsigned long long)most);
}

static rfd_status take_way(const struct http_request *request, const struct list_definition **out,
                           struct rfd_error *error)
{
    slice way;
    TRY(http_request_query(request, "way", &way, error));
    if (way.length == 0) way = SLICE("online");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (!slice_is(way, ways[i].way)) continue;
        *out = ways[i].list;
        return RFD_OK;
    }
    return error_set(error, RFD_E_REQUEST, "way is none of online, agency, revocation");
}

static rfd_status take_filters(struct asking *a, struct rfd_error *error)
{
    static const char *const names[] = {"state", "unit", "from", "until"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        a->query.filters[i].name = names[i];
        TRY(http_request_query(a->request, names[i], &a->query.filters[i].value, error));
        if (a->query.filters[i].value.length == 0) a->query.filters[i].name = NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (a->query.filters[i].name != NULL) a->query.filters[kept++] = a->query.filters[i];
    for (size_t i = kept; i < sizeof names / sizeof *names; i++) a->query.filters[i].name = NULL;
    return RFD_OK;
}

static rfd_status take_query(struct asking *a, struct rfd_error *error)
{
    slice sort;
    uint64_t size = LIST_PAGE;
    a->query.page = 1;
    TRY(take_way(a->request, &a->list, error));
    TRY(http_request_query(a->request, "search", &a->query.search, error));
    TRY(take_number(a->request, "page", 1, UINT64_MAX, &a->query.page, error));
    TRY(take_number(a->request, "size", 1, LIST_PAGE_LONGEST, &size, error));
    a->query.size = (unsigned)size;
    TRY(take_filters(a, error));
    TRY(http_request_query(a->request, "sort", &sort, error));
    if (sort.length == 0) return RFD_OK;
    a->query.descending = slice_starts(sort, SLICE("-"));
    a->query.sort = arena_text(a->request->arena, a->query.descending ? slice_from(sort, 1) : sort);
    return a->query.sort == NULL ? arena_failed(a->request->arena, error) : RFD_OK;
}

static rfd_status read_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct actor actor;
    struct list_page page;
    begin(a);
    TRY(client_actor(t, a->client.id, clock_now(), &actor, error));
    TRY(list_read(t, a->list, &a->query, &actor, &page, error));
    json_t *rows = json_array();
    for (size_t i = 0; i < page.rows.count; i++)
        (void)json_array_append_new(rows, requests_json_row(a->list, store_cell(&page.rows, i, 0)));
    a->answer = json_pack("{s:o, s:I, s:I, s:I, s:b}", "requests", rows, "first", (json_int_t)page.first, "size",
                          (json_int_t)a->query.size, "total", (json_int_t)page.total, "more", page.more ? 1 : 0);
    return RFD_OK;
}

rfd_status requests_list(struct http_request *request, struct http_response *response, void *context,
                         struct rfd_error *error)
{
    struct asking a = {.request = request};
    TRY(take_query(&a, error));
    return ask(context, request, response, &a, read_list, error);
}

/* ---- One ---- */

/** Who may not see it hears that there is none. */
static rfd_status find(struct transaction *t, struct asking *a, struct actor *actor, struct request *out,
                       struct rfd_error *error)
{
    struct request found;
    TRY(client_actor(t, a->client.id, clock_now(), actor, error));
    TRY(request_by_code(t, a->code, &found, error));
    if (found.way == WAY_AGENCY) return agency_see(t, actor, found.id, out, error);
    return request_see(t, actor, found.id, out, error);
}

static rfd_status read_one(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct actor actor;
    struct request r;
    struct evidence *files;
    struct request_happening *events;
    struct unit unit = {.code = SLICE_EMPTY};
    struct requests_json_whole whole = {.request = &r};
    begin(a);
    TRY(find(t, a, &actor, &r, error));
    TRY(evidence_list(t, r.id, false, &files, &whole.file_count, error));
    TRY(request_events(t, r.id, false, &events, &whole.event_count, error));
    if (r.unit != 0) TRY(unit_find(t, r.unit, &unit, error));
    whole.files = files;
    whole.events = events;
    whole.unit = unit.code;
    a->answer = requests_json_of(&whole);
    return RFD_OK;
}

rfd_status requests_show(struct http_request *request, struct http_response *response, void *context,
                         struct rfd_error *error)
{
    struct asking a = {.code = http_request_part(request, "code")};
    return ask(context, request, response, &a, read_one, error);
}

/* ---- Its certificates ---- */

static rfd_status authority_of(struct transaction *t, int64_t authority, slice *name, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value value = store_integer(authority);
    TRY(store_run(t, "SELECT name FROM authority WHERE id = $1", &value, 1, &rows, error));
    *name = rows.count == 0 ? SLICE_EMPTY : store_cell(&rows, 0, 0)->bytes;
    return RFD_OK;
}

static rfd_status read_certificates(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    struct actor actor;
    struct request r;
    begin(a);
    TRY(find(t, a, &actor, &r, error));
    json_t *list = json_array();
    a->answer = json_pack("{s:o}", "certificates", list);
    for (size_t i = 0; i < r.applicant_count && a->answer != NULL; i++) {
        struct holding holding;
        slice authority;
        if (r.applicants[i].certificate == 0) continue;
        TRY(holding_find(t, &actor, a->settings, r.applicants[i].certificate, &holding, error));
        TRY(authority_of(t, holding.row.authority, &authority, error));
        (void)json_array_append_new(list, requests_json_certificate(authority, &holding));
    }
    return RFD_OK;
}

rfd_status requests_certificates(struct http_request *request, struct http_response *response, void *context,
                                 struct rfd_error *error)
{
    struct asking a = {.code = http_request_part(request, "code")};
    return ask(context, request, response, &a, read_certificates, error);
}
