/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/supervise.h"

#include "base/error.h"
#include "base/log.h"
#include "ipc/admin_connect.h"
#include "server/board.h"
#include "server/instance.h"
#include "server/role_keeper.h"
#include "server/role_table.h"
#include "server/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATH_SIZE = 4096,
    PAUSE_LONGEST = 5000,
    STEADY = 10000,
    PATIENCE = 15000 /* milliseconds; services take up to ROLE_STOP_SECONDS to finish */
};

struct house {
    const struct settings *settings;
    unsigned user, group;
    int lock, admin, board, services;
    char program[sizeof "/proc/self/fd/" + 10]; /* of the services */
    struct sockets sockets;
    struct role_table table;
};

/* ---- What is told ---- */

struct saying {
    enum log_level level;
    const char *code, *message;
};

static struct saying saying_of(enum supervisor_event event, int value, bool stopping)
{
    static const struct saying sayings[] = {
        [SUPERVISOR_STARTED] = {LOG_INFO, "started", "process started"},
        [SUPERVISOR_CHILD_READY] = {LOG_INFO, "child-ready", "process ready"},
        [SUPERVISOR_DIED] = {LOG_WARNING, "died",
                             "process ended and is started again; its last lines, just above, say why"},
        [SUPERVISOR_PAUSED] = {LOG_NOTICE, "paused", "process is started again after a pause"},
        [SUPERVISOR_KILLED] = {LOG_WARNING, "killed",
                               "process did not end in time and was killed; nothing that was "
                               "acknowledged is lost"},
        [SUPERVISOR_ALL_READY] = {LOG_NOTICE, "ready", "all processes are ready"},
        [SUPERVISOR_STOPPING] = {LOG_NOTICE, "stopping", "stopping, the last process first"},
    };
    if (event == SUPERVISOR_DIED && stopping) return (struct saying){LOG_INFO, "ended", "process ended"};
    if (event == SUPERVISOR_DIED && WIFSIGNALED(value) && WTERMSIG(value) == SIGSYS)
        return (struct saying){
            LOG_ERROR, "forbidden-call",
            "process was ended by its sandbox for a system call that it may not make: a fault of the "
            "program, or somebody who took it over; keep the logs, see the kernel's for the call "
            "(audit: type=1326), and report it"};
    return sayings[event];
}

static void tell(void *context, enum supervisor_event event, const char *role, unsigned index, pid_t pid, int value)
{
    bool *stopping = context;
    if (event == SUPERVISOR_STOPPING) *stopping = true;
    struct saying s = saying_of(event, value, *stopping);
    if (role == NULL) {
        log_event(s.level, s.code, s.message);
        return;
    }
    const char *what = "value";
    if (event == SUPERVISOR_DIED) {
        what = WIFSIGNALED(value) ? "signal" : "exit";
        value = WIFSIGNALED(value) ? WTERMSIG(value) : WEXITSTATUS(value);
    }
    if (event == SUPERVISOR_PAUSED) what = "milliseconds";
    log_event(s.level, s.code, s.message, LOG_TEXT("role", role), LOG_NUMBER("index", index), LOG_NUMBER("pid", pid),
              LOG_NUMBER(what, value));
}

/* ---- Folders and sockets ---- */

/** Gives to the service's user. Where he may rename, root must not follow what he put in the name's place. */
static rfd_status give_away(const struct house *h, const char *path, struct rfd_error *error)
{
    if (geteuid() != 0 || h->user == 0 || lchown(path, h->user, h->group) == 0) return RFD_OK;
    return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
}

/** Makes a folder of the instance when it is not there; it belongs to the service's user. */
static rfd_status make_folder(const struct house *h, const char *path, mode_t mode, struct rfd_error *error)
{
    if (mkdir(path, mode) != 0) return errno == EEXIST ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    return give_away(h, path, error);
}

/** The folder that something is in. */
static rfd_status make_parent(const struct house *h, const char *of, struct rfd_error *error)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s", of);
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) return RFD_OK;
    *slash = '\0';
    return make_folder(h, path, 0700, error);
}

static rfd_status make_folders(const struct house *h, struct rfd_error *error)
{
    char path[PATH_SIZE];
    static const char sqlite[] = "sqlite:";
    (void)snprintf(path, sizeof path, "%s/" ADMIN_FOLDER, h->settings->home);
    TRY(make_folder(h, path, 0750, error));
    if (h->settings->log.keys[0] != '\0') TRY(make_folder(h, h->settings->log.keys, 0750, error));
    if (strncmp(h->settings->database, sqlite, sizeof sqlite - 1) == 0)
        TRY(make_parent(h, h->settings->database + sizeof sqlite - 1, error));
    if (h->settings->web.blobs[0] == '\0') return RFD_OK;
    TRY(make_parent(h, h->settings->web.blobs, error));
    return make_folder(h, h->settings->web.blobs, 0700, error);
}

/** One server for an instance: two would fight over keys and the admin socket. */
static rfd_status take_lock(struct house *h, struct rfd_error *error)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/" ADMIN_FOLDER "/lock", h->settings->home);
    h->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (h->lock < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    if (flock(h->lock, LOCK_EX | LOCK_NB) == 0) return RFD_OK;
    return error_set(error, RFD_E_EXISTS, "a server runs for %s already", h->settings->home);
}

