# SPDX-License-Identifier: EUPL-1.2
"""Central signing: the rows of bench/table.py about the CSC API and the citizen's path. The seal and its portal are the demonstration's."""

import base64
import concurrent.futures
import contextlib
import hashlib
import json
import os
import re
import resource
import sqlite3
import statistics
import subprocess
import urllib.parse
import urllib.request

import authority
import citizen
import lists
import sign_in

CLIENTS, HASHES, KIB, PASSES, SECONDS = 64, 100, 65536, 3, 4
SETTINGS = """
web:
  listen: ["127.0.0.1:{port}"]
  url: "http://localhost:{port}"
  demo: true
  posts_per_minute: 0
central:
  explicit: true
  requests: 0
  messages: 0
  again_seconds: 10
"""
PIN, CLIENT = "Sello-de-muestra-26", "sede-demo"
SHA256, RSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"


class Central(authority.Authority):
    """An installation with the demonstration's seal (RSA-2048), and the portal that may use it."""

    def __init__(self, build, folder, more=""):
        super().__init__(build, folder)
        self.web_port, = authority.free_ports(1)
        with open(self.home / "refrenda.yaml", "a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(port=self.web_port) + more)
        agent = ["--p12", self.home / "agente.p12", "--pass-file", self.home / "agente.password"]
        (folder / "password").write_text("demostracion\n", encoding="ascii")
        attributes = ("c=PE", "o=Entidad", "title=Agente", "sn=POSTULADA", "givenName=WANDA", "serialNumber=IDCPE-00000121", "cn=WANDA POSTULADA")
        self.refrenda("ca", "issue", "--home", self.home, "--profile", "agent", *(x for a in attributes for x in ("--attribute", a)), "--mail", "a2@entidad.example",
                      "--new-key", "P-256", "--new-pass-file", folder / "password", *agent, "-o", folder / "agente-2.p12")
        pem = subprocess.run(["openssl", "pkcs12", "-in", folder / "agente-2.p12", "-passin", f"file:{folder}/password", "-nokeys", "-clcerts"], check=True, capture_output=True).stdout
        (folder / "agente-2.pem").write_bytes(pem)
        self.refrenda("ca", "register", "agent", "agente-2", folder / "agente-2.pem", "--home", self.home, "--profile", "pe-natural-person,pe-legal-person-seal")
        self.refrenda("demo", "fill", "--home", self.home, *agent)
        said = self.refrenda("demo", "seal", "--home", self.home, *agent, "--second-p12", folder / "agente-2.p12", "--second-pass-file", folder / "password")
        with contextlib.closing(sqlite3.connect(self.home / "data/refrenda.db")) as database, database:
            database.execute("UPDATE seal_grant SET daily = 0")
            database.execute("UPDATE portal SET quota = 0")
        self.secret = re.search(r"^secret: (\S+)$", said, re.M)[1]

    def processes(self):
        return [self.server.pid, *lists.children(self.server.pid)]

    def ask(self, method, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.web_port}/csc/v1/{method}", json.dumps(body).encode(), self.headers())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def headers(self):
        return {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}

    def log_in(self):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": self.secret, "scope": "service"})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}/csc/v1/oauth2/token", form.encode(), timeout=60) as answer:
            self.token = json.load(answer)["access_token"]
        self.credential = self.ask("credentials/list", {})["credentialIDs"][0]

    def order(self, first, count):
        hashes = [base64.b64encode(hashlib.sha256(f"documento {first + i}".encode()).digest()).decode() for i in range(count)]
        return {"credentialID": self.credential, "numSignatures": count, "hash": hashes, "PIN": PIN}

    def http(self, method, body):
        """What a program sends, for tests/load/forms."""
        text = json.dumps(body).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers().items())
        return f"POST /csc/v1/{method} HTTP/1.1\r\nHost: localhost:{self.web_port}\r\n{head}Content-Length: {len(text)}\r\n\r\n".encode() + text

    def load(self, build, work, requests, clients, wanted):
        """Seconds, and those of processor that the server's processes took."""
        with open(work / "requests", "wb") as out:
            for number, request in enumerate(requests):
                out.write(f"{number % clients} {len(request)}\n".encode() + request)
        before = lists.processor(self.processes())
        done = subprocess.run([build / "tests/load/forms", str(self.web_port), work / "requests", str(clients), wanted], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: forms: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)["seconds"], (lists.processor(self.processes()) - before) / 1000


def processor():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rsa2048():
    """RSA-2048 signatures a second on all processors, and seconds of processor for each."""
    before, count = processor(), os.cpu_count() or 1
    text = subprocess.run(["openssl", "speed", "-seconds", "2", "-multi", str(count), "rsa2048"], check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"^rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)", text, re.M)[1])
    took = processor() - before
    return rate, took / 2 / (rate * 2)  # half of the time it verifies


