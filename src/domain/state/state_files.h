/* SPDX-License-Identifier: EUPL-1.2
 *
 * The files of an instance that a backup has, by their paths in its folder.
 */
#ifndef DOMAIN_STATE_FILES_H
#define DOMAIN_STATE_FILES_H

#include "domain/state/stream.h"
#include "settings/settings.h"

/** What of the key stores: a node gets no people's keys, which one keeper alone may use. */
enum state_keys { STATE_KEYS_ALL, STATE_KEYS_NODE, STATE_KEYS_PAGES };
/** `credential`: keys/master.key, too. */
rfd_status state_files_put(const struct settings *settings, bool credential, enum state_keys keys,
                           struct state_writer *to, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes those of the backup below `home`. RFD_E_KEYSTORE_DAMAGED for paths that lead elsewhere. */
rfd_status state_files_take(const char *home, struct state_reader *from, struct rfd_error *error) RFD_MUST_CHECK;

#endif
