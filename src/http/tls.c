/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/tls.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Forward secrecy and authenticated encryption only (RFC 9325). */
static const char priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:"
    "+CHACHA20-POLY1305:-MAC-ALL:+AEAD:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE";

enum { HANDSHAKE_LONGEST = 48 * 1024, EVENTS = 64, PARTS_MOST = 64, HELD_MOST = 4096 };

static rfd_status failed(int result, const char *what, struct rfd_error *error)
{
    if (result == GNUTLS_E_MEMORY_ERROR) return error_memory(error);
    return error_set(error, RFD_E_ARGUMENT, "TLS: %s: %s", what, gnutls_strerror(result));
}

static gnutls_datum_t datum_of(slice s)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.data, (unsigned)s.length};
}

static rfd_status set_keys(struct tls *tls, const struct http_tls *options, struct rfd_error *error)
{
    gnutls_datum_t certificate = datum_of(options->certificate);
    gnutls_datum_t key = datum_of(options->key);
    gnutls_datum_t clients = datum_of(options->clients);
    int result = gnutls_certificate_allocate_credentials(&tls->keys);
    if (result < 0) return failed(result, "credentials", error);
    result = gnutls_certificate_set_x509_key_mem(tls->keys, &certificate, &key, GNUTLS_X509_FMT_PEM);
    if (result < 0) return failed(result, "certificate and key of the server", error);
    if (clients.size == 0) return RFD_OK;
    result = gnutls_certificate_set_x509_trust_mem(tls->keys, &clients, GNUTLS_X509_FMT_PEM);
    if (result == 0) result = GNUTLS_E_NO_CERTIFICATE_FOUND;
    if (result < 0) return failed(result, "authorities of clients", error);
    tls->asks = true;
    return RFD_OK;
}

rfd_status tls_new(const struct http_tls *options, struct tls **out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    if (options->demand && options->clients.length == 0)
        return error_set(error, RFD_E_ARGUMENT, "TLS: certificates of clients are demanded, but nobody's are accepted");
    struct tls *tls = memory_zeroed(1, sizeof *tls);
    if (tls == NULL) return error_memory(error);
    tls->demands = options->demand;
    tls->waiting = epoll_create1(EPOLL_CLOEXEC);
    if (tls->waiting < 0) TRY_OUT(error_errno(error, RFD_E_INTERNAL, errno, "epoll"));
    int result = gnutls_priority_init(&tls->priorities, priorities, NULL);
    if (result < 0) TRY_OUT(failed(result, "priorities", error));
    TRY_OUT(set_keys(tls, options, error));
    *out = tls;
    tls = NULL;
out:
    tls_free(tls);
    return status;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL) return;
    if (tls->keys != NULL) gnutls_certificate_free_credentials(tls->keys);
    if (tls->priorities != NULL) gnutls_priority_deinit(tls->priorities);
    if (tls->waiting >= 0) (void)close(tls->waiting);
    memory_free(tls);
}

int tls_no_keys(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
                const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **certificates,
                unsigned *certificate_count, gnutls_privkey_t *key)
{
    (void)session;
    (void)issuers;
    (void)issuer_count;
    (void)algorithms;
    (void)algorithm_count;
    (void)certificates;
    (void)certificate_count;
    (void)key;
    return -1;
}

static void wake(struct connection *c)
{
    if (atomic_exchange(&c->shakes, false)) MHD_resume_connection(c->mhd);
}

/** Called inside gnutls_handshake(), or while the first request is read, by libmicrohttpd's own thread, where a
 * connection may be suspended. */
static void rest(struct connection *c)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = c};
    MHD_suspend_connection(c->mhd);
    atomic_store(&c->shakes, true);
    int result = epoll_ctl(c->tls->waiting, EPOLL_CTL_MOD, c->fd, &event);
    if (result != 0) result = epoll_ctl(c->tls->waiting, EPOLL_CTL_ADD, c->fd, &event);
    if (result != 0 || atomic_load(&c->tls->ending)) wake(c);
}

static ssize_t pull(gnutls_transport_ptr_t context, void *to, size_t size)
{
    struct connection *c = context;
    ssize_t got = recv(c->fd, to, size, 0);
    if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return got;
    if (!c->shaken) rest(c);
    errno = EAGAIN;
    return -1;
}

static bool hold(struct connection *c, const giovec_t *parts, int count, size_t length)
{
    uint8_t *to = length > HELD_MOST || c->held.length > 0 ? NULL : memory_allocate(length);
    if (to == NULL) return false;
    c->held = (rfd_bytes){to, length};
    for (int i = 0; i < count; i++) to = (uint8_t *)mempcpy(to, parts[i].iov_base, parts[i].iov_len);
    return true;
}

/** What the socket took of what was held goes. How much it took of the rest. */
static size_t let_go(struct connection *c, size_t sent)
{
    size_t held = sent < c->held.length ? sent : c->held.length;
    c->held.length -= held;
    if (c->held.length > 0) memmove(c->held.data, c->held.data + held, c->held.length);
    if (c->held.length == 0) memory_free(c->held.data);
    if (c->held.length == 0) c->held.data = NULL;
    return sent - held;
}

