/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "issue_support.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { CHEAP_KIBIBYTES = 64, TIMEOUT = 60000 };

static struct {
    struct master master;
    struct packs *packs;
    struct keystore store;
    struct keeper *keeper;
    struct keeper_client *client;
    struct identity root, agent;
    const struct certificate *issuing, *top;
    struct keeper_reply reply;
    struct authority_domain domain;
    struct arena arena;
    pthread_mutex_t lock;
    rfd_status refuses;
    bool after;
} w = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- The keeper --------------------------------------------------------------------------------------------------- */

rfd_status __real_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error);
rfd_status __wrap_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error);

/** One thread at a time, as a keeper in the own process wants it. */
rfd_status __wrap_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    pthread_mutex_lock(&w.lock);
    if (w.refuses == RFD_OK || w.after)
        status = __real_keeper_client_ask(client, operation, body, descriptor, milliseconds, reply, error);
    if (w.refuses != RFD_OK) status = error_set(error, w.refuses, "as the test says");
    pthread_mutex_unlock(&w.lock);
    return status;
}

void authority_world_refuse(rfd_status status, bool after)
{
    w.refuses = status;
    w.after = after;
}

static rfd_status record(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context, (void)event, (void)error;
    return RFD_OK;
}

static rfd_status ask_admin(void *context, enum keeper_operation operation, struct buf *body,
                            struct message_reader *fields)
{
    struct rfd_error error = RFD_ERROR_INIT;
    (void)context;
    keeper_reply_dispose(&w.reply);
    rfd_status status = keeper_client_ask(w.client, operation, buf_slice(body), -1, TIMEOUT, &w.reply, &error);
    if (status != RFD_OK) print_error("%s\n", error.detail);
    *fields = w.reply.fields;
    return status;
}

static void open_keeper(void)
{
    char packs[512], keys[32];
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &w.master, NULL), RFD_OK);
    w.master.passes = 1;
    w.master.kibibytes = CHEAP_KIBIBYTES;
    (void)snprintf(packs, sizeof packs, "%s/packs", source_root());
    WORLD_OK(packs_open(packs, &w.packs, &error));
    (void)snprintf(keys, sizeof keys, "keys-%d", (int)getpid());
    WORLD_OK(keystore_files_init(keys, &w.master, &error));
    WORLD_OK(keystore_files_open(keys, &w.master, &w.store, &error));
    WORLD_OK(keeper_new(&w.store, w.packs, record, NULL, &w.keeper, &error));
    WORLD_OK(keeper_client_direct(w.keeper, &w.client, &error));
}

void authority_world_open(void)
{
    struct issue_way way = {ask_admin, NULL};
    open_keeper();
    issue_ceremony(&way, "P-256", WORLD_PARTITIONS);
    w.issuing = issue_certificate_of(&way, "issuing-1");
    w.top = issue_certificate_of(&way, "root-1");
    w.root = identity_new("P-256", "Agents", NULL, NULL);
    w.agent = identity_new("P-256", "Agent one", &w.root, NULL);
    WORLD_OK(issue_register(&way, KEEPER_AGENT, "agent-1", w.agent.certificate, "pe-natural-person"));
    arena_init(&w.arena, 16 << 20);
}

void authority_world_register(const char *name, const struct certificate *certificate, const char *profiles)
{
    struct issue_way way = {ask_admin, NULL};
    WORLD_OK(issue_register(&way, KEEPER_AGENT, name, certificate, profiles));
}

int authority_world_setup(void **state)
{
    if (folder_setup(state) != 0) return -1;
    authority_world_open();
    return 0;
}

int authority_world_teardown(void **state)
{
    arena_dispose(&w.arena);
    keeper_reply_dispose(&w.reply);
    keeper_client_free(w.client);
    keeper_free(w.keeper);
    keystore_close(&w.store);
    packs_close(w.packs);
    master_dispose(&w.master);
    certificate_unref(w.issuing);
    certificate_unref(w.top);
    identity_free(&w.agent);
    identity_free(&w.root);
    return folder_teardown(state);
}

const struct certificate *authority_world_certificate(void)
{
    return w.issuing;
}

/* --- The database ------------------------------------------------------------------------------------------------- */

struct authority_domain *authority_world(void **state, int64_t *authority)
{
    struct buf policy;
    w.domain = (struct authority_domain){domain_store_of(state), w.client, w.packs};
    w.refuses = RFD_OK;
    buf_init(&policy, AUTHORITY_POLICY_MAXIMUM);
    issue_policy(&policy, WORLD_PARTITIONS);
    struct authority root = {.name = SLICE("root-1"), .certificate = w.top->der};
    WORLD_OK(authority_add(&w.domain, SLICE("admin:test"), &root, &error));
    struct authority issuing = {.name = SLICE("issuing-1"),
                                .certificate = w.issuing->der,
                                .key = SLICE("issuing-1"),
                                .policy = buf_slice(&policy),
                                .parent = root.id};
    WORLD_OK(authority_add(&w.domain, SLICE("admin:test"), &issuing, &error));
    buf_dispose(&policy);
    *authority = issuing.id;
    return &w.domain;
}

/* --- Requests ----------------------------------------------------------------------------------------------------- */

void ticket_new_for(struct ticket *t, int64_t authority, unsigned number, const char *key, slice spki)
{
    buf_init(&t->spki, ISSUE_BODY);
    buf_init(&t->approval, ISSUE_BODY);
    buf_put_slice(&t->spki, spki);
    struct approval approval = issue_approval(w.issuing, spki, number, clock_now());
    issue_sign(&w.agent, &approval, &t->approval);
    t->approvals[0] = buf_slice(&t->approval);
    t->order = (struct authority_issue){.actor = SLICE("client:office"),
                                        .client = SLICE("office"),
                                        .idempotency = slice_text(key),
                                        .authority = authority,
                                        .spki = buf_slice(&t->spki),
                                        .approvals = t->approvals,
                                        .approval_count = 1};
}

void ticket_new(struct ticket *t, int64_t authority, unsigned number, const char *key)
{
    struct buf spki;
    buf_init(&spki, ISSUE_BODY);
    issue_new_key(&spki);
    ticket_new_for(t, authority, number, key, buf_slice(&spki));
    buf_dispose(&spki);
}

void ticket_free(struct ticket *t)
{
    buf_dispose(&t->spki);
    buf_dispose(&t->approval);
}

struct certificate_row world_issue(struct authority_domain *d, int64_t authority, unsigned number)
{
    struct certificate_row row = {0};
    struct ticket t;
    bool again;
    ticket_new(&t, authority, number, "");
    WORLD_OK(authority_issue(d, &t.order, &w.arena, &row, &again, &error));
    assert_false(again);
    ticket_free(&t);
    return row;
}
