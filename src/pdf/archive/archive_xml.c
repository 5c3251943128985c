/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/archive/archive_xml.h"

#include "base/number.h"
#include "base/text.h"

enum { DEPTH_MAXIMUM = 64, PREFIXES_MAXIMUM = 64, ENTITY_MAXIMUM = 12, NONE = -1 };

struct reader {
    slice rest;
    struct arena *arena;
    bool no_memory;
    struct archive_property *wanted;
    int wanted_count;
    struct {
        slice prefix, uri;
    } prefixes[PREFIXES_MAXIMUM];
    size_t prefix_count;
    struct {
        slice name;
        int property; /* that its text is the value of, or NONE */
    } open[DEPTH_MAXIMUM];
    size_t depth;
    bool rooted;
};

/* --- Pieces ------------------------------------------------------------------------------------------------------ */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static slice trimmed(slice s)
{
    while (s.length > 0 && is_blank(s.data[0])) s = slice_from(s, 1);
    while (s.length > 0 && is_blank(s.data[s.length - 1])) s.length--;
    return s;
}

/** Where `end` begins, or SIZE_MAX. */
static size_t find(slice s, const char *end)
{
    size_t length = strlen(end);
    const uint8_t *at = s.length < length ? NULL : memmem(s.data, s.length, end, length);
    return at == NULL ? SIZE_MAX : (size_t)(at - s.data);
}

static bool is_name_byte(uint8_t c)
{
    return c >= 0x80 || c == '_' || c == ':' || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static slice take_name(slice *s)
{
    size_t n = 0;
    while (n < s->length && is_name_byte(s->data[n])) n++;
    slice name = slice_part(*s, 0, n);
    *s = slice_from(*s, n);
    return name;
}

/** "name = 'value'"; false at the end of the tag's text, `*fault` when it is not well-formed. */
static bool next_attribute(slice *s, slice *name, slice *value, bool *fault)
{
    *s = trimmed(*s);
    if (s->length == 0) return false;
    *name = take_name(s);
    *s = trimmed(*s);
    *fault = true;
    if (name->length == 0 || s->length < 3 || s->data[0] != '=') return false;
    *s = trimmed(slice_from(*s, 1));
    if (s->length < 2 || (s->data[0] != '"' && s->data[0] != '\'')) return false;
    const uint8_t *end = memchr(s->data + 1, s->data[0], s->length - 1);
    if (end == NULL) return false;
    *value = slice_part(*s, 1, (size_t)(end - s->data) - 1);
    *s = slice_from(*s, value->length + 2);
    *fault = false;
    return true;
}

/** XML 1.0 §4.6 and character references. */
static void put_entity(struct buf *b, slice name)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    uint64_t code = 0;
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (slice_is(name, entities[i].name)) buf_put_text(b, entities[i].text);
    }
    if (slice_starts(name, SLICE("#x"))) {
        for (size_t i = 2; i < name.length && i < 8; i++)
            code = code * 16 + (uint64_t)(number_hex_digit(name.data[i]) & 15);
    } else if (slice_starts(name, SLICE("#"))) {
        (void)number_unsigned(slice_from(name, 1), 0x10FFFF, &code);
    }
    if (code != 0 && code <= 0x10FFFF) text_put_utf8(b, (uint32_t)code);
}

static slice decoded(struct reader *r, slice s)
{
    struct buf b;
    buf_init(&b, s.length * 4 + 16);
    while (s.length > 0) {
        size_t end = s.data[0] == '&' ? find(slice_part(s, 0, ENTITY_MAXIMUM), ";") : SIZE_MAX;
        if (end == SIZE_MAX) {
            buf_put_byte(&b, s.data[0]);
            s = slice_from(s, 1);
            continue;
        }
        put_entity(&b, slice_part(s, 1, end - 1));
        s = slice_from(s, end + 1);
    }
    slice out = b.status == RFD_OK ? arena_copy(r->arena, buf_slice(&b)) : SLICE_EMPTY;
    if (out.data == NULL) r->no_memory = true;
    buf_dispose(&b);
    return out;
}

/* --- Names ------------------------------------------------------------------------------------------------------- */

static void declare(struct reader *r, slice prefix, slice uri)
{
    for (size_t i = 0; i < r->prefix_count; i++) {
        if (!slice_equal(r->prefixes[i].prefix, prefix)) continue;
        r->prefixes[i].uri = uri;
        return;
    }
    if (r->prefix_count == PREFIXES_MAXIMUM) return;
    r->prefixes[r->prefix_count].prefix = prefix;
    r->prefixes[r->prefix_count++].uri = uri;
}

