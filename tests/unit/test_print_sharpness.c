/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sharp, blurred and empty pictures, made here: what is measured tells them apart, whatever the camera.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "image_maker.h"
#include "print/image_internal.h"
#include "print/sharpness.h"

enum { SIDE = 1200, HIGH = 900, SMALL = 97, MEGABYTE = 1 << 20 };

/** Something like lines of print: dark strokes on light paper. */
static unsigned print_at(unsigned x, unsigned y)
{
    bool line = y / 12 % 2 == 0;
    bool stroke = (x / 6 + x / 41 + y / 24 * 7) % 3 == 0;
    return line && stroke ? 30 : 225;
}

/** Each value becomes the mean of those around it, near ones counting more; along a row or (`step` the width) a column.
 */
static void soften(uint8_t *line, size_t step, unsigned length, unsigned radius)
{
    uint8_t old[SIDE];
    for (unsigned i = 0; i < length; i++) old[i] = line[i * step];
    for (unsigned i = 0; i < length; i++) {
        unsigned sum = 0, weights = 0;
        for (unsigned k = i > radius ? i - radius : 0; k <= i + radius && k < length; k++) {
            unsigned weight = radius + 1 - (k > i ? k - i : i - k);
            sum += old[k] * weight;
            weights += weight;
        }
        line[i * step] = (uint8_t)(sum / weights);
    }
}

/** Print as a camera sees it that is out of focus by `radius`. */
static uint8_t *page(unsigned width, unsigned height, unsigned radius, unsigned channels)
{
    uint8_t *grey = memory_zeroed(width, height);
    uint8_t *pixels = memory_zeroed((size_t)width * height, channels);
    assert_non_null(grey);
    assert_non_null(pixels);
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++) grey[(size_t)y * width + x] = (uint8_t)print_at(x, y);
    for (unsigned y = 0; y < height; y++) soften(grey + (size_t)y * width, 1, width, radius);
    for (unsigned x = 0; x < width; x++) soften(grey + x, width, height, radius);
    for (size_t i = 0; i < (size_t)width * height; i++) {
        memset(pixels + i * channels, grey[i], 3);
        if (channels == 4) pixels[i * channels + 3] = 255;
    }
    memory_free(grey);
    return pixels;
}

static struct sharpness measured(slice file)
{
    struct sharpness out;
    struct rfd_error error = RFD_ERROR_INIT;
    if (sharpness_read(file, &out, &error) != RFD_OK) fail_msg("%s", error.detail);
    return out;
}

static double of_png(unsigned width, unsigned height, unsigned radius)
{
    struct buf file;
    buf_init(&file, 64 * MEGABYTE);
    uint8_t *pixels = page(width, height, radius, 4);
    maker_png_of(pixels, width, height, &file);
    struct sharpness s = measured(buf_slice(&file));
    assert_int_equal(s.width, width);
    assert_int_equal(s.height, height);
    assert_int_equal(s.rest.length, 0);
    buf_dispose(&file);
    memory_free(pixels);
    return s.variance;
}

static double of_jpeg(unsigned width, unsigned height, unsigned radius)
{
    rfd_bytes file;
    uint8_t *pixels = page(width, height, radius, 3);
    assert_int_equal(image_jpeg_encode(pixels, width, height, true, &file, NULL), RFD_OK);
    struct sharpness s = measured(slice_bytes(file));
    assert_int_equal(s.width, width);
    memory_free(file.data);
    memory_free(pixels);
    return s.variance;
}

static void sharp_ones_and_blurred_ones(void **state)
{
    (void)state;
    double sharp = of_png(SIDE, HIGH, 0), soft = of_png(SIDE, HIGH, 6), blurred = of_png(SIDE, HIGH, 15);
    assert_true(sharp > 1000);
    assert_true(soft < sharp / 10);
    assert_true(blurred < 60);
    assert_true(of_jpeg(SIDE, HIGH, 0) > 1000);
    assert_true(of_jpeg(SIDE, HIGH, 15) < 60);
}

static void one_colour(void **state)
{
    (void)state;
    struct buf file;
    uint8_t *pixels = memory_zeroed((size_t)SIDE * SMALL, 4); /* nothing: seen through to the white */
    buf_init(&file, MEGABYTE);
    maker_png_of(pixels, SIDE, SMALL, &file);
    assert_true(measured(buf_slice(&file)).variance == 0);
    memset(pixels, 200, (size_t)SIDE * SMALL * 4);
    buf_dispose(&file);
    maker_png_of(pixels, SMALL, SIDE, &file);
    assert_true(measured(buf_slice(&file)).variance == 0);
    buf_dispose(&file);
    memory_free(pixels);
}

/** Known by hand: one white dot on black, five by five. */
static void a_dot(void **state)
{
    (void)state;
    struct buf file;
    uint8_t pixels[5 * 5 * 4] = {0};
    for (size_t i = 0; i < 25; i++) pixels[i * 4 + 3] = 255;
    memset(pixels + 12 * 4, 255, 4);
    buf_init(&file, MEGABYTE);
    maker_png_of(pixels, 5, 5, &file);
    /* Of nine values -1020 once, 255 four times: their mean is 0. */
    double expected = (1020.0 * 1020.0 + 4 * 255.0 * 255.0) / 9;
    double variance = measured(buf_slice(&file)).variance;
    assert_true(variance > expected - 0.01 && variance < expected + 0.01);
    buf_dispose(&file);
}

