/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper in its own process and sandbox; the test stands in for the supervisor and for its clients.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "ipc/sandbox.h"
#include "ipc/supervisor_internal.h"
#include "keeper/keystore_internal.h"
#include "keeper/process.h"
#include "keeper/process_sandbox.h"
#include "keeper/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, WAIT = 60000, CHEAP_KIBIBYTES = 64, KILLS = 200, AUDIT_SIZE = 1 << 16 };

static char store[64];
static uint64_t chance = 88172645463325252;

static struct master the_master(void)
{
    struct master m;
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("the passphrase of this test"), &m, NULL), RFD_OK);
    m.passes = 1;
    m.kibibytes = CHEAP_KIBIBYTES;
    return m;
}

/** A new store that belongs to the user that the sandbox makes of root. */
static void make_store(void)
{
    static int number;
    struct master m = the_master();
    char file[96];
    (void)snprintf(store, sizeof store, "store%d", ++number);
    assert_int_equal(keystore_files_init(store, &m, NULL), RFD_OK);
    master_dispose(&m);
    if (geteuid() != 0) return;
    assert_int_equal(chmod(".", 0755), 0);
    static const char *const files[] = {"", "/lock", "/master"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(file, sizeof file, "%s%s", store, files[i]);
        assert_int_equal(chown(file, NOBODY, NOBODY), 0);
    }
}

/* ---- The process ---- */

struct running {
    pid_t pid;
    struct channel *control;
    int audit;
};

static int be_keeper(int control, int audit)
{
    const struct channel_options options = {
        .maximum = CONTROL_MAXIMUM, .backlog = CONTROL_BACKLOG, .flags = CHANNEL_DESCRIPTORS};
    struct keeper_process_options keeper = {.store = store, .master = the_master(), .audit = audit};
    struct supervised self = {.role = "keeper", .context = &keeper};
    if (channel_new(control, &options, &self.control, NULL) != RFD_OK) return 9;
    return keeper_process_run(&self);
}

static void wait_for(struct channel *c, struct message *m)
{
    while (!channel_next(c, m)) {
        struct pollfd p = {.fd = channel_descriptor(c), .events = POLLIN};
        assert_int_equal(poll(&p, 1, WAIT), 1);
        assert_int_equal(channel_receive(c, NULL), RFD_OK);
    }
}

static void start(struct running *k)
{
    const struct channel_options options = {
        .maximum = CONTROL_MAXIMUM, .backlog = CONTROL_BACKLOG, .flags = CHANNEL_DESCRIPTORS};
    int sockets[2], audit[2];
    struct message m;
    assert_int_equal(channel_pair(sockets, NULL), RFD_OK);
    assert_int_equal(pipe2(audit, O_CLOEXEC | O_NONBLOCK), 0);
    k->pid = fork();
    assert_true(k->pid >= 0);
    if (k->pid == 0) {
        (void)close(sockets[0]);
        (void)close(audit[0]);
        (void)fcntl(audit[1], F_SETFL, 0);
        _exit(be_keeper(sockets[1], audit[1]));
    }
    (void)close(sockets[1]);
    (void)close(audit[1]);
    k->audit = audit[0];
    assert_int_equal(channel_new(sockets[0], &options, &k->control, NULL), RFD_OK);
    wait_for(k->control, &m);
    assert_int_equal(m.type, CONTROL_READY);
}

/** Hands the keeper a socket of a client with this role. */
static struct channel *connect_as(struct running *k, const char *role)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *c = NULL;
    struct buf b;
    int fds[2];
    buf_init(&b, CONTROL_MAXIMUM);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    message_put_text(&b, role);
    message_put_u32(&b, 0);
    assert_int_equal(channel_send(k->control, CONTROL_PEER, 0, buf_slice(&b), &fds[1], 1, NULL), RFD_OK);
    (void)close(fds[1]);
    assert_int_equal(channel_new(fds[0], &options, &c, NULL), RFD_OK);
    buf_dispose(&b);
    return c;
}

