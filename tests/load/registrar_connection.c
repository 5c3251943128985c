/* SPDX-License-Identifier: EUPL-1.2 */
#include "registrar.h"

#include "base/number.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HEAD_MAXIMUM = 16 << 10, SECONDS = 30 };

SSL_CTX *connection_context(const struct registrar_options *o)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_load_verify_file(context, o->trust) != 1 ||
        SSL_CTX_use_certificate_chain_file(context, o->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, o->key, SSL_FILETYPE_PEM) != 1) {
        (void)fprintf(stderr, "registrar: the client's certificate or key cannot be used\n");
        exit(1);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_read_ahead(context, 1); /* one call for a record, not two */
    return context;
}

static int dial(const struct registrar_options *o)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval patience = {SECONDS, 0};
    struct addrinfo *found = NULL;
    int one = 1;
    if (getaddrinfo(o->host, o->port, &hints, &found) != 0) return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    if (fd < 0) return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

void connection_close(struct connection *c)
{
    if (c->ssl == NULL) return;
    int fd = SSL_get_fd(c->ssl);
    SSL_free(c->ssl);
    c->ssl = NULL;
    if (fd >= 0) (void)close(fd);
}

static bool open_connection(struct connection *c)
{
    int fd = dial(c->options);
    if (fd < 0) return false;
    c->ssl = SSL_new(c->context);
    (void)SSL_set_fd(c->ssl, fd);
    if (SSL_connect(c->ssl) == 1) return true;
    connection_close(c);
    return false;
}

/** The number after a header's name, in a head in lower or upper case. */
static size_t content_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");
    uint64_t value = 0;
    if (at == NULL) return 0;
    at += strlen("\r\ncontent-length:");
    while (*at == ' ') at++;
    slice digits = slice_of(at, strspn(at, "0123456789"));
    return number_unsigned(digits, HEAD_MAXIMUM * 64, &value) ? (size_t)value : 0;
}

/** Reads one answer; 0 when the connection broke first. */
static int read_answer(struct connection *c, struct buf *answer)
{
    char head[HEAD_MAXIMUM];
    size_t have = 0;
    char *end = NULL;
    uint64_t status = 0;
    while (end == NULL && have + 1 < sizeof head) {
        int got = SSL_read(c->ssl, head + have, (int)(sizeof head - have - 1));
        if (got <= 0) return 0;
        have += (size_t)got;
        head[have] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    if (end == NULL || !number_unsigned(slice_of(head + 9, 3), 999, &status)) return 0;
    size_t wanted = content_length(head);
    size_t after = have - (size_t)(end + 4 - head);
    buf_put(answer, end + 4, after < wanted ? after : wanted);
    while (answer->length < wanted) {
        int got = SSL_read(c->ssl, head, sizeof head);
        if (got <= 0) return 0;
        buf_put(answer, head, (size_t)got);
    }
    return (int)status;
}

int connection_ask(struct connection *c, const char *method, const char *path, const char *idempotency,
                   const char *body, size_t length, struct buf *answer)
{
    struct buf request;
    buf_init(&request, length + HEAD_MAXIMUM);
    buf_reset(answer);
    buf_print(&request, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
              method, path, c->options->host, length);
    if (idempotency != NULL) buf_print(&request, "Idempotency-Key: %s\r\n", idempotency);
    buf_put_text(&request, "\r\n");
    buf_put(&request, body, length);
    int status = 0;
    if ((c->ssl != NULL || open_connection(c)) &&
        SSL_write(c->ssl, request.data, (int)request.length) == (int)request.length)
        status = read_answer(c, answer);
    buf_dispose(&request);
    if (status == 0) connection_close(c);
    return status;
}
