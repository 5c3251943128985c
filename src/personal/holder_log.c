/* SPDX-License-Identifier: EUPL-1.2 */
#include "personal/holder_log.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "keeper/mac.h"
#include "pki/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC      SLICE("RFDHLOG1")
#define FIRST_LINE SLICE("Refrenda holder log 1\n")

enum {
    HEADER_SIZE = 128, /* magic, count, length, head, MAC; the rest is zeros */
    COUNT_AT = 8,
    LENGTH_AT = 16,
    HEAD_AT = 24,
    MAC_AT = HEAD_AT + HOLDER_LOG_HEAD_SIZE,
    MAC_DIGITS = 2 * MAC_SIZE,
    PREFIX = MAC_DIGITS + 1, /* of a line on disk: the MAC and a blank */
    APPEND_MAXIMUM = 4 << 20
};

/* ---- Heads ---- */

static rfd_status first_head(const char *credential, uint8_t head[HOLDER_LOG_HEAD_SIZE], struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, HEADER_SIZE);
    buf_put_slice(&b, FIRST_LINE);
    buf_put_text(&b, credential);
    rfd_status status = buf_check(&b, "log", error);
    if (status == RFD_OK) status = digest_of(DIGEST_SHA256, buf_slice(&b), head, error);
    buf_dispose(&b);
    return status;
}

static rfd_status next_head(uint8_t head[HOLDER_LOG_HEAD_SIZE], slice line, struct rfd_error *error)
{
    struct digest *d = NULL;
    rfd_status status = digest_start(DIGEST_SHA256, &d, error);
    if (status == RFD_OK) status = digest_add(d, slice_of(head, HOLDER_LOG_HEAD_SIZE), error);
    if (status == RFD_OK) status = digest_add(d, line, error);
    if (status == RFD_OK) status = digest_finish(d, head, error);
    digest_free(d);
    return status;
}

void holder_log_put_statement(struct buf *b, const char *credential, uint64_t count,
                              const uint8_t head[HOLDER_LOG_HEAD_SIZE])
{
    buf_put_slice(b, FIRST_LINE);
    buf_put_text(b, "credential: ");
    buf_put_text(b, credential);
    buf_put_text(b, "\nevents: ");
    buf_put_unsigned(b, count);
    buf_put_text(b, "\nhead: ");
    buf_put_hex(b, slice_of(head, HOLDER_LOG_HEAD_SIZE), false);
    buf_put_byte(b, '\n');
}

static rfd_status mac_line(const struct holder_log_place *where, const uint8_t head[HOLDER_LOG_HEAD_SIZE],
                           uint8_t mac[MAC_SIZE], struct rfd_error *error)
{
    return mac_of(where->key, slice_text(where->credential), slice_of(head, HOLDER_LOG_HEAD_SIZE), mac, error);
}

/* ---- The beginning of the file ---- */

static void put_number(uint8_t *to, uint64_t value)
{
    for (size_t i = 0; i < sizeof value; i++) to[i] = (uint8_t)(value >> (56 - 8 * i));
}

static rfd_status make_header(const struct holder_log_point *end, const struct holder_log_place *where,
                              uint8_t header[HEADER_SIZE], struct rfd_error *error)
{
    memset(header, 0, HEADER_SIZE);
    memcpy(header, MAGIC.data, MAGIC.length);
    put_number(header + COUNT_AT, end->count);
    put_number(header + LENGTH_AT, end->length);
    memcpy(header + HEAD_AT, end->head, sizeof end->head);
    return mac_of(where->key, slice_text(where->credential), slice_of(header, MAC_AT), header + MAC_AT, error);
}

static rfd_status damaged(const struct holder_log_place *where, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s.log: %s", where->credential, what);
}

static rfd_status read_header(int fd, const struct holder_log_place *where, struct holder_log_point *out,
                              struct rfd_error *error)
{
    uint8_t header[HEADER_SIZE];
    uint8_t mac[MAC_SIZE];
    if (pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header) return damaged(where, "cut short", error);
    TRY(mac_of(where->key, slice_text(where->credential), slice_of(header, MAC_AT), mac, error));
    if (!secret_equal(slice_of(mac, sizeof mac), slice_of(header + MAC_AT, sizeof mac)) ||
        !slice_starts(slice_of(header, sizeof header), MAGIC))
        return damaged(where, "its beginning was altered", error);
    out->count = number_big_endian(header + COUNT_AT, sizeof out->count);
    out->length = number_big_endian(header + LENGTH_AT, sizeof out->length);
    memcpy(out->head, header + HEAD_AT, sizeof out->head);
    return RFD_OK;
}

