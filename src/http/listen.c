/* SPDX-License-Identifier: EUPL-1.2
 *
 * Listening sockets of every kind.
 */
#include "http/address.h"

#include "base/error.h"
#include "base/number.h"
#include "http/field.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_INHERITED = 64 };

struct any_address {
    struct sockaddr_storage address;
    socklen_t length;
};

static rfd_status parse_port(slice text, const char *address, uint16_t *out, struct rfd_error *error)
{
    uint64_t port;
    if (!number_unsigned(text, UINT16_MAX, &port)) return error_set(error, RFD_E_ARGUMENT, "%s: no port", address);
    *out = (uint16_t)port;
    return RFD_OK;
}

static rfd_status parse_internet(const char *address, struct any_address *out, struct rfd_error *error)
{
    slice rest = slice_text(address);
    struct http_address parsed = {0};
    uint16_t port;
    bool v6 = rest.length > 0 && rest.data[0] == '[';
    if (v6) rest = slice_from(rest, 1);
    slice host = http_cut(&rest, v6 ? ']' : ':');
    if (v6 && !slice_starts(rest, SLICE(":"))) return error_set(error, RFD_E_ARGUMENT, "%s: no port", address);
    TRY(parse_port(v6 ? slice_from(rest, 1) : rest, address, &port, error));
    if (!http_address_parse(host, &parsed) || v6 != (parsed.family == HTTP_IPV6))
        return error_set(error, RFD_E_ARGUMENT, "%s: no IP address", address);
    if (v6) {
        struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&to.sin6_addr, parsed.bytes, 16);
        memcpy(&out->address, &to, sizeof to);
        out->length = sizeof to;
    } else {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&to.sin_addr, parsed.bytes, 4);
        memcpy(&out->address, &to, sizeof to);
        out->length = sizeof to;
    }
    return RFD_OK;
}

static rfd_status parse_unix(const char *path, struct any_address *out, struct rfd_error *error)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct stat left_over;
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof to.sun_path)
        return error_set(error, RFD_E_ARGUMENT, "a socket's path of %zu characters", length);
    memcpy(to.sun_path, path, length);
    memcpy(&out->address, &to, sizeof to);
    out->length = sizeof to;
    if (lstat(path, &left_over) == 0 && S_ISSOCK(left_over.st_mode) && unlink(path) != 0)
        return error_errno(error, RFD_E_NETWORK, errno, "%s", path);
    return RFD_OK;
}

static rfd_status open_socket(const char *address, const struct any_address *to, int backlog, int *out,
                              struct rfd_error *error)
{
    int on = 1;
    int fd = socket(to->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return error_errno(error, RFD_E_NETWORK, errno, "%s", address);
    if (to->address.ss_family != AF_UNIX) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (to->address.ss_family == AF_INET6) (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&to->address, to->length) != 0 || listen(fd, backlog) != 0) {
        rfd_status status = error_errno(error, RFD_E_NETWORK, errno, "%s", address);
        (void)close(fd);
        return status;
    }
    *out = fd;
    return RFD_OK;
}

static rfd_status take_inherited(slice number, int *out, struct rfd_error *error)
{
    uint64_t fd;
    int listens = 0;
    int type = 0;
    socklen_t size = sizeof listens;
    if (!number_unsigned(number, INT32_MAX, &fd)) return error_set(error, RFD_E_ARGUMENT, "no descriptor after fd:");
    if (getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens ||
        getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
        return error_set(error, RFD_E_ARGUMENT, "descriptor %d does not listen", (int)fd);
    int flags = fcntl((int)fd, F_GETFL);
    if (flags < 0 || fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
        return error_errno(error, RFD_E_NETWORK, errno, "descriptor %d", (int)fd);
    *out = (int)fd;
    return RFD_OK;
}

rfd_status http_address_listen(const char *address, int backlog, int *out, struct rfd_error *error)
{
    struct any_address to = {0};
    slice text = slice_text(address);
    if (slice_starts(text, SLICE("fd:"))) return take_inherited(slice_from(text, 3), out, error);
    if (slice_starts(text, SLICE("unix:")))
        TRY(parse_unix(address + 5, &to, error));
    else
        TRY(parse_internet(address, &to, error));
    return open_socket(address, &to, backlog, out, error);
}

unsigned http_address_inherited(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    uint64_t number;
    if (pid == NULL || count == NULL || !number_unsigned(slice_text(pid), INT32_MAX, &number)) return 0;
    if (number != (uint64_t)getpid() || !number_unsigned(slice_text(count), MOST_INHERITED, &number)) return 0;
    return (unsigned)number;
}
