/* SPDX-License-Identifier: EUPL-1.2 */
#include "registrar.h"

#include "base/memory.h"
#include "base/number.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { REQUEST_HEAD = 4 << 10, SECONDS = 30 };

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
    memory_free(c->answer);
    c->answer = NULL;
    if (c->ssl == NULL) return;
    int fd = SSL_get_fd(c->ssl);
    SSL_free(c->ssl);
    c->ssl = NULL;
    if (fd >= 0) (void)close(fd);
}

bool connection_open(struct connection *c)
{
    if (c->ssl != NULL) return true;
    int fd = dial(c->options);
    if (fd < 0) return false;
    if (c->answer == NULL) c->answer = memory_allocate(CONNECTION_ANSWER);
    c->ssl = SSL_new(c->context);
    (void)SSL_set_fd(c->ssl, fd);
    if (c->answer != NULL && SSL_connect(c->ssl) == 1 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0) return true;
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
    return number_unsigned(digits, CONNECTION_ANSWER, &value) ? (size_t)value : 0;
}

bool connection_send(struct connection *c, const char *method, const char *path, const char *idempotency,
                     const char *body, size_t length)
{
    struct buf request;
    buf_init(&request, length + REQUEST_HEAD);
    (void)buf_reserve(&request, length + REQUEST_HEAD); /* at once: it does not grow piece by piece */
    c->have = c->body = c->wanted = 0;
    c->status = 0;
    buf_print(&request, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
              method, path, c->options->host, length);
    if (idempotency != NULL) buf_print(&request, "Idempotency-Key: %s\r\n", idempotency);
    buf_put_text(&request, "\r\n");
    buf_put(&request, body, length);
    bool sent = connection_open(c) && SSL_write(c->ssl, request.data, (int)request.length) == (int)request.length;
    buf_dispose(&request);
    if (!sent) connection_close(c);
    return sent;
}

int connection_descriptor(const struct connection *c)
{
    return SSL_get_fd(c->ssl);
}

/** More octets; false when there are none (`*broken`: and never will be). */
static bool read_more(struct connection *c, char *to, size_t room, int *got, bool *broken)
{
    ERR_clear_error(); /* SSL_get_error() looks at what others left, too */
    *got = SSL_read(c->ssl, to, (int)room);
    if (*got > 0) return true;
    *broken = SSL_get_error(c->ssl, *got) != SSL_ERROR_WANT_READ;
    return false;
}

/** The head is there: which status, how long the whole. */
static bool begin_answer(struct connection *c, const char *end)
{
    uint64_t status = 0;
    if (!number_unsigned(slice_of(c->answer + 9, 3), 999, &status) || status == 0) return false;
    c->status = (int)status;
    c->body = (size_t)(end + 4 - c->answer);
    c->wanted = c->body + content_length(c->answer);
    return c->wanted < CONNECTION_ANSWER;
}

/** What has come so far makes sense. */
static bool look_at_answer(struct connection *c)
{
    if (c->status != 0) return true;
    c->answer[c->have] = '\0';
    const char *end = strstr(c->answer, "\r\n\r\n");
    return end == NULL ? c->have + 1 < CONNECTION_ANSWER : begin_answer(c, end);
}

int connection_take(struct connection *c, slice *body)
{
    bool broken = false;
    int got = 0;
    while (!broken && (c->status == 0 || c->have < c->wanted) &&
           read_more(c, c->answer + c->have, CONNECTION_ANSWER - c->have - 1, &got, &broken)) {
        c->have += (size_t)got;
        broken = !look_at_answer(c);
    }
    if (broken) {
        connection_close(c);
        return 0;
    }
    if (c->status == 0 || c->have < c->wanted) return CONNECTION_WAITS;
    *body = slice_of(c->answer + c->body, c->wanted - c->body);
    return c->status;
}
