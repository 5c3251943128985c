/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/slot.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

enum { SIDE_MAXIMUM = 1200 };
static const double cell_side = 2 * 72 / 25.4; /* 2 mm */
static const double hair = 0.05;

struct slot_grid {
    unsigned columns, rows;
    double cell;
    bool closed;
    int32_t *sums; /* (columns + 1) x (rows + 1); until closed: where boxes begin (+) and end (-) */
};

static int32_t *at(const struct slot_grid *g, unsigned column, unsigned row)
{
    return &g->sums[(size_t)row * (g->columns + 1) + column];
}

rfd_status slot_grid_new(double width, double height, struct slot_grid **out, struct rfd_error *error)
{
    double longest = width > height ? width : height;
    double cell = fmax(cell_side, longest / SIDE_MAXIMUM);
    struct slot_grid *g = memory_zeroed(1, sizeof *g);
    if (g == NULL) return error_memory(error);
    g->cell = cell;
    g->columns = (unsigned)ceil(width / cell);
    g->rows = (unsigned)ceil(height / cell);
    g->sums = memory_zeroed((size_t)(g->columns + 1) * (g->rows + 1), sizeof *g->sums);
    if (g->sums == NULL) {
        memory_free(g);
        return error_memory(error);
    }
    *out = g;
    return RFD_OK;
}

void slot_grid_free(struct slot_grid *g)
{
    if (g == NULL) return;
    memory_free(g->sums);
    memory_free(g);
}

static unsigned clamp(double cells, unsigned maximum)
{
    if (!(cells > 0)) return 0;
    return cells >= maximum ? maximum : (unsigned)cells;
}

struct cells {
    unsigned left, bottom, right, top; /* the last two not included */
};

/** Every cell that the box touches with more than a hair. */
static struct cells cells_of(const struct slot_grid *g, struct pdf_box box)
{
    return (struct cells){
        clamp(floor((box.left + hair) / g->cell), g->columns), clamp(floor((box.bottom + hair) / g->cell), g->rows),
        clamp(ceil((box.right - hair) / g->cell), g->columns), clamp(ceil((box.top - hair) / g->cell), g->rows)};
}

void slot_grid_take(struct slot_grid *g, struct pdf_box box, double gap)
{
    struct pdf_box wide = {box.left - gap, box.bottom - gap, box.right + gap, box.top + gap};
    struct cells c = cells_of(g, wide);
    if (c.left >= c.right || c.bottom >= c.top) return;
    ++*at(g, c.left, c.bottom);
    --*at(g, c.right, c.bottom);
    --*at(g, c.left, c.top);
    ++*at(g, c.right, c.top);
}

/** Each entry becomes the sum of all at or before it, in both directions. */
static void sum_up(struct slot_grid *g)
{
    size_t width = g->columns + 1;
    for (unsigned row = 0; row <= g->rows; row++) {
        int32_t *here = at(g, 0, row);
        for (size_t column = 1; column < width; column++) here[column] += here[column - 1];
        const int32_t *before = row == 0 ? NULL : here - width;
        for (size_t column = 0; before != NULL && column < width; column++) here[column] += before[column];
    }
}

void slot_grid_close(struct slot_grid *g)
{
    if (g->closed) return;
    size_t width = g->columns + 1;
    sum_up(g); /* now: how many boxes lie on each cell */
    /* One for a taken cell, moved by one so that row and column 0 are before the first cell. */
    for (unsigned row = g->rows; row > 0; row--) {
        int32_t *here = at(g, 0, row);
        const int32_t *before = here - width;
        for (size_t column = 1; column < width; column++) here[column] = before[column - 1] > 0;
        here[0] = 0;
    }
    memset(g->sums, 0, width * sizeof *g->sums);
    sum_up(g);
    g->closed = true;
}

bool slot_grid_is_free(const struct slot_grid *g, struct pdf_box box)
{
    struct cells c = cells_of(g, box);
    if (c.left >= c.right || c.bottom >= c.top) return true;
    return *at(g, c.right, c.top) - *at(g, c.left, c.top) - *at(g, c.right, c.bottom) + *at(g, c.left, c.bottom) == 0;
}

bool slot_overlap(struct pdf_box a, struct pdf_box b)
{
    return a.left + hair < b.right && b.left + hair < a.right && a.bottom + hair < b.top && b.bottom + hair < a.top;
}

bool slot_inside(struct pdf_box box, struct pdf_box area)
{
    return box.left >= area.left - hair && box.bottom >= area.bottom - hair && box.right <= area.right + hair &&
           box.top <= area.top + hair;
}

bool slot_first(const struct slot_grid *g, struct pdf_box area, double width, double height, struct pdf_box *out)
{
    for (unsigned row = 0; row <= g->rows; row++) {
        double y = area.bottom + row * g->cell;
        if (y + height > area.top + hair) break;
        for (unsigned column = 0; column <= g->columns; column++) {
            double x = area.left + column * g->cell;
            struct pdf_box box = {x, y, x + width, y + height};
            if (box.right > area.right + hair) break;
            if (!slot_grid_is_free(g, box)) continue;
            *out = box;
            return true;
        }
    }
    return false;
}

/** Offsets in cells from `from` to both sides, 0 first: 0, 1, -1, 2, -2 ... */
static double offset(unsigned i)
{
    return i % 2 == 0 ? -(double)(i / 2) : (double)(i / 2 + 1);
}

bool slot_nearest(const struct slot_grid *g, struct pdf_box area, struct pdf_box wanted, struct pdf_box *out)
{
    double best = INFINITY;
    for (unsigned j = 0; j <= 2 * g->rows; j++) {
        double dy = offset(j) * g->cell;
        if (dy * dy >= best) break; /* the rows after this one are not nearer */
        for (unsigned i = 0; i <= 2 * g->columns; i++) {
            double dx = offset(i) * g->cell;
            if (dx * dx + dy * dy >= best) break;
            struct pdf_box box = {wanted.left + dx, wanted.bottom + dy, wanted.right + dx, wanted.top + dy};
            if (!slot_inside(box, area) || !slot_grid_is_free(g, box)) continue;
            best = dx * dx + dy * dy;
            *out = box;
        }
    }
    return best < INFINITY;
}
