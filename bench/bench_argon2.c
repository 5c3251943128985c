/* SPDX-License-Identifier: EUPL-1.2
 *
 * Argon2id alone, by libargon2 as it comes, on so many threads for so long: how many a second. The yardstick for
 * signing in.
 *
 *   bench_argon2 KIB PASSES THREADS SECONDS
 */
#include "base/number.h"

#include <argon2.h>
#include <pthread.h>

enum { THREADS_MAXIMUM = 64 };

struct load {
    uint64_t kib, passes, threads, seconds;
    struct timespec end;
    unsigned long done[THREADS_MAXIMUM];
    unsigned next;
    pthread_mutex_t mutex;
};

static bool is_over(const struct load *l)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > l->end.tv_sec || (now.tv_sec == l->end.tv_sec && now.tv_nsec >= l->end.tv_nsec);
}

static void *hash(void *context)
{
    struct load *l = context;
    uint8_t out[32];
    (void)pthread_mutex_lock(&l->mutex);
    unsigned own = l->next++;
    (void)pthread_mutex_unlock(&l->mutex);
    while (!is_over(l)) {
        if (argon2id_hash_raw((uint32_t)l->passes, (uint32_t)l->kib, 1, "caracola azul 26", 16, "sixteen octets..", 16,
                              out, sizeof out) != ARGON2_OK)
            return NULL;
        l->done[own]++;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct load l = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS_MAXIMUM];
    unsigned long done = 0;
    if (argc != 5 || !number_unsigned(slice_text(argv[1]), 1 << 20, &l.kib) ||
        !number_unsigned(slice_text(argv[2]), 64, &l.passes) ||
        !number_unsigned(slice_text(argv[3]), THREADS_MAXIMUM, &l.threads) ||
        !number_unsigned(slice_text(argv[4]), 600, &l.seconds))
        return 2;
    (void)clock_gettime(CLOCK_MONOTONIC, &l.end);
    l.end.tv_sec += (time_t)l.seconds;
    for (size_t i = 0; i < l.threads; i++) {
        if (pthread_create(&threads[i], NULL, hash, &l) != 0) return 1;
    }
    for (size_t i = 0; i < l.threads; i++) {
        (void)pthread_join(threads[i], NULL);
        done += l.done[i];
    }
    (void)printf("%.1f\n", (double)done / (double)l.seconds);
    return 0;
}
