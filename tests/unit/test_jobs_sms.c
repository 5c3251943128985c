/* SPDX-License-Identifier: EUPL-1.2
 *
 * SMS on their way through a real gateway (Kannel) to its fake centre (tests/support/kannel.py), and messages of
 * messages.def from their texts to the outbox.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/number.h"
#include "base_support.h"
#include "domain/outbox/message.h"
#include "domain_store.h"
#include "jobs/sms.h"
#include "jobs/work.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW ((rfd_time)1795000000 * 1000000)
enum { WAIT = 60000, STEP = 20, TEXT_SIZE = 4096, PATH_SIZE = 256 };

struct gateway {
    pid_t pid;
    char folder[64];
    uint64_t port;
};

static const char *text_of(const char *folder, const char *name, char text[TEXT_SIZE])
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, TEXT_SIZE - 1);
    if (fd >= 0) (void)close(fd);
    text[got < 0 ? 0 : got] = '\0';
    return text;
}

/** False when there is no Kannel here. */
static bool start_gateway(struct gateway *g)
{
    static unsigned number;
    char text[TEXT_SIZE];
    (void)snprintf(g->folder, sizeof g->folder, "kannel-%u", number++);
    assert_int_equal(mkdir(g->folder, 0700), 0);
    g->pid = fork();
    assert_true(g->pid >= 0);
    if (g->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)execl(KANNEL, KANNEL, g->folder, (char *)NULL);
        _exit(9);
    }
    for (int i = 0; i < WAIT / STEP; i++) {
        if (number_unsigned(slice_text(text_of(g->folder, "port", text)), 65535, &g->port)) return true;
        if (waitpid(g->pid, NULL, WNOHANG) == g->pid) return false;
        (void)usleep(STEP * 1000);
    }
    fail_msg("the gateway does not start");
    return false;
}

static void stop_gateway(const struct gateway *g)
{
    (void)kill(g->pid, SIGTERM);
    (void)waitpid(g->pid, NULL, 0);
}

#define NEEDS_GATEWAY(g)                                                                                               \
    do {                                                                                                               \
        if (!start_gateway(g)) skip();                                                                                 \
    } while (0)

static void assert_came(const struct gateway *g, const char *name, const char *wanted)
{
    char text[TEXT_SIZE] = "";
    for (int i = 0; i < WAIT / STEP && text[0] == '\0'; i++) {
        (void)text_of(g->folder, name, text);
        (void)usleep(STEP * 1000);
    }
    assert_string_equal(text, wanted);
}

static enum delivery send_to(const struct gateway *g, const char *password, const char *to, const char *text)
{
    char address[96];
    struct sms_sender *sender = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%u/cgi-bin/sendsms", (unsigned)g->port);
    const struct sms_gateway gateway = {
        .address = address, .user = "refrenda", .from = "Refrenda", .password = slice_text(password)};
    assert_int_equal(sms_sender_new(&gateway, &sender, &error), RFD_OK);
    enum delivery delivery = sms_send(sender, slice_text(to), slice_text(text), &error);
    assert_null(strstr(error.detail, password));
    sms_sender_free(sender);
    return delivery;
}

static void test_sms_through_a_gateway(void **state)
{
    (void)state;
    struct gateway g;
    NEEDS_GATEWAY(&g);
    assert_int_equal(send_to(&g, "secreto", "+51987654321", "Plain & simple: 123456"), DELIVERY_SENT);
    assert_came(&g, "1.sms", "Refrenda\n+51987654321\nPlain & simple: 123456");
    assert_int_equal(send_to(&g, "secreto", "+34600000000",
                             "El c\xc3\xb3"
                             "digo \xc3\xb1 es 654321"),
                     DELIVERY_SENT);
    assert_came(&g, "2.sms",
                "Refrenda\n+34600000000\nEl c\xc3\xb3"
                "digo \xc3\xb1 es 654321");
    /* Our settings are wrong, not the message. */
    assert_int_equal(send_to(&g, "another", "+51987654321", "x"), DELIVERY_NO_SERVER);
    stop_gateway(&g);
    assert_int_equal(send_to(&g, "secreto", "+51987654321", "x"), DELIVERY_NO_SERVER);
}

