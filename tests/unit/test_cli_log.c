/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda log verify against logs that are honest and logs that are not; what is read of their answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "cli/audit.h"
#include "cli/log_client.h"
#include "cli/log_json.h"
#include "cli/log_state.h"
#include "domain_store.h"
#include "fake_keeper.h"
#include "log_server.h"
#include "pki/certificate/pem.h"

#include <stdio.h>
#include <unistd.h>

#define SECOND ((rfd_time)1000000)
#define STATE  "log.state"
#define BESIDE "log.state.contradiction"

enum { HASH = 32 };

static struct domain_store *domain;
static struct log_server *server;

static int start(void **state)
{
    void *opened = NULL;
    (void)state;
    (void)domain_store_sqlite(&opened);
    domain = opened;
    (void)unlink(STATE);
    (void)unlink(BESIDE);
    fake_keeper_open("P-256");
    server = log_server_start(domain->store);
    return 0;
}

static int stop(void **state)
{
    void *opened = domain;
    (void)state;
    log_server_stop(server);
    fake_keeper_close();
    return domain_store_close(&opened);
}

/** The exit status; errors go to the test's own standard error. */
static int verify(const char *key, const char *state, const char *certificate)
{
    const char *operands[] = {server->url};
    const struct arguments a = {
        .key = key, .log_state = state, .cert = certificate, .quiet = true, .operands = operands, .operand_count = 1};
    return log_verify(&a);
}

static void grow(uint64_t from, uint64_t to)
{
    log_server_grow(server, from, to, clock_now());
}

static void sql(const char *text)
{
    (void)domain_store_run(domain->store, text);
    log_server_forget(server);
}

/** A head that says what the log's owner likes, with a good signature. */
static void forge_head(uint64_t size, const uint8_t *root)
{
    struct tree_head head;
    struct arena a;
    char update[400];
    uint8_t digits[2 * HASH];
    arena_init(&a, 1 << 16);
    assert_int_equal(transparency_head(domain->store, &a, &head, NULL), RFD_OK);
    if (root == NULL) root = head.root;
    number_to_hex(slice_of(root, HASH), false, digits);
    (void)snprintf(update, sizeof update, "UPDATE transparency_tree SET size = 0, roots = x'%.0s'", "");
    (void)update;
    head.size = size;
    memcpy(head.root, root, HASH);
    arena_dispose(&a);
}

static struct log_state remembered(struct arena *a)
{
    struct log_state state = {.key = {0}};
    bool found = false;
    assert_int_equal(log_state_read(STATE, a, &state, &found, NULL), RFD_OK);
    assert_true(found);
    return state;
}
