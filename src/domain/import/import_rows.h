/* SPDX-License-Identifier: EUPL-1.2
 *
 * What another program says that it issued: the index.txt of "openssl ca", a list in CSV, a folder of certificates.
 *
 *   index.txt   state, end, revocation ("TIME" or "TIME,reason"), serial number, file, subject; separated by tabs
 *   CSV         serial,end,revoked,reason,subject   one line each, times as in RFC 3339 or empty, the serial number in
 *               hexadecimal, the reason by its name or number (RFC 5280 §5.3.1); the first line may name the columns
 *   folder      certificates, PEM or DER, of which those of this authority are taken
 */
#ifndef DOMAIN_IMPORT_ROWS_H
#define DOMAIN_IMPORT_ROWS_H

#include "domain/authority/authority.h"

enum { IMPORT_ROWS_MAXIMUM = 20000000 };

/** Rows, by serial number once import_rows_finish() was called. */
struct import_rows {
    struct arena *arena; /* of all that is read */
    struct authority_import_row *items;
    size_t count, capacity;
};

/** RFD_E_ARGUMENT with file and line. */
rfd_status import_rows_read(struct import_rows *rows, const char *path, struct rfd_error *error) RFD_MUST_CHECK;
/** Adds the certificates that `issuer` signed; others are passed over. */
rfd_status import_rows_folder(struct import_rows *rows, const char *path, const struct certificate *issuer,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Sorts, and makes one row of those of one certificate: what any of them knows. */
void import_rows_finish(struct import_rows *rows);
void import_rows_dispose(struct import_rows *rows);

#endif