static struct channel *greet_as(struct running *k, const char *role)
{
    struct channel *c = connect_as(k, role);
    assert_int_equal(keeper_greet(c, WAIT, NULL), RFD_OK);
    return c;
}

/** The process must end by itself when its supervisor is gone. */
static void stop(struct running *k)
{
    int how;
    channel_free(k->control);
    assert_int_equal(waitpid(k->pid, &how, 0), k->pid);
    (void)close(k->audit);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static void kill_keeper(struct running *k)
{
    int how;
    assert_int_equal(kill(k->pid, SIGKILL), 0);
    assert_int_equal(waitpid(k->pid, &how, 0), k->pid);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    channel_free(k->control);
    (void)close(k->audit);
}

static rfd_status create_key_of(struct channel *c, const char *name, const char *purpose, const char *algorithm)
{
    struct message_reader r;
    struct buf b;
    buf_init(&b, 1024);
    message_put_text(&b, name);
    message_put_text(&b, purpose);
    message_put_text(&b, algorithm);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    rfd_status status = keeper_ask(c, KEEPER_CREATE_KEY, buf_slice(&b), WAIT, &r, NULL);
    buf_dispose(&b);
    return status;
}

static rfd_status create_key(struct channel *c, const char *name, const char *purpose)
{
    return create_key_of(c, name, purpose, "P-256");
}

static rfd_status sign_head(struct channel *c, uint64_t size, unsigned milliseconds)
{
    static const uint8_t root[KEEPER_ROOT_SIZE];
    struct message_reader r;
    struct buf b;
    buf_init(&b, 1024);
    message_put_text(&b, "log-1");
    message_put_u64(&b, size);
    message_put_bytes(&b, slice_of(root, sizeof root));
    rfd_status status = keeper_ask(c, KEEPER_SIGN_LOG_HEAD, buf_slice(&b), milliseconds, &r, NULL);
    buf_dispose(&b);
    return status;
}

/* ---- Tests ---- */

static void test_service(void **state)
{
    (void)state;
    struct running k;
    static char audit[AUDIT_SIZE];
    make_store();
    start(&k);
    struct channel *admin = greet_as(&k, "admin");
    struct channel *worker = greet_as(&k, "worker");
    struct channel *web = greet_as(&k, "web");
    assert_int_equal(create_key(admin, "log-1", "log"), RFD_OK);
    assert_int_equal(create_key(admin, "log-1", "log"), RFD_E_EXISTS);
    assert_int_equal(create_key(web, "log-2", "log"), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_head(worker, 5, WAIT), RFD_OK);
    assert_int_equal(sign_head(worker, 4, WAIT), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_head(web, 6, WAIT), RFD_E_KEY_REFUSED);
    /* A client that talks nonsense is hung up on; the others are served. */
    struct channel *stranger = connect_as(&k, "web");
    assert_int_equal(sign_head(stranger, 6, WAIT), RFD_E_PEER_GONE); /* without a greeting */
    channel_free(stranger);
    stranger = connect_as(&k, "passer-by");
    assert_int_equal(keeper_greet(stranger, WAIT, NULL), RFD_E_PEER_GONE);
    channel_free(stranger);
    assert_int_equal(sign_head(worker, 7, WAIT), RFD_OK);
    ssize_t length = read(k.audit, audit, sizeof audit - 1);
    assert_true(length > 0);
    assert_non_null(strstr(audit, "\"sender\":\"web\",\"operation\":\"create-key\",\"status\":\"key-refused\""));
    assert_non_null(strstr(audit, "\"operation\":\"sign-log-head\",\"key\":\"log-1\",\"uses\":1,\"status\":\"ok\"}\n"));
    channel_free(admin);
    channel_free(worker);
    channel_free(web);
    stop(&k);
}

/* Each kind of key is made, listed, and after a restart opened, with the few system calls that are left. */
static void test_every_algorithm_in_the_sandbox(void **state)
{
    (void)state;
    struct running k;
    struct message_reader r;
    char name[16];
    make_store();
    start(&k);
    struct channel *admin = greet_as(&k, "admin");
    for (enum key_algorithm a = KEY_ALGORITHM_P256; a < KEY_ALGORITHM_COUNT; a++) {
        (void)snprintf(name, sizeof name, "key-%d", (int)a);
        const char *purpose = a == KEY_ALGORITHM_AES_256 ? "wrapping" : "seal";
        assert_int_equal(create_key_of(admin, name, purpose, key_algorithm_name(a)), RFD_OK);
    }
    assert_int_equal(keeper_ask(admin, KEEPER_LIST_KEYS, SLICE_EMPTY, WAIT, &r, NULL), RFD_OK);
    assert_int_equal(message_get_u32(&r), KEY_ALGORITHM_COUNT - 1);
    channel_free(admin);
    kill_keeper(&k);
    start(&k);
    admin = greet_as(&k, "admin");
    for (enum key_algorithm a = KEY_ALGORITHM_P256; a < KEY_ALGORITHM_COUNT; a++) {
        struct buf b;
        buf_init(&b, sizeof name + 4);
        (void)snprintf(name, sizeof name, "key-%d", (int)a);
        message_put_text(&b, name);
        assert_int_equal(keeper_ask(admin, KEEPER_PUBLIC_KEY, buf_slice(&b), WAIT, &r, NULL), RFD_OK);
        buf_dispose(&b);
    }
    channel_free(admin);
    stop(&k);
}

static void test_many_clients_come_and_go(void **state)
{
    (void)state;
    struct running k;
    make_store();
    start(&k);
    for (int i = 0; i < 3 * KEEPER_PROCESS_CLIENTS; i++) {
        struct channel *c = greet_as(&k, "worker");
        assert_int_equal(sign_head(c, 1, WAIT), RFD_E_KEY_UNKNOWN);
        channel_free(c);
    }
    stop(&k);
}

static void test_wrong_passphrase_ends_it(void **state)
{
    (void)state;
    int how;
    make_store();
    pid_t pid = fork();
    if (pid == 0) {
        struct keeper_process_options keeper = {.store = store, .audit = open("/dev/null", O_WRONLY)};
        struct supervised self = {.role = "keeper", .context = &keeper};
        if (master_from_secret(MASTER_PASSPHRASE, SLICE("wrong"), &keeper.master, NULL) != RFD_OK) _exit(9);
        _exit(keeper_process_run(&self));
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 1);
}

static void test_killed_at_any_moment(void **state)
{
    (void)state;
    struct running k;
    uint64_t acknowledged = 0;
    make_store();
    for (int i = 0; i < KILLS; i++) {
        start(&k);
        struct channel *worker = greet_as(&k, "worker");
        if (i == 0) {
            struct channel *admin = greet_as(&k, "admin");
            assert_int_equal(create_key(admin, "log-1", "log"), RFD_OK);
            channel_free(admin);
        }
        /* What was acknowledged is never taken back: a smaller tree stays forbidden. */
        if (acknowledged > 1) assert_int_equal(sign_head(worker, acknowledged - 1, WAIT), RFD_E_KEY_REFUSED);
        int rounds = (int)(next_random(&chance) % 5);
        while (rounds-- > 0) {
            if (sign_head(worker, acknowledged + 1, WAIT) == RFD_OK) acknowledged++;
        }
        /* Killed while it works at one more, whose answer nobody waits for. */
        if (sign_head(worker, acknowledged + 1, (unsigned)(next_random(&chance) % 2)) == RFD_OK) acknowledged++;
        kill_keeper(&k);
        channel_free(worker);
    }
    assert_true(acknowledged >= KILLS);
}

/* ---- The sandbox ---- */

static int answer(long result)
{
    return result < 0 ? errno : 0;
}

/* clang-format off */
#define PROBE(name, call) static int name(void) { return answer(call); }
PROBE(make_socket, socket(AF_UNIX, SOCK_STREAM, 0))
PROBE(make_internet_socket, socket(AF_INET, SOCK_STREAM, 0))
PROBE(make_pair, syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, NULL))
PROBE(connect_out, connect(STDIN_FILENO, NULL, 0))
PROBE(bind_here, bind(STDIN_FILENO, NULL, 0))
PROBE(accept_one, accept(STDIN_FILENO, NULL, NULL))
PROBE(send_descriptor, sendmsg(STDIN_FILENO, NULL, 0))
PROBE(run_program, syscall(SYS_execve, "/bin/true", NULL, NULL))
PROBE(trace_parent, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL))
PROBE(signal_parent, kill(getppid(), 0))
PROBE(make_process, syscall(SYS_fork))
PROBE(make_code, (intptr_t)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
PROBE(read_password_file, open("/etc/passwd", O_RDONLY))
PROBE(write_elsewhere, open("/tmp/refrenda-escaped", O_WRONLY | O_CREAT, 0600))
PROBE(write_beside, open("beside", O_WRONLY | O_CREAT, 0600))
PROBE(read_own_memory, open("/proc/self/mem", O_RDONLY))
PROBE(be_dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
/* clang-format on */

static int write_in_store(void)
{
    char path[96];
    (void)snprintf(path, sizeof path, "%s/probe", store);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    return fd < 0 ? errno : answer(unlink(path));
}

struct attempt {
    int (*probe)(void);
};

static int attempt(void *context)
{
    const struct attempt *a = context;
    if (process_lock_memory(NULL) != RFD_OK || process_enter_sandbox(store, NULL) != RFD_OK) return 250;
    return a->probe();
}

static void test_a_forbidden_call_dies(void **state)
{
    (void)state;
    enum { DIES = -1 };
    static const struct {
        int (*probe)(void);
        int expected; /* errno, or DIES */
    } rows[] = {
        {make_socket, DIES},
        {make_internet_socket, DIES},
        {make_pair, DIES},
        {connect_out, DIES},
        {bind_here, DIES},
        {accept_one, DIES},
        {send_descriptor, DIES},
        {run_program, DIES},
        {trace_parent, DIES},
        {signal_parent, DIES},
        {make_process, DIES},
        {make_code, EACCES},
        {read_password_file, EACCES},
        {write_elsewhere, EACCES},
        {write_beside, EACCES},
        {read_own_memory, EACCES},
        {be_dumpable, EPERM},
        {write_in_store, 0},
    };
    make_store();
    bool landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct attempt a = {rows[i].probe};
        if (!landlock && rows[i].expected == EACCES) continue;
        int how = in_child(attempt, &a);
        if (rows[i].expected == DIES) {
            if (!WIFSIGNALED(how) || WTERMSIG(how) != SIGSYS) fail_msg("row %zu: %x", i, how);
        } else if (!WIFEXITED(how) || WEXITSTATUS(how) != rows[i].expected)
            fail_msg("row %zu: %x", i, how);
    }
}

/* ---- Memory ---- */

struct needle {
    const char *name;
    uint8_t octets[32];
};

/** Whether the mapping may hold secrets: the secure heap and the pages of struct secret are locked and not dumped. */
static bool is_guarded(const char *flags)
{
    return strstr(flags, " dd") != NULL && strstr(flags, " lo") != NULL;
}

/** Searches one mapping; reports what is found where it must not be. */
static size_t search(int memory, uint64_t from, uint64_t to, const struct needle *needles, size_t count)
{
    size_t found = 0;
    size_t length = (size_t)(to - from);
    uint8_t *bytes = memory_allocate(length);
    assert_non_null(bytes);
    ssize_t got = pread(memory, bytes, length, (off_t)from);
    for (size_t n = 0; n < count && got > 0; n++)
        found += memmem(bytes, (size_t)got, needles[n].octets, sizeof needles[n].octets) != NULL;
    memory_free(bytes);
    return found;
}

/** How many of the needles are in guarded, and in other writable memory of the process. */
static void search_process(pid_t pid, const struct needle *needles, size_t count, size_t *guarded, size_t *open_places)
{
    char path[64];
    char line[512];
    uint64_t from = 0, to = 0;
    bool writable = false;
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    (void)snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
    FILE *maps = fopen(path, "re");
    if (memory < 0 || maps == NULL) {
        if (memory >= 0) (void)close(memory);
        skip();
    }
    *guarded = *open_places = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long long start, end;
        char rights[8];
        if (sscanf(line, "%llx-%llx %7s", &start, &end, rights) == 3) {
            from = start;
            to = end;
            writable = rights[1] == 'w';
        }
        if (strncmp(line, "VmFlags:", 8) != 0 || !writable || to - from > (64 << 20)) continue;
        size_t found = search(memory, from, to, needles, count);
        *(is_guarded(line) ? guarded : open_places) += found;
        if (found > 0 && !is_guarded(line)) print_message("found in %llx: %s", (unsigned long long)from, line);
    }
    (void)fclose(maps);
    (void)close(memory);
}

