/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the organisation: one way to read, check, write and audit its rows. A record says which members of a
 * structure (whose first is its id) are which columns; all the rest follows from it.
 */
#ifndef DOMAIN_ORGANISATION_RECORD_H
#define DOMAIN_ORGANISATION_RECORD_H

#include "domain/organisation/organisation.h"

enum record_kind {
    RECORD_TEXT,
    RECORD_NUMBER,
    RECORD_REFERENCE, /* 0: NULL */
    RECORD_FLAG,
    RECORD_TIME /* RFD_TIME_NONE: NULL */
};
enum record_flags {
    RECORD_REQUIRED = 1,
    RECORD_KEPT = 2 /* read, and never written by record_put() */
};
struct record_field {
    const char *name; /* of the column; and of the form's field */
    enum record_kind kind;
    unsigned flags;
    size_t offset;
    size_t maximum; /* of texts: characters */
};
struct record {
    const char *table;
    const char *kind; /* in the audit: "unit" of "unit.create" and "unit:7" */
    const struct record_field *fields;
    size_t count;
};
extern const struct record entity_record, unit_record, position_record, person_record, appointment_record,
    institutional_mailbox_record, support_group_record;

/** A column that is no member of the structure. */
struct record_extra {
    const char *name;
    struct store_value value;
};

/** RFD_E_NOT_FOUND. `out` is the record's structure. */
rfd_status record_find(struct transaction *t, const struct record *r, int64_t id, void *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** The first row for which `where` holds; its id is 0 when there is none. */
rfd_status record_find_by(struct transaction *t, const struct record *r, const char *where,
                          const struct store_value *values, size_t count, void *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Takes blanks around texts away and adds what is wrong with them by themselves. */
void record_check(const struct record *r, void *item, struct faults *faults);
bool record_same(const struct record *r, const void *a, const void *b);
/** Inserts (its id is 0, and set) or updates, and tells the audit what is other than in `before`. */
rfd_status record_put(struct transaction *t, const struct actor *actor, const struct record *r, void *item,
                      const void *before, const struct record_extra *extras, size_t extra_count,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** An event of an object: "unit.close" of "unit:7"; detail: a JSON object, or empty. */
rfd_status record_audit(struct transaction *t, const struct actor *actor, const struct record *r, int64_t id,
                        const char *what, slice detail, struct rfd_error *error) RFD_MUST_CHECK;
/** As a JSON string. */
void record_put_json(struct buf *b, slice text);

/** Adds one to the row's `changes`, so that whoever else does is kept waiting until this transaction is over (or, with
 * PostgreSQL, begins again); `*open`: the row is there and not closed. */
rfd_status record_hold(struct transaction *t, const struct record *r, int64_t id, bool *open,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** The number of a query of one row. */
rfd_status record_number(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                         int64_t *out, struct rfd_error *error) RFD_MUST_CHECK;
/** What lists sort by: small letters without accents. In the arena. */
rfd_status record_sort_name(struct transaction *t, const slice *texts, size_t count, slice *out,
                            struct rfd_error *error) RFD_MUST_CHECK;

/** Faults that the caller does not want to see are collected all the same. */
#define FAULTS_OR_OWN(faults)                                                                                          \
    struct faults own_faults_ = {.count = 0};                                                                          \
    if ((faults) == NULL) (faults) = &own_faults_

#endif
