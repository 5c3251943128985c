/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the documents of an operation are signed: level, time stamps, what is seen of it.
 */
#ifndef DOMAIN_CENTRAL_SIGN_OPTIONS_H
#define DOMAIN_CENTRAL_SIGN_OPTIONS_H

#include "domain/central/internal.h"

#include <refrenda/sign.h>

struct sign_options {
    struct rfd_sign_options options; /* points into the rest */
    struct rfd_stamp *stamp;
    struct rfd_place place;
};
/** Texts in `a`; the place of stamps is each document's (sign_options_place). RFD_E_TSA_MISSING where the level needs
 * time stamps and there is no service. Not to be moved. */
rfd_status sign_options_make(const struct central *c, const struct signing *s, struct arena *a,
                             struct sign_options *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Where this document's stamp goes, for the file at `path`; does nothing where there is none (stamp_place.c). */
rfd_status sign_options_place(struct sign_options *options, const struct signing *s,
                              const struct signing_document *document, const char *path,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the places are still those that `s` was read with: RFD_E_STATE. */
rfd_status sign_options_check_places(struct transaction *t, const struct signing *s,
                                     struct rfd_error *error) RFD_MUST_CHECK;
/** Address of the time-stamp service: an own one, or the one that forms are stamped by; "" where there is none; NULL
 * without memory. */
const char *sign_options_service(const struct settings *settings, struct arena *a);
void sign_options_dispose(struct sign_options *options);

#endif
