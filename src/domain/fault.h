/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is wrong with what somebody typed, field by field. A domain call that is given fields has a `struct faults *`;
 * with at least one fault it returns RFD_E_INVALID and has changed nothing.
 */
#ifndef DOMAIN_FAULT_H
#define DOMAIN_FAULT_H

#include "base/error.h"
#include "base/slice.h"

enum { FAULTS_MAXIMUM = 24, FAULT_FIELD_SIZE = 48 };

struct fault {
    char field[FAULT_FIELD_SIZE]; /* the name that the form has for it, of its own; "" : of no field alone */
    const char *message;          /* N_(), English */
};
struct faults {
    struct fault items[FAULTS_MAXIMUM]; /* what is beyond is left out */
    unsigned count;
};
static inline void fault_name(struct fault *fault, slice field)
{
    slice name = slice_part(field, 0, FAULT_FIELD_SIZE - 1);
    /* Half a letter of UTF-8 would spoil the JSON that names it. */
    while (name.length < field.length && name.length > 0 && (field.data[name.length] & 0xC0) == 0x80) name.length--;
    if (name.length > 0) memcpy(fault->field, name.data, name.length);
    fault->field[name.length] = '\0';
}
/** Of a field that a catalogue names. `faults` may be NULL. */
static inline void fault_add_to(struct faults *faults, slice field, const char *message)
{
    if (faults == NULL || faults->count == FAULTS_MAXIMUM) return;
    struct fault *fault = &faults->items[faults->count++];
    fault_name(fault, field);
    fault->message = message;
}
/** `faults` may be NULL. */
static inline void fault_add(struct faults *faults, const char *field, const char *message)
{
    fault_add_to(faults, slice_text(field), message);
}
/** RFD_E_INVALID, with the first, when there are any. `faults` may be NULL. */
RFD_MUST_CHECK static inline rfd_status faults_end(const struct faults *faults, struct rfd_error *error)
{
    if (faults == NULL || faults->count == 0) return RFD_OK;
    return error_set(error, RFD_E_INVALID, "%s: %s", faults->items[0].field, faults->items[0].message);
}
/** A field as another form calls it. */
static inline void faults_rename(struct faults *faults, const char *from, const char *to)
{
    for (unsigned i = 0; i < faults->count; i++)
        if (strcmp(faults->items[i].field, from) == 0) fault_name(&faults->items[i], slice_text(to));
}

#endif
