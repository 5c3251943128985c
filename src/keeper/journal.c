/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/journal_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "ipc/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { HEADER_MAXIMUM = 256 };

/* ---- Records ---- */

static void put_fields(struct buf *b, const struct journal_record *r, uint32_t synced)
{
    message_put_u64(b, r->position);
    message_put_u32(b, synced);
    message_put_i64(b, r->time);
    message_put_u32(b, r->partition);
    message_put_bytes(b, slice_of(r->key, sizeof r->key));
    message_put_bytes(b, r->serial);
    message_put_bytes(b, r->tbs);
    message_put_bytes(b, r->approval);
    message_put_bytes(b, r->signature);
}

bool journal_get_fields(slice bytes, struct journal_record *out, uint32_t *synced)
{
    struct message_reader r = message_read(bytes);
    struct journal_record got = {.position = message_get_u64(&r)};
    *synced = message_get_u32(&r);
    got.time = message_get_i64(&r);
    got.partition = message_get_u32(&r);
    slice key = message_get_bytes(&r, JOURNAL_KEY_SIZE);
    got.serial = message_get_bytes(&r, JOURNAL_SERIAL_MAXIMUM);
    got.tbs = message_get_bytes(&r, JOURNAL_HASH_SIZE);
    got.approval = message_get_bytes(&r, JOURNAL_HASH_SIZE);
    got.signature = message_get_bytes(&r, JOURNAL_SIGNATURE_MAXIMUM);
    bool hashed = got.approval.length == 0 || got.approval.length == JOURNAL_HASH_SIZE;
    if (message_end(&r, "record", NULL) != RFD_OK || !hashed || got.tbs.length != JOURNAL_HASH_SIZE ||
        key.length != JOURNAL_KEY_SIZE)
        return false;
    memcpy(got.key, key.data, JOURNAL_KEY_SIZE);
    *out = got;
    return true;
}

bool journal_split(slice bytes, slice *fields, slice *mac)
{
    if (bytes.length < LENGTH_SIZE) return false;
    uint64_t length = number_big_endian(bytes.data, LENGTH_SIZE);
    if (length <= MAC_SIZE || length > RECORD_MAXIMUM - LENGTH_SIZE || length > bytes.length - LENGTH_SIZE)
        return false;
    *fields = slice_part(bytes, LENGTH_SIZE, (size_t)length - MAC_SIZE);
    *mac = slice_part(bytes, LENGTH_SIZE + fields->length, MAC_SIZE);
    return true;
}

rfd_status journal_note(struct journal *j, struct journal_file *file, uint32_t offset, const struct journal_record *r,
                        struct rfd_error *error)
{
    if (r->approval.length > 0) TRY(journal_index_add(&j->index, r->approval, file->number, offset, error));
    if (file->count % MARK_EVERY == 0) file->marks[file->count / MARK_EVERY] = offset;
    file->count++;
    file->newest = r->time;
    return RFD_OK;
}

/* ---- Files ---- */

void journal_file_name(uint32_t number, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, JOURNAL_PREFIX "%0*u", NUMBER_DIGITS, number);
}

rfd_status journal_add_file(struct journal *j, const struct journal_file *file, struct rfd_error *error)
{
    if (j->file_count == j->file_capacity) {
        size_t capacity = j->file_capacity == 0 ? 8 : 2 * j->file_capacity;
        struct journal_file *files = memory_resize(j->files, capacity * sizeof *files);
        if (files == NULL) return error_memory(error);
        j->files = files;
        j->file_capacity = capacity;
    }
    j->files[j->file_count++] = *file;
    return RFD_OK;
}

