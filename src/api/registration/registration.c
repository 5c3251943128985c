/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/registration/registration.h"

#include "api/registration/registration_answer.h"
#include "api/registration/registration_body.h"
#include "api/registration/registration_internal.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pki/authority/request.h"
#include "pki/digest.h"

#include <pthread.h>

enum {
    IDEMPOTENCY_MINIMUM = 8,
    IDEMPOTENCY_MAXIMUM = 64,
    SERIAL_MAXIMUM = 20,
    RETRY_SECONDS = 5,
    AUTHORITIES_KNOWN = 16,
    CLIENTS_KNOWN = 16,
    CLIENT_NAME_SIZE = 101
};

/* Authorities that issue, by name. A name's number never changes; all else is looked up for each certificate. */
struct known_authority {
    char name[AUTHORITY_NAME_SIZE];
    int64_t id;
};

/* Clients who asked before, by their certificate. Whether they still may is looked up for each certificate that they
 * order, together with all else: a request less for the database. */
struct known_client {
    rfd_bytes certificate;
    uint8_t hash[DIGEST_SIZE_MAXIMUM]; /* of it */
    char name[CLIENT_NAME_SIZE];       /* "": a free place */
};

struct registration_service {
    struct authority_domain domain;
    const struct registration_settings *requests; /* NULL: only certificates */
    pthread_mutex_t lock;
    struct known_authority known[AUTHORITIES_KNOWN];
    size_t known_count;
    struct known_client clients[CLIENTS_KNOWN];
    size_t next_client; /* whose place is taken next */
};

rfd_status registration_new(struct store *store, struct keeper_client *keeper, const struct packs *packs,
                            struct registration_service **out, struct rfd_error *error)
{
    struct registration_service *service = memory_zeroed(1, sizeof *service);
    if (service == NULL) return error_memory(error);
    service->domain = (struct authority_domain){store, keeper, packs};
    (void)pthread_mutex_init(&service->lock, NULL);
    *out = service;
    return RFD_OK;
}

void registration_free(struct registration_service *service)
{
    if (service == NULL) return;
    (void)pthread_mutex_destroy(&service->lock);
    for (size_t i = 0; i < CLIENTS_KNOWN; i++) memory_free(service->clients[i].certificate.data);
    memory_free(service);
}

void registration_serve_requests(struct registration_service *service, const struct registration_settings *settings)
{
    service->requests = settings;
}

struct store *registration_store(const struct registration_service *service)
{
    return service->domain.store;
}

const struct registration_settings *registration_requests(const struct registration_service *service)
{
    return service->requests;
}

/* --- Who asks ---------------------------------------------------------------------------------------------------- */

struct caller {
    slice name;
    slice actor; /* for the audit: "client:NAME" */
    slice hash;  /* of his certificate when he was known, and has to be looked for again; else empty */
};

static rfd_status name_caller(struct arena *a, slice name, slice hash, struct caller *out, struct rfd_error *error)
{
    const char *actor = arena_print(a, "client:%.*s", (int)name.length, (const char *)name.data);
    if (actor == NULL) return arena_failed(a, error);
    *out = (struct caller){name, slice_text(actor), hash};
    return RFD_OK;
}

/** With the lock. */
static struct known_client *place_of_client(struct registration_service *service, slice certificate)
{
    for (size_t i = 0; i < CLIENTS_KNOWN; i++) {
        struct known_client *known = &service->clients[i];
        if (known->name[0] != '\0' && slice_equal(slice_bytes(known->certificate), certificate)) return known;
    }
    return NULL;
}

/** His name and the hash of his certificate. */
static bool find_known_client(struct registration_service *service, slice certificate, struct known_client *out)
{
    (void)pthread_mutex_lock(&service->lock);
    const struct known_client *known = place_of_client(service, certificate);
    if (known != NULL) *out = *known;
    (void)pthread_mutex_unlock(&service->lock);
    out->certificate = (rfd_bytes){0};
    return known != NULL;
}

static void remember_client(struct registration_service *service, slice certificate,
                            const struct registration_client *client)
{
    struct known_client one = {.name = ""};
    if (client->name.length == 0 || client->name.length >= sizeof one.name) return;
    one.certificate = (rfd_bytes){memory_copy(certificate.data, certificate.length), certificate.length};
    if (one.certificate.data == NULL) return;
    memcpy(one.hash, client->certificate_hash, digest_size(DIGEST_SHA256));
    memcpy(one.name, client->name.data, client->name.length);
    (void)pthread_mutex_lock(&service->lock);
    struct known_client *place = place_of_client(service, certificate);
    if (place == NULL) place = &service->clients[service->next_client++ % CLIENTS_KNOWN];
    memory_free(place->certificate.data);
    *place = one;
    (void)pthread_mutex_unlock(&service->lock);
}

