/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/assets.h"

#include "base/error.h"

enum { FOR_EVER = 31536000 };

const struct asset *asset_find(slice path)
{
    size_t low = 0;
    size_t high = asset_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(path, slice_text(assets[middle].path));
        if (order == 0) return &assets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/** Whether an Accept-Encoding (RFC 9110 §12.5.3) names gzip, and not with weight 0. */
static bool takes_gzip(const struct http_request *request)
{
    slice list = http_request_list(request, "accept-encoding");
    while (list.length > 0) {
        slice weight = http_trim(http_cut(&list, ','));
        slice coding = http_trim(http_cut(&weight, ';'));
        if (http_equal_any_case(coding, SLICE("gzip"))) return !slice_starts(http_trim(weight), SLICE("q=0"));
    }
    return false;
}

rfd_status assets_get(struct http_request *request, struct http_response *response, struct rfd_error *error)
{
    const struct asset *asset = asset_find(http_request_part(request, "path"));
    if (asset == NULL) return error_set(error, RFD_E_NOT_FOUND, NULL);
    bool current = slice_is(http_request_part(request, "version"), assets_version);
    bool packed = asset->gzip.length > 0 && takes_gzip(request);
    http_response_body(response, asset->type, packed ? asset->gzip : asset->body);
    if (packed) http_response_header(response, "Content-Encoding", SLICE("gzip"));
    if (asset->gzip.length > 0) http_response_header(response, "Vary", SLICE("Accept-Encoding"));
    /* A page of the last version may still ask for its files: it gets today's, and does not keep them. */
    http_response_cache(response, current ? HTTP_IMMUTABLE : HTTP_REVALIDATE, FOR_EVER);
    const char *tag = arena_print(request->arena, packed ? "%s-gzip" : "%s", asset->hash);
    if (tag != NULL) http_response_etag(response, slice_text(tag));
    http_response_header(response, "X-Content-Type-Options", SLICE("nosniff"));
    /* Programs of sandboxed frames are loaded by an origin that is nobody's. */
    bool framed = slice_starts(slice_text(asset->path), SLICE("frame/"));
    http_response_header(response, "Cross-Origin-Resource-Policy",
                         framed ? SLICE("cross-origin") : SLICE("same-origin"));
    if (slice_starts(slice_text(asset->type), SLICE("text/javascript"))) /* a worker has the policy of its own file */
        http_response_header(response, "Content-Security-Policy", SLICE("default-src 'none'; script-src 'self'"));
    if (strcmp(asset->type, "image/svg+xml") == 0) /* opened by itself, a drawing is a page */
        http_response_header(response, "Content-Security-Policy",
                             SLICE("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    return RFD_OK;
}
