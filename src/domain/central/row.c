/* SPDX-License-Identifier: EUPL-1.2
 *
 * Operations and their documents as they are stored.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/central/internal.h"
#include "domain/central/webhook.h"

static const struct {
    const char *name, *title, *tone;
} states[] = {
    [SIGNING_NONE] = {"", "", "neutral"},
    [SIGNING_WAITING] = {"waiting", N_("Waits to be signed"), "neutral"},
    [SIGNING_PREPARED] = {"prepared", N_("Prepared to be signed"), "neutral"},
    [SIGNING_SIGNED] = {"signed", N_("Signed by its person"), "good"}, /* es: "Firmada" */
    [SIGNING_PARTLY] = {"partly", N_("Signed in part"), "warn"},       /* es: "Firmada en parte" */
    [SIGNING_CANCELLED] = {"cancelled", N_("Signing cancelled"), "neutral"},
    [SIGNING_EXPIRED] = {"expired", N_("Not signed in time"), "neutral"},
    [SIGNING_FAILED] = {"failed", N_("Could not be signed"), "bad"},
};
static const size_t state_count = sizeof states / sizeof *states;

const char *signing_state_name(enum signing_state state)
{
    return (unsigned)state < state_count ? states[state].name : "";
}

const char *signing_state_title(enum signing_state state)
{
    return (unsigned)state < state_count ? states[state].title : "";
}

const char *signing_state_tone(enum signing_state state)
{
    return (unsigned)state < state_count ? states[state].tone : "neutral";
}

enum signing_state signing_state_from(slice name)
{
    for (size_t i = SIGNING_WAITING; i < state_count; i++) {
        if (slice_is(name, states[i].name)) return (enum signing_state)i;
    }
    return SIGNING_NONE;
}

/* ---- Reading ---- */

#define COLUMNS                                                                                                        \
    "SELECT id, coalesce(portal, 0), coalesce(account, 0), coalesce(person, 0), token, holder, purpose, reference, "   \
    "state, level, visible, page, reason, location, return_address, error_address, credential, created, ends, "        \
    "concluded, statement, operation, operation_text, failure, coalesce(certificate, 0), busy FROM signing "

static void read_row(const struct store_value *v, rfd_time now, struct signing_row *out)
{
    *out = (struct signing_row){.s = {.id = v[0].integer,
                                      .portal = v[1].integer,
                                      .account = v[2].integer,
                                      .person = v[3].integer,
                                      .token = v[4].bytes,
                                      .holder = v[5].bytes,
                                      .purpose = v[6].bytes,
                                      .reference = v[7].bytes,
                                      .state = signing_state_from(v[8].bytes),
                                      .options = {.visible = v[10].integer != 0,
                                                  .page = v[11].bytes,
                                                  .reason = v[12].bytes,
                                                  .location = v[13].bytes},
                                      .return_address = v[14].bytes,
                                      .error_address = v[15].bytes,
                                      .credential = v[16].bytes,
                                      .created = v[17].integer,
                                      .ends = v[18].integer,
                                      .concluded = store_moment_of(&v[19]),
                                      .statement = v[20].bytes},
                                .operation = v[21].bytes,
                                .text = v[22].bytes,
                                .failure = v[23].bytes,
                                .certificate = v[24].integer,
                                .busy = store_moment_of(&v[25])};
    out->s.options.level = (int)v[9].integer == SIGNING_B_T     ? SIGNING_B_T
                           : (int)v[9].integer == SIGNING_B_LT  ? SIGNING_B_LT
                           : (int)v[9].integer == SIGNING_B_LTA ? SIGNING_B_LTA
                                                                : SIGNING_B_B;
    out->s.own_key = out->certificate != 0 && out->s.credential.length == 0;
    if (out->busy != RFD_TIME_NONE && out->busy <= now) out->busy = RFD_TIME_NONE;
    if (signing_is_waiting(out->s.state) && out->busy == RFD_TIME_NONE && out->s.ends <= now)
        out->s.state = SIGNING_EXPIRED;
}

/** Page, anchor, x, y, and whether it is the document's alone. */
static struct signing_place read_place(const struct store_value *v)
{
    struct signing_place p = {.page = (unsigned)v[0].integer, .own = v[4].integer != 0};
    if (v[1].integer >= 0) {
        p.kind = SIGNING_PLACE_ANCHOR;
        p.anchor = (unsigned)v[1].integer;
    } else if (v[2].integer >= 0 && v[3].integer >= 0) {
        p.kind = SIGNING_PLACE_POSITION;
        p.x = (unsigned)v[2].integer;
        p.y = (unsigned)v[3].integer;
    }
    return p;
}

