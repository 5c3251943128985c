/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/font_lines.h"

#include "base/memory.h"

enum { TEXT_MAXIMUM = 160, GLYPHS_MAXIMUM = 160 };

/** FNV-1a. */
static size_t place_of(const struct font_line_key *key)
{
    uint32_t hash = UINT32_C(0x811c9dc5) ^ (uint32_t)key->style ^ (uint32_t)(key->base + 1) << 4;
    for (size_t i = 0; i < key->text.length; i++) hash = (hash ^ key->text.data[i]) * UINT32_C(0x01000193);
    return (hash ^ hash >> 16) % FONT_LINES_COUNT;
}

bool font_lines_find(const struct font_lines *lines, const struct font_line_key *key, struct arena *arena,
                     struct shaped *out)
{
    if (key->text.length == 0 || key->text.length > TEXT_MAXIMUM) return false;
    const struct font_line *line = &lines->lines[place_of(key)];
    if (line->key.style != key->style || line->key.base != key->base || !slice_equal(line->key.text, key->text))
        return false;
    struct glyph *glyphs = arena_allocate(arena, line->shaped.count * sizeof *glyphs);
    if (glyphs == NULL) return false;
    memcpy(glyphs, line->shaped.glyphs, line->shaped.count * sizeof *glyphs);
    *out = line->shaped;
    out->text = key->text;
    out->glyphs = glyphs;
    return true;
}

static void dispose_line(struct font_line *line)
{
    memory_free((void *)(uintptr_t)line->key.text.data);
    memory_free((void *)(uintptr_t)line->shaped.glyphs);
    *line = (struct font_line){0};
}

void font_lines_keep(struct font_lines *lines, const struct font_line_key *key, const struct shaped *shaped)
{
    if (key->text.length == 0 || key->text.length > TEXT_MAXIMUM || shaped->count > GLYPHS_MAXIMUM) return;
    uint8_t *text = memory_copy(key->text.data, key->text.length);
    struct glyph *glyphs = memory_copy(shaped->glyphs, shaped->count * sizeof *glyphs);
    if (text == NULL || glyphs == NULL) {
        memory_free(text);
        memory_free(glyphs);
        return;
    }
    struct font_line *line = &lines->lines[place_of(key)];
    dispose_line(line);
    line->key = *key;
    line->key.text = slice_of(text, key->text.length);
    line->shaped = *shaped;
    line->shaped.text = line->key.text;
    line->shaped.glyphs = glyphs;
}

void font_lines_dispose(struct font_lines *lines)
{
    for (size_t i = 0; i < FONT_LINES_COUNT; i++) dispose_line(&lines->lines[i]);
}