/** The private number of log-1 and the store key, read as their owner may. */
static void read_secrets(struct needle needles[3])
{
    struct master m = the_master();
    struct keystore own;
    struct key_description d;
    struct buf record;
    uint8_t plain[KEY_MATERIAL_MAXIMUM];
    enum { PUBLIC_SIZE = 65 };
    assert_int_equal(keystore_files_open(store, &m, &own, NULL), RFD_OK);
    const struct key_files *files = own.state;
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    assert_int_equal(key_folder_read(&files->folder, "log-1.key", &record, NULL), RFD_OK);
    assert_int_equal(key_record_open(buf_slice(&record), secret_slice(&files->store_key), "log-1", &d, plain, NULL),
                     RFD_OK);
    memcpy(needles[0].octets, plain + PUBLIC_SIZE, 32);
    for (size_t i = 0; i < 32; i++) needles[1].octets[i] = plain[PUBLIC_SIZE + 31 - i];
    memcpy(needles[2].octets, files->store_key.data, 32);
    buf_dispose(&record);
    keystore_close(&own);
    master_dispose(&m);
}

/* The process is looked into while it stands still after work: the private key, as OpenSSL keeps it and as it would be
 * encoded, and the store key are in guarded memory only. */
static void test_secrets_stay_in_guarded_memory(void **state)
{
    (void)state;
    struct running k;
    struct needle needles[3] = {{.name = "private key"}, {.name = "private key, encoded"}, {.name = "store key"}};
    size_t guarded = 0, open_places = 0;
    int how;
#if defined(__SANITIZE_ADDRESS__)
    skip();
#endif
    make_store();
    start(&k);
    struct channel *admin = greet_as(&k, "admin");
    struct channel *worker = greet_as(&k, "worker");
    assert_int_equal(create_key(admin, "log-1", "log"), RFD_OK);
    for (uint64_t i = 1; i < 20; i++) assert_int_equal(sign_head(worker, i, WAIT), RFD_OK);
    /* Its copy of the store is opened under another name while it stands still, since it holds the lock. */
    char lock[96];
    (void)snprintf(lock, sizeof lock, "%s/lock", store);
    assert_int_equal(unlink(lock), 0);
    read_secrets(needles);
    assert_int_equal(kill(k.pid, SIGSTOP), 0);
    assert_int_equal(waitpid(k.pid, &how, WUNTRACED), k.pid);
    search_process(k.pid, needles, 3, &guarded, &open_places);
    assert_int_equal(kill(k.pid, SIGCONT), 0);
    assert_true(guarded >= 2); /* the search finds what is there */
    assert_int_equal(open_places, 0);
    channel_free(admin);
    channel_free(worker);
    stop(&k);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_service),
        cmocka_unit_test(test_every_algorithm_in_the_sandbox),
        cmocka_unit_test(test_many_clients_come_and_go),
        cmocka_unit_test(test_wrong_passphrase_ends_it),
        cmocka_unit_test(test_killed_at_any_moment),
        cmocka_unit_test(test_a_forbidden_call_dies),
        cmocka_unit_test(test_secrets_stay_in_guarded_memory),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
