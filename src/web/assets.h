/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is compiled into the program: templates, and what browsers get beside the pages (embed.py).
 */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "http/response.h"
#include "template/template.h"

struct asset {
    const char *path; /* below /a/VERSION/ */
    const char *type;
    const char *hash; /* of its content, for its ETag */
    slice body;
    slice gzip; /* the same, compressed (RFC 1952); empty where that saves nothing */
};
/** Sorted by path. */
extern const struct asset assets[];
extern const size_t asset_count;
extern const char assets_version[]; /* a hash over all of them */

extern const struct template_source web_templates[];
extern const size_t web_template_count;

/** NULL when there is none. */
const struct asset *asset_find(slice path);
/** Handler of GET /a/{version}/{path*}. */
rfd_status assets_get(struct http_request *request, struct http_response *response, struct rfd_error *error);

#endif
