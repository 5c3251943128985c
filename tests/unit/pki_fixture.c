/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition);                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* --- Identities -------------------------------------------------------------------------------------------------- */

static EVP_PKEY *make_key(const char *kind)
{
    if (strcmp(kind, "RSA") == 0) return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    if (kind[0] == 'P') return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    NEED(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509_NAME *make_name(const char *name)
{
    X509_NAME *n = X509_NAME_new();
    NEED(n != NULL && X509_NAME_add_entry_by_txt(n, "C", MBSTRING_UTF8, (const unsigned char *)"PE", -1, -1, 0) == 1);
    NEED(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1);
    return n;
}

static X509 *make_x509(EVP_PKEY *key, const char *kind, const char *name, const struct identity *issuer,
                       const char *usage)
{
    X509 *x = X509_new();
    X509_NAME *subject = make_name(name);
    static long serial = 0x7FFFFF00;
    NEED(x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(x), serial++) == 1);
    NEED(X509_set_subject_name(x, subject) == 1);
    NEED(X509_set_issuer_name(x, issuer == NULL ? subject : X509_get_subject_name(issuer->x509)) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(x), -3600) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(x), 86400) != NULL && X509_set_pubkey(x, key) == 1);
    X509 *by = issuer == NULL ? x : issuer->x509;
    add_extension(x, by, NID_basic_constraints, issuer == NULL ? "critical,CA:TRUE" : "CA:FALSE");
    add_extension(x, by, NID_key_usage, issuer == NULL ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    add_extension(x, by, NID_subject_key_identifier, "hash");
    if (usage != NULL) add_extension(x, by, NID_ext_key_usage, usage);
    const char *signer_kind = issuer == NULL ? kind : issuer->kind;
    NEED(X509_sign(x, issuer == NULL ? key : issuer->key, signer_kind[0] == 'E' ? NULL : EVP_sha256()) > 0);
    X509_NAME_free(subject);
    return x;
}

struct identity identity_new(const char *kind, const char *name, const struct identity *issuer, const char *usage)
{
    struct identity i = {.kind = kind, .key = make_key(kind)};
    unsigned char *der = NULL;
    NEED(i.key != NULL);
    i.x509 = make_x509(i.key, kind, name, issuer, usage);
    int length = i2d_X509(i.x509, &der);
    NEED(length > 0 && certificate_parse(slice_of(der, (size_t)length), &i.certificate, NULL) == RFD_OK);
    OPENSSL_free(der);
    return i;
}

void identity_free(struct identity *i)
{
    EVP_PKEY_free(i->key);
    X509_free(i->x509);
    certificate_unref(i->certificate);
}

void identity_sign(const struct identity *i, const struct signature_algorithm *a, slice message, struct buf *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key = NULL;
    bool pure = a->scheme == SCHEME_ED25519 || a->scheme == SCHEME_ED448;
    size_t length = 1024;
    NEED(EVP_DigestSignInit(context, &key, pure ? NULL : digest_md(a->digest), NULL, i->key) == 1);
    if (a->scheme == SCHEME_RSA_PSS) {
        NEED(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) == 1);
        NEED(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, a->salt_length) == 1);
    }
    uint8_t *to = buf_reserve(signature, length);
    NEED(to != NULL && EVP_DigestSign(context, to, &length, message.data, message.length) == 1);
    signature->length += length;
    EVP_MD_CTX_free(context);
}

/* --- Files ------------------------------------------------------------------------------------------------------- */

static char folder[64];

const char *folder_new(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/refrenda-pki-XXXXXX");
    NEED(mkdtemp(folder) != NULL);
    return folder;
}

const char *folder_file(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void folder_remove(void)
{
    DIR *d = opendir(folder);
    for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') (void)unlink(folder_file(e->d_name));
    }
    if (d != NULL) (void)closedir(d);
    (void)rmdir(folder);
}

const char *folder_write(const char *name, slice bytes)
{
    const char *path = folder_file(name);
    FILE *f = fopen(path, "wbe");
    NEED(f != NULL && fwrite(bytes.data, 1, bytes.length, f) == bytes.length && fclose(f) == 0);
    return path;
}

void folder_write_identity(const struct identity *i, const char *certificate, const char *key)
{
    FILE *f = fopen(folder_file(certificate), "wbe");
    NEED(f != NULL && PEM_write_X509(f, i->x509) == 1 && fclose(f) == 0);
    f = fopen(folder_file(key), "wbe");
    NEED(f != NULL && PEM_write_PrivateKey(f, i->key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(f) == 0);
}

bool file_read(const char *path, struct buf *out)
{
    enum { PIECE = 65536 };
    FILE *f = fopen(path, "rbe");
    buf_init(out, (size_t)1 << 28);
    if (f == NULL) return false;
    for (;;) {
        uint8_t *to = buf_reserve(out, PIECE);
        NEED(to != NULL);
        size_t got = fread(to, 1, PIECE, f);
        out->length += got;
        if (got == 0) break;
    }
    return fclose(f) == 0;
}

int run(const char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;
    NEED(posix_spawn_file_actions_init(&actions) == 0);
    for (int fd = 0; fd < 3; fd++) NEED(posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0) == 0);
    char *copy[64];
    size_t count = 0;
    while (arguments[count] != NULL && count < 63) {
        copy[count] = strdup(arguments[count]);
        count++;
    }
    copy[count] = NULL;
    NEED(posix_spawnp(&child, copy[0], &actions, NULL, copy, environ) == 0);
    NEED(waitpid(child, &status, 0) == child);
    while (count > 0) free(copy[--count]);
    (void)posix_spawn_file_actions_destroy(&actions);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

const char *source_root(void)
{
    return REFRENDA_SOURCE_ROOT;
}

const char *corpora(void)
{
    static char path[512];
    const char *given = getenv("REFRENDA_CORPORA");
    struct stat found;
    (void)snprintf(path, sizeof path, "%s", given != NULL ? given : REFRENDA_SOURCE_ROOT "/../shared/corpora");
    return stat(path, &found) == 0 ? path : NULL;
}
