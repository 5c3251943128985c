/* SPDX-License-Identifier: EUPL-1.2 */
#include "image_maker.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#include <png.h>
#include <stdio.h>
#include <jpeglib.h>
#include <zlib.h>

enum { MAXIMUM = 64 << 20, FULL = 255, LEAST_BITS = 8 };

static unsigned part(unsigned position, unsigned length)
{
    return position * FULL / (length - 1);
}

/** A pattern with many colours, all greys and all alphas. */
static void pattern(unsigned x, unsigned y, uint8_t rgba[4])
{
    rgba[0] = (uint8_t)part(x, MAKER_WIDTH);
    rgba[1] = (uint8_t)part(y, MAKER_HEIGHT);
    rgba[2] = (uint8_t)((x * 4) ^ (y * 5));
    rgba[3] = (uint8_t)part(x + y, MAKER_WIDTH + MAKER_HEIGHT - 1);
}

/** The nearest value that `depth` bits can hold, on the scale to 255. */
static uint8_t quantised(uint8_t value, int depth)
{
    if (depth >= LEAST_BITS) return value;
    unsigned most = (1u << depth) - 1;
    return (uint8_t)((unsigned)(value >> (LEAST_BITS - depth)) * FULL / most);
}

static void palette_color(unsigned index, uint8_t rgb[3])
{
    rgb[0] = (uint8_t)(index * 83);
    rgb[1] = (uint8_t)(FULL - index * 29);
    rgb[2] = (uint8_t)(index * 151 + 40);
}

static unsigned palette_index(const struct maker_png *kind, const uint8_t rgba[4])
{
    return (unsigned)rgba[0] >> (LEAST_BITS - kind->depth);
}

static void palette_pixel(const struct maker_png *kind, uint8_t rgba[4])
{
    unsigned index = palette_index(kind, rgba);
    palette_color(index, rgba);
    rgba[3] = kind->transparent && index < 2 ? (uint8_t)(index * 128) : FULL;
}

/** Red, green, blue, alpha as stored, before tRNS. */
static void stored_pixel(const struct maker_png *kind, unsigned x, unsigned y, uint8_t rgba[4])
{
    pattern(x, y, rgba);
    if (kind->colors == MAKER_GREY || kind->colors == MAKER_GREY_ALPHA)
        rgba[0] = rgba[1] = rgba[2] = quantised(rgba[0], kind->depth);
    if (kind->colors == MAKER_GREY || kind->colors == MAKER_RGB) rgba[3] = FULL;
}

void maker_png_pixel(const struct maker_png *kind, unsigned x, unsigned y, uint8_t rgba[4])
{
    uint8_t first[4];
    stored_pixel(kind, x, y, rgba);
    stored_pixel(kind, 0, 0, first);
    if (kind->colors == MAKER_PALETTE)
        palette_pixel(kind, rgba);
    else if (kind->transparent && memcmp(first, rgba, 3) == 0)
        rgba[3] = 0;
}

static void png_put(png_structp png, png_bytep data, size_t length)
{
    buf_put(png_get_io_ptr(png), data, length);
}

static void png_flushed(png_structp png)
{
    (void)png;
}

static void put_sample(uint8_t *row, size_t place, int depth, unsigned value)
{
    if (depth == 16) {
        row[place * 2] = row[place * 2 + 1] = (uint8_t)value;
    } else {
        size_t bit = place * (size_t)depth;
        row[bit / 8] = (uint8_t)(row[bit / 8] | value << (8 - depth - (int)(bit % 8)));
    }
}

static void fill_row(const struct maker_png *kind, unsigned y, uint8_t *row)
{
    static const int channels[] = {1, 2, 3, 4, 1};
    int count = channels[kind->colors];
    int drop = kind->depth < LEAST_BITS ? LEAST_BITS - kind->depth : 0;
    for (unsigned x = 0; x < MAKER_WIDTH; x++) {
        uint8_t rgba[4];
        stored_pixel(kind, x, y, rgba);
        if (kind->colors == MAKER_GREY_ALPHA) rgba[1] = rgba[3];
        for (int c = 0; c < count; c++)
            put_sample(row, x * (size_t)count + (size_t)c, kind->depth, (unsigned)rgba[c] >> drop);
    }
}

