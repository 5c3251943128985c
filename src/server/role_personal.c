/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_personal.h"

#include "base/error.h"
#include "base/log.h"
#include "personal/process.h"
#include "server/instance.h"
#include "server/role_keeper.h"
#include "server/role_table.h"

#include <stdio.h>

enum { PATH_SIZE = 4096 };

struct personal_options personal_options_of(const struct settings *settings)
{
    return (struct personal_options){.algorithm = key_algorithm_from_name(slice_text(settings->central.algorithm)),
                                     .memory_kib = settings->central.argon_kib,
                                     .passes = settings->central.argon_passes,
                                     .operation_seconds = settings->central.code_seconds,
                                     .sad_seconds = settings->central.sign_seconds,
                                     .again_seconds = settings->central.again_seconds,
                                     .wrong_passwords = settings->central.wrong_passwords,
                                     .wrong_codes = settings->central.wrong_codes,
                                     .mail = settings->central.mail,
                                     .messages = settings->central.messages};
}

static rfd_status prepare(const struct settings *settings, const char *name, struct personal_process_options *options,
                          char *store, struct rfd_error *error)
{
    (void)snprintf(store, PATH_SIZE, "%s/" ROLE_PERSONAL, settings->keys.folder);
    options->store = store;
    options->personal = personal_options_of(settings);
    return role_key_store_prepare(settings, name, store, &options->master, &options->audit, error);
}

int role_personal_run(struct supervised *self)
{
    struct personal_process_options options = {0};
    struct settings *settings = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    char store[PATH_SIZE];
    char name[SUPERVISED_NAME_SIZE + 16];
    int result = 1;
    (void)snprintf(name, sizeof name, "%s-%u", self->role, self->index);
    instance_log(NULL, name);
    rfd_status status = instance_settings(NULL, &settings, &error);
    if (status == RFD_OK) {
        instance_log(settings, name);
        status = prepare(settings, name, &options, store, &error);
    }
    if (status == RFD_OK) {
        self->context = &options; /* cppcheck-suppress autoVariables; it runs within this call */
        result = personal_process_run(self);
        if (result != 0)
            log_event(LOG_ERROR, "keys", "the process of a key store ended; the last line of its log of uses says why",
                      LOG_TEXT("store", store));
    } else {
        log_failure(LOG_ERROR, "keys", "the key store cannot be opened; see keys in refrenda.yaml", &error);
    }
    master_dispose(&options.master);
    settings_free(settings);
    return result;
}
