/* SPDX-License-Identifier: EUPL-1.2
 *
 * Texts of templates as an administrator may write them: those that are accepted render within their limits, and
 * nothing that the view's stranger wrote comes out of HTML unescaped.
 */
#include "template/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct view *make_view(struct arena *a)
{
    struct view *view = view_new(a);
    view_string(view, "a", "\x01<\x01");
    view_number(view, "n", 1);
    view_flag(view, "f", true);
    view_flag(view, "no", false);
    view_markup(view, "m", SLICE("<b>"));
    view_string(view_object(view, "o"), "a", "inside");
    struct view *list = view_list(view, "l");
    for (int i = 0; i < 3; i++) {
        struct view *item = view_item(list);
        view_number(item, "n", i);
        view_item_text(view_list(item, "l"), SLICE("\x01<\x01"));
    }
    (void)view_list(view, "e");
    return view;
}

static void render(slice text, const struct view *view, enum template_form form)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    rfd_status status = template_render_text(text, view, NULL, form, &out, NULL);
    bool marked = memmem(text.data, text.length, "\x01", 1) != NULL;
    if (form == TEMPLATE_HTML && !marked && out.length > 0 && memmem(out.data, out.length, "\x01<\x01", 3) != NULL)
        __builtin_trap();
    if (status != RFD_OK && status != RFD_E_LIMIT) __builtin_trap();
    buf_dispose(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    slice text = slice_of(data, size);
    if (size == 0 || template_check(text, NULL) != RFD_OK) return 0;
    arena_init(&a, 1 << 20);
    const struct view *view = make_view(&a);
    render(text, view, TEMPLATE_HTML);
    render(text, view, TEMPLATE_PLAIN);
    arena_dispose(&a);
    return 0;
}
