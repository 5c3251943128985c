/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/stamp.h: what people see of a signature. A stamp is prepared once (fonts, images and QR parsed and encoded)
 * and then shown by any number of signatures; a place says where on which page.
 */
#ifndef REFRENDA_STAMP_H
#define REFRENDA_STAMP_H

#include <refrenda/language.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rfd_stamp_style {
    RFD_STAMP_TEXT,        /* text only, with crest and QR when given */
    RFD_STAMP_IMAGE,       /* the image only */
    RFD_STAMP_IMAGE_LEFT,  /* the image left of the text */
    RFD_STAMP_IMAGE_ABOVE, /* the image above the text */
    RFD_STAMP_STRIP        /* a narrow strip along the page's left margin, read from below: for a verification code */
};

/** Each role looks distinct, in colour, title and frame, also when printed in black and white. */
enum rfd_stamp_look {
    RFD_LOOK_BY_KIND,     /* approval, or visto bueno when the signature's commitment says so */
    RFD_LOOK_APPROVAL,    /* "Firmado por" */
    RFD_LOOK_ENDORSEMENT, /* "V.º B.º" */
    RFD_LOOK_HOLDER,      /* titular: the holder of the document's subject matter signs */
    RFD_LOOK_NOTIFICATION /* notificación: receipt of a notice */
};

/** Initialise with RFD_STAMP_OPTIONS_INIT. All is copied by rfd_stamp_new. Text is UTF-8. */
struct rfd_stamp_options {
    size_t size;
    enum rfd_stamp_style style;
    enum rfd_stamp_look look;
    const struct rfd_language *language; /* of the labels; NULL: English */
    /**
     * Lines, separated by '\n'; NULL: those of the look. In them {name}, {post}, {organisation}, {id}, {reason},
     * {place}, {date}, {time}, {number} and {issuer} are replaced; a line whose words in braces are all empty is left
     * out; "{{" is a brace; a line that begins with '*' is bold. RFD_E_STAMP_TEMPLATE for an unknown word.
     */
    const char *text;
    const char *post, *number; /* the signer's post; the document's number */
    const char *qr;            /* what the QR code says (a link), with the same words in braces; NULL: no code */
    rfd_slice image, crest;    /* PNG or JPEG; empty: none. At most 4096 x 4096 pixels. RFD_E_IMAGE */
    double width, height;      /* millimetres; 0: what the style needs */
    double font_size;          /* points; 0: what fits */
    int time_zone;             /* minutes east of UTC for {date} and {time} */
    const char *const
        *fonts; /* TrueType files for what the built-in family (Latin, Greek, Cyrillic) lacks; NULL-ended */
};
#define RFD_STAMP_OPTIONS_INIT                                                                                         \
    {                                                                                                                  \
        .size = sizeof(struct rfd_stamp_options)                                                                       \
    }

struct rfd_stamp;
/** May be shared between threads. */
RFD_API rfd_status rfd_stamp_new(const struct rfd_stamp_options *options, struct rfd_stamp **out,
                                 struct rfd_error *error) RFD_MUST_CHECK;
RFD_API void rfd_stamp_free(struct rfd_stamp *stamp);

enum rfd_place_kind {
    RFD_PLACE_FREE,     /* the first place, from the page's lower left corner, where nothing else is */
    RFD_PLACE_POSITION, /* x, y */
    RFD_PLACE_ANCHOR,   /* one of nine cells of the page; the nearest free place when another stamp is there */
    RFD_PLACE_MARKER    /* over a text of the page, such as {{firma:1}} */
};
enum rfd_anchor {
    RFD_ANCHOR_TOP_LEFT,
    RFD_ANCHOR_TOP,
    RFD_ANCHOR_TOP_RIGHT,
    RFD_ANCHOR_LEFT,
    RFD_ANCHOR_CENTRE,
    RFD_ANCHOR_RIGHT,
    RFD_ANCHOR_BOTTOM_LEFT,
    RFD_ANCHOR_BOTTOM,
    RFD_ANCHOR_BOTTOM_RIGHT
};

/** Where. An existing field that is signed has its place already: then only its own rectangle counts. All measures are
 * millimetres on the page as it is seen (after /Rotate, inside the crop box, with UserUnit), y from its upper edge. */
struct rfd_place {
    size_t size;
    enum rfd_place_kind kind;
    int page;       /* 1 = first, -1 = last, 0: the last (with a marker: wherever it is) */
    bool all_pages; /* the widget on `page`, the same picture on all others; not after an earlier signature */
    double x, y;    /* upper left corner of the stamp */
    enum rfd_anchor anchor;
    double margin; /* from the page's edges, for anchors, free places and strips; 0: 10 mm, of strips 5 mm */
    const char *marker;
};
#define RFD_PLACE_INIT                                                                                                 \
    {                                                                                                                  \
        .size = sizeof(struct rfd_place)                                                                               \
    }

#ifdef __cplusplus
}
#endif
#endif
