#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Sends secrets to a running server as people and portals do, and looks after each answer whether one of its processes
still has them in its memory.

Usage: memory_secrets.py URL PID ACCOUNTS.csv SECRET-FILE PIN-FILE [--insecure]

PID is the server's first process; whoever runs this must be allowed to read its memory. Prints a line for each step, and
one for each secret that was found, with what stands around it. Exit status: 0 nothing was found, 1 something, 77 memory
cannot be read.
"""
import argparse
import base64
import csv
import hashlib
import hmac
import http.client
import http.cookies
import itertools
import json
import pathlib
import re
import resource
import secrets
import ssl
import struct
import sys
import time
import urllib.parse

CLIENT = "sede-demo"
AROUND = 48
ENTRY = 8  # octets of /proc/PID/pagemap for a page; the two uppermost bits: in memory, swapped out
PATIENCE = 20


class Memory:
    """Of all processes of the server."""

    def __init__(self, first):
        self.processes = self.below(first)
        self.looked_for = {}
        self.found = 0
        try:
            list(self.read(first))
        except PermissionError:
            print("the memory of the server cannot be read")
            sys.exit(77)

    @staticmethod
    def below(first):
        """The process and all that it started, with their roles."""
        parents = {}
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[status.parent.name] = status.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[1]
            except OSError:
                pass  # it has ended
        known = [first]
        for process in known:
            known += [child for child, parent in parents.items() if parent == process]
        roles = {}
        for process in known:
            words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
            roles[process] = "/".join(words[words.index("--child") + 1:][:2]) if "--child" in words else "supervisor"
        return roles

    @staticmethod
    def read(process):
        """What can be written to, for whoever reads a secret writes it there; and is there at all: run after run of pages."""
        page = resource.getpagesize()
        with open(f"/proc/{process}/maps", encoding="utf-8") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory, \
                open(f"/proc/{process}/pagemap", "rb", 0) as pages:
            for line in maps:
                where, rights, *_ = line.split()
                start, end = (int(one, 16) for one in where.split("-"))
                if not rights.startswith("rw"):
                    continue
                pages.seek(start // page * ENTRY)
                there = [entry >> 62 != 0 for entry, in struct.iter_unpack("<Q", pages.read((end - start) // page * ENTRY))]
                at = 0
                for present, run in itertools.groupby(there):
                    first, at = at, at + len(list(run))
                    if not present:
                        continue
                    try:
                        memory.seek(start + first * page)
                        yield memory.read((at - first) * page)
                    except (OSError, ValueError, OverflowError):
                        pass  # gone since, or not to be read

    def secret(self, name, text):
        """From now on it must not be there. Gives it back."""
        self.looked_for[name] = text.encode()
        return text

    def look(self, step):
        """Now that it has been answered."""
        for _ in range(PATIENCE):  # the answer is there before the last of its request is forgotten
            traces = list(self.traces())
            if not traces:
                break
            time.sleep(0.5)
        print(f"{step}: {'nothing is left' if not traces else 'FOUND'}")
        for trace in traces:
            print(f"  {trace}")
        self.found += len(traces)

    def traces(self):
        """A line for each secret that is there."""
        for process, role in self.processes.items():
            for piece in self.read(process):
                for name, text in self.looked_for.items():
                    at = piece.find(text)
                    if at >= 0:
                        yield f"{role}: {name}: {piece[max(0, at - AROUND):at + len(text) + AROUND]!r}"


class Visitor:
    """A browser, or a portal's program."""

    def __init__(self, url, insecure):
        self.url = urllib.parse.urlsplit(url)
        self.insecure = insecure
        self.cookies = {}
        self.connection = None

    def connect(self):
        if self.url.scheme == "http":
            return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=120)
        context = ssl._create_unverified_context() if self.insecure else ssl.create_default_context()
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=120, context=context)

    def ask(self, method, path, body=None, stays=False, **headers):
        """`stays`: over a connection that stays open afterwards."""
        headers = {"Accept": "text/html", "Accept-Language": "en", **headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if not stays:
            headers["Connection"] = "close"
        connection = self.connection = self.connect()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for value in answer.headers.get_all("Set-Cookie") or []:
            for name, cookie in http.cookies.SimpleCookie(value).items():
                self.cookies[name] = cookie.value
        if not stays:
            connection.close()
        return answer.status, text

    def form(self, page, path, stays=False, **fields):
        """What the page's form sends."""
        _, text = self.ask("GET", page)
        token = re.search(r'name="csrf" value="([^"]*)"', text)
        if token is None:
            raise SystemExit(f"{page}: no form")
        body = urllib.parse.urlencode({"csrf": token[1], **fields})
        return self.ask("POST", path, body, stays, **{"Content-Type": "application/x-www-form-urlencoded"})

    def json(self, path, body, **headers):
        """What a program asks."""
        status, text = self.ask("POST", path, json.dumps(body), **{"Content-Type": "application/json", "Accept": "application/json", **headers})
        return status, json.loads(text or "{}")


def expect(what, got, wanted):
    """The story goes on only when it is the one that is meant."""
    if got != wanted:
        raise SystemExit(f"{what}: {got}, not {wanted}")


def code_of(key):
    """RFC 6238, of this half minute."""
    mac = hmac.new(base64.b32decode(key), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def people(memory, visitor, account, password):
    """Signing in, another password, an app."""
    person = visitor()
    status, _ = person.form("/acceso", "/acceso", usuario=account, clave=memory.secret("a wrong password", f"equivocada-{secrets.token_hex(8)}"))
    expect("a wrong password", status, 200)
    memory.look("a wrong password")
    expect("signing in", person.form("/acceso", "/acceso", usuario=account, clave=password)[0], 303)
    new = memory.secret("the new password", f"vicunas-{secrets.token_hex(8)}")
    status, _ = person.form("/cuenta/clave", "/cuenta/clave", old=password, password=new, repeat=f"{new}x")
    expect("a new password that is not repeated", status, 200)
    memory.look("a new password that is not repeated")
    expect("a new password", person.form("/cuenta/clave", "/cuenta/clave", old=password, password=new, repeat=new)[0], 303)
    memory.look("a new password")
    person = visitor()
    expect("signing in", person.form("/acceso", "/acceso", True, usuario=account, clave=new)[0], 303)
    memory.look("signing in, and the connection stays")
    person.connection.close()
    expect("an app", person.form("/cuenta/factores", "/cuenta/factores")[0], 303)
    page = person.ask("GET", "/cuenta/factores")[1]
    shown = memory.secret("the key of an app, as it is shown", re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1])
    key = memory.secret("the key of an app", shown.replace(" ", ""))
    memory.look("the key of an app was shown")
    wrong = memory.secret("a wrong code", f"ocho{secrets.randbelow(10**12):012}")
    person.form("/cuenta/factores", "/cuenta/factores/confirmar", codigo=wrong, code=wrong)
    memory.look("a code that is none")
    person.form("/cuenta/factores", "/cuenta/factores/confirmar", codigo=code_of(key), code=code_of(key))
    memory.look("a code of the app")


def administrator(memory, visitor, account, password):
    """A portal's secret is shown once."""
    person = visitor()
    expect("signing in", person.form("/acceso", "/acceso", usuario=account, clave=password)[0], 303)
    page = "/administracion/portales/nuevo"
    entity = re.findall(r'<option value="(\d+)"', person.ask("GET", page)[1])[0]
    fields = {"entity": entity, "name": "Sede olvidadiza", "client": f"olvidadiza-{secrets.token_hex(4)}", "renew": "1", "quota": "0",
              "returns": "http://localhost:9080/vuelta"}
    status, text = person.form(page, page, **fields)
    expect("a portal", status, 200)
    memory.secret("a portal's secret", re.search(r"<code[^>]*>([\w-]{43})</code>", text)[1])
    memory.look("a portal's secret was shown")


def portal(memory, visitor, secret, pin):
    """The CSC API: secrets and PINs come, tokens go."""
    memory.secret("the portal's secret", secret)
    memory.secret("the PIN", pin)
    basic = base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()
    memory.secret("the portal's secret in base64", basic[16:-4])
    program = visitor()
    status, answer = program.json("/csc/v2/auth/login", {}, Authorization=f"Basic {basic}")
    expect("auth/login", status, 200)
    token = memory.secret("a token", answer["access_token"])
    memory.look("auth/login")
    body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": secret, "scope": "service"})
    status, text = program.ask("POST", "/csc/v1/oauth2/token", body, **{"Content-Type": "application/x-www-form-urlencoded"})
    expect("oauth2/token", status, 200)
    memory.secret("another token", json.loads(text)["access_token"])
    memory.look("oauth2/token")
    bearer = {"Authorization": f"Bearer {token}"}
    credential = program.json("/csc/v1/credentials/list", {}, **bearer)[1]["credentialIDs"][0]
    memory.look("credentials/list")
    digest = base64.b64encode(hashlib.sha256(b"uno").digest()).decode()
    order = {"credentialID": credential, "numSignatures": 1, "hash": [digest]}
    wrong = memory.secret("a wrong PIN", f"equivocado-{secrets.token_hex(8)}")
    expect("a wrong PIN", program.json("/csc/v1/credentials/authorize", {**order, "PIN": wrong}, **bearer)[0], 400)
    memory.look("a wrong PIN")
    status, answer = program.json("/csc/v1/credentials/authorize", {**order, "PIN": pin}, **bearer)
    expect("credentials/authorize", status, 200)
    memory.secret("what authorises", answer["SAD"])
    memory.look("credentials/authorize")


def main():
    """In this order: what comes later would only write over what was left before."""
    parser = argparse.ArgumentParser()
    for name in ("url", "process", "accounts", "secret", "pin"):
        parser.add_argument(name)
    parser.add_argument("--insecure", action="store_true", help="whatever the server's certificate says")
    options = parser.parse_args()
    memory = Memory(options.process)
    with open(options.accounts, encoding="utf-8") as file:
        accounts = {row["title"].split(":")[0]: row for row in csv.DictReader(file)}

    def visitor():
        return Visitor(options.url, options.insecure)

    signer, clerk = accounts["Firmante"], accounts["Administradora"]
    people(memory, visitor, signer["code"], signer["password"])
    administrator(memory, visitor, clerk["code"], clerk["password"])
    portal(memory, visitor, *(pathlib.Path(one).read_text(encoding="utf-8").strip() for one in (options.secret, options.pin)))
    return 1 if memory.found else 0


if __name__ == "__main__":
    sys.exit(main())
