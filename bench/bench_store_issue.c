/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the register costs: certificates issued by many threads into one database, from none on, with a keeper that
 * signs nothing (linked in place of the real one: --wrap=keeper_client_ask). Rows, approvals and certificates have the
 * shape and size of real ones.
 *
 *   bench_store_issue sqlite:FILE|postgresql://... [certificates] [threads] [report every]
 *
 * Prints for each stretch: certificates there are, certificates a second, microseconds of processor for each (system's
 * share in brackets), kilobytes written for each, and the speed against the first stretch.
 */
#include "base/error.h"
#include "base/number.h"
#include "domain/authority/authority.h"
#include "domain/schema.h"
#include "keeper/approval.h"
#include "pki/digest.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum { THREADS_MAXIMUM = 512, SERIAL_SIZE = 20, KEY_POINT = 65, ID_DIGITS = 8 };
#define SERIAL_MARK "\x11\x22\x33\x44THE-SERIAL-MARK-\x55"
#define ID_MARK     "IDCPE-00000000"
#define KEY_MARK    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NUMBER_MARK "request-000000000"

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                               \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

rfd_status __wrap_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error);

/* --- Templates ---------------------------------------------------------------------------------------------------- */

struct template
{
    uint8_t bytes[8192];
    size_t length;
};
static struct template certificate_template, approval_template, spki_template;
static size_t serial_at, spki_at, id_at, approval_id_at, approval_key_at, approval_number_at, point_at;

static size_t find(const struct template *t, const void *mark, size_t length)
{
    const uint8_t *at = memmem(t->bytes, t->length, mark, length);
    NEED(at != NULL);
    return (size_t)(at - t->bytes);
}

static void add_extension(X509 *x, const char *name, const char *value)
{
    X509V3_CTX context;
    CONF *none = NCONF_new(NULL);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509V3_set_nconf(&context, none);
    X509_EXTENSION *e = X509V3_EXT_nconf(none, &context, name, value);
    NEED(e != NULL && X509_add_ext(x, e, -1) == 1);
    X509_EXTENSION_free(e);
    NCONF_free(none);
}

static X509 *make_certificate(EVP_PKEY *key)
{
    static const char *const names[][2] = {{"C", "PE"},
                                           {"SN", "QUISPE MAMANI"},
                                           {"GN", "ANA MARIA"},
                                           {"CN", "ANA MARIA QUISPE MAMANI"},
                                           {"serialNumber", ID_MARK}};
    X509 *x = X509_new();
    X509_NAME *subject = X509_NAME_new();
    BIGNUM *number = BN_bin2bn((const unsigned char *)SERIAL_MARK, SERIAL_SIZE, NULL);
    NEED(x != NULL && subject != NULL && number != NULL && X509_set_version(x, X509_VERSION_3) == 1);
    NEED(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        NEED(X509_NAME_add_entry_by_txt(subject, names[i][0], MBSTRING_UTF8, (const unsigned char *)names[i][1], -1, -1,
                                        0) == 1);
    NEED(X509_set_subject_name(x, subject) == 1 && X509_set_issuer_name(x, subject) == 1);
    NEED(X509_set_pubkey(x, key) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(x), 2 * 365 * 86400L) != NULL);
    add_extension(x, "keyUsage", "critical,nonRepudiation");
    add_extension(x, "subjectKeyIdentifier", "hash");
    add_extension(x, "authorityInfoAccess",
                  "OCSP;URI:http://ocsp.firma.example/emisora-1,caIssuers;URI:http://aia.firma.example/emisora-1.cer");
    add_extension(x, "crlDistributionPoints", "URI:http://crl.firma.example/emisora-1-17.crl");
    add_extension(x, "certificatePolicies", "1.3.6.1.4.1.99999.1.2.3.4,2.5.29.32.0");
    add_extension(x, "subjectAltName", "email:ana.maria.quispe@municipio.example");
    add_extension(x, "nsComment",
                  "DER:30:82:01:00:" /* as long as a real one's statements */
                  "04:81:fd:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00");
    NEED(X509_sign(x, key, EVP_sha256()) > 0);
    X509_NAME_free(subject);
    BN_free(number);
    return x;
}

