/* SPDX-License-Identifier: EUPL-1.2
 *
 * Words as they are compared: small letters without accents. What people type on a keyboard without an accent finds
 * what is written with it; ñ is a letter of its own. Catalan's l·l is ll.
 */
#include "domain/list/list.h"

#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>

enum { TILDE = 0x303 };

/** U+00C0 to U+017F and U+1E00 to U+1EFF (Unicode's decompositions, and letters with strokes); '?': see `special`. */
static const char latin[] = "aaaaaa?ceeeeiiiid?ooooo?ouuuuy??aaaaaa?ceeeeiiiid?ooooo?ouuuuy?y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkklllllll"
                            "lllnnnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char latin_additional[] = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
                                       "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
                                       "wwwwwwwwwwxxxxyyzzzzzzhtwyasssssaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
                                       "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyylllvyy";
static const struct {
    uint32_t code_point;
    const char *text;
} special[] = {
    {0xAA, "a"},   {0xBA, "o"},  {0xC6, "ae"}, {0xD1, "ñ"},   {0xDE, "th"},  {0xDF, "ss"},
    {0xE6, "ae"},  {0xF1, "ñ"},  {0xFE, "th"}, {0x132, "ij"}, {0x133, "ij"}, {0x152, "oe"},
    {0x153, "oe"}, {0x218, "s"}, {0x219, "s"}, {0x21A, "t"},  {0x21B, "t"},
};

/** The word that is being written. */
struct writing {
    struct list_words *out;
    char word[LIST_WORD_SIZE];
    size_t length;
    bool full; /* what follows of this word is cut off */
};

static void put(struct writing *w, const char *bytes, size_t length)
{
    w->full = w->full || length > sizeof w->word - 1 - w->length;
    if (w->full) return;
    memcpy(w->word + w->length, bytes, length);
    w->length += length;
}

static void end_word(struct writing *w)
{
    struct list_words *out = w->out;
    bool known = w->length == 0 || out->count == LIST_WORDS;
    w->word[w->length] = '\0';
    for (size_t i = 0; i < out->count && !known; i++) known = strcmp(out->words[i], w->word) == 0;
    if (!known) memcpy(out->words[out->count++], w->word, w->length + 1);
    w->length = 0;
    w->full = false;
}

/** Greek and Cyrillic capitals, by their distance to the small letters. */
static uint32_t small_letter(uint32_t c)
{
    if ((c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) return c + 32;
    return c >= 0x400 && c <= 0x40F ? c + 80 : c;
}

/** Beyond the Latin letters: everything but blocks of punctuation, symbols and what is private. */
static bool is_letter(uint32_t c)
{
    static const uint32_t others[][2] = {{0x0, 0x17F},     {0x2B0, 0x36F},     {0x2000, 0x2BFF},   {0x2E00, 0x2E7F},
                                         {0x3000, 0x303F}, {0xD800, 0xF8FF},   {0xFE00, 0xFE6F},   {0xFF00, 0xFF0F},
                                         {0xFFF0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (c >= others[i][0] && c <= others[i][1]) return false;
    return true;
}

static void put_code_point(struct writing *w, uint32_t c)
{
    char utf8[4];
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i-- > 1; c >>= 6) utf8[i] = (char)(0x80 | (c & 0x3F));
    utf8[0] = (char)(leads[length] | c);
    put(w, utf8, length);
}

static const char *special_text(uint32_t c)
{
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].code_point == c) return special[i].text;
    return NULL;
}

/** Accents that stand after their letter, and the dot of l·l: nothing, and no end of the word either. */
static bool is_silent(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36F) || c == 0xB7 || c == 0x2027 || c == 0xAD || c == 0x200B || c == 0x200D;
}

