/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/import/import_rows.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"

#include <dirent.h>
#include <sys/stat.h>

enum { FILE_MAXIMUM = 1 << 30, CERTIFICATE_FILE_MAXIMUM = 1 << 16, FIELDS = 6, SERIAL_MAXIMUM = 20, PATH_SIZE = 4096 };

/* ---- Rows ---- */

static rfd_status add_row(struct import_rows *rows, const struct authority_import_row *row, struct rfd_error *error)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity == 0 ? 1024 : 2 * rows->capacity;
        if (capacity > IMPORT_ROWS_MAXIMUM) return error_set(error, RFD_E_LIMIT, "certificates to import");
        void *more = memory_resize(rows->items, capacity * sizeof *rows->items);
        if (more == NULL) return error_memory(error);
        rows->items = more;
        rows->capacity = capacity;
    }
    rows->items[rows->count++] = *row;
    return RFD_OK;
}

void import_rows_dispose(struct import_rows *rows)
{
    memory_free(rows->items);
    rows->items = NULL;
    rows->count = rows->capacity = 0;
}

static int by_serial(const void *a, const void *b)
{
    const struct authority_import_row *one = a;
    const struct authority_import_row *other = b;
    return slice_compare(one->serial, other->serial);
}

/** What `from` knows and `to` does not. */
static void merge(struct authority_import_row *to, const struct authority_import_row *from)
{
    if (to->certificate.length == 0) to->certificate = from->certificate;
    if (to->subject.length == 0) to->subject = from->subject;
    if (to->not_after == RFD_TIME_NONE) to->not_after = from->not_after;
    if (to->revoked_at != RFD_TIME_NONE || from->revoked_at == RFD_TIME_NONE) return;
    to->revoked_at = from->revoked_at;
    to->reason = from->reason;
}

void import_rows_finish(struct import_rows *rows)
{
    size_t kept = 0;
    if (rows->count > 0) qsort(rows->items, rows->count, sizeof *rows->items, by_serial);
    for (size_t i = 0; i < rows->count; i++) {
        if (kept > 0 && slice_equal(rows->items[kept - 1].serial, rows->items[i].serial))
            merge(&rows->items[kept - 1], &rows->items[i]);
        else
            rows->items[kept++] = rows->items[i];
    }
    rows->count = kept;
}

/* ---- Fields ---- */

/** Hexadecimal digits as INTEGER content: positive, in its shortest form. */
static bool take_serial(struct import_rows *rows, slice text, slice *out)
{
    uint8_t bytes[SERIAL_MAXIMUM + 2] = {0};
    char digits[2 * (SERIAL_MAXIMUM + 1)];
    if (text.length > 2 && text.data[0] == '0' && (text.data[1] | 32) == 'x') text = slice_from(text, 2);
    while (text.length > 1 && text.data[0] == '0') text = slice_from(text, 1);
    size_t odd = text.length % 2;
    if (text.length == 0 || text.length + odd > sizeof digits) return false;
    digits[0] = '0';
    memcpy(digits + odd, text.data, text.length);
    size_t length = (text.length + odd) / 2;
    if (!number_hex(slice_of(digits, text.length + odd), bytes + 1)) return false;
    size_t pad = bytes[1] >= 0x80 ? 1 : 0;
    *out = arena_copy(rows->arena, slice_of(bytes + 1 - pad, length + pad));
    return length + pad <= SERIAL_MAXIMUM && out->data != NULL;
}

static bool take_time(slice text, rfd_time *out)
{
    *out = RFD_TIME_NONE;
    if (text.length == 0) return true;
    if (clock_parse_iso(text, out)) return true;
    return clock_parse_asn1(text, text.length == 15, out);
}

static bool take_reason(slice text, int *out)
{
    static const char *const names[] = {
        "unspecified",   "keyCompromise",        "CACompromise",    "affiliationChanged",
        "superseded",    "cessationOfOperation", "certificateHold", "",
        "removeFromCRL", "privilegeWithdrawn",   "AACompromise"};
    uint64_t number;
    *out = 0;
    if (text.length == 0) return true;
    if (number_unsigned(text, 10, &number)) {
        *out = (int)number;
        return number != 7 && number != 8;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text.length != strlen(names[i]) || strncasecmp((const char *)text.data, names[i], text.length) != 0)
            continue;
        *out = (int)i;
        return i != 8;
    }
    return false;
}

static slice next_field(slice *line, uint8_t separator)
{
    const uint8_t *end = line->length == 0 ? NULL : memchr(line->data, separator, line->length);
    size_t length = end == NULL ? line->length : (size_t)(end - line->data);
    slice field = slice_part(*line, 0, length);
    *line = slice_from(*line, end == NULL ? length : length + 1);
    return field;
}

/* ---- Lists ---- */

/** index.txt (openssl-ca(1)). */
static bool read_index(struct import_rows *rows, slice line, struct authority_import_row *row)
{
    slice state = next_field(&line, '\t');
    slice end = next_field(&line, '\t');
    slice revoked = next_field(&line, '\t');
    slice serial = next_field(&line, '\t');
    (void)next_field(&line, '\t');
    slice when = next_field(&revoked, ',');
    slice reason = next_field(&revoked, ','); /* "holdInstruction" and "CAkeyTime" have more behind it */
    bool known = state.length == 1 && strchr("VRE", state.data[0]) != NULL;
    row->subject = line;
    if (slice_is(reason, "holdInstruction")) reason = SLICE("certificateHold");
    if (slice_is(reason, "keyTime")) reason = SLICE("keyCompromise");
    if (slice_is(reason, "CAkeyTime")) reason = SLICE("CACompromise");
    return known && take_time(end, &row->not_after) && take_time(when, &row->revoked_at) &&
           take_reason(reason, &row->reason) && take_serial(rows, serial, &row->serial) &&
           (state.data[0] == 'R') == (row->revoked_at != RFD_TIME_NONE);
}

