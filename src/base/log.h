/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a process tells the people who run it: one line for each event, to one descriptor, written whole; JSON for
 * machines or text for terminals. Messages say what to do where something has to be done. Names of people, identity
 * numbers and secrets have no place in it; identities of certificates and requests do.
 *
 *   log_event(LOG_WARNING, "crl-late", "the list of partition 3 ends in 5 minutes; see why the worker is not running",
 *             LOG_TEXT("authority", name), LOG_NUMBER("partition", 3));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
    const char *name; /* NULL ends the list */
    slice text;
    int64_t number;
    bool is_number;
};
#define LOG_TEXT(name, value)   ((struct log_field){(name), slice_text(value), 0, false})
#define LOG_SLICE(name, value)  ((struct log_field){(name), (value), 0, false})
#define LOG_NUMBER(name, value) ((struct log_field){(name), SLICE_EMPTY, (int64_t)(value), true})

/** Once, before threads: where to, how, from which process ("worker-0"). Until then nothing is written. */
void log_open(int descriptor, enum log_format format, enum log_level level, const char *process);
/** "error", ...; false when it is not known. */
bool log_level_from_name(slice name, enum log_level *out);
/** Whether a line of this level would be written: for those who would have to put much together for it. */
bool log_wanted(enum log_level level);
/** `code` is for machines, stable; `message` in English. Any thread; never fails, never blocks for long. */
void log_put(enum log_level level, const char *code, const char *message, const struct log_field *fields);
#define log_event(level, code, message, ...)                                                                           \
    log_put((level), (code), (message),                                                                                \
            (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){NULL, SLICE_EMPTY, 0, false}})
/** The error's code, sentence and detail with it. */
void log_failure(enum log_level level, const char *code, const char *message, const struct rfd_error *error);

#endif
