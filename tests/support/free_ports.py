#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""free_ports.py COUNT: prints ports of the loopback interface that no other test gets for a long time.

Who asks the kernel for a free port and listens on it seconds later finds it taken now and then: by another test that was given
the same, or by a connection that goes out from it. So these are outside the range that the kernel takes such ports from, and
each is given out once until all others were: the last one is kept in a file, under a lock, for all tests of a user."""
import fcntl
import os
import pathlib
import socket
import sys
import tempfile

LEAST = 10240  # those below belong to services
FEW = 2000
ANY = 20000, 32767


def room():
    """The first and the last port. Where the kernel's own range leaves no room, only a connection going out can take one."""
    try:
        low, high = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split())
    except OSError:
        return ANY
    rooms = sorted(((LEAST, min(low, 65536) - 1), (max(high + 1, LEAST), 65535)), key=lambda r: r[0] - r[1])
    return rooms[0] if rooms[0][1] - rooms[0][0] >= FEW else ANY


def is_free(port):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def take(count):
    first, last = room()
    path = os.path.join(tempfile.gettempdir(), f"refrenda-test-ports-{os.getuid()}")
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            port = int(file.read())
        except ValueError:
            port = last  # nobody was here before
        taken = []
        for _ in range(last - first + 1):
            port = port + 1 if first <= port < last else first
            if is_free(port):
                taken.append(port)
            if len(taken) == count:
                break
        else:
            raise SystemExit("free_ports.py: there are not so many free ports")
        file.seek(0)
        file.truncate()
        file.write(str(port))
    return taken


if __name__ == "__main__":
    print(*take(int(sys.argv[1])))
