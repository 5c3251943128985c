/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/outgoing.h"

#include "base/error.h"
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

void outgoing_init(struct outgoing *o, size_t backlog)
{
    *o = (struct outgoing){.sent = 0};
    buf_init_secret(&o->bytes, backlog);
}

static void close_parcel(struct outgoing_parcel *p)
{
    for (size_t i = 0; i < p->count; i++) (void)close(p->descriptors[i]);
    p->count = 0;
}

void outgoing_dispose(struct outgoing *o)
{
    for (size_t i = 0; i < o->parcel_count; i++) close_parcel(&o->parcels[i]);
    o->parcel_count = 0;
    o->sent = 0;
    buf_dispose(&o->bytes);
}

size_t outgoing_waiting(const struct outgoing *o)
{
    return o->bytes.length - o->sent;
}

/* ---- Adding ---- */

/** Drops what is gone, so that the buffer's maximum bounds what waits. */
static void drop_sent(struct outgoing *o)
{
    if (o->sent == 0) return;
    for (size_t i = 0; i < o->parcel_count; i++) o->parcels[i].at -= o->sent;
    memmove(o->bytes.data, o->bytes.data + o->sent, o->bytes.length - o->sent);
    o->bytes.length -= o->sent;
    secret_wipe(o->bytes.data + o->bytes.length, o->sent);
    o->sent = 0;
}

static bool add_parcel(struct outgoing *o, const int *descriptors, size_t count)
{
    struct outgoing_parcel p = {.at = o->bytes.length};
    if (o->parcel_count == OUTGOING_PARCELS) return false;
    for (; p.count < count; p.count++) {
        p.descriptors[p.count] = fcntl(descriptors[p.count], F_DUPFD_CLOEXEC, 0);
        if (p.descriptors[p.count] >= 0) continue;
        close_parcel(&p);
        return false;
    }
    o->parcels[o->parcel_count++] = p;
    return true;
}

rfd_status outgoing_add(struct outgoing *o, uint16_t type, uint64_t request, slice body, const int *descriptors,
                        size_t count, struct rfd_error *error)
{
    assert(count <= MESSAGE_DESCRIPTORS);
    drop_sent(o);
    if (body.length > MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE)
        return error_set(error, RFD_E_LIMIT, "message of %zu octets", body.length);
    size_t total = MESSAGE_HEADER_SIZE + body.length;
    if (total > o->bytes.maximum - o->bytes.length)
        return error_set(error, RFD_E_LIMIT, "%zu octets wait to be sent already", o->bytes.length);
    if (buf_reserve(&o->bytes, total) == NULL) return buf_check(&o->bytes, "messages to be sent", error);
    if (count > 0 && !add_parcel(o, descriptors, count)) return error_set(error, RFD_E_LIMIT, "too many descriptors");
    size_t begun = message_begin(&o->bytes, type, request, count);
    buf_put_slice(&o->bytes, body);
    message_finish(&o->bytes, begun);
    return RFD_OK;
}

/* ---- Sending ---- */

rfd_status outgoing_lost(int code, struct rfd_error *error)
{
    if (code == ECONNRESET || code == EPIPE) return error_errno(error, RFD_E_PEER_GONE, code, "channel");
    return error_errno(error, RFD_E_INTERNAL, code, "channel");
}

static ssize_t send_with(int fd, slice bytes, const struct outgoing_parcel *parcel)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(MESSAGE_DESCRIPTORS * sizeof(int))];
    } control = {.bytes = {0}};
    size_t size = parcel->count * sizeof(int);
    struct iovec part = {(void *)(uintptr_t)bytes.data, bytes.length};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&m);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), parcel->descriptors, size);
    return sendmsg(fd, &m, MSG_NOSIGNAL);
}

/** Sends up to the next octet that open files travel with, or from it with them. */
static ssize_t write_some(struct outgoing *o, int fd)
{
    struct outgoing_parcel *first = o->parcel_count > 0 ? &o->parcels[0] : NULL;
    slice waiting = slice_from(buf_slice(&o->bytes), o->sent);
    if (first == NULL) return write(fd, waiting.data, waiting.length);
    if (first->at > o->sent) return write(fd, waiting.data, first->at - o->sent);
    ssize_t sent = send_with(fd, waiting, first);
    if (sent <= 0) return sent;
    close_parcel(first);
    o->parcel_count--;
    memmove(o->parcels, o->parcels + 1, o->parcel_count * sizeof *o->parcels);
    return sent;
}

rfd_status outgoing_flush(struct outgoing *o, int fd, struct rfd_error *error)
{
    while (outgoing_waiting(o) > 0) {
        ssize_t sent = write_some(o, fd);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return RFD_OK;
        if (sent < 0) return outgoing_lost(errno, error);
        o->sent += (size_t)sent;
    }
    if (o->bytes.length > 0) secret_wipe(o->bytes.data, o->bytes.length);
    buf_reset(&o->bytes);
    o->sent = 0;
    return RFD_OK;
}
