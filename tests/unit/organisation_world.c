/* SPDX-License-Identifier: EUPL-1.2 */
#include "organisation_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"

#include <stdio.h>

enum { ARENA_MAXIMUM = 16 << 20 };

static struct packs *packs;
static struct house house;

/* ---- The house ---- */

int house_setup(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (folder_setup(state) != 0) return -1;
    if (packs_open(PACKS_FOLDER, &packs, &error) != RFD_OK) fail_msg("%s", error.detail);
    return 0;
}

int house_teardown(void **state)
{
    arena_dispose(&house.arena);
    packs_close(packs);
    clock_fix(RFD_TIME_NONE);
    return folder_teardown(state);
}

struct house *house_open(void **state)
{
    struct store *store = domain_store_of(state);
    const struct entity e = {.name = SLICE("Gobierno de Ejemplo"),
                             .short_name = SLICE("GE"),
                             .country = SLICE("pe"),
                             .tax_number = SLICE("20131312955")};
    arena_dispose(&house.arena);
    house = (struct house){.store = store, .packs = packs, .now = (rfd_time)1795000000 * 1000000};
    arena_init(&house.arena, ARENA_MAXIMUM);
    clock_fix(house.now);
    house_as_system(&house);
    house.entity = house_put_entity(&house, &e, RFD_OK);
    return &house;
}

struct house house_copy(const struct house *h)
{
    struct house copy = *h;
    arena_init(&copy.arena, ARENA_MAXIMUM);
    return copy;
}

void house_copy_end(struct house *h)
{
    arena_dispose(&h->arena);
}

void house_as(struct house *h, const struct actor_role *role)
{
    h->role = *role;
    h->actor = (struct actor){.account = 7,
                              .person = 70000,
                              .code = SLICE("U0007"),
                              .name = SLICE("Prueba"),
                              .level = LEVEL_ADVANCED,
                              .roles = &h->role,
                              .role_count = 1};
}

void house_as_nobody(struct house *h)
{
    h->actor = (struct actor){.account = 0};
}

void house_as_system(struct house *h)
{
    h->actor = actor_system("test");
}

/* ---- Calls in transactions ---- */

struct call {
    struct house *h;
    const void *item;
    int64_t id, other;
    unsigned above;
    rfd_time moment;
    rfd_status (*close)(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error);
    void *out;
};

static rfd_status run(struct house *h, store_work *work, struct call *c)
{
    c->h = h;
    c->id = 0;
    error_clear(&h->error);
    h->faults.count = 0;
    return store_write(h->store, work, c, &h->error);
}

static int64_t expect(struct house *h, store_work *work, const void *item, rfd_status expected)
{
    struct call c = {.item = item};
    rfd_status status = run(h, work, &c);
    if (status != expected) fail_msg("%s: %s", rfd_status_name(status), h->error.detail);
    return status == RFD_OK ? c.id : 0;
}

#define PUT(name)                                                                                                      \
    static rfd_status name##_work(struct transaction *t, void *context, struct rfd_error *error)                       \
    {                                                                                                                  \
        struct call *c = context;                                                                                      \
        c->h->faults.count = 0;                                                                                        \
        return name(t, &c->h->actor, c->item, &c->h->faults, &c->id, error);                                           \
    }
PUT(entity_put)
PUT(unit_put)
PUT(position_put)
PUT(appointment_put)

static rfd_status person_put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->h->faults.count = 0;
    return person_put(t, &c->h->actor, c->h->packs, c->item, &c->h->faults, &c->id, error);
}

int64_t house_put_entity(struct house *h, const struct entity *e, rfd_status expected)
{
    return expect(h, entity_put_work, e, expected);
}

int64_t house_put_unit(struct house *h, const struct unit *u, rfd_status expected)
{
    return expect(h, unit_put_work, u, expected);
}

int64_t house_put_position(struct house *h, const struct position *p, rfd_status expected)
{
    return expect(h, position_put_work, p, expected);
}

int64_t house_put_person(struct house *h, const struct person *p, rfd_status expected)
{
    return expect(h, person_put_work, p, expected);
}

int64_t house_unit(struct house *h, int64_t parent, const char *code, rfd_status expected)
{
    const struct unit u = {.entity = h->entity,
                           .parent = parent,
                           .code = slice_text(code),
                           .abbreviation = slice_text(code),
                           .name = slice_text(code)};
    return house_put_unit(h, &u, expected);
}

int64_t house_position(struct house *h, int64_t unit, const char *name, bool head, rfd_status expected)
{
    const struct position p = {.unit = unit, .name = slice_text(name), .head = head};
    return house_put_position(h, &p, expected);
}

int64_t house_person(struct house *h, const char *dni, rfd_status expected)
{
    const struct person p = {.country = SLICE("pe"),
                             .document = SLICE("dni"),
                             .number = slice_text(dni),
                             .given_names = SLICE("Ana"),
                             .surname = slice_text(dni),
                             .second_surname = SLICE("Ñahui")};
    return house_put_person(h, &p, expected);
}

int64_t house_appoint(struct house *h, int64_t person, int64_t position, bool acting, rfd_time from, rfd_time to,
                      rfd_status expected)
{
    const struct appointment a = {.person = person, .position = position, .acting = acting, .from = from, .to = to};
    return expect(h, appointment_put_work, &a, expected);
}

rfd_status house_try_unit(struct house *h, const struct unit *u)
{
    struct call c = {.item = u};
    return run(h, unit_put_work, &c);
}

rfd_status house_try_appointment(struct house *h, const struct appointment *a)
{
    struct call c = {.item = a};
    return run(h, appointment_put_work, &c);
}