static void test_no_password_in_the_clear(void **state)
{
    (void)state;
    struct sms_sender *sender = NULL;
    const struct sms_gateway gateway = {.address = "http://192.0.2.1/cgi-bin/sendsms", .user = "", .from = ""};
    assert_int_equal(sms_sender_new(&gateway, &sender, NULL), RFD_E_SETTINGS);
    assert_null(sender);
}

/* ---- Messages ---- */

struct order {
    struct outbox_message message;
    const char *code;
};

static rfd_status put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct order *o = context;
    o->message.view = view_new(store_arena(t));
    view_string(o->message.view, "code", o->code);
    view_string(o->message.view, "name", "Ana\r\nBcc: all@x.example");
    view_string(o->message.view, "link", "/acceso/enlace/abc");
    view_number(o->message.view, "minutes", 10);
    return outbox_put_message(t, &o->message, error);
}

static rfd_status put(struct store *store, const char *name, const char *mail, const char *mobile, const char *language)
{
    struct order o = {
        {.name = name, .mail = slice_text(mail), .mobile = slice_text(mobile), .language = slice_text(language)},
        "123456"};
    return store_write(store, put_work, &o, NULL);
}

static void test_messages_go_both_ways(void **state)
{
    struct store *store = domain_store_of(state);
    struct gateway g;
    char address[96];
    NEEDS_GATEWAY(&g);
    assert_int_equal(outbox_house(store, SLICE("Casa de Pruebas"), SLICE("https://firma.example"), NULL), RFD_OK);
    assert_int_equal(put(store, "sign-in-code", "ana@x.example", "+51987654321", "es"), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox"), 2);
    struct settings settings = {.sms = {.gateway = address, .user = "refrenda", .from = "Refrenda"}};
    struct jobs jobs = {.settings = &settings, .authority = {.store = store}};
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%u/cgi-bin/sendsms", (unsigned)g.port);
    assert_int_equal(secret_set(&jobs.sms_password, SLICE("secreto"), NULL), RFD_OK);
    assert_int_equal(job_sms(&jobs, NULL), RFD_OK);
    assert_came(&g, "1.sms",
                "Refrenda\n+51987654321\nCasa de Pruebas: su c\xc3\xb3"
                "digo de acceso es 123456. Vale 10 minutos. No lo comparta.");
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM outbox WHERE state = 2 AND channel = 1 AND body = ''"), 1);
    secret_dispose(&jobs.sms_password);
    stop_gateway(&g);
}

static void test_gateway_comes_back(void **state)
{
    struct store *store = domain_store_of(state);
    struct settings settings = {.sms = {.gateway = "http://127.0.0.1:1/", .user = "", .from = ""}};
    struct jobs jobs = {.settings = &settings, .authority = {.store = store}};
    assert_int_equal(put(store, "sign-in-code", "", "+51987654321", "es"), RFD_OK);
    for (int i = 0; i < 10; i++) assert_int_equal(job_sms(&jobs, NULL), RFD_E_MAIL);
    assert_int_equal(domain_store_number(store, "SELECT attempts FROM outbox WHERE state = 1"), 0);
}

static void test_texts_and_their_names(void **state)
{
    struct store *store = domain_store_of(state);
    assert_int_equal(outbox_house(store, SLICE("Casa"), SLICE("https://firma.example"), NULL), RFD_OK);
    assert_int_equal(put(store, "recovery", "ana@x.example", "", "ca"), RFD_OK);
    /* A name with line breaks stays inside the text; the link is whole. */
    assert_int_equal(domain_store_number(store,
                                         "SELECT count(*) FROM outbox WHERE body LIKE "
                                         "'%https://firma.example/acceso/enlace/abc%' AND subject LIKE 'Casa: %'"),
                     1);
    assert_int_equal(put(store, "recovery", "ana@x.example\r\nBcc: b@x.example", "", "ca"), RFD_E_ARGUMENT);
    assert_int_equal(put(store, "sign-in-code", "", "987654321", "es"), RFD_E_ARGUMENT);
    assert_int_equal(put(store, "no-such", "ana@x.example", "", "es"), RFD_E_ARGUMENT);
    assert_int_equal(put(store, "recovery", "ana@x.example", "", "xx"), RFD_OK); /* Spanish */
}

/** Every message has its text in every language, with no name that it does not have. */
static void test_all_texts_are_there(void **state)
{
    static const char *const languages[] = {"es", "ca", "en"};
    (void)state;
    for (size_t i = 0; i < message_info_count; i++) {
        for (size_t l = 0; l < 3; l++) {
            size_t found = 0;
            for (size_t d = 0; d < message_default_count; d++) {
                const struct message_default *m = &message_defaults[d];
                if (strcmp(m->name, message_infos[i].name) != 0 || strcmp(m->language, languages[l]) != 0) continue;
                found++;
                assert_true((m->sms != NULL) == message_infos[i].sms);
            }
            assert_int_equal(found, 1);
        }
    }
    /* Beside these are the texts with codes of central signing, which are nobody's to write. */
    size_t codes = 0;
    for (size_t d = 0; d < message_default_count; d++) {
        const struct message_default *m = &message_defaults[d];
        if (strncmp(m->name, "code-", 5) != 0) continue;
        codes++;
        assert_non_null(m->sms);
        assert_null(message_info(slice_text(m->name)));
    }
    assert_int_equal(message_default_count, message_info_count * 3 + codes);
}

struct writing {
    struct actor actor;
    struct message_text text;
    struct faults faults;
    bool reset;
};

static rfd_status write_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct writing *w = context;
    return w->reset ? message_text_reset(t, &w->actor, &w->text, error)
                    : message_text_put(t, &w->actor, &w->text, &w->faults, error);
}

