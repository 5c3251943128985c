/* SPDX-License-Identifier: EUPL-1.2
 *
 * People with accounts in a test's database, cheap passwords, and a look at what was mailed to them. Failures fail the
 * test.
 */
#ifndef TESTS_ACCOUNT_WORLD_H
#define TESTS_ACCOUNT_WORLD_H

#include "domain/account/account.h"
#include "domain_store.h"

#define ACCOUNT_PASSWORD "Cantuta-de-otoño-47"

/** Cheap hashes, a key, no gate; http://localhost:8080. */
extern struct account_settings account_world_settings;
struct actor account_world_system(void);

/** A person with this identity number (DNI), "Rosa Quispe Mamani", with mail NUMBER@example.gob.pe and a mobile. */
int64_t account_world_person(struct store *store, const char *number);
/** Their own account with ACCOUNT_PASSWORD; code "U0001" ... */
int64_t account_world_account(struct store *store, const char *number);
struct account account_world_find(struct store *store, int64_t id);
/** The holder, signed in. */
struct actor account_world_actor(struct store *store, int64_t account);

/** A session of nobody. */
struct session account_world_session(struct store *store, char token[ACCOUNT_TOKEN_SIZE]);
/** The one that a cookie leads to; id 0: none. */
struct session account_world_visit(struct store *store, const char *token);
struct account_world_try {
    const char *name, *password, *network;
    bool proof;
};
enum sign_in_result account_world_sign_in(struct store *store, struct session *session,
                                          const struct account_world_try *try, char token[ACCOUNT_TOKEN_SIZE]);
/** A session that is signed in with ACCOUNT_PASSWORD. */
struct session account_world_signed_in(struct store *store, const char *name, char token[ACCOUNT_TOKEN_SIZE]);

/** Runs `work` in a writing transaction and gives what it returned. */
rfd_status account_world_write(struct store *store, store_work *work, void *context);
/** The text of the newest message whose name is `message`: `out` holds 4,096 octets; false when there is none. */
bool account_world_message(struct store *store, const char *message, char out[4096]);
/** The token of the link in the newest such message. */
void account_world_link(struct store *store, const char *message, char token[ACCOUNT_TOKEN_SIZE]);

#endif
