/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may be seen of credentials: nothing that is secret, addresses only masked.
 */
#include "personal/internal.h"

#include "base/error.h"

enum { ANSWER_MAXIMUM = KEEPER_MESSAGE_MAXIMUM - 1024, LISTED_MAXIMUM = 64, SHOWN_OVERHEAD = 1024 };

rfd_status personal_show_keys(struct personal *p, struct personal_request *q, struct message_reader *r,
                              struct buf *answer, struct rfd_error *error)
{
    (void)q;
    TRY(message_end(r, "keys", error));
    message_put_bytes(answer, stored_key_description(p->activation)->public_key);
    message_put_bytes(answer, stored_key_description(p->attestation)->public_key);
    return RFD_OK;
}

/* ---- One ---- */

/** What the memory knows better than the file. */
struct known {
    char id[PERSONAL_ID_SIZE];
    uint8_t wrong_passwords;
    bool has_counters;
    rfd_time refused_until;
    bool refused;
    rfd_time created;
    bool destroyed;
};

/** Under `lock`. */
static struct known look_at(const struct personal *p, const struct entry *e)
{
    const struct holder *h = e->holder;
    struct known k = {.wrong_passwords = e->wrong_passwords,
                      .has_counters = h->loaded,
                      .refused_until = h->counters.refused_until,
                      .refused = h->refused_until > p->monotonic(),
                      .created = e->created,
                      .destroyed = e->state == PERSONAL_DESTROYED};
    memcpy(k.id, e->id, sizeof k.id);
    return k;
}

/** Until when codes are refused; 0: they are not. */
static rfd_status refused_until(struct personal *p, const struct known *k, const struct record *r, rfd_time *out,
                                struct rfd_error *error)
{
    struct code_counters c;
    rfd_time now;
    *out = k->refused ? k->refused_until : 0;
    if (k->has_counters) return RFD_OK;
    TRY(record_read_counters(p, r->holder, &c, error));
    TRY(personal_now(p, &now, error));
    *out = c.refused_until > now ? c.refused_until : 0;
    return RFD_OK;
}

static rfd_status put_shown(struct personal *p, const struct known *k, const struct record *r, struct buf *answer,
                            struct rfd_error *error)
{
    char mobile[PERSONAL_ADDRESS_SIZE], mail[PERSONAL_ADDRESS_SIZE];
    rfd_time refused;
    unsigned limit = p->options.wrong_passwords;
    TRY(refused_until(p, k, r, &refused, error));
    code_mask_mobile(r->mobile, mobile);
    code_mask_mail(r->mail, mail);
    message_put_text(answer, r->id);
    message_put_text(answer, r->holder);
    message_put_bytes(answer, r->profile);
    message_put_u8(answer, (uint8_t)r->state);
    message_put_text(answer, key_algorithm_name(r->algorithm));
    message_put_i64(answer, r->created);
    message_put_bytes(answer, r->spki);
    message_put_bytes(answer, r->certificate);
    message_put_u8(answer, (uint8_t)(k->wrong_passwords < limit ? limit - k->wrong_passwords : 0));
    message_put_i64(answer, refused);
    message_put_u8(answer, r->channel);
    message_put_text(answer, mobile);
    message_put_text(answer, mail);
    message_put_i64(answer, r->approved);
    message_put_u8(answer, r->entity ? (r->code ? 2 : 1) : 0);
    return RFD_OK;
}

static rfd_status put_known(struct personal *p, const struct known *k, struct buf *answer, struct rfd_error *error)
{
    struct record record = {.state = 0};
    TRY(record_read(p, k->id, &record, error));
    rfd_status status = put_shown(p, k, &record, answer, error);
    record_dispose(&record);
    return status;
}

