#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The demonstration's telephone: shows the SMS that people would get.

Usage: demo-phone.py PORT

It stands where an SMS gateway such as Kannel would (sms.gateway), on this machine only. What it gets it shows at
http://localhost:PORT/ and forgets when it ends.
"""
import html
import sys
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3"><title>Teléfono de demostración</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;background:#eef1f5;margin:0}}main{{max-width:26rem;margin:2rem auto;padding:0 1rem}}
h1{{font-size:1.25rem}}article{{background:#fff;border-radius:1rem;padding:.75rem 1rem;margin:0 0 .75rem;box-shadow:0 1px 3px #0002}}
small{{color:#5a6472}}p{{margin:.25rem 0 0;overflow-wrap:anywhere}}</style>
<main><h1>Teléfono de demostración</h1>{messages}</main></html>"""
messages = deque(maxlen=50)


class Phone(BaseHTTPRequestHandler):
    def answer(self, status, kind, text):
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        rows = "".join(
            f"<article><small>{when} · para {html.escape(number)}</small><p>{html.escape(text)}</p></article>"
            for when, number, text in reversed(messages))
        self.answer(200, "text/html", PAGE.format(messages=rows or "<p>Todavía no hay mensajes.</p>"))

    def do_POST(self):
        size = min(int(self.headers.get("Content-Length") or 0), 65536)
        text = self.rfile.read(size).decode("utf-8", "replace")
        messages.append((time.strftime("%H:%M:%S"), self.headers.get("X-Kannel-To") or "?", text))
        self.answer(202, "text/plain", "0: Accepted for delivery")

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Phone).serve_forever()
