/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "store/store_internal.h"

#include <time.h>

static int64_t seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

bool store_recall(const struct transaction *t, const void *key, unsigned seconds, uint64_t *value)
{
    struct store_memos *m = &t->store->memos;
    bool found = false;
    if (t->writes) return false; /* what it has just written counts */
    (void)pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->count && !found; i++) {
        found = m->items[i].key == key && seconds_now() - m->items[i].moment < (int64_t)seconds;
        if (found) *value = m->items[i].value;
    }
    (void)pthread_mutex_unlock(&m->lock);
    return found;
}

void store_remember(const struct transaction *t, const void *key, uint64_t value)
{
    struct store_memos *m = &t->store->memos;
    if (t->writes) return; /* it may be undone */
    (void)pthread_mutex_lock(&m->lock);
    size_t i = 0;
    while (i < m->count && m->items[i].key != key) i++;
    if (i < STORE_MEMOS) {
        m->items[i] = (struct store_memo){key, value, seconds_now()};
        if (i == m->count) m->count++;
    }
    (void)pthread_mutex_unlock(&m->lock);
}
