/* SPDX-License-Identifier: EUPL-1.2
 *
 * The drawings of printed forms: lines to sign on, and the panel with code and QR by which a form can be checked. For
 * printed_drawing(), which draws when the document is finished: what is borrowed has to live until then.
 */
#ifndef DOMAIN_FORMS_DRAW_H
#define DOMAIN_FORMS_DRAW_H

#include "print/printed.h"

#define FORM_LINES_HEIGHT 72.0
#define FORM_PANEL_HEIGHT 78.0

struct form_lines {
    struct fonts *fonts;
    struct arena *arena;
    struct {
        const char *role, *name;
    } places[2];
    unsigned count;
};
printed_draw form_lines_draw;

struct form_panel {
    struct fonts *fonts;
    struct arena *arena;
    const char *link; /* of the QR */
    const char *title, *code, *where, *seal;
};
printed_draw form_panel_draw;

#endif
