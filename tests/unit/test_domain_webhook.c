/* SPDX-License-Identifier: EUPL-1.2
 *
 * Notices to portals, in both databases: one for each operation that ends, whatever its end; sent once at a time, tried
 * again and given up, sent again by hand; and what portals' programs may see and repeat. The worker's part of it with a
 * real server, which verifies nothing less than the signature.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/url.h"
#include "central_world.h"
#include "domain/central/redirect.h"
#include "domain/central/webhook.h"
#include "domain/oidc/jws.h"
#include "jobs/notifier.h"
#include "jobs/notifier_http.h"
#include "keeper/ask.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define MINUTE (60 * RFD_SECOND)
enum { REQUEST_SIZE = 16384 };

static struct arena memory;

/* ---- Portals and operations ---- */

struct call_of {
    struct actor actor;
    struct portal portal;
    struct signing wanted, out;
    struct signing_document document;
    slice token, name;
    uint8_t hash[REDIRECT_HASH_SIZE];
    struct webhook w;
    int64_t id;
    unsigned wait;
};

static rfd_status do_put_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return portal_put(t, &x->actor, &x->portal, NULL, &x->portal.id, error);
}

static rfd_status do_close_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return portal_close(t, &x->actor, x->portal.id, error);
}

static rfd_status do_new(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(signing_new(t, &x->actor, &x->portal, &x->wanted, NULL, &x->out, error));
    return store_keep(&memory, &x->out.token, error);
}

static rfd_status do_cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return signing_cancel(t, &x->actor, x->out.token, error);
}

static rfd_status do_again(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return webhook_again(t, &x->actor, x->portal.id, x->id, error);
}

/** A portal of this name, and an operation of its. */
static struct call_of of_portal(struct office *o, const struct central *c, const char *client, const char *webhook)
{
    struct call_of x = {
        .actor = actor_system("admin"),
        .portal = {.entity = 1,
                   .name = slice_text(client),
                   .client = slice_text(client),
                   .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899"),
                   .webhook = slice_text(webhook)}};
    WORLD_OK(store_write(o->store, do_put_portal, &x, &error));
    x.document =
        (struct signing_document){.title = SLICE("Instancia"), .blob = central_pdf(c, "Instancia"), .pages = 1};
    return x;
}

static void begin(struct office *o, struct call_of *x)
{
    x->wanted = (struct signing){.reference = SLICE("EXP-7"), .documents = &x->document, .count = 1};
    WORLD_OK(store_write(o->store, do_new, x, &error));
}

static void cancel(struct office *o, struct call_of *x)
{
    WORLD_OK(store_write(o->store, do_cancel, x, &error));
}

static int64_t notices(const struct office *o)
{
    return domain_store_number(o->store, "SELECT count(*) FROM webhook");
}

static size_t take(struct office *o, struct webhook_item items[WEBHOOK_AT_ONCE])
{
    size_t count = 0;
    WORLD_OK(webhook_take(o->store, 60, &memory, items, &count, &error));
    return count;
}

static void settle(struct office *o, int64_t id, long status, const char *why, bool for_good)
{
    const struct webhook_outcome outcome = {id, status, slice_text(why), for_good};
    WORLD_OK(webhook_settle(o->store, &outcome, &error));
}

static json_t *body_of(const struct webhook_item *item)
{
    json_t *read = json_loadb((const char *)item->body.data, item->body.length, 0, NULL);
    assert_true(json_is_object(read));
    return read;
}

static bool says(const json_t *object, const char *name, slice text)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL && slice_is(text, value);
}

/* ---- Notices ---- */

