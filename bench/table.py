#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Measures what must be fast or small, each time beside a yardstick of the same minute, and prints a table.

usage: bench/table.py BUILD [--rounds N] [--record FILE] [--only TEXT]

Work and yardstick take turns, and the medians are compared: this machine's other users come and go. Large inputs are made
in TMPDIR (4 GB) and removed. The page cache is warm for both. docs/benchmarks.md is written by hand, from such tables.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
sys.path.insert(0, str(ROOT / "bench"))
import authority  # noqa: E402
import central  # noqa: E402
import desk  # noqa: E402
import lists  # noqa: E402
import platform_rows  # noqa: E402
import siege  # noqa: E402
import sign_in  # noqa: E402
from measure import measure  # noqa: E402

SIGNATURES = 50
MEGABYTE = 1000 * 1000


def run(*command, accept=(0,)):
    """As measure(), with the output kept; another status than accepted ends the benchmark."""
    with tempfile.TemporaryFile() as output:
        done = measure(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        output.seek(0)
        done.output = output.read().decode("utf-8", "replace")
    if done.status not in accept:
        sys.exit(f"bench: {' '.join(str(c) for c in command)} ended with {done.status}:\n{done.output}")
    return done


def median(runs, what):
    return statistics.median(getattr(r, what) for r in runs)


def ratios(of_rounds):
    """The median of each round's ratio, the least and the greatest: far apart when the disk was busy."""
    values = sorted(of_rounds)
    return statistics.median(values), values[0], values[-1]


def verdict(least, most, limit):
    """A range that the limit lies in says nothing: the machine was too busy."""
    return "met" if most <= limit else "MISSED" if least > limit else "UNDECIDED"


class Bench:
    def __init__(self, build, work, rounds, only):
        self.build, self.work, self.rounds, self.only = build, work, rounds, only
        self.refrenda = build / "refrenda"
        self.rows = []
        run(self.refrenda, "certs", "demo", work / "pki", "--url", "http://127.0.0.1:9", "--quiet")
        self.key = ["--p12", work / "pki/signer-p256.p12", "--pass-file", work / "pki/password.txt", "--offline", "--quiet"]
        (work / "trust").mkdir()
        for name in ("root.pem", "root.crl", "issuing.crl"):
            shutil.copy(work / "pki" / name, work / "trust")
        self.trust = ["--offline", "--trust", work / "trust"]

    def wanted(self, name):
        return self.only in name

    def row(self, name, yardstick, target, measured, met):
        word = met if isinstance(met, str) else "met" if met else "MISSED"
        self.rows.append((name, yardstick, target, measured, word))
        print(f"  {name}: {measured} ({target}): {word}", file=sys.stderr, flush=True)

    run = staticmethod(run)

    def program(self, name, *arguments):
        return run(self.build / "bench" / name, *arguments)

    def seconds(self, *arguments):
        return float(self.program("bench_file", *arguments).output)

    def copy(self, source, target):
        return self.seconds("copy", source, target)

    def handmade(self, name, *arguments):
        path = self.work / name
        if not path.exists():
            run(sys.executable, ROOT / "tests/interop/inputs/handmade.py", path, *arguments)
        return path

    def sign(self, source, target):
        target.unlink(missing_ok=True)
        return run(self.refrenda, "sign", source, "-o", target, *self.key)

    # --- The rows ---

    def signing(self, kind, name, least, target=""):
        runs = [self.program("bench_sign", kind, "1000").output for _ in range(self.rounds)]
        ratio = statistics.median(float(re.search(r"ratio=([\d.]+)", text)[1]) for text in runs)
        rate = statistics.median(float(re.search(r"sign/s=([\d.]+)", text)[1]) for text in runs)
        raw = statistics.median(float(re.search(r"raw/s=([\d.]+)", text)[1]) for text in runs)
        self.row(f"sign 1,000 PDFs of 20 KB, B-B, {name}, one thread, in process", f"raw private-key operations: {raw:,.0f}/s",
                 target or f"≥ {least}", f"{ratio:.2f} ({rate:,.0f}/s)", ratio >= least)

    def stamping(self):
        runs = [self.program("bench_sign", "P-256", "1000", "stamp").output for _ in range(self.rounds)]
        ratio = statistics.median(float(re.search(r"ratio=([\d.]+)", text)[1]) for text in runs)
        rate = statistics.median(float(re.search(r"stamped/s=([\d.]+)", text)[1]) for text in runs)
        invisible = statistics.median(float(re.search(r"invisible_us=([\d.]+)", text)[1]) for text in runs)
        self.row("the same with a text and QR stamp, ECDSA P-256", f"invisible: {invisible:.0f} µs", "≥ 0.25",
                 f"{ratio:.2f} ({rate:,.0f}/s)", ratio >= 0.25)

    def large_file(self):
        """Signing and verifying 1 GB, against hashing and copying it."""
        source, signed, copied = self.handmade("large.pdf", "--pages", "5000", "--size", "1G"), self.work / "signed.pdf", self.work / "copied.pdf"
        figures = {name: [] for name in ("hash", "copy", "sign", "verify")}
        for turn in range(self.rounds + 1):
            hashed = self.seconds("hash", source)
            steps = [lambda: self.copy(source, copied), lambda: self.sign(source, signed)]
            for path in (copied, signed):
                path.unlink(missing_ok=True)
            took = {}
            for step in (0, 1) if turn % 2 else (1, 0):  # whoever writes first may find another disk than who comes second
                os.sync()
                took[step] = steps[step]()
            copy, sign = took[0], took[1]
            verify = run(self.refrenda, "verify", signed, *self.trust)
            if turn == 0:
                continue  # warms the cache
            for name, figure in zip(figures, (hashed, copy, sign, verify)):
                figures[name].append(figure)
            print(f"    round {turn}: hash {hashed:.2f}, copy {copy:.2f}, sign {sign.wall:.2f}, verify {verify.wall:.2f} s", file=sys.stderr)
        for path in (signed, copied, source):
            path.unlink()
        hashed, copy = statistics.median(figures["hash"]), statistics.median(figures["copy"])
        sign, verify = median(figures["sign"], "wall"), median(figures["verify"], "wall")
        private = max(r.private for r in figures["sign"])
        ratio, least, most = ratios(r.wall / (h + c) for r, h, c in zip(figures["sign"], figures["hash"], figures["copy"]))
        self.row("sign one 1 GB PDF into a new file", f"SHA-256 + synced copy: {hashed:.2f} + {copy:.2f} s", "≤ 1.15 ×, ≤ 32 MB private",
                 f"{ratio:.2f} × ({least:.2f} to {most:.2f}; {sign:.2f} s), {private / MEGABYTE:.1f} MB", verdict(least, most, 1.15) if private <= 32 * MEGABYTE else "MISSED")
        ratio, least, most = ratios(r.wall / h for r, h in zip(figures["verify"], figures["hash"]))
        self.row("verify a 1 GB signed PDF", f"SHA-256: {hashed:.2f} s", "≤ 1.10 ×",
                 f"{ratio:.2f} × ({least:.2f} to {most:.2f}; {verify:.2f} s), {max(r.private for r in figures['verify']) / MEGABYTE:.1f} MB", verdict(least, most, 1.10))

    def verify_documents(self):
        runs = [self.program("bench_verify").output for _ in range(self.rounds)]
        ratio = statistics.median(float(re.search(r"documents.*ratio ([\d.]+)", text)[1]) for text in runs)
        raw = statistics.median(float(re.search(r"raw verification ([\d.]+) us", text)[1]) for text in runs)
        each = statistics.median(float(re.search(r"([\d.]+) us each", text)[1]) for text in runs)
        self.row("verify 1,000 signed PDFs (B-B, P-256, 1,000 signers, one issuer, no network)", f"2 raw verifications: {2 * raw:.0f} µs", "≥ 0.35",
                 f"{ratio:.2f} ({each:.0f} µs)", ratio >= 0.35)

    def list_fields(self):
        plain, source = self.handmade("pages.pdf", "--pages", "5000"), self.work / "fields.pdf"
        self.sign(plain, source)  # so that there is a field to list
        plain.unlink()
        self.seconds("fields", source)
        xref, inside, command = [], [], []
        for _ in range(2 * self.rounds):
            xref.append(self.seconds("xref", source))
            inside.append(self.seconds("fields", source))
            command.append(run(self.refrenda, "fields", source).wall)
        inside, command = (1000 * statistics.median(times) for times in (inside, command))
        self.row("open a 5,000-page, 300 MB PDF and list its fields", f"reading its xref: {1000 * statistics.median(xref):.2f} ms", "≤ 50 ms",
                 f"{inside:.1f} ms in process, {command:.0f} ms as a command", inside <= 50 and command <= 50)
        source.unlink()

    def many_objects(self):
        source, signed = self.handmade("objects.pdf", "--objects", "300000"), self.work / "signed.pdf"
        ours, theirs = [], []
        for _ in range(self.rounds + 1):
            ours.append(self.sign(source, signed))
            if shutil.which("mutool"):
                theirs.append(run("mutool", "info", source))
        ours, theirs = ours[1:], theirs[1:]
        cpu, resident = median(ours, "cpu"), max(r.resident for r in ours)
        yardstick = f"mutool info: {median(theirs, 'cpu'):.2f} s CPU, {max(r.resident for r in theirs) / MEGABYTE:.0f} MB" if theirs else "mutool: not installed"
        self.row("sign a file of 300,000 objects, 25 MB", yardstick, "≤ 0.1 s CPU, ≤ 45 MB",
                 f"{cpu:.2f} s, {resident / MEGABYTE:.0f} MB resident ({max(r.private for r in ours) / MEGABYTE:.1f} private)", cpu <= 0.1 and resident <= 45 * MEGABYTE)
        source.unlink()

    def many_signatures(self):
        """A file of 50 signatures, with the whole analysis of differences."""
        current, following = self.work / "signatures.pdf", self.work / "following.pdf"
        run(sys.executable, ROOT / "tests/interop/inputs/handmade.py", self.work / "small", "--only", "ordinary-20k")
        shutil.copy(self.work / "small/ordinary-20k.pdf", current)
        for _ in range(SIGNATURES):
            self.sign(current, following)
            following.rename(current)
        ours, theirs = [], []
        for _ in range(self.rounds + 1):
            ours.append(run(self.refrenda, "verify", current, *self.trust))
            if shutil.which("pdfsig"):
                theirs.append(run("pdfsig", "-nocert", current))
        ours, theirs = ours[1:], theirs[1:]
        wall, cpu = median(ours, "wall"), median(ours, "cpu")
        yardstick = f"pdfsig, no analysis, no certificates: {median(theirs, 'wall'):.2f} s" if theirs else "pdfsig: not installed"
        self.row(f"verify a file with {SIGNATURES} signatures, full difference analysis", yardstick, "≤ 0.1 s", f"{wall:.3f} s ({cpu:.3f} s CPU)", wall <= 0.1)

    def all(self):
        for name, work in (("sign RSA", lambda: self.signing("RSA", "RSA-2048", 0.88)),
                           ("sign P-256", lambda: self.signing("P-256", "P-256", 0.36, "≥ 0.36 (stretch 0.60)")),
                           ("stamp P-256", self.stamping),
                           ("large", self.large_file),
                           ("verify documents", self.verify_documents),
                           ("fields", self.list_fields),
                           ("objects", self.many_objects),
                           ("signatures", self.many_signatures),
                           ("status", lambda: authority.status(self, self.build)),
                           ("siege", lambda: siege.siege(self, self.build, self.work)),
                           ("issue", lambda: authority.issuing(self, self.build, self.work)),
                           ("register", lambda: authority.register(self, self.build, self.work)),
                           ("lists", lambda: authority.lists(self, self.build, self.work)),
                           ("sign-in", lambda: sign_in.sign_in(self, self.build, self.work)),
                           ("visitors", lambda: platform_rows.visitors(self, self.build, self.work)),
                           ("desk", lambda: desk.issuing(self, self.build, self.work)),
                           ("central", lambda: central.central(self, self.build, self.work)),
                           ("idle", lambda: platform_rows.idle(self, self.build, self.work))):
            if self.wanted(name):
                work()
        lists.pages(self, self.build, self.work)  # asks wanted() itself


def machine(work):
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    with open("/proc/meminfo") as info:
        memory = int(re.search(r"MemTotal:\s+(\d+)", info.read())[1]) * 1024
    kind = run("df", "--output=fstype", work).output.split()[-1]
    openssl = " ".join(run("openssl", "version").output.split()[:2])
    return (f"{model[1] if model else platform.machine()}, {os.cpu_count()} processors, {memory / 1e9:.0f} GB, Linux {platform.release()}, "
            f"{openssl}; large files on {kind}")


def markdown(rows):
    lines = ["| work | yardstick | target | measured | |", "| --- | --- | --- | --- | --- |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


TEXT = """# Measured {date}

{rounds} rounds, on: {machine}.

{table}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--record", type=pathlib.Path, metavar="FILE", help="write table, date and machine there; replaces only what it wrote itself")
    parser.add_argument("--only", default="", help="the rows whose name holds TEXT; nothing is recorded")
    arguments = parser.parse_args()
    if arguments.record and arguments.record.exists() and not arguments.record.read_text().startswith("# Measured "):
        parser.error(f"{arguments.record} was written by somebody else")
    with tempfile.TemporaryDirectory(prefix="refrenda-bench-") as work:
        bench = Bench(arguments.build.resolve(), pathlib.Path(work), arguments.rounds, arguments.only)
        before = os.getloadavg()[0]
        bench.all()
        where = f"{machine(work)}; load average {before:.1f} before and {os.getloadavg()[0]:.1f} after"
    print(markdown(bench.rows))
    print(where)
    if arguments.record and not arguments.only:
        date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        arguments.record.write_text(TEXT.format(rounds=arguments.rounds, date=date, machine=where, table=markdown(bench.rows)))


if __name__ == "__main__":
    main()
