/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/supervisor_systemd.h"

#include "base/error.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3, MOST_SOCKETS = 1024 };

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path == NULL ? 0 : strlen(path);
    if (length < 2 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) return;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = '\0'; /* an abstract name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    (void)close(fd);
}

/** The next part of a list with colons; false at its end. */
static bool next_name(slice *names, slice *name)
{
    if (names->data == NULL) return false;
    const uint8_t *colon = names->length == 0 ? NULL : memchr(names->data, ':', names->length);
    size_t length = colon == NULL ? names->length : (size_t)(colon - names->data);
    *name = slice_part(*names, 0, length);
    *names = colon == NULL ? SLICE_EMPTY : slice_from(*names, length + 1);
    return true;
}

static rfd_status take_socket(struct systemd_socket *s, int fd, slice name, struct rfd_error *error)
{
    if (name.length >= sizeof s->name) return error_set(error, RFD_E_ARGUMENT, "LISTEN_FDNAMES: name too long");
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return error_errno(error, RFD_E_ARGUMENT, errno, "LISTEN_FDS: %d", fd);
    *s = (struct systemd_socket){.descriptor = fd};
    if (name.length > 0) memcpy(s->name, name.data, name.length);
    return RFD_OK;
}

static rfd_status take_sockets(uint64_t count, struct systemd_socket *out, struct rfd_error *error)
{
    const char *list = getenv("LISTEN_FDNAMES");
    slice names = list == NULL ? SLICE_EMPTY : slice_text(list);
    for (uint64_t i = 0; i < count; i++) {
        slice name = SLICE_EMPTY;
        if (list != NULL && !next_name(&names, &name))
            return error_set(error, RFD_E_ARGUMENT, "LISTEN_FDNAMES: fewer names than sockets");
        TRY(take_socket(&out[i], FIRST_SOCKET + (int)i, name, error));
    }
    if (names.data != NULL) return error_set(error, RFD_E_ARGUMENT, "LISTEN_FDNAMES: more names than sockets");
    return RFD_OK;
}

rfd_status systemd_sockets(struct systemd_socket *out, size_t maximum, size_t *count, struct rfd_error *error)
{
    static const char *const variables[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"};
    const char *for_whom = getenv("LISTEN_PID");
    const char *how_many = getenv("LISTEN_FDS");
    uint64_t pid = 0;
    uint64_t sockets = 0;
    rfd_status status = RFD_OK;
    bool ours = for_whom != NULL && number_unsigned(slice_text(for_whom), INT32_MAX, &pid) && (pid_t)pid == getpid();
    if (ours && (how_many == NULL || !number_unsigned(slice_text(how_many), MOST_SOCKETS, &sockets)))
        status = error_set(error, RFD_E_ARGUMENT, "LISTEN_FDS is no number");
    if (status == RFD_OK && sockets > maximum) status = error_set(error, RFD_E_ARGUMENT, "too many sockets passed");
    if (status == RFD_OK && ours) status = take_sockets(sockets, out, error);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) (void)unsetenv(variables[i]);
    if (status == RFD_OK) *count = (size_t)sockets;
    return status;
}