static void test_one_for_each_end(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct webhook_item items[WEBHOOK_AT_ONCE];
    struct call_of villa = of_portal(o, &c, "villa", "https://sede.example/avisos");
    struct call_of banco = of_portal(o, &c, "banco", "https://banco.example/avisos");
    struct call_of mudo = of_portal(o, &c, "mudo", "");
    begin(o, &villa);
    begin(o, &banco);
    begin(o, &mudo);
    assert_int_equal(notices(o), 0);
    cancel(o, &villa);
    cancel(o, &villa); /* twice is once */
    cancel(o, &mudo);
    assert_int_equal(notices(o), 1);
    WORLD_OK(signing_tick(&c, clock_now() + 25 * 3600 * RFD_SECOND, &error));
    assert_int_equal(notices(o), 2);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook WHERE event = 'operation.expired'"),
                     1);
    clock_fix(clock_now() + 26 * 3600 * RFD_SECOND);
    assert_int_equal(take(o, items), 2);
    json_t *body = body_of(&items[0]);
    assert_true(says(body, "event", SLICE("operation.cancelled")) && slice_is(items[0].event, "operation.cancelled"));
    assert_true(says(body, "delivery", items[0].identity) && says(body, "operation", villa.out.token));
    assert_true(says(body, "reference", SLICE("EXP-7")) && says(body, "state", SLICE("cancelled")));
    const json_t *document = json_array_get(json_object_get(body, "documents"), 0);
    assert_true(says(document, "state", SLICE("unsigned")) && json_object_get(document, "sha256") == NULL);
    json_decref(body);
    assert_true(slice_is(items[0].address, "https://sede.example/avisos"));
    assert_int_equal(take(o, items), 0); /* somebody is at them */
    clock_fix(clock_now() + 2 * MINUTE);
    assert_int_equal(take(o, items), 2); /* who died */
    WORLD_OK(webhook_release(o->store, items[0].id, &error));
    assert_int_equal(take(o, items), 1);
    clock_fix(RFD_TIME_NONE);
}

static void test_one_portal_after_the_other(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct webhook_item items[WEBHOOK_AT_ONCE];
    struct call_of villa = of_portal(o, &c, "villa", "https://sede.example/avisos");
    struct call_of banco = of_portal(o, &c, "banco", "https://banco.example/avisos");
    for (int i = 0; i < 3; i++) {
        begin(o, &villa);
        cancel(o, &villa);
    }
    begin(o, &banco);
    cancel(o, &banco);
    clock_fix(clock_now() + RFD_SECOND);
    assert_int_equal(take(o, items), 2); /* one of each */
    settle(o, items[0].id, 200, "", false);
    settle(o, items[1].id, 204, "", false);
    assert_int_equal(take(o, items), 1);
    /* Closed meanwhile: it is not told any more. */
    WORLD_OK(store_write(o->store, do_close_portal, &villa, &error));
    assert_int_equal(take(o, items), 1);
    assert_int_equal(items[0].address.length, 0);
    settle(o, items[0].id, 0, "closed", true);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook WHERE state = 3"), 1);
    clock_fix(RFD_TIME_NONE);
}

/** Rounds in which a portal that does not answer takes part keep everybody waiting for it: within a minute it is one.
 */
static void test_one_that_is_silent(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct webhook_item items[WEBHOOK_AT_ONCE];
    struct call_of silent = of_portal(o, &c, "villa", "https://sede.example/avisos");
    struct call_of other = of_portal(o, &c, "banco", "https://banco.example/avisos");
    size_t slow = 0, told = 0, rounds = 0, count;
    for (int i = 0; i < 5; i++) {
        begin(o, &silent);
        cancel(o, &silent);
        begin(o, &other);
        cancel(o, &other);
    }
    rfd_time now = clock_now() + RFD_SECOND;
    clock_fix(now);
    while ((count = take(o, items)) > 0) {
        for (size_t i = 0; i < count; i++) {
            bool is_silent = slice_is(items[i].address, "https://sede.example/avisos");
            settle(o, items[i].id, is_silent ? 0 : 200, is_silent ? "nobody answers" : "", false);
            slow += is_silent;
            told += !is_silent;
        }
        assert_true(++rounds <= 5);
    }
    assert_int_equal(slow, 1);
    assert_int_equal(told, 5);
    clock_fix(now + MINUTE);
    assert_int_equal(take(o, items), 1); /* the next one, or the same: it may answer now */
    settle(o, items[0].id, 200, "", false);
    for (rounds = 0; take(o, items) > 0; rounds++) settle(o, items[0].id, 200, "", false);
    assert_int_equal(rounds, 4);
    /* Who answers, and be it that it does not work, keeps nobody waiting. */
    for (int i = 0; i < 2; i++) {
        begin(o, &silent);
        cancel(o, &silent);
    }
    clock_fix(clock_now() + RFD_SECOND);
    for (rounds = 0; take(o, items) > 0; rounds++) settle(o, items[0].id, 503, "HTTP status 503", false);
    assert_int_equal(rounds, 2);
    clock_fix(RFD_TIME_NONE);
}

