/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a query to pieces of SQL: sorting, filters, words.
 */
#include "domain/list/selection.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

enum { SQL_MAXIMUM = 64 << 10 };

rfd_status selection_bind(struct selection *s, struct store_value value, size_t *number, struct rfd_error *error)
{
    for (size_t i = 0; i < s->value_count; i++) {
        const struct store_value *v = &s->values[i];
        if (v->type == value.type && v->integer == value.integer && slice_equal(v->bytes, value.bytes)) {
            *number = i + 1;
            return RFD_OK;
        }
    }
    if (s->value_count == SELECTION_VALUES)
        return error_set(error, RFD_E_LIMIT, "more than %d values in a search", SELECTION_VALUES);
    s->values[s->value_count++] = value;
    *number = s->value_count;
    return RFD_OK;
}

/** Copies up to the next parameter, whose number is `*number`; false when there is none. */
static bool copy_to_parameter(slice *rest, struct buf *out, size_t *number)
{
    const uint8_t *mark = rest->length == 0 ? NULL : memchr(rest->data, '$', rest->length);
    size_t length = mark == NULL ? rest->length : (size_t)(mark - rest->data);
    buf_put(out, rest->data, length);
    *rest = slice_from(*rest, length);
    if (mark == NULL) return false;
    size_t digits = 1;
    *number = 0;
    for (; digits < rest->length && rest->data[digits] >= '0' && rest->data[digits] <= '9' && digits < 4; digits++)
        *number = *number * 10 + (size_t)(rest->data[digits] - '0');
    *rest = slice_from(*rest, digits);
    return true;
}

rfd_status selection_finish(const struct selection *s, const struct buf *sql, struct selection_statement *out,
                            struct rfd_error *error)
{
    size_t new_number[SELECTION_VALUES + 1] = {0};
    size_t number;
    rfd_status status;
    struct buf text;
    buf_init(&text, 2 * SQL_MAXIMUM);
    out->count = 0;
    TRY_OUT(buf_check(sql, "statement", error));
    for (slice rest = buf_slice(sql); copy_to_parameter(&rest, &text, &number);) {
        if (number == 0 || number > s->value_count) {
            status = error_set(error, RFD_E_INTERNAL, "a parameter of the list %s", s->definition->name);
            goto out;
        }
        if (new_number[number] == 0) {
            out->values[out->count++] = s->values[number - 1];
            new_number[number] = out->count;
        }
        buf_print(&text, "$%zu", new_number[number]);
    }
    TRY_OUT(buf_check(&text, "statement", error));
    out->sql = arena_text(store_arena(s->t), buf_slice(&text));
    if (out->sql == NULL) status = arena_failed(store_arena(s->t), error);
out:
    buf_dispose(&text);
    return status;
}

/* ---- Sorting ---- */

static rfd_status find_sort(struct selection *s, const char *name, struct rfd_error *error)
{
    const struct list_definition *d = s->definition;
    for (size_t i = 0; i < d->column_count; i++) {
        if (strcmp(d->columns[i].name, name) != 0 || d->columns[i].sort == NULL) continue;
        s->sort = &d->columns[i];
        return RFD_OK;
    }
    return error_set(error, RFD_E_REQUEST, "the list %s is not sorted by that", d->name);
}

static rfd_status read_sort(struct selection *s, const struct list_query *query, struct rfd_error *error)
{
    const char *order = s->definition->order;
    s->descending = query->sort == NULL ? order != NULL && *order == '-' : query->descending;
    if (query->sort != NULL) return find_sort(s, query->sort, error);
    return order == NULL ? RFD_OK : find_sort(s, order + (*order == '-'), error);
}

/* ---- Filters ---- */

/** A number, or a moment as RFC 3339 or a date (its first second). */
static bool read_moment(slice text, struct store_value *out)
{
    rfd_time moment;
    *out = store_integer(0);
    if (number_signed(text, &out->integer)) return true;
    if (!clock_parse_iso(text, &moment)) return false;
    out->integer = moment;
    return true;
}

static bool read_flag(slice text, struct store_value *out)
{
    bool yes = slice_is(text, "1") || slice_is(text, "true");
    *out = store_boolean(yes);
    return yes || slice_is(text, "0") || slice_is(text, "false");
}

static bool read_value(enum list_kind kind, slice text, struct store_value *out)
{
    switch (kind) {
    case LIST_TEXT: *out = store_text(text); return text_is_utf8(text) && memchr(text.data, 0, text.length) == NULL;
    case LIST_FLAG: return read_flag(text, out);
    case LIST_TIME:
    case LIST_AGE:
    case LIST_DAY: return read_moment(text, out);
    case LIST_NUMBER:
    case LIST_ID: break;
    }
    *out = store_integer(0);
    return number_signed(text, &out->integer);
}

/** Each "$?" becomes the parameter. */
static void put_filter(struct buf *b, const char *sql, size_t number)
{
    buf_put_text(b, " AND (");
    for (const char *mark = strstr(sql, "$?"); mark != NULL; mark = strstr(sql, "$?")) {
        buf_put(b, sql, (size_t)(mark - sql));
        buf_print(b, "$%zu", number);
        sql = mark + 2;
    }
    buf_put_text(b, sql);
    buf_put_byte(b, ')');
}

