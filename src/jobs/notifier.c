/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/notifier.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "domain/central/webhook.h"
#include "jobs/notifier_http.h"
#include "keeper/ask.h"

enum {
    PAUSE = 1000, /* milliseconds */
    LONG_PAUSE = 30000,
    HELD_SECONDS = 60, /* longer than sending takes */
    ARENA_MAXIMUM = 8 << 20,
    TOKEN_MAXIMUM = 128 << 10
};

struct notifier {
    const struct jobs *jobs;
    unsigned failures; /* in a row, of what is not a portal's fault */
};

rfd_status notifier_new(const struct jobs *jobs, struct notifier **out, struct rfd_error *error)
{
    struct notifier *n = memory_zeroed(1, sizeof *n);
    if (n == NULL) return error_memory(error);
    n->jobs = jobs;
    *out = n;
    return RFD_OK;
}

void notifier_free(struct notifier *notifier)
{
    memory_free(notifier);
}

/* ---- The signature ---- */

/** "header..signature" of a compact JWS (RFC 7515 appendix F). */
static const char *detach(slice token, struct arena *a)
{
    const uint8_t *first = token.length == 0 ? NULL : memchr(token.data, '.', token.length);
    if (first == NULL) return NULL;
    slice rest = slice_from(token, (size_t)(first - token.data) + 1);
    const uint8_t *second = rest.length == 0 ? NULL : memchr(rest.data, '.', rest.length);
    if (second == NULL) return NULL;
    slice signature = slice_from(rest, (size_t)(second - rest.data));
    return arena_print(a, "%.*s.%.*s", (int)(first - token.data), (const char *)token.data, (int)signature.length,
                       (const char *)signature.data);
}

static rfd_status sign(const struct notifier *n, slice body, struct arena *a, const char **out, struct rfd_error *error)
{
    struct buf token;
    buf_init(&token, TOKEN_MAXIMUM);
    rfd_status status =
        ask_sign_token(n->jobs->authority.keeper, n->jobs->settings->keys.seal_key, "webhook+jwt", body, &token, error);
    if (status == RFD_OK) *out = detach(buf_slice(&token), a);
    buf_dispose(&token);
    if (status == RFD_OK && *out == NULL) status = arena_failed(a, error);
    return status;
}

/* ---- A round ---- */

struct round {
    struct arena a;
    struct webhook_item items[WEBHOOK_AT_ONCE];
    struct notice notices[WEBHOOK_AT_ONCE];
    size_t index[WEBHOOK_AT_ONCE]; /* of each notice's item */
    size_t count, sent;
    bool settled[WEBHOOK_AT_ONCE];
};

static rfd_status settle(const struct notifier *n, struct round *r, size_t i, long status, const char *why,
                         bool for_good, struct rfd_error *error)
{
    const struct webhook_outcome outcome = {r->items[i].id, status, slice_text(why), for_good};
    r->settled[i] = true;
    return webhook_settle(n->jobs->authority.store, &outcome, error);
}

static rfd_status prepare(const struct notifier *n, struct round *r, struct rfd_error *error)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct webhook_item *item = &r->items[i];
        if (item->address.length == 0) {
            TRY(settle(n, r, i, 0, "the portal was closed, or has no address for notices", true, error));
            continue;
        }
        struct notice *notice = &r->notices[r->sent];
        *notice = (struct notice){.address = arena_text(&r->a, item->address),
                                  .identity = arena_text(&r->a, item->identity),
                                  .event = arena_text(&r->a, item->event),
                                  .body = item->body};
        if (notice->address == NULL || notice->identity == NULL || notice->event == NULL)
            return arena_failed(&r->a, error);
        TRY(sign(n, item->body, &r->a, &notice->signature, error));
        r->index[r->sent++] = i;
    }
    return RFD_OK;
}

static rfd_status tell(const struct notifier *n, struct round *r, struct rfd_error *error)
{
    if (atomic_load(&n->jobs->hurry)) return RFD_E_CANCELLED;
    for (size_t k = 0; k < r->sent; k++) {
        const struct notice *notice = &r->notices[k];
        TRY(settle(n, r, r->index[k], notice->status, notice->why, false, error));
        if (notice->why[0] != '\0')
            log_event(LOG_NOTICE, "webhook-later", "a portal did not take a notice; it is tried again for three days",
                      LOG_NUMBER("webhook", r->items[r->index[k]].id), LOG_TEXT("why", notice->why));
    }
    return RFD_OK;
}

/** Those of which nothing is known. */
static void release(const struct notifier *n, const struct round *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (!r->settled[i] && webhook_release(n->jobs->authority.store, r->items[i].id, NULL) != RFD_OK)
            break; /* they come again when their time is over */
    }
}

static bool may_stay_inside(const struct settings *s)
{
    return s->central.private_webhooks || s->web.demo;
}

static rfd_status run(const struct notifier *n, struct round *r, struct rfd_error *error)
{
    TRY(webhook_take(n->jobs->authority.store, HELD_SECONDS, &r->a, r->items, &r->count, error));
    if (r->count == 0) return RFD_OK;
    rfd_status status = prepare(n, r, error);
    if (status == RFD_OK)
        status = notices_send(r->notices, r->sent, may_stay_inside(n->jobs->settings), &n->jobs->hurry, error);
    if (status == RFD_OK) status = tell(n, r, error);
    if (status != RFD_OK) release(n, r);
    return status;
}

unsigned notifier_run(struct notifier *notifier)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct round *r = memory_zeroed(1, sizeof *r);
    if (r == NULL) return LONG_PAUSE;
    arena_init(&r->a, ARENA_MAXIMUM);
    rfd_status status = run(notifier, r, &error);
    bool more = status == RFD_OK && r->count > 0;
    arena_dispose(&r->a);
    memory_free(r);
    if (status == RFD_OK || status == RFD_E_CANCELLED) {
        notifier->failures = 0;
        return more ? 0 : PAUSE;
    }
    notifier->failures++;
    log_failure(notifier->failures == 1 ? LOG_WARNING : LOG_ERROR, "webhooks",
                "notices to portals could not be sent; they are tried again", &error);
    return notifier->failures > 1 ? LONG_PAUSE : PAUSE;
}
