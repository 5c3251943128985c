/* SPDX-License-Identifier: EUPL-1.2
 *
 * A server to try src/http on: every kind of handler, and limits from the command line as NAME=NUMBER. Prints its
 * ports, logs to standard error, ends on SIGTERM.
 */
#include "base/error.h"
#include "base/map.h"
#include "base/number.h"
#include "http/listener.h"
#include "http/response.h"
#include "ipc/sandbox.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATIC_SIZE = 900, GATE_SECONDS = 120 };

static atomic_uint events[HTTP_EVENT_COUNT];
static atomic_uint requests;
static struct http_prepared *prepared;
static uint8_t static_body[STATIC_SIZE];
static bool quiet, sandboxed;
static uint64_t how_many;
static int served = -1;          /* what /file serves, when it can only be opened before the sandbox */
static char tls_texts[3][32768]; /* certificate, key, authorities of clients */

static rfd_status text_body(struct http_response *response, const char *text, struct rfd_error *error)
{
    if (text == NULL) return error_memory(error);
    http_response_body(response, "text/plain; charset=utf-8", slice_text(text));
    return RFD_OK;
}

static rfd_status on_prepared(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error)
{
    (void)request;
    (void)context;
    (void)error;
    http_response_prepared(response, prepared);
    return RFD_OK;
}

/* Many prepared answers, found by what stands in the path, as those to OCSP requests are. */
static struct map many;

static uint64_t hash_of(slice s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.length; i++) h = (h ^ s.data[i]) * UINT64_C(0x100000001b3);
    return h;
}

static rfd_status on_many(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    struct http_prepared *found = map_get_pointer(&many, hash_of(http_request_part(request, "name")));
    (void)context;
    if (found == NULL) return error_set(error, RFD_E_NOT_FOUND, NULL);
    http_response_prepared(response, found);
    return RFD_OK;
}

static rfd_status on_plain(struct http_request *request, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    (void)request;
    (void)context;
    (void)error;
    http_response_body(response, "application/octet-stream", slice_of(static_body, STATIC_SIZE));
    return RFD_OK;
}

