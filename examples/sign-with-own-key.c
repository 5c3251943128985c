/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signs a PDF with a private key that the library never sees: it is used through a function of ours. Here that function
 * calls OpenSSL; in real life it would ask a card, an HSM or another service.
 *
 *   sign-with-own-key IN.pdf OUT.pdf KEY.pem CERTIFICATES.pem
 */
#include <refrenda.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The operation: sign the digest (RSA or ECDSA), write the signature, say how long it is. */
static rfd_status sign(void *context, rfd_slice message, rfd_slice digest, bool pss, uint8_t *signature, size_t *length,
                       struct rfd_error *error)
{
    EVP_PKEY_CTX *operation = EVP_PKEY_CTX_new(context, NULL);
    (void)message;
    (void)pss;
    (void)error;
    bool done = operation != NULL && EVP_PKEY_sign_init(operation) == 1 &&
                EVP_PKEY_CTX_set_signature_md(operation, EVP_sha256()) == 1 &&
                EVP_PKEY_sign(operation, signature, length, digest.data, digest.length) == 1;
    EVP_PKEY_CTX_free(operation);
    return done ? RFD_OK : RFD_E_SIGNING;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "rb");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (file != NULL) (void)fclose(file);
    return key;
}

static size_t read_file(const char *path, uint8_t *to, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t length = file == NULL ? 0 : fread(to, 1, size, file);
    if (file != NULL) (void)fclose(file);
    return length;
}

int main(int argc, char **argv)
{
    static uint8_t certificates[65536];
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_key *key = NULL;
    if (argc != 5) {
        (void)fprintf(stderr, "usage: %s IN.pdf OUT.pdf KEY.pem CERTIFICATES.pem\n", argv[0]);
        return 64;
    }
    EVP_PKEY *private_key = read_key(argv[3]);
    rfd_slice chain = {certificates, read_file(argv[4], certificates, sizeof certificates)};
    rfd_status status =
        private_key == NULL ? RFD_E_KEY_READ : rfd_key_open_external(chain, sign, private_key, &key, &error);
    if (status == RFD_OK) {
        struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
        options.key = key;
        options.reason = "Example";
        options.digest = RFD_DIGEST_SHA256;
        status = rfd_sign_file(argv[1], argv[2], &options, NULL, &error);
    }
    if (status != RFD_OK) (void)fprintf(stderr, "%s (%s)\n", rfd_status_message(status), error.detail);
    rfd_key_free(key);
    EVP_PKEY_free(private_key);
    return status == RFD_OK ? 0 : 1;
}
