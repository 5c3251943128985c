/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/log_state.h"

#include "base/error.h"
#include "base/number.h"
#include "base/output.h"
#include "base/source.h"

#include <unistd.h>

#define TITLE SLICE("Refrenda log state 1\n")

enum { HASH = TRANSPARENCY_HASH_SIZE, STATE_MAXIMUM = 16 << 10 };
#define MILLISECOND ((rfd_time)1000)

static bool take_line(slice *text, const char *name, slice *value)
{
    const uint8_t *end = text->length == 0 ? NULL : memchr(text->data, '\n', text->length);
    slice line = end == NULL ? SLICE_EMPTY : slice_part(*text, 0, (size_t)(end - text->data));
    if (end == NULL || !slice_starts(line, slice_text(name))) return false;
    *value = slice_from(line, strlen(name));
    *text = slice_from(*text, line.length + 1);
    return true;
}

static bool read_hash(slice text, uint8_t out[HASH])
{
    return text.length == 2 * (size_t)HASH && number_hex(text, out);
}

static bool read_base64(slice text, struct arena *a, slice *out)
{
    size_t length = 0;
    uint8_t *octets = arena_allocate(a, text.length / 4 * 3 + 3);
    if (octets == NULL || !number_base64(text, octets, &length)) return false;
    *out = slice_of(octets, length);
    return true;
}

static bool parse(slice text, struct arena *a, struct log_state *out)
{
    slice key, size, timestamp, root, algorithm, signature;
    uint64_t milliseconds = 0;
    if (text.length > STATE_MAXIMUM || !slice_starts(text, TITLE)) return false;
    text = slice_from(text, TITLE.length);
    if (!take_line(&text, "key: ", &key) || !take_line(&text, "size: ", &size) ||
        !take_line(&text, "timestamp: ", &timestamp) || !take_line(&text, "root: ", &root) ||
        !take_line(&text, "algorithm: ", &algorithm) || !take_line(&text, "signature: ", &signature))
        return false;
    if (!read_hash(key, out->key) || !number_unsigned(size, INT64_MAX, &out->head.size) ||
        !number_unsigned(timestamp, INT64_MAX / MILLISECOND, &milliseconds) || !read_hash(root, out->head.root))
        return false;
    out->head.time = (rfd_time)milliseconds * MILLISECOND;
    return text.length == 0 && read_base64(algorithm, a, &out->head.algorithm) &&
           read_base64(signature, a, &out->head.signature);
}

rfd_status log_state_parse(slice text, struct arena *a, struct log_state *out, struct rfd_error *error)
{
    struct log_state state = {.key = {0}};
    if (!parse(text, a, &state)) return error_set(error, RFD_E_IO_READ, "not what refrenda log verify writes");
    *out = state;
    return RFD_OK;
}

rfd_status log_state_read(const char *path, struct arena *a, struct log_state *out, bool *found,
                          struct rfd_error *error)
{
    struct source *source = NULL;
    slice text = SLICE_EMPTY;
    rfd_status status;
    *found = access(path, F_OK) == 0;
    if (!*found) return RFD_OK;
    TRY_OUT(source_open_file(path, &source, error));
    TRY_OUT(source_view(source, 0, source_size(source), &text, error));
    status = log_state_parse(text, a, out, error);
out:
    source_close(source);
    return status;
}

rfd_status log_state_write(const char *path, const struct log_state *state, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, STATE_MAXIMUM);
    buf_put_slice(&b, TITLE);
    buf_put_text(&b, "key: ");
    buf_put_hex(&b, slice_of(state->key, HASH), false);
    buf_print(&b, "\nsize: %llu\ntimestamp: %lld\nroot: ", (unsigned long long)state->head.size,
              (long long)(state->head.time / MILLISECOND));
    buf_put_hex(&b, slice_of(state->head.root, HASH), false);
    buf_put_text(&b, "\nalgorithm: ");
    buf_put_base64(&b, state->head.algorithm);
    buf_put_text(&b, "\nsignature: ");
    buf_put_base64(&b, state->head.signature);
    buf_put_byte(&b, '\n');
    rfd_status status = buf_check(&b, "log state", error);
    if (status == RFD_OK) status = output_whole(path, true, buf_slice(&b), error);
    buf_dispose(&b);
    return status;
}
