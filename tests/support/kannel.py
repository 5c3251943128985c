#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""kannel.py FOLDER: a Kannel gateway with its fake centre, for tests. User "refrenda", password "secreto".

Writes the port of its sendsms service into FOLDER/port, and each message that reached the centre into FOLDER/N.sms: a
line with the sender, one with the receiver, then the text. Ends with its parent, or with status 77 where Kannel is not
installed. Started again on the same folder it has the same ports, and goes on counting."""
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

import free_ports

FAKE = "/usr/lib/kannel/test/fakesmsc"
CONFIGURATION = """
group = core
admin-port = {0}
admin-password = none
admin-interface = 127.0.0.1
smsbox-port = {1}
smsbox-interface = 127.0.0.1
log-file = "{folder}/bearerbox.log"
box-allow-ip = "127.0.0.1"

group = smsc
smsc = fake
host = 127.0.0.1
port = {2}
connect-allow-ip = "127.0.0.1"

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {1}
sendsms-port = {3}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"

group = sendsms-user
username = refrenda
password = secreto
max-messages = 3
concatenation = true
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
text = ""
"""
GOT = re.compile(rb"Got message \d+: <(\S+) (\S+) (\S+) (.*)>\s*$")


def wait_for(port):
    for _ in range(2400):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("kannel does not start")


def unquoted(text):
    return urllib.parse.unquote_to_bytes(text.replace(b"+", b" "))


def text_of(kind, text, parts):
    """The text of a message; None as long as parts of it are missing (3GPP TS 23.040 9.2.3.24.1)."""
    if kind == b"ucs-2":
        return unquoted(text).decode("utf-16-be")
    if not kind.startswith(b"udh"):
        return text.decode()  # what is in the letters of SMS, the fake centre gets as the gateway has it
    header, coding, rest = text.split(b" ", 2)
    _, _, _, reference, total, number = unquoted(header)
    parts[reference, number] = unquoted(rest) if coding == b"data" else rest
    if any((reference, n) not in parts for n in range(1, total + 1)):
        return None
    return b"".join(parts[reference, n] for n in range(1, total + 1)).decode("utf-16-be" if coding == b"data" else "utf-8")


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    if not shutil.which("bearerbox") or not pathlib.Path(FAKE).exists():
        sys.exit(77)
    before = folder / "ports"
    ports = [int(port) for port in before.read_text().split()] if before.exists() else free_ports.take(4)
    before.write_text(" ".join(map(str, ports)))
    configuration = folder / "kannel.conf"
    configuration.write_text(CONFIGURATION.format(*ports, folder=folder))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    children = [subprocess.Popen(["bearerbox", configuration], **quiet)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        wait_for(ports[1])
        children.append(subprocess.Popen(["smsbox", configuration], **quiet))
        wait_for(ports[3])
        fake = subprocess.Popen([FAKE, "-H", "127.0.0.1", "-r", str(ports[2]), "-m", "0", "1 2 text none"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        children.append(fake)
        number = len(list(folder.glob("*.sms")))
        parts = {}
        for line in fake.stdout:
            if b"Connecting to" in line:
                (folder / "port.new").write_text(str(ports[3]))
                (folder / "port.new").rename(folder / "port")
            got = GOT.search(line)
            if not got:
                continue
            sender, receiver, kind, text = got.groups()
            text = text_of(kind, text, parts)
            if text is None:
                continue
            number += 1
            new = folder / "new"
            new.write_text(f"{sender.decode()}\n{receiver.decode()}\n{text}")
            new.rename(folder / f"{number}.sms")
    finally:
        for child in reversed(children):
            child.kill()
            child.wait()


main()
