/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/event.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <unistd.h>

/** A value of our own: letters, digits and hyphens. */
static void put_word(struct buf *b, const char *before, const char *value)
{
    buf_put_text(b, before);
    buf_put_text(b, value);
    buf_put_byte(b, '"');
}

/** A value that may have anything in it. */
static void put_text(struct buf *b, const char *before, const char *value)
{
    struct buf safe;
    buf_init(&safe, KEEPER_EVENT_MAXIMUM);
    text_put_printable(&safe, slice_text(value));
    buf_put_text(b, before);
    for (size_t i = 0; i < safe.length; i++) {
        if (safe.data[i] == '"' || safe.data[i] == '\\') buf_put_byte(b, '\\');
        buf_put_byte(b, safe.data[i]);
    }
    buf_put_byte(b, '"');
    buf_dispose(&safe);
}

void keeper_event_put(struct buf *b, const struct keeper_event *event)
{
    char time[CLOCK_TEXT_SIZE];
    put_word(b, "{\"time\":\"", clock_iso(event->time, time));
    put_word(b, ",\"sender\":\"", keeper_sender_name(event->sender));
    put_word(b, ",\"operation\":\"", event->operation);
    if (event->key[0] != '\0') put_text(b, ",\"key\":\"", event->key);
    if (event->uses > 0) {
        buf_put_text(b, ",\"uses\":");
        buf_put_unsigned(b, event->uses);
    }
    put_word(b, ",\"status\":\"", event->status == RFD_OK ? "ok" : rfd_status_name(event->status));
    if (event->detail[0] != '\0') put_text(b, ",\"detail\":\"", event->detail);
    buf_put_text(b, "}\n");
}

rfd_status keeper_event_send(int descriptor, slice lines, struct rfd_error *error)
{
    while (lines.length > 0) {
        ssize_t written = write(descriptor, lines.data, lines.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "audit");
        lines = slice_from(lines, (size_t)written);
    }
    return RFD_OK;
}

rfd_status keeper_event_write(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    const int *descriptor = context;
    struct buf b;
    buf_init(&b, KEEPER_EVENT_MAXIMUM);
    keeper_event_put(&b, event);
    rfd_status status = buf_check(&b, "audit", error);
    if (status == RFD_OK) status = keeper_event_send(*descriptor, buf_slice(&b), error);
    buf_dispose(&b);
    return status;
}
