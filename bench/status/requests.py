#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Lines of hexadecimal DER to whole HTTP requests of one size, for requests.lua: requests.py post|get PATH TYPE < lines.
The size of each goes to standard error."""
import base64
import sys

method, path, kind = sys.argv[1:4]
sizes = set()
for line in sys.stdin:
    der = bytes.fromhex(line)
    if method == "get":
        whole = b"GET %s/%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (path.encode(), base64.b64encode(der))
    else:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(der)}\r\n\r\n"
        whole = head.encode() + der
    sizes.add(len(whole))
    sys.stdout.buffer.write(whole)
assert len(sizes) == 1, "requests of different sizes"
print(sizes.pop(), file=sys.stderr)
