/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reads with one window: `memory` holds what is ready at `ready_at`, and lexer_peek() asks the source for more when the
 * position leaves it. A source's bytes lie at stable, contiguous addresses, so a token that spans two windows is still
 * one slice.
 *
 * lexer_value() does not recurse. Finished values wait on one stack (`values`), and each open array or dictionary is a
 * frame that remembers where its values begin; closing it copies them to the arena in one go:
 *
 *   [1 2 << /A (x)        values:  1  2 | /A  (x)
 *                         frames:  [ at 0, << at 2
 */
#include "pdf/lexer.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pdf/lexer_decode.h"

#include <stdlib.h>

enum { DEPTH_MAXIMUM = 64, FIRST_VALUES = 48, LINEAR_KEYS = 24 };

enum character { REGULAR, SPACE, DELIMITER };

/* §7.2.3 tables 1 and 2. */
static const uint8_t classes[256] = {
    ['\0'] = SPACE,    ['\t'] = SPACE,    ['\n'] = SPACE,    ['\f'] = SPACE,    ['\r'] = SPACE,    [' '] = SPACE,
    ['('] = DELIMITER, [')'] = DELIMITER, ['<'] = DELIMITER, ['>'] = DELIMITER, ['['] = DELIMITER, [']'] = DELIMITER,
    ['{'] = DELIMITER, ['}'] = DELIMITER, ['/'] = DELIMITER, ['%'] = DELIMITER,
};

bool lexer_is_space(int c)
{
    return c >= 0 && c < 256 && classes[c] == SPACE;
}

bool lexer_is_delimiter(int c)
{
    return c >= 0 && c < 256 && classes[c] == DELIMITER;
}

void lexer_at(struct lexer *l, struct source *source, uint64_t offset, struct arena *arena)
{
    *l = (struct lexer){.source = source, .position = offset, .ready_at = offset, .arena = arena};
}

void lexer_memory(struct lexer *l, slice bytes, struct arena *arena)
{
    *l = (struct lexer){.memory = bytes, .arena = arena};
}

static int refill(struct lexer *l)
{
    if (l->source == NULL) return -1;
    l->memory = source_ahead(l->source, l->position);
    l->ready_at = l->position;
    return l->memory.length == 0 ? -1 : l->memory.data[0];
}

static inline int peek(struct lexer *l)
{
    uint64_t at = l->position - l->ready_at; /* wraps, and so misses, when the position went back */
    return at < l->memory.length ? l->memory.data[at] : refill(l);
}

int lexer_peek(struct lexer *l)
{
    return peek(l);
}

/** The address of the next byte; only after peek() found one. */
static inline const uint8_t *here(const struct lexer *l)
{
    return l->memory.data + (l->position - l->ready_at);
}

void lexer_skip_space(struct lexer *l)
{
    bool comment = false;
    for (int c = peek(l); c >= 0; c = peek(l)) {
        if (comment)
            comment = c != '\n' && c != '\r';
        else if (c == '%')
            comment = true;
        else if (classes[c] != SPACE)
            return;
        l->position++;
    }
}

/** Takes the regular characters that come next. */
static slice take_regular(struct lexer *l)
{
    if (peek(l) < 0) return SLICE_EMPTY;
    const uint8_t *start = here(l);
    uint64_t from = l->position;
    for (int c = peek(l); c >= 0 && classes[c] == REGULAR; c = peek(l)) l->position++;
    return slice_of(start, (size_t)(l->position - from));
}

bool lexer_keyword(struct lexer *l, const char *keyword)
{
    uint64_t from = l->position;
    for (const char *k = keyword; *k != '\0'; k++) {
        if (peek(l) != (uint8_t)*k) {
            l->position = from;
            return false;
        }
        l->position++;
    }
    int c = peek(l);
    if (c < 0 || classes[c] != REGULAR) return true;
    l->position = from;
    return false;
}

bool lexer_unsigned(struct lexer *l, uint64_t maximum, uint64_t *out)
{
    uint64_t from = l->position;
    int c = peek(l);
    if (c < '0' || c > '9') return false;
    if (number_unsigned(take_regular(l), maximum, out)) return true;
    l->position = from;
    return false;
}

struct frame {
    size_t base; /* where its values begin */
    const uint8_t *start;
    uint64_t from;
    bool dictionary;
};

struct builder {
    struct lexer *l;
    struct rfd_error *error;
    struct pdf_value *values;
    size_t count, capacity;
    unsigned depth;
    struct frame frames[DEPTH_MAXIMUM];
    struct pdf_value first[FIRST_VALUES];
};

static rfd_status syntax(const struct builder *b, const char *what)
{
    const struct lexer *l = b->l;
    if (l->source != NULL) TRY(source_status(l->source, b->error));
    return error_set(b->error, RFD_E_PDF_DAMAGED, "%s %llu: %s (ISO 32000-2 §7.3)",
                     l->source != NULL ? "byte" : "byte of an object stream", (unsigned long long)l->position, what);
}

static rfd_status grow(struct builder *b)
{
    size_t capacity = b->capacity * 2;
    if (capacity > b->l->arena->maximum / sizeof *b->values)
        return error_set(b->error, RFD_E_LIMIT, "an object with more than %zu values", b->count);
    struct pdf_value *values = b->values == b->first ? memory_allocate(capacity * sizeof *values)
                                                     : memory_resize(b->values, capacity * sizeof *values);
    if (values == NULL) return error_memory(b->error);
    if (b->values == b->first) memcpy(values, b->first, b->count * sizeof *values);
    b->values = values;
    b->capacity = capacity;
    return RFD_OK;
}

/** Adds a value that the caller completes in its place: a copy of what was just written would wait for the writes. */
static inline rfd_status push(struct builder *b, enum pdf_kind kind, slice raw, struct pdf_value **out)
{
    if (b->count == b->capacity) TRY(grow(b));
    *out = &b->values[b->count++];
    **out = (struct pdf_value){.kind = kind, .raw = raw};
    return RFD_OK;
}

static rfd_status no_room(const struct builder *b)
{
    return arena_failed(b->l->arena, b->error);
}

/** §7.3.5: #xx stands for a byte; a '#' without two digits is itself (PDF 1.1 names). */
static rfd_status decode_name(struct builder *b, slice raw, slice *out)
{
    *out = raw;
    if (raw.length == 0 || memchr(raw.data, '#', raw.length) == NULL) return RFD_OK;
    uint8_t *to = arena_allocate(b->l->arena, raw.length);
    if (to == NULL) return no_room(b);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        bool escape = raw.data[i] == '#' && number_hex(slice_part(raw, i + 1, 2), &to[length]) && raw.length - i > 2;
        if (escape)
            i += 2;
        else
            to[length] = raw.data[i];
        length++;
    }
    *out = slice_of(to, length);
    return RFD_OK;
}

static rfd_status read_name(struct builder *b)
{
    const uint8_t *start = here(b->l);
    b->l->position++;
    slice text = take_regular(b->l);
    struct pdf_value *v;
    TRY(push(b, PDF_NAME, slice_of(start, text.length + 1), &v));
    return decode_name(b, slice_of(start + 1, text.length), &v->bytes);
}

static bool is_plain_integer(const struct pdf_value *v, uint64_t maximum)
{
    return v->kind == PDF_INTEGER && v->raw.data[0] >= '0' && v->raw.data[0] <= '9' && (uint64_t)v->integer <= maximum;
}

/** Turns the two integers on top into the reference that an "R" ending at `end` makes of them (§7.3.10). */
static rfd_status make_reference(struct builder *b, const uint8_t *end)
{
    size_t base = b->depth == 0 ? 0 : b->frames[b->depth - 1].base;
    if (b->count < base + 2) return syntax(b, "R without an object number");
    struct pdf_value *number = &b->values[b->count - 2];
    const struct pdf_value *generation = &b->values[b->count - 1];
    if (!is_plain_integer(number, UINT32_MAX) || !is_plain_integer(generation, UINT16_MAX))
        return syntax(b, "a reference to an impossible object number");
    struct pdf_reference reference = {(uint32_t)number->integer, (uint32_t)generation->integer};
    number->kind = reference.number == 0 ? PDF_NULL : PDF_REFERENCE;
    number->raw.length = (size_t)(end - number->raw.data);
    number->reference = reference;
    b->count--;
    return RFD_OK;
}

/** An integer outside any array or dictionary may begin a reference: looks ahead, and goes back when it does not. */
static rfd_status perhaps_reference(struct builder *b)
{
    struct lexer *l = b->l;
    uint64_t back = l->position;
    uint64_t generation;
    if (!is_plain_integer(&b->values[b->count - 1], UINT32_MAX)) return RFD_OK;
    lexer_skip_space(l);
    const uint8_t *start = peek(l) < 0 ? NULL : here(l);
    uint64_t from = l->position;
    if (lexer_unsigned(l, UINT16_MAX, &generation)) {
        slice raw = slice_of(start, (size_t)(l->position - from));
        lexer_skip_space(l);
        if (lexer_keyword(l, "R")) {
            struct pdf_value *v;
            TRY(push(b, PDF_INTEGER, raw, &v));
            v->integer = (int64_t)generation;
            return make_reference(b, start + (l->position - from));
        }
    }
    l->position = back;
    return RFD_OK;
}

static rfd_status read_number(struct builder *b)
{
    slice text = take_regular(b->l);
    struct pdf_value *v;
    TRY(push(b, PDF_NULL, text, &v));
    if (!lexer_decode_number(text, v)) return syntax(b, "a malformed number");
    return b->depth == 0 && v->kind == PDF_INTEGER ? perhaps_reference(b) : RFD_OK;
}

static rfd_status read_word(struct builder *b)
{
    slice word = take_regular(b->l);
    struct pdf_value *v;
    if (slice_is(word, "R")) return make_reference(b, word.data + 1);
    if (slice_is(word, "null")) return push(b, PDF_NULL, word, &v);
    if (!slice_is(word, "true") && !slice_is(word, "false")) return syntax(b, "an unexpected word");
    TRY(push(b, PDF_BOOLEAN, word, &v));
    v->boolean = word.length == 4;
    return RFD_OK;
}

/** Goes to just after the parenthesis that closes a literal string; tells whether anything in it needs decoding. */
static bool skip_literal(struct lexer *l, bool *escaped)
{
    size_t open = 0;
    for (int c = peek(l); c >= 0; c = peek(l)) {
        l->position++;
        if (c == '(') open++;
        if (c == ')' && --open == 0) return true;
        if (c == '\r') *escaped = true;
        if (c == '\\') {
            *escaped = true;
            if (peek(l) >= 0) l->position++;
        }
    }
    return false;
}

static rfd_status read_literal(struct builder *b)
{
    const uint8_t *start = here(b->l);
    uint64_t from = b->l->position;
    bool escaped = false;
    if (!skip_literal(b->l, &escaped)) return syntax(b, "a string without end");
    struct pdf_value *v;
    TRY(push(b, PDF_STRING, slice_of(start, (size_t)(b->l->position - from)), &v));
    v->bytes = slice_part(v->raw, 1, v->raw.length - 2);
    if (!escaped) return RFD_OK;
    uint8_t *to = arena_allocate(b->l->arena, v->bytes.length);
    if (to == NULL) return no_room(b);
    v->bytes = slice_of(to, lexer_decode_literal(v->bytes, to));
    return RFD_OK;
}

static rfd_status read_hexadecimal(struct builder *b, const uint8_t *start, uint64_t from)
{
    struct lexer *l = b->l;
    int c = peek(l);
    for (; c >= 0 && c != '>'; c = peek(l)) l->position++;
    if (c < 0) return syntax(b, "a hexadecimal string without end");
    l->position++;
    slice raw = slice_of(start, (size_t)(l->position - from));
    slice text = slice_part(raw, 1, raw.length - 2);
    uint8_t *to = arena_allocate(l->arena, text.length / 2 + 1);
    if (to == NULL) return no_room(b);
    size_t length;
    if (!lexer_decode_hexadecimal(text, to, &length)) return syntax(b, "a hexadecimal string with other characters");
    struct pdf_value *v;
    TRY(push(b, PDF_STRING, raw, &v));
    v->hexadecimal = true;
    v->bytes = slice_of(to, length);
    return RFD_OK;
}

static rfd_status open_frame(struct builder *b, const uint8_t *start, uint64_t from, bool dictionary)
{
    if (b->depth == DEPTH_MAXIMUM) return syntax(b, "values nested more than 64 deep");
    b->frames[b->depth++] = (struct frame){b->count, start, from, dictionary};
    return RFD_OK;
}

/** Replaces a frame's values by the array or dictionary made of them. */
static rfd_status close_frame(struct builder *b, enum pdf_kind kind, size_t count, struct pdf_value **out)
{
    const struct frame *f = &b->frames[--b->depth];
    b->count = f->base;
    TRY(push(b, kind, slice_of(f->start, (size_t)(b->l->position - f->from)), out));
    (*out)->count = (uint32_t)count;
    return RFD_OK;
}

static rfd_status close_array(struct builder *b)
{
    b->l->position++;
    if (b->depth == 0 || b->frames[b->depth - 1].dictionary) return syntax(b, "']' without '['");
    size_t base = b->frames[b->depth - 1].base;
    size_t count = b->count - base;
    struct pdf_value *v;
    struct pdf_value *items = NULL;
    if (count > 0) {
        items = arena_allocate(b->l->arena, count * sizeof *items);
        if (items == NULL) return no_room(b);
        memcpy(items, b->values + base, count * sizeof *items);
    }
    TRY(close_frame(b, PDF_ARRAY, count, &v));
    v->items = items;
    return RFD_OK;
}

static int by_key(const void *a, const void *b)
{
    return slice_compare((*(const struct pdf_entry *const *)a)->key, (*(const struct pdf_entry *const *)b)->key);
}

/** Many keys: sorted, so that hostile dictionaries do not cost quadratic time. */
static rfd_status find_repeated_sorted(struct builder *b, const struct pdf_entry *entries, size_t count)
{
    const struct pdf_entry **order = memory_allocate(count * sizeof *order);
    if (order == NULL) return error_memory(b->error);
    for (size_t i = 0; i < count; i++) order[i] = &entries[i];
    qsort(order, count, sizeof *order, by_key);
    for (size_t i = 1; i < count; i++) b->l->duplicate_key |= slice_equal(order[i - 1]->key, order[i]->key);
    memory_free(order);
    return RFD_OK;
}

static rfd_status find_repeated(struct builder *b, const struct pdf_entry *entries, size_t count)
{
    if (count > LINEAR_KEYS) return find_repeated_sorted(b, entries, count);
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) b->l->duplicate_key |= slice_equal(entries[i].key, entries[j].key);
    }
    return RFD_OK;
}

