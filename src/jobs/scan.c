/* SPDX-License-Identifier: EUPL-1.2
 *
 * The socket never blocks: whoever waits looks every so often whether the worker wants to stop, and gives up when the
 * time for this content is over. clamd answers before it has everything when it has had enough (StreamMaxLength): then
 * writing fails, and what it said is read all the same.
 */
#include "jobs/scan.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "ipc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LOOK_MILLISECONDS = 200, ANSWER_SIZE = 512, HOST_SIZE = 256, PIECE_MAXIMUM = 1 << 20 };

static const char unix_prefix[] = "unix:";

struct scan {
    const char *address;
    const atomic_bool *stop;
    int socket;
    int64_t until; /* channel_clock() */
    bool refused;  /* it does not take any more: there is an answer */
};

static rfd_status failed(const struct scan *s, int code, const char *what, struct rfd_error *error)
{
    return error_errno(error, RFD_E_NETWORK, code, "%s: %s", s->address, what);
}

/** Until the socket can be read or written. */
static rfd_status wait_for(const struct scan *s, short events, struct rfd_error *error)
{
    for (;;) {
        struct pollfd p = {.fd = s->socket, .events = events};
        int64_t left = s->until - channel_clock();
        if (s->stop != NULL && atomic_load(s->stop)) return error_set(error, RFD_E_CANCELLED, "the worker stops");
        if (left <= 0) return error_set(error, RFD_E_DEADLINE, "%s: no answer in time", s->address);
        int ready = poll(&p, 1, left < LOOK_MILLISECONDS ? (int)left : LOOK_MILLISECONDS);
        if (ready > 0) return RFD_OK;
        if (ready < 0 && errno != EINTR) return failed(s, errno, "poll", error);
    }
}

/* ---- Connecting ---- */

static rfd_status try_connect(struct scan *s, const struct sockaddr *address, socklen_t length, struct rfd_error *error)
{
    int code = 0;
    socklen_t size = sizeof code;
    s->socket = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->socket < 0) return failed(s, errno, "socket", error);
    if (connect(s->socket, address, length) == 0) return RFD_OK;
    if (errno != EINPROGRESS) return failed(s, errno, "connect", error);
    TRY(wait_for(s, POLLOUT, error));
    if (getsockopt(s->socket, SOL_SOCKET, SO_ERROR, &code, &size) != 0) code = errno;
    return code == 0 ? RFD_OK : failed(s, code, "connect", error);
}

static rfd_status connect_unix(struct scan *s, const char *path, struct rfd_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path)
        return error_set(error, RFD_E_SETTINGS, "requests.scanner: \"%s\" is no socket's path", path);
    memcpy(address.sun_path, path, length + 1);
    return try_connect(s, (const struct sockaddr *)&address, sizeof address, error);
}

/** "host:3310", "[::1]:3310" into its two parts. */
static bool split(const char *address, char host[HOST_SIZE], const char **port)
{
    uint64_t number;
    const char *colon = strrchr(address, ':');
    if (colon == NULL || !number_unsigned(slice_text(colon + 1), 65535, &number) || number == 0) return false;
    slice name = slice_of(address, (size_t)(colon - address));
    if (slice_starts(name, SLICE("[")) && slice_ends(name, SLICE("]"))) name = slice_part(name, 1, name.length - 2);
    if (name.length == 0 || name.length >= HOST_SIZE) return false;
    memcpy(host, name.data, name.length);
    host[name.length] = '\0';
    *port = colon + 1;
    return true;
}

static rfd_status connect_network(struct scan *s, struct rfd_error *error)
{
    char host[HOST_SIZE];
    const char *port = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    if (!split(s->address, host, &port))
        return error_set(error, RFD_E_SETTINGS, "requests.scanner: \"%s\" is no address", s->address);
    int code = getaddrinfo(host, port, &hints, &all);
    if (code != 0) return error_set(error, RFD_E_NETWORK, "%s: %s", s->address, gai_strerror(code));
    rfd_status status = RFD_E_NETWORK;
    for (const struct addrinfo *a = all; a != NULL && status == RFD_E_NETWORK; a = a->ai_next) {
        if (s->socket >= 0) (void)close(s->socket);
        status = try_connect(s, a->ai_addr, a->ai_addrlen, error);
    }
    freeaddrinfo(all);
    return status;
}

