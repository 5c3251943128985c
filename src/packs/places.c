/* SPDX-License-Identifier: EUPL-1.2
 *
 * One block of text, cut into fields by zeros; rows that point into it, in the order in which people look for them; and
 * their places by code. Codes are digits, so that their order is that of their octets.
 *
 * The file: a first row of names, then code,region,province,district; a field with a comma stands in quotation marks;
 * blank rows and rows that begin with # are passed over. District and province may be empty: the whole of the province
 * or region is meant.
 */
#include "packs/places.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/source.h"
#include "base/text.h"
#include "packs/yaml.h"

#include <pthread.h>

enum { FIELDS = 4, CODE_MAXIMUM = 12, NAME_MAXIMUM = 100, FILE_MAXIMUM = 4 << 20, ROWS_MAXIMUM = 100000 };

struct places {
    char path[YAML_PATH_SIZE];
    pthread_mutex_t lock; /* of what follows until it is loaded */
    bool loaded;
    char *text;
    struct pack_place *rows;
    uint32_t *by_code;
    size_t count;
};

/* ---- Reading ---- */

struct reader {
    const char *path;
    char *at, *end;
    unsigned line;
};

static rfd_status complain(const struct reader *r, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_PACK, "%s:%u: %s", r->path, r->line, what);
}

/* Cuts the next line off, without its end. */
static char *next_line(struct reader *r)
{
    if (r->at >= r->end) return NULL;
    char *line = r->at;
    char *stop = memchr(line, '\n', (size_t)(r->end - line));
    if (stop == NULL) stop = r->end;
    r->at = stop + 1;
    *stop = '\0';
    if (stop > line && stop[-1] == '\r') stop[-1] = '\0';
    r->line++;
    return line;
}

/* One field, in its place; NULL when it is not written well. */
static char *next_field(char **rest)
{
    char *field = *rest;
    if (field == NULL) return NULL;
    bool quoted = *field == '"';
    char *stop = quoted ? strchr(++field, '"') : field + strcspn(field, ",\"");
    if (stop == NULL || (!quoted && *stop == '"')) return NULL;
    char after = quoted ? stop[1] : *stop;
    if (after != '\0' && after != ',') return NULL;
    *rest = after == '\0' ? NULL : stop + (quoted ? 2 : 1);
    *stop = '\0';
    return field;
}

static bool is_code_good(const char *code)
{
    size_t length = strspn(code, "0123456789");
    return length > 0 && length <= CODE_MAXIMUM && code[length] == '\0';
}

static rfd_status read_row(struct reader *r, char *line, struct pack_place *out, struct rfd_error *error)
{
    char *fields[FIELDS];
    char *rest = line;
    for (unsigned i = 0; i < FIELDS; i++) {
        fields[i] = next_field(&rest);
        if (fields[i] == NULL) return complain(r, "a row is code, region, province and district", error);
        if (strlen(fields[i]) > NAME_MAXIMUM || !text_is_printable(slice_text(fields[i])))
            return complain(r, "a name is too long, or no text", error);
    }
    if (rest != NULL) return complain(r, "a row is code, region, province and district", error);
    if (!is_code_good(fields[0])) return complain(r, "a code is digits", error);
    if (fields[1][0] == '\0') return complain(r, "the region is missing", error);
    *out = (struct pack_place){fields[0], fields[1], fields[2], fields[3]};
    return RFD_OK;
}

static bool is_passed_over(const char *line)
{
    return line[0] == '\0' || line[0] == '#';
}

static rfd_status read_rows(struct places *p, struct reader *r, size_t lines, struct rfd_error *error)
{
    bool named = false;
    p->rows = memory_zeroed(lines, sizeof *p->rows);
    p->by_code = memory_zeroed(lines, sizeof *p->by_code);
    if (p->rows == NULL || p->by_code == NULL) return error_memory(error);
    for (char *line = next_line(r); line != NULL; line = next_line(r)) {
        if (is_passed_over(line)) continue;
        if (!named && strcmp(line, "code,region,province,district") != 0)
            return complain(r, "the first row is code,region,province,district", error);
        if (named) TRY(read_row(r, line, &p->rows[p->count++], error));
        named = true;
    }
    return p->count > 0 ? RFD_OK : complain(r, "there is no place in it", error);
}

/* ---- Order ---- */

/* Letters as they are looked for: small, without accents; U+00C0 to U+00FF are 0xC3 and one of these. */
static const char plain_letters[] = "aaaaaaaceeeeiiiidnooooo/ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty";

