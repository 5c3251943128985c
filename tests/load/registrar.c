/* SPDX-License-Identifier: EUPL-1.2
 *
 * registrar OPTION...: see registrar.h. Prints one line of JSON: issued, revoked, refused, tries, seconds, the
 * processor time that asking took in seconds, and the times of answers in milliseconds.
 */
#include "registrar.h"

#include "base/memory.h"
#include "base/number.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAXIMUM = 1 << 20, TRIES = 2000, PAUSE = 50000, SERIAL_SIZE = 48 };

struct crowd {
    struct registrar_options o;
    struct registrar_order *orders;
    SSL_CTX *context;
    FILE *acknowledged;
    pthread_mutex_t lock;
    atomic_size_t next, issued, revoked, refused, tries;
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

/** Asks until there is an answer that says something: nothing, 503 and 500 say nothing. */
static int ask(struct crowd *all, struct connection *c, const char *path, const char *idempotency, const char *body,
               size_t length, struct buf *answer)
{
    for (int i = 0; i < TRIES; i++) {
        int status = connection_ask(c, "POST", path, idempotency, body, length, answer);
        atomic_fetch_add(&all->tries, 1);
        if (status != 0 && status != 503 && status != 500 && status != 502) return status;
        (void)usleep(PAUSE);
    }
    return 0;
}

static void note(struct crowd *all, const char *what, const char *serial, const char *idempotency)
{
    if (all->acknowledged == NULL) return;
    (void)pthread_mutex_lock(&all->lock);
    (void)fprintf(all->acknowledged, "%s %s %s\n", what, serial, idempotency);
    (void)pthread_mutex_unlock(&all->lock);
}

/** The load generator shares the processors with what it measures: it looks for the member instead of reading it all.
 */
static bool serial_of(const struct buf *answer, char serial[SERIAL_SIZE])
{
    static const char before[] = "\"serial\":\"";
    slice rest = buf_slice(answer);
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

static void complain(struct crowd *all, const char *what, int status, const struct buf *answer)
{
    if (atomic_fetch_add(&all->refused, 1) < 5)
        (void)fprintf(stderr, "registrar: %s: %d %.*s\n", what, status, (int)answer->length,
                      answer->data == NULL ? "" : (const char *)answer->data);
}

static void revoke_one(struct crowd *all, struct connection *c, const char *serial, const char *idempotency,
                       struct buf *answer)
{
    char path[160];
    char body[160];
    (void)snprintf(path, sizeof path, "/api/ca/v1/certificates/%s/revocation", serial);
    int length = snprintf(body, sizeof body, "{\"authority\":\"%s\",\"reason\":\"superseded\"}", all->o.authority_name);
    int status = ask(all, c, path, NULL, body, (size_t)length, answer);
    if (status == 200) {
        atomic_fetch_add(&all->revoked, 1);
        note(all, "revoked", serial, idempotency);
    } else {
        complain(all, "revoke", status, answer);
    }
}

static void do_order(struct crowd *all, struct connection *c, size_t i, struct buf *answer)
{
    struct registrar_order *order = &all->orders[i];
    char serial[SERIAL_SIZE];
    int64_t began = now();
    int status = ask(all, c, "/api/ca/v1/certificates", order->idempotency, order->body, order->length, answer);
    all->times[i] = now() - began;
    if ((status != 201 && status != 200) || !serial_of(answer, serial)) {
        complain(all, "issue", status, answer);
        return;
    }
    atomic_fetch_add(&all->issued, 1);
    note(all, "issued", serial, order->idempotency);
    if (all->o.revoke_each > 0 && i % all->o.revoke_each == 0) revoke_one(all, c, serial, order->idempotency, answer);
}

static void *client(void *context)
{
    struct crowd *all = context;
    struct connection c = {&all->o, all->context, NULL};
    struct buf answer;
    buf_init(&answer, ANSWER_MAXIMUM);
    for (;;) {
        size_t i = atomic_fetch_add(&all->next, 1);
        if (i >= all->o.count || (all->ends != 0 && now() > all->ends)) break;
        do_order(all, &c, i, &answer);
        if (all->o.pause > 0) (void)usleep(all->o.pause * 1000);
    }
    connection_close(&c);
    buf_dispose(&answer);
    return NULL;
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

static void run(struct crowd *all)
{
    pthread_t *threads = memory_zeroed(all->o.clients, sizeof *threads);
    int64_t began = now();
    int64_t used = processor_time();
    if (all->o.seconds > 0) all->ends = began + (int64_t)all->o.seconds * 1000000;
    for (unsigned i = 0; i < all->o.clients; i++) {
        if (pthread_create(&threads[i], NULL, client, all) != 0) exit(1);
    }
    for (unsigned i = 0; i < all->o.clients; i++) (void)pthread_join(threads[i], NULL);
    report(all, now() - began, processor_time() - used);
    memory_free(threads);
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
    struct crowd all = {.o = {.host = "127.0.0.1", .clients = 1, .count = 1}, .lock = PTHREAD_MUTEX_INITIALIZER};
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
