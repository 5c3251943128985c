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

rfd_status keeper_list_registered(struct keeper *k, struct keeper_key *key, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    struct buf items;
    uint32_t count = 0;
    enum keeper_registered kind = 0;
    slice name = SLICE_EMPTY;
    (void)key;
    if (r->left.length > 0) {
        kind = message_get_u8(r);
        name = message_get_text(r, KEY_NAME_SIZE - 1);
    }
    TRY(message_end(r, "list-registered", error));
    TRY(check_records(k, error));
    buf_init(&items, ANSWER_MAXIMUM);
    for (const struct registered *next = next_of(&k->registered, kind, name); next != NULL;
         next = next_of(&k->registered, next->kind, slice_text(next->name))) {
        size_t room = next->proof.length + next->profiles.length + 2 * KEY_NAME_SIZE;
        if (items.length + room > ANSWER_MAXIMUM) break;
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