static rfd_status close_dictionary(struct builder *b)
{
    b->l->position++;
    if (peek(b->l) != '>') return syntax(b, "a lone '>'");
    b->l->position++;
    if (b->depth == 0 || !b->frames[b->depth - 1].dictionary) return syntax(b, "'>>' without '<<'");
    const struct pdf_value *from = b->values + b->frames[b->depth - 1].base;
    size_t values = b->count - b->frames[b->depth - 1].base;
    if (values % 2 != 0) return syntax(b, "a dictionary key without value");
    size_t count = values / 2;
    struct pdf_entry *entries = arena_allocate(b->l->arena, count * sizeof *entries);
    if (entries == NULL) return no_room(b);
    for (size_t i = 0; i < count; i++) {
        if (from[2 * i].kind != PDF_NAME) return syntax(b, "a dictionary key that is not a name");
        entries[i] = (struct pdf_entry){from[2 * i].bytes, from[2 * i].raw, from[2 * i + 1]};
    }
    TRY(find_repeated(b, entries, count));
    struct pdf_value *v;
    TRY(close_frame(b, PDF_DICTIONARY, count, &v));
    v->entries = entries;
    return RFD_OK;
}

static rfd_status read_angle(struct builder *b)
{
    const uint8_t *start = here(b->l);
    uint64_t from = b->l->position++;
    if (peek(b->l) != '<') return read_hexadecimal(b, start, from);
    b->l->position++;
    return open_frame(b, start, from, true);
}

