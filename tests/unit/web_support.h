/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages without a server: a database, a web, and requests that are put together by hand and go the whole way from
 * the router on. A failure of the support itself fails the test.
 */
#ifndef TESTS_WEB_SUPPORT_H
#define TESTS_WEB_SUPPORT_H

#include "account_world.h"
#include "web/internal.h"

enum { WEB_HEADERS = 16 };

struct web_world {
    struct domain_store *database;
    struct settings settings;
    struct rfd_language *language;
    const struct rfd_language *languages[3];
    struct packs *packs;
    struct web *web;
    struct http_router *router;
};
/** cmocka's set-up; the state is a struct domain_store, so that ON_BOTH_STORES' helpers work. */
struct web_world *web_world_open(void **state, bool demo);
void web_world_close(struct web_world *world);

/** One request with its answer; the answer lives until web_forget(). */
struct exchange_of_test {
    struct arena arena;
    struct http_request request;
    struct http_response response;
    struct http_field headers[WEB_HEADERS];
};
void web_request(struct exchange_of_test *x, enum http_method method, const char *target);
void web_header(struct exchange_of_test *x, const char *name, const char *value);
/** A body of a form. */
void web_form(struct exchange_of_test *x, const char *body);
/** Sends it; the status. */
int web_send(struct web_world *world, struct exchange_of_test *x);
void web_forget(struct exchange_of_test *x);

/** GET by a browser with this Cookie header ("" : none); the status. */
int web_get(struct web_world *world, struct exchange_of_test *x, const char *target, const char *cookies);
/** Whether the answer's body has this text. */
bool web_says(const struct exchange_of_test *x, const char *text);
/** The n-th value of an answer's header; "" when there is none. */
const char *web_answer_header(struct exchange_of_test *x, const char *name, size_t n);
/** "name=value" of a Set-Cookie header of this cookie; "" when there is none. */
const char *web_cookie(struct exchange_of_test *x, const char *name);
/** The value of the first hidden token in the page. */
const char *web_token(struct exchange_of_test *x);

#endif
