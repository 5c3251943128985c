/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a client does with what its keeper sends: a stream of octets in answer to its greeting and two questions. The
 * first octet of the input says how long the pieces are that it comes in. Nothing may be called back twice, nothing be
 * forgotten.
 */
#include "keeper/client.h"

#include "base/error.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WAIT = 10000, QUESTIONS = 2 };

static void count(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *error)
{
    _Atomic int *calls = context;
    if ((status == RFD_OK) != (fields != NULL) || (status != RFD_OK && error->code != status)) __builtin_trap();
    while (fields != NULL && !fields->failed && fields->left.length > 0) (void)message_get_text(fields, 64);
    *calls += 1;
}

static void send_pieces(int fd, slice stream, size_t piece)
{
    while (stream.length > 0) {
        slice part = slice_part(stream, 0, piece);
        if (send(fd, part.data, part.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
        stream = slice_from(stream, part.length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keeper_client *c = NULL;
    _Atomic int calls = 0;
    int asked = 0;
    int fds[2];
    if (size == 0 || keeper_client_new(1, &c, NULL) != RFD_OK || channel_pair(fds, NULL) != RFD_OK) return 0;
    (void)signal(SIGPIPE, SIG_IGN);
    if (keeper_client_connect(c, 0, fds[0], NULL) != RFD_OK) __builtin_trap();
    for (int i = 0; i < QUESTIONS; i++)
        asked += keeper_client_send(c, KEEPER_LIST_KEYS, SLICE_EMPTY, WAIT, count, (void *)&calls, NULL) == RFD_OK;
    send_pieces(fds[1], slice_from(slice_of(data, size), 1), (size_t)data[0] + 1);
    (void)close(fds[1]);
    keeper_client_free(c);
    if (calls != asked) __builtin_trap();
    return 0;
}
