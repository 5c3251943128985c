/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/blob/pieces.h"

#include "base/error.h"
#include "base/memory.h"
#include "ipc/message.h"

#include <openssl/evp.h>

#define MAGIC "RFDBLOB1"
enum { MAGIC_SIZE = 8, NONCE = 12, PATIENCE = 30 * 1000, ASKING = 1024 };

/* ---- The head ---- */

void pieces_head_write(const uint8_t label[PIECES_LABEL], slice wrapped, struct pieces_head *out)
{
    memcpy(out->bytes, MAGIC, MAGIC_SIZE);
    memcpy(out->bytes + MAGIC_SIZE, label, PIECES_LABEL);
    out->bytes[MAGIC_SIZE + PIECES_LABEL] = (uint8_t)wrapped.length;
    memcpy(out->bytes + MAGIC_SIZE + PIECES_LABEL + 1, wrapped.data, wrapped.length);
    out->length = MAGIC_SIZE + PIECES_LABEL + 1 + wrapped.length;
}

bool pieces_head_read(slice bytes, struct pieces_head *out)
{
    size_t fixed = MAGIC_SIZE + PIECES_LABEL + 1;
    if (bytes.length < fixed || memcmp(bytes.data, MAGIC, MAGIC_SIZE) != 0) return false;
    size_t length = fixed + bytes.data[fixed - 1];
    if (bytes.length < length) return false;
    memcpy(out->bytes, bytes.data, length);
    out->length = length;
    return true;
}

slice pieces_label(const struct pieces_head *head)
{
    return slice_of(head->bytes + MAGIC_SIZE, PIECES_LABEL);
}

slice pieces_wrapped(const struct pieces_head *head)
{
    size_t fixed = MAGIC_SIZE + PIECES_LABEL + 1;
    return slice_of(head->bytes + fixed, head->length - fixed);
}

/* ---- Pieces ---- */

struct pieces {
    EVP_CIPHER_CTX *cipher;
    struct pieces_head head;
    uint64_t number;
    bool encrypts;
};

rfd_status pieces_new(const uint8_t key[PIECES_KEY], bool encrypts, const struct pieces_head *head, struct pieces **out,
                      struct rfd_error *error)
{
    struct pieces *p = memory_zeroed(1, sizeof *p);
    if (p == NULL) return error_memory(error);
    *p = (struct pieces){.cipher = EVP_CIPHER_CTX_new(), .head = *head, .encrypts = encrypts};
    if (p->cipher == NULL || EVP_CipherInit_ex(p->cipher, EVP_aes_256_gcm(), NULL, key, NULL, encrypts) != 1) {
        pieces_free(p);
        return error_set(error, RFD_E_INTERNAL, "no cipher");
    }
    *out = p;
    return RFD_OK;
}

void pieces_free(struct pieces *p)
{
    if (p == NULL) return;
    EVP_CIPHER_CTX_free(p->cipher);
    memory_free(p);
}

/** The next piece's nonce, and the head. */
static bool begin(struct pieces *p, bool last)
{
    uint8_t nonce[NONCE] = {last};
    int length;
    for (size_t i = 0; i < 8; i++) nonce[NONCE - 1 - i] = (uint8_t)(p->number >> (8 * i));
    p->number++;
    return EVP_CipherInit_ex(p->cipher, NULL, NULL, NULL, nonce, p->encrypts) == 1 &&
           EVP_CipherUpdate(p->cipher, NULL, &length, p->head.bytes, (int)p->head.length) == 1;
}

static bool work(struct pieces *p, slice from, uint8_t *to)
{
    int length;
    return from.length == 0 || EVP_CipherUpdate(p->cipher, to, &length, from.data, (int)from.length) == 1;
}

