/* SPDX-License-Identifier: EUPL-1.2
 *
 * The personal keeper in its own process and sandbox, with an authority's keeper beside it: from an agent's approval to
 * a certificate and signatures, with threads, Argon2id at its usual cost, and kill -9.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "issue_support.h"
#include "keeper/attestation.h"
#include "keeper/hpke.h"
#include "keeper_running.h"
#include "personal/process.h"
#include "pki/algorithm.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BODY = 96 << 10, HASHES = 2, TEXT = 256, KILLS = 6 };
#define PASSWORD "una clave de firma"

static struct issue_world authority;
static struct identity agents, agent;
static const struct certificate *issuer;
static struct running personal;

static int be_personal(const struct running *k, struct supervised *self)
{
    struct personal_process_options options = {
        .store = k->store, .master = running_master(), .audit = k->audit, .threads = 2, .personal = personal_defaults};
    options.personal.algorithm = KEY_ALGORITHM_P256;
    options.personal.memory_kib = 64 << 10;
    options.personal.passes = 1;
    self->context = &options;
    return personal_process_run(self);
}

/* ---- Asking ---- */

/** What came back is read by `fields` until the next question on this channel. */
static rfd_status ask(struct channel *c, unsigned operation, const struct buf *body, struct message_reader *fields)
{
    return keeper_ask(c, operation, buf_slice(body), RUNNING_WAIT, fields, NULL);
}

static rfd_status ask_admin(void *context, enum keeper_operation operation, struct buf *body,
                            struct message_reader *fields)
{
    return ask(context, operation, body, fields);
}

static void register_agent(void)
{
    struct channel *admin = running_greet(&personal, "admin", 0);
    const struct issue_way way = {ask_admin, admin};
    assert_int_equal(issue_register(&way, KEEPER_AGENT, "agent-1", agent.certificate, "pe-natural-person"), RFD_OK);
    channel_free(admin);
}

/** The two public keys. */
static void get_keys(struct channel *c, struct buf *activation, struct buf *attestation)
{
    struct message_reader r;
    assert_int_equal(keeper_ask(c, PERSONAL_KEYS, SLICE_EMPTY, RUNNING_WAIT, &r, NULL), RFD_OK);
    buf_put_slice(activation, message_get_bytes(&r, 256));
    buf_put_slice(attestation, message_get_bytes(&r, 256));
    assert_int_equal(message_end(&r, "keys", NULL), RFD_OK);
}

static void register_attestation(slice spki)
{
    struct message_reader r;
    struct buf b;
    buf_init(&b, BODY);
    message_put_u8(&b, KEEPER_PERSONAL);
    message_put_text(&b, "personal");
    message_put_bytes(&b, spki);
    message_put_text(&b, "");
    message_put_text(&b, "");
    message_put_u32(&b, 0);
    assert_int_equal(issue_ask_as(&authority, KEEPER_FROM_ADMIN, KEEPER_REGISTER, &b, &r), RFD_OK);
    buf_dispose(&b);
}

/* ---- A person ---- */

struct person {
    struct channel *web, *worker;
    struct buf activation, attestation;
    struct buf approval; /* SignedData */
    uint8_t approval_hash[APPROVAL_HASH_SIZE];
    char credential[PERSONAL_ID_SIZE];
    const struct certificate *certificate;

    /* The operation that goes on: */
    struct buf text, info;
    uint8_t operation[PERSONAL_OPERATION_SIZE];
    char code[16];
    uint8_t hashes[HASHES][32];
    uint8_t sad[PERSONAL_SAD_SIZE];
};

static void connect_person(struct person *p)
{
    p->web = running_greet(&personal, "web", 0);
    p->worker = running_greet(&personal, "worker", 0);
}

static void disconnect_person(struct person *p)
{
    channel_free(p->web);
    channel_free(p->worker);
}