/* Handlers that stand still: how many there are, and whether those at the gate may go on. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned working;
    bool open;
} stand = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static unsigned works(int more)
{
    (void)pthread_mutex_lock(&stand.lock);
    unsigned working = stand.working += (unsigned)more;
    (void)pthread_mutex_unlock(&stand.lock);
    return working;
}

static rfd_status on_gate(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)request;
    (void)context;
    struct timespec end;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += GATE_SECONDS;
    (void)works(1);
    (void)pthread_mutex_lock(&stand.lock);
    while (!stand.open && pthread_cond_timedwait(&stand.changed, &stand.lock, &end) == 0) continue;
    (void)pthread_mutex_unlock(&stand.lock);
    (void)works(-1);
    return text_body(response, "let through\n", error);
}

static rfd_status on_open(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)request;
    (void)context;
    (void)pthread_mutex_lock(&stand.lock);
    stand.open = true;
    (void)pthread_cond_broadcast(&stand.changed);
    (void)pthread_mutex_unlock(&stand.lock);
    return text_body(response, "open\n", error);
}

static rfd_status on_slow(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    uint64_t milliseconds;
    (void)context;
    if (!number_unsigned(http_request_part(request, "milliseconds"), 60000, &milliseconds))
        return error_set(error, RFD_E_ARGUMENT, "milliseconds");
    (void)works(1);
    (void)usleep((useconds_t)milliseconds * 1000);
    (void)works(-1);
    return text_body(response, "slept\n", error);
}

/* Those who wait for the thread that answers all of them together, as one answer of another process would. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct http_later *waiting[4096];
    size_t count;
} later = {.lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER};

static void *answer_later(void *context)
{
    static struct http_later *taken[sizeof later.waiting / sizeof *later.waiting];
    for (;;) {
        (void)pthread_mutex_lock(&later.lock);
        while (later.count == 0) (void)pthread_cond_wait(&later.some, &later.lock);
        size_t count = later.count;
        memcpy(taken, later.waiting, count * sizeof *taken);
        later.count = 0;
        (void)pthread_mutex_unlock(&later.lock);
        for (size_t i = 0; i < count; i++) {
            http_response_body(http_later_response(taken[i]), "application/octet-stream",
                               slice_of(static_body, STATIC_SIZE));
            http_later_done(taken[i], NULL);
        }
    }
    return context;
}

static rfd_status on_later(struct http_request *request, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    (void)response;
    (void)context;
    struct http_later *mine = http_request_later(request);
    if (mine == NULL) return error_set(error, RFD_E_BUSY, "stopping");
    (void)pthread_mutex_lock(&later.lock);
    if (later.count == 0) (void)pthread_cond_signal(&later.some);
    later.waiting[later.count++ % (sizeof later.waiting / sizeof *later.waiting)] = mine;
    (void)pthread_mutex_unlock(&later.lock);
    return RFD_OK;
}

static rfd_status on_echo(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)context;
    (void)error;
    http_response_body(response, "application/octet-stream", request->body);
    return RFD_OK;
}

static rfd_status on_raw(struct http_request *request, struct http_response *response, void *context,
                         struct rfd_error *error)
{
    uint64_t sum = 0;
    (void)context;
    for (size_t i = 0; i < request->body.length; i++) sum = sum * 31 + request->body.data[i];
    return text_body(response,
                     arena_print(request->arena, "%zu bytes %llu\n", request->body.length, (unsigned long long)sum),
                     error);
}

static rfd_status show_fields(const struct http_fields *fields, struct http_request *request,
                              struct http_response *response, struct rfd_error *error)
{
    char *text = arena_print(request->arena, "%s", "");
    for (size_t i = 0; text != NULL && i < fields->count; i++) {
        const struct http_field *f = &fields->items[i];
        text = arena_print(request->arena, "%s[%.*s]=[%.*s]\n", text, (int)f->name.length, (const char *)f->name.data,
                           (int)f->value.length, f->value.data == NULL ? "" : (const char *)f->value.data);
    }
    return text_body(response, text, error);
}

static rfd_status on_form(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    struct http_fields fields;
    (void)context;
    TRY(http_request_form(request, &fields, error));
    return show_fields(&fields, request, response, error);
}

static rfd_status on_query(struct http_request *request, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    (void)context;
    return show_fields(&request->query, request, response, error);
}

static rfd_status on_parts_of_path(struct http_request *request, struct http_response *response, void *context,
                                   struct rfd_error *error)
{
    (void)context;
    return show_fields(&request->parts, request, response, error);
}

static rfd_status on_upload(struct http_request *request, struct http_response *response, void *context,
                            struct rfd_error *error)
{
    struct http_parts parts;
    char *text = arena_print(request->arena, "%s", "");
    (void)context;
    TRY(http_request_parts(request, &parts, error));
    for (size_t i = 0; text != NULL && i < parts.count; i++) {
        const struct http_part *p = &parts.items[i];
        text = arena_print(request->arena, "%s[%.*s] [%.*s] %zu\n", text, (int)p->name.length,
                           (const char *)p->name.data, (int)p->file_name.length,
                           p->file_name.data == NULL ? "" : (const char *)p->file_name.data, p->body.length);
    }
    return text_body(response, text, error);
}

static rfd_status on_cookies(struct http_request *request, struct http_response *response, void *context,
                             struct rfd_error *error)
{
    slice session = http_request_cookie(request, "session", 0);
    (void)context;
    http_response_cookie(response, "__Host-session", SLICE("abc"), 3600);
    return text_body(response,
                     arena_print(request->arena, "[%.*s]\n", (int)session.length,
                                 session.data == NULL ? "" : (const char *)session.data),
                     error);
}

static rfd_status on_page(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)request;
    (void)context;
    (void)error;
    http_response_page(response, NULL);
    http_response_cache(response, HTTP_REVALIDATE, 0);
    http_response_etag(response, SLICE("page-1"));
    http_response_body(response, "text/html; charset=utf-8", SLICE("<!doctype html><title>Page</title>"));
    return RFD_OK;
}

static rfd_status on_fail(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    slice kind = http_request_part(request, "kind");
    (void)context;
    if (slice_is(kind, "header")) {
        http_response_header(response, "X-Odd", SLICE("a\r\nSet-Cookie: b"));
        return RFD_OK;
    }
    if (slice_is(kind, "redirect")) {
        http_response_redirect(response, 303, SLICE("//evil.example/"));
        return RFD_OK;
    }
    if (slice_is(kind, "machine")) return error_set(error, RFD_E_IO_READ, "/etc/secret is missing");
    return error_set(error, RFD_E_NOT_SIGNED, "a \"quoted\" detail\n");
}

static rfd_status on_file(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    struct stat about;
    (void)request;
    (void)context;
    int fd = served >= 0 ? fcntl(served, F_DUPFD_CLOEXEC, 3) : open("served", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) return error_set(error, RFD_E_NOT_FOUND, NULL);
    http_response_last_modified(response, (rfd_time)about.st_mtime * RFD_SECOND);
    http_response_file(response, "application/octet-stream", fd, 0, (uint64_t)about.st_size);
    return RFD_OK;
}

static rfd_status on_who(struct http_request *request, struct http_response *response, void *context,
                         struct rfd_error *error)
{
    char text[HTTP_ADDRESS_SIZE];
    (void)context;
    return text_body(response, arena_print(request->arena, "%s\n", http_address_text(&request->client, text)), error);
}

static rfd_status on_certificate(struct http_request *request, struct http_response *response, void *context,
                                 struct rfd_error *error)
{
    (void)context;
    if (request->client_certificate.length == 0) return error_set(error, RFD_E_NOT_FOUND, "no certificate");
    http_response_body(response, "application/pkix-cert", request->client_certificate);
    return RFD_OK;
}

/** Of whatever authority. */
static rfd_status on_shown(struct http_request *request, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    (void)context;
    if (request->shown_certificate.length == 0) return error_set(error, RFD_E_NOT_FOUND, "no certificate");
    http_response_body(response, "application/pkix-cert", request->shown_certificate);
    return RFD_OK;
}

