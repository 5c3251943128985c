/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/operations.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

static const struct {
    enum keeper_sender sender;
    const char *name;
} senders[] = {{KEEPER_FROM_ADMIN, "admin"},
               {KEEPER_FROM_STATUS, "status"},
               {KEEPER_FROM_WORKER, "worker"},
               {KEEPER_FROM_WEB, "web"}};

const char *keeper_sender_name(enum keeper_sender sender)
{
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
        if (senders[i].sender == sender) return senders[i].name;
    }
    return "";
}

enum keeper_sender keeper_sender_from_name(slice name)
{
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
        if (slice_is(name, senders[i].name)) return senders[i].sender;
    }
    return 0;
}

rfd_status keeper_new(struct keystore *store, const struct packs *packs, keeper_audit *audit, void *context,
                      struct keeper **out, struct rfd_error *error)
{
    struct keeper *k = memory_zeroed(1, sizeof *k);
    if (k == NULL) return error_memory(error);
    *k = (struct keeper){
        .store = store, .packs = packs, .audit = audit, .context = context, .descriptor = -1, .notify = -1};
    rfd_status status = keeper_records_open(k, error);
    if (status == RFD_OK)
        *out = k;
    else
        keeper_free(k);
    return status;
}

void keeper_free(struct keeper *k)
{
    if (k == NULL) return;
    while (k->count > 0) keeper_key_forget(k, k->keys[k->count - 1]);
    keeper_records_close(k);
    memory_free(k);
}

/** What one request touches, for the audit. */
struct request {
    const struct keeper_row *row;
    struct keeper_event event;
};

/** Reads the key's name and finds the key, when the operation has one. */
static rfd_status find_key(struct keeper *k, struct request *q, struct message_reader *r, struct keeper_key **key,
                           struct rfd_error *error)
{
    if (q->row->purposes == 0) return RFD_OK;
    slice name = message_get_text(r, KEY_NAME_SIZE - 1);
    if (r->failed) return message_end(r, q->row->name, error);
    if (name.length > 0) memcpy(q->event.key, name.data, name.length);
    TRY(keeper_key_find(k, name, key, error));
    enum key_purpose purpose = (*key)->description->purpose;
    if ((q->row->purposes >> purpose & 1) != 0) return RFD_OK;
    return error_set(error, RFD_E_KEY_REFUSED, "%s with a key for %s", q->row->name, key_purpose_name(purpose));
}

static rfd_status do_work(struct keeper *k, struct keeper_session *session, struct request *q, slice body,
                          struct buf *answer, struct rfd_error *error)
{
    struct message_reader r = message_read(body);
    struct keeper_key *key = NULL;
    unsigned bit = 1U << q->row->operation;
    if ((q->row->senders & session->sender) == 0)
        return error_set(error, RFD_E_KEY_REFUSED, "%s from %s", q->row->name, keeper_sender_name(session->sender));
    if ((session->once & bit) != 0) return error_set(error, RFD_E_PROTOCOL, "%s twice", q->row->name);
    if (q->row->once) session->once |= bit;
    TRY(find_key(k, q, &r, &key, error));
    rfd_status status = q->row->work(k, key, &r, answer, error);
    if (status == RFD_OK && key != NULL && q->row->work != keeper_certify_key) q->event.uses = key->counter.value;
    return status == RFD_OK ? buf_check(answer, q->row->name, error) : status;
}

void keeper_refuse(struct buf *answer, size_t start, const struct rfd_error *why)
{
    answer->length = start;
    answer->status = RFD_OK;
    message_put_u32(answer, (uint32_t)why->code);
    message_put_text(answer, why->detail);
}

bool keeper_owes(const struct keeper *k)
{
    return k->journal != NULL && (journal_waits(k->journal) || journal_is_broken(k->journal));
}

rfd_status keeper_settle(struct keeper *k, struct rfd_error *error)
{
    return keeper_owes(k) ? keeper_journal_settle(k, error) : RFD_OK;
}

/** Tells the audit; what it cannot take is refused. */
static rfd_status tell(struct keeper *k, struct request *q, rfd_status status, struct rfd_error *why)
{
    struct rfd_error unrecorded = RFD_ERROR_INIT;
    q->event.status = status;
    q->event.detail = why->detail;
    if (k->audit(k->context, &q->event, &unrecorded) == RFD_OK) return status;
    *why = unrecorded;
    return unrecorded.code;
}

static rfd_status handle(struct keeper *k, struct keeper_session *session, const struct message *message, bool settle,
                         struct buf *answer, struct rfd_error *error)
{
    size_t start = answer->length;
    struct rfd_error why = RFD_ERROR_INIT;
    struct request q = {.row = keeper_row_of(message->type)};
    if (q.row == NULL) return error_set(error, RFD_E_PROTOCOL, "operation %u", message->type);
    if (!session->greeted && q.row->operation != KEEPER_HELLO)
        return error_set(error, RFD_E_PROTOCOL, "%s before hello", q.row->name);
    q.event = (struct keeper_event){.time = clock_now(), .sender = session->sender, .operation = q.row->name};
    message_put_u32(answer, RFD_OK);
    k->descriptor = message->descriptor_count > 0 ? message->descriptors[0] : -1;
    rfd_status status = do_work(k, session, &q, message->body, answer, &why);
    k->descriptor = -1;
    if (settle) {
        rfd_status settled = keeper_settle(k, status == RFD_OK ? &why : NULL);
        if (status == RFD_OK) status = settled;
    }
    if (status == RFD_OK && q.row->operation == KEEPER_HELLO) session->greeted = true;
    status = tell(k, &q, status, &why);
    if (status != RFD_OK) keeper_refuse(answer, start, &why);
    return buf_check(answer, "answer", error);
}

rfd_status keeper_handle(struct keeper *k, struct keeper_session *session, const struct message *message,
                         struct buf *answer, struct rfd_error *error)
{
    return handle(k, session, message, true, answer, error);
}

rfd_status keeper_take(struct keeper *k, struct keeper_session *session, const struct message *message,
                       struct buf *answer, struct rfd_error *error)
{
    return handle(k, session, message, false, answer, error);
}
