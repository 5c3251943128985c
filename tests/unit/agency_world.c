/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agency_world.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdio.h>

static struct packs *packs;
static struct registration_settings settings;
static struct arena memory;
static unsigned blobs;

static int make(void **state)
{
    struct domain_store *d = *state;
    struct rfd_error error = RFD_ERROR_INIT;
    if (d->store == NULL) return 0;
    if (packs_open(PACKS_FOLDER, &packs, &error) != RFD_OK) fail_msg("%s", error.detail);
    settings = (struct registration_settings){
        .packs = packs, .country = "pe", .link_hours = 72, .return_days = 5, .resend_days = 7, .authority = ""};
    arena_init(&memory, 8 << 20);
    (void)domain_store_run(d->store, "UPDATE entity SET domains = 'example.pe muni.gob.pe'");
    (void)world_grant(d->store, CHIEF, ROLE_CERTIFICATION_LEAD, UNIT_OTI);
    (void)world_grant(d->store, OTHER_CHIEF, ROLE_CERTIFICATION_LEAD, UNIT_OTRA);
    (void)world_grant(d->store, AGENT, ROLE_CERTIFYING_AGENT, UNIT_GM);
    (void)world_grant(d->store, RIVAL, ROLE_CERTIFYING_AGENT, UNIT_GM);
    return 0;
}

int agency_world_sqlite(void **state)
{
    (void)access_world_sqlite(state);
    return make(state);
}

int agency_world_postgresql(void **state)
{
    (void)access_world_postgresql(state);
    return make(state);
}

int agency_world_close(void **state)
{
    packs_close(packs);
    packs = NULL;
    arena_dispose(&memory);
    return access_world_close(state);
}

const struct registration_settings *agency_settings(void)
{
    return &settings;
}

/* ---- Calls ---- */

struct agency_call agency_as(struct store *store, int64_t person)
{
    return (struct agency_call){.actor = world_actor(store, person)};
}

rfd_status agency_run(struct store *store, store_work *work, struct agency_call *c)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = store_write(store, work, c, &error);
    if (status != RFD_OK && status != RFD_E_INVALID && status != RFD_E_FORBIDDEN && status != RFD_E_STATE &&
        status != RFD_E_NOT_FOUND && status != RFD_E_UNAUTHORISED)
        fail_msg("%d: %s: %s", (int)status, error.detail, error.causes[0].detail);
    return status;
}

bool agency_faulty(const struct agency_call *c, const char *field)
{
    for (unsigned i = 0; i < c->faults.count; i++)
        if (strcmp(c->faults.items[i].field, field) == 0) return true;
    return false;
}

/* ---- What the unit does ---- */

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return agency_put(t, &c->actor, &settings, &c->request, &c->faults, &c->id, error);
}

int64_t agency_draft(struct store *store, int64_t person, int64_t unit, const char *kind, const char *motive,
                     rfd_status *status)
{
    struct agency_call c = agency_as(store, person);
    c.request = (struct request){.kind = slice_text(kind),
                                 .motive = slice_text(motive),
                                 .description = SLICE("Para el equipo nuevo"),
                                 .unit = unit,
                                 .language = SLICE("es")};
    rfd_status got = agency_run(store, put, &c);
    if (status != NULL) *status = got;
    return got == RFD_OK ? c.id : 0;
}

struct applicant agency_applicant(int64_t request, const char *number)
{
    return (struct applicant){.request = request,
                              .number = slice_text(number),
                              .given_names = SLICE("Zoila"),
                              .surname = SLICE("Mamani"),
                              .document_issued = MONDAY - 1000 * DAY_LENGTH,
                              .mail = SLICE("zoila@example.pe"),
                              .mobile = SLICE("987654321"),
                              .post = SLICE("Analista"),
                              .way_of_working = SLICE("on-site"),
                              .locality = SLICE("150101"),
                              .installed_at = SLICE("workplace"),
                              .device = SLICE("software"),
                              .installation_at = RFD_TIME_NONE};
}

static rfd_status put_applicant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return agency_put_applicant(t, &c->actor, &settings, &c->applicant, &c->faults, &c->id, error);
}

rfd_status agency_put_one(struct store *store, int64_t person, const struct applicant *a, struct agency_call *c)
{
    *c = agency_as(store, person);
    c->applicant = *a;
    return agency_run(store, put_applicant, c);
}

