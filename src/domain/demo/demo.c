/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/demo/demo_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "domain/organisation/organisation.h"

#define MINUTE   (60 * RFD_SECOND)
#define DAY      (24 * 60 * MINUTE)
#define LONG_AGO (400 * DAY) /* before now: when everybody began */

static const struct demo_unit {
    const char *code, *parent, *abbreviation, *name;
} units[] = {
#define DEMO_UNIT(code, parent, abbreviation, name) {code, parent, abbreviation, name},
#include "domain/demo/demo_data.def"
#undef DEMO_UNIT
};
static const struct demo_person {
    const char *document, *number, *given_names, *surname, *second_surname, *unit, *position;
    bool head;
} people[] = {
#define DEMO_PERSON(document, number, given, surname, second, unit, position, head)                                    \
    {document, number, given, surname, second, unit, position, head},
#include "domain/demo/demo_data.def"
#undef DEMO_PERSON
};
static const struct demo_role {
    const char *number;
    enum role role;
    const char *unit;
} roles[] = {
#define DEMO_ROLE(number, role, unit) {number, ROLE_##role, unit},
#include "domain/demo/demo_data.def"
#undef DEMO_ROLE
};
static const struct demo_account {
    const char *number;
    char prefix;
    enum account_level level;
    const char *title;
} accounts[] = {
#define DEMO_ACCOUNT(number, prefix, level, title) {number, prefix, level, title},
#include "domain/demo/demo_data.def"
#undef DEMO_ACCOUNT
};
enum demo_progress { DEMO_DRAFT, DEMO_SENT, DEMO_APPROVED, DEMO_REJECTED };
static const struct demo_request {
    const char *number;
    enum role role;
    const char *unit;
    enum demo_progress progress;
    const char *reason, *decision;
} requests[] = {
#define DEMO_REQUEST(number, role, unit, progress, reason, decision)                                                   \
    {number, ROLE_##role, unit, progress, reason, decision},
#include "domain/demo/demo_data.def"
#undef DEMO_REQUEST
};
enum {
    REQUESTS = sizeof requests / sizeof *requests,
    UNITS = sizeof units / sizeof *units,
    PEOPLE = sizeof people / sizeof *people,
    ROLE_ROWS = sizeof roles / sizeof *roles,
    ACCOUNTS = sizeof accounts / sizeof *accounts
};

static size_t person_row(const char *number)
{
    size_t i = 0;
    while (i < PEOPLE && strcmp(people[i].number, number) != 0) i++;
    return i;
}

int64_t demo_person(const struct filling *f, const char *number)
{
    size_t row = person_row(number);
    return row < PEOPLE ? f->people[row] : 0;
}

int64_t demo_unit(const struct filling *f, const char *code)
{
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(units[i].code, code) == 0) return f->units[i];
    }
    return 0;
}

rfd_status demo_tell(rfd_status status, const struct faults *faults, const char *what, struct rfd_error *error)
{
    if (status != RFD_E_INVALID || faults->count == 0) return status;
    return error_set(error, RFD_E_INTERNAL, "demonstration data, %s: %s: %s", what, faults->items[0].field,
                     faults->items[0].message);
}

/* ---- The organisation ---- */

static rfd_status put_entity(struct transaction *t, struct filling *f, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    const struct entity entity = {.name = SLICE("Municipalidad Provincial de Valdehierro (inventada)"),
                                  .short_name = SLICE("MPV"),
                                  .country = SLICE(DEMO_COUNTRY),
                                  .tax_number = SLICE("20000000001"),
                                  .domains = SLICE(DEMO_MAIL)};
    return demo_tell(entity_put(t, &f->actor, &entity, &faults, &f->entity, error), &faults, "entity", error);
}

static rfd_status put_units(struct transaction *t, struct filling *f, struct rfd_error *error)
{
    for (size_t i = 0; i < UNITS; i++) {
        struct faults faults = {.count = 0};
        const struct unit unit = {.entity = f->entity,
                                  .parent = demo_unit(f, units[i].parent),
                                  .code = slice_text(units[i].code),
                                  .abbreviation = slice_text(units[i].abbreviation),
                                  .name = slice_text(units[i].name)};
        TRY(demo_tell(unit_put(t, &f->actor, &unit, &faults, &f->units[i], error), &faults, units[i].code, error));
    }
    return RFD_OK;
}

