/* SPDX-License-Identifier: EUPL-1.2
 *
 * The public status services as they run in the server, with a small authority behind them, for 96-status*.sh and
 * bench/status.sh: a supervisor, signers with their key stores, and one status process.
 *
 *   status_world init FOLDER [P-256|RSA-2048]   authority, keys of the services, four certificates (PEM)
 *   status_world run FOLDER                     serves until SIGTERM; FOLDER/port, FOLDER/signer-N.pid
 *   status_world revoke|hold|release FOLDER CERTIFICATE [REASON]
 *   status_world list FOLDER NUMBER ENTRIES [SECONDS]   a revocation list of the authority
 *   status_world fill FOLDER COUNT              so many further certificates that are valid
 *   status_world look FOLDER COUNT OF           microseconds of the register's look-up of COUNT of them
 *   status_world requests FOLDER COUNT OF       requests for COUNT of them, a line of hexadecimal each
 *
 * Environment: WORLD_SIGNERS (2), WORLD_CLOCK (unchecked), WORLD_EXTENDED_REVOKE, WORLD_THREADS, WORLD_LISTEN.
 */
#include "api/status/status.h"
#include "../unit/authority_support.h"
#include "../unit/pki_fixture.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "domain/schema.h"
#include "ipc/supervisor.h"
#include "keeper/ask.h"
#include "keeper/authority_policy.h"
#include "keeper/event.h"
#include "keeper/process.h"
#include "pki/authority/crl_writer.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHEAP_KIBIBYTES = 64, SIGNERS_MAXIMUM = 8, PATH_SIZE = 512, DAY_SECONDS = 86400, AUTHORITY = 1 };
/* 2.999.604.9 */
#define POLICY SLICE("\x88\x37\x84\x5C\x09")

static const char *folder;

static void need(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "status_world: %s\n", what);
    _exit(1);
}

static void need_ok(rfd_status status, const struct rfd_error *error)
{
    if (status == RFD_OK) return;
    fprintf(stderr, "status_world: %s: %s\n", rfd_status_name(status), error->detail);
    _exit(1);
}

static const char *in_folder(const char *name)
{
    static char paths[8][PATH_SIZE];
    static unsigned next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    return path;
}

static uint64_t number_of(const char *text, uint64_t maximum)
{
    uint64_t number = 0;
    need(text != NULL && number_unsigned(slice_text(text), maximum, &number), "a number is missing");
    return number;
}

static unsigned signer_count(void)
{
    const char *text = getenv("WORLD_SIGNERS");
    return text == NULL ? 2 : (unsigned)number_of(text, SIGNERS_MAXIMUM);
}

static struct master the_master(void)
{
    struct master m = {.kind = MASTER_PASSPHRASE};
    need(master_from_secret(MASTER_PASSPHRASE, SLICE("passphrase"), &m, NULL) == RFD_OK, "master key");
    m.passes = 1;
    m.kibibytes = CHEAP_KIBIBYTES;
    return m;
}

static struct store *open_store(void)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct store *store = NULL;
    char address[PATH_SIZE + 16];
    const char *other = getenv("WORLD_DATABASE");
    (void)snprintf(address, sizeof address, "sqlite:%s", in_folder("refrenda.db"));
    const struct store_options options = {.address = other == NULL ? address : other};
    need_ok(domain_open_store(&options, &store, &error), &error);
    return store;
}

/* ---- init ---- */

static void write_certificate(const char *name, X509 *x509)
{
    FILE *file = fopen(in_folder(name), "wb");
    need(file != NULL && PEM_write_X509(file, x509) == 1 && fclose(file) == 0, name);
}

static void write_key(const char *name, EVP_PKEY *key)
{
    FILE *file = fopen(in_folder(name), "wb");
    need(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0, name);
}

/** Makes a key in the keeper and returns its public half. */
static EVP_PKEY *create_key(struct keeper_client *keeper, const struct ask_key *k)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf spki;
    buf_init(&spki, ASK_CERTIFICATE_MAXIMUM);
    need_ok(ask_create_key(keeper, k, &spki, &error), &error);
    const unsigned char *at = spki.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.length);
    need(key != NULL, "public key");
    buf_dispose(&spki);
    return key;
}

