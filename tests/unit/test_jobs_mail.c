/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mails as they are written, and on their way: a real mail server (tests/support/smtp_server.py) takes, refuses, delays
 * and hangs up, and the worker's job is killed in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/number.h"
#include "base_support.h"
#include "domain/outbox/outbox.h"
#include "domain_store.h"
#include "jobs/mail.h"
#include "jobs/work.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW ((rfd_time)1795000000 * 1000000)
enum { WAIT = 60000, STEP = 20, TEXT_SIZE = 1 << 16, PATH_SIZE = 512 };

/* ---- The server ---- */

struct smtp {
    pid_t pid;
    char folder[64];
    uint64_t port;
};

static bool wait_for_file(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    for (int i = 0; i < WAIT / STEP; i++) {
        if (file_exists(path)) return true;
        (void)usleep(STEP * 1000);
    }
    return false;
}

static slice file_text(const char *folder, const char *name, char text[TEXT_SIZE])
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, TEXT_SIZE - 1);
    if (fd >= 0) (void)close(fd);
    text[got < 0 ? 0 : got] = '\0';
    return slice_text(text);
}

/** False when there is no python3-aiosmtpd here. */
static bool start_server(struct smtp *s, const char *const *more)
{
    static unsigned number;
    char text[TEXT_SIZE];
    const char *arguments[12] = {SMTP_SERVER, s->folder};
    (void)snprintf(s->folder, sizeof s->folder, "smtp-%u", number++);
    assert_int_equal(mkdir(s->folder, 0700), 0);
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) arguments[2 + i] = more[i];
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        (void)execv(SMTP_SERVER, (char *const *)(uintptr_t)arguments);
        _exit(9);
    }
    for (int i = 0; i < WAIT / STEP; i++) {
        if (number_unsigned(file_text(s->folder, "port", text), 65535, &s->port)) return true;
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid) return false;
        (void)usleep(STEP * 1000);
    }
    fail_msg("the mail server does not start");
    return false;
}

static void stop_server(const struct smtp *s)
{
    (void)kill(s->pid, SIGKILL);
    (void)waitpid(s->pid, NULL, 0);
}

#define NEEDS_SERVER(s, more)                                                                                          \
    do {                                                                                                               \
        if (!start_server(s, more)) skip();                                                                            \
    } while (0)

/* ---- Writing ---- */

static void assert_written(const struct mail *mail, const char *wanted)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    mail_write(mail, &b);
    buf_put_byte(&b, '\0');
    assert_int_equal(buf_status(&b), RFD_OK);
    assert_string_equal((char *)b.data, wanted);
    buf_dispose(&b);
}

#define REST                                                                                                           \
    "Date: Wed, 18 Nov 2026 11:06:40 +0000\r\nMessage-ID: <abc@ca.example>\r\nAuto-Submitted: auto-generated\r\n"      \
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"                                                 \
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"

static void test_mails_are_written(void **state)
{
    (void)state;
    struct mail m = {.from = "ca@ca.example",
                     .to = SLICE("ana@example.pe"),
                     .subject = SLICE("Plain"),
                     .text = SLICE("one\nt\xc3\xb3o =\n.\nFrom here\nend blank \n\ttab\nno end"),
                     .time = NOW,
                     .id = "abc"};
    assert_written(&m, "From: ca@ca.example\r\nTo: ana@example.pe\r\nSubject: Plain\r\n" REST
                       "one\r\nt=C3=B3o =3D\r\n=2E\r\n=46rom here\r\nend blank=20\r\n\ttab\r\nno end\r\n");
    m.subject = SLICE("Su certificado vence ma\xc3\xb1"
                      "ana: ren\xc3\xb3velo, se\xc3\xb1or\xc3\xad"
                      "a \xe2\x82\xac");
    m.text = SLICE("");
    assert_written(&m, "From: ca@ca.example\r\nTo: ana@example.pe\r\n"
                       "Subject: =?UTF-8?B?U3UgY2VydGlmaWNhZG8gdmVuY2UgbWHDsWFuYTogcmVuw7N2ZWxv?=\r\n"
                       " =?UTF-8?B?LCBzZcOxb3LDrWEg4oKs?=\r\n" REST);
}

static void test_lines_stay_short(void **state)
{
    (void)state;
    char text[3000];
    struct buf b;
    for (size_t i = 0; i < sizeof text; i++) text[i] = "a\xc3\xb1 "[i % 4];
    struct mail m = {
        .from = "a@b", .to = SLICE("c@d"), .subject = slice_of(text, 400), .text = slice_of(text, sizeof text)};
    buf_init(&b, 1 << 20);
    mail_write(&m, &b);
    assert_int_equal(buf_status(&b), RFD_OK);
    size_t column = 0;
    for (size_t i = 0; i < b.length; i++) {
        column = b.data[i] == '\n' ? 0 : column + 1;
        assert_true(column <= 77 && b.data[i] < 0x80);
    }
    buf_dispose(&b);
}