static rfd_status appoint(struct transaction *t, struct filling *f, size_t row, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    int64_t number = 0;
    const struct demo_person *p = &people[row];
    const struct position position = {.unit = demo_unit(f, p->unit), .name = slice_text(p->position), .head = p->head};
    if (p->unit[0] == '\0') return RFD_OK;
    TRY(demo_tell(position_put(t, &f->actor, &position, &faults, &number, error), &faults, p->position, error));
    const struct appointment appointment = {.person = f->people[row],
                                            .position = number,
                                            .from = f->now - LONG_AGO,
                                            .to = RFD_TIME_NONE,
                                            .document = SLICE("Resolución 001-2025 (inventada)")};
    return demo_tell(appointment_put(t, &f->actor, &appointment, &faults, &number, error), &faults, p->number, error);
}

static rfd_status put_person(struct transaction *t, struct filling *f, size_t row, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    const struct demo_person *p = &people[row];
    const char *mail = arena_print(store_arena(t), "persona%s@" DEMO_MAIL, p->number + 5);
    const char *mobile = arena_print(store_arena(t), "+51900000%s", p->number + 5);
    if (mail == NULL || mobile == NULL) return arena_failed(store_arena(t), error);
    const struct person person = {.country = SLICE(DEMO_COUNTRY),
                                  .document = slice_text(p->document),
                                  .number = slice_text(p->number),
                                  .given_names = slice_text(p->given_names),
                                  .surname = slice_text(p->surname),
                                  .second_surname = slice_text(p->second_surname),
                                  .mail = slice_text(mail),
                                  .mobile = slice_text(mobile),
                                  .language = SLICE("es")};
    TRY(demo_tell(person_put(t, &f->actor, f->options->packs, &person, &faults, &f->people[row], error), &faults,
                  p->number, error));
    return appoint(t, f, row, error);
}

/* ---- Roles and accounts ---- */

static rfd_status grant_roles(struct transaction *t, struct filling *f, struct rfd_error *error)
{
    for (size_t i = 0; i < ROLE_ROWS; i++) {
        int64_t id = 0;
        int64_t unit = demo_unit(f, roles[i].unit);
        const struct role_assignment assignment = {.person = demo_person(f, roles[i].number),
                                                   .role = roles[i].role,
                                                   .entity = unit == 0 ? 0 : f->entity,
                                                   .unit = unit,
                                                   .from = f->now - LONG_AGO,
                                                   .to = RFD_TIME_NONE};
        TRY(role_grant(t, &f->actor, &assignment, &id, error));
    }
    return RFD_OK;
}

static rfd_status put_account(struct transaction *t, struct filling *f, const struct demo_account *a,
                              struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct account made;
    int64_t id = 0;
    const struct account account = {.person = demo_person(f, a->number), .level = a->level, .language = SLICE("es")};
    const struct account_settings *settings = f->options->account;
    TRY(demo_tell(account_create(t, &f->actor, settings, &account, a->prefix, &faults, &id, error), &faults, a->number,
                  error));
    TRY(demo_tell(account_set_password(t, &f->actor, settings, id, SLICE(DEMO_PASSWORD), false, &faults, error),
                  &faults, a->number, error));
    TRY(account_find(t, id, &made, error));
    if (a->title[0] == '\0') return RFD_OK;
    const struct demo_person *p = &people[person_row(a->number)];
    buf_put_slice(&f->list, made.code);
    buf_print(&f->list, "," DEMO_PASSWORD ",\"%s: %s %s\"\n", a->title, p->given_names, p->surname);
    return RFD_OK;
}

/* ---- Requests of roles ---- */

