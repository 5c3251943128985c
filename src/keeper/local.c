/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/local.h"

#include "base/error.h"
#include "keeper/event.h"
#include "keeper/keystore_token.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_NAME "keeper.log"

rfd_status local_keeper_open(const char *path, const struct master *master, const struct packs *packs,
                             struct local_keeper *out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    *out = (struct local_keeper){.log = 0};
    TRY_OUT(keystore_files_open(path, master, &out->store, error));
    /* Root writes here, too, into a folder that is the service's: not wherever a link leads. */
    out->log =
        openat(out->store.folder->descriptor, LOG_NAME, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out->log < 0) {
        status = error_errno(error, RFD_E_IO_WRITE, errno, "%s/" LOG_NAME, path);
        out->log = 0;
        goto out;
    }
    TRY_OUT(keeper_new(&out->store, packs, keeper_event_write, &out->log, &out->keeper, error));
    status = keeper_client_direct(out->keeper, &out->client, error);
out:
    if (status != RFD_OK) local_keeper_close(out);
    return status;
}

rfd_status local_keeper_token(struct local_keeper *local, const char *token, struct token_helper_options *options,
                              struct rfd_error *error)
{
    int descriptor = -1;
    if (local->helper_count == LOCAL_KEEPER_TOKENS) return error_set(error, RFD_E_LIMIT, "tokens");
    TRY(token_helper_start(options, &descriptor, &local->helpers[local->helper_count], error));
    local->helper_count++;
    return keystore_token_attach(&local->store, slice_text(token), descriptor, error);
}

void local_keeper_close(struct local_keeper *local)
{
    keeper_client_free(local->client);
    keeper_free(local->keeper);
    if (local->store.backend != NULL) keystore_close(&local->store);
    /* Hung up on, helpers end. */
    for (size_t i = 0; i < local->helper_count; i++) (void)waitpid(local->helpers[i], NULL, 0);
    if (local->log > 0) (void)close(local->log);
    *local = (struct local_keeper){.log = 0};
}
