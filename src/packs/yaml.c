/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/yaml.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/source.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>

/* ---- What libcyaml says ----
 *
 * It tells of a mistake in several calls: first what is wrong, then where, from the inside outwards
 * ("  in mapping field 'days' (line: 3, column: 8)"). The first of each is what people need. */

enum { SAYING_SIZE = 200 };
struct sayings {
    char wrong[SAYING_SIZE];
    unsigned line;
};

static void note_line(struct sayings *s, const char *text)
{
    const char *at = strstr(text, "(line: ");
    if (s->line != 0 || at == NULL) return;
    for (at += 7; *at >= '0' && *at <= '9' && s->line < 100000; at++) s->line = s->line * 10 + (unsigned)(*at - '0');
}

static void listen(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct sayings *s = context;
    char text[SAYING_SIZE];
    (void)level;
    (void)vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = '\0';
    const char *said = strncmp(text, "Load: ", 6) == 0 ? text + 6 : text;
    if (s->wrong[0] == '\0') (void)snprintf(s->wrong, sizeof s->wrong, "%s", said);
    note_line(s, text);
}

static void *allocate(void *context, void *old, size_t size)
{
    (void)context;
    if (size > 0) return memory_resize(old, size);
    memory_free(old);
    return NULL;
}

static cyaml_config_t configuration(struct sayings *sayings)
{
    return (cyaml_config_t){.log_fn = sayings == NULL ? NULL : listen,
                            .log_ctx = sayings,
                            .mem_fn = allocate,
                            .log_level = CYAML_LOG_WARNING,
                            .flags = CYAML_CFG_NO_ALIAS};
}

/* ---- Lines ---- */

/* Whether the line has `key:` somewhere and `at` behind it. */
static bool is_there(slice line, const char *key, const char *at)
{
    const uint8_t *from = line.data;
    size_t left = line.length;
    if (key != NULL) {
        char wanted[64];
        int length = snprintf(wanted, sizeof wanted, "%s:", key);
        const uint8_t *found = left == 0 ? NULL : memmem(from, left, wanted, (size_t)length);
        if (found == NULL) return false;
        left -= (size_t)(found - from) + (size_t)length;
        from = found + length;
    }
    return at[0] == '\0' || (left > 0 && memmem(from, left, at, strlen(at)) != NULL);
}

static unsigned find_line(slice text, const char *key, const char *at)
{
    unsigned number = 1;
    while (text.length > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.data);
        if (is_there(slice_part(text, 0, length), key, at)) return number;
        text = slice_from(text, length + 1);
        number++;
    }
    return 1;
}

/* ---- Reading ---- */

static rfd_status load(struct yaml_file *f, rfd_status code, struct rfd_error *error)
{
    struct sayings sayings = {.line = 0};
    cyaml_config_t config = configuration(&sayings);
    void *data = NULL;
    cyaml_err_t result = cyaml_load_data(f->text.data, f->text.length, &config, f->schema, &data, NULL);
    if (result == CYAML_OK && data != NULL && sayings.wrong[0] == '\0') {
        f->data = data;
        return RFD_OK;
    }
    config.log_fn = NULL;
    if (data != NULL) (void)cyaml_free(&config, f->schema, data, 0);
    if (result == CYAML_ERR_OOM) return error_memory(error);
    if (result == CYAML_OK && sayings.wrong[0] == '\0')
        return error_set(error, code, "%s:1: the file is empty", f->path);
    if (strncmp(sayings.wrong, "Unexpected key: ", 16) == 0) {
        /* It tells the line of the key before. */
        sayings.line = find_line(slice_bytes(f->text), sayings.wrong + 16, "");
    }
    if (sayings.line == 0) sayings.line = 1;
    return error_set(error, code, "%s:%u: %s", f->path, sayings.line,
                     sayings.wrong[0] == '\0' ? cyaml_strerror(result) : sayings.wrong);
}

rfd_status yaml_read_text(const char *path, slice text, const struct cyaml_schema_value *schema, rfd_status code,
                          struct yaml_file *out, struct rfd_error *error)
{
    struct yaml_file f = {.schema = schema};
    (void)snprintf(f.path, sizeof f.path, "%s", path);
    if (text.length > YAML_FILE_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%s", path);
    f.text = (rfd_bytes){memory_copy(text.data, text.length), text.length};
    if (f.text.data == NULL) return error_memory(error);
    rfd_status status = load(&f, code, error);
    if (status != RFD_OK) {
        memory_free(f.text.data);
        return status;
    }
    *out = f;
    return RFD_OK;
}

rfd_status yaml_read(const char *path, const struct cyaml_schema_value *schema, rfd_status code, struct yaml_file *out,
                     struct rfd_error *error)
{
    struct source *source = NULL;
    slice text = SLICE_EMPTY;
    rfd_status status = RFD_OK;
    TRY(source_open_file(path, &source, error));
    if (source_size(source) > YAML_FILE_MAXIMUM) {
        status = error_set(error, RFD_E_LIMIT, "%s", path);
        goto out;
    }
    TRY_OUT(source_view(source, 0, source_size(source), &text, error));
    status = yaml_read_text(path, text, schema, code, out, error);
out:
    source_close(source);
    return status;
}

void yaml_dispose(struct yaml_file *file)
{
    cyaml_config_t config = configuration(NULL);
    if (file->data != NULL) (void)cyaml_free(&config, file->schema, file->data, 0);
    memory_free(file->text.data);
    *file = (struct yaml_file){.data = NULL};
}

rfd_status yaml_complain(const struct yaml_file *file, rfd_status code, const char *key, const char *at,
                         struct rfd_error *error, const char *format, ...)
{
    char text[SAYING_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(error, code, "%s:%u: %s", file->path, find_line(slice_bytes(file->text), key, at), text);
}
