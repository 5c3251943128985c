/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "personal_desk.h"

#include <openssl/x509.h>
#include <stdio.h>

enum { CHEAP_KIBIBYTES = 64, BODY = 256 << 10 };

struct personal_desk pdesk;
static struct identity authority, agent_one, agent_two;
static EVP_PKEY *browser;
static unsigned stores;

/* ---- The desk ---- */

static rfd_time read_here(void)
{
    return pdesk.here;
}

static rfd_status record_event(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context;
    (void)error;
    assert_non_null(event->detail);
    pdesk.events++;
    return RFD_OK;
}

static void open_personal(void)
{
    assert_int_equal(keystore_files_open(pdesk.path, &pdesk.master, &pdesk.store, NULL), RFD_OK);
    assert_int_equal(personal_new(&pdesk.store, &pdesk.options, record_event, NULL, &pdesk.personal, NULL), RFD_OK);
    pdesk.personal->monotonic = read_here;
}

static void close_personal(void)
{
    personal_free(pdesk.personal);
    keystore_close(&pdesk.store);
}

int pdesk_open_room(void **state)
{
    (void)state;
    authority = identity_new("P-256", "Agents", NULL, NULL);
    agent_one = identity_new("P-256", "Agent one", &authority, NULL);
    agent_two = identity_new("P-256", "Agent two", &authority, NULL);
    browser = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return folder_new() == NULL;
}

int pdesk_close_room(void **state)
{
    (void)state;
    identity_free(&agent_one);
    identity_free(&agent_two);
    identity_free(&authority);
    EVP_PKEY_free(browser);
    folder_remove();
    return 0;
}

int pdesk_set(void **state)
{
    (void)state;
    pdesk = (struct personal_desk){.authority = authority, .agent = agent_one, .other = agent_two};
    pdesk.now = clock_now() / RFD_SECOND * RFD_SECOND;
    pdesk.here = 1000 * RFD_SECOND;
    pdesk.options = personal_defaults;
    pdesk.options.algorithm = KEY_ALGORITHM_P256;
    pdesk.options.memory_kib = CHEAP_KIBIBYTES;
    pdesk.options.passes = 1;
    clock_fix(pdesk.now);
    struct buf *const bufs[] = {&pdesk.body, &pdesk.answer, &pdesk.text, &pdesk.signed_data};
    for (size_t i = 0; i < 4; i++) buf_init(bufs[i], BODY);
    (void)snprintf(pdesk.path, sizeof pdesk.path, "%s-%u", folder_file("personal"), ++stores);
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &pdesk.master, NULL), RFD_OK);
    pdesk.master.passes = 1;
    pdesk.master.kibibytes = CHEAP_KIBIBYTES;
    assert_int_equal(keystore_files_init(pdesk.path, &pdesk.master, NULL), RFD_OK);
    open_personal();
    assert_int_equal(pdesk_register(KEEPER_AGENT, "agent-1", pdesk.agent.certificate->der, "pe-natural-person", NULL),
                     RFD_OK);
    return 0;
}

int pdesk_clear(void **state)
{
    (void)state;
    close_personal();
    master_dispose(&pdesk.master);
    struct buf *const bufs[] = {&pdesk.body, &pdesk.answer, &pdesk.text, &pdesk.signed_data};
    for (size_t i = 0; i < 4; i++) buf_dispose(bufs[i]);
    clock_fix(RFD_TIME_NONE);
    return 0;
}

void pdesk_reopen(void)
{
    close_personal();
    open_personal();
}

void pdesk_wait(unsigned seconds)
{
    pdesk.now += seconds * RFD_SECOND;
    pdesk.here += seconds * RFD_SECOND;
    clock_fix(pdesk.now);
}

/* ---- Asking ---- */

