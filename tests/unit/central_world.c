/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "central_world.h"
#include "domain/central/seal_order.h"

#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "keeper/approval.h"
#include "keeper/ask.h"
#include "keeper/client_internal.h"
#include "keeper/hpke.h"
#include "personal/operation.h"
#include "personal/personal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHEAP_KIBIBYTES = 64, MILLISECONDS = 60000, FILE_MAXIMUM = 4 << 20, TAKEN = 32 };

struct taken {
    uint8_t operation[PERSONAL_OPERATION_SIZE];
    char code[16], kind[16];
    char portal[128], title[256];
};

static struct {
    struct master master;
    struct keystore store;
    struct personal *personal;
    struct keeper_client *admin, *web, *worker, *pages;
    struct blob_store *blobs;
    struct settings settings;
    struct arena memory, proofs;
    struct taken taken[TAKEN];
    size_t taken_count;
    unsigned worlds;              /* so many personal keepers there were: one for each test */
    enum key_algorithm algorithm; /* of the keys that it makes; KEY_ALGORITHM_NONE: P-256 */
    unsigned messages;            /* that it sends to one person at once; 0: no limit */
} w;

static const struct personal_options cheap = {.algorithm = KEY_ALGORITHM_P256,
                                              .memory_kib = CHEAP_KIBIBYTES,
                                              .passes = 1,
                                              .operation_seconds = 300,
                                              .sad_seconds = 300,
                                              .again_seconds = 0,
                                              .wrong_passwords = 5,
                                              .wrong_codes = 5};

static const enum keeper_sender senders[] = {KEEPER_FROM_ADMIN, KEEPER_FROM_WEB, KEEPER_FROM_WORKER};

static rfd_status quiet(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context, (void)event, (void)error;
    return RFD_OK;
}

static rfd_status handle(void *context, struct keeper_session *session, const struct message *message,
                         struct buf *answer, struct rfd_error *error)
{
    session->sender = *(const enum keeper_sender *)context;
    return personal_handle(w.personal, session, message, answer, error);
}

/** The authority's keeper, asked by the pages. */
static rfd_status handle_pages(void *context, struct keeper_session *session, const struct message *message,
                               struct buf *answer, struct rfd_error *error)
{
    const struct keeper_client *authority = context;
    session->sender = KEEPER_FROM_WEB;
    return authority->direct(authority->direct_context, session, message, answer, error);
}

int central_setup(void **state)
{
    struct keeper_client **const clients[] = {&w.admin, &w.web, &w.worker};
    if (office_setup(state) != 0) return -1;
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &w.master, NULL), RFD_OK);
    w.master.passes = 1;
    w.master.kibibytes = CHEAP_KIBIBYTES;
    for (size_t i = 0; i < 3; i++)
        WORLD_OK(keeper_client_direct_to(handle, (void *)(uintptr_t)&senders[i], clients[i], &error));
    w.settings.web.name = "Municipalidad de Villa Ejemplo";
    w.settings.web.url = "https://firma.example.pe";
    w.settings.web.country = "pe";
    w.settings.keys.seal_key = "seal";
    w.settings.status.url = w.settings.status.tsa_key = w.settings.requests.tsa_url = "";
    w.settings.requests.authority = w.settings.requests.scanner = "";
    arena_init(&w.memory, 64 << 20);
    arena_init(&w.proofs, 1 << 20);
    return mkdir("spool", S_IRWXU);
}

static void close_personal(void)
{
    if (w.personal == NULL) return;
    personal_free(w.personal);
    keystore_close(&w.store);
    w.personal = NULL;
}

void central_keys(enum key_algorithm algorithm)
{
    w.algorithm = algorithm;
}

void central_messages(unsigned messages)
{
    w.messages = messages;
}

static void open_store(bool anew)
{
    char folder[32];
    struct personal_options options = cheap;
    if (w.algorithm != KEY_ALGORITHM_NONE) options.algorithm = w.algorithm;
    options.messages = w.messages;
    (void)snprintf(folder, sizeof folder, "personal-%u", w.worlds);
    if (anew) WORLD_OK(keystore_files_init(folder, &w.master, &error));
    WORLD_OK(keystore_files_open(folder, &w.master, &w.store, &error));
    WORLD_OK(personal_new(&w.store, &options, quiet, NULL, &w.personal, &error));
}

