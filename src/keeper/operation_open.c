/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening what a browser encrypted to a key of the keeper (RFC 9180).
 */
#include "keeper/operations.h"

#include "base/error.h"

enum { CONTEXT_MAXIMUM = 1024, SEALED_MAXIMUM = 64 << 10 };

static rfd_status agree(void *context, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error)
{
    struct keeper_key *key = context;
    return stored_key_agree(key->stored, point, shared, error);
}

rfd_status keeper_open(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                       struct rfd_error *error)
{
    struct hpke_message m = {.info = message_get_bytes(r, CONTEXT_MAXIMUM)};
    struct buf plain;
    rfd_time now;
    m.encapsulated = message_get_bytes(r, HPKE_POINT_SIZE);
    m.sealed = message_get_bytes(r, SEALED_MAXIMUM);
    TRY(message_end(r, "open", error));
    TRY(keeper_key_time(key, &now, error));
    TRY(keeper_key_use(k, key, now, error));
    /* The point is the end of the SubjectPublicKeyInfo (RFC 5480 §2.2). */
    slice spki = key->description->public_key;
    slice own = spki.length < HPKE_POINT_SIZE ? SLICE_EMPTY : slice_from(spki, spki.length - HPKE_POINT_SIZE);
    buf_init_secret(&plain, SEALED_MAXIMUM);
    rfd_status status = hpke_open(agree, key, own, &m, &plain, error);
    if (status == RFD_OK) message_put_bytes(answer, buf_slice(&plain));
    buf_dispose(&plain);
    return status;
}