static rfd_status on_counters(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error)
{
    static const char *const names[] = {
#define NAME(name, meaning) #name,
        HTTP_EVENTS(NAME)
#undef NAME
    };
    char *text = arena_print(request->arena, "requests %u\nworking %u\n", atomic_load(&requests), works(0));
    (void)context;
    for (int i = 0; text != NULL && i < HTTP_EVENT_COUNT; i++)
        text = arena_print(request->arena, "%s%s %u\n", text, names[i], atomic_load(&events[i]));
    return text_body(response, text, error);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/", 0, HTTP_IMMEDIATE, on_plain, "root"},
    {HTTP_GET, "/static", 0, HTTP_IMMEDIATE, on_prepared, "static"},
    {HTTP_GET, "/plain", 0, HTTP_IMMEDIATE, on_plain, "plain"},
    {HTTP_GET, "/later", 0, HTTP_IMMEDIATE, on_later, "later"},
    {HTTP_GET, "/many/{name*}", 0, HTTP_IMMEDIATE, on_many, "many"},
    {HTTP_GET, "/pooled", 0, 0, on_plain, "pooled"},
    {HTTP_GET, "/slow/{milliseconds}", 0, 0, on_slow, "slow"},
    {HTTP_GET, "/gate", 0, 0, on_gate, "gate"},
    {HTTP_GET, "/open", 0, HTTP_IMMEDIATE, on_open, "open"},
    {HTTP_POST, "/echo", 1000, 0, on_echo, "echo"},
    {HTTP_PUT, "/echo", 1000, HTTP_IMMEDIATE, on_echo, "echo"},
    {HTTP_POST, "/memory", 300 << 20, 0, on_raw, "memory"},
    {HTTP_POST, "/raw", 300 << 20, HTTP_SPOOL, on_raw, "raw"},
    {HTTP_POST, "/form", 100000, 0, on_form, "form"},
    {HTTP_POST, "/upload", 300 << 20, HTTP_SPOOL, on_upload, "upload"},
    {HTTP_GET, "/query", 0, HTTP_IMMEDIATE, on_query, "query"},
    {HTTP_GET, "/tail/{rest*}", 0, HTTP_IMMEDIATE, on_parts_of_path, "tail"},
    {HTTP_GET, "/part/{a}/x/{b}", 0, HTTP_IMMEDIATE, on_parts_of_path, "part"},
    {HTTP_GET, "/cookies", 0, HTTP_IMMEDIATE, on_cookies, "cookies"},
    {HTTP_GET, "/page", 0, 0, on_page, "page"},
    {HTTP_GET, "/fail/{kind}", 0, 0, on_fail, "fail"},
    {HTTP_GET, "/file", 0, 0, on_file, "file"},
    {HTTP_GET, "/who", 0, HTTP_IMMEDIATE, on_who, "who"},
    {HTTP_GET, "/certificate", 0, HTTP_IMMEDIATE, on_certificate, "certificate"},
    {HTTP_GET, "/shown", 0, HTTP_IMMEDIATE, on_shown, "shown"},
    {HTTP_GET, "/counters", 0, HTTP_IMMEDIATE, on_counters, "counters"},
};

