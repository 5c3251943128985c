/* SPDX-License-Identifier: EUPL-1.2
 *
 * The content of objects. What did not change is copied as the text that it was read from; only strings whose text
 * in the file depends on where they stood (ISO 32000-2 §7.6.3: encrypted for their object, or plain inside an object
 * stream) are written anew.
 */
#include "pdf/update_internal.h"

#include "base/error.h"
#include "pdf/crypt.h"
#include "pdf/lexer.h"
#include "pdf/pdfdoc.h"

#include <assert.h>

enum { DEPTH_MAXIMUM = 100 };

void pdf_put_name(struct buf *b, slice name)
{
    static const char digits[] = "0123456789ABCDEF";
    buf_put_byte(b, '/');
    for (size_t i = 0; i < name.length; i++) {
        uint8_t c = name.data[i];
        if (c > ' ' && c < 0x7F && c != '#' && !lexer_is_delimiter(c))
            buf_put_byte(b, c);
        else
            buf_put(b, (uint8_t[]){'#', (uint8_t)digits[c >> 4], (uint8_t)digits[c & 15]}, 3);
    }
}

void pdf_put_reference(struct buf *b, struct pdf_reference r)
{
    buf_put_unsigned(b, r.number);
    buf_put_byte(b, ' ');
    buf_put_unsigned(b, r.generation);
    buf_put_text(b, " R");
}

/** What follows the backslash of a byte in a literal string; 0 when it needs none (§7.3.4.2). */
static uint8_t escape_of(uint8_t c)
{
    switch (c) {
    case '(':
    case ')':
    case '\\': return c;
    case '\n': return 'n';
    case '\r': return 'r';
    default: return 0;
    }
}

/** As a literal, which is never longer than hexadecimal digits: at most one backslash a byte. */
static void put_string(struct buf *b, slice bytes)
{
    buf_put_byte(b, '(');
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t escaped = escape_of(bytes.data[i]);
        if (escaped != 0) buf_put_byte(b, '\\');
        buf_put_byte(b, escaped != 0 ? escaped : bytes.data[i]);
    }
    buf_put_byte(b, ')');
}

void pdf_update_string(struct pdf_update *u, slice bytes)
{
    assert(u->open.number != 0);
    if (u->crypt == NULL) {
        put_string(&u->tail, bytes);
        return;
    }
    struct rfd_error error;
    buf_reset(&u->scratch);
    if (pdf_crypt_encrypt(u->crypt, PDF_CRYPT_STRING, u->open, bytes, &u->scratch, &error) != RFD_OK)
        update_failed(u, &error);
    put_string(&u->tail, buf_slice(&u->scratch));
}

void pdf_update_text(struct pdf_update *u, slice utf8)
{
    struct buf text;
    struct rfd_error error;
    buf_init(&text, 2 * utf8.length + 2);
    pdfdoc_text_string(utf8, &text);
    if (buf_check(&text, "text string", &error) != RFD_OK) update_failed(u, &error);
    pdf_update_string(u, buf_slice(&text));
    buf_dispose(&text);
}

/** True when the strings' text in the file would mean something else in the open object. */
static bool strings_move(const struct pdf_update *u, struct pdf_reference owner)
{
    if (u->crypt == NULL) return false;
    if (owner.number == 0 || owner.number != u->open.number) return true;
    return pdf_locate(u->doc, u->revision, owner.number).kind != PDF_ENTRY_OFFSET;
}

static void put_moved(struct pdf_update *u, const struct pdf_value *v, int depth);

/** §7.6.2: /Contents of a signature dictionary is never encrypted. */
static bool is_signature_contents(const struct pdf_value *dictionary, slice key)
{
    return slice_is(key, "Contents") && pdf_entry_of(dictionary, "ByteRange")->kind != PDF_NULL;
}

void update_put_key(struct buf *b, const struct pdf_entry *entry)
{
    if (entry->raw_key.length > 0 && entry->raw_key.data[0] == '/')
        buf_put_slice(b, entry->raw_key);
    else
        pdf_put_name(b, entry->key);
    buf_put_byte(b, ' ');
}

static void put_moved_dictionary(struct pdf_update *u, const struct pdf_value *v, int depth)
{
    buf_put_text(&u->tail, "<<");
    for (uint32_t i = 0; i < v->count; i++) {
        const struct pdf_entry *entry = &v->entries[i];
        update_put_key(&u->tail, entry);
        if (is_signature_contents(v, entry->key))
            buf_put_slice(&u->tail, entry->value.raw);
        else
            put_moved(u, &entry->value, depth);
        buf_put_byte(&u->tail, '\n');
    }
    buf_put_text(&u->tail, ">>");
}

