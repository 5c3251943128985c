/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/conclusion.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/authority/register.h"
#include "domain/central/webhook.h"

#include <time.h>
#include <unistd.h>

enum { BUSY_SECONDS = 120, WAIT_MILLISECONDS = 100, WAITS = 10 * (BUSY_SECONDS + 5) };

struct claiming {
    struct conclusion *w;
    const struct conclusion_way *way;
};

/* ---- Claim ---- */

static rfd_status check_certificate(struct transaction *t, const struct conclusion *w, rfd_time now,
                                    struct rfd_error *error)
{
    struct certificate_row certificate;
    TRY(register_get(t, w->row.certificate, store_arena(t), &certificate, error));
    if (certificate.state == CERTIFICATE_REVOKED || certificate.state == CERTIFICATE_HELD)
        return error_set(error, RFD_E_CERTIFICATE_REVOKED, "since it was chosen");
    return now < certificate.not_after ? RFD_OK : error_set(error, RFD_E_CERTIFICATE_EXPIRED, NULL);
}

static rfd_status claim(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct claiming *claiming = context;
    struct conclusion *w = claiming->w;
    rfd_time now = clock_now();
    struct store_rows rows;
    TRY(signing_load(t, w->token, 0, now, &w->row, error));
    TRY(signing_check_owner(&w->row.s, w->actor, error));
    enum signing_state state = w->row.s.state;
    w->done = state == SIGNING_SIGNED || state == SIGNING_PARTLY;
    w->wait = !w->done && w->row.busy != RFD_TIME_NONE;
    if (w->done || w->wait) return RFD_OK;
    if (state == SIGNING_EXPIRED) return error_set(error, RFD_E_ACTIVATION_ENDED, "the time to sign is over");
    if (state != SIGNING_PREPARED) return error_set(error, RFD_E_STATE, "it is %s", signing_state_name(state));
    if (!slice_equal(w->row.operation, w->operation))
        return error_set(error, RFD_E_ACTIVATION_ENDED, "it was prepared again since");
    TRY(check_certificate(t, w, now, error));
    if (claiming->way->check != NULL) TRY(claiming->way->check(t, w, claiming->way->context, error));
    const struct store_value values[] = {store_integer(w->row.s.id), store_integer(now),
                                         store_integer(now + BUSY_SECONDS * RFD_SECOND)};
    TRY(store_run(
        t,
        "UPDATE signing SET busy = $3, failure = '' WHERE id = $1 AND state = 'prepared' AND (busy IS NULL OR "
        "busy <= $2)",
        values, 3, &rows, error));
    w->wait = rows.changed == 0;
    return signing_keep(w->a, &w->row, error);
}

static rfd_status status_of(slice name)
{
    for (rfd_status s = RFD_OK + 1; s < RFD_STATUS_COUNT; s++) {
        if (slice_is(name, rfd_status_name(s))) return s;
    }
    return RFD_E_STATE;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct conclusion *w = context;
    TRY(signing_load(t, w->token, 0, clock_now(), &w->row, error));
    return signing_keep(w->a, &w->row, error);
}

/** Until the other one is through: its result is ours, and so is its failure. */
static rfd_status wait_for_other(struct conclusion *w, struct rfd_error *error)
{
    static const struct timespec pause = {.tv_nsec = WAIT_MILLISECONDS * 1000000L};
    struct arena_mark mark = arena_mark(w->a);
    for (unsigned i = 0; i < WAITS; i++) {
        (void)nanosleep(&pause, NULL);
        arena_release(w->a, mark);
        TRY(store_read(w->c->store, look, w, error));
        if (w->row.busy != RFD_TIME_NONE) continue;
        if (w->row.s.state == SIGNING_SIGNED || w->row.s.state == SIGNING_PARTLY) return RFD_OK;
        if (w->row.failure.length > 0)
            return error_set(error, status_of(w->row.failure), "of the same form, sent before");
        return error_set(error, RFD_E_ACTIVATION_ENDED, "whoever was signing did not end");
    }
    return error_set(error, RFD_E_BUSY, "it is being signed");
}

static rfd_status release(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct conclusion *w = context;
    const struct store_value values[] = {store_integer(w->row.s.id), store_text(slice_text(w->failure))};
    return store_run(t, "UPDATE signing SET busy = NULL, failure = $2 WHERE id = $1 AND state = 'prepared'", values, 2,
                     NULL, error);
}

/** Nobody has to wait for the claim to end. */
static void let_go(struct conclusion *w, rfd_status why)
{
    w->failure = rfd_status_name(why);
    if (store_write(w->c->store, release, w, NULL) != RFD_OK) { /* then it ends by itself */
    }
}

