/* SPDX-License-Identifier: EUPL-1.2
 *
 * registrar OPTION...: see registrar.h. Prints one line of JSON: issued, revoked, refused, tries, seconds, the
 * processor time that asking took in seconds, and the times of answers in milliseconds. With "--announce 1" first the
 * line "ready", when all orders are made and all connections are there; it begins when it reads a line.
 */
#include "registrar.h"

#include "base/memory.h"
#include "base/number.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 2000, PAUSE = 50000, PATIENCE = 30000000, SERIAL_SIZE = 48, EVENTS = 64 };

enum stage { STAGE_NEXT, STAGE_ISSUE, STAGE_REVOKE, STAGE_OVER };

/** One of the crowd: what it asks for, and when it asks (again) or gives the answer up. */
struct client {
    struct connection connection;
    enum stage stage;
    bool asked; /* and waits for the answer */
    int64_t due;
    size_t order;
    int64_t began;
    unsigned tries;
    char serial[SERIAL_SIZE];
    int watched; /* descriptor; -1: none */
};

struct crowd {
    struct registrar_options o;
    struct registrar_order *orders;
    SSL_CTX *context;
    FILE *acknowledged;
    struct client *clients;
    int epoll;
    size_t next, issued, revoked, refused, tries, over;
    int64_t *times; /* microseconds, of each order */
    int64_t ends;   /* 0: when all are done */
};

static int64_t now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/** Of all threads, in microseconds. */
static int64_t processor_time(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void note(struct crowd *all, const char *what, const char *serial, const char *idempotency)
{
    if (all->acknowledged == NULL) return;
    (void)fprintf(all->acknowledged, "%s %s %s\n", what, serial, idempotency);
}

/** The load generator shares the processors with what it measures: it looks for the member instead of reading it all.
 */
static bool serial_of(slice rest, char serial[SERIAL_SIZE])
{
    static const char before[] = "\"serial\":\"";
    const uint8_t *at = rest.length == 0 ? NULL : memmem(rest.data, rest.length, before, sizeof before - 1);
    if (at == NULL) return false;
    rest = slice_from(rest, (size_t)(at - rest.data) + sizeof before - 1);
    const uint8_t *end = rest.length == 0 ? NULL : memchr(rest.data, '"', rest.length);
    size_t length = end == NULL ? 0 : (size_t)(end - rest.data);
    if (length == 0 || length >= SERIAL_SIZE) return false;
    memcpy(serial, rest.data, length);
    serial[length] = '\0';
    return true;
}

static void complain(struct crowd *all, const char *what, int status, slice answer)
{
    if (all->refused++ < 5)
        (void)fprintf(stderr, "registrar: %s: %d %.*s\n", what, status, (int)answer.length,
                      answer.data == NULL ? "" : (const char *)answer.data);
}

/* ---- Asking ---- */

static bool send_question(struct crowd *all, struct client *c)
{
    const struct registrar_order *order = &all->orders[c->order];
    char path[160];
    char body[160];
    if (c->stage == STAGE_ISSUE)
        return connection_send(&c->connection, "POST", "/api/ca/v1/certificates", order->idempotency, order->body,
                               order->length);
    (void)snprintf(path, sizeof path, "/api/ca/v1/certificates/%s/revocation", c->serial);
    int length = snprintf(body, sizeof body, "{\"authority\":\"%s\",\"reason\":\"superseded\"}", all->o.authority_name);
    return connection_send(&c->connection, "POST", path, NULL, body, (size_t)length);
}

/** A connection is watched from its first request on. */
static void watch(const struct crowd *all, struct client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int descriptor = connection_descriptor(&c->connection);
    if (c->watched == descriptor) return;
    if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) exit(1);
    c->watched = descriptor;
}

static void finish(struct crowd *all, struct client *c, int status, slice answer);

/** Nothing that says something came: nothing, 503 and 500 say nothing. */
static void try_again(struct crowd *all, struct client *c)
{
    c->asked = false;
    c->due = now() + PAUSE;
    if (c->connection.ssl == NULL) c->watched = -1;
    if (c->tries == TRIES) finish(all, c, 0, SLICE_EMPTY);
}

static void question(struct crowd *all, struct client *c)
{
    all->tries++;
    c->tries++;
    c->asked = true;
    if (c->connection.ssl == NULL) c->watched = -1;
    if (!send_question(all, c)) {
        try_again(all, c);
        return;
    }
    watch(all, c);
    c->due = now() + PATIENCE;
}

