/* SPDX-License-Identifier: EUPL-1.2
 *
 * One socket is the program's input and its output: what is small enough for the socket needs nobody who reads at the
 * same time.
 */
#include "keeper/run_tool.h"

#include "base/error.h"
#include "base/secret.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_STARTED = 127 };

static void become(const char *const *arguments, int socket)
{
    if (dup2(socket, STDIN_FILENO) >= 0 && dup2(socket, STDOUT_FILENO) >= 0 &&
        close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
        (void)execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(NOT_STARTED);
}

/** Sends the input and its end. */
static rfd_status send_input(int socket, slice input, struct rfd_error *error)
{
    if (input.length > 0 && send(socket, input.data, input.length, MSG_NOSIGNAL) != (ssize_t)input.length)
        return error_errno(error, RFD_E_INTERNAL, errno, "input of a program");
    (void)shutdown(socket, SHUT_WR);
    return RFD_OK;
}

static rfd_status take_output(int socket, struct buf *output, struct rfd_error *error)
{
    uint8_t bytes[1024];
    ssize_t got;
    while ((got = read(socket, bytes, sizeof bytes)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == ECONNRESET) break; /* it ended without reading all of its input */
        if (got < 0) return error_errno(error, RFD_E_INTERNAL, errno, "output of a program");
        if (output != NULL) buf_put(output, bytes, (size_t)got);
        secret_wipe(bytes, sizeof bytes);
    }
    return output == NULL ? RFD_OK : buf_check(output, "output of a program", error);
}

static rfd_status wait_end(pid_t pid, const char *name, struct rfd_error *error)
{
    int how = 0;
    while (waitpid(pid, &how, 0) < 0) {
        if (errno != EINTR) return error_errno(error, RFD_E_INTERNAL, errno, "%s", name);
    }
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return RFD_OK;
    if (WIFEXITED(how) && WEXITSTATUS(how) == NOT_STARTED)
        return error_set(error, RFD_E_INTERNAL, "%s is not there", name);
    return error_set(error, RFD_E_INTERNAL, "%s failed", name);
}

rfd_status run_tool(const char *const *arguments, slice input, struct buf *output, struct rfd_error *error)
{
    int fds[2];
    if (input.length > RUN_TOOL_INPUT) return error_set(error, RFD_E_LIMIT, "input of %zu octets", input.length);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return error_errno(error, RFD_E_INTERNAL, errno, "socket pair");
    pid_t pid = fork();
    if (pid == 0) become(arguments, fds[1]);
    (void)close(fds[1]);
    rfd_status status = pid < 0 ? error_errno(error, RFD_E_INTERNAL, errno, "%s", arguments[0]) : RFD_OK;
    if (status == RFD_OK) status = send_input(fds[0], input, error);
    if (status == RFD_OK) status = take_output(fds[0], output, error);
    (void)close(fds[0]);
    if (pid > 0) {
        rfd_status ended = wait_end(pid, arguments[0], status == RFD_OK ? error : NULL);
        if (status == RFD_OK) status = ended;
    }
    return status;
}