static void put_ascii(struct writing *w, uint32_t c)
{
    bool capital = c >= 'A' && c <= 'Z';
    char small = (char)(capital ? c + 32 : c);
    if (capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        put(w, &small, 1);
    else
        end_word(w);
}

static void take(struct writing *w, uint32_t c)
{
    const char *text = c < 0x80 ? NULL : special_text(c);
    if (c < 0x80)
        put_ascii(w, c);
    else if (text != NULL)
        put(w, text, strlen(text));
    else if (c >= 0xC0 && c <= 0x17F && latin[c - 0xC0] != '?')
        put(w, &latin[c - 0xC0], 1);
    else if (c >= 0x1E00 && c <= 0x1EFF)
        put(w, &latin_additional[c - 0x1E00], 1);
    else if (c == TILDE && w->length > 0 && w->word[w->length - 1] == 'n')
        put((w->length--, w), "ñ", strlen("ñ"));
    else if (is_letter(c))
        put_code_point(w, small_letter(c));
    else if (!is_silent(c))
        end_word(w);
}

void list_words(const slice *texts, size_t count, struct list_words *out)
{
    out->count = 0;
    struct writing w = {.out = out};
    for (size_t i = 0; i < count; i++) {
        for (slice rest = texts[i]; rest.length > 0 && out->count < LIST_WORDS;) take(&w, text_next(&rest));
        end_word(&w);
    }
}

/* ---- In the database ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/** Whether the row has just these words. */
static rfd_status has_words(struct transaction *t, const char *table, int64_t id, const struct list_words *words,
                            bool *has, bool *none, struct rfd_error *error)
{
    struct store_rows rows;
    const char *sql = arena_print(store_arena(t), "SELECT word FROM %s WHERE id = $1", table);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    TRY(store_run(t, sql, &(struct store_value){.type = STORE_INTEGER, .integer = id}, 1, &rows, error));
    bool same = rows.count == words->count;
    for (size_t i = 0; i < rows.count && same; i++) {
        char word[LIST_WORD_SIZE] = "";
        slice found = store_cell(&rows, i, 0)->bytes;
        same = found.length < sizeof word;
        if (!same) break;
        memcpy(word, found.data, found.length);
        same = bsearch(word, words->words, words->count, LIST_WORD_SIZE, by_text) != NULL;
    }
    *has = same;
    *none = rows.count == 0;
    return RFD_OK;
}

static rfd_status insert_words(struct transaction *t, const char *table, int64_t id, const struct list_words *words,
                               struct rfd_error *error)
{
    struct store_value values[1 + LIST_WORDS] = {store_integer(id)};
    struct buf sql;
    buf_init(&sql, 4096);
    buf_print(&sql, "INSERT INTO %s(word, id) VALUES ", table);
    for (size_t i = 0; i < words->count; i++) {
        values[1 + i] = store_text(slice_text(words->words[i]));
        buf_print(&sql, "%s($%zu, $1)", i == 0 ? "" : ", ", i + 2);
    }
    buf_put_byte(&sql, 0);
    rfd_status status = buf_check(&sql, "statement", error);
    if (status == RFD_OK) status = store_run(t, (const char *)sql.data, values, 1 + words->count, NULL, error);
    buf_dispose(&sql);
    return status;
}

rfd_status list_index(struct transaction *t, const char *table, int64_t id, const slice *texts, size_t count,
                      struct rfd_error *error)
{
    struct list_words words;
    struct store_value value = store_integer(id);
    bool has = false;
    bool none = false;
    list_words(texts, count, &words);
    /* Sorted, so that two writers take the rows in one order; and for the look-up. */
    qsort(words.words, words.count, LIST_WORD_SIZE, by_text);
    TRY(has_words(t, table, id, &words, &has, &none, error));
    if (has) return RFD_OK;
    const char *sql = arena_print(store_arena(t), "DELETE FROM %s WHERE id = $1", table);
    if (sql == NULL) return arena_failed(store_arena(t), error);
    if (!none) TRY(store_run(t, sql, &value, 1, NULL, error));
    return words.count == 0 ? RFD_OK : insert_words(t, table, id, &words, error);
}
