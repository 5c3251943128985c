/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which member of struct request and struct applicant is which column: one table for reading and writing each.
 */
#ifndef DOMAIN_REGISTRATION_COLUMNS_H
#define DOMAIN_REGISTRATION_COLUMNS_H

#include "domain/registration/internal.h"

enum column_kind {
    COLUMN_NUMBER,    /* int64_t */
    COLUMN_REFERENCE, /* int64_t; 0: NULL */
    COLUMN_UNSIGNED,
    COLUMN_TEXT,
    COLUMN_TOKEN, /* text; empty: NULL */
    COLUMN_BYTES,
    COLUMN_FLAG,
    COLUMN_MOMENT, /* RFD_TIME_NONE: NULL */
    COLUMN_WAY,
    COLUMN_STATE
};
struct column {
    const char *name;
    enum column_kind kind;
    size_t offset;
};
enum { COLUMNS_MAXIMUM = 48 };
struct columns {
    const char *table;
    const struct column *items; /* the first is the id */
    size_t count;
};
extern const struct columns request_columns, applicant_columns;

/** "SELECT id, request ... FROM applicant WHERE " and `where`, of the one value `key`. */
rfd_status columns_read(struct transaction *t, const struct columns *c, const char *where, struct store_value key,
                        struct store_rows *rows, struct rfd_error *error) RFD_MUST_CHECK;
/** All values, one after the other, so that two structures have the same octets when they are the same row. */
void columns_put(const struct columns *c, const void *item, struct buf *out);
/** Copies its texts into an arena that outlives the transaction. */
rfd_status columns_keep(const struct columns *c, void *item, struct arena *a, struct rfd_error *error) RFD_MUST_CHECK;
/** A row into the structure. */
void columns_fill(const struct columns *c, const struct store_value *values, void *out);
/** A new row; gives its id. Of a request, the sort name is empty until request_index(). */
rfd_status columns_insert(struct transaction *t, const struct columns *c, const void *item, int64_t *id,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** All columns of the row with the structure's id. RFD_E_NOT_FOUND. */
rfd_status columns_update(struct transaction *t, const struct columns *c, const void *item,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
