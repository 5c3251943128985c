/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pictures of all kinds go into a PDF on a coloured page; pdftoppm and mutool draw it, and what
 * comes out is compared pixel by pixel. Hostile files end in a clean error.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "image_maker.h"
#include "pdf/create.h"
#include "pdf/filter.h"
#include "pdf_support.h"
#include "print/colour.h"
#include "print/image_internal.h"

enum {
    MEGABYTE = 1 << 20,
    PAGE_RED = 51,
    PAGE_GREEN = 153,
    PAGE_BLUE = 102,
    TOLERANCE = 2,
    JPEG_TOLERANCE = 10,
    ZOOM = 8
};

static const uint8_t page_color[3] = {PAGE_RED, PAGE_GREEN, PAGE_BLUE};

static struct image *must_read(const struct buf *file)
{
    struct image *image = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (image_read(buf_slice(file), &image, &error) != RFD_OK) fail_msg("%s", error.detail);
    return image;
}

static bool has(const char *program)
{
    return support_run((const char *const[]){program, "-v", NULL}) != -1;
}

static void put_object(struct pdf_update *u, struct pdf_reference reference, const char *text)
{
    buf_put_text(pdf_update_object(u, reference), text);
    pdf_update_end(u);
}

/** A file with one page of the picture's size, coloured, and the picture on it. */
static rfd_status make_pdf(const struct image *image, bool opaque, struct buf *out, struct rfd_error *error)
{
    char text[300];
    struct pdf_update *u = NULL;
    struct pdf_reference picture = {0};
    struct pdf_reference numbers[5];
    slice file;
    unsigned width = image_width(image);
    unsigned height = image_height(image);
    TRY(pdf_create_begin(&u, error));
    for (int i = 1; i < 5; i++) numbers[i] = pdf_update_new(u);
    put_object(u, numbers[1], "<</Type /Catalog /Pages 2 0 R>>");
    put_object(u, numbers[2], "<</Type /Pages /Kids [3 0 R] /Count 1>>");
    numbers[0] = colour_write_profile(u);
    rfd_status status = image_write(image, u, numbers[0], opaque, &picture, error);
    (void)snprintf(text, sizeof text, "0.2 0.6 0.4 rg 0 0 %u %u re f q %u 0 0 %u 0 0 cm /X0 Do Q", width, height, width,
                   height);
    pdf_update_stream(u, numbers[4], "", slice_text(text), false);
    (void)snprintf(text, sizeof text,
                   "<</Type /Page /Parent 2 0 R /MediaBox [0 0 %u %u] /Contents 4 0 R /Resources <</XObject <</X0 %u "
                   "0 R>>>>>>",
                   width, height, picture.number);
    put_object(u, numbers[3], text);
    if (status == RFD_OK) status = pdf_create_finish(u, numbers[1], (struct pdf_reference){0}, &file, error);
    buf_init(out, (size_t)64 * MEGABYTE);
    if (status == RFD_OK) buf_put_slice(out, file);
    if (status == RFD_OK) status = buf_check(out, "PDF", error);
    pdf_update_free(u);
    return status;
}

/** Draws the file's page with one of two programs, each pixel ZOOM x ZOOM large; `pixels` are their middles. */
static void draw(const struct buf *pdf, bool mutool, uint8_t pixels[MAKER_HEIGHT][MAKER_WIDTH][3])
{
    struct buf ppm;
    char header[40];
    const char *const with_mutool[] = {
        "mutool", "draw", "-q", "-r", "576", "-c", "rgb", "-o", support_path("page.ppm"), support_path("page.pdf"),
        NULL};
    const char *const with_poppler[] = {"pdftoppm",           "-r", "576", "-singlefile", support_path("page.pdf"),
                                        support_path("page"), NULL};
    support_write(support_path("page.pdf"), buf_slice(pdf), SLICE_EMPTY);
    assert_int_equal(support_run(mutool ? with_mutool : with_poppler), 0);
    buf_init(&ppm, (size_t)64 * MEGABYTE);
    support_read(support_path("page.ppm"), &ppm);
    size_t length =
        (size_t)snprintf(header, sizeof header, "P6\n%d %d\n255\n", MAKER_WIDTH * ZOOM, MAKER_HEIGHT * ZOOM);
    assert_int_equal(ppm.length, length + (size_t)MAKER_WIDTH * ZOOM * MAKER_HEIGHT * ZOOM * 3);
    assert_memory_equal(ppm.data, header, length);
    for (size_t y = 0; y < MAKER_HEIGHT; y++) {
        const uint8_t *row = ppm.data + length + (y * ZOOM + ZOOM / 2) * MAKER_WIDTH * ZOOM * 3;
        for (size_t x = 0; x < MAKER_WIDTH; x++) memcpy(pixels[y][x], row + (x * ZOOM + ZOOM / 2) * 3, 3);
    }
    buf_dispose(&ppm);
}

