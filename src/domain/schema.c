/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/schema.h"

#include "base/error.h"

rfd_status domain_open_store(const struct store_options *options, struct store **out, struct rfd_error *error)
{
    struct store *store = NULL;
    TRY(store_open(options, &store, error));
    rfd_status status = store_migrate(store, domain_migrations, domain_migration_count, error);
    if (status != RFD_OK) {
        store_close(store);
        return status;
    }
    *out = store;
    return RFD_OK;
}