rfd_status demo_actor(struct transaction *t, const struct filling *f, enum role role, const char *unit,
                      struct actor *out, struct rfd_error *error)
{
    struct store_rows rows;
    size_t i = 0;
    while (i < ROLE_ROWS && (roles[i].role != role || strcmp(roles[i].unit, unit) != 0)) i++;
    if (i == ROLE_ROWS) return error_set(error, RFD_E_INTERNAL, "demonstration data: nobody has this role in %s", unit);
    struct actor actor = {
        .person = demo_person(f, roles[i].number), .level = LEVEL_ADVANCED, .methods = METHOD_PASSWORD};
    const struct store_value values[] = {store_integer(actor.person)};
    TRY(store_run(t, "SELECT id, code FROM account WHERE person = $1", values, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_INTERNAL, "demonstration data: no account");
    actor.account = store_cell(&rows, 0, 0)->integer;
    actor.code = store_cell(&rows, 0, 1)->bytes;
    TRY(actor_load_roles(t, actor.person, f->now, store_arena(t), &actor.roles, &actor.role_count, error));
    *out = actor;
    return RFD_OK;
}

static rfd_status decide(struct transaction *t, struct filling *f, const struct demo_request *r, int64_t id,
                         struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct actor approver;
    const struct access_decision decision = {.request = id,
                                             .approve = r->progress == DEMO_APPROVED,
                                             .reason = slice_text(r->decision),
                                             .settings = f->options->access};
    TRY(demo_actor(t, f, ROLE_ACCESS_APPROVER, r->unit, &approver, error));
    return demo_tell(access_request_decide(t, &approver, &decision, &faults, error), &faults, r->number, error);
}

static rfd_status put_request(struct transaction *t, struct filling *f, const struct demo_request *r,
                              struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct actor asker;
    int64_t id = 0;
    TRY(demo_actor(t, f, ROLE_ACCESS_OPERATOR, r->unit, &asker, error));
    const struct access_request request = {
        .subject = demo_person(f, r->number),
        .entity = f->entity,
        .unit = demo_unit(f, r->unit),
        .reason = slice_text(r->reason),
        .lines = {{.role = r->role, .unit = demo_unit(f, r->unit), .from = RFD_TIME_NONE, .to = RFD_TIME_NONE}},
        .line_count = 1};
    TRY(demo_tell(access_request_put(t, &asker, &request, &faults, &id, error), &faults, r->number, error));
    if (r->progress == DEMO_DRAFT) return RFD_OK;
    TRY(demo_tell(access_request_send(t, &asker, id, f->options->access, &faults, error), &faults, r->number, error));
    return r->progress == DEMO_SENT ? RFD_OK : decide(t, f, r, id, error);
}

/* ---- All of it ---- */

static rfd_status is_empty(struct transaction *t, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM entity LIMIT 1", NULL, 0, &rows, error));
    return rows.count == 0 ? RFD_OK : error_set(error, RFD_E_EXISTS, "the installation has an entity already");
}

static rfd_status fill(struct transaction *t, void *context, struct rfd_error *error)
{
    struct filling *f = context;
    buf_reset(&f->list);
    buf_put_text(&f->list, "code,password,title\n");
    TRY(is_empty(t, error));
    TRY(put_entity(t, f, error));
    TRY(put_units(t, f, error));
    for (size_t i = 0; i < PEOPLE; i++) TRY(put_person(t, f, i, error));
    TRY(grant_roles(t, f, error));
    for (size_t i = 0; i < ACCOUNTS; i++) TRY(put_account(t, f, &accounts[i], error));
    /* Nobody needs the links to first passwords: everybody has one. */
    TRY(store_run(t, "DELETE FROM outbox", NULL, 0, NULL, error));
    for (size_t i = 0; i < REQUESTS; i++) TRY(put_request(t, f, &requests[i], error));
    if (f->files != NULL) TRY(demo_registration(t, f, error));
    if (f->options->agent != NULL) TRY(demo_central(t, f, error));
    return buf_check(&f->list, "the list of accounts", error);
}

rfd_status demo_fill(const struct demo_options *options, struct rfd_error *error)
{
    int64_t unit_ids[UNITS], person_ids[PEOPLE];
    struct filling f = {
        .options = options, .actor = actor_system("demo"), .now = clock_now(), .units = unit_ids, .people = person_ids};
    if (options->blobs != NULL) TRY(demo_files_new(options, &f.files, error));
    buf_init(&f.list, 1 << 16);
    rfd_status status = store_write(options->store, fill, &f, error);
    if (status == RFD_OK) status = output_whole(options->accounts, true, buf_slice(&f.list), error);
    buf_dispose(&f.list);
    demo_files_free(f.files);
    return status;
}