rfd_status journal_open_file(const struct journal *j, uint32_t number, int flags, int *out, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    journal_file_name(number, name);
    int fd = openat(j->folder->descriptor, name, flags | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s/%s", j->folder->path, name);
    *out = fd;
    return RFD_OK;
}

rfd_status journal_begin_file(struct journal *j, uint32_t number, uint64_t first, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    uint8_t mac[MAC_SIZE];
    struct buf b;
    int fd = -1;
    rfd_time now = clock_now();
    struct journal_file file = {.number = number, .first = first, .began = now, .newest = now};
    buf_init(&b, HEADER_MAXIMUM);
    buf_put_slice(&b, JOURNAL_MAGIC);
    message_put_u32(&b, number);
    message_put_u64(&b, first);
    message_put_i64(&b, file.newest);
    message_put_bytes(&b, slice_of(j->instance, sizeof j->instance));
    message_put_bytes(&b, slice_of(j->chain, sizeof j->chain));
    rfd_status status = buf_check(&b, "journal", error);
    if (status == RFD_OK) status = mac_of(j->key, buf_slice(&b), SLICE_EMPTY, mac, error);
    message_put_bytes(&b, slice_of(mac, sizeof mac));
    journal_file_name(number, name);
    file.size = (uint32_t)b.length + FOLDER_DIGEST;
    if (status == RFD_OK) status = key_folder_write(j->folder, name, buf_slice(&b), false, error);
    buf_dispose(&b);
    TRY(status);
    TRY(journal_open_file(j, number, O_RDWR, &fd, error));
    if (j->descriptor >= 0) (void)close(j->descriptor);
    j->descriptor = fd;
    return journal_add_file(j, &file, error);
}

/* ---- Opening ---- */

rfd_status journal_open(const struct key_folder *folder, const struct secret *key, rfd_time since, struct journal **out,
                        struct rfd_error *error)
{
    struct journal *j = memory_zeroed(1, sizeof *j);
    if (j == NULL) return error_memory(error);
    *j = (struct journal){.folder = folder, .key = key, .descriptor = -1};
    buf_init(&j->waiting, WAITING_MAXIMUM);
    buf_init(&j->flying, WAITING_MAXIMUM);
    rfd_status status = journal_load(j, since, error);
    if (status == RFD_OK)
        *out = j;
    else
        journal_close(j);
    return status;
}

void journal_close(struct journal *j)
{
    if (j == NULL) return;
    journal_writer_stop(j->writer);
    if (j->descriptor >= 0) (void)close(j->descriptor);
    journal_index_dispose(&j->index);
    buf_dispose(&j->waiting);
    buf_dispose(&j->flying);
    memory_free(j->files);
    memory_free(j);
}

const uint8_t *journal_instance(const struct journal *j)
{
    return j->instance;
}

rfd_time journal_began(const struct journal *j)
{
    return j->files[0].number == 1 ? j->files[0].began : RFD_TIME_NONE;
}

/* ---- Reading ---- */

/** Reads the record at `offset`; its slices lie in `memory`, where it is the only one. */
static rfd_status read_at(int fd, uint32_t offset, struct buf *memory, struct journal_record *out, uint32_t *length,
                          struct rfd_error *error)
{
    uint32_t synced;
    slice fields;
    slice mac;
    buf_reset(memory);
    uint8_t *to = buf_reserve(memory, RECORD_MAXIMUM);
    if (to == NULL) return buf_check(memory, "record", error);
    ssize_t got;
    do {
        got = pread(fd, to, RECORD_MAXIMUM, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return error_errno(error, RFD_E_IO_READ, errno, "journal");
    if (!journal_split(slice_of(to, (size_t)got), &fields, &mac) || !journal_get_fields(fields, out, &synced))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a record of the journal was altered");
    *length = (uint32_t)(LENGTH_SIZE + fields.length + MAC_SIZE);
    return RFD_OK;
}

rfd_status journal_find(struct journal *j, slice approval, struct buf *memory, struct journal_record *out, bool *found,
                        struct rfd_error *error)
{
    uint32_t length;
    int fd = -1;
    *found = false;
    const struct journal_place *place = journal_index_find(&j->index, approval);
    if (place == NULL) return RFD_OK;
    if (journal_waits(j)) TRY(journal_flush(j, error)); /* it may be among those that wait */
    TRY(journal_open_file(j, place->file, O_RDONLY, &fd, error));
    rfd_status status = read_at(fd, place->offset, memory, out, &length, error);
    (void)close(fd);
    if (status == RFD_OK && !slice_equal(out->approval, approval))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "a record of the journal was altered");
    *found = status == RFD_OK;
    return status;
}

/** Walks through one file from `position` on. */
static rfd_status walk_file(struct journal *j, const struct journal_file *file, uint64_t position, journal_each *each,
                            void *context, bool *more, struct rfd_error *error)
{
    struct journal_record r;
    struct buf memory;
    uint32_t length = 0;
    int fd = -1;
    uint64_t at = position <= file->first ? 0 : (position - file->first) / MARK_EVERY * MARK_EVERY;
    uint32_t offset = file->marks[at / MARK_EVERY];
    TRY(journal_open_file(j, file->number, O_RDONLY, &fd, error));
    buf_init(&memory, RECORD_MAXIMUM);
    rfd_status status = RFD_OK;
    for (; at < file->count && *more && status == RFD_OK; at++, offset += length) {
        status = read_at(fd, offset, &memory, &r, &length, error);
        if (status == RFD_OK && r.position >= position) status = each(context, &r, more, error);
    }
    buf_dispose(&memory);
    (void)close(fd);
    return status;
}

rfd_status journal_walk(struct journal *j, uint64_t position, journal_each *each, void *context,
                        struct rfd_error *error)
{
    bool more = true;
    if (journal_waits(j)) TRY(journal_flush(j, error));
    for (size_t i = 0; i < j->file_count && more; i++) {
        const struct journal_file *file = &j->files[i];
        if (file->count == 0 || position >= file->first + file->count) continue;
        TRY(walk_file(j, file, position, each, context, &more, error));
    }
    return RFD_OK;
}

/* ---- Writing ---- */

bool journal_waits(const struct journal *j)
{
    return j->waiting.length > 0 || j->flying.length > 0;
}

bool journal_is_broken(const struct journal *j)
{
    return j->broken;
}

/** What was written is on disk, or (`code` is not 0) it is not known what is (fsync(2)). */
static rfd_status written(struct journal *j, struct buf *what, int code, struct rfd_error *error)
{
    struct journal_file *file = journal_last_file(j);
    if (code == 0) {
        file->size += (uint32_t)what->length;
        buf_reset(what);
        return RFD_OK;
    }
    j->broken = true;
    (void)!ftruncate(j->descriptor, (off_t)file->size);
    buf_reset(&j->flying);
    buf_reset(&j->waiting);
    return error_errno(error, RFD_E_IO_WRITE, code, "journal");
}

rfd_status journal_flush(struct journal *j, struct rfd_error *error)
{
    TRY(journal_land(j, error));
    if (j->waiting.length == 0) return RFD_OK;
    int code = journal_write_out(j->descriptor, buf_slice(&j->waiting), journal_last_file(j)->size);
    return written(j, &j->waiting, code, error);
}

rfd_status journal_write_aside(struct journal *j, int notify, struct rfd_error *error)
{
    return j->writer != NULL ? RFD_OK : journal_writer_start(notify, &j->writer, error);
}

bool journal_go(struct journal *j)
{
    if (j->writer == NULL || j->broken || j->flying.length > 0 || j->waiting.length == 0) return false;
    struct buf empty = j->flying;
    j->flying = j->waiting;
    j->waiting = empty;
    journal_writer_go(j->writer, j->descriptor, buf_slice(&j->flying), journal_last_file(j)->size);
    return true;
}

bool journal_has_landed(const struct journal *j)
{
    return j->flying.length == 0 || journal_writer_is_done(j->writer);
}

rfd_status journal_land(struct journal *j, struct rfd_error *error)
{
    if (j->broken) return error_set(error, RFD_E_IO_WRITE, "journal");
    if (j->flying.length == 0) return RFD_OK;
    return written(j, &j->flying, journal_writer_wait(j->writer), error);
}

/** Makes room for one more record. */
static rfd_status make_room(struct journal *j, struct rfd_error *error)
{
    const struct journal_file *file = journal_last_file(j);
    if (j->waiting.length + RECORD_MAXIMUM > WAITING_MAXIMUM) TRY(journal_flush(j, error));
    bool full = file->size >= FILE_MAXIMUM || file->count == (uint64_t)MARKS * MARK_EVERY;
    if (!full) return RFD_OK;
    TRY(journal_flush(j, error));
    rfd_status status = journal_begin_file(j, file->number + 1, file->first + file->count, error);
    if (status != RFD_OK) j->broken = true;
    return status;
}

rfd_status journal_add(struct journal *j, const struct journal_record *record, struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    struct journal_record r = *record;
    if (j->broken) return error_set(error, RFD_E_IO_WRITE, "journal");
    TRY(make_room(j, error));
    struct journal_file *file = journal_last_file(j);
    size_t start = j->waiting.length;
    r.position = file->first + file->count;
    message_put_u32(&j->waiting, 0);
    put_fields(&j->waiting, &r, file->size);
    rfd_status status = buf_check(&j->waiting, "journal", error);
    slice fields = slice_from(buf_slice(&j->waiting), start + LENGTH_SIZE);
    if (status == RFD_OK) status = mac_of(j->key, slice_of(j->chain, sizeof j->chain), fields, mac, error);
    buf_put(&j->waiting, mac, sizeof mac);
    if (status == RFD_OK) status = buf_check(&j->waiting, "journal", error);
    uint32_t offset = (uint32_t)(file->size + j->flying.length + start);
    if (status == RFD_OK) status = journal_note(j, file, offset, &r, error);
    if (status != RFD_OK) {
        j->waiting.length = start;
        j->waiting.status = RFD_OK;
        return status;
    }
    size_t length = j->waiting.length - start - LENGTH_SIZE;
    for (size_t i = 0; i < LENGTH_SIZE; i++)
        j->waiting.data[start + i] = (uint8_t)(length >> 8 * (LENGTH_SIZE - 1 - i));
    memcpy(j->chain, mac, sizeof mac);
    return RFD_OK;
}