rfd_status pdesk_ask(enum keeper_sender sender, uint16_t type, struct message_reader *fields)
{
    struct keeper_session session = {.sender = sender, .greeted = true};
    const struct message m = {.type = type, .body = buf_slice(&pdesk.body)};
    buf_reset(&pdesk.answer);
    assert_int_equal(buf_status(&pdesk.body), RFD_OK);
    assert_int_equal(personal_handle(pdesk.personal, &session, &m, &pdesk.answer, NULL), RFD_OK);
    buf_reset(&pdesk.body);
    struct message_reader r = message_read(buf_slice(&pdesk.answer));
    pdesk.status = (rfd_status)message_get_u32(&r);
    slice detail = SLICE_EMPTY;
    struct message_reader peek = r;
    if (pdesk.status != RFD_OK) detail = message_get_bytes(&peek, sizeof pdesk.detail - 1);
    (void)snprintf(pdesk.detail, sizeof pdesk.detail, "%.*s", (int)detail.length,
                   detail.data == NULL ? "" : (const char *)detail.data);
    if (fields != NULL) *fields = r;
    return pdesk.status;
}

rfd_status pdesk_register(enum keeper_registered kind, const char *name, slice proof, const char *profiles,
                          const char *shown)
{
    message_put_u8(&pdesk.body, (uint8_t)kind);
    message_put_text(&pdesk.body, name);
    message_put_bytes(&pdesk.body, proof);
    message_put_text(&pdesk.body, profiles);
    message_put_text(&pdesk.body, "");
    message_put_u32(&pdesk.body, shown == NULL ? 0 : 1);
    if (shown != NULL) {
        message_put_text(&pdesk.body, "cn");
        message_put_text(&pdesk.body, shown);
    }
    return pdesk_ask(KEEPER_FROM_ADMIN, KEEPER_REGISTER, NULL);
}

/* ---- Beginning ---- */

static void browser_point(uint8_t point[HPKE_POINT_SIZE])
{
    size_t length = 0;
    assert_int_equal(EVP_PKEY_get_octet_string_param(browser, "pub", point, HPKE_POINT_SIZE, &length), 1);
}

static rfd_status agree(void *context, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error)
{
    return hpke_agree_with(context, point, shared, error);
}

static void take_totp(struct begun *out, struct message_reader *r)
{
    uint8_t point[HPKE_POINT_SIZE];
    struct buf plain;
    struct hpke_message m = {.info = slice_of(out->info, out->info_length)};
    m.encapsulated = message_get_bytes(r, HPKE_POINT_SIZE);
    m.sealed = message_get_bytes(r, 256);
    buf_init(&plain, 256);
    browser_point(point);
    assert_int_equal(hpke_open(agree, browser, slice_of(point, sizeof point), &m, &plain, NULL), RFD_OK);
    assert_int_equal(plain.length, PERSONAL_TOTP_SIZE);
    memcpy(out->totp, plain.data, plain.length);
    buf_dispose(&plain);
}

static void take_begun(const struct operation_text *o, struct begun *out, struct message_reader *r)
{
    struct buf info = {.data = out->info, .capacity = sizeof out->info, .maximum = sizeof out->info};
    memcpy(out->id, message_get_bytes(r, sizeof out->id).data, sizeof out->id);
    memcpy(out->nonce, message_get_bytes(r, sizeof out->nonce).data, sizeof out->nonce);
    out->ends = message_get_i64(r);
    out->proofs = message_get_u8(r);
    out->channel = message_get_u8(r);
    slice masked = message_get_text(r, sizeof out->masked - 1);
    (void)snprintf(out->masked, sizeof out->masked, "%.*s", (int)masked.length, (const char *)masked.data);
    out->again = message_get_i64(r);
    uint8_t point[HPKE_POINT_SIZE];
    struct operation_text bound = *o;
    browser_point(point);
    bound.point = slice_of(point, sizeof point);
    assert_int_equal(personal_activation_info(buf_slice(&pdesk.text), &bound, out->nonce, &info, NULL), RFD_OK);
    out->info_length = info.length;
    if (o->kind == OPERATION_TOTP) take_totp(out, r);
    assert_int_equal(message_end(r, "begun", NULL), RFD_OK);
}

