/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base_support.h"
#include "settings/settings.h"

#include <stdio.h>
#include <unistd.h>

#define FILE_NAME "refrenda.yaml"

static struct settings *read_good(const char *text)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct settings *s = NULL;
    file_write(FILE_NAME, slice_text(text));
    if (settings_read(FILE_NAME, &s, &error) != RFD_OK) fail_msg("%s: %s", rfd_status_name(error.code), error.detail);
    return s;
}

/** The whole of the error: detail and causes. */
static void refuses(const char *text, const char *because)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct settings *s = NULL;
    char all[1200];
    file_write(FILE_NAME, slice_text(text));
    assert_int_equal(settings_read(FILE_NAME, &s, &error), RFD_E_SETTINGS);
    assert_null(s);
    (void)snprintf(all, sizeof all, "%s %s", error.detail, error.cause_count > 0 ? error.causes[0].detail : "");
    if (strstr(all, because) == NULL) fail_msg("\"%s\" is not in: %s", because, all);
}

static void is_in_folder(const char *path, const char *rest)
{
    char folder[512];
    char wanted[1024];
    assert_non_null(getcwd(folder, sizeof folder));
    (void)snprintf(wanted, sizeof wanted, "%s%s", folder, rest);
    assert_string_equal(path, wanted);
}

static void test_standard_values(void **state)
{
    (void)state;
    struct settings *s = read_good("");
    is_in_folder(s->home, "");
    assert_true(strncmp(s->database, "sqlite:/", 8) == 0);
    is_in_folder(s->database + 7, "/data/refrenda.db");
    is_in_folder(s->keys.folder, "/keys");
    assert_string_equal(s->packs, "/usr/share/refrenda/packs");
    assert_string_equal(s->user, "");
    assert_int_equal(s->keys.signers, 0);
    assert_string_equal(s->keys.seal_key, "seal");
    assert_string_equal(s->keys.log_key, "log");
    assert_int_equal(s->status.memory_megabytes, 256);
    assert_int_equal(s->status.ocsp_hours, 24);
    assert_string_equal(s->status.clock, "adjtimex");
    assert_int_equal(s->status.clock_bound_ms, 500);
    assert_false(s->status.extended_revoke);
    assert_int_equal(s->status.listen.count, 0);
    assert_int_equal(s->authority.crl_hours, 24);
    assert_int_equal(s->authority.overlap_hours, 12);
    assert_string_equal(s->log.format, "json");
    assert_string_equal(s->mail.server, "");
    settings_free(s);
    settings_free(read_good("# nothing but a comment\n"));
}

static void test_everything_is_read(void **state)
{
    (void)state;
    struct settings *s =
        read_good("database: postgresql://ca@db/ca\n"
                  "packs: mine/packs\n"
                  "user: refrenda\n"
                  "keys:\n"
                  "  folder: /var/keys\n"
                  "  credential: master\n"
                  "  signers: 3\n"
                  "  tokens:\n"
                  "    - {name: hsm, module: /usr/lib/m.so, token: CA, pin_file: pins/ca, network: true}\n"
                  "    - name: second\n"
                  "      module: m2.so\n"
                  "      token: Zwei\n"
                  "      pin_file: pin\n"
                  "status:\n"
                  "  listen: [ '192.0.2.1:80', 'unix:run/s.sock' ]\n"
                  "  url: http://ca.example\n"
                  "  extended_revoke: true\n"
                  "  clock: chrony\n"
                  "  proxies:\n"
                  "    - 10.0.0.0/8\n"
                  "mail:\n"
                  "  server: smtps://mail.example:465\n"
                  "  from: ca@example\n"
                  "log:\n"
                  "  level: debug\n");
    assert_string_equal(s->database, "postgresql://ca@db/ca");
    is_in_folder(s->packs, "/mine/packs");
    assert_string_equal(s->user, "refrenda");
    assert_string_equal(s->keys.folder, "/var/keys");
    assert_string_equal(s->keys.credential, "master");
    assert_int_equal(s->keys.signers, 3);
    assert_int_equal(s->keys.token_count, 2);
    assert_string_equal(s->keys.tokens[0].name, "hsm");
    assert_string_equal(s->keys.tokens[0].module, "/usr/lib/m.so");
    is_in_folder(s->keys.tokens[0].pin_file, "/pins/ca");
    assert_true(s->keys.tokens[0].network);
    is_in_folder(s->keys.tokens[1].module, "/m2.so");
    assert_string_equal(s->keys.tokens[1].token, "Zwei");
    assert_string_equal(s->keys.tokens[1].pin_file, "pin");
    assert_false(s->keys.tokens[1].network);
    assert_int_equal(s->status.listen.count, 2);
    assert_string_equal(s->status.listen.items[0], "192.0.2.1:80");
    assert_true(strncmp(s->status.listen.items[1], "unix:/", 6) == 0);
    is_in_folder(s->status.listen.items[1] + 5, "/run/s.sock");
    assert_true(s->status.extended_revoke);
    assert_string_equal(s->status.clock, "chrony");
    assert_string_equal(s->status.proxies.items[0], "10.0.0.0/8");
    assert_string_equal(s->log.level, "debug");
    settings_free(s);
}

