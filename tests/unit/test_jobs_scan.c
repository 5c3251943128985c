/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files on their way through a real clamd (tests/support/clamd.py) that knows one virus, and scanners that are not
 * there, say nothing, or talk nonsense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base_support.h"
#include "evidence_world.h"
#include "jobs/scan.h"
#include "jobs/work.h"
#include "keeper/client_internal.h"
#include "keeper_support.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VIRUS "some paper, and in it REFRENDA-TEST-VIRUS, as a print"
#define NAME  "Refrenda.Test.Virus.UNOFFICIAL"
enum { WAIT = 60000, STEP = 20, PATH_SIZE = 256, MEGABYTE = 1 << 20 };

/* ---- A real scanner, for all tests ---- */

static struct {
    pid_t pid;
    char folder[PATH_SIZE], socket[PATH_SIZE + 16], network[32];
    bool runs;
} clamd;

static bool read_port(uint64_t *port)
{
    char path[PATH_SIZE + 16], text[16] = "";
    (void)snprintf(path, sizeof path, "%s/port", clamd.folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) (void)close(fd);
    return got > 0 && number_unsigned(slice_text(text), 65535, port);
}

/** Does nothing when there is no clamd here. */
static int start_clamd(void)
{
    uint64_t port = 0;
    char here[PATH_SIZE - 16];
    if (getcwd(here, sizeof here) == NULL) return -1;
    (void)snprintf(clamd.folder, sizeof clamd.folder, "%s/clamd", here);
    if (mkdir(clamd.folder, 0700) != 0) return -1;
    clamd.pid = fork();
    if (clamd.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)execl(CLAMD, CLAMD, clamd.folder, (char *)NULL);
        _exit(9);
    }
    for (int i = 0; i < WAIT / STEP && !read_port(&port); i++) {
        if (waitpid(clamd.pid, NULL, WNOHANG) == clamd.pid) return 0;
        (void)usleep(STEP * 1000);
    }
    clamd.runs = port != 0;
    (void)snprintf(clamd.socket, sizeof clamd.socket, "unix:%s/socket", clamd.folder);
    (void)snprintf(clamd.network, sizeof clamd.network, "127.0.0.1:%u", (unsigned)port);
    return clamd.runs ? 0 : -1;
}

static int setup_all(void **state)
{
    if (folder_setup(state) != 0 || folder_new() == NULL) return -1; /* one for the databases, one for the keeper */
    return start_clamd();
}

static int teardown_all(void **state)
{
    if (clamd.runs) {
        (void)kill(clamd.pid, SIGTERM);
        (void)waitpid(clamd.pid, NULL, 0);
    }
    folder_remove();
    return folder_teardown(state);
}

#define NEEDS_CLAMD                                                                                                    \
    do {                                                                                                               \
        if (!clamd.runs) skip();                                                                                       \
    } while (0)

/* ---- One content ---- */

static rfd_status scan(const struct scanner *scanner, slice content, char found[SCAN_NAME_SIZE],
                       struct rfd_error *error)
{
    struct scan *s = NULL;
    rfd_status status = scan_begin(scanner, &s, error);
    for (size_t at = 0; status == RFD_OK && at < content.length; at += BLOB_PIECE)
        status = scan_put(s, slice_part(content, at, BLOB_PIECE), error);
    if (status == RFD_OK) status = scan_finish(s, found, error);
    scan_end(s);
    return status;
}

static void finds(const char *address, slice content, const char *name)
{
    char found[SCAN_NAME_SIZE] = "nothing was said";
    struct rfd_error error = RFD_ERROR_INIT;
    const struct scanner scanner = {.address = address, .seconds = 60};
    if (scan(&scanner, content, found, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_string_equal(found, name);
}

static void a_real_scanner(void **state)
{
    (void)state;
    NEEDS_CLAMD;
    const char *const ways[] = {clamd.socket, clamd.network};
    for (size_t i = 0; i < 2; i++) {
        finds(ways[i], SLICE("a harmless page"), "");
        finds(ways[i], SLICE(VIRUS), NAME);
        finds(ways[i], SLICE_EMPTY, "");
    }
    uint8_t *large = memory_zeroed(10, MEGABYTE);
    assert_non_null(large);
    for (size_t i = 0; i < 10 * (size_t)MEGABYTE; i++) large[i] = (uint8_t)(i * 2654435761U >> 13);
    finds(clamd.socket, slice_of(large, 10 * (size_t)MEGABYTE), "");
    memcpy(large + 10 * (size_t)MEGABYTE - 40, VIRUS + 22, 19); /* it ends with it */
    finds(clamd.network, slice_of(large, 10 * (size_t)MEGABYTE), NAME);
    memory_free(large);
}

/** What it refuses to look at is not clean. */
static void more_than_it_takes(void **state)
{
    (void)state;
    NEEDS_CLAMD;
    char found[SCAN_NAME_SIZE];
    struct rfd_error error = RFD_ERROR_INIT;
    const struct scanner scanner = {.address = clamd.socket, .seconds = 60};
    uint8_t *large = memory_zeroed(30, MEGABYTE);
    assert_int_equal(scan(&scanner, slice_of(large, 30 * (size_t)MEGABYTE), found, &error), RFD_E_NETWORK);
    memory_free(large);
}

static void no_scanner(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "", "unix:", "clamd", "host:", "host:0", ":3310", "host:99999999999", "[::1]3310", "host:x"};
    char found[SCAN_NAME_SIZE];
    struct scanner scanner = {.address = ""};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        scanner.address = addresses[i];
        assert_int_equal(scan(&scanner, SLICE("x"), found, NULL), RFD_E_SETTINGS);
    }
    scanner.address = "unix:/there/is/no/such/socket";
    assert_int_equal(scan(&scanner, SLICE("x"), found, NULL), RFD_E_NETWORK);
    scanner.address = "127.0.0.1:1";
    assert_int_equal(scan(&scanner, SLICE("x"), found, NULL), RFD_E_NETWORK);
}

