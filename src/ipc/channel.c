/* SPDX-License-Identifier: EUPL-1.2
 *
 * Incoming octets are gathered in one buffer: [taken | not yet looked at]; taken ones are dropped before the next
 * read. Memory grows with what arrived, never with what a header promises. Open files arrive with the first octet of
 * the message that announced them, and one read may bring the end of one message and the beginning of the next, so a
 * queue for two messages is enough; a message whose files are not there when it is whole is an offence.
 */
#include "ipc/channel.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "ipc/outgoing.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_AT_ONCE = 64 << 10, BACKLOG_MESSAGES = 4, ARRIVED = 2 * MESSAGE_DESCRIPTORS };

struct channel {
    int fd;
    unsigned flags;
    size_t maximum;
    struct buf in;
    size_t taken; /* octets of `in` whose messages were handed out */
    struct outgoing out;
    size_t arrived_count;
    int arrived[ARRIVED];
    uint64_t last_request; /* of channel_call */
    bool broken;           /* an announced descriptor never came */
    bool held;             /* what is sent waits */
};

int64_t channel_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

rfd_status channel_pair(int fds[2], struct rfd_error *error)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0) return RFD_OK;
    return error_errno(error, RFD_E_INTERNAL, errno, "socket pair");
}

static bool is_unix_stream(int fd)
{
    int type = 0;
    int domain = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) return false;
    length = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX;
}

rfd_status channel_new(int fd, const struct channel_options *options, struct channel **out, struct rfd_error *error)
{
    if (!is_unix_stream(fd)) return error_set(error, RFD_E_ARGUMENT, "descriptor %d is no Unix stream socket", fd);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return error_errno(error, RFD_E_INTERNAL, errno, "descriptor %d", fd);
    struct channel *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    c->fd = fd;
    c->flags = options->flags;
    c->maximum = options->maximum == 0 || options->maximum > MESSAGE_MAXIMUM ? MESSAGE_MAXIMUM : options->maximum;
    size_t backlog = options->backlog == 0 ? BACKLOG_MESSAGES * c->maximum : options->backlog;
    buf_init_secret(&c->in, c->maximum + READ_AT_ONCE);
    outgoing_init(&c->out, backlog);
    *out = c;
    return RFD_OK;
}

static void close_all(int *descriptors, size_t *count)
{
    for (size_t i = 0; i < *count; i++) (void)close(descriptors[i]);
    *count = 0;
}

void channel_free(struct channel *c)
{
    if (c == NULL) return;
    close_all(c->arrived, &c->arrived_count);
    (void)close(c->fd);
    buf_dispose(&c->in);
    outgoing_dispose(&c->out);
    memory_free(c);
}

int channel_descriptor(const struct channel *c)
{
    return c->fd;
}

size_t channel_waiting(const struct channel *c)
{
    return outgoing_waiting(&c->out);
}

short channel_events(const struct channel *c)
{
    size_t waiting = channel_waiting(c);
    int reading = waiting <= c->out.bytes.maximum / 2 ? POLLIN : 0;
    int writing = waiting > 0 ? POLLOUT : 0;
    return (short)(reading | writing);
}

/* ---- Coming in ---- */

/** Drops the first `*count` octets, which are not needed any more, so that the buffer's maximum bounds what is. */
static void drop_front(struct buf *b, size_t *count)
{
    if (*count == 0) return;
    memmove(b->data, b->data + *count, b->length - *count);
    b->length -= *count;
    secret_wipe(b->data + b->length, *count);
    *count = 0;
}

/** Puts the files of one control message into the queue; false (and all of them closed) when there are too many. */
static bool keep_descriptors(struct channel *c, const struct cmsghdr *header)
{
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    bool fits = count <= ARRIVED - c->arrived_count;
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
        if (fits)
            c->arrived[c->arrived_count++] = fd;
        else
            (void)close(fd);
    }
    return fits;
}

static bool take_control(struct channel *c, struct msghdr *m)
{
    bool good = (m->msg_flags & MSG_CTRUNC) == 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) good = keep_descriptors(c, h) && good;
    }
    return good;
}

/** recvmsg() where open files are welcome, else read(); EBADMSG when there were too many of them. */
static ssize_t read_some(struct channel *c, void *to, size_t size)
{
    if ((c->flags & CHANNEL_DESCRIPTORS) == 0) return read(c->fd, to, size);
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(MESSAGE_DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec part = {to, size};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);
    if (got < 0 || take_control(c, &m)) return got;
    errno = EBADMSG;
    return -1;
}

