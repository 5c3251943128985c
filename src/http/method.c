/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/router.h"

static const char *const names[HTTP_OTHER] = {
    [HTTP_GET] = "GET",       [HTTP_POST] = "POST", [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH",
    [HTTP_DELETE] = "DELETE", [HTTP_HEAD] = "HEAD", [HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
    return (unsigned)method < HTTP_OTHER ? names[method] : "OTHER";
}

enum http_method http_method_of(slice name)
{
    for (unsigned i = 0; i < HTTP_OTHER; i++)
        if (slice_is(name, names[i])) return (enum http_method)i;
    return HTTP_OTHER;
}

const char *http_allow(unsigned allowed, char text[HTTP_ALLOW_SIZE])
{
    size_t used = 0;
    unsigned shown = allowed | 1U << HTTP_OPTIONS;
    if (allowed & 1U << HTTP_GET) shown |= 1U << HTTP_HEAD;
    text[0] = '\0';
    for (unsigned i = 0; i < HTTP_OTHER; i++)
        if (shown & 1U << i)
            used += (size_t)snprintf(text + used, HTTP_ALLOW_SIZE - used, "%s%s", used == 0 ? "" : ", ", names[i]);
    return text;
}
