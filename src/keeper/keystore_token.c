/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/keystore_token.h"

#include "base/error.h"
#include "keeper/token_protocol.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <unistd.h>

enum {
    PATIENCE = 15 * 1000,      /* milliseconds that a token may take to sign */
    LONG_PATIENCE = 60 * 1000, /* and to make a key */
    QUIET = 5 * 1000           /* before one that did not answer is asked again */
};

/* ---- Links ---- */

static struct token_link *find_link(struct key_files *f, slice name)
{
    for (size_t i = 0; i < f->token_count; i++) {
        if (slice_is(name, f->tokens[i].name)) return &f->tokens[i];
    }
    return NULL;
}

static rfd_status take_link(struct key_files *f, slice token, struct token_link **out, struct rfd_error *error)
{
    *out = find_link(f, token);
    if (*out != NULL) return RFD_OK;
    if (!key_name_is_good(token)) return error_set(error, RFD_E_ARGUMENT, "name of a token");
    if (f->token_count == KEYSTORE_TOKENS) return error_set(error, RFD_E_LIMIT, "%zu tokens", f->token_count);
    *out = &f->tokens[f->token_count++];
    **out = (struct token_link){.channel = NULL};
    memcpy((*out)->name, token.data, token.length);
    return RFD_OK;
}

rfd_status keystore_token_attach(struct keystore *store, slice token, int descriptor, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = TOKEN_MESSAGE_MAXIMUM};
    struct channel *channel = NULL;
    struct token_link *link;
    rfd_status status = take_link(store->state, token, &link, error);
    if (status == RFD_OK) status = channel_new(descriptor, &options, &channel, error);
    if (status != RFD_OK) {
        (void)close(descriptor);
        return status;
    }
    channel_free(link->channel);
    link->channel = channel;
    link->quiet_until = 0;
    return RFD_OK;
}

void token_links_close(struct key_files *f)
{
    for (size_t i = 0; i < f->token_count; i++) channel_free(f->tokens[i].channel);
    f->token_count = 0;
}

/** Asks the helper. Its own trouble is RFD_E_TOKEN, whatever it is; what the token refuses keeps its status. */
static rfd_status ask(struct key_files *f, const char *token, enum token_question question, const struct buf *body,
                      unsigned patience, struct message_reader *fields, struct rfd_error *error)
{
    struct token_link *link = find_link(f, slice_text(token));
    TRY(buf_check(body, "question to a token", error));
    if (link == NULL || link->channel == NULL)
        return error_set(error, RFD_E_TOKEN, "the helper of token %s is not there", token);
    if (channel_clock() < link->quiet_until)
        return error_set(error, RFD_E_TOKEN, "token %s did not answer a moment ago", token);
    rfd_status status = answer_ask(link->channel, (uint16_t)question, buf_slice(body), patience, token, fields, error);
    if (status == RFD_E_DEADLINE) {
        link->quiet_until = channel_clock() + QUIET;
        return error_wrap(error, RFD_E_TOKEN, "token %s does not answer", token);
    }
    if (status != RFD_E_PEER_GONE && status != RFD_E_PROTOCOL) return status;
    channel_free(link->channel);
    link->channel = NULL;
    return error_wrap(error, RFD_E_TOKEN, "the helper of token %s is gone", token);
}

static slice id_of(const struct key_description *d)
{
    return slice_of(d->id, sizeof d->id);
}

/* ---- Making and opening ---- */

rfd_status token_key_generate(struct key_files *f, const struct key_description *d, struct buf *spki,
                              struct rfd_error *error)
{
    struct message_reader r;
    struct buf body;
    if (d->purpose == PURPOSE_OPENING || d->purpose == PURPOSE_WRAPPING)
        return error_set(error, RFD_E_UNSUPPORTED, "keys on tokens sign");
    buf_init(&body, TOKEN_MESSAGE_MAXIMUM / 2);
    message_put_bytes(&body, id_of(d));
    message_put_text(&body, d->name);
    message_put_text(&body, key_algorithm_name(d->algorithm));
    rfd_status status = ask(f, d->token, TOKEN_GENERATE, &body, LONG_PATIENCE, &r, error);
    buf_dispose(&body);
    TRY(status);
    buf_put_slice(spki, message_get_bytes(&r, TOKEN_SPKI_MAXIMUM));
    TRY(message_end(&r, "token", error));
    return buf_check(spki, "public key", error);
}