/** One pixel laid on the page: smoothly, or with `opaque` on white unless it cannot be seen at all. */
static void laid_on_page(const uint8_t rgba[4], bool opaque, uint8_t rgb[3])
{
    for (int c = 0; c < 3; c++) {
        unsigned below = opaque && rgba[3] > 0 ? 255 : page_color[c];
        rgb[c] = (uint8_t)((rgba[c] * rgba[3] + below * (255u - rgba[3]) + 127) / 255);
    }
}

static void assert_pixel(const char *name, unsigned x, unsigned y, const uint8_t *seen, const uint8_t *wanted,
                         int tolerance)
{
    for (int c = 0; c < 3; c++) {
        if (abs(seen[c] - wanted[c]) > tolerance)
            fail_msg("%s at (%u, %u): %d,%d,%d, not %d,%d,%d", name, x, y, seen[0], seen[1], seen[2], wanted[0],
                     wanted[1], wanted[2]);
    }
}

static const struct maker_png kinds[] = {
    {"grey, 1 bit", MAKER_GREY, 1, false, false, 0},
    {"grey, 2 bits", MAKER_GREY, 2, false, false, 0},
    {"grey, 4 bits, interlaced", MAKER_GREY, 4, false, true, 0},
    {"grey, 8 bits", MAKER_GREY, 8, false, false, 0},
    {"grey, 8 bits, transparent", MAKER_GREY, 8, true, false, 0},
    {"grey, 16 bits", MAKER_GREY, 16, false, false, 0},
    {"grey and alpha", MAKER_GREY_ALPHA, 8, false, false, 0},
    {"grey and alpha, 16 bits, interlaced", MAKER_GREY_ALPHA, 16, false, true, 0},
    {"colour", MAKER_RGB, 8, false, false, 0},
    {"colour, interlaced, of a screen's gamma", MAKER_RGB, 8, false, true, 45455},
    {"colour, transparent", MAKER_RGB, 8, true, false, 0},
    {"colour, 16 bits", MAKER_RGB, 16, false, false, 0},
    {"colour and alpha", MAKER_RGBA, 8, false, false, 0},
    {"colour and alpha, interlaced", MAKER_RGBA, 8, false, true, 0},
    {"colour and alpha, 16 bits", MAKER_RGBA, 16, false, false, 0},
    {"palette, 1 bit", MAKER_PALETTE, 1, false, false, 0},
    {"palette, 2 bits, transparent", MAKER_PALETTE, 2, true, false, 0},
    {"palette, 4 bits, interlaced", MAKER_PALETTE, 4, false, true, 0},
    {"palette, 8 bits, transparent, interlaced", MAKER_PALETTE, 8, true, true, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void assert_drawn(const struct maker_png *kind, const struct image *image, bool opaque, bool mutool)
{
    static uint8_t pixels[MAKER_HEIGHT][MAKER_WIDTH][3];
    struct buf pdf;
    struct rfd_error error = RFD_ERROR_INIT;
    if (make_pdf(image, opaque, &pdf, &error) != RFD_OK) fail_msg("%s", error.detail);
    draw(&pdf, mutool, pixels);
    for (unsigned y = 0; y < MAKER_HEIGHT; y++) {
        for (unsigned x = 0; x < MAKER_WIDTH; x++) {
            uint8_t rgba[4], wanted[3];
            maker_png_pixel(kind, x, y, rgba);
            laid_on_page(rgba, opaque, wanted);
            assert_pixel(kind->name, x, y, pixels[y][x], wanted, TOLERANCE);
        }
    }
    buf_dispose(&pdf);
}

static void test_every_png_looks_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct buf file;
        maker_png(&kinds[i], &file);
        struct image *image = must_read(&file);
        assert_int_equal(image_width(image), MAKER_WIDTH);
        assert_int_equal(image_height(image), MAKER_HEIGHT);
        for (int way = 0; way < 4; way++) {
            if (has(way < 2 ? "pdftoppm" : "mutool")) assert_drawn(&kinds[i], image, way % 2 == 1, way >= 2);
        }
        image_free(image);
        buf_dispose(&file);
    }
    support_clean();
}

