/* SPDX-License-Identifier: EUPL-1.2 */
#define ERROR_IS_DEFINED_HERE
#include "base/error.h"

#include "base/i18n.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_row {
    const char *name;
    enum rfd_error_class class;
    int http;
    const char *message;
    const char *hint;
};

static const struct error_row rows[RFD_STATUS_COUNT] = {
    [RFD_OK] = {"OK", RFD_CLASS_USAGE, 200, "No error", ""},
#define RFD_ERROR(code, class, http, message, hint) [RFD_E_##code] = {#code, RFD_CLASS_##class, http, message, hint},
#include <refrenda/errors.def>
#undef RFD_ERROR
};

/* "PDF_DAMAGED" becomes "pdf-damaged" in storage of the thread: the name is valid until the thread asks for another. */
enum { NAME_SIZE = 32 };

static const struct error_row *row_of(rfd_status code)
{
    return (unsigned)code < RFD_STATUS_COUNT ? &rows[code] : &rows[RFD_E_INTERNAL];
}

const char *rfd_status_message(rfd_status code)
{
    return row_of(code)->message;
}

const char *rfd_status_hint(rfd_status code)
{
    return row_of(code)->hint;
}

const char *rfd_status_name(rfd_status code)
{
    static _Thread_local char name[NAME_SIZE];
    const char *from = row_of(code)->name;
    size_t i = 0;
    for (; from[i] != '\0' && i + 1 < sizeof name; i++) {
        char c = from[i];
        name[i] = (char)(c == '_' ? '-' : (c >= 'A' && c <= 'Z') ? c - 'A' + 'a' : c);
    }
    name[i] = '\0';
    return name;
}

enum rfd_error_class rfd_status_class(rfd_status code)
{
    return row_of(code)->class;
}

int rfd_status_http(rfd_status code)
{
    return row_of(code)->http;
}

/** A full `text` may have been cut inside a UTF-8 sequence: drops a last one that is not whole. */
static void trim(char *text, size_t size)
{
    size_t length = strlen(text);
    size_t start = length;
    if (length + 1 < size) return;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return;
    unsigned char first = (unsigned char)text[start - 1];
    size_t whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < whole) text[start - 1] = '\0';
}

/** Details are UTF-8, file names need not be: '?' for each byte that is no letter. */
static void repair(char *text)
{
    slice rest = slice_text(text);
    while (rest.length > 0) {
        char *here = text + (rest.data - (const uint8_t *)text);
        if (text_next(&rest) == 0xFFFD && (const uint8_t *)here + 1 == rest.data) *here = '?';
    }
}

static void put_detail(struct rfd_error *error, const char *format, va_list args)
{
    if (format == NULL) {
        error->detail[0] = '\0';
        return;
    }
    (void)vsnprintf(error->detail, sizeof error->detail, format, args);
    trim(error->detail, sizeof error->detail);
    repair(error->detail);
}

rfd_status error_set(struct rfd_error *error, rfd_status code, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        error->code = code;
        error->cause_count = 0;
        put_detail(error, format, args);
        va_end(args);
    }
    return code;
}

rfd_status error_errno(struct rfd_error *error, rfd_status code, int errno_value, const char *format, ...)
{
    if (errno_value == ENOSPC || errno_value == EDQUOT) code = RFD_E_NO_SPACE;
    if (errno_value == ENOMEM) code = RFD_E_MEMORY;
    if (error != NULL) {
        va_list args;
        va_start(args, format);
        error->code = code;
        error->cause_count = 0;
        put_detail(error, format, args);
        va_end(args);
        char text[96];
        size_t used = strlen(error->detail);
        (void)snprintf(error->detail + used, sizeof error->detail - used, ": %s",
                       strerror_r(errno_value, text, sizeof text));
    }
    return code;
}

rfd_status error_wrap(struct rfd_error *error, rfd_status code, const char *format, ...)
{
    if (error == NULL) return code;
    if (error->code == RFD_E_MEMORY) return RFD_E_MEMORY;
    int keep = error->cause_count < RFD_ERROR_CAUSES - 1 ? error->cause_count : RFD_ERROR_CAUSES - 1;
    for (int i = keep; i > 0; i--) error->causes[i] = error->causes[i - 1];
    error->causes[0].code = error->code;
    (void)snprintf(error->causes[0].detail, sizeof error->causes[0].detail, "%.*s", RFD_ERROR_CAUSE_SIZE - 1,
                   error->detail);
    trim(error->causes[0].detail, sizeof error->causes[0].detail);
    error->cause_count = keep + 1;
    error->code = code;
    va_list args;
    va_start(args, format);
    put_detail(error, format, args);
    va_end(args);
    return code;
}

rfd_status error_memory(struct rfd_error *error)
{
    return error_set(error, RFD_E_MEMORY, NULL);
}

void error_clear(struct rfd_error *error)
{
    if (error != NULL) *error = RFD_ERROR_INIT;
}
