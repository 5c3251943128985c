/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper's own records of issuing. What authenticates them, and makes serial numbers, is derived from the store's
 * key once, before the sandbox, which lets nobody lock memory later.
 */
#include "keeper/operations.h"

#include "base/clock.h"
#include "base/error.h"

enum { KEPT_TIMES = 4, KEPT_LEAST = 24 * 3600 /* seconds */ };

static rfd_status derive(struct keeper *k, slice label, struct secret *out, struct rfd_error *error)
{
    uint8_t bytes[KEYSTORE_SECRET_SIZE];
    TRY(keystore_derive(k->store, label, bytes, error));
    rfd_status status = secret_set(out, slice_of(bytes, sizeof bytes), error);
    secret_wipe(bytes, sizeof bytes);
    return status;
}

static rfd_status see_policy(void *context, const struct key_description *d, struct rfd_error *error)
{
    uint32_t *longest = context;
    struct authority_policy policy;
    if (d->purpose != PURPOSE_CA || d->policy.authority.length == 0) return RFD_OK;
    TRY(authority_policy_read(d->policy.authority, &policy, error));
    if (policy.approval_seconds > *longest) *longest = policy.approval_seconds;
    return RFD_OK;
}

/** Since when what was signed is remembered: four times as long as any authority lets an approval be used. When not
 * all keys can be read, nothing is forgotten. */
static rfd_time remembered_since(struct keeper *k)
{
    uint32_t longest = KEPT_LEAST;
    if (keystore_list(k->store, see_policy, &longest, NULL) != RFD_OK) return INT64_MIN;
    return clock_now() - (rfd_time)KEPT_TIMES * longest * RFD_SECOND;
}

rfd_status keeper_records_open(struct keeper *k, struct rfd_error *error)
{
    if (k->packs == NULL) return RFD_OK;
    TRY(derive(k, SLICE("refrenda serial numbers"), &k->serial_secret, error));
    TRY(derive(k, SLICE("refrenda journal"), &k->journal_secret, error));
    TRY(derive(k, SLICE("refrenda registered"), &k->registered_secret, error));
    TRY(registered_open(k->store->folder, &k->registered_secret, &k->registered, error));
    return journal_open(k->store->folder, &k->journal_secret, remembered_since(k), &k->journal, error);
}

void keeper_records_close(struct keeper *k)
{
    journal_close(k->journal);
    registered_close(&k->registered);
    secret_dispose(&k->serial_secret);
    secret_dispose(&k->journal_secret);
    secret_dispose(&k->registered_secret);
}

static rfd_status open_again(struct keeper *k, struct rfd_error *error)
{
    TRY(journal_open(k->store->folder, &k->journal_secret, INT64_MIN, &k->journal, error));
    keeper_settle_aside(k, k->notify);
    return RFD_OK;
}

rfd_status keeper_journal_ready(struct keeper *k, struct rfd_error *error)
{
    if (k->packs == NULL) return error_set(error, RFD_E_UNSUPPORTED, "this keeper has no profiles and issues nothing");
    if (k->journal == NULL) return open_again(k, error);
    return journal_is_broken(k->journal) ? error_set(error, RFD_E_IO_WRITE, "journal") : RFD_OK;
}

/** What is on disk has to be read again before more is written. */
static rfd_status close_broken(struct keeper *k, rfd_status status)
{
    if (status == RFD_OK) return RFD_OK;
    journal_close(k->journal);
    k->journal = NULL;
    return status;
}

rfd_status keeper_journal_settle(struct keeper *k, struct rfd_error *error)
{
    return close_broken(k, journal_flush(k->journal, error));
}

void keeper_settle_aside(struct keeper *k, int notify)
{
    k->notify = notify;
    if (k->journal == NULL || notify < 0) return;
    if (journal_write_aside(k->journal, notify, NULL) != RFD_OK) k->notify = -1; /* it is waited for, then */
}

bool keeper_settle_go(struct keeper *k)
{
    return k->journal != NULL && journal_go(k->journal);
}

bool keeper_has_landed(const struct keeper *k)
{
    return k->journal == NULL || journal_has_landed(k->journal);
}

rfd_status keeper_settle_land(struct keeper *k, struct rfd_error *error)
{
    if (k->journal == NULL) return error_set(error, RFD_E_IO_WRITE, "journal");
    return close_broken(k, journal_land(k->journal, error));
}