static void new_person(struct person *p, unsigned number)
{
    struct buf text;
    *p = (struct person){.web = NULL};
    struct buf *const bufs[] = {&p->activation, &p->attestation, &p->approval, &p->text, &p->info};
    for (size_t i = 0; i < 5; i++) buf_init(bufs[i], BODY);
    connect_person(p);
    get_keys(p->web, &p->activation, &p->attestation);
    register_attestation(buf_slice(&p->attestation));
    struct approval a = issue_approval(issuer, SLICE("not known yet"), number, clock_now());
    a.central = true;
    buf_init(&text, APPROVAL_MAXIMUM);
    assert_int_equal(approval_write(&a, &text, NULL), RFD_OK);
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&text), p->approval_hash, NULL), RFD_OK);
    issue_sign_text(&agent, buf_slice(&text), &p->approval);
    buf_dispose(&text);
}

static void free_person(struct person *p)
{
    disconnect_person(p);
    certificate_unref(p->certificate);
    struct buf *const bufs[] = {&p->activation, &p->attestation, &p->approval, &p->text, &p->info};
    for (size_t i = 0; i < 5; i++) buf_dispose(bufs[i]);
}

/** The worker's part: the code that the person's telephone shows. */
static void take_code(struct person *p)
{
    struct message_reader r;
    assert_int_equal(keeper_ask(p->worker, PERSONAL_TAKE_CODES, SLICE_EMPTY, RUNNING_WAIT, &r, NULL), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    slice operation = message_get_bytes(&r, PERSONAL_OPERATION_SIZE);
    assert_true(slice_equal(operation, slice_of(p->operation, sizeof p->operation)));
    assert_int_equal(message_get_u8(&r), 0);
    assert_int_equal(message_get_u8(&r), PERSONAL_SMS);
    assert_true(slice_is(message_get_text(&r, TEXT), "+51999000111"));
    for (int i = 0; i < 4; i++) (void)message_get_text(&r, TEXT); /* language, kind, portal, title */
    (void)message_get_u32(&r);
    slice code = message_get_text(&r, sizeof p->code - 1);
    memcpy(p->code, code.data, code.length);
    p->code[code.length] = '\0';
    (void)message_get_i64(&r);
    assert_int_equal(message_end(&r, "codes", NULL), RFD_OK);
}

static void begin(struct person *p, const struct operation_text *wanted)
{
    bool generate = wanted->kind == OPERATION_GENERATE;
    struct operation_text read;
    struct operation_document documents[HASHES];
    struct message_reader r;
    struct buf b;
    buf_init(&b, BODY);
    buf_reset(&p->text);
    buf_reset(&p->info);
    assert_int_equal(operation_write(wanted, &p->text, NULL), RFD_OK);
    message_put_bytes(&b, buf_slice(&p->text));
    message_put_u32(&b, generate);
    if (generate) message_put_bytes(&b, buf_slice(&p->approval));
    message_put_u8(&b, PERSONAL_SMS);
    message_put_text(&b, "es");
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_bytes(&b, SLICE_EMPTY);
    assert_int_equal(ask(p->web, PERSONAL_BEGIN, &b, &r), RFD_OK);
    slice operation = message_get_bytes(&r, PERSONAL_OPERATION_SIZE);
    slice nonce = message_get_bytes(&r, PERSONAL_NONCE_SIZE);
    memcpy(p->operation, operation.data, operation.length);
    assert_int_equal(operation_read(buf_slice(&p->text), documents, HASHES, &read, NULL), RFD_OK);
    assert_int_equal(personal_activation_info(buf_slice(&p->text), &read, nonce.data, &p->info, NULL), RFD_OK);
    buf_dispose(&b);
    take_code(p);
}

/** Encrypts what the person typed, as the browser does. */
static rfd_status activate(struct person *p, const char *password_name, struct message_reader *r)
{
    char json[TEXT];
    uint8_t encapsulated[HPKE_POINT_SIZE];
    struct buf sealed, b;
    buf_init(&sealed, BODY);
    buf_init(&b, BODY);
    (void)snprintf(json, sizeof json, "{\"code\":\"%s\",\"%s\":\"" PASSWORD "\"}", p->code, password_name);
    slice point = slice_from(buf_slice(&p->activation), p->activation.length - HPKE_POINT_SIZE);
    assert_int_equal(hpke_seal(point, buf_slice(&p->info), SLICE_EMPTY, slice_text(json), encapsulated, &sealed, NULL),
                     RFD_OK);
    message_put_bytes(&b, slice_of(p->operation, sizeof p->operation));
    message_put_bytes(&b, slice_of(encapsulated, sizeof encapsulated));
    message_put_bytes(&b, buf_slice(&sealed));
    rfd_status status = ask(p->web, PERSONAL_ACTIVATE, &b, r);
    buf_dispose(&sealed);
    buf_dispose(&b);
    return status;
}

/** Has the key certified by the authority's keeper, and gives the certificate to the credential. */
static void certify(struct person *p, struct message_reader *made)
{
    struct message_reader r;
    struct buf b;
    buf_init(&b, BODY);
    slice credential = message_get_text(made, sizeof p->credential - 1);
    memcpy(p->credential, credential.data, credential.length);
    slice spki = message_get_bytes(made, BODY);
    slice text = message_get_bytes(made, ATTESTATION_MAXIMUM);
    slice signature = message_get_bytes(made, ATTESTATION_SIGNATURE_MAXIMUM);
    assert_int_equal(message_end(made, "generated", NULL), RFD_OK);
    issue_put_request(&b, spki, buf_slice(&p->approval), SLICE_EMPTY);
    message_put_bytes(&b, text);
    message_put_bytes(&b, signature);
    assert_int_equal(issue_ask_as(&authority, KEEPER_FROM_WEB, KEEPER_ISSUE, &b, &r), RFD_OK);
    slice der = message_get_bytes(&r, KEY_CERTIFICATE_MAXIMUM);
    assert_int_equal(certificate_parse(der, &p->certificate, NULL), RFD_OK);
    buf_reset(&b);
    message_put_text(&b, p->credential);
    message_put_bytes(&b, der);
    message_put_bytes(&b, issuer->der);
    assert_int_equal(ask(p->web, PERSONAL_CERTIFY, &b, &r), RFD_OK);
    buf_dispose(&b);
}

static void generate(struct person *p)
{
    struct message_reader r;
    struct operation_text o = {
        .kind = OPERATION_GENERATE, .portal = SLICE("Refrenda"), .time = clock_now() / RFD_SECOND * RFD_SECOND};
    memcpy(o.approval, p->approval_hash, sizeof o.approval);
    begin(p, &o);
    assert_int_equal(activate(p, "newPassword", &r), RFD_OK);
    certify(p, &r);
}

static void begin_signing(struct person *p)
{
    struct operation_document documents[HASHES] = {{.title = SLICE("Solicitud")}, {.title = SLICE("Anexo")}};
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(p->credential),
                                     .portal = SLICE("Sede de Villa Ejemplo"),
                                     .digest = DIGEST_SHA256,
                                     .documents = documents,
                                     .count = HASHES,
                                     .time = clock_now() / RFD_SECOND * RFD_SECOND};
    for (uint8_t i = 0; i < HASHES; i++) {
        assert_int_equal(digest_of(DIGEST_SHA256, slice_of(&i, 1), p->hashes[i], NULL), RFD_OK);
        documents[i].hash = slice_of(p->hashes[i], sizeof p->hashes[i]);
    }
    begin(p, &o);
}