static void test_alpha_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct buf file;
        maker_png(&kinds[i], &file);
        struct image *image = must_read(&file);
        bool alpha = kinds[i].transparent || kinds[i].colors == MAKER_RGBA || kinds[i].colors == MAKER_GREY_ALPHA;
        assert_int_equal(image_has_alpha(image), alpha);
        image_free(image);
        buf_dispose(&file);
    }
}

/** A linear picture (gamma 1.0) is made brighter: 0.5 of the light is 188 of sRGB's 255. */
static void test_gamma(void **state)
{
    (void)state;
    static const struct maker_png linear = {"linear", MAKER_GREY, 8, false, false, 100000};
    struct buf file;
    struct pixels pixels = {0};
    maker_png(&linear, &file);
    assert_int_equal(image_png_decode(buf_slice(&file), &pixels, NULL), RFD_OK);
    for (unsigned x = 0; x < MAKER_WIDTH; x++) {
        uint8_t rgba[4];
        maker_png_pixel(&linear, x, 0, rgba);
        if (rgba[0] >= 126 && rgba[0] <= 130) assert_in_range(pixels.data[x * PIXEL_BYTES], 183, 191);
    }
    memory_free(pixels.data);
    buf_dispose(&file);
}

static const struct maker_jpeg photographs[] = {
    {"photograph", MAKER_JPEG_RGB, false, 0, false, false},
    {"photograph, progressive", MAKER_JPEG_RGB, true, 0, false, false},
    {"grey photograph", MAKER_JPEG_GREY, false, 0, false, false},
    {"grey photograph, progressive", MAKER_JPEG_GREY, true, 0, false, false},
    {"inks", MAKER_JPEG_CMYK, false, 0, false, false},
    {"inks, not inverted", MAKER_JPEG_CMYK, false, 0, false, true},
    {"inks as YCCK, progressive", MAKER_JPEG_YCCK, true, 0, false, false},
    {"turned 1", MAKER_JPEG_RGB, false, 1, true, false},
    {"turned 2", MAKER_JPEG_RGB, false, 2, false, false},
    {"turned 3", MAKER_JPEG_RGB, false, 3, true, false},
    {"turned 4", MAKER_JPEG_RGB, false, 4, false, false},
    {"turned 5", MAKER_JPEG_RGB, false, 5, true, false},
    {"turned 6", MAKER_JPEG_GREY, true, 6, false, false},
    {"turned 7", MAKER_JPEG_CMYK, false, 7, true, false},
    {"turned 8", MAKER_JPEG_RGB, false, 8, false, false},
    {"turned 9, which does not exist", MAKER_JPEG_RGB, false, 9, false, false},
};
enum { PHOTOGRAPHS = sizeof photographs / sizeof *photographs };