static void certify_key(struct keeper_client *keeper, const char *name, slice certificate)
{
    struct rfd_error error = RFD_ERROR_INIT;
    need_ok(ask_certify_key(keeper, name, certificate, &error), &error);
}

static void give_away(const char *path)
{
    if (geteuid() == 0) need(RUN("chown", "-R", "65534:65534", path) == 0, "chown");
}

static const char *signer_store(unsigned index)
{
    char name[32];
    (void)snprintf(name, sizeof name, "signer-%u", index);
    return in_folder(name);
}

/** All signers have the same keys. */
static void copy_store(struct keystore *store, unsigned count)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf backup;
    buf_init(&backup, 16 << 20);
    need_ok(keystore_files_backup(store, &backup, &error), &error);
    for (unsigned i = 1; i < count; i++) {
        struct master m = the_master();
        need_ok(keystore_files_restore(signer_store(i), buf_slice(&backup), &m, &error), &error);
        master_dispose(&m);
        give_away(signer_store(i));
    }
    buf_dispose(&backup);
}

static struct made make_service(struct keeper_client *keeper, const struct ask_key *k, const struct made *ca,
                                const struct make *wanted)
{
    struct made public_half = {.key = create_key(keeper, k)};
    struct make m = *wanted;
    m.issuer = ca;
    m.key_of = &public_half;
    struct made service = made_new(&m);
    certify_key(keeper, k->name, service.certificate->der);
    EVP_PKEY_free(public_half.key);
    return service;
}

static void add_authority(struct authority_domain *d, const struct made *ca, const struct made *ocsp)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf policy;
    const struct authority_policy p = {.profiles = {SLICE("persona")},
                                       .profile_count = 1,
                                       .ocsp = SLICE("http://ca.example/ocsp"),
                                       .ca_issuers = SLICE("http://ca.example/ca/emisora-1.cer"),
                                       .crl_point = SLICE("http://ca.example/crl/lista-{partition}.crl"),
                                       .freshest = SLICE("http://ca.example/crl/lista-{partition}-cambios.crl"),
                                       .partitions = 4,
                                       .crl_seconds = 7 * DAY_SECONDS,
                                       .approval_seconds = DAY_SECONDS,
                                       .instance = 1};
    buf_init(&policy, AUTHORITY_POLICY_MAXIMUM);
    need_ok(authority_policy_write(&p, &policy, &error), &error);
    struct authority a = {.name = SLICE("emisora-1"),
                          .certificate = ca->certificate->der,
                          .key = SLICE("ca-emisora-1"),
                          .policy = buf_slice(&policy),
                          .ocsp_key = SLICE("ocsp-1"),
                          .ocsp_certificate = ocsp->certificate->der};
    need_ok(authority_add(d, SLICE("admin:test"), &a, &error), &error);
    need(a.id == AUTHORITY, "the authority's number");
    buf_dispose(&policy);
}

static void store_certificate(struct authority_domain *d, const struct made *m)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct certificate_row row;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    need_ok(authority_store_service(d, SLICE("admin:test"), AUTHORITY, SLICE("persona"), m->certificate->der, 0, &arena,
                                    &row, &error),
            &error);
    arena_dispose(&arena);
}

static rfd_status no_audit(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context, (void)event, (void)error;
    return RFD_OK;
}

