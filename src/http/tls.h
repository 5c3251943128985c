/* SPDX-License-Identifier: EUPL-1.2
 *
 * TLS of a listener's connections. libmicrohttpd drives GnuTLS; what it sets is replaced here: versions, ciphers, keys,
 * what clients must show, and how a handshake waits. libmicrohttpd 0.9.75 asks again and again, without pause, as long
 * as a client has not sent the rest of its handshake; here such a connection is put to rest until there is something to
 * read, which the front finds out.
 */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "http/connection.h"

#include <gnutls/abstract.h>
#include <microhttpd.h>

struct tls {
    gnutls_certificate_credentials_t keys;
    gnutls_priority_t priorities;
    bool asks, demands; /* for client certificates */
    int waiting;        /* an epoll of connections in the middle of a handshake */
    atomic_bool ending;
};

/** RFD_E_ARGUMENT for what is no key, certificate, or when they do not belong together. */
rfd_status tls_new(const struct http_tls *options, struct tls **out, struct rfd_error *error) RFD_MUST_CHECK;
void tls_free(struct tls *tls);
/** libmicrohttpd wants keys at its start, or to be told where to ask: here, where there are none. */
int tls_no_keys(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
                const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **certificates,
                unsigned *certificate_count, gnutls_privkey_t *key);

/** A connection has begun: before anything is read. */
void tls_begin(struct tls *tls, struct connection *c, struct MHD_Connection *mhd);
/** The next answer has a body of this length. */
void tls_will_answer(struct connection *c, size_t length);
/** Wakes those handshakes that can go on. */
void tls_wake(struct tls *tls);
/** Wakes all; from now on, none is put to rest. */
void tls_stop(struct tls *tls, struct connections *all);

#endif
