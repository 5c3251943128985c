# SPDX-License-Identifier: EUPL-1.2
"""The public services while thousands hold connections without needing them (spec 2.6): the row of bench/table.py about it."""

import re
import resource
import statistics
import subprocess
import sys

import authority
import lists

IDLE, DRIPPING, SECONDS = 10000, 1000, 10
MOST_MEGABYTES, MOST_MILLISECONDS = 100, 50
HONEST = re.compile(r"honest client.*?: (\d+) requests, (\d+) wrong, .*p99 ([\d.]+) ms")


def status_process(one):
    """The process that answers, by its command line."""
    for process in lists.children(one.server.pid):
        with open(f"/proc/{process}/cmdline", "rb") as line:
            if b"--child\0status\0" in line.read():
                return process
    raise SystemExit("bench: there is no status process")


def besiege(one, request, process, idle, dripping):
    """The slower honest client's 99th of a hundred waiting times (ms), and the memory (PSS) before, and at most (MB)."""
    done = subprocess.run([sys.executable, authority.ROOT / "tests/http/hostile.py", "--url", one.url, "--path", "/ocsp", "--post", request,
                           "--type", "application/ocsp-request", "--pid", str(process), "--idle", str(idle), "--dripping", str(dripping),
                           "--seconds", str(SECONDS), "--most-milliseconds", str(MOST_MILLISECONDS), "--most-megabytes", str(MOST_MEGABYTES)],
                          capture_output=True, text=True)
    honest = [(int(asked), int(wrong), float(p99)) for asked, wrong, p99 in HONEST.findall(done.stdout)]
    memory = re.search(r"memory ([\d.]+) MB before, ([\d.]+) MB at most", done.stdout)
    if f"{idle} idle and {dripping} dripping connections held" not in done.stdout or len(honest) != 2 or not memory:
        raise SystemExit(f"bench: hostile.py: {done.stdout}{done.stderr}")
    if any(wrong > asked // 1000 for asked, wrong, _ in honest):
        raise SystemExit(f"bench: wrong answers under siege: {done.stdout}")
    print("    " + "; ".join(done.stdout.splitlines()), file=sys.stderr)
    return max(p99 for _, _, p99 in honest), [float(size) for size in memory.groups()]


def siege(bench, build, work):
    """One server for all rounds, each with and without the siege. It inherits the limit of open files."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    one = authority.Authority(build, work / "siege")
    settings = one.home / "refrenda.yaml"
    settings.write_text(re.sub("^status:", "status:\n  connections: 12000", settings.read_text(), flags=re.M))
    one.start()
    try:
        one.client("medida")
        request = one.home / "request.ocsp"
        subprocess.run(["openssl", "ocsp", "-issuer", one.home / "public/emisora-1.pem", "-cert", one.home / "medida.pem", "-no_nonce", "-reqout",
                        request], check=True, capture_output=True)
        process = status_process(one)
        rounds = [(besiege(one, request, process, 0, 0), besiege(one, request, process, IDLE, DRIPPING)) for _ in range(max(1, bench.rounds // 2))]
    finally:
        one.stop()
    quiet = statistics.median(p99 for (p99, _), _ in rounds)
    late, memory = [p99 for _, (p99, _) in rounds], max(sizes[1] for _, (_, sizes) in rounds)
    before = rounds[0][0][1][0]
    word = "MISSED" if memory > MOST_MEGABYTES or min(late) > MOST_MILLISECONDS else "met" if max(late) <= MOST_MILLISECONDS else "UNDECIDED"
    bench.row(f"OCSP by POST, {IDLE:,} idle and {DRIPPING:,} dripping connections beside two honest clients", f"without them: p99 {quiet:.1f} ms",
              f"≤ {MOST_MEGABYTES} MB, p99 ≤ {MOST_MILLISECONDS} ms",
              f"{memory:.0f} MB PSS ({before:.0f} of them before), p99 {statistics.median(late):.1f} ms ({min(late):.1f} to {max(late):.1f}) of the slower client", word)
