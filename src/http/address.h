/* SPDX-License-Identifier: EUPL-1.2
 *
 * Addresses of listeners and of those who call. An IPv4 address inside IPv6 (::ffff:192.0.2.1) is that IPv4 address.
 */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include "base/slice.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum http_family { HTTP_NO_ADDRESS, HTTP_UNIX, HTTP_IPV4, HTTP_IPV6 };
struct http_address {
    enum http_family family;
    uint8_t bytes[16]; /* 4 of IPv4 */
    uint16_t port;
};
/** Where requests for help may be traced to; a range such as 192.0.2.0/24. */
struct http_network {
    struct http_address address;
    unsigned bits;
};

enum { HTTP_ADDRESS_SIZE = 48 };
/** "192.0.2.1", "2001:db8::1", "unix", "-". Returns `text`. */
const char *http_address_text(const struct http_address *address, char text[HTTP_ADDRESS_SIZE]);
enum { HTTP_NETWORK_SIZE = HTTP_ADDRESS_SIZE + 4 };
/** The network of one customer, IPv4 /24 or IPv6 /56: "192.0.2.0/24", for logs that shall not tell who it was. Returns
 * `text`. */
const char *http_address_network_text(const struct http_address *address, char text[HTTP_NETWORK_SIZE]);
/** An IP address without port. */
bool http_address_parse(slice text, struct http_address *out);
void http_address_of_socket(const struct sockaddr_storage *from, struct http_address *out);

/** "10.0.0.0/8", "2001:db8::/32", or one address. RFD_E_ARGUMENT. */
rfd_status http_network_parse(const char *text, struct http_network *out, struct rfd_error *error) RFD_MUST_CHECK;
bool http_network_has(const struct http_network *network, const struct http_address *address);

/**
 * Who called, as proxies say it: goes through an X-Forwarded-For ("client, proxy, proxy") from its end, as long as the
 * one who said it is one of `proxies`. `peer` is who is at the other end of the connection.
 */
struct http_address http_address_forwarded(const struct http_address *peer, slice forwarded_for,
                                           const struct http_network *proxies, size_t count);

/**
 * Opens a listening socket, not blocking, closed on exec: "192.0.2.1:80", "[2001:db8::1]:80", "unix:/path" (a socket
 * that is left over from an earlier run is removed), or "fd:3" (checked to be a listening stream socket).
 * RFD_E_ARGUMENT, RFD_E_NETWORK.
 */
rfd_status http_address_listen(const char *address, int backlog, int *out, struct rfd_error *error) RFD_MUST_CHECK;
/** How many descriptors, from 3 on, the process was given to listen on (LISTEN_FDS and LISTEN_PID, sd_listen_fds(3)).
 */
unsigned http_address_inherited(void);

#endif
