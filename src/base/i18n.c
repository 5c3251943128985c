/* SPDX-License-Identifier: EUPL-1.2
 *
 * A .mo file is two tables of {length, offset}, sorted by key, over zero-terminated strings. It is checked once on
 * opening; a look-up is then a binary search.
 */
#include "base/i18n.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/source.h"

#include <fcntl.h>
#include <unistd.h>

enum { FILE_MAXIMUM = 4 << 20, HEADER_SIZE = 28 };
#define MAGIC UINT32_C(0x950412de)

struct i18n_catalogue {
    struct source *source;
    slice bytes;
    uint32_t count, keys, values;
};

static uint32_t word(slice bytes, size_t at)
{
    uint32_t value;
    memcpy(&value, bytes.data + at, sizeof value);
    return value;
}

/** The string of entry `i` of a table; its terminating zero was checked on opening. */
static const char *text_at(const struct i18n_catalogue *c, uint32_t table, uint32_t i)
{
    return (const char *)c->bytes.data + word(c->bytes, table + (size_t)i * 8 + 4);
}

static bool table_is_sound(const struct i18n_catalogue *c, uint32_t table)
{
    if (table > c->bytes.length || (uint64_t)c->count * 8 > c->bytes.length - table) return false;
    for (uint32_t i = 0; i < c->count; i++) {
        uint64_t length = word(c->bytes, table + (size_t)i * 8);
        uint64_t offset = word(c->bytes, table + (size_t)i * 8 + 4);
        if (offset + length >= c->bytes.length || c->bytes.data[offset + length] != 0) return false;
    }
    return true;
}

rfd_status i18n_open(const char *path, struct i18n_catalogue **out, struct rfd_error *error)
{
    struct i18n_catalogue *c = memory_zeroed(1, sizeof *c);
    if (c == NULL) return error_memory(error);
    rfd_status status;
    TRY_OUT(source_open_file(path, &c->source, error));
    if (source_size(c->source) < HEADER_SIZE || source_size(c->source) > FILE_MAXIMUM) {
        status = error_set(error, RFD_E_ARGUMENT, "%s: not a message catalogue", path);
        goto out;
    }
    TRY_OUT(source_view(c->source, 0, source_size(c->source), &c->bytes, error));
    c->count = word(c->bytes, 8);
    c->keys = word(c->bytes, 12);
    c->values = word(c->bytes, 16);
    if (word(c->bytes, 0) != MAGIC || !table_is_sound(c, c->keys) || !table_is_sound(c, c->values))
        status = error_set(error, RFD_E_ARGUMENT, "%s: not a message catalogue", path);
out:
    if (status == RFD_OK)
        *out = c;
    else
        i18n_close(c);
    return status;
}

void i18n_close(struct i18n_catalogue *c)
{
    if (c == NULL) return;
    source_close(c->source);
    memory_free(c);
}

/** The value with its inner zeros, empty when there is none. */
static slice find(const struct i18n_catalogue *c, const char *message)
{
    uint32_t low = 0;
    uint32_t high = c->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(message, text_at(c, c->keys, middle));
        if (order == 0) return slice_of(text_at(c, c->values, middle), word(c->bytes, c->values + (size_t)middle * 8));
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return SLICE_EMPTY;
}

const char *i18n_get(const struct i18n_catalogue *c, const char *message)
{
    if (c == NULL || *message == '\0') return message;
    slice found = find(c, message);
    return found.length == 0 || *found.data == '\0' ? message : (const char *)found.data;
}

const char *i18n_count(const struct i18n_catalogue *c, const char *one, const char *many, uint64_t n)
{
    /* A plural entry's key is "one\0many": strcmp() sees its first half only. Its value is the forms in order. */
    slice found = c == NULL ? SLICE_EMPTY : find(c, one);
    size_t first = found.length == 0 ? 0 : strlen((const char *)found.data);
    if (first == 0 || first >= found.length) return n == 1 ? one : many;
    return (const char *)found.data + (n == 1 ? 0 : first + 1);
}

const char *i18n_environment_language(char language[I18N_LANGUAGE_SIZE])
{
    static const char *const variables[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = NULL;
    for (size_t i = 0; i < sizeof variables / sizeof *variables && (value == NULL || *value == '\0'); i++)
        value = getenv(variables[i]);
    if (value == NULL || *value == '\0') value = "es";
    size_t length = strcspn(value, "_.@:-/");
    slice asked = slice_of(value, length);
    if (length == 0 || length >= I18N_LANGUAGE_SIZE || slice_is(asked, "C") || slice_is(asked, "POSIX")) {
        value = "en";
        length = 2;
    }
    memcpy(language, value, length);
    language[length] = '\0';
    return language;
}
