/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading a template: from tag to tag. A line that holds nothing but one tag which shows nothing itself (a section's
 * begin or end, a comment, a partial) stands alone: neither its blanks nor its end are part of the text.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "template/code.h"

enum { TEXT_LONGEST = 4 << 20, TEXTS_LARGEST = 64 << 20, NODES = 1 << 20, NAME_PARTS = 16, NAME_LONGEST = 200 };

struct open_section {
    slice name;
    uint32_t node;
    size_t at;
};
struct reading {
    struct code *code;
    const struct code_reader *from;
    slice text;
    size_t at;        /* what comes next */
    size_t text_from; /* text that is not a node yet begins here */
    struct open_section open[CODE_DEPTH];
    size_t depth;
};

/** A tag as it stands: {{SIGIL name}}. */
struct tag {
    uint8_t sigil; /* one of "#^/!>&{", 0: none */
    slice name;    /* without blanks around */
    size_t from, end;
};

void code_init(struct code *code)
{
    *code = (struct code){.nodes = NULL};
    arena_init(&code->texts, TEXTS_LARGEST);
}

void code_dispose(struct code *code)
{
    memory_free(code->nodes);
    memory_free(code->parts);
    arena_dispose(&code->texts);
    *code = (struct code){.nodes = NULL};
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static slice trim(slice s)
{
    while (s.length > 0 && is_blank(s.data[0])) s = slice_from(s, 1);
    while (s.length > 0 && is_blank(s.data[s.length - 1])) s.length--;
    return s;
}

static rfd_status fault(const struct reading *r, size_t at, struct rfd_error *error, const char *what, slice name)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < r->text.length; i++) line += r->text.data[i] == '\n';
    struct buf shown;
    buf_init(&shown, (size_t)NAME_LONGEST * 4);
    text_put_printable(&shown, slice_part(name, 0, NAME_LONGEST));
    rfd_status status = error_set(error, RFD_E_ARGUMENT, "%s:%zu: %s%s%.*s", r->from->name, line, what,
                                  shown.length > 0 ? ": " : "", (int)shown.length, (const char *)shown.data);
    buf_dispose(&shown);
    return status;
}

/** Room for one more; `*capacity` doubles. */
static bool make_room(void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return true;
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = memory_resize(*items, wanted * size);
    if (grown == NULL) return false;
    *items = grown;
    *capacity = wanted;
    return true;
}

static rfd_status add_node(struct reading *r, const struct node *node, struct rfd_error *error)
{
    struct code *c = r->code;
    if (c->node_count >= NODES) return fault(r, r->at, error, "too long", SLICE_EMPTY);
    void *nodes = c->nodes;
    if (!make_room(&nodes, c->node_count, &c->node_capacity, sizeof *node)) return error_memory(error);
    c->nodes = nodes;
    c->nodes[c->node_count++] = *node;
    return RFD_OK;
}

static bool is_name(slice part)
{
    for (size_t i = 0; i < part.length; i++) {
        uint8_t c = part.data[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!good) return false;
    }
    return part.length > 0 && part.length <= NAME_LONGEST && part.data[0] != '_'; /* _ and _n are the messages' */
}

static rfd_status add_part(struct reading *r, slice part, struct rfd_error *error)
{
    struct code *c = r->code;
    void *parts = c->parts;
    if (!make_room(&parts, c->part_count, &c->part_capacity, sizeof *c->parts)) return error_memory(error);
    c->parts = parts;
    c->parts[c->part_count++] = (struct view_name){part, view_hash(part)};
    return RFD_OK;
}

/** A dotted name, or "." alone. */
static rfd_status add_name(struct reading *r, size_t at, slice name, struct node *node, struct rfd_error *error)
{
    node->first_part = (uint32_t)r->code->part_count;
    if (slice_is(name, ".")) return RFD_OK;
    for (slice rest = name;;) {
        const uint8_t *dot = rest.length == 0 ? NULL : memchr(rest.data, '.', rest.length);
        slice part = slice_part(rest, 0, dot == NULL ? rest.length : (size_t)(dot - rest.data));
        if (!is_name(part) || node->part_count == NAME_PARTS) return fault(r, at, error, "not a name", name);
        TRY(add_part(r, part, error));
        node->part_count++;
        if (dot == NULL) return RFD_OK;
        rest = slice_from(rest, part.length + 1);
    }
}

static bool begins_line(const struct reading *r, size_t at)
{
    return at == 0 || r->text.data[at - 1] == '\n';
}

