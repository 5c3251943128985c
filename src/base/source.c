/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two shapes. Whole: `base` points to all bytes (borrowed, or owned once something was appended or the file is
 * small). Sparse: `base` is reserved address space and `present` has one bit for each block that was read. Appended
 * bytes follow the original directly, so that a document and its updates read as one.
 */
#include "base/source.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE ((uint64_t)64 * 1024)
/** Files up to this size are read whole. */
#define WHOLE_MAXIMUM ((uint64_t)256 * 1024)
/** Address space kept after a sparse source for what is appended. */
#define APPEND_RESERVE ((uint64_t)256 * 1024 * 1024)
#define STREAM_PIECE   ((size_t)256 * 1024)

enum shape { BORROWED, OWNED, SPARSE };

struct source {
    enum shape shape;
    int fd;
    uint8_t *base;
    uint64_t size;
    uint64_t original_size;
    uint64_t capacity; /* OWNED: bytes allocated; SPARSE: bytes of address space */
    uint8_t *present;  /* SPARSE: one bit a block */
    uint8_t *piece;    /* STREAM_PIECE bytes, made on first use */
    struct stat opened;
    struct rfd_error failure;
};

static rfd_status read_exactly(struct source *s, uint64_t offset, uint8_t *to, uint64_t length, struct rfd_error *error)
{
    while (length > 0) {
        ssize_t got = pread(s->fd, to, length, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_errno(error, RFD_E_IO_READ, errno, "at byte %llu", (unsigned long long)offset);
        if (got == 0)
            return error_set(error, RFD_E_INPUT_CHANGED, "the file ends at byte %llu, it had %llu when opened",
                             (unsigned long long)offset, (unsigned long long)s->original_size);
        to += got;
        offset += (uint64_t)got;
        length -= (uint64_t)got;
    }
    return RFD_OK;
}

static rfd_status prepare_whole(struct source *s, struct rfd_error *error)
{
    s->shape = OWNED;
    s->capacity = s->size;
    s->base = memory_allocate((size_t)s->size);
    if (s->base == NULL) return error_memory(error);
    return read_exactly(s, 0, s->base, s->size, error);
}

static rfd_status prepare_sparse(struct source *s, struct rfd_error *error)
{
    uint64_t blocks = (s->size + BLOCK_SIZE - 1) / BLOCK_SIZE;
    s->shape = SPARSE;
    s->capacity = blocks * BLOCK_SIZE + APPEND_RESERVE;
    s->present = memory_zeroed((size_t)(blocks / 8 + 1), 1);
    if (s->present == NULL) return error_memory(error);
    void *base = mmap(NULL, s->capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return error_memory(error);
    s->base = base;
    /* A huge page would make 64 KiB read cost 2 MiB. */
    (void)madvise(base, s->capacity, MADV_NOHUGEPAGE);
    return RFD_OK;
}

rfd_status source_open_file(const char *path, struct source **out, struct rfd_error *error)
{
    struct source *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    rfd_status status = RFD_OK;
    s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0 || fstat(s->fd, &s->opened) != 0) {
        status = error_errno(error, RFD_E_IO_READ, errno, "%s", path);
        goto out;
    }
    if (!S_ISREG(s->opened.st_mode)) {
        status = error_set(error, RFD_E_IO_READ, "%s: not a regular file", path);
        goto out;
    }
    s->size = s->original_size = (uint64_t)s->opened.st_size;
    status = s->size <= WHOLE_MAXIMUM ? prepare_whole(s, error) : prepare_sparse(s, error);
out:
    if (status == RFD_OK)
        *out = s;
    else
        source_close(s);
    return status;
}

rfd_status source_open_memory(slice bytes, struct source **out, struct rfd_error *error)
{
    struct source *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    s->shape = BORROWED;
    s->fd = -1;
    s->base = (uint8_t *)(uintptr_t)bytes.data; /* never written through while BORROWED */
    s->size = s->original_size = s->capacity = bytes.length;
    *out = s;
    return RFD_OK;
}

rfd_status source_read_fd(int fd, uint64_t maximum, struct source **out, struct rfd_error *error)
{
    struct source *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    s->shape = OWNED;
    s->fd = -1;
    rfd_status status = RFD_OK;
    for (;;) {
        if (s->size == s->capacity) {
            uint64_t more = s->capacity == 0 ? BLOCK_SIZE : s->capacity * 2;
            uint8_t *grown = memory_resize(s->base, (size_t)more);
            if (grown == NULL) {
                status = error_memory(error);
                break;
            }
            s->base = grown;
            s->capacity = more;
        }
        ssize_t got = read(fd, s->base + s->size, (size_t)(s->capacity - s->size));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) status = error_errno(error, RFD_E_IO_READ, errno, "standard input");
        if (got <= 0) break;
        s->size += (uint64_t)got;
        if (s->size > maximum) {
            status = error_set(error, RFD_E_LIMIT, "more than %llu bytes", (unsigned long long)maximum);
            break;
        }
    }
    s->original_size = s->size;
    if (status == RFD_OK)
        *out = s;
    else
        source_close(s);
    return status;
}