static void init(const char *algorithm)
{
    static const char *const names[] = {"good", "revoked", "held", "never"};
    struct rfd_error error = RFD_ERROR_INIT;
    struct master m = the_master();
    struct keystore keys;
    struct keeper *keeper = NULL;
    struct keeper_client *client = NULL;
    struct made ca = MAKE(.name = "Emisora de prueba", .extensions = AUTHORITY_EXTENSIONS);
    struct made other = MAKE(.name = "Otra emisora", .extensions = AUTHORITY_EXTENSIONS);
    struct made foreign = MAKE(.name = "De otra", .issuer = &other);
    (void)mkdir(folder, 0755);
    need_ok(keystore_files_init(signer_store(0), &m, &error), &error);
    need_ok(keystore_files_open(signer_store(0), &m, &keys, &error), &error);
    need_ok(keeper_new(&keys, NULL, no_audit, NULL, &keeper, &error), &error);
    need_ok(keeper_client_direct(keeper, &client, &error), &error);
    const struct ask_key ocsp_key = {.name = "ocsp-1",
                                     .purpose = PURPOSE_OCSP,
                                     .algorithm = algorithm,
                                     .policy = {.issuer = ca.certificate->der, .validity = DAY_SECONDS}};
    const struct ask_key tsa_key = {.name = "tsa-1",
                                    .purpose = PURPOSE_TSA,
                                    .algorithm = algorithm,
                                    .policy = {.timestamp_policy = POLICY, .accuracy = 500000}};
    struct made ocsp =
        make_service(client, &ocsp_key, &ca, &(struct make){.name = "OCSP", .extensions = OCSP_EXTENSIONS});
    struct made tsa = make_service(client, &tsa_key, &ca, &(struct make){.name = "TSA", .extensions = TSA_EXTENSIONS});
    keeper_client_free(client);
    keeper_free(keeper);
    copy_store(&keys, signer_count());
    keystore_close(&keys);
    give_away(signer_store(0));
    struct authority_domain d = {.store = open_store()};
    add_authority(&d, &ca, &ocsp);
    write_certificate("ca.pem", ca.x509);
    write_key("ca.key", ca.key);
    write_certificate("ocsp.pem", ocsp.x509);
    write_certificate("tsa.pem", tsa.x509);
    write_certificate("other.pem", other.x509);
    write_certificate("foreign.pem", foreign.x509);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[32];
        struct made c = MAKE(.name = names[i], .issuer = &ca);
        (void)snprintf(file, sizeof file, "%s.pem", names[i]);
        write_certificate(file, c.x509);
        if (strcmp(names[i], "never") != 0) store_certificate(&d, &c);
        made_free(&c);
    }
    struct made *const all[] = {&ca, &other, &foreign, &ocsp, &tsa};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) made_free(all[i]);
    master_dispose(&m);
    store_close(d.store);
}

/* ---- Changes ---- */

static const struct certificate *read_certificate(const char *path)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const struct certificate *c = NULL;
    unsigned char *der = NULL;
    FILE *file = fopen(path, "rb");
    X509 *x509 = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    int length = x509 == NULL ? -1 : i2d_X509(x509, &der);
    need(length > 0, path);
    need_ok(certificate_parse(slice_of(der, (size_t)length), &c, &error), &error);
    OPENSSL_free(der);
    X509_free(x509);
    (void)fclose(file);
    return c;
}

static void change(const char *what, const char *path, const char *reason)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct authority_domain d = {.store = open_store()};
    const struct certificate *c = read_certificate(path);
    const struct authority_change order = {.actor = SLICE("agent:test"),
                                           .authority = AUTHORITY,
                                           .serial = c->serial,
                                           .reason = reason == NULL ? 0 : (int)number_of(reason, 10),
                                           .invalid_since = RFD_TIME_NONE};
    rfd_status status = RFD_E_ARGUMENT;
    if (strcmp(what, "revoke") == 0) status = authority_revoke(&d, &order, &error);
    if (strcmp(what, "hold") == 0) status = authority_hold(&d, &order, &error);
    if (strcmp(what, "release") == 0) status = authority_release(&d, &order, &error);
    need_ok(status, &error);
    certificate_unref(c);
    store_close(d.store);
}

/* ---- A list ---- */

struct entries {
    uint64_t next, count;
    rfd_time now;
    uint8_t serial[17];
};

static void set_serial(uint8_t serial[17], uint64_t i, uint64_t of)
{
    uint64_t spread = i * (UINT64_MAX / (of == 0 ? 1 : of));
    uint64_t mixed = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    mixed ^= mixed >> 29;
    serial[0] = 1;
    for (unsigned b = 0; b < 8; b++) {
        serial[1 + b] = (uint8_t)(spread >> (56 - 8 * b));
        serial[9 + b] = (uint8_t)(mixed >> (56 - 8 * b));
    }
}