/* ---- Check ---- */

rfd_status conclusion_differs(const struct conclusion *w, size_t i, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_HASH_NOT_AUTHORISED, "%s of document %u", what, w->row.s.documents[i].place);
}

bool conclusion_is_due(const struct conclusion *w, size_t i)
{
    return w->row.s.documents[i].result.length == 0 && w->row.prepared[i].length > 0;
}

rfd_status conclusion_check_shown(const struct conclusion *w, size_t i, const uint8_t shown[OPERATION_HASH_SIZE],
                                  slice title, struct rfd_error *error)
{
    uint8_t hash[OPERATION_HASH_SIZE], blob[OPERATION_HASH_SIZE];
    const struct signing_document *d = &w->row.s.documents[i];
    const char *path = spool_path(w->c, w->row.prepared[i], w->a);
    if (d->blob.length != 2 * sizeof blob || !number_hex(d->blob, blob) || memcmp(blob, shown, sizeof blob) != 0 ||
        !slice_equal(d->title, title))
        return conclusion_differs(w, i, "the content", error);
    if (path == NULL) return error_set(error, RFD_E_ACTIVATION_ENDED, "a prepared file is not here");
    rfd_status status = spool_hash(path, d->size, hash, error);
    if (status == RFD_E_IO_READ) return error_set(error, RFD_E_ACTIVATION_ENDED, "a prepared file is not here");
    TRY(status);
    return memcmp(hash, shown, sizeof hash) == 0 ? RFD_OK : conclusion_differs(w, i, "the prepared file", error);
}

/* ---- Embed ---- */

