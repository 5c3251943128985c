/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people handed in goes to the virus scanner, some of it at a time; a file that could not be scanned waits for the
 * next time and is not shown meanwhile. Files that nobody recorded are swept away.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "domain/registration/evidence.h"
#include "ipc/channel.h"
#include "jobs/scan.h"
#include "jobs/work.h"

#include <stdio.h>

enum { FILES_AT_ONCE = 100, WORK_MILLISECONDS = 10000 };

struct waiting_file {
    int64_t id;
    char blob[BLOB_ID_SIZE];
    bool done; /* with another one of the same content */
};
struct waiting_files {
    struct waiting_file files[FILES_AT_ONCE];
    size_t count;
};

static rfd_status read_waiting(struct transaction *t, void *context, struct rfd_error *error)
{
    struct waiting_files *w = context;
    struct evidence *found;
    TRY(evidence_waiting(t, FILES_AT_ONCE, &found, &w->count, error));
    for (size_t i = 0; i < w->count; i++) {
        w->files[i] = (struct waiting_file){.id = found[i].id};
        (void)snprintf(w->files[i].blob, BLOB_ID_SIZE, "%.*s", (int)found[i].blob.length,
                       (const char *)found[i].blob.data);
    }
    return RFD_OK;
}

struct scanning {
    const struct waiting_file *file;
    struct arena *arena;
    struct blob blob;
    struct scan *scan;
    char found[SCAN_NAME_SIZE];
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct scanning *s = context;
    TRY(blob_find(t, slice_text(s->file->blob), &s->blob, error));
    TRY(store_keep(s->arena, &s->blob.type, error));
    return store_keep(s->arena, &s->blob.wrapped, error);
}

static rfd_status give_piece(void *context, slice piece, struct rfd_error *error)
{
    struct scanning *s = context;
    return scan_put(s->scan, piece, error);
}

static rfd_status write_down(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct scanning *s = context;
    return evidence_scanned(t, s->file->id, slice_text(s->found), error);
}

static rfd_status scan_file(struct jobs *jobs, struct scanning *s, struct rfd_error *error)
{
    const struct scanner scanner = {.address = jobs->settings->requests.scanner, .stop = &jobs->hurry};
    TRY(store_read(jobs->authority.store, find, s, error));
    TRY(scan_begin(&scanner, &s->scan, error));
    TRY(blob_read(jobs->blobs, &s->blob, give_piece, s, error));
    TRY(scan_finish(s->scan, s->found, error));
    TRY(store_write(jobs->authority.store, write_down, s, error));
    if (s->found[0] != '\0')
        log_event(LOG_WARNING, "evidence-infected", "a file that was handed in has a virus and is not shown any more",
                  LOG_TEXT("found", s->found), LOG_TEXT("blob", s->file->blob));
    return RFD_OK;
}

/** Whether it is the file's own misfortune, so that the next one may have more luck. */
static bool is_of_file(rfd_status status, bool answered)
{
    return status == RFD_E_NOT_FOUND || status == RFD_E_KEYSTORE_DAMAGED || status == RFD_E_IO_READ ||
           (status == RFD_E_NETWORK && answered);
}

/** `*go_on`: there may be more. */
static rfd_status scan_one(struct jobs *jobs, const struct waiting_file *file, bool *go_on, struct rfd_error *error)
{
    struct arena arena;
    struct scanning s = {.file = file, .arena = &arena};
    arena_init(&arena, 64 << 10);
    rfd_status status = scan_file(jobs, &s, error);
    *go_on = status == RFD_OK || is_of_file(status, s.scan != NULL);
    scan_end(s.scan);
    arena_dispose(&arena);
    return status;
}

static void done_with(struct waiting_files *w, size_t from)
{
    for (size_t i = from; i < w->count; i++)
        if (strcmp(w->files[i].blob, w->files[from].blob) == 0) w->files[i].done = true;
}

/** One file that cannot be scanned does not keep the others from it; a scanner that is not there ends it. */
static rfd_status scan_all(struct jobs *jobs, struct waiting_files *w, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    int64_t until = channel_clock() + WORK_MILLISECONDS;
    bool go_on = true;
    for (size_t i = 0; i < w->count && go_on && channel_clock() < until && !atomic_load(&jobs->hurry); i++) {
        struct rfd_error why = RFD_ERROR_INIT;
        if (w->files[i].done) continue;
        rfd_status one = scan_one(jobs, &w->files[i], &go_on, &why);
        done_with(w, i);
        if (one == RFD_OK) continue;
        status = one;
        if (error != NULL) *error = why;
    }
    return status;
}

rfd_status job_scan(struct jobs *jobs, struct rfd_error *error)
{
    if (jobs->settings->requests.scanner[0] == '\0' || jobs->blobs == NULL) return RFD_OK;
    struct waiting_files *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    rfd_status status = store_read(jobs->authority.store, read_waiting, w, error);
    if (status == RFD_OK) status = scan_all(jobs, w, error);
    memory_free(w);
    return status;
}

rfd_status job_blobs(struct jobs *jobs, struct rfd_error *error)
{
    size_t removed = 0;
    if (jobs->blobs == NULL) return RFD_OK;
    TRY(blob_sweep(jobs->blobs, jobs->authority.store, clock_now(), &removed, error));
    if (removed > 0)
        log_event(LOG_INFO, "blobs-swept", "files that no form was sent with were removed",
                  LOG_NUMBER("files", removed));
    return RFD_OK;
}
