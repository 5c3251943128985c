/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "access_world.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdio.h>

static struct arena memory;

static const char *const names[PEOPLE] = {"",       "Olga",  "Hugo", "Delia", "Ana",  "Gregorio",
                                          "Gloria", "Oscar", "Otto", "Lucia", "Berta"};
static const int unit_of[PEOPLE] = {0,       UNIT_OTI,  UNIT_OTI,  UNIT_OTI, UNIT_OTI, UNIT_GAF,
                                    UNIT_GM, UNIT_OTRA, UNIT_OTRA, UNIT_GM,  UNIT_OTI};
static const bool head_of[PEOPLE] = {[HEAD] = true, [HEAD_GAF] = true, [HEAD_GM] = true, [OTHER_HEAD] = true};

static void run(struct store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void run(struct store *store, const char *format, ...)
{
    char sql[1024];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(sql, sizeof sql, format, values);
    va_end(values);
    (void)domain_store_run(store, sql);
}

static void make_units(struct store *store)
{
    static const struct {
        int parent;
        const char *code, *path;
    } units[] = {{0, "GM", "/1/"}, {1, "GAF", "/1/2/"}, {2, "OTI", "/1/2/3/"}, {1, "OTRA", "/1/4/"}};
    run(store, "INSERT INTO entity(name, short_name, sort_name, country, tax_number, domains, closed) VALUES "
               "('Municipalidad', 'Muni', 'municipalidad', 'pe', '20131370645', '', FALSE)");
    for (size_t i = 0; i < 4; i++) {
        char parent[16] = "NULL";
        if (units[i].parent != 0) (void)snprintf(parent, sizeof parent, "%d", units[i].parent);
        run(store,
            "INSERT INTO unit(entity, parent, code, abbreviation, name, sort_name, path, closed) VALUES "
            "(1, %s, '%s', '%s', 'Unidad %s', '%s', '%s', FALSE)",
            parent, units[i].code, units[i].code, units[i].code, units[i].code, units[i].path);
        run(store,
            "INSERT INTO position(unit, name, sort_name, head, places, closed) VALUES (%zu, 'Jefatura', 'j', TRUE, 1, FALSE)",
            i + 1);
        run(store,
            "INSERT INTO position(unit, name, sort_name, head, places, closed) VALUES (%zu, 'Analista', 'a', FALSE, 9, FALSE)",
            i + 1);
    }
}

static void make_people(struct store *store)
{
    for (int p = 1; p < PEOPLE; p++) {
        run(store,
            "INSERT INTO person(country, document, number, given_names, surname, second_surname, sort_name, mail, "
            "mobile, language, closed, entity, unit) VALUES ('pe', 'dni', '000000%02d', '%s', 'Quispe', '', "
            "'quispe %s', '%s@example.pe', '', 'es', FALSE, 1, %d)",
            p, names[p], names[p], names[p], unit_of[p]);
        run(store,
            "INSERT INTO appointment(person, position, entity, acting, starts, ends, document) "
            "VALUES (%d, %d, 1, FALSE, 0, NULL, '')",
            p, unit_of[p] * 2 - (head_of[p] ? 1 : 0));
    }
}

static int make(void **state)
{
    struct domain_store *d = *state;
    if (d->store == NULL) return 0;
    arena_init(&memory, 8 << 20);
    clock_fix(MONDAY);
    make_units(d->store);
    make_people(d->store);
    (void)world_grant(d->store, OPERATOR, ROLE_ACCESS_OPERATOR, UNIT_OTI);
    (void)world_grant(d->store, HEAD, ROLE_ACCESS_APPROVER, UNIT_OTI);
    (void)world_grant(d->store, DEPUTY, ROLE_ACCESS_APPROVER, UNIT_OTI);
    (void)world_grant(d->store, HEAD_GAF, ROLE_ACCESS_APPROVER, UNIT_GAF);
    (void)world_grant(d->store, HEAD_GM, ROLE_ACCESS_APPROVER, UNIT_GM);
    (void)world_grant(d->store, OTHER_OPERATOR, ROLE_ACCESS_OPERATOR, UNIT_OTRA);
    (void)world_grant(d->store, OTHER_HEAD, ROLE_ACCESS_APPROVER, UNIT_OTRA);
    (void)world_grant(d->store, LEAD, ROLE_CERTIFICATION_LEAD, UNIT_GM);
    return 0;
}

int access_world_sqlite(void **state)
{
    (void)domain_store_sqlite(state);
    return make(state);
}

int access_world_postgresql(void **state)
{
    (void)domain_store_postgresql(state);
    return make(state);
}

int access_world_close(void **state)
{
    clock_fix(RFD_TIME_NONE);
    arena_dispose(&memory);
    return domain_store_close(state);
}

const struct access_settings *world_settings(void)
{
    static const struct access_settings settings = {
        .reminder_days = 2, .escalation_days = 4, .denial_days = 10, .review_months = 6, .country = "pe"};
    return &settings;
}

/* ---- Work in transactions ---- */

/** What goes wrong otherwise than by the rules fails the test with its reason. */
static rfd_status write_or_fail(struct store *store, store_work *work, void *context)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = store_write(store, work, context, &error);
    if (status != RFD_OK && status != RFD_E_INVALID && status != RFD_E_FORBIDDEN && status != RFD_E_STATE &&
        status != RFD_E_NOT_FOUND)
        fail_msg("%d: %s: %s", (int)status, error.detail, error.causes[0].detail);
    return status;
}