static void set_transparent(const struct maker_png *kind, png_structp png, png_infop info)
{
    static const png_byte alphas[2] = {0, 128};
    uint8_t first[4];
    png_color_16 key = {0};
    stored_pixel(kind, 0, 0, first);
    key.red = first[0];
    key.green = first[1];
    key.blue = first[2];
    key.gray = first[0];
    if (kind->colors == MAKER_PALETTE)
        png_set_tRNS(png, info, alphas, 2, NULL);
    else
        png_set_tRNS(png, info, NULL, 0, &key);
}

static void set_palette(const struct maker_png *kind, png_structp png, png_infop info)
{
    png_color colors[256];
    int count = 1 << kind->depth;
    for (int i = 0; i < count; i++) {
        uint8_t rgb[3];
        palette_color((unsigned)i, rgb);
        colors[i] = (png_color){rgb[0], rgb[1], rgb[2]};
    }
    png_set_PLTE(png, info, colors, count);
}

static png_structp begin_png(struct buf *out, png_infop *info)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    assert_non_null(png);
    *info = png_create_info_struct(png);
    buf_init(out, MAXIMUM);
    png_set_write_fn(png, out, png_put, png_flushed);
    return png;
}

void maker_png(const struct maker_png *kind, struct buf *out)
{
    static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA, PNG_COLOR_TYPE_PALETTE};
    static uint8_t pixels[MAKER_HEIGHT][MAKER_WIDTH * 8];
    png_bytep rows[MAKER_HEIGHT];
    png_infop info;
    png_structp png = begin_png(out, &info);
    memset(pixels, 0, sizeof pixels);
    png_set_IHDR(png, info, MAKER_WIDTH, MAKER_HEIGHT, kind->depth, types[kind->colors],
                 kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind->colors == MAKER_PALETTE) set_palette(kind, png, info);
    if (kind->transparent) set_transparent(kind, png, info);
    if (kind->gamma != 0) png_set_gAMA_fixed(png, info, (png_fixed_point)kind->gamma);
    png_write_info(png, info);
    for (unsigned y = 0; y < MAKER_HEIGHT; y++) {
        rows[y] = pixels[y];
        fill_row(kind, y, rows[y]);
    }
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(buf_status(out), RFD_OK);
}

void maker_png_of(const uint8_t *rgba, unsigned width, unsigned height, struct buf *out)
{
    png_infop info;
    png_structp png = begin_png(out, &info);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < height; y++) png_write_row(png, rgba + (size_t)y * width * 4);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(buf_status(out), RFD_OK);
}

static void put_number(struct buf *out, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    buf_put(out, bytes, sizeof bytes);
}

void maker_png_chunk(struct buf *out, const char *type, slice data)
{
    put_number(out, (uint32_t)data.length);
    size_t start = out->length;
    buf_put_text(out, type);
    buf_put_slice(out, data);
    put_number(out, (uint32_t)crc32(0, out->data + start, (unsigned)(out->length - start)));
}

/* ---- JPEG ---- */

void maker_jpeg_pixel(const struct maker_jpeg *kind, unsigned x, unsigned y, uint8_t rgb[3])
{
    rgb[0] = (uint8_t)part(x, MAKER_WIDTH);
    rgb[1] = (uint8_t)part(y, MAKER_HEIGHT);
    rgb[2] = (uint8_t)(FULL - rgb[0] / 2);
    if (kind->inks == MAKER_JPEG_GREY) rgb[1] = rgb[2] = rgb[0];
}