/** A value with its strings encrypted for the open object; all else is the text as read. */
static void put_moved(struct pdf_update *u, const struct pdf_value *v, int depth)
{
    struct rfd_error error;
    if (depth > DEPTH_MAXIMUM) {
        (void)error_set(&error, RFD_E_LIMIT, "values nested deeper than %d", DEPTH_MAXIMUM);
        update_failed(u, &error);
        return;
    }
    switch (v->kind) {
    case PDF_STRING: pdf_update_string(u, v->bytes); break;
    case PDF_DICTIONARY: put_moved_dictionary(u, v, depth + 1); break;
    case PDF_ARRAY:
        buf_put_byte(&u->tail, '[');
        for (uint32_t i = 0; i < v->count; i++) {
            if (i > 0) buf_put_byte(&u->tail, ' ');
            put_moved(u, &v->items[i], depth + 1);
        }
        buf_put_byte(&u->tail, ']');
        break;
    default: buf_put_slice(&u->tail, v->raw); break;
    }
}

static bool has_string(const struct pdf_value *v, int depth)
{
    const struct pdf_entry *entries = pdf_entries(v);
    bool found = v->kind == PDF_STRING || depth > DEPTH_MAXIMUM;
    if (v->kind == PDF_ARRAY) {
        for (uint32_t i = 0; i < v->count && !found; i++) found = has_string(&v->items[i], depth + 1);
    } else if (entries != NULL) {
        for (uint32_t i = 0; i < v->count && !found; i++) found = has_string(&entries[i].value, depth + 1);
    }
    return found;
}

/** A whole stream, rewritten in place of itself: its bytes stay as they are, encrypted or not. */
static void put_stream(struct pdf_update *u, const struct pdf_value *v, struct pdf_reference owner)
{
    struct rfd_error error;
    slice encoded = SLICE_EMPTY;
    if (u->crypt != NULL && owner.number != u->open.number) {
        (void)error_set(&error, RFD_E_UNSUPPORTED, "moving the encrypted stream %u", (unsigned)owner.number);
        update_failed(u, &error);
        return;
    }
    if (pdf_stream_encoded(u->doc, v, &encoded, &error) != RFD_OK) update_failed(u, &error);
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%zu", encoded.length);
    const struct pdf_change change = {"Length", slice_of(digits, (size_t)length)};
    pdf_update_dictionary(u, v, owner, &change, 1);
    buf_put_text(&u->tail, "\nstream\n");
    buf_put_slice(&u->tail, encoded);
    buf_put_text(&u->tail, "\nendstream");
}

void pdf_update_value(struct pdf_update *u, const struct pdf_value *v, struct pdf_reference owner)
{
    assert(u->open.number != 0);
    if (v->kind == PDF_STREAM)
        put_stream(u, v, owner);
    else if (v->raw.length == 0) /* pdf_null: nothing was read */
        buf_put_text(&u->tail, "null");
    else if (strings_move(u, owner) && has_string(v, 0))
        put_moved(u, v, 0);
    else
        buf_put_slice(&u->tail, v->raw);
}

/** Whether one of the first `count` entries has this key (a damaged dictionary may have it twice). */
static bool has_key(const struct pdf_entry *entries, uint32_t count, slice key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(entries[i].key, key)) return true;
    }
    return false;
}

static const struct pdf_change *change_of(const struct pdf_change *changes, size_t count, slice key)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_is(key, changes[i].key)) return &changes[i];
    }
    return NULL;
}

static void put_change(struct buf *b, const struct pdf_change *change)
{
    pdf_put_name(b, slice_text(change->key));
    buf_put_byte(b, ' ');
    buf_put_slice(b, change->value);
    buf_put_byte(b, '\n');
}

static void put_entry(struct pdf_update *u, const struct pdf_value *dictionary, const struct pdf_entry *entry,
                      struct pdf_reference owner)
{
    update_put_key(&u->tail, entry);
    if (is_signature_contents(dictionary, entry->key))
        buf_put_slice(&u->tail, entry->value.raw);
    else
        pdf_update_value(u, &entry->value, owner);
    buf_put_byte(&u->tail, '\n');
}

void pdf_update_dictionary(struct pdf_update *u, const struct pdf_value *dictionary, struct pdf_reference owner,
                           const struct pdf_change *changes, size_t count)
{
    const struct pdf_entry *entries = pdf_entries(dictionary);
    uint32_t entry_count = entries == NULL ? 0 : dictionary->count;
    buf_put_text(&u->tail, "<<");
    for (uint32_t i = 0; i < entry_count; i++) {
        const struct pdf_change *change = change_of(changes, count, entries[i].key);
        if (change == NULL)
            put_entry(u, dictionary, &entries[i], owner);
        else if (change->value.data != NULL && !has_key(entries, i, entries[i].key))
            put_change(&u->tail, change);
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].value.data != NULL && !has_key(entries, entry_count, slice_text(changes[i].key)))
            put_change(&u->tail, &changes[i]);
    }
    buf_put_text(&u->tail, ">>");
}