static void begin(struct crowd *all, struct client *c, enum stage stage)
{
    c->stage = stage;
    c->tries = 0;
    c->began = now();
    question(all, c);
}

static void next_order(struct crowd *all, struct client *c)
{
    c->order = all->next++;
    if (c->order < all->o.count && (all->ends == 0 || now() <= all->ends)) {
        begin(all, c, STAGE_ISSUE);
        return;
    }
    c->stage = STAGE_OVER;
    c->due = INT64_MAX;
    connection_close(&c->connection);
    all->over++;
}

/* ---- Answers ---- */

static void finish_issue(struct crowd *all, struct client *c, int status, slice answer)
{
    const char *idempotency = all->orders[c->order].idempotency;
    all->times[c->order] = now() - c->began;
    if ((status != 201 && status != 200) || !serial_of(answer, c->serial)) {
        complain(all, "issue", status, answer);
        return;
    }
    all->issued++;
    note(all, "issued", c->serial, idempotency);
    if (all->o.revoke_each > 0 && c->order % all->o.revoke_each == 0) begin(all, c, STAGE_REVOKE);
}

static void finish_revoke(struct crowd *all, const struct client *c, int status, slice answer)
{
    if (status != 200) {
        complain(all, "revoke", status, answer);
        return;
    }
    all->revoked++;
    note(all, "revoked", c->serial, all->orders[c->order].idempotency);
}

/** Then the next order, at once or after a pause. */
static void finish(struct crowd *all, struct client *c, int status, slice answer)
{
    bool issued = c->stage == STAGE_ISSUE;
    c->asked = false;
    if (issued)
        finish_issue(all, c, status, answer);
    else
        finish_revoke(all, c, status, answer);
    if (issued && c->stage == STAGE_REVOKE) return;
    c->stage = STAGE_NEXT;
    c->due = now() + (int64_t)all->o.pause * 1000;
    if (all->o.pause == 0) next_order(all, c);
}

static void take(struct crowd *all, struct client *c)
{
    if (!c->asked) return;
    slice answer = SLICE_EMPTY;
    int status = connection_take(&c->connection, &answer);
    if (status == CONNECTION_WAITS) return;
    if (status == 0 || status == 500 || status == 502 || status == 503)
        try_again(all, c);
    else
        finish(all, c, status, answer);
}

