/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers over TLS, whose heads wait for their bodies: none is lost, mixed up or left lying, whatever its length, and
 * whether or not the client reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/number.h"
#include "http/listener.h"
#include "http/response.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEM_SIZE = 4096, LONGEST = 300000, ANSWER_MAXIMUM = 64 << 20 };

static char certificate_pem[PEM_SIZE], key_pem[PEM_SIZE];
static uint8_t pattern[LONGEST];
static struct http_router *router;
static struct http_listener *listener;

/* ---- The server ---- */

static rfd_status on_octets(struct http_request *request, struct http_response *response, void *context,
                            struct rfd_error *error)
{
    uint64_t length = 0;
    (void)context;
    (void)error;
    if (!number_unsigned(http_request_part(request, "length"), LONGEST, &length)) return RFD_E_REQUEST;
    http_response_body(response, "application/octet-stream", slice_of(pattern, (size_t)length));
    http_response_etag(response, SLICE("always"));
    return RFD_OK;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/now/{length}", 0, HTTP_IMMEDIATE, on_octets, "now"},
    {HTTP_GET, "/pool/{length}", 0, 0, on_octets, "pool"},
};

static void make_pair(void)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t c;
    size_t size = PEM_SIZE;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(
        gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
    assert_int_equal(gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, key_pem, &size), 0);
    assert_int_equal(gnutls_x509_crt_init(&c), 0);
    assert_int_equal(gnutls_x509_crt_set_version(c, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(c, "\x01", 1), 0);
    assert_int_equal(gnutls_x509_crt_set_dn(c, "CN=test", NULL), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(c, 1000000000), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(c, 4000000000), 0);
    assert_int_equal(gnutls_x509_crt_set_key(c, key), 0);
    assert_int_equal(gnutls_x509_crt_sign2(c, c, key, GNUTLS_DIG_SHA256, 0), 0);
    size = PEM_SIZE;
    assert_int_equal(gnutls_x509_crt_export(c, GNUTLS_X509_FMT_PEM, certificate_pem, &size), 0);
    gnutls_x509_crt_deinit(c);
    gnutls_x509_privkey_deinit(key);
}

static int start(void **state)
{
    (void)state;
    static const char *const addresses[] = {"127.0.0.1:0"};
    (void)signal(SIGPIPE, SIG_IGN);
    make_pair();
    for (size_t i = 0; i < LONGEST; i++) pattern[i] = (uint8_t)(i * 31 + i / 251);
    const struct http_tls tls = {.certificate = slice_text(certificate_pem), .key = slice_text(key_pem)};
    struct http_options options = {.addresses = addresses, .address_count = 1, .threads = 2, .tls = &tls};
    options.idle_seconds = options.answer_seconds = options.header_seconds = 300;
    if (http_router_new(routes, sizeof routes / sizeof *routes, &router, NULL) != RFD_OK) return -1;
    options.router = router;
    return http_listener_start(&options, &listener, NULL) == RFD_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    http_listener_stop(listener, 0);
    http_router_free(router);
    return 0;
}

/* ---- A client ---- */

struct client {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t nothing;
    struct buf in;
    size_t taken;
};