/* ---- Sending ---- */

static enum delivery send_to(const struct smtp *s, const char *scheme, const char *host, const char *recipient,
                             const char *user, const char *password, slice authorities)
{
    char address[100];
    struct mail_sender *sender = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)snprintf(address, sizeof address, "%s://%s:%u", scheme, host, (unsigned)s->port);
    const struct mail_server server = {
        .address = address, .user = user, .password = slice_text(password), .authorities = authorities};
    assert_int_equal(mail_sender_new(&server, &sender, NULL), RFD_OK);
    enum delivery result =
        mail_send(sender, "ca@ca.example", slice_text(recipient), SLICE("Subject: x\r\n\r\nhello\r\n"), &error);
    if (result != DELIVERY_SENT) assert_int_equal(error.code, RFD_E_MAIL);
    mail_sender_free(sender);
    return result;
}

static void test_what_servers_say(void **state)
{
    (void)state;
    static const struct {
        const char *recipient;
        enum delivery result;
    } cases[] = {{"ok@x.example", DELIVERY_SENT},
                 {"later@x.example", DELIVERY_LATER},
                 {"never@x.example", DELIVERY_REFUSED},
                 {"heavy@x.example", DELIVERY_REFUSED},
                 {"drop@x.example", DELIVERY_LATER}};
    struct smtp s;
    char text[TEXT_SIZE];
    NEEDS_SERVER(&s, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(send_to(&s, "smtp", "127.0.0.1", cases[i].recipient, "", "", SLICE_EMPTY), cases[i].result);
    assert_true(slice_is(file_text(s.folder, "1.eml", text), "ok@x.example\nSubject: x\r\n\r\nhello\r\n"));
    stop_server(&s);
    assert_int_equal(send_to(&s, "smtp", "127.0.0.1", "ok@x.example", "", "", SLICE_EMPTY), DELIVERY_NO_SERVER);
}

static void test_login(void **state)
{
    (void)state;
    static const char *const more[] = {"--login", "ca", "secret word", NULL};
    struct smtp s;
    NEEDS_SERVER(&s, more);
    assert_int_equal(send_to(&s, "smtp", "127.0.0.1", "ok@x.example", "ca", "secret word", SLICE_EMPTY), DELIVERY_SENT);
    assert_int_equal(send_to(&s, "smtp", "127.0.0.1", "ok@x.example", "ca", "wrong", SLICE_EMPTY), DELIVERY_NO_SERVER);
    assert_int_equal(send_to(&s, "smtp", "127.0.0.1", "ok@x.example", "", "", SLICE_EMPTY), DELIVERY_NO_SERVER);
    stop_server(&s);
}

static int make_certificate(void *context)
{
    (void)context;
    (void)execlp("openssl", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", "tls.key", "-out", "tls.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                 "subjectAltName=DNS:localhost", (char *)NULL);
    return 9;
}

static void test_encrypted(void **state)
{
    (void)state;
    static const char *const more[] = {"--tls", "tls.pem", "tls.key", NULL};
    static const char *const elsewhere[] = {"--host", "127.0.0.2", NULL};
    struct smtp s;
    char text[TEXT_SIZE];
    if (in_child(make_certificate, NULL) != 0) skip();
    NEEDS_SERVER(&s, more);
    slice authority = file_text(".", "tls.pem", text);
    assert_int_equal(send_to(&s, "smtps", "localhost", "ok@x.example", "", "", authority), DELIVERY_SENT);
    assert_int_equal(send_to(&s, "smtps", "localhost", "ok@x.example", "", "", SLICE_EMPTY), DELIVERY_NO_SERVER);
    assert_int_equal(send_to(&s, "smtps", "127.0.0.1", "ok@x.example", "", "", authority), DELIVERY_NO_SERVER);
    stop_server(&s);
    /* Not this machine, as far as anybody can tell, and no STARTTLS: nothing is said in the clear. */
    NEEDS_SERVER(&s, elsewhere);
    assert_int_equal(send_to(&s, "smtp", "127.0.0.2", "ok@x.example", "", "", SLICE_EMPTY), DELIVERY_NO_SERVER);
    stop_server(&s);
}

/* ---- The job ---- */

static rfd_status put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    return outbox_put_mail(t, context, error);
}

static void put(struct store *store, const char *to, const char *identity)
{
    struct outbox_mail mail = {
        .to = slice_text(to), .subject = SLICE("Aviso"), .text = SLICE("Texto\n"), .identity = slice_text(identity)};
    assert_int_equal(store_write(store, put_work, &mail, NULL), RFD_OK);
}

