/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "domain/registration/evidence.h"

#include "base/error.h"

rfd_status evidence_check(slice content, const struct pack_evidence *pack, const char **why, struct rfd_error *error)
{
    (void)content;
    (void)pack;
    (void)why;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_sharpness(slice picture, double *variance, struct rfd_error *error)
{
    (void)picture;
    (void)variance;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_add(struct transaction *t, slice adder, int64_t request, int64_t applicant, int64_t payment, const struct evidence_file *file, bool scanner, int64_t *id, struct rfd_error *error)
{
    (void)t;
    (void)adder;
    (void)request;
    (void)applicant;
    (void)payment;
    (void)file;
    (void)scanner;
    (void)id;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_list(struct transaction *t, int64_t request, bool all, struct evidence **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)request;
    (void)all;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_see(struct transaction *t, const struct actor *actor, int64_t id, struct evidence *out, struct blob *blob, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    (void)out;
    (void)blob;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_mark(struct transaction *t, const struct actor *actor, int64_t id, bool legible, bool complete, bool current, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)id;
    (void)legible;
    (void)complete;
    (void)current;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_waiting(struct transaction *t, size_t limit, struct evidence **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)limit;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status evidence_scanned(struct transaction *t, int64_t id, slice found, struct rfd_error *error)
{
    (void)t;
    (void)id;
    (void)found;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

