/* SPDX-License-Identifier: EUPL-1.2
 *
 * A crowd of registration clients: each sends orders that were prepared beforehand, one after the other over its own
 * TLS connection, tries again with the same idempotency key when it got no answer, and writes down what was
 * acknowledged. One thread plays all of them, as it shares the processors with what it measures.
 */
#ifndef TESTS_REGISTRAR_H
#define TESTS_REGISTRAR_H

#include "base/buf.h"
#include "base/secret.h"

#include <openssl/ssl.h>

struct registrar_options {
    const char *host, *port;
    const char *trust;                                  /* PEM: who signed the server's certificate */
    const char *certificate, *key;                      /* PEM: of the client */
    const char *agent, *agent_password;                 /* PKCS#12 and the file with its password */
    const char *authority_name, *authority_certificate; /* PEM */
    const char *profile;
    const char *attributes;   /* "givenName=Ana,sn=Prueba": {n} is replaced by the order's number */
    const char *acknowledged; /* file to write to; NULL: none */
    unsigned clients, seconds;
    size_t count;
    unsigned revoke_each; /* every n-th certificate is revoked; 0: none */
    unsigned first;       /* number of the first order */
    unsigned pause;       /* milliseconds between two orders of a client */
    unsigned announce;    /* 1: connects, says so, and waits to be told to begin */
};

struct registrar_order {
    char idempotency[40];
    char *body;
    size_t length;
};

/** Makes keys, requests and approvals; ends the program when it cannot. */
void registrar_prepare(const struct registrar_options *o, struct registrar_order *orders);

enum { CONNECTION_ANSWER = 64 << 10, CONNECTION_WAITS = -1 };
struct connection {
    const struct registrar_options *options;
    SSL_CTX *context;
    SSL *ssl;
    char *answer; /* as it comes; CONNECTION_ANSWER */
    size_t have;
    int status;          /* 0: the head is not there yet; else known, as are: */
    size_t body, wanted; /* where the body begins and ends */
};
/** Unless it is open. */
bool connection_open(struct connection *c);
/** Opens the connection, unless it is open, and sends a request. False when that went wrong: it is closed then. */
bool connection_send(struct connection *c, const char *method, const char *path, const char *idempotency,
                     const char *body, size_t length);
/** Where answers come. */
int connection_descriptor(const struct connection *c);
/** Takes what has come: the HTTP status when the answer is whole (`body` is its body, until the next request), 0 when
 * the connection broke (it is closed then), CONNECTION_WAITS when more has to come. */
int connection_take(struct connection *c, slice *body);
void connection_close(struct connection *c);
SSL_CTX *connection_context(const struct registrar_options *o);

#endif
