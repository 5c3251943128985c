/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the processes of the server may do: each role's sandbox is entered by a process of its own, which then tries
 * something. What the role needs works; what it has no business with is refused, or ends the process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base_support.h"
#include "server/instance.h"
#include "server/role_table.h"
#include "server/services.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_ENTERED = 250, OTHER_SIGNAL = 1000, KILLED = OTHER_SIGNAL + SIGSYS, NO_LANDLOCK = 249 };

static char folder[400];
static char database[512];
static char packs[512];
static char blobs[512];
static struct settings settings;

/* ---- What is tried; each returns 0 or an errno ---- */

static int answer(long result)
{
    return result < 0 ? errno : 0;
}

static int in_folder(const char *name, int flags)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return answer(open(path, flags, 0600));
}

/* clang-format off */
#define PROBE(name, call) static int name(void) { return answer(call); }
PROBE(start_program, execl("/bin/true", "true", (char *)NULL))
PROBE(trace_parent, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))
PROBE(signal_others, kill(1, 0))
PROBE(become_root, setuid(0))
PROBE(mount_folder, mount("none", "/tmp", "tmpfs", 0, NULL))
PROBE(new_namespace, syscall(SYS_unshare, 0x10000000))
PROBE(load_program, syscall(SYS_bpf, 0, NULL, 0))
PROBE(make_memory_code, (long)syscall(SYS_mprotect, 0, 0, 4))
PROBE(make_socket, socket(AF_INET, SOCK_STREAM, 0))
PROBE(look_at_clock, adjtimex(&(struct timex){.modes = 0}) < 0 ? -1 : 0)
/* clang-format on */

static int set_clock(void)
{
    return answer(adjtimex(&(struct timex){.modes = ADJ_OFFSET}));
}

static int read_keys(void)
{
    return in_folder("keys/secret", O_RDONLY);
}

static int read_shadow(void)
{
    return answer(open("/etc/shadow", O_RDONLY));
}

static int write_elsewhere(void)
{
    return answer(open("/tmp/refrenda-escaped", O_WRONLY | O_CREAT, 0600));
}

static int write_settings(void)
{
    return in_folder("refrenda.yaml", O_WRONLY);
}

static int read_packs(void)
{
    return in_folder("packs/one.yaml", O_RDONLY);
}

static int read_hosts(void)
{
    return answer(open("/etc/hosts", O_RDONLY));
}

static int use_database(void)
{
    sqlite3 *db = NULL;
    bool good = sqlite3_open(database, &db) == SQLITE_OK &&
                sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)", NULL, NULL,
                             NULL) == SQLITE_OK;
    (void)sqlite3_close(db);
    return good ? 0 : EIO;
}

/** Uploads: an unnamed file, a file that is linked to its name in another folder, and its time. */
static int use_blobs(void)
{
    char from[600];
    char to[600];
    (void)snprintf(from, sizeof from, "%s/blobs/new/one", folder);
    (void)snprintf(to, sizeof to, "%s/blobs/ab/one", folder);
    int unnamed = open(settings.web.blobs, O_TMPFILE | O_RDWR, 0600);
    int file = open(from, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (unnamed < 0 || file < 0) return errno;
    bool good = fsync(file) == 0 && link(from, to) == 0 && unlink(from) == 0 && futimens(file, NULL) == 0;
    return good ? answer(unlink(to)) : errno;
}

static int read_zone(void)
{
    return answer(open("/usr/share/zoneinfo/America/Lima", O_RDONLY));
}

static void *do_nothing(void *context)
{
    return context;
}

static int start_thread(void)
{
    pthread_t thread;
    int code = pthread_create(&thread, NULL, do_nothing, NULL);
    if (code == 0) (void)pthread_join(thread, NULL);
    return code;
}

/* ---- In the sandbox ---- */

struct attempt {
    const struct role_definition *role;
    int (*probe)(void);
    bool about_files; /* means nothing where there is no Landlock: root may read all */
};

static int enter_and_try(void *context)
{
    const struct attempt *a = context;
    struct role_paths paths;
    struct sandbox sandbox;
    struct sandbox_report report;
    if (instance_drop_rights(&settings, NULL) != RFD_OK) return NOT_ENTERED;
    role_sandbox(a->role, &settings, &paths, &sandbox);
    if (sandbox_enter(&sandbox, &report, NULL) != RFD_OK) return NOT_ENTERED;
    if (a->about_files && report.landlock == 0) return NO_LANDLOCK;
    return a->probe();
}

static int attempt(const struct attempt *a)
{
    int how = in_child(enter_and_try, (void *)(uintptr_t)a);
    if (WIFSIGNALED(how)) return OTHER_SIGNAL + WTERMSIG(how);
    return WEXITSTATUS(how);
}

static void test_forbidden_calls_kill(void **state)
{
    (void)state;
    static int (*const probes[])(void) = {start_program, trace_parent, become_root,  mount_folder,
                                          new_namespace, load_program, signal_others};
    for (const struct role_definition *d = role_definitions; d->name != NULL; d++) {
        for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
            const struct attempt a = {d, probes[i], false};
            int result = attempt(&a);
            if (result != KILLED) fail_msg("%s: probe %zu ended with %d", d->name, i, result);
        }
    }
}