/* ---- Closing ---- */

static rfd_status close_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return c->close(t, &c->h->actor, c->other, error);
}

static rfd_status end_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return appointment_end(t, &c->h->actor, c->other, c->moment, error);
}

static void expect_call(struct house *h, store_work *work, struct call *c, rfd_status expected)
{
    rfd_status status = run(h, work, c);
    if (status != expected) fail_msg("%s: %s", rfd_status_name(status), h->error.detail);
}

void house_end(struct house *h, int64_t appointment, rfd_time moment, rfd_status expected)
{
    expect_call(h, end_work, &(struct call){.other = appointment, .moment = moment}, expected);
}

void house_close_entity(struct house *h, int64_t id, rfd_status expected)
{
    expect_call(h, close_work, &(struct call){.other = id, .close = entity_close}, expected);
}

void house_close_unit(struct house *h, int64_t id, rfd_status expected)
{
    expect_call(h, close_work, &(struct call){.other = id, .close = unit_close}, expected);
}

void house_close_position(struct house *h, int64_t id, rfd_status expected)
{
    expect_call(h, close_work, &(struct call){.other = id, .close = position_close}, expected);
}

/* ---- Finding; texts are kept in the house's arena ---- */

static void keep(struct house *h, slice *text)
{
    *text = arena_copy(&h->arena, *text);
}

static rfd_status find_entity_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct entity *e = c->out;
    TRY(entity_find(t, c->other, e, error));
    slice *texts[] = {&e->name, &e->short_name, &e->country, &e->tax_number, &e->domains};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) keep(c->h, texts[i]);
    return RFD_OK;
}

static rfd_status find_unit_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct unit *u = c->out;
    TRY(unit_find(t, c->other, u, error));
    slice *texts[] = {&u->code, &u->abbreviation, &u->name, &u->path};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) keep(c->h, texts[i]);
    return RFD_OK;
}

static rfd_status find_person_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct person *p = c->out;
    TRY(person_find(t, c->other, p, error));
    slice *texts[] = {&p->country,        &p->document, &p->number, &p->given_names, &p->surname,
                      &p->second_surname, &p->mail,     &p->mobile, &p->language};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) keep(c->h, texts[i]);
    return RFD_OK;
}

struct entity house_entity(struct house *h, int64_t id)
{
    struct entity e;
    expect_call(h, find_entity_work, &(struct call){.other = id, .out = &e}, RFD_OK);
    return e;
}

struct unit house_find_unit(struct house *h, int64_t id)
{
    struct unit u;
    expect_call(h, find_unit_work, &(struct call){.other = id, .out = &u}, RFD_OK);
    return u;
}

struct person house_find_person(struct house *h, int64_t id)
{
    struct person p;
    expect_call(h, find_person_work, &(struct call){.other = id, .out = &p}, RFD_OK);
    return p;
}

static rfd_status head_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return unit_head(t, c->other, c->above, c->h->now, &c->id, c->out, error);
}

int64_t house_head(struct house *h, int64_t unit, unsigned above, int64_t *head_unit)
{
    struct call c = {.other = unit, .above = above, .out = head_unit};
    expect_call(h, head_work, &c, RFD_OK);
    return c.id;
}

static rfd_status tree_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct unit *units;
    size_t count;
    struct buf b;
    TRY(unit_tree(t, c->h->entity, &units, &count, error));
    buf_init(&b, 4096);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_put_text(&b, units[i].parent == 0 && units[i - 1].parent != 0 ? ". " : " ");
        buf_put_slice(&b, units[i].code);
    }
    *(const char **)c->out = arena_text(&c->h->arena, buf_slice(&b));
    buf_dispose(&b);
    return RFD_OK;
}

const char *house_tree(struct house *h)
{
    const char *text = NULL;
    expect_call(h, tree_work, &(struct call){.out = &text}, RFD_OK);
    return text;
}

/* ---- Looking ---- */

void house_faulty(const struct house *h, const char *fields)
{
    slice left = slice_text(fields);
    unsigned count = 0;
    while (left.length > 0) {
        const uint8_t *blank = memchr(left.data, ' ', left.length);
        slice field = slice_part(left, 0, blank == NULL ? left.length : (size_t)(blank - left.data));
        bool found = false;
        for (unsigned i = 0; i < h->faults.count; i++) found = found || slice_is(field, h->faults.items[i].field);
        if (!found) fail_msg("no fault of %.*s", (int)field.length, (const char *)field.data);
        left = slice_from(left, field.length + 1);
        count++;
    }
    for (unsigned i = count; i < h->faults.count; i++)
        print_message("%s: %s\n", h->faults.items[i].field, h->faults.items[i].message);
    assert_int_equal(h->faults.count, count);
}

int64_t house_number(struct house *h, const char *sql)
{
    return domain_store_number(h->store, sql);
}

static rfd_status text_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct store_rows rows;
    TRY(store_run(t, c->item, NULL, 0, &rows, error));
    *(const char **)c->out =
        rows.count == 0 ? NULL : arena_text(&c->h->arena, store_cell(&rows, rows.count - 1, 0)->bytes);
    return RFD_OK;
}

const char *house_text(struct house *h, const char *sql)
{
    const char *text = NULL;
    expect_call(h, text_work, &(struct call){.item = sql, .out = &text}, RFD_OK);
    return text == NULL ? "" : text;
}

rfd_status house_write(struct house *h, store_work *work, void *context)
{
    error_clear(&h->error);
    h->faults.count = 0;
    return store_write(h->store, work, context, &h->error);
}
