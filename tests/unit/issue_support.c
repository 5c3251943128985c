/* SPDX-License-Identifier: EUPL-1.2 */
#include "issue_support.h"

#include "pki/oid.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { CHEAP_KIBIBYTES = 64 };

/* ---- A keeper in this process ---- */

static rfd_status record(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    struct issue_world *w = context;
    (void)error;
    w->status = event->status;
    (void)snprintf(w->detail, sizeof w->detail, "%s", event->detail);
    return RFD_OK;
}

rfd_status issue_ask_as(struct issue_world *w, enum keeper_sender sender, enum keeper_operation operation,
                        struct buf *body, struct message_reader *fields)
{
    struct keeper_session session = {.sender = sender, .greeted = true};
    const struct message m = {.type = (uint16_t)operation,
                              .body = buf_slice(body),
                              .descriptor_count = w->descriptor < 0 ? 0 : 1,
                              .descriptors = {w->descriptor}};
    buf_reset(&w->answer);
    NEED(keeper_handle(w->keeper, &session, &m, &w->answer, NULL) == RFD_OK);
    *fields = message_read(buf_slice(&w->answer));
    return (rfd_status)message_get_u32(fields);
}

static rfd_status ask_admin(void *context, enum keeper_operation operation, struct buf *body,
                            struct message_reader *fields)
{
    return issue_ask_as(context, KEEPER_FROM_ADMIN, operation, body, fields);
}

static rfd_status open_keeper(struct issue_world *w)
{
    NEED(keystore_files_open(w->path, &w->master, &w->store, NULL) == RFD_OK);
    return keeper_new(&w->store, w->packs, record, w, &w->keeper, NULL);
}

static void close_keeper(struct issue_world *w)
{
    keeper_free(w->keeper);
    w->keeper = NULL;
    keystore_close(&w->store);
}

void issue_world_new(struct issue_world *w, const char *path)
{
    char packs[512];
    *w = (struct issue_world){.way = {ask_admin, w}, .descriptor = -1};
    buf_init(&w->answer, ISSUE_BODY);
    (void)snprintf(w->path, sizeof w->path, "%s", path);
    (void)snprintf(packs, sizeof packs, "%s/packs", source_root());
    NEED(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &w->master, NULL) == RFD_OK);
    w->master.passes = 1;
    w->master.kibibytes = CHEAP_KIBIBYTES;
    NEED(packs_open(packs, &w->packs, NULL) == RFD_OK);
    NEED(keystore_files_init(path, &w->master, NULL) == RFD_OK);
    NEED(open_keeper(w) == RFD_OK);
}

void issue_world_free(struct issue_world *w)
{
    close_keeper(w);
    packs_close(w->packs);
    master_dispose(&w->master);
    buf_dispose(&w->answer);
}

rfd_status issue_world_reopen(struct issue_world *w)
{
    close_keeper(w);
    return open_keeper(w);
}

/* ---- The ceremony ---- */

void issue_create_key(const struct issue_way *way, const char *name, const char *purpose, const char *algorithm,
                      slice policy, struct buf *spki)
{
    struct buf b;
    struct message_reader r;
    buf_init(&b, ISSUE_BODY);
    message_put_text(&b, name);
    message_put_text(&b, purpose);
    message_put_text(&b, algorithm);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    message_put_bytes(&b, policy);
    NEED(way->ask(way->context, KEEPER_CREATE_KEY, &b, &r) == RFD_OK);
    slice made = message_get_bytes(&r, ISSUE_BODY);
    NEED(message_end(&r, "key", NULL) == RFD_OK);
    if (spki != NULL) buf_put_slice(spki, made);
    buf_dispose(&b);
}

static void put_subject(struct buf *b, const char *name)
{
    message_put_u32(b, 3);
    message_put_text(b, "c");
    message_put_text(b, "PE");
    message_put_text(b, "o");
    message_put_text(b, "Office of the test");
    message_put_text(b, "cn");
    message_put_text(b, name);
}

