/* SPDX-License-Identifier: EUPL-1.2
 *
 * A page as people see it and as its content is written. "As seen" coordinates are what somebody measures on the
 * printed or shown page: points of 1/72 inch from its LOWER-LEFT corner, y upwards, after cropping, /Rotate and
 * UserUnit. Default user space (ISO 32000-2 §8.3.2.3) is what content, annotation rectangles and page_text.h speak.
 *
 * To place something upright at (x, y) as seen:
 *   - in a content stream: "q M cm ... Q" with M = pdf_geometry_to_user(); what follows is in as seen coordinates;
 *   - in a widget: /Rect = pdf_geometry_box_to_user() of the rectangle, and in its appearance /BBox [0 0 width height]
 *     in as seen points with /Matrix = pdf_geometry_upright(). §12.5.5 (algorithm: appearance streams) fits the
 *     transformed /BBox into /Rect, so only the turn matters.
 */
#ifndef PDF_PAGE_GEOMETRY_H
#define PDF_PAGE_GEOMETRY_H

#include "pdf/document.h"

/** In default user space (§8.3.2.3): points at UserUnit 1, before /Rotate. left <= right, bottom <= top. */
struct pdf_box {
    double left, bottom, right, top;
};

struct pdf_point {
    double x, y;
};

/** The six numbers of §8.3.3: x' = a x + c y + e, y' = b x + d y + f. */
struct pdf_matrix {
    double a, b, c, d, e, f;
};
#define PDF_MATRIX_IDENTITY ((struct pdf_matrix){1, 0, 0, 1, 0, 0})

struct pdf_geometry {
    struct pdf_box box;   /* CropBox within MediaBox, never empty */
    int rotate;           /* 0, 90, 180, 270: how far the page is turned clockwise when shown */
    double unit;          /* UserUnit: default user space units of unit/72 inch */
    double width, height; /* as seen, in points of 1/72 inch */
};

/** Never fails: what is missing, empty or absurd counts as absent (US Letter, uncropped, upright, unit 1). */
struct pdf_geometry pdf_geometry(struct pdf_view *view, const struct pdf_page *page);

/** From as seen coordinates to default user space, and back. */
struct pdf_matrix pdf_geometry_to_user(const struct pdf_geometry *g);
struct pdf_matrix pdf_geometry_to_seen(const struct pdf_geometry *g);
/** pdf_geometry_to_user() without its shift: the turn and the scale alone. */
struct pdf_matrix pdf_geometry_upright(const struct pdf_geometry *g);

struct pdf_box pdf_geometry_box_to_user(const struct pdf_geometry *g, struct pdf_box seen);
struct pdf_box pdf_geometry_box_to_seen(const struct pdf_geometry *g, struct pdf_box user);

struct pdf_point pdf_matrix_point(const struct pdf_matrix *m, double x, double y);
/** The box around a transformed box. */
struct pdf_box pdf_matrix_box(const struct pdf_matrix *m, struct pdf_box box);
/** First `first`, then `then`: "first x then" in the notation of §8.3.4. */
struct pdf_matrix pdf_matrix_multiply(const struct pdf_matrix *first, const struct pdf_matrix *then);

/** Four numbers as a box with its corners in order (§7.9.5); false when they are not four sane numbers. */
bool pdf_box_read(struct pdf_view *view, const struct pdf_value *array, struct pdf_box *out);
/** Six numbers as a matrix; false when they are not six finite numbers. */
bool pdf_matrix_read(struct pdf_view *view, const struct pdf_value *array, struct pdf_matrix *out);
/** The common part; false (and *out untouched) when it has no area. */
bool pdf_box_intersect(struct pdf_box a, struct pdf_box b, struct pdf_box *out);
/** The box around both. */
struct pdf_box pdf_box_join(struct pdf_box a, struct pdf_box b);

#endif
