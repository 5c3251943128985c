/* SPDX-License-Identifier: EUPL-1.2
 *
 * libcyaml wants a schema of static tables; here they are filled from the rows, so that there is one table for all. A
 * value is read as text or list into the raw_value of its row; a section is a mapping over the rows of that section.
 */
#include "settings/settings_load.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/line.h"

#include <cyaml/cyaml.h>
#include <stddef.h>
#include <stdio.h>

struct schema {
    cyaml_schema_field_t fields[SETTINGS_ROWS_MAXIMUM + SETTINGS_SECTIONS_MAXIMUM + 1]; /* of the file */
    cyaml_schema_field_t inner[SETTINGS_ROWS_MAXIMUM + SETTINGS_SECTIONS_MAXIMUM];      /* of sections, each ended */
    cyaml_schema_value_t top;
    struct buf complaint;
    cyaml_config_t config;
};

static const cyaml_schema_value_t list_entry = {
    .type = CYAML_STRING, .flags = CYAML_FLAG_POINTER, .data_size = 1, .string = {0, SETTINGS_VALUE_MAXIMUM}};

static const cyaml_schema_field_t token_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct raw_token, name, 1, SETTINGS_NAME_SIZE - 1),
    CYAML_FIELD_STRING_PTR("module", CYAML_FLAG_POINTER, struct raw_token, module, 1, SETTINGS_VALUE_MAXIMUM),
    CYAML_FIELD_STRING_PTR("token", CYAML_FLAG_POINTER, struct raw_token, token, 1, SETTINGS_VALUE_MAXIMUM),
    CYAML_FIELD_STRING_PTR("pin_file", CYAML_FLAG_POINTER, struct raw_token, pin_file, 1, SETTINGS_VALUE_MAXIMUM),
    CYAML_FIELD_BOOL("network", CYAML_FLAG_OPTIONAL, struct raw_token, network),
    CYAML_FIELD_END};
static const cyaml_schema_value_t token_entry = {.type = CYAML_MAPPING,
                                                 .flags = CYAML_FLAG_DEFAULT,
                                                 .data_size = sizeof(struct raw_token),
                                                 .mapping = {token_fields}};

static cyaml_schema_field_t field_of(size_t row, size_t base)
{
    const struct setting_row *r = &setting_rows[row];
    size_t at = row * sizeof(struct raw_value) - base;
    bool is_list = r->kind == SETTING_LIST || r->kind == SETTING_ADDRESSES || r->kind == SETTING_TOKENS;
    cyaml_schema_field_t field = {.key = r->name,
                                  .data_offset = (uint32_t)at,
                                  .count_offset = (uint32_t)(at + offsetof(struct raw_value, count)),
                                  .count_size = sizeof(uint32_t)};
    if (is_list) {
        const cyaml_schema_value_t *entry = r->kind == SETTING_TOKENS ? &token_entry : &list_entry;
        field.value =
            (cyaml_schema_value_t){.type = CYAML_SEQUENCE,
                                   .flags = CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL,
                                   .data_size = r->kind == SETTING_TOKENS ? sizeof(struct raw_token) : sizeof(char *),
                                   .sequence = {entry, 0, SETTINGS_LIST}};
    } else {
        field.value = (cyaml_schema_value_t){.type = CYAML_STRING,
                                             .flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                                             .data_size = 1,
                                             .string = {0, SETTINGS_VALUE_MAXIMUM}};
    }
    return field;
}

/** Adds the fields of one section, as a mapping at its own place or, without a name, one by one. */
static void add_section(struct schema *s, const char *name, size_t *used, size_t *used_inside)
{
    size_t first = 0;
    while (first < setting_row_count && strcmp(setting_rows[first].section, name) != 0) first++;
    size_t end = first;
    bool alone = name[0] == '\0';
    size_t base = alone ? 0 : first * sizeof(struct raw_value);
    cyaml_schema_field_t *to = alone ? &s->fields[*used] : &s->inner[*used_inside];
    for (; end < setting_row_count && strcmp(setting_rows[end].section, name) == 0; end++)
        to[end - first] = field_of(end, base);
    if (alone) {
        *used += end - first;
        return;
    }
    *used_inside += end - first + 1;
    s->fields[(*used)++] =
        (cyaml_schema_field_t){.key = name,
                               .data_offset = (uint32_t)base,
                               .value = {.type = CYAML_MAPPING,
                                         .flags = CYAML_FLAG_OPTIONAL,
                                         .data_size = (uint32_t)((end - first) * sizeof(struct raw_value)),
                                         .mapping = {to}}};
}

/** What libcyaml complains about comes in several lines, the innermost place first. */
static void take_complaint(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct buf *b = context;
    char line[512];
    (void)level;
    int length = vsnprintf(line, sizeof line, format, arguments);
    if (length <= 0) return;
    if (b->length > 0) buf_put_text(b, "; ");
    for (const char *at = line + strspn(line, " "); *at != '\0'; at++) {
        if (*at != '\n') buf_put_byte(b, (uint8_t)*at);
    }
}

static void make_schema(struct schema *s)
{
    size_t used = 0;
    size_t used_inside = 0;
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < setting_section_count; i++) add_section(s, setting_sections[i].name, &used, &used_inside);
    s->top = (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                    .flags = CYAML_FLAG_POINTER,
                                    .data_size = sizeof(struct raw_settings),
                                    .mapping = {s->fields}};
    buf_init(&s->complaint, SETTINGS_VALUE_MAXIMUM);
    s->config = (cyaml_config_t){.log_fn = take_complaint,
                                 .log_ctx = &s->complaint,
                                 .mem_fn = cyaml_mem,
                                 .log_level = CYAML_LOG_ERROR,
                                 .flags = CYAML_CFG_NO_ALIAS};
}

rfd_status settings_load(slice text, struct raw_settings **out, struct rfd_error *error)
{
    struct schema schema;
    void *raw = NULL;
    rfd_status status = RFD_OK;
    make_schema(&schema);
    cyaml_err_t result = cyaml_load_data(text.data, text.length, &schema.config, &schema.top, &raw, NULL);
    if (result == CYAML_OK)
        *out = raw;
    else if (result == CYAML_ERR_OOM)
        status = error_memory(error);
    else
        status = error_set(error, RFD_E_SETTINGS, "%s: %.*s", cyaml_strerror(result), (int)schema.complaint.length,
                           schema.complaint.length == 0 ? "" : (const char *)schema.complaint.data);
    buf_dispose(&schema.complaint);
    return status;
}

void settings_unload(struct raw_settings *raw)
{
    struct schema schema;
    if (raw == NULL) return;
    make_schema(&schema);
    (void)cyaml_free(&schema.config, &schema.top, raw, 0);
    buf_dispose(&schema.complaint);
}

/* ---- Lines ---- */

static bool line_is_key(slice line, const char *name)
{
    size_t length = strlen(name);
    return slice_starts(line, slice_text(name)) && line.length > length && line.data[length] == ':';
}

unsigned settings_line(slice text, const char *section, const char *name)
{
    bool inside = section[0] == '\0';
    for (unsigned number = 1; text.length > 0; number++) {
        slice line = line_next(&text);
        size_t blanks = 0;
        while (blanks < line.length && line.data[blanks] == ' ') blanks++;
        bool at_margin = blanks == 0 && line.length > 0 && line.data[0] != '#';
        if (section[0] != '\0' && at_margin) inside = line_is_key(line, section);
        bool depth_fits = section[0] == '\0' ? blanks == 0 : blanks > 0;
        if (inside && depth_fits && line_is_key(slice_from(line, blanks), name)) return number;
    }
    return 0;
}
