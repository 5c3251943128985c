/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/state/state.h"

#include "base/error.h"
#include "base/output.h"
#include "domain/audit/audit.h"
#include "domain/ceremony/ceremony_internal.h"
#include "domain/schema.h"
#include "domain/state/state_files.h"
#include "domain/state/tables.h"
#include "keeper/master_tpm.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, SETTINGS_MAXIMUM = 1 << 16, CREDENTIAL_MAXIMUM = 4096 };

/* ---- What both share ---- */

rfd_status state_master(const struct settings *settings, struct master *out, struct rfd_error *error)
{
    const char *name = settings->keys.credential;
    if (settings->keys.passphrase_file[0] != '\0')
        return master_from_file(MASTER_PASSPHRASE, settings->keys.passphrase_file, out, error);
    if (name[0] == '\0') return error_set(error, RFD_E_SETTINGS, "keys: neither passphrase_file nor credential is set");
    return master_from_credential(name, settings->keys.folder, out, error);
}

static rfd_status tell_audit(struct transaction *t, void *context, struct rfd_error *error)
{
    return audit_put(t, context, error);
}

static rfd_status note(struct store *store, const char *action, slice object, slice actor, struct rfd_error *error)
{
    struct audit_event event = {.action = action, .actor = actor, .object = object};
    return store_write(store, tell_audit, &event, error);
}

/* ---- Backup ---- */

static rfd_status put_mark(struct state_writer *w, struct rfd_error *error)
{
    const uint8_t mark = STATE_NODE_ONLY;
    return state_writer_put(w, slice_of(&mark, 1), error);
}

rfd_status state_backup(const struct state_backup *order, struct rfd_error *error)
{
    static const enum state_keys keys[] = {
        [STATE_ALL] = STATE_KEYS_ALL, [STATE_NODE] = STATE_KEYS_NODE, [STATE_NODE_PAGES] = STATE_KEYS_PAGES};
    struct state_writer *w = NULL;
    mode_t before = umask(077);
    rfd_status opened = state_writer_open(order->path, order->replace, order->master, &w, error);
    (void)umask(before);
    TRY(opened);
    bool whole = order->extent == STATE_ALL;
    rfd_status status =
        note(order->store, "authority.backup", whole ? SLICE("instance") : SLICE("node"), order->actor, error);
    if (status == RFD_OK && !whole) status = put_mark(w, error);
    if (status == RFD_OK)
        status = state_files_put(order->settings, order->with_credential, keys[order->extent], w, error);
    if (status == RFD_OK && whole) status = tables_dump(order->store, w, error);
    if (status == RFD_OK) return state_writer_finish(w, error);
    state_writer_abandon(w);
    return status;
}

/* ---- Restore ---- */

/** The settings with another database. */
static void put_settings(struct buf *out, slice text, const char *database)
{
    buf_print(out, "database: \"%s\"\n", database);
    while (text.length > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.data) + 1;
        if (!slice_starts(text, SLICE("database:"))) buf_put(out, text.data, length);
        text = slice_from(text, length);
    }
}

static rfd_status change_database(const char *home, const char *database, struct rfd_error *error)
{
    char path[CEREMONY_PATH_SIZE];
    struct buf before, after;
    if (database == NULL) return RFD_OK;
    if (strpbrk(database, "\"\\\n") != NULL) return error_set(error, RFD_E_ARGUMENT, "%s", database);
    buf_init(&before, SETTINGS_MAXIMUM);
    buf_init(&after, 2 * SETTINGS_MAXIMUM);
    rfd_status status = ceremony_path(home, "refrenda.yaml", path, error);
    if (status == RFD_OK) status = source_read_file(path, SETTINGS_MAXIMUM, &before, error);
    if (status == RFD_OK) {
        put_settings(&after, buf_slice(&before), database);
        status = output_whole(path, true, buf_slice(&after), error);
    }
    buf_dispose(&before);
    buf_dispose(&after);
    return status;
}

/** What opens the key stores goes to where the settings look for it, when that is in the instance's folder. */
static rfd_status put_master(const struct settings *settings, const char *home, const char *file,
                             struct rfd_error *error)
{
    char inside[CEREMONY_PATH_SIZE];
    struct buf content;
    if (file == NULL) return RFD_OK;
    TRY(ceremony_path(home, "keys/master.key", inside, error));
    if (strcmp(settings->keys.credential, inside) != 0) return RFD_OK;
    buf_init_secret(&content, CREDENTIAL_MAXIMUM);
    rfd_status status = source_read_file(file, CREDENTIAL_MAXIMUM, &content, error);
    if (status == RFD_OK) status = output_whole(inside, true, buf_slice(&content), error);
    buf_dispose(&content);
    return status;
}

