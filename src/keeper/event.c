/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/event.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <unistd.h>

enum { LINE_MAXIMUM = 4096 };

static void put_member(struct buf *b, const char *name, const char *value)
{
    struct buf safe;
    buf_init(&safe, LINE_MAXIMUM);
    text_put_printable(&safe, slice_text(value));
    buf_print(b, ",\"%s\":\"", name);
    for (size_t i = 0; i < safe.length; i++) {
        if (safe.data[i] == '"' || safe.data[i] == '\\') buf_put_byte(b, '\\');
        buf_put_byte(b, safe.data[i]);
    }
    buf_put_byte(b, '"');
    buf_dispose(&safe);
}

static rfd_status write_line(int fd, slice line, struct rfd_error *error)
{
    while (line.length > 0) {
        ssize_t written = write(fd, line.data, line.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "audit");
        line = slice_from(line, (size_t)written);
    }
    return RFD_OK;
}

rfd_status keeper_event_write(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    const int *descriptor = context;
    char time[CLOCK_TEXT_SIZE];
    struct buf b;
    buf_init(&b, LINE_MAXIMUM);
    buf_print(&b, "{\"time\":\"%s\"", clock_iso(event->time, time));
    put_member(&b, "sender", keeper_sender_name(event->sender));
    put_member(&b, "operation", event->operation);
    if (event->key[0] != '\0') put_member(&b, "key", event->key);
    if (event->uses > 0) buf_print(&b, ",\"uses\":%llu", (unsigned long long)event->uses);
    put_member(&b, "status", event->status == RFD_OK ? "ok" : rfd_status_name(event->status));
    if (event->detail[0] != '\0') put_member(&b, "detail", event->detail);
    buf_put_text(&b, "}\n");
    rfd_status status = buf_check(&b, "audit", error);
    if (status == RFD_OK) status = write_line(*descriptor, buf_slice(&b), error);
    buf_dispose(&b);
    return status;
}