static rfd_status read_bracket(struct builder *b)
{
    const uint8_t *start = here(b->l);
    uint64_t from = b->l->position++;
    return open_frame(b, start, from, false);
}

/** Reads one token and does what it says. */
static rfd_status step(struct builder *b)
{
    int c = peek(b->l);
    if (c == '%' || (c >= 0 && classes[c] == SPACE)) {
        lexer_skip_space(b->l);
        c = peek(b->l);
    }
    switch (c) {
    case '/': return read_name(b);
    case '<': return read_angle(b);
    case '>': return close_dictionary(b);
    case '[': return read_bracket(b);
    case ']': return close_array(b);
    case '(': return read_literal(b);
    case -1: return syntax(b, "the input ends inside an object");
    case ')':
    case '{':
    case '}': return syntax(b, "a character that begins no object");
    case '+':
    case '-':
    case '.': return read_number(b);
    default: return c >= '0' && c <= '9' ? read_number(b) : read_word(b);
    }
}

rfd_status lexer_value(struct lexer *l, struct pdf_value *out, struct rfd_error *error)
{
    struct builder b;
    b.l = l;
    b.error = error;
    b.values = b.first;
    b.count = 0;
    b.capacity = FIRST_VALUES;
    b.depth = 0;
    struct arena_mark mark = arena_mark(l->arena);
    rfd_status status = RFD_OK;
    do {
        TRY_OUT(step(&b));
    } while (b.depth > 0);
    *out = b.values[0];
out:
    if (status != RFD_OK) arena_release(l->arena, mark);
    if (b.values != b.first) memory_free(b.values);
    return status;
}
