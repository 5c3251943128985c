/* SPDX-License-Identifier: EUPL-1.2
 *
 * The built-in store. Private numbers pass through one page of locked memory on their way between file and OpenSSL,
 * which is taken when the store is opened, since the sandbox lets nobody lock memory later.
 */
#include "keeper/keystore_token.h"

#include "base/clock.h"
#include "base/error.h"
#include "keeper/seal.h"
#include "pki/signature_pool.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>

#define WRAPPING_USE SLICE("refrenda wrapping")

/* ---- Keys in use ---- */

struct file_key {
    EVP_PKEY *key;
    struct signature_pool pool;
};

static rfd_status sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    struct file_key *k = state;
    return signature_pool_sign(&k->pool, k->key, a, message, digest, signature, error);
}

static void release(void *state)
{
    struct file_key *k = state;
    signature_pool_dispose(&k->pool);
    EVP_PKEY_free(k->key);
    memory_free(k);
}

static rfd_status agree(void *state, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error)
{
    struct file_key *k = state;
    return hpke_agree_with(k->key, point, shared, error);
}

/** The octets of a key that has no other numbers; the caller wipes them. */
static rfd_status get_octets(const struct file_key *k, uint8_t octets[SEAL_KEY_SIZE], struct rfd_error *error)
{
    return key_material_export(k->key, KEY_ALGORITHM_AES_256, octets, error);
}

static rfd_status wrap(void *state, slice label, slice plain, struct buf *wrapped, struct rfd_error *error)
{
    uint8_t octets[SEAL_KEY_SIZE];
    rfd_status status = get_octets(state, octets, error);
    if (status == RFD_OK)
        status = seal_close(slice_of(octets, sizeof octets), WRAPPING_USE, label, plain, wrapped, error);
    secret_wipe(octets, sizeof octets);
    return status;
}

static rfd_status unwrap(void *state, slice label, slice wrapped, uint8_t *plain, struct rfd_error *error)
{
    uint8_t octets[SEAL_KEY_SIZE];
    rfd_status status = get_octets(state, octets, error);
    if (status == RFD_OK && !seal_open(slice_of(octets, sizeof octets), WRAPPING_USE, label, wrapped, plain))
        status = error_set(error, RFD_E_ARGUMENT, "not wrapped with this key and label, or altered");
    secret_wipe(octets, sizeof octets);
    return status;
}

static const struct stored_key_operations operations = {sign, release, agree, wrap, unwrap};

/** Reads the description once more from octets of its own. */
static rfd_status adopt_description(struct stored_key *key, const struct key_description *d, struct rfd_error *error)
{
    struct buf b;
    struct key_description read;
    buf_init(&b, KEY_DESCRIPTION_MAXIMUM);
    key_description_put(&b, d);
    rfd_status status = buf_check(&b, "description of a key", error);
    if (status == RFD_OK) status = key_description_read(buf_slice(&b), &read, error);
    if (status != RFD_OK) {
        buf_dispose(&b);
        return status;
    }
    buf_dispose(&key->bytes);
    key->bytes = b;
    key->description = read;
    return RFD_OK;
}

/** Takes `state` over on success. */
static rfd_status wrap_state(const struct stored_key_operations *o, void *state, const struct key_description *d,
                             struct stored_key **out, struct rfd_error *error)
{
    struct stored_key *key = memory_zeroed(1, sizeof *key);
    rfd_status status = key == NULL ? error_memory(error) : adopt_description(key, d, error);
    if (status != RFD_OK) {
        memory_free(key);
        return status;
    }
    key->operations = o;
    key->state = state;
    *out = key;
    return RFD_OK;
}

/** Takes `*pkey` over on success. */
static rfd_status make_key(EVP_PKEY **pkey, const struct key_description *d, struct stored_key **out,
                           struct rfd_error *error)
{
    struct file_key *state = memory_zeroed(1, sizeof *state);
    if (state == NULL) return error_memory(error);
    signature_pool_init(&state->pool);
    rfd_status status = wrap_state(&operations, state, d, out, error);
    if (status == RFD_OK) {
        state->key = *pkey;
        *pkey = NULL;
    } else {
        release(state);
    }
    return status;
}

static rfd_status make_token_key(struct key_files *f, const struct key_description *d, struct stored_key **out,
                                 struct rfd_error *error)
{
    void *state = NULL;
    TRY(token_key_open(f, d, &state, error));
    rfd_status status = wrap_state(&token_key_operations, state, d, out, error);
    if (status != RFD_OK) token_key_operations.release(state);
    return status;
}

static void file_name(const char *key, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, "%s" KEY_SUFFIX, key);
}

static void wipe_scratch(struct key_files *f)
{
    secret_wipe(f->scratch.data, f->scratch.length);
}

/* ---- Making ---- */

/** Encrypts the numbers in scratch and writes the file. */
static rfd_status write_key(struct key_files *f, const struct key_description *d, bool replace, struct rfd_error *error)
{
    struct buf record;
    char name[KEY_FOLDER_NAME_SIZE];
    slice plain = slice_of(f->scratch.data, key_record_material(d));
    buf_init(&record, KEY_RECORD_MAXIMUM);
    file_name(d->name, name);
    rfd_status status = key_record_put(&record, secret_slice(&f->store_key), d, plain, error);
    if (status == RFD_OK) status = key_folder_write(&f->folder, name, buf_slice(&record), replace, error);
    buf_dispose(&record);
    return status;
}

