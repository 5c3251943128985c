/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/json_bytes.h"

#include "base/buf.h"
#include "base/error.h"

#define JSON_MAXIMUM ((size_t)256 << 20)

static int take(const char *bytes, size_t length, void *context)
{
    struct buf *b = context;
    buf_put(b, bytes, length);
    return b->status == RFD_OK ? 0 : -1;
}

rfd_status json_bytes(json_t *json, size_t flags, rfd_bytes *out, struct rfd_error *error)
{
    struct buf b;
    if (json == NULL) return error_memory(error);
    buf_init(&b, JSON_MAXIMUM);
    int failed = json_dump_callback(json, take, &b, JSON_INDENT(2) | flags);
    json_decref(json);
    rfd_status status = failed != 0 && b.status == RFD_OK ? error_memory(error) : buf_take(&b, out, error);
    buf_dispose(&b);
    return status;
}