static void test_pages(void **state)
{
    (void)state;
    struct settings *s =
        read_good("database: postgresql://db\nweb:\n  listen: ['127.0.0.1:8080', 'unix:run/web.sock']\n"
                  "  url: https://firma.example:8443\n  certificate: tls.pem\n  key: tls.key\n"
                  "  certificate_listen: ['127.0.0.1:8444']\n  clients: ca.pem\n  processes: 2\n"
                  "  proxies: ['10.0.0.0/8']\nsms:\n  gateway: http://127.0.0.1:13013/x\n");
    assert_int_equal(s->web.listen.count, 2);
    is_in_folder(s->web.blobs, "/data/blobs");
    is_in_folder(s->web.certificate, "/tls.pem");
    assert_int_equal(s->web.processes, 2);
    assert_int_equal(s->web.argon_kib, 19456);
    assert_int_equal(s->web.idle_minutes, 30);
    assert_int_equal(s->web.session_hours, 12);
    assert_string_equal(s->web.zone, "America/Lima");
    assert_false(s->web.demo);
    assert_int_equal(s->access.reminder_days, 2);
    settings_free(s);
    s = read_good("web:\n  listen: ['127.0.0.1:8080', '[::1]:8080']\n  url: https://localhost:8443\n  demo: true\n");
    assert_true(s->web.demo);
    settings_free(s);
    static const char *const addresses[] = {"http://localhost:8080", "http://127.0.0.1", "http://[::1]:8080"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "web:\n  listen: ['a:1']\n  url: '%s'\n", addresses[i]);
        s = read_good(text);
        assert_string_equal(s->web.url, addresses[i]);
        assert_false(s->web.demo);
        settings_free(s);
    }
}

