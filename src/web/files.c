/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that people hand in and get back. An upload is a file that is mapped (http/body.c): what was read of it is let
 * go piece by piece, so that the process does not grow with it.
 */
#include "web/internal.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/** Of a mapped file the pages are still on disk; of memory they would be lost. */
static void let_go(const struct page *page, slice passed)
{
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)passed.data + size - 1) / size * size;
    uintptr_t to = ((uintptr_t)passed.data + passed.length) / size * size;
    if (page->request->body_mapped && to > from) (void)madvise((void *)from, to - from, MADV_DONTNEED);
}

rfd_status page_keep_file(struct page *page, const struct http_part *file, struct blob *out, struct rfd_error *error)
{
    struct blob_writer *writer = NULL;
    rfd_status status = RFD_OK;
    TRY(blob_begin(page_blobs(page), &writer, error));
    for (size_t at = 0; at < file->body.length && status == RFD_OK; at += BLOB_PIECE) {
        slice piece = slice_part(file->body, at, BLOB_PIECE);
        status = blob_write(writer, piece, error);
        let_go(page, piece);
    }
    if (status == RFD_OK) return blob_finish(writer, page->arena, out, error);
    blob_abandon(writer);
    return status;
}

/* ---- Back to people ---- */

static rfd_status write_piece(void *context, slice piece, struct rfd_error *error)
{
    const int *file = context;
    while (piece.length > 0) {
        ssize_t done = write(*file, piece.data, piece.length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "a file to be sent");
        piece = slice_from(piece, (size_t)done);
    }
    return RFD_OK;
}

/** RFC 6266 with the name in UTF-8 (RFC 8187); a name that nobody can read is "file". */
static const char *disposition(const struct page *page, bool shown, slice name)
{
    if (!text_is_utf8(name) || name.length == 0 || name.length > 255) name = SLICE("file");
    slice escaped = page_escape(page, name);
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < escaped.length; i++) { /* "/" is the one plain character that a name must not have */
        if (escaped.data[i] == '/')
            buf_put_text(&b, "%2F");
        else
            buf_put_byte(&b, escaped.data[i]);
    }
    const char *text = arena_print(page->arena, "%s; filename*=UTF-8''%.*s", shown ? "inline" : "attachment",
                                   (int)b.length, b.data == NULL ? "" : (const char *)b.data);
    buf_dispose(&b);
    return text;
}

/** What a browser shows by itself, without running anything of it. */
static const char *shown_type(slice type)
{
    static const char *const types[] = {"application/pdf", "image/png", "image/jpeg"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (slice_is(type, types[i])) return types[i];
    return NULL;
}

static rfd_status send_file(struct page *page, const struct blob *blob, slice name, bool saved, struct rfd_error *error)
{
    int file = open(page_settings(page)->web.blobs, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "a file to be sent");
    rfd_status status = blob_read(page_blobs(page), blob, write_piece, &file, error);
    const char *type = shown_type(blob->type);
    const char *text = disposition(page, type != NULL && !saved, name);
    if (status == RFD_OK && text == NULL) status = arena_failed(page->arena, error);
    if (status != RFD_OK) {
        (void)close(file);
        return status;
    }
    if (page->policy == NULL)
        page->policy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    show_headers(page);
    http_response_header(page->response, "Content-Disposition", slice_text(text));
    http_response_file(page->response, type == NULL ? "application/octet-stream" : type, file, 0, blob->size);
    return RFD_OK;
}

rfd_status page_send_file(struct page *page, const struct blob *blob, slice name, struct rfd_error *error)
{
    return send_file(page, blob, name, false, error);
}

rfd_status page_save_file(struct page *page, const struct blob *blob, slice name, struct rfd_error *error)
{
    return send_file(page, blob, name, true, error);
}

rfd_status page_attach(struct page *page, const char *type, slice octets, const char *name, struct rfd_error *error)
{
    const char *text = arena_print(page->arena, "attachment; filename=\"%s\"", name);
    slice copy = arena_copy(page->arena, octets);
    if (text == NULL || copy.data == NULL) return arena_failed(page->arena, error);
    show_headers(page);
    http_response_header(page->response, "Content-Disposition", slice_text(text));
    http_response_body(page->response, type, copy);
    return RFD_OK;
}
