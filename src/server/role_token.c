/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_token.h"

#include "base/error.h"
#include "base/log.h"
#include "keeper/process.h"
#include "keeper/token_helper.h"
#include "server/instance.h"
#include "server/role_keeper.h"

#include <sys/resource.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static const struct settings_token *find_token(const struct settings *settings, const char *role)
{
    for (unsigned i = 0; i < settings->keys.token_count; i++) {
        if (strcmp(settings->keys.tokens[i].name, role + sizeof KEEPER_TOKEN_ROLE - 1) == 0)
            return &settings->keys.tokens[i];
    }
    return NULL;
}

static rfd_status prepare(const struct settings *settings, const struct supervised *self,
                          struct token_helper_options *options, struct rfd_error *error)
{
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    const struct settings_token *token = find_token(settings, self->role);
    char path[PATH_SIZE];
    if (token == NULL) return error_set(error, RFD_E_SETTINGS, "keys.tokens: there is none for %s", self->role);
    *options = (struct token_helper_options){
        .module = token->module, .token = token->token, .network = token->network, .log = STDERR_FILENO};
    if (token->pin_file[0] != '\0') {
        TRY(instance_credential(token->pin_file, path, sizeof path, error));
        TRY(secret_read_file(&options->pin, path, error));
    }
    (void)setrlimit(RLIMIT_MEMLOCK, &unlimited);
    return instance_drop_rights(settings, error);
}

int role_token_run(struct supervised *self)
{
    struct token_helper_options options = {0};
    struct settings *settings = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    int result = 1;
    instance_log(NULL, self->role);
    rfd_status status = instance_settings(NULL, &settings, &error);
    if (status == RFD_OK) {
        instance_log(settings, self->role);
        status = prepare(settings, self, &options, &error);
    }
    if (status == RFD_OK) {
        self->context = &options; /* cppcheck-suppress autoVariables; it runs within this call */
        result = token_helper_run(self);
    } else {
        log_failure(LOG_ERROR, "token", "the token cannot be used; see keys.tokens in refrenda.yaml", &error);
    }
    secret_dispose(&options.pin);
    settings_free(settings);
    return result;
}
