/* SPDX-License-Identifier: EUPL-1.2
 *
 * Supervisor, keeper and a worker as they will run: the program is all three. The worker has one log head after the
 * other signed; the keeper is killed again and again; the work goes on and nothing is taken back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/number.h"
#include "base_support.h"
#include "ipc/supervisor.h"
#include "keeper/keystore.h"
#include "keeper/process.h"
#include "keeper/protocol.h"
#include "keeper_worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, WAIT = 60000, STEP = 10, KILLS = 20, CHEAP_KIBIBYTES = 64, LOG_SIZE = 1 << 20, HEADS = 3 };

#define STORE "store"
#define LOG   "log"

static struct master the_master(void)
{
    struct master m = {.kind = MASTER_PASSPHRASE};
    if (master_from_secret(MASTER_PASSPHRASE, SLICE("p"), &m, NULL) != RFD_OK) _exit(9);
    m.passes = 1;
    m.kibibytes = CHEAP_KIBIBYTES;
    return m;
}

static int open_log(void)
{
    return open(LOG, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* ---- The worker ---- */

static int work(struct supervised *self)
{
    int log = open_log();
    uint64_t size = 1;
    if (supervised_ready(self, NULL) != RFD_OK) return 1;
    for (struct channel *c = worker_next_keeper(self); c != NULL; c = worker_next_keeper(self)) {
        rfd_status status = keeper_greet(c, WAIT, NULL);
        while (status == RFD_OK && (status = worker_sign_head(c, size, WAIT)) == RFD_OK) {
            (void)dprintf(log, "head %llu\n", (unsigned long long)size++);
            (void)usleep(1000);
        }
        (void)dprintf(log, "%s\n", rfd_status_name(status));
        channel_free(c);
    }
    return 0;
}

static const struct supervised_role roles[] = {
    {"keeper", 1, keeper_process_run, NULL}, {"worker", 1, work, NULL}, {NULL, 0, NULL, NULL}};
static const struct supervisor_link links[] = {{"worker", "keeper"}, {NULL, NULL}};

/* ---- The test ---- */

static void write_event(void *context, enum supervisor_event event, const char *role, unsigned index, pid_t pid,
                        int value)
{
    (void)index;
    (void)value;
    if (event == SUPERVISOR_STARTED) (void)dprintf(*(int *)context, "%s is %d\n", role, (int)pid);
    if (event == SUPERVISOR_ALL_READY) (void)dprintf(*(int *)context, "ready\n");
}

static pid_t start_supervisor(void)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) return pid;
    int log = open_log();
    const struct supervisor_options options = {
        .roles = roles, .links = links, .pause_first = 10, .pause_longest = 50, .report = write_event, .context = &log};
    _exit(supervisor_run(&options, NULL) == RFD_OK ? 0 : 1);
}

static char text[LOG_SIZE];

static size_t count_of(const char *line)
{
    size_t count = 0;
    int fd = open(LOG, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[got < 0 ? 0 : got] = '\0';
    if (fd >= 0) (void)close(fd);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line)) count++;
    return count;
}

static void wait_for(const char *line, size_t times)
{
    for (int i = 0; i < WAIT / STEP; i++) {
        if (count_of(line) >= times) return;
        (void)usleep(STEP * 1000);
    }
    fail_msg("\"%s\" was not %zu times in:\n%s", line, times, text);
}

static pid_t last_keeper(void)
{
    static const char line[] = "keeper is ";
    const char *found = NULL;
    uint64_t number = 0;
    (void)count_of(line);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line)) found = at + sizeof line - 1;
    assert_non_null(found);
    assert_true(number_unsigned(slice_of(found, strcspn(found, "\n")), INT32_MAX, &number));
    return (pid_t)number;
}

static void make_store(void)
{
    static const char *const files[] = {"", "/lock", "/master", "/log-1.key"};
    struct master m = the_master();
    struct keystore store;
    struct stored_key *key = NULL;
    const struct key_description wanted = {.name = "log-1", .purpose = PURPOSE_LOG, .algorithm = KEY_ALGORITHM_P256};
    assert_int_equal(keystore_files_init(STORE, &m, NULL), RFD_OK);
    assert_int_equal(keystore_files_open(STORE, &m, &store, NULL), RFD_OK);
    assert_int_equal(keystore_create(&store, &wanted, &key, NULL), RFD_OK);
    stored_key_free(key);
    keystore_close(&store);
    master_dispose(&m);
    if (geteuid() != 0) return;
    assert_int_equal(chmod(".", 0755), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, STORE "%s", files[i]);
        assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    }
}

/** The heads in the log are 1, 2, 3, ... without a gap. */
static uint64_t check_heads(void)
{
    uint64_t heads = count_of("head ");
    const char *at = text;
    for (uint64_t i = 1; i <= heads; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "head %llu\n", (unsigned long long)i);
        at = strstr(at, line);
        assert_non_null(at);
    }
    return heads;
}

static void test_keeper_is_killed_again_and_again(void **state)
{
    (void)state;
    int how;
    make_store();
    pid_t supervisor = start_supervisor();
    wait_for("ready\n", 1);
    for (size_t i = 0; i < KILLS; i++) {
        wait_for("head ", count_of("head ") + HEADS);
        assert_int_equal(kill(last_keeper(), SIGKILL), 0);
        wait_for("peer-gone\n", i + 1);
    }
    wait_for("head ", count_of("head ") + HEADS);
    assert_int_equal(kill(supervisor, SIGTERM), 0);
    assert_int_equal(waitpid(supervisor, &how, 0), supervisor);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_true(check_heads() >= KILLS * HEADS);
    assert_int_equal(count_of("keeper is "), KILLS + 1);
    assert_int_equal(count_of("key-refused"), 0);
}

int main(int argc, char **argv)
{
    if (supervised_is_child(argc, argv)) {
        struct keeper_process_options options = {
            .store = STORE, .master = the_master(), .audit = open("/dev/null", O_WRONLY | O_CLOEXEC)};
        _exit(supervised_main(argc, argv, roles, &options));
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keeper_is_killed_again_and_again)};
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
