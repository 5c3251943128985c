/* SPDX-License-Identifier: EUPL-1.2
 *
 * Starting, stopping, and what libmicrohttpd calls.
 */
#include "http/listener.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "http/front.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BACKLOG = 1024, MOST_SOCKETS = 64, SPARE_DESCRIPTORS = 64 };

/** Leaves what is asked as it came: we decode, once. */
static size_t leave_escaped(void *context, struct MHD_Connection *mhd, char *text)
{
    (void)context;
    (void)mhd;
    return strlen(text);
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void on_connection(void *context, struct MHD_Connection *mhd, void **ours,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_listener *listener = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
        int64_t deadline = connection_now() + (int64_t)listener->options.header_seconds * 1000000;
        *ours = info == NULL ? NULL : connections_started(&listener->connections, info->connect_fd, deadline);
        if (listener->tls != NULL && *ours != NULL) tls_begin(listener->tls, *ours, mhd);
        exchange_count(listener, HTTP_EVENT_OPENED);
    } else {
        if (*ours != NULL) connections_remove(&listener->connections, *ours);
        *ours = NULL;
        exchange_count(listener, HTTP_EVENT_CLOSED);
    }
}

static void *on_target(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct http_listener *listener = context;
    struct connection *connection = connection_of(mhd);
    if (connection == NULL) return NULL;
    connection->shaken = true;
    connection_wake(connection, connection_now() + (int64_t)listener->options.header_seconds * 1000000);
    return exchange_new(listener, mhd, connection, slice_text(target));
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_length, void **ours)
{
    bool consumed;
    struct exchange *x = *ours;
    (void)context;
    (void)mhd;
    (void)url;
    if (x == NULL) return MHD_NO;
    enum MHD_Result result = exchange_step(x, slice_text(method), slice_text(version),
                                           slice_of(upload, upload == NULL ? 0 : *upload_length), &consumed);
    if (consumed) {
        secret_wipe((void *)(uintptr_t)upload, *upload_length); /* in its read buffer, which it frees as it is */
        *upload_length = 0;
    }
    return result;
}

/** Of cookies and authorisations libmicrohttpd would leave behind what it read them into. */
static enum MHD_Result wipe_value(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                  const char *value, size_t length)
{
    (void)context, (void)kind, (void)name, (void)name_length;
    if (value != NULL) secret_wipe((void *)(uintptr_t)value, length);
    return MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *mhd, void **ours, enum MHD_RequestTerminationCode how)
{
    struct http_listener *listener = context;
    struct exchange *x = *ours;
    *ours = NULL;
    if (x == NULL) return;
    connection_set(x->connection, PHASE_IDLE, connection_now() + (int64_t)listener->options.idle_seconds * 1000000);
    if (listener->options.log != NULL) {
        struct http_log log = {
            .request = &x->request,
            .status = x->sent_status,
            .error = x->stage == STAGE_CUT ? RFD_E_BUSY : x->response.error,
            .body_bytes = x->body.length + x->discarded,
            .answer_bytes = x->answer_bytes,
            .duration = connection_now_exactly() - x->started,
            .complete = how == MHD_REQUEST_TERMINATED_COMPLETED_OK,
        };
        listener->options.log(listener->options.context, &log);
    }
    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND | MHD_COOKIE_KIND | MHD_GET_ARGUMENT_KIND, wipe_value, NULL);
    exchange_release(x);
}

static void on_complaint(void *context, const char *format, va_list arguments) RFD_PRINTF(2, 0);
static void on_complaint(void *context, const char *format, va_list arguments)
{
    (void)format; /* may hold what a stranger sent */
    (void)arguments;
    exchange_count(context, HTTP_EVENT_PROTOCOL);
}

#define DEFAULT(field, value)                                                                                          \
    do {                                                                                                               \
        if (o->field == 0) o->field = (value);                                                                         \
    } while (0)

static void fill_defaults(struct http_options *o)
{
    struct rlimit limit;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    DEFAULT(threads, processors > 0 ? (unsigned)processors : 1);
    DEFAULT(workers, 4);
    DEFAULT(queue, 256);
    DEFAULT(connections, 4096);
    DEFAULT(connections_per_network, 256);
    DEFAULT(connection_memory, 16 * 1024);
    DEFAULT(request_memory, 16 << 20);
    DEFAULT(body_memory, 256 << 20);
    DEFAULT(header_seconds, 10);
    DEFAULT(body_seconds, 10);
    DEFAULT(answer_seconds, 20);
    DEFAULT(idle_seconds, 30);
    DEFAULT(minimum_rate, 1024);
    if (o->spool_folder == NULL) o->spool_folder = "/tmp";
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)o->connections + SPARE_DESCRIPTORS)
        o->connections =
            limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? (unsigned)limit.rlim_cur - SPARE_DESCRIPTORS : SPARE_DESCRIPTORS;
}

static rfd_status read_proxies(struct http_listener *l, struct rfd_error *error)
{
    l->proxies = memory_zeroed(l->options.proxy_count, sizeof *l->proxies);
    if (l->proxies == NULL) return error_memory(error);
    for (size_t i = 0; i < l->options.proxy_count; i++)
        TRY(http_network_parse(l->options.proxies[i], &l->proxies[i], error));
    l->options.proxies = NULL;
    return RFD_OK;
}

