/* SPDX-License-Identifier: EUPL-1.2
 *
 * Records: STATE_FILE, text path, bytes content. Paths are of the plain kind: "keys/authority/seal.key".
 */
#include "domain/state/state_files.h"

#include "base/error.h"
#include "base/output.h"
#include "domain/ceremony/ceremony_internal.h"
#include "domain/state/tables.h"
#include "ipc/message.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define CREDENTIAL "keys/master.key"
#define PERSONAL   "keys/personal/"

enum { PATH_SIZE = 4096, LOGICAL_SIZE = 256, DEPTH = 2 };

struct collecting {
    const struct settings *settings;
    bool credential;
    enum state_keys keys;
    struct state_writer *to;
};

/* ---- Which ---- */

static const char *const single[] = {"refrenda.yaml", CEREMONY_RECORD};
static const char *const folders[] = {"public", "tls"};

/** Of a key store: keys, master, who is registered, numbers that must not go back, people's credentials with their
 * logs. Not: what a restored store begins anew, and what is of a running process. */
static bool is_wanted(const char *name)
{
    static const char *const left_out[] = {".", "journal-", "keeper.log"};
    slice s = slice_text(name);
    if (strcmp(name, "lock") == 0 || slice_ends(s, SLICE(".count"))) return false;
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
        if (slice_starts(s, slice_text(left_out[i]))) return false;
    }
    return true;
}

/** Of the key stores, for a node that serves pages: what opens them, and the keys of seal, wrapping and opening. */
static bool is_for_pages(const struct collecting *c, const char *logical)
{
    char seal[LOGICAL_SIZE];
    (void)snprintf(seal, sizeof seal, "keys/authority/%s.key", c->settings->keys.seal_key);
    const char *const wanted[] = {CREDENTIAL, "keys/authority/master", "keys/authority/wrapping.key",
                                  "keys/authority/opening.key", seal};
    if (strncmp(logical, "keys/", 5) != 0) return true;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strcmp(logical, wanted[i]) == 0) return true;
    }
    return false;
}

static bool is_left_out(const struct collecting *c, const char *logical)
{
    if (strcmp(logical, CREDENTIAL) == 0 && !c->credential) return true;
    if (c->keys != STATE_KEYS_ALL && slice_starts(slice_text(logical), SLICE(PERSONAL))) return true;
    return c->keys == STATE_KEYS_PAGES && !is_for_pages(c, logical);
}

/* ---- Writing ---- */

static rfd_status put_content(struct collecting *c, const char *logical, slice content, struct rfd_error *error)
{
    struct buf record;
    buf_init_secret(&record, STATE_RECORD_MAXIMUM);
    message_put_u8(&record, STATE_FILE);
    message_put_text(&record, logical);
    message_put_bytes(&record, content);
    rfd_status status = buf_check(&record, logical, error);
    if (status == RFD_OK) status = state_writer_put(c->to, buf_slice(&record), error);
    buf_dispose(&record);
    return status;
}

/** A file that is not there (any more) is passed over. */
static rfd_status put_file(struct collecting *c, const char *path, const char *logical, struct rfd_error *error)
{
    struct source *source = NULL;
    struct stat about;
    slice content = SLICE_EMPTY;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return RFD_OK;
    TRY(source_open_file(path, &source, error));
    rfd_status status = RFD_OK;
    if (source_size(source) > STATE_RECORD_MAXIMUM / 2) status = error_set(error, RFD_E_LIMIT, "%s", path);
    if (status == RFD_OK && source_size(source) > 0)
        status = source_view(source, 0, source_size(source), &content, error);
    if (status == RFD_OK) status = put_content(c, logical, content, error);
    source_close_secret(source);
    return status;
}

static bool join(char *to, size_t size, const char *folder, const char *name)
{
    int length = snprintf(to, size, "%s/%s", folder, name);
    return length > 0 && (size_t)length < size;
}

/** The files of a folder that are wanted; `deeper`: those of its folders, too. */
static rfd_status put_folder(struct collecting *c, const char *path, const char *logical, unsigned deeper,
                             struct rfd_error *error)
{
    DIR *folder = opendir(path);
    rfd_status status = RFD_OK;
    if (folder == NULL) return errno == ENOENT ? RFD_OK : error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    for (struct dirent *entry = readdir(folder); entry != NULL && status == RFD_OK; entry = readdir(folder)) {
        char inner[PATH_SIZE], name[LOGICAL_SIZE];
        struct stat about;
        if (!is_wanted(entry->d_name) || !join(inner, sizeof inner, path, entry->d_name) ||
            !join(name, sizeof name, logical, entry->d_name) || stat(inner, &about) != 0)
            continue;
        if (S_ISDIR(about.st_mode) && deeper > 0) status = put_folder(c, inner, name, deeper - 1, error);
        if (S_ISREG(about.st_mode) && !is_left_out(c, name)) status = put_file(c, inner, name, error);
    }
    (void)closedir(folder);
    return status;
}

rfd_status state_files_put(const struct settings *settings, bool credential, enum state_keys keys,
                           struct state_writer *to, struct rfd_error *error)
{
    struct collecting c = {.settings = settings, .credential = credential, .keys = keys, .to = to};
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        if (join(path, sizeof path, settings->home, single[i])) TRY(put_file(&c, path, single[i], error));
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (join(path, sizeof path, settings->home, folders[i])) TRY(put_folder(&c, path, folders[i], 0, error));
    }
    return put_folder(&c, settings->keys.folder, "keys", 1, error);
}

/* ---- Reading ---- */

/** Words of letters, digits, '.', '-' and '_' that do not begin with '.', separated by '/'. */
static bool is_inside(slice path)
{
    bool beginning = true;
    unsigned depth = 0;
    for (size_t i = 0; i < path.length; i++) {
        uint8_t c = path.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (c == '/' ? beginning || ++depth > DEPTH : !plain && (c != '.' || beginning)) return false;
        beginning = c == '/';
    }
    return !beginning && path.length < LOGICAL_SIZE;
}

static rfd_status make_folders(const char *home, const char *path, struct rfd_error *error)
{
    char folder[PATH_SIZE];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof folder, "%s/%.*s", home, (int)(slash - path), path);
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", folder);
    }
    return RFD_OK;
}

static rfd_status take_file(const char *home, slice record, struct rfd_error *error)
{
    struct message_reader in = message_read(slice_from(record, 1));
    char path[LOGICAL_SIZE] = "";
    slice name = message_get_text(&in, LOGICAL_SIZE);
    slice content = message_get_bytes(&in, STATE_RECORD_MAXIMUM);
    if (message_end(&in, "file", NULL) != RFD_OK || !is_inside(name))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "backup: a file of an odd name");
    memcpy(path, name.data, name.length);
    TRY(make_folders(home, path, error));
    return ceremony_write(home, path, content, error);
}

rfd_status state_files_take(const char *home, struct state_reader *from, struct rfd_error *error)
{
    bool more = true;
    state_reader_rewind(from);
    for (;;) {
        slice record;
        TRY(state_reader_next(from, &record, &more, error));
        if (!more) return RFD_OK;
        if (record.length > 0 && record.data[0] == STATE_FILE) TRY(take_file(home, record, error));
    }
}
