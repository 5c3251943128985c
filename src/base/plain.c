/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/plain.h"

typedef uint8_t octets __attribute__((vector_size(16)));

static bool is_plain(uint8_t c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/** Sixteen at once. */
static bool are_plain(const uint8_t *bytes)
{
    octets in;
    uint64_t odd[2];
    memcpy(&in, bytes, sizeof in);
    octets others = (octets)(in < ' ') | (octets)(in > '~') | (octets)(in == '"') | (octets)(in == '\\');
    memcpy(odd, &others, sizeof odd);
    return (odd[0] | odd[1]) == 0;
}

size_t plain_length(slice s)
{
    size_t at = 0;
    while (s.length - at >= sizeof(octets) && are_plain(s.data + at)) at += sizeof(octets);
    while (at < s.length && is_plain(s.data[at])) at++;
    return at;
}