/** The key in this process, its numbers in scratch. */
static rfd_status generate_here(struct key_files *f, const struct key_description *d, EVP_PKEY **pkey, struct buf *spki,
                                struct rfd_error *error)
{
    TRY(key_material_generate(d->algorithm, pkey, error));
    TRY(key_material_put_public(*pkey, spki, error));
    return key_material_export(*pkey, d->algorithm, f->scratch.data, error);
}

/** A key of a name that is free, with an id of its own. */
static rfd_status begin_key(const struct key_files *f, struct key_description *d, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    file_name(d->name, name);
    if (key_folder_has(&f->folder, name)) return error_set(error, RFD_E_EXISTS, "key %s", d->name);
    if (RAND_bytes(d->id, sizeof d->id) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    return RFD_OK;
}

/** Writes the key whose numbers are in scratch; `pkey` NULL: it is a token's. */
static rfd_status finish_key(struct key_files *f, struct key_description *d, EVP_PKEY **pkey, slice spki,
                             struct stored_key **out, struct rfd_error *error)
{
    struct stored_key *made = NULL;
    d->public_key = spki;
    d->certificate = SLICE_EMPTY;
    d->created = clock_now();
    TRY(pkey != NULL ? make_key(pkey, d, &made, error) : make_token_key(f, d, &made, error));
    rfd_status status = write_key(f, d, false, error);
    if (status == RFD_OK)
        *out = made;
    else
        stored_key_free(made);
    return status;
}

static rfd_status create(void *state, const struct key_description *wanted, struct stored_key **out,
                         struct rfd_error *error)
{
    struct key_files *f = state;
    struct key_description d = *wanted;
    struct buf spki;
    EVP_PKEY *pkey = NULL;
    bool here = d.token[0] == '\0';
    rfd_status status = RFD_OK;
    TRY(begin_key(f, &d, error));
    buf_init(&spki, KEY_DESCRIPTION_MAXIMUM);
    TRY_OUT(here ? generate_here(f, &d, &pkey, &spki, error) : token_key_generate(f, &d, &spki, error));
    status = finish_key(f, &d, here ? &pkey : NULL, buf_slice(&spki), out, error);
out:
    wipe_scratch(f);
    EVP_PKEY_free(pkey);
    buf_dispose(&spki);
    return status;
}

rfd_status keystore_files_import(struct keystore *store, const struct key_description *wanted, struct evp_pkey_st *key,
                                 struct stored_key **out, struct rfd_error *error)
{
    struct key_files *f = store->state;
    struct key_description d = *wanted;
    struct buf spki;
    EVP_PKEY *mine = NULL;
    rfd_status status = RFD_OK;
    d.algorithm = key_material_algorithm(key);
    if (!key_name_is_good(slice_text(d.name))) return error_set(error, RFD_E_ARGUMENT, "the name of a key");
    if (d.algorithm == KEY_ALGORITHM_NONE) return error_set(error, RFD_E_KEY_ALGORITHM, "%s", d.name);
    TRY(begin_key(f, &d, error));
    buf_init(&spki, KEY_DESCRIPTION_MAXIMUM);
    TRY_OUT(key_material_put_public(key, &spki, error));
    TRY_OUT(key_material_export(key, d.algorithm, f->scratch.data, error));
    /* Made anew of its numbers, as it will be from the file; that may turn them round, hence once more. */
    TRY_OUT(key_material_import(d.algorithm, f->scratch.data, &mine, error));
    TRY_OUT(key_material_export(key, d.algorithm, f->scratch.data, error));
    status = finish_key(f, &d, &mine, buf_slice(&spki), out, error);
out:
    wipe_scratch(f);
    EVP_PKEY_free(mine);
    buf_dispose(&spki);
    return status;
}

/* ---- Opening ---- */

/** Reads the key's file into `record`, its numbers into scratch. */
static rfd_status read_key(struct key_files *f, const char *key, struct buf *record, struct key_description *d,
                           struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    file_name(key, name);
    if (!key_folder_has(&f->folder, name)) return error_set(error, RFD_E_KEY_UNKNOWN, "%s", key);
    TRY(key_folder_read(&f->folder, name, record, error));
    return key_record_open(buf_slice(record), secret_slice(&f->store_key), key, d, f->scratch.data, error);
}

static rfd_status open_key(void *state, const char *name, struct stored_key **out, struct rfd_error *error)
{
    struct key_files *f = state;
    struct key_description d;
    struct buf record;
    EVP_PKEY *pkey = NULL;
    rfd_status status = RFD_OK;
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    TRY_OUT(read_key(f, name, &record, &d, error));
    if (d.token[0] != '\0') {
        status = make_token_key(f, &d, out, error);
        goto out;
    }
    TRY_OUT(key_material_import(d.algorithm, f->scratch.data, &pkey, error));
    status = make_key(&pkey, &d, out, error);
out:
    wipe_scratch(f);
    EVP_PKEY_free(pkey);
    buf_dispose(&record);
    return status;
}

static rfd_status certify(void *state, struct stored_key *key, slice certificate, struct rfd_error *error)
{
    struct key_files *f = state;
    struct key_description d;
    struct buf record;
    rfd_status status = RFD_OK;
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    TRY_OUT(read_key(f, key->description.name, &record, &d, error));
    d.certificate = certificate;
    TRY_OUT(write_key(f, &d, true, error));
    status = adopt_description(key, &d, error);
out:
    wipe_scratch(f);
    buf_dispose(&record);
    return status;
}

/* ---- Listing ---- */

struct walk {
    struct key_files *files;
    keystore_each *each;
    void *context;
};

rfd_status key_files_name(const char *file, char key[KEY_NAME_SIZE], struct rfd_error *error)
{
    slice bare = slice_part(slice_text(file), 0, strlen(file) - (sizeof KEY_SUFFIX - 1));
    if (!key_name_is_good(bare)) return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no key file's name", file);
    memcpy(key, bare.data, bare.length);
    key[bare.length] = '\0';
    return RFD_OK;
}

static rfd_status list_one(void *context, const char *name, struct rfd_error *error)
{
    struct walk *w = context;
    struct key_description d;
    struct buf record;
    char key[KEY_NAME_SIZE];
    TRY(key_files_name(name, key, error));
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = read_key(w->files, key, &record, &d, error);
    wipe_scratch(w->files);
    if (status == RFD_OK) status = w->each(w->context, &d, error);
    buf_dispose(&record);
    return status;
}

static rfd_status list(void *state, keystore_each *each, void *context, struct rfd_error *error)
{
    struct key_files *f = state;
    struct walk w = {f, each, context};
    return key_folder_walk(&f->folder, KEY_SUFFIX, list_one, &w, error);
}

/* ---- The store ---- */

static void close_files(void *state)
{
    struct key_files *f = state;
    secret_dispose(&f->store_key);
    secret_dispose(&f->scratch);
    key_folder_close(&f->folder);
    token_links_close(f);
    memory_free(f->tokens);
    memory_free(f);
}

static rfd_status derive(void *state, slice label, uint8_t secret[KEYSTORE_SECRET_SIZE], struct rfd_error *error)
{
    const struct key_files *f = state;
    if (seal_derive(secret_slice(&f->store_key), SLICE_EMPTY, label, secret)) return RFD_OK;
    return error_set(error, RFD_E_INTERNAL, "no secret could be derived");
}

static const struct keystore_backend backend = {"files", create, open_key, certify, list, close_files, derive};

static rfd_status refuse_keys(void *context, const char *name, struct rfd_error *error)
{
    (void)context;
    return error_set(error, RFD_E_EXISTS, "a store without master key, but with %s", name);
}

rfd_status keystore_files_init(const char *path, const struct master *master, struct rfd_error *error)
{
    struct key_folder folder = {0};
    struct secret store_key = {0};
    uint8_t random[SEAL_KEY_SIZE];
    TRY(key_folder_open(path, true, &folder, error));
    rfd_status status = key_folder_walk(&folder, KEY_SUFFIX, refuse_keys, NULL, error);
    if (status == RFD_OK && RAND_priv_bytes(random, sizeof random) != 1)
        status = error_set(error, RFD_E_INTERNAL, "no random numbers");
    if (status == RFD_OK) status = secret_set(&store_key, slice_of(random, sizeof random), error);
    secret_wipe(random, sizeof random);
    if (status == RFD_OK) status = master_write(&folder, master, secret_slice(&store_key), false, error);
    secret_dispose(&store_key);
    key_folder_close(&folder);
    return status;
}

rfd_status key_files_take_scratch(struct key_files *f, struct rfd_error *error)
{
    static const uint8_t nothing[KEY_MATERIAL_MAXIMUM];
    return secret_set(&f->scratch, slice_of(nothing, sizeof nothing), error);
}

rfd_status keystore_files_open(const char *path, const struct master *master, struct keystore *out,
                               struct rfd_error *error)
{
    struct key_files *f = memory_zeroed(1, sizeof *f);
    rfd_status status = RFD_OK;
    if (f == NULL) return error_memory(error);
    f->tokens = memory_zeroed(KEYSTORE_TOKENS, sizeof *f->tokens);
    if (f->tokens == NULL) TRY_OUT(error_memory(error));
    TRY_OUT(key_folder_open(path, false, &f->folder, error));
    TRY_OUT(key_files_take_scratch(f, error));
    TRY_OUT(master_open(&f->folder, master, &f->store_key, error));
    *out = (struct keystore){.backend = &backend, .state = f, .folder = &f->folder};
    f = NULL;
out:
    if (f != NULL) close_files(f);
    return status;
}

rfd_status keystore_files_change_master(struct keystore *store, const struct master *master, struct rfd_error *error)
{
    struct key_files *f = store->state;
    return master_write(&f->folder, master, secret_slice(&f->store_key), true, error);
}
