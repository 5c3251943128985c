/* SPDX-License-Identifier: EUPL-1.2
 *
 * All tables of a database, whatever migrations made them: as the database itself describes them, in the order in which
 * they were made (so that what a table refers to comes before it). Values travel in a form that both databases take, so
 * that a copy of one can be put into the other.
 */
#ifndef DOMAIN_STATE_TABLES_H
#define DOMAIN_STATE_TABLES_H

#include "domain/state/stream.h"
#include "store/store.h"

/** Writes all rows as of one moment, as records. */
rfd_status tables_dump(struct store *store, struct state_writer *to, struct rfd_error *error) RFD_MUST_CHECK;
/** Fills a database whose tables are there and empty, with the records that a dump wrote; others are passed over. In
 * one transaction. RFD_E_EXISTS when something was issued there already, RFD_E_STORE_VERSION when the tables are those
 * of another version of the program. */
rfd_status tables_restore(struct store *store, struct state_reader *from, struct rfd_error *error) RFD_MUST_CHECK;

/** What a record begins with. */
enum state_record {
    STATE_NODE_ONLY = 'N',
    STATE_FILE = 'F',
    STATE_VERSION = 'V',
    STATE_TABLE = 'T',
    STATE_ROW = 'R',
    STATE_END = 'E'
};

#endif
