/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text with words in braces, parsed once and filled in for each signature.
 *
 *   template:  "Signed by\n*{name}\n{post}, {organisation}"
 *   lines:     [ "Signed by" ] [ bold: {name} ] [ {post} ", " {organisation} ]
 *
 * A line whose words are all empty is left out; "{{" is a brace.
 */
#ifndef PADES_TEMPLATE_H
#define PADES_TEMPLATE_H

#include "base/arena.h"

#define TEMPLATE_WORDS(X)                                                                                              \
    X(NAME, "name")                                                                                                    \
    X(POST, "post")                                                                                                    \
    X(ORGANISATION, "organisation")                                                                                    \
    X(ID, "id")                                                                                                        \
    X(REASON, "reason")                                                                                                \
    X(PLACE, "place")                                                                                                  \
    X(DATE, "date")                                                                                                    \
    X(TIME, "time")                                                                                                    \
    X(NUMBER, "number")                                                                                                \
    X(ISSUER, "issuer")
enum template_word {
#define X(name, text) TEMPLATE_##name,
    TEMPLATE_WORDS(X)
#undef X
        TEMPLATE_WORD_COUNT,
    TEMPLATE_LITERAL = TEMPLATE_WORD_COUNT
};

enum { TEMPLATE_TEXT_MAXIMUM = 16 * 1024, TEMPLATE_LINES_MAXIMUM = 64, TEMPLATE_VALUE_MAXIMUM = 2000 };

struct template_piece {
    enum template_word word; /* or TEMPLATE_LITERAL */
    slice text;              /* of a literal */
};
struct template_line {
    bool bold;
    const struct template_piece *pieces;
    size_t count;
};
struct template
{
    struct template_line *lines;
    size_t count;
};

/** Everything lives in `arena`. RFD_E_STAMP_TEMPLATE for a word that is not known or not closed, RFD_E_ARGUMENT for
 * what is no UTF-8 or too long. `bold`: a leading '*' makes a line bold. */
rfd_status template_parse(slice text, bool bold, struct arena *arena, struct template *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

/** One line as it will be shown. */
struct template_text {
    slice text;
    bool bold;
};
/** The lines that are not left out, in the arena; `values` in the order of the words, printable UTF-8. */
rfd_status template_fill(const struct template *t, const slice values[TEMPLATE_WORD_COUNT], struct arena *arena,
                         const struct template_text **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;

/** Makes a value fit for one line: control characters and line ends become spaces, at most TEMPLATE_VALUE_MAXIMUM
 * bytes. In the arena. */
rfd_status template_value(slice text, struct arena *arena, slice *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
