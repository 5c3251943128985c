/* SPDX-License-Identifier: EUPL-1.2
 *
 * Data that a portal wants signed, such as a form that somebody has filled in, or the payment of a fee: made into a PDF
 * that shows all of it, with the data themselves attached as they came (data.json).
 *
 *   {"title": "Pago de tasa", "text": "what it is about", "fields": [{"label": "Concepto", "value": "Duplicado"}]}
 *
 * Nothing else may be in it: what is attached is what people see.
 */
#ifndef DOMAIN_CENTRAL_DATA_FORM_H
#define DOMAIN_CENTRAL_DATA_FORM_H

#include "base/arena.h"
#include "base/language.h"
#include "domain/fault.h"

struct fonts;

enum { DATA_FORM_MAXIMUM = 256 << 10, DATA_FORM_FIELDS = 200 };

struct data_form_options {
    struct fonts *fonts;
    const struct rfd_language *language; /* of page numbers; NULL: English */
    const char *house;                   /* above each page: who asks */
    const char *pointer;                 /* where the data are, for faults: "documents/1" */
};
/** The same data give the same file, to be freed by the caller; `title` is kept in `a`. RFD_E_INVALID with faults,
 * whose fields are the pointer and what follows it ("documents/1/data/fields/3/value"). */
rfd_status data_form_print(const struct data_form_options *options, slice data, struct arena *a, rfd_bytes *pdf,
                           slice *title, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;

#endif