static rfd_status open_connection(struct scan *s, struct rfd_error *error)
{
    if (strncmp(s->address, unix_prefix, sizeof unix_prefix - 1) == 0)
        return connect_unix(s, s->address + sizeof unix_prefix - 1, error);
    return connect_network(s, error);
}

/* ---- The conversation ---- */

static rfd_status send_all(struct scan *s, slice bytes, struct rfd_error *error)
{
    while (bytes.length > 0 && !s->refused) {
        ssize_t sent = send(s->socket, bytes.data, bytes.length, MSG_NOSIGNAL);
        if (sent > 0)
            bytes = slice_from(bytes, (size_t)sent);
        else if (sent < 0 && errno == EAGAIN)
            TRY(wait_for(s, POLLOUT, error));
        else if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
            s->refused = true;
        else if (sent < 0 && errno != EINTR)
            return failed(s, errno, "send", error);
    }
    return RFD_OK;
}

rfd_status scan_begin(const struct scanner *scanner, struct scan **out, struct rfd_error *error)
{
    unsigned seconds = scanner->seconds == 0 ? SCAN_SECONDS : scanner->seconds;
    struct scan *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    *s = (struct scan){.address = scanner->address,
                       .stop = scanner->stop,
                       .socket = -1,
                       .until = channel_clock() + (int64_t)seconds * 1000};
    rfd_status status = open_connection(s, error);
    if (status == RFD_OK) status = send_all(s, SLICE("zINSTREAM\0"), error);
    if (status == RFD_OK)
        *out = s;
    else
        scan_end(s);
    return status;
}

static rfd_status send_length(struct scan *s, size_t length, struct rfd_error *error)
{
    const uint8_t octets[] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                              (uint8_t)length};
    return send_all(s, slice_of(octets, sizeof octets), error);
}

rfd_status scan_put(struct scan *scan, slice piece, struct rfd_error *error)
{
    for (; piece.length > 0; piece = slice_from(piece, PIECE_MAXIMUM)) { /* a length of 0 would be the end */
        slice part = slice_part(piece, 0, PIECE_MAXIMUM);
        TRY(send_length(scan, part.length, error));
        TRY(send_all(scan, part, error));
    }
    return RFD_OK;
}

/** Up to the zero, or the end. */
static rfd_status read_answer(struct scan *s, char answer[ANSWER_SIZE], struct rfd_error *error)
{
    size_t length = 0;
    while (length < ANSWER_SIZE - 1) {
        ssize_t got = recv(s->socket, answer + length, ANSWER_SIZE - 1 - length, 0);
        if (got < 0 && errno == EAGAIN) {
            TRY(wait_for(s, POLLIN, error));
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(s, errno, "recv", error);
        length += (size_t)got;
        if (got == 0 || memchr(answer, 0, length) != NULL) break;
    }
    answer[length] = '\0';
    return RFD_OK;
}

/** "stream: OK", "stream: NAME FOUND"; all else is no answer. */
static rfd_status understand(const struct scan *s, const char *answer, char found[SCAN_NAME_SIZE],
                             struct rfd_error *error)
{
    static const char is_stream[] = "stream: ", is_found[] = " FOUND";
    slice said = slice_text(answer);
    if (slice_is(said, "stream: OK")) {
        found[0] = '\0';
        return RFD_OK;
    }
    if (!slice_starts(said, SLICE("stream: ")) || !slice_ends(said, SLICE(" FOUND")) ||
        said.length < sizeof is_stream + sizeof is_found - 1)
        return error_set(error, RFD_E_NETWORK, "%s: %.200s", s->address, answer[0] == '\0' ? "no answer" : answer);
    slice name = slice_part(said, sizeof is_stream - 1, said.length - (sizeof is_stream + sizeof is_found - 2));
    (void)snprintf(found, SCAN_NAME_SIZE, "%.*s", (int)name.length, (const char *)name.data);
    return RFD_OK;
}

rfd_status scan_finish(struct scan *scan, char found[SCAN_NAME_SIZE], struct rfd_error *error)
{
    char answer[ANSWER_SIZE];
    TRY(send_length(scan, 0, error));
    TRY(read_answer(scan, answer, error));
    return understand(scan, answer, found, error);
}

void scan_end(struct scan *scan)
{
    if (scan == NULL) return;
    if (scan->socket >= 0) (void)close(scan->socket);
    memory_free(scan);
}
