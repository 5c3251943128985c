/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/demo/demo_picture.h"

#include "base/error.h"
#include "base/memory.h"
#include "print/printed.h"

#include <math.h>
#include <zlib.h>

/* ---- Drawing: 8 bits of red, green and blue ---- */

struct canvas_picture {
    unsigned width, height;
    uint8_t *pixels;
};
struct ink {
    uint8_t red, green, blue;
};
enum { COLOURS = 3 };

static void dot(struct canvas_picture *c, double x, double y, double radius, struct ink ink)
{
    for (int row = (int)(y - radius); row <= (int)(y + radius); row++) {
        for (int column = (int)(x - radius); column <= (int)(x + radius); column++) {
            double dx = column - x, dy = row - y;
            bool outside = row < 0 || column < 0 || row >= (int)c->height || column >= (int)c->width;
            if (outside || dx * dx + dy * dy > radius * radius) continue;
            uint8_t *at = c->pixels + ((size_t)row * c->width + (size_t)column) * COLOURS;
            at[0] = ink.red;
            at[1] = ink.green;
            at[2] = ink.blue;
        }
    }
}

/** A line that a hand might make, in blue ink. */
static void draw_signature(struct canvas_picture *c, unsigned seed)
{
    const struct ink blue = {28, 52, 148};
    double turn = 1.0 + (double)(seed % 7) / 9;
    for (int i = 0; i < 6000; i++) {
        double t = (double)i / 6000;
        double x = 60 + 520 * t + 46 * sin(t * 38 * turn);
        double y = 130 + 62 * sin(t * 23 + seed) * (1 - t * 0.6) + 18 * cos(t * 61 * turn);
        dot(c, x, y, 2.2, blue);
    }
    for (int i = 0; i < 3000; i++) dot(c, 90 + 0.15 * i, 205 - 8 * sin(i / 900.0 + seed), 1.8, blue);
}

/** Head and shoulders, without a face. */
static void draw_photograph(struct canvas_picture *c, unsigned seed)
{
    const struct ink backs[] = {{196, 214, 224}, {214, 208, 190}, {200, 216, 200}};
    const struct ink coat = {58, 72, 92}, skin = {168, 132, 108}, collar = {236, 236, 230};
    struct ink back = backs[seed % 3];
    for (size_t i = 0; i < (size_t)c->width * c->height; i++) {
        c->pixels[i * COLOURS] = back.red;
        c->pixels[i * COLOURS + 1] = back.green;
        c->pixels[i * COLOURS + 2] = back.blue;
    }
    dot(c, c->width / 2.0, c->height + 40.0, 250, coat);
    dot(c, c->width / 2.0, c->height - 170.0, 62, collar);
    dot(c, c->width / 2.0, c->height / 2.6, 118, skin);
    for (unsigned y = 12; y < c->height; y += 24) /* a striped ground, as in some studios */
        for (unsigned x = 0; x < 64; x++) dot(c, x, y, 1, collar);
}

/* ---- PNG (ISO/IEC 15948) ---- */

static void put_u32(uint8_t to[4], size_t value)
{
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_chunk(struct buf *out, const char type[4], slice content)
{
    uint8_t word[4];
    uLong sum = crc32(0, (const uint8_t *)type, 4);
    if (content.length > 0) sum = crc32(sum, content.data, (uInt)content.length);
    put_u32(word, content.length);
    buf_put_slice(out, slice_of(word, 4));
    buf_put_slice(out, slice_of((const uint8_t *)type, 4));
    buf_put_slice(out, content);
    put_u32(word, sum);
    buf_put_slice(out, slice_of(word, 4));
}

static rfd_status write_png(const struct canvas_picture *c, struct buf *out, struct rfd_error *error)
{
    static const uint8_t head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t size[13] = {[8] = 8, [9] = 2};
    size_t row = (size_t)c->width * COLOURS;
    uLong length = (uLong)((row + 1) * c->height);
    uLongf packed = compressBound(length);
    uint8_t *rows = memory_allocate(length);
    uint8_t *deflated = memory_allocate(packed);
    rfd_status status = rows == NULL || deflated == NULL ? error_memory(error) : RFD_OK;
    if (status == RFD_OK) {
        for (size_t y = 0; y < c->height; y++) {
            rows[y * (row + 1)] = 0;
            memcpy(rows + y * (row + 1) + 1, c->pixels + y * row, row);
        }
        if (compress2(deflated, &packed, rows, length, 9) != Z_OK) status = error_set(error, RFD_E_INTERNAL, "zlib");
    }
    if (status == RFD_OK) {
        put_u32(size, c->width);
        put_u32(size + 4, c->height);
        buf_put_slice(out, slice_of(head, sizeof head));
        put_chunk(out, "IHDR", slice_of(size, sizeof size));
        put_chunk(out, "IDAT", slice_of(deflated, packed));
        put_chunk(out, "IEND", SLICE_EMPTY);
        status = buf_check(out, "picture", error);
    }
    memory_free(rows);
    memory_free(deflated);
    return status;
}

rfd_status demo_picture(enum demo_picture kind, unsigned seed, struct buf *out, struct rfd_error *error)
{
    static const struct {
        unsigned width, height;
        void (*draw)(struct canvas_picture *, unsigned);
    } kinds[] = {[DEMO_SIGNATURE] = {640, 260, draw_signature}, [DEMO_PHOTOGRAPH] = {480, 600, draw_photograph}};
    struct canvas_picture c = {.width = kinds[kind].width, .height = kinds[kind].height};
    size_t size = (size_t)c.width * c.height * COLOURS;
    c.pixels = memory_allocate(size);
    if (c.pixels == NULL) return error_memory(error);
    memset(c.pixels, 0xff, size);
    kinds[kind].draw(&c, seed);
    rfd_status status = write_png(&c, out, error);
    memory_free(c.pixels);
    return status;
}

rfd_status demo_paper(struct fonts *fonts, const char *title, const char *name, const char *number, struct buf *out,
                      struct rfd_error *error)
{
    struct printed *p = NULL;
    rfd_bytes bytes = {0};
    const struct printed_settings settings = {
        .title = title, .language = "es", .time = RFD_TIME_NONE, .footer = "Inventado, sin valor: demostración"};
    const struct printed_pair pairs[] = {{"Nombre", name}, {"Número", number}, {"Valor", "Ninguno: es inventado"}};
    TRY(printed_new(fonts, &settings, &p, error));
    printed_banner(p, title, "Muestra para la demostración", 0x17365d, COLOUR_WHITE);
    printed_space(p, 8);
    printed_pairs(p, pairs, sizeof pairs / sizeof *pairs, 0);
    rfd_status status = printed_finish(p, &bytes, error);
    printed_free(p);
    if (status != RFD_OK) return status;
    buf_put_slice(out, slice_of(bytes.data, bytes.length));
    rfd_bytes_free(&bytes);
    return buf_check(out, title, error);
}