static void assert_photograph_drawn(const struct maker_jpeg *kind, const struct buf *pdf, bool mutool)
{
    static uint8_t pixels[MAKER_HEIGHT][MAKER_WIDTH][3];
    draw(pdf, mutool, pixels);
    for (unsigned y = 0; y < MAKER_HEIGHT; y++) {
        for (unsigned x = 0; x < MAKER_WIDTH; x++) {
            uint8_t wanted[3];
            maker_jpeg_pixel(kind, x, y, wanted);
            assert_pixel(kind->name, x, y, pixels[y][x], wanted, JPEG_TOLERANCE);
        }
    }
}

static void test_every_jpeg_looks_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < PHOTOGRAPHS; i++) {
        struct buf file, pdf;
        struct rfd_error error = RFD_ERROR_INIT;
        maker_jpeg(&photographs[i], &file);
        struct image *image = must_read(&file);
        assert_int_equal(image_width(image), MAKER_WIDTH);
        assert_int_equal(image_height(image), MAKER_HEIGHT);
        assert_false(image_has_alpha(image));
        assert_int_equal(make_pdf(image, i % 2 == 1, &pdf, &error), RFD_OK);
        if (has("pdftoppm")) assert_photograph_drawn(&photographs[i], &pdf, false);
        if (has("mutool")) assert_photograph_drawn(&photographs[i], &pdf, true);
        image_free(image);
        buf_dispose(&pdf);
        buf_dispose(&file);
    }
    support_clean();
}

static bool holds(slice bytes, const char *text)
{
    return memmem(bytes.data, bytes.length, text, strlen(text)) != NULL;
}

static void test_jpeg_keeps_no_metadata(void **state)
{
    (void)state;
    struct buf file;
    maker_jpeg(&photographs[PHOTOGRAPHS - 2], &file);
    assert_true(holds(buf_slice(&file), "Exif"));
    struct image *image = must_read(&file);
    slice stream = slice_bytes(image->color.stream);
    assert_false(holds(stream, "Exif"));
    assert_true(memmem(stream.data, stream.length, "\xff\xc0", 2) != NULL); /* SOF0: baseline */
    assert_true(memmem(stream.data, stream.length, "\xff\xc2", 2) == NULL);
    image_free(image);
    buf_dispose(&file);
}

static void test_same_bytes_every_time(void **state)
{
    (void)state;
    struct buf file, first, second;
    struct rfd_error error = RFD_ERROR_INIT;
    maker_png(&kinds[KINDS - 1], &file);
    struct image *one = must_read(&file);
    struct image *two = must_read(&file);
    assert_int_equal(make_pdf(one, false, &first, &error), RFD_OK);
    assert_int_equal(make_pdf(two, false, &second, &error), RFD_OK);
    assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    image_free(one);
    image_free(two);
    buf_dispose(&first);
    buf_dispose(&second);
    buf_dispose(&file);
}

/** What cannot be seen must not be there either: no pixel of zero alpha keeps a colour of its own. */
static void test_hidden_colours_are_gone(void **state)
{
    (void)state;
    enum { SIDE = 32 };
    static uint8_t rgba[SIDE * SIDE * 4];
    struct buf file;
    uint64_t random = 88172645463325252;
    for (size_t i = 0; i < sizeof rgba; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        rgba[i] = i % 4 == 3 ? 0 : (uint8_t)random;
    }
    memcpy(rgba + 4 * (size_t)(SIDE * 5 + 7), "\x10\x20\x30\xff", 4);
    maker_png_of(rgba, SIDE, SIDE, &file);
    struct image *image = must_read(&file);
    assert_int_equal(image->color.color_count, 1);
    assert_memory_equal(image->color.palette, "\x10\x20\x30", 3);
    assert_int_equal(image->alpha.bits, 1);
    image_free(image);
    buf_dispose(&file);
}

