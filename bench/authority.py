# SPDX-License-Identifier: EUPL-1.2
"""A whole authority on loopback, and what issuing costs: the rows of bench/table.py about certificates."""

import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault("REFRENDA_PACKS", str(ROOT / "packs"))
ATTRIBUTES = "sn=PRUEBA {n},givenName=ANA,serialNumber=IDCPE-{n},cn=ANA PRUEBA {n}"
EATMYDATA = "/usr/lib/x86_64-linux-gnu/libeatmydata.so"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Authority:
    """An instance in a folder of its own, by the demo's plan. `edit` changes the plan's text."""

    def __init__(self, build, folder, edit=lambda plan: plan):
        self.build, self.home = build, folder / "authority"
        self.status_port, self.api_port, self.metrics_port = free_ports(3)
        plan = (ROOT / "packs/plans/demo.yaml").read_text()
        for old, new in (("8089", self.status_port), ("8090", self.api_port), ("8091", self.metrics_port)):
            plan = plan.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plan.yaml").write_text(edit(plan))
        self.refrenda("ca", "init", "--plan", folder / "plan.yaml", "--home", self.home, "--root", folder / "root")
        self.url, self.server = f"http://127.0.0.1:{self.status_port}", None

    def refrenda(self, *arguments):
        return subprocess.run([self.build / "refrenda", *arguments], check=True, capture_output=True, text=True).stdout

    def start(self, preload=None):
        environment = dict(os.environ, **({"LD_PRELOAD": preload} if preload else {}))
        with open(self.home / "server.log", "ab") as log:
            self.server = subprocess.Popen([self.build / "refrendad", "--home", self.home], stderr=log, env=environment)
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/health/ready", timeout=2):
                    return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"bench: the server is not ready; see {self.home / 'server.log'}")

    def stop(self):
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(30)
            self.server = None

    def client(self, name):
        key, request, certificate = (self.home / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
                        f"/CN={name}", "-out", request], check=True, capture_output=True)
        self.refrenda("ca", "issue", "--home", self.home, "--profile", "tls-client", "--attribute", "c=PE", "--attribute", "o=Medida",
                      "--attribute", f"cn={name}", "--request", request, "-o", certificate)
        self.refrenda("ca", "register", "--home", self.home, "client", name, certificate)

    def issue(self, count, clients, first):
        """Certificates a second over the API, and the times of answers."""
        done = subprocess.run(
            [self.build / "tests/load/registrar", "--port", str(self.api_port), "--host", "localhost", "--trust", self.home / "public/chain.pem",
             "--certificate", self.home / "medida.pem", "--key", self.home / "medida.key", "--agent", self.home / "agente.p12",
             "--agent-password", self.home / "agente.password", "--authority", "emisora-1", "--authority-certificate", self.home / "public/emisora-1.pem",
             "--profile", "pe-natural-person", "--attributes", ATTRIBUTES, "--clients", str(clients), "--count", str(count), "--first", str(first)],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: registrar: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)


def raw_signatures(processes=2):
    """P-256 signatures a second of `openssl speed` on all processors."""
    text = subprocess.run(["openssl", "speed", "-seconds", "2", "-multi", str(processes), "ecdsap256"], capture_output=True, text=True).stdout
    return float(re.search(r"nistp256.*?\s([\d.]+)\s+[\d.]+\s*$", text, re.M)[1])


def issuing(bench, build, work):
    """The rows of spec 2.5 about issuing, on SQLite."""
    count, clients, rounds = 20000, 64, max(1, bench.rounds // 2)
    durable, loose, raw, first = [], [], [], 0
    for _ in range(rounds):
        for rates, preload in ((durable, None), (loose, EATMYDATA)):
            if preload and not pathlib.Path(preload).exists():
                continue
            authority = Authority(build, work / f"issue-{first}")
            authority.start()
            authority.client("medida")
            if preload:
                authority.stop()
                authority.start(preload)
            done = authority.issue(count, clients, first)
            rates.append(done["issued"] / done["seconds"])
            authority.stop()
            first += count
        raw.append(raw_signatures())
    rate, least, most = statistics.median(durable), min(durable), max(durable)
    note = f"not synced: {statistics.median(loose):,.0f}/s ({rate / statistics.median(loose):.2f}); " if loose else ""
    bench.row(f"issue from a P-256 PKCS#10 over HTTPS, approval verified, durable, SQLite, {clients} clients",
              f"{note}raw P-256 signatures, both processors: {statistics.median(raw):,.0f}/s", "≥ 5,000/s (aim: 0.7 of not synced)",
              f"{rate:,.0f}/s ({least:,.0f} to {most:,.0f})", "met" if least >= 5000 else "MISSED" if most < 5000 else "UNDECIDED")


def register(bench, build, work):
    """The same from none to a million certificates, the keeper's work left out."""
    text = subprocess.run([build / "bench/bench_store_issue", f"sqlite:{work}/register.db", "1000000", "64", "100000"], capture_output=True,
                          text=True).stdout
    print(text)
    figures = [float(value) for value in re.findall(r"([\d.]+)\s*$", text, re.M)]
    bench.row("the register from 0 to 1,000,000 certificates (SQLite, 64 clients)", "its own speed when empty", "≥ 0.90 (aim 0.97)",
              f"{figures[-1]:.2f}", figures[-1] >= 0.90)
