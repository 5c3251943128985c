/* SPDX-License-Identifier: EUPL-1.2
 *
 * What does not change about credentials that sign: a row for each hash of their number, the newest stays. Without it
 * each signHash would ask the personal keeper and read the certificate.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "web/csc/api.h"

#include <pthread.h>

enum { ROWS = 1024, PREFIX = 8 /* digits of a credential, which are random */ };

struct csc_known {
    pthread_mutex_t lock;
    struct csc_key rows[ROWS];
    unsigned signing; /* calls that sign whole documents: each takes much memory */
};

rfd_status csc_known_new(struct csc_known **out, struct rfd_error *error)
{
    struct csc_known *k = memory_zeroed(1, sizeof *k);
    if (k == NULL) return error_memory(error);
    if (pthread_mutex_init(&k->lock, NULL) != 0) {
        memory_free(k);
        return error_set(error, RFD_E_INTERNAL, "no mutex");
    }
    *out = k;
    return RFD_OK;
}

void csc_known_free(struct csc_known *known)
{
    if (known == NULL) return;
    (void)pthread_mutex_destroy(&known->lock);
    memory_free(known);
}

static struct csc_key *row_of(struct csc_known *known, slice credential)
{
    uint8_t number[PREFIX / 2];
    if (credential.length != PERSONAL_ID_SIZE - 1 || !number_hex(slice_part(credential, 0, PREFIX), number))
        return NULL;
    return &known->rows[number_big_endian(number, sizeof number) % ROWS];
}

bool csc_known_get(struct csc_known *known, slice credential, struct csc_key *out)
{
    struct csc_key *row = row_of(known, credential);
    if (row == NULL) return false;
    (void)pthread_mutex_lock(&known->lock);
    bool found = slice_is(credential, row->id);
    if (found) *out = *row;
    (void)pthread_mutex_unlock(&known->lock);
    return found;
}

void csc_known_put(struct csc_known *known, const struct csc_key *key)
{
    struct csc_key *row = row_of(known, slice_text(key->id));
    if (row == NULL) return;
    (void)pthread_mutex_lock(&known->lock);
    *row = *key;
    (void)pthread_mutex_unlock(&known->lock);
}

bool csc_known_enter(struct csc_known *known)
{
    (void)pthread_mutex_lock(&known->lock);
    bool room = known->signing < CSC_DOCUMENTS_AT_ONCE;
    if (room) known->signing++;
    (void)pthread_mutex_unlock(&known->lock);
    return room;
}

void csc_known_leave(struct csc_known *known)
{
    (void)pthread_mutex_lock(&known->lock);
    known->signing--;
    (void)pthread_mutex_unlock(&known->lock);
}
