/* SPDX-License-Identifier: EUPL-1.2
 *
 * A file: "RFDREG01", the fields as they came, MAC over both.
 */
#include "keeper/registered.h"

#include "base/error.h"
#include "base/memory.h"
#include "keeper/mac.h"
#include "pki/attribute.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <unistd.h>

#define REGISTERED_MAGIC SLICE("RFDREG01")

enum { WORD_MAXIMUM = 64, VALUE_MAXIMUM = 512, RECORD_MAXIMUM = 24 << 10, RSA_BITS_LEAST = 2048 };

static const char *const suffixes[] = {[KEEPER_AGENT] = ".agent",
                                       [KEEPER_REGISTRATION_CLIENT] = ".client",
                                       [KEEPER_SERVICE] = ".service",
                                       [KEEPER_PERSONAL] = ".personal",
                                       [KEEPER_PORTAL] = ".portal"};

/* What the fields of each kind are; what is false must be empty. */
static const struct {
    bool certificate; /* the proof is one; else it is a SubjectPublicKeyInfo */
    bool profiles, key;
    unsigned subject; /* attributes at most */
} kinds[] = {
    [KEEPER_AGENT] = {.certificate = true, .profiles = true},
    [KEEPER_REGISTRATION_CLIENT] = {.certificate = true, .profiles = true},
    [KEEPER_SERVICE] = {.profiles = true, .key = true, .subject = APPROVAL_SUBJECT_MAXIMUM},
    [KEEPER_PERSONAL] = {.subject = 0},
    [KEEPER_PORTAL] = {.subject = 1}, /* cn: its name as people read it */
};

static void file_name(const struct registered *r, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, "%s%s", r->name, suffixes[r->kind]);
}

static void registered_free(struct registered *r)
{
    if (r == NULL) return;
    certificate_unref(r->certificate);
    buf_dispose(&r->bytes);
    memory_free(r);
}

/* ---- Fields ---- */

/** The next name of a list; false at its end. */
static bool next_profile(slice *list, slice *name)
{
    if (list->length == 0) return false;
    const uint8_t *comma = memchr(list->data, ',', list->length);
    *name = comma == NULL ? *list : slice_part(*list, 0, (size_t)(comma - list->data));
    *list = slice_from(*list, name->length + 1);
    return true;
}

bool registered_has_profile(const struct registered *r, slice profile)
{
    slice list = r->profiles;
    slice name;
    while (next_profile(&list, &name)) {
        if (slice_equal(name, profile)) return true;
    }
    return false;
}

static bool are_profiles(slice list)
{
    slice name;
    if (list.length == 0 || list.data[list.length - 1] == ',') return false;
    while (next_profile(&list, &name)) {
        if (name.length == 0) return false;
    }
    return true;
}

static rfd_status read_subject(struct message_reader *m, struct registered *r, struct rfd_error *error)
{
    uint32_t count = message_get_u32(m);
    if (count > APPROVAL_SUBJECT_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "%u attributes", count);
    for (; r->subject_count < count; r->subject_count++) {
        enum oid_name type = attribute_from_word(message_get_text(m, WORD_MAXIMUM));
        slice value = message_get_text(m, VALUE_MAXIMUM);
        if (!m->failed && (type == OID_COUNT || value.length == 0))
            return error_set(error, RFD_E_ARGUMENT, "an attribute of the subject");
        r->subject[r->subject_count] = (struct approval_attribute){type, value};
    }
    return RFD_OK;
}

static rfd_status check_profiles(const struct registered *r, struct rfd_error *error)
{
    bool one = r->kind == KEEPER_SERVICE;
    if (!kinds[r->kind].profiles)
        return r->profiles.length == 0 ? RFD_OK : error_set(error, RFD_E_ARGUMENT, "profiles of a kind that has none");
    if (are_profiles(r->profiles) && !(one && memchr(r->profiles.data, ',', r->profiles.length) != NULL)) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "profiles: one or more names with commas; of a service, one");
}

