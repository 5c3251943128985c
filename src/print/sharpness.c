/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rows are made smaller as they come: each pixel of the small picture is the mean of the area that it stands for. In
 * units of 1 / (small x large), a large pixel is `small` wide and a small one `large`, so that all is done in whole
 * numbers. Of the small picture three rows are kept, for the Laplacian
 *
 *      0  1  0
 *      1 -4  1
 *      0  1  0
 */
#include "print/sharpness.h"

#include "base/error.h"
#include "base/memory.h"
#include "print/image_internal.h"

enum { ROWS_KEPT = 3, FIRST_TURNED = 5 };

struct measuring {
    struct image_head head;
    unsigned width, height; /* of the small picture, turned as the file has it */
    unsigned row;           /* of the file */
    unsigned done;          /* rows of the small picture */
    uint64_t *sums;         /* of the row of the small picture that is being filled */
    uint32_t *line;         /* one row of the file, as wide as the small picture */
    uint8_t *kept[ROWS_KEPT];
    double sum, squares;
    uint64_t count;
};

static uint8_t *new_row(unsigned width)
{
    return memory_zeroed(width, 1);
}

static rfd_status begin(void *context, const struct image_head *head, struct rfd_error *error)
{
    struct measuring *m = context;
    if (head->width > SHARPNESS_SIDE_MAXIMUM || head->height > SHARPNESS_SIDE_MAXIMUM ||
        (uint64_t)head->width * head->height > SHARPNESS_PIXELS_MAXIMUM)
        return error_set(error, RFD_E_IMAGE, "%u x %u pixels are too many", head->width, head->height);
    uint64_t upright = head->orientation >= FIRST_TURNED ? head->height : head->width;
    uint64_t to = upright < SHARPNESS_WIDTH ? upright : SHARPNESS_WIDTH;
    m->head = *head;
    m->width = (unsigned)((head->width * to + upright / 2) / upright);
    m->height = (unsigned)((head->height * to + upright / 2) / upright);
    if (m->width == 0) m->width = 1;
    if (m->height == 0) m->height = 1;
    m->sums = memory_zeroed(m->width, sizeof *m->sums);
    m->line = memory_zeroed(m->width, sizeof *m->line);
    for (size_t i = 0; i < ROWS_KEPT; i++) m->kept[i] = new_row(m->width);
    bool is_there =
        m->sums != NULL && m->line != NULL && m->kept[0] != NULL && m->kept[1] != NULL && m->kept[2] != NULL;
    return is_there ? RFD_OK : error_memory(error);
}

/** ITU-R BT.601's brightness; what can be seen through is laid on white. */
static unsigned grey(const uint8_t *pixel, unsigned channels)
{
    unsigned value = (77U * pixel[0] + 150U * pixel[1] + 29U * pixel[2] + 128U) >> 8;
    return channels == PIXEL_BYTES ? (value * pixel[3] + 255U * (255U - pixel[3])) / 255U : value;
}

static void narrow(struct measuring *m, const uint8_t *row)
{
    unsigned wide = m->head.width, column = 0, left = wide; /* of the small pixel */
    memset(m->line, 0, m->width * sizeof *m->line);
    for (unsigned x = 0; x < wide; x++, row += m->head.channels) {
        unsigned value = grey(row, m->head.channels);
        unsigned here = m->width < left ? m->width : left;
        m->line[column] += value * here;
        left -= here;
        if (left > 0) continue;
        left = wide - (m->width - here);
        if (++column < m->width) m->line[column] += value * (m->width - here);
    }
}

static void laplacian(struct measuring *m)
{
    const uint8_t *above = m->kept[(m->done + 0) % ROWS_KEPT];
    const uint8_t *row = m->kept[(m->done + 1) % ROWS_KEPT];
    const uint8_t *below = m->kept[(m->done + 2) % ROWS_KEPT];
    for (unsigned x = 1; x + 1 < m->width; x++) {
        int value = above[x] + below[x] + row[x - 1] + row[x + 1] - 4 * row[x];
        m->sum += value;
        m->squares += value * value;
        m->count++;
    }
}

/** A row of the small picture is full. */
static void finish_row(struct measuring *m)
{
    uint8_t *row = m->kept[m->done % ROWS_KEPT];
    uint64_t area = (uint64_t)m->head.width * m->head.height;
    for (unsigned x = 0; x < m->width; x++) row[x] = (uint8_t)((m->sums[x] + area / 2) / area);
    m->done++;
    if (m->done >= ROWS_KEPT) laplacian(m);
    memset(m->sums, 0, m->width * sizeof *m->sums);
}

static void add_line(struct measuring *m, uint64_t weight)
{
    for (unsigned x = 0; weight > 0 && x < m->width; x++) m->sums[x] += m->line[x] * weight;
}

static void take(void *context, const uint8_t *row)
{
    struct measuring *m = context;
    uint64_t from = (uint64_t)m->row++ * m->height, to = from + m->height; /* what this row is of */
    uint64_t end = (uint64_t)(m->done + 1) * m->head.height;               /* of the small row */
    narrow(m, row);
    add_line(m, (to < end ? to : end) - from);
    if (to < end || m->done == m->height) return;
    finish_row(m);
    if (m->done < m->height) add_line(m, to - end);
}

static rfd_status read_rows(slice file, struct measuring *m, slice *rest, struct rfd_error *error)
{
    const struct image_taker taker = {begin, take, m};
    if (slice_starts(file, SLICE("\x89PNG\r\n\x1a\n"))) return image_png_rows(file, &taker, rest, error);
    if (slice_starts(file, SLICE("\xff\xd8\xff"))) return image_jpeg_rows(file, &taker, rest, error);
    return error_set(error, RFD_E_IMAGE, "neither PNG nor JPEG");
}

static double variance(const struct measuring *m)
{
    if (m->count == 0) return 0;
    double mean = m->sum / (double)m->count;
    double value = m->squares / (double)m->count - mean * mean;
    return value > 0 ? value : 0;
}

rfd_status sharpness_read(slice file, struct sharpness *out, struct rfd_error *error)
{
    struct measuring m = {.row = 0};
    slice rest = SLICE_EMPTY;
    rfd_status status = read_rows(file, &m, &rest, error);
    if (status == RFD_OK) {
        bool turned = m.head.orientation >= FIRST_TURNED;
        *out = (struct sharpness){.width = turned ? m.head.height : m.head.width,
                                  .height = turned ? m.head.width : m.head.height,
                                  .variance = variance(&m),
                                  .rest = rest};
    }
    memory_free(m.sums);
    memory_free(m.line);
    for (size_t i = 0; i < ROWS_KEPT; i++) memory_free(m.kept[i]);
    return status;
}
