/* SPDX-License-Identifier: EUPL-1.2
 *
 * The transparency log over HTTP, for anybody. All numbers are decimal, all hashes 64 hexadecimal digits in lower case,
 * "algorithm" (a DER AlgorithmIdentifier) and "signature" base64.
 *
 *   /log/v1/head                      {"size", "timestamp" (milliseconds), "root", "algorithm", "signature"}: the
 * newest signed head; what is signed is RFC 6962 §3.5's TreeHeadSignature content /log/v1/key                       the
 * key that verifies it, PEM ("PUBLIC KEY") /log/v1/proof?hash=&size=         {"index", "size", "path": [...]}: RFC 6962
 * §2.1.1; hash is the certificate's SHA-256 /log/v1/consistency?from=&to=     {"from", "to", "path": [...]}: RFC 6962
 * §2.1.2 /log/v1/leaves?from=&count=       32 octets for each leaf (the certificate's SHA-256), at most 10,000; fewer,
 * or none, at the end of the log. Each leaf's hash is SHA-256(0x00 || those octets)
 *
 * What is proved never changes and may be kept for ever; head and the log's end may be kept for seconds. Wrong
 * parameters are problems with status 400, certificates and trees that are not there with 404.
 */
#ifndef API_STATUS_LOG_H
#define API_STATUS_LOG_H

#include "http/response.h"
#include "store/store.h"

enum { STATUS_LOG_LEAVES = 10000 };

/** Keeps the head for a second, so that the database is not asked for each visitor. */
struct status_log;
rfd_status status_log_new(struct store *store, struct status_log **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on NULL. */
void status_log_free(struct status_log *log);

/** They read the database, and so belong into the pool. The context is the struct status_service. */
http_handler status_log_head_get, status_log_key_get, status_log_proof_get, status_log_consistency_get,
    status_log_leaves_get;

#endif
