/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/active_content.h"

#include "base/i18n.h"

/** Actions that run something, by /S (ISO 32000-2 §12.6.4 table 201). */
static const struct {
    const char *type;
    const char *text;
} active_actions[] = {
    {"JavaScript", N_("JavaScript")},       {"Launch", N_("launch action")},
    {"ImportData", N_("import action")},    {"SubmitForm", N_("form submission")},
    {"URI", N_("web link on opening")},     {"GoToR", N_("remote document on opening")},
    {"RichMediaExecute", N_("rich media")},
};

struct collector {
    const char **out;
    size_t count;
};

static void add(struct collector *c, const char *text)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->out[i] == text) return;
    }
    if (c->count + 1 < ACTIVE_CONTENT_MAXIMUM) c->out[c->count++] = text;
}

static void look_at_action(struct pdf_view *view, const struct pdf_value *action, struct collector *c)
{
    const struct pdf_value *type = pdf_get(view, action, "S");
    for (size_t i = 0; i < sizeof active_actions / sizeof active_actions[0]; i++) {
        if (pdf_is_name(type, active_actions[i].type)) add(c, active_actions[i].text);
    }
}

static void look_at_additional_actions(struct pdf_view *view, const struct pdf_value *actions, struct collector *c)
{
    const struct pdf_entry *entries = pdf_entries(actions);
    for (uint32_t i = 0; entries != NULL && i < actions->count; i++) {
        look_at_action(view, pdf_resolve(view, &entries[i].value), c);
    }
}

static bool hides_layers(struct pdf_view *view, const struct pdf_value *properties)
{
    const struct pdf_value *configuration = pdf_get(view, properties, "D");
    const struct pdf_value *off = pdf_get(view, configuration, "OFF");
    return pdf_is_name(pdf_get(view, configuration, "BaseState"), "OFF") || (off->kind == PDF_ARRAY && off->count > 0);
}

size_t active_content_find(struct pdf_view *view, const char *out[ACTIVE_CONTENT_MAXIMUM])
{
    struct collector c = {.out = out};
    const struct pdf_value *catalog = pdf_catalog(view);
    look_at_action(view, pdf_get(view, catalog, "OpenAction"), &c);
    look_at_additional_actions(view, pdf_get(view, catalog, "AA"), &c);
    const struct pdf_value *names = pdf_get(view, catalog, "Names");
    if (pdf_entries(pdf_get(view, names, "JavaScript")) != NULL) add(&c, active_actions[0].text);
    if (pdf_entries(pdf_get(view, names, "EmbeddedFiles")) != NULL) add(&c, N_("embedded file"));
    if (hides_layers(view, pdf_get(view, catalog, "OCProperties"))) add(&c, N_("hidden layers"));
    out[c.count] = NULL;
    return c.count;
}
