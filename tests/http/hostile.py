#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Clients that behave badly, or oddly.

hostile.py PORT CASE [PID]      against tests/http/server.c; over TLS when the variable TLS is set
hostile.py --url URL [OPTION...] against any server: thousands of idle and dripping connections, and honest clients
                                meanwhile; says what it measured, fails when memory or waiting times are above the limits
"""
import argparse
import multiprocessing
import os
import re
import resource
import select
import socket
import ssl
import sys
import time
import urllib.parse

from both_ways import answers

SIEGE = len(sys.argv) > 1 and sys.argv[1].startswith("--")
PORT = 0 if SIEGE else int(sys.argv[1])
PID = int(sys.argv[3]) if len(sys.argv) > 3 and not SIEGE else 0
HOST = b"Host: x\r\n"
TLS = os.environ.get("TLS", "") != ""
PATIENCE = 60  # seconds; machines may be slow and busy
GONE = (BrokenPipeError, ConnectionResetError, ssl.SSLError)  # the server has ended the connection


def connect():
    s = socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return secure(s) if TLS else s


def read_all(s):
    data = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            data += piece
    except GONE:
        pass
    return data


def read_answer(s, data=b"", head=False):
    """One answer, and what came behind it."""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            return data, b""
        data += piece
    top, rest = data.split(b"\r\n\r\n", 1)
    found = re.search(rb"content-length: (\d+)", top.lower())
    length = int(found.group(1)) if found and not head else 0
    while len(rest) < length:
        piece = s.recv(65536)
        if not piece:
            break
        rest += piece
    return top + b"\r\n\r\n" + rest[:length], rest[length:]


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


def exchange(raw, close=True):
    """Sends, and reads what comes until the server ends the connection."""
    with connect() as s:
        try:
            s.sendall(raw)
            if not close and not TLS:  # TLS has no half of a connection
                s.shutdown(socket.SHUT_WR)
        except OSError:  # the server has ended the connection
            pass
        return read_all(s)


def expect(raw, *wanted):
    """The first answer's status is one of `wanted`, and the server ends the connection."""
    answer = exchange(raw)
    assert status(answer) in wanted, (raw[:120], answer[:300])
    return answer


def still_alive():
    with connect() as s:
        s.sendall(b"GET /plain HTTP/1.1\r\n" + HOST + b"\r\n")
        answer, _ = read_answer(s)
        assert status(answer) == 200, answer


def until(what):
    end = time.time() + PATIENCE
    while not what():
        assert time.time() < end, "never"
        time.sleep(0.02)


def is_alive():
    try:
        still_alive()
    except (AssertionError, OSError):
        return False
    return True


def get(path, more=b""):
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + more + b"\r\n"


