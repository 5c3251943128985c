/* SPDX-License-Identifier: EUPL-1.2 */
#include "render/draw.h"

#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <poppler.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POINTS_PER_INCH = 72, SIDE_MAXIMUM = 32767 /* cairo's */, PIECE = 1 << 16 };
/** Of a document that comes through a pipe. */
#define PIPE_MAXIMUM ((size_t)512 << 20)

static enum render_exit explain(const GError *error)
{
    if (g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
        complain("the document needs a password, or another one");
        return RENDER_EXIT_PASSWORD;
    }
    complain("the document cannot be read: %s", error->message);
    return RENDER_EXIT_DOCUMENT;
}

/** All of standard input; NULL after complaining. */
static GBytes *read_pipe(void)
{
    GByteArray *all = g_byte_array_new();
    for (;;) {
        guint length = all->len;
        g_byte_array_set_size(all, length + PIECE);
        ssize_t got = read(STDIN_FILENO, all->data + length, PIECE);
        g_byte_array_set_size(all, length + (got > 0 ? (guint)got : 0));
        if (got == 0) return g_byte_array_free_to_bytes(all);
        if ((got < 0 && errno != EINTR) || all->len > PIPE_MAXIMUM) break;
    }
    complain("the document cannot be read from standard input, or is longer than %zu bytes", PIPE_MAXIMUM);
    g_byte_array_unref(all);
    return NULL;
}

/** The file on standard input as memory that is read on demand; NULL when it is too large for that. */
static GBytes *map_file(GError **error)
{
    GMappedFile *mapped = g_mapped_file_new_from_fd(STDIN_FILENO, FALSE, error);
    if (mapped == NULL) return NULL;
    GBytes *bytes = g_mapped_file_get_bytes(mapped);
    g_mapped_file_unref(mapped);
    return bytes;
}

/** Poppler 22.12 tries a wrong password twice, the second time on a descriptor or bytes that it has just let go; only
 * streams survive that. */
static PopplerDocument *open_with_password(GBytes *bytes, const char *password, GError **error)
{
    GBytes *all = bytes != NULL ? g_bytes_ref(bytes) : map_file(error);
    if (all == NULL) return NULL;
    GInputStream *stream = g_memory_input_stream_new_from_bytes(all);
    PopplerDocument *document =
        poppler_document_new_from_stream(stream, (goffset)g_bytes_get_size(all), password, NULL, error);
    g_object_unref(stream);
    g_bytes_unref(all);
    return document;
}

/** `bytes` is NULL when standard input is a file, which is then read where needed, however large. Poppler would treat
 * descriptor 0 as a pipe, and closes what it gets. */
static PopplerDocument *open_document(GBytes *bytes, const char *password, GError **error)
{
    PopplerDocument *document = bytes == NULL ? poppler_document_new_from_fd(dup(STDIN_FILENO), NULL, error)
                                              : poppler_document_new_from_bytes(bytes, NULL, error);
    if (document != NULL || password == NULL) return document;
    if (!g_error_matches(*error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) return NULL;
    g_clear_error(error);
    return open_with_password(bytes, password, error);
}

enum render_exit draw_open(const char *password, PopplerDocument **out)
{
    struct stat st;
    GError *error = NULL;
    bool file = fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
    GBytes *bytes = file ? NULL : read_pipe();
    if (!file && bytes == NULL) return RENDER_EXIT_DOCUMENT;
    *out = open_document(bytes, password, &error);
    if (bytes != NULL) g_bytes_unref(bytes);
    if (*out != NULL) return RENDER_EXIT_OK;
    enum render_exit result = explain(error);
    g_error_free(error);
    return result;
}

int draw_page_count(PopplerDocument *document)
{
    return poppler_document_get_n_pages(document);
}

static cairo_status_t put(void *context, const unsigned char *data, unsigned int length)
{
    (void)context;
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, data, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return CAIRO_STATUS_WRITE_ERROR;
        data += written;
        length -= (unsigned)written;
    }
    return CAIRO_STATUS_SUCCESS;
}

/** The page on white, `scale` pixels a point. */
static cairo_surface_t *paint(PopplerPage *page, int width, int height, double scale)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, scale, scale);
    poppler_page_render(page, cairo);
    cairo_destroy(cairo);
    return surface;
}

static enum render_exit write_picture(cairo_surface_t *surface)
{
    cairo_status_t status = cairo_surface_status(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_write_to_png_stream(surface, put, NULL);
    if (status == CAIRO_STATUS_SUCCESS) return RENDER_EXIT_OK;
    complain("%s", cairo_status_to_string(status));
    return status == CAIRO_STATUS_NO_MEMORY ? RENDER_EXIT_MEMORY : RENDER_EXIT_OUTPUT;
}

/** Pixels of a length, or 0 when it is none that can be drawn. */
static int pixels_of(double points, double scale)
{
    double pixels = ceil(points * scale);
    return pixels >= 1 && pixels <= SIDE_MAXIMUM ? (int)pixels : 0;
}

enum render_exit draw_page(PopplerDocument *document, const struct render_options *options)
{
    double points_wide, points_high;
    double scale = (double)options->dpi / POINTS_PER_INCH;
    int count = poppler_document_get_n_pages(document);
    PopplerPage *page =
        options->page > (uint64_t)count ? NULL : poppler_document_get_page(document, (int)options->page - 1);
    if (page == NULL) {
        complain("the document has %d pages", count);
        return RENDER_EXIT_PAGE;
    }
    poppler_page_get_size(page, &points_wide, &points_high);
    int width = pixels_of(points_wide, scale);
    int height = pixels_of(points_high, scale);
    if (width == 0 || height == 0 || (uint64_t)width * (uint64_t)height > options->pixels) {
        complain("the page is %g x %g points, more than %llu pixels", points_wide, points_high,
                 (unsigned long long)options->pixels);
        g_object_unref(page);
        return RENDER_EXIT_SIZE;
    }
    cairo_surface_t *surface = paint(page, width, height, scale);
    enum render_exit result = write_picture(surface);
    cairo_surface_destroy(surface);
    g_object_unref(page);
    return result;
}
