/* SPDX-License-Identifier: EUPL-1.2
 *
 * An instance, opened for one command.
 */
#include "cli/ca.h"

#include "base/error.h"
#include "base/memory.h"
#include "domain/ceremony/ceremony_internal.h"
#include "domain/schema.h"
#include "domain/state/state.h"
#include "ipc/admin_connect.h"
#include "keeper/local.h"
#include "keeper/master_tpm.h"
#include "personal/local.h"

#include <pwd.h>
#include <unistd.h>

#define HOME_STANDARD   "/etc/refrenda"
#define HOME_SETTINGS   "refrenda.yaml"
#define HOME_UNFINISHED "CEREMONY-UNFINISHED"

enum { PATH_SIZE = 4096, ARENA_MAXIMUM = 256 << 20, USER_SIZE = 4096, TRIES = 20, PAUSE = 100 * 1000 };

/** The keepers inside this process. */
struct ca_home_keepers {
    struct local_keeper keeper, signer;
    struct local_personal personal;
};

static const char *home_folder(const struct arguments *a)
{
    if (a->home != NULL) return a->home;
    const char *given = getenv("REFRENDA_HOME");
    return given != NULL && given[0] != '\0' ? given : HOME_STANDARD;
}

static rfd_status home_path(const char *folder, const char *name, char path[PATH_SIZE], struct rfd_error *error)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    if (length > 0 && length < PATH_SIZE) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "%s: the path is too long", folder);
}

/* A folder whose ceremony was cut off is no instance (domain/ceremony/ceremony.h). */
static rfd_status read_settings(const char *folder, struct ca_home *home, struct rfd_error *error)
{
    char path[PATH_SIZE];
    TRY(home_path(folder, HOME_UNFINISHED, path, error));
    if (access(path, F_OK) == 0)
        return error_set(error, RFD_E_STATE, "%s: its key ceremony was not finished; remove the folder and begin again",
                         folder);
    TRY(home_path(folder, HOME_SETTINGS, path, error));
    return settings_read(path, &home->settings, error);
}

/* ---- The keeper of a running server ---- */

/* A child that is just being started again is waited for. */
static rfd_status connect_live(const char *folder, const char *role, int *descriptor, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    for (int i = 0; i < TRIES; i++) {
        status = admin_connect(folder, role, 0, descriptor, error);
        if (status != RFD_E_BUSY && status != RFD_E_PEER_GONE) break;
        (void)usleep(PAUSE);
    }
    return status;
}

static rfd_status client_live(const char *folder, const char *role, struct keeper_client **out, struct rfd_error *error)
{
    struct keeper_client *client = NULL;
    int descriptor = -1;
    TRY(connect_live(folder, role, &descriptor, error));
    rfd_status status = keeper_client_new(1, &client, error);
    if (status == RFD_OK) {
        status = keeper_client_connect(client, 0, descriptor, error);
        if (status == RFD_OK) descriptor = -1;
    }
    if (status == RFD_OK)
        *out = client;
    else
        keeper_client_free(client);
    if (descriptor >= 0) (void)close(descriptor);
    return status;
}

/** Not so when it could not be asked at all: then its keys are ours to open. */
static bool is_live(const char *folder)
{
    int descriptor = -1;
    rfd_status status = admin_connect(folder, "keeper", 0, &descriptor, NULL);
    if (status == RFD_OK) (void)close(descriptor);
    return status == RFD_OK || status == RFD_E_FORBIDDEN || status == RFD_E_BUSY || status == RFD_E_DEADLINE;
}

/* ---- A keeper of our own ---- */

/** The PIN's file may be a systemd credential, as keys.credential may. */
static rfd_status read_pin(const struct settings_token *token, struct secret *pin, struct rfd_error *error)
{
    char path[PATH_SIZE];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (token->pin_file[0] == '\0') return RFD_OK;
    if (strchr(token->pin_file, '/') != NULL) return secret_read_file(pin, token->pin_file, error);
    if (folder == NULL)
        return error_set(error, RFD_E_SETTINGS, "\"%s\" is a systemd credential, and systemd passed none",
                         token->pin_file);
    TRY(home_path(folder, token->pin_file, path, error));
    return secret_read_file(pin, path, error);
}

