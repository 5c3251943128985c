/* SPDX-License-Identifier: EUPL-1.2
 *
 * A file: its header, written like all small files of the folder (whole or not at all), then records:
 *
 *   u32 octets that follow, u64 position, u32 octets of the file that were on disk before, i64 time, u32 partition, key's
 *   id, serial number, hash of the TBSCertificate, hash of the approval, signature (each bytes after their length), MAC
 *
 * The MAC is over the MAC before it (of the first record: the last one of the file before) and the octets between length
 * and MAC. What a crash may tear is what was being written, after all that was on disk: a record that is wrong is an
 * alteration when a later one says that it had been on disk.
 * In memory: where each approval's record is, and where every 256th record of each file is.
 */
#include "keeper/journal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "ipc/message.h"
#include "keeper/journal_index.h"
#include "keeper/mac.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_MAGIC  SLICE("RFDJRN01")
#define JOURNAL_PREFIX "journal-"

enum {
    FILE_MAXIMUM = 16 << 20,  /* octets after which the next file begins */
    WAITING_MAXIMUM = 1 << 20, /* octets that may be lost, torn, at the end */
    RECORD_MAXIMUM = 2048,
    LENGTH_SIZE = 4,
    HEADER_MAXIMUM = 256,
    MARK_EVERY = 256,
    MARKS = 512,
    NUMBER_DIGITS = 8,
    FOLDER_DIGEST = 32 /* key_folder.h: after the header */
};

struct file {
    uint32_t number;
    uint64_t first; /* position of its first record */
    uint64_t count;
    rfd_time newest; /* when it was begun, or its last record made */
    uint32_t header; /* octets before the first record */
    uint32_t size;
    uint32_t marks[MARKS];
};

struct journal {
    const struct key_folder *folder;
    const struct secret *key;
    uint8_t instance[JOURNAL_INSTANCE_SIZE];
    uint8_t chain[MAC_SIZE]; /* the last MAC */
    struct file *files;      /* by number, without gaps; at least one */
    size_t file_count, file_capacity;
    int descriptor; /* of the last */
    struct buf waiting;
    struct journal_index index;
    bool broken;
};

static struct file *last_file(const struct journal *j)
{
    return &j->files[j->file_count - 1];
}

static void file_name(uint32_t number, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, JOURNAL_PREFIX "%0*u", NUMBER_DIGITS, number);
}

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

/** Slices into `bytes`. */
static bool get_fields(slice bytes, struct journal_record *out, uint32_t *synced)
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

/** Splits the first record of `bytes` into its fields and its MAC; false when it is not whole. */
static bool split(slice bytes, slice *fields, slice *mac)
{
    if (bytes.length < LENGTH_SIZE) return false;
    uint64_t length = number_big_endian(bytes.data, LENGTH_SIZE);
    if (length <= MAC_SIZE || length > RECORD_MAXIMUM - LENGTH_SIZE || length > bytes.length - LENGTH_SIZE)
        return false;
    *fields = slice_part(bytes, LENGTH_SIZE, (size_t)length - MAC_SIZE);
    *mac = slice_part(bytes, LENGTH_SIZE + fields->length, MAC_SIZE);
    return true;
}

/** What the record of `file` at `offset` means for what is kept in memory. */
static rfd_status note(struct journal *j, struct file *file, uint32_t offset, const struct journal_record *r,
                       struct rfd_error *error)
{
    if (r->approval.length > 0) TRY(journal_index_add(&j->index, r->approval, file->number, offset, error));
    if (file->count % MARK_EVERY == 0) file->marks[file->count / MARK_EVERY] = offset;
    file->count++;
    file->newest = r->time;
    return RFD_OK;
}

/* ---- Files ---- */

