/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/language.h: in which language stamps and reports speak. English is built in; other languages are message
 * catalogues (the GNU .mo files that are installed with the command).
 */
#ifndef REFRENDA_LANGUAGE_H
#define REFRENDA_LANGUAGE_H

#include <refrenda/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rfd_language;

/** `code` is the language's ISO 639-1 code ("es"), `catalogue` its .mo file (NULL: English words with that code). May
 * be shared between threads. RFD_E_IO_READ, RFD_E_ARGUMENT when it is not a catalogue. */
RFD_API rfd_status rfd_language_open(const char *code, const char *catalogue, struct rfd_language **out,
                                     struct rfd_error *error) RFD_MUST_CHECK;
RFD_API void rfd_language_close(struct rfd_language *language);

#ifdef __cplusplus
}
#endif
#endif
