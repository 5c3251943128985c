/* SPDX-License-Identifier: EUPL-1.2
 *
 * Metadata are fetched every hour; keys, too, and when a token names one that is not known, once a minute at most.
 * While the provider does not answer, it is asked again ever later up to five minutes.
 */
#include "jobs/provider.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "domain/oidc/jws.h"
#include "domain/oidc/provider.h"
#include "jobs/provider_http.h"

#include <stdio.h>

enum {
    POLL = 200,
    FRESH_SECONDS = 3600,
    KEYS_SECONDS = 60,
    FIRST_PAUSE_SECONDS = 5,
    LONGEST_PAUSE_SECONDS = 300,
    AT_ONCE = 16,
    ARENA = 64 << 10,
    ADDRESS_SIZE = 2200
};

struct provider_client {
    const struct settings *settings;
    struct store *store;
    struct provider_http *http;
    json_t *metadata, *keys;
    rfd_time fetched, next; /* when it was asked last with success; when it is asked again */
    unsigned failures;
    char redirect[ADDRESS_SIZE];
};

rfd_status provider_client_new(const struct settings *settings, struct store *store, slice secret, slice authorities,
                               const atomic_bool *stop, struct provider_client **out, struct rfd_error *error)
{
    struct provider_client *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    c->settings = settings;
    c->store = store;
    (void)snprintf(c->redirect, sizeof c->redirect, "%s/acceso/proveedor/vuelta", settings->web.url);
    const struct provider_party party = {.issuer = settings->sso.issuer,
                                         .client_id = settings->sso.client_id,
                                         .secret = secret,
                                         .authorities = authorities,
                                         .stop = stop};
    rfd_status status = provider_http_new(&party, &c->http, error);
    if (status == RFD_OK)
        *out = c;
    else
        provider_client_free(c);
    return status;
}

void provider_client_free(struct provider_client *client)
{
    if (client == NULL) return;
    provider_http_free(client->http);
    json_decref(client->metadata);
    json_decref(client->keys);
    memory_free(client);
}

/* ---- What the provider says of itself ---- */

struct keeping {
    const char *issuer;
    slice metadata, keys;
};

static rfd_status keep(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct keeping *k = context;
    return provider_keep(t, k->issuer, k->metadata, k->keys, error);
}

static rfd_status write_down(struct provider_client *c, const json_t *metadata, const json_t *keys,
                             struct rfd_error *error)
{
    struct buf texts[2];
    rfd_status status;
    for (size_t i = 0; i < 2; i++) buf_init(&texts[i], PROVIDER_HTTP_MAXIMUM);
    TRY_OUT(provider_json_text(metadata, &texts[0], error));
    TRY_OUT(provider_json_text(keys, &texts[1], error));
    struct keeping k = {c->settings->sso.issuer, buf_slice(&texts[0]), buf_slice(&texts[1])};
    TRY_OUT(store_write(c->store, keep, &k, error));
out:
    for (size_t i = 0; i < 2; i++) buf_dispose(&texts[i]);
    return status;
}

/** OpenID Connect Discovery §4.1: a slash at the end of the issuer is not doubled. */
static rfd_status ask_metadata(struct provider_client *c, json_t **out, struct rfd_error *error)
{
    char address[ADDRESS_SIZE];
    const char *issuer = c->settings->sso.issuer;
    size_t length = strlen(issuer);
    while (length > 0 && issuer[length - 1] == '/') length--;
    (void)snprintf(address, sizeof address, "%.*s/.well-known/openid-configuration", (int)length, issuer);
    json_t *metadata = NULL;
    TRY(provider_http_get(c->http, address, &metadata, error));
    rfd_status status = provider_check_metadata(metadata, issuer, error);
    if (status == RFD_OK)
        *out = metadata;
    else
        json_decref(metadata);
    return status;
}

static rfd_status refresh(struct provider_client *c, struct rfd_error *error)
{
    json_t *metadata = NULL;
    json_t *keys = NULL;
    rfd_status status;
    TRY_OUT(ask_metadata(c, &metadata, error));
    TRY_OUT(provider_http_get(c->http, json_string_value(json_object_get(metadata, "jwks_uri")), &keys, error));
    TRY_OUT(write_down(c, metadata, keys, error));
    json_decref(c->metadata);
    json_decref(c->keys);
    c->metadata = json_incref(metadata);
    c->keys = json_incref(keys);
    c->fetched = clock_now();
out:
    json_decref(metadata);
    json_decref(keys);
    return status;
}

