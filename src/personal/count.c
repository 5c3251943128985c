/* SPDX-License-Identifier: EUPL-1.2
 *
 * Wrong passwords of a credential, and wrong codes of a holder. An attempt is on disk as a wrong one before it is
 * judged, so that nobody gains anything by killing the process; when it was right, the memory knows, and the disk keeps
 * saying "one", which the next attempt is counted into: so what goes well costs no disk at all. After a restart one
 * attempt fewer may be left than there was. Codes are counted for the holder, not for each credential or operation: he
 * has one mobile.
 *
 * Portals share a seal, and are many: its passwords may be judged together. The disk has all of them as wrong ones
 * meanwhile, and is told how they were by the last. Together they are no more than half of the tries that are left, so
 * that a power cut, which makes wrong ones of them, leaves tries to those who have the right password, also when it
 * comes again: of five, two are lost, then one each time. Tries that nobody got an answer to are never given back:
 * who could see how they were judged would have them for nothing.
 */
#include "personal/internal.h"

#include "base/clock.h"
#include "base/error.h"

/* ---- Codes ---- */

rfd_status count_check_codes(struct personal *p, const struct holder *h, struct rfd_error *error)
{
    char text[CLOCK_TEXT_SIZE];
    if (h->refused_until == 0 || p->monotonic() >= h->refused_until) return RFD_OK;
    return error_set(error, RFD_E_CREDENTIAL_LOCKED, "codes are refused until %s",
                     clock_iso(h->counters.refused_until / RFD_SECOND * RFD_SECOND, text));
}

static rfd_status write_counters(struct personal *p, struct holder *h, const struct code_counters *c,
                                 struct rfd_error *error)
{
    if (c->wrong < h->on_disk) h->on_disk = c->wrong; /* it may be there even when this fails */
    TRY(record_write_counters(p, h->name, c, error));
    h->on_disk = c->wrong;
    return RFD_OK;
}

rfd_status count_code(struct personal *p, struct holder *h, struct rfd_error *error)
{
    struct code_counters c = h->counters;
    TRY(count_check_codes(p, h, error));
    /* A process that ended while it judged the last one. */
    if (c.wrong >= p->options.wrong_codes) return count_wrong_code(p, h, RFD_E_ACTIVATION_CODE, error);
    c.wrong++;
    return h->on_disk >= c.wrong ? RFD_OK : write_counters(p, h, &c, error);
}

/** Refused for a time that doubles. */
static rfd_status refuse_codes(struct personal *p, struct holder *h, struct rfd_error *error)
{
    struct code_counters c = h->counters;
    unsigned doublings = c.locks > PERSONAL_REFUSE_DOUBLINGS ? PERSONAL_REFUSE_DOUBLINGS : c.locks;
    rfd_time length = (rfd_time)PERSONAL_REFUSE_SECONDS * RFD_SECOND << doublings;
    c.wrong = 0;
    if (c.locks < UINT8_MAX) c.locks++;
    c.refused_until = clock_now() + length;
    (void)pthread_mutex_lock(&p->lock);
    h->counters = c;
    h->refused_until = p->monotonic() + length;
    (void)pthread_mutex_unlock(&p->lock);
    TRY(write_counters(p, h, &c, error));
    return error_set(error, RFD_E_CREDENTIAL_LOCKED, "codes are refused for %lld minutes",
                     (long long)(length / RFD_SECOND / 60));
}

rfd_status count_wrong_code(struct personal *p, struct holder *h, rfd_status otherwise, struct rfd_error *error)
{
    unsigned wrong = h->counters.wrong + 1U;
    if (wrong >= p->options.wrong_codes) return refuse_codes(p, h, error);
    (void)pthread_mutex_lock(&p->lock);
    h->counters.wrong = (uint8_t)wrong;
    (void)pthread_mutex_unlock(&p->lock);
    return error_set(error, otherwise, "%u more", p->options.wrong_codes - wrong);
}

rfd_status count_right_code(struct personal *p, struct holder *h, struct rfd_error *error)
{
    const struct code_counters none = {.wrong = 0};
    bool write = h->on_disk > 1 || h->counters.locks > 0;
    if (write) TRY(write_counters(p, h, &none, error));
    (void)pthread_mutex_lock(&p->lock);
    h->counters = none;
    h->refused_until = 0;
    (void)pthread_mutex_unlock(&p->lock);
    return RFD_OK;
}