/** Root's helper becomes whom the server's would become: the token's files are his. */
static void set_user(const struct settings *settings, struct token_helper_options *options)
{
    char memory[USER_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;
    if (settings->user[0] != '\0') (void)getpwnam_r(settings->user, &entry, memory, sizeof memory, &found);
    if (found == NULL) return;
    options->user = found->pw_uid;
    options->group = found->pw_gid;
}

static rfd_status open_tokens(const struct settings *settings, struct local_keeper *keeper, struct rfd_error *error)
{
    for (unsigned i = 0; i < settings->keys.token_count; i++) {
        const struct settings_token *token = &settings->keys.tokens[i];
        struct token_helper_options options = {
            .module = token->module, .token = token->token, .network = token->network, .log = STDERR_FILENO};
        set_user(settings, &options);
        TRY(read_pin(token, &options.pin, error));
        rfd_status status = local_keeper_token(keeper, token->name, &options, error);
        secret_dispose(&options.pin);
        TRY(status);
    }
    return RFD_OK;
}

static rfd_status open_own(struct ca_home *home, const char *store, const struct packs *packs,
                           struct local_keeper *keeper, struct rfd_error *error)
{
    struct master master = {0};
    char path[PATH_SIZE];
    TRY(home_path(home->settings->keys.folder, store, path, error));
    TRY(state_master(home->settings, &master, error));
    rfd_status status = local_keeper_open(path, &master, packs, keeper, error);
    master_dispose(&master);
    return status == RFD_OK ? open_tokens(home->settings, keeper, error) : status;
}

/* ---- The personal keeper, where there is one ---- */

static bool has_personal(const struct ca_home *home)
{
    char path[PATH_SIZE];
    return home_path(home->settings->keys.folder, "personal/" MASTER_NAME, path, NULL) == RFD_OK &&
           access(path, F_OK) == 0;
}

/** Keys that commands make cost what the server's do. */
static struct personal_options personal_costs(const struct settings *settings)
{
    struct personal_options options = personal_defaults;
    options.algorithm = key_algorithm_from_name(slice_text(settings->central.algorithm));
    options.memory_kib = settings->central.argon_kib;
    options.passes = settings->central.argon_passes;
    return options;
}

static rfd_status open_personal(const char *folder, struct ca_home *home, struct rfd_error *error)
{
    struct master master = {0};
    char path[PATH_SIZE];
    if (!has_personal(home)) return RFD_OK;
    if (home->live) return client_live(folder, "personal", &home->personal, error);
    TRY(home_path(home->settings->keys.folder, "personal", path, error));
    TRY(state_master(home->settings, &master, error));
    const struct personal_options options = personal_costs(home->settings);
    rfd_status status = local_personal_open(path, &master, &options, &home->own->personal, error);
    master_dispose(&master);
    home->personal = home->own->personal.client;
    return status;
}

static rfd_status open_keepers(const char *folder, unsigned wants, struct ca_home *home, struct rfd_error *error)
{
    if (home->live) {
        if ((wants & CA_HOME_KEEPER) != 0) TRY(client_live(folder, "keeper", &home->keeper, error));
        if ((wants & CA_HOME_SIGNER) != 0) TRY(client_live(folder, "signer", &home->signer, error));
        return (wants & CA_HOME_PERSONAL) == 0 ? RFD_OK : open_personal(folder, home, error);
    }
    home->own = memory_zeroed(1, sizeof *home->own);
    if (home->own == NULL) return error_memory(error);
    if ((wants & CA_HOME_KEEPER) != 0) {
        TRY(open_own(home, "authority", home->packs, &home->own->keeper, error));
        home->keeper = home->own->keeper.client;
    }
    if ((wants & CA_HOME_SIGNER) != 0) {
        TRY(open_own(home, "signer-0", NULL, &home->own->signer, error));
        home->signer = home->own->signer.client;
    }
    return (wants & CA_HOME_PERSONAL) == 0 ? RFD_OK : open_personal(folder, home, error);
}

/* ---- Outside ---- */

rfd_status ca_home_actor(struct arena *arena, slice *out, struct rfd_error *error)
{
    char memory[USER_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;
    (void)getpwuid_r(getuid(), &entry, memory, sizeof memory, &found);
    char *actor = found != NULL ? arena_print(arena, "admin:%s", found->pw_name)
                                : arena_print(arena, "admin:%u", (unsigned)getuid());
    if (actor == NULL) return arena_failed(arena, error);
    *out = slice_text(actor);
    return RFD_OK;
}

rfd_status ca_home_open(const struct arguments *a, unsigned wants, struct ca_home *out, struct rfd_error *error)
{
    const char *folder = home_folder(a);
    rfd_status status = RFD_OK;
    *out = (struct ca_home){.live = false};
    arena_init(&out->arena, ARENA_MAXIMUM);
    TRY_OUT(read_settings(folder, out, error));
    TRY_OUT(packs_open(out->settings->packs, &out->packs, error));
    TRY_OUT(ca_home_actor(&out->arena, &out->actor, error));
    out->live = is_live(folder);
    if ((wants & (CA_HOME_KEEPER | CA_HOME_SIGNER | CA_HOME_PERSONAL)) != 0)
        TRY_OUT(open_keepers(folder, wants, out, error));
    if ((wants & CA_HOME_STORE) != 0) {
        const struct store_options options = {.address = out->settings->database};
        TRY_OUT(domain_open_store(&options, &out->store, error));
    }
    out->domain = (struct authority_domain){.store = out->store, .keeper = out->keeper, .packs = out->packs};
out:
    if (status != RFD_OK) ca_home_close(out);
    return status;
}

rfd_status ca_home_make_personal(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct master master = {0};
    char path[PATH_SIZE];
    if (home->live || home->own == NULL)
        return error_set(error, RFD_E_STATE, "a server runs: stop it first, it begins to use the store when it starts");
    TRY(home_path(home->settings->keys.folder, "personal", path, error));
    TRY(state_master(home->settings, &master, error));
    rfd_status status = keystore_files_init(path, &master, error);
    master_dispose(&master);
    if (status == RFD_OK) status = open_personal(home_folder(a), home, error);
    const char *user = home->settings->user[0] == '\0' ? NULL : home->settings->user;
    return status == RFD_OK ? ceremony_give(path, "", user, error) : status;
}

void ca_home_close(struct ca_home *home)
{
    if (home->own != NULL) {
        local_keeper_close(&home->own->keeper);
        local_keeper_close(&home->own->signer);
        local_personal_close(&home->own->personal);
        memory_free(home->own);
    } else {
        keeper_client_free(home->keeper);
        keeper_client_free(home->signer);
        keeper_client_free(home->personal);
    }
    if (home->store != NULL) store_close(home->store);
    packs_close(home->packs);
    settings_free(home->settings);
    arena_dispose(&home->arena);
    *home = (struct ca_home){.live = false};
}
