/* SPDX-License-Identifier: EUPL-1.2
 *
 * A line is put together on the stack and written by one call, at most as long as a pipe takes in one piece: lines of
 * several processes on one pipe do not mix. No memory is allocated, no lock is taken and no stdio is used, so that it
 * can be called by signal handlers, and after memory has run out. A reader that does not read loses lines.
 */
#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/plain.h"
#include "base/text.h"

#include <errno.h>
#include <unistd.h>

enum { LINE_LONGEST = 4096, VALUE_LONGEST = 600, PROCESS_SIZE = 32 };
static const char json_end[] = "}\n";
static const char json_cut[] = ",\"truncated\":true}\n";
static const char text_cut[] = " ...\n";

static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
    [LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};

/* Written before there are threads. */
static struct {
    int descriptor; /* -1: log_open() was not called */
    enum log_format format;
    enum log_level level;
    char process[PROCESS_SIZE];
} opened = {.descriptor = -1};

void log_open(int descriptor, enum log_format format, enum log_level level, const char *process)
{
    slice name = slice_part(slice_text(process), 0, PROCESS_SIZE - 1);
    opened.format = format;
    opened.level = level;
    memset(opened.process, 0, sizeof opened.process);
    if (name.length > 0) memcpy(opened.process, name.data, name.length);
    opened.descriptor = descriptor;
}

bool log_level_from_name(slice name, enum log_level *out)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (!slice_is(name, level_names[i])) continue;
        *out = (enum log_level)i;
        return true;
    }
    return false;
}

bool log_wanted(enum log_level level)
{
    return opened.descriptor >= 0 && level <= opened.level;
}

static void put_two(struct buf *b, int number, char after)
{
    buf_put(b, (char[]){(char)('0' + number / 10 % 10), (char)('0' + number % 10), after}, after == '\0' ? 2 : 3);
}

/** RFC 3339 in UTC, to the millisecond. */
static void put_time(struct buf *b, rfd_time moment)
{
    struct civil c = clock_civil(moment);
    unsigned thousandths = (unsigned)(moment % RFD_SECOND / 1000);
    put_two(b, c.year / 100, '\0');
    put_two(b, c.year, '-');
    put_two(b, c.month, '-');
    put_two(b, c.day, 'T');
    put_two(b, c.hour, ':');
    put_two(b, c.minute, ':');
    put_two(b, c.second, '.');
    buf_put_byte(b, (uint8_t)('0' + thousandths / 100));
    put_two(b, (int)(thousandths % 100), 'Z');
}

/** RFC 8259 §7. What is not UTF-8 becomes U+FFFD. */
static void put_json_string(struct buf *b, slice text)
{
    buf_put_byte(b, '"');
    text = slice_part(text, 0, VALUE_LONGEST);
    for (;;) {
        slice plain = slice_part(text, 0, plain_length(text));
        buf_put_slice(b, plain);
        text = slice_from(text, plain.length);
        if (text.length == 0) break;
        uint32_t c = text_next(&text);
        if (c == '"' || c == '\\') buf_put_byte(b, '\\');
        if (c < 0x20 || c == 0x7F) {
            uint8_t byte = (uint8_t)c;
            buf_put_text(b, "\\u00");
            buf_put_hex(b, slice_of(&byte, 1), false);
        } else {
            text_put_utf8(b, c);
        }
    }
    buf_put_byte(b, '"');
}

static void put_json_name(struct buf *b, const char *name)
{
    buf_put_text(b, ",\"");
    buf_put_text(b, name);
    buf_put_text(b, "\":");
}

/** Goes back to what there was before `from` when there is no room for more. */
static bool undo_if_full(struct buf *b, size_t from)
{
    if (b->status == RFD_OK) return false;
    b->status = RFD_OK;
    b->length = from;
    return true;
}

static void put_json(struct buf *b, enum log_level level, const char *code, const char *message,
                     const struct log_field *fields)
{
    bool cut = false;
    buf_put_text(b, "{\"time\":\"");
    put_time(b, clock_now());
    buf_put_text(b, "\",\"level\":\"");
    buf_put_text(b, level_names[level]);
    buf_put_byte(b, '"');
    put_json_name(b, "process");
    put_json_string(b, slice_text(opened.process));
    put_json_name(b, "code");
    put_json_string(b, slice_text(code));
    size_t from = b->length;
    put_json_name(b, "message");
    put_json_string(b, slice_text(message));
    cut = undo_if_full(b, from);
    for (; fields != NULL && fields->name != NULL; fields++) {
        from = b->length;
        put_json_name(b, fields->name);
        if (fields->is_number)
            buf_put_signed(b, fields->number);
        else
            put_json_string(b, fields->text);
        cut = undo_if_full(b, from) || cut;
    }
    b->maximum = b->capacity = LINE_LONGEST;
    buf_put_text(b, cut ? json_cut : json_end);
}

static void put_text_field(struct buf *b, const struct log_field *field)
{
    buf_put_byte(b, ' ');
    buf_put_text(b, field->name);
    buf_put_byte(b, '=');
    if (field->is_number)
        buf_put_signed(b, field->number);
    else
        text_put_printable(b, slice_part(field->text, 0, VALUE_LONGEST));
}

static void put_text(struct buf *b, enum log_level level, const char *code, const char *message,
                     const struct log_field *fields)
{
    put_time(b, clock_now());
    buf_put_byte(b, ' ');
    buf_put_text(b, level_names[level]);
    buf_put_byte(b, ' ');
    buf_put_text(b, opened.process);
    buf_put_byte(b, ' ');
    buf_put_text(b, code);
    buf_put_text(b, ": ");
    text_put_printable(b, slice_part(slice_text(message), 0, VALUE_LONGEST));
    bool cut = false;
    for (; fields != NULL && fields->name != NULL; fields++) {
        size_t from = b->length;
        put_text_field(b, fields);
        cut = undo_if_full(b, from) || cut;
    }
    b->maximum = b->capacity = LINE_LONGEST;
    buf_put_text(b, cut ? text_cut : "\n");
}

void log_put(enum log_level level, const char *code, const char *message, const struct log_field *fields)
{
    uint8_t line[LINE_LONGEST];
    int saved = errno;
    /* A buffer that cannot grow never asks for memory; room for how a line ends is kept back. */
    struct buf b = {
        .data = line, .capacity = LINE_LONGEST - sizeof json_cut, .maximum = LINE_LONGEST - sizeof json_cut};
    if (!log_wanted(level)) return;
    if (opened.format == LOG_FORMAT_JSON)
        put_json(&b, level, code, message, fields);
    else
        put_text(&b, level, code, message, fields);
    while (write(opened.descriptor, line, b.length) < 0 && errno == EINTR) continue;
    errno = saved;
}

void log_failure(enum log_level level, const char *code, const char *message, const struct rfd_error *error)
{
    log_event(level, code, message, LOG_TEXT("error", rfd_status_name(error->code)),
              LOG_TEXT("sentence", rfd_status_message(error->code)), LOG_TEXT("detail", error->detail));
}