static rfd_status add_file(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    TRY(blob_record(t, &c->file.blob, error));
    return agency_add_file(t, &c->actor, &settings, c->applicant.id, c->payment.id, &c->file, &c->faults, error);
}

rfd_status agency_file(struct store *store, int64_t person, int64_t applicant, int64_t payment, const char *kind,
                       const char *type)
{
    struct agency_call c = agency_as(store, person);
    c.applicant.id = applicant;
    c.payment.id = payment;
    c.file = (struct evidence_file){.kind = slice_text(kind), .name = SLICE("archivo")};
    c.file.blob.size = 100;
    c.file.blob.type = slice_text(type);
    c.file.blob.wrapped = SLICE("key");
    (void)snprintf(c.file.blob.id, sizeof c.file.blob.id, "%064x", ++blobs);
    return agency_run(store, add_file, &c);
}

int64_t agency_complete(struct store *store, int64_t person, int64_t request, const char *number)
{
    struct agency_call c;
    const struct applicant a = agency_applicant(request, number);
    if (agency_put_one(store, person, &a, &c) != RFD_OK)
        fail_msg("%s: %s", c.faults.items[0].field, c.faults.items[0].message);
    int64_t id = c.id;
    assert_int_equal(agency_file(store, person, id, 0, "signature-image", "image/png"), RFD_OK);
    assert_int_equal(agency_file(store, person, id, 0, "photograph", "image/jpeg"), RFD_OK);
    assert_int_equal(agency_file(store, person, id, 0, "sworn-statement", "application/pdf"), RFD_OK);
    return id;
}

static rfd_status pay(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return payment_put(t, &c->actor, &settings, &c->payment, &c->faults, &c->id, error);
}

rfd_status agency_pay(struct store *store, int64_t person, int64_t request, const char *operation,
                      struct agency_call *c)
{
    *c = agency_as(store, person);
    c->payment = (struct payment){.request = request,
                                  .kind = SLICE("banco-nacion"),
                                  .day = MONDAY - DAY_LENGTH,
                                  .operation = slice_text(operation),
                                  .agency = SLICE("0123"),
                                  .cashier = SLICE("4567"),
                                  .amount = 810};
    return agency_run(store, pay, c);
}

static rfd_status send_it(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    c->faults.count = 0;
    return agency_send(t, &c->actor, &settings, c->id, &c->faults, error);
}

rfd_status agency_send_it(struct store *store, int64_t person, int64_t request, struct agency_call *c)
{
    *c = agency_as(store, person);
    c->id = request;
    return agency_run(store, send_it, c);
}

/* ---- The office ---- */

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct agency_call *c = context;
    return request_take(t, &c->actor, c->id, error);
}

rfd_status agency_take(struct store *store, int64_t person, int64_t request)
{
    struct agency_call c = agency_as(store, person);
    c.id = request;
    return agency_run(store, take, &c);
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agency_call *c = context;
    TRY(request_find(t, c->id, &c->request, error));
    struct applicant *list = arena_zeroed(&memory, c->request.applicant_count + 1, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < c->request.applicant_count; i++) {
        list[i] = c->request.applicants[i];
        slice *texts[] = {&list[i].given_names,
                          &list[i].surname,
                          &list[i].mail,
                          &list[i].mobile,
                          &list[i].post,
                          &list[i].external_approval,
                          &list[i].external_certificate};
        for (size_t n = 0; n < sizeof texts / sizeof *texts; n++) *texts[n] = arena_copy(&memory, *texts[n]);
    }
    c->request.applicants = list;
    slice *texts[] = {&c->request.code, &c->request.kind, &c->request.motive, &c->request.note,
                      &c->request.description};
    for (size_t n = 0; n < sizeof texts / sizeof *texts; n++) *texts[n] = arena_copy(&memory, *texts[n]);
    return RFD_OK;
}

struct request agency_load(struct store *store, int64_t id)
{
    struct agency_call c = {.id = id};
    assert_int_equal(agency_run(store, load, &c), RFD_OK);
    return c.request;
}

enum request_state agency_state(struct store *store, int64_t id)
{
    return agency_load(store, id).state;
}