static bool is_asked(const struct list_query *query, const char *name, size_t length)
{
    for (size_t i = 0; i < LIST_FILTERS; i++)
        if (query->filters[i].name != NULL && query->filters[i].value.length > 0 &&
            strlen(query->filters[i].name) == length && memcmp(query->filters[i].name, name, length) == 0)
            return true;
    return false;
}

/** Whether a walk goes through what this filter leaves alone. */
static bool is_leading(const struct list_definition *d, const struct list_query *query, const char *name)
{
    const char *at = d->leading == NULL ? "" : d->leading;
    while (*at != '\0' && !is_asked(query, at, strcspn(at, " "))) at = strchr(at, ' ') + 1;
    return *at != '\0' && strlen(name) == strcspn(at, " ") && memcmp(at, name, strlen(name)) == 0;
}

static rfd_status add_filter(struct selection *s, const char *name, slice value, bool leads, struct buf *condition,
                             struct rfd_error *error)
{
    const struct list_definition *d = s->definition;
    const struct list_filter *filter = NULL;
    struct store_value typed;
    size_t number;
    for (size_t i = 0; i < d->filter_count && filter == NULL; i++)
        if (strcmp(d->filters[i].name, name) == 0) filter = &d->filters[i];
    if (filter == NULL || !read_value(filter->kind, value, &typed))
        return error_set(error, RFD_E_REQUEST, "the filter %s of the list %s", filter == NULL ? "" : filter->name,
                         d->name);
    TRY(selection_bind(s, typed, &number, error));
    put_filter(condition, filter->sql, number);
    /* What leaves half of the rows is no way to find them: SQLite would take its index, were there one. */
    if (d->walked && filter->kind == LIST_FLAG && !leads) buf_put_text(condition, " IS TRUE");
    return RFD_OK;
}

static rfd_status keep_conditions(const struct selection *s, const struct buf *b, const char **out,
                                  struct rfd_error *error)
{
    TRY(buf_check(b, "conditions", error));
    *out = arena_text(store_arena(s->t), buf_slice(b));
    return *out == NULL ? arena_failed(store_arena(s->t), error) : RFD_OK;
}

static rfd_status read_filters(struct selection *s, const struct list_query *query, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct buf condition;
    struct buf leading;
    buf_init(&condition, SQL_MAXIMUM);
    buf_init(&leading, SQL_MAXIMUM);
    if (s->definition->where != NULL) buf_print(&condition, " AND (%s)", s->definition->where);
    for (size_t i = 0; i < LIST_FILTERS; i++) {
        const char *name = query->filters[i].name;
        if (name == NULL || query->filters[i].value.length == 0) continue;
        bool leads = is_leading(s->definition, query, name);
        TRY_OUT(add_filter(s, name, query->filters[i].value, leads, leads ? &leading : &condition, error));
    }
    TRY_OUT(keep_conditions(s, &condition, &s->condition, error));
    TRY_OUT(keep_conditions(s, &leading, &s->leading, error));
out:
    buf_dispose(&condition);
    buf_dispose(&leading);
    return status;
}

/* ---- Words ---- */

static bool is_begin_of_another(const struct list_words *words, size_t i)
{
    size_t length = strlen(words->words[i]);
    for (size_t k = 0; k < words->count; k++)
        if (k != i && strncmp(words->words[k], words->words[i], length) == 0) return true;
    return false;
}

static rfd_status add_word(struct selection *s, const char *word, struct rfd_error *error)
{
    struct selection_word *w = &s->words[s->word_count++];
    const char *low = arena_text(store_arena(s->t), slice_text(word));
    const char *high = arena_print(store_arena(s->t), "%s\xF4\x8F\xBF\xBF", word); /* the last code point */
    if (low == NULL || high == NULL) return arena_failed(store_arena(s->t), error);
    TRY(selection_bind(s, store_text(slice_text(low)), &w->low, error));
    return selection_bind(s, store_text(slice_text(high)), &w->high, error);
}

static bool is_blank(slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] > ' ') return false;
    return true;
}

static rfd_status read_words(struct selection *s, slice search, struct rfd_error *error)
{
    struct list_words words;
    if (is_blank(search)) return RFD_OK;
    if (s->definition->words == NULL)
        return error_set(error, RFD_E_REQUEST, "the list %s is not searched", s->definition->name);
    list_words(&search, 1, &words);
    s->nothing = words.count == 0; /* nothing is called "?!" */
    for (size_t i = 0; i < words.count && s->word_count < SELECTION_WORDS; i++)
        if (!is_begin_of_another(&words, i)) TRY(add_word(s, words.words[i], error));
    return RFD_OK;
}

rfd_status selection_prepare(struct selection *s, const struct list_query *query, const struct actor *actor,
                             struct rfd_error *error)
{
    TRY(store_plan_by_values(s->t, error));
    TRY(read_sort(s, query, error));
    TRY(read_words(s, query->search, error));
    TRY(read_filters(s, query, error));
    return selection_scopes(s, actor, error);
}
