/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/journal_writer.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { STACK = 64 << 10 /* all memory may be locked: no more than it needs */ };

struct journal_writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int notify;
    int descriptor;
    slice bytes;
    uint64_t at;
    int result;
    atomic_bool done;
    bool ending;
};

int journal_write_out(int descriptor, slice bytes, uint64_t at)
{
    while (bytes.length > 0) {
        ssize_t written = pwrite(descriptor, bytes.data, bytes.length, (off_t)at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes = slice_from(bytes, (size_t)written);
        at += (size_t)written;
    }
    return fdatasync(descriptor) == 0 ? 0 : errno;
}

static void *run(void *context)
{
    static const uint64_t one = 1;
    struct journal_writer *w = context;
    (void)pthread_mutex_lock(&w->lock);
    for (;;) {
        while (atomic_load(&w->done) && !w->ending) (void)pthread_cond_wait(&w->changed, &w->lock);
        if (atomic_load(&w->done)) break;
        (void)pthread_mutex_unlock(&w->lock);
        int result = journal_write_out(w->descriptor, w->bytes, w->at);
        (void)pthread_mutex_lock(&w->lock);
        w->result = result;
        atomic_store(&w->done, true);
        (void)pthread_cond_broadcast(&w->changed);
        (void)!write(w->notify, &one, sizeof one);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

static int start_thread(struct journal_writer *w)
{
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code != 0) return code;
    code = pthread_attr_setstacksize(&attributes, STACK);
    if (code == 0) code = pthread_create(&w->thread, &attributes, run, w);
    (void)pthread_attr_destroy(&attributes);
    return code;
}

rfd_status journal_writer_start(int notify, struct journal_writer **out, struct rfd_error *error)
{
    struct journal_writer *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    w->notify = notify;
    atomic_init(&w->done, true);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->changed, NULL);
    int code = start_thread(w);
    if (code != 0) {
        memory_free(w);
        return error_errno(error, RFD_E_INTERNAL, code, "no thread for the journal");
    }
    *out = w;
    return RFD_OK;
}

void journal_writer_stop(struct journal_writer *w)
{
    if (w == NULL) return;
    (void)pthread_mutex_lock(&w->lock);
    w->ending = true;
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    (void)pthread_cond_destroy(&w->changed);
    (void)pthread_mutex_destroy(&w->lock);
    memory_free(w);
}

void journal_writer_go(struct journal_writer *w, int descriptor, slice bytes, uint64_t at)
{
    (void)pthread_mutex_lock(&w->lock);
    w->descriptor = descriptor;
    w->bytes = bytes;
    w->at = at;
    atomic_store(&w->done, false);
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
}

bool journal_writer_is_done(const struct journal_writer *w)
{
    return atomic_load(&w->done);
}

int journal_writer_wait(struct journal_writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while (!atomic_load(&w->done)) (void)pthread_cond_wait(&w->changed, &w->lock);
    int result = w->result;
    (void)pthread_mutex_unlock(&w->lock);
    return result;
}
