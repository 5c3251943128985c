/* SPDX-License-Identifier: EUPL-1.2
 *
 * A form as its parts read it (templates/README.md). Names are looked up outwards, so that a field says what it does
 * not have, too.
 */
#include "web/form.h"

static const struct {
    const char *flag;
    bool secret; /* never sent back */
    bool chosen;
} kinds[] = {
    [FORM_TEXT] = {"is_text", false, false},        [FORM_LONG_TEXT] = {"is_long", false, false},
    [FORM_MAIL] = {"is_mail", false, false},        [FORM_MOBILE] = {"is_mobile", false, false},
    [FORM_PASSWORD] = {"is_password", true, false}, [FORM_NEW_PASSWORD] = {"is_new_password", true, false},
    [FORM_CODE] = {"is_code", true, false},         [FORM_NUMBER] = {"is_number", false, false},
    [FORM_DAY] = {"is_day", false, false},          [FORM_CHOICE] = {"is_choice", false, true},
    [FORM_RADIO] = {"is_radio", false, true},       [FORM_TICK] = {"is_tick", false, false},
    [FORM_MANY] = {"is_many", false, true},         [FORM_FILE] = {"is_file", true, false},
    [FORM_HIDDEN] = {"is_hidden", false, false},
};

static const char *id_of(const struct page *page, const struct form_field *field)
{
    const char *id = arena_print(page->arena, "f-%s", field->name);
    return id == NULL ? field->name : id;
}

static void put_choices(const struct page *page, const char *id, const struct form_value *value, struct view *to)
{
    struct view *list = view_list(to, "choices");
    for (size_t i = 0; i < value->choice_count; i++) {
        struct view *item = view_item(list);
        view_text(item, "value", value->choices[i].value);
        view_text(item, "label", value->choices[i].label);
        view_flag(item, "selected", form_is_chosen(value, value->choices[i].value));
        view_string(item, "id", arena_print(page->arena, "%s-%zu", id, i + 1));
    }
}

/** A date field wants its own form; what is no date stays as it was typed. */
static slice shown_text(const struct page *page, const struct form_field *field, const struct form_value *value)
{
    if (kinds[field->kind].secret) return SLICE_EMPTY;
    return field->kind == FORM_DAY && value->day != RFD_TIME_NONE ? moment_iso_day(page, value->day) : value->text;
}

static const char *translated(const struct page *page, const char *message)
{
    return message == NULL || message[0] == '\0' ? "" : page_text(page, message);
}

static void put_field(const struct page *page, const struct form_field *field, const struct form_value *value,
                      struct view *to)
{
    const char *id = id_of(page, field);
    view_string(to, "name", field->name);
    view_string(to, "id", id);
    view_string(to, "label", translated(page, field->label));
    view_string(to, "hint", translated(page, field->hint));
    view_string(to, "error", translated(page, value->error));
    view_text(to, "value", shown_text(page, field, value));
    view_flag(to, "required", field->required);
    view_flag(to, "conditional", field->conditional);
    if (field->maximum > 0)
        view_number(to, "maximum", (int64_t)field->maximum);
    else
        view_flag(to, "maximum", false);
    view_string(to, "autocomplete", field->autocomplete);
    view_flag(to, "ticked", value->ticked);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) view_flag(to, kinds[k].flag, k == field->kind);
    put_choices(page, id, value, to);
}

static void put_errors(const struct page *page, const struct form *form, struct view *to)
{
    struct view *list = view_list(to, "errors");
    for (size_t i = 0; i < form->count; i++) {
        if (form->values[i].error == NULL) continue;
        struct view *item = view_item(list);
        const char *id = id_of(page, &form->fields[i]);
        const char *label = translated(page, form->fields[i].label);
        const char *message = page_text(page, form->values[i].error);
        bool boxes = form->fields[i].kind == FORM_RADIO || form->fields[i].kind == FORM_MANY;
        view_string(item, "link", arena_print(page->arena, boxes ? "#%s-1" : "#%s", id));
        view_string(item, "message", label[0] == '\0' ? message : arena_print(page->arena, "%s: %s", label, message));
    }
}

/** Fields of a group, in their order. */
static void put_group(const struct page *page, const struct form *form, const char *group, struct view *to)
{
    struct view *list = view_list(to, group);
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (field->group != NULL && strcmp(field->group, group) == 0)
            put_field(page, field, &form->values[i], view_item(list));
    }
}

static void put_groups(const struct page *page, const struct form *form, struct view *to)
{
    const char *last = NULL;
    for (size_t i = 0; i < form->count; i++) {
        const char *group = form->fields[i].group;
        bool another = group != NULL && (last == NULL || strcmp(last, group) != 0);
        if (another) put_group(page, form, group, to);
        if (another) last = group;
    }
}

void form_show(struct page *page, struct form *form)
{
    struct view *to = view_object(page->view, "form");
    view_text(to, "csrf", csrf_token(page));
    view_flag(to, "wrong", form->wrong);
    view_string(to, "error", translated(page, form->error));
    put_errors(page, form, to);
    struct view *all = view_list(to, "fields");
    for (size_t i = 0; i < form->count; i++) {
        put_field(page, &form->fields[i], &form->values[i], view_item(all));
        put_field(page, &form->fields[i], &form->values[i], view_object(to, form->fields[i].name));
    }
    put_groups(page, form, to);
}