static void authorise(struct person *p)
{
    struct message_reader r;
    begin_signing(p);
    assert_int_equal(activate(p, "password", &r), RFD_OK);
    slice sad = message_get_bytes(&r, PERSONAL_SAD_SIZE);
    assert_int_equal(sad.length, PERSONAL_SAD_SIZE);
    memcpy(p->sad, sad.data, sad.length);
}

static rfd_status sign(struct person *p, struct message_reader *r)
{
    struct buf b;
    buf_init(&b, BODY);
    message_put_bytes(&b, slice_of(p->sad, sizeof p->sad));
    message_put_u32(&b, HASHES);
    for (size_t i = 0; i < HASHES; i++) message_put_bytes(&b, slice_of(p->hashes[i], sizeof p->hashes[i]));
    rfd_status status = ask(p->web, PERSONAL_SIGN, &b, r);
    buf_dispose(&b);
    return status;
}

/* ---- Tests ---- */

static void test_from_approval_to_signatures(void **state)
{
    (void)state;
    struct person p;
    struct message_reader r;
    new_person(&p, 1);
    generate(&p);
    authorise(&p);
    assert_int_equal(sign(&p, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), HASHES);
    for (uint8_t i = 0; i < HASHES; i++) {
        const struct signature_algorithm a = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
        slice signature = message_get_bytes(&r, BODY);
        assert_int_equal(signature_verify(&a, p.certificate, slice_of(&i, 1), signature, NULL), RFD_OK);
    }
    assert_true(sign(&p, &r) != RFD_OK); /* once */
    /* What was authorised dies with the process; the credential does not. */
    authorise(&p);
    disconnect_person(&p);
    running_kill(&personal);
    running_start(&personal);
    connect_person(&p);
    assert_true(sign(&p, &r) != RFD_OK);
    authorise(&p);
    assert_int_equal(sign(&p, &r), RFD_OK);
    free_person(&p);
}