static void make_templates(void)
{
    static const char text[] =
        "Refrenda approval 1\nauthority: " KEY_MARK "\nprofile: pe-natural-person\nrequest: " NUMBER_MARK "\nkey: "
        "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
        "\nsubject: c=PE\nsubject: sn=QUISPE MAMANI\nsubject: givenName=ANA MARIA\nsubject: "
        "cn=ANA MARIA QUISPE MAMANI\nsubject: serialNumber=" ID_MARK
        "\nmail: ana.maria.quispe@municipio.example\nmobile: +51999000111\ntime: "
        "2026-11-22T01:02:03Z\n";
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *x = make_certificate(key);
    BIO *content = BIO_new_mem_buf(text, sizeof text - 1);
    CMS_ContentInfo *cms = CMS_sign(x, key, NULL, content, CMS_BINARY | CMS_NOCERTS);
    NEED(cms != NULL);
    uint8_t *at = certificate_template.bytes;
    certificate_template.length = (size_t)i2d_X509(x, &at);
    at = approval_template.bytes;
    approval_template.length = (size_t)i2d_CMS_ContentInfo(cms, &at);
    at = spki_template.bytes;
    spki_template.length = (size_t)i2d_PUBKEY(key, &at);
    serial_at = find(&certificate_template, SERIAL_MARK, SERIAL_SIZE);
    spki_at = find(&certificate_template, spki_template.bytes, spki_template.length);
    id_at = find(&certificate_template, ID_MARK, strlen(ID_MARK));
    uint8_t *last = memmem(certificate_template.bytes + id_at + 1, certificate_template.length - id_at - 1, ID_MARK,
                           strlen(ID_MARK));
    NEED(last != NULL); /* the first is the issuer's */
    id_at = (size_t)(last - certificate_template.bytes) + strlen("IDCPE-");
    approval_id_at = find(&approval_template, ID_MARK, strlen(ID_MARK)) + strlen("IDCPE-");
    approval_key_at = find(&approval_template, "key: ff", 7) + 5;
    approval_number_at = find(&approval_template, NUMBER_MARK, strlen(NUMBER_MARK)) + strlen("request-");
    point_at = spki_template.length - KEY_POINT + 1;
    CMS_ContentInfo_free(cms);
    BIO_free(content);
    X509_free(x);
    EVP_PKEY_free(key);
}

/* --- Threads ------------------------------------------------------------------------------------------------------ */

static struct authority_domain domain;
static int64_t authority_id;
static atomic_ulong issued, next_number;
static unsigned long wanted;

/** As the keeper's: the authority's octet, three of the time, chance. */
static void make_serial(uint8_t serial[SERIAL_SIZE])
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    uint64_t time = ((uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000) >> 16;
    NEED(RAND_bytes(serial, SERIAL_SIZE) == 1);
    serial[0] = 1;
    for (unsigned n = 0; n < 3; n++) serial[3 - n] = (uint8_t)(time >> (8 * n));
}

/** Signs nothing: a certificate of the key and the approval that it is given. */
rfd_status __wrap_keeper_client_ask(struct keeper_client *client, enum keeper_operation operation, slice body,
                                    int descriptor, unsigned milliseconds, struct keeper_reply *reply,
                                    struct rfd_error *error)
{
    (void)client, (void)operation, (void)descriptor, (void)milliseconds;
    struct message_reader r = message_read(body);
    uint8_t bytes[8192], serial[SERIAL_SIZE];
    (void)message_get_text(&r, 100);
    slice spki = message_get_bytes(&r, 1000);
    (void)message_get_u32(&r);
    slice approval = message_get_bytes(&r, 100000);
    make_serial(serial);
    NEED(!r.failed);
    memcpy(bytes, certificate_template.bytes, certificate_template.length);
    memcpy(bytes + serial_at, serial, sizeof serial);
    memcpy(bytes + spki_at, spki.data, spki.length);
    memcpy(bytes + id_at, approval.data + approval_id_at, ID_DIGITS);
    buf_init(&reply->memory, 16384);
    message_put_bytes(&reply->memory, slice_of(bytes, certificate_template.length));
    message_put_bytes(&reply->memory, slice_of(serial, sizeof serial));
    message_put_u32(&reply->memory, serial[SERIAL_SIZE - 1] % 16);
    message_put_i64(&reply->memory, (int64_t)time(NULL) * 1000000);
    message_put_u8(&reply->memory, 0);
    TRY(buf_check(&reply->memory, "answer", error));
    reply->fields = message_read(buf_slice(&reply->memory));
    return RFD_OK;
}