static void open_personal(void)
{
    close_personal();
    w.worlds++;
    open_store(true);
}

void central_restart(void)
{
    close_personal();
    open_store(false);
}

struct keeper_client *central_link(enum keeper_sender sender)
{
    return sender == KEEPER_FROM_ADMIN ? w.admin : sender == KEEPER_FROM_WORKER ? w.worker : w.web;
}

int central_teardown(void **state)
{
    arena_dispose(&w.memory);
    arena_dispose(&w.proofs);
    blob_store_close(w.blobs);
    keeper_client_free(w.admin);
    keeper_client_free(w.web);
    keeper_client_free(w.worker);
    keeper_client_free(w.pages);
    close_personal();
    master_dispose(&w.master);
    return office_teardown(state);
}

/* ---- Who knows whom ---- */

static void register_with(struct keeper_client *keeper, enum keeper_registered kind, const char *name, slice proof,
                          const char *profiles)
{
    const struct ask_registration ask = {.kind = kind, .name = name, .proof = proof, .profiles = profiles};
    WORLD_OK(ask_register(keeper, &ask, &error));
}

static void introduce(struct office *o)
{
    struct keeper_reply reply = {.memory = {.data = NULL}};
    WORLD_OK(keeper_client_ask(w.web, PERSONAL_KEYS, SLICE_EMPTY, -1, MILLISECONDS, &reply, &error));
    (void)message_get_bytes(&reply.fields, 1024);
    slice attestation = message_get_bytes(&reply.fields, 1024);
    register_with(o->domain->keeper, KEEPER_PERSONAL, "personal", attestation, "");
    keeper_reply_dispose(&reply);
}

static void make_blobs(struct office *o)
{
    struct buf spki;
    buf_init(&spki, 1024);
    const struct ask_key wrapping = {.name = "wrapping", .purpose = PURPOSE_WRAPPING, .algorithm = "AES-256"};
    WORLD_OK(ask_create_key(o->domain->keeper, &wrapping, &spki, &error));
    WORLD_OK(keeper_client_direct_to(handle_pages, o->domain->keeper, &w.pages, &error));
    const struct blob_options options = {"blobs", "wrapping", w.pages};
    WORLD_OK(blob_store_open(&options, &w.blobs, &error));
    buf_dispose(&spki);
}

static void make_seal(struct office *o)
{
    static const struct profile_value values[] = {{OID_COUNTRY, "PE"},
                                                  {OID_ORGANIZATION, "Municipalidad de Villa Ejemplo"},
                                                  {OID_ORGANIZATION_IDENTIFIER, "VATPE-20131312955"},
                                                  {OID_COMMON_NAME, "Sello de Villa Ejemplo"}};
    const struct ask_key key = {.name = "seal", .purpose = PURPOSE_SEAL, .algorithm = "P-256"};
    struct ask_certificate ask = {
        .key = "issuing-1", .profile = "seal", .values = values, .value_count = sizeof values / sizeof *values};
    struct buf spki, certificate;
    uint32_t partition;
    buf_init(&spki, 1024);
    buf_init(&certificate, 1 << 16);
    WORLD_OK(ask_create_key(o->domain->keeper, &key, &spki, &error));
    ask.spki = buf_slice(&spki);
    WORLD_OK(ask_issue_service(o->domain->keeper, &ask, &certificate, &partition, &error));
    WORLD_OK(ask_certify_key(o->domain->keeper, "seal", buf_slice(&certificate), &error));
    buf_dispose(&spki);
    buf_dispose(&certificate);
}

static void give_account(struct office *o, int64_t person, int level)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO account(code, person, level, state, password, must_change, factors, language, created) "
                   "VALUES ('U%lld', %lld, %d, 'open', '', FALSE, 0, 'es', 0)",
                   (long long)person, (long long)person, level);
    (void)domain_store_run(o->store, sql);
}

