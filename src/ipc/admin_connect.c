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

/** Who is not let in is hung up on. */
static rfd_status ask(struct channel *c, const char *role, unsigned index, struct rfd_error *error)
{
    struct message answer;
    struct buf b;
    buf_init(&b, ADMIN_MESSAGE_MAXIMUM);
    message_put_text(&b, role);
    message_put_u32(&b, index);
    rfd_status status = buf_check(&b, "role", error);
    if (status == RFD_OK) status = channel_call(c, ADMIN_CONNECT, buf_slice(&b), ADMIN_PATIENCE, &answer, error);
    buf_dispose(&b);
    if (status == RFD_E_PEER_GONE) return error_set(error, RFD_E_FORBIDDEN, "the admin socket hung up");
    TRY(status);
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
    TRY_OUT(channel_new(fd, &options, &channel, error));
    fd = -1;
    TRY_OUT(ask(channel, role, index, error));
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
    /* Nobody else can connect in between: the folder is the service's. */
    bool good = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                fchmodat(folder, ADMIN_SOCKET, 0600, 0) == 0 && listen(fd, BACKLOG) == 0;
    if (!good) status = error_errno(error, RFD_E_IO_WRITE, errno, "%s/" ADMIN_FOLDER "/" ADMIN_SOCKET, home);
    (void)close(folder);
    if (good)
        *out = fd;
    else if (fd >= 0)
        (void)close(fd);
    return status;
}
