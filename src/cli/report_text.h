/* SPDX-License-Identifier: EUPL-1.2
 *
 * A verification for people: verdict first, then the facts, in the reader's language.
 */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include "cli/messages.h"

void report_text(FILE *to, const char *name, const struct rfd_verification *v, bool verbose);

#endif
