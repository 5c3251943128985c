/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading the journal, for who has to find certificates that were signed and whose answer was lost.
 */
#include "keeper/operations.h"

#include "base/error.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM / 2, RECORD_ROOM = 256 };

struct excerpt {
    const struct keeper_key *key;
    struct buf records;
    uint32_t count;
};

static rfd_status take(void *context, const struct journal_record *r, bool *more, struct rfd_error *error)
{
    struct excerpt *e = context;
    if (memcmp(r->key, e->key->description->id, sizeof r->key) != 0) return RFD_OK;
    message_put_u64(&e->records, r->position);
    message_put_bytes(&e->records, r->serial);
    message_put_i64(&e->records, r->time);
    message_put_bytes(&e->records, r->tbs);
    message_put_bytes(&e->records, r->approval);
    e->count++;
    *more = e->records.length + RECORD_ROOM <= ANSWER_MAXIMUM;
    return buf_check(&e->records, "journal", error);
}

rfd_status keeper_read_journal(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                               struct rfd_error *error)
{
    struct excerpt e = {.key = key};
    uint64_t position = message_get_u64(r);
    TRY(message_end(r, "journal", error));
    TRY(keeper_journal_ready(k, error));
    buf_init(&e.records, ANSWER_MAXIMUM);
    rfd_status status = journal_walk(k->journal, position, take, &e, error);
    message_put_u32(answer, e.count);
    buf_put_slice(answer, buf_slice(&e.records));
    buf_dispose(&e.records);
    return status;
}
