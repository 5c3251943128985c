/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys and certificates made on the spot by OpenSSL, other programs to check against, and a folder to work in, for
 * the tests of CMS and time-stamps.
 */
#ifndef TESTS_PKI_FIXTURE_H
#define TESTS_PKI_FIXTURE_H

#include "pki/cms/cms.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct identity {
    const char *kind; /* as given to identity_new */
    EVP_PKEY *key;
    X509 *x509;
    const struct certificate *certificate;
};

/** `kind`: "RSA", "P-256", "P-384", "P-521", "ED25519" or "ED448". Issued by `issuer` (NULL: self-signed, a CA).
 * `usage`: extendedKeyUsage in OpenSSL's words, or NULL. Stops the test program when OpenSSL fails. */
struct identity identity_new(const char *kind, const char *name, const struct identity *issuer, const char *usage);
void identity_free(struct identity *i);
/** Signs `message` as `a` says. */
void identity_sign(const struct identity *i, const struct signature_algorithm *a, slice message, struct buf *signature);

/** A new folder under /tmp, and files in it. The path lives until seven further calls. */
const char *folder_new(void);
void folder_remove(void);
const char *folder_file(const char *name);
const char *folder_write(const char *name, slice bytes);
void folder_write_identity(const struct identity *i, const char *certificate, const char *key);
/** The whole file; false when it cannot be read. Dispose with buf_dispose. */
bool file_read(const char *path, struct buf *out);

/** Runs a program (found in PATH) with arguments up to NULL, its output thrown away, and returns its exit status. */
int run(const char *const *arguments);
#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

/** The folder of the project's sources. */
const char *source_root(void);
/** Folder of third-party files, or NULL when it is not there. */
const char *corpora(void);

#endif
