#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Requests that are wrong in every way, sent to a service that runs.

misuse.py PORT PATH TYPE GOOD [CERTIFICATE KEY]     GOOD is a file with a body that is answered with 2xx; TLS with a certificate

Each has to be refused or cut, nothing behind a broken request may be answered, and the service serves as before.
"""
import re
import socket
import ssl
import sys
import threading
import time

from both_ways import answers

PORT, PATH, TYPE = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode()
GOOD = open(sys.argv[4], "rb").read()
TLS = sys.argv[5:7]
GONE = OSError  # the service has ended the connection, or says nothing
PATIENCE = 90  # seconds; the service cuts headers and bodies after 10, and machines may be slow


def connect():
    s = socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not TLS:
        return s
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*TLS)
    return context.wrap_socket(s)


def read_all(s):
    data = b""
    try:
        while piece := s.recv(65536):
            data += piece
    except GONE:
        pass
    return data


def exchange(raw, half=False):
    """What is answered until the service ends the connection; `half`: nothing more is sent."""
    with connect() as s:
        try:
            s.sendall(raw)
            if half:
                s.settimeout(0.5)  # its deadline, which slow() waits for, may end it
            if half and not TLS:  # which has no half of a connection
                s.shutdown(socket.SHUT_WR)
        except GONE:
            pass
        return read_all(s)


def statuses(answer):
    return [int(n) for n in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def post(more=b"", body=GOOD, length=True, close=True):
    head = b"POST " + PATH + b" HTTP/1.1\r\nHost: x\r\nContent-Type: " + TYPE + b"\r\nIdempotency-Key: misuse-00000001\r\n" + more
    head += b"Content-Length: %d\r\n" % len(body) if length else b""
    return head + (b"Connection: close\r\n" if close else b"") + b"\r\n" + body


def honest():
    answer = exchange(post())
    assert statuses(answer)[:1] in ([200], [201]), answer[:300]


def refused(name, raw, half=False, also=()):
    answer = exchange(raw, half)
    seen = statuses(answer)
    assert len(seen) <= 2 and all(400 <= n < 600 or n in also for n in seen), (name, seen, answer[:300])


def lengths():
    for more in (b"Content-Length: 3\r\n", b"Content-Length: +3\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3, 3\r\n"):
        refused("two lengths", post(more) + post())
    for value in (b"-1", b"0x10", b"99999999999999999999999", b"1 1", b""):
        refused("no length", post(b"Content-Length: " + value + b"\r\n", length=False) + post())
    refused("oversized", post(b"Content-Length: 5000000000\r\n", length=False))
    refused("a megabyte too much", post(body=b"x" * 2_000_000))
    refused("truncated", post(b"Content-Length: %d\r\n" % (len(GOOD) + 10), length=False), half=True)


def chunks():
    start = post(b"Transfer-Encoding: chunked\r\n", b"", length=False)
    for bad in (b"zz\r\nabc\r\n0\r\n\r\n", b"-3\r\nabc\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFFF\r\nabc", b"3\r\nabcd\r\n0\r\n\r\n", b"\r\n\r\n",
                b"0x3\r\nabc\r\n0\r\n\r\n", b"3 abc\r\n0\r\n\r\n", b"a\r\nabc"):
        refused(bad, start + bad, half=True)
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (GOOD[i:i + 7] for i in range(0, len(GOOD), 7)))
    answer = exchange(start + pieces + b"0\r\n\r\n")
    assert statuses(answer)[:1] in ([200], [201]), answer[:300]


def heads():
    for more in (b"X: " + b"y" * 100_000 + b"\r\n", b"X: y\r\n" * 5000, b"X: a\x01b\r\n", b"no colon\r\n", b"Bad Name: x\r\n", b"Host: y\r\n"):
        refused(more[:20], post(more))
    for raw in (b"A" * 200_000, b"\0" * 1000, b"GET\r\n\r\n", b"BREW " + PATH + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                b"POST " + PATH + b" HTTP/9.9\r\nHost: x\r\n\r\n", b"GET http:" + PATH + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        refused(raw[:20], raw, half=True)


def bodies():
    """Bodies that are none of what they should be: an answer of the protocol (OCSP and time stamps say it with 200), or 4xx."""
    for body in (b"", b"\0", b"0" * 1000, b"{" * 5000, b"[" * 5000, GOOD[:-1], GOOD + b"\0", GOOD[:len(GOOD) // 2], b"\x30\x84\xff\xff\xff\xff",
                 b"\x30\x80" * 500):
        answer = exchange(post(body=body))
        assert len(answer) < 6000 and statuses(answer)[:1] < [500], (body[:20], answer[:300])
        if TLS:
            assert 400 <= statuses(answer)[0] < 500, (body[:20], answer[:300])


def pipelined():
    with connect() as s:
        seen = statuses(answers(s, post(close=False) * 19 + post()))
    assert len(seen) >= 20 and set(seen) <= {200, 201}, seen


def slow(raw, piece):
    """Drips until it is cut."""
    start = time.time()
    with connect() as s:
        s.settimeout(0.5)
        try:
            s.sendall(raw)
            while time.time() - start < PATIENCE:
                s.sendall(piece)
                try:
                    if s.recv(65536) == b"":
                        break
                except TimeoutError:
                    pass
        except GONE:
            pass
    assert time.time() - start < PATIENCE - 2, ("not cut", raw[:40])


def gone():
    """Connections that end in the middle of everything."""
    for i in range(100):
        s = connect()
        s.sendall(post(close=False)[:i * 7 + 1])
        s.close()


wrong = []


def run(action, *arguments):
    try:
        action(*arguments)
    except Exception as error:  # one line for each that went wrong
        wrong.append(f"{action.__name__}: {error!r}")


honest()
dripping = [threading.Thread(target=run, args=(slow, raw, piece)) for raw, piece in (
    (b"", b"x"), (b"POST " + PATH + b" HTTP/1.1\r\nX: ", b"y"), (post(b"Content-Length: 5000\r\n", b"", length=False), b"z"),
    (post(b"Transfer-Encoding: chunked\r\n", b"", length=False), b"1\r\nx\r\n"))]
for thread in dripping:
    thread.start()
for case in (lengths, chunks, heads, bodies, pipelined, gone, honest):
    run(case)
for thread in dripping:
    thread.join()
run(honest)
print("\n".join(wrong) or "all refused")
sys.exit(1 if wrong else 0)
