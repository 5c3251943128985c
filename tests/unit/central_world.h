/* SPDX-License-Identifier: EUPL-1.2
 *
 * The office of registration_world.h with a real personal keeper beside the authority's, both in this process: citizens
 * with accounts who hold keys there, and the browser's part, which gives password and code encrypted. The code is taken
 * as the worker takes it.
 */
#ifndef TESTS_CENTRAL_WORLD_H
#define TESTS_CENTRAL_WORLD_H

#include "domain/central/central.h"
#include "keeper/key_material.h"
#include "registration_world.h"

#define CENTRAL_PASSWORD "cantuta-de-otoño-47"

/** Of a group of tests: both keepers. */
int central_setup(void **state);
int central_teardown(void **state);
/** The office of this test, and what central signing works with; ANA and BERTA have accounts, ANA of the advanced
 * level. */
struct office *central_open(void **state, struct central *out);
struct actor central_actor(struct office *o, int64_t person);
/** From the next central_open() on the personal keeper makes keys of this algorithm; KEY_ALGORITHM_NONE: of P-256. */
void central_keys(enum key_algorithm algorithm);
/** From the next central_open() or central_restart() on it sends so many codes to one person at once; 0: no limit. */
void central_messages(unsigned messages);
/** The personal keeper ends and begins anew on its store. */
void central_restart(void);
/** The way to the personal keeper of an admin, the web process (central.personal), the worker. */
struct keeper_client *central_link(enum keeper_sender sender);

/** Somebody's request at the desk, approved by AGENT: its id. */
int64_t central_approved(struct office *o, int64_t person);
/** What the browser sends: `code` NULL: the one that the worker was given. Slices live until the next call. */
/** The newest code that this portal had sent for a seal, and what its message calls the seal. */
const char *central_code_of_seal(const char *portal, const char **seal);
/** A document of one page, appended. */
void central_put_pdf(const char *text, struct buf *b);
struct central_proofs central_prove(const struct central_authorisation *begun, const char *password, const char *code);
/** Approved, made and certified; the credential is written. */
void central_made(struct office *o, const struct central *c, int64_t person, char credential[PERSONAL_ID_SIZE]);

/** The entity's seal for which the person answers, approved by AGENT and RIVAL: its enrolment. */
int64_t central_seal_approved(struct office *o, int64_t person);
/** Approved, made (PIN: CENTRAL_PASSWORD) and certified. */
void central_seal_made(struct office *o, const struct central *c, int64_t person, char credential[PERSONAL_ID_SIZE]);
/** One that signs with a code, too. */
void central_code_seal_made(struct office *o, const struct central *c, int64_t person,
                            char credential[PERSONAL_ID_SIZE]);

/** A PDF of one page that says `text`, in the blob store with its row; the same text is the same file. */
slice central_pdf(const struct central *c, const char *text);
/** The content of a blob, into `out` (initialised here). */
void central_read(const struct central *c, slice id, struct buf *out);

/** In a transaction that writes. */
rfd_status central_write(struct office *o, store_work *work, void *context);

#endif