/** `signer` issues to `key`, which gets what was issued. */
static void certify(const struct issue_way *way, const char *signer, const char *profile, const char *key)
{
    struct buf b;
    struct message_reader r;
    uint8_t kept[KEY_CERTIFICATE_MAXIMUM];
    buf_init(&b, ISSUE_BODY);
    message_put_text(&b, signer);
    message_put_text(&b, profile);
    put_subject(&b, key);
    message_put_u32(&b, 0);
    message_put_text(&b, key);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_bytes(&b, SLICE_EMPTY);
    NEED(way->ask(way->context, KEEPER_ISSUE_AUTHORITY, &b, &r) == RFD_OK);
    slice der = message_get_bytes(&r, sizeof kept);
    NEED(message_end(&r, "certificate", NULL) == RFD_OK && der.length > 0);
    memcpy(kept, der.data, der.length);
    buf_reset(&b);
    message_put_text(&b, key);
    message_put_bytes(&b, slice_of(kept, der.length));
    NEED(way->ask(way->context, KEEPER_CERTIFY_KEY, &b, &r) == RFD_OK);
    buf_dispose(&b);
}

void issue_policy(struct buf *out, uint32_t partitions)
{
    static const char *const profiles[] = {
        "pe-natural-person", "pe-legal-person-seal", "agent", "tls-server", "ocsp", "tsa", "seal"};
    struct authority_policy p = {.ocsp = SLICE("http://ocsp.example/"),
                                 .ca_issuers = SLICE("http://ca.example/issuing-1.cer"),
                                 .crl_point = SLICE("http://crl.example/issuing-1-{partition}.crl"),
                                 .freshest = SLICE("http://crl.example/issuing-1-{partition}-delta.crl"),
                                 .partitions = partitions,
                                 .crl_seconds = ISSUE_CRL_SECONDS,
                                 .approval_seconds = ISSUE_APPROVAL_SECONDS,
                                 .instance = 0x11};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        p.profiles[p.profile_count++] = slice_text(profiles[i]);
    NEED(authority_policy_write(&p, out, NULL) == RFD_OK);
}

void issue_ceremony(const struct issue_way *way, const char *algorithm, uint32_t partitions)
{
    const struct authority_policy root = {.profiles = {SLICE("issuing")},
                                          .profile_count = 1,
                                          .crl_point = SLICE("http://crl.example/root-1.crl"),
                                          .partitions = 1,
                                          .crl_seconds = ISSUE_CRL_SECONDS,
                                          .approval_seconds = ISSUE_APPROVAL_SECONDS,
                                          .instance = 0x10};
    struct buf policy;
    buf_init(&policy, AUTHORITY_POLICY_MAXIMUM);
    NEED(authority_policy_write(&root, &policy, NULL) == RFD_OK);
    issue_create_key(way, "root-1", "ca", "P-384", buf_slice(&policy), NULL);
    buf_reset(&policy);
    issue_policy(&policy, partitions);
    issue_create_key(way, "issuing-1", "ca", algorithm, buf_slice(&policy), NULL);
    buf_dispose(&policy);
    certify(way, "root-1", "root", "root-1");
    certify(way, "root-1", "issuing", "issuing-1");
}

const struct certificate *issue_certificate_of(const struct issue_way *way, const char *key)
{
    struct buf b;
    struct message_reader r;
    const struct certificate *c = NULL;
    buf_init(&b, ISSUE_BODY);
    message_put_text(&b, key);
    NEED(way->ask(way->context, KEEPER_PUBLIC_KEY, &b, &r) == RFD_OK);
    (void)message_get_text(&r, 32);
    (void)message_get_text(&r, 32);
    (void)message_get_i64(&r);
    (void)message_get_bytes(&r, ISSUE_BODY);
    NEED(certificate_parse(message_get_bytes(&r, ISSUE_BODY), &c, NULL) == RFD_OK);
    buf_dispose(&b);
    return c;
}