static rfd_status write_text(struct store *store, const struct actor *actor, const char *subject, const char *body,
                             struct faults *faults)
{
    struct writing w = {.actor = *actor,
                        .text = {.name = SLICE("recovery"),
                                 .language = SLICE("es"),
                                 .channel = OUTBOX_MAIL,
                                 .subject = slice_text(subject),
                                 .body = slice_text(body)}};
    rfd_status status = store_write(store, write_work, &w, NULL);
    *faults = w.faults;
    return status;
}

static void test_administrators_write_texts(void **state)
{
    struct store *store = domain_store_of(state);
    const struct actor_role roles[] = {{.role = ROLE_ADMINISTRATOR}, {.role = ROLE_AUDITOR}};
    struct actor admin = {.account = 1, .person = 1, .code = SLICE("U1"), .roles = roles, .role_count = 1};
    struct actor auditor = {.account = 2, .person = 2, .code = SLICE("U2"), .roles = roles + 1, .role_count = 1};
    struct faults faults;
    assert_int_equal(write_text(store, &auditor, "S", "B", &faults), RFD_E_FORBIDDEN);
    assert_int_equal(write_text(store, &admin, "Clave de {{house}}", "Entre en {{address}}, {{name}}.", &faults),
                     RFD_OK);
    assert_int_equal(put(store, "recovery", "ana@x.example", "", "es"), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE subject LIKE 'Clave de %'"), 1);
    assert_int_equal(write_text(store, &admin, "", "{{password}} {{#name}}", &faults), RFD_E_INVALID);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[0].field, "body");
    assert_string_equal(faults.items[1].field, "subject");
    struct writing code = {.actor = admin,
                           .text = {.name = SLICE("code-sign"),
                                    .language = SLICE("es"),
                                    .channel = OUTBOX_SMS,
                                    .body = SLICE("Clave {{code}}")}};
    assert_int_equal(store_write(store, write_work, &code, NULL), RFD_E_NOT_FOUND);
    struct writing reset = {.actor = admin,
                            .text = {.name = SLICE("recovery"), .language = SLICE("es"), .channel = OUTBOX_MAIL},
                            .reset = true};
    assert_int_equal(store_write(store, write_work, &reset, NULL), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM message_text"), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action LIKE 'message.%'"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sms_through_a_gateway),    cmocka_unit_test(test_no_password_in_the_clear),
        ON_BOTH_STORES(test_messages_go_both_ways),      ON_BOTH_STORES(test_gateway_comes_back),
        ON_BOTH_STORES(test_texts_and_their_names),      cmocka_unit_test(test_all_texts_are_there),
        ON_BOTH_STORES(test_administrators_write_texts),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