static rfd_status add_file(struct journal *j, const struct file *file, struct rfd_error *error)
{
    if (j->file_count == j->file_capacity) {
        size_t capacity = j->file_capacity == 0 ? 8 : 2 * j->file_capacity;
        struct file *files = memory_resize(j->files, capacity * sizeof *files);
        if (files == NULL) return error_memory(error);
        j->files = files;
        j->file_capacity = capacity;
    }
    j->files[j->file_count++] = *file;
    return RFD_OK;
}

static rfd_status open_file(const struct journal *j, uint32_t number, int flags, int *out, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    file_name(number, name);
    int fd = openat(j->folder->descriptor, name, flags | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s/%s", j->folder->path, name);
    *out = fd;
    return RFD_OK;
}

/** The next file, empty; from now on the last. */
static rfd_status begin_file(struct journal *j, uint32_t number, uint64_t first, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    uint8_t mac[MAC_SIZE];
    struct buf b;
    int fd = -1;
    struct file file = {.number = number, .first = first, .newest = clock_now()};
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
    file_name(number, name);
    file.header = file.size = (uint32_t)b.length + FOLDER_DIGEST;
    if (status == RFD_OK) status = key_folder_write(j->folder, name, buf_slice(&b), false, error);
    buf_dispose(&b);
    TRY(status);
    TRY(open_file(j, number, O_RDWR, &fd, error));
    if (j->descriptor >= 0) (void)close(j->descriptor);
    j->descriptor = fd;
    return add_file(j, &file, error);
}

/* ---- Opening ---- */

static rfd_status damaged(const struct file *file, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, JOURNAL_PREFIX "%0*u: %s", NUMBER_DIGITS, file->number, what);
}

/** Reads the header at the start of `content`; the chain has to go on from the file before. */
static rfd_status read_header(struct journal *j, struct file *file, slice content, struct rfd_error *error)
{
    uint8_t expected[MAC_SIZE];
    struct message_reader r = message_read(slice_from(content, JOURNAL_MAGIC.length));
    uint32_t number = message_get_u32(&r);
    file->first = message_get_u64(&r);
    file->newest = message_get_i64(&r);
    slice instance = message_get_bytes(&r, JOURNAL_INSTANCE_SIZE);
    slice chain = message_get_bytes(&r, MAC_SIZE);
    size_t length = (size_t)(r.left.data - content.data);
    slice mac = message_get_bytes(&r, MAC_SIZE);
    if (r.failed || !slice_starts(content, JOURNAL_MAGIC) || instance.length != JOURNAL_INSTANCE_SIZE ||
        chain.length != MAC_SIZE || mac.length != MAC_SIZE || r.left.length < FOLDER_DIGEST)
        return damaged(file, "not a journal of this version", error);
    TRY(mac_of(j->key, slice_part(content, 0, length), SLICE_EMPTY, expected, error));
    if (number != file->number || !secret_equal(mac, slice_of(expected, sizeof expected)))
        return damaged(file, "its header was altered, or is of another store", error);
    if (j->file_count > 0) {
        const struct file *before = last_file(j);
        if (file->first != before->first + before->count || !slice_equal(chain, slice_of(j->chain, MAC_SIZE)) ||
            !slice_equal(instance, slice_of(j->instance, JOURNAL_INSTANCE_SIZE)))
            return damaged(file, "does not go on where the one before ends", error);
    }
    memcpy(j->instance, instance.data, sizeof j->instance);
    memcpy(j->chain, chain.data, sizeof j->chain);
    file->header = file->size = (uint32_t)(content.length - r.left.length + FOLDER_DIGEST);
    return RFD_OK;
}

/** Takes one record from the front of `rest`, when it is whole and in the chain. */
static bool take_record(struct journal *j, const struct file *file, slice rest, struct journal_record *out,
                        size_t *length)
{
    uint8_t expected[MAC_SIZE];
    uint32_t synced;
    slice fields;
    slice mac;
    if (!split(rest, &fields, &mac) || !get_fields(fields, out, &synced) ||
        mac_of(j->key, slice_of(j->chain, sizeof j->chain), fields, expected, NULL) != RFD_OK ||
        !secret_equal(mac, slice_of(expected, sizeof expected)))
        return false;
    if (out->position != file->first + file->count || file->count == (uint64_t)MARKS * MARK_EVERY) return false;
    memcpy(j->chain, expected, sizeof expected);
    *length = LENGTH_SIZE + fields.length + MAC_SIZE;
    return true;
}