static rfd_status read_fields(struct registered *r, slice fields, struct rfd_error *error)
{
    struct message_reader m = message_read(fields);
    r->kind = message_get_u8(&m);
    slice name = message_get_text(&m, KEY_NAME_SIZE - 1);
    r->proof = message_get_bytes(&m, KEY_CERTIFICATE_MAXIMUM);
    r->profiles = message_get_text(&m, REGISTERED_PROFILES_MAXIMUM);
    r->key = message_get_text(&m, KEY_NAME_SIZE - 1);
    TRY(read_subject(&m, r, error));
    TRY(message_end(&m, "register", error));
    if (r->kind < KEEPER_AGENT || r->kind > KEEPER_PORTAL) return error_set(error, RFD_E_ARGUMENT, "kind %d", r->kind);
    if (!key_name_is_good(name))
        return error_set(error, RFD_E_ARGUMENT, "name: 1 to 40 lower-case letters, digits and inner hyphens");
    TRY(check_profiles(r, error));
    if (kinds[r->kind].key ? !key_name_is_good(r->key) : r->key.length > 0)
        return error_set(error, RFD_E_ARGUMENT, "a CA key belongs to services, and only to them");
    if (r->subject_count > kinds[r->kind].subject ||
        (r->kind == KEEPER_PORTAL && r->subject_count > 0 && r->subject[0].type != OID_COMMON_NAME))
        return error_set(error, RFD_E_ARGUMENT, "a subject belongs to services; of a portal, its cn");
    memcpy(r->name, name.data, name.length);
    return RFD_OK;
}

/** What an approval's signature needs (RFC 5280 §4.2.1.3). */
static rfd_status check_certificate(const struct certificate *c, struct rfd_error *error)
{
    const unsigned signs = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION;
    if (!c->has_key_usage || (c->key_usage & signs) != 0) return RFD_OK;
    return error_set(error, RFD_E_CERTIFICATE_KEY_USAGE, "not for signatures");
}

/** A key that attests, or that a portal signs with (RFC 7518 §3.3, §3.4): P-256, or RSA of 2048 bits and more. */
static rfd_status check_public_key(slice spki, bool rsa, struct rfd_error *error)
{
    const unsigned char *at = spki.data;
    EVP_PKEY *key = spki.length == 0 ? NULL : d2i_PUBKEY(NULL, &at, (long)spki.length);
    bool whole = key != NULL && at == spki.data + spki.length;
    bool good = whole && (key_material_algorithm(key) == KEY_ALGORITHM_P256 ||
                          (rsa && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS_LEAST));
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (good) return RFD_OK;
    return error_set(error, RFD_E_KEY_ALGORITHM, "no SubjectPublicKeyInfo of a kind that is relied on");
}

static rfd_status check_proof(struct registered *r, struct rfd_error *error)
{
    if (r->kind == KEEPER_SERVICE) return RFD_OK;
    if (!kinds[r->kind].certificate) return check_public_key(r->proof, r->kind == KEEPER_PORTAL, error);
    TRY(certificate_parse(r->proof, &r->certificate, error));
    return check_certificate(r->certificate, error);
}

/** Reads a copy of the fields of KEEPER_REGISTER. */
static rfd_status make(slice fields, struct registered **out, struct rfd_error *error)
{
    struct registered *r = memory_zeroed(1, sizeof *r);
    rfd_status status = RFD_OK;
    if (r == NULL) return error_memory(error);
    buf_init(&r->bytes, RECORD_MAXIMUM);
    buf_put_slice(&r->bytes, fields);
    TRY_OUT(buf_check(&r->bytes, "register", error));
    TRY_OUT(read_fields(r, buf_slice(&r->bytes), error));
    TRY_OUT(check_proof(r, error));
    *out = r;
    r = NULL;
out:
    registered_free(r);
    return status;
}

/* ---- The list ---- */

const struct registered *registered_find(const struct registered_list *l, enum keeper_registered kind, slice name)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->items[i]->kind == kind && slice_is(name, l->items[i]->name)) return l->items[i];
    }
    return NULL;
}