/** The property that a qualified name is, or NONE. */
static int property_of(const struct reader *r, slice name)
{
    const uint8_t *colon = name.length == 0 ? NULL : memchr(name.data, ':', name.length);
    size_t length = colon == NULL ? 0 : (size_t)(colon - name.data);
    slice local = colon == NULL ? name : slice_from(name, length + 1);
    for (size_t i = 0; i < r->prefix_count; i++) {
        if (!slice_equal(r->prefixes[i].prefix, slice_part(name, 0, length))) continue;
        for (int k = 0; k < r->wanted_count; k++) {
            if (slice_is(r->prefixes[i].uri, r->wanted[k].uri) && slice_is(local, r->wanted[k].name)) return k;
        }
    }
    return NONE;
}

static void set_value(struct reader *r, int property, slice text)
{
    if (property != NONE && r->wanted[property].value.data == NULL)
        r->wanted[property].value = decoded(r, trimmed(text));
}

/* --- Tags -------------------------------------------------------------------------------------------------------- */

static bool read_attributes(struct reader *r, slice attributes)
{
    slice name;
    slice value;
    bool fault = false;
    slice s = attributes;
    while (next_attribute(&s, &name, &value, &fault)) {
        if (slice_starts(name, SLICE("xmlns:"))) declare(r, slice_from(name, 6), value);
        if (slice_is(name, "xmlns")) declare(r, SLICE_EMPTY, value);
    }
    if (fault) return false;
    s = attributes;
    while (next_attribute(&s, &name, &value, &fault)) {
        if (memchr(name.data, ':', name.length) != NULL) set_value(r, property_of(r, name), value);
    }
    return true;
}

/** A quoted '>' does not end a tag. */
static size_t tag_end(slice s)
{
    uint8_t quote = 0;
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i;
    }
    return SIZE_MAX;
}

static bool open_tag(struct reader *r, slice tag)
{
    bool empty = tag.length > 0 && tag.data[tag.length - 1] == '/';
    if (empty) tag.length--;
    slice name = take_name(&tag);
    if (name.length == 0 || (r->depth == 0 && r->rooted) || !read_attributes(r, tag)) return false;
    r->rooted = true;
    if (empty) return true;
    if (r->depth == DEPTH_MAXIMUM) return false;
    r->open[r->depth].name = name;
    r->open[r->depth++].property = property_of(r, name);
    return true;
}

static bool close_tag(struct reader *r, slice tag)
{
    if (r->depth == 0 || !slice_equal(trimmed(tag), r->open[r->depth - 1].name)) return false;
    r->depth--;
    return true;
}

/** What stands in <...>; `r->rest` begins behind '<'. */
static bool read_markup(struct reader *r)
{
    static const struct {
        const char *begin, *end;
    } passed[] = {{"?", "?>"}, {"!--", "-->"}, {"![CDATA[", "]]>"}};
    if (r->rest.data == NULL || r->rest.length == 0) return false;
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        if (!slice_starts(r->rest, slice_text(passed[i].begin))) continue;
        size_t end = find(r->rest, passed[i].end);
        if (end == SIZE_MAX) return false;
        r->rest = slice_from(r->rest, end + strlen(passed[i].end));
        return true;
    }
    size_t end = tag_end(r->rest);
    if (end == SIZE_MAX || end == 0 || slice_starts(r->rest, SLICE("!"))) return false;
    slice tag = slice_part(r->rest, 0, end);
    r->rest = slice_from(r->rest, end + 1);
    return slice_starts(tag, SLICE("/")) ? close_tag(r, slice_from(tag, 1)) : open_tag(r, tag);
}

static bool read_text(struct reader *r, slice text)
{
    text = trimmed(text);
    if (text.length == 0) return true;
    if (r->depth == 0) return slice_is(text, "\xEF\xBB\xBF");
    for (size_t i = r->depth; i-- > 0;) {
        if (r->open[i].property == NONE) continue;
        set_value(r, r->open[i].property, text);
        break;
    }
    return true;
}

bool archive_xml_read(slice xml, struct archive_property *wanted, size_t count, struct arena *arena, bool *memory)
{
    struct reader r = {.rest = xml, .arena = arena, .wanted = wanted, .wanted_count = (int)count};
    bool good = xml.data != NULL && text_is_utf8(xml);
    while (good && r.rest.length > 0) {
        const uint8_t *at = memchr(r.rest.data, '<', r.rest.length);
        size_t length = at == NULL ? r.rest.length : (size_t)(at - r.rest.data);
        good = read_text(&r, slice_part(r.rest, 0, length));
        r.rest = slice_from(r.rest, length);
        if (at == NULL) break;
        r.rest = slice_from(r.rest, 1);
        good = good && read_markup(&r);
    }
    *memory = r.no_memory;
    return good && r.depth == 0 && r.rooted;
}