static void test_what_is_wrong_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *because;
    } cases[] = {
        {"dtabase: x\n", "dtabase"},
        {"user: a\nstatus:\n  lisen: [a]\n", "lisen"},
        {"status:\n  memory_megabytes: 0\n", "line 2: status.memory_megabytes: has to be a number from 1 to"},
        {"status:\n  memory_megabytes: -5\n", "memory_megabytes"},
        {"status:\n  memory_megabytes: many\n", "line 2"},
        {"user: a\n\nstatus:\n  ocsp_hours: 99999999999999999999\n", "line 4: status.ocsp_hours"},
        {"status:\n  clock: sundial\n", "adjtimex|chrony|unchecked"},
        {"status:\n  extended_revoke: maybe\n", "has to be true or false"},
        {"status:\n  listen: 127.0.0.1:80\n", "listen"},
        {"status:\n  listen: ['']\n", "empty entry"},
        {"database: mysql://x\n", "line 1: database"},
        {"keys:\n  passphrase_file: a\n  credential: b\n", "line 3: keys.credential"},
        {"keys:\n  tokens:\n  - {name: Big, module: a, token: b, pin_file: c}\n", "lower-case"},
        {"keys:\n  tokens:\n  - {name: a, module: a, token: b, pin_file: c}\n  - {name: a, module: a, token: b, pin_file: c}\n",
         "same name"},
        {"keys:\n  tokens:\n  - {name: a, module: a, token: b}\n", "pin_file"},
        {"registration:\n  listen: ['a:1']\n", "needs registration.certificate"},
        {"mail:\n  server: smtp://a\n", "needs mail.from"},
        {"mail:\n  server: http://a\n  from: a@b\n", "smtp://"},
        {"authority:\n  crl_hours: 5\n  overlap_hours: 5\n", "line 3: authority.overlap_hours"},
        {"user: \"a\\x01b\"\n", "control characters"},
        {"web:\n  listen: ['127.0.0.1:80']\n", "web.url"},
        {"web:\n  listen: ['a:1']\n  url: http://firma.example\n", "line 3: web.url: has to be https://"},
        {"web:\n  listen: ['a:1']\n  url: https://firma.example/\n", "line 3: web.url"},
        {"web:\n  listen: ['a:1']\n  url: http://localhost.example\n", "line 3: web.url"},
        {"web:\n  certificate: a.pem\n", "belong together"},
        {"web:\n  certificate_listen: ['a:1']\n", "needs web.certificate"},
        {"web:\n  certificate_listen: ['a:1']\n  certificate: a\n  key: b\n", "needs web.clients"},
        {"web:\n  listen: ['127.0.0.1:1']\n  url: https://firma.example\n  demo: true\n", "line 4: web.demo"},
        {"web:\n  listen: ['127.0.0.1:1']\n  url: https://localhost.example\n  demo: true\n", "web.demo: is for this"},
        {"web:\n  listen: ['127.0.0.1:1', '0.0.0.0:2']\n  url: http://localhost:1\n  demo: true\n",
         "web.demo: is for this"},
        {"web:\n  listen: ['unix:run/web.sock']\n  url: http://localhost\n  demo: true\n", "web.demo: is for this"},
        {"web:\n  processes: 2\n", "PostgreSQL"},
        {"web:\n  country: fr\n", "pe|mx|es"},
        {"web:\n  idle_minutes: 0\n", "from 1 to 1440"},
        {"access:\n  reminder_days: 4\n", "less than access.escalation_days"},
        {"access:\n  escalation_days: 10\n", "less than access.denial_days"},
        {"sms:\n  gateway: ftp://a\n", "begins with http"},
        {"sms:\n  user: a\n", "needs sms.password_file"},
        {"user: &x a\npacks: *x\n", "lias"},
        {"- a\n- b\n", "refrenda.yaml"},
        {"user: [\n", "refrenda.yaml"},
        {"user: a\xff\n", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refuses(cases[i].text, cases[i].because);
}

static void test_a_file_that_is_not_there(void **state)
{
    (void)state;
    struct settings *s = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(settings_read("none.yaml", &s, &error), RFD_E_IO_READ);
}

/** What is printed is read as the same. */
static void test_printed_settings_are_settings(void **state)
{
    (void)state;
    char *first;
    struct buf a, b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    struct settings *s = read_good("user: 'a \"quoted\" \\ one'\nkeys:\n  tokens:\n"
                                   "  - {name: x, module: m, token: 't \" t', pin_file: p}\n"
                                   "status:\n  listen: ['a:1', 'b:2']\n");
    settings_print(s, &a);
    buf_put_byte(&a, '\0');
    assert_int_equal(buf_status(&a), RFD_OK);
    settings_free(s);
    first = (char *)a.data;
    s = read_good(first);
    settings_print(s, &b);
    buf_put_byte(&b, '\0');
    assert_string_equal(first, (char *)b.data);
    assert_string_equal(s->user, "a \"quoted\" \\ one");
    settings_free(s);
    buf_dispose(&a);
    buf_dispose(&b);
}

/** Sockets that systemd opened are in no settings; what they need has to be there all the same. */
static void test_passed_sockets_need_their_settings(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *says;
        struct settings_served served;
    } cases[] = {
        {"", NULL, {0}},
        {"", "needs registration.certificate", {.registration = true}},
        {"registration:\n  certificate: a\n  key: b\n  clients: c\n", NULL, {.registration = true}},
        {"", "https://HOST", {.web = true}},
        {"web:\n  url: http://localhost:1\n  blobs: ''\n", "needs web.blobs", {.web = true}},
        {"web:\n  url: http://localhost:1\n  blobs: b\n", NULL, {.web = true, .by_systemd = true}},
        {"web:\n  url: http://localhost:1\n  blobs: b\n  demo: true\n", NULL, {.web = true}},
        {"web:\n  url: http://localhost:1\n  blobs: b\n  demo: true\n",
         "this machine alone",
         {.web = true, .by_systemd = true}},
        {"web:\n  url: http://localhost:1\n  blobs: b\n", "needs web.certificate", {.web = true, .certificates = true}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        struct settings *s = read_good(cases[i].settings);
        rfd_status status = settings_check_served(s, &cases[i].served, &error);
        if (status != (cases[i].says == NULL ? RFD_OK : RFD_E_SETTINGS)) fail_msg("%zu: %s", i, error.detail);
        if (cases[i].says != NULL && strstr(error.detail, cases[i].says) == NULL) fail_msg("%zu: %s", i, error.detail);
        settings_free(s);
    }
}

static void test_manual_has_every_section(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    settings_describe(&b);
    buf_put_byte(&b, '\0');
    assert_int_equal(buf_status(&b), RFD_OK);
    assert_non_null(strstr((char *)b.data, "| `memory_megabytes` | 1 to 65536 | `256` |"));
    assert_non_null(strstr((char *)b.data, "`adjtimex`, `chrony`, `unchecked`"));
    assert_non_null(strstr((char *)b.data, ": keys\n"));
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_values),
        cmocka_unit_test(test_everything_is_read),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_what_is_wrong_is_refused_with_its_line),
        cmocka_unit_test(test_a_file_that_is_not_there),
        cmocka_unit_test(test_printed_settings_are_settings),
        cmocka_unit_test(test_passed_sockets_need_their_settings),
        cmocka_unit_test(test_manual_has_every_section),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