/** Whether after the good part of a file comes a record that says that more of it had been on disk. What is torn never
 * does: all of it was written at once, after the good part. */
static bool was_longer(const struct file *file, slice content)
{
    for (size_t at = file->size + 1; at < content.length; at++) {
        struct journal_record r;
        uint32_t synced;
        slice fields;
        slice mac;
        if (!split(slice_from(content, at), &fields, &mac) || !get_fields(fields, &r, &synced)) continue;
        if (synced > file->size && synced <= at && r.position > file->first + file->count) return true;
    }
    return false;
}

static rfd_status read_records(struct journal *j, struct file *file, slice content, struct rfd_error *error)
{
    struct journal_record r;
    size_t length;
    while (take_record(j, file, slice_from(content, file->size), &r, &length)) {
        TRY(note(j, file, file->size, &r, error));
        file->size += (uint32_t)length;
    }
    return RFD_OK;
}

static rfd_status read_whole(int fd, struct buf *out, struct rfd_error *error)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return error_errno(error, RFD_E_IO_READ, errno, "journal");
    if (st.st_size > FILE_MAXIMUM + 2 * WAITING_MAXIMUM)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a journal of %lld octets", (long long)st.st_size);
    uint8_t *to = buf_reserve(out, (size_t)st.st_size + 1);
    if (to == NULL) return buf_check(out, "journal", error);
    while (out->length < (size_t)st.st_size) {
        ssize_t got = pread(fd, to + out->length, (size_t)st.st_size - out->length, (off_t)out->length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return error_errno(error, RFD_E_IO_READ, errno, "journal");
        out->length += (size_t)got;
    }
    return RFD_OK;
}

/** A torn end is cut off; before a later file there can be none. */
static rfd_status cut_end(const struct file *file, int fd, slice content, bool last, struct rfd_error *error)
{
    if (content.length == file->size) return RFD_OK;
    if (!last || content.length - file->size > WAITING_MAXIMUM || was_longer(file, content))
        return damaged(file, "a record was altered", error);
    if (ftruncate(fd, (off_t)file->size) == 0 && fdatasync(fd) == 0) return RFD_OK;
    return error_errno(error, RFD_E_IO_WRITE, errno, "journal");
}

static rfd_status load_file(struct journal *j, uint32_t number, bool last, struct rfd_error *error)
{
    struct file file = {.number = number};
    struct buf content;
    int fd = -1;
    rfd_status status = RFD_OK;
    buf_init(&content, FILE_MAXIMUM + 4 * WAITING_MAXIMUM);
    TRY_OUT(open_file(j, number, O_RDWR, &fd, error));
    TRY_OUT(read_whole(fd, &content, error));
    TRY_OUT(read_header(j, &file, buf_slice(&content), error));
    TRY_OUT(read_records(j, &file, buf_slice(&content), error));
    TRY_OUT(cut_end(&file, fd, buf_slice(&content), last, error));
    TRY_OUT(add_file(j, &file, error));
    if (last) {
        j->descriptor = fd;
        fd = -1;
    }
out:
    if (fd >= 0) (void)close(fd);
    buf_dispose(&content);
    return status;
}

/** Which files there are. */
struct span {
    uint32_t first, last; /* 0: none */
    uint32_t count;
};

