/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda fields.
 */
#include "cli/command.h"
#include "cli/document.h"
#include "cli/safe_text.h"

static json_t *field_json(const struct rfd_field_info *f)
{
    return json_pack("{s:o, s:o, s:b, s:b, s:o, s:o, s:I}", "name", safe_json(f->name), "type", safe_json(f->type),
                     "signature", f->is_signature, "signed", f->is_signed, "lock", safe_json(f->lock), "seed_values",
                     safe_json(f->seed_values), "object", (json_int_t)f->object);
}

static void print_demand(const char *label, const char *text)
{
    if (*text == '\0') return;
    (void)printf("; %s: ", label);
    safe_print(stdout, text);
}

static void print_field(const struct rfd_field_info *f)
{
    const char *state = !f->is_signature ? f->type : f->is_signed ? tr(N_("signed")) : tr(N_("empty signature field"));
    (void)printf("  %s", style_on(stdout, STYLE_BOLD));
    safe_print(stdout, f->name);
    (void)printf("%s  ", style_on(stdout, STYLE_PLAIN));
    safe_print(stdout, state);
    print_demand(tr(N_("locks")), f->lock);
    print_demand(tr(N_("demands")), f->seed_values);
    (void)fputc('\n', stdout);
}

static rfd_status show_fields(struct rfd_document *document, const char *path, json_t *json, struct rfd_error *error)
{
    const struct rfd_field_info *fields;
    size_t count;
    rfd_status status = rfd_document_fields(document, &fields, &count, error);
    if (status != RFD_OK) return status;
    json_t *list = json == NULL ? NULL : json_array();
    if (json == NULL) {
        safe_print(stdout, path);
        (void)fputs(": ", stdout);
        (void)printf(tr_count("%zu field\n", "%zu fields\n", count), count);
    }
    for (int signatures = 1; signatures >= 0; signatures--) {
        for (size_t i = 0; i < count; i++) {
            if (fields[i].is_signature != (signatures == 1)) continue;
            if (json == NULL)
                print_field(&fields[i]);
            else
                (void)json_array_append_new(list, field_json(&fields[i]));
        }
    }
    if (json != NULL) (void)json_object_set_new(json, "fields", list);
    return RFD_OK;
}

int run_fields(const struct arguments *a)
{
    return document_each(a, show_fields);
}
