/* SPDX-License-Identifier: EUPL-1.2
 *
 * A keeper inside this process, for commands while no server runs: its store, the keeper, and a way to ask it. What is
 * asked is written to the file "keeper.log" of the store's folder, as a server's keeper writes it to its log.
 */
#ifndef KEEPER_LOCAL_H
#define KEEPER_LOCAL_H

#include "keeper/client.h"
#include "keeper/token_helper.h"

enum { LOCAL_KEEPER_TOKENS = 16 };

struct local_keeper {
    struct keystore store;
    struct keeper *keeper;
    struct keeper_client *client;
    int log;
    size_t helper_count;
    pid_t helpers[LOCAL_KEEPER_TOKENS]; /* of tokens */
};

/** Opens the store below `path`; `packs` may be NULL (signers). RFD_E_STORE_CONFLICT while another process has it, and
 * as keystore_files_open(). On failure nothing needs closing. */
rfd_status local_keeper_open(const char *path, const struct master *master, const struct packs *packs,
                             struct local_keeper *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Starts a helper (token_helper.h) for the token that keys of the store name `token`: before this process has a second
 * thread. */
rfd_status local_keeper_token(struct local_keeper *local, const char *token, struct token_helper_options *options,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void local_keeper_close(struct local_keeper *local);

#endif