/** What is to be done now: a question, again or for the first time; an answer that does not come any more. */
static void act(struct crowd *all, struct client *c)
{
    if (c->asked) {
        connection_close(&c->connection);
        try_again(all, c);
    } else if (c->stage == STAGE_NEXT) {
        next_order(all, c);
    } else {
        question(all, c);
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void report(const struct crowd *all, int64_t spent, int64_t processor)
{
    size_t done = 0;
    for (size_t i = 0; i < all->o.count; i++) {
        if (all->times[i] > 0) all->times[done++] = all->times[i];
    }
    qsort(all->times, done, sizeof *all->times, by_size);
    double p50 = done == 0 ? 0 : (double)all->times[done / 2] / 1000;
    double p99 = done == 0 ? 0 : (double)all->times[done * 99 / 100] / 1000;
    (void)printf("{\"issued\": %zu, \"revoked\": %zu, \"refused\": %zu, \"tries\": %zu, \"seconds\": %.3f, "
                 "\"processor\": %.3f, \"p50\": %.2f, \"p99\": %.2f}\n",
                 all->issued, all->revoked, all->refused, all->tries, (double)spent / 1e6, (double)processor / 1e6, p50,
                 p99);
}

/** All whose time has come; returns how long nobody else's does, in milliseconds. */
static int act_in_time(struct crowd *all)
{
    int64_t time = now();
    int64_t first = time + PATIENCE;
    for (unsigned i = 0; i < all->o.clients; i++) {
        struct client *c = &all->clients[i];
        if (c->due <= time) act(all, c);
        if (c->due < first) first = c->due;
    }
    int64_t left = first - now();
    return left <= 0 ? 0 : (int)(left / 1000) + 1;
}

static void play(struct crowd *all)
{
    struct epoll_event events[EVENTS];
    int64_t looked = 0;
    int milliseconds = 0;
    while (all->over < all->o.clients) {
        int count = epoll_wait(all->epoll, events, EVENTS, milliseconds);
        for (int i = 0; i < count; i++) take(all, events[i].data.ptr);
        if (count > 0 && now() - looked < 1000)
            continue; /* those with a time to keep are looked at once a millisecond */
        milliseconds = act_in_time(all);
        looked = now();
    }
}

/** Answers wait for a moment rather than that the reader interrupts those who make the next ones. */
static void stand_back(void)
{
    const struct sched_param none = {.sched_priority = 0};
    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

/** So that what comes before the orders is not measured with them. */
static void announce(struct crowd *all)
{
    if (all->o.announce == 0) return;
    for (unsigned i = 0; i < all->o.clients; i++) (void)connection_open(&all->clients[i].connection);
    (void)puts("ready");
    (void)fflush(stdout);
    for (int c = getchar(); c != '\n' && c != EOF;) c = getchar();
}

static void run(struct crowd *all)
{
    all->clients = memory_zeroed(all->o.clients, sizeof *all->clients);
    all->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (all->clients == NULL || all->epoll < 0) exit(1);
    for (unsigned i = 0; i < all->o.clients; i++)
        all->clients[i] = (struct client){.connection = {.options = &all->o, .context = all->context}, .watched = -1};
    announce(all);
    stand_back();
    int64_t began = now();
    int64_t used = processor_time();
    if (all->o.seconds > 0) all->ends = began + (int64_t)all->o.seconds * 1000000;
    play(all);
    report(all, now() - began, processor_time() - used);
    (void)close(all->epoll);
    memory_free(all->clients);
}

static const struct {
    const char *name;
    size_t offset;
    bool is_number;
} options[] = {
#define TEXT_OPTION(name, member)                                                                                      \
    {                                                                                                                  \
        name, offsetof(struct registrar_options, member), false                                                        \
    }
#define NUMBER_OPTION(name, member)                                                                                    \
    {                                                                                                                  \
        name, offsetof(struct registrar_options, member), true                                                         \
    }
    TEXT_OPTION("--host", host),
    TEXT_OPTION("--port", port),
    TEXT_OPTION("--trust", trust),
    TEXT_OPTION("--certificate", certificate),
    TEXT_OPTION("--key", key),
    TEXT_OPTION("--agent", agent),
    TEXT_OPTION("--agent-password", agent_password),
    TEXT_OPTION("--authority", authority_name),
    TEXT_OPTION("--authority-certificate", authority_certificate),
    TEXT_OPTION("--profile", profile),
    TEXT_OPTION("--attributes", attributes),
    TEXT_OPTION("--acknowledged", acknowledged),
    NUMBER_OPTION("--clients", clients),
    NUMBER_OPTION("--seconds", seconds),
    NUMBER_OPTION("--revoke-each", revoke_each),
    NUMBER_OPTION("--first", first),
    NUMBER_OPTION("--pause", pause),
    NUMBER_OPTION("--announce", announce),
};

static bool set_option(struct registrar_options *o, const char *name, const char *value)
{
    uint64_t number = 0;
    if (strcmp(name, "--count") == 0) {
        bool good = number_unsigned(slice_text(value), 10000000, &number);
        o->count = (size_t)number;
        return good;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(options[i].name, name) != 0) continue;
        if (!options[i].is_number) {
            *(const char **)((char *)o + options[i].offset) = value;
            return true;
        }
        if (!number_unsigned(slice_text(value), UINT32_MAX, &number)) return false;
        *(unsigned *)((char *)o + options[i].offset) = (unsigned)number;
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct crowd all = {.o = {.host = "127.0.0.1", .clients = 1, .count = 1}};
    (void)signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 < argc && set_option(&all.o, argv[i], argv[i + 1])) continue;
        (void)fprintf(stderr, "registrar: %s\n", argv[i]);
        return 2;
    }
    if (all.o.port == NULL || all.o.agent == NULL || all.o.profile == NULL || all.o.attributes == NULL) return 2;
    all.orders = memory_zeroed(all.o.count, sizeof *all.orders);
    all.times = memory_zeroed(all.o.count, sizeof *all.times);
    if (all.orders == NULL || all.times == NULL) return 1;
    registrar_prepare(&all.o, all.orders);
    all.context = connection_context(&all.o);
    if (all.o.acknowledged != NULL && (all.acknowledged = fopen(all.o.acknowledged, "a")) == NULL) return 1;
    if (all.acknowledged != NULL)
        (void)setvbuf(all.acknowledged, NULL, _IOLBF, BUFSIZ); /* whole lines, whenever it dies */
    run(&all);
    if (all.acknowledged != NULL) (void)fclose(all.acknowledged);
    for (size_t i = 0; i < all.o.count; i++) memory_free(all.orders[i].body);
    memory_free(all.orders);
    memory_free(all.times);
    SSL_CTX_free(all.context);
    return all.refused > 0 ? 1 : 0;
}
