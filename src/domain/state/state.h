/* SPDX-License-Identifier: EUPL-1.2
 *
 * Backup and restore of an instance: settings, key stores (encrypted as they are), certificates of its folders, and the
 * database. May be made while the server runs: a key store's files are whole at any moment, and are read before the
 * database, which is read as of one moment, so that what the keeper remembers of it is never ahead.
 *
 * People's keys (keys/personal) are part of it, with the counters of wrong passwords and codes, and their holders'
 * logs, as they were: a restore gives attempts back, and old passwords with them (docs/operations.md).
 *
 * Not part of it: the root's folder, counters and journals of key stores (a restored store begins new ones, and serial
 * numbers of both never meet), sockets and logs.
 *
 * After a restore: what was issued since the backup is not in the register. When the old key stores' journals are still
 * there, they say what it was; until then its status is "unknown".
 */
#ifndef DOMAIN_STATE_H
#define DOMAIN_STATE_H

#include "domain/state/stream.h"
#include "settings/settings.h"
#include "store/store.h"

/** Of a node's backup there is no database: the node works with the one that is there. */
enum state_extent {
    STATE_ALL,
    STATE_NODE,      /* settings and all keys, but people's */
    STATE_NODE_PAGES /* settings, and the keys that pages need: no authority's, no log's, no signers' */
};
struct state_backup {
    const struct settings *settings;
    struct store *store;
    slice actor;
    const char *path;
    bool replace;
    enum state_extent extent;
    const struct master *master; /* what the backup is encrypted under */
    bool with_credential;        /* also what opens the key stores, when it is a file of the instance's folder */
};
rfd_status state_backup(const struct state_backup *order, struct rfd_error *error) RFD_MUST_CHECK;

struct state_restore {
    const char *path, *home;
    const char *database; /* another one than the settings name; NULL: that one */
    slice actor;
    const struct master *master; /* opens the backup */
    const char *master_file;     /* of the key stores, put to where the settings want it; NULL: it is in the backup, or
                                    where it always was */
};
/** Into an empty or new folder and an empty database; a node's backup into a folder only. Every key store is opened
 * afterwards, and every key in it. RFD_E_EXISTS, RFD_E_KEYSTORE_DAMAGED, RFD_E_KEYSTORE_MASTER, RFD_E_STORE_VERSION. A
 * folder whose restore was cut off is marked as a ceremony's. */
rfd_status state_restore(const struct state_restore *order, struct rfd_error *error) RFD_MUST_CHECK;

/** What opens the instance's key stores, by its settings. RFD_E_SETTINGS. */
rfd_status state_master(const struct settings *settings, struct master *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
