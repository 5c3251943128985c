/* SPDX-License-Identifier: EUPL-1.2
 *
 * A real identity service (tests/support/identity_service.py), and both of our sides of it. A failure of the support
 * itself fails the test.
 */
#ifndef TESTS_IDENTITY_WORLD_H
#define TESTS_IDENTITY_WORLD_H

#include "base/arena.h"
#include "domain/registration/identity_service.h"
#include "jobs/identity_lookup.h"

#include <pthread.h>
#include <sys/types.h>

enum { IDENTITY_TEXT_SIZE = 8192 };

struct identity_service {
    pid_t pid;
    char folder[64], address[96];
};
/** In a folder of its own below the current one. */
void identity_start(struct identity_service *s, bool tls);
void identity_stop(const struct identity_service *s);
/** How often it was asked. */
size_t identity_asked(const struct identity_service *s);
/** A file of its folder: "asked", "service.pem"; "" when there is none. */
const char *identity_file(const struct identity_service *s, const char *name, char text[IDENTITY_TEXT_SIZE]);

struct identity_pair {
    struct identity_lookup *lookup;
    struct identity_client *client;
    struct settings settings;
    pthread_t thread;
    struct arena arena;
};
void identity_pair_open(struct identity_pair *p, const char *address, const char *token, slice authorities);
void identity_pair_close(struct identity_pair *p);

#endif
