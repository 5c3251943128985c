/* SPDX-License-Identifier: EUPL-1.2
 *
 * Speaking to people: the language, colours, and the one form in which errors, warnings and hints appear. A command is
 * one process with one reader, so the catalogue is the process's.
 */
#ifndef CLI_MESSAGES_H
#define CLI_MESSAGES_H

#include "base/i18n.h"

#include <refrenda.h>
#include <stdio.h>

/** Loads the catalogue of `language` (NULL: what the environment asks for) from beside the program or where it was
 * installed. English when there is none. */
void messages_start(const char *language);
void messages_stop(void);
const char *messages_language(void);
/** The same language for stamps and reports. */
rfd_status messages_open_language(struct rfd_language **out, struct rfd_error *error) RFD_MUST_CHECK;
const char *tr(const char *message);
const char *tr_count(const char *one, const char *many, uint64_t n);

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
void messages_colour(enum colour_choice choice);

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_WARN };
/** The escape sequence that starts a style on this stream, "" without colours; STYLE_PLAIN ends it. */
const char *style_on(FILE *stream, enum style style);

/** "refrenda: ..." on standard error. Formats are translated by the caller. */
void message_error(const char *format, ...) RFD_PRINTF(1, 2);
void message_warning(const char *format, ...) RFD_PRINTF(1, 2);
void message_hint(const char *format, ...) RFD_PRINTF(1, 2);
/** An error of the library: its sentence in the reader's language, the detail, the causes, and what to do. `about` is
 * the file or NULL. */
void message_status(const char *about, const struct rfd_error *error);

/** "Signed: in.pdf -> out.pdf" on standard output; `what` is translated by the caller. */
void message_done(const char *what, const char *input, const char *output);

/** A moment in the local zone, "2026-11-21 18:50:24 +01:00"; "-" for none. Returns `text`. */
enum { MOMENT_SIZE = 40 };
const char *moment_text(rfd_time t, char text[MOMENT_SIZE]);

#endif
