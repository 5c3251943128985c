/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rendering: a walk over the nodes with a stack of contexts. What a hostile text (a mail's, written by an
 * administrator) can make it do is bounded by steps, and by the buffer.
 */
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "template/code.h"

enum { STEPS = 1 << 23, CONTEXTS = 256, INDENT_LONGEST = 256, MESSAGE_NAME_PARTS = 8 };

struct rendering {
    const struct code_run *run;
    struct buf *out;
    const struct view_value *contexts[CONTEXTS];
    size_t context_count;
    uint8_t indents[INDENT_LONGEST];   /* of all partials that are open */
    size_t indent_from, indent_length; /* of the innermost */
    unsigned partials;
    uint32_t steps;
};

/** The first part is looked for in all contexts, the innermost first; what follows, only in what was found. */
static const struct view_value *look_up(const struct rendering *r, const struct view_name *parts, size_t count)
{
    if (count == 0) return r->contexts[r->context_count - 1];
    const struct view_value *found = NULL;
    for (size_t i = r->context_count; i-- > 0 && found == NULL;)
        if (r->contexts[i]->kind == VIEW_OBJECT) found = view_get(r->contexts[i]->view, parts);
    for (size_t i = 1; i < count && found != NULL; i++)
        found = found->kind == VIEW_OBJECT ? view_get(found->view, &parts[i]) : NULL;
    return found;
}

static const struct view_value *look_up_node(const struct rendering *r, const struct node *node)
{
    /* A template without names has no parts. */
    return look_up(r, node->part_count == 0 ? NULL : &r->run->code->parts[node->first_part], node->part_count);
}

static void put_value(const struct rendering *r, const struct view_value *value, bool may_be_markup)
{
    char number[VIEW_NUMBER_SIZE];
    if (value == NULL) return;
    slice shown = view_shown(value, number);
    bool as_is = r->run->form == TEMPLATE_PLAIN || (may_be_markup && value->kind == VIEW_MARKUP);
    if (as_is)
        buf_put_slice(r->out, shown);
    else
        text_put_markup(r->out, shown);
}

static void put_indent(const struct rendering *r)
{
    buf_put(r->out, r->indents + r->indent_from, r->indent_length);
}

/** Each line of the template begins with the indentation of the partial that it is in. */
static void put_text(const struct rendering *r, const struct node *node)
{
    if (r->indent_length == 0) {
        buf_put_slice(r->out, node->text);
        return;
    }
    if (node->at_line_start) put_indent(r);
    for (slice rest = node->text; rest.length > 0;) {
        const uint8_t *end = memchr(rest.data, '\n', rest.length);
        size_t length = end == NULL ? rest.length : (size_t)(end - rest.data) + 1;
        buf_put(r->out, rest.data, length);
        rest = slice_from(rest, length);
        if (rest.length > 0) put_indent(r);
    }
}

/** The length of "{a.b}" at the beginning of `text`, its parts in `parts`; 0 when it is something else. */
static size_t read_place(slice text, struct view_name *parts, size_t *count)
{
    size_t from = 1;
    *count = 0;
    for (size_t i = 1; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == '}' || c == '.') {
            if (i == from || *count == MESSAGE_NAME_PARTS) return 0;
            slice part = slice_part(text, from, i - from);
            parts[(*count)++] = (struct view_name){part, view_hash(part)};
            from = i + 1;
            if (c == '}') return i + 1;
        } else if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '-')) {
            return 0;
        }
    }
    return 0;
}

/** A message in the reader's words, its {name}s filled. */
static void put_message(const struct rendering *r, const char *message)
{
    for (slice rest = slice_text(message); rest.length > 0;) {
        const uint8_t *brace = memchr(rest.data, '{', rest.length);
        size_t plain = brace == NULL ? rest.length : (size_t)(brace - rest.data);
        buf_put(r->out, rest.data, plain);
        rest = slice_from(rest, plain);
        if (rest.length == 0) return;
        struct view_name parts[MESSAGE_NAME_PARTS];
        size_t count;
        size_t place = read_place(rest, parts, &count);
        if (place == 0)
            buf_put_byte(r->out, '{');
        else
            put_value(r, look_up(r, parts, count), false);
        rest = slice_from(rest, place == 0 ? 1 : place);
    }
}

/** How many, for singular and plural; of something else than a number, the plural's. */
static uint64_t number_of(const struct view_value *value)
{
    uint64_t number;
    if (value == NULL) return 0;
    if (value->kind == VIEW_NUMBER) return value->number == 1 || value->number == -1 ? 1 : 2;
    if (value->kind == VIEW_LIST) return view_count(value->view);
    return value->kind == VIEW_TEXT && number_unsigned(value->text, UINT64_MAX, &number) ? number : 0;
}

