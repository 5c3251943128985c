/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mail and mobile are where links and codes go, and the number of the document is what certificates sign in by: whoever
 * could change those of somebody who has an account could sign in as them. So that is for who manages accounts, not for
 * personnel offices; and the old address is told.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/outbox/outbox.h"

static rfd_status has_account(struct transaction *t, int64_t person, bool *out, struct rfd_error *error)
{
    const struct store_value value = store_integer(person);
    int64_t found;
    TRY(record_number(t, "SELECT id FROM account WHERE person = $1 AND state <> 'closed' LIMIT 1", &value, 1, &found,
                      error));
    *out = found != 0;
    return RFD_OK;
}

rfd_status person_check_reach(struct transaction *t, const struct actor *actor, const struct person *p,
                              const struct person *before, struct faults *faults, struct rfd_error *error)
{
    const struct {
        const char *field;
        slice now, before;
    } reach[] = {{"mail", p->mail, before->mail},
                 {"mobile", p->mobile, before->mobile},
                 {"document", p->document, before->document},
                 {"document", p->country, before->country},
                 {"number", p->number, before->number}};
    const struct access_object object = {.person = p->id};
    bool has = false;
    if (before->id == 0 || actor_may(actor, ACTION_ACCOUNT_MANAGE, &object)) return RFD_OK;
    TRY(has_account(t, p->id, &has, error));
    for (size_t i = 0; has && i < sizeof reach / sizeof *reach; i++) {
        if (!slice_equal(reach[i].now, reach[i].before))
            fault_add(faults, reach[i].field, N_("This person has an account: an administrator changes this"));
    }
    return RFD_OK;
}

static rfd_status tell(struct transaction *t, const struct person *p, slice old, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct civil c = clock_civil(clock_now());
    struct view *view = view_new(a);
    const char *name = arena_print(a, "%.*s %.*s", (int)p->given_names.length, (const char *)p->given_names.data,
                                   (int)p->surname.length, (const char *)p->surname.data);
    const char *when = arena_print(a, "%02d/%02d/%04d %02d:%02d UTC", c.day, c.month, c.year, c.hour, c.minute);
    if (view == NULL || name == NULL || when == NULL) return arena_failed(a, error);
    view_string(view, "name", name);
    view_string(view, "when", when);
    const struct outbox_message message = {
        .name = "contact-changed", .mail = old, .language = p->language, .view = view};
    return outbox_put_message(t, &message, error);
}

rfd_status person_tell_reach(struct transaction *t, const struct person *p, const struct person *before,
                             struct rfd_error *error)
{
    const struct store_value value = store_integer(p->id);
    bool has = false;
    if (slice_equal(p->mail, before->mail)) return RFD_OK;
    TRY(has_account(t, p->id, &has, error));
    if (!has) return RFD_OK;
    /* Links that went to the old address are nobody's any more. */
    TRY(store_run(t, "DELETE FROM account_link WHERE account IN (SELECT id FROM account WHERE person = $1)", &value, 1,
                  NULL, error));
    return before->mail.length == 0 ? RFD_OK : tell(t, p, before->mail, error);
}
