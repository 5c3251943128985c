/* SPDX-License-Identifier: EUPL-1.2
 *
 * The CSC API over the whole web, with both keepers behind it: two portals, ANA's credential, the seal of her entity,
 * tokens, and what authorises signatures. Each answer is held against the OpenAPI document, and each refusal is noted.
 */
#ifndef TESTS_CSC_WORLD_H
#define TESTS_CSC_WORLD_H

/* First: it renames what others have, too. */
#include "registration_world_of_pages.h"

#include "central_world.h"
#include "domain/csc/csc.h"
#include "web/csc/api.h"
#include "web_support.h"

#include <jansson.h>

#define CSC_SECRET "un-secreto-de-la-sede"

struct csc_world {
    struct office *office;
    struct central central;
    struct web_world *web;
    int64_t portal, other;
    char person[PERSONAL_ID_SIZE], seal[PERSONAL_ID_SIZE];
    char coded[PERSONAL_ID_SIZE];                                                        /* csc_world_code_seal() */
    char of_person[CSC_TOKEN_SIZE], of_portal[CSC_TOKEN_SIZE], of_other[CSC_TOKEN_SIZE]; /* scope "service" */
    char header[512];                                                                    /* of the next calls */
    json_t *openapi[3];
    const char *test; /* that is running, by its name */
};
void csc_world_open(void **state, struct csc_world *w, const char *test);
void csc_world_close(struct csc_world *w);

/** Another seal of hers for the portal, that signs with PIN and code. */
void csc_world_code_seal(struct csc_world *w);
/** What ANA authorised with password and code: hashes `first` to `first + count - 1`, for a token. */
void csc_world_sad(struct csc_world *w, unsigned version, unsigned first, unsigned count, char token[CSC_TOKEN_SIZE]);
/** The same for digests of documents. */
void csc_world_documents(struct csc_world *w, unsigned first, unsigned count, char token[CSC_TOKEN_SIZE]);
void csc_world_digests(struct csc_world *w, const slice *digests, unsigned count, char token[CSC_TOKEN_SIZE]);
/** SHA-256 of a number, in octets and as base64 (until the next sixteen calls). */
void csc_world_digest(unsigned number, uint8_t digest[32]);
const char *csc_world_hash(unsigned number);
/** The certificate of a credential; lives as long as the tests. */
slice csc_world_certificate(struct csc_world *w, const char *credential);

/** "Bearer " and this token, for the next calls; NULL: no header. */
void csc_world_as(struct csc_world *w, const char *token);
struct csc_reply {
    int status;
    json_t *json; /* NULL: none */
};
/** Asks with this body (taken; NULL: none). */
struct csc_reply csc_world_ask(struct csc_world *w, unsigned version, const char *method, json_t *body);
struct csc_reply csc_world_ask_text(struct csc_world *w, unsigned version, const char *method, const char *body);
/** Expects it, and gives the JSON. */
json_t *csc_world_good(struct csc_world *w, unsigned version, const char *method, json_t *body);
/** Asks, and expects this refusal. */
void csc_world_refused(struct csc_world *w, unsigned version, const char *method, json_t *body,
                       struct csc_refusal_row row);

/** What was refused so far, by all tests of this program: the test that saw it first; NULL: none. `method` "": any. */
const char *csc_world_seen(unsigned version, const char *method, struct csc_refusal_row row);

#endif
