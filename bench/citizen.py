# SPDX-License-Identifier: EUPL-1.2
"""The citizen's whole path over HTTP, from signing in to the signed PDF: the row of bench/table.py about it. Codes come by an SMS gateway of its own."""

import csv
import html
import http.client
import http.server
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import threading
import time
import urllib.parse

import desk
import lists
import registration

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMBER, TITLE, PASSWORD = "00000202", "Ciudadano con", "cantuta de otono 47"


class Telephone:
    """Takes what would be sent, as Kannel does."""

    def __init__(self):
        self.codes, self.came = [], threading.Condition()
        telephone = self

        class Gateway(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"])).decode("latin-1").replace("\0", "")
                code = re.search(r"(?<!\d)\d{6}(?!\d)", text)
                with telephone.came:
                    telephone.codes += [code[0]] if code else []
                    telephone.came.notify_all()
                self.send_response(202)
                self.end_headers()
                self.wfile.write(b"0: Accepted for delivery")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.settings = f'sms:\n  gateway: "http://127.0.0.1:{self.server.server_port}/cgi-bin/sendsms"\n'

    def code(self):
        """Of the next message."""
        with self.came:
            if not self.came.wait_for(lambda: self.codes, timeout=60):
                raise SystemExit("bench: no code came")
            return self.codes.pop(0)


def enrol(one, work):
    """By the agent, as if the citizen stood at the desk, with a key that is kept here."""
    request, = desk.handed_in(one.home, work, 1, 990001, True)
    database = sqlite3.connect(one.home / "data/refrenda.db", timeout=60)
    with database:
        database.execute("UPDATE applicant SET central = 1, spki = x'', pkcs10 = x'', number = ?, mobile = '+51987654321', person = (SELECT id FROM person WHERE number = ?) WHERE request = ?",
                         (NUMBER, NUMBER, request))
    database.close()
    agent = lists.Reader(one.web_port, registration.AGENT, one.home)
    (path, body), = desk.approvals(agent, registration.Key(one.home), [request])
    desk.ask(agent, "POST", path, body, 303)


class Browser:
    """One citizen's."""

    def __init__(self, one, telephone):
        self.one, self.telephone, self.cookies = one, telephone, {}
        with open(one.home / "demo-accounts.csv", encoding="utf-8") as rows:
            self.code, self.password = next(row[:2] for row in csv.reader(rows) if any(TITLE in cell for cell in row))
        self.connection = http.client.HTTPConnection("localhost", one.web_port, timeout=120)
        self.script = subprocess.Popen(["node", ROOT / "bench/seal.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.script.stdin.close()
        self.script.wait(30)

    def ask(self, method, path, body=None, kind="application/x-www-form-urlencoded", accept="text/html", wanted=(200,)):
        headers = {"Accept": accept, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Origin": f"http://localhost:{self.one.web_port}"}
        if body is not None:
            headers["Content-Type"] = kind
            body = urllib.parse.urlencode(body).encode() if isinstance(body, dict) else body
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.octets, self.location = answer.read(), answer.headers.get("Location", "")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        if answer.status not in wanted:
            raise SystemExit(f"bench: {method} {path}: {answer.status} {self.location} {self.octets[:2000].decode('utf-8', 'replace')}")
        return self.octets

    def page(self, path):
        return self.ask("GET", path).decode()

    def token(self, page):
        return re.search(r'name="csrf" value="([^"]+)"', page)[1]

    def sign_in(self):
        self.cookies = {}
        token = self.token(self.page("/acceso"))
        self.ask("POST", "/acceso", {"csrf": token, "usuario": self.code, "clave": self.password}, wanted=(303,))

    def activate(self, page, **proofs):
        """What the page's script does with its form."""
        data = {name: html.unescape(value) for name, value in re.findall(r'data-(operation|text|nonce|point)="([^"]*)"', page)}
        address = re.search(r'<form method="post" action="([^"]+)"[^>]*data-module="activation"', page)[1]
        proofs["code"] = self.telephone.code()
        self.script.stdin.write(json.dumps({**{k: data[k] for k in ("text", "nonce", "point")}, "proofs": proofs}) + "\n")
        self.script.stdin.flush()
        sealed = json.loads(self.script.stdout.readline())
        self.ask("POST", address, {"csrf": self.token(page), "operation": data["operation"], **sealed}, accept="application/json", wanted=(200, 302, 303))

    def generate(self):
        page = self.page("/certificados/central/nuevo")
        self.ask("POST", "/certificados/central/nuevo", {"csrf": self.token(page), "acepto": "1", "volver": ""})
        self.activate(self.octets.decode(), newPassword=PASSWORD)

    def upload(self, pdf):
        page, edge = self.page("/firmar"), "limite-de-la-forma"
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in {"csrf": self.token(page), "nivel": "B", "pagina": "last", "motivo": "", "lugar": ""}.items()]
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="documentos"; filename="solicitud.pdf"\r\nContent-Type: application/pdf\r\n\r\n'.encode() + pdf + b"\r\n")
        self.ask("POST", "/firmar", b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}", wanted=(303,))
        return self.location

    def path(self, pdf):
        """From signing in to the signed PDF."""
        self.sign_in()
        here = self.upload(pdf)
        self.page(here)
        choice = self.page(f"{here}/certificado")
        credential = re.search(r'name="certificado"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="certificado"', choice)
        self.ask("POST", f"{here}/autorizar", {"csrf": self.token(choice), "certificado": credential[1] or credential[2]})
        self.activate(self.octets.decode(), password=PASSWORD)
        self.page(f"{here}/resultado")
        signed = self.ask("GET", f"{here}/resultado/1")
        if not signed.startswith(pdf) or b"/ByteRange" not in signed:
            raise SystemExit("bench: that is not the signed document")


def paths(one, browser, pdf, count):
    """Paths a second, and seconds of processor for each: of the server's processes."""
    before, begun = lists.processor(one.processes()), time.monotonic()
    for _ in range(count):
        browser.path(pdf)
    return count / (time.monotonic() - begun), (lists.processor(one.processes()) - before) / 1000 / count


def needs():
    return shutil.which("node")


def document(work):
    subprocess.run([ROOT / "scripts/demo-document.py", work / "solicitud.pdf"], check=True, capture_output=True)
    return (work / "solicitud.pdf").read_bytes()
