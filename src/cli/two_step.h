/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda sign --prepare and --embed.
 */
#ifndef CLI_TWO_STEP_H
#define CLI_TWO_STEP_H

#include "cli/options.h"

int two_step_prepare(const struct arguments *a);
int two_step_embed(const struct arguments *a);

#endif
