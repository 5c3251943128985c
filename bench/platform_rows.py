# SPDX-License-Identifier: EUPL-1.2
"""The page to sign in under a steady rate of visitors, and the platform at rest: the rows of bench/table.py about them."""

import json
import os
import pathlib
import re
import statistics
import subprocess
import time
import urllib.request

import authority
import lists

RATE, SECONDS = 500, 10


class Platform(authority.Authority):
    """An authority with the pages and people of the demonstration."""

    def __init__(self, build, folder):
        super().__init__(build, folder)
        self.web_port, = authority.free_ports(1)
        with open(self.home / "refrenda.yaml", "a") as settings:
            settings.write(lists.WEB.format(port=self.web_port))
        self.refrenda("demo", "fill", "--home", self.home)

    def processes(self):
        """The supervisor and its children."""
        return [self.server.pid, *lists.children(self.server.pid)]

    def memory(self):
        """Proportional set size in octets: what libraries and programs share counts once."""
        text = "".join(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.processes())
        return sum(int(size) for size in re.findall(r"^Pss:\s+(\d+) kB", text, re.M)) * 1024

    def start_once(self):
        """Milliseconds from exec to the line that says that all processes are ready, and those of processor until then."""
        begun = time.monotonic()
        self.server = subprocess.Popen([self.build / "refrendad", "--home", self.home], stderr=subprocess.PIPE, text=True)
        for line in self.server.stderr:
            if "all processes are ready" in line or '"event":"ready"' in line:
                break
        else:
            raise SystemExit("bench: the server ended")
        took = (time.monotonic() - begun) * 1000
        cost = lists.processor(self.processes())
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}/acceso", timeout=10) as answer:
            answer.read()
        return took, cost


def visitors(bench, build, work):
    """Spec: the page's 99th of a hundred answers within 20 ms at 500 requests a second. They come when they are due, whether or not others wait."""
    one = Platform(build, work / "visitors")
    one.start()
    try:
        runs, costs = [], []
        for turn in range(bench.rounds + 1):
            before = lists.processor(one.processes())
            done = subprocess.run([build / "tests/load/visitors", str(one.web_port), "/acceso", str(RATE), str(SECONDS if turn else 2)], check=True,
                                  capture_output=True, text=True)
            answers = json.loads(done.stdout)
            if answers["wrong"]:
                raise SystemExit(f"bench: {answers['wrong']} answers were no page")
            if turn:  # the first warms up
                runs.append(answers)
                costs.append((lists.processor(one.processes()) - before) / answers["answers"])
    finally:
        one.stop()
    late, least, most = (pick(run["p99"] for run in runs) for pick in (statistics.median, min, max))
    middle, cost = statistics.median(run["middle"] for run in runs), statistics.median(costs)
    bench.row(f"the page to sign in, {RATE} requests/s, all due at their moment", f"{cost:.2f} ms of processor each, {middle:.1f} ms the middle one", "p99 ≤ 20 ms",
              f"{late:.1f} ms ({least:.1f} to {most:.1f})", "met" if most <= 20 else "MISSED" if least > 20 else "UNDECIDED")


def idle(bench, build, work):
    """Spec: at most 40 MB for all processes together, at rest; ready within 300 ms."""
    one = Platform(build, work / "idle")
    starts, sizes = [], []
    for _ in range(bench.rounds + 1):
        starts.append(one.start_once())
        time.sleep(2)
        sizes.append((one.memory(), len(one.processes())))
        one.server.stderr.close()
        one.stop()
    took, least, most = (pick(start[0] for start in starts[1:]) for pick in (statistics.median, min, max))
    cost = statistics.median(start[1] for start in starts[1:])
    size, processes = max(sizes)
    bench.row(f"memory at rest of all {processes} processes (PSS)", "", "≤ 40 MB", f"{size / 1e6:.1f} MB", size <= 40e6)
    bench.row("from exec until all processes are ready", f"{cost:.0f} ms of processor", "≤ 300 ms", f"{took:.0f} ms ({least:.0f} to {most:.0f})",
              "met" if took <= 300 else "MISSED" if cost > 300 * (os.cpu_count() or 1) or least > 300 else "UNDECIDED")
