/* SPDX-License-Identifier: EUPL-1.2
 *
 * Poppler and cairo. Everything here may be under a stranger's control once a document was opened.
 */
#ifndef RENDER_DRAW_H
#define RENDER_DRAW_H

#include "render/exits.h"
#include "render/options.h"

typedef struct _PopplerDocument PopplerDocument;

/** Draws a small document of our own with every standard font, so that libraries load what they load once and the
 * font tables are there before the sandbox closes. */
void draw_warm_up(void);

/** The document on standard input: a file is read where it is needed, anything else whole. */
enum render_exit draw_open(const char *password, PopplerDocument **out);
int draw_page_count(PopplerDocument *document);
/** A page as PNG on standard output. */
enum render_exit draw_page(PopplerDocument *document, const struct render_options *options);

#endif