static void read_text(const char *path, struct buf *out)
{
    char piece[4096];
    size_t length;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((length = fread(piece, 1, sizeof piece, file)) > 0) buf_put(out, piece, length);
    (void)fclose(file);
    buf_put_byte(out, '\0');
    assert_int_equal(buf_status(out), RFD_OK);
}

/** Each end of which a portal is told is in what its makers read. */
static void test_every_end_is_described(void **state)
{
    struct buf text;
    size_t count = 0;
    (void)state;
    buf_init(&text, 1 << 20);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/docs/portals.md", source_root());
    read_text(path, &text);
    for (int s = SIGNING_NONE; s <= SIGNING_FAILED; s++) {
        char event[40], quoted[40];
        const char *name = signing_state_name((enum signing_state)s);
        (void)snprintf(event, sizeof event, "operation.%s", name);
        if (webhook_event_title(slice_text(event))[0] == '\0') continue;
        (void)snprintf(quoted, sizeof quoted, "`%s`", name);
        if (strstr((const char *)text.data, event) == NULL) fail_msg("docs/portals.md, Notices: no %s", event);
        if (strstr((const char *)text.data, quoted) == NULL) fail_msg("docs/portals.md: no state %s", quoted);
        count++;
    }
    assert_int_equal(count, 5);
    buf_dispose(&text);
}