static void count(void *context, enum http_event event)
{
    (void)context;
    atomic_fetch_add(&events[event], 1);
}

static void log_request(void *context, const struct http_log *log)
{
    char client[HTTP_ADDRESS_SIZE];
    const struct http_request *r = log->request;
    (void)context;
    atomic_fetch_add(&requests, 1);
    if (quiet) return;
    fprintf(stderr, "%s %s %s %s %.*s %d %s %llu %llu%s\n", r->id, http_address_text(&r->client, client),
            http_method_name(r->method), r->route == NULL ? "-" : r->route->name, (int)r->path.length,
            r->path.data == NULL ? "" : (const char *)r->path.data, log->status, rfd_status_name(log->error),
            (unsigned long long)log->body_bytes, (unsigned long long)log->answer_bytes,
            log->complete ? "" : " incomplete");
}

/** Names of 8 digits behind what all requests to one authority begin with. */
static rfd_status prepare_many(uint64_t count, struct rfd_error *error)
{
    struct http_prepared_options options = {.content_type = "application/ocsp-response",
                                            .body = slice_of(static_body, STATIC_SIZE),
                                            .etag = SLICE("0123456789abcdef0123456789abcdef"),
                                            .last_modified = INT64_C(1700000000) * RFD_SECOND,
                                            .cache_control = "max-age=3600, public, no-transform, must-revalidate",
                                            .expires = INT64_C(1800000000) * RFD_SECOND};
    for (uint64_t i = 0; i < count; i++) {
        char name[128];
        struct http_prepared *one = NULL;
        int length =
            snprintf(name, sizeof name, "MFQwUjBQME4wTDAJBgUrDgMCGgUABBQQX6Z6gAidtSefNc6DC0OInqPHDQQUD4BhHIIxYdU%08llu",
                     (unsigned long long)i);
        TRY(http_prepared_new(&options, &one, error));
        TRY(map_set_pointer(&many, hash_of(slice_of(name, (size_t)length)), one));
    }
    return RFD_OK;
}

static bool set_option(struct http_options *o, const char *argument)
{
    struct {
        const char *name;
        unsigned *field;
    } fields[] = {
        {"threads", &o->threads},
        {"workers", &o->workers},
        {"queue", &o->queue},
        {"connections", &o->connections},
        {"per-network", &o->connections_per_network},
        {"header-seconds", &o->header_seconds},
        {"body-seconds", &o->body_seconds},
        {"answer-seconds", &o->answer_seconds},
        {"idle-seconds", &o->idle_seconds},
    };
    slice rest = slice_text(argument);
    slice name = http_cut(&rest, '=');
    uint64_t value;
    if (!number_unsigned(rest, UINT32_MAX, &value)) return false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (slice_is(name, fields[i].name)) *fields[i].field = (unsigned)value;
    if (slice_is(name, "body-memory")) o->body_memory = value;
    if (slice_is(name, "connection-memory")) o->connection_memory = value;
    if (slice_is(name, "minimum-rate")) o->minimum_rate = value;
    if (slice_is(name, "quiet")) quiet = value != 0;
    if (slice_is(name, "many")) how_many = value;
    if (slice_is(name, "sandbox")) sandboxed = value != 0;
    if (slice_is(name, "inherited")) o->inherited = value != 0;
    return true;
}

