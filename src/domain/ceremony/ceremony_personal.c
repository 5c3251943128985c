/* SPDX-License-Identifier: EUPL-1.2
 *
 * Central signing: the personal keeper's store, with the key that people's passwords are encrypted to, and the key that
 * attests which keys it made. The authority's keeper believes that one from now on.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"
#include "personal/protocol.h"

enum { MILLISECONDS = 20000 };

static rfd_status note(struct ceremony *c, const char *name, enum key_purpose purpose, slice spki,
                       struct rfd_error *error)
{
    const struct ask_key key = {.name = name, .purpose = purpose, .algorithm = "P-256"};
    return ceremony_note_key(c, "personal", &key, spki, SLICE_EMPTY, error);
}

static rfd_status take_keys(struct ceremony *c, struct message_reader *r, struct rfd_error *error)
{
    slice activation = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    slice attestation = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    const struct ask_registration ask = {.kind = KEEPER_PERSONAL, .name = "personal", .proof = attestation};
    TRY(message_end(r, "keys", error));
    TRY(note(c, "activation", PURPOSE_ACTIVATION, activation, error));
    TRY(note(c, "attestation", PURPOSE_ATTESTATION, attestation, error));
    return ask_register(c->authority.client, &ask, error);
}

rfd_status ceremony_make_personal(struct ceremony *c, struct rfd_error *error)
{
    char path[CEREMONY_PATH_SIZE];
    struct keeper_reply reply = {0};
    TRY(ceremony_path(c->home, "keys/personal", path, error));
    TRY(keystore_files_init(path, &c->master, error));
    TRY(local_personal_open(path, &c->master, NULL, &c->personal, error));
    rfd_status status =
        keeper_client_ask(c->personal.client, PERSONAL_KEYS, SLICE_EMPTY, -1, MILLISECONDS, &reply, error);
    if (status == RFD_OK) status = take_keys(c, &reply.fields, error);
    keeper_reply_dispose(&reply);
    return status;
}
