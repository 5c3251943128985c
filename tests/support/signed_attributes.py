#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Cuts the signed attributes (re-tagged as SET, the bytes that are signed) and the signature out of a DER CMS.

usage: signed_attributes.py CMS ATTRIBUTES SIGNATURE
"""

import pathlib
import sys


def element(data, at):
    """(tag, start of content, end) of the DER element at an offset."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    return tag, start, start + length


def children(data, at):
    _, start, end = element(data, at)
    found = []
    while start < end:
        found.append(start)
        start = element(data, start)[2]
    return found


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    data = pathlib.Path(sys.argv[1]).read_bytes()
    signed_data = children(data, children(data, 0)[1])[0]
    signer_info = children(data, children(data, signed_data)[-1])[0]
    parts = children(data, signer_info)
    attributes = next(p for p in parts if data[p] == 0xA0)
    signature = next(p for p in parts if data[p] == 0x04)
    pathlib.Path(sys.argv[2]).write_bytes(b"\x31" + data[attributes + 1 : element(data, attributes)[2]])
    pathlib.Path(sys.argv[3]).write_bytes(data[element(data, signature)[1] : element(data, signature)[2]])


if __name__ == "__main__":
    main()
