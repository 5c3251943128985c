/* SPDX-License-Identifier: EUPL-1.2
 *
 * What monitors ask, answered by the worker for all processes:
 *
 *   GET /metrics        metrics of all processes (OpenMetrics)
 *   GET /health/live    the worker answers
 *   GET /health/ready   200 when keeper and signers answer, the database can be read and no list has ended; else 503
 *                       with the reasons, one on a line
 */
#ifndef SERVER_HEALTH_H
#define SERVER_HEALTH_H

#include "domain/authority/authority.h"
#include "http/listener.h"
#include "server/board.h"

struct health {
    const struct board_slot *board;
    struct authority_domain *domain;
    struct keeper_client *personal; /* NULL: none here */
    struct keeper_client *const *signers;
    unsigned signer_count;
    const _Atomic rfd_time *next_list; /* the earliest nextUpdate, kept up to date by a job; 0: not known */
};

const struct http_route *health_routes(size_t *count);
/** Appends why the server is not ready, a line for each reason; nothing when it is. */
void health_reasons(struct health *health, struct buf *out);

#endif
