/* SPDX-License-Identifier: EUPL-1.2
 *
 * A personal keeper inside this process, for commands while no server runs (as keeper/local.h).
 */
#ifndef PERSONAL_LOCAL_H
#define PERSONAL_LOCAL_H

#include "keeper/client.h"
#include "personal/personal.h"

struct local_personal {
    struct keystore store;
    struct personal *personal;
    struct keeper_client *client;
    int log;
};

/** Opens the store below `path`; without `options`, with personal_defaults. RFD_E_STORE_CONFLICT while another process
 * has it, and as keystore_files_open(). On failure nothing needs closing. */
rfd_status local_personal_open(const char *path, const struct master *master, const struct personal_options *options,
                               struct local_personal *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void local_personal_close(struct local_personal *local);

#endif