struct office *central_open(void **state, struct central *out)
{
    struct office *o = office_open(state);
    open_personal();
    introduce(o);
    if (w.blobs == NULL) {
        make_blobs(o);
        make_seal(o);
    }
    register_with(w.admin, KEEPER_AGENT, "person-2", office_agent(AGENT)->der,
                  "pe-natural-person,pe-legal-person-seal");
    register_with(w.admin, KEEPER_AGENT, "person-3", office_agent(RIVAL)->der, "pe-legal-person-seal");
    for (int64_t p = 1; p < PEOPLE; p++) give_account(o, p, p == BERTA ? LEVEL_BASIC : LEVEL_ADVANCED);
    o->settings.central = true;
    *out = (struct central){.store = o->store,
                            .keeper = w.pages,
                            .personal = w.web,
                            .blobs = w.blobs,
                            .packs = o->domain->packs,
                            .settings = &w.settings,
                            .spool = "spool"};
    return o;
}

struct account_of {
    int64_t person;
    struct actor *actor;
};

static rfd_status find_account(struct transaction *t, void *context, struct rfd_error *error)
{
    struct account_of *a = context;
    const struct store_value value = store_integer(a->person);
    struct store_rows rows;
    TRY(store_run(t, "SELECT id, level FROM account WHERE person = $1", &value, 1, &rows, error));
    a->actor->account = store_cell(&rows, 0, 0)->integer;
    a->actor->level = (enum account_level)store_cell(&rows, 0, 1)->integer;
    return RFD_OK;
}

struct actor central_actor(struct office *o, int64_t person)
{
    struct actor actor = world_actor(o->store, person);
    struct account_of a = {person, &actor};
    assert_int_equal(store_read(o->store, find_account, &a, NULL), RFD_OK);
    return actor;
}

rfd_status central_write(struct office *o, store_work *work, void *context)
{
    return store_write(o->store, work, context, NULL);
}

/* ---- A key ---- */

int64_t central_approved(struct office *o, int64_t person)
{
    struct form f;
    char number[16];
    struct call agent = office_as(o, AGENT);
    (void)snprintf(number, sizeof number, "000000%02d", (int)person);
    form_new(&f, number);
    f.person.central = true;
    f.person.pkcs10 = SLICE_EMPTY;
    assert_int_equal(office_ask_in_person(&agent, &f), RFD_OK);
    int64_t id = agent.id;
    office_check_files(&agent, id);
    assert_int_equal(office_approve(&agent, id, clock_now()), RFD_OK);
    form_free(&f);
    return id;
}

static void take_text(struct message_reader *f, char *to, size_t size)
{
    slice text = message_get_text(f, size - 1);
    (void)snprintf(to, size, "%.*s", (int)text.length, text.data == NULL ? "" : (const char *)text.data);
}

/** What the worker is given, and would send. */
static void take_codes(void)
{
    struct keeper_reply reply = {.memory = {.data = NULL}};
    struct message_reader *f = &reply.fields;
    WORLD_OK(keeper_client_ask(w.worker, PERSONAL_TAKE_CODES, SLICE_EMPTY, -1, MILLISECONDS, &reply, &error));
    uint32_t count = message_get_u32(f);
    for (uint32_t i = 0; i < count; i++) {
        struct taken *to = &w.taken[w.taken_count++ % TAKEN];
        slice id = message_get_bytes(f, PERSONAL_OPERATION_SIZE);
        (void)message_get_u8(f);
        (void)message_get_u8(f);
        for (unsigned k = 0; k < 2; k++) (void)message_get_text(f, 512);
        take_text(f, to->kind, sizeof to->kind);
        take_text(f, to->portal, sizeof to->portal);
        take_text(f, to->title, sizeof to->title);
        (void)message_get_u32(f);
        slice text = message_get_text(f, sizeof to->code - 1);
        (void)message_get_i64(f);
        memcpy(to->operation, id.data, sizeof to->operation);
        (void)snprintf(to->code, sizeof to->code, "%.*s", (int)text.length, (const char *)text.data);
    }
    assert_int_equal(message_end(f, "codes", NULL), RFD_OK);
    keeper_reply_dispose(&reply);
}

