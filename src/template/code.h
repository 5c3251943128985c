/* SPDX-License-Identifier: EUPL-1.2
 *
 * Templates as they are rendered: one row of small nodes for a whole set, each template a range of it. A section's
 * content follows it; `end` is the node after that.
 */
#ifndef TEMPLATE_CODE_H
#define TEMPLATE_CODE_H

#include "template/view.h"

enum node_kind {
    NODE_TEXT,
    NODE_ESCAPED, /* {{name}} */
    NODE_MARKUP,  /* {{{name}}} */
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL,
    NODE_MESSAGE,
    NODE_PLURAL
};
struct node {
    uint8_t kind;
    bool at_line_start;  /* of a text: the indentation of a partial goes before it */
    uint16_t part_count; /* of its name; 0: the context itself, {{.}} */
    uint32_t first_part;
    uint32_t end;     /* of a section */
    uint32_t partial; /* which template */
    /** NODE_TEXT: what is written; NODE_PARTIAL: its indentation, data NULL when it does not stand alone on its line;
     * NODE_MESSAGE: the message, with a zero behind it; NODE_PLURAL: two, each with a zero behind it. */
    slice text;
};

struct template_range {
    slice name;
    uint32_t first, end;
};
struct code {
    struct node *nodes;
    size_t node_count, node_capacity;
    struct view_name *parts;
    size_t part_count, part_capacity;
    struct arena texts;
};
void code_init(struct code *code);
void code_dispose(struct code *code);

/** Where the nodes of a partial are: set_find() of a set; NULL where there are none. */
typedef bool code_partial(const void *context, slice name, uint32_t *index);
struct code_reader {
    const char *name; /* for errors */
    slice text;       /* lives as long as the code */
    code_partial *partial;
    const void *partials;
};
/** Appends the nodes of one template. RFD_E_ARGUMENT names template and line. */
rfd_status code_read(struct code *code, const struct code_reader *reader, struct rfd_error *error) RFD_MUST_CHECK;

enum { CODE_DEPTH = 32 }; /* of sections in a template, of partials in partials */

struct code_run {
    const struct code *code;
    const struct template_range *templates; /* what partials refer to */
    const struct rfd_language *language;
    enum template_form form;
};
rfd_status code_render(const struct code_run *run, const struct template_range *range, const struct view *view,
                       struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
