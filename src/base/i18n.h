/* SPDX-License-Identifier: EUPL-1.2
 *
 * Message catalogues (GNU .mo files) as values: glibc's gettext() is per process and needs system locales that a stock
 * Debian does not have, and a server answers each request in its own language. Messages are written in English in the
 * code and are their own keys.
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include "base/slice.h"

/** Marks a message for the catalogues where it stands in a table; it is translated where it is shown. */
#define N_(message) message

struct i18n_catalogue;

/** Reads a .mo file (at most 4 MiB). RFD_E_IO_READ, or RFD_E_ARGUMENT when it is not one. */
rfd_status i18n_open(const char *path, struct i18n_catalogue **out, struct rfd_error *error) RFD_MUST_CHECK;
void i18n_close(struct i18n_catalogue *c);

/** The translation, or `message` itself. `c` may be NULL (English). Never NULL. */
const char *i18n_get(const struct i18n_catalogue *c, const char *message);
/** By number: Spanish, Catalan and English all use the second form for everything but 1. */
const char *i18n_count(const struct i18n_catalogue *c, const char *one, const char *many, uint64_t n);

enum { I18N_LANGUAGE_SIZE = 8 };
/** The language that the environment asks for ("es", "ca", "en"): LANGUAGE, LC_ALL, LC_MESSAGES, LANG in this order;
 * "C" and "POSIX" are English, nothing at all is Spanish, the house's own language. */
const char *i18n_environment_language(char language[I18N_LANGUAGE_SIZE]);

#endif