static rfd_status open_admin(struct house *h, struct rfd_error *error)
{
    char path[PATH_SIZE];
    TRY(admin_listen(h->settings->home, &h->admin, error));
    (void)snprintf(path, sizeof path, "%s/" ADMIN_FOLDER "/" ADMIN_SOCKET, h->settings->home);
    return give_away(h, path, error);
}

static rfd_status open_board(struct house *h, struct rfd_error *error)
{
    TRY(board_make(&h->board, error));
    for (const struct supervised_role *r = h->table.roles; r->name != NULL; r++) {
        if (r->run == NULL) sockets_add(&h->sockets, r->name, BOARD_NAME, h->board);
    }
    return RFD_OK;
}

/** The services' program lies beside this one. It is opened once: after an upgrade, children that are started again are
 * of the supervisor's version until that is started again, too. */
static rfd_status open_services(struct house *h, struct rfd_error *error)
{
    static const char name[] = "/refrendad-services";
    char path[PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof name);
    if (length <= 0) return error_errno(error, RFD_E_INTERNAL, errno, "/proc/self/exe");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL) return error_set(error, RFD_E_INTERNAL, "/proc/self/exe: %s", path);
    memcpy(slash, name, sizeof name);
    h->services = open(path, O_PATH | O_CLOEXEC);
    if (h->services < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    (void)snprintf(h->program, sizeof h->program, "/proc/self/fd/%d", h->services);
    for (struct supervised_role *r = h->table.roles; r->name != NULL; r++) {
        if (r->run == NULL) r->program = h->program;
    }
    return RFD_OK;
}

/* ---- The server ---- */

static rfd_status hand_down(const struct house *h, struct rfd_error *error)
{
    char counts[160];
    char life[20];
    uint64_t random = 0;
    (void)snprintf(counts, sizeof counts, "%s=%u %s=%u %s=%u", ROLE_STATUS, sockets_count(&h->sockets, ROLE_STATUS),
                   ROLE_WEB, sockets_count(&h->sockets, ROLE_WEB), ROLE_WORKER,
                   sockets_count(&h->sockets, ROLE_WORKER));
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(error, RFD_E_INTERNAL, errno, "getrandom");
    (void)snprintf(life, sizeof life, "%016llx", (unsigned long long)random);
    if (setenv(INSTANCE_SOCKETS, counts, 1) == 0 && setenv(INSTANCE_LIFE, life, 1) == 0 &&
        setenv(INSTANCE_HOME, h->settings->home, 1) == 0)
        return RFD_OK;
    return error_memory(error);
}

static rfd_status prepare(struct house *h, struct rfd_error *error)
{
    unsigned signers = 0;
    struct master master = {0};
    TRY(instance_user(h->settings, &h->user, &h->group, error));
    TRY(signer_count(h->settings, &signers, error));
    TRY(instance_master(h->settings, &master, error)); /* better now than by the keeper, again and again */
    master_dispose(&master);
    TRY(make_folders(h, error));
    TRY(take_lock(h, error));
    TRY(sockets_open(h->settings, &h->sockets, error));
    role_table_fill(&h->table, h->settings, signers, sockets_count(&h->sockets, ROLE_WEB) > 0);
    TRY(open_services(h, error));
    TRY(open_admin(h, error));
    TRY(open_board(h, error));
    return hand_down(h, error);
}

static void clean_up(struct house *h)
{
    char path[PATH_SIZE];
    if (h->admin >= 0) {
        (void)snprintf(path, sizeof path, "%s/" ADMIN_FOLDER "/" ADMIN_SOCKET, h->settings->home);
        (void)unlink(path);
        (void)close(h->admin);
    }
    for (size_t i = 0; i < h->sockets.count; i++) {
        if (h->sockets.items[i].descriptor == h->board) h->sockets.items[i].descriptor = -1;
    }
    sockets_close(&h->sockets);
    if (h->board >= 0) (void)close(h->board);
    if (h->services >= 0) (void)close(h->services);
    if (h->lock >= 0) (void)close(h->lock);
}

rfd_status supervise(const struct settings *settings, struct rfd_error *error)
{
    static const char *const admin_roles[] = {ROLE_KEEPER, ROLE_SIGNER, ROLE_PERSONAL, NULL};
    struct house h = {.settings = settings, .lock = -1, .admin = -1, .board = -1, .services = -1};
    bool stopping = false;
    rfd_status status = prepare(&h, error);
    if (status == RFD_OK) {
        const struct supervisor_admin admin = {h.admin, h.user, admin_roles};
        const struct supervisor_options options = {.roles = h.table.roles,
                                                   .links = h.table.links,
                                                   .listeners = h.sockets.items,
                                                   .listener_count = h.sockets.count,
                                                   .admin = &admin,
                                                   .pause_longest = PAUSE_LONGEST,
                                                   .steady = STEADY,
                                                   .patience = PATIENCE,
                                                   .report = tell,
                                                   .context = &stopping};
        status = supervisor_run(&options, error);
    }
    clean_up(&h);
    return status;
}