struct work {
    struct actor actor;
    int64_t person, id;
    const struct access_request *request;
    struct faults *faults;
    struct access_decision decision;
    struct role_assignment assignment;
    struct access_request loaded;
};

static rfd_status load_roles(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    return actor_load_roles(t, w->person, clock_now(), &memory, &w->actor.roles, &w->actor.role_count, error);
}

struct actor world_actor(struct store *store, int64_t person)
{
    struct work w = {.person = person, .actor = {.account = person, .person = person, .code = SLICE("U1")}};
    assert_int_equal(store_read(store, load_roles, &w, NULL), RFD_OK);
    return w.actor;
}

static rfd_status grant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    struct actor actor = actor_system("demo");
    return role_grant(t, &actor, &w->assignment, &w->id, error);
}

int64_t world_grant(struct store *store, int64_t person, enum role role, int64_t unit)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct work w = {
        .assignment = {.person = person, .role = role, .unit = unit, .from = clock_now(), .to = RFD_TIME_NONE}};
    if (store_write(store, grant, &w, &error) != RFD_OK) fail_msg("%s", error.detail);
    return w.id;
}

struct access_request world_request(const struct access_line *lines, unsigned count)
{
    struct access_request r = {.subject = ANA, .unit = UNIT_OTI, .reason = SLICE("Proyecto"), .line_count = count};
    for (unsigned i = 0; i < count; i++) r.lines[i] = lines[i];
    return r;
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    if (w->faults != NULL) w->faults->count = 0;
    return access_request_put(t, &w->actor, w->request, w->faults, &w->id, error);
}

rfd_status world_put(struct store *store, int64_t person, const struct access_request *r, struct faults *faults,
                     int64_t *id)
{
    struct work w = {.actor = world_actor(store, person), .request = r, .faults = faults};
    rfd_status status = write_or_fail(store, put, &w);
    *id = w.id;
    return status;
}

static rfd_status send(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    if (w->faults != NULL) w->faults->count = 0;
    return access_request_send(t, &w->actor, w->id, world_settings(), w->faults, error);
}

rfd_status world_send(struct store *store, int64_t person, int64_t id, struct faults *faults)
{
    struct work w = {.actor = world_actor(store, person), .id = id, .faults = faults};
    return write_or_fail(store, send, &w);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    return access_request_cancel(t, &w->actor, w->id, error);
}

rfd_status world_cancel(struct store *store, int64_t person, int64_t id)
{
    struct work w = {.actor = world_actor(store, person), .id = id};
    return write_or_fail(store, cancel, &w);
}

static rfd_status decide(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    if (w->faults != NULL) w->faults->count = 0;
    return access_request_decide(t, &w->actor, &w->decision, w->faults, error);
}

rfd_status world_decide(struct store *store, int64_t person, int64_t id, bool approve, struct faults *faults)
{
    struct work w = {
        .actor = world_actor(store, person),
        .faults = faults,
        .decision = {
            .request = id, .approve = approve, .reason = SLICE("no hace falta"), .settings = world_settings()}};
    return write_or_fail(store, decide, &w);
}

rfd_status world_decide_signed(struct store *store, int64_t person, int64_t id, slice signature, struct faults *faults)
{
    struct work w = {
        .actor = world_actor(store, person),
        .faults = faults,
        .decision = {.request = id, .approve = true, .signature = signature, .settings = world_settings()}};
    return write_or_fail(store, decide, &w);
}

int64_t world_sent(struct store *store, enum role role)
{
    const struct access_line line = {.role = role, .from = RFD_TIME_NONE, .to = RFD_TIME_NONE};
    struct access_request r = world_request(&line, 1);
    struct faults faults = {.count = 0};
    int64_t id;
    rfd_status status = world_put(store, OPERATOR, &r, &faults, &id);
    if (status == RFD_OK) status = world_send(store, OPERATOR, id, &faults);
    if (status != RFD_OK) fail_msg("%d: %s", status, faults.count > 0 ? faults.items[0].message : "");
    return id;
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    TRY(request_load(t, w->id, &w->loaded, error));
    w->loaded.state = arena_copy(&memory, w->loaded.state);
    w->loaded.code = arena_copy(&memory, w->loaded.code);
    w->loaded.decision = arena_copy(&memory, w->loaded.decision);
    w->loaded.signature = arena_copy(&memory, w->loaded.signature);
    w->loaded.signed_text = arena_copy(&memory, w->loaded.signed_text);
    return RFD_OK;
}

struct access_request world_load(struct store *store, int64_t id)
{
    struct work w = {.id = id};
    assert_int_equal(store_read(store, load, &w, NULL), RFD_OK);
    return w.loaded;
}

const char *world_state(struct store *store, int64_t id)
{
    return arena_text(&memory, world_load(store, id).state);
}

size_t world_roles(struct store *store, int64_t person)
{
    return world_actor(store, person).role_count - 1;
}

unsigned world_tick(struct store *store)
{
    struct rfd_error error = RFD_ERROR_INIT;
    unsigned done = 0;
    if (access_tick(store, world_settings(), clock_now(), &done, &error) != RFD_OK)
        fail_msg("%s: %s", error.detail, error.causes[0].detail);
    return done;
}

int64_t world_number(struct store *store, const char *format, long long value)
{
    char sql[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(sql, sizeof sql, format, value);
#pragma GCC diagnostic pop
    return domain_store_number(store, sql);
}