struct token_key_state {
    struct key_files *files;
    char token[KEY_NAME_SIZE];
    uint8_t id[KEY_ID_SIZE];
    EVP_PKEY *public_key;
};

/** The token must still have the key that the description speaks of, and must not give it out. */
static rfd_status check_public(struct key_files *f, const struct key_description *d, struct rfd_error *error)
{
    struct message_reader r;
    struct buf body;
    buf_init(&body, TOKEN_MESSAGE_MAXIMUM / 2);
    message_put_bytes(&body, id_of(d));
    rfd_status status = ask(f, d->token, TOKEN_PUBLIC_KEY, &body, PATIENCE, &r, error);
    buf_dispose(&body);
    TRY(status);
    slice spki = message_get_bytes(&r, TOKEN_SPKI_MAXIMUM);
    TRY(message_end(&r, "token", error));
    if (slice_equal(spki, d->public_key)) return RFD_OK;
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "token %s has another key in the place of %s", d->token, d->name);
}

rfd_status token_key_open(struct key_files *f, const struct key_description *d, void **state, struct rfd_error *error)
{
    const unsigned char *at = d->public_key.data;
    TRY(check_public(f, d, error));
    struct token_key_state *k = memory_zeroed(1, sizeof *k);
    if (k == NULL) return error_memory(error);
    k->files = f;
    memcpy(k->token, d->token, sizeof k->token);
    memcpy(k->id, d->id, sizeof k->id);
    k->public_key = d2i_PUBKEY(NULL, &at, (long)d->public_key.length);
    ERR_clear_error();
    if (k->public_key == NULL) {
        memory_free(k);
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "public key of %s", d->name);
    }
    *state = k;
    return RFD_OK;
}

static void release(void *state)
{
    struct token_key_state *k = state;
    EVP_PKEY_free(k->public_key);
    memory_free(k);
}

/* ---- Signing ---- */

static const char *scheme_name(enum signature_scheme scheme)
{
    switch (scheme) {
    case SCHEME_ECDSA: return "ecdsa";
    case SCHEME_RSA_PKCS1: return "rsa";
    case SCHEME_ED25519: return "ed25519";
    default: return NULL;
    }
}

/** A faulty token must not hand out a wrong signature: it would be seen outside first. */
static rfd_status verify(const struct token_key_state *k, const struct signature_algorithm *a, slice message,
                         slice signature, struct rfd_error *error)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const EVP_MD *md = a->scheme == SCHEME_ED25519 ? NULL : digest_md(a->digest);
    bool good = c != NULL && EVP_DigestVerifyInit(c, NULL, md, NULL, k->public_key) == 1 &&
                EVP_DigestVerify(c, signature.data, signature.length, message.data, message.length) == 1;
    EVP_MD_CTX_free(c);
    ERR_clear_error();
    return good ? RFD_OK : error_set(error, RFD_E_SIGNING, "token %s made a wrong signature", k->token);
}

static rfd_status sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    struct token_key_state *k = state;
    const char *scheme = scheme_name(a->scheme);
    struct message_reader r;
    struct buf body;
    if (scheme == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "a token with %s", signature_algorithm_name(a));
    buf_init(&body, TOKEN_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE);
    message_put_bytes(&body, slice_of(k->id, sizeof k->id));
    message_put_text(&body, scheme);
    message_put_text(&body, digest_name(a->digest));
    message_put_bytes(&body, digest);
    message_put_bytes(&body, a->scheme == SCHEME_ED25519 ? message : SLICE_EMPTY);
    rfd_status status = ask(k->files, k->token, TOKEN_SIGN, &body, PATIENCE, &r, error);
    buf_dispose(&body);
    TRY(status);
    slice made = message_get_bytes(&r, TOKEN_SIGNATURE_MAXIMUM);
    TRY(message_end(&r, "token", error));
    TRY(verify(k, a, message, made, error));
    buf_put_slice(signature, made);
    return buf_check(signature, "signature", error);
}

const struct stored_key_operations token_key_operations = {.sign = sign, .release = release};
