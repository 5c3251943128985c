/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening a journal: every record is looked at, so that afterwards what is in memory can be relied on.
 */
#include "keeper/journal_internal.h"

#include "base/error.h"
#include "base/number.h"
#include "ipc/message.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

static rfd_status damaged(const struct journal_file *file, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, JOURNAL_PREFIX "%0*u: %s", NUMBER_DIGITS, file->number, what);
}

/** Reads the header at the start of `content`; the chain has to go on from the file before. */
static rfd_status read_header(struct journal *j, struct journal_file *file, slice content, struct rfd_error *error)
{
    uint8_t expected[MAC_SIZE];
    struct message_reader r = message_read(slice_from(content, JOURNAL_MAGIC.length));
    uint32_t number = message_get_u32(&r);
    file->first = message_get_u64(&r);
    file->began = message_get_i64(&r);
    file->newest = file->began;
    slice instance = message_get_bytes(&r, JOURNAL_INSTANCE_SIZE);
    slice chain = message_get_bytes(&r, MAC_SIZE);
    size_t length = content.length - r.left.length;
    slice mac = message_get_bytes(&r, MAC_SIZE);
    if (r.failed || !slice_starts(content, JOURNAL_MAGIC) || instance.length != JOURNAL_INSTANCE_SIZE ||
        chain.length != MAC_SIZE || mac.length != MAC_SIZE || r.left.length < FOLDER_DIGEST)
        return damaged(file, "not a journal of this version", error);
    TRY(mac_of(j->key, slice_part(content, 0, length), SLICE_EMPTY, expected, error));
    if (number != file->number || !secret_equal(mac, slice_of(expected, sizeof expected)))
        return damaged(file, "its header was altered, or is of another store", error);
    if (j->file_count > 0) {
        const struct journal_file *before = journal_last_file(j);
        if (file->first != before->first + before->count || !slice_equal(chain, slice_of(j->chain, MAC_SIZE)) ||
            !slice_equal(instance, slice_of(j->instance, JOURNAL_INSTANCE_SIZE)))
            return damaged(file, "does not go on where the one before ends", error);
    }
    memcpy(j->instance, instance.data, sizeof j->instance);
    memcpy(j->chain, chain.data, sizeof j->chain);
    file->size = (uint32_t)(content.length - r.left.length + FOLDER_DIGEST);
    return RFD_OK;
}

/** Takes one record from the front of `rest`, when it is whole and in the chain. */
static bool take_record(struct journal *j, const struct journal_file *file, slice rest, struct journal_record *out,
                        size_t *length)
{
    uint8_t expected[MAC_SIZE];
    uint32_t synced;
    slice fields;
    slice mac;
    if (!journal_split(rest, &fields, &mac) || !journal_get_fields(fields, out, &synced) ||
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
static bool was_longer(const struct journal_file *file, slice content)
{
    for (size_t at = file->size + 1; at < content.length; at++) {
        struct journal_record r;
        uint32_t synced;
        slice fields;
        slice mac;
        if (!journal_split(slice_from(content, at), &fields, &mac) || !journal_get_fields(fields, &r, &synced))
            continue;
        if (synced > file->size && synced <= at && r.position > file->first + file->count) return true;
    }
    return false;
}

static rfd_status read_records(struct journal *j, struct journal_file *file, slice content, struct rfd_error *error)
{
    struct journal_record r;
    size_t length;
    while (take_record(j, file, slice_from(content, file->size), &r, &length)) {
        TRY(journal_note(j, file, file->size, &r, error));
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
static rfd_status cut_end(const struct journal_file *file, int fd, slice content, bool last, struct rfd_error *error)
{
    if (content.length == file->size) return RFD_OK;
    if (!last || content.length - file->size > WAITING_MAXIMUM || was_longer(file, content))
        return damaged(file, "a record was altered", error);
    if (ftruncate(fd, (off_t)file->size) == 0 && fdatasync(fd) == 0) return RFD_OK;
    return error_errno(error, RFD_E_IO_WRITE, errno, "journal");
}

static rfd_status load_file(struct journal *j, uint32_t number, bool last, struct rfd_error *error)
{
    struct journal_file file = {.number = number};
    struct buf content;
    int fd = -1;
    rfd_status status = RFD_OK;
    buf_init(&content, FILE_MAXIMUM + 4 * WAITING_MAXIMUM);
    TRY_OUT(journal_open_file(j, number, O_RDWR, &fd, error));
    TRY_OUT(read_whole(fd, &content, error));
    TRY_OUT(read_header(j, &file, buf_slice(&content), error));
    TRY_OUT(read_records(j, &file, buf_slice(&content), error));
    TRY_OUT(cut_end(&file, fd, buf_slice(&content), last, error));
    TRY_OUT(journal_add_file(j, &file, error));
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
        journal_file_name(j->files[old].number, name);
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

rfd_status journal_load(struct journal *j, rfd_time since, struct rfd_error *error)
{
    struct span s = {0};
    TRY(key_folder_walk(j->folder, "", see_file, &s, error));
    if (s.count == 0) {
        if (RAND_bytes(j->instance, sizeof j->instance) != 1)
            return error_set(error, RFD_E_INTERNAL, "no random numbers");
        return journal_begin_file(j, 1, 1, error);
    }
    if (s.count != s.last - s.first + 1)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a file of the journal is missing");
    for (uint32_t n = s.first; n <= s.last; n++) TRY(load_file(j, n, n == s.last, error));
    return forget_old(j, since, error);
}