static void test_tried_for_three_days(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct webhook_item items[WEBHOOK_AT_ONCE];
    struct call_of x = of_portal(o, &c, "villa", "https://sede.example/avisos");
    rfd_time begun = clock_now();
    unsigned tries = 0;
    begin(o, &x);
    cancel(o, &x);
    for (rfd_time now = begun + RFD_SECOND; now < begun + 4 * 24 * 60 * MINUTE; now += MINUTE) {
        clock_fix(now);
        if (take(o, items) == 0) continue;
        settle(o, items[0].id, 503, "HTTP status 503", false);
        tries++;
    }
    assert_int_equal(tries, 9);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook WHERE state = 3 AND status = 503"), 1);
    rfd_time last = domain_store_number(o->store, "SELECT max(time) FROM webhook_attempt");
    assert_true(last > begun + 2 * 24 * 60 * MINUTE && last <= begun + 3 * 24 * 60 * MINUTE);
    /* By hand: from the beginning. */
    x.id = items[0].id;
    struct call_of ana = x;
    ana.actor = central_actor(o, ANA);
    assert_int_equal(store_write(o->store, do_again, &ana, NULL), RFD_E_FORBIDDEN);
    ana.actor = x.actor;
    ana.portal.id = 999;
    assert_int_equal(store_write(o->store, do_again, &ana, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(store_write(o->store, do_again, &x, &error));
    assert_int_equal(take(o, items), 1);
    settle(o, items[0].id, 200, "", false);
    assert_int_equal(domain_store_number(o->store, "SELECT attempts FROM webhook WHERE state = 2"), 10);
    assert_int_equal(take(o, items), 0);
    clock_fix(RFD_TIME_NONE);
}

static void test_attempts_are_bounded(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct call_of x = of_portal(o, &c, "villa", "https://sede.example/avisos");
    begin(o, &x);
    cancel(o, &x);
    int64_t id = domain_store_number(o->store, "SELECT id FROM webhook");
    for (int i = 0; i < WEBHOOK_ATTEMPTS + 3; i++) settle(o, id, 500, "no\nprintable", false);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook_attempt"), WEBHOOK_ATTEMPTS);
    assert_int_equal(domain_store_number(o->store, "SELECT min(number) FROM webhook_attempt"), 4);
}

static void test_signed(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct webhook_item items[WEBHOOK_AT_ONCE];
    struct call_of x = of_portal(o, &c, "villa", "https://sede.example/avisos");
    struct actor ana;
    struct central_authorisation begun;
    struct signing done;
    char credential[PERSONAL_ID_SIZE];
    central_made(o, &c, ANA, credential);
    ana = central_actor(o, ANA);
    begin(o, &x);
    (void)domain_store_run(o->store,
                           "UPDATE signing SET person = 4, account = (SELECT id FROM account WHERE person = 4)");
    WORLD_OK(signing_prepare(&c, &ana, &memory, x.out.token, slice_text(credential), PERSONAL_NO_CHANNEL, SLICE("es"),
                             &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(signing_sign(&c, &ana, &memory, x.out.token, begun.operation, &proofs, &done, &error));
    assert_int_equal(done.state, SIGNING_SIGNED);
    assert_int_equal(take(o, items), 1);
    json_t *body = body_of(&items[0]);
    const json_t *document = json_array_get(json_object_get(body, "documents"), 0);
    assert_true(says(body, "event", SLICE("operation.signed")));
    assert_true(says(document, "sha256", done.documents[0].result) && says(document, "state", SLICE("signed")));
    json_decref(body);
}

/* ---- What programs may see and repeat ---- */

static rfd_status do_see(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(redirect_seen(t, x->portal.id, x->name, x->hash, &x->wanted, error));
    return x->wanted.id != 0 ? RFD_OK : redirect_remember(t, x->portal.id, x->name, x->hash, x->out.id, error);
}

static rfd_status do_look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(redirect_wait(t, &x->portal, clock_now(), &x->wait, error));
    return redirect_find(t, x->portal.id, x->out.token, &x->wanted, error);
}

static void test_requests_of_portals(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct call_of villa = of_portal(o, &c, "villa", ""), banco = of_portal(o, &c, "banco", "");
    begin(o, &villa);
    villa.name = SLICE("pedido-1");
    WORLD_OK(store_write(o->store, do_see, &villa, &error));
    assert_int_equal(villa.wanted.id, 0);
    WORLD_OK(store_write(o->store, do_see, &villa, &error));
    assert_int_equal(villa.wanted.id, villa.out.id); /* the same again */
    villa.hash[0] = 1;
    assert_int_equal(store_write(o->store, do_see, &villa, NULL), RFD_E_STORE_CONFLICT);
    banco.name = villa.name; /* of another one it is another name */
    banco.out = villa.out;
    WORLD_OK(store_write(o->store, do_see, &banco, &error));
    assert_int_equal(banco.wanted.id, 0);
    assert_int_equal(store_read(o->store, do_look, &banco, NULL), RFD_E_NOT_FOUND);
    WORLD_OK(store_read(o->store, do_look, &villa, &error));
    assert_int_equal(villa.wait, 0);
    villa.portal.quota = 1;
    WORLD_OK(store_read(o->store, do_look, &villa, &error));
    assert_in_range(villa.wait, 24 * 3600 - 60, 24 * 3600 + 1);
    WORLD_OK(redirect_sweep(o->store, clock_now() + 8LL * 24 * 60 * MINUTE, &error));
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM portal_request"), 0);
}

/* ---- A portal's server ---- */

struct server {
    int listener;
    pthread_t thread;
    char requests[8][REQUEST_SIZE];
    unsigned count;
    const char *answers[8]; /* by the path's first digit: "/0/avisos" */
};

static void answer_one(struct server *s, int fd)
{
    char *text = s->requests[s->count % 8];
    size_t length = 0, wanted = 0;
    for (;;) {
        ssize_t got = read(fd, text + length, REQUEST_SIZE - 1 - length);
        if (got <= 0) break;
        length += (size_t)got;
        text[length] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *size = strstr(text, "Content-Length: ");
        if (end == NULL || size == NULL) continue;
        if (sscanf(size, "Content-Length: %zu", &wanted) == 1 && length >= (size_t)(end - text) + 4 + wanted) break;
    }
    const char *answer = s->answers[text[6] - '0']; /* "POST /3" */
    s->count++;
    if (answer != NULL) assert_int_equal(write(fd, answer, strlen(answer)), strlen(answer));
}

static void *serve(void *context)
{
    struct server *s = context;
    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0) return NULL;
        answer_one(s, fd);
        (void)close(fd);
    }
}

static unsigned start(struct server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return ntohs(address.sin_port);
}

static void stop(struct server *s)
{
    (void)shutdown(s->listener, SHUT_RDWR);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->listener);
}