static rfd_status see_file(void *context, const char *name, struct rfd_error *error)
{
    struct span *s = context;
    uint64_t number;
    slice digits = slice_from(slice_text(name), sizeof JOURNAL_PREFIX - 1);
    if (!slice_starts(slice_text(name), SLICE(JOURNAL_PREFIX))) return RFD_OK;
    if (digits.length != NUMBER_DIGITS || !number_unsigned(digits, INT32_MAX, &number) || number == 0)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no journal's name", name);
    if (s->count == 0 || number < s->first) s->first = (uint32_t)number;
    if (number > s->last) s->last = (uint32_t)number;
    s->count++;
    return RFD_OK;
}

/** Removes files from the front that are too old; the last one stays, as it has the chain. */
static rfd_status forget_old(struct journal *j, rfd_time since, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    size_t old = 0;
    while (old + 1 < j->file_count && j->files[old].newest < since) {
        file_name(j->files[old].number, name);
        if (unlinkat(j->folder->descriptor, name, 0) != 0)
            return error_errno(error, RFD_E_IO_WRITE, errno, "%s/%s", j->folder->path, name);
        old++;
    }
    if (old == 0) return RFD_OK;
    uint32_t kept = j->files[old].number;
    memmove(j->files, j->files + old, (j->file_count - old) * sizeof *j->files);
    j->file_count -= old;
    struct journal_index all = j->index;
    j->index = (struct journal_index){0};
    rfd_status status = RFD_OK;
    for (size_t i = 0; i < all.capacity && status == RFD_OK; i++) {
        const struct journal_place *p = &all.places[i];
        if (p->file < kept) continue;
        status = journal_index_add(&j->index, slice_of(p->hash, sizeof p->hash), p->file, p->offset, error);
    }
    journal_index_dispose(&all);
    return status;
}

static rfd_status load(struct journal *j, rfd_time since, struct rfd_error *error)
{
    struct span s = {0};
    TRY(key_folder_walk(j->folder, "", see_file, &s, error));
    if (s.count == 0) {
        if (RAND_bytes(j->instance, sizeof j->instance) != 1)
            return error_set(error, RFD_E_INTERNAL, "no random numbers");
        return begin_file(j, 1, 1, error);
    }
    if (s.count != s.last - s.first + 1)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a file of the journal is missing");
    for (uint32_t n = s.first; n <= s.last; n++) TRY(load_file(j, n, n == s.last, error));
    return forget_old(j, since, error);
}

rfd_status journal_open(const struct key_folder *folder, const struct secret *key, rfd_time since,
                        struct journal **out, struct rfd_error *error)
{
    struct journal *j = memory_zeroed(1, sizeof *j);
    if (j == NULL) return error_memory(error);
    *j = (struct journal){.folder = folder, .key = key, .descriptor = -1};
    buf_init(&j->waiting, WAITING_MAXIMUM);
    rfd_status status = load(j, since, error);
    if (status == RFD_OK)
        *out = j;
    else
        journal_close(j);
    return status;
}

void journal_close(struct journal *j)
{
    if (j == NULL) return;
    if (j->descriptor >= 0) (void)close(j->descriptor);
    journal_index_dispose(&j->index);
    buf_dispose(&j->waiting);
    memory_free(j->files);
    memory_free(j);
}

const uint8_t *journal_instance(const struct journal *j)
{
    return j->instance;
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
    if (!split(slice_of(to, (size_t)got), &fields, &mac) || !get_fields(fields, out, &synced))
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
    TRY(open_file(j, place->file, O_RDONLY, &fd, error));
    rfd_status status = read_at(fd, place->offset, memory, out, &length, error);
    (void)close(fd);
    if (status == RFD_OK && !slice_equal(out->approval, approval))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "a record of the journal was altered");
    *found = status == RFD_OK;
    return status;
}

