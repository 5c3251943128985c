/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "domain/registration/forms.h"

#include "base/error.h"

rfd_status printed_form_make(const struct forms *forms, const struct actor *actor, enum printed_form_kind kind, int64_t subject, const struct rfd_language *language, struct arena *a, struct blob *out, struct rfd_error *error)
{
    (void)forms;
    (void)actor;
    (void)kind;
    (void)subject;
    (void)language;
    (void)a;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status printed_form_find(struct transaction *t, slice code, struct printed_form *out, struct rfd_error *error)
{
    (void)t;
    (void)code;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