/* ---- Marks ---- */

/** Room for the marks of so many lines in all. */
static rfd_status reserve_marks(struct holder_log *l, uint64_t lines, struct rfd_error *error)
{
    size_t wanted = (size_t)(lines / HOLDER_LOG_MARK_LINES);
    if (wanted <= l->room) return RFD_OK;
    wanted += wanted / 2;
    struct holder_log_point *marks = memory_resize(l->marks, wanted * sizeof *marks);
    if (marks == NULL) return error_memory(error);
    l->marks = marks;
    l->room = wanted;
    return RFD_OK;
}

/** There is room. */
static void mark_end(struct holder_log *l)
{
    if (l->end.count % HOLDER_LOG_MARK_LINES == 0) l->marks[l->marked++] = l->end;
}

void holder_log_dispose(struct holder_log *l)
{
    memory_free(l->marks);
    *l = (struct holder_log){.open = false};
}

/* ---- Reading ---- */

struct scan {
    int fd;
    const struct holder_log_place *where;
    struct holder_log_point at; /* as far as it was read */
    struct holder_log *made;    /* gets the marks, and that as its end; NULL: none is made */
    struct buf ahead;
    size_t taken; /* octets of `ahead` */
    bool over;
};

/** The next line on disk, without its end; false when there is no whole one any more. */
static rfd_status next_line(struct scan *s, slice *line, bool *found, struct rfd_error *error)
{
    enum { PIECE = 32 << 10 };
    for (;;) {
        slice rest = slice_from(buf_slice(&s->ahead), s->taken);
        const uint8_t *end = rest.length == 0 ? NULL : memchr(rest.data, '\n', rest.length);
        *found = end != NULL;
        if (end != NULL) {
            *line = slice_part(rest, 0, (size_t)(end - rest.data));
            s->taken += line->length + 1;
            return RFD_OK;
        }
        if (s->over || rest.length > HOLDER_LOG_LINE_MAXIMUM) return RFD_OK;
        if (rest.length > 0) memmove(s->ahead.data, rest.data, rest.length);
        s->ahead.length = rest.length;
        s->taken = 0;
        uint8_t *to = buf_reserve(&s->ahead, PIECE);
        if (to == NULL) return buf_check(&s->ahead, "log", error);
        ssize_t got = read(s->fd, to, PIECE);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s.log", s->where->credential);
        s->ahead.length += (size_t)got;
        s->over = got == 0;
    }
}

/** Takes a line into the chain; `*good` false when it does not belong there. */
static rfd_status take_line(struct scan *s, slice stored, slice *line, bool *good, struct rfd_error *error)
{
    uint8_t head[HOLDER_LOG_HEAD_SIZE];
    uint8_t mac[MAC_SIZE], written[MAC_SIZE];
    *good = stored.length > PREFIX && stored.data[MAC_DIGITS] == ' ' &&
            number_hex(slice_part(stored, 0, MAC_DIGITS), written);
    if (!*good) return RFD_OK;
    *line = slice_from(stored, PREFIX);
    memcpy(head, s->at.head, sizeof head);
    TRY(next_head(head, *line, error));
    TRY(mac_line(s->where, head, mac, error));
    *good = secret_equal(slice_of(mac, sizeof mac), slice_of(written, sizeof written));
    if (!*good) return RFD_OK;
    memcpy(s->at.head, head, sizeof head);
    s->at.count++;
    s->at.length += stored.length + 1;
    if (s->made == NULL) return RFD_OK;
    TRY(reserve_marks(s->made, s->at.count, error));
    s->made->end = s->at;
    mark_end(s->made);
    return RFD_OK;
}