/** Black ink on nothing, as a scanned signature: one colour, and a small mask. */
static void test_line_art_stays_small(void **state)
{
    (void)state;
    enum { WIDTH = 1200, HEIGHT = 400 };
    uint8_t *rgba = memory_zeroed(HEIGHT, WIDTH * 4);
    struct buf file;
    assert_non_null(rgba);
    for (size_t x = 0; x < WIDTH; x++) {
        for (size_t y = 0; y < HEIGHT; y++) {
            size_t from = x * x / 4 % HEIGHT;
            memset(rgba + (y * WIDTH + x) * 4, y > from && y < from + 6 ? 0 : 255, 3);
            rgba[(y * WIDTH + x) * 4 + 3] = 255;
        }
    }
    maker_png_of(rgba, WIDTH, HEIGHT, &file);
    struct image *image = must_read(&file);
    assert_int_equal(image->color.bits, 1);
    assert_int_equal(image->color.color_count, 2);
    print_message("1200 x 400 line art: PNG %zu bytes, stream %zu\n", file.length, image->color.stream.length);
    assert_true(image->color.stream.length < 10000);
    image_free(image);
    memory_free(rgba);
    buf_dispose(&file);
}

/** A picture so large that one of the two compressors is let go on the way: what is left is still the picture. */
static void test_large_picture(void **state)
{
    (void)state;
    enum { WIDTH = 1500, HEIGHT = 1000 };
    uint8_t *rgba = memory_zeroed(HEIGHT, WIDTH * 4);
    struct buf file, rgb;
    assert_non_null(rgba);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        const uint8_t pixel[4] = {(uint8_t)(i % WIDTH / 6), (uint8_t)(i / WIDTH / 4), (uint8_t)(i * i >> 7), 255};
        memcpy(rgba + i * 4, pixel, 4);
    }
    maker_png_of(rgba, WIDTH, HEIGHT, &file);
    struct image *image = must_read(&file);
    assert_int_equal(image->color.components, 3);
    const struct filter_parameters parameters = {image->color.predicted ? 15 : 1, 3, 8, WIDTH, 1};
    buf_init(&rgb, (size_t)16 * MEGABYTE);
    assert_int_equal(filter_decode(SLICE("FlateDecode"), &parameters, slice_bytes(image->color.stream), &rgb, NULL),
                     RFD_OK);
    assert_int_equal(rgb.length, WIDTH * HEIGHT * 3);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) assert_memory_equal(rgb.data + i * 3, rgba + i * 4, 3);
    buf_dispose(&rgb);
    image_free(image);
    memory_free(rgba);
    buf_dispose(&file);
}

/* ---- Hostile files ---- */

static void assert_refused(slice file, const char *why)
{
    struct image *image = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(image_read(file, &image, &error), RFD_E_IMAGE);
    assert_null(image);
    if (strstr(error.detail, why) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.detail, why);
}

static void test_truncated(void **state)
{
    (void)state;
    struct buf file;
    maker_png(&kinds[KINDS - 1], &file);
    for (size_t length = 8; length < file.length - 12; length += 7)
        assert_refused(slice_part(buf_slice(&file), 0, length), "PNG: ");
    buf_dispose(&file);
    for (size_t kind = 0; kind < 2; kind++) {
        maker_jpeg(&photographs[kind], &file);
        for (size_t length = 3; length < file.length - 2; length += 7)
            assert_refused(slice_part(buf_slice(&file), 0, length), "JPEG: ");
        buf_dispose(&file);
    }
}

static void test_neither(void **state)
{
    (void)state;
    assert_refused(SLICE_EMPTY, "empty");
    assert_refused(SLICE("GIF89a"), "neither PNG nor JPEG");
    assert_refused(SLICE("%PDF-1.7"), "neither PNG nor JPEG");
    assert_refused(SLICE("\xff\xd8\xff"), "JPEG: ");
    assert_refused(SLICE("\x89PNG\r\n\x1a\n"), "PNG: ");
}

static void test_too_many_bytes(void **state)
{
    (void)state;
    assert_refused(slice_of("", (size_t)IMAGE_FILE_MAXIMUM + 1), "16777217 bytes");
}

