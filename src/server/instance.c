/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/instance.h"

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "ipc/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/resource.h>
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