static void issue_one(unsigned long number)
{
    uint8_t spki[512], approval[8192], random[KEY_POINT - 1];
    char key[37];
    struct arena a;
    struct certificate_row row;
    struct rfd_error error = RFD_ERROR_INIT;
    bool again;
    NEED(RAND_bytes(random, sizeof random) == 1);
    memcpy(spki, spki_template.bytes, spki_template.length);
    memcpy(spki + point_at, random, sizeof random);
    memcpy(approval, approval_template.bytes, approval_template.length);
    (void)snprintf(key, sizeof key, "%08lu", (number * 2654435761UL) % 100000000UL);
    memcpy(approval + approval_id_at, key, ID_DIGITS);
    (void)snprintf(key, sizeof key, "%09lu", number);
    memcpy(approval + approval_number_at, key, 9);
    (void)snprintf(key, sizeof key, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%08lx", random[0], random[1], random[2],
                   random[3], random[4], random[5], random[6], random[7], number);
    slice signed_data = slice_of(approval, approval_template.length);
    struct authority_issue order = {.actor = SLICE("client:municipio"),
                                    .client = SLICE("municipio"),
                                    .idempotency = slice_text(key),
                                    .authority = authority_id,
                                    .spki = slice_of(spki, spki_template.length),
                                    .approvals = &signed_data,
                                    .approval_count = 1};
    arena_init(&a, 1 << 20);
    rfd_status status = authority_issue(&domain, &order, &a, &row, &again, &error);
    if (status != RFD_OK) (void)fprintf(stderr, "%s: %s\n", rfd_status_name(status), error.detail);
    NEED(status == RFD_OK && !again);
    arena_dispose(&a);
}

static void *issue_many(void *unused)
{
    (void)unused;
    for (unsigned long n; (n = atomic_fetch_add(&next_number, 1)) < wanted;) {
        issue_one(n);
        atomic_fetch_add(&issued, 1);
    }
    return NULL;
}

/* --- Reporting ---------------------------------------------------------------------------------------------------- */

struct moment {
    double wall, own, kernel, written;
    unsigned long issued;
};

static double of_timeval(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/** By system calls, to the log and to the tables. */
static double octets_written(void)
{
    double written = 0;
    char line[64];
    FILE *file = fopen("/proc/self/io", "r");
    NEED(file != NULL);
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "wchar: %lf", &written) != 1) continue;
    (void)fclose(file);
    return written;
}

static struct moment now(void)
{
    struct timespec t;
    struct rusage usage;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    (void)getrusage(RUSAGE_SELF, &usage);
    return (struct moment){(double)t.tv_sec + (double)t.tv_nsec / 1e9, of_timeval(usage.ru_utime),
                           of_timeval(usage.ru_stime), octets_written(), atomic_load(&issued)};
}

static void watch(unsigned long every)
{
    double first = 0;
    struct moment last = now();
    for (;;) {
        struct timespec pause = {0, 20000000};
        (void)nanosleep(&pause, NULL);
        struct moment m = now();
        if (m.issued < last.issued + every && m.issued < wanted) continue;
        double count = (double)(m.issued - last.issued);
        double speed = count / (m.wall - last.wall);
        if (first == 0) first = speed;
        (void)printf("%9lu %8.0f/s %6.1f us (%.1f) %5.1f KB %.2f\n", m.issued, speed,
                     (m.own + m.kernel - last.own - last.kernel) / count * 1e6, (m.kernel - last.kernel) / count * 1e6,
                     (m.written - last.written) / count / 1e3, speed / first);
        (void)fflush(stdout);
        last = m;
        if (m.issued >= wanted) return;
    }
}

static rfd_status add_authority(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    struct store_rows rows;
    struct store_value none = store_bytes(SLICE("00000000000000000000"));
    TRY(store_run(
        t,
        "INSERT INTO authority(name, certificate, key_name, policy, ocsp_key, ocsp_certificate, crl_floor, "
        "journal_position, journal_serial, not_before) VALUES ('emisora-1', $1, 'emisora-1', $1, '', $1, $1, 0, $1, "
        "0) ON CONFLICT (name) DO "
        "UPDATE SET journal_position = 0 RETURNING id",
        &none, 1, &rows, error));
    authority_id = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS_MAXIMUM];
    uint64_t certificates = 100000, count = 64, every = 100000;
    struct rfd_error error = RFD_ERROR_INIT;
    NEED(argc > 1);
    NEED(argc < 3 || number_unsigned(slice_text(argv[2]), 100000000, &certificates));
    NEED(argc < 4 || number_unsigned(slice_text(argv[3]), THREADS_MAXIMUM, &count));
    NEED(argc < 5 || number_unsigned(slice_text(argv[4]), 100000000, &every));
    wanted = certificates;
    make_templates();
    struct store_options options = {.address = argv[1], .connections = strncmp(argv[1], "sqlite", 6) == 0 ? 4 : 64};
    rfd_status status = domain_open_store(&options, &domain.store, &error);
    if (status == RFD_OK) status = store_write(domain.store, add_authority, NULL, &error);
    if (status != RFD_OK) (void)fprintf(stderr, "%s: %s\n", rfd_status_name(status), error.detail);
    NEED(status == RFD_OK);
    domain.keeper = (struct keeper_client *)&domain; /* never looked at */
    for (uint64_t i = 0; i < count; i++) NEED(pthread_create(&threads[i], NULL, issue_many, NULL) == 0);
    watch(every);
    for (uint64_t i = 0; i < count; i++) (void)pthread_join(threads[i], NULL);
    store_close(domain.store);
    return 0;
}
