/* SPDX-License-Identifier: EUPL-1.2
 *
 * The states of a certificate and the ways between them, as certificate_states.def has them.
 */
#ifndef DOMAIN_STATE_H
#define DOMAIN_STATE_H

#include "domain/authority/authority.h"

enum certificate_event {
#define CERTIFICATE_EVENT(name, text) CERTIFICATE_EVENT_##name,
#include "domain/authority/certificate_states.def"
#undef CERTIFICATE_EVENT
    CERTIFICATE_EVENT_COUNT
};

struct certificate_way {
    enum certificate_event event;
    enum certificate_state from, to;
    const char *who, *action; /* who may go it; what the audit calls it */
};
/** NULL when there is none. */
const struct certificate_way *certificate_way(enum certificate_event event, enum certificate_state from);
/** The same, or RFD_E_STATE in words. */
rfd_status certificate_way_needed(enum certificate_event event, enum certificate_state from,
                                  const struct certificate_way **out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