rfd_status pdesk_begin_text(const struct operation_text *o, uint8_t channel, slice statement, struct begun *out)
{
    uint8_t point[HPKE_POINT_SIZE];
    struct message_reader r;
    buf_reset(&pdesk.text);
    assert_int_equal(operation_write(o, &pdesk.text, NULL), RFD_OK);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.text));
    message_put_u32(&pdesk.body, o->kind == OPERATION_GENERATE ? 1 : 0);
    if (o->kind == OPERATION_GENERATE) message_put_bytes(&pdesk.body, buf_slice(&pdesk.signed_data));
    message_put_u8(&pdesk.body, channel);
    message_put_text(&pdesk.body, "es");
    message_put_bytes(&pdesk.body, statement);
    browser_point(point);
    message_put_bytes(&pdesk.body, o->kind == OPERATION_TOTP ? slice_of(point, sizeof point) : SLICE_EMPTY);
    rfd_status status = pdesk_ask(KEEPER_FROM_WEB, PERSONAL_BEGIN, &r);
    *out = (struct begun){.ends = 0};
    if (status == RFD_OK) take_begun(o, out, &r);
    return status;
}

rfd_status pdesk_begin(enum operation_kind kind, const char *credential, struct begun *out)
{
    struct operation_text o = {.kind = kind,
                               .credential = slice_text(credential),
                               .portal = SLICE(DESK_PORTAL),
                               .mobile = kind == OPERATION_MOBILE ? SLICE("+51999000112") : SLICE_EMPTY,
                               .time = pdesk.now};
    if (kind == OPERATION_GENERATE) {
        struct buf text;
        buf_init(&text, APPROVAL_MAXIMUM);
        assert_int_equal(approval_write(&pdesk.approval, &text, NULL), RFD_OK);
        assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&text), o.approval, NULL), RFD_OK);
        buf_dispose(&text);
    }
    return pdesk_begin_text(&o, 0, SLICE_EMPTY, out);
}

void pdesk_hash(unsigned n, uint8_t hash[OPERATION_HASH_SIZE])
{
    assert_int_equal(digest_of(DIGEST_SHA256, slice_of(&n, sizeof n), hash, NULL), RFD_OK);
}

rfd_status pdesk_begin_sign(const char *credential, unsigned first, unsigned count, struct begun *out)
{
    static struct operation_document documents[PERSONAL_HASHES_MAXIMUM];
    static uint8_t hashes[PERSONAL_HASHES_MAXIMUM][OPERATION_HASH_SIZE];
    for (unsigned i = 0; i < count; i++) {
        pdesk_hash(first + i, hashes[i]);
        documents[i] = (struct operation_document){.title = SLICE("Resolución \"1\""),
                                                   .hash = slice_of(hashes[i], sizeof hashes[i])};
        memset(documents[i].shown, (int)(first + i), sizeof documents[i].shown);
    }
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(credential),
                                     .portal = SLICE(DESK_PORTAL),
                                     .digest = DIGEST_SHA256,
                                     .documents = documents,
                                     .count = count,
                                     .time = pdesk.now};
    return pdesk_begin_text(&o, 0, SLICE_EMPTY, out);
}

/* ---- Codes ---- */

void pdesk_code(const struct begun *b, unsigned which, char code[PERSONAL_CODE_SIZE])
{
    struct message_reader r;
    code[0] = '\0';
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_TAKE_CODES, &r), RFD_OK);
    uint32_t count = message_get_u32(&r);
    for (uint32_t i = 0; i < count; i++) {
        slice id = message_get_bytes(&r, PERSONAL_OPERATION_SIZE);
        uint8_t number = message_get_u8(&r);
        (void)message_get_u8(&r);
        for (size_t k = 0; k < 5; k++) (void)message_get_text(&r, 512); /* address, language, kind, portal, title */
        (void)message_get_u32(&r);
        slice text = message_get_text(&r, PERSONAL_CODE_SIZE - 1);
        (void)message_get_i64(&r);
        if (number == which && slice_equal(id, slice_of(b->id, sizeof b->id)))
            (void)snprintf(code, PERSONAL_CODE_SIZE, "%.*s", (int)text.length, (const char *)text.data);
    }
    assert_int_equal(message_end(&r, "codes", NULL), RFD_OK);
}

void pdesk_other_code(char code[PERSONAL_CODE_SIZE])
{
    code[0] = code[0] == '9' ? '0' : (char)(code[0] + 1);
}

