/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where master keys come from: files, credentials by name, a TPM (swtpm; skipped without it or tpm2-tools).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base_support.h"
#include "keeper/keystore.h"
#include "keeper/master_tpm.h"
#include "keeper/run_tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 6000 /* times 10 ms */, PATH = 512 };

#define SECRET SLICE("0123456789abcdef0123456789ABCDEF")

/* ---- Running programs ---- */

static rfd_status run_shell(const char *script, slice input, struct buf *output)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    return run_tool(arguments, input, output, NULL);
}

static void test_running_programs(void **state)
{
    (void)state;
    static const char *const missing[] = {"no-such-program-of-refrenda", NULL};
    uint8_t much[RUN_TOOL_INPUT + 1] = {0};
    struct buf out;
    buf_init(&out, 64);
    assert_int_equal(run_shell("tr a-z A-Z", SLICE("hello"), &out), RFD_OK);
    assert_true(slice_is(buf_slice(&out), "HELLO"));
    assert_int_equal(run_shell("exit 3", SLICE("hello"), &out), RFD_E_INTERNAL);
    assert_int_equal(run_shell("kill -9 $$", SLICE_EMPTY, &out), RFD_E_INTERNAL);
    assert_int_equal(run_tool(missing, SLICE_EMPTY, NULL, NULL), RFD_E_INTERNAL);
    assert_int_equal(run_shell("true", slice_of(much, RUN_TOOL_INPUT), NULL), RFD_OK); /* reads nothing of it */
    assert_int_equal(run_shell("cat", slice_of(much, RUN_TOOL_INPUT), NULL), RFD_OK);
    assert_int_equal(run_shell("true", slice_of(much, sizeof much), NULL), RFD_E_LIMIT);
    assert_int_equal(run_shell("seq 1 1000", SLICE_EMPTY, &out), RFD_E_LIMIT);
    buf_dispose(&out);
}

/* ---- Credentials ---- */

static void test_credentials_by_name(void **state)
{
    (void)state;
    struct master m = {.kind = MASTER_PASSPHRASE};
    assert_int_equal(mkdir("credentials", 0700), 0);
    file_write("credentials/master-key", SECRET);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(master_from_credential("master-key", ".", &m, NULL), RFD_E_SETTINGS);
    assert_int_equal(master_from_credential("./credentials/master-key", ".", &m, NULL), RFD_OK);
    assert_int_equal(m.kind, MASTER_CREDENTIAL);
    master_dispose(&m);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "credentials", 1), 0);
    assert_int_equal(master_from_credential("master-key", ".", &m, NULL), RFD_OK);
    assert_true(slice_equal(secret_slice(&m.secret), SECRET));
    assert_int_equal(keystore_files_init("by-name", &m, NULL), RFD_OK);
    struct keystore store;
    assert_int_equal(keystore_files_open("by-name", &m, &store, NULL), RFD_OK);
    keystore_close(&store);
    master_dispose(&m);
    assert_int_equal(master_from_credential("other", ".", &m, NULL), RFD_E_IO_READ);
}

/* ---- TPM ---- */

static pid_t tpm;
static int machines;

/** A new TPM, another machine. False where there is none to be had. */
static bool start_tpm(void)
{
    char folder[PATH], here[PATH / 2], server[PATH + 32], control[PATH + 32], state[PATH + 32], variable[PATH + 32],
        socket[PATH + 32];
    if (getcwd(here, sizeof here) == NULL) return false;
    (void)snprintf(folder, sizeof folder, "%s/tpm%d", here, ++machines);
    (void)snprintf(server, sizeof server, "type=unixio,path=%s/s", folder);
    (void)snprintf(control, sizeof control, "type=unixio,path=%s/s.ctrl", folder);
    (void)snprintf(state, sizeof state, "dir=%s", folder);
    (void)snprintf(variable, sizeof variable, "swtpm:path=%s/s", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    tpm = fork();
    if (tpm == 0) {
        int nothing = open("/dev/null", O_RDWR);
        if (dup2(nothing, STDOUT_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0) _exit(126);
        (void)execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server, "--ctrl", control,
                     "--flags", "not-need-init,startup-clear", "--log", "level=0", (char *)NULL);
        _exit(127);
    }
    (void)setenv("TPM2TOOLS_TCTI", variable, 1);
    (void)snprintf(socket, sizeof socket, "%s/s.ctrl", folder);
    for (int i = 0; i < PATIENCE; i++) {
        if (access(socket, F_OK) == 0)
            return run_shell("command -v tpm2_unseal >/dev/null", SLICE_EMPTY, NULL) == RFD_OK;
        if (waitpid(tpm, NULL, WNOHANG) == tpm) return false;
        (void)usleep(10000);
    }
    return false;
}

static void stop_tpm(void)
{
    (void)kill(tpm, SIGTERM);
    (void)waitpid(tpm, NULL, 0);
}

static void test_tpm(void **state)
{
    (void)state;
    struct master made = {.kind = MASTER_PASSPHRASE}, again = {.kind = MASTER_PASSPHRASE};
    struct keystore store;
    if (!start_tpm()) skip();
    assert_int_equal(mkdir("keys", 0700), 0);
    assert_int_equal(master_tpm_open("keys", &again, NULL), RFD_E_IO_READ);
    assert_int_equal(master_from_credential("tpm", "keys", &made, NULL), RFD_OK); /* makes it */
    assert_int_equal(made.secret.length, 32);
    assert_int_equal(master_tpm_make("keys", &again, NULL), RFD_E_EXISTS);
    assert_int_equal(keystore_files_init("keys/authority", &made, NULL), RFD_OK);
    assert_int_equal(master_from_credential("tpm", "keys", &again, NULL), RFD_OK);
    assert_true(secret_equal(secret_slice(&made.secret), secret_slice(&again.secret)));
    assert_int_equal(keystore_files_open("keys/authority", &again, &store, NULL), RFD_OK);
    keystore_close(&store);
    master_dispose(&again);
    /* Another machine does not open it, nor is a lost file made anew beside stores. */
    stop_tpm();
    assert_true(start_tpm());
    assert_int_equal(master_from_credential("tpm", "keys", &again, NULL), RFD_E_KEYSTORE_MASTER);
    assert_int_equal(unlink("keys/" MASTER_TPM_FILE), 0);
    assert_int_equal(master_from_credential("tpm", "keys", &again, NULL), RFD_E_IO_READ);
    file_write("keys/" MASTER_TPM_FILE, SLICE("RFDTPM01nonsense"));
    assert_int_equal(master_from_credential("tpm", "keys", &again, NULL), RFD_E_KEYSTORE_DAMAGED);
    master_dispose(&made);
    stop_tpm();
}

static void test_no_tpm(void **state)
{
    (void)state;
    struct master m = {.kind = MASTER_PASSPHRASE};
    (void)setenv("TPM2TOOLS_TCTI", "swtpm:path=/nowhere", 1);
    assert_int_equal(mkdir("none", 0700), 0);
    assert_int_equal(master_from_credential("tpm", "none", &m, NULL), RFD_E_KEYSTORE_MASTER);
    assert_false(file_exists("none/" MASTER_TPM_FILE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running_programs),
        cmocka_unit_test(test_credentials_by_name),
        cmocka_unit_test(test_tpm),
        cmocka_unit_test(test_no_tpm),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
