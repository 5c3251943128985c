/* SPDX-License-Identifier: EUPL-1.2
 *
 * The head of the unit is told that there are proposals to confirm: the next head above where the head leaves.
 */
#include "domain/organisation/internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/outbox/outbox.h"

/* The last day that they are there. */
static slice last_day(struct arena *a, const struct zone *zone, rfd_time leaves)
{
    struct civil c = zone_civil(zone, leaves - 1);
    const char *text = arena_print(a, "%02d/%02d/%04d", c.day, c.month, c.year);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

rfd_status departure_tell_head(struct transaction *t, const struct departure *d, const struct person *leaver,
                               const struct unit *unit, const struct zone *zone, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct person head;
    int64_t person, head_unit;
    TRY(unit_head(t, d->unit, 0, d->reported, &person, &head_unit, error));
    if (person == d->person) TRY(unit_head(t, d->unit, 1, d->reported, &person, &head_unit, error));
    if (person == 0) return RFD_OK;
    TRY(person_find(t, person, &head, error));
    const char *identity = arena_print(a, "departure:%lld", (long long)d->id);
    const char *link = arena_print(a, "/organizacion/ceses/%lld", (long long)d->id);
    struct view *view = view_new(a);
    if (identity == NULL || link == NULL) return arena_failed(a, error);
    view_text(view, "name", person_full_name(&head, a));
    view_text(view, "subject", person_full_name(leaver, a));
    view_text(view, "unit", unit->name);
    view_text(view, "day", last_day(a, zone, d->leaves));
    view_string(view, "link", link);
    struct outbox_message message = {.name = "departure",
                                     .mail = head.mail,
                                     .mobile = head.mobile,
                                     .language = head.language,
                                     .view = view,
                                     .identity = slice_text(identity)};
    return outbox_put_message(t, &message, error);
}
