/* SPDX-License-Identifier: EUPL-1.2
 *
 * The languages that pages speak, opened while there are rights to: Spanish first, which is the one of who asks for
 * none of them.
 */
#ifndef SERVER_LANGUAGES_H
#define SERVER_LANGUAGES_H

#include <refrenda/language.h>

enum { LANGUAGES = 3 };
struct languages {
    struct rfd_language *items[LANGUAGES];
};

/** The message catalogues beside the program, or those that are installed. One that is not there speaks English, and
 * the log says so. */
rfd_status languages_open(struct languages *out, struct rfd_error *error) RFD_MUST_CHECK;
void languages_close(struct languages *languages);

#endif
