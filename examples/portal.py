#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""portal.py PORT SERVICE CLIENT SECRET-FILE PDF: a portal that has its people sign a document with Refrenda.

Register http://localhost:PORT/vuelta as return address and http://localhost:PORT/avisos as address for notices, then open
http://localhost:PORT/. SERVICE is the address of the installation, CLIENT and SECRET-FILE what it knows the portal by.
Needs python3-cryptography, to verify notices."""
import base64, hashlib, html, http.server, json, sys, urllib.error, urllib.parse, urllib.request, uuid
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PORT, SERVICE, CLIENT, SECRET, PDF = sys.argv[1:]
LOGIN = "Basic " + base64.b64encode(f"{CLIENT}:{open(SECRET).read().strip()}".encode()).decode()
HERE, OPERATIONS = f"http://localhost:{PORT}", SERVICE + "/api/firmas/v1/operaciones"
operations = {}  # id -> {"pdf", "told"}: those that began here

def ask(address, body=None, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, body, {"Authorization": LOGIN, **headers}), timeout=30) as answer:
        return answer.read()

def begin():
    """A new operation with the document; the address to send the person to."""
    options = {"purpose": "Solicitud de licencia", "reference": f"EXP-{len(operations) + 1}", "level": "B-B",
               "return_address": HERE + "/vuelta", "documents": [{"title": "Solicitud"}]}
    line = uuid.uuid4().hex
    part = f'--{line}\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    body = (part % ("operation", "") + json.dumps(options) + "\r\n" + part % ("document", '; filename="solicitud.pdf"')).encode()
    body += open(PDF, "rb").read() + f"\r\n--{line}--\r\n".encode()
    headers = {"Content-Type": "multipart/form-data; boundary=" + line, "Idempotency-Key": uuid.uuid4().hex}
    made = json.loads(ask(OPERATIONS, body, **headers))
    operations[made["id"]] = {"pdf": None, "told": ""}
    return made["address"]

def collect(number):
    """What became of an operation, from the service itself: what the browser brings is not believed."""
    if number not in operations:
        return None
    found = json.loads(ask(f"{OPERATIONS}/{number}"))
    document = found["documents"][0]
    if document["state"] == "signed" and not operations[number]["pdf"]:
        operations[number]["pdf"] = ask(document["address"])
        assert hashlib.sha256(operations[number]["pdf"]).hexdigest() == document["signed_sha256"]
    return found

def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def verify(body, signature):
    """A detached JWS (RFC 7515, appendix F) of the body by one of the service's keys; raises what is wrong."""
    head, _, end = signature.split(".")
    header, end = json.loads(decode(head)), decode(end)
    key = next(k for k in json.loads(ask(SERVICE + "/oidc/claves"))["keys"] if k["kid"] == header["kid"])
    if header["typ"] != "webhook+jwt" or header["alg"] != key["alg"]:
        raise ValueError("a signature of something else")
    number = {name: int.from_bytes(decode(key[name]), "big") for name in ("n", "e", "x", "y") if name in key}
    message = head.encode() + b"." + base64.urlsafe_b64encode(body).rstrip(b"=")
    if key["kty"] == "RSA":
        return rsa.RSAPublicNumbers(number["e"], number["n"]).public_key().verify(end, message, padding.PKCS1v15(), hashes.SHA256())
    curve, digest = {"P-256": (ec.SECP256R1, hashes.SHA256), "P-384": (ec.SECP384R1, hashes.SHA384)}[key["crv"]]
    half = len(end) // 2
    pair = encode_dss_signature(int.from_bytes(end[:half], "big"), int.from_bytes(end[half:], "big"))
    return ec.EllipticCurvePublicNumbers(number["x"], number["y"], curve()).public_key().verify(pair, message, ec.ECDSA(digest()))

class Site(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", kind="text/html; charset=utf-8", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        number = dict(urllib.parse.parse_qsl(query)).get("operation", "")
        found = collect(number) if path in ("/vuelta", "/documento") else None
        if path == "/":
            return self.answer(200, '<h1>Sede de ejemplo</h1><form method="post" action="/firmar"><button>Firmar la solicitud</button></form>'.encode())
        if found is None or (path == "/documento" and not operations[number]["pdf"]):
            return self.answer(404, b"No")
        if path == "/documento":
            return self.answer(200, operations[number]["pdf"], "application/pdf")
        link = f'<p><a href="/documento?operation={number}">Documento firmado</a></p>' if operations[number]["pdf"] else ""
        text = f'<h1>{html.escape(found["reference"])}: <b>{found["state"]}</b></h1>{link}<p>Aviso: <i>{operations[number]["told"]}</i></p>'
        return self.answer(200, text.encode())

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 65536))
        if self.path == "/firmar":
            return self.answer(303, Location=begin())
        try:
            verify(body, self.headers["Refrenda-Signature"])
            notice = json.loads(body)
        except Exception as wrong:
            return self.answer(400, repr(wrong).encode())
        operations.get(notice["operation"], {})["told"] = notice["state"]  # twice is harmless
        return self.answer(204)

http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Site).serve_forever()