/** What stands before `end`, since the last tag. */
static rfd_status add_text(struct reading *r, size_t end, struct rfd_error *error)
{
    if (end <= r->text_from) return RFD_OK;
    struct node node = {.kind = NODE_TEXT, .text = slice_part(r->text, r->text_from, end - r->text_from)};
    node.at_line_start = begins_line(r, r->text_from);
    return add_node(r, &node, error);
}

/** The text before a tag that is part of a line. One that begins it has an empty text before it, for the indentation
 * of a partial. */
static rfd_status add_text_before(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    TRY(add_text(r, tag->from, error));
    if (!begins_line(r, tag->from)) return RFD_OK;
    return add_node(r, &(struct node){.kind = NODE_TEXT, .at_line_start = true}, error);
}

/** Whether the tag stands alone on its line: then `*line` is where the line begins and `*next` where the next does. */
static bool stands_alone(const struct reading *r, const struct tag *tag, size_t *line, size_t *next)
{
    size_t from = tag->from;
    while (from > 0 && (r->text.data[from - 1] == ' ' || r->text.data[from - 1] == '\t')) from--;
    if (from > 0 && r->text.data[from - 1] != '\n') return false;
    size_t end = tag->end;
    while (end < r->text.length && (r->text.data[end] == ' ' || r->text.data[end] == '\t')) end++;
    if (end + 1 < r->text.length && r->text.data[end] == '\r' && r->text.data[end + 1] == '\n') end++;
    if (end < r->text.length && r->text.data[end] != '\n') return false;
    *line = from;
    *next = end < r->text.length ? end + 1 : end;
    return true;
}

/** The text before a tag that shows nothing itself. The blanks before one that stands alone are `*indent`, whose data
 * is NULL otherwise. */
static rfd_status finish_line(struct reading *r, const struct tag *tag, slice *indent, struct rfd_error *error)
{
    size_t line;
    size_t next;
    *indent = SLICE_EMPTY;
    if (stands_alone(r, tag, &line, &next)) {
        *indent = slice_part(r->text, line, tag->from - line);
        TRY(add_text(r, line, error));
        r->at = r->text_from = next;
        return RFD_OK;
    }
    TRY(add_text_before(r, tag, error));
    r->at = r->text_from = tag->end;
    return RFD_OK;
}

/** Where `what` is next, or the end of the text. */
static size_t find_next(slice text, size_t from, const char *what)
{
    size_t length = strlen(what);
    for (size_t at = from; at + length <= text.length; at++) {
        const uint8_t *first = memchr(text.data + at, what[0], text.length - at);
        if (first == NULL) break;
        at = (size_t)(first - text.data);
        if (at + length <= text.length && memcmp(first, what, length) == 0) return at;
    }
    return text.length;
}

static rfd_status read_tag(const struct reading *r, size_t from, struct tag *tag, struct rfd_error *error)
{
    slice rest = slice_from(r->text, from + 2);
    uint8_t sigil = rest.length > 0 ? rest.data[0] : 0;
    if (sigil == 0 || memchr("#^/!>&{=<$", sigil, 10) == NULL) sigil = 0;
    if (sigil == '=') return fault(r, from, error, "delimiters do not change", SLICE_EMPTY);
    if (sigil == '<' || sigil == '$') return fault(r, from, error, "templates do not inherit", SLICE_EMPTY);
    const char *close = sigil == '{' ? "}}}" : "}}";
    size_t begin = from + (sigil == 0 ? 2 : 3);
    size_t end = find_next(r->text, begin, close);
    if (end >= r->text.length) return fault(r, from, error, "this tag does not end", SLICE_EMPTY);
    *tag = (struct tag){sigil, trim(slice_part(r->text, begin, end - begin)), from, end + strlen(close)};
    return RFD_OK;
}

/** Blanks drawn together, none at the ends; appended with a zero behind it. */
static void put_message(struct buf *b, slice text)
{
    text = trim(text);
    for (size_t i = 0; i < text.length; i++) {
        if (!is_blank(text.data[i]))
            buf_put_byte(b, text.data[i]);
        else if (!is_blank(text.data[i + 1])) /* there is one: the last is none */
            buf_put_byte(b, ' ');
    }
    buf_put_byte(b, 0);
}

/** The message between a tag and the tag that closes it: no tags in it. */
static rfd_status read_message(struct reading *r, const struct tag *tag, const char *name, slice *content, size_t *end,
                               struct rfd_error *error)
{
    size_t close = find_next(r->text, tag->end, "{{");
    struct tag closing = {0};
    if (close < r->text.length) TRY(read_tag(r, close, &closing, error));
    if (closing.sigil != '/' || !slice_is(closing.name, name))
        return fault(r, tag->from, error, "a message has no tags inside and ends with its own", tag->name);
    slice text = trim(slice_part(r->text, tag->end, close - tag->end));
    if (text.length == 0 || memchr(text.data, 0, text.length) != NULL)
        return fault(r, tag->from, error, "not a message", SLICE_EMPTY);
    *content = text;
    *end = closing.end;
    return RFD_OK;
}

