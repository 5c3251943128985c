/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/instance.h"

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "ipc/sandbox.h"
#include "keeper/master.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, USER_SIZE = 16384, SOCKETS_MAXIMUM = 64 };

rfd_status instance_settings(const char *home, struct settings **out, struct rfd_error *error)
{
    char path[PATH_SIZE];
    if (home == NULL) home = getenv(INSTANCE_HOME);
    if (home == NULL) return error_set(error, RFD_E_ARGUMENT, "no instance named");
    if (snprintf(path, sizeof path, "%s/" INSTANCE_SETTINGS, home) >= PATH_SIZE)
        return error_set(error, RFD_E_ARGUMENT, "%s: the path is too long", home);
    return settings_read(path, out, error);
}

void instance_log(const struct settings *settings, const char *process)
{
    const char *format = getenv(INSTANCE_LOG);
    enum log_level level = LOG_INFO;
    if (format == NULL) format = settings == NULL ? "json" : settings->log.format;
    if (settings != NULL) (void)log_level_from_name(slice_text(settings->log.level), &level);
    log_open(STDERR_FILENO, strcmp(format, "text") == 0 ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON, level, process);
}

unsigned instance_socket_count(const char *name)
{
    const char *at = getenv(INSTANCE_SOCKETS);
    size_t length = strlen(name);
    uint64_t count = 0;
    while (at != NULL && *at != '\0') {
        size_t word = strcspn(at, " ");
        if (word > length && strncmp(at, name, length) == 0 && at[length] == '=' &&
            number_unsigned(slice_of(at + length + 1, word - length - 1), SOCKETS_MAXIMUM, &count))
            return (unsigned)count;
        at += word + strspn(at + word, " ");
    }
    return 0;
}

/* ---- Key stores ---- */

bool has_personal_store(const struct settings *settings)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/personal/" MASTER_NAME, settings->keys.folder);
    return access(path, F_OK) == 0;
}

rfd_status signer_count(const struct settings *settings, unsigned *out, struct rfd_error *error)
{
    unsigned wanted = settings->keys.signers;
    unsigned limit = wanted != 0 ? wanted : (unsigned)get_nprocs();
    unsigned there = 0;
    for (; there < limit; there++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/signer-%u/" MASTER_NAME, settings->keys.folder, there);
        if (access(path, F_OK) != 0) break;
    }
    if (there < wanted)
        return error_set(error, RFD_E_SETTINGS, "keys.signers: %u, but %s/signer-%u is no key store", wanted,
                         settings->keys.folder, there);
    *out = there;
    return RFD_OK;
}

rfd_status instance_credential(const char *name, char *path, size_t size, struct rfd_error *error)
{
    const char *folder = strchr(name, '/') == NULL ? getenv("CREDENTIALS_DIRECTORY") : "";
    if (folder == NULL)
        return error_set(error, RFD_E_SETTINGS, "\"%s\" is a systemd credential, and systemd passed none", name);
    int length = snprintf(path, size, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);
    if (length < 0 || (size_t)length >= size) return error_set(error, RFD_E_SETTINGS, "%s: the path is too long", name);
    return RFD_OK;
}

/* ---- Rights ---- */

rfd_status instance_user(const struct settings *settings, unsigned *user, unsigned *group, struct rfd_error *error)
{
    char memory[USER_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;
    *user = geteuid();
    *group = getegid();
    if (*user != 0 || settings->user[0] == '\0') return RFD_OK;
    int code = getpwnam_r(settings->user, &entry, memory, sizeof memory, &found);
    if (found == NULL) return error_errno(error, RFD_E_SETTINGS, code, "user: there is no user \"%s\"", settings->user);
    *user = entry.pw_uid;
    *group = entry.pw_gid;
    return RFD_OK;
}

rfd_status instance_drop_rights(const struct settings *settings, struct rfd_error *error)
{
    unsigned user;
    unsigned group;
    if (geteuid() != 0) return RFD_OK;
    TRY(instance_user(settings, &user, &group, error));
    if (user == 0) return sandbox_drop_capabilities(error);
    if (initgroups(settings->user, group) != 0 || setresgid(group, group, group) != 0 ||
        setresuid(user, user, user) != 0)
        return error_errno(error, RFD_E_INTERNAL, errno, "becoming %s", settings->user);
    return RFD_OK;
}
