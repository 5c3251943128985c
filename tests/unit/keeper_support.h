/* SPDX-License-Identifier: EUPL-1.2
 *
 * A keeper inside the test program, with a store in the fixture's folder: asking it, making keys, certifying them.
 */
#ifndef TESTS_KEEPER_SUPPORT_H
#define TESTS_KEEPER_SUPPORT_H

#include "keeper/keeper.h"
#include "pki_fixture.h"

enum { KEEPER_BODY = 128 << 10 };

struct keeper_world {
    char path[256]; /* of the store */
    struct master master;
    struct keystore store;
    struct keeper *keeper;
    struct identity authority; /* issues certificates for the keeper's keys */
    struct buf answer;
    size_t events;
    struct keeper_event last; /* what the audit was told; detail as below */
    char detail[RFD_ERROR_DETAIL_SIZE];
};
extern struct keeper_world world;

/** For cmocka_unit_test_setup_teardown: a new store and its keeper. */
int world_setup(void **state);
int world_teardown(void **state);
/** Another keeper on the same store, as after a crash. */
void world_reopen(void);

/** Asks in a session that has said hello, and empties `body`; `fields` (may be NULL) reads what came back. */
rfd_status world_ask(enum keeper_sender sender, enum keeper_operation operation, struct buf *body,
                     struct message_reader *fields);
/** Makes a key without policy. */
rfd_status world_create(const char *name, const char *purpose, const char *algorithm);
/** SubjectPublicKeyInfo and certificate of a key, within world.answer. */
void world_public_key(const char *name, slice *spki, slice *certificate);
/** A certificate for digital signatures by world.authority for the key. Unref it. */
const struct certificate *world_certify(const char *name);

#endif