static void assert_counts(struct store *store, uint64_t waiting, uint64_t sent, uint64_t given_up)
{
    struct outbox_counts counts;
    assert_int_equal(outbox_count(store, &counts, NULL), RFD_OK);
    assert_int_equal(counts.waiting, waiting);
    assert_int_equal(counts.sent, sent);
    assert_int_equal(counts.given_up, given_up);
}

static rfd_status run_job(struct store *store, const struct smtp *s)
{
    static char address[64];
    static struct settings settings;
    struct jobs jobs = {.settings = &settings, .authority = {.store = store}};
    (void)snprintf(address, sizeof address, "smtp://127.0.0.1:%u", (unsigned)s->port);
    settings = (struct settings){.mail = {.server = address, .user = "", .from = "ca@ca.example"}};
    return job_mail(&jobs, NULL);
}

static void test_outbox_is_emptied(void **state)
{
    struct store *store = domain_store_of(state);
    struct smtp s;
    char id[16];
    NEEDS_SERVER(&s, NULL);
    clock_fix(NOW);
    for (unsigned i = 0; i < 10; i++) {
        (void)snprintf(id, sizeof id, "m%u", i);
        put(store, "ok@x.example", id);
    }
    put(store, "later@x.example", "l");
    put(store, "never@x.example", "n");
    put(store, "drop@x.example", "d");
    put(store, "ok@x.example", "m3"); /* the same identity: once */
    assert_int_equal(run_job(store, &s), RFD_OK);
    assert_counts(store, 2, 10, 1);
    clock_fix(NOW + 61 * RFD_SECOND); /* both are tried again a minute later */
    assert_int_equal(run_job(store, &s), RFD_OK);
    assert_counts(store, 2, 10, 1);
    stop_server(&s);
    clock_fix(RFD_TIME_NONE);
}

/** Nobody there for a long time: no attempt is counted, and all is sent when the server is back. */
static void test_no_server(void **state)
{
    struct store *store = domain_store_of(state);
    struct smtp s = {.port = 1};
    clock_fix(NOW);
    for (unsigned i = 0; i < 20; i++) {
        if (i < 6) put(store, "ok@x.example", (char[]){(char)('a' + i), '\0'});
        assert_int_equal(run_job(store, &s), RFD_E_MAIL);
    }
    assert_counts(store, 6, 0, 0);
    NEEDS_SERVER(&s, NULL);
    assert_int_equal(run_job(store, &s), RFD_OK);
    assert_counts(store, 0, 6, 0);
    stop_server(&s);
    clock_fix(RFD_TIME_NONE);
}

static void copy_id(const struct smtp *s, const char *name, char id[80])
{
    char text[TEXT_SIZE];
    (void)file_text(s->folder, name, text);
    const char *found = strstr(text, "Message-ID: ");
    assert_non_null(found);
    (void)snprintf(id, 80, "%.*s", (int)strcspn(found, "\r"), found);
}

/** Killed while the server has a mail and has not said that it took it. */
static void test_killed_in_the_middle(void **state)
{
    const struct domain_store *d = *state;
    struct store *store = domain_store_of(state);
    struct smtp s;
    int how;
    char first[80];
    char second[80];
    NEEDS_SERVER(&s, NULL);
    clock_fix(NOW);
    put(store, "ok@x.example", "one");
    put(store, "stall@x.example", "two");
    put(store, "ok@x.example", "three");
    pid_t worker = fork();
    assert_true(worker >= 0);
    if (worker == 0) {
        struct store *own = NULL;
        const struct store_options options = {.address = d->address};
        if (store_open(&options, &own, NULL) == RFD_OK) (void)run_job(own, &s);
        _exit(8);
    }
    assert_true(wait_for_file(s.folder, "stalled"));
    assert_int_equal(kill(worker, SIGKILL), 0);
    assert_int_equal(waitpid(worker, &how, 0), worker);
    assert_counts(store, 2, 1, 0);
    assert_int_equal(run_job(store, &s), RFD_OK); /* they are still held */
    assert_counts(store, 2, 1, 0);
    assert_int_equal(domain_store_run(store, "UPDATE outbox SET recipient = 'ok@x.example' WHERE state = 1"), 2);
    clock_fix(NOW + 301 * RFD_SECOND);
    assert_int_equal(run_job(store, &s), RFD_OK);
    assert_counts(store, 0, 3, 0);
    copy_id(&s, "2.eml", first);
    copy_id(&s, "3.eml", second);
    assert_string_not_equal(first, second);
    stop_server(&s);
    clock_fix(RFD_TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mails_are_written), cmocka_unit_test(test_lines_stay_short),
        cmocka_unit_test(test_what_servers_say),  cmocka_unit_test(test_login),
        cmocka_unit_test(test_encrypted),         ON_BOTH_STORES(test_outbox_is_emptied),
        ON_BOTH_STORES(test_no_server),           ON_BOTH_STORES(test_killed_in_the_middle),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
