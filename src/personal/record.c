/* SPDX-License-Identifier: EUPL-1.2
 *
 * A credential's file: "RFDCRED1", and its fields sealed under a key of the store (keeper/seal.h), bound to the
 * credential's number: a changed file, or one in the place of another, does not open. Inside, the private key is sealed
 * once more with what the password gives (password.c). The counters of a holder's codes are a file of the same kind,
 * "RFDHOLD1", named after the SHA-256 of the holder.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "keeper/seal.h"

#include <stdio.h>

#define CREDENTIAL_MAGIC SLICE("RFDCRED1")
#define HOLDER_MAGIC     SLICE("RFDHOLD1")
#define CREDENTIAL_LABEL SLICE("refrenda personal credential 1")
#define HOLDER_LABEL     SLICE("refrenda personal holder 1")

enum { FIELDS_MAXIMUM = 24 << 10, SMALL = 255, HOLDER_DIGITS = 32 };
/* The marks of a credential. */
enum { IS_ENTITY = 1, WANTS_CODE = 2 };

static void credential_file(const char *id, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, "%s.cred", id);
}

/** Holders are named by people: not by what a folder allows. */
static rfd_status holder_file(const char *holder, char name[KEY_FOLDER_NAME_SIZE], struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    struct buf b = {.data = (uint8_t *)name, .capacity = KEY_FOLDER_NAME_SIZE, .maximum = KEY_FOLDER_NAME_SIZE};
    TRY(digest_of(DIGEST_SHA256, slice_text(holder), hash, error));
    buf_put_hex(&b, slice_of(hash, HOLDER_DIGITS / 2), false);
    buf_put(&b, ".holder", sizeof ".holder");
    return buf_check(&b, "holder", error);
}

/* ---- Sealed files ---- */

static rfd_status write_sealed(struct personal *p, const char *name, slice magic, slice label, slice fields,
                               bool replace, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, KEY_FOLDER_FILE_MAXIMUM);
    buf_put_slice(&b, magic);
    rfd_status status = seal_close(secret_slice(&p->record_secret), label, slice_text(name), fields, &b, error);
    (void)pthread_mutex_lock(&p->store_lock);
    if (status == RFD_OK) status = key_folder_write(p->store->folder, name, buf_slice(&b), replace, error);
    (void)pthread_mutex_unlock(&p->store_lock);
    buf_dispose(&b);
    return status;
}

/** Appends the fields to `out`, which is wiped by whoever has it. */
static rfd_status read_sealed(struct personal *p, const char *name, slice magic, slice label, struct buf *out,
                              struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(p->store->folder, name, &b, error);
    slice sealed = slice_from(buf_slice(&b), magic.length);
    if (status == RFD_OK && (!key_folder_begins(buf_slice(&b), magic) || sealed.length < SEAL_OVERHEAD))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no file of this version", name);
    size_t length = status == RFD_OK ? sealed.length - SEAL_OVERHEAD : 0;
    uint8_t *to = buf_reserve(out, length + 1);
    if (status == RFD_OK && to == NULL) status = buf_check(out, name, error);
    if (status == RFD_OK && !seal_open(secret_slice(&p->record_secret), label, slice_text(name), sealed, to))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s was altered, or is another's", name);
    if (status == RFD_OK) out->length += length;
    buf_dispose(&b);
    return status;
}

/* ---- Credentials ---- */

static void put_fields(struct buf *b, const struct record *r)
{
    message_put_text(b, r->id);
    message_put_text(b, r->holder);
    message_put_bytes(b, r->profile);
    message_put_u8(b, (uint8_t)r->state);
    message_put_u8(b, (uint8_t)r->algorithm);
    message_put_i64(b, r->created);
    message_put_i64(b, r->changed);
    message_put_i64(b, r->expires);
    message_put_i64(b, r->approved);
    message_put_i64(b, r->mobile_changed);
    message_put_bytes(b, slice_of(r->approval, sizeof r->approval));
    message_put_u8(b, r->wrong_passwords);
    message_put_u8(b, r->channel);
    message_put_bytes(b, slice_of(r->totp, r->has_totp ? sizeof r->totp : 0));
    message_put_i64(b, r->totp_step);
    message_put_u32(b, r->memory_kib);
    message_put_u32(b, r->passes);
    message_put_bytes(b, slice_of(r->salt, sizeof r->salt));
    message_put_text(b, r->mobile);
    message_put_text(b, r->mail);
    message_put_bytes(b, r->spki);
    message_put_bytes(b, r->certificate);
    message_put_bytes(b, r->wrapped);
    message_put_u8(b, (uint8_t)((r->entity ? IS_ENTITY : 0) | (r->code ? WANTS_CODE : 0)));
    if (r->has_authority) message_put_bytes(b, slice_of(r->authority, sizeof r->authority));
}

static void get_text(struct message_reader *m, char *to, size_t size)
{
    slice text = message_get_text(m, size - 1);
    if (text.length > 0) memcpy(to, text.data, text.length);
    to[text.length] = '\0';
}

/** False when there is something, and it has another length. */
static bool get_octets(struct message_reader *m, uint8_t *to, size_t size)
{
    slice octets = message_get_bytes(m, size);
    if (octets.length == size) memcpy(to, octets.data, size);
    return octets.length == size;
}