/** He is not whom he was: the next time he is looked for at once. */
static void forget_client(struct registration_service *service, slice hash)
{
    if (hash.length == 0) return;
    (void)pthread_mutex_lock(&service->lock);
    for (size_t i = 0; i < CLIENTS_KNOWN; i++) {
        struct known_client *known = &service->clients[i];
        if (memcmp(known->hash, hash.data, digest_size(DIGEST_SHA256)) == 0) known->name[0] = '\0';
    }
    (void)pthread_mutex_unlock(&service->lock);
}

rfd_status registration_find_client(struct registration_service *service, struct http_request *request,
                                    struct registration_client *out, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    if (request->client_certificate.length == 0) return error_set(error, RFD_E_UNAUTHORISED, "no client certificate");
    rfd_status status = client_find(service->domain.store, request->client_certificate, request->arena, out, &why);
    if (status == RFD_E_NOT_FOUND) return error_set(error, RFD_E_FORBIDDEN, "not a registered client's certificate");
    if (status != RFD_OK && error != NULL) *error = why;
    return status;
}

static rfd_status find_caller(struct registration_service *service, struct http_request *request, struct caller *out,
                              struct rfd_error *error)
{
    struct registration_client client;
    TRY(registration_find_client(service, request, &client, error));
    remember_client(service, request->client_certificate, &client);
    return name_caller(request->arena, client.name, SLICE_EMPTY, out, error);
}

/** As find_caller(); one who was found before is taken for whom he was, until he is looked for again. */
static rfd_status guess_caller(struct registration_service *service, struct http_request *request, struct caller *out,
                               struct rfd_error *error)
{
    struct known_client one;
    slice certificate = request->client_certificate;
    if (certificate.length == 0 || !find_known_client(service, certificate, &one))
        return find_caller(service, request, out, error);
    slice kept = arena_copy(request->arena, slice_text(one.name));
    slice known = arena_copy(request->arena, slice_of(one.hash, digest_size(DIGEST_SHA256)));
    if (kept.data == NULL || known.data == NULL) return arena_failed(request->arena, error);
    return name_caller(request->arena, kept, known, out, error);
}

rfd_status registration_with_retry(struct http_response *response, rfd_status status)
{
    if (status == RFD_E_PEER_GONE || status == RFD_E_DEADLINE || status == RFD_E_STORE || status == RFD_E_BUSY ||
        status == RFD_E_STORE_UNKNOWN)
        http_response_retry_after(response, RETRY_SECONDS);
    return status;
}

