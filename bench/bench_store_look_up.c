/* SPDX-License-Identifier: EUPL-1.2
 *
 * How fast the state of a certificate is found among few and among many: what OCSP does when the answer is not in
 * memory. Half a million serial numbers, drawn at random from those that there are, are looked up by each thread.
 *
 *   bench_store_look_up sqlite:FILE|postgresql://... [certificates] [threads]
 *
 * The tables are filled first, up to the number of certificates that is wanted; a second run finds them there. Prints:
 * certificates, look-ups a second, microseconds of processor for each (the system's share in brackets).
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "domain/authority/authority.h"
#include "domain/schema.h"

#include <pthread.h>
#include <sys/resource.h>

enum { SERIAL_SIZE = 17, TOGETHER = 200000, LOOK_UPS = 500000, THREADS_MAXIMUM = 64, AUTHORITY = 7 };

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static struct store *store;
static uint64_t certificates = 10000;

static uint64_t mixed(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/** The serial number of certificate `n`: as random as real ones. */
static void serial_of(uint64_t n, uint8_t serial[SERIAL_SIZE])
{
    uint64_t halves[] = {mixed(n), mixed(~n)};
    serial[0] = 0x11;
    memcpy(serial + 1, halves, sizeof halves);
}

/* --- Filling ------------------------------------------------------------------------------------------------------ */

struct batch {
    uint64_t first, count;
    uint8_t (*serials)[SERIAL_SIZE];
};

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, SERIAL_SIZE);
}

static rfd_status fill(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct batch *b = context;
    for (uint64_t i = 0; i < b->count; i++) {
        const struct store_value values[] = {store_bytes(slice_of(b->serials[i], SERIAL_SIZE)),
                                             store_integer(AUTHORITY), store_integer((int64_t)(b->first + i)),
                                             store_integer(1), store_integer((int64_t)(i % 16))};
        TRY(store_run(t,
                      "INSERT INTO certificate_status(serial, authority, certificate, state, part) VALUES ($1, $2, $3, "
                      "$4, $5)",
                      values, 5, NULL, error));
    }
    return RFD_OK;
}

static rfd_status count(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT count(*) FROM certificate_status", NULL, 0, &rows, error));
    *(uint64_t *)context = (uint64_t)store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static void fill_all(void)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct batch b = {.serials = memory_zeroed(TOGETHER, SERIAL_SIZE)};
    NEED(b.serials != NULL && store_read(store, count, &b.first, &error) == RFD_OK);
    for (; b.first < certificates; b.first += b.count) {
        b.count = certificates - b.first < TOGETHER ? certificates - b.first : TOGETHER;
        for (uint64_t i = 0; i < b.count; i++) serial_of(b.first + i, b.serials[i]);
        qsort(b.serials, b.count, SERIAL_SIZE, compare);
        rfd_status status = store_write(store, fill, &b, &error);
        if (status != RFD_OK) (void)fprintf(stderr, "%s\n", error.detail);
        NEED(status == RFD_OK);
    }
    memory_free(b.serials);
}

/* --- Looking up --------------------------------------------------------------------------------------------------- */

static void *look_up(void *context)
{
    uint64_t random = (uint64_t)(uintptr_t)context + 1;
    for (unsigned i = 0; i < LOOK_UPS; i++) {
        uint8_t serial[SERIAL_SIZE];
        struct responder_record record;
        random = mixed(random);
        serial_of(random % certificates, serial);
        NEED(authority_look_up(store, AUTHORITY, slice_of(serial, sizeof serial), &record, NULL) == RFD_OK);
        NEED(record.state == RESPONDER_GOOD);
    }
    return NULL;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double clock_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(uint64_t count_of_threads)
{
    pthread_t threads[THREADS_MAXIMUM];
    struct rusage before, after;
    double begin = clock_seconds();
    (void)getrusage(RUSAGE_SELF, &before);
    for (uint64_t i = 0; i < count_of_threads; i++)
        NEED(pthread_create(&threads[i], NULL, look_up, (void *)(uintptr_t)(i * 1000003)) == 0);
    for (uint64_t i = 0; i < count_of_threads; i++) (void)pthread_join(threads[i], NULL);
    double took = clock_seconds() - begin, all = (double)(count_of_threads * LOOK_UPS);
    (void)getrusage(RUSAGE_SELF, &after);
    double own = seconds(after.ru_utime) - seconds(before.ru_utime);
    double kernel = seconds(after.ru_stime) - seconds(before.ru_stime);
    (void)printf("%10llu certificates %8.0f/s %5.2f us (%.2f)\n", (unsigned long long)certificates, all / took,
                 (own + kernel) / all * 1e6, kernel / all * 1e6);
}

int main(int argc, char **argv)
{
    uint64_t threads = 2;
    struct rfd_error error = RFD_ERROR_INIT;
    NEED(argc > 1);
    NEED(argc < 3 || number_unsigned(slice_text(argv[2]), 100000000, &certificates));
    NEED(argc < 4 || number_unsigned(slice_text(argv[3]), THREADS_MAXIMUM, &threads));
    struct store_options options = {.address = argv[1]};
    rfd_status status = domain_open_store(&options, &store, &error);
    if (status != RFD_OK) (void)fprintf(stderr, "%s: %s\n", rfd_status_name(status), error.detail);
    NEED(status == RFD_OK);
    fill_all();
    measure(threads); /* warms up */
    measure(threads);
    store_close(store);
    return 0;
}
