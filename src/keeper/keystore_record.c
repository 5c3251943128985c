/* SPDX-License-Identifier: EUPL-1.2
 *
 * A key's file: "RFDKEY02", the description after its length, and the sealed material after its length. All before the
 * last is authenticated with it, the version too; the key that seals is derived from the store key for this key's id
 * alone. Files of version 01, whose policies had nothing about authorities, are read, and written anew as 02.
 */
#include "keeper/keystore_internal.h"

#include "base/error.h"
#include "ipc/message.h"
#include "keeper/authority_policy.h"
#include "keeper/seal.h"

#define RECORD_MAGIC     SLICE("RFDKEY02")
#define RECORD_MAGIC_OLD SLICE("RFDKEY01")

void key_description_put(struct buf *b, const struct key_description *d)
{
    message_put_text(b, d->name);
    message_put_u8(b, (uint8_t)d->purpose);
    message_put_u8(b, (uint8_t)d->algorithm);
    message_put_i64(b, d->created);
    message_put_bytes(b, slice_of(d->id, sizeof d->id));
    message_put_bytes(b, d->public_key);
    message_put_bytes(b, d->certificate);
    message_put_bytes(b, d->policy.issuer);
    message_put_u32(b, d->policy.validity);
    message_put_bytes(b, d->policy.timestamp_policy);
    message_put_u32(b, d->policy.accuracy);
    message_put_bytes(b, d->policy.authority);
    if (d->token[0] != '\0') message_put_text(b, d->token);
}

static rfd_status read_description(slice body, bool old, struct key_description *out, struct rfd_error *error)
{
    enum { PUBLIC_MAXIMUM = 1024, OID_MAXIMUM = 64 };
    struct message_reader r = message_read(body);
    struct key_description d = {.purpose = PURPOSE_NONE};
    slice name = message_get_text(&r, KEY_NAME_SIZE - 1);
    d.purpose = message_get_u8(&r);
    d.algorithm = message_get_u8(&r);
    d.created = message_get_i64(&r);
    slice id = message_get_bytes(&r, KEY_ID_SIZE);
    d.public_key = message_get_bytes(&r, PUBLIC_MAXIMUM);
    d.certificate = message_get_bytes(&r, KEY_CERTIFICATE_MAXIMUM);
    d.policy.issuer = message_get_bytes(&r, KEY_CERTIFICATE_MAXIMUM);
    d.policy.validity = message_get_u32(&r);
    d.policy.timestamp_policy = message_get_bytes(&r, OID_MAXIMUM);
    d.policy.accuracy = message_get_u32(&r);
    if (!old) d.policy.authority = message_get_bytes(&r, AUTHORITY_POLICY_MAXIMUM);
    slice token = r.left.length > 0 ? message_get_text(&r, KEY_NAME_SIZE - 1) : SLICE_EMPTY;
    if (message_end(&r, "key", NULL) != RFD_OK || !key_name_is_good(name) || id.length != KEY_ID_SIZE ||
        d.purpose == PURPOSE_NONE || d.purpose >= PURPOSE_COUNT || key_material_size(d.algorithm) == 0 ||
        (token.length > 0 && !key_name_is_good(token)))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "the description of a key makes no sense");
    memcpy(d.name, name.data, name.length);
    memcpy(d.id, id.data, id.length);
    if (token.length > 0) memcpy(d.token, token.data, token.length);
    *out = d;
    return RFD_OK;
}

rfd_status key_description_read(slice body, struct key_description *out, struct rfd_error *error)
{
    return read_description(body, false, out, error);
}

/** "refrenda key " and the id. */
static slice label_of(const struct key_description *d, uint8_t label[64])
{
    const slice prefix = SLICE("refrenda key ");
    memcpy(label, prefix.data, prefix.length);
    memcpy(label + prefix.length, d->id, KEY_ID_SIZE);
    return slice_of(label, prefix.length + KEY_ID_SIZE);
}

rfd_status key_record_put(struct buf *b, slice store_key, const struct key_description *d, slice plain,
                          struct rfd_error *error)
{
    uint8_t label[64];
    struct buf description;
    struct buf sealed;
    rfd_status status = RFD_OK;
    size_t start = b->length;
    buf_init(&description, KEY_DESCRIPTION_MAXIMUM);
    buf_init(&sealed, KEY_RECORD_MAXIMUM);
    key_description_put(&description, d);
    TRY_OUT(buf_check(&description, "description of a key", error));
    buf_put_slice(b, RECORD_MAGIC);
    message_put_bytes(b, buf_slice(&description));
    TRY_OUT(buf_check(b, "key", error));
    TRY_OUT(seal_close(store_key, label_of(d, label), slice_from(buf_slice(b), start), plain, &sealed, error));
    message_put_bytes(b, buf_slice(&sealed));
    status = buf_check(b, "key", error);
out:
    buf_dispose(&description);
    buf_dispose(&sealed);
    return status;
}

rfd_status key_record_peek(slice record, struct key_description *out, slice *head, slice *sealed,
                           struct rfd_error *error)
{
    struct message_reader r = message_read(slice_from(record, RECORD_MAGIC.length));
    slice description = message_get_bytes(&r, KEY_DESCRIPTION_MAXIMUM);
    size_t head_length = record.length - r.left.length;
    slice hidden = message_get_bytes(&r, KEY_MATERIAL_MAXIMUM + SEAL_OVERHEAD);
    bool old = key_folder_begins(record, RECORD_MAGIC_OLD);
    if ((!old && !key_folder_begins(record, RECORD_MAGIC)) || message_end(&r, "key", NULL) != RFD_OK)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "not a key file of this version");
    TRY(read_description(description, old, out, error));
    *head = slice_part(record, 0, head_length);
    *sealed = hidden;
    return RFD_OK;
}

rfd_status key_record_open(slice record, slice store_key, const char *name, struct key_description *out,
                           uint8_t plain[KEY_MATERIAL_MAXIMUM], struct rfd_error *error)
{
    struct key_description d;
    uint8_t label[64];
    slice head;
    slice sealed;
    TRY(key_record_peek(record, &d, &head, &sealed, error));
    if (strcmp(d.name, name) != 0)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "key %s has the file of key %s", name, d.name);
    if (sealed.length != key_record_material(&d) + SEAL_OVERHEAD ||
        !seal_open(store_key, label_of(&d, label), head, sealed, plain))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "key %s was altered, or is of another store", name);
    *out = d;
    return RFD_OK;
}