static const char *const answers[] = {"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
                                      "HTTP/1.1 302 Found\r\nLocation: /0/avisos\r\nContent-Length: 0\r\n"
                                      "Connection: close\r\n\r\n",
                                      "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", NULL};

static void test_what_portals_answer(void **state)
{
    struct server server = {.answers = {answers[0], answers[1], answers[2], answers[3]}};
    unsigned port = start(&server);
    char addresses[4][64];
    struct notice all[7];
    (void)state;
    for (unsigned i = 0; i < 4; i++) (void)snprintf(addresses[i], 64, "http://127.0.0.1:%u/%u/avisos", port, i);
    const char *const others[] = {"http://sede.example/avisos", "file:///etc/passwd", "https://nothing.invalid/"};
    for (unsigned i = 0; i < 7; i++)
        all[i] = (struct notice){.address = i < 4 ? addresses[i] : others[i - 4],
                                 .identity = "entrega",
                                 .event = "operation.signed",
                                 .signature = "a..b",
                                 .body = SLICE("{}")};
    WORLD_OK(notices_send(all, 7, true, NULL, &error));
    assert_int_equal(all[0].status, 204);
    assert_string_equal(all[0].why, "");
    assert_int_equal(all[1].status, 302); /* nobody is followed */
    assert_string_not_equal(all[1].why, "");
    assert_int_equal(all[2].status, 500);
    assert_int_equal(all[3].status, 0);
    for (unsigned i = 3; i < 7; i++) assert_string_not_equal(all[i].why, "");
    assert_int_equal(server.count, 4);
    assert_non_null(strstr(server.requests[0], "Refrenda-Event: operation.signed\r\n"));
    /* Where the settings do not allow it, nothing inside is spoken with, whatever its name. */
    static const char *const inside[] = {"https://10.0.0.1/",    "https://169.254.169.254/latest/",
                                         "https://[::1]/",       "https://[::ffff:192.168.0.1]/",
                                         "https://localhost:1/", "https://2130706433/"};
    all[0].address = addresses[0];
    for (unsigned i = 1; i < 7; i++) all[i].address = inside[i - 1];
    WORLD_OK(notices_send(all, 7, false, NULL, &error));
    for (unsigned i = 0; i < 7; i++) assert_non_null(strstr(all[i].why, "private network"));
    assert_int_equal(server.count, 4);
    atomic_bool hurry = true;
    WORLD_OK(notices_send(all, 1, true, &hurry, &error));
    assert_string_equal(all[0].why, "stopped");
    stop(&server);
}

/* ---- The worker ---- */

