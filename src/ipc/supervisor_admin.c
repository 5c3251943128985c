/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/supervisor_admin.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool may_enter(const struct admin_door *door, int fd)
{
    struct ucred who;
    socklen_t size = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
    return (who.uid == 0 || who.uid == door->user) && !door->is_own(door->context, who.pid);
}

static struct admin_visitor *free_place(struct admin_door *door)
{
    for (size_t i = 0; i < ADMIN_VISITORS; i++) {
        if (door->visitors[i].channel == NULL) return &door->visitors[i];
    }
    return NULL;
}

static void dismiss(struct admin_visitor *v)
{
    channel_free(v->channel);
    v->channel = NULL;
}

static void admit(struct admin_door *door)
{
    const struct channel_options options = {.maximum = ADMIN_MESSAGE_MAXIMUM};
    struct admin_visitor *v = free_place(door);
    int fd = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (v == NULL || !may_enter(door, fd) || channel_new(fd, &options, &v->channel, NULL) != RFD_OK) {
        (void)close(fd);
        return;
    }
    v->until = channel_clock() + ADMIN_PATIENCE;
}

/** The answer leaves before the child could say anything: it waits for the client's first word. */
static void answer(struct admin_door *door, struct admin_visitor *v, const struct message *m)
{
    struct message_reader r = message_read(m->body);
    struct buf b;
    slice role = message_get_text(&r, ADMIN_MESSAGE_MAXIMUM);
    uint32_t index = message_get_u32(&r);
    rfd_status status = m->type == ADMIN_CONNECT ? message_end(&r, "admin", NULL) : RFD_E_PROTOCOL;
    if (status == RFD_OK) status = door->hand_over(door->context, role, index, channel_descriptor(v->channel));
    buf_init(&b, ADMIN_MESSAGE_MAXIMUM);
    message_put_u32(&b, (uint32_t)status);
    status = buf_status(&b);
    if (status == RFD_OK) status = channel_send(v->channel, ADMIN_CONNECT, m->request, buf_slice(&b), NULL, 0, NULL);
    buf_dispose(&b); /* who did not get it notices that the connection ends */
}

static void listen_to(struct admin_door *door, struct admin_visitor *v)
{
    struct message m;
    rfd_status status = channel_receive(v->channel, NULL);
    if (channel_next(v->channel, &m)) {
        answer(door, v, &m);
        dismiss(v);
    } else if (status != RFD_OK) {
        dismiss(v);
    }
}

nfds_t admin_door_poll(const struct admin_door *door, struct pollfd *polled)
{
    nfds_t count = 0;
    if (door->listener < 0) return 0;
    polled[count++] = (struct pollfd){.fd = door->listener, .events = POLLIN};
    for (size_t i = 0; i < ADMIN_VISITORS; i++) {
        if (door->visitors[i].channel != NULL)
            polled[count++] = (struct pollfd){.fd = channel_descriptor(door->visitors[i].channel), .events = POLLIN};
    }
    return count;
}

int admin_door_timeout(const struct admin_door *door)
{
    int64_t now = channel_clock();
    int64_t least = -1;
    for (size_t i = 0; i < ADMIN_VISITORS; i++) {
        if (door->visitors[i].channel == NULL) continue;
        int64_t left = door->visitors[i].until > now ? door->visitors[i].until - now : 0;
        if (least < 0 || left < least) least = left;
    }
    return (int)least;
}

void admin_door_serve(struct admin_door *door, const struct pollfd *polled, nfds_t count)
{
    for (size_t i = 0; i < ADMIN_VISITORS; i++) {
        struct admin_visitor *v = &door->visitors[i];
        bool came = false;
        for (nfds_t j = 0; j < count && v->channel != NULL; j++)
            came = came || (polled[j].fd == channel_descriptor(v->channel) && polled[j].revents != 0);
        if (came) listen_to(door, v);
        if (v->channel != NULL && v->until <= channel_clock()) dismiss(v);
    }
    if (count > 0 && polled[0].revents != 0) admit(door);
}

void admin_door_close(struct admin_door *door)
{
    for (size_t i = 0; i < ADMIN_VISITORS; i++) dismiss(&door->visitors[i]);
}