static bool read_csv(struct import_rows *rows, slice line, struct authority_import_row *row)
{
    slice serial = next_field(&line, ',');
    slice end = next_field(&line, ',');
    slice revoked = next_field(&line, ',');
    slice reason = next_field(&line, ',');
    if (line.length >= 2 && line.data[0] == '"' && line.data[line.length - 1] == '"')
        line = slice_part(line, 1, line.length - 2);
    row->subject = line;
    return take_time(end, &row->not_after) && take_time(revoked, &row->revoked_at) &&
           take_reason(reason, &row->reason) && take_serial(rows, serial, &row->serial);
}

static rfd_status read_line(struct import_rows *rows, slice line, bool first, const char *where,
                            struct rfd_error *error)
{
    struct authority_import_row row = {.revoked_at = RFD_TIME_NONE, .not_after = RFD_TIME_NONE};
    while (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
    if (line.length == 0 || line.data[0] == '#' || (first && slice_starts(line, SLICE("serial,")))) return RFD_OK;
    bool tabs = memchr(line.data, '\t', line.length) != NULL;
    if (!(tabs ? read_index(rows, line, &row) : read_csv(rows, line, &row)))
        return error_set(error, RFD_E_ARGUMENT, "%s: not a line of index.txt, nor serial,end,revoked,reason,subject",
                         where);
    row.subject = arena_copy(rows->arena, row.subject);
    if (row.subject.data == NULL) return arena_failed(rows->arena, error);
    return add_row(rows, &row, error);
}

rfd_status import_rows_read(struct import_rows *rows, const char *path, struct rfd_error *error)
{
    struct source *source = NULL;
    slice text = SLICE_EMPTY;
    char where[PATH_SIZE];
    rfd_status status = RFD_OK;
    TRY(source_open_file(path, &source, error));
    if (source_size(source) > FILE_MAXIMUM) {
        status = error_set(error, RFD_E_LIMIT, "%s", path);
        goto out;
    }
    if (source_size(source) > 0) TRY_OUT(source_view(source, 0, source_size(source), &text, error));
    for (size_t number = 1; text.length > 0; number++) {
        slice line = next_field(&text, '\n');
        (void)snprintf(where, sizeof where, "%s:%zu", path, number);
        TRY_OUT(read_line(rows, line, number == 1, where, error));
    }
out:
    source_close(source);
    return status;
}

/* ---- Certificates ---- */

static rfd_status add_certificate(struct import_rows *rows, const struct certificate *c, struct rfd_error *error)
{
    struct authority_import_row row = {.certificate = arena_copy(rows->arena, c->der),
                                       .serial = arena_copy(rows->arena, c->serial),
                                       .revoked_at = RFD_TIME_NONE,
                                       .not_after = c->not_after};
    if (row.certificate.data == NULL || row.serial.data == NULL) return arena_failed(rows->arena, error);
    return add_row(rows, &row, error);
}

static rfd_status read_certificates(struct import_rows *rows, const char *path, const struct certificate *issuer,
                                    struct rfd_error *error)
{
    struct certificate_list list = {.count = 0};
    struct source *source = NULL;
    slice bytes = SLICE_EMPTY;
    TRY(source_open_file(path, &source, error));
    rfd_status status = RFD_OK;
    if (source_size(source) > 0 && source_size(source) <= CERTIFICATE_FILE_MAXIMUM)
        status = source_view(source, 0, source_size(source), &bytes, error);
    /* A file that is something else is none of ours. */
    if (status == RFD_OK && bytes.length > 0 && certificate_list_read(&list, bytes, NULL) != RFD_OK) list.count = 0;
    for (size_t i = 0; i < list.count && status == RFD_OK; i++) {
        const struct certificate *c = list.items[i];
        bool own = slice_equal(c->issuer, issuer->subject) && !certificate_equal(c, issuer) &&
                   certificate_verify_signature(c, issuer, NULL) == RFD_OK;
        if (own) status = add_certificate(rows, c, error);
    }
    certificate_list_dispose(&list);
    source_close(source);
    return status;
}

rfd_status import_rows_folder(struct import_rows *rows, const char *path, const struct certificate *issuer,
                              struct rfd_error *error)
{
    DIR *folder = opendir(path);
    rfd_status status = RFD_OK;
    if (folder == NULL) return error_set(error, RFD_E_IO_READ, "%s", path);
    for (struct dirent *entry = readdir(folder); entry != NULL && status == RFD_OK; entry = readdir(folder)) {
        char file[PATH_SIZE];
        struct stat about;
        int length = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (length <= 0 || (size_t)length >= sizeof file || stat(file, &about) != 0 || !S_ISREG(about.st_mode))
            continue;
        status = read_certificates(rows, file, issuer, error);
    }
    (void)closedir(folder);
    return status;
}