/** A PNG that says it is this large, with right checksums and `length` zeros deflated. */
static void make_header(struct buf *file, uint32_t width, uint32_t height)
{
    uint8_t header[13] = {0};
    for (int i = 0; i < 4; i++) {
        header[i] = (uint8_t)(width >> (24 - 8 * i));
        header[4 + i] = (uint8_t)(height >> (24 - 8 * i));
    }
    header[8] = 8;
    header[9] = 2;
    buf_init(file, MEGABYTE);
    buf_put(file, "\x89PNG\r\n\x1a\n", 8);
    maker_png_chunk(file, "IHDR", slice_of(header, sizeof header));
}

static void test_odd_sizes(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{0, 1},         {1, 0}, {4097, 1}, {1, 4097}, {0x7fffffff, 0x7fffffff},
                                        {0xffffffff, 1}};
    struct buf file;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        make_header(&file, sizes[i][0], sizes[i][1]);
        maker_png_chunk(&file, "IDAT", SLICE("x"));
        maker_png_chunk(&file, "IEND", SLICE_EMPTY);
        assert_refused(buf_slice(&file), "PNG: ");
        buf_dispose(&file);
    }
    /* The same for JPEG: the height and width of SOF0 follow its length and precision. */
    static const uint8_t sides[][4] = {
        {0, 0, 0, 9}, {0, 9, 0, 0}, {0x10, 0x01, 0, 9}, {0, 9, 0x10, 0x01}, {0xff, 0xff, 0xff, 0xff}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        maker_jpeg(&photographs[0], &file);
        uint8_t *frame = memmem(file.data, file.length, "\xff\xc0", 2);
        assert_non_null(frame);
        memcpy(frame + 5, sides[i], 4);
        assert_refused(buf_slice(&file), i < 2 ? "JPEG: " : "pixels");
        buf_dispose(&file);
    }
}

static void test_wrong_checksum(void **state)
{
    (void)state;
    struct buf file;
    maker_png(&kinds[0], &file);
    uint8_t *data = memmem(file.data, file.length, "IDAT", 4);
    assert_non_null(data);
    data[6] ^= 1;
    assert_refused(buf_slice(&file), "PNG: ");
    buf_dispose(&file);
}

/** The largest picture there may be, of one colour: 64 MB of pixels in 50 kB, and a text chunk that is a bomb. */
static void test_bomb(void **state)
{
    (void)state;
    struct buf file, zeros, packed;
    make_header(&file, IMAGE_SIDE_MAXIMUM, IMAGE_SIDE_MAXIMUM);
    buf_init(&zeros, (size_t)64 * MEGABYTE);
    buf_init(&packed, (size_t)64 * MEGABYTE);
    buf_fill(&zeros, 0, (size_t)IMAGE_SIDE_MAXIMUM * (IMAGE_SIDE_MAXIMUM * 3 + 1));
    assert_int_equal(filter_flate_encode(buf_slice(&zeros), &packed, NULL), RFD_OK);
    struct buf text;
    buf_init(&text, MEGABYTE);
    buf_put(&text, "Comment\0\0", 9);
    buf_put_slice(&text, buf_slice(&packed));
    for (int i = 0; i < 5; i++) maker_png_chunk(&file, "zTXt", buf_slice(&text));
    maker_png_chunk(&file, "IDAT", buf_slice(&packed));
    maker_png_chunk(&file, "IEND", SLICE_EMPTY);
    struct image *image = must_read(&file);
    assert_int_equal(image->color.color_count, 1);
    assert_true(image->color.stream.length < 20000);
    image_free(image);
    buf_dispose(&text);
    buf_dispose(&zeros);
    buf_dispose(&packed);
    buf_dispose(&file);
}

/** A progressive file whose last scan is repeated again and again. */
static void test_many_scans(void **state)
{
    (void)state;
    struct buf file, bomb;
    maker_jpeg(&photographs[1], &file);
    uint8_t *scan = NULL;
    for (uint8_t *at = file.data; (at = memmem(at, (size_t)(file.data + file.length - at), "\xff\xda", 2)) != NULL;
         at++)
        scan = at;
    assert_non_null(scan);
    size_t before = (size_t)(scan - file.data);
    slice last = slice_part(buf_slice(&file), before, file.length - before - 2);
    buf_init(&bomb, MEGABYTE);
    buf_put_slice(&bomb, slice_part(buf_slice(&file), 0, before));
    for (int i = 0; i < 200; i++) buf_put_slice(&bomb, last);
    buf_put(&bomb, "\xff\xd9", 2);
    assert_refused(buf_slice(&bomb), "JPEG: ");
    buf_dispose(&bomb);
    buf_dispose(&file);
}