static void test_other_files_are_out_of_reach(void **state)
{
    (void)state;
    static int (*const probes[])(void) = {read_keys, read_shadow, write_elsewhere, write_settings};
    for (const struct role_definition *d = role_definitions; d->name != NULL; d++) {
        for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
            const struct attempt a = {d, probes[i], true};
            int result = attempt(&a);
            if (result == NO_LANDLOCK) skip();
            if (result != EACCES) fail_msg("%s: probe %zu ended with %d", d->name, i, result);
        }
    }
}

static void test_what_they_need_works(void **state)
{
    (void)state;
    static int (*const probes[])(void) = {make_socket, look_at_clock, start_thread, use_database, read_hosts};
    for (const struct role_definition *d = role_definitions; d->name != NULL; d++) {
        for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
            const struct attempt a = {d, probes[i], false};
            int result = attempt(&a);
            if (result != 0) fail_msg("%s: probe %zu ended with %d", d->name, i, result);
            (void)unlink(database);
        }
        const struct attempt packs_attempt = {d, read_packs, true};
        int wanted = d->packs ? 0 : EACCES;
        int result = attempt(&packs_attempt);
        if (result != NO_LANDLOCK && result != wanted) fail_msg("%s: packs: %d", d->name, result);
        const struct attempt blobs_attempt = {d, use_blobs, !d->blobs};
        wanted = d->blobs ? 0 : EACCES;
        result = attempt(&blobs_attempt);
        if (result != NO_LANDLOCK && result != wanted) fail_msg("%s: blobs: %d", d->name, result);
        const struct attempt zone_attempt = {d, read_zone, false};
        result = attempt(&zone_attempt);
        if (d->blobs && result != 0) fail_msg("%s: zone: %d", d->name, result);
    }
}

static void test_rights_of_root_are_gone(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    const struct attempt clock = {&role_definitions[0], set_clock, false};
    const struct attempt code = {&role_definitions[0], make_memory_code, false};
    assert_int_equal(attempt(&clock), EPERM);
    assert_int_equal(attempt(&code), EACCES);
}

static void test_unknown_user(void **state)
{
    (void)state;
    struct settings s = settings;
    unsigned user;
    unsigned group;
    if (geteuid() != 0) skip();
    s.user = "nobody-of-this-name";
    assert_int_equal(instance_user(&s, &user, &group, NULL), RFD_E_SETTINGS);
    s.user = "nobody";
    assert_int_equal(instance_user(&s, &user, &group, NULL), RFD_OK);
    assert_int_equal(user, 65534);
}

/* ---- Tables ---- */

static void test_tables(void **state)
{
    (void)state;
    struct role_table t;
    role_table_fill(&t, &settings, 2, false);
    assert_string_equal(t.roles[0].name, "keeper");
    assert_string_equal(t.roles[1].name, "signer");
    assert_int_equal(t.roles[1].count, 2);
    for (const struct supervised_role *r = t.roles; r->name != NULL; r++) assert_string_not_equal(r->name, "web");
    role_table_fill(&t, &settings, 0, true);
    for (const struct supervisor_link *l = t.links; l->client != NULL; l++) {
        assert_string_not_equal(l->server, "signer");
        assert_true(strcmp(l->client, "status") != 0 || strcmp(l->server, "keeper") != 0);
        assert_string_not_equal(l->server, "worker");
    }
    struct settings asks = settings;
    bool linked = false;
    asks.requests.identity_service = "https://identidad.example";
    role_table_fill(&t, &asks, 0, true);
    for (const struct supervisor_link *l = t.links; l->client != NULL; l++)
        linked = linked || (strcmp(l->client, "web") == 0 && strcmp(l->server, "worker") == 0);
    assert_true(linked);
}

