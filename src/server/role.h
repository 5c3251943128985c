/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the server's processes have in common. A role is a row of a table (services.c): its name, what its sandbox
 * allows, and three functions. Its life, in this order (role.c):
 *
 *   open      with all rights: secrets and certificates are read
 *   -         it becomes the service's user and enters its sandbox; listening sockets arrive
 *   start     inside: database, clients, listeners
 *   -         ready; new ways to keeper and signers are handed to `peer`; once a second `tick`
 *   stop      asked to end, or without its supervisor
 *
 * Settings are read again from the file by each process when it starts.
 */
#ifndef SERVER_ROLE_H
#define SERVER_ROLE_H

#include "http/listener.h"
#include "ipc/sandbox.h"
#include "ipc/supervisor.h"
#include "server/board.h"
#include "settings/settings.h"

enum { ROLE_LISTENERS = 32, ROLE_PEERS = 64, ROLE_PATHS = 32, ROLE_STOP_SECONDS = 8 };

struct server_role;
struct role_definition {
    const char *name;
    unsigned calls; /* of enum sandbox_calls */
    bool packs;     /* reads the countries' packs */
    bool data;      /* reads and writes the folder of an SQLite database */
    bool blobs;     /* reads and writes the folder of files that people hand in; reads time zones */
    unsigned files; /* descriptors open at once; 0: what the machine allows */
    rfd_status (*open)(struct server_role *role, struct rfd_error *error); /* may be NULL, as may be `tick` */
    rfd_status (*start)(struct server_role *role, struct rfd_error *error);
    rfd_status (*peer)(struct server_role *role, const struct supervised_news *news, struct rfd_error *error);
    void (*tick)(struct server_role *role);
    void (*stop)(struct server_role *role); /* of whatever of it was opened or started */
};

struct server_role {
    const struct role_definition *definition;
    struct supervised *self;
    struct settings *settings;
    int listeners[ROLE_LISTENERS];      /* sockets of this role */
    char addresses[ROLE_LISTENERS][16]; /* "fd:7" */
    char names[ROLE_LISTENERS][SUPERVISED_NAME_SIZE];
    const char *listen[ROLE_LISTENERS]; /* the addresses, as http_options wants them */
    size_t listener_count;
    struct board_slot *board; /* NULL: none */
    void *state;              /* of its own */
};

/** Runs a role that is a row of the table until its end; returns the exit status. */
int role_run(struct supervised *self);

#endif
