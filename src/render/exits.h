/* SPDX-License-Identifier: EUPL-1.2
 *
 * How refrenda-render ends, as its --help prints it and as the command that runs it understands it (sysexits.h has the
 * idea): RENDER_EXIT(name, status, meaning).
 */
#ifndef RENDER_EXITS_H
#define RENDER_EXITS_H

#define RENDER_EXITS                                                                                                   \
    RENDER_EXIT(OK, 0, "drawn, or counted")                                                                            \
    RENDER_EXIT(USAGE, 64, "the command line is wrong")                                                                \
    RENDER_EXIT(DOCUMENT, 65, "the document cannot be read")                                                           \
    RENDER_EXIT(PAGE, 66, "the document has no such page")                                                             \
    RENDER_EXIT(SIZE, 69, "the picture would have too many pixels")                                                    \
    RENDER_EXIT(MEMORY, 70, "there is not enough memory")                                                              \
    RENDER_EXIT(SANDBOX, 71, "the sandbox could not be entered; nothing was read")                                     \
    RENDER_EXIT(OUTPUT, 74, "the picture cannot be written")                                                           \
    RENDER_EXIT(PASSWORD, 77, "the document needs a password, or another one")

enum render_exit {
#define RENDER_EXIT(name, status, meaning) RENDER_EXIT_##name = status,
    RENDER_EXITS
#undef RENDER_EXIT
};

/** Says "refrenda-render: ..." on standard error, which stays the real one when libraries are silenced. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
