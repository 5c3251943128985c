/* SPDX-License-Identifier: EUPL-1.2
 *
 * A process that issues and revokes is killed in the middle: what it had acknowledged is there, once and whole; what it
 * had not is there whole or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority_world.h"
#include "base/error.h"
#include "base_support.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, ENOUGH = 60, PEOPLE = 400 };

/** Told when it is done. */
struct acknowledgement {
    uint8_t serial[20];
    size_t length;
    bool revoked;
};

/* --- The process that dies ---------------------------------------------------------------------------------------- */

struct writer {
    struct authority_domain *d;
    struct ticket *tickets;
    unsigned first;
    int64_t authority;
    int pipe;
};

static void acknowledge(int to, slice serial, bool revoked)
{
    struct acknowledgement a = {.length = serial.length, .revoked = revoked};
    memcpy(a.serial, serial.data, serial.length);
    if (write(to, &a, sizeof a) != (ssize_t)sizeof a) _exit(2);
}

static void *issue_and_revoke(void *context)
{
    const struct writer *w = context;
    for (unsigned i = w->first; i < PEOPLE; i += WRITERS) {
        struct certificate_row row;
        struct arena a;
        bool again;
        arena_init(&a, 1 << 20);
        if (authority_issue(w->d, &w->tickets[i].order, &a, &row, &again, NULL) != RFD_OK) _exit(3);
        acknowledge(w->pipe, row.serial, false);
        struct authority_change c = {.actor = SLICE("agent:ana"),
                                     .authority = w->authority,
                                     .serial = row.serial,
                                     .reason = 5,
                                     .invalid_since = RFD_TIME_NONE};
        if (i % 3 == 0) {
            if (authority_revoke(w->d, &c, NULL) != RFD_OK) _exit(4);
            acknowledge(w->pipe, row.serial, true);
        }
        arena_dispose(&a);
    }
    return NULL;
}

static void work_until_killed(struct domain_store *store, int to)
{
    static struct ticket tickets[PEOPLE];
    static struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    int64_t authority;
    void *state = store;
    struct store_options options = {.address = store->address};
    if (store_open(&options, &store->store, NULL) != RFD_OK) _exit(5);
    authority_world_open();
    struct authority_domain *d = authority_world(&state, &authority);
    for (unsigned i = 0; i < PEOPLE; i++) ticket_new(&tickets[i], authority, 4000 + i, "");
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){d, tickets, i, authority, to};
        if (pthread_create(&threads[i], NULL, issue_and_revoke, &writers[i]) != 0) _exit(6);
    }
    for (;;) (void)pause(); /* it is killed, even if all is done */
}

/* --- What is left ------------------------------------------------------------------------------------------------- */

static struct acknowledgement told[2 * PEOPLE];

/** How many acknowledgements came until the process died; it is killed after some. */
static size_t kill_in_the_middle(int from, pid_t child)
{
    size_t count = 0;
    while (count < 2 * PEOPLE && read(from, &told[count], sizeof *told) == (ssize_t)sizeof *told) {
        if (++count == ENOUGH) assert_int_equal(kill(child, SIGKILL), 0);
    }
    return count;
}

static void check_told(struct store *store, const struct acknowledgement *a)
{
    struct responder_record record;
    WORLD_OK(authority_look_up(store, domain_store_number(store, "SELECT max(id) FROM authority"),
                               slice_of(a->serial, a->length), &record, &error));
    assert_true(record.state == RESPONDER_GOOD || record.state == RESPONDER_REVOKED);
    if (a->revoked) assert_true(record.state == RESPONDER_REVOKED);
}

/** Every certificate has all of its rows. */
static void check_whole(struct store *store)
{
    static const char *const same[] = {
        "SELECT count(*) FROM certificate_der",
        "SELECT count(*) FROM certificate_status",
        "SELECT count(*) FROM certificate_ending",
        "SELECT count(*) FROM public_key",
        "SELECT count(*) FROM transparency_waiting",
        "SELECT count(*) FROM audit_waiting WHERE action = 'certificate.issue'",
        "SELECT count(DISTINCT serial) FROM certificate",
    };
    int64_t certificates = domain_store_number(store, "SELECT count(*) FROM certificate");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_int_equal(domain_store_number(store, same[i]), certificates);
    int64_t changes = domain_store_number(store, "SELECT count(*) FROM status_change");
    assert_int_equal(domain_store_number(store, "SELECT number FROM status_counter"), changes);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM certificate_status WHERE state = 3"), changes);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = "
                                                "'certificate.revoke'"),
                     changes);
}

static void test_killed(void **state)
{
    int ends[2], how;
    struct domain_store *d = *state;
    struct store *store = domain_store_of(state);
    store_close(store); /* connections do not outlive a fork */
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) work_until_killed(d, ends[1]);
    (void)close(ends[1]);
    size_t count = kill_in_the_middle(ends[0], child);
    (void)close(ends[0]);
    assert_true(waitpid(child, &how, 0) == child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    struct store_options options = {.address = d->address};
    WORLD_OK(store_open(&options, &d->store, &error));
    for (size_t i = 0; i < count; i++) check_told(d->store, &told[i]);
    check_whole(d->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ON_BOTH_STORES(test_killed)};
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