static bool is_linked(const struct role_table *t, const char *client, const char *server)
{
    for (const struct supervisor_link *l = t->links; l->client != NULL; l++) {
        if (strcmp(l->client, client) == 0 && strcmp(l->server, server) == 0) return true;
    }
    return false;
}

static const struct supervised_role *find_role(const struct role_table *t, const char *name)
{
    const struct supervised_role *r = t->roles;
    while (r->name != NULL && strcmp(r->name, name) != 0) r++;
    return r->name == NULL ? NULL : r;
}

/* One, where there is a store for it; the internet's processes have no way to it. */
static void test_personal_keeper(void **state)
{
    (void)state;
    struct role_table t;
    role_table_fill(&t, &settings, 2, true);
    assert_null(find_role(&t, "personal"));
    assert_int_equal(mkdir("keys/personal", 0700), 0);
    file_write("keys/personal/master", SLICE("x"));
    role_table_fill(&t, &settings, 2, true);
    assert_non_null(find_role(&t, "personal"));
    assert_int_equal(find_role(&t, "personal")->count, 1);
    assert_true(find_role(&t, "personal") < find_role(&t, "web")); /* servers stop after their clients */
    assert_true(find_role(&t, "personal") < find_role(&t, "worker"));
    assert_true(is_linked(&t, "web", "personal"));
    assert_true(is_linked(&t, "worker", "personal"));
    assert_false(is_linked(&t, "status", "personal"));
    assert_false(is_linked(&t, "personal", "keeper"));
    role_table_fill(&t, &settings, 2, false);
    assert_false(is_linked(&t, "web", "personal"));
}

static void make_store(unsigned index)
{
    char path[64];
    (void)snprintf(path, sizeof path, "keys/signer-%u", index);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "keys/signer-%u/master", index);
    file_write(path, SLICE("x"));
}

static void test_signers_are_as_many_as_stores(void **state)
{
    (void)state;
    unsigned count = 9;
    struct settings s = settings;
    s.keys.folder = "keys";
    assert_int_equal(signer_count(&s, &count, NULL), RFD_OK);
    assert_int_equal(count, 0);
    make_store(0);
    assert_int_equal(signer_count(&s, &count, NULL), RFD_OK);
    assert_int_equal(count, 1);
    s.keys.signers = 2;
    assert_int_equal(signer_count(&s, &count, NULL), RFD_E_SETTINGS);
    make_store(1);
    assert_int_equal(signer_count(&s, &count, NULL), RFD_OK);
    assert_int_equal(count, 2);
}

static int make_instance(void **state)
{
    char address[540];
    if (folder_setup(state) != 0 || getcwd(folder, sizeof folder) == NULL) return -1;
    (void)snprintf(database, sizeof database, "%s/data/db", folder);
    (void)snprintf(packs, sizeof packs, "%s/packs", folder);
    (void)snprintf(address, sizeof address, "sqlite:%s", database);
    (void)snprintf(blobs, sizeof blobs, "%s/blobs", folder);
    settings = (struct settings){.home = folder,
                                 .packs = packs,
                                 .user = "",
                                 .database = strdup(address),
                                 .web = {.blobs = blobs},
                                 .requests = {.identity_service = ""}};
    settings.keys.folder = "keys";
    static const char *const made[] = {"data", "keys", "packs", "blobs", "blobs/new", "blobs/ab"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (mkdir(made[i], 0700) != 0) return -1;
    file_write("keys/secret", SLICE("s"));
    file_write("packs/one.yaml", SLICE("a: 1\n"));
    file_write("refrenda.yaml", SLICE(""));
    return 0;
}

static int remove_instance(void **state)
{
    free((void *)(uintptr_t)settings.database);
    return folder_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forbidden_calls_kill), cmocka_unit_test(test_other_files_are_out_of_reach),
        cmocka_unit_test(test_what_they_need_works), cmocka_unit_test(test_rights_of_root_are_gone),
        cmocka_unit_test(test_unknown_user),         cmocka_unit_test(test_tables),
        cmocka_unit_test(test_personal_keeper),      cmocka_unit_test(test_signers_are_as_many_as_stores),
    };
    return cmocka_run_group_tests(tests, make_instance, remove_instance);
}
