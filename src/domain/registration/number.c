/* SPDX-License-Identifier: EUPL-1.2
 *
 * The codes of requests, without gaps: each series begins anew with the year of the installation's calendar.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/registration/internal.h"

static const char *const series[] = {[WAY_ONLINE] = "S", [WAY_AGENCY] = "C", [WAY_REVOCATION] = "R"};

rfd_status request_number(struct transaction *t, const struct zone *zone, enum request_way way, slice *code,
                          struct rfd_error *error)
{
    int year = zone_civil(zone, clock_now()).year;
    const struct store_value values[] = {store_text(slice_text(series[way])), store_integer(year)};
    struct store_rows rows;
    TRY(store_run(t,
                  "INSERT INTO request_number(series, year, number) VALUES ($1, $2, 1) "
                  "ON CONFLICT(series, year) DO UPDATE SET number = request_number.number + 1 RETURNING number",
                  values, 2, &rows, error));
    const char *text =
        arena_print(store_arena(t), "%s-%04lld-%d", series[way], (long long)store_cell(&rows, 0, 0)->integer, year);
    if (text == NULL) return arena_failed(store_arena(t), error);
    *code = slice_text(text);
    return RFD_OK;
}