rfd_status personal_show_one(struct personal *p, struct personal_request *q, struct message_reader *r,
                             struct buf *answer, struct rfd_error *error)
{
    struct entry *e = NULL;
    struct known k = {.created = 0};
    slice id = message_get_text(r, PERSONAL_ID_SIZE - 1);
    TRY(message_end(r, "show", error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_entry(p, id, &e, error);
    if (status == RFD_OK) k = look_at(p, e);
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    memcpy(q->event.key, k.id, sizeof k.id);
    return put_known(p, &k, answer, error);
}

/* ---- All of a holder ---- */

/** Those with a key first, the newest first. */
static bool comes_before(const struct known *a, const struct known *b)
{
    return a->destroyed != b->destroyed ? !a->destroyed : a->created > b->created;
}

static size_t insert(struct known list[LISTED_MAXIMUM], size_t count, struct known k)
{
    size_t at = count;
    while (at > 0 && comes_before(&k, &list[at - 1])) at--;
    if (at == LISTED_MAXIMUM) return count;
    if (count == LISTED_MAXIMUM) count--;
    memmove(list + at + 1, list + at, (count - at) * sizeof *list);
    list[at] = k;
    return count + 1;
}

static size_t collect(struct personal *p, slice name, struct known list[LISTED_MAXIMUM])
{
    size_t count = 0;
    (void)pthread_mutex_lock(&p->lock);
    const struct holder *h = holders_find(p, name);
    for (size_t i = 0; h != NULL && i < h->count; i++) count = insert(list, count, look_at(p, h->entries[i]));
    (void)pthread_mutex_unlock(&p->lock);
    return count;
}

rfd_status personal_show_list(struct personal *p, struct personal_request *q, struct message_reader *r,
                              struct buf *answer, struct rfd_error *error)
{
    struct known list[LISTED_MAXIMUM];
    struct buf items;
    uint32_t count = 0;
    rfd_status status = RFD_OK;
    (void)q;
    slice name = message_get_text(r, PERSONAL_HOLDER_SIZE - 1);
    TRY(message_end(r, "list", error));
    size_t all = collect(p, name, list);
    buf_init(&items, ANSWER_MAXIMUM + KEY_FOLDER_FILE_MAXIMUM);
    for (size_t i = 0; i < all && status == RFD_OK; i++) {
        size_t before = items.length;
        status = put_known(p, &list[i], &items, error);
        if (items.length > ANSWER_MAXIMUM) {
            items.length = before;
            break;
        }
        count++;
    }
    message_put_u32(answer, count);
    buf_put_slice(answer, buf_slice(&items));
    if (status == RFD_OK) status = buf_check(&items, "list", error);
    buf_dispose(&items);
    return status;
}

/* ---- The holder's log ---- */

struct lines {
    uint32_t count;
    struct buf text;
};

static bool take_line(void *context, slice line)
{
    struct lines *l = context;
    if (l->text.length + line.length + sizeof(uint32_t) > ANSWER_MAXIMUM) return false;
    message_put_bytes(&l->text, line);
    l->count++;
    return true;
}

/** Who signs waits for the log to be opened, once, but never for what is read of it. */
static rfd_status read_lines(struct personal *p, struct entry *e, uint64_t skip, struct lines *l,
                             struct holder_log_point *end, struct rfd_error *error)
{
    const struct holder_log_place where = {p->store->folder, &p->log_secret, e->id};
    struct holder_log_part part;
    (void)pthread_mutex_lock(personal_log_lock(p, e));
    rfd_status status = holder_log_look(&e->log, &where, skip, &part, error);
    (void)pthread_mutex_unlock(personal_log_lock(p, e));
    if (status != RFD_OK) return status;
    *end = part.end;
    return holder_log_walk(&part, &where, take_line, l, error);
}

static rfd_status put_log(struct personal *p, struct entry *e, uint64_t skip, struct lines *l, struct buf *answer,
                          struct rfd_error *error)
{
    struct holder_log_point end;
    struct buf statement, signature;
    TRY(read_lines(p, e, skip, l, &end, error));
    buf_init(&statement, SHOWN_OVERHEAD);
    buf_init(&signature, SHOWN_OVERHEAD);
    holder_log_put_statement(&statement, e->id, end.count, end.head);
    rfd_status status = buf_check(&statement, "log", error);
    if (status == RFD_OK) status = personal_attest(p, buf_slice(&statement), &signature, error);
    message_put_u64(answer, end.count);
    message_put_u32(answer, l->count);
    buf_put_slice(answer, buf_slice(&l->text));
    message_put_bytes(answer, slice_of(end.head, sizeof end.head));
    message_put_bytes(answer, buf_slice(&signature));
    buf_dispose(&statement);
    buf_dispose(&signature);
    return status;
}

rfd_status personal_show_log(struct personal *p, struct personal_request *q, struct message_reader *r,
                             struct buf *answer, struct rfd_error *error)
{
    struct entry *e = NULL;
    struct lines l = {.count = 0};
    slice id = message_get_text(r, PERSONAL_ID_SIZE - 1);
    uint64_t skip = message_get_u64(r);
    TRY(message_end(r, "log", error));
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_entry(p, id, &e, error);
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    memcpy(q->event.key, e->id, sizeof e->id);
    buf_init(&l.text, ANSWER_MAXIMUM);
    status = put_log(p, e, skip, &l, answer, error);
    if (status == RFD_OK) status = buf_check(&l.text, "log", error);
    buf_dispose(&l.text);
    return status;
}