static void put_plural(const struct rendering *r, const struct node *node)
{
    const char *one = (const char *)node->text.data;
    const char *many = one + strlen(one) + 1;
    put_message(r, i18n_count(language_catalogue(r->run->language), one, many, number_of(look_up_node(r, node))));
}

static rfd_status render_nodes(struct rendering *r, uint32_t first, uint32_t end, struct rfd_error *error);

static rfd_status render_with(struct rendering *r, const struct view_value *context, uint32_t node,
                              struct rfd_error *error)
{
    if (r->context_count == CONTEXTS) return error_set(error, RFD_E_LIMIT, "sections %d deep", CONTEXTS);
    r->contexts[r->context_count++] = context;
    rfd_status status = render_nodes(r, node + 1, r->run->code->nodes[node].end, error);
    r->context_count--;
    return status;
}

static rfd_status render_section(struct rendering *r, uint32_t at, struct rfd_error *error)
{
    const struct view_value *value = look_up_node(r, &r->run->code->nodes[at]);
    if (value == NULL || !view_is_true(value)) return RFD_OK;
    if (value->kind != VIEW_LIST) return render_with(r, value, at, error);
    size_t count = view_count(value->view);
    for (size_t i = 0; i < count; i++) TRY(render_with(r, view_at(value->view, i), at, error));
    return RFD_OK;
}

static rfd_status render_inverted(struct rendering *r, uint32_t at, struct rfd_error *error)
{
    const struct node *node = &r->run->code->nodes[at];
    const struct view_value *value = look_up_node(r, node);
    return value != NULL && view_is_true(value) ? RFD_OK : render_nodes(r, at + 1, node->end, error);
}

/** One that stands alone on its line hands its indentation on, after what it was handed; another has none. */
static rfd_status render_partial(struct rendering *r, const struct node *node, struct rfd_error *error)
{
    const struct template_range *range = &r->run->templates[node->partial];
    size_t from = r->indent_from;
    size_t length = r->indent_length;
    size_t used = from + length;
    if (r->partials == CODE_DEPTH) return error_set(error, RFD_E_LIMIT, "partials %d deep", CODE_DEPTH);
    if (node->text.length > INDENT_LONGEST - used)
        return error_set(error, RFD_E_LIMIT, "partials indented by more than %d", INDENT_LONGEST);
    if (node->text.length > 0) memcpy(r->indents + used, node->text.data, node->text.length);
    if (node->text.data == NULL) r->indent_from = used;
    r->indent_length = node->text.data == NULL ? 0 : length + node->text.length;
    r->partials++;
    rfd_status status = render_nodes(r, range->first, range->end, error);
    r->partials--;
    r->indent_from = from;
    r->indent_length = length;
    return status;
}

/** One node; those of its content are done with it, too. */
static rfd_status render_node(struct rendering *r, uint32_t at, struct rfd_error *error)
{
    const struct node *node = &r->run->code->nodes[at];
    switch ((enum node_kind)node->kind) {
    case NODE_TEXT: put_text(r, node); break;
    case NODE_ESCAPED: put_value(r, look_up_node(r, node), false); break;
    case NODE_MARKUP: put_value(r, look_up_node(r, node), true); break;
    case NODE_MESSAGE: put_message(r, language_get(r->run->language, (const char *)node->text.data)); break;
    case NODE_PLURAL: put_plural(r, node); break;
    case NODE_SECTION: return render_section(r, at, error);
    case NODE_INVERTED: return render_inverted(r, at, error);
    case NODE_PARTIAL: return render_partial(r, node, error);
    }
    return RFD_OK;
}

static rfd_status render_nodes(struct rendering *r, uint32_t first, uint32_t end, struct rfd_error *error)
{
    for (uint32_t i = first; i < end;) {
        if (++r->steps > STEPS) return error_set(error, RFD_E_LIMIT, "more than %d steps", STEPS);
        if (buf_status(r->out) != RFD_OK) return buf_check(r->out, "page", error);
        TRY(render_node(r, i, error));
        const struct node *node = &r->run->code->nodes[i];
        i = node->kind == NODE_SECTION || node->kind == NODE_INVERTED ? node->end : i + 1;
    }
    return RFD_OK;
}

rfd_status code_render(const struct code_run *run, const struct template_range *range, const struct view *view,
                       struct buf *out, struct rfd_error *error)
{
    if (view_is_spoiled(view)) return error_memory(error);
    struct view_value root = {.kind = VIEW_OBJECT, .view = view};
    struct rendering r;
    r.run = run;
    r.out = out;
    r.contexts[0] = &root;
    r.context_count = 1;
    r.indent_from = 0;
    r.indent_length = 0;
    r.partials = 0;
    r.steps = 0;
    TRY(render_nodes(&r, range->first, range->end, error));
    return buf_check(out, "page", error);
}
