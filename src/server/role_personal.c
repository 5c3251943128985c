/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_personal.h"

#include "personal/process.h"
#include "server/role_keeper.h"
#include "server/role_table.h"

#include <stdio.h>

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

static void describe(const struct supervised *self, const struct settings *settings, const struct role_store *role)
{
    struct personal_process_options *options = role->options;
    (void)self;
    (void)snprintf(role->store, ROLE_STORE_SIZE, "%s/" ROLE_PERSONAL, settings->keys.folder);
    options->store = role->store;
    options->personal = personal_options_of(settings);
}

int role_personal_run(struct supervised *self)
{
    struct personal_process_options options = {0};
    char store[ROLE_STORE_SIZE];
    const struct role_store role = {.options = &options,
                                    .store = store,
                                    .master = &options.master,
                                    .uses = &options.audit,
                                    .describe = describe,
                                    .run = personal_process_run};
    return role_store_run(self, &role);
}
