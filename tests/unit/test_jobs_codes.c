/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes of central signing on their way: from a personal keeper that is made up here, through a real gateway (Kannel,
 * tests/support/kannel.py), as telephones get them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "base_support.h"
#include "domain_store.h"
#include "jobs/courier.h"
#include "jobs/courier_text.h"
#include "jobs/gsm.h"
#include "jobs/work.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT = 60000, STEP = 20, TEXT_SIZE = 8192, PATH_SIZE = 256, TOLD_MAXIMUM = 16 };

/* ---- The gateway ---- */

struct gateway {
    pid_t pid;
    char folder[64], address[96];
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
    uint64_t port = 0;
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
        if (number_unsigned(slice_text(text_of(g->folder, "port", text)), 65535, &port)) break;
        if (waitpid(g->pid, NULL, WNOHANG) == g->pid) return false;
        (void)usleep(STEP * 1000);
    }
    (void)snprintf(g->address, sizeof g->address, "http://127.0.0.1:%u/cgi-bin/sendsms", (unsigned)port);
    return true;
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

/* ---- A personal keeper that gives codes ---- */

struct told {
    uint8_t operation, which, taken;
};
static struct {
    struct courier_code codes[4];
    size_t count;
    struct told told[TOLD_MAXIMUM];
    size_t told_count;
    unsigned asked;
} keeper;

static void put_code(struct buf *b, const struct courier_code *c)
{
    message_put_bytes(b, c->operation);
    message_put_u8(b, c->which);
    message_put_u8(b, (uint8_t)c->channel);
    message_put_bytes(b, c->address);
    message_put_bytes(b, c->language);
    message_put_bytes(b, c->kind);
    message_put_bytes(b, c->portal);
    message_put_bytes(b, c->title);
    message_put_u32(b, c->documents);
    message_put_bytes(b, c->code);
    message_put_i64(b, c->ends);
}

/** What the gateway took is not given again. */
static void take_told(const struct message *m)
{
    struct message_reader r = message_read(m->body);
    uint32_t count = message_get_u32(&r);
    for (uint32_t i = 0; i < count; i++) {
        slice operation = message_get_bytes(&r, PERSONAL_OPERATION_SIZE);
        assert_int_equal(operation.length, PERSONAL_OPERATION_SIZE);
        struct told *t = &keeper.told[keeper.told_count++];
        *t = (struct told){operation.data[0], message_get_u8(&r), message_get_u8(&r)};
        for (size_t k = 0; k < keeper.count && t->taken; k++) {
            if (keeper.codes[k].operation.data[0] != t->operation || keeper.codes[k].which != t->which) continue;
            keeper.codes[k] = keeper.codes[--keeper.count];
        }
    }
    assert_int_equal(message_end(&r, "sent", NULL), RFD_OK);
}

static rfd_status handle(void *context, struct keeper_session *session, const struct message *m, struct buf *answer,
                         struct rfd_error *error)
{
    (void)context;
    (void)session;
    (void)error;
    message_put_u32(answer, RFD_OK);
    if (m->type == PERSONAL_CODES_SENT) {
        take_told(m);
        return RFD_OK;
    }
    assert_int_equal(m->type, PERSONAL_TAKE_CODES);
    keeper.asked++;
    message_put_u32(answer, (uint32_t)keeper.count);
    for (size_t i = 0; i < keeper.count; i++) put_code(answer, &keeper.codes[i]);
    return RFD_OK;
}

static const uint8_t numbers[4][PERSONAL_OPERATION_SIZE] = {{1}, {2}, {3}, {4}};

static struct courier_code *give(const char *kind, const char *language)
{
    struct courier_code *c = &keeper.codes[keeper.count];
    *c = (struct courier_code){.operation = slice_of(numbers[keeper.count], PERSONAL_OPERATION_SIZE),
                               .channel = PERSONAL_SMS,
                               .address = SLICE("+51987654321"),
                               .language = slice_text(language),
                               .kind = slice_text(kind),
                               .portal = SLICE("Sede de Villa Ejemplo"),
                               .title = SLICE("Solicitud de empadronamiento"),
                               .documents = 3,
                               .code = SLICE("123456"),
                               .ends = clock_now() + 299 * RFD_SECOND};
    keeper.count++;
    return c;
}

struct world {
    struct settings settings;
    struct jobs jobs;
    struct courier *courier;
    int log[2];
};

