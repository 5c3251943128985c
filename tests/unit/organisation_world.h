/* SPDX-License-Identifier: EUPL-1.2
 *
 * A house with one entity ("Gobierno de Ejemplo", Peru), for the tests of the organisation: each call in a transaction
 * of its own, which has to end as the test says.
 */
#ifndef TESTS_ORGANISATION_WORLD_H
#define TESTS_ORGANISATION_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "domain/organisation/organisation.h"
#include "domain_store.h"

#define DAY ((rfd_time)86400 * 1000000)

struct house {
    struct store *store;
    const struct packs *packs;
    struct actor actor;
    struct actor_role role;
    int64_t entity;
    rfd_time now;
    struct arena arena; /* what was found */
    struct faults faults;
    struct rfd_error error;
};
/** Of a group of tests. */
int house_setup(void **state);
int house_teardown(void **state);
/** A new one, run by the system itself; for the time of the test. */
struct house *house_open(void **state);
/** For another thread. */
struct house house_copy(const struct house *h);
void house_copy_end(struct house *h);
/** From now on the actor is a person with this one role; a person with none; nobody. */
void house_as(struct house *h, const struct actor_role *role);
void house_as_nobody(struct house *h);
void house_as_system(struct house *h);

/** The id, or 0 when it was refused as expected. */
int64_t house_put_entity(struct house *h, const struct entity *e, rfd_status expected);
int64_t house_put_unit(struct house *h, const struct unit *u, rfd_status expected);
int64_t house_put_position(struct house *h, const struct position *p, rfd_status expected);
int64_t house_put_person(struct house *h, const struct person *p, rfd_status expected);
int64_t house_unit(struct house *h, int64_t parent, const char *code, rfd_status expected);
int64_t house_position(struct house *h, int64_t unit, const char *name, bool head, rfd_status expected);
int64_t house_person(struct house *h, const char *dni, rfd_status expected);
int64_t house_appoint(struct house *h, int64_t person, int64_t position, bool acting, rfd_time from, rfd_time to,
                      rfd_status expected);
void house_end(struct house *h, int64_t appointment, rfd_time moment, rfd_status expected);
void house_close_entity(struct house *h, int64_t id, rfd_status expected);
void house_close_unit(struct house *h, int64_t id, rfd_status expected);
void house_close_position(struct house *h, int64_t id, rfd_status expected);
rfd_status house_try_unit(struct house *h, const struct unit *u);
rfd_status house_try_appointment(struct house *h, const struct appointment *a);

struct entity house_entity(struct house *h, int64_t id);
struct unit house_find_unit(struct house *h, int64_t id);
struct person house_find_person(struct house *h, int64_t id);
int64_t house_head(struct house *h, int64_t unit, unsigned above, int64_t *head_unit);
/** Codes in the order of the tree; a full stop after the last one below a unit of the first level. */
const char *house_tree(struct house *h);

/** The faults of the last call are of these fields, in any order. */
void house_faulty(const struct house *h, const char *fields);
int64_t house_number(struct house *h, const char *sql);
const char *house_text(struct house *h, const char *sql);
/** Runs a function of its own in a transaction that writes. */
rfd_status house_write(struct house *h, store_work *work, void *context);

#endif