static rfd_status begin_scan(struct scan *s, const struct holder_log_place *where, int flags,
                             const struct holder_log_point *from, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    (void)snprintf(name, sizeof name, "%s.log", where->credential);
    *s = (struct scan){.where = where, .at = *from};
    buf_init(&s->ahead, 256 << 10);
    s->fd = openat(where->folder->descriptor, name, flags | O_CLOEXEC | O_NOFOLLOW);
    if (s->fd < 0 && errno == ENOENT) return damaged(where, "is not there", error);
    if (s->fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s", name);
    off_t start = (off_t)(HEADER_SIZE + from->length);
    if (lseek(s->fd, start, SEEK_SET) == start) return RFD_OK;
    return error_errno(error, RFD_E_IO_READ, errno, "%s", name);
}

static void end_scan(struct scan *s)
{
    if (s->fd >= 0) (void)close(s->fd);
    buf_dispose(&s->ahead);
}

/** Reads lines until `count` (UINT64_MAX: all that are whole) are behind it. */
static rfd_status scan_lines(struct scan *s, uint64_t count, struct rfd_error *error)
{
    slice stored, line;
    bool found = true;
    bool good = true;
    while (s->at.count < count && found && good) {
        TRY(next_line(s, &stored, &found, error));
        if (found) TRY(take_line(s, stored, &line, &good, error));
    }
    return RFD_OK;
}

/** It is there as far as it is known, or else it was altered. */
static rfd_status check_end(const struct scan *s, const struct holder_log_point *end, struct rfd_error *error)
{
    if (s->at.count == end->count && s->at.length == end->length &&
        memcmp(s->at.head, end->head, sizeof end->head) == 0)
        return RFD_OK;
    return damaged(s->where, "lines were altered, or are missing", error);
}

static rfd_status open_scanned(struct scan *s, struct rfd_error *error)
{
    struct holder_log_point kept = {.count = 0};
    TRY(read_header(s->fd, s->where, &kept, error));
    TRY(scan_lines(s, kept.count, error));
    TRY(check_end(s, &kept, error));
    TRY(scan_lines(s, UINT64_MAX, error));
    if (ftruncate(s->fd, (off_t)(HEADER_SIZE + s->at.length)) != 0)
        return error_errno(error, RFD_E_IO_WRITE, errno, "%s.log", s->where->credential);
    return RFD_OK;
}

rfd_status holder_log_open(struct holder_log *l, const struct holder_log_place *where, struct rfd_error *error)
{
    struct scan s;
    struct holder_log made = {.open = true};
    if (l->open) return RFD_OK;
    TRY(first_head(where->credential, made.end.head, error));
    rfd_status status = begin_scan(&s, where, O_RDWR, &made.end, error);
    s.made = &made;
    if (status == RFD_OK) status = open_scanned(&s, error);
    end_scan(&s);
    if (status != RFD_OK) {
        holder_log_dispose(&made);
        return status;
    }
    holder_log_dispose(l);
    *l = made;
    return RFD_OK;
}

rfd_status holder_log_look(struct holder_log *l, const struct holder_log_place *where, uint64_t skip,
                           struct holder_log_part *out, struct rfd_error *error)
{
    TRY(holder_log_open(l, where, error));
    *out = (struct holder_log_part){.end = l->end, .skip = skip};
    size_t mark = skip / HOLDER_LOG_MARK_LINES < l->marked ? (size_t)(skip / HOLDER_LOG_MARK_LINES) : l->marked;
    if (mark == 0) return first_head(where->credential, out->from.head, error);
    out->from = l->marks[mark - 1];
    return RFD_OK;
}

static rfd_status walk(struct scan *s, const struct holder_log_part *part, holder_log_each *each, void *context,
                       struct rfd_error *error)
{
    slice stored, line;
    bool good = true;
    while (s->at.count < part->end.count) {
        TRY(next_line(s, &stored, &good, error));
        if (good) TRY(take_line(s, stored, &line, &good, error));
        if (!good) return damaged(s->where, "lines were altered, or are missing", error);
        if (s->at.count > part->skip && !each(context, line)) return RFD_OK;
    }
    return check_end(s, &part->end, error);
}

rfd_status holder_log_walk(const struct holder_log_part *part, const struct holder_log_place *where,
                           holder_log_each *each, void *context, struct rfd_error *error)
{
    struct scan s;
    rfd_status status = begin_scan(&s, where, O_RDONLY, &part->from, error);
    if (status == RFD_OK) status = walk(&s, part, each, context, error);
    end_scan(&s);
    return status;
}

/* ---- Appending ---- */

rfd_status holder_log_begin(struct holder_log *l, const char *credential, struct rfd_error *error)
{
    struct holder_log begun = {.open = true};
    TRY(first_head(credential, begun.end.head, error));
    *l = begun;
    return RFD_OK;
}

/** One line, and the log as it is behind it. */
static rfd_status put_line(struct holder_log *l, const struct holder_log_place *where, const char *members,
                           struct buf *line, struct buf *out, struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    buf_reset(line);
    buf_put_text(line, "{\"n\":");
    buf_put_unsigned(line, l->end.count + 1);
    buf_put_byte(line, ',');
    buf_put_text(line, members);
    buf_put_byte(line, '}');
    TRY(buf_check(line, "log", error));
    TRY(next_head(l->end.head, buf_slice(line), error));
    TRY(mac_line(where, l->end.head, mac, error));
    buf_put_hex(out, slice_of(mac, sizeof mac), false);
    buf_put_byte(out, ' ');
    buf_put_slice(out, buf_slice(line));
    buf_put_byte(out, '\n');
    l->end.count++;
    l->end.length += PREFIX + line->length + 1;
    mark_end(l);
    return buf_check(out, "log", error);
}

static rfd_status put_lines(struct holder_log *l, const struct holder_log_place *where, slice lines, size_t count,
                            struct buf *out, struct rfd_error *error)
{
    struct buf line;
    rfd_status status = RFD_OK;
    buf_init(&line, HOLDER_LOG_LINE_MAXIMUM);
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        const char *members = (const char *)lines.data;
        lines = slice_from(lines, strlen(members) + 1);
        status = put_line(l, where, members, &line, out, error);
    }
    buf_dispose(&line);
    return status;
}