rfd_status count_message(struct personal *p, struct holder *h, struct rfd_error *error)
{
    const rfd_time each = 60 * RFD_SECOND;
    rfd_time here = p->monotonic();
    rfd_time paid = h->messages_paid > here ? h->messages_paid : here;
    if (p->options.messages != 0 && paid - here > (rfd_time)(p->options.messages - 1) * each)
        return error_set(error, RFD_E_SLOW_DOWN, "%u messages to one holder", p->options.messages);
    h->messages_paid = paid + each;
    return RFD_OK;
}

/* ---- Passwords ---- */

unsigned count_room(const struct personal *p, const struct entry *e)
{
    unsigned limit = p->options.wrong_passwords;
    unsigned left = e->wrong_passwords < limit ? limit - e->wrong_passwords : 0;
    return left < 2 ? 1 : left / 2;
}

bool count_has_room(const struct personal *p, const struct entry *e)
{
    return e->judging < count_room(p, e);
}

static rfd_status write_passwords(struct personal *p, struct entry *e, struct record *r, uint8_t wrong,
                                  struct rfd_error *error)
{
    if (wrong < e->on_disk) e->on_disk = wrong; /* it may be there even when this fails */
    r->wrong_passwords = wrong;
    TRY(record_write(p, r, true, error));
    e->on_disk = wrong;
    return RFD_OK;
}

static void remember(struct personal *p, struct entry *e, uint8_t wrong, enum personal_state state)
{
    (void)pthread_mutex_lock(&p->lock);
    e->wrong_passwords = wrong;
    e->state = state;
    (void)pthread_mutex_unlock(&p->lock);
}

static rfd_status lock_credential(struct personal *p, struct entry *e, struct record *r, struct rfd_error *error)
{
    r->state = PERSONAL_LOCKED;
    remember(p, e, (uint8_t)p->options.wrong_passwords, PERSONAL_LOCKED);
    TRY(write_passwords(p, e, r, (uint8_t)p->options.wrong_passwords, error));
    TRY(personal_log(p, e, "lock", SLICE_EMPTY, error));
    return error_set(error, RFD_E_CREDENTIAL_LOCKED, "after %u wrong passwords", p->options.wrong_passwords);
}

static void set_judging(struct personal *p, struct entry *e, unsigned judging)
{
    (void)pthread_mutex_lock(&p->lock);
    e->judging = (uint8_t)judging;
    (void)pthread_mutex_unlock(&p->lock);
}

rfd_status count_password(struct personal *p, struct entry *e, struct record *r, struct rfd_error *error)
{
    unsigned wrong = e->wrong_passwords + e->judging + 1U;
    /* A process that ended while it judged the last one. */
    if (e->wrong_passwords >= p->options.wrong_passwords) return lock_credential(p, e, r, error);
    if (e->on_disk < wrong) TRY(write_passwords(p, e, r, (uint8_t)wrong, error));
    set_judging(p, e, e->judging + 1U);
    return RFD_OK;
}

static rfd_status count_wrong_password(struct personal *p, struct entry *e, struct record *r, struct rfd_error *error)
{
    unsigned wrong = e->wrong_passwords + 1U;
    if (wrong >= p->options.wrong_passwords) return lock_credential(p, e, r, error);
    remember(p, e, (uint8_t)wrong, e->state);
    return error_set(error, RFD_E_ACTIVATION_PASSWORD, "%u more", p->options.wrong_passwords - wrong);
}

/** What was right goes from the disk with the last of those that were judged together; but for one, which the next
 * will be counted into. */
static rfd_status give_back(struct personal *p, struct entry *e, struct record *r, struct rfd_error *error)
{
    uint8_t wrong = e->wrong_passwords > 0 ? e->wrong_passwords : 1;
    return e->judging > 0 || e->on_disk <= wrong ? RFD_OK : write_passwords(p, e, r, wrong, error);
}

rfd_status count_judged(struct personal *p, struct entry *e, struct record *r, rfd_status judged,
                        struct rfd_error *error)
{
    set_judging(p, e, e->judging - 1U);
    if (judged == RFD_OK) {
        remember(p, e, 0, e->state);
        return give_back(p, e, r, error);
    }
    if (judged == RFD_E_ACTIVATION_PASSWORD) judged = count_wrong_password(p, e, r, error);
    (void)give_back(p, e, r, NULL); /* at worst the disk has more than were wrong */
    return judged;
}