/* ---- Scanners that are none ---- */

struct impostor {
    int listener;
    const char *answer; /* NULL: none */
    bool waits;         /* until all was read */
    char address[32];
    pthread_t thread;
};

static void *deceive(void *context)
{
    const struct impostor *i = context;
    char bytes[4096];
    int fd = accept4(i->listener, NULL, NULL, SOCK_CLOEXEC);
    if (i->waits) (void)recv(fd, bytes, sizeof bytes, 0);
    if (i->answer != NULL) (void)send(fd, i->answer, strlen(i->answer) + 1, MSG_NOSIGNAL);
    while (i->answer == NULL && recv(fd, bytes, sizeof bytes, 0) > 0) continue;
    (void)close(fd);
    return NULL;
}

static void start_impostor(struct impostor *i)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof a;
    i->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(i->listener, (const struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(i->listener, 4), 0);
    assert_int_equal(getsockname(i->listener, (struct sockaddr *)&a, &length), 0);
    (void)snprintf(i->address, sizeof i->address, "127.0.0.1:%u", ntohs(a.sin_port));
    assert_int_equal(pthread_create(&i->thread, NULL, deceive, i), 0);
}

static void stop_impostor(const struct impostor *i)
{
    assert_int_equal(pthread_join(i->thread, NULL), 0);
    (void)close(i->listener);
}

static void nonsense(void **state)
{
    (void)state;
    static char endless[4000];
    memset(endless, 'a', sizeof endless - 1);
    const char *const answers[] = {
        "",      "OK",           "stream: OK FOUND?", "stream:  FOUND",       "stream: FOUND",
        endless, "stream: OK\n", "1: stream: OK",     "UNKNOWN COMMAND ERROR"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct impostor impostor = {.answer = answers[i], .waits = true};
        char found[SCAN_NAME_SIZE];
        start_impostor(&impostor);
        const struct scanner scanner = {.address = impostor.address, .seconds = 60};
        assert_int_equal(scan(&scanner, SLICE("x"), found, NULL), RFD_E_NETWORK);
        stop_impostor(&impostor);
    }
}

static void silence(void **state)
{
    (void)state;
    struct impostor impostor = {.answer = NULL};
    char found[SCAN_NAME_SIZE];
    start_impostor(&impostor);
    const struct scanner scanner = {.address = impostor.address, .seconds = 1};
    assert_int_equal(scan(&scanner, SLICE("x"), found, NULL), RFD_E_DEADLINE);
    stop_impostor(&impostor);
}

static void the_worker_stops(void **state)
{
    (void)state;
    struct impostor impostor = {.answer = NULL};
    atomic_bool stop = true;
    char found[SCAN_NAME_SIZE];
    start_impostor(&impostor);
    const struct scanner scanner = {.address = impostor.address, .stop = &stop, .seconds = 60};
    assert_int_equal(scan(&scanner, SLICE("x"), found, NULL), RFD_E_CANCELLED);
    stop_impostor(&impostor);
}

/* ---- The job ---- */

struct job_world {
    struct keeper_client *client;
    struct blob_store *blobs;
    struct settings settings;
    struct jobs jobs;
    struct arena arena;
    char folder[PATH_SIZE];
};

