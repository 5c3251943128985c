/* SPDX-License-Identifier: EUPL-1.2
 *
 * Private keys in PEM or DER: PKCS#8 plain and encrypted (RFC 5958), PKCS#1 (RFC 8017 §A.1.2), SEC 1 (RFC 5915).
 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "pki/certificate/pem.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

enum { KEY_FILE_MAXIMUM = 1 << 20 };

static const struct key_backend backend = {"pem", private_key_sign, private_key_dispose};

struct password_request {
    slice password;
    bool asked;
};

/* OpenSSL's pem_password_cb; -1 makes the decryption fail. */
static int give_password(char *to, int size, int for_writing, void *context)
{
    struct password_request *request = context;
    (void)for_writing;
    request->asked = true;
    if (size < 0 || request->password.length > (size_t)size) return -1;
    if (request->password.length > 0) memcpy(to, request->password.data, request->password.length);
    return (int)request->password.length;
}

static bool ends_with(slice text, const char *end)
{
    size_t length = strlen(end);
    return text.length >= length && slice_is(slice_from(text, text.length - length), end);
}

/* The block of the key, whole; false when the text has none (some files lead with certificates or EC PARAMETERS). */
static bool find_key_block(slice text, struct pem_block *block)
{
    while (pem_next(&text, block)) {
        if (ends_with(block->label, "PRIVATE KEY")) return true;
    }
    return false;
}

/* EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm, encryptedData OCTET STRING } (RFC 5958 §3). */
static bool is_encrypted(slice der, slice *algorithm)
{
    slice content;
    struct der_item first;
    struct der_item second;
    if (!der_take_optional(&der, DER_SEQUENCE, &content)) return false;
    if (!der_next(&content, &first) || !der_next(&content, &second)) return false;
    *algorithm = first.whole;
    return first.tag == DER_SEQUENCE && second.tag == DER_OCTET_STRING && content.length == 0;
}

static rfd_status check_rounds(slice der, struct rfd_error *error)
{
    slice algorithm;
    if (!is_encrypted(der, &algorithm) || key_rounds_bearable(algorithm)) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "the key's password asks for too many rounds of derivation");
}

static EVP_PKEY *decode_der(slice der, BIO *bio, struct password_request *request)
{
    slice algorithm;
    const uint8_t *at = der.data;
    if (is_encrypted(der, &algorithm)) return d2i_PKCS8PrivateKey_bio(bio, NULL, give_password, request);
    return d2i_AutoPrivateKey_ex(NULL, &at, (long)der.length, NULL, NULL);
}

static rfd_status decode(slice bytes, bool pem, slice password, EVP_PKEY **out, struct rfd_error *error)
{
    struct password_request request = {password, false};
    BIO *bio = BIO_new_mem_buf(bytes.data, (int)bytes.length);
    if (bio == NULL) return error_memory(error);
    EVP_PKEY *key = pem ? PEM_read_bio_PrivateKey_ex(bio, NULL, give_password, &request, NULL, NULL)
                        : decode_der(bytes, bio, &request);
    BIO_free(bio);
    ERR_clear_error();
    if (key == NULL) {
        return error_set(error, request.asked ? RFD_E_KEY_PASSWORD : RFD_E_KEY_READ,
                         request.asked ? "the private key cannot be decrypted" : "no private key that can be read");
    }
    *out = key;
    return RFD_OK;
}

static rfd_status read_key(slice bytes, slice password, EVP_PKEY **out, struct rfd_error *error)
{
    struct pem_block block;
    struct buf der;
    rfd_status status;
    if (!find_key_block(bytes, &block)) {
        TRY(check_rounds(bytes, error));
        return decode(bytes, false, password, out, error);
    }
    buf_init_secret(&der, bytes.length);
    status = block.has_headers ? RFD_OK : pem_decode(&block, &der, error);
    if (status == RFD_E_DER) status = error_wrap(error, RFD_E_KEY_READ, "the private key");
    if (status == RFD_OK) status = check_rounds(buf_slice(&der), error);
    if (status == RFD_OK) status = decode(block.whole, true, password, out, error);
    buf_dispose(&der);
    return status;
}

static rfd_status load_key(const char *path, slice password, EVP_PKEY **out, struct rfd_error *error)
{
    struct buf bytes;
    buf_init_secret(&bytes, KEY_FILE_MAXIMUM);
    rfd_status status = key_read_file(path, &bytes, error);
    if (status == RFD_OK) status = read_key(buf_slice(&bytes), password, out, error);
    if (status == RFD_E_KEY_PASSWORD || status == RFD_E_KEY_READ) status = error_wrap(error, status, "%s", path);
    buf_dispose(&bytes);
    return status;
}

/* The key's own certificate; the first when none is, so that the mismatch is told. */
static const struct certificate *choose(EVP_PKEY *key, const struct certificate_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (private_key_matches(key, list->items[i])) return list->items[i];
    }
    return list->items[0];
}

rfd_status rfd_key_open_pem(const char *key_path, const char *certificate_path, const char *chain_path,
                            rfd_slice password, struct rfd_key **out, struct rfd_error *error)
{
    struct certificate_list found = {0};
    struct certificate_list chain = {0};
    EVP_PKEY *key = NULL;
    rfd_status status;
    TRY_OUT(load_key(key_path, password, &key, error));
    TRY_OUT(key_read_certificates(certificate_path, &found, error));
    const struct certificate *signer = choose(key, &found);
    if (chain_path != NULL) TRY_OUT(key_read_certificates(chain_path, &found, error));
    TRY_OUT(key_order_chain(signer, &found, true, &chain, error));
    status = private_key_open(&backend, &key, &chain, out, error);
out:
    certificate_list_dispose(&found);
    certificate_list_dispose(&chain);
    EVP_PKEY_free(key);
    return status;
}