void source_close(struct source *s)
{
    if (s == NULL) return;
    if (s->shape == OWNED) memory_free(s->base);
    if (s->shape == SPARSE && s->base != NULL) (void)munmap(s->base, s->capacity);
    if (s->fd >= 0) (void)close(s->fd);
    memory_free(s->present);
    memory_free(s->piece);
    memory_free(s);
}

void source_close_secret(struct source *s)
{
    /* The pages of a sparse source go back to the system, which clears them. */
    if (s != NULL && s->shape == OWNED && s->base != NULL) secret_wipe(s->base, s->capacity);
    source_close(s);
}

uint64_t source_size(const struct source *s)
{
    return s->size;
}

uint64_t source_original_size(const struct source *s)
{
    return s->original_size;
}

int source_descriptor(const struct source *s)
{
    return s->fd;
}

static bool has_block(const struct source *s, uint64_t block)
{
    return (s->present[block / 8] >> (block % 8) & 1) != 0;
}

static rfd_status load_block(struct source *s, uint64_t block)
{
    uint64_t from = block * BLOCK_SIZE;
    uint64_t length = s->original_size - from < BLOCK_SIZE ? s->original_size - from : BLOCK_SIZE;
    if (s->failure.code != RFD_OK) return s->failure.code;
    TRY(read_exactly(s, from, s->base + from, length, &s->failure));
    s->present[block / 8] |= (uint8_t)(1U << (block % 8));
    return RFD_OK;
}

rfd_status source_view(struct source *s, uint64_t offset, uint64_t length, slice *out, struct rfd_error *error)
{
    if (offset > s->size || length > s->size - offset)
        return error_set(error, RFD_E_PDF_DAMAGED, "bytes %llu+%llu lie beyond the end (%llu)",
                         (unsigned long long)offset, (unsigned long long)length, (unsigned long long)s->size);
    if (s->shape == SPARSE && length > 0 && offset < s->original_size) {
        uint64_t end = offset + length < s->original_size ? offset + length : s->original_size;
        for (uint64_t block = offset / BLOCK_SIZE; block <= (end - 1) / BLOCK_SIZE; block++) {
            if (!has_block(s, block) && load_block(s, block) != RFD_OK) return source_status(s, error);
        }
    }
    *out = slice_of(s->base == NULL ? NULL : s->base + offset, (size_t)length);
    return RFD_OK;
}

slice source_ahead(struct source *s, uint64_t offset)
{
    if (offset >= s->size) return SLICE_EMPTY;
    uint64_t end = s->size;
    if (s->shape == SPARSE && offset < s->original_size) {
        uint64_t block = offset / BLOCK_SIZE;
        if (!has_block(s, block) && load_block(s, block) != RFD_OK) return SLICE_EMPTY;
        end = (block + 1) * BLOCK_SIZE;
        if (end > s->original_size) end = s->original_size;
    }
    return slice_of(s->base + offset, (size_t)(end - offset));
}

