/* SPDX-License-Identifier: EUPL-1.2
 *
 * The language of a report: translated sentences with values put in their places, dates as people write them, and
 * strangers' text made harmless. Everything returned lives in the arena; a failure is sticky and gives "".
 *
 * A sentence is one message with %1 to %9 for its values, so that a translation may order them as it needs. Nothing is
 * escaped here for HTML: that is its writer's business.
 */
#ifndef PADES_REPORT_VOICE_H
#define PADES_REPORT_VOICE_H

#include "base/arena.h"
#include "base/i18n.h"

struct report_voice {
    struct arena *arena;
    const struct i18n_catalogue *catalogue; /* NULL: English */
    const char *code;                       /* "es" */
    bool failed;                            /* the arena's status says why */
};

/** The message in the report's language. */
const char *report_word(const struct report_voice *v, const char *message);
/** `text` (already translated) with %1... replaced by `values` up to a NULL. The values are made printable. */
const char *report_fill_values(struct report_voice *v, const char *text, const char *const *values);
#define report_fill(voice, text, ...) report_fill_values(voice, text, (const char *const[]){__VA_ARGS__})
/** report_fill() of report_word(). */
#define report_say(voice, message, ...) report_fill(voice, report_word(voice, message), __VA_ARGS__)

/** A stranger's text: UTF-8, nothing in it that steers (text_put_printable), at most `REPORT_TEXT_MAXIMUM` bytes. */
enum { REPORT_TEXT_MAXIMUM = 2000 };
const char *report_clean(struct report_voice *v, const char *text);
/** An attribute ("CN", "O") of an RFC 4514 name, unescaped and made printable; "" when it has none. */
const char *report_attribute(struct report_voice *v, const char *name, const char *attribute);
/** The common name, or the whole name when it has none. */
const char *report_person(struct report_voice *v, const char *name);

const char *report_number(struct report_voice *v, uint64_t number);
/** "21 November 2026, 18:50:24 (UTC)"; "" for RFD_TIME_NONE. */
const char *report_moment(struct report_voice *v, rfd_time time);
/** "21 November 2026" */
const char *report_day(struct report_voice *v, rfd_time time);
/** "2026-11-21", in the order that the language uses. */
const char *report_short_day(struct report_voice *v, rfd_time time);
/** "2026-11" */
const char *report_short_month(struct report_voice *v, rfd_time time);

#endif