/** The authority of this name that issues here. */
static rfd_status find_authority(struct registration_service *service, struct arena *a, slice name,
                                 struct authority *out, struct rfd_error *error)
{
    struct authority_list list;
    TRY(authority_list(&service->domain, a, &list, error));
    for (size_t i = 0; i < list.count; i++) {
        if (!slice_equal(list.items[i].name, name) || list.items[i].key.length == 0) continue;
        *out = list.items[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "no authority of this name");
}

static bool find_known(struct registration_service *service, slice name, int64_t *id)
{
    bool found = false;
    (void)pthread_mutex_lock(&service->lock);
    for (size_t i = 0; i < service->known_count && !found; i++) {
        found = slice_is(name, service->known[i].name);
        if (found) *id = service->known[i].id;
    }
    (void)pthread_mutex_unlock(&service->lock);
    return found;
}

static void remember(struct registration_service *service, const struct authority *authority)
{
    (void)pthread_mutex_lock(&service->lock);
    if (service->known_count < AUTHORITIES_KNOWN && authority->name.length < AUTHORITY_NAME_SIZE) {
        struct known_authority *known = &service->known[service->known_count++];
        memcpy(known->name, authority->name.data, authority->name.length);
        known->id = authority->id;
    }
    (void)pthread_mutex_unlock(&service->lock);
}

/** The number of an authority. */
static rfd_status number_authority(struct registration_service *service, struct arena *a, slice name, int64_t *out,
                                   struct rfd_error *error)
{
    struct authority authority;
    if (find_known(service, name, out)) return RFD_OK;
    TRY(find_authority(service, a, name, &authority, error));
    remember(service, &authority);
    *out = authority.id;
    return RFD_OK;
}

/* --- Issuing ----------------------------------------------------------------------------------------------------- */

/** RFC 9110 has no say; the draft's Idempotency-Key: one line of visible characters, quotes allowed. */
static rfd_status take_idempotency(const struct http_request *request, slice *out, struct rfd_error *error)
{
    slice key = http_request_header(request, "Idempotency-Key", 0);
    if (http_request_header(request, "Idempotency-Key", 1).data != NULL)
        return error_set(error, RFD_E_REQUEST, "Idempotency-Key is there twice");
    if (key.length < IDEMPOTENCY_MINIMUM || key.length > IDEMPOTENCY_MAXIMUM)
        return error_set(error, RFD_E_REQUEST, "Idempotency-Key has to have 8 to 64 characters");
    for (size_t i = 0; i < key.length; i++) {
        if (key.data[i] <= ' ' || key.data[i] > '~')
            return error_set(error, RFD_E_REQUEST, "Idempotency-Key has a character that it may not have");
    }
    *out = key;
    return RFD_OK;
}

/** An order while it is carried out. In the request's arena. */
struct order {
    struct registration_order body;
    struct authority_issue issue;
    struct http_later *later;
};

static rfd_status read_order(struct registration_service *service, struct http_request *request,
                             const struct caller *caller, struct order *out, struct rfd_error *error)
{
    struct request pkcs10;
    struct authority_issue *issue = &out->issue;
    *issue = (struct authority_issue){.actor = caller->actor, .client = caller->name, .client_hash = caller->hash};
    TRY(take_idempotency(request, &issue->idempotency, error));
    if (!http_request_is(request, "application/json")) return error_set(error, RFD_E_MEDIA, "not application/json");
    TRY(registration_read_order(request->body, request->arena, &out->body, error));
    TRY(request_parse(out->body.request, &pkcs10, error));
    TRY(request_verify(&pkcs10, &KEY_RULES_USUAL, error));
    TRY(number_authority(service, request->arena, out->body.authority, &issue->authority, error));
    issue->spki = pkcs10.spki;
    issue->approvals = out->body.approvals;
    issue->approval_count = out->body.approval_count;
    return RFD_OK;
}

static void answer_later(void *context, rfd_status status, const struct certificate_row *row, bool again,
                         const struct rfd_error *error)
{
    const struct order *order = context;
    struct http_response *response = http_later_response(order->later);
    struct rfd_error why = error == NULL ? RFD_ERROR_INIT : *error;
    if (status == RFD_OK) {
        response->status = again ? 200 : 201;
        status = registration_answer_certificate(response, order->body.authority, row, &why);
    }
    http_later_done(order->later, registration_with_retry(response, status) == RFD_OK ? NULL : &why);
}

/** Keeper and register wait for disks, and so for each other's company: no thread does. With PostgreSQL one does, with
 * a connection. */
static rfd_status issue(struct registration_service *service, struct http_request *request,
                        struct http_response *response, struct order *order, struct rfd_error *error)
{
    struct certificate_row row;
    struct rfd_error why = RFD_ERROR_INIT;
    bool again = false;
    if (store_kind(service->domain.store) != STORE_SQLITE) {
        rfd_status done = authority_issue(&service->domain, &order->issue, request->arena, &row, &again, error);
        if (done == RFD_E_FORBIDDEN) forget_client(service, order->issue.client_hash);
        TRY(done);
        response->status = again ? 200 : 201;
        return registration_answer_certificate(response, order->body.authority, &row, error);
    }
    order->later = http_request_later(request);
    if (order->later == NULL) return error_set(error, RFD_E_BUSY, "stopping");
    rfd_status status =
        authority_issue_later(&service->domain, &order->issue, request->arena, answer_later, order, &why);
    if (status == RFD_OK) return RFD_OK;
    if (status == RFD_E_FORBIDDEN) forget_client(service, order->issue.client_hash);
    (void)registration_with_retry(http_later_response(order->later), status);
    http_later_done(order->later, &why);
    return RFD_OK;
}

static rfd_status handle_issue(struct http_request *request, struct http_response *response, void *context,
                               struct rfd_error *error)
{
    struct caller caller;
    struct order *order = arena_zeroed(request->arena, 1, sizeof *order);
    if (order == NULL) return arena_failed(request->arena, error);
    TRY(guess_caller(context, request, &caller, error));
    TRY(registration_with_retry(response, read_order(context, request, &caller, order, error)));
    return registration_with_retry(response, issue(context, request, response, order, error));
}

/* --- Certificates ------------------------------------------------------------------------------------------------ */

static rfd_status take_serial(const struct http_request *request, uint8_t bytes[SERIAL_MAXIMUM], slice *out,
                              struct rfd_error *error)
{
    slice text = http_request_part(request, "serial");
    if (text.length == 0 || text.length % 2 != 0 || text.length > 2 * SERIAL_MAXIMUM || !number_hex(text, bytes))
        return error_set(error, RFD_E_REQUEST, "a serial number is 2 to 40 hexadecimal digits");
    *out = slice_of(bytes, text.length / 2);
    return RFD_OK;
}

/** A certificate that this caller asked for. To him, others are not there. */
static rfd_status find_own(struct registration_service *service, struct http_request *request,
                           const struct caller *caller, slice authority_name, slice serial, struct authority *authority,
                           struct certificate_row *out, struct rfd_error *error)
{
    TRY(find_authority(service, request->arena, authority_name, authority, error));
    rfd_status status = authority_certificate(&service->domain, authority->id, serial, request->arena, out, error);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) return status;
    if (status == RFD_OK && slice_equal(out->client, caller->name)) return RFD_OK;
    return error_set(error, RFD_E_NOT_FOUND, "no certificate of yours");
}

