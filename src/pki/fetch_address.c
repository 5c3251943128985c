/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which addresses a public server may not send us to: the special-purpose registries of RFC 6890 as prefixes.
 */
#include "pki/fetch.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct prefix {
    uint8_t bytes[16];
    size_t bits;
};

static const struct prefix internal_v4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* shared by carriers */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local, cloud metadata */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocol assignments */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 3},           /* multicast, reserved, broadcast */
};

static const struct prefix internal_v6[] = {
    {{0x20, 0x01, 0x0D, 0xB8}, 32}, /* documentation */
    {{0x01}, 8},                    /* discard-only */
    {{0xFC}, 7},                    /* unique local */
    {{0xFE, 0x80}, 9},              /* link-local, site-local */
    {{0xFF}, 8},                    /* multicast */
};

/* An IPv4 address lies at `at` within addresses of the prefix. */
static const struct {
    struct prefix prefix;
    size_t at;
} embedding[] = {
    {{{0}, 80}, 12},                                  /* ::, ::1, IPv4-compatible, ::ffff:0:0/96 mapped (RFC 4291) */
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12}, /* ::ffff:0:a.b.c.d (RFC 2765) */
    {{{0, 0x64, 0xFF, 0x9B}, 32}, 12},                /* NAT64 (RFC 6052) */
    {{{0x20, 0x02}, 16}, 2},                          /* 6to4 (RFC 3056) */
};

static bool matches(const struct prefix *p, const uint8_t *address)
{
    size_t whole = p->bits / 8;
    unsigned rest = p->bits % 8;
    if (memcmp(p->bytes, address, whole) != 0) return false;
    return rest == 0 || ((p->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static bool in_list(const struct prefix *list, size_t count, const uint8_t *address)
{
    for (size_t i = 0; i < count; i++) {
        if (matches(&list[i], address)) return true;
    }
    return false;
}

static bool v4_is_internal(const uint8_t *address)
{
    return in_list(internal_v4, sizeof internal_v4 / sizeof *internal_v4, address);
}

static bool v6_is_internal(const uint8_t *address)
{
    for (size_t i = 0; i < sizeof embedding / sizeof *embedding; i++) {
        if (matches(&embedding[i].prefix, address) && v4_is_internal(address + embedding[i].at)) return true;
    }
    return in_list(internal_v6, sizeof internal_v6 / sizeof *internal_v6, address);
}

bool fetch_address_is_internal(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (address->sa_family) {
    case AF_INET: memcpy(&v4, address, sizeof v4); return v4_is_internal((const uint8_t *)&v4.sin_addr);
    case AF_INET6: memcpy(&v6, address, sizeof v6); return v6_is_internal(v6.sin6_addr.s6_addr);
    default: return true;
    }
}