static int next_letter(const char **text)
{
    uint8_t c = (uint8_t) * *text;
    if (c == 0) return 0;
    (*text)++;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
    uint8_t next = (uint8_t) * *text;
    if (c != 0xC3 || next < 0x80 || next > 0xBF) return c;
    (*text)++;
    return plain_letters[next - 0x80];
}

static int compare_names(const char *a, const char *b)
{
    const char *x = a;
    const char *y = b;
    for (;;) {
        int one = next_letter(&x);
        int other = next_letter(&y);
        if (one != other) return one < other ? -1 : 1;
        if (one == 0) return strcmp(a, b);
    }
}

static int by_names(const void *a, const void *b)
{
    const struct pack_place *one = a;
    const struct pack_place *other = b;
    int order = compare_names(one->region, other->region);
    if (order == 0) order = compare_names(one->province, other->province);
    if (order == 0) order = compare_names(one->district, other->district);
    return order != 0 ? order : strcmp(one->code, other->code);
}

static int by_codes(const void *a, const void *b, void *rows)
{
    const struct pack_place *r = rows;
    return strcmp(r[*(const uint32_t *)a].code, r[*(const uint32_t *)b].code);
}

static rfd_status order(struct places *p, struct rfd_error *error)
{
    qsort(p->rows, p->count, sizeof *p->rows, by_names);
    for (size_t i = 0; i < p->count; i++) p->by_code[i] = (uint32_t)i;
    qsort_r(p->by_code, p->count, sizeof *p->by_code, by_codes, p->rows);
    for (size_t i = 1; i < p->count; i++) {
        const char *code = p->rows[p->by_code[i]].code;
        if (strcmp(code, p->rows[p->by_code[i - 1]].code) == 0)
            return error_set(error, RFD_E_PACK, "%s:1: there are two places of the code %s", p->path, code);
    }
    return RFD_OK;
}

/* ---- Loading ---- */

static void unload(struct places *p)
{
    memory_free(p->text);
    memory_free(p->rows);
    memory_free(p->by_code);
    p->text = NULL;
    p->rows = NULL;
    p->by_code = NULL;
    p->count = 0;
    p->loaded = false;
}

static size_t count_lines(slice text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.length; i++) lines += text.data[i] == '\n';
    return lines;
}

static rfd_status load(struct places *p, struct rfd_error *error)
{
    struct buf text;
    rfd_status status = RFD_OK;
    buf_init(&text, FILE_MAXIMUM + 1);
    TRY_OUT(source_read_file(p->path, FILE_MAXIMUM, &text, error));
    slice all = buf_slice(&text);
    size_t lines = count_lines(all);
    if (all.length == 0 || lines > ROWS_MAXIMUM || memchr(all.data, '\0', all.length) != NULL) {
        status = error_set(error, RFD_E_PACK, "%s:1: this is no list of places", p->path);
        goto out;
    }
    p->text = memory_allocate(all.length + 1);
    if (p->text == NULL) {
        status = error_memory(error);
        goto out;
    }
    memcpy(p->text, all.data, all.length);
    struct reader r = {p->path, p->text, p->text + all.length, 0};
    TRY_OUT(read_rows(p, &r, lines, error));
    TRY_OUT(order(p, error));
    p->loaded = true;
out:
    if (status != RFD_OK) unload(p);
    buf_dispose(&text);
    return status;
}

/* ---- Outside ---- */

rfd_status places_open(const char *path, struct places **out, struct rfd_error *error)
{
    struct places *p = memory_zeroed(1, sizeof *p);
    rfd_status status = RFD_OK;
    if (p == NULL) return error_memory(error);
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        memory_free(p);
        return error_memory(error);
    }
    (void)snprintf(p->path, sizeof p->path, "%s", path);
    TRY_OUT(load(p, error));
    unload(p);
    *out = p;
    p = NULL;
out:
    places_close(p);
    return status;
}

void places_close(struct places *p)
{
    if (p == NULL) return;
    unload(p);
    (void)pthread_mutex_destroy(&p->lock);
    memory_free(p);
}

const struct pack_place *places_all(struct places *p, size_t *count)
{
    struct rfd_error ignored = RFD_ERROR_INIT;
    (void)pthread_mutex_lock(&p->lock);
    if (!p->loaded) (void)load(p, &ignored);
    *count = p->count;
    const struct pack_place *rows = p->rows;
    (void)pthread_mutex_unlock(&p->lock);
    return rows;
}

const struct pack_place *places_find(struct places *p, slice code)
{
    size_t high = 0;
    size_t low = 0;
    const struct pack_place *rows = places_all(p, &high);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pack_place *row = &rows[p->by_code[middle]];
        int order_of = slice_compare(code, slice_text(row->code));
        if (order_of == 0) return row;
        if (order_of < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
