/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda account, organisation, demo: what those who run the platform do before anybody can sign in, or without
 * pages. They act as the system itself.
 */
#ifndef CLI_PLATFORM_H
#define CLI_PLATFORM_H

#include "cli/ca.h"
#include "domain/access/access.h"
#include "domain/account/account.h"

int account_create_command(const struct arguments *a); /* account.c */
int account_unlock_command(const struct arguments *a);
int organisation_import_command(const struct arguments *a); /* organisation.c */
int demo_fill_command(const struct arguments *a);           /* demo.c */
int demo_seal_command(const struct arguments *a);           /* demo_seal.c */

/** account.c: what the settings say. */
struct account_settings platform_account_settings(const struct settings *settings);

#endif
