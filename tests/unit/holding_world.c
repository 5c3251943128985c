/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "holding_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "domain/authority/register.h"
#include "issue_support.h"

#include <stdio.h>

enum { TEXT_MAXIMUM = 8 << 10, YEAR = 365 };

static struct registration_settings settings;
static struct authority_domain domain;
static struct identity authority_key, identities[PEOPLE];
static int64_t authority;

static int make(void **state)
{
    struct domain_store *d = *state;
    struct rfd_error error = RFD_ERROR_INIT;
    if (d->store == NULL) return 0;
    settings = *agency_settings();
    domain = (struct authority_domain){.store = d->store, .packs = settings.packs};
    authority_key = identity_new("P-256", "Authority", NULL, NULL);
    struct authority a = {.name = SLICE("emisora"), .certificate = authority_key.certificate->der};
    if (authority_add(&domain, SLICE("admin:test"), &a, &error) != RFD_OK) fail_msg("%s", error.detail);
    authority = a.id;
    (void)world_grant(d->store, ELSEWHERE, ROLE_CERTIFYING_AGENT, UNIT_OTRA);
    return 0;
}

int holding_world_sqlite(void **state)
{
    (void)agency_world_sqlite(state);
    return make(state);
}

int holding_world_postgresql(void **state)
{
    (void)agency_world_postgresql(state);
    return make(state);
}

int holding_world_close(void **state)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        if (identities[i].key != NULL) identity_free(&identities[i]);
        identities[i] = (struct identity){.key = NULL};
    }
    if (authority_key.key != NULL) identity_free(&authority_key);
    authority_key = (struct identity){.key = NULL};
    return agency_world_close(state);
}

const struct registration_settings *holding_settings(void)
{
    return &settings;
}

struct authority_domain *holding_authority(struct store *store)
{
    domain.store = store;
    return &domain;
}

/* ---- Certificates ---- */

struct putting {
    int64_t person, agent, unit;
    const char *profile;
    struct certificate_row row;
};

static rfd_status enter(struct transaction *t, struct putting *p, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct person person;
    TRY(person_find(t, p->person, &person, error));
    slice name = person_full_name(&person, a);
    p->row = (struct certificate_row){
        .authority = authority,
        .serial = identities[p->person].certificate->serial,
        .profile = slice_text(p->profile),
        .subject = slice_text(arena_print(a, "%.*s (IDCPE-%.*s)", (int)name.length, (const char *)name.data,
                                          (int)person.number.length, (const char *)person.number.data)),
        .subject_id =
            slice_text(arena_print(a, "IDCPE-%.*s", (int)person.number.length, (const char *)person.number.data)),
        .mail = person.mail,
        .not_before = clock_now() - DAY_LENGTH,
        .not_after = clock_now() + YEAR * DAY_LENGTH,
        .issued_at = clock_now(),
        .revoked_at = RFD_TIME_NONE,
        .invalid_since = RFD_TIME_NONE,
        .der = identities[p->person].certificate->der};
    return register_enter(t, CERTIFICATE_EVENT_ISSUE, SLICE("test"), &p->row, NULL, error);
}

static rfd_status enter_alone(struct transaction *t, void *context, struct rfd_error *error)
{
    return enter(t, context, error);
}

/** As issue.c finishes a request. */
static rfd_status enter_request(struct transaction *t, void *context, struct rfd_error *error)
{
    struct putting *p = context;
    struct actor agent = {.account = p->agent, .person = p->agent, .code = SLICE("U1")};
    struct person person;
    TRY(enter(t, p, error));
    TRY(person_find(t, p->person, &person, error));
    struct applicant applicant = {.person = p->person,
                                  .country = person.country,
                                  .document = person.document,
                                  .number = person.number,
                                  .given_names = person.given_names,
                                  .surname = person.surname,
                                  .mail = person.mail,
                                  .unit = p->unit,
                                  .profile = slice_text(p->profile),
                                  .document_issued = RFD_TIME_NONE,
                                  .installation_at = RFD_TIME_NONE,
                                  .certificate = p->row.id};
    struct request r = {.way = WAY_ONLINE,
                        .kind = SLICE("issue"),
                        .country = SLICE("pe"),
                        .entity = 1,
                        .unit = p->unit,
                        .language = SLICE("es"),
                        .in_person = true,
                        .sent = RFD_TIME_NONE,
                        .taken = RFD_TIME_NONE,
                        .concluded = RFD_TIME_NONE,
                        .due = RFD_TIME_NONE,
                        .taker = p->agent,
                        .applicants = &applicant,
                        .applicant_count = 1};
    const struct request_step ask = {.event = REQUEST_EVENT_ASK, .to = REQUEST_TAKEN, .actor = &agent};
    const struct request_step approve = {.event = REQUEST_EVENT_APPROVE, .actor = &agent};
    const struct request_step issue = {.event = REQUEST_EVENT_ISSUE, .actor = &agent};
    TRY(request_enter(t, settings.zone, &r, &ask, error));
    TRY(request_step(t, &r, &approve, error));
    TRY(request_step(t, &r, &issue, error));
    TRY(holding_enter(t, &r, &r.applicants[0], &p->row, p->agent, error));
    return holding_enter(t, &r, &r.applicants[0], &p->row, p->agent, error); /* twice is once */
}

