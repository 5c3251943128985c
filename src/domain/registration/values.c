/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "domain/registration/internal.h"

struct store_value registration_reference(int64_t id)
{
    return id == 0 ? store_null() : store_integer(id);
}

struct store_value registration_moment(rfd_time moment)
{
    return moment == RFD_TIME_NONE ? store_null() : store_integer(moment);
}

rfd_status registration_invalid(const struct faults *faults, struct rfd_error *error)
{
    if (faults == NULL || faults->count == 0) return RFD_OK;
    return error_set(error, RFD_E_INVALID, "%s: %s", faults->items[0].field, faults->items[0].message);
}