static rfd_status add_message(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    bool plural = tag->name.length > 1;
    struct node node = {.kind = plural ? NODE_PLURAL : NODE_MESSAGE};
    struct buf message;
    buf_init(&message, TEXT_LONGEST);
    rfd_status status;
    slice content;
    size_t end = tag->end;
    TRY_OUT(add_text_before(r, tag, error));
    TRY_OUT(read_message(r, tag, plural ? "_n" : "_", &content, &end, error));
    if (plural) {
        TRY_OUT(add_name(r, tag->from, trim(slice_from(tag->name, 2)), &node, error));
        size_t bar = find_next(content, 0, "|");
        slice many = slice_from(content, bar + 1);
        if (trim(slice_part(content, 0, bar)).length == 0 || trim(many).length == 0 ||
            memchr(many.data, '|', many.length) != NULL) {
            status = fault(r, tag->from, error, "singular and plural have one | between them", SLICE_EMPTY);
            goto out;
        }
        put_message(&message, slice_part(content, 0, bar));
        content = many;
    }
    put_message(&message, content);
    TRY_OUT(buf_check(&message, "message", error));
    node.text = arena_copy(&r->code->texts, buf_slice(&message));
    status = node.text.data == NULL ? arena_failed(&r->code->texts, error) : add_node(r, &node, error);
    r->at = r->text_from = end;
out:
    buf_dispose(&message);
    return status;
}

static bool is_message(slice name)
{
    return slice_is(name, "_") || (name.length > 2 && slice_starts(name, SLICE("_n")) && is_blank(name.data[2]));
}

static rfd_status open_section(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    slice indent;
    struct node node = {.kind = tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED};
    if (r->depth == CODE_DEPTH) return fault(r, tag->from, error, "too many sections inside each other", tag->name);
    TRY(finish_line(r, tag, &indent, error));
    TRY(add_name(r, tag->from, tag->name, &node, error));
    r->open[r->depth++] = (struct open_section){tag->name, (uint32_t)r->code->node_count, tag->from};
    return add_node(r, &node, error);
}

static rfd_status close_section(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    slice indent;
    TRY(finish_line(r, tag, &indent, error));
    if (r->depth == 0 || !slice_equal(r->open[r->depth - 1].name, tag->name))
        return fault(r, tag->from, error, "this ends a section that is not the open one", tag->name);
    r->code->nodes[r->open[--r->depth].node].end = (uint32_t)r->code->node_count;
    return RFD_OK;
}

static rfd_status add_partial(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    struct node node = {.kind = NODE_PARTIAL};
    TRY(finish_line(r, tag, &node.text, error));
    if (r->from->partial == NULL || !r->from->partial(r->from->partials, tag->name, &node.partial))
        return fault(r, tag->from, error, "no such partial", tag->name);
    return add_node(r, &node, error);
}

static rfd_status add_variable(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    struct node node = {.kind = tag->sigil == 0 ? NODE_ESCAPED : NODE_MARKUP};
    TRY(add_text_before(r, tag, error));
    TRY(add_name(r, tag->from, tag->name, &node, error));
    r->at = r->text_from = tag->end;
    return add_node(r, &node, error);
}

static rfd_status take_tag(struct reading *r, const struct tag *tag, struct rfd_error *error)
{
    slice indent;
    switch (tag->sigil) {
    case '!': return finish_line(r, tag, &indent, error);
    case '#': return is_message(tag->name) ? add_message(r, tag, error) : open_section(r, tag, error);
    case '^': return open_section(r, tag, error);
    case '/': return close_section(r, tag, error);
    case '>': return add_partial(r, tag, error);
    default: return add_variable(r, tag, error);
    }
}

rfd_status code_read(struct code *code, const struct code_reader *reader, struct rfd_error *error)
{
    struct reading r = {.code = code, .from = reader, .text = reader->text};
    if (r.text.length > TEXT_LONGEST) return fault(&r, 0, error, "too long", SLICE_EMPTY);
    for (;;) {
        struct tag tag;
        size_t next = find_next(r.text, r.at, "{{");
        if (next >= r.text.length) break;
        TRY(read_tag(&r, next, &tag, error));
        TRY(take_tag(&r, &tag, error));
    }
    if (r.depth > 0)
        return fault(&r, r.open[r.depth - 1].at, error, "this section does not end", r.open[r.depth - 1].name);
    return add_text(&r, r.text.length, error);
}