static rfd_status next_entry(void *context, struct crl_writer_entry *entry, bool *more, struct rfd_error *error)
{
    struct entries *e = context;
    (void)error;
    *more = e->next < e->count;
    if (!*more) return RFD_OK;
    set_serial(e->serial, e->next++, e->count);
    *entry = (struct crl_writer_entry){.serial = slice_of(e->serial, sizeof e->serial),
                                       .revoked_at = e->now,
                                       .reason = 4,
                                       .invalid_since = RFD_TIME_NONE};
    return RFD_OK;
}

struct new_list {
    struct buf der;
    uint8_t number[20];
    rfd_time this_update, next_update;
};

static rfd_status insert_list(struct transaction *t, void *context, struct rfd_error *error)
{
    enum { PIECE = 1 << 20 };
    const struct new_list *list = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer(AUTHORITY),
                                         store_integer(0),
                                         store_boolean(false),
                                         store_bytes(slice_of(list->number, sizeof list->number)),
                                         store_integer(list->this_update),
                                         store_integer(list->next_update),
                                         store_integer(0),
                                         store_integer((int64_t)list->der.length),
                                         store_boolean(true)};
    TRY(store_run(t,
                  "INSERT INTO crl(authority, part, delta, number, this_update, next_update, change, size, whole) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
                  values, 9, &rows, error));
    int64_t id = store_cell(&rows, 0, 0)->integer;
    for (size_t at = 0; at < list->der.length; at += PIECE) {
        const struct store_value piece[] = {store_integer(id), store_integer((int64_t)(at / PIECE)),
                                            store_bytes(slice_part(buf_slice(&list->der), at, PIECE))};
        TRY(store_run(t, "INSERT INTO crl_piece(crl, position, bytes) VALUES ($1, $2, $3)", piece, 3, NULL, error));
    }
    return RFD_OK;
}

static rfd_status sign_list(void *context, const struct signature_algorithm *a, slice message, slice digest,
                            struct buf *signature, struct rfd_error *error)
{
    size_t length = 256;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(context, NULL);
    (void)a, (void)message, (void)error;
    uint8_t *to = buf_reserve(signature, length);
    need(c != NULL && to != NULL && EVP_PKEY_sign_init(c) == 1 &&
             EVP_PKEY_sign(c, to, &length, digest.data, digest.length) == 1,
         "signature");
    signature->length += length;
    EVP_PKEY_CTX_free(c);
    return RFD_OK;
}

static void add_list(uint64_t number, uint64_t entries, uint64_t seconds)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_time now = clock_now() / RFD_SECOND * RFD_SECOND;
    struct new_list list = {.this_update = now - 60 * RFD_SECOND, .next_update = now + (rfd_time)seconds * RFD_SECOND};
    struct entries e = {.count = entries, .now = now};
    const struct certificate *ca = read_certificate(in_folder("ca.pem"));
    FILE *file = fopen(in_folder("ca.key"), "rb");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    struct authority_signer signer = {.certificate = ca, .sign = sign_list, .context = key};
    need(key != NULL, "ca.key");
    need_ok(signature_algorithm_choose(ca, DIGEST_SHA256, false, &signer.algorithm, &error), &error);
    for (int i = 0; i < 8; i++) list.number[12 + i] = (uint8_t)(number >> (56 - 8 * i));
    buf_init(&list.der, CRL_WRITER_BYTES_MAXIMUM);
    slice magnitude = slice_of(list.number, sizeof list.number);
    while (magnitude.length > 1 && magnitude.data[0] == 0) magnitude = slice_from(magnitude, 1);
    const struct crl_plan plan = {.number = magnitude,
                                  .this_update = list.this_update,
                                  .next_update = list.next_update,
                                  .expired_since = RFD_TIME_NONE};
    const struct crl_source source = {next_entry, &e};
    const struct crl_target target = {crl_write_to_buf, &list.der};
    struct crl_summary summary;
    need_ok(crl_write(&signer, &plan, &source, &target, &summary, &error), &error);
    struct store *store = open_store();
    need_ok(store_write(store, insert_list, &list, &error), &error);
    store_close(store);
    buf_dispose(&list.der);
    EVP_PKEY_free(key);
    certificate_unref(ca);
    (void)fclose(file);
}

/* ---- Many certificates ---- */