static bool write_at(int fd, slice bytes, uint64_t at)
{
    while (bytes.length > 0) {
        ssize_t written = pwrite(fd, bytes.data, bytes.length, (off_t)at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = slice_from(bytes, (size_t)written);
        at += (uint64_t)written;
    }
    return true;
}

/** What root makes belongs to the folder's owner, who the process will be in its sandbox. */
static bool give_to_owner(const struct key_folder *f, int fd)
{
    struct stat st;
    if (geteuid() != 0) return true;
    return fstat(f->descriptor, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0;
}

/** The lines are on disk before the beginning of the file says so. */
static bool write_lines(int fd, const struct holder_log_point *before, const struct holder_log_point *after,
                        const struct holder_log_place *where, slice lines, struct rfd_error *error)
{
    uint8_t header[HEADER_SIZE];
    if (before->count == 0 &&
        (!give_to_owner(where->folder, fd) || make_header(before, where, header, error) != RFD_OK ||
         !write_at(fd, slice_of(header, sizeof header), 0)))
        return false;
    return make_header(after, where, header, error) == RFD_OK && write_at(fd, lines, HEADER_SIZE + before->length) &&
           fdatasync(fd) == 0 && write_at(fd, slice_of(header, sizeof header), 0);
}

rfd_status holder_log_append(struct holder_log *l, const struct holder_log_place *where, slice lines, size_t count,
                             struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf out;
    TRY(holder_log_open(l, where, error));
    TRY(reserve_marks(l, l->end.count + count, error));
    struct holder_log after = *l; /* marks that are put behind those of `l` count when all is on disk */
    (void)snprintf(name, sizeof name, "%s.log", where->credential);
    buf_init(&out, APPEND_MAXIMUM);
    rfd_status status = put_lines(&after, where, lines, count, &out, error);
    if (status == RFD_OK) {
        int new = l->end.count == 0 ? O_CREAT | O_EXCL : 0;
        int fd = openat(where->folder->descriptor, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | new, 0600);
        if (fd < 0 || !write_lines(fd, &l->end, &after.end, where, buf_slice(&out), error))
            status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", name);
        if (fd >= 0) (void)close(fd);
    }
    /* What is on disk has to be read again before more is written. */
    if (status == RFD_OK)
        *l = after;
    else
        l->open = false;
    buf_dispose(&out);
    return status;
}