/* Killed anywhere while it makes keys and signs: afterwards it starts, and everybody's credential works. */
static void test_killed(void **state)
{
    (void)state;
    struct person p;
    struct message_reader r;
    new_person(&p, 2);
    generate(&p);
    for (int i = 0; i < KILLS; i++) {
        struct buf b;
        buf_init(&b, BODY);
        begin_signing(&p);
        message_put_bytes(&b, slice_of(p.operation, sizeof p.operation));
        message_put_bytes(&b, SLICE("no point"));
        message_put_bytes(&b, SLICE("no ciphertext"));
        assert_int_equal(channel_send(p.web, PERSONAL_ACTIVATE, 1, buf_slice(&b), NULL, 0, NULL), RFD_OK);
        (void)usleep((useconds_t)(i * 3000));
        buf_dispose(&b);
        disconnect_person(&p);
        running_kill(&personal);
        running_start(&personal);
        connect_person(&p);
        /* What was counted stays counted; a right code makes it good. */
        authorise(&p);
        assert_int_equal(sign(&p, &r), RFD_OK);
    }
    free_person(&p);
}

/* One is active: the store has a lock. */
static void test_second_instance(void **state)
{
    (void)state;
    struct running second = personal;
    int how;
    int sockets[2];
    assert_int_equal(channel_pair(sockets, NULL), RFD_OK);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct supervised self = {.role = "personal"};
        const struct channel_options options = {.maximum = 4096, .flags = CHANNEL_DESCRIPTORS};
        if (channel_new(sockets[1], &options, &self.control, NULL) != RFD_OK) _exit(9);
        _exit(be_personal(&second, &self));
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 1);
    (void)close(sockets[0]);
    (void)close(sockets[1]);
}

/* Who may ask for what, by role. */
static void test_roles(void **state)
{
    (void)state;
    struct message_reader r;
    struct buf b;
    buf_init(&b, BODY);
    struct channel *web = running_greet(&personal, "web", 0);
    struct channel *worker = running_greet(&personal, "worker", 0);
    assert_int_equal(ask(web, PERSONAL_TAKE_CODES, &b, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask(web, KEEPER_REGISTER, &b, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask(worker, PERSONAL_ACTIVATE, &b, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask(worker, PERSONAL_BEGIN, &b, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask(worker, PERSONAL_TAKE_CODES, &b, &r), RFD_OK);
    buf_dispose(&b);
    channel_free(web);
    channel_free(worker);
}

static int open_room(void **state)
{
    char path[256];
    (void)state;
    if (folder_new() == NULL) return 1;
    agents = identity_new("P-256", "Agents", NULL, NULL);
    agent = identity_new("P-256", "Agent one", &agents, NULL);
    (void)snprintf(path, sizeof path, "%s", folder_file("authority"));
    issue_world_new(&authority, path);
    issue_ceremony(&authority.way, "P-256", 1);
    issuer = issue_certificate_of(&authority.way, "issuing-1");
    if (issue_register(&authority.way, KEEPER_AGENT, "agent-1", agent.certificate, "pe-natural-person") != RFD_OK)
        return 1;
    running_new(&personal, folder_file("personal"));
    personal.be = be_personal;
    running_start(&personal);
    register_agent();
    return 0;
}

static int close_room(void **state)
{
    (void)state;
    running_kill(&personal);
    certificate_unref(issuer);
    issue_world_free(&authority);
    identity_free(&agent);
    identity_free(&agents);
    folder_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_approval_to_signatures),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_second_instance),
        cmocka_unit_test(test_roles),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