static const char *code_of(const uint8_t *operation)
{
    take_codes();
    for (size_t i = 0; i < TAKEN; i++) {
        if (memcmp(w.taken[i].operation, operation, sizeof w.taken[i].operation) == 0) return w.taken[i].code;
    }
    fail_msg("no code was sent");
    return "";
}

const char *central_code_of_seal(const char *portal, const char **seal)
{
    take_codes();
    for (size_t i = w.taken_count; i > 0 && w.taken_count - i < TAKEN; i--) {
        const struct taken *t = &w.taken[(i - 1) % TAKEN];
        if (strcmp(t->kind, "code") != 0 || strcmp(t->portal, portal) != 0) continue;
        if (seal != NULL) *seal = t->title;
        return t->code;
    }
    fail_msg("no code was sent");
    return "";
}

struct central_proofs central_prove(const struct central_authorisation *begun, const char *password, const char *code)
{
    struct operation_document *documents = arena_zeroed(&w.memory, PERSONAL_HASHES_MAXIMUM, sizeof *documents);
    struct operation_text text;
    struct buf info, plain, sealed;
    uint8_t encapsulated[HPKE_POINT_SIZE];
    struct central_proofs proofs;
    if (code == NULL) code = code_of(begun->operation);
    arena_dispose(&w.proofs);
    arena_init(&w.proofs, 1 << 20);
    buf_init(&info, 4096);
    buf_init(&plain, 4096);
    buf_init(&sealed, 4096);
    WORLD_OK(operation_read(begun->text, documents, PERSONAL_HASHES_MAXIMUM, &text, &error));
    WORLD_OK(personal_activation_info(begun->text, &text, begun->nonce, &info, &error));
    bool makes = text.kind == OPERATION_GENERATE;
    buf_print(&plain, "{\"%s\":\"%s\",\"code\":\"%s\"}", makes ? "newPassword" : "password", password, code);
    slice point = slice_from(begun->point, begun->point.length - HPKE_POINT_SIZE);
    WORLD_OK(hpke_seal(point, buf_slice(&info), SLICE_EMPTY, buf_slice(&plain), encapsulated, &sealed, &error));
    proofs.encapsulated = arena_copy(&w.proofs, slice_of(encapsulated, sizeof encapsulated));
    proofs.sealed = arena_copy(&w.proofs, buf_slice(&sealed));
    buf_dispose(&info);
    buf_dispose(&plain);
    buf_dispose(&sealed);
    return proofs;
}