def argon2(build, kib=KIB, passes=PASSES):
    before = processor()
    done = subprocess.run([build / "bench/bench_argon2", str(kib), str(passes), str(os.cpu_count()), str(SECONDS)], check=True, capture_output=True, text=True)
    rate = float(done.stdout)
    return rate, (processor() - before) / (rate * SECONDS)


def put(bench, name, unit, target, rounds):
    """Rounds of (rate, processor for each, the yardstick's rate and processor)."""
    by_rate = sorted(rate / theirs for rate, _, theirs, _ in rounds)
    by_time = sorted(theirs / own for _, own, _, theirs in rounds)
    rate, own, alone, theirs = (statistics.median(column) for column in zip(*rounds))
    least, most = min(by_rate[0], by_time[0]), max(by_rate[-1], by_time[-1])
    word = "met" if statistics.median(by_time) >= target and statistics.median(by_rate) >= target else "MISSED" if most < target else "UNDECIDED"
    bench.row(name, f"{unit} alone: {alone:,.0f}/s, {1000 * theirs:.2f} ms of processor", f"≥ {target:.2f}",
              f"{statistics.median(by_rate):.2f} by rate, {statistics.median(by_time):.2f} by processor time ({least:.2f} to {most:.2f}; {rate:,.0f}/s, {1000 * own:.2f} ms)", word)


def sign_hash(bench, build, work, one, first):
    """SADs of so many hashes are there; what is measured signs them."""
    orders = [one.order(first + number * HASHES, HASHES) for number in range(CLIENTS)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sads = list(pool.map(lambda order: one.ask("credentials/authorize", order)["SAD"], orders))
    requests = [one.http("signatures/signHash", {"credentialID": one.credential, "SAD": sad, "hash": order["hash"], "hashAlgo": SHA256, "signAlgo": RSA_SHA256})
                for sad, order in zip(sads, orders)]
    took, used = one.load(build, work, requests, CLIENTS, '"signatures":["')
    return CLIENTS * HASHES / took, used / (CLIENTS * HASHES)


def authorise(build, work, one, first, count=32, clients=8):
    requests = [one.http("credentials/authorize", one.order(first + number, 1)) for number in range(count)]
    took, used = one.load(build, work, requests, clients, '"SAD":"')
    return count / took, used / count


def walk(bench, build, work, one, telephone, count=12):
    """Rounds of (paths a second, processor for each, that of Argon2id for both passwords and one RSA signature alone)."""
    rounds, pdf = [], citizen.document(work)
    citizen.enrol(one, work)
    browser = citizen.Browser(one, telephone)
    try:
        browser.sign_in()
        browser.generate()
        for turn in range(bench.rounds + 1):
            pair = citizen.paths(one, browser, pdf, count)
            if turn:
                rounds.append(pair + (argon2(build, sign_in.KIB, sign_in.PASSES)[1] + argon2(build)[1] + rsa2048()[1],))
    finally:
        browser.close()
    return rounds


def central(bench, build, work):
    folder = work / "central"
    folder.mkdir()
    telephone = citizen.Telephone()
    one = Central(build, folder, telephone.settings)
    one.start()
    try:
        one.log_in()
        signed, authorised = [], []
        for turn in range(bench.rounds + 1):
            pair = sign_hash(bench, build, folder, one, turn * 100000), authorise(build, folder, one, turn * 100000 + 50000)
            if turn:  # the first warms up
                signed.append(pair[0] + rsa2048())
                authorised.append(pair[1] + argon2(build))
        went = walk(bench, build, folder, one, telephone) if citizen.needs() else []
    finally:
        one.stop()
    put(bench, f"CSC signHash: {HASHES} hashes of an authorised SAD in each request, RSA-2048, {CLIENTS} clients", "openssl speed rsa2048, all processors", 0.80, signed)
    put(bench, f"CSC credentials/authorize with PIN ({KIB >> 10} MiB, {PASSES} passes), 8 clients", "Argon2id", 0.90, authorised)
    if not went:
        return
    ratios = sorted(alone / cost for _, cost, alone in went)
    rate, cost, alone = (statistics.median(column) for column in zip(*went))
    bench.row("the citizen's path over HTTP: signing in, a document of 3 pages, certificate, password and code by SMS, the signed PDF; one after the other",
              f"Argon2id of both passwords ({sign_in.KIB >> 10} and {KIB >> 10} MiB) and RSA-2048 alone: {1000 * alone:.1f} ms of processor", "≥ 0.50",
              f"{statistics.median(ratios):.2f} by processor time ({ratios[0]:.2f} to {ratios[-1]:.2f}; {1000 * cost:.1f} ms; {rate:.1f}/s)",
              "met" if ratios[0] >= 0.5 else "MISSED" if ratios[-1] < 0.5 else "UNDECIDED")
