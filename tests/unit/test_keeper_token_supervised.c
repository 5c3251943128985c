/* SPDX-License-Identifier: EUPL-1.2
 *
 * Supervisor, token helper, keeper and a worker as they will run, with a key on a SoftHSM token: the helper is killed
 * again and again, is started again, and the work goes on. Skipped where SoftHSM is not installed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "ipc/sandbox.h"
#include "ipc/supervisor.h"
#include "keeper/keystore_token.h"
#include "keeper/process.h"
#include "keeper/protocol.h"
#include "keeper/token_helper.h"
#include "keeper_worker.h"
#include "pki_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define NOBODY "65534"
#define FOLDER "REFRENDA_TEST_FOLDER" /* for the children */

enum { WAIT = 60000, STEP = 10, KILLS = 8, CHEAP_KIBIBYTES = 64, LOG_SIZE = 1 << 22 };

static const char *in_folder(const char *name)
{
    static char paths[4][300];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof *paths, "%s/%s", getenv(FOLDER), name);
    return path;
}

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
    return open(in_folder("log"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static struct token_helper_options helper_options(void)
{
    struct token_helper_options options = {.module = MODULE, .token = "office", .log = open_log()};
    if (secret_set(&options.pin, SLICE("123456"), NULL) != RFD_OK) _exit(9);
    return options;
}

/* ---- The processes ---- */

static int be_helper(struct supervised *self)
{
    struct token_helper_options options = helper_options();
    if (geteuid() == 0 && sandbox_drop_capabilities(NULL) != RFD_OK) return 1; /* the token is root's */
    self->context = &options;
    return token_helper_run(self);
}

static int be_keeper(struct supervised *self)
{
    struct keeper_process_options options = {
        .store = in_folder("store"), .master = the_master(), .audit = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    self->context = &options;
    return keeper_process_run(self);
}

static int work(struct supervised *self)
{
    int log = open_log();
    uint64_t size = 1;
    if (supervised_ready(self, NULL) != RFD_OK) return 1;
    for (struct channel *c = worker_next_keeper(self); c != NULL; c = worker_next_keeper(self)) {
        rfd_status status = keeper_greet(c, WAIT, NULL);
        while (status == RFD_OK || status == RFD_E_TOKEN) {
            status = worker_sign_head(c, size, WAIT);
            if (status == RFD_OK) (void)dprintf(log, "head %llu\n", (unsigned long long)size++);
            (void)usleep(1000);
        }
        (void)dprintf(log, "%s\n", rfd_status_name(status));
        channel_free(c);
    }
    return 0;
}

static const struct supervised_role roles[] = {{"token-hsm", 1, be_helper, NULL},
                                               {"keeper", 1, be_keeper, NULL},
                                               {"worker", 1, work, NULL},
                                               {NULL, 0, NULL, NULL}};
static const struct supervisor_link links[] = {{"keeper", "token-hsm"}, {"worker", "keeper"}, {NULL, NULL}};

/* ---- The test ---- */

static bool make_token(void)
{
    char configuration[400];
    (void)setenv(FOLDER, folder_new(), 1);
    (void)snprintf(configuration, sizeof configuration, "directories.tokendir = %s\nobjectstore.backend = file\n",
                   in_folder("tokens"));
    (void)setenv("SOFTHSM2_CONF", folder_write("softhsm2.conf", slice_text(configuration)), 1);
    return access(MODULE, R_OK) == 0 && mkdir(in_folder("tokens"), 0700) == 0 && chmod(in_folder("."), 0755) == 0 &&
           RUN("softhsm2-util", "--module", MODULE, "--init-token", "--free", "--label", "office", "--pin", "123456",
               "--so-pin", "87654321") == 0;
}

/** A store with one key, which is on the token; both belong to the user that the sandbox makes of root. */
static void make_key(void)
{
    struct token_helper_options options = helper_options();
    struct master m = the_master();
    struct keystore store;
    struct stored_key *key = NULL;
    pid_t child;
    int descriptor;
    const struct key_description wanted = {
        .name = "log-1", .purpose = PURPOSE_LOG, .algorithm = KEY_ALGORITHM_P256, .token = "hsm"};
    assert_int_equal(keystore_files_init(in_folder("store"), &m, NULL), RFD_OK);
    assert_int_equal(keystore_files_open(in_folder("store"), &m, &store, NULL), RFD_OK);
    assert_int_equal(token_helper_start(&options, &descriptor, &child, NULL), RFD_OK);
    assert_int_equal(keystore_token_attach(&store, SLICE("hsm"), descriptor, NULL), RFD_OK);
    assert_int_equal(keystore_create(&store, &wanted, &key, NULL), RFD_OK);
    stored_key_free(key);
    keystore_close(&store);
    master_dispose(&m);
    (void)waitpid(child, NULL, 0);
    if (geteuid() == 0) assert_int_equal(RUN("chown", "-R", NOBODY ":" NOBODY, in_folder("store")), 0);
}

static void write_event(void *context, enum supervisor_event event, const char *role, unsigned index, pid_t pid,
                        int value)
{
    (void)index;
    (void)value;
    if (event == SUPERVISOR_STARTED) (void)dprintf(*(int *)context, "%s is %d\n", role, (int)pid);
}

static char text[LOG_SIZE];

static size_t count_of(const char *line)
{
    size_t count = 0;
    int fd = open(in_folder("log"), O_RDONLY | O_CLOEXEC);
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

static pid_t last_helper(void)
{
    static const char line[] = "token-hsm is ";
    const char *found = NULL;
    uint64_t number = 0;
    (void)count_of(line);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line)) found = at + sizeof line - 1;
    assert_non_null(found);
    assert_true(number_unsigned(slice_of(found, strcspn(found, "\n")), INT32_MAX, &number));
    return (pid_t)number;
}

static void test_killed_helpers_are_replaced(void **state)
{
    (void)state;
    int how;
    if (!make_token()) skip();
    (void)signal(SIGPIPE, SIG_IGN);
    make_key();
    pid_t supervisor = fork();
    if (supervisor == 0) {
        int log = open_log();
        const struct supervisor_options options = {.roles = roles,
                                                   .links = links,
                                                   .pause_first = 10,
                                                   .pause_longest = 50,
                                                   .report = write_event,
                                                   .context = &log};
        _exit(supervisor_run(&options, NULL) == RFD_OK ? 0 : 1);
    }
    for (size_t i = 1; i <= KILLS; i++) {
        wait_for("token-hsm is ", i);
        wait_for("head ", count_of("head ") + 3);
        assert_int_equal(kill(last_helper(), SIGKILL), 0);
    }
    wait_for("token-hsm is ", KILLS + 1);
    wait_for("head ", count_of("head ") + 3);
    assert_int_equal(count_of("keeper is "), 1); /* it lived on */
    assert_int_equal(kill(supervisor, SIGTERM), 0);
    assert_int_equal(waitpid(supervisor, &how, 0), supervisor);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    folder_remove();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed_helpers_are_replaced)};
    if (supervised_is_child(argc, argv)) return supervised_main(argc, argv, roles, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
