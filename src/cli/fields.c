/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda fields.
 */
#include "cli/command.h"
#include "cli/document.h"

static json_t *field_json(const struct rfd_field_info *f)
{
    return json_pack("{s:s, s:s, s:b, s:b, s:s, s:s, s:i}", "name", f->name, "type", f->type, "signature",
                     f->is_signature, "signed", f->is_signed, "lock", f->lock, "seed_values", f->seed_values, "object",
                     (int)f->object);
}

static void print_field(const struct rfd_field_info *f)
{
    const char *state = !f->is_signature ? f->type : f->is_signed ? tr(N_("signed")) : tr(N_("empty signature field"));
    (void)printf("  %s%s%s  %s", style_on(stdout, STYLE_BOLD), f->name, style_on(stdout, STYLE_PLAIN), state);
    if (*f->lock != '\0') (void)printf("; %s: %s", tr(N_("locks")), f->lock);
    if (*f->seed_values != '\0') (void)printf("; %s: %s", tr(N_("demands")), f->seed_values);
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
        (void)printf("%s: ", path);
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