static rfd_status read_documents(struct transaction *t, struct signing_row *r, struct rfd_error *error)
{
    const struct store_value key = store_integer(r->s.id);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id, place, title, blob, size, pages, coalesce(result, ''), failure, prepared, session, "
                  "coalesce(stamp_page, 0), coalesce(stamp_anchor, -1), coalesce(stamp_x, -1), coalesce(stamp_y, -1), "
                  "coalesce(stamp_own, FALSE) "
                  "FROM signing_document WHERE signing = $1 ORDER BY place",
                  &key, 1, &rows, error));
    r->s.documents = arena_zeroed(store_arena(t), rows.count + 1, sizeof *r->s.documents);
    r->prepared = arena_zeroed(store_arena(t), rows.count + 1, sizeof *r->prepared);
    r->sessions = arena_zeroed(store_arena(t), rows.count + 1, sizeof *r->sessions);
    if (r->s.documents == NULL || r->prepared == NULL || r->sessions == NULL)
        return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        r->s.documents[i] = (struct signing_document){.id = v[0].integer,
                                                      .place = (unsigned)v[1].integer,
                                                      .title = v[2].bytes,
                                                      .blob = v[3].bytes,
                                                      .size = (uint64_t)v[4].integer,
                                                      .pages = (unsigned)v[5].integer,
                                                      .result = v[6].bytes,
                                                      .failure = v[7].bytes,
                                                      .stamp = read_place(v + 10)};
        r->prepared[i] = v[8].bytes;
        r->sessions[i] = v[9].bytes;
    }
    r->s.count = rows.count;
    return RFD_OK;
}

rfd_status signing_load(struct transaction *t, slice token, int64_t id, rfd_time now, struct signing_row *out,
                        struct rfd_error *error)
{
    const struct store_value key = token.length > 0 ? store_text(token) : store_integer(id);
    struct store_rows rows;
    if (token.length > SIGNING_TOKEN_SIZE) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    TRY(store_run(t, token.length > 0 ? COLUMNS "WHERE token = $1" : COLUMNS "WHERE id = $1", &key, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    read_row(store_cell(&rows, 0, 0), now, out);
    return read_documents(t, out, error);
}

static rfd_status keep_documents(struct arena *a, struct signing_row *r, struct rfd_error *error)
{
    size_t count = r->s.count + 1;
    struct signing_document *documents = arena_zeroed(a, count, sizeof *documents);
    slice *prepared = arena_zeroed(a, count, sizeof *prepared);
    slice *sessions = arena_zeroed(a, count, sizeof *sessions);
    if (documents == NULL || prepared == NULL || sessions == NULL) return arena_failed(a, error);
    for (size_t i = 0; i < r->s.count; i++) {
        documents[i] = r->s.documents[i];
        prepared[i] = r->prepared[i];
        sessions[i] = r->sessions[i];
        slice *const texts[] = {&documents[i].title,   &documents[i].blob, &documents[i].result,
                                &documents[i].failure, &prepared[i],       &sessions[i]};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) TRY(store_keep(a, texts[k], error));
    }
    r->s.documents = documents;
    r->prepared = prepared;
    r->sessions = sessions;
    return RFD_OK;
}

rfd_status signing_keep(struct arena *a, struct signing_row *row, struct rfd_error *error)
{
    struct signing *s = &row->s;
    slice *const texts[] = {&s->token,          &s->holder,           &s->purpose,    &s->reference,
                            &s->return_address, &s->error_address,    &s->credential, &s->options.page,
                            &s->options.reason, &s->options.location, &s->statement,  &row->operation,
                            &row->text,         &row->failure};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(a, texts[i], error));
    return keep_documents(a, row, error);
}

/* ---- Whose, and ends ---- */

rfd_status signing_check_owner(const struct signing *s, const struct actor *actor, struct rfd_error *error)
{
    if (actor->person != 0 && s->person == actor->person) return RFD_OK;
    return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
}

rfd_status signing_end(struct transaction *t, const struct actor *actor, const struct signing *s,
                       enum signing_state state, const char *action, rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(s->id), store_text(slice_text(signing_state_name(state))),
                                         store_integer(now)};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE signing SET state = $2, concluded = $3, busy = NULL WHERE id = $1 AND state IN ('waiting', "
                  "'prepared') AND (busy IS NULL OR busy <= $3)",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it is concluded, or being signed");
    TRY(webhook_put(t, s, state, now, error));
    slice detail = central_detail(t, "state", slice_text(signing_state_name(state)), NULL, SLICE_EMPTY);
    return central_audit(t, actor, action, "signing", s->id, detail, error);
}
