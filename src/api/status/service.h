/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the public services share.
 */
#ifndef API_STATUS_SERVICE_H
#define API_STATUS_SERVICE_H

#include "api/status/authorities.h"
#include "api/status/known.h"
#include "api/status/ocsp_memory.h"
#include "api/status/status.h"
#include "api/status/trusted_clock.h"
#include "pki/authority/stamper.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    STATUS_SIGNER_MILLISECONDS = 5000, /* that a signer may take */
    STATUS_RETRY_SECONDS = 5,          /* what clients are told to wait */
    STATUS_NAME_MAXIMUM = 40,          /* what all processes that succeed each other are called */
    STATUS_NODE_SIZE = STATUS_NAME_MAXIMUM + 80
};

struct status_lists;
struct status_log;

/** Whether time-stamps are made. */
enum status_stamps {
    STATUS_STAMPS_NOT_YET, /* no signer has made one so far */
    STATUS_STAMPS_ASKED,   /* the first one is on its way */
    STATUS_STAMPS_READY,
    STATUS_STAMPS_REFUSED /* clock unchecked, and a policy that is not for demonstrations */
};

struct status_service {
    const struct settings *settings;
    struct store *store;
    struct keeper_client *signers;
    struct ocsp_memory *memory;
    struct known *known;
    struct status_lists *lists;
    struct status_log *log; /* log.h */

    pthread_mutex_t lock; /* of the pointer */
    struct status_authorities *authorities;

    /* Answers from memory may be given until then, by status_uptime(); 0: not now. */
    _Atomic int64_t trusted_until;
    /* Questions to signers on their way. */
    _Atomic int64_t asked;
    _Atomic int64_t complained; /* when status_complain() wrote last */

    struct trusted_clock clock;
    struct stamper stamper; /* only its plan's policies are set: what requests are compared with */
    uint8_t policy[KEEPER_OID_MAXIMUM];
    atomic_int stamps; /* enum status_stamps */

    pthread_t follower;
    bool follows;
    atomic_bool stopping;
    char node[STATUS_NODE_SIZE];
    uint64_t seen; /* the follower's: all changes up to it have been applied */
    bool knows_seen;
};

/** Microseconds of a clock that nobody sets, and that goes on while the machine sleeps. */
int64_t status_uptime(void);
/** Held: release it. NULL before the first were read. */
struct status_authorities *status_authorities_now(struct status_service *s);
/** Whether answers from memory may be given now. */
bool status_memory_trusted(struct status_service *s);

/** A line in the log, at most one a second: what fails may fail for every request. */
void status_complain(struct status_service *s, const char *code, const char *message, const struct rfd_error *error);

/** ocsp_sign.c: one of those that are near their end, begun by ocsp_memory_renew(). */
void status_ocsp_renew(struct status_service *s, struct ocsp_flight *flight);
/** tsa.c: has a token made, of nothing, to learn the policy and whether the way works. */
void status_tsa_probe(struct status_service *s);

/** follow.c: the follower's thread. */
void *status_follow(void *service);

/* Handlers. */
http_handler status_ocsp_get, status_ocsp_post, status_tsa_post, status_crl_get, status_certificate_get,
    status_ready_get;

#endif
