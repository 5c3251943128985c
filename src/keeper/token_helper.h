/* SPDX-License-Identifier: EUPL-1.2
 *
 * The process that loads one PKCS#11 module, which is code of others: it knows the token's PIN and nothing else of
 * ours. It loads the module, logs in, enters its sandbox, and answers the keeper (token_protocol.h). Whoever is linked
 * with it may have every key of the token sign anything: link it with keepers alone. When the token is gone, it ends,
 * and is started again.
 *
 * In the sandbox: files and folders named in `paths` and those that are usual for modules; threads; the network only
 * when it is wanted (an HSM of the network, pcscd). Where it is not, asking for a socket fails.
 */
#ifndef KEEPER_TOKEN_HELPER_H
#define KEEPER_TOKEN_HELPER_H

#include "base/secret.h"
#include "ipc/supervisor_child.h"

#include <sys/types.h>

struct token_helper_options {
    const char *module;       /* path of the PKCS#11 module */
    const char *token;        /* label */
    struct secret pin;        /* wiped when it has been taken over */
    bool network;             /* the module may use it */
    const char *const *paths; /* what else it may read and write; ends with NULL; may be NULL */
    unsigned user, group;     /* token_helper_start by root: whom it becomes; 0: root without capabilities */
    int log;                  /* descriptor for one line of JSON when it cannot work */
};

/** A role's function for the supervisor's table; self->context is a struct token_helper_options. Exit status 0, or 1
 * with a line on `log`. */
int token_helper_run(struct supervised *self);

/** For commands without a server: starts a helper as a child of this process, which has one thread and ignores SIGPIPE,
 * and returns the keeper's end of the way to it. It ends when that is closed; the caller waits for `*child`.
 * RFD_E_TOKEN and as the token says when it cannot work. */
rfd_status token_helper_start(struct token_helper_options *options, int *descriptor, pid_t *child,
                              struct rfd_error *error) RFD_MUST_CHECK;

#endif