static void open_world(struct world *w, struct store *store, const char *gateway)
{
    memset(&keeper, 0, sizeof keeper);
    *w = (struct world){.settings = {.sms = {.gateway = gateway, .user = "refrenda", .from = "Refrenda"},
                                     .web = {.name = "Casa", .url = "https://firma.example"},
                                     .mail = {.server = "", .user = "", .from = "casa@x.example"}}};
    w->jobs = (struct jobs){.settings = &w->settings, .authority = {.store = store}};
    assert_int_equal(secret_set(&w->jobs.sms_password, SLICE("secreto"), NULL), RFD_OK);
    assert_int_equal(keeper_client_direct_to(handle, NULL, &w->jobs.personal, NULL), RFD_OK);
    assert_int_equal(courier_new(&w->jobs, &w->courier, NULL), RFD_OK);
    assert_int_equal(pipe2(w->log, O_CLOEXEC | O_NONBLOCK), 0);
    log_open(w->log[1], LOG_FORMAT_JSON, LOG_DEBUG, "worker-0");
}

/** Neither database nor log has the code, nor to whom it went. */
static void close_world(struct world *w)
{
    char text[TEXT_SIZE] = "";
    ssize_t got = read(w->log[0], text, sizeof text - 1);
    if (got > 0) text[got] = '\0';
    assert_null(strstr(text, "123456"));
    assert_null(strstr(text, "987654321"));
    assert_null(strstr(text, "empadronamiento"));
    assert_int_equal(domain_store_number(w->jobs.authority.store, "SELECT count(*) FROM outbox"), 0);
    log_open(-1, LOG_FORMAT_TEXT, LOG_DEBUG, "");
    (void)close(w->log[0]);
    (void)close(w->log[1]);
    courier_free(w->courier);
    keeper_client_free(w->jobs.personal);
    secret_dispose(&w->jobs.sms_password);
}

/* ---- Sending ---- */

static void test_codes_reach_telephones(void **state)
{
    struct store *store = domain_store_of(state);
    struct world w;
    struct gateway g;
    NEEDS_GATEWAY(&g);
    open_world(&w, store, g.address);
    assert_int_equal(courier_run(w.courier), 1000); /* nothing to do */
    (void)give("sign", "es");
    assert_int_equal(courier_run(w.courier), 250);
    assert_came(&g, "1.sms",
                "Refrenda\n+51987654321\n123456 es su codigo para firmar \"Solicitud de empadronamiento\" (y 2 mas) en "
                "Sede de Villa Ejemplo. Caduca en 5 minutos. Si no es usted, no lo comparta.");
    give("mobile", "ca")->which = 1;
    assert_int_equal(courier_run(w.courier), 250);
    assert_came(
        &g, "2.sms",
        "Refrenda\n+51987654321\n123456 és el codi que confirma aquest mòbil per al vostre certificat a Sede de "
        "Villa Ejemplo. Caduca en 5 minuts. Si no sou vos, no el compartiu.");
    assert_int_equal(keeper.told_count, 2);
    assert_int_equal(keeper.told[0].taken, 1);
    assert_int_equal(keeper.told[1].which, 1);
    assert_int_equal(keeper.count, 0);
    close_world(&w);
    stop_gateway(&g);
}

static void test_gateway_is_away(void **state)
{
    struct store *store = domain_store_of(state);
    struct world w;
    struct gateway g;
    open_world(&w, store, "http://127.0.0.1:1/");
    (void)give("sign", "es");
    for (unsigned i = 0; i < 3; i++) {
        (void)courier_run(w.courier);
        assert_int_equal(keeper.told_count, i + 1);
        assert_int_equal(keeper.told[i].taken, 0);
        assert_int_equal(keeper.count, 1); /* and comes again */
    }
    close_world(&w);
    /* There is none, or a wrong password. */
    open_world(&w, store, "");
    (void)give("sign", "es");
    (void)courier_run(w.courier);
    assert_int_equal(keeper.told[0].taken, 0);
    close_world(&w);
    NEEDS_GATEWAY(&g);
    open_world(&w, store, g.address);
    (void)give("sign", "es");
    assert_int_equal(secret_set(&w.jobs.sms_password, SLICE("otro"), NULL), RFD_OK);
    (void)courier_run(w.courier);
    assert_int_equal(keeper.told[0].taken, 0);
    assert_int_equal(keeper.count, 1);
    close_world(&w);
    stop_gateway(&g);
}

/* One that cannot be sent does not keep the others. */
static void test_one_does_not_hinder_another(void **state)
{
    struct store *store = domain_store_of(state);
    struct world w;
    struct gateway g;
    NEEDS_GATEWAY(&g);
    open_world(&w, store, g.address);
    give("sign", "es")->channel = PERSONAL_MAIL; /* there is no mail server */
    (void)give("nonsense", "es");
    (void)give("destroy", "en");
    (void)courier_run(w.courier);
    assert_int_equal(keeper.told_count, 3);
    assert_int_equal(keeper.told[0].taken, 0);
    assert_int_equal(keeper.told[1].taken, 0);
    assert_int_equal(keeper.told[2].taken, 1);
    assert_came(&g, "1.sms",
                "Refrenda\n+51987654321\n123456 is your code to destroy the key of your certificate at Sede de Villa "
                "Ejemplo. It ends in 5 minutes. If this is not you, share it with nobody.");
    close_world(&w);
    stop_gateway(&g);
}

