/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/body.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void body_init(struct body *body, struct body_store *store, uint64_t maximum, bool spool)
{
    *body = (struct body){.store = store, .maximum = maximum, .spool = spool && store->folder >= 0, .file = -1};
    buf_init_secret(&body->memory, maximum > SIZE_MAX ? SIZE_MAX : (size_t)maximum);
}

static void give_back(struct body *body)
{
    buf_dispose(&body->memory);
    atomic_fetch_sub(&body->store->used, body->accounted);
    body->accounted = 0;
}

static rfd_status write_all(int file, slice bytes, struct rfd_error *error)
{
    while (bytes.length > 0) {
        ssize_t written = write(file, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "the file of an upload");
        bytes = slice_from(bytes, (size_t)written);
    }
    return RFD_OK;
}

/** From memory to a file without a name, which nobody else can open or cut. */
static rfd_status move_to_file(struct body *body, struct rfd_error *error)
{
    body->file = openat(body->store->folder, ".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (body->file < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "the file of an upload");
    TRY(write_all(body->file, buf_slice(&body->memory), error));
    give_back(body);
    return RFD_OK;
}

static rfd_status keep(struct body *body, slice bytes, struct rfd_error *error)
{
    body->accounted += bytes.length;
    if (atomic_fetch_add(&body->store->used, bytes.length) + bytes.length > body->store->maximum)
        return error_set(error, RFD_E_BUSY, "the bodies of all requests need too much memory");
    buf_put_slice(&body->memory, bytes);
    return buf_check(&body->memory, "the body", error);
}

rfd_status body_put(struct body *body, slice bytes, struct rfd_error *error)
{
    if (bytes.length > body->maximum - body->length)
        return error_set(error, RFD_E_LIMIT, "a body of more than %llu bytes", (unsigned long long)body->maximum);
    body->length += bytes.length;
    if (body->spool && body->file < 0 && body->length > BODY_IN_MEMORY) TRY(move_to_file(body, error));
    return body->file >= 0 ? write_all(body->file, bytes, error) : keep(body, bytes, error);
}

rfd_status body_finish(struct body *body, slice *out, struct rfd_error *error)
{
    if (body->file < 0) {
        *out = buf_slice(&body->memory);
        return RFD_OK;
    }
    void *mapped = mmap(NULL, (size_t)body->length, PROT_READ, MAP_PRIVATE, body->file, 0);
    if (mapped == MAP_FAILED) return error_errno(error, RFD_E_IO_READ, errno, "the file of an upload");
    body->mapped = mapped;
    *out = slice_of(mapped, (size_t)body->length);
    return RFD_OK;
}

void body_dispose(struct body *body)
{
    if (body->store == NULL) return;
    give_back(body);
    if (body->mapped != NULL) (void)munmap(body->mapped, (size_t)body->length);
    if (body->file >= 0) (void)close(body->file);
    body->store = NULL;
}