static rfd_status lost(int code, struct rfd_error *error)
{
    if (code == EBADMSG) return error_set(error, RFD_E_PROTOCOL, "too many descriptors");
    return outgoing_lost(code, error);
}

static rfd_status check_front(const struct channel *c, struct rfd_error *error)
{
    struct message m;
    size_t length;
    if (c->broken) return error_set(error, RFD_E_PROTOCOL, "announced descriptors did not come");
    if (message_parse(slice_from(buf_slice(&c->in), c->taken), c->maximum, &m, &length) != MESSAGE_WRONG) return RFD_OK;
    return error_set(error, RFD_E_PROTOCOL, "no message of at most %zu octets", c->maximum);
}

rfd_status channel_receive(struct channel *c, struct rfd_error *error)
{
    drop_front(&c->in, &c->taken);
    TRY(check_front(c, error));
    if (c->in.length >= c->maximum) return RFD_OK; /* a whole message waits to be taken */
    uint8_t *to = buf_reserve(&c->in, READ_AT_ONCE);
    if (to == NULL) return buf_check(&c->in, "channel", error);
    ssize_t got;
    do {
        got = read_some(c, to, READ_AT_ONCE);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return RFD_OK;
    if (got < 0) return lost(errno, error);
    if (got == 0) return error_set(error, RFD_E_PEER_GONE, "channel closed");
    c->in.length += (size_t)got;
    return check_front(c, error);
}

/** Hands the files that the message announced over to it. */
static bool attach(struct channel *c, struct message *m)
{
    if (m->descriptor_count > c->arrived_count) return false;
    memcpy(m->descriptors, c->arrived, m->descriptor_count * sizeof *c->arrived);
    c->arrived_count -= m->descriptor_count;
    memmove(c->arrived, c->arrived + m->descriptor_count, c->arrived_count * sizeof *c->arrived);
    return true;
}

bool channel_next(struct channel *c, struct message *out)
{
    struct message m;
    size_t length;
    if (c->broken) return false;
    slice stream = slice_from(buf_slice(&c->in), c->taken);
    if (message_parse(stream, c->maximum, &m, &length) != MESSAGE_WHOLE) return false;
    if (!attach(c, &m)) {
        c->broken = true;
        return false;
    }
    c->taken += length;
    *out = m;
    return true;
}

/* ---- Going out ---- */

rfd_status channel_flush(struct channel *c, struct rfd_error *error)
{
    return outgoing_flush(&c->out, c->fd, error);
}

void channel_hold(struct channel *c, bool held)
{
    c->held = held;
}

rfd_status channel_send(struct channel *c, uint16_t type, uint64_t request, slice body, const int *descriptors,
                        size_t count, struct rfd_error *error)
{
    assert(count == 0 || (c->flags & CHANNEL_DESCRIPTORS) != 0);
    if (body.length > c->maximum || MESSAGE_HEADER_SIZE + body.length > c->maximum)
        return error_set(error, RFD_E_LIMIT, "message of %zu octets", body.length);
    TRY(outgoing_add(&c->out, type, request, body, descriptors, count, error));
    return c->held ? RFD_OK : channel_flush(c, error);
}

/* ---- Asking and waiting ---- */

/** Waits for the socket, and moves octets both ways. */
static rfd_status move_octets(struct channel *c, int64_t until, struct rfd_error *error)
{
    int64_t left = until - channel_clock();
    struct pollfd p = {.fd = c->fd, .events = (short)(channel_events(c) | POLLIN)};
    int ready = left <= 0 ? 0 : poll(&p, 1, (int)left);
    if (ready == 0) return error_set(error, RFD_E_DEADLINE, "no answer");
    if (ready < 0) return errno == EINTR ? RFD_OK : lost(errno, error);
    if ((p.revents & POLLOUT) != 0) TRY(channel_flush(c, error));
    return (p.revents & ~POLLOUT) != 0 ? channel_receive(c, error) : RFD_OK;
}

static bool find_answer(struct channel *c, struct message *answer)
{
    struct message m;
    while (channel_next(c, &m)) {
        if (m.request == c->last_request) {
            *answer = m;
            return true;
        }
        message_close_descriptors(&m);
    }
    return false;
}

rfd_status channel_call(struct channel *c, uint16_t type, slice body, unsigned milliseconds, struct message *answer,
                        struct rfd_error *error)
{
    int64_t until = channel_clock() + (milliseconds < INT32_MAX ? milliseconds : INT32_MAX);
    TRY(channel_send(c, type, ++c->last_request, body, NULL, 0, error));
    while (!find_answer(c, answer)) TRY(move_octets(c, until, error));
    return RFD_OK;
}
