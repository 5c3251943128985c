/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/fonts.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/source.h"
#include "print/font_family.h"

#include <assert.h>

enum { FILE_MAXIMUM = 32 << 20 };

const hb_buffer_flags_t fonts_buffer_flags =
    HB_BUFFER_FLAG_REMOVE_DEFAULT_IGNORABLES | HB_BUFFER_FLAG_DO_NOT_INSERT_DOTTED_CIRCLE;

/** A copy of a file's bytes, owned by the caller. */
static rfd_status read_file(const char *path, uint8_t **out, size_t *length, struct rfd_error *error)
{
    struct source *source = NULL;
    slice bytes;
    rfd_status status = source_open_file(path, &source, error);
    if (status != RFD_OK) return status;
    if (source_size(source) == 0 || source_size(source) > FILE_MAXIMUM) {
        status = error_set(error, RFD_E_FONT, "%s: empty or more than %d bytes", path, (int)FILE_MAXIMUM);
        goto out;
    }
    TRY_OUT(source_view(source, 0, source_size(source), &bytes, error));
    *out = memory_copy(bytes.data, bytes.length);
    *length = bytes.length;
    if (*out == NULL) status = error_memory(error);
out:
    source_close(source);
    return status;
}

static rfd_status load_file(struct fonts *fonts, const char *path, struct rfd_error *error)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    if (fonts->count == FONT_FACES_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "more than %d fonts", (int)FONT_FACES_MAXIMUM - FONT_FAMILY_COUNT);
    TRY(read_file(path, &bytes, &length, error));
    rfd_status status = font_face_load(&fonts->faces[fonts->count], slice_of(bytes, length), bytes, error);
    if (status == RFD_E_FONT) status = error_wrap(error, status, "%s", path);
    if (status == RFD_OK) fonts->count++;
    return status;
}

static rfd_status load(struct fonts *fonts, const char *const *files, struct rfd_error *error)
{
    for (size_t i = 0; i < FONT_FAMILY_COUNT; i++) {
        TRY(font_face_load(&fonts->faces[fonts->count], font_family[i], NULL, error));
        fonts->count++;
    }
    for (size_t i = 0; files != NULL && files[i] != NULL; i++) TRY(load_file(fonts, files[i], error));
    return RFD_OK;
}

rfd_status fonts_new(const char *const *files, struct fonts **out, struct rfd_error *error)
{
    struct fonts *fonts = memory_zeroed(1, sizeof *fonts);
    if (fonts == NULL || pthread_mutex_init(&fonts->lock, NULL) != 0) {
        memory_free(fonts);
        return error_memory(error);
    }
    rfd_status status = load(fonts, files, error);
    if (status != RFD_OK) {
        fonts_free(fonts);
        return status;
    }
    *out = fonts;
    return RFD_OK;
}

void fonts_free(struct fonts *fonts)
{
    if (fonts == NULL) return;
    for (size_t i = 0; i < fonts->count; i++) font_face_dispose(&fonts->faces[i]);
    for (size_t i = 0; i < fonts->buffer_count; i++) hb_buffer_destroy(fonts->buffers[i]);
    font_programs_dispose(&fonts->programs);
    font_lines_dispose(&fonts->lines);
    pthread_mutex_destroy(&fonts->lock);
    memory_free(fonts);
}

struct font_metrics fonts_metrics(const struct fonts *fonts, enum font_style style)
{
    assert(style < FONT_STYLE_COUNT);
    const struct font_face *f = &fonts->faces[style];
    return (struct font_metrics){f->ascent, f->descent, f->cap_height};
}

hb_buffer_t *fonts_take_buffer(struct fonts *fonts)
{
    hb_buffer_t *buffer = NULL;
    pthread_mutex_lock(&fonts->lock);
    if (fonts->buffer_count > 0) buffer = fonts->buffers[--fonts->buffer_count];
    pthread_mutex_unlock(&fonts->lock);
    if (buffer == NULL) buffer = hb_buffer_create();
    hb_buffer_set_flags(buffer, fonts_buffer_flags);
    return buffer;
}

/** A buffer that met a long line or a failure is not kept. */
void fonts_give_buffer(struct fonts *fonts, hb_buffer_t *buffer)
{
    enum { KEPT_LENGTH = 1024 };
    bool keep = hb_buffer_allocation_successful(buffer) && hb_buffer_get_length(buffer) <= KEPT_LENGTH;
    hb_buffer_reset(buffer);
    pthread_mutex_lock(&fonts->lock);
    if (keep && fonts->buffer_count < FONT_BUFFERS_MAXIMUM) {
        fonts->buffers[fonts->buffer_count++] = buffer;
        buffer = NULL;
    }
    pthread_mutex_unlock(&fonts->lock);
    hb_buffer_destroy(buffer);
}

bool font_is_ignorable(uint32_t c)
{
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0x34F;
}
