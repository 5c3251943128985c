/* SPDX-License-Identifier: EUPL-1.2
 *
 * The way out after a clock that had gone ahead was set right. What was written meanwhile has times that are not there
 * yet; behind the latest of them nothing is begun, restarts included, as a clock that went back makes again what is
 * over. Nobody but an administrator lifts that, who says what time it is by another clock; files that are ahead are
 * written anew, and each holder's log has it.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

enum { TOTP_SECONDS = 30 /* RFC 6238 §4.1 */ };

struct ids {
    char (*items)[PERSONAL_ID_SIZE];
    size_t count;
};

/** Those whose files can be read. */
static rfd_status take_ids(struct personal *p, struct ids *out, struct rfd_error *error)
{
    (void)pthread_mutex_lock(&p->lock);
    out->items = memory_zeroed(p->entries->count + 1, sizeof *out->items);
    for (size_t i = 0; out->items != NULL && i < p->entries->capacity; i++) {
        if (!p->entries->entries[i].used) continue;
        const struct entry *e = (const void *)(uintptr_t)p->entries->entries[i].value;
        if (e->holder != NULL) memcpy(out->items[out->count++], e->id, sizeof e->id);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return out->items == NULL ? error_memory(error) : RFD_OK;
}

static void set_back(rfd_time *time, rfd_time now)
{
    if (*time > now) *time = now;
}

static rfd_status write_back(struct personal *p, struct entry *e, struct record *r, rfd_time now,
                             struct rfd_error *error)
{
    int64_t step = now / RFD_SECOND / TOTP_SECONDS;
    if (r->totp_step > step) r->totp_step = step; /* no code that was used holds again */
    set_back(&r->approved, now);
    set_back(&r->mobile_changed, now);
    TRY(personal_log(p, e, "clock", SLICE_EMPTY, error));
    TRY(record_write(p, r, true, error)); /* which sets `changed` */
    (void)pthread_mutex_lock(&p->lock);
    holders_update(e, r);
    pending_end_of(p, e, NULL);
    (void)pthread_mutex_unlock(&p->lock);
    return RFD_OK;
}

static rfd_status look_at(struct personal *p, const char *id, rfd_time now, uint32_t *count, struct rfd_error *error)
{
    struct entry *e = NULL;
    struct record r = {.state = 0};
    (void)pthread_mutex_lock(&p->lock);
    rfd_status status = holders_entry(p, slice_text(id), &e, error);
    if (status == RFD_OK) holders_take(p, e->holder);
    (void)pthread_mutex_unlock(&p->lock);
    if (status != RFD_OK) return status;
    status = record_read(p, id, &r, error);
    bool ahead = r.changed > now || r.approved > now || r.mobile_changed > now;
    if (status == RFD_OK && ahead) status = write_back(p, e, &r, now, error);
    if (status == RFD_OK && ahead) ++*count;
    holders_release(p, e->holder);
    record_dispose(&r);
    return status;
}

rfd_status clock_back_accept(struct personal *p, struct personal_request *q, struct message_reader *r,
                             struct buf *answer, struct rfd_error *error)
{
    struct ids ids = {.count = 0};
    uint32_t count = 0;
    rfd_time now = clock_now(), skew = (rfd_time)PERSONAL_SKEW_SECONDS * RFD_SECOND;
    rfd_time said = message_get_i64(r);
    (void)q;
    TRY(message_end(r, "set-clock", error));
    if (said < now - skew || said > now + skew)
        return error_set(error, RFD_E_CLOCK, "the clock here is %lld seconds from that",
                         (long long)((said > now ? said - now : now - said) / RFD_SECOND));
    rfd_status status = take_ids(p, &ids, error);
    for (size_t i = 0; i < ids.count && status == RFD_OK; i++) status = look_at(p, ids.items[i], now, &count, error);
    memory_free(ids.items);
    if (status != RFD_OK) return status;
    (void)pthread_mutex_lock(&p->lock);
    p->floor = now;
    (void)pthread_mutex_unlock(&p->lock);
    message_put_u32(answer, count);
    return RFD_OK;
}