/** The same paper by a camera of more pixels gives about the same. */
static void cameras(void **state)
{
    (void)state;
    double all[3];
    for (unsigned i = 0; i < 3; i++) {
        unsigned times = i + 1, width = 800 * times, height = 600 * times;
        struct buf file;
        uint8_t *pixels = memory_zeroed((size_t)width * height, 4);
        for (unsigned y = 0; y < height; y++)
            for (unsigned x = 0; x < width; x++)
                memset(pixels + ((size_t)y * width + x) * 4, (int)print_at(x / times, y / times), 3),
                    pixels[((size_t)y * width + x) * 4 + 3] = 255;
        buf_init(&file, 64 * MEGABYTE);
        maker_png_of(pixels, width, height, &file);
        all[i] = measured(buf_slice(&file)).variance;
        buf_dispose(&file);
        memory_free(pixels);
    }
    assert_true(all[1] == all[0] && all[2] == all[0]);
}

static void every_kind(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, MEGABYTE);
    for (int colors = MAKER_GREY; colors <= MAKER_PALETTE; colors++) {
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            buf_dispose(&file);
            maker_png(&(struct maker_png){"any", (enum maker_colors)colors, 8, false, interlaced == 1, 0}, &file);
            struct sharpness s = measured(buf_slice(&file));
            assert_int_equal(s.width, MAKER_WIDTH);
            assert_true(s.variance > 0);
        }
    }
    for (unsigned orientation = 0; orientation <= 8; orientation++) {
        buf_dispose(&file);
        maker_jpeg(
            &(struct maker_jpeg){.name = "turned", .orientation = orientation, .progressive = orientation % 2 == 1},
            &file);
        struct sharpness s = measured(buf_slice(&file));
        assert_int_equal(s.width, MAKER_WIDTH);
        assert_int_equal(s.height, MAKER_HEIGHT);
    }
    buf_dispose(&file);
}

static void what_follows(void **state)
{
    (void)state;
    static const char more[] = "PK\3\4 and more";
    struct buf file;
    buf_init(&file, MEGABYTE);
    maker_png(&(struct maker_png){"any", MAKER_RGB, 8, false, false, 0}, &file);
    buf_put_text(&file, more);
    assert_true(slice_is(measured(buf_slice(&file)).rest, more));
    buf_dispose(&file);
    maker_jpeg(&(struct maker_jpeg){.name = "any"}, &file);
    buf_put_text(&file, more);
    assert_true(slice_is(measured(buf_slice(&file)).rest, more));
    buf_dispose(&file);
}

static void every_cut(void **state)
{
    (void)state;
    struct buf file;
    struct sharpness s;
    buf_init(&file, MEGABYTE);
    for (int kind = 0; kind < 2; kind++) {
        buf_dispose(&file);
        if (kind == 0)
            maker_png(&(struct maker_png){"any", MAKER_RGB, 8, false, false, 0}, &file);
        else
            maker_jpeg(&(struct maker_jpeg){.name = "any"}, &file);
        for (size_t length = 0; length < file.length; length++)
            assert_int_equal(sharpness_read(slice_of(file.data, length), &s, NULL), RFD_E_IMAGE);
    }
    buf_dispose(&file);
}

static void too_large(void **state)
{
    (void)state;
    struct buf file;
    struct sharpness s;
    struct rfd_error error = RFD_ERROR_INIT;
    /* An honest header of 60000 x 60000 pixels, and nothing behind it. */
    static const uint8_t header[] = {0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0};
    buf_init(&file, MEGABYTE);
    buf_put(&file, "\x89PNG\r\n\x1a\n", 8);
    maker_png_chunk(&file, "IHDR", slice_of(header, sizeof header));
    maker_png_chunk(&file, "IDAT", SLICE("x"));
    assert_int_equal(sharpness_read(buf_slice(&file), &s, &error), RFD_E_IMAGE);
    assert_non_null(strstr(error.detail, "too many"));
    buf_dispose(&file);
}

static void no_memory(void **state)
{
    (void)state;
    struct buf file;
    struct sharpness s;
    buf_init(&file, MEGABYTE);
    maker_png(&(struct maker_png){"any", MAKER_RGBA, 8, false, true, 0}, &file);
    rfd_status status = RFD_E_MEMORY;
    for (unsigned long n = 1; status == RFD_E_MEMORY; n++) {
        (void)memory_fail_after(n);
        status = sharpness_read(buf_slice(&file), &s, NULL);
        (void)memory_fail_after(0);
        assert_true(n < 1000);
    }
    assert_int_equal(status, RFD_OK);
    buf_dispose(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sharp_ones_and_blurred_ones),
        cmocka_unit_test(one_colour),
        cmocka_unit_test(a_dot),
        cmocka_unit_test(cameras),
        cmocka_unit_test(every_kind),
        cmocka_unit_test(what_follows),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(too_large),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("print_sharpness", tests, NULL, NULL);
}