/* ---- The browser ---- */

static void put(struct buf *b, const char *name, const char *value)
{
    if (value == NULL) return;
    if (b->length > 1) buf_put_byte(b, ',');
    buf_print(b, "\"%s\":\"%s\"", name, value);
}

static void own_point(uint8_t point[HPKE_POINT_SIZE])
{
    slice spki = stored_key_description(pdesk.personal->activation)->public_key;
    memcpy(point, spki.data + spki.length - HPKE_POINT_SIZE, HPKE_POINT_SIZE);
}

struct pressed pdesk_press(const struct begun *b, const char *password, const char *code, const char *new_password,
                           const char *second_code)
{
    struct pressed p = {.length = 0};
    struct buf plain, sealed;
    uint8_t point[HPKE_POINT_SIZE];
    buf_init(&plain, 4000);
    buf_init(&sealed, sizeof p.sealed);
    buf_put_byte(&plain, '{');
    put(&plain, "password", password);
    put(&plain, "code", code);
    put(&plain, "newPassword", new_password);
    put(&plain, "secondCode", second_code);
    buf_put_byte(&plain, '}');
    own_point(point);
    assert_int_equal(hpke_seal(slice_of(point, sizeof point), slice_of(b->info, b->info_length), SLICE_EMPTY,
                               buf_slice(&plain), p.encapsulated, &sealed, NULL),
                     RFD_OK);
    memcpy(p.sealed, sealed.data, sealed.length);
    p.length = sealed.length;
    buf_dispose(&plain);
    buf_dispose(&sealed);
    return p;
}

rfd_status pdesk_send(const struct begun *b, const struct pressed *p, struct message_reader *fields)
{
    message_put_bytes(&pdesk.body, slice_of(b->id, sizeof b->id));
    message_put_bytes(&pdesk.body, slice_of(p->encapsulated, sizeof p->encapsulated));
    message_put_bytes(&pdesk.body, slice_of(p->sealed, p->length));
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_ACTIVATE, fields);
}

rfd_status pdesk_activate(const struct begun *b, const char *password, const char *code, const char *new_password,
                          const char *second_code, struct message_reader *fields)
{
    const struct pressed p = pdesk_press(b, password, code, new_password, second_code);
    return pdesk_send(b, &p, fields);
}

/* ---- Credentials ---- */

void pdesk_approve(unsigned number, rfd_time time)
{
    pdesk.approval = issue_approval(pdesk.authority.certificate, SLICE("key"), number, time);
    pdesk.approval.central = true;
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.agent, &pdesk.approval, &pdesk.signed_data);
}

void pdesk_make_certificate(slice spki, const char *holder, struct buf *der)
{
    X509 *x = X509_new();
    const unsigned char *at = spki.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.length);
    unsigned char *out = NULL;
    assert_non_null(key);
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 4711);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 86400L * 365);
    bool entity = strcmp(holder, PDESK_ENTITY) == 0;
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(x), entity ? "2.5.4.97" : "serialNumber", MBSTRING_UTF8,
                                     (const unsigned char *)holder, -1, -1, 0);
    (void)X509_set_issuer_name(x, X509_get_subject_name(pdesk.authority.x509));
    (void)X509_set_pubkey(x, key);
    assert_true(X509_sign(x, pdesk.authority.key, EVP_sha256()) > 0);
    int length = i2d_X509(x, &out);
    buf_put(der, out, (size_t)length);
    OPENSSL_free(out);
    EVP_PKEY_free(key);
    X509_free(x);
}

static bool wants_code;

void pdesk_want_code(bool code)
{
    wants_code = code;
}

void pdesk_approve_entity(rfd_time time)
{
    pdesk_approve(1, time);
    pdesk.approval.profile = SLICE("pe-legal-person-seal");
    pdesk.approval.subject[0] = (struct approval_attribute){OID_ORGANIZATION, SLICE("Entidad Inventada")};
    pdesk.approval.subject[1] = (struct approval_attribute){OID_ORGANIZATION_IDENTIFIER, SLICE(PDESK_ENTITY)};
    pdesk.approval.subject[2] = (struct approval_attribute){OID_COMMON_NAME, SLICE("Entidad Inventada")};
    pdesk.approval.subject_count = 3;
    pdesk.approval.code = wants_code;
    assert_int_equal(
        pdesk_register(KEEPER_AGENT, "agent-2", pdesk.other.certificate->der, "pe-legal-person-seal", NULL), RFD_OK);
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.other, &pdesk.approval, &pdesk.signed_data);
}

