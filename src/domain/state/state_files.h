/* SPDX-License-Identifier: EUPL-1.2
 *
 * The files of an instance that a backup has, by their paths in its folder.
 */
#ifndef DOMAIN_STATE_FILES_H
#define DOMAIN_STATE_FILES_H

#include "domain/state/stream.h"
#include "settings/settings.h"

/** `credential`: keys/master.key, too. `pages_only`: of the key stores only what pages need. */
rfd_status state_files_put(const struct settings *settings, bool credential, bool pages_only, struct state_writer *to,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Writes those of the backup below `home`. RFD_E_KEYSTORE_DAMAGED for paths that lead elsewhere. */
rfd_status state_files_take(const char *home, struct state_reader *from, struct rfd_error *error) RFD_MUST_CHECK;

#endif