/** What of "server.pem", "server.key" and "clients.pem" the folder has. */
static void read_tls(const char *folder, struct http_tls *tls)
{
    static const char *const names[] = {"server.pem", "server.key", "clients.pem"};
    slice *const parts[] = {&tls->certificate, &tls->key, &tls->clients};
    for (int i = 0; i < 3; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = fd < 0 ? 0 : read(fd, tls_texts[i], sizeof tls_texts[i]);
        *parts[i] = slice_of(tls_texts[i], got < 0 ? 0 : (size_t)got);
        if (fd >= 0) (void)close(fd);
    }
}

static rfd_status prepare(struct rfd_error *error)
{
    struct http_prepared_options options = {.content_type = "application/ocsp-response",
                                            .body = slice_of(static_body, STATIC_SIZE),
                                            .etag = SLICE("static-1"),
                                            .last_modified = INT64_C(1700000000) * RFD_SECOND,
                                            .cache_control = "public, max-age=3600",
                                            .expires = RFD_TIME_NONE};
    memset(static_body, 'x', sizeof static_body);
    return http_prepared_new(&options, &prepared, error);
}

/** As services do: no files at all, only sockets and threads. */
static rfd_status enter_sandbox(struct rfd_error *error)
{
    const struct sandbox sandbox = {.calls = SANDBOX_NETWORK | SANDBOX_THREADS, .limits = {.file_size = 1 << 30}};
    served = open("served", O_RDONLY | O_CLOEXEC);
    return sandbox_enter(&sandbox, NULL, error);
}

static rfd_status serve(struct http_options *options, struct rfd_error *error)
{
    struct http_router *router = NULL;
    struct http_listener *listener = NULL;
    sigset_t ending;
    int signal_number;
    pthread_t answerer;
    (void)sigemptyset(&ending);
    (void)sigaddset(&ending, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ending, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    rfd_status status;
    if (sandboxed) TRY(enter_sandbox(error));
    if (pthread_create(&answerer, NULL, answer_later, NULL) != 0) return error_memory(error);
    TRY_OUT(prepare(error));
    TRY_OUT(prepare_many(how_many, error));
    TRY_OUT(http_router_new(routes, sizeof routes / sizeof *routes, &router, error));
    options->router = router;
    TRY_OUT(http_listener_start(options, &listener, error));
    printf("%u\n", http_listener_port(listener, 0));
    (void)fflush(stdout);
    (void)sigwait(&ending, &signal_number);
out:
    http_listener_stop(listener, 30);
    http_router_free(router);
    http_prepared_release(prepared);
    for (size_t i = 0; i < many.capacity; i++)
        if (many.entries[i].used) http_prepared_release((struct http_prepared *)(uintptr_t)many.entries[i].value);
    map_dispose(&many);
    return status;
}

int main(int argc, char **argv)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const char *addresses[8];
    const char *proxies[8];
    struct http_tls tls = {0};
    struct http_options options = {.addresses = addresses, .proxies = proxies, .log = log_request, .count = count};
    options.spool_folder = ".";
    for (int i = 1; i < argc && i < 16; i++) {
        slice argument = slice_text(argv[i]);
        if (slice_starts(argument, SLICE("proxy=")))
            proxies[options.proxy_count++ % 8] = argv[i] + 6;
        else if (slice_starts(argument, SLICE("tls="))) {
            read_tls(argv[i] + 4, &tls);
            options.tls = &tls;
        } else if (slice_is(argument, "demand"))
            tls.demand = true;
        else if (!set_option(&options, argv[i]))
            addresses[options.address_count++ % 8] = argv[i];
    }
    if (serve(&options, &error) == RFD_OK) return 0;
    fprintf(stderr, "%s: %s\n", rfd_status_message(error.code), error.detail);
    return 1;
}
