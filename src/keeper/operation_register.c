/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whom the keeper knows. Putting somebody in is for the admin; taking out also for who learns that a certificate was
 * revoked.
 */
#include "keeper/operations.h"

#include "base/error.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - 1024 };

static rfd_status check_records(const struct keeper *k, struct rfd_error *error)
{
    if (k->packs != NULL) return RFD_OK;
    return error_set(error, RFD_E_UNSUPPORTED, "this keeper has no profiles and issues nothing");
}

static rfd_status compare_key(void *context, const struct key_description *d, struct rfd_error *error)
{
    const struct certificate *c = context;
    if (!slice_equal(d->public_key, c->spki)) return RFD_OK;
    return error_set(error, RFD_E_KEY_REFUSED, "its key is %s of this keeper", d->name);
}

/** An approval by a key of this keeper would be one by whoever may ask for its seals. What is wrong with the fields
 * themselves, registered_put() says. */
static rfd_status check_own_keys(const struct keeper *k, struct message_reader r, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    uint8_t kind = message_get_u8(&r);
    (void)message_get_text(&r, KEY_NAME_SIZE - 1);
    slice proof = message_get_bytes(&r, KEY_CERTIFICATE_MAXIMUM);
    if (r.failed || kind == KEEPER_SERVICE || certificate_parse(proof, &c, NULL) != RFD_OK) return RFD_OK;
    rfd_status status = keystore_list(k->store, compare_key, (void *)(uintptr_t)c, error);
    certificate_unref(c);
    return status;
}

rfd_status keeper_register(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                           struct rfd_error *error)
{
    (void)key;
    (void)answer;
    TRY(check_records(k, error));
    TRY(check_own_keys(k, *r, error));
    return registered_put(&k->registered, r->left, error);
}

rfd_status keeper_unregister(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                             struct rfd_error *error)
{
    (void)key;
    (void)answer;
    enum keeper_registered kind = message_get_u8(r);
    slice name = message_get_text(r, KEY_NAME_SIZE - 1);
    TRY(message_end(r, "unregister", error));
    TRY(check_records(k, error));
    return registered_remove(&k->registered, kind, name, error);
}

rfd_status keeper_list_registered(struct keeper *k, struct keeper_key *key, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    enum keeper_registered kind = 0;
    slice name = SLICE_EMPTY;
    (void)key;
    if (r->left.length > 0) {
        kind = message_get_u8(r);
        name = message_get_text(r, KEY_NAME_SIZE - 1);
    }
    TRY(message_end(r, "list-registered", error));
    TRY(check_records(k, error));
    return registered_put_list(&k->registered, kind, name, ANSWER_MAXIMUM, answer, error);
}