const struct registered *registered_signer(const struct registered_list *l, const struct cms *cms)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct certificate *c = l->items[i]->certificate;
        if (c == NULL) continue;
        bool by_key = cms->signer_key_id.length > 0;
        if (by_key ? slice_equal(c->subject_key_id, cms->signer_key_id)
                   : slice_equal(c->serial, cms->signer_serial) && slice_equal(c->issuer, cms->signer_issuer))
            return l->items[i];
    }
    return NULL;
}

slice registered_shown_name(const struct registered *r)
{
    return r->subject_count > 0 ? r->subject[0].value : slice_text(r->name);
}

/** Two portals that people read the same name of would be one. */
static bool is_same_portal(const struct registered *a, const struct registered *b)
{
    return a->kind == KEEPER_PORTAL && b->kind == KEEPER_PORTAL && strcmp(a->name, b->name) != 0 &&
           slice_equal(registered_shown_name(a), registered_shown_name(b));
}

static rfd_status check_room(const struct registered_list *l, const struct registered *wanted, struct rfd_error *error)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct registered *other = l->items[i];
        if (is_same_portal(other, wanted)) return error_set(error, RFD_E_EXISTS, "%s has the same name", other->name);
        if (other->certificate == NULL || wanted->certificate == NULL) continue;
        if (other->kind == wanted->kind && strcmp(other->name, wanted->name) == 0) continue;
        /* Two names for one person would be two pairs of eyes in one head. */
        if (slice_equal(other->certificate->spki, wanted->certificate->spki))
            return error_set(error, RFD_E_EXISTS, "%s has the same key", other->name);
    }
    if (l->count < REGISTERED_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "%zu are registered", l->count);
}

/** Takes `r` over, in the place of the one that had its name. */
static rfd_status insert(struct registered_list *l, struct registered *r, struct rfd_error *error)
{
    for (size_t i = 0; i < l->count; i++) {
        struct registered *other = l->items[i];
        if (other->kind != r->kind || strcmp(other->name, r->name) != 0) continue;
        registered_free(other);
        l->items[i] = r;
        return RFD_OK;
    }
    struct registered **items = memory_resize(l->items, (l->count + 1) * sizeof(struct registered *));
    if (items == NULL) return error_memory(error);
    items[l->count++] = r;
    l->items = items;
    return RFD_OK;
}

static rfd_status write_record(const struct registered_list *l, const struct registered *r, struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf b;
    buf_init(&b, KEY_FOLDER_FILE_MAXIMUM);
    buf_put_slice(&b, REGISTERED_MAGIC);
    buf_put_slice(&b, buf_slice(&r->bytes));
    rfd_status status = buf_check(&b, "register", error);
    if (status == RFD_OK) status = mac_of(l->key, buf_slice(&b), SLICE_EMPTY, mac, error);
    buf_put(&b, mac, sizeof mac);
    file_name(r, name);
    if (status == RFD_OK) status = buf_check(&b, "register", error);
    if (status == RFD_OK) status = key_folder_write(l->folder, name, buf_slice(&b), true, error);
    buf_dispose(&b);
    return status;
}

rfd_status registered_put(struct registered_list *l, slice fields, struct rfd_error *error)
{
    struct registered *r = NULL;
    TRY(make(fields, &r, error));
    rfd_status status = check_room(l, r, error);
    if (status == RFD_OK) status = write_record(l, r, error);
    if (status == RFD_OK) status = insert(l, r, error);
    if (status != RFD_OK) registered_free(r);
    return status;
}

rfd_status registered_remove(struct registered_list *l, enum keeper_registered kind, slice name,
                             struct rfd_error *error)
{
    char file[KEY_FOLDER_NAME_SIZE];
    for (size_t i = 0; i < l->count; i++) {
        struct registered *r = l->items[i];
        if (r->kind != kind || !slice_is(name, r->name)) continue;
        file_name(r, file);
        if (unlinkat(l->folder->descriptor, file, 0) != 0 || fsync(l->folder->descriptor) != 0)
            return error_errno(error, RFD_E_IO_WRITE, errno, "%s/%s", l->folder->path, file);
        registered_free(r);
        l->items[i] = l->items[--l->count];
        return RFD_OK;
    }
    return error_set(error, RFD_E_NOT_FOUND, "nobody of this kind and name is registered");
}

