#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""identity_service.py FOLDER [tls]: an identity service for tests (docs/identity-service.md), with the bearer token "t0ken".

Listens on 127.0.0.1, on a port that it writes into FOLDER/port when it is ready; with "tls" its own certificate is
FOLDER/service.pem. Each question is a line of FOLDER/asked. What it answers is decided by the number: see ANSWERS."""
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import time
import urllib.parse

NAMES = {"givenName": "ROSA MARÍA", "surname1": "QUISPE", "surname2": "MAMANI", "status": "valid"}
ANSWERS = {
    "70000016": (200, NAMES),
    "70000024": (200, {"givenName": " JUAN ", "surname1": "HUAMÁN", "surname2": None, "status": "deceased"}),
    "70000032": (200, {"givenName": "LUZ", "surname1": "CCORI"}),
    "70000040": (404, {"error": "unknown"}),
    "70000057": (200, "no object"),
    "70000065": (200, {"givenName": 7, "surname1": "CCORI"}),
    "70000073": (200, {"givenName": "LUZ\n", "surname1": "CCORI"}),
    "70000081": (200, {"givenName": "x" * 101, "surname1": "CCORI"}),
    "70000099": (200, {"givenName": "", "surname1": ""}),
    "70000107": (200, {"givenName": "LUZ", "surname1": "CCORI", "status": "who knows"}),
    "70000115": (500, {"error": "broken"}),
    "70000123": (302, {}),
}
SLOW, HUGE, GARBAGE, DRIP = "70000131", "70000149", "70000156", "70000164"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        with (FOLDER / "asked").open("a") as file:
            file.write(f"{url.path} {query.get('country')} {query.get('kind')} {query.get('number')} {self.headers.get('Accept')}\n")
        number = query.get("number")
        if self.headers.get("Authorization") != "Bearer t0ken":
            self.send(401, b'{"error": "token"}')
        elif number == SLOW:
            time.sleep(60)
            self.send(200, json.dumps(NAMES).encode())
        elif number == DRIP:
            self.drip()
        elif number == HUGE:
            self.send(200, json.dumps(NAMES | {"rest": "x" * (1 << 20)}).encode())
        elif number == GARBAGE:
            self.send(200, b'{"givenName": "LUZ", "surname1": "CCORI", "surname1": ')
        else:
            status, answer = ANSWERS.get(number, (404, {}))
            self.send(status, json.dumps(answer, ensure_ascii=False).encode())

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "?country=PE&kind=DNI&number=70000016")
        self.end_headers()
        self.wfile.write(body)

    def drip(self):
        """A letter now and then, for a minute: longer than anybody waits."""
        self.send_response(200)
        self.send_header("Content-Length", "10000")
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Who asks hangs up: that is what is tested."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if sys.argv[2:] == ["tls"]:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", FOLDER / "service.key", "-out", FOLDER / "service.pem"],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FOLDER / "service.pem", FOLDER / "service.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    (FOLDER / "port.new").write_text(str(server.server_address[1]))
    (FOLDER / "port.new").rename(FOLDER / "port")
    server.serve_forever()


FOLDER = pathlib.Path(sys.argv[1])
main()
