/* SPDX-License-Identifier: EUPL-1.2 */
#include "personal/local.h"

#include "base/error.h"
#include "keeper/event.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LOG_NAME "keeper.log" /* as the keeper's (keeper/local.c) */

static rfd_status handle(void *context, struct keeper_session *session, const struct message *message,
                         struct buf *answer, struct rfd_error *error)
{
    return personal_handle(context, session, message, answer, error);
}

rfd_status local_personal_open(const char *path, const struct master *master, const struct personal_options *options,
                               struct local_personal *out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    *out = (struct local_personal){.log = 0};
    TRY_OUT(keystore_files_open(path, master, &out->store, error));
    /* Root writes here, too, into a folder that is the service's: not wherever a link leads. */
    int log =
        openat(out->store.folder->descriptor, LOG_NAME, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (log < 0) TRY_OUT(error_errno(error, RFD_E_IO_WRITE, errno, "%s/" LOG_NAME, path));
    out->log = log;
    TRY_OUT(personal_new(&out->store, options == NULL ? &personal_defaults : options, keeper_event_write, &out->log,
                         &out->personal, error));
    status = keeper_client_direct_to(handle, out->personal, &out->client, error);
out:
    if (status != RFD_OK) local_personal_close(out);
    return status;
}

void local_personal_close(struct local_personal *local)
{
    keeper_client_free(local->client);
    personal_free(local->personal);
    if (local->store.backend != NULL) keystore_close(&local->store);
    if (local->log > 0) (void)close(local->log);
    *local = (struct local_personal){.log = 0};
}