static void test_exif(void **state)
{
    (void)state;
    static const struct {
        const char *segment;
        size_t length;
        unsigned orientation;
    } cases[] = {
#define CASE(text, orientation) {text, sizeof(text) - 1, orientation}
        CASE("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", 6),
        CASE("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0", 8),
        CASE("", 1),
        CASE("Exif\0\0", 1),
        CASE("Exif\0\0XX*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0", 1),
        CASE("Exif\0\0II*\0\xff\xff\xff\xff\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0", 1),
        CASE("Exif\0\0II*\0\x08\0\0\0\xff\xff\x11\x01\x03\0\x01\0\0\0\x08\0\0\0", 1),
        CASE("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0", 1),
        CASE("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x08\0\0\0", 1),
        CASE("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0", 1),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(image_exif_orientation(slice_of(cases[i].segment, cases[i].length)), cases[i].orientation);
}

/* ---- Failing allocations ---- */

static rfd_status read_and_write(slice file, struct rfd_error *error)
{
    struct image *image = NULL;
    struct buf pdf;
    buf_init(&pdf, 0);
    rfd_status status = image_read(file, &image, error);
    if (status == RFD_OK) status = make_pdf(image, false, &pdf, error);
    buf_dispose(&pdf);
    image_free(image);
    return status;
}

static void sweep(slice file)
{
    for (int once = 0; once < 2; once++) {
        rfd_status status = RFD_E_MEMORY;
        for (unsigned long n = 1; status != RFD_OK; n++) {
            struct rfd_error error = RFD_ERROR_INIT;
            (void)(once ? memory_fail_once(n) : memory_fail_after(n));
            status = read_and_write(file, &error);
            (void)memory_fail_after(0);
            if (status != RFD_OK && status != RFD_E_MEMORY) fail_msg("allocation %lu: %s", n, error.detail);
        }
    }
}

static void test_failing_allocations(void **state)
{
    (void)state;
    struct buf file;
    maker_png(&kinds[KINDS - 1], &file);
    sweep(buf_slice(&file));
    buf_dispose(&file);
    maker_jpeg(&photographs[PHOTOGRAPHS - 2], &file);
    sweep(buf_slice(&file));
    buf_dispose(&file);
}

/** All pictures as files in a folder: the seeds of fuzz_image. */
static int write_seeds(const char *folder)
{
    char path[400];
    for (size_t i = 0; i < KINDS + PHOTOGRAPHS; i++) {
        struct buf file;
        bool png = i < KINDS;
        if (png)
            maker_png(&kinds[i], &file);
        else
            maker_jpeg(&photographs[i - KINDS], &file);
        (void)snprintf(path, sizeof path, "%s/%s-%02zu", folder, png ? "png" : "jpeg", png ? i : i - KINDS);
        support_write(path, buf_slice(&file), SLICE_EMPTY);
        buf_dispose(&file);
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 2) return write_seeds(arguments[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_png_looks_as_it_should),
        cmocka_unit_test(test_every_jpeg_looks_as_it_should),
        cmocka_unit_test(test_alpha_is_told),
        cmocka_unit_test(test_gamma),
        cmocka_unit_test(test_jpeg_keeps_no_metadata),
        cmocka_unit_test(test_same_bytes_every_time),
        cmocka_unit_test(test_hidden_colours_are_gone),
        cmocka_unit_test(test_line_art_stays_small),
        cmocka_unit_test(test_large_picture),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_neither),
        cmocka_unit_test(test_too_many_bytes),
        cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_wrong_checksum),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_many_scans),
        cmocka_unit_test(test_exif),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
