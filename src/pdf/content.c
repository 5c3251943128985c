/* SPDX-License-Identifier: EUPL-1.2
 *
 * Numbers and arrays, of which content is full, are read here; strings, names and dictionaries by the lexer. The items
 * of an array wait among the operands until it ends.
 */
#include "pdf/content.h"

#include "base/memory.h"
#include "pdf/lexer_decode.h"

enum { FIRST_OPERANDS = 64, OPERANDS_MAXIMUM = 1 << 16, SCRATCH_MAXIMUM = 256 << 20, LOOK_AFTER_IMAGE = 16 };

void content_init(struct content *c, slice bytes)
{
    *c = (struct content){.status = RFD_OK};
    arena_init(&c->scratch, SCRATCH_MAXIMUM);
    lexer_memory(&c->lexer, bytes, &c->scratch);
}

void content_dispose(struct content *c)
{
    memory_free(c->operands);
    arena_dispose(&c->scratch);
    *c = (struct content){.status = RFD_OK};
}

static bool grow(struct content *c)
{
    size_t capacity = c->capacity == 0 ? FIRST_OPERANDS : c->capacity * 2;
    if (capacity > OPERANDS_MAXIMUM) {
        c->damaged = true;
        return false;
    }
    struct pdf_value *operands = memory_resize(c->operands, capacity * sizeof *operands);
    if (operands == NULL) {
        c->status = RFD_E_MEMORY;
        return false;
    }
    c->operands = operands;
    c->capacity = capacity;
    return true;
}

/** The place of one more operand; NULL when there is no room: it is then left out. */
static inline struct pdf_value *add(struct content *c)
{
    return c->count < c->capacity || grow(c) ? &c->operands[c->count++] : NULL;
}

static void note(struct content *c, rfd_status status)
{
    if (status == RFD_E_MEMORY) c->status = status;
    c->damaged = true;
}

static void pass_over(struct content *c)
{
    c->lexer.position++;
    c->damaged = true;
}

static void read_value(struct content *c)
{
    uint64_t from = c->lexer.position;
    struct pdf_value value;
    rfd_status status = lexer_value(&c->lexer, &value, NULL);
    if (status != RFD_OK) {
        if (c->lexer.position == from) c->lexer.position++;
        note(c, status);
        return;
    }
    struct pdf_value *to = add(c);
    if (to != NULL) *to = value;
}

static slice take_word(struct content *c)
{
    struct lexer *l = &c->lexer;
    const uint8_t *data = l->memory.data;
    size_t from = (size_t)l->position, at = from;
    while (at < l->memory.length && !lexer_is_space(data[at]) && !lexer_is_delimiter(data[at])) at++;
    l->position = at;
    return slice_of(data + from, at - from);
}

static bool is_sign(uint8_t byte)
{
    return byte == '-' || byte == '+';
}

/** "--5", "1.2.3", "7-": the longest beginning that is a number, without its second sign; 0 when there is none. */
static void rescue_number(slice word, struct pdf_value *v)
{
    bool point = false;
    size_t from = 0;
    while (from + 1 < word.length && is_sign(word.data[from]) && is_sign(word.data[from + 1])) from++;
    size_t to = from + 1;
    for (; to < word.length; to++) {
        bool is_point = word.data[to] == '.' && !point && word.data[from] != '.';
        if (!is_point && (word.data[to] < '0' || word.data[to] > '9')) break;
        point |= is_point;
    }
    if (lexer_decode_number(slice_part(word, from, to - from), v)) return;
    v->kind = PDF_INTEGER;
    v->integer = 0;
}

static void read_number(struct content *c)
{
    slice word = take_word(c);
    struct pdf_value *to = add(c);
    if (to == NULL) return;
    *to = (struct pdf_value){.kind = PDF_INTEGER, .raw = word};
    if (lexer_decode_number(word, to)) return;
    rescue_number(word, to);
    c->damaged = true;
}

static void open_array(struct content *c)
{
    if (c->in_array) { /* an array in an array is rare enough for the lexer */
        read_value(c);
        return;
    }
    c->lexer.position++;
    c->in_array = true;
    c->array = c->count;
}

