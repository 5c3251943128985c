/* SPDX-License-Identifier: EUPL-1.2
 *
 * A whole list as CSV: written row by row to a file without a name, which is sent from there.
 */
#include "web/lists.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 64 << 10 };
#define FILE_MAXIMUM (UINT64_C(1) << 30)

struct writing {
    struct page *page;
    const struct page_list *own;
    const struct list_definition *list;
    const struct list_query *query;
    struct buf piece;
    int file;
    uint64_t written;
};

static rfd_status flush(struct writing *w, struct rfd_error *error)
{
    slice rest = buf_slice(&w->piece);
    TRY(buf_check(&w->piece, "a row of the file", error));
    w->written += rest.length;
    if (w->written > FILE_MAXIMUM) return error_set(error, RFD_E_LIMIT, "a list of more than 1 GiB");
    while (rest.length > 0) {
        ssize_t done = write(w->file, rest.data, rest.length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "the file of a list");
        rest = slice_from(rest, (size_t)done);
    }
    buf_reset(&w->piece);
    return RFD_OK;
}

void lists_put_field(struct buf *b, slice text, bool is_text)
{
    bool formula = is_text && text.length > 0 && strchr("=+-@\t\r", text.data[0]) != NULL && text.data[0] != '\0';
    buf_put_byte(b, '"');
    if (formula) buf_put_byte(b, '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"') buf_put_byte(b, '"');
        buf_put_byte(b, text.data[i]);
    }
    buf_put_byte(b, '"');
}

static rfd_status put_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct writing *w = context;
    struct arena_mark mark = arena_mark(w->page->arena);
    bool first = true;
    for (size_t i = 0; i < w->list->column_count && i < columns; i++) {
        const struct list_column *c = &w->list->columns[i];
        if (c->kind == LIST_ID) continue;
        if (!first) buf_put_byte(&w->piece, ';');
        lists_put_field(&w->piece, lists_cell(w->page, w->own, c, &values[i]), c->kind == LIST_TEXT);
        first = false;
    }
    buf_put_text(&w->piece, "\r\n");
    arena_release(w->page->arena, mark);
    return w->piece.length >= PIECE ? flush(w, error) : RFD_OK;
}

static void put_head(struct writing *w)
{
    bool first = true;
    buf_put_text(&w->piece, "\xEF\xBB\xBF"); /* or spreadsheets take it for another alphabet */
    for (size_t i = 0; i < w->list->column_count; i++) {
        if (w->list->columns[i].kind == LIST_ID) continue;
        if (!first) buf_put_byte(&w->piece, ';');
        lists_put_field(&w->piece, slice_text(page_text(w->page, w->list->columns[i].title)), true);
        first = false;
    }
    buf_put_text(&w->piece, "\r\n");
}

static rfd_status write_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct writing *w = context;
    buf_reset(&w->piece); /* a second run begins anew */
    w->written = 0;
    if (ftruncate(w->file, 0) != 0 || lseek(w->file, 0, SEEK_SET) != 0)
        return error_errno(error, RFD_E_IO_WRITE, errno, "the file of a list");
    put_head(w);
    TRY(list_each(t, w->list, w->query, &w->page->actor, put_row, w, error));
    return flush(w, error);
}

rfd_status lists_file(struct page *page, const struct page_list *list, const struct list_query *query,
                      struct rfd_error *error)
{
    struct writing w = {.page = page, .own = list, .list = list->definition, .query = query};
    rfd_status status = RFD_OK;
    buf_init(&w.piece, 2 * PIECE);
    w.file = open(page_settings(page)->web.blobs, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (w.file < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "the file of a list");
    TRY_OUT(page_read(page, write_list, &w, error));
    const char *name = arena_print(page->arena, "attachment; filename=\"%s.csv\"", list->definition->name);
    if (name == NULL) TRY_OUT(arena_failed(page->arena, error));
    show_headers(page);
    http_response_header(page->response, "Content-Disposition", slice_text(name));
    http_response_file(page->response, "text/csv; charset=utf-8", w.file, 0, w.written);
    w.file = -1;
out:
    if (w.file >= 0) (void)close(w.file);
    buf_dispose(&w.piece);
    return status;
}
