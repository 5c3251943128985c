/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "openapi_check.h"

#include <stdio.h>
#include <string.h>

static const json_t *schema_of(const json_t *openapi, const json_t *schema)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    if (reference == NULL) return schema;
    const json_t *schemas = json_object_get(json_object_get(openapi, "components"), "schemas");
    const json_t *found = json_object_get(schemas, strrchr(reference, '/') + 1);
    if (found == NULL) fail_msg("%s is not there", reference);
    return found;
}

static void object_matches(const json_t *openapi, const json_t *schema, json_t *value, const char *where)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *member;
    size_t i;
    json_array_foreach(json_object_get(schema, "required"), i, member)
    {
        if (json_object_get(value, json_string_value(member)) == NULL)
            fail_msg("%s has no %s", where, json_string_value(member));
    }
    json_object_foreach(value, name, member)
    {
        const json_t *known = json_object_get(properties, name);
        if (known != NULL)
            openapi_matches(openapi, known, member, name);
        else if (json_is_false(json_object_get(schema, "additionalProperties")))
            fail_msg("%s has %s, which is not described", where, name);
    }
}

static bool is_one_of(const json_t *all, const json_t *value)
{
    size_t i;
    json_t *one;
    json_array_foreach(all, i, one) if (json_equal(one, value)) return true;
    return false;
}

static void text_matches(const json_t *schema, const json_t *value, const char *where)
{
    const char *format = json_string_value(json_object_get(schema, "format"));
    const json_t *all = json_object_get(schema, "enum");
    rfd_time moment;
    if (!json_is_string(value)) fail_msg("%s is no text", where);
    if (all != NULL && !is_one_of(all, value)) fail_msg("%s is \"%s\"", where, json_string_value(value));
    if (format != NULL && strcmp(format, "date-time") == 0 &&
        !clock_parse_iso(slice_text(json_string_value(value)), &moment))
        fail_msg("%s is no moment: %s", where, json_string_value(value));
}

void openapi_matches(const json_t *openapi, const json_t *schema, const json_t *value, const char *where)
{
    schema = schema_of(openapi, schema);
    const char *type = json_string_value(json_object_get(schema, "type"));
    assert_non_null(type);
    if (strcmp(type, "object") == 0) {
        if (!json_is_object(value)) fail_msg("%s is no object", where);
        object_matches(openapi, schema, (json_t *)(uintptr_t)value, where);
    } else if (strcmp(type, "array") == 0) {
        if (!json_is_array(value)) fail_msg("%s is no list", where);
        for (size_t i = 0; i < json_array_size(value); i++)
            openapi_matches(openapi, json_object_get(schema, "items"), json_array_get(value, i), where);
    } else if (strcmp(type, "string") == 0) {
        text_matches(schema, value, where);
    } else {
        bool fits = strcmp(type, "integer") == 0 ? json_is_integer(value) : json_is_boolean(value);
        if (!fits) fail_msg("%s is no %s", where, type);
    }
}

const json_t *openapi_described(const json_t *openapi, const char *path, const char *method, int status)
{
    char code[8];
    (void)snprintf(code, sizeof code, "%d", status);
    const json_t *operation = json_object_get(json_object_get(json_object_get(openapi, "paths"), path), method);
    const json_t *answer = json_object_get(json_object_get(operation, "responses"), code);
    if (answer == NULL) fail_msg("%s %s: %d is not described", method, path, status);
    const json_t *content = json_object_get(answer, "content");
    return json_object_get(json_object_iter_value(json_object_iter((json_t *)(uintptr_t)content)), "schema");
}