/* ---- Texts ---- */

static void write_code(const struct world *w, const struct courier_code *c, struct buf *subject, struct buf *text)
{
    buf_reset(subject);
    buf_reset(text);
    assert_int_equal(courier_write(&w->jobs, c, clock_now(), subject, text, NULL), RFD_OK);
}

static void test_every_kind_fits(void **state)
{
    static const char *const kinds[] = {"sign", "generate", "password", "mobile", "totp", "destroy", "code"};
    static const char *const languages[] = {"es", "ca", "en", "xx"};
    struct world w;
    struct buf subject, text;
    buf_init(&subject, TEXT_SIZE);
    buf_init(&text, TEXT_SIZE);
    open_world(&w, domain_store_of(state), "");
    for (size_t k = 0; k < 6; k++) {
        for (size_t l = 0; l < 4; l++) {
            keeper.count = 0;
            struct courier_code *c = give(kinds[k], languages[l]);
            c->portal = SLICE("Sede electrónica del Ayuntamiento de la Muy Noble Villa de Ejemplo del Río");
            c->title = SLICE("Solicitud de licencia de obra mayor con proyecto técnico visado por el colegio oficial");
            write_code(&w, c, &subject, &text);
            assert_true(gsm_has(buf_slice(&text)));
            assert_in_range(gsm_length(buf_slice(&text)), 80, GSM_MESSAGE);
            assert_true(slice_starts(buf_slice(&text), SLICE("123456 ")));
            c->channel = PERSONAL_MAIL;
            write_code(&w, c, &subject, &text);
            assert_non_null(memmem(text.data, text.length, "123456", 6));
            assert_null(memmem(subject.data, subject.length, "123456", 6));
            assert_non_null(memmem(text.data, text.length, c->portal.data, c->portal.length));
            if (k == 0) assert_non_null(memmem(text.data, text.length, c->title.data, c->title.length));
        }
    }
    buf_dispose(&subject);
    buf_dispose(&text);
    close_world(&w);
}

/* The database has no part in what is around a code: whoever writes there could make it look like something else. */
static void test_texts_are_the_programs(void **state)
{
    static const char *const languages[] = {"es", "ca", "en"};
    struct store *store = domain_store_of(state);
    struct world w;
    struct buf subject, text;
    buf_init(&subject, TEXT_SIZE);
    buf_init(&text, TEXT_SIZE);
    open_world(&w, store, "");
    for (unsigned channel = 0; channel < 2; channel++) {
        for (size_t i = 0; i < 3; i++) {
            char sql[512];
            (void)snprintf(sql, sizeof sql,
                           "INSERT INTO message_text(name, language, channel, subject, body, changed, changed_by) "
                           "VALUES ('code-sign', '%s', %u, 'Su recibo', 'https://evil.example/{{code}}', 1, 'x')",
                           languages[i], channel);
            (void)domain_store_run(store, sql);
        }
    }
    struct courier_code *c = give("sign", "es");
    write_code(&w, c, &subject, &text);
    assert_true(slice_starts(buf_slice(&text), SLICE("123456 es su codigo")));
    assert_non_null(memmem(text.data, text.length, "Sede de Villa Ejemplo", 21));
    c->channel = PERSONAL_MAIL;
    write_code(&w, c, &subject, &text);
    assert_null(memmem(text.data, text.length, "evil", 4));
    assert_null(memmem(subject.data, subject.length, "recibo", 6));
    assert_non_null(memmem(text.data, text.length, "Sede de Villa Ejemplo", 21));
    buf_dispose(&subject);
    buf_dispose(&text);
    close_world(&w);
}

static void test_letters_of_sms(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 256);
    assert_true(gsm_has(SLICE("ñandú es Ñ é à ù ¿? ¡! @ € [x] ~")) == false); /* ú is not in the alphabet */
    assert_true(gsm_has(SLICE("ñ Ñ é à ù ¿? ¡! @ € [x] ~ ß Δ\n")));
    assert_false(gsm_has(SLICE("`")));
    assert_int_equal(gsm_length(SLICE("a€[b")), 6);
    gsm_put(&b, SLICE("«Título» ñandú – año… ¿Cómo? 漢"));
    assert_true(slice_is(buf_slice(&b), "\"Titulo\" ñandu - año... ¿Como? ?"));
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_codes_reach_telephones),      ON_BOTH_STORES(test_gateway_is_away),
        ON_BOTH_STORES(test_one_does_not_hinder_another), ON_BOTH_STORES(test_every_kind_fits),
        ON_BOTH_STORES(test_texts_are_the_programs),      cmocka_unit_test(test_letters_of_sms),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
