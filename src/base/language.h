/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of refrenda/language.h: which catalogue, and which code for what no catalogue can say (the form of dates).
 */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include "base/i18n.h"
#include <refrenda/language.h>

enum { LANGUAGE_CODE_SIZE = 16 };

/** NULL for English words; also of no language. */
const struct i18n_catalogue *language_catalogue(const struct rfd_language *language);
/** Never NULL; "en" of no language. */
const char *language_code(const struct rfd_language *language);
/** The message in this language. Never NULL. */
const char *language_get(const struct rfd_language *language, const char *message);

#endif
