/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whose approvals are believed here, and which portals sign what they want signed: the keeper's own questions
 * (keeper/protocol.h), for this store.
 */
#include "personal/internal.h"

#include "base/error.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - 1024 };

/** Services are the authority's keeper's; the attestation key is ours. */
static rfd_status check_kind(struct message_reader r, struct rfd_error *error)
{
    uint8_t kind = message_get_u8(&r);
    if (kind == KEEPER_AGENT || kind == KEEPER_REGISTRATION_CLIENT || kind == KEEPER_PORTAL) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "kind %d at the personal keeper", kind);
}

rfd_status register_put(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                        struct rfd_error *error)
{
    (void)q;
    (void)answer;
    TRY(check_kind(*r, error));
    (void)pthread_rwlock_wrlock(&p->registered_lock);
    (void)pthread_mutex_lock(&p->store_lock);
    rfd_status status = registered_put(&p->registered, r->left, error);
    (void)pthread_mutex_unlock(&p->store_lock);
    (void)pthread_rwlock_unlock(&p->registered_lock);
    return status;
}

rfd_status register_remove(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                           struct rfd_error *error)
{
    (void)answer;
    enum keeper_registered kind = message_get_u8(r);
    slice name = message_get_text(r, KEY_NAME_SIZE - 1);
    TRY(message_end(r, "unregister", error));
    /* The worker strikes off whose certificate was revoked. A portal that is struck off needs no statement any more. */
    if (kind == KEEPER_PORTAL && q->event.sender != KEEPER_FROM_ADMIN)
        return error_set(error, RFD_E_KEY_REFUSED, "a portal, from %s", keeper_sender_name(q->event.sender));
    (void)pthread_rwlock_wrlock(&p->registered_lock);
    (void)pthread_mutex_lock(&p->store_lock);
    rfd_status status = registered_remove(&p->registered, kind, name, error);
    (void)pthread_mutex_unlock(&p->store_lock);
    (void)pthread_rwlock_unlock(&p->registered_lock);
    return status;
}

rfd_status register_list(struct personal *p, struct personal_request *q, struct message_reader *r, struct buf *answer,
                         struct rfd_error *error)
{
    enum keeper_registered kind = 0;
    slice name = SLICE_EMPTY;
    (void)q;
    if (r->left.length > 0) {
        kind = message_get_u8(r);
        name = message_get_text(r, KEY_NAME_SIZE - 1);
    }
    TRY(message_end(r, "list-registered", error));
    (void)pthread_rwlock_rdlock(&p->registered_lock);
    rfd_status status = registered_put_list(&p->registered, kind, name, ANSWER_MAXIMUM, answer, error);
    (void)pthread_rwlock_unlock(&p->registered_lock);
    return status;
}
