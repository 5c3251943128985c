/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages as the server sees them. Apart from web.h, as the server's roles are processes and not what people may be.
 */
#ifndef WEB_SERVICE_H
#define WEB_SERVICE_H

#include "http/listener.h"
#include "settings/settings.h"

struct store;
struct keeper_client;
struct packs;
struct identity_client;

/** In the instance's folder: who one may be in a demonstration, a CSV file with the header "code,password,title". */
#define WEB_DEMO_ACCOUNTS "demo-accounts.csv"

struct web_options {
    const struct settings *settings;
    struct store *store;
    struct keeper_client *keeper;
    struct keeper_client *personal; /* of central signing; NULL: there is none here */
    const struct packs *packs;
    struct identity_client *identity; /* NULL: there is no identity service */
    const struct rfd_language *const *languages;
    size_t language_count;
};
struct web;
rfd_status web_new(const struct web_options *options, struct web **out, struct rfd_error *error) RFD_MUST_CHECK;
void web_free(struct web *web);
/** Takes a way to the error pages: http_options.problem, with the web as context. */
void web_problem(void *context, const struct http_request *request, struct http_response *response,
                 const struct rfd_error *error);
/** For service_start(): the context of its handlers is the web. `certificates`: those of the TLS listener that asks for
 * certificates. */
const struct http_route *web_http_routes(const struct web *web, bool certificates, size_t *count);

#endif
