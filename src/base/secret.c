/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/secret.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_MAXIMUM = 1024 };

rfd_status secret_set(struct secret *s, slice from, struct rfd_error *error)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t reserved = (from.length + 1 + page - 1) / page * page;
    uint8_t *data = mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) return error_memory(error);
    (void)mlock(data, reserved);
    (void)madvise(data, reserved, MADV_DONTDUMP);
    (void)madvise(data, reserved, MADV_WIPEONFORK);
    if (from.length > 0) memcpy(data, from.data, from.length);
    secret_dispose(s);
    *s = (struct secret){data, from.length, reserved};
    return RFD_OK;
}

/** Reads one line from `fd`; keeps nothing on the stack afterwards. */
static rfd_status read_line(struct secret *s, int fd, const char *name, struct rfd_error *error)
{
    char line[LINE_MAXIMUM + 2]; /* with CR LF */
    size_t length = 0;
    rfd_status status = RFD_OK;
    while (length < sizeof line) {
        ssize_t got = read(fd, line + length, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) status = error_errno(error, RFD_E_IO_READ, errno, "%s", name);
        if (got <= 0 || line[length] == '\n') break;
        length++;
    }
    if (length > 0 && line[length - 1] == '\r') length--;
    if (status == RFD_OK && length > LINE_MAXIMUM) status = error_set(error, RFD_E_LIMIT, "%s: line too long", name);
    if (status == RFD_OK) status = secret_set(s, slice_of(line, length), error);
    secret_wipe(line, sizeof line);
    return status;
}

rfd_status secret_read_file(struct secret *s, const char *path, struct rfd_error *error)
{
    if (strcmp(path, "-") == 0) return read_line(s, STDIN_FILENO, "standard input", error);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    rfd_status status = read_line(s, fd, path, error);
    (void)close(fd);
    return status;
}

/** Waits for a line to be typed; false when one of `signals`, which are blocked, came first. */
static bool wait_for_line(int fd, const sigset_t *signals)
{
    int interrupted = signalfd(-1, signals, SFD_CLOEXEC);
    if (interrupted < 0) return true;
    struct pollfd events[] = {{.fd = fd, .events = POLLIN}, {.fd = interrupted, .events = POLLIN}};
    while (poll(events, 2, -1) < 0 && errno == EINTR) {
    }
    (void)close(interrupted);
    return events[1].revents == 0;
}

rfd_status secret_prompt(struct secret *s, const char *prompt, struct rfd_error *error)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "no terminal to ask on");
    /* A signal that ends the process must find the echo on again: it waits until then. */
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t signals, mask;
    (void)sigemptyset(&signals);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) (void)sigaddset(&signals, ending[i]);
    (void)pthread_sigmask(SIG_BLOCK, &signals, &mask);
    struct termios before;
    bool quiet = tcgetattr(fd, &before) == 0;
    if (quiet) {
        struct termios silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(fd, TCSAFLUSH, &silent);
    }
    (void)dprintf(fd, "%s: ", prompt);
    rfd_status status = wait_for_line(fd, &signals) ? read_line(s, fd, "terminal", error)
                                                    : error_errno(error, RFD_E_IO_READ, EINTR, "terminal");
    if (quiet) (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)dprintf(fd, "\n");
    (void)close(fd);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return status;
}

void secret_dispose(struct secret *s)
{
    if (s->data == NULL) return;
    secret_wipe(s->data, s->reserved);
    (void)munmap(s->data, s->reserved);
    *s = (struct secret){0};
}

void secret_wipe(void *memory, size_t length)
{
    if (length > 0) explicit_bzero(memory, length); /* none may be NULL */
}

bool secret_equal(slice a, slice b)
{
    if (a.length != b.length) return false;
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.length; i++) difference |= (uint8_t)(a.data[i] ^ b.data[i]);
    return difference == 0;
}