static void close_array(struct content *c)
{
    if (!c->in_array) {
        pass_over(c);
        return;
    }
    c->lexer.position++;
    c->in_array = false;
    size_t count = c->count - c->array;
    struct pdf_value *items = arena_allocate(&c->scratch, count * sizeof *items);
    if (items == NULL) {
        c->count = c->array;
        note(c, c->scratch.status);
        return;
    }
    if (count > 0) memcpy(items, c->operands + c->array, count * sizeof *items);
    c->count = c->array;
    struct pdf_value *to = add(c);
    if (to != NULL) *to = (struct pdf_value){.kind = PDF_ARRAY, .count = (uint32_t)count, .items = items};
}

/** "true", "false" and "null" are operands; any other word ends the operation. */
static bool read_word(struct content *c, slice *name)
{
    slice word = take_word(c);
    bool boolean = slice_is(word, "true") || slice_is(word, "false");
    if (!boolean && !slice_is(word, "null")) {
        *name = word;
        return true;
    }
    struct pdf_value *to = add(c);
    if (to != NULL)
        *to = (struct pdf_value){
            .kind = boolean ? PDF_BOOLEAN : PDF_NULL, .raw = word, .boolean = boolean && word.length == 4};
    return false;
}

static bool looks_like_content(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] > 0x7E || (s.data[i] < ' ' && !lexer_is_space(s.data[i]))) return false;
    }
    return true;
}

/** Whether "EI" at `at` ends the image: alone between white space, and what follows is text (§8.9.7 gives no length).
 */
static bool ends_image(slice bytes, size_t from, size_t at)
{
    slice after = slice_part(bytes, at + 2, LOOK_AFTER_IMAGE);
    if (at > from && !lexer_is_space(bytes.data[at - 1])) return false;
    if (after.length > 0 && !lexer_is_space(after.data[0]) && !lexer_is_delimiter(after.data[0])) return false;
    return looks_like_content(after);
}

static void skip_image(struct content *c)
{
    slice bytes = c->lexer.memory;
    size_t from = (size_t)c->lexer.position + 1, at = from; /* one white-space character ends "ID" */
    while (at < bytes.length) {
        const uint8_t *e = memchr(bytes.data + at, 'E', bytes.length - at);
        if (e == NULL) break;
        at = (size_t)(e - bytes.data);
        if (at + 1 < bytes.length && e[1] == 'I' && ends_image(bytes, from, at)) {
            c->lexer.position = at + 2;
            return;
        }
        at++;
    }
    c->lexer.position = bytes.length;
    c->damaged = true;
}

/** Reads one token; true when it is an operator. */
static bool read_token(struct content *c, slice *name)
{
    int byte = lexer_peek(&c->lexer);
    switch (byte) {
    case '[': open_array(c); return false;
    case ']': close_array(c); return false;
    case '(':
    case '/': read_value(c); return false;
    case '<': read_value(c); return false;
    case '>':
    case ')':
    case '{':
    case '}': pass_over(c); return false;
    default: break;
    }
    if ((byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.') {
        read_number(c);
        return false;
    }
    return read_word(c, name);
}

/** The mark is set behind a first block, so that one operation does not free what the next one allocates again. */
static void forget_operands(struct content *c)
{
    if (c->empty.blocks != NULL) {
        arena_release(&c->scratch, c->empty);
    } else {
        if (arena_allocate(&c->scratch, 1) == NULL) c->status = RFD_E_MEMORY;
        c->empty = arena_mark(&c->scratch);
    }
    c->count = 0;
    c->in_array = false;
}

bool content_next(struct content *c, struct content_operation *out)
{
    slice name = SLICE_EMPTY;
    if (c->status != RFD_OK) return false;
    forget_operands(c);
    do {
        lexer_skip_space(&c->lexer);
        if (c->status != RFD_OK || lexer_peek(&c->lexer) < 0) return false;
    } while (!read_token(c, &name));
    if (slice_is(name, "ID")) skip_image(c);
    *out = (struct content_operation){name, c->operands, c->count};
    return c->status == RFD_OK;
}
