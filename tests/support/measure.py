#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Runs a command and tells what it took.

usage: measure.py FILE COMMAND [ARGUMENT...]

Writes "wall CPU private resident" into FILE, in seconds and bytes, and ends as the command ended. Private memory (RssAnon)
has no high-water mark in Linux, so it is looked at every millisecond or two.
"""

import os
import re
import subprocess
import sys
import time


class Run:
    """What one process took: seconds by the clock and of CPU, peak private and resident bytes, how it ended."""

    def __init__(self, wall, cpu, private, resident, status):
        self.wall, self.cpu, self.private, self.resident, self.status = wall, cpu, private, resident, status


def private_bytes(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            found = re.search(r"^RssAnon:\s+(\d+) kB", status.read(), re.M)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def measure(command, **streams):
    began = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], **streams)
    private = 0
    while True:
        private = max(private, private_bytes(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.001)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, private, usage.ru_maxrss * 1024, process.returncode)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    run = measure(sys.argv[2:])
    with open(sys.argv[1], "w") as to:
        print(f"{run.wall:.3f} {run.cpu:.3f} {run.private} {run.resident}", file=to)
    sys.exit(run.status if run.status >= 0 else 128 - run.status)


if __name__ == "__main__":
    main()