/** Where the pixel at (x, y) of the stored picture is seen, by what Exif says the stored first row and column are. */
static void seen_at(unsigned orientation, unsigned x, unsigned y, unsigned *column, unsigned *row)
{
    unsigned right = MAKER_WIDTH - 1;
    unsigned bottom = MAKER_HEIGHT - 1;
    switch (orientation) {
    case 2: *column = right - x, *row = y; break;
    case 3: *column = right - x, *row = bottom - y; break;
    case 4: *column = x, *row = bottom - y; break;
    case 5: *column = y, *row = x; break;
    case 6: *column = right - y, *row = x; break;
    case 7: *column = right - y, *row = bottom - x; break;
    case 8: *column = y, *row = bottom - x; break;
    default: *column = x, *row = y; break;
    }
}

/** The inks of a colour, as little black as there can be; Adobe's way is the complement. */
static void to_inks(const struct maker_jpeg *kind, const uint8_t rgb[3], uint8_t inks[4])
{
    for (int c = 0; c < 3; c++) inks[c] = kind->no_adobe ? (uint8_t)(FULL - rgb[c]) : rgb[c];
    inks[3] = kind->no_adobe ? 0 : FULL;
}

static void put_exif(j_compress_ptr jpeg, const struct maker_jpeg *kind)
{
    /* Two entries: ImageWidth, then Orientation. */
    uint8_t big[] =
        "Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\0\0\x03\0\0\0\x01\0\0\0\0\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0\0";
    uint8_t little[] =
        "Exif\0\0II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0";
    uint8_t *segment = kind->little_endian ? little : big;
    uint8_t *place = memchr(segment + 16, '?', sizeof big - 16);
    assert_non_null(place);
    *place = (uint8_t)kind->orientation;
    jpeg_write_marker(jpeg, JPEG_APP0 + 1, segment, sizeof big - 1);
}

static void set_colors(j_compress_ptr jpeg, const struct maker_jpeg *kind)
{
    bool inks = kind->inks == MAKER_JPEG_CMYK || kind->inks == MAKER_JPEG_YCCK;
    jpeg->input_components = inks ? 4 : 3;
    jpeg->in_color_space = inks ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(jpeg);
    if (kind->inks == MAKER_JPEG_GREY) jpeg_set_colorspace(jpeg, JCS_GRAYSCALE);
    if (kind->inks == MAKER_JPEG_CMYK) jpeg_set_colorspace(jpeg, JCS_CMYK);
    if (kind->inks == MAKER_JPEG_YCCK) jpeg_set_colorspace(jpeg, JCS_YCCK);
    if (kind->no_adobe) jpeg->write_Adobe_marker = FALSE;
    jpeg_set_quality(jpeg, 97, TRUE);
    if (kind->progressive) jpeg_simple_progression(jpeg);
}

static void put_rows(j_compress_ptr jpeg, const struct maker_jpeg *kind)
{
    while (jpeg->next_scanline < jpeg->image_height) {
        uint8_t row[MAKER_WIDTH * 4];
        JSAMPROW rows = row;
        for (unsigned x = 0; x < jpeg->image_width; x++) {
            uint8_t rgb[3];
            unsigned column = 0;
            unsigned line = 0;
            seen_at(kind->orientation, x, jpeg->next_scanline, &column, &line);
            maker_jpeg_pixel(kind, column, line, rgb);
            if (jpeg->input_components == 4)
                to_inks(kind, rgb, row + (size_t)x * 4);
            else
                memcpy(row + (size_t)x * 3, rgb, 3);
        }
        (void)jpeg_write_scanlines(jpeg, &rows, 1);
    }
}

void maker_jpeg(const struct maker_jpeg *kind, struct buf *out)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    bool turned = kind->orientation >= 5 && kind->orientation <= 8;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &length);
    jpeg.image_width = turned ? MAKER_HEIGHT : MAKER_WIDTH;
    jpeg.image_height = turned ? MAKER_WIDTH : MAKER_HEIGHT;
    set_colors(&jpeg, kind);
    jpeg_start_compress(&jpeg, TRUE);
    if (kind->orientation != 0) put_exif(&jpeg, kind);
    put_rows(&jpeg, kind);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_init(out, MAXIMUM);
    buf_put(out, bytes, length);
    free(bytes);
    assert_int_equal(buf_status(out), RFD_OK);
}
