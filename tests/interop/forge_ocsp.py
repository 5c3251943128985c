#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""OCSP requests that no honest client sends, made from an honest one without nonce.

  forge_ocsp.py WHAT < request > forged

WHAT: nonce=N (N octets), raw-nonce=N (without the OCTET STRING), two-nonces, critical, critical-single, plain-unknown,
twice, many=N (certIDs), version=N, trailing, truncated, signed
"""
import sys


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def content(item):
    if item[1] < 128:
        return item[2 : 2 + item[1]]
    count = item[1] & 127
    size = int.from_bytes(item[2 : 2 + count], "big")
    return item[2 + count : 2 + count + size]


def extension(oid, value, critical=False):
    flag = der(1, b"\xff") if critical else b""
    return der(0x30, der(6, oid), flag, der(4, value))


NONCE = bytes.fromhex("2b0601050507300102")
STRANGE = bytes.fromhex("2a030405")


def main():
    what, _, text = sys.argv[1].partition("=")
    number = int(text) if text else 0
    honest = sys.stdin.buffer.read()
    requests = content(content(content(honest)))  # the list's content
    extensions, version, after, signature = b"", b"", b"", b""
    if what == "nonce":
        extensions = extension(NONCE, der(4, bytes(range(1, 256))[:number] if number < 256 else b"n" * number))
    elif what == "raw-nonce":
        extensions = extension(NONCE, b"n" * number)
    elif what == "two-nonces":
        extensions = 2 * extension(NONCE, der(4, b"0123456789abcdef"))
    elif what == "critical":
        extensions = extension(STRANGE, b"\x05\x00", True)
    elif what == "plain-unknown":
        extensions = extension(STRANGE, b"\x05\x00")
    elif what == "critical-single":
        one = content(requests)
        requests = der(0x30, one, der(0xA0, der(0x30, extension(STRANGE, b"\x05\x00", True))))
    elif what == "twice":
        requests *= 2
    elif what == "many":
        requests *= number
    elif what == "version":
        version = der(0xA0, der(2, bytes([number])))
    elif what == "trailing":
        after = b"\x00"
    elif what == "signed":
        signature = der(0xA0, der(0x30, der(0x30, der(6, STRANGE)), der(3, b"\x00signature")))
    elif what != "truncated":
        sys.exit("unknown: " + what)
    wrapped = der(0xA2, der(0x30, extensions)) if extensions else b""
    forged = der(0x30, der(0x30, version, der(0x30, requests), wrapped), signature) + after
    if what == "truncated":
        forged = forged[: len(forged) // 2]
    sys.stdout.buffer.write(forged)


main()