static void check_signature(const struct central *c, const char *request)
{
    struct ask_public_key key;
    json_t *claims = NULL;
    char token[REQUEST_SIZE];
    struct buf payload;
    const char *body = strstr(request, "\r\n\r\n") + 4, *at = strstr(request, "Refrenda-Signature: ");
    assert_non_null(at);
    slice detached = slice_of((const uint8_t *)at + 20, strcspn(at + 20, "\r"));
    const uint8_t *dots = memmem(detached.data, detached.length, "..", 2);
    assert_non_null(dots);
    size_t cut = (size_t)(dots - detached.data);
    buf_init(&payload, REQUEST_SIZE);
    url_put_base64(&payload, slice_text(body));
    (void)snprintf(token, sizeof token, "%.*s.%.*s.%.*s", (int)cut, (const char *)detached.data, (int)payload.length,
                   (const char *)payload.data, (int)(detached.length - cut - 2), (const char *)dots + 2);
    WORLD_OK(ask_public_key(c->keeper, SLICE("seal"), &memory, &key, &error));
    WORLD_OK(jws_verify_key(slice_text(token), key.spki, &claims, &error));
    assert_string_equal(json_string_value(json_object_get(claims, "event")), "operation.cancelled");
    json_decref(claims);
    token[strlen(token) - 8] ^= 1;
    assert_int_not_equal(jws_verify_key(slice_text(token), key.spki, &claims, NULL), RFD_OK);
    buf_dispose(&payload);
}

static void test_the_worker_sends(void **state)
{
    struct central c;
    struct office *o = central_open(state, &c);
    struct server server = {.answers = {answers[0], answers[1], answers[2], answers[3]}};
    char address[64];
    struct settings settings = *c.settings;
    struct jobs jobs = {.settings = &settings, .authority = {.store = o->store, .keeper = c.keeper}};
    struct notifier *notifier = NULL;
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%u/0/avisos", start(&server));
    struct call_of x = of_portal(o, &c, "villa", address);
    begin(o, &x);
    cancel(o, &x);
    WORLD_OK(notifier_new(&jobs, &notifier, &error));
    settings.central.private_webhooks = false;
    assert_int_equal(notifier_run(notifier), 0);
    assert_int_equal(server.count, 0);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook WHERE state = 1 AND tries = 1"), 1);
    settings.central.private_webhooks = true;
    assert_true(notifier_run(notifier) > 0); /* not yet */
    x.id = domain_store_number(o->store, "SELECT id FROM webhook");
    WORLD_OK(store_write(o->store, do_again, &x, &error));
    assert_int_equal(notifier_run(notifier), 0);
    assert_int_equal(server.count, 1);
    check_signature(&c, server.requests[0]);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook WHERE state = 2 AND status = 204"), 1);
    /* A key that the keeper does not have: nothing is lost, nor counted. */
    WORLD_OK(store_write(o->store, do_again, &x, &error));
    settings.keys.seal_key = "none";
    assert_true(notifier_run(notifier) > 0);
    assert_int_equal(server.count, 1);
    assert_int_equal(domain_store_number(o->store, "SELECT count(*) FROM webhook WHERE state = 1 AND tries = 0"), 1);
    notifier_free(notifier);
    stop(&server);
}

static int set_up(void **state)
{
    arena_init(&memory, 64 << 20);
    return central_setup(state);
}

static int tear_down(void **state)
{
    arena_dispose(&memory);
    return central_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_OFFICES(test_one_for_each_end),
        IN_BOTH_OFFICES(test_one_portal_after_the_other),
        IN_BOTH_OFFICES(test_one_that_is_silent),
        cmocka_unit_test(test_every_end_is_described),
        IN_BOTH_OFFICES(test_tried_for_three_days),
        IN_BOTH_OFFICES(test_attempts_are_bounded),
        IN_BOTH_OFFICES(test_signed),
        IN_BOTH_OFFICES(test_requests_of_portals),
        cmocka_unit_test(test_what_portals_answer),
        IN_BOTH_OFFICES(test_the_worker_sends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