static void open_world(struct job_world *w, struct store *store, const char *scanner)
{
    static int number;
    assert_int_equal(world_setup(NULL), 0);
    assert_int_equal(world_create("wrapping", "wrapping", "AES-256"), RFD_OK);
    *w = (struct job_world){.client = NULL};
    arena_init(&w->arena, MEGABYTE);
    assert_int_equal(keeper_client_direct(world.keeper, &w->client, NULL), RFD_OK);
    w->client->session.sender = KEEPER_FROM_WORKER;
    (void)snprintf(w->folder, sizeof w->folder, "blobs-%d", ++number);
    const struct blob_options options = {w->folder, "wrapping", w->client};
    assert_int_equal(blob_store_open(&options, &w->blobs, NULL), RFD_OK);
    w->settings.requests.scanner = scanner;
    w->jobs = (struct jobs){.settings = &w->settings, .authority = {.store = store}, .blobs = w->blobs};
    evidence_world_requests(store);
}

static void close_world(struct job_world *w)
{
    arena_dispose(&w->arena);
    blob_store_close(w->blobs);
    keeper_client_free(w->client);
    assert_int_equal(world_teardown(NULL), 0);
}

static int64_t hand_in(struct job_world *w, int64_t request, const char *kind, slice content)
{
    struct blob_writer *writer = NULL;
    struct evidence_putting p = evidence_world_file(request, kind, 'x', true);
    assert_int_equal(blob_begin(w->blobs, &writer, NULL), RFD_OK);
    assert_int_equal(blob_write(writer, content, NULL), RFD_OK);
    assert_int_equal(blob_finish(writer, &w->arena, &p.file.blob, NULL), RFD_OK);
    assert_int_equal(store_write(w->jobs.authority.store, evidence_world_put_work, &p, NULL), RFD_OK);
    return p.id;
}

static int64_t how_many(const struct job_world *w, const char *scan)
{
    char sql[100];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM evidence WHERE scan = '%s'", scan);
    return domain_store_number(w->jobs.authority.store, sql);
}

static void files_that_wait(void **state)
{
    struct store *store = domain_store_of(state);
    struct job_world w;
    NEEDS_CLAMD;
    open_world(&w, store, clamd.socket);
    (void)hand_in(&w, 1, "identity-front", SLICE("a page"));
    (void)hand_in(&w, 1, "proof-of-address", SLICE(VIRUS));
    (void)hand_in(&w, 3, "proof-of-address", SLICE(VIRUS));
    assert_int_equal(job_scan(&w.jobs, NULL), RFD_OK);
    assert_int_equal(how_many(&w, "clean"), 1);
    assert_int_equal(how_many(&w, "infected"), 2);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE recipient LIKE 'rosa%'"), 2);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.scan' "
                                                "AND detail LIKE '%" NAME "%'"),
                     2);
    assert_int_equal(job_scan(&w.jobs, NULL), RFD_OK); /* nothing to do */
    close_world(&w);
}

static void a_scanner_that_comes_back(void **state)
{
    struct store *store = domain_store_of(state);
    struct job_world w;
    NEEDS_CLAMD;
    open_world(&w, store, "unix:/there/is/no/such/socket");
    (void)hand_in(&w, 1, "identity-front", SLICE("a page"));
    assert_int_equal(job_scan(&w.jobs, NULL), RFD_E_NETWORK);
    assert_int_equal(how_many(&w, "waiting"), 1);
    w.settings.requests.scanner = clamd.network;
    assert_int_equal(job_scan(&w.jobs, NULL), RFD_OK);
    assert_int_equal(how_many(&w, "clean"), 1);
    close_world(&w);
}

/** Its own misfortune is nobody else's. */
static void a_file_that_is_gone(void **state)
{
    struct store *store = domain_store_of(state);
    struct job_world w;
    NEEDS_CLAMD;
    open_world(&w, store, clamd.socket);
    (void)evidence_world_put(store, 1, "identity-front", 'e', true); /* a row without a content */
    (void)hand_in(&w, 1, "proof-of-address", SLICE("a page"));
    assert_int_not_equal(job_scan(&w.jobs, NULL), RFD_OK);
    assert_int_equal(how_many(&w, "clean"), 1);
    assert_int_equal(how_many(&w, "waiting"), 1);
    close_world(&w);
}

static void without_a_scanner(void **state)
{
    (void)state;
    struct settings settings = {.requests = {.scanner = ""}};
    struct jobs jobs = {.settings = &settings};
    assert_int_equal(job_scan(&jobs, NULL), RFD_OK);
    assert_int_equal(job_blobs(&jobs, NULL), RFD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_scanner),    cmocka_unit_test(more_than_it_takes),
        cmocka_unit_test(no_scanner),        cmocka_unit_test(nonsense),
        cmocka_unit_test(silence),           cmocka_unit_test(the_worker_stops),
        IN_BOTH_WORLDS(files_that_wait),     IN_BOTH_WORLDS(a_scanner_that_comes_back),
        IN_BOTH_WORLDS(a_file_that_is_gone), cmocka_unit_test(without_a_scanner),
    };
    return cmocka_run_group_tests_name("jobs_scan", tests, setup_all, teardown_all);
}
