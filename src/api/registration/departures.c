/* SPDX-License-Identifier: EUPL-1.2
 *
 * POST /api/registration/v1/departures: the personnel system reports who leaves (spec 3.3). Each of the person's
 * appointments in force, in the client's reach, gets its departure; one that was reported already keeps it, so that the
 * same report may be sent again.
 */
#include "api/registration/registration_internal.h"
#include "api/registration/requests_json.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/organisation/organisation.h"
#include "domain/registration/client_actor.h"

enum { APPOINTMENTS_MAXIMUM = 20, DAY_LENGTH = 10 };

struct report {
    slice country, document, number, reason; /* in the request's arena */
    rfd_time leaves;
};

/* ---- What was sent ---- */

static rfd_status parse(slice json, json_t **out, struct rfd_error *error)
{
    static const char *const known[] = {"country", "document", "number", "leaves", "reason"};
    json_error_t why;
    const char *name;
    json_t *value;
    json_t *object = json_loadb((const char *)json.data, json.length, JSON_REJECT_DUPLICATES, &why);
    if (object == NULL) return error_set(error, RFD_E_REQUEST, "JSON, line %d: %s", why.line, why.text);
    rfd_status status = json_is_object(object) ? RFD_OK : error_set(error, RFD_E_REQUEST, "not a JSON object");
    json_object_foreach(object, name, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], name) != 0) i++;
        if (status == RFD_OK && i == sizeof known / sizeof *known)
            status = error_set(error, RFD_E_REQUEST, "unknown member %s", name);
        if (status == RFD_OK && !json_is_string(value)) status = error_set(error, RFD_E_REQUEST, "%s is no text", name);
    }
    if (status == RFD_OK)
        *out = object;
    else
        json_decref(object);
    return status;
}

static rfd_status take(const json_t *object, const char *name, const char *otherwise, struct arena *a, slice *out,
                       struct rfd_error *error)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL) text = otherwise;
    if (text == NULL || text[0] == '\0') return error_set(error, RFD_E_REQUEST, "%s is missing", name);
    *out = arena_copy(a, slice_text(text));
    return out->data == NULL ? arena_failed(a, error) : RFD_OK;
}

/** "2026-12-01": the first instant of that day. Midnight is not there on every day; noon is. */
static bool read_day(const struct zone *zone, slice text, rfd_time *out)
{
    uint64_t year, month, day;
    rfd_time noon;
    if (text.length != DAY_LENGTH || text.data[4] != '-' || text.data[7] != '-') return false;
    if (!number_unsigned(slice_part(text, 0, 4), 9999, &year) || !number_unsigned(slice_part(text, 5, 2), 12, &month) ||
        !number_unsigned(slice_part(text, 8, 2), 31, &day))
        return false;
    const struct civil civil = {.year = (int)year, .month = (int)month, .day = (int)day, .hour = 12};
    if (!zone_from_civil(zone, &civil, &noon)) return false;
    *out = zone_day_start(zone, zone_day(zone, noon));
    return *out != RFD_TIME_NONE;
}

/** Of the country's identity documents; NULL: there are none. */
static const char *first_document(const struct registration_settings *settings, slice country, struct arena *a)
{
    const struct pack_registration *pack = packs_registration(settings->packs, country);
    if (pack == NULL) return NULL;
    return arena_text(a, slice_of(pack->documents, strcspn(pack->documents, " ")));
}

static rfd_status take_members(const json_t *object, const struct registration_settings *settings, struct arena *a,
                               struct report *out, struct rfd_error *error)
{
    slice day;
    TRY(take(object, "country", settings->country, a, &out->country, error));
    TRY(take(object, "document", first_document(settings, out->country, a), a, &out->document, error));
    TRY(take(object, "number", NULL, a, &out->number, error));
    TRY(take(object, "reason", NULL, a, &out->reason, error));
    TRY(take(object, "leaves", NULL, a, &day, error));
    if (read_day(settings->zone, day, &out->leaves)) return RFD_OK;
    return error_set(error, RFD_E_REQUEST, "leaves is no day such as 2026-12-01");
}