static rfd_status try_key(void *context, const struct key_description *description, struct rfd_error *error)
{
    struct stored_key *key = NULL;
    struct keystore *store = context;
    TRY(keystore_open_key(store, slice_text(description->name), &key, error));
    stored_key_free(key);
    return RFD_OK;
}

/** Opens every store below the folder of keys, and every key in it. */
static rfd_status try_stores(const struct settings *settings, const struct master *master, struct rfd_error *error)
{
    DIR *folder = opendir(settings->keys.folder);
    rfd_status status = RFD_OK;
    if (folder == NULL) return error_set(error, RFD_E_IO_READ, "%s", settings->keys.folder);
    for (struct dirent *entry = readdir(folder); entry != NULL && status == RFD_OK; entry = readdir(folder)) {
        char path[PATH_SIZE];
        struct keystore store;
        struct stat about;
        (void)snprintf(path, sizeof path, "%s/%s", settings->keys.folder, entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) continue;
        status = keystore_files_open(path, master, &store, error);
        if (status != RFD_OK) break;
        status = keystore_list(&store, try_key, &store, error);
        keystore_close(&store);
    }
    (void)closedir(folder);
    return status;
}

static rfd_status restore_stores(const struct state_restore *order, const char *home, const struct settings *settings,
                                 struct rfd_error *error)
{
    struct master master = {.kind = MASTER_CREDENTIAL};
    TRY(put_master(settings, home, order->master_file, error));
    TRY(state_master(settings, &master, error));
    rfd_status status = try_stores(settings, &master, error);
    master_dispose(&master);
    return status;
}

/** Whether the backup is a node's, without a database. */
static rfd_status is_node_only(struct state_reader *from, bool *out, struct rfd_error *error)
{
    slice record;
    bool more = true;
    state_reader_rewind(from);
    TRY(state_reader_next(from, &record, &more, error));
    *out = more && record.length == 1 && record.data[0] == STATE_NODE_ONLY;
    return RFD_OK;
}

static rfd_status restore_tables(const struct state_restore *order, const struct settings *settings,
                                 struct state_reader *from, struct rfd_error *error)
{
    struct store *store = NULL;
    const struct store_options options = {.address = settings->database};
    TRY(domain_open_store(&options, &store, error));
    rfd_status status = tables_restore(store, from, error);
    if (status == RFD_OK) status = note(store, "authority.restore", SLICE("instance"), order->actor, error);
    store_close(store);
    return status;
}

static rfd_status make_folders(const char *home, struct rfd_error *error)
{
    static const char *const folders[] = {"data", "run"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[CEREMONY_PATH_SIZE];
        TRY(ceremony_path(home, folders[i], path, error));
        TRY(ceremony_folder(path, false, error));
    }
    return RFD_OK;
}

static rfd_status fill(const struct state_restore *order, const char *home, struct state_reader *from,
                       struct rfd_error *error)
{
    struct settings *settings = NULL;
    char path[CEREMONY_PATH_SIZE];
    bool node_only = false;
    rfd_status status = RFD_OK;
    TRY_OUT(state_files_take(home, from, error));
    TRY_OUT(make_folders(home, error));
    TRY_OUT(change_database(home, order->database, error));
    TRY_OUT(ceremony_path(home, "refrenda.yaml", path, error));
    TRY_OUT(settings_read(path, &settings, error));
    TRY_OUT(restore_stores(order, home, settings, error));
    TRY_OUT(is_node_only(from, &node_only, error));
    if (!node_only) TRY_OUT(restore_tables(order, settings, from, error));
    status = ceremony_give(home, "", settings->user[0] == '\0' ? NULL : settings->user, error);
out:
    settings_free(settings);
    return status;
}

rfd_status state_restore(const struct state_restore *order, struct rfd_error *error)
{
    struct state_reader *from = NULL;
    char home[CEREMONY_PATH_SIZE];
    rfd_status status = RFD_OK;
    mode_t before = umask(077);
    TRY_OUT(state_reader_open(order->path, order->master, &from, error));
    TRY_OUT(ceremony_take_folder(order->home, home, error));
    TRY_OUT(
        ceremony_write(home, CEREMONY_UNFINISHED, SLICE("A restore began in this folder and has not ended.\n"), error));
    TRY_OUT(fill(order, home, from, error));
    status = ceremony_remove(home, CEREMONY_UNFINISHED, error);
out:
    state_reader_close(from);
    (void)umask(before);
    return status;
}