static rfd_status handle_show(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error)
{
    struct caller caller;
    struct authority authority;
    struct certificate_row row;
    uint8_t bytes[SERIAL_MAXIMUM];
    slice serial;
    slice name;
    TRY(find_caller(context, request, &caller, error));
    TRY(take_serial(request, bytes, &serial, error));
    TRY(http_request_query(request, "authority", &name, error));
    TRY(registration_with_retry(response, find_own(context, request, &caller, name, serial, &authority, &row, error)));
    return registration_answer_certificate(response, authority.name, &row, error);
}

static rfd_status handle_revoke(struct http_request *request, struct http_response *response, void *context,
                                struct rfd_error *error)
{
    struct registration_service *service = context;
    struct caller caller;
    struct authority authority;
    struct certificate_row row;
    struct registration_revocation body;
    uint8_t bytes[SERIAL_MAXIMUM];
    struct authority_change change = {.invalid_since = RFD_TIME_NONE};
    TRY(find_caller(service, request, &caller, error));
    TRY(take_serial(request, bytes, &change.serial, error));
    if (!http_request_is(request, "application/json")) return error_set(error, RFD_E_MEDIA, "not application/json");
    TRY(registration_read_revocation(request->body, request->arena, &body, error));
    TRY(find_own(service, request, &caller, body.authority, change.serial, &authority, &row, error));
    change.actor = caller.actor;
    change.authority = authority.id;
    change.reason = body.reason;
    change.invalid_since = body.invalid_since;
    TRY(registration_with_retry(response, authority_revoke(&service->domain, &change, error)));
    TRY(authority_certificate(&service->domain, authority.id, change.serial, request->arena, &row, error));
    return registration_answer_certificate(response, authority.name, &row, error);
}

static rfd_status handle_authorities(struct http_request *request, struct http_response *response, void *context,
                                     struct rfd_error *error)
{
    struct registration_service *service = context;
    struct caller caller;
    struct authority_list list;
    TRY(find_caller(service, request, &caller, error));
    TRY(registration_with_retry(response, authority_list(&service->domain, request->arena, &list, error)));
    return registration_answer_authorities(response, &list, error);
}

#define ROUTES(flags_of_issue)                                                                                         \
    {                                                                                                                  \
        {HTTP_POST, "/api/ca/v1/certificates", REGISTRATION_BODY_MAXIMUM, flags_of_issue, handle_issue, "ca-issue"},   \
            {HTTP_GET, "/api/ca/v1/certificates/{serial}", 0, 0, handle_show, "ca-certificate"},                       \
            {HTTP_POST,  "/api/ca/v1/certificates/{serial}/revocation", REGISTRATION_BODY_MAXIMUM, 0, handle_revoke,   \
             "ca-revoke"},                                                                                             \
            {HTTP_GET, "/api/ca/v1/authorities", 0, 0, handle_authorities, "ca-authorities"},                          \
            {HTTP_GET, "/api/registration/v1/requests", 0, 0, requests_list, "api-requests"},                          \
            {HTTP_GET, "/api/registration/v1/requests/{code}", 0, 0, requests_show, "api-request"},                    \
            {HTTP_GET,                                                                                                 \
             "/api/registration/v1/requests/{code}/certificates",                                                      \
             0,                                                                                                        \
             0,                                                                                                        \
             requests_certificates,                                                                                    \
             "api-request-certificates"},                                                                              \
            {HTTP_POST,       "/api/registration/v1/departures", REGISTRATION_DEPARTURE_MAXIMUM, 0, departures_report, \
             "api-departures"},                                                                                        \
            {HTTP_GET, "/api/registration/v1/openapi.json", 0, 0, openapi_show, "api-openapi"},                        \
    }
static const struct http_route routes[] = ROUTES(0);
/* Reading SQLite waits for nobody: the loop that read the request may carry it out, which saves a change of threads. */
static const struct http_route immediate_routes[] = ROUTES(HTTP_IMMEDIATE);

const struct http_route *registration_routes(const struct store *store, size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return store_kind(store) == STORE_SQLITE ? immediate_routes : routes;
}