static rfd_status read_report(const struct registration_settings *settings, struct http_request *request,
                              struct report *out, struct rfd_error *error)
{
    json_t *object = NULL;
    if (!http_request_is(request, "application/json")) return error_set(error, RFD_E_MEDIA, "not application/json");
    TRY(parse(request->body, &object, error));
    rfd_status status = take_members(object, settings, request->arena, out, error);
    json_decref(object);
    return status;
}

/* ---- Reporting ---- */

struct reporting {
    const struct registration_settings *settings;
    struct registration_client client;
    struct report report;
    int64_t departures[APPOINTMENTS_MAXIMUM];
    size_t count;
    bool fresh; /* at least one was not there before */
};

static rfd_status report_one(struct transaction *t, struct reporting *r, const struct actor *actor, int64_t appointment,
                             struct rfd_error *error)
{
    const struct store_value value = store_integer(appointment);
    struct store_rows rows;
    struct faults faults = {.count = 0};
    int64_t id = 0;
    TRY(store_run(t, "SELECT id FROM departure WHERE appointment = $1 AND undecided > 0", &value, 1, &rows, error));
    if (rows.count > 0) {
        id = store_cell(&rows, 0, 0)->integer;
    } else {
        rfd_status status = departure_report(t, actor, appointment, r->report.leaves, r->report.reason,
                                             r->settings->zone, &faults, &id, error);
        if (status == RFD_E_INVALID && faults.count > 0)
            return error_set(error, status, "%s: %s", faults.items[0].field, faults.items[0].message);
        TRY(status);
        r->fresh = true;
    }
    r->departures[r->count++] = id;
    return RFD_OK;
}

/** Whether the client's account may report it: of others it is not told that they are there. */
static bool in_reach(const struct actor *actor, const struct store_value *v)
{
    const struct access_object object = {.entity = v[1].integer, .unit = v[2].integer, .path = v[3].bytes};
    return actor_may(actor, ACTION_DEPARTURE_REPORT, &object);
}

static rfd_status report_all(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reporting *r = context;
    struct actor actor;
    struct store_rows rows;
    const struct store_value values[] = {store_text(r->report.country), store_text(r->report.document),
                                         store_text(r->report.number), store_integer(clock_now()),
                                         store_integer(APPOINTMENTS_MAXIMUM)};
    r->count = 0;
    r->fresh = false;
    TRY(client_actor(t, r->client.id, clock_now(), &actor, error));
    TRY(actor_check(&actor, ACTION_DEPARTURE_REPORT, NULL, error));
    TRY(store_run(
        t,
        "SELECT a.id, u.entity, u.id, u.path FROM appointment a JOIN person p ON p.id = a.person JOIN position "
        "o ON o.id = a.position JOIN unit u ON u.id = o.unit WHERE p.country = $1 AND p.document = $2 AND "
        "p.number = $3 AND a.starts <= $4 AND (a.ends IS NULL OR a.ends > $4) ORDER BY a.id LIMIT $5",
        values, 5, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        if (in_reach(&actor, v)) TRY(report_one(t, r, &actor, v[0].integer, error));
    }
    if (r->count == 0) return error_set(error, RFD_E_NOT_FOUND, "nobody with this number has an appointment here");
    return RFD_OK;
}

static rfd_status answer(struct http_response *response, const struct reporting *r, struct rfd_error *error)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->count; i++) (void)json_array_append_new(list, json_integer(r->departures[i]));
    response->status = r->fresh ? 201 : 200;
    return requests_json_answer(response, json_pack("{s:o}", "departures", list), error);
}

rfd_status departures_report(struct http_request *request, struct http_response *response, void *context,
                             struct rfd_error *error)
{
    struct reporting r = {.settings = registration_requests(context)};
    if (r.settings == NULL) return error_set(error, RFD_E_NOT_FOUND, "no requests are kept here");
    TRY(registration_find_client(context, request, &r.client, error));
    TRY(read_report(r.settings, request, &r.report, error));
    TRY(registration_with_retry(response, store_write(registration_store(context), report_all, &r, error)));
    return answer(response, &r, error);
}