static rfd_status open_sockets(struct http_listener *l, struct rfd_error *error)
{
    unsigned inherited = l->options.inherited ? http_address_inherited() : 0;
    size_t all = l->options.address_count + inherited;
    if (all == 0 || all > MOST_SOCKETS) return error_set(error, RFD_E_ARGUMENT, "%zu addresses to listen on", all);
    l->sockets = memory_zeroed(all, sizeof *l->sockets);
    if (l->sockets == NULL) return error_memory(error);
    for (size_t i = 0; i < all; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "fd:%zu", 3 + i - l->options.address_count);
        const char *address = i < l->options.address_count ? l->options.addresses[i] : text;
        TRY(http_address_listen(address, BACKLOG, &l->sockets[i], error));
        l->socket_count++;
    }
    l->options.addresses = NULL;
    return RFD_OK;
}

static rfd_status start_daemon(struct http_listener *l, struct rfd_error *error)
{
    const struct http_options *o = &l->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_ERROR_LOG;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_complaint, l},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, l},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, l},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, l},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)o->connection_memory, NULL},
        /* Our own table counts; the library's limit is split evenly between its threads, which ours is not. */
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)o->connections * (intptr_t)o->threads, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, 0, NULL},
        {MHD_OPTION_END, 0, NULL},
        {MHD_OPTION_END, 0, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem *next = &items[sizeof items / sizeof *items - 3];
    if (o->threads > 1) *next++ = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL};
    if (l->tls != NULL) {
        flags |= MHD_USE_TLS;
        *next = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)tls_no_keys};
    }
    l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, l, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    return l->daemon != NULL ? RFD_OK : error_errno(error, RFD_E_NETWORK, errno, "the HTTP server does not start");
}

static rfd_status start(struct http_listener *l, struct rfd_error *error)
{
    fill_defaults(&l->options);
    TRY(read_proxies(l, error));
    if (l->options.tls != NULL) TRY(tls_new(l->options.tls, &l->tls, error));
    l->options.tls = NULL;
    TRY(connections_init(&l->connections, l->options.connections, error));
    l->bodies.maximum = l->options.body_memory;
    l->bodies.folder = open(l->options.spool_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    l->options.spool_folder = NULL;
    uint64_t first;
    if (getrandom(&first, sizeof first, 0) != sizeof first)
        return error_errno(error, RFD_E_INTERNAL, errno, "no random numbers");
    atomic_init(&l->next_id, first);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->wake < 0) return error_errno(error, RFD_E_INTERNAL, errno, "eventfd");
    TRY(open_sockets(l, error));
    TRY(pool_start(&l->pool, l->options.workers, l->options.queue, exchange_work, error));
    TRY(start_daemon(l, error));
    int failed = pthread_create(&l->front, NULL, front_run, l);
    if (failed != 0) return error_errno(error, RFD_E_MEMORY, failed, "no thread to accept");
    l->front_runs = true;
    return RFD_OK;
}

rfd_status http_listener_start(const struct http_options *options, struct http_listener **out, struct rfd_error *error)
{
    struct http_listener *l = memory_zeroed(1, sizeof *l);
    if (l == NULL) return error_memory(error);
    l->options = *options;
    atomic_init(&l->holders, 1);
    l->wake = -1;
    l->bodies.folder = -1;
    rfd_status status = start(l, error);
    if (status == RFD_OK)
        *out = l;
    else
        http_listener_stop(l, 0);
    return status;
}

uint16_t http_listener_port(const struct http_listener *listener, size_t n)
{
    struct sockaddr_storage bound = {0};
    struct http_address address;
    socklen_t length = sizeof bound;
    if (n >= listener->socket_count) return 0;
    if (getsockname(listener->sockets[n], (struct sockaddr *)&bound, &length) != 0) return 0;
    http_address_of_socket(&bound, &address);
    return address.port;
}

static void stop_accepting(struct http_listener *l)
{
    uint64_t one = 1;
    atomic_store(&l->stopping, true);
    if (l->front_runs && write(l->wake, &one, sizeof one) == (ssize_t)sizeof one) (void)pthread_join(l->front, NULL);
    for (size_t i = 0; i < l->socket_count; i++) (void)close(l->sockets[i]);
}

void listener_release(struct http_listener *l)
{
    if (atomic_fetch_sub(&l->holders, 1) > 1) return;
    connections_dispose(&l->connections);
    memory_free(l);
}

/** Until nobody is connected or the time is over, those at work go on. */
static void drain(struct http_listener *l, unsigned seconds)
{
    int64_t end = connection_now() + (int64_t)seconds * 1000000;
    while (atomic_load(&l->connections.open) > 0 && connection_now() < end) {
        front_watch(l, CUT_IDLE_TOO);
        if (l->tls != NULL) tls_wake(l->tls);
        (void)usleep(20000);
    }
    front_watch(l, CUT_ALL);
}

void http_listener_stop(struct http_listener *l, unsigned seconds)
{
    if (l == NULL) return;
    stop_accepting(l);
    if (l->front_runs) drain(l, seconds);
    later_stop(l);
    if (l->tls != NULL) tls_stop(l->tls, &l->connections);
    pool_stop(&l->pool);
    if (l->daemon != NULL) MHD_stop_daemon(l->daemon);
    tls_free(l->tls);
    if (l->wake >= 0) (void)close(l->wake);
    if (l->bodies.folder >= 0) (void)close(l->bodies.folder);
    memory_free(l->sockets);
    memory_free(l->proxies);
    listener_release(l);
}