static int64_t put(struct store *store, struct putting *p, store_work *work)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (identities[p->person].key != NULL) identity_free(&identities[p->person]);
    identities[p->person] = identity_new("P-256", "Person", &authority_key, NULL);
    if (store_write(store, work, p, &error) != RFD_OK) fail_msg("%s: %s", error.detail, error.causes[0].detail);
    return p->row.id;
}

int64_t holding_put(struct store *store, int64_t person, const char *profile)
{
    struct putting p = {.person = person, .profile = profile};
    return put(store, &p, enter_alone);
}

int64_t holding_issue(struct store *store, int64_t person, int64_t agent, int64_t unit)
{
    struct putting p = {.person = person, .agent = agent, .unit = unit, .profile = "pe-natural-person"};
    return put(store, &p, enter_request);
}

const struct identity *holding_identity(int64_t person)
{
    return &identities[person];
}

void holding_sign(int64_t person, slice text, struct buf *out)
{
    issue_sign_text(&identities[person], text, out);
}

/* ---- Calls ---- */

struct holding_call holding_as(struct store *store, int64_t person, int64_t certificate, int64_t of)
{
    static char numbers[PEOPLE][9];
    struct holding_call c = {.actor = world_actor(store, person), .certificate = certificate};
    (void)snprintf(numbers[of], sizeof numbers[of], "%08d", (int)of);
    c.order = (struct revocation_order){
        .certificate = certificate, .number = slice_text(numbers[of]), .reason = SLICE("pin-exposed")};
    buf_init(&c.text, TEXT_MAXIMUM);
    buf_init(&c.signature, TEXT_MAXIMUM);
    return c;
}

void holding_call_end(struct holding_call *c)
{
    buf_dispose(&c->text);
    buf_dispose(&c->signature);
}

static rfd_status text(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_call *c = context;
    buf_reset(&c->text);
    return revocation_text(t, &settings, c->certificate, c->order.reason, clock_now(), &c->text, error);
}

static rfd_status allowed(struct holding_call *c, rfd_status status)
{
    if (status != RFD_OK && status != RFD_E_INVALID && status != RFD_E_FORBIDDEN && status != RFD_E_STATE &&
        status != RFD_E_NOT_FOUND && status != RFD_E_UNAUTHORISED)
        fail_msg("%d: %s: %s", (int)status, c->error.detail, c->error.causes[0].detail);
    return status;
}

void holding_sign_order(struct store *store, struct holding_call *c)
{
    c->error = (struct rfd_error)RFD_ERROR_INIT;
    assert_int_equal(allowed(c, store_read(store, text, c, &c->error)), RFD_OK);
    buf_reset(&c->signature);
    holding_sign(c->actor.person, buf_slice(&c->text), &c->signature);
    c->order.signed_text = buf_slice(&c->text);
    c->order.signature = buf_slice(&c->signature);
}

void holding_advanced(struct holding_call *c)
{
    c->actor.level = LEVEL_ADVANCED;
}

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_call *c = context;
    c->faults.count = 0;
    return revocation_ask(t, &c->actor, &settings, &c->order, &c->faults, &c->request, error);
}

rfd_status holding_ask(struct store *store, struct holding_call *c)
{
    c->error = (struct rfd_error)RFD_ERROR_INIT;
    return allowed(c, store_write(store, ask, c, &c->error));
}

rfd_status holding_revoke(struct store *store, struct holding_call *c)
{
    c->error = (struct rfd_error)RFD_ERROR_INIT;
    c->faults.count = 0;
    return allowed(c, revocation_do(holding_authority(store), &c->actor, &settings, &c->order, &c->faults, &c->request,
                                    &c->error));
}

rfd_status holding_decide(struct store *store, struct holding_call *c, bool revoke)
{
    c->error = (struct rfd_error)RFD_ERROR_INIT;
    c->faults.count = 0;
    return allowed(c, revocation_request_decide(holding_authority(store), &c->actor, &settings, c->request, revoke,
                                                &c->order, &c->faults, &c->error));
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_call *c = context;
    return holding_find(t, &c->actor, &settings, c->certificate, &c->holding, error);
}

rfd_status holding_look(struct store *store, struct holding_call *c)
{
    c->error = (struct rfd_error)RFD_ERROR_INIT;
    return allowed(c, store_read(store, look, c, &c->error));
}

bool holding_faulty(const struct holding_call *c, const char *field)
{
    for (unsigned i = 0; i < c->faults.count; i++)
        if (strcmp(c->faults.items[i].field, field) == 0) return true;
    return false;
}

int64_t holding_state(struct store *store, int64_t certificate)
{
    return world_number(store, "SELECT state FROM certificate_status WHERE certificate = %lld", (long long)certificate);
}

int64_t holding_mails(struct store *store, const char *message)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE name = '%s' AND channel = 0", message);
    return domain_store_number(store, sql);
}