rfd_status record_take(struct record *r, slice fields, struct rfd_error *error)
{
    struct message_reader m = message_read(fields);
    get_text(&m, r->id, sizeof r->id);
    get_text(&m, r->holder, sizeof r->holder);
    r->profile = message_get_text(&m, SMALL);
    r->state = message_get_u8(&m);
    r->algorithm = message_get_u8(&m);
    r->created = message_get_i64(&m);
    r->changed = message_get_i64(&m);
    r->expires = message_get_i64(&m);
    r->approved = message_get_i64(&m);
    r->mobile_changed = message_get_i64(&m);
    bool good = get_octets(&m, r->approval, sizeof r->approval);
    r->wrong_passwords = message_get_u8(&m);
    r->channel = message_get_u8(&m);
    r->has_totp = get_octets(&m, r->totp, sizeof r->totp);
    r->totp_step = message_get_i64(&m);
    r->memory_kib = message_get_u32(&m);
    r->passes = message_get_u32(&m);
    good = get_octets(&m, r->salt, sizeof r->salt) && good;
    get_text(&m, r->mobile, sizeof r->mobile);
    get_text(&m, r->mail, sizeof r->mail);
    r->spki = message_get_bytes(&m, FIELDS_MAXIMUM);
    r->certificate = message_get_bytes(&m, FIELDS_MAXIMUM);
    r->wrapped = message_get_bytes(&m, FIELDS_MAXIMUM);
    /* Files from before there were seals end here: they are people's. */
    uint8_t marks = m.left.length == 0 ? 0 : message_get_u8(&m);
    /* And those from before the authority was kept, here. */
    r->has_authority = m.left.length > 0;
    if (r->has_authority) good = get_octets(&m, r->authority, sizeof r->authority) && good;
    r->entity = (marks & IS_ENTITY) != 0;
    r->code = (marks & WANTS_CODE) != 0;
    good = good && (marks == 0 || marks == IS_ENTITY || marks == (IS_ENTITY | WANTS_CODE));
    if (good && message_end(&m, "credential", NULL) == RFD_OK) return RFD_OK;
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a credential whose fields are none");
}

rfd_status record_read(struct personal *p, const char *id, struct record *out, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct record r = {.state = 0};
    credential_file(id, name);
    if (!key_folder_has(p->store->folder, name)) return error_set(error, RFD_E_NOT_FOUND, "credential %s", id);
    buf_init_secret(&r.bytes, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = read_sealed(p, name, CREDENTIAL_MAGIC, CREDENTIAL_LABEL, &r.bytes, error);
    if (status == RFD_OK) status = record_take(&r, buf_slice(&r.bytes), error);
    if (status == RFD_OK && strcmp(r.id, id) != 0)
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is the file of another", name);
    if (status == RFD_OK)
        *out = r;
    else
        record_dispose(&r);
    return status;
}

rfd_status record_write(struct personal *p, struct record *r, bool replace, struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf b;
    credential_file(r->id, name);
    r->changed = clock_now();
    buf_init_secret(&b, FIELDS_MAXIMUM);
    put_fields(&b, r);
    rfd_status status = buf_check(&b, "credential", error);
    if (status == RFD_OK)
        status = write_sealed(p, name, CREDENTIAL_MAGIC, CREDENTIAL_LABEL, buf_slice(&b), replace, error);
    buf_dispose(&b);
    return status;
}

void record_dispose(struct record *r)
{
    buf_dispose(&r->bytes);
    secret_wipe(r, sizeof *r);
}

/* ---- Counters ---- */

rfd_status record_read_counters(struct personal *p, const char *holder, struct code_counters *out,
                                struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct code_counters c;
    struct buf b;
    TRY(holder_file(holder, name, error));
    *out = (struct code_counters){.wrong = 0};
    if (!key_folder_has(p->store->folder, name)) return RFD_OK;
    buf_init(&b, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = read_sealed(p, name, HOLDER_MAGIC, HOLDER_LABEL, &b, error);
    struct message_reader m = message_read(buf_slice(&b));
    bool same = slice_is(message_get_text(&m, PERSONAL_HOLDER_SIZE - 1), holder);
    c.wrong = message_get_u8(&m);
    c.locks = message_get_u8(&m);
    c.refused_until = message_get_i64(&m);
    if (status == RFD_OK && (!same || message_end(&m, name, NULL) != RFD_OK))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is another's", name);
    if (status == RFD_OK) *out = c;
    buf_dispose(&b);
    return status;
}

rfd_status record_write_counters(struct personal *p, const char *holder, const struct code_counters *c,
                                 struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf b;
    TRY(holder_file(holder, name, error));
    buf_init(&b, SMALL);
    message_put_text(&b, holder);
    message_put_u8(&b, c->wrong);
    message_put_u8(&b, c->locks);
    message_put_i64(&b, c->refused_until);
    rfd_status status = buf_check(&b, "counters", error);
    if (status == RFD_OK) status = write_sealed(p, name, HOLDER_MAGIC, HOLDER_LABEL, buf_slice(&b), true, error);
    buf_dispose(&b);
    return status;
}