/** Walks through one file from `position` on. */
static rfd_status walk_file(struct journal *j, const struct file *file, uint64_t position, journal_each *each,
                            void *context, bool *more, struct rfd_error *error)
{
    struct journal_record r;
    struct buf memory;
    uint32_t length = 0;
    int fd = -1;
    uint64_t at = position <= file->first ? 0 : (position - file->first) / MARK_EVERY * MARK_EVERY;
    uint32_t offset = file->marks[at / MARK_EVERY];
    TRY(open_file(j, file->number, O_RDONLY, &fd, error));
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
        const struct file *file = &j->files[i];
        if (file->count == 0 || position >= file->first + file->count) continue;
        TRY(walk_file(j, file, position, each, context, &more, error));
    }
    return RFD_OK;
}

/* ---- Writing ---- */

bool journal_waits(const struct journal *j)
{
    return j->waiting.length > 0;
}

bool journal_is_broken(const struct journal *j)
{
    return j->broken;
}

static rfd_status write_waiting(struct journal *j, struct rfd_error *error)
{
    struct file *file = last_file(j);
    slice left = buf_slice(&j->waiting);
    while (left.length > 0) {
        off_t at = (off_t)(file->size + j->waiting.length - left.length);
        ssize_t written = pwrite(j->descriptor, left.data, left.length, at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "journal");
        left = slice_from(left, (size_t)written);
    }
    if (fdatasync(j->descriptor) != 0) return error_errno(error, RFD_E_IO_WRITE, errno, "journal");
    file->size += (uint32_t)j->waiting.length;
    buf_reset(&j->waiting);
    return RFD_OK;
}

rfd_status journal_flush(struct journal *j, struct rfd_error *error)
{
    if (j->broken) return error_set(error, RFD_E_IO_WRITE, "journal");
    if (!journal_waits(j)) return RFD_OK;
    rfd_status status = write_waiting(j, error);
    if (status == RFD_OK) return RFD_OK;
    j->broken = true; /* what is on disk now is not known (fsync(2)) */
    (void)!ftruncate(j->descriptor, (off_t)last_file(j)->size);
    buf_reset(&j->waiting);
    return status;
}

/** Makes room for one more record. */
static rfd_status make_room(struct journal *j, struct rfd_error *error)
{
    const struct file *file = last_file(j);
    if (j->waiting.length + RECORD_MAXIMUM > WAITING_MAXIMUM) TRY(journal_flush(j, error));
    bool full = file->size >= FILE_MAXIMUM || file->count == (uint64_t)MARKS * MARK_EVERY;
    if (!full) return RFD_OK;
    TRY(journal_flush(j, error));
    rfd_status status = begin_file(j, file->number + 1, file->first + file->count, error);
    if (status != RFD_OK) j->broken = true;
    return status;
}

rfd_status journal_add(struct journal *j, const struct journal_record *record, struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    struct journal_record r = *record;
    if (j->broken) return error_set(error, RFD_E_IO_WRITE, "journal");
    TRY(make_room(j, error));
    struct file *file = last_file(j);
    size_t start = j->waiting.length;
    r.position = file->first + file->count;
    message_put_u32(&j->waiting, 0);
    put_fields(&j->waiting, &r, file->size);
    rfd_status status = buf_check(&j->waiting, "journal", error);
    slice fields = slice_from(buf_slice(&j->waiting), start + LENGTH_SIZE);
    if (status == RFD_OK) status = mac_of(j->key, slice_of(j->chain, sizeof j->chain), fields, mac, error);
    buf_put(&j->waiting, mac, sizeof mac);
    if (status == RFD_OK) status = buf_check(&j->waiting, "journal", error);
    if (status == RFD_OK) status = note(j, file, (uint32_t)(file->size + start), &r, error);
    if (status != RFD_OK) {
        j->waiting.length = start;
        j->waiting.status = RFD_OK;
        return status;
    }
    size_t length = j->waiting.length - start - LENGTH_SIZE;
    for (size_t i = 0; i < LENGTH_SIZE; i++) j->waiting.data[start + i] = (uint8_t)(length >> 8 * (LENGTH_SIZE - 1 - i));
    memcpy(j->chain, mac, sizeof mac);
    return RFD_OK;
}