/** Of what was approved last. */
static void generate(const char *holder, char id[PERSONAL_ID_SIZE])
{
    struct begun b;
    struct message_reader r;
    struct buf der;
    char code[PERSONAL_CODE_SIZE];
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, &r), RFD_OK);
    slice made = message_get_text(&r, PERSONAL_ID_SIZE - 1);
    (void)snprintf(id, PERSONAL_ID_SIZE, "%.*s", (int)made.length, (const char *)made.data);
    buf_init(&der, KEY_CERTIFICATE_MAXIMUM);
    pdesk_make_certificate(message_get_bytes(&r, 1024), holder, &der);
    message_put_text(&pdesk.body, id);
    message_put_bytes(&pdesk.body, buf_slice(&der));
    message_put_bytes(&pdesk.body, pdesk.authority.certificate->der);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CERTIFY, NULL), RFD_OK);
    buf_dispose(&der);
}

void pdesk_generate(unsigned number, char id[PERSONAL_ID_SIZE])
{
    char holder[32];
    (void)snprintf(holder, sizeof holder, "IDCPE-%08u", number);
    pdesk_approve(number, pdesk.now);
    generate(holder, id);
}

void pdesk_generate_seal(char id[PERSONAL_ID_SIZE])
{
    pdesk_approve_entity(pdesk.now);
    generate(PDESK_ENTITY, id);
}

rfd_status pdesk_authorise(const char *credential, unsigned first, unsigned count, uint8_t sad[PERSONAL_SAD_SIZE])
{
    struct begun b;
    struct message_reader r;
    char code[PERSONAL_CODE_SIZE];
    rfd_status status = pdesk_begin_sign(credential, first, count, &b);
    if (status != RFD_OK) return status;
    pdesk_code(&b, 0, code);
    status = pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, &r);
    if (status == RFD_OK) memcpy(sad, message_get_bytes(&r, PERSONAL_SAD_SIZE).data, PERSONAL_SAD_SIZE);
    return status;
}

rfd_status pdesk_sign(const uint8_t sad[PERSONAL_SAD_SIZE], unsigned first, unsigned count,
                      struct message_reader *fields)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    message_put_bytes(&pdesk.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u32(&pdesk.body, count);
    for (unsigned i = 0; i < count; i++) {
        pdesk_hash(first + i, hash);
        message_put_bytes(&pdesk.body, slice_of(hash, sizeof hash));
    }
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SIGN, fields);
}

rfd_status pdesk_show(const char *credential, struct shown *out)
{
    struct message_reader r;
    message_put_text(&pdesk.body, credential);
    rfd_status status = pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SHOW, &r);
    if (status != RFD_OK) return status;
    *out = (struct shown){.state = 0};
    for (size_t i = 0; i < 3; i++) (void)message_get_text(&r, 256);
    out->state = message_get_u8(&r);
    (void)message_get_text(&r, 256);
    (void)message_get_i64(&r);
    slice spki = message_get_bytes(&r, sizeof out->spki);
    memcpy(out->spki, spki.data, spki.length);
    out->spki_length = spki.length;
    (void)message_get_bytes(&r, KEY_CERTIFICATE_MAXIMUM);
    out->wrong_left = message_get_u8(&r);
    out->refused_until = message_get_i64(&r);
    out->channel = message_get_u8(&r);
    slice mobile = message_get_text(&r, 64);
    (void)snprintf(out->mobile, sizeof out->mobile, "%.*s", (int)mobile.length, (const char *)mobile.data);
    (void)message_get_text(&r, 256);
    out->approved = message_get_i64(&r);
    out->entity = message_get_u8(&r) == 1;
    assert_int_equal(message_end(&r, "show", NULL), RFD_OK);
    return RFD_OK;
}
