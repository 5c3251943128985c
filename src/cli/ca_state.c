/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca backup, restore: the whole instance in one encrypted file.
 */
#include "base/error.h"
#include "cli/ca.h"
#include "domain/state/state.h"

enum { ARENA_MAXIMUM = 1 << 16 };

static int wrong_usage(const char *message, const char *command)
{
    message_error("%s", tr(message));
    message_hint(tr(N_("See refrenda %s --help")), command);
    return EXIT_USAGE;
}

/* ---- backup ---- */

static rfd_status backup(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    static const enum state_extent extents[] = {STATE_ALL, STATE_NODE, STATE_NODE_PAGES}; /* by node_names */
    struct master master = {.kind = MASTER_PASSPHRASE};
    bool own = a->pass_file != NULL;
    if (own)
        TRY(master_from_file(MASTER_PASSPHRASE, a->pass_file, &master, error));
    else
        TRY(state_master(home->settings, &master, error));
    const struct state_backup order = {.settings = home->settings,
                                       .store = home->store,
                                       .actor = home->actor,
                                       .path = a->output,
                                       .replace = a->force,
                                       .extent = extents[a->node + 1],
                                       .master = &master,
                                       .with_credential = own};
    rfd_status status = state_backup(&order, error);
    master_dispose(&master);
    return status;
}

int ca_backup(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home;
    if (a->output == NULL || a->operand_count > 0)
        return wrong_usage(N_("A backup needs a file: -o FILE"), "ca backup");
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) {
        status = backup(a, &home, &error);
        ca_home_close(&home);
    }
    if (status != RFD_OK) return ca_exit(a->output, &error);
    if (!a->quiet) (void)printf("%s: %s\n", tr(N_("Backed up")), a->output);
    return 0;
}

/* ---- restore ---- */

/** The passphrase that the backup was made with, or what opens the key stores. */
static rfd_status open_master(const struct arguments *a, struct master *out, struct rfd_error *error)
{
    enum master_kind kind = 0;
    if (a->pass_file != NULL) return master_from_file(MASTER_PASSPHRASE, a->pass_file, out, error);
    if (a->master == NULL)
        return error_set(error, RFD_E_ARGUMENT, "give --pass-file, or --master when the backup was made without");
    TRY(state_reader_kind(a->operands[0], &kind, error));
    return master_from_file(kind, a->master, out, error);
}

static rfd_status restore(const struct arguments *a, struct rfd_error *error)
{
    struct master master = {.kind = MASTER_PASSPHRASE};
    struct arena arena;
    slice actor;
    rfd_status status = RFD_OK;
    arena_init(&arena, ARENA_MAXIMUM);
    TRY_OUT(ca_home_actor(&arena, &actor, error));
    TRY_OUT(open_master(a, &master, error));
    const struct state_restore order = {.path = a->operands[0],
                                        .home = a->home,
                                        .database = a->database,
                                        .actor = actor,
                                        .master = &master,
                                        .master_file = a->master};
    status = state_restore(&order, error);
    master_dispose(&master);
out:
    arena_dispose(&arena);
    return status;
}

int ca_restore(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (a->operand_count != 1 || a->home == NULL)
        return wrong_usage(N_("A restore needs a backup and --home, an empty folder"), "ca restore");
    if (restore(a, &error) != RFD_OK) return ca_exit(a->operands[0], &error);
    if (!a->quiet) (void)printf("%s: %s\n", tr(N_("Restored")), a->home);
    return 0;
}
