/* SPDX-License-Identifier: EUPL-1.2
 *
 * What strangers send over HTTP. The first byte says to which parser: path and router, query or form, cookies and
 * parameters, multipart (its boundary is the first line), addresses, dates and languages.
 */
#include "base/number.h"
#include "http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rfd_status nothing(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)request;
    (void)response;
    (void)context;
    (void)error;
    return RFD_OK;
}

static void check(bool holds)
{
    if (!holds) __builtin_trap();
}

static bool inside(slice part, slice whole)
{
    return part.length == 0 || (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

/** The same with all but slashes encoded: another way to read, the same to be found. */
static void check_encoded(const struct http_router *router, slice plain, rfd_status status,
                          const struct http_match *found, struct arena *a)
{
    struct http_match match = {0};
    uint8_t *encoded = arena_allocate(a, plain.length * 3 + 1);
    size_t length = 0;
    if (encoded == NULL || (plain.length > 0 && memchr(plain.data, '%', plain.length) != NULL)) return;
    for (size_t i = 0; i < plain.length; i++) {
        uint8_t c = plain.data[i];
        encoded[length++] = c == '/' ? c : '%';
        if (c != '/') number_to_hex(slice_of(&c, 1), true, encoded + length);
        if (c != '/') length += 2;
    }
    check((http_router_find(router, HTTP_GET, slice_of(encoded, length), a, &match, NULL) == RFD_OK) ==
          (status == RFD_OK));
    check(match.route == found->route && match.allowed == found->allowed && slice_equal(match.path, found->path));
    check(match.parts.count == found->parts.count);
    for (size_t i = 0; i < match.parts.count; i++)
        check(slice_equal(match.parts.items[i].value, found->parts.items[i].value));
}

static void fuzz_path(slice input, struct arena *a)
{
    static const struct http_route routes[] = {
        {HTTP_GET, "/", 0, 0, nothing, ""},          {HTTP_GET, "/a/{x}", 0, 0, nothing, ""},
        {HTTP_GET, "/a/b/{y}/c", 0, 0, nothing, ""}, {HTTP_GET, "/a/{x}/{y}/{z}", 0, 0, nothing, ""},
        {HTTP_GET, "/t/{x*}", 0, 0, nothing, ""},    {HTTP_GET, "/t/{x}/u", 0, 0, nothing, ""},
    };
    static struct http_router *router;
    struct http_match match = {0};
    if (router == NULL) check(http_router_new(routes, sizeof routes / sizeof *routes, &router, NULL) == RFD_OK);
    rfd_status status = http_router_find(router, HTTP_GET, input, a, &match, NULL);
    check_encoded(router, input, status, &match, a);
    if (status != RFD_OK || match.route == NULL) return;
    check(memmem(match.path.data, match.path.length, "/../", 4) == NULL);
    for (size_t i = 0; i < match.parts.count; i++) check(match.parts.items[i].value.length > 0);
}

static void fuzz_form(slice input, struct arena *a)
{
    struct http_fields fields;
    if (http_form_parse(input, a, &fields, NULL) != RFD_OK) return;
    check(fields.count <= HTTP_FORM_FIELDS);
    for (size_t i = 0; i < fields.count; i++) check(fields.items[i].value.length <= input.length);
}

static void fuzz_cookie(slice input, struct arena *a)
{
    struct http_fields headers = {.count = 0};
    check(inside(http_cookie_find(input, "session", 0), input) || input.length == 0);
    check(inside(http_cookie_find(input, "a", 1), input) || input.length == 0);
    (void)http_parameter(input, "name", a);
    (void)http_field_get_any_case(&headers, "x", 0);
    (void)http_is_token(input);
}

static void fuzz_multipart(slice input, struct arena *a)
{
    struct http_parts parts;
    slice type = http_cut(&input, '\n');
    slice boundary;
    if (http_multipart_boundary(type, &boundary, NULL) != RFD_OK) boundary = SLICE("q");
    if (http_multipart_parse(input, boundary, a, &parts, NULL) != RFD_OK) return;
    check(parts.count <= HTTP_FORM_PARTS);
    for (size_t i = 0; i < parts.count; i++) {
        check(parts.items[i].name.data != NULL);
        check(inside(parts.items[i].body, input));
    }
}

static void fuzz_words(slice input, struct arena *a)
{
    struct http_address peer = {.family = HTTP_UNIX};
    struct http_address address;
    char text[HTTP_DATE_SIZE];
    rfd_time moment;
    (void)a;
    (void)http_address_parse(input, &address);
    (void)http_address_forwarded(&peer, input, NULL, 0);
    (void)http_language_preferred(input, NULL, 0);
    if (http_date_parse(input, &moment)) check(slice_is(input, http_date(moment, text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parsers[])(slice input, struct arena * a) = {fuzz_path, fuzz_form, fuzz_cookie, fuzz_multipart,
                                                                     fuzz_words};
    struct arena arena;
    if (size == 0) return 0;
    arena_init(&arena, 4 << 20);
    parsers[data[0] % (sizeof parsers / sizeof *parsers)](slice_of(data + 1, size - 1), &arena);
    arena_dispose(&arena);
    return 0;
}
