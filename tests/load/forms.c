/* SPDX-License-Identifier: EUPL-1.2
 *
 * Forms that many browsers send at once, each its own ones one after the other: what the pages take, without what a
 * slower client would.
 *
 *   forms PORT FILE CLIENTS WANTED
 *
 * FILE has the requests: lines "CLIENT LENGTH", each followed by so many octets of HTTP. Every answer has to be 303,
 * and to lead to an address that begins with WANTED; or, when that is no path, 200 with a body that has it. Prints
 * JSON: answers, how many were others, seconds, and the seconds of processor that this program took.
 */
#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 1024, EVENTS = 64, ANSWER = 64 << 10, PATIENCE_MILLISECONDS = 30000 };

struct form {
    size_t client;
    slice request;
};
struct client {
    int fd;
    size_t next; /* of the forms: the first that may be its own */
    char answer[ANSWER];
    size_t length;
};
struct load {
    int epoll;
    uint64_t port, count;
    const char *wanted;
    struct client *clients;
    struct form *forms;
    size_t form_count, answers, wrong;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "forms: %s\n", what);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t take_number(slice *rest, uint8_t end, uint64_t maximum)
{
    uint64_t number = 0;
    const uint8_t *at = rest->length == 0 ? NULL : memchr(rest->data, end, rest->length);
    if (at == NULL || !number_unsigned(slice_of(rest->data, (size_t)(at - rest->data)), maximum, &number))
        fail("the file");
    *rest = slice_from(*rest, (size_t)(at - rest->data) + 1);
    return number;
}

static void read_forms(struct load *l, slice file)
{
    size_t room = 0;
    while (file.length > 0) {
        struct form form = {.client = take_number(&file, ' ', l->count - 1)};
        uint64_t length = take_number(&file, '\n', file.length);
        form.request = slice_part(file, 0, length);
        file = slice_from(file, length);
        if (l->form_count == room) {
            room = room == 0 ? 1024 : 2 * room;
            l->forms = memory_resize(l->forms, room * sizeof *l->forms);
            if (l->forms == NULL) fail("memory");
        }
        l->forms[l->form_count++] = form;
    }
}

static void dial(struct load *l, struct client *c)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) fail("no connection");
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) fail("epoll");
}

/** The next of this client's, if there is one. */
static void send_next(struct load *l, struct client *c)
{
    size_t mine = (size_t)(c - l->clients);
    while (c->next < l->form_count && l->forms[c->next].client != mine) c->next++;
    c->length = 0;
    if (c->next == l->form_count) return;
    slice request = l->forms[c->next++].request;
    if (send(c->fd, request.data, request.length, MSG_NOSIGNAL) != (ssize_t)request.length) fail("a broken connection");
}

/** Redirects have no body. */
static bool is_redirect(const struct load *l, const struct client *c)
{
    static const char field[] = "\r\nLocation: ";
    const char *location = strstr(c->answer, field);
    if (strncmp(c->answer, "HTTP/1.1 303", 12) != 0) fail("an answer that is no redirect");
    return location != NULL && strncmp(location + sizeof field - 1, l->wanted, strlen(l->wanted)) == 0;
}

/** All of it is there. */
static bool is_whole(const struct client *c)
{
    static const char field[] = "\r\nContent-Length: ";
    uint64_t length = 0;
    const char *body = strstr(c->answer, "\r\n\r\n"), *line = strstr(c->answer, field);
    if (body == NULL || line == NULL || line > body) return body != NULL;
    line += sizeof field - 1;
    if (!number_unsigned(slice_of(line, strcspn(line, "\r")), ANSWER, &length)) fail("a length");
    return c->length >= (size_t)(body + 4 - c->answer) + length;
}

static bool is_good(const struct load *l, const struct client *c)
{
    if (l->wanted[0] == '/') return is_redirect(l, c);
    return strncmp(c->answer, "HTTP/1.1 200", 12) == 0 && strstr(c->answer, l->wanted) != NULL;
}

static void receive(struct load *l, struct client *c)
{
    ssize_t got = recv(c->fd, c->answer + c->length, ANSWER - 1 - c->length, 0);
    if (got <= 0) fail("the server closed a connection, or said more than expected");
    c->length += (size_t)got;
    c->answer[c->length] = '\0';
    if (!is_whole(c)) return;
    if (!is_good(l, c) && l->wrong++ == 0) (void)fprintf(stderr, "forms: %s\n", c->answer);
    l->answers++;
    send_next(l, c);
}

static void run(struct load *l)
{
    struct epoll_event events[EVENTS];
    for (size_t i = 0; i < l->count; i++) send_next(l, &l->clients[i]);
    while (l->answers < l->form_count) {
        int count = epoll_wait(l->epoll, events, EVENTS, PATIENCE_MILLISECONDS);
        if (count == 0) fail("no answer for half a minute");
        for (int i = 0; i < count; i++) receive(l, events[i].data.ptr);
    }
}

int main(int argc, char **argv)
{
    struct load l = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct source *source = NULL;
    slice file = SLICE_EMPTY;
    if (argc != 5 || !number_unsigned(slice_text(argv[1]), 65535, &l.port) ||
        !number_unsigned(slice_text(argv[3]), CLIENTS, &l.count) || l.count == 0) {
        (void)fprintf(stderr, "usage: forms PORT FILE CLIENTS WANTED\n");
        return 2;
    }
    l.wanted = argv[4];
    if (source_open_file(argv[2], &source, NULL) != RFD_OK ||
        source_view(source, 0, source_size(source), &file, NULL) != RFD_OK)
        fail("the file");
    read_forms(&l, file);
    l.clients = memory_zeroed(l.count, sizeof *l.clients);
    if (l.clients == NULL) fail("memory");
    for (size_t i = 0; i < l.count; i++) dial(&l, &l.clients[i]);
    double begun = seconds(CLOCK_MONOTONIC);
    run(&l);
    (void)printf("{\"answers\": %zu, \"wrong\": %zu, \"seconds\": %.3f, \"processor\": %.3f}\n", l.answers, l.wrong,
                 seconds(CLOCK_MONOTONIC) - begun, seconds(CLOCK_PROCESS_CPUTIME_ID));
    memory_free(l.clients);
    memory_free(l.forms);
    source_close(source);
    return l.wrong == 0 ? 0 : 1;
}