void central_made(struct office *o, const struct central *c, int64_t person, char credential[PERSONAL_ID_SIZE])
{
    struct actor actor = central_actor(o, person);
    struct central_authorisation begun;
    (void)central_approved(o, person);
    WORLD_OK(central_generate_begin(c, &actor, &w.memory, SLICE("es"), &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(central_generate(c, &actor, &w.memory, begun.operation, &proofs, credential, &error));
}

struct ordering {
    struct office *office;
    struct actor actor;
    struct seal_order order;
    slice signed_data;
    int64_t id;
};

static rfd_status put_order(struct transaction *t, void *context, struct rfd_error *error)
{
    struct ordering *x = context;
    TRY(seal_order_put(t, &x->actor, &x->office->settings, &x->order, NULL, &x->id, error));
    TRY(seal_order_see(t, &x->actor, &x->office->settings, x->id, clock_now(), &x->order, error));
    return store_keep(&w.memory, &x->order.text, error);
}

static rfd_status sign_order(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct ordering *x = context;
    return seal_order_sign(t, &x->actor, &x->office->settings, x->id, x->signed_data, clock_now(), NULL, error);
}

static int64_t approve_seal(struct office *o, int64_t person, bool code)
{
    static const int64_t agents[] = {AGENT, RIVAL};
    struct ordering x = {.office = o,
                         .actor = central_actor(o, AGENT),
                         .order = {.entity = 1, .person = person, .basis = SLICE("Resolución 12-2026"), .code = code}};
    char sql[128];
    (void)snprintf(sql, sizeof sql, "UPDATE person SET mobile = '+5199900011%d' WHERE id = %d", (int)person % 10,
                   (int)person);
    (void)domain_store_run(o->store, sql);
    WORLD_OK(store_write(o->store, put_order, &x, &error));
    for (size_t i = 0; i < 2; i++) {
        struct buf signed_data;
        buf_init(&signed_data, APPROVAL_SIGNED_MAXIMUM);
        office_sign_text(agents[i], x.order.text, &signed_data);
        x.actor = central_actor(o, agents[i]);
        x.signed_data = buf_slice(&signed_data);
        WORLD_OK(store_write(o->store, sign_order, &x, &error));
        buf_dispose(&signed_data);
    }
    return domain_store_number(o->store, "SELECT max(id) FROM central_enrolment");
}

int64_t central_seal_approved(struct office *o, int64_t person)
{
    return approve_seal(o, person, false);
}

static void generate_seal(struct office *o, const struct central *c, int64_t person, int64_t enrolment,
                          char credential[PERSONAL_ID_SIZE])
{
    struct actor actor = central_actor(o, person);
    struct central_authorisation begun;
    WORLD_OK(central_generate_seal_begin(c, &actor, &w.memory, enrolment, SLICE("es"), &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(central_generate(c, &actor, &w.memory, begun.operation, &proofs, credential, &error));
}

void central_seal_made(struct office *o, const struct central *c, int64_t person, char credential[PERSONAL_ID_SIZE])
{
    generate_seal(o, c, person, central_seal_approved(o, person), credential);
}

void central_code_seal_made(struct office *o, const struct central *c, int64_t person,
                            char credential[PERSONAL_ID_SIZE])
{
    generate_seal(o, c, person, approve_seal(o, person, true), credential);
}

/* ---- Documents ---- */

void central_put_pdf(const char *text, struct buf *b)
{
    size_t offsets[6];
    char content[256];
    int length = snprintf(content, sizeof content, "BT /F1 24 Tf 72 720 Td (%s) Tj ET", text);
    buf_print(b, "%%PDF-1.7\n");
    offsets[1] = b->length;
    buf_print(b, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    offsets[2] = b->length;
    buf_print(b, "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n");
    offsets[3] = b->length;
    buf_print(b, "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
                 "/Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n");
    offsets[4] = b->length;
    buf_print(b, "4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", length, content);
    offsets[5] = b->length;
    buf_print(b, "5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n");
    size_t xref = b->length;
    buf_print(b, "xref\n0 6\n0000000000 65535 f \n");
    for (size_t i = 1; i < 6; i++) buf_print(b, "%010zu 00000 n \n", offsets[i]);
    buf_print(b, "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", xref);
}

static rfd_status record(struct transaction *t, void *context, struct rfd_error *error)
{
    return blob_record(t, context, error);
}

slice central_pdf(const struct central *c, const char *text)
{
    struct blob_writer *writer = NULL;
    struct blob blob;
    struct buf b;
    buf_init(&b, FILE_MAXIMUM);
    if (text[0] == '%')
        buf_put_text(&b, text);
    else
        central_put_pdf(text, &b);
    WORLD_OK(blob_begin(c->blobs, &writer, &error));
    WORLD_OK(blob_write(writer, buf_slice(&b), &error));
    WORLD_OK(blob_finish(writer, &w.memory, &blob, &error));
    WORLD_OK(store_write(c->store, record, &blob, &error));
    buf_dispose(&b);
    return arena_copy(&w.memory, slice_text(blob.id));
}

struct reading {
    slice id;
    struct blob blob;
};

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    TRY(blob_find(t, r->id, &r->blob, error));
    return store_keep(&w.memory, &r->blob.wrapped, error);
}

static rfd_status add(void *context, slice piece, struct rfd_error *error)
{
    buf_put_slice(context, piece);
    return buf_check(context, "blob", error);
}

void central_read(const struct central *c, slice id, struct buf *out)
{
    struct reading r = {.id = id};
    buf_init(out, FILE_MAXIMUM);
    WORLD_OK(store_read(c->store, find, &r, &error));
    WORLD_OK(blob_read(c->blobs, &r.blob, add, out, &error));
}