/* ---- Opening ---- */

static rfd_status load_record(struct registered_list *l, const char *name, slice content, struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    char expected[KEY_FOLDER_NAME_SIZE];
    struct registered *r = NULL;
    size_t length = content.length < MAC_SIZE ? 0 : content.length - MAC_SIZE;
    slice before = slice_part(content, 0, length);
    if (!key_folder_begins(before, REGISTERED_MAGIC))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no record of this version", name);
    TRY(mac_of(l->key, before, SLICE_EMPTY, mac, error));
    if (!secret_equal(slice_of(mac, sizeof mac), slice_from(content, length)))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s was altered, or is of another store", name);
    TRY(make(slice_from(before, REGISTERED_MAGIC.length), &r, error));
    file_name(r, expected);
    rfd_status status = strcmp(expected, name) == 0
                            ? insert(l, r, error)
                            : error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is the file of %s", name, expected);
    if (status != RFD_OK) registered_free(r);
    return status;
}

static rfd_status load(void *context, const char *name, struct rfd_error *error)
{
    struct registered_list *l = context;
    struct buf content;
    buf_init(&content, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(l->folder, name, &content, error);
    if (status == RFD_OK) status = load_record(l, name, buf_slice(&content), error);
    buf_dispose(&content);
    return status;
}

rfd_status registered_open(const struct key_folder *folder, const struct secret *key, struct registered_list *out,
                           struct rfd_error *error)
{
    struct registered_list l = {.folder = folder, .key = key};
    rfd_status status = RFD_OK;
    for (enum keeper_registered kind = KEEPER_AGENT; kind <= KEEPER_PORTAL && status == RFD_OK; kind++)
        status = key_folder_walk(folder, suffixes[kind], load, &l, error);
    if (status == RFD_OK)
        *out = l;
    else
        registered_close(&l);
    return status;
}

void registered_close(struct registered_list *l)
{
    for (size_t i = 0; i < l->count; i++) registered_free(l->items[i]);
    memory_free(l->items);
    *l = (struct registered_list){0};
}

/* ---- Listing ---- */

/** By kind, then by name: so that a list can be asked for in parts. */
static int order(const struct registered *a, enum keeper_registered kind, slice name)
{
    if (a->kind != kind) return a->kind < kind ? -1 : 1;
    return slice_compare(slice_text(a->name), name);
}

/** The first that comes after (kind, name); NULL at the end. */
static const struct registered *next_of(const struct registered_list *l, enum keeper_registered kind, slice name)
{
    const struct registered *best = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const struct registered *r = l->items[i];
        if (order(r, kind, name) <= 0) continue;
        if (best == NULL || order(r, best->kind, slice_text(best->name)) < 0) best = r;
    }
    return best;
}

rfd_status registered_put_list(const struct registered_list *l, enum keeper_registered kind, slice name, size_t maximum,
                               struct buf *answer, struct rfd_error *error)
{
    struct buf items;
    uint32_t count = 0;
    buf_init(&items, maximum);
    for (const struct registered *next = next_of(l, kind, name); next != NULL;
         next = next_of(l, next->kind, slice_text(next->name))) {
        size_t room = next->proof.length + next->profiles.length + 2 * KEY_NAME_SIZE;
        if (items.length + room > maximum) break;
        message_put_u8(&items, (uint8_t)next->kind);
        message_put_text(&items, next->name);
        message_put_bytes(&items, next->profiles);
        message_put_bytes(&items, next->proof);
        count++;
    }
    message_put_u32(answer, count);
    buf_put_slice(answer, buf_slice(&items));
    rfd_status status = buf_check(&items, "list", error);
    buf_dispose(&items);
    return status;
}