rfd_status source_status(const struct source *s, struct rfd_error *error)
{
    if (error != NULL && s->failure.code != RFD_OK) *error = s->failure;
    return s->failure.code;
}

rfd_status source_unchanged(const struct source *s, struct rfd_error *error)
{
    struct stat now;
    if (s->fd < 0) return RFD_OK;
    if (fstat(s->fd, &now) != 0) return error_errno(error, RFD_E_IO_READ, errno, "the input");
    const struct timespec *before = &s->opened.st_mtim;
    if (now.st_size == s->opened.st_size && now.st_mtim.tv_sec == before->tv_sec &&
        now.st_mtim.tv_nsec == before->tv_nsec)
        return RFD_OK;
    return error_set(error, RFD_E_INPUT_CHANGED, "it was written to after it was opened");
}

static rfd_status stream_from_file(struct source *s, uint64_t offset, uint64_t end, source_take *take, void *context,
                                   struct rfd_error *error)
{
    if (s->piece == NULL && (s->piece = memory_allocate(STREAM_PIECE)) == NULL) return error_memory(error);
    while (offset < end) {
        size_t length = end - offset < STREAM_PIECE ? (size_t)(end - offset) : STREAM_PIECE;
        TRY(read_exactly(s, offset, s->piece, length, error));
        TRY(take(context, slice_of(s->piece, length), error));
        offset += length;
    }
    return RFD_OK;
}

rfd_status source_stream(struct source *s, uint64_t offset, uint64_t length, source_take *take, void *context,
                         struct rfd_error *error)
{
    if (offset > s->size || length > s->size - offset)
        return error_set(error, RFD_E_PDF_DAMAGED, "bytes %llu+%llu lie beyond the end (%llu)",
                         (unsigned long long)offset, (unsigned long long)length, (unsigned long long)s->size);
    uint64_t end = offset + length;
    if (s->shape == SPARSE && offset < s->original_size) {
        uint64_t file_end = end < s->original_size ? end : s->original_size;
        TRY(stream_from_file(s, offset, file_end, take, context, error));
        offset = file_end;
    }
    return offset < end ? take(context, slice_of(s->base + offset, (size_t)(end - offset)), error) : RFD_OK;
}

/** Makes room for `extra` bytes after the end. */
static rfd_status make_room(struct source *s, size_t extra, struct rfd_error *error)
{
    if (s->shape != BORROWED && s->capacity - s->size >= extra) return RFD_OK;
    uint64_t capacity = s->size + extra + (s->size + extra) / 4;
    if (s->shape == SPARSE) {
        void *moved = mremap(s->base, s->capacity, capacity, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED) return error_memory(error);
        s->base = moved;
    } else {
        uint8_t *grown =
            s->shape == BORROWED ? memory_allocate((size_t)capacity) : memory_resize(s->base, (size_t)capacity);
        if (grown == NULL) return error_memory(error);
        if (s->shape == BORROWED && s->size > 0) memcpy(grown, s->base, (size_t)s->size);
        s->base = grown;
        s->shape = OWNED;
    }
    s->capacity = capacity;
    return RFD_OK;
}

rfd_status source_append(struct source *s, slice bytes, struct rfd_error *error)
{
    TRY(make_room(s, bytes.length, error));
    if (bytes.length > 0) memcpy(s->base + s->size, bytes.data, bytes.length);
    s->size += bytes.length;
    return RFD_OK;
}

rfd_status source_read_file(const char *path, size_t maximum, struct buf *out, struct rfd_error *error)
{
    struct source *s = NULL;
    slice bytes = SLICE_EMPTY;
    TRY(source_open_file(path, &s, error));
    rfd_status status = RFD_OK;
    if (source_size(s) > maximum)
        status = error_set(error, RFD_E_LIMIT, "%s has more than %zu bytes", path, maximum);
    else if (source_size(s) > 0)
        status = source_view(s, 0, source_size(s), &bytes, error);
    buf_put_slice(out, bytes);
    source_close_secret(s);
    return status == RFD_OK ? buf_check(out, path, error) : status;
}