struct filling {
    uint64_t from, to, of;
};

static rfd_status insert_rows(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct filling *f = context;
    uint8_t serial[17];
    for (uint64_t i = f->from; i < f->to; i++) {
        set_serial(serial, i, f->of);
        const struct store_value values[] = {store_bytes(slice_of(serial, sizeof serial)), store_integer(AUTHORITY),
                                             store_integer((int64_t)i + 1000), store_integer(CERTIFICATE_VALID),
                                             store_integer(0)};
        TRY(store_run(t,
                      "INSERT INTO certificate_status(serial, authority, certificate, state, part) "
                      "VALUES ($1, $2, $3, $4, $5)",
                      values, 5, NULL, error));
    }
    return RFD_OK;
}

static void fill(uint64_t count)
{
    enum { BATCH = 50000 };
    struct rfd_error error = RFD_ERROR_INIT;
    struct store *store = open_store();
    for (uint64_t i = 0; i < count; i += BATCH) {
        struct filling f = {i, i + BATCH < count ? i + BATCH : count, count};
        need_ok(store_write(store, insert_rows, &f, &error), &error);
    }
    store_close(store);
}

static void look(uint64_t count, uint64_t of)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct store *store = open_store();
    struct responder_record record;
    uint8_t serial[17];
    uint64_t random = 1;
    rfd_time began = 0;
    for (uint64_t i = 0; i < 2 * count; i++) {
        if (i == count) began = clock_spent(); /* the first half warms up */
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        set_serial(serial, (random >> 20) % of, of);
        need_ok(authority_look_up(store, AUTHORITY, slice_of(serial, sizeof serial), &record, &error), &error);
        need(record.state == RESPONDER_GOOD, "a certificate is missing");
    }
    printf("%.2f\n", (double)(clock_spent() - began) / (double)count);
    store_close(store);
}

/** With a nonce of 32 zeros at the end when WORLD_NONCE is set. */
static void requests(uint64_t count, uint64_t of)
{
    static const uint8_t nonce[32];
    struct rfd_error error = RFD_ERROR_INIT;
    const struct certificate *ca = read_certificate(in_folder("ca.pem"));
    bool with_nonce = getenv("WORLD_NONCE") != NULL;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t serial[17];
        uint8_t text[2048];
        struct buf b;
        set_serial(serial, i * (of / count), of);
        struct certificate subject = *ca;
        subject.serial = slice_of(serial, sizeof serial);
        buf_init(&b, sizeof text / 2);
        need_ok(ocsp_put_request(&b, &subject, ca, with_nonce ? slice_of(nonce, 32) : SLICE_EMPTY, &error), &error);
        number_to_hex(buf_slice(&b), false, text);
        need(fwrite(text, 1, 2 * b.length, stdout) == 2 * b.length && putchar('\n') == '\n', "output");
        buf_dispose(&b);
    }
    certificate_unref(ca);
}

/* ---- run ---- */

static void write_number(const char *name, long number)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s.%ld", in_folder(name), (long)getpid());
    FILE *file = fopen(path, "wb");
    need(file != NULL && fprintf(file, "%ld\n", number) > 0 && fclose(file) == 0, name);
    need(rename(path, in_folder(name)) == 0, name);
}

static int run_signer(struct supervised *self)
{
    char name[32];
    struct keeper_process_options options = {
        .store = signer_store(self->index), .master = the_master(), .audit = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    (void)snprintf(name, sizeof name, "signer-%u.pid", self->index);
    write_number(name, (long)getpid());
    self->context = &options;
    return keeper_process_run(self);
}

static struct settings the_settings(void)
{
    const char *clock = getenv("WORLD_CLOCK");
    return (struct settings){.status = {.memory_megabytes = 512,
                                        .ocsp_hours = 24,
                                        .extended_revoke = getenv("WORLD_EXTENDED_REVOKE") != NULL,
                                        .tsa_key = "tsa-1",
                                        .clock = clock == NULL ? "unchecked" : clock,
                                        .clock_bound_ms = 500}};
}

static struct http_listener *listen_for(struct status_service *service, struct http_router **router)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct http_listener *listener = NULL;
    const char *address = getenv("WORLD_LISTEN");
    const char *threads = getenv("WORLD_THREADS");
    if (address == NULL) address = "127.0.0.1:0";
    size_t count;
    const struct http_route *routes = status_routes(&count);
    need_ok(http_router_new(routes, count, router, &error), &error);
    const struct http_options options = {.addresses = &address,
                                         .address_count = 1,
                                         .router = *router,
                                         .context = service,
                                         .connections_per_network = 2048,
                                         .threads = threads == NULL ? 0 : (unsigned)number_of(threads, 64)};
    need_ok(http_listener_start(&options, &listener, &error), &error);
    write_number("port", http_listener_port(listener, 0));
    return listener;
}

