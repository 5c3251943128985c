/* SPDX-License-Identifier: EUPL-1.2
 *
 * The demonstration's entity gets a seal, and a sample portal that may use it (examples/portal.py): approved by both
 * agents, made as the person who answers for it would, with a code that nobody is sent.
 */
#ifndef DOMAIN_DEMO_SEAL_H
#define DOMAIN_DEMO_SEAL_H

#include "domain/central/central.h"
#include "domain/demo/demo.h"

#define DEMO_SEAL_PIN    "Sello-de-muestra-26"
#define DEMO_SEAL_PERSON "00000112" /* who answers for it */
#define DEMO_PORTAL      "sede-demo"
#define DEMO_RETURN      "http://localhost:9080/vuelta"
#define DEMO_WEBHOOK     "http://localhost:9080/avisos"

struct demo_seal_options {
    const struct central *central; /* whose personal keeper is asked as the pages ask it */
    struct keeper_client *worker;  /* the same, asked as the worker asks it */
    const struct registration_settings *registration;
    struct rfd_key *agents[2];
    bool code; /* another seal, which signs with a code, too, for the portal that is there */
};
struct demo_seal {
    char credential[PERSONAL_ID_SIZE];
    char secret[44]; /* of the portal that was made; empty: none was */
};
/** Of an installation that demo_fill() has filled. RFD_E_NOT_FOUND when it is none, RFD_E_INVALID when it was done. */
rfd_status demo_seal(const struct demo_seal_options *options, struct demo_seal *out,
                     struct rfd_error *error) RFD_MUST_CHECK;

#endif