rfd_status pieces_seal(struct pieces *p, slice plain, bool last, uint8_t *to, struct rfd_error *error)
{
    int length;
    uint8_t *tag = to + plain.length;
    bool good = plain.length <= BLOB_PIECE && begin(p, last) && work(p, plain, to) &&
                EVP_CipherFinal_ex(p->cipher, tag, &length) == 1 &&
                EVP_CIPHER_CTX_ctrl(p->cipher, EVP_CTRL_GCM_GET_TAG, PIECES_TAG, tag) == 1;
    return good ? RFD_OK : error_set(error, RFD_E_INTERNAL, "encryption failed");
}

rfd_status pieces_open(struct pieces *p, slice sealed, bool last, uint8_t *to, struct rfd_error *error)
{
    int length;
    uint8_t tag[PIECES_TAG];
    bool whole = sealed.length >= PIECES_TAG && sealed.length <= BLOB_PIECE + PIECES_TAG;
    slice content = slice_part(sealed, 0, whole ? sealed.length - PIECES_TAG : 0);
    if (whole) memcpy(tag, sealed.data + content.length, sizeof tag);
    bool good = whole && begin(p, last) && work(p, content, to) &&
                EVP_CIPHER_CTX_ctrl(p->cipher, EVP_CTRL_GCM_SET_TAG, PIECES_TAG, tag) == 1 &&
                EVP_CipherFinal_ex(p->cipher, to + content.length, &length) == 1;
    if (good) return RFD_OK;
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "piece %llu of a blob was altered", (unsigned long long)p->number);
}

/* ---- The keeper ---- */

static rfd_status ask(const struct blob_options *options, enum keeper_operation operation, slice label, slice wrapped,
                      struct keeper_reply *reply, struct rfd_error *error)
{
    struct buf body;
    buf_init(&body, ASKING);
    buf_init(&reply->memory, KEEPER_MESSAGE_MAXIMUM);
    message_put_text(&body, options->key);
    message_put_bytes(&body, label);
    if (operation == KEEPER_UNWRAP_BLOB_KEY) message_put_bytes(&body, wrapped);
    rfd_status status = buf_check(&body, "question", error);
    if (status == RFD_OK)
        status = keeper_client_ask(options->keeper, operation, buf_slice(&body), -1, PATIENCE, reply, error);
    buf_dispose(&body);
    return status;
}

rfd_status pieces_new_key(const struct blob_options *options, slice label, uint8_t key[PIECES_KEY],
                          uint8_t wrapped[PIECES_WRAPPED_MOST], size_t *length, struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    rfd_status status;
    TRY_OUT(ask(options, KEEPER_NEW_BLOB_KEY, label, SLICE_EMPTY, &reply, error));
    slice made = message_get_bytes(&reply.fields, PIECES_KEY);
    slice kept = message_get_bytes(&reply.fields, PIECES_WRAPPED_MOST);
    TRY_OUT(message_end(&reply.fields, "new-blob-key", error));
    if (made.length != PIECES_KEY) {
        status = error_set(error, RFD_E_PROTOCOL, "a key of %zu octets", made.length);
        goto out;
    }
    memcpy(key, made.data, PIECES_KEY);
    memcpy(wrapped, kept.data, kept.length);
    *length = kept.length;
out:
    keeper_reply_dispose(&reply);
    return status;
}

rfd_status pieces_unwrap_key(const struct blob_options *options, slice label, slice wrapped, uint8_t key[PIECES_KEY],
                             struct rfd_error *error)
{
    struct keeper_reply reply = {.memory = {0}};
    rfd_status status = ask(options, KEEPER_UNWRAP_BLOB_KEY, label, wrapped, &reply, error);
    if (status == RFD_E_ARGUMENT) status = error_wrap(error, RFD_E_KEYSTORE_DAMAGED, "the key of a blob does not open");
    if (status != RFD_OK) goto out;
    slice plain = message_get_bytes(&reply.fields, PIECES_KEY);
    TRY_OUT(message_end(&reply.fields, "unwrap-blob-key", error));
    if (plain.length == PIECES_KEY)
        memcpy(key, plain.data, PIECES_KEY);
    else
        status = error_set(error, RFD_E_PROTOCOL, "a key of %zu octets", plain.length);
out:
    keeper_reply_dispose(&reply);
    return status;
}
