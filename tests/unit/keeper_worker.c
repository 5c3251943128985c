/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper_worker.h"

#include <poll.h>

rfd_status worker_sign_head(struct channel *keeper, uint64_t size, unsigned milliseconds)
{
    static const uint8_t root[KEEPER_ROOT_SIZE];
    struct message_reader r;
    struct buf b;
    buf_init(&b, 128);
    message_put_text(&b, "log-1");
    message_put_u64(&b, size);
    message_put_bytes(&b, slice_of(root, sizeof root));
    rfd_status status = keeper_ask(keeper, KEEPER_SIGN_LOG_HEAD, buf_slice(&b), milliseconds, &r, NULL);
    buf_dispose(&b);
    return status;
}

struct channel *worker_next_keeper(struct supervised *self)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct supervised_news news;
    struct channel *c = NULL;
    struct message m;
    while (!channel_next(self->control, &m)) {
        struct pollfd p = {.fd = channel_descriptor(self->control), .events = POLLIN};
        if (poll(&p, 1, -1) < 0 || channel_receive(self->control, NULL) != RFD_OK) return NULL;
    }
    if (supervised_read(&m, &news, NULL) != RFD_OK) return NULL;
    return channel_new(news.descriptor, &options, &c, NULL) == RFD_OK ? c : NULL;
}
