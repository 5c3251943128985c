/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/address.h"

#include "base/error.h"
#include "base/number.h"
#include "http/field.h"

#include <arpa/inet.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static void set_ipv6(const uint8_t bytes[16], struct http_address *out)
{
    if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0) {
        out->family = HTTP_IPV4;
        memcpy(out->bytes, bytes + 12, 4);
    } else {
        out->family = HTTP_IPV6;
        memcpy(out->bytes, bytes, 16);
    }
}

const char *http_address_text(const struct http_address *address, char text[HTTP_ADDRESS_SIZE])
{
    int family = address->family == HTTP_IPV4 ? AF_INET : AF_INET6;
    const char *plain = address->family == HTTP_UNIX ? "unix" : address->family == HTTP_NO_ADDRESS ? "-" : NULL;
    if (plain != NULL)
        (void)snprintf(text, HTTP_ADDRESS_SIZE, "%s", plain);
    else if (inet_ntop(family, address->bytes, text, HTTP_ADDRESS_SIZE) == NULL)
        text[0] = '\0';
    return text;
}

const char *http_address_network_text(const struct http_address *address, char text[HTTP_NETWORK_SIZE])
{
    char network[HTTP_ADDRESS_SIZE];
    struct http_address first = {.family = address->family};
    bool v4 = address->family == HTTP_IPV4;
    memcpy(first.bytes, address->bytes, v4 ? 3 : 7);
    bool is_ip = v4 || address->family == HTTP_IPV6;
    (void)snprintf(text, HTTP_NETWORK_SIZE, "%s%s", http_address_text(&first, network),
                   !is_ip ? ""
                   : v4   ? "/24"
                          : "/56");
    return text;
}

bool http_address_parse(slice text, struct http_address *out)
{
    char copy[HTTP_ADDRESS_SIZE];
    struct http_address address = {0};
    uint8_t bytes[16];
    if (text.length == 0 || text.length >= sizeof copy || memchr(text.data, 0, text.length) != NULL) return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    if (inet_pton(AF_INET, copy, address.bytes) == 1) {
        address.family = HTTP_IPV4;
    } else if (inet_pton(AF_INET6, copy, bytes) == 1) {
        set_ipv6(bytes, &address);
    } else {
        return false;
    }
    *out = address;
    return true;
}

void http_address_of_socket(const struct sockaddr_storage *from, struct http_address *out)
{
    *out = (struct http_address){0};
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
        out->family = HTTP_IPV4;
        memcpy(out->bytes, &v4->sin_addr, 4);
        out->port = ntohs(v4->sin_port);
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;
        set_ipv6(v6->sin6_addr.s6_addr, out);
        out->port = ntohs(v6->sin6_port);
    } else {
        out->family = HTTP_UNIX;
    }
}

rfd_status http_network_parse(const char *text, struct http_network *out, struct rfd_error *error)
{
    slice rest = slice_text(text);
    bool has_bits = strchr(text, '/') != NULL;
    struct http_network network;
    uint64_t bits = 0;
    if (!http_address_parse(http_cut(&rest, '/'), &network.address))
        return error_set(error, RFD_E_ARGUMENT, "%s is no address", text);
    unsigned longest = network.address.family == HTTP_IPV4 ? 32 : 128;
    if (has_bits && !number_unsigned(rest, longest, &bits))
        return error_set(error, RFD_E_ARGUMENT, "%s is no network", text);
    network.bits = has_bits ? (unsigned)bits : longest;
    *out = network;
    return RFD_OK;
}

bool http_network_has(const struct http_network *network, const struct http_address *address)
{
    unsigned whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (network->address.family != address->family) return false;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0) return false;
    return rest == 0 || (network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

static bool trusted(const struct http_address *address, const struct http_network *proxies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (http_network_has(&proxies[i], address)) return true;
    return false;
}

/** Cuts the last of a list off. */
static slice cut_last(slice *list)
{
    size_t at = list->length;
    while (at > 0 && list->data[at - 1] != ',') at--;
    slice last = http_trim(slice_from(*list, at));
    list->length = at > 0 ? at - 1 : 0;
    return last;
}

struct http_address http_address_forwarded(const struct http_address *peer, slice forwarded_for,
                                           const struct http_network *proxies, size_t count)
{
    struct http_address address = *peer;
    /* Who can connect to a Unix socket is a program of this machine that was let into its folder: a proxy. */
    while (forwarded_for.length > 0 && (address.family == HTTP_UNIX || trusted(&address, proxies, count))) {
        struct http_address before;
        if (!http_address_parse(cut_last(&forwarded_for), &before)) break;
        address = before;
    }
    return address;
}
