/* SPDX-License-Identifier: EUPL-1.2 */
#include "stories.h"

#include "world.h"

#include "../unit/pki_fixture.h"

#include <dirent.h>

enum { BLOCKS_MAXIMUM = 400, NAME_SIZE = 96, FILES_MAXIMUM = 32, PATH_SIZE = 600, DEPTH_MAXIMUM = 4 };

struct block {
    bool is_story;
    char name[NAME_SIZE];
    struct buf lines;
};
static struct {
    struct block blocks[BLOCKS_MAXIMUM];
    size_t count;
    size_t stories[BLOCKS_MAXIMUM];
    size_t story_count;
} all;

static slice take_line(slice *rest)
{
    const uint8_t *end = rest->length == 0 ? NULL : memchr(rest->data, '\n', rest->length);
    size_t length = end == NULL ? rest->length : (size_t)(end - rest->data);
    slice line = slice_part(*rest, 0, length);
    *rest = slice_from(*rest, end == NULL ? length : length + 1);
    while (line.length > 0 && line.data[0] == ' ') line = slice_from(line, 1);
    return line;
}

/* What follows the word, or an empty slice. */
static slice after(slice line, const char *word)
{
    size_t length = strlen(word);
    bool same = line.length > length && memcmp(line.data, word, length) == 0;
    return same ? slice_from(line, length) : SLICE_EMPTY;
}

static const struct block *find_world(slice name)
{
    for (size_t i = 0; i < all.count; i++) {
        if (!all.blocks[i].is_story && slice_is(name, all.blocks[i].name)) return &all.blocks[i];
    }
    world_stop(__FILE__, __LINE__, (const char *)name.data);
}

static void begin_block(slice name, bool is_story)
{
    WORLD_NEED(all.count < BLOCKS_MAXIMUM && name.length < NAME_SIZE);
    struct block *b = &all.blocks[all.count];
    *b = (struct block){.is_story = is_story};
    memcpy(b->name, name.data, name.length);
    buf_init(&b->lines, (size_t)1 << 16);
    if (is_story) all.stories[all.story_count++] = all.count;
    all.count++;
}

static void read_file(const char *path)
{
    struct buf text;
    WORLD_NEED(file_read(path, &text));
    slice rest = buf_slice(&text);
    while (rest.length > 0) {
        slice line = take_line(&rest);
        slice story = after(line, "story ");
        slice world = after(line, "world ");
        if (line.length == 0 || line.data[0] == '#') continue;
        if (story.length > 0 || world.length > 0) {
            begin_block(story.length > 0 ? story : world, story.length > 0);
            continue;
        }
        WORLD_NEED(all.count > 0);
        buf_put_slice(&all.blocks[all.count - 1].lines, line);
        buf_put_byte(&all.blocks[all.count - 1].lines, '\n');
    }
    buf_dispose(&text);
}

static int compare(const void *left, const void *right)
{
    return strcmp(left, right);
}

void stories_read(void)
{
    static char paths[FILES_MAXIMUM][PATH_SIZE];
    char folder[PATH_SIZE];
    size_t count = 0;
    (void)snprintf(folder, sizeof folder, "%s/tests/time/stories", source_root());
    DIR *d = opendir(folder);
    WORLD_NEED(d != NULL);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] == '.') continue;
        WORLD_NEED(count < FILES_MAXIMUM);
        int length = snprintf(paths[count++], PATH_SIZE, "%s/%s", folder, e->d_name);
        WORLD_NEED(length < PATH_SIZE);
    }
    (void)closedir(d);
    qsort(paths, count, sizeof paths[0], compare);
    for (size_t i = 0; i < count; i++) read_file(paths[i]);
}

void stories_free(void)
{
    for (size_t i = 0; i < all.count; i++) buf_dispose(&all.blocks[i].lines);
    all.count = all.story_count = 0;
}

size_t stories_count(void)
{
    return all.story_count;
}

const char *stories_name(size_t n)
{
    return all.blocks[all.stories[n]].name;
}

static void put_lines(struct buf *out, const struct block *b, int depth)
{
    slice rest = buf_slice(&b->lines);
    WORLD_NEED(depth < DEPTH_MAXIMUM);
    while (rest.length > 0) {
        slice line = take_line(&rest);
        slice world = after(line, "use ");
        if (world.length > 0) {
            put_lines(out, find_world(world), depth + 1);
            continue;
        }
        buf_put_slice(out, line);
        buf_put_byte(out, '\n');
    }
}

struct buf stories_text(size_t n)
{
    struct buf out;
    buf_init(&out, (size_t)1 << 18);
    put_lines(&out, &all.blocks[all.stories[n]], 0);
    buf_put_byte(&out, '\0');
    WORLD_NEED(out.status == RFD_OK);
    return out;
}
