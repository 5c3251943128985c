# SPDX-License-Identifier: EUPL-1.2
"""Signing in over HTTP against Argon2id alone: the row of bench/table.py about it."""

import csv
import http.client
import os
import re
import resource
import statistics
import subprocess
import threading
import time
import urllib.parse

import authority
import lists

KIB, PASSES, SECONDS, CLIENTS = 19456, 2, 10, 6
WEB = """
web:
  listen: ["127.0.0.1:{port}"]
  url: "http://localhost:{port}"
  proxies: ["127.0.0.1"]
  demo: true
"""


class Visitor:
    """Signs in again and again with an account of its own, each time from another network, as at a proxy."""

    def __init__(self, port, number, code, password):
        self.port, self.number, self.code, self.password = port, number, code, password
        self.connection = http.client.HTTPConnection("localhost", port, timeout=60)
        answer = self.ask("GET", {})
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        self.token = re.search(r'name="csrf" value="([^"]+)"', self.text)[1]
        self.done = self.wrong = 0

    def ask(self, method, headers, body=None):
        self.connection.request(method, "/acceso", body, {"Accept": "text/html", **headers})
        answer = self.connection.getresponse()
        self.text = answer.read().decode()
        return answer

    def sign_in(self):
        body = urllib.parse.urlencode({"csrf": self.token, "usuario": self.code, "clave": self.password})
        client = f"10.{self.number}.{self.done % 250}.{self.done // 250 % 250}"
        answer = self.ask("POST", {"Cookie": self.cookie, "Origin": f"http://localhost:{self.port}", "X-Forwarded-For": client,
                                   "Content-Type": "application/x-www-form-urlencoded"}, body)
        if answer.status == 303:
            self.done += 1
        else:
            self.wrong += 1

    def stay(self, until):
        while time.monotonic() < until:
            self.sign_in()


def seconds(whose):
    """Of processor."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def argon2(build):
    """Hashes a second, and seconds of processor for each."""
    before = seconds(resource.RUSAGE_CHILDREN)
    done = subprocess.run([build / "bench/bench_argon2", str(KIB), str(PASSES), str(os.cpu_count()), str(SECONDS)], check=True,
                          capture_output=True, text=True)
    rate = float(done.stdout)
    return rate, (seconds(resource.RUSAGE_CHILDREN) - before) / (rate * SECONDS)


def visits(port, accounts, server):
    """Signed in a second, and seconds of processor for each: the server's and the visitors'."""
    visitors = [Visitor(port, n, *account) for n, account in enumerate(accounts[:CLIENTS])]
    pids = [server, *lists.children(server)]
    before = lists.processor(pids) / 1000 + seconds(resource.RUSAGE_SELF)
    start = time.monotonic()
    threads = [threading.Thread(target=v.stay, args=(start + SECONDS,)) for v in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - start
    used = lists.processor(pids) / 1000 + seconds(resource.RUSAGE_SELF) - before
    if any(v.wrong for v in visitors):
        raise SystemExit(f"bench: signing in was refused: {visitors[0].text[:2000]}")
    done = sum(v.done for v in visitors)
    return done / took, used / done


def sign_in(bench, build, work):
    """Spec: log-in POST at least 0.9 of the rate of Argon2id alone. Rounds take turns, the load generator has no processor of its own."""
    a = authority.Authority(build, work / "sign-in")
    port, = authority.free_ports(1)
    with open(a.home / "refrenda.yaml", "a") as settings:
        settings.write(WEB.format(port=port))
    a.refrenda("demo", "fill", "--home", a.home)
    with open(a.home / "demo-accounts.csv") as rows:
        accounts = [row[:2] for row in list(csv.reader(rows))[1:]]
    a.start()
    try:
        visits(port, accounts, a.server.pid)  # warms up
        rounds = [visits(port, accounts, a.server.pid) + argon2(build) for _ in range(bench.rounds)]
    finally:
        a.stop()
    done, used, alone, least = (statistics.median(column) for column in zip(*rounds))
    ratio = statistics.median(visit / hashed for visit, _, hashed, _ in rounds)
    by_time = statistics.median(hashing / visit for _, visit, _, hashing in rounds)
    word = "met" if min(ratio, by_time) >= 0.9 else "MISSED" if max(ratio, by_time) < 0.9 else "UNDECIDED"
    bench.row(f"signing in by password over HTTP, {CLIENTS} clients", f"Argon2id alone ({KIB >> 10} MiB, {PASSES} passes): {alone:.0f}/s", "≥ 0.9",
              f"{ratio:.2f} ({done:.0f}/s; by processor time, clients included, {by_time:.2f}: {1000 * used:.1f} ms for {1000 * least:.1f})", word)
