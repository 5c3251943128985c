/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "log_server.h"

#include "api/status/log.h"
#include "api/status/service.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "domain/transparency/transparency.h"
#include "pki/digest.h"

#include <stdio.h>

static const struct http_route routes[] = {
    {HTTP_GET, "/log/v1/head", 0, 0, status_log_head_get, "log"},
    {HTTP_GET, "/log/v1/key", 0, 0, status_log_key_get, "log"},
    {HTTP_GET, "/log/v1/proof", 0, 0, status_log_proof_get, "log"},
    {HTTP_GET, "/log/v1/consistency", 0, 0, status_log_consistency_get, "log"},
    {HTTP_GET, "/log/v1/leaves", 0, 0, status_log_leaves_get, "log"},
};

struct log_server *log_server_start(struct store *store)
{
    static const char *const addresses[] = {"127.0.0.1:0"};
    struct log_server *l = memory_zeroed(1, sizeof *l);
    struct status_service *service = memory_zeroed(1, sizeof *service);
    struct rfd_error error = RFD_ERROR_INIT;
    assert_true(l != NULL && service != NULL);
    l->store = store;
    l->service = service;
    assert_int_equal(status_log_new(store, &service->log, NULL), RFD_OK);
    assert_int_equal(http_router_new(routes, sizeof routes / sizeof *routes, &l->router, NULL), RFD_OK);
    const struct http_options options = {.addresses = addresses,
                                         .address_count = 1,
                                         .router = l->router,
                                         .context = service,
                                         .threads = 1,
                                         .workers = 2};
    if (http_listener_start(&options, &l->listener, &error) != RFD_OK) fail_msg("%s", error.detail);
    l->port = http_listener_port(l->listener, 0);
    (void)snprintf(l->url, sizeof l->url, "http://127.0.0.1:%u", (unsigned)l->port);
    return l;
}

void log_server_forget(struct log_server *server)
{
    struct status_service *service = server->service;
    status_log_free(service->log);
    assert_int_equal(status_log_new(server->store, &service->log, NULL), RFD_OK);
}

void log_server_stop(struct log_server *server)
{
    struct status_service *service = server->service;
    http_listener_stop(server->listener, 1);
    http_router_free(server->router);
    status_log_free(service->log);
    memory_free(service);
    memory_free(server);
}

/* --- What is in it ------------------------------------------------------------------------------------------------ */

void log_server_hash(uint64_t n, uint8_t out[32])
{
    assert_int_equal(digest_of(DIGEST_SHA256, slice_of(&n, sizeof n), out, NULL), RFD_OK);
}

struct growing {
    uint64_t from, to;
};

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct growing *g = context;
    for (uint64_t n = g->from; n < g->to; n++) {
        uint8_t hash[32];
        log_server_hash(n, hash);
        TRY(transparency_put(t, (int64_t)n, hash, error));
    }
    return RFD_OK;
}

static rfd_status put_one(struct transaction *t, void *context, struct rfd_error *error)
{
    return transparency_put(t, 1, context, error);
}

void log_server_put(struct log_server *server, const uint8_t hash[32])
{
    uint8_t copy[32];
    memcpy(copy, hash, sizeof copy);
    assert_int_equal(store_write(server->store, put_one, copy, NULL), RFD_OK);
}

void log_server_grow(struct log_server *server, uint64_t from, uint64_t to, rfd_time time)
{
    struct growing g = {from, to};
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(store_write(server->store, put, &g, NULL), RFD_OK);
    for (size_t done = 1; done > 0;)
        assert_int_equal(transparency_sequence(server->store, 100000, &done, NULL), RFD_OK);
    clock_fix(time);
    if (transparency_sign_head(server->store, NULL, "log", 0, &error) != RFD_OK) fail_msg("%s", error.detail);
    clock_fix(RFD_TIME_NONE);
    log_server_forget(server);
}