rfd_status issue_register(const struct issue_way *way, enum keeper_registered kind, const char *name,
                          const struct certificate *certificate, const char *profiles)
{
    struct buf b;
    struct message_reader r;
    buf_init(&b, ISSUE_BODY);
    message_put_u8(&b, (uint8_t)kind);
    message_put_text(&b, name);
    message_put_bytes(&b, certificate->der);
    message_put_text(&b, profiles);
    message_put_text(&b, "");
    message_put_u32(&b, 0);
    rfd_status status = way->ask(way->context, KEEPER_REGISTER, &b, &r);
    buf_dispose(&b);
    return status;
}

/* ---- Orders ---- */

void issue_new_key(struct buf *spki)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    NEED(length > 0);
    buf_put(spki, der, (size_t)length);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

struct approval issue_approval(const struct certificate *authority, slice spki, unsigned number, rfd_time now)
{
    static char texts[8][3][32]; /* enough for what a test has at one time */
    static unsigned turn;
    char(*text)[32] = texts[turn++ % 8];
    (void)snprintf(text[0], 32, "request-%u", number);
    (void)snprintf(text[1], 32, "IDCPE-%08u", number);
    (void)snprintf(text[2], 32, "Quispe Mamani %u", number);
    struct approval a = {.profile = SLICE("pe-natural-person"),
                         .request = slice_text(text[0]),
                         .subject = {{OID_SURNAME, slice_text(text[2])},
                                     {OID_GIVEN_NAME, SLICE("Rosa María")},
                                     {OID_SERIAL_NUMBER, slice_text(text[1])},
                                     {OID_COMMON_NAME, SLICE("Rosa María Quispe Mamani")}},
                         .subject_count = 4,
                         .mails = {SLICE("rosa@example.pe")},
                         .mail_count = 1,
                         .mobile = SLICE("+51999000111"),
                         .time = now / RFD_SECOND * RFD_SECOND};
    NEED(digest_of(DIGEST_SHA256, authority->spki, a.authority, NULL) == RFD_OK);
    NEED(digest_of(DIGEST_SHA256, spki, a.key, NULL) == RFD_OK);
    return a;
}

void issue_sign_text(const struct identity *agent, slice text, struct buf *out)
{
    struct cms_attributes attributes = {.signer = agent->certificate, .signing_time = RFD_TIME_NONE};
    const struct certificate_list own = {.items = &attributes.signer, .count = 1};
    struct buf signed_attributes, signature;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    buf_init(&signed_attributes, ISSUE_BODY);
    buf_init(&signature, ISSUE_BODY);
    NEED(signature_algorithm_choose(attributes.signer, DIGEST_NONE, false, &attributes.algorithm, NULL) == RFD_OK);
    NEED(digest_of(attributes.algorithm.digest, text, digest, NULL) == RFD_OK);
    attributes.digest = slice_of(digest, digest_size(attributes.algorithm.digest));
    cms_put_signed_attributes(&signed_attributes, &attributes);
    identity_sign(agent, &attributes.algorithm, buf_slice(&signed_attributes), &signature);
    const struct cms_signed s = {.signed_attributes = buf_slice(&signed_attributes),
                                 .signature = buf_slice(&signature),
                                 .algorithm = attributes.algorithm,
                                 .signer = attributes.signer,
                                 .certificates = &own,
                                 .content = text};
    cms_put_signed_data(out, &s);
    NEED(buf_status(out) == RFD_OK);
    buf_dispose(&signed_attributes);
    buf_dispose(&signature);
}

void issue_sign(const struct identity *agent, const struct approval *approval, struct buf *out)
{
    struct buf text;
    buf_init(&text, APPROVAL_MAXIMUM);
    NEED(approval_write(approval, &text, NULL) == RFD_OK);
    issue_sign_text(agent, buf_slice(&text), out);
    buf_dispose(&text);
}

void issue_put_request(struct buf *body, slice spki, slice first, slice second)
{
    buf_reset(body);
    message_put_text(body, "issuing-1");
    message_put_bytes(body, spki);
    message_put_u32(body, second.length > 0 ? 2 : 1);
    message_put_bytes(body, first);
    if (second.length > 0) message_put_bytes(body, second);
}
