/* SPDX-License-Identifier: EUPL-1.2
 *
 * Visitors of a page who come at a steady rate, whether or not those before have been answered: what they wait is
 * counted from the moment at which each was due, so that a server that stops for a while is charged for all of them.
 *
 *   visitors PORT PATH RATE SECONDS
 *
 * Prints JSON: answers, how many were no 200, and their times in milliseconds (middle, 99th of a hundred, longest).
 */
#include "base/memory.h"
#include "base/number.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, EVENTS = 64, HEAD = 16 << 10, BUFFER = 64 << 10, REQUEST = 1024 };
#define SECOND   1000000000LL
#define PATIENCE (30 * SECOND)

struct visitor {
    int fd;
    bool busy;
    int64_t due;
    char head[HEAD];
    size_t length; /* of the head so far */
    size_t left;   /* octets of the body to come */
    bool in_body;
};
struct load {
    int epoll;
    uint64_t port, rate, seconds;
    char request[REQUEST];
    size_t request_length;
    struct visitor visitors[CONNECTIONS];
    size_t sent, wrong, done, total;
    double *took;
    int64_t start;
};

static int64_t now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "visitors: %s\n", what);
    exit(1);
}

static void dial(struct load *l, struct visitor *v)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = v};
    int one = 1;
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (v->fd < 0 || connect(v->fd, (struct sockaddr *)&to, sizeof to) != 0) fail("no connection");
    (void)setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, v->fd, &event) != 0) fail("epoll");
}

static void send_request(struct load *l, struct visitor *v)
{
    v->due = l->start + (int64_t)l->sent * SECOND / (int64_t)l->rate;
    v->busy = true;
    v->in_body = false;
    v->length = 0;
    l->sent++;
    if (send(v->fd, l->request, l->request_length, MSG_NOSIGNAL) != (ssize_t)l->request_length)
        fail("a broken connection");
}

/** All that are due and have a connection. */
static void send_due(struct load *l)
{
    for (size_t i = 0; i < CONNECTIONS && l->sent < l->total; i++) {
        int64_t due = l->start + (int64_t)l->sent * SECOND / (int64_t)l->rate;
        if (due > now()) return;
        if (!l->visitors[i].busy) send_request(l, &l->visitors[i]);
    }
}

static void finish(struct load *l, struct visitor *v)
{
    l->took[l->done++] = (double)(now() - v->due) / 1e6;
    if (strncmp(v->head, "HTTP/1.1 200", 12) != 0) l->wrong++;
    v->busy = false;
}

/** Takes octets of the head from the buffer; how many. */
static size_t take_head(struct visitor *v, const char *data, size_t length)
{
    size_t before = v->length;
    size_t taken = length < HEAD - 1 - before ? length : HEAD - 1 - before;
    memcpy(v->head + before, data, taken);
    v->length += taken;
    v->head[v->length] = 0;
    const char *end = strstr(v->head, "\r\n\r\n");
    if (end == NULL) {
        if (v->length == HEAD - 1) fail("a head without an end");
        return taken;
    }
    const char *field = strcasestr(v->head, "\r\ncontent-length:");
    uint64_t size = 0;
    if (field == NULL || field > end) fail("an answer without its length");
    const char *digits = field + strlen("\r\ncontent-length:");
    digits += strspn(digits, " ");
    if (!number_unsigned(slice_of(digits, strspn(digits, "0123456789")), UINT32_MAX, &size)) fail("a length");
    v->left = size;
    v->in_body = true;
    return (size_t)(end + 4 - v->head) - before;
}

static void receive(struct load *l, struct visitor *v)
{
    char buffer[BUFFER];
    ssize_t got = recv(v->fd, buffer, sizeof buffer, 0);
    if (got <= 0) fail("the server closed a connection");
    for (size_t at = 0; at < (size_t)got && v->busy;) {
        if (!v->in_body) {
            at += take_head(v, buffer + at, (size_t)got - at);
        } else {
            size_t part = (size_t)got - at < v->left ? (size_t)got - at : v->left;
            v->left -= part;
            at += part;
        }
        if (v->in_body && v->left == 0) finish(l, v);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run(struct load *l)
{
    struct epoll_event events[EVENTS];
    int64_t end = (int64_t)l->seconds * SECOND + PATIENCE;
    l->start = now();
    while (l->done < l->total) {
        send_due(l);
        int count = epoll_wait(l->epoll, events, EVENTS, 1);
        for (int i = 0; i < count; i++) receive(l, events[i].data.ptr);
        if (now() - l->start > end) fail("too slow");
    }
}

int main(int argc, char **argv)
{
    struct load *l = memory_zeroed(1, sizeof *l);
    if (l == NULL || argc != 5 || !number_unsigned(slice_text(argv[1]), 65535, &l->port) ||
        !number_unsigned(slice_text(argv[3]), 100000, &l->rate) ||
        !number_unsigned(slice_text(argv[4]), 600, &l->seconds)) {
        (void)fprintf(stderr, "usage: visitors PORT PATH RATE SECONDS\n");
        return 2;
    }
    l->request_length = (size_t)snprintf(
        l->request, REQUEST, "GET %s HTTP/1.1\r\nHost: localhost:%s\r\nAccept: text/html\r\n\r\n", argv[2], argv[1]);
    l->total = l->rate * l->seconds;
    l->took = memory_zeroed(l->total + 1, sizeof *l->took);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->took == NULL || l->request_length >= REQUEST || l->total == 0) fail("the request");
    for (size_t i = 0; i < CONNECTIONS; i++) dial(l, &l->visitors[i]);
    run(l);
    qsort(l->took, l->done, sizeof *l->took, by_size);
    (void)printf("{\"answers\": %zu, \"wrong\": %zu, \"middle\": %.3f, \"p99\": %.3f, \"longest\": %.3f}\n", l->done,
                 l->wrong, l->took[l->done / 2], l->took[l->done * 99 / 100], l->took[l->done - 1]);
    memory_free(l->took);
    memory_free(l);
    return 0;
}