static rfd_status keep_result(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct conclusion *w = context;
    const struct signing_document *d = &w->row.s.documents[w->document];
    slice result = slice_text(w->blob.id);
    const struct store_value values[] = {store_integer(d->id), store_text(result)};
    const struct store_value busy[] = {store_integer(w->row.s.id),
                                       store_integer(clock_now() + BUSY_SECONDS * RFD_SECOND)};
    struct store_rows rows;
    const char *use =
        arena_print(store_arena(t), "%.*s · %.*s · %.*s", (int)w->asker.length, (const char *)w->asker.data,
                    (int)d->title.length, (const char *)d->title.data, (int)d->blob.length, (const char *)d->blob.data);
    if (use == NULL) return arena_failed(store_arena(t), error);
    TRY(blob_record(t, &w->blob, error));
    TRY(store_run(t, "UPDATE signing_document SET result = $2, failure = '' WHERE id = $1 AND result IS NULL", values,
                  2, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it was signed meanwhile");
    TRY(store_run(t, "UPDATE signing SET busy = $2 WHERE id = $1 AND state = 'prepared'", busy, 2, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it was concluded meanwhile");
    TRY(holding_used(t, w->row.certificate, "signature", slice_text(use), error));
    return central_audit(t, w->actor, "signing.document", "signing", w->row.s.id,
                         central_detail(t, "document", d->blob, "result", result), error);
}

static rfd_status keep_failure(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct conclusion *w = context;
    const struct store_value values[] = {store_integer(w->row.s.documents[w->document].id),
                                         store_text(slice_text(w->failure))};
    return store_run(t, "UPDATE signing_document SET failure = $2 WHERE id = $1 AND result IS NULL", values, 2, NULL,
                     error);
}

static rfd_status embed(struct conclusion *w, size_t k, struct rfd_error *error)
{
    char name[SPOOL_NAME_SIZE];
    size_t i = w->index[k];
    TRY(spool_name(name, error));
    const char *prepared = spool_path(w->c, w->row.prepared[i], w->a);
    const char *output = spool_path(w->c, slice_text(name), w->a);
    if (prepared == NULL || output == NULL) return arena_failed(w->a, error);
    TRY(rfd_embed_file(prepared, output, w->row.sessions[i], w->signatures[k], &w->options.options, NULL, error));
    rfd_status status = spool_take_blob(w->c, output, w->a, &w->blob, error);
    (void)unlink(output);
    w->document = i;
    return status == RFD_OK ? store_write(w->c->store, keep_result, w, error) : status;
}

static void embed_all(struct conclusion *w)
{
    for (size_t k = 0; k < w->count; k++) {
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status status = embed(w, k, &error);
        if (status == RFD_OK) continue;
        if (w->failed == RFD_OK) w->why = error;
        if (w->failed == RFD_OK) w->failed = status;
        w->document = w->index[k];
        w->failure = rfd_status_name(status);
        if (store_write(w->c->store, keep_failure, w, NULL) != RFD_OK) { /* what follows fails, too */
        }
    }
}

/* ---- Conclude ---- */

static rfd_status put_documents(struct transaction *t, const struct signing *s, slice *out, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < s->count; i++) {
        if (s->documents[i].result.length == 0) continue;
        buf_print(&b, "%s- %.*s", b.length == 0 ? "" : "\n", (int)s->documents[i].title.length,
                  (const char *)s->documents[i].title.data);
    }
    rfd_status status = buf_check(&b, "documents", error);
    if (status == RFD_OK) *out = arena_copy(store_arena(t), buf_slice(&b));
    buf_dispose(&b);
    if (status == RFD_OK && out->data == NULL) status = arena_failed(store_arena(t), error);
    return status;
}

static rfd_status tell(struct transaction *t, const struct conclusion *w, const struct signing *s, rfd_time now,
                       struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct view *view = view_new(a);
    struct civil day = zone_civil(w->c->zone, now);
    const char *when = arena_print(a, "%02d/%02d/%04d %02d:%02d", day.day, day.month, day.year, day.hour, day.minute);
    const char *link = arena_print(a, CENTRAL_PAGE_SIGNING "%.*s", (int)s->token.length, (const char *)s->token.data);
    const char *once = arena_print(a, "%lld", (long long)s->id);
    slice documents;
    if (view == NULL || when == NULL || link == NULL || once == NULL) return arena_failed(a, error);
    TRY(put_documents(t, s, &documents, error));
    view_text(view, "portal", w->asker);
    view_text(view, "documents", documents);
    view_string(view, "when", when);
    view_string(view, "link", link);
    return request_mail_person(t, "central-signed", s->person, view, once, error);
}

static rfd_status conclude(struct transaction *t, void *context, struct rfd_error *error)
{
    struct conclusion *w = context;
    rfd_time now = clock_now();
    struct signing_row row;
    struct store_rows rows;
    size_t made = 0;
    TRY(signing_load(t, w->token, 0, now, &row, error));
    for (size_t i = 0; i < row.s.count; i++) made += row.s.documents[i].result.length > 0;
    w->done = made > 0;
    w->failure = rfd_status_name(w->failed);
    if (!w->done) return release(t, w, error);
    enum signing_state state = made == row.s.count ? SIGNING_SIGNED : SIGNING_PARTLY;
    slice name = slice_text(signing_state_name(state));
    const struct store_value values[] = {store_integer(row.s.id), store_text(name), store_integer(now)};
    TRY(store_run(t, "UPDATE signing SET state = $2, concluded = $3, busy = NULL WHERE id = $1 AND state = 'prepared'",
                  values, 3, &rows, error));
    if (rows.changed == 0) return RFD_OK; /* somebody else has */
    TRY(webhook_put(t, &row.s, state, now, error));
    const char *by;
    slice signer = central_signer(t, row.s.credential, row.certificate, &by);
    TRY(central_audit(t, w->actor, "signing.conclude", "signing", row.s.id,
                      central_detail(t, "state", name, by, signer), error));
    return tell(t, w, &row.s, now, error);
}

static rfd_status work(struct conclusion *w, const struct conclusion_way *way, struct rfd_error *error)
{
    rfd_status status = sign_options_make(w->c, &w->row.s, w->a, &w->options, error);
    if (status == RFD_OK) status = way->sign(w, way->context, error);
    if (status != RFD_OK) {
        let_go(w, status);
        return status;
    }
    embed_all(w);
    TRY(store_write(w->c->store, conclude, w, error));
    if (!w->done) {
        if (error != NULL) *error = w->why;
        return w->failed;
    }
    for (size_t i = 0; i < w->row.s.count; i++) spool_remove(w->c, w->row.prepared[i]);
    return RFD_OK;
}

rfd_status conclusion_run(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                          slice operation, const struct conclusion_way *way, struct signing *out,
                          struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct conclusion *w = arena_zeroed(a, 1, sizeof *w);
    if (w == NULL) return arena_failed(a, error);
    *w = (struct conclusion){
        .c = c, .actor = actor, .a = a, .token = token, .operation = operation, .why = RFD_ERROR_INIT};
    struct claiming claiming = {w, way};
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (token.length == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    TRY(store_write(c->store, claim, &claiming, error));
    if (w->wait)
        TRY_OUT(wait_for_other(w, error));
    else if (!w->done)
        TRY_OUT(work(w, way, error));
    TRY_OUT(store_read(c->store, look, w, error));
    *out = w->row.s;
out:
    sign_options_dispose(&w->options);
    return status;
}