def memory_kib():
    with open(f"/proc/{PID}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def counters():
    with connect() as s:
        s.sendall(get(b"/counters"))
        answer, _ = read_answer(s)
        return {k: int(v) for k, v in (l.split() for l in answer.split(b"\r\n\r\n", 1)[1].decode().splitlines())}


def case_framing():
    """Two lengths, a length beside chunks, lengths that are none: refused, and nothing behind is taken as a request."""
    behind = b"GET /counters HTTP/1.1\r\n" + HOST + b"\r\n"
    for extra in (b"Content-Length: 3\r\nContent-Length: 3\r\n", b"Content-Length: 3\r\nContent-Length: 4\r\n",
                  b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                  b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                  b"Content-Length: +3\r\n", b"Content-Length: -1\r\n", b"Content-Length: 3, 3\r\n", b"Content-Length: 0x3\r\n",
                  b"Content-Length: \r\n", b"Content-Length : 3\r\n", b"Content-Length: 99999999999999999999999\r\n",
                  b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding: xchunked\r\n",
                  b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding: \x0bchunked\r\n"):
        answer = expect(b"POST /echo HTTP/1.1\r\n" + HOST + extra + b"\r\n" + b"abc" + behind, 400, 413, 501)
        assert b"200 OK" not in answer and b"OPENED" not in answer, (extra, answer)


def case_chunks():
    start = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    good = exchange(start + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")
    assert status(good) == 200 and good.endswith(b"\r\n\r\nabcde"), good
    for bad in (b"zz\r\nabc\r\n0\r\n\r\n", b"-3\r\nabc\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFFF\r\nabc", b"3\r\nabcd\r\n0\r\n\r\n",
                b"3 abc\r\n0\r\n\r\n", b"\r\n\r\n", b"3\nabc", b"0x3\r\nabc\r\n0\r\n\r\n"):
        answer = exchange(start + bad, close=False)
        assert status(answer) in (0, 400, 413), (bad, answer[:200])
    # Cut in the middle of a chunk: no handler sees half a body.
    assert status(exchange(start + b"a\r\nabc", close=False)) in (0, 400)
    # More than the route takes, without saying so first.
    answer = exchange(start + b"400\r\n" + b"x" * 1024 + b"\r\n0\r\n\r\n")
    assert status(answer) == 413 and b"problem+json" in answer, answer
    # Much more: cut, not read to its end.
    with connect() as s:
        sent = 0
        try:
            s.sendall(start)
            while sent < 50_000_000:
                s.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        except GONE:
            pass
        assert sent < 20_000_000, sent
    still_alive()


def case_lengths():
    post = b"POST /echo HTTP/1.1\r\n" + HOST
    # A body that is a little too long is read, the answer arrives, the connection stays.
    with connect() as s:
        s.sendall(post + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000 + get(b"/plain"))
        first, rest = read_answer(s)
        assert status(first) == 413, first
        second, _ = read_answer(s, rest)
        assert status(second) == 200, second
    # One that is much too long is not.
    assert status(expect(post + b"Content-Length: 5000000000\r\n\r\n", 413)) == 413
    # With 100-continue the answer comes instead of the go-ahead.
    answer = expect(post + b"Content-Length: 5000\r\nExpect: 100-continue\r\n\r\n", 413)
    assert b"100 Continue" not in answer
    with connect() as s:
        s.sendall(post + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert s.recv(100).startswith(b"HTTP/1.1 100 "), "no go-ahead"
        s.sendall(b"hello")
        answer, _ = read_answer(s)
        assert answer.endswith(b"hello"), answer
    # A body that is cut off is no body.
    answer = exchange(post + b"Content-Length: 50\r\n\r\nabc", close=False)
    assert status(answer) == 0, answer
    still_alive()


def case_sizes():
    """First line and headers beyond the connection's memory, and too many headers."""
    for raw in (get(b"/" + b"a" * 100_000), get(b"/plain?" + b"a=b&" * 20_000), get(b"/plain", b"X: " + b"y" * 100_000 + b"\r\n"),
                get(b"/plain", b"".join(b"H%d: v\r\n" % i for i in range(5000)))):
        assert status(exchange(raw)) in (0, 400, 413, 414, 431), exchange(raw)[:100]
    answer = expect(get(b"/plain", b"".join(b"H%d: v\r\n" % i for i in range(120))), 431)
    assert b"problem+json" in answer
    with connect() as s:
        try:
            s.sendall(b"A" * 200_000)
            read_all(s)
        except OSError:  # it may hang up before all was sent
            pass
    still_alive()


def case_lines():
    """What is no request, and headers that are none."""
    for raw in (b"\r\n\r\n\r\n\r\nGET\r\n\r\n", b"GET\r\n\r\n", b"GET /plain\r\n\r\n", b"GET /plain HTTP/9.9\r\n" + HOST + b"\r\n",
                b"GET /plain HTTP/2.0\r\n" + HOST + b"\r\n", b"GET /plain HTTP/1.1x\r\n" + HOST + b"\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500 + b"\r\n\r\n",
                b"GET /plain HTTP/1.1\r\n\r\n", b"GET /plain HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
                get(b"/plain", b"no colon\r\n"), get(b"/plain", b"Bad Name: x\r\n"), 
                get(b"/plain", b"X: a\x01b\r\n"), get(b"plain"), get(b"http:/plain"), get(b"/pl ain")):
        answer = exchange(raw, close=False)
        assert status(answer) in (0, 400, 404, 501, 505), (raw[:60], answer[:200])
    for raw in (b"BREW /plain HTTP/1.1\r\n" + HOST + b"\r\n", b"get /plain HTTP/1.1\r\n" + HOST + b"\r\n",
                b"CONNECT x:443 HTTP/1.1\r\n" + HOST + b"\r\n", b"TRACE /plain HTTP/1.1\r\n" + HOST + b"\r\n"):
        assert status(exchange(raw, close=False)) in (400, 501), raw
    still_alive()


def case_nul():
    """Zero bytes anywhere in a head, encoded or not, are refused; so are folded lines and line ends without CR."""
    post = b"POST /echo HTTP/1.1\r\n" + HOST
    for raw in (get(b"/plain%00"), get(b"/query?a=%00"), get(b"/tail/a%00b"), get(b"/plain", b"X\0Y: a\r\n"),
                b"GE\0T /plain HTTP/1.1\r\n" + HOST + b"\r\n", get(b"/pla\0in"), get(b"/plain\0"), get(b"/\0plain"),
                get(b"/query?a=1\0&b=2"), b"GET /plain\0/../x HTTP/1.1\r\n" + HOST + b"\r\n", get(b"/plain", b"X: a\0b\r\n"),
                get(b"/plain", b"X: a\0\r\nY: b\r\n"), get(b"/plain", b"X: \0\r\n"), get(b"/plain", b"\0X: a\r\n"),
                get(b"/plain", b"\0\r\n"), b"GET /plain HTTP/1.1\0\r\n" + HOST + b"\r\n",
                post + b"Content-Length: 3\0 4\r\nConnection: close\r\n\r\nabc",
                post + b"X: a\0Content-Length: 3\r\nConnection: close\r\n\r\nabc",
                get(b"/plain", b"X: a\r\n b\r\n"), get(b"/plain", b"X: a\r\n\tb\r\nY: c\r\n"), get(b"/plain", b"X: a\nY: b\r\n"),
                b"GET /plain HTTP/1.1\n" + HOST + b"\r\n", b"GET  /plain HTTP/1.1\r\n" + HOST + b"\r\n",
                b"GET /plain HTTP/1.1 \r\n" + HOST + b"\r\n", b"GET /plain HTTP/1.1\r\n" + HOST + b"\n"):
        assert status(exchange(raw, close=False)) in (0, 400, 501), (raw, exchange(raw, close=False))
    # What is odd but right: no blank, many blanks, empty values; in pieces.
    for extra in (b"X:a\r\n", b"X: \t  a\r\n", b"X:\r\n", b"X: \r\nY:\r\n", b"X: a \t\r\n", b"X: " + b"y" * 9000 + b"\r\n"):
        answer = exchange(get(b"/plain", extra + b"Connection: close\r\n"))
        assert status(answer) == 200, (extra, answer)
    in_pieces((b"\r\n\r\nGET /plain HTTP/1.1\r\n", HOST, b"X: " + b"y" * 3000, b"z" * 3000, b"\r\n", b"Y: b\r\n\r", b"\n"), 0.03)
    still_alive()


def in_pieces(pieces, pause):
    """A request whose pieces come one by one is answered, if they come in time; who was not quick enough tries again."""
    for _ in range(20):
        start, answer = time.time(), b""
        with connect() as s:
            try:
                for piece in pieces:
                    s.sendall(piece)
                    time.sleep(pause)
                answer, _ = read_answer(s)
            except GONE:
                pass
        if status(answer) == 200:
            return
        assert time.time() - start > QUICK, answer
    raise AssertionError("this machine is too slow")


def case_pipeline():
    with connect() as s:
        s.sendall(get(b"/plain") + get(b"/slow/100") + b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc" +
                  get(b"/nope") + b"HEAD /plain HTTP/1.1\r\n" + HOST + b"\r\n" + get(b"/who"))
        rest, seen = b"", []
        for head in (False, False, False, False, True, False):
            answer, rest = read_answer(s, rest, head)
            seen.append(status(answer))
        assert seen == [200, 200, 200, 404, 200, 200] and answer.endswith(b"127.0.0.1\n"), (seen, answer)
    # A thousand at once, on one connection.
    with connect() as s:
        many = answers(s, get(b"/plain") * 999 + get(b"/plain", b"Connection: close\r\n"))
    assert many.count(b"HTTP/1.1 200 ") == 1000, many[-300:]


def case_versions():
    answer = exchange(b"GET /plain HTTP/1.0\r\n\r\n")
    assert status(answer) == 200 and answer.count(b"x") >= 836
    with connect() as s:
        for _ in range(3):
            s.sendall(b"GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            answer, _ = read_answer(s)
            assert status(answer) == 200 and b"keep-alive" in answer.lower(), answer[:200]
    answer = exchange(b"GET /plain HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert status(answer) == 200
    with connect() as s:
        for _ in range(100):
            s.sendall(get(b"/plain"))
            answer, _ = read_answer(s)
            assert status(answer) == 200
    # The absolute form that proxies send, whatever the Host says.
    assert status(exchange(get(b"http://example.org/plain", b"Connection: close\r\n"))) == 200
    # Byte by byte, but quick enough.
    in_pieces([bytes([byte]) for byte in get(b"/plain")], 0.005)


def case_come_and_go():
    """Connections without a request, and clients that do not wait for the answer."""
    for i in range(500):
        s = connect()
        if i % 3 == 1:
            s.sendall(get(b"/slow/50"))
        if i % 3 == 2:
            s.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\nabc")
        s.close()
    end = time.time() + PATIENCE
    while time.time() < end and counters()["OPENED"] - counters()["CLOSED"] > 3:
        time.sleep(0.2)
    seen = counters()
    assert seen["OPENED"] - seen["CLOSED"] <= 3, seen
    still_alive()


QUICK = 1.5  # seconds: less than the server of these runs gives for headers, bodies and idle time, which is 2
LATE = 8  # more than that, less than the 10 that it gives to others


def lasts(make, step):
    """How long a client lasts that goes on with `step`."""
    start = time.time()
    s = make()
    while time.time() - start < PATIENCE:
        try:
            step(s)
            if select.select([s], [], [], 0.3)[0] and not s.recv(65536):
                break
        except GONE:
            break
    return time.time() - start


def cut_after(make, step, least=QUICK):
    """Nobody is cut too early, and everybody in time, but where the machine was too busy to measure that."""
    for _ in range(4):
        lasted = lasts(make, step)
        assert lasted >= least, lasted
        if lasted <= LATE:
            return
    raise AssertionError(lasted)


def drip(s):
    s.sendall(b"x")


def started(raw):
    def make():
        s = connect()
        s.sendall(raw)
        return s
    return make


def after_one_request(raw):
    def make():
        s = connect()
        s.sendall(get(b"/plain"))
        read_answer(s)
        s.sendall(raw)
        return s
    return make


# The server of these runs with 2 seconds for headers, bodies and idle time.
def case_slow_header():
    cut_after(connect, lambda s: None)
    cut_after(started(b"GET /plain HTTP/1.1\r\nX: "), drip)
    cut_after(started(b"G"), drip)
    cut_after(after_one_request(b"GET /plain HTTP/1.1\r\nX: "), drip)
    assert counters()["CUT_HEADER"] >= 4


def case_slow_body():
    raw = b"POST /raw HTTP/1.1\r\n" + HOST
    cut_after(started(raw + b"Content-Length: 100000\r\n\r\n"), drip)
    cut_after(started(raw + b"Transfer-Encoding: chunked\r\n\r\n"), lambda s: s.sendall(b"1\r\nx\r\n"))
    assert counters()["CUT_BODY"] >= 2
    # Slow, but faster than the minimum rate (1 kB a second): goes on until it is done. Each piece is worth a minute.
    piece = b"x" * 60000
    with connect() as s:
        s.sendall(raw + b"Content-Length: 720000\r\n\r\n" + piece)
        for _ in range(11):
            time.sleep(0.4)
            s.sendall(piece)
        answer, _ = read_answer(s)
        assert b"720000 bytes" in answer, answer


def case_slow_answer():
    """Asks for much and does not take it."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", PORT))
    s.sendall(get(b"/file") * 3)
    before = counters()["CUT_ANSWER"]
    end = time.time() + PATIENCE
    while time.time() < end and counters()["CUT_ANSWER"] == before:
        time.sleep(0.5)
        s.recv(1)
    assert counters()["CUT_ANSWER"] > before
    s.close()


def case_idle():
    cut_after(after_one_request(b""), lambda s: None)
    assert counters()["CUT_IDLE"] >= 1


def case_crowd():
    """2,000 idle connections and 200 that drip: bounded memory, others are served meanwhile."""
    before = memory_kib()
    idle = [connect() for _ in range(2000)]
    dripping = [connect() for _ in range(200)]
    for s in dripping:
        s.sendall(b"GET /plain HTTP/1.1\r\nX: ")
    times = []
    most = 0
    for i in range(200):
        start = time.time()
        still_alive()
        times.append(time.time() - start)
        if i % 50 == 0:
            most = max(most, memory_kib())
            for s in dripping:
                try:
                    drip(s)
                except GONE:
                    pass
    times.sort()
    grown = most - before
    print(f"memory {before} -> {most} KiB for 2200 connections, p50 {times[100] * 1000:.1f} ms, p99 {times[197] * 1000:.1f} ms")
    with open(f"/proc/{PID}/maps") as f:
        sanitized = "libasan" in (maps := f.read()) or "libtsan" in maps
    assert sanitized or grown < 2200 * 9, grown
    assert times[100] < 0.5 and times[197] < LATE, (times[100], times[-5:])
    for s in idle + dripping:
        s.close()


def case_full():
    """More connections than the server takes: idle ones make room for those who want something."""
    held = []
    for _ in range(40):
        s = connect()
        s.settimeout(3)
        held.append(s)
        try:
            s.sendall(get(b"/plain"))
            read_answer(s)
        except (TimeoutError, *GONE):
            pass
    start = time.time()
    still_alive()
    assert time.time() - start < PATIENCE / 2  # nobody has to end first
    for s in held:
        s.close()


def case_network():
    """More connections than one network may have are refused at once."""
    held = [connect() for _ in range(12)]
    until(lambda: len(select.select(held, [], [], 0)[0]) >= 4)
    time.sleep(0.5)  # for more than that
    refused = [s for s in select.select(held, [], [], 0)[0] if read_all(s) == b""]
    assert len(refused) == 4, len(refused)
    for s in held:
        s.close()
    until(is_alive)


def case_busy():
    """The pool is full: 503 with Retry-After, what runs on the listener's thread is answered."""
    waiting = [started(get(b"/gate"))() for _ in range(2)]
    until(lambda: counters()["working"] == 2)  # these have the pool's threads, four more will have its queue
    waiting += [started(get(b"/gate"))() for _ in range(10)]
    until(lambda: counters()["BUSY"] == 6)
    with connect() as s:
        s.sendall(get(b"/pooled"))
        answer, _ = read_answer(s)
        assert status(answer) == 503 and b"Retry-After" in answer and b"busy" in answer, answer
    still_alive()
    assert counters()["working"] == 2
    with connect() as s:
        s.sendall(get(b"/open"))
        read_answer(s)
    seen = sorted(status(read_answer(s)[0]) for s in waiting)
    assert seen.count(200) == 6 and set(seen) <= {200, 503}, seen


def unread(s):
    """What the server's end of the connection holds that the server has not read."""
    ends = (PORT, s.getsockname()[1])
    with open("/proc/net/tcp", encoding="ascii") as f:
        for line in f.readlines()[1:]:
            fields = line.split()
            if tuple(int(address.split(":")[1], 16) for address in fields[1:3]) == ends:
                return int(fields[4].split(":")[1], 16)
    return 0  # it has hung up


def case_memory():
    """Bodies of all requests together have a maximum."""
    held = []
    for _ in range(8):
        s = connect()
        s.sendall(b"POST /memory HTTP/1.1\r\n" + HOST + b"Content-Length: 400000\r\n\r\n" + b"x" * 300_000)
        held.append(s)
        until(lambda: unread(s) == 0)
    seen = []
    for s in held:
        try:
            s.sendall(b"x" * 100_000)
            seen.append(status(read_answer(s)[0]))
        except GONE:
            seen.append(0)
    assert seen[0] == 200 and seen.count(200) <= 4, seen
    assert counters()["BUSY"] >= 4
    still_alive()


def processor_seconds():
    with open(f"/proc/{PID}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def secure(s=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(s or connect())


def ask_securely(s):
    s.sendall(get(b"/plain"))
    answer, _ = read_answer(s)
    assert status(answer) == 200, answer


def case_slow_handshake():
    """Half a ClientHello, and then little or nothing: cut in time, and the server does not spin meanwhile."""
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100
    cut_after(connect, lambda s: None)
    cut_after(started(hello), lambda s: None)
    cut_after(started(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), drip)
    cut_after(started(b"\x16"), drip, 0)  # no record
    held = [started(hello)() for _ in range(100)]
    before = processor_seconds()
    time.sleep(1)
    assert processor_seconds() - before < 0.3, processor_seconds() - before
    ask_securely(secure())
    for s in held:
        s.close()
    # After the handshake the first request has its time, too.
    cut_after(lambda: secure(), lambda s: None)


def case_plain_to_tls():
    for raw in (get(b"/plain"), b"\0" * 1000, b"\x16\x03\x01\xff\xff" + b"\xff" * 70000, b"\x80\x2e\x01\x03\x01" + b"a" * 50,
                b"\x16\x03\x01\x00\x04\x01\xff\xff\xff" + b"\x16\x03\x01\x40\x00" + b"a" * 16384):
        assert not read_head(raw).startswith(b"HTTP/"), raw[:50]
    ask_securely(secure())


def read_head(raw):
    with connect() as s:
        try:
            s.sendall(raw)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return read_all(s)


def case_tls_idle():
    """1,000 connections that have asked once."""
    before = memory_kib()
    held = [secure() for _ in range(1000)]
    for s in held:
        ask_securely(s)
    most = memory_kib()
    print(f"memory {before} -> {most} KiB for 1000 connections")
    with open(f"/proc/{PID}/maps") as f:
        sanitized = "libasan" in (maps := f.read()) or "libtsan" in maps
    assert sanitized or most - before < 1000 * 40, most - before
    # Cut off without a word, in the middle of a handshake, in the middle of a request.
    for i, s in enumerate(held):
        if i % 3 == 0:
            s.sendall(b"GET /pl")
        if i % 3 == 1:
            s.unwrap() if i % 2 else s.shutdown(socket.SHUT_RDWR)
        s.close()
    for _ in range(100):
        started(b"\x16\x03\x01\x02\x00\x01")().close()
    ask_securely(secure())


class Siege:
    """Those who hold connections without needing them, from many networks, so that no network's limit stops them."""

    def __init__(self, options):
        self.url = urllib.parse.urlsplit(options.url)
        self.options = options
        self.body = open(options.post, "rb").read() if options.post else b""
        self.count = 0

    def open(self):
        self.count += 1
        s = socket.socket()
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.settimeout(PATIENCE)
        if self.url.hostname.startswith("127."):
            s.bind((f"127.{self.count // 200 % 200 + 1}.{self.count % 200}.1", 0))
        s.connect((self.url.hostname, self.url.port or 80))
        if self.url.scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            s = context.wrap_socket(s)
        return s

    def request(self):
        head = f"{'POST' if self.body else 'GET'} {self.options.path} HTTP/1.1\r\nHost: {self.url.netloc}\r\n"
        if self.body:
            head += f"Content-Type: {self.options.type}\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body

    def ask(self, s):
        s.sendall(self.request())
        answer, _ = read_answer(s)
        return status(answer)

    def quietly(self, action, *arguments):
        try:
            return action(*arguments)
        except OSError:
            return None

    def hold(self, count, ready, idle):
        """Idle ones have asked once; dripping ones never finish their headers. Those that are cut come again."""
        held = []
        while True:
            while len(held) < count:
                s = self.quietly(self.open)
                if s is None:
                    time.sleep(0.01)
                    continue
                self.quietly(self.ask if idle else (lambda x: x.sendall(self.request()[:-len(self.body) - 2] + b"X: ")), s)
                s.settimeout(0)
                held.append(s)
                ready.value = max(ready.value, len(held))
            kept = []
            for s in held:
                try:
                    if idle:
                        assert s.recv(1, socket.MSG_PEEK if self.url.scheme == "http" else 0)
                    else:
                        s.send(b"x")
                        kept.append(s)
                except (BlockingIOError, ssl.SSLWantReadError):
                    kept.append(s)
                except (OSError, AssertionError):
                    s.close()
            held = kept
            time.sleep(1)

    def be_honest(self, keep, results, end):
        """One request after the other, on one connection or each on its own."""
        times, wrong, s = [], 0, None
        while time.time() < end.value or end.value == 0 or len(times) < 20:
            start = time.time()
            answer = self.quietly(self.ask, s) if s else None
            if not answer:  # the server may end an idle connection at any time: try again on another
                s = self.quietly(self.open)
                answer = self.quietly(self.ask, s) if s else None
            wrong += answer != self.options.status
            if s and not (keep and answer):
                s.close()
                s = None
            if end.value:
                times.append((time.time() - start) * 1000)
            time.sleep(0.002)
        results.put((keep, sorted(times), wrong))

    def memory(self):
        """MB of the processes: what they share with others counts in part (all of it where only root may know)."""
        total = 0
        for pid in self.options.pid:
            try:
                with open(f"/proc/{pid}/smaps_rollup") as f:
                    total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))
            except PermissionError:
                with open(f"/proc/{pid}/status") as f:
                    total += int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
        return total * 1024 / 1e6

    def run(self):
        o = self.options
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
        before, most = self.memory(), 0
        counts = [multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)]
        end, results = multiprocessing.Value("d", 0), multiprocessing.Queue()
        wanted = [o.idle, o.dripping]
        holders = [multiprocessing.Process(target=self.hold, args=(wanted[i], counts[i], i == 0), daemon=True) for i in (0, 1)]
        honest = [multiprocessing.Process(target=self.be_honest, args=(keep, results, end), daemon=True) for keep in (True, False)]
        for p in holders:
            p.start()
        patience = time.time() + 2 * PATIENCE
        while time.time() < patience and any(c.value < w for c, w in zip(counts, wanted)):
            most = max(most, self.memory())
            time.sleep(0.1)
        print(f"{counts[0].value} idle and {counts[1].value} dripping connections held")
        for p in honest:
            p.start()
        end.value = time.time() + o.seconds
        while time.time() < end.value:
            most = max(most, self.memory())
            time.sleep(0.1)
        good = True
        for _ in honest:
            keep, times, wrong = results.get(timeout=4 * PATIENCE)
            p99 = times[int(len(times) * 0.99)] if times else 1e9
            good = good and p99 <= o.most_milliseconds and wrong <= len(times) // 1000
            print(f"honest client, {'one connection' if keep else 'a connection each'}: {len(times)} requests, {wrong} wrong, "
                  f"p50 {times[len(times) // 2]:.1f} ms, p99 {p99:.1f} ms, most {times[-1]:.1f} ms")
        if o.pid:
            print(f"memory {before:.1f} MB before, {most:.1f} MB at most")
            good = good and most <= o.most_megabytes
        for p in holders:
            p.kill()
        return 0 if good else 1


def siege():
    parser = argparse.ArgumentParser(description="Idle and dripping connections in thousands, honest clients meanwhile.")
    parser.add_argument("--url", required=True, help="http://127.0.0.1:8080")
    parser.add_argument("--path", default="/", help="what is asked for, with its query")
    parser.add_argument("--post", help="file to post; else GET")
    parser.add_argument("--type", default="application/octet-stream", help="what the file is")
    parser.add_argument("--status", type=int, default=200, help="the right answer")
    parser.add_argument("--pid", type=int, action="append", default=[], help="whose memory is added up")
    parser.add_argument("--idle", type=int, default=10000)
    parser.add_argument("--dripping", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--most-megabytes", type=float, default=100)
    parser.add_argument("--most-milliseconds", type=float, default=50)
    return Siege(parser.parse_args()).run()


if SIEGE:
    sys.exit(siege())
globals()["case_" + sys.argv[2].replace("-", "_")]()
