/* SPDX-License-Identifier: EUPL-1.2
 *
 * A Unix socket's address has room for 107 octets; an instance's folder may have a longer path. So the folder is opened
 * first and the socket named through it: "/proc/self/fd/5/admin.sock".
 */
#include "ipc/admin_connect.h"

#include "base/error.h"
#include "ipc/supervisor_admin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16, PATH_SIZE = 4096 };

static rfd_status open_folder(const char *home, int *out, struct rfd_error *error)
{
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/" ADMIN_FOLDER, home) >= PATH_SIZE)
        return error_set(error, RFD_E_ARGUMENT, "%s: the path is too long", home);
    *out = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *out >= 0 ? RFD_OK : error_errno(error, RFD_E_PEER_GONE, errno, "%s", path);
}

static struct sockaddr_un address_in(int folder)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    (void)snprintf(a.sun_path, sizeof a.sun_path, "/proc/self/fd/%d/" ADMIN_SOCKET, folder);
    return a;
}

static rfd_status connect_in(const char *home, int folder, int *out, struct rfd_error *error)
{
    struct sockaddr_un address = address_in(folder);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return error_errno(error, RFD_E_INTERNAL, errno, "socket");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        *out = fd;
        return RFD_OK;
    }
    int code = errno;
    (void)close(fd);
    rfd_status status = code == EACCES || code == EPERM ? RFD_E_FORBIDDEN : RFD_E_PEER_GONE;
    return error_errno(error, status, code, "%s/" ADMIN_FOLDER "/" ADMIN_SOCKET, home);
}

/** By send(): a door that is shut must not end the command by SIGPIPE. */
static rfd_status send_request(int fd, const char *role, unsigned index, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, ADMIN_MESSAGE_MAXIMUM);
    size_t begun = message_begin(&b, ADMIN_CONNECT, 1, 0);
    message_put_text(&b, role);
    message_put_u32(&b, index);
    message_finish(&b, begun);
    rfd_status status = buf_check(&b, "role", error);
    /* It fits into the socket's empty buffer. */
    if (status == RFD_OK && send(fd, b.data, b.length, MSG_NOSIGNAL) != (ssize_t)b.length)
        status = error_errno(error, RFD_E_FORBIDDEN, errno, "the admin socket hung up");
    buf_dispose(&b);
    return status;
}

/** Who is not let in is hung up on. */
static rfd_status take_answer(struct channel *c, const char *role, unsigned index, struct rfd_error *error)
{
    struct message answer;
    int64_t until = channel_clock() + ADMIN_PATIENCE;
    while (!channel_next(c, &answer)) {
        struct pollfd p = {.fd = channel_descriptor(c), .events = POLLIN};
        int64_t left = until - channel_clock();
        if (left <= 0) return error_set(error, RFD_E_DEADLINE, "the admin socket");
        (void)poll(&p, 1, (int)left);
        rfd_status status = channel_receive(c, error); /* at the end of the stream, too, with what came before it */
        if (channel_next(c, &answer)) break;
        if (status != RFD_OK) return error_set(error, RFD_E_FORBIDDEN, "the admin socket hung up");
    }
    struct message_reader r = message_read(answer.body);
    uint32_t result = message_get_u32(&r);
    TRY(message_end(&r, "admin", error));
    if (result == RFD_OK) return RFD_OK;
    return error_set(error, result < RFD_STATUS_COUNT ? (rfd_status)result : RFD_E_PROTOCOL, "%s %u", role, index);
}

rfd_status admin_connect(const char *home, const char *role, unsigned index, int *out, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = ADMIN_MESSAGE_MAXIMUM};
    struct channel *channel = NULL;
    rfd_status status = RFD_OK;
    int folder = -1;
    int fd = -1;
    int kept = -1;
    TRY_OUT(open_folder(home, &folder, error));
    TRY_OUT(connect_in(home, folder, &fd, error));
    kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (kept < 0) TRY_OUT(error_errno(error, RFD_E_INTERNAL, errno, "socket"));
    TRY_OUT(send_request(fd, role, index, error));
    TRY_OUT(channel_new(fd, &options, &channel, error));
    fd = -1;
    TRY_OUT(take_answer(channel, role, index, error));
    *out = kept;
    kept = -1;
out:
    channel_free(channel);
    if (kept >= 0) (void)close(kept);
    if (fd >= 0) (void)close(fd);
    if (folder >= 0) (void)close(folder);
    return status;
}

rfd_status admin_listen(const char *home, int *out, struct rfd_error *error)
{
    int folder = -1;
    TRY(open_folder(home, &folder, error));
    struct sockaddr_un address = address_in(folder);
    rfd_status status = RFD_OK;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlinkat(folder, ADMIN_SOCKET, 0);
    /* Linux gives the name the mode that the socket has. Afterwards, chmod() would follow what the service's user,
     * whose folder it is, put in the name's place. */
    bool good = fd >= 0 && fchmod(fd, 0600) == 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                listen(fd, BACKLOG) == 0;
    if (!good) status = error_errno(error, RFD_E_IO_WRITE, errno, "%s/" ADMIN_FOLDER "/" ADMIN_SOCKET, home);
    (void)close(folder);
    if (good)
        *out = fd;
    else if (fd >= 0)
        (void)close(fd);
    return status;
}