/** libmicrohttpd sends an answer's head and its body one after the other, each a record, and each a packet that wakes
 * the client. A first record that is shorter than the answer's body cannot be all of it: it waits for the next one,
 * which is sure to follow. */
static ssize_t push(gnutls_transport_ptr_t context, const giovec_t *parts, int count)
{
    struct connection *c = context;
    struct iovec all[1 + PARTS_MOST];
    struct msghdr message = {.msg_iov = all};
    size_t length = 0;
    if (count > PARTS_MOST) count = PARTS_MOST; /* GnuTLS comes again with the rest */
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    bool more = length < c->answer;
    c->answer = 0;
    if (more && hold(c, parts, count, length)) return (ssize_t)length;
    if (c->held.length > 0) all[message.msg_iovlen++] = (struct iovec){c->held.data, c->held.length};
    for (int i = 0; i < count; i++) all[message.msg_iovlen++] = parts[i];
    ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (sent < 0) return -1;
    size_t taken = let_go(c, (size_t)sent);
    if (taken > 0 || length == 0) return (ssize_t)taken;
    errno = EAGAIN;
    return -1;
}

void tls_will_answer(struct connection *c, size_t length)
{
    if (c->tls != NULL) c->answer = length;
}

/** RFC 5280 §4.2.1.3: keys that only sign documents (nonRepudiation) are not for logging in. */
static bool may_authenticate(const gnutls_datum_t *der)
{
    gnutls_x509_crt_t certificate;
    unsigned usage = 0;
    unsigned critical;
    if (gnutls_x509_crt_init(&certificate) < 0) return false;
    int result = gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER);
    if (result >= 0) result = gnutls_x509_crt_get_key_usage(certificate, &usage, &critical);
    gnutls_x509_crt_deinit(certificate);
    if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return true;
    return result >= 0 && (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0;
}

/** 0 when the chain leads to an authority of clients, or why it does not: gnutls_certificate_status_t. */
static unsigned look_at_chain(gnutls_session_t session)
{
    gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
                                     0};
    unsigned reasons = 0;
    int result = gnutls_certificate_verify_peers(session, &purpose, 1, &reasons);
    return result == GNUTLS_E_SUCCESS ? reasons : GNUTLS_CERT_INVALID;
}

/** What the client is told (RFC 8446 §6.2): without it, a connection that ends is all that it sees. */
static int refuse(gnutls_session_t session, unsigned reasons)
{
    gnutls_alert_description_t alert = (reasons & GNUTLS_CERT_EXPIRED) != 0            ? GNUTLS_A_CERTIFICATE_EXPIRED
                                       : (reasons & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0 ? GNUTLS_A_UNKNOWN_CA
                                                                                       : GNUTLS_A_BAD_CERTIFICATE;
    (void)gnutls_alert_send(session, GNUTLS_AL_FATAL, alert);
    return GNUTLS_E_CERTIFICATE_ERROR;
}

/** During each handshake in which the client shows a certificate; there are no resumed sessions here. What is not good
 * enough is marked, and refused where it is demanded. */
static int on_certificate(gnutls_session_t session)
{
    struct connection *c = gnutls_transport_get_ptr(session);
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    unsigned reasons = chain == NULL || count == 0 ? GNUTLS_CERT_INVALID : look_at_chain(session);
    if (chain != NULL && count > 0 && may_authenticate(&chain[0]))
        c->certificate.data = memory_copy(chain[0].data, chain[0].size);
    if (c->certificate.data != NULL) c->certificate.length = chain[0].size;
    c->vouched_for = reasons == 0 && c->certificate.data != NULL;
    return !c->vouched_for && c->tls->demands ? refuse(session, reasons) : 0;
}

void tls_begin(struct tls *tls, struct connection *c, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == NULL || info->tls_session == NULL) return;
    gnutls_session_t session = info->tls_session;
    c->tls = tls;
    c->mhd = mhd;
    c->shaken = false;
    /* The pieces of our part of the handshake shall not wait for each other's acknowledgement. */
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    gnutls_transport_set_ptr(session, c);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_vec_push_function(session, push);
    gnutls_handshake_set_max_packet_length(session, HANDSHAKE_LONGEST);
    (void)gnutls_priority_set(session, tls->priorities);
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->keys);
    if (!tls->asks) return;
    gnutls_certificate_server_set_request(session, tls->demands ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
    gnutls_session_set_verify_function(session, on_certificate);
}

void tls_wake(struct tls *tls)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(tls->waiting, events, EVENTS, 0);
    for (int i = 0; i < count; i++) wake(events[i].data.ptr);
}

void tls_stop(struct tls *tls, struct connections *all)
{
    atomic_store(&tls->ending, true);
    for (unsigned i = 0; i < all->used_slots; i++) wake(&all->slots[i]);
}
