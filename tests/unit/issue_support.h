/* SPDX-License-Identifier: EUPL-1.2
 *
 * An authority in a keeper, as a ceremony makes it, with agents and orders, for the tests of issuing. Failures end the
 * program.
 */
#ifndef TESTS_ISSUE_SUPPORT_H
#define TESTS_ISSUE_SUPPORT_H

#include "keeper/approval.h"
#include "keeper/authority_policy.h"
#include "keeper/keeper.h"
#include "pki_fixture.h"

enum { ISSUE_BODY = 128 << 10, ISSUE_APPROVAL_SECONDS = 3600, ISSUE_CRL_SECONDS = 86400 };

/** Asks as an admin; what comes back is read by `fields` (within `answer`). For both a keeper in this process and one
 * behind a channel. */
typedef rfd_status issue_ask(void *context, enum keeper_operation operation, struct buf *body,
                             struct message_reader *fields);
struct issue_way {
    issue_ask *ask;
    void *context;
};

/** A keeper in this process with a store of its own. */
struct issue_world {
    struct keystore store;
    struct master master;
    struct packs *packs;
    struct keeper *keeper;
    struct issue_way way; /* as an admin */
    struct buf answer;
    int descriptor;    /* to come with the next question; -1: none */
    rfd_status status; /* of the last event */
    char detail[RFD_ERROR_DETAIL_SIZE];
    char path[256];
};
/** A new store `path`, with the project's packs. The world may not be moved. */
void issue_world_new(struct issue_world *w, const char *path);
void issue_world_free(struct issue_world *w);
/** Ends the keeper and starts it anew; what it says to that. After a failure the keeper is not there. */
rfd_status issue_world_reopen(struct issue_world *w);
rfd_status issue_ask_as(struct issue_world *w, enum keeper_sender sender, enum keeper_operation operation,
                        struct buf *body, struct message_reader *fields);

/** Makes root-1 (P-384) and issuing-1 (`algorithm`), certified; issuing-1 has `partitions` partitions, and the profiles
 * of people, agents and services. */
void issue_ceremony(const struct issue_way *way, const char *algorithm, uint32_t partitions);
/** The certificate of a key of the keeper. */
const struct certificate *issue_certificate_of(const struct issue_way *way, const char *key);
/** Creates a key and appends its SubjectPublicKeyInfo. */
void issue_create_key(const struct issue_way *way, const char *name, const char *purpose, const char *algorithm,
                      slice policy, struct buf *spki);
/** The policy of issuing-1. */
void issue_policy(struct buf *out, uint32_t partitions);

/** KEEPER_REGISTER for agents and clients. */
rfd_status issue_register(const struct issue_way *way, enum keeper_registered kind, const char *name,
                          const struct certificate *certificate, const char *profiles);

/** A public key, not used before, as SubjectPublicKeyInfo. */
void issue_new_key(struct buf *spki);
/** An approval of pe-natural-person for the key; `number` makes person and request its own. */
struct approval issue_approval(const struct certificate *authority, slice spki, unsigned number, rfd_time now);
/** Text and SignedData. */
void issue_sign_text(const struct identity *agent, slice text, struct buf *out);
void issue_sign(const struct identity *agent, const struct approval *approval, struct buf *out);

/** Body of KEEPER_ISSUE for key issuing-1; `second` may be empty. */
void issue_put_request(struct buf *body, slice spki, slice first, slice second);

#endif