static void open_client(struct client *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(http_listener_port(listener, 0)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *c = (struct client){.fd = socket(AF_INET, SOCK_STREAM, 0)};
    assert_true(c->fd >= 0);
    assert_int_equal(setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &(int){8192}, sizeof(int)), 0);
    assert_int_equal(connect(c->fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(gnutls_init(&c->session, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&c->nothing), 0);
    assert_int_equal(gnutls_set_default_priority(c->session), 0);
    assert_int_equal(gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->nothing), 0);
    gnutls_transport_set_int(c->session, c->fd);
    assert_int_equal(gnutls_handshake(c->session), 0);
    buf_init(&c->in, ANSWER_MAXIMUM);
}

static void close_client(struct client *c)
{
    gnutls_deinit(c->session);
    gnutls_certificate_free_credentials(c->nothing);
    (void)close(c->fd);
    buf_dispose(&c->in);
}

static void ask(struct client *c, const char *method, const char *place, size_t length, const char *more)
{
    char text[300];
    int size = snprintf(text, sizeof text, "%s /%s/%zu HTTP/1.1\r\nHost: x\r\n%s\r\n", method, place, length, more);
    assert_int_equal(gnutls_record_send(c->session, text, (size_t)size), size);
}

static slice unread(const struct client *c)
{
    return slice_from(buf_slice(&c->in), c->taken);
}

static void read_more(struct client *c)
{
    uint8_t *to = buf_reserve(&c->in, 1 << 14);
    assert_non_null(to);
    ssize_t got = gnutls_record_recv(c->session, to, 1 << 14);
    assert_true(got > 0);
    c->in.length += (size_t)got;
}

static void take_answer(struct client *c, const char *status, size_t length)
{
    const uint8_t *end;
    while (unread(c).length == 0 || (end = memmem(unread(c).data, unread(c).length, "\r\n\r\n", 4)) == NULL)
        read_more(c);
    assert_true(slice_starts(slice_from(unread(c), sizeof "HTTP/1.1 " - 1), slice_text(status)));
    c->taken += (size_t)(end + 4 - unread(c).data);
    while (unread(c).length < length) read_more(c);
    assert_true(slice_equal(slice_part(unread(c), 0, length), slice_of(pattern, length)));
    c->taken += length;
}

/* ---- Tests ---- */

static const size_t lengths[] = {0, 1, 20, 199, 300, 1000, 1399, 1500, 4000, 5000, 16383, 16384, 16385, 40000, LONGEST};
enum { LENGTHS = sizeof lengths / sizeof *lengths };
static const char *const places[] = {"now", "pool"};

static void test_every_length_arrives(void **state)
{
    (void)state;
    struct client c;
    open_client(&c);
    for (size_t i = 0; i < 2 * LENGTHS; i++) {
        ask(&c, "GET", places[i % 2], lengths[i / 2], "");
        take_answer(&c, "200", lengths[i / 2]);
    }
    assert_int_equal(unread(&c).length, 0);
    close_client(&c);
}

/* Their heads must not wait for bodies that do not come. */
static void test_heads_without_bodies(void **state)
{
    (void)state;
    struct client c;
    open_client(&c);
    for (size_t i = 0; i < 2 * LENGTHS; i++) {
        ask(&c, "HEAD", places[i % 2], lengths[i / 2], "");
        take_answer(&c, "200", 0);
        ask(&c, "GET", places[i % 2], lengths[i / 2], "If-None-Match: \"always\"\r\n");
        take_answer(&c, "304", 0);
        ask(&c, "OPTIONS", places[i % 2], 1, "");
        take_answer(&c, "204", 0);
    }
    assert_int_equal(unread(&c).length, 0);
    close_client(&c);
}

/* While answers wait for one who does not read, heads are held again and again. */
static void test_one_who_reads_late(void **state)
{
    (void)state;
    enum { TURNS = 12 };
    struct client c;
    open_client(&c);
    for (size_t i = 0; i < TURNS * LENGTHS; i++) ask(&c, "GET", places[i % 2], lengths[i % LENGTHS], "");
    for (size_t i = 0; i < TURNS * LENGTHS; i++) take_answer(&c, "200", lengths[i % LENGTHS]);
    assert_int_equal(unread(&c).length, 0);
    close_client(&c);
}

static void test_one_who_goes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * LENGTHS; i++) {
        struct client c;
        open_client(&c);
        ask(&c, "GET", places[i % 2], lengths[i / 2], "");
        ask(&c, "GET", places[i % 2], lengths[i / 2], "");
        close_client(&c);
    }
    test_every_length_arrives(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length_arrives),
        cmocka_unit_test(test_heads_without_bodies),
        cmocka_unit_test(test_one_who_reads_late),
        cmocka_unit_test(test_one_who_goes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
