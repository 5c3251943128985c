#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""clamd.py FOLDER: a real clamd for tests, which knows one virus: the text "REFRENDA-TEST-VIRUS".

Listens on FOLDER/socket, and on a port that it writes into FOLDER/port when it is ready. Ends with its parent, or with
status 77 where clamd is not installed."""
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import free_ports

CONFIGURATION = """
Foreground yes
LocalSocket {folder}/socket
LocalSocketMode 666
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
LogFile {folder}/clamd.log
TemporaryDirectory {folder}
StreamMaxLength 12M
MaxThreads 2
"""


def answers(port):
    with socket.socket() as s:
        s.settimeout(10)
        try:
            s.connect(("127.0.0.1", port))
            s.sendall(b"zPING\0")
            return s.recv(16) == b"PONG\0"
        except OSError:
            return False


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    program = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/sbin")
    if program is None:
        return 77
    (folder / "signatures").mkdir()
    virus = b"REFRENDA-TEST-VIRUS".hex()
    (folder / "signatures" / "test.ndb").write_text(f"Refrenda.Test.Virus:0:*:{virus}\n")
    port, = free_ports.take(1)
    (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    clamd = subprocess.Popen([program, "--config-file", folder / "clamd.conf"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)

    def stop(*_):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        return attend(clamd, folder, port)
    finally:
        clamd.terminate()
        clamd.wait()


def attend(clamd, folder, port):
    """Says when it is ready, and stays until it ends."""
    for _ in range(1200):
        if clamd.poll() is not None:
            print((folder / "clamd.log").read_text(), file=sys.stderr)
            return 1
        if answers(port):
            break
        time.sleep(0.05)
    (folder / "port.new").write_text(str(port))
    (folder / "port.new").rename(folder / "port")
    clamd.wait()
    return 1


sys.exit(main())
