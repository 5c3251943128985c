/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tables of the server: migrations/NNNN-name.sql, compiled in.
 */
#ifndef DOMAIN_SCHEMA_H
#define DOMAIN_SCHEMA_H

#include "store/migrate.h"

extern const struct migration domain_migrations[];
extern const size_t domain_migration_count;

/** Opens the database and brings its tables up to date. As store_open() and store_migrate(). */
rfd_status domain_open_store(const struct store_options *options, struct store **out,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