/** Until the supervisor is gone: takes the ways to signers that it brings. */
static void serve(struct supervised *self, struct keeper_client *signers)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct message m;
    for (;;) {
        struct pollfd p = {.fd = channel_descriptor(self->control), .events = POLLIN};
        if (poll(&p, 1, -1) < 0 || channel_receive(self->control, NULL) != RFD_OK) return;
        while (channel_next(self->control, &m)) {
            struct supervised_news news;
            need_ok(supervised_read(&m, &news, &error), &error);
            need_ok(keeper_client_connect(signers, news.index, news.descriptor, &error), &error);
        }
    }
}

static int run_status(struct supervised *self)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct settings settings = the_settings();
    struct keeper_client *signers = NULL;
    struct status_service *service = NULL;
    struct http_router *router = NULL;
    int log = open(in_folder("log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log_open(log, LOG_FORMAT_TEXT, LOG_INFO, "status");
    struct store *store = open_store();
    need_ok(keeper_client_new(signer_count(), &signers, &error), &error);
    need_ok(status_new(&settings, store, signers, &service, &error), &error);
    need_ok(status_start(service, &error), &error);
    struct http_listener *listener = listen_for(service, &router);
    write_number("status.pid", (long)getpid());
    need_ok(supervised_ready(self, &error), &error);
    serve(self, signers);
    http_listener_stop(listener, 1);
    status_stop(service);
    keeper_client_free(signers);
    status_free(service);
    http_router_free(router);
    store_close(store);
    return 0;
}

int main(int argc, char **argv)
{
    const struct supervised_role roles[] = {
        {"signer", signer_count(), run_signer, NULL}, {"status", 1, run_status, NULL}, {NULL, 0, NULL, NULL}};
    static const struct supervisor_link links[] = {{"status", "signer"}, {NULL, NULL}};
    struct rfd_error error = RFD_ERROR_INIT;
    folder = getenv("WORLD_FOLDER");
    if (supervised_is_child(argc, argv)) _exit(supervised_main(argc, argv, roles, NULL));
    need(argc >= 3, "usage: status_world init|run|revoke|hold|release|list|fill|look|requests FOLDER ...");
    folder = argv[2];
    (void)setenv("WORLD_FOLDER", folder, 1);
    const char *what = argv[1];
    if (strcmp(what, "init") == 0) {
        init(argc > 3 ? argv[3] : "P-256");
    } else if (strcmp(what, "run") == 0) {
        const struct supervisor_options options = {.roles = roles, .links = links, .pause_first = 300};
        need_ok(supervisor_run(&options, &error), &error);
    } else if (strcmp(what, "list") == 0 && argc > 4) {
        add_list(number_of(argv[3], UINT64_MAX), number_of(argv[4], 100000000),
                 argc > 5 ? number_of(argv[5], UINT32_MAX) : DAY_SECONDS);
    } else if (strcmp(what, "fill") == 0 && argc > 3) {
        fill(number_of(argv[3], UINT32_MAX));
    } else if (strcmp(what, "look") == 0 && argc > 4) {
        look(number_of(argv[3], UINT32_MAX), number_of(argv[4], UINT32_MAX));
    } else if (strcmp(what, "requests") == 0 && argc > 4) {
        requests(number_of(argv[3], UINT32_MAX), number_of(argv[4], UINT32_MAX));
    } else if (argc > 3) {
        change(what, argv[3], argc > 4 ? argv[4] : NULL);
    } else {
        need(false, "unknown command");
    }
    return 0;
}