static void refresh_when_due(struct provider_client *c)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_time now = clock_now();
    rfd_time pause = FRESH_SECONDS;
    if (now < c->next) return;
    if (refresh(c, &error) == RFD_OK) {
        if (c->failures > 0) log_event(LOG_NOTICE, "provider-well", "the OpenID provider answers again");
        c->failures = 0;
    } else {
        pause = (rfd_time)FIRST_PAUSE_SECONDS << (c->failures < 6 ? c->failures : 6);
        if (pause > LONGEST_PAUSE_SECONDS) pause = LONGEST_PAUSE_SECONDS;
        c->failures++;
        log_failure(c->failures == 1 ? LOG_WARNING : LOG_ERROR, "provider",
                    "the OpenID provider (sso.issuer) could not be asked about itself; it is asked again", &error);
    }
    c->next = clock_now() + pause * RFD_SECOND;
}

/* ---- Codes ---- */

static rfd_status verify(struct provider_client *c, slice token, json_t **claims, struct rfd_error *error)
{
    rfd_status status = jws_verify(token, c->keys, claims, error);
    if (status != RFD_E_NOT_FOUND || clock_now() < c->fetched + KEYS_SECONDS * RFD_SECOND) return status;
    TRY(refresh(c, error)); /* it may have a new key */
    return jws_verify(token, c->keys, claims, error);
}

static rfd_status redeem(struct provider_client *c, const struct provider_task *task, struct arena *a, slice *holder,
                         struct rfd_error *error)
{
    const struct provider_code code = {.endpoint = json_string_value(json_object_get(c->metadata, "token_endpoint")),
                                       .methods = json_object_get(c->metadata, "token_endpoint_auth_methods_supported"),
                                       .code = task->code,
                                       .verifier = task->verifier,
                                       .redirect = c->redirect};
    const struct provider_expectation wanted = {.issuer = c->settings->sso.issuer,
                                                .client_id = c->settings->sso.client_id,
                                                .claim = c->settings->sso.claim,
                                                .nonce = task->nonce,
                                                .now = clock_now()};
    json_t *answer = NULL;
    json_t *claims = NULL;
    slice said;
    rfd_status status;
    TRY_OUT(provider_http_redeem(c->http, &code, &answer, error));
    const char *token = json_string_value(json_object_get(answer, "id_token"));
    if (token == NULL) {
        status = error_set(error, RFD_E_INVALID, "the provider gave no identity token");
        goto out;
    }
    TRY_OUT(verify(c, slice_text(token), &claims, error));
    TRY_OUT(provider_check_claims(claims, &wanted, &said, error));
    *holder = arena_copy(a, said);
    if (holder->data == NULL) status = arena_failed(a, error);
out:
    json_decref(answer);
    json_decref(claims);
    return status;
}

struct working {
    struct arena arena;
    struct provider_task task;
    bool found;
    slice holder;
};

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct working *w = context;
    return provider_take(t, &w->arena, &w->task, &w->found, error);
}

static rfd_status settle(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct working *w = context;
    return provider_settle(t, w->task.hash, w->holder, error);
}

static rfd_status do_one(struct provider_client *c, bool *found, struct rfd_error *error)
{
    struct working w = {.found = false};
    arena_init(&w.arena, ARENA);
    rfd_status status = store_write(c->store, take, &w, error);
    *found = status == RFD_OK && w.found;
    if (*found) {
        struct rfd_error why = RFD_ERROR_INIT;
        if (redeem(c, &w.task, &w.arena, &w.holder, &why) != RFD_OK) {
            w.holder = SLICE_EMPTY;
            log_failure(LOG_WARNING, "provider-sign-in", "somebody could not sign in with the OpenID provider", &why);
        }
        status = store_write(c->store, settle, &w, error);
    }
    arena_dispose(&w.arena);
    return status;
}

/** Whether somebody waits: asked of a reading transaction, so that an idle house writes nothing. */
static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT 1 FROM provider_visit WHERE stage = 'asked' LIMIT 1", NULL, 0, &rows, error));
    *(bool *)context = rows.count > 0;
    return RFD_OK;
}

unsigned provider_client_run(struct provider_client *client)
{
    struct rfd_error error = RFD_ERROR_INIT;
    bool found = false;
    refresh_when_due(client);
    if (client->metadata == NULL) return POLL;
    rfd_status status = store_read(client->store, look, &found, &error);
    for (int i = 0; i < AT_ONCE && found && status == RFD_OK; i++) status = do_one(client, &found, &error);
    if (status == RFD_OK) return POLL;
    log_failure(LOG_WARNING, "provider", "the database, when people come back from the OpenID provider", &error);
    return FIRST_PAUSE_SECONDS * 1000;
}
