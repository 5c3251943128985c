#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A signing service with the CSC API, 1.0.4 or 2.0, for the tests of a client. Written from the standard alone.

Usage: csc_server.py FOLDER --key KEY --chain PEM [OPTION]...

Writes FOLDER/port when it listens (on 127.0.0.1), and FOLDER/requests: a line for each request, with its address. Keys are
used through openssl. What a client must not do (a hash that was not authorised, a SAD used twice, a wrong type of content,
a wrong PIN) it refuses as the standard says; --wrong has it misbehave itself.
"""
import argparse
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import ssl
import subprocess
import sys
import urllib.parse

USER, PASSWORD, PIN, CODE = "cliente", "un secreto", "246813", "135791"
DIGESTS = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
RSA, PSS = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
BY_DIGEST = {"sha256": ("1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"), "sha384": ("1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"),
             "sha512": ("1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4")}
WRONG = ["signature", "order", "few", "many", "huge", "html", "redirect", "certificate", "twice", "error", "info-html", "info-redirect",
         "deny", "state", "disabled", "revoked", "locked", "token", "issuer", "issuer-slash", "no-authorize"]


class Refusal(Exception):
    """The standard's error."""

    def __init__(self, code, description, status=400):
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


class Service:
    """What it knows."""

    def __init__(self, options):
        self.options = options
        self.tokens, self.codes, self.sads, self.handles = {}, {}, {}, {}
        self.code_sent = False
        self.folder = pathlib.Path(options.folder)
        pem = pathlib.Path(options.chain).read_text(encoding="ascii")
        self.chain = ["".join(part.split("-----END")[0].split()) for part in pem.split("-----BEGIN CERTIFICATE-----")[1:]]
        text = subprocess.run(["openssl", "pkey", "-in", options.key, "-noout", "-text"], capture_output=True, text=True, check=True).stdout
        self.rsa = "modulus" in text

    def algorithms(self):
        if self.rsa:
            return [RSA, PSS] + ([] if self.options.plain else [row[0] for row in BY_DIGEST.values()])
        return [row[1] for row in BY_DIGEST.values()]

    def token(self, scope, **more):
        value = secrets.token_urlsafe(32)
        self.tokens[value] = {"scope": scope, **more}
        return value

    def sign(self, digest, name, sign_algorithm):
        options = ["-pkeyopt", f"digest:{name}"]
        if sign_algorithm == PSS:
            options += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", f"rsa_pss_saltlen:{len(digest)}", "-pkeyopt", f"rsa_mgf1_md:{name}"]
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", self.options.key, *options], input=digest, capture_output=True,
                              check=True).stdout


def text(body, name, message=None):
    value = body.get(name)
    if not isinstance(value, str) or value == "":
        raise Refusal("invalid_request", message or f"Missing (or invalid type) string parameter {name}")
    return value


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""
    protocol_version = "HTTP/1.1"

    @property
    def service(self):
        return self.server.service

    @property
    def options(self):
        return self.service.options

    def log_message(self, *_):
        pass

    # ---- In and out ----

    def send(self, status, body=b"", kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answer(self, value, status=200):
        self.send(status, json.dumps(value).encode())

    def do_GET(self):
        self.handle_one(b"")

    def do_POST(self):
        self.handle_one(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def handle_one(self, body):
        url = urllib.parse.urlsplit(self.path)
        with open(self.service.folder / "requests", "a", encoding="utf-8") as to:
            to.write(f"{self.command} {self.path}\n")
        prefix = f"/csc/v{self.options.version}/"
        try:
            if url.path == "/.well-known/oauth-authorization-server" and self.options.issuer:
                return self.metadata()
            if url.path == "/oauth2/authorize":
                return self.authorize_page(dict(urllib.parse.parse_qsl(url.query)))
            if url.path == "/oauth2/token":
                return self.give_token(dict(urllib.parse.parse_qsl(body.decode())))
            method = METHODS.get(url.path.removeprefix(prefix)) if url.path.startswith(prefix) else None
            if method is None:
                return self.send(404, b"not here", "text/plain")
            if self.command == "POST" and self.headers.get("Content-Type") != "application/json":
                raise Refusal("invalid_request", "The request is no JSON")
            return method(self, json.loads(body or b"{}"))
        except Refusal as e:
            return self.answer({"error": e.code, "error_description": e.description}, e.status)

    def bearer(self):
        given = self.headers.get("Authorization", "")
        token = self.service.tokens.get(given.removeprefix("Bearer "))
        if token is None or not given.startswith("Bearer "):
            raise Refusal("invalid_token", "The access token is not valid", 401)
        return token

    # ---- Ways in ----

    def base(self):
        return f"{'https' if self.options.tls else 'http'}://{self.options.host}:{self.server.server_port}"

    def metadata(self):
        issuer = "https://other.example" if self.options.wrong == "issuer" else self.base()
        value = {"issuer": issuer, "authorization_endpoint": self.base() + "/oauth2/authorize", "token_endpoint": self.base() + "/oauth2/token"}
        if self.options.wrong == "no-authorize":
            del value["authorization_endpoint"]
        self.answer(value)

    def info(self, _):
        if self.options.wrong == "info-html":
            return self.send(200, b"<html>Welcome</html>", "text/html")
        if self.options.wrong == "info-redirect":
            return self.send(302, Location="http://127.0.0.1:1/")
        first = self.options.version == 1
        ways = self.options.ways.split(",")
        value = {"specs": "1.0.4.0" if first else "2.0.0.0", "name": "Servicio", "logo": "https://x.example/l.png", "region": "PE", "lang": "es",
                 "description": "", "authType": ways, "methods": [m for m in METHODS if m != "info"]}
        if self.options.issuer:
            value["oauth2Issuer"] = self.base().replace("//", "/" if self.options.wrong == "issuer-slash" else "//")
        elif "oauth2code" in ways or "oauth2client" in ways:
            value["oauth2"] = self.base()
        return self.answer(value)

    def login(self, _):
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            raise Refusal("authentication_error", "An error occurred during authentication process")
        return self.answer({"access_token": self.service.token("service"), "expires_in": 3600})

    def authorize_page(self, form):
        service = self.service
        if form.get("response_type") != "code" or form.get("client_id") != USER or form.get("code_challenge_method") != "S256":
            raise Refusal("invalid_request", "Not a request that is understood")
        if form["scope"] == "credential":
            name = "hash" if self.options.version == 1 else "hashes"
            hashes = [base64.urlsafe_b64decode(h + "==") for h in form[name].split(",")]
            if len(hashes) != int(form["numSignatures"]) or form["credentialID"] != "CRED-1":
                raise Refusal("invalid_request", "Invalid value for parameter numSignatures")
        else:
            hashes = []
        code = secrets.token_urlsafe(24)
        service.codes[code] = (form, hashes)
        state = "another" if self.options.wrong == "state" else form["state"]
        answer = {"error": "access_denied", "error_description": "No quiero"} if self.options.wrong == "deny" else {"code": code}
        target = form["redirect_uri"] + "?" + urllib.parse.urlencode({**answer, "state": state})
        return self.send(302, Location=target)

    def give_token(self, form):
        kind = form.get("grant_type")
        if form.get("client_id") != USER or ("client_secret" in form and form["client_secret"] != PASSWORD):
            raise Refusal("invalid_client", "Client authorization required", 401)
        if kind == "client_credentials":
            if "client_secret" not in form:
                raise Refusal("invalid_client", "Client authorization required", 401)
            value = self.service.token("service")
            if self.options.wrong == "token":
                value += "\r\nX-Evil: 1"
            return self.answer({"access_token": value, "token_type": "Bearer", "expires_in": 3600})
        asked, hashes = self.service.codes.pop(form.get("code", ""), (None, None))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if kind != "authorization_code" or asked is None or asked["code_challenge"] != challenge:
            raise Refusal("invalid_grant", "Authorization code is invalid or expired")
        if asked["redirect_uri"] != form.get("redirect_uri"):
            raise Refusal("invalid_grant", "redirect_uri parameter does not match")
        value = self.service.token(asked["scope"], hashes=hashes)
        if asked["scope"] == "credential" and self.options.version == 1:
            self.service.sads[value] = list(hashes)
        kind = "SAD" if asked["scope"] == "credential" and self.options.version == 1 else "Bearer"
        return self.answer({"access_token": value, "token_type": kind, "expires_in": 300})

    # ---- Credentials ----

    def list(self, _):
        self.bearer()
        return self.answer({"credentialIDs": [f"CRED-{i + 1}" for i in range(self.options.credentials)]})

    def credential(self, body):
        if text(body, "credentialID") != "CRED-1":
            raise Refusal("invalid_request", "Invalid parameter credentialID")

    def credential_info(self, body):
        self.bearer()
        self.credential(body)
        o, service = self.options, self.service
        chain = service.chain if o.wrong != "certificate" else service.chain[1:] + service.chain[:1]
        value = {"key": {"status": "disabled" if o.wrong == "disabled" else "enabled", "algo": service.algorithms(), "len": 2048},
                 "cert": {"status": "revoked" if o.wrong == "revoked" else "valid", "certificates": chain},
                 "SCAL": "2", "multisign": o.multisign}
        wants_pin, wants_code = o.proofs in ("pin", "both"), o.proofs in ("otp", "both")
        if o.version == 1:
            value["authMode"] = o.mode
            if o.mode == "explicit":
                value["PIN"] = {"presence": "true" if wants_pin else "false", "format": "N", "label": "PIN"}
                value["OTP"] = {"presence": "true" if wants_code else "false", "type": "online", "format": "N", "ID": "1"}
        else:
            objects = [{"type": "Password", "id": "PIN", "format": "N"}] if wants_pin else []
            objects += [{"type": "ChallengeResponse", "id": "OTP", "format": "N"}] if wants_code else []
            objects += [{"type": "ChallengeResponseOOB", "id": "app"}] if o.polls else []
            value["auth"] = {"mode": o.mode, "expression": " AND ".join(x["id"] for x in objects), "objects": objects}
        return self.answer(value)

    def send_code(self, body):
        self.bearer()
        self.credential(body)
        if self.options.version == 2 and body.get("authObjectID") != "OTP":
            raise Refusal("invalid_request", "Invalid parameter authObjectID")
        self.service.code_sent = True
        return self.send(204)

    def hashes(self, body):
        given = body.get("hash" if self.options.version == 1 else "hashes")
        if not isinstance(given, list) or not given:
            raise Refusal("invalid_request", "Missing (or invalid type) array parameter hash")
        return [base64.b64decode(h, validate=True) for h in given]

    def check_proofs(self, body):
        o = self.options
        if o.version == 1:
            pin, code = body.get("PIN"), body.get("OTP")
        else:
            data = {x["id"]: x["value"] for x in body.get("authData", [])}
            pin, code = data.get("PIN"), data.get("OTP")
        if o.wrong == "locked":
            raise Refusal("invalid_request", "PIN locked" if o.version == 1 else "Credential locked")
        if o.proofs in ("pin", "both") and pin != PIN:
            raise Refusal(*(("invalid_pin", "The PIN is invalid") if o.version == 1 else
                            ("invalid_authentication_data", "The authentication data is invalid")))
        if o.proofs in ("otp", "both") and (code != CODE or not self.service.code_sent):
            raise Refusal("invalid_otp", "The OTP is invalid")

    def give_sad(self, hashes):
        sad = secrets.token_urlsafe(32)
        self.service.sads[sad] = hashes
        return self.answer({"SAD": sad, "expiresIn": 300})

    def authorize(self, body):
        self.bearer()
        self.credential(body)
        if self.options.mode != "explicit":
            raise Refusal("invalid_request", "Invalid parameter credentialID")
        hashes = self.hashes(body)
        if body.get("numSignatures") != len(hashes):
            raise Refusal("invalid_request", "Invalid value for parameter numSignatures")
        if len(hashes) > self.options.multisign:
            raise Refusal("invalid_request", "Numbers of signatures is too high")
        self.check_proofs(body)
        if self.options.polls:
            handle = secrets.token_urlsafe(16)
            self.service.handles[handle] = [self.options.polls, hashes]
            return self.answer({"handle": handle}, 202)
        return self.give_sad(hashes)

    def authorize_check(self, body):
        self.bearer()
        waiting = self.service.handles.get(text(body, "handle"))
        if waiting is None:
            raise Refusal("invalid_request", "Invalid parameter handle")
        waiting[0] -= 1
        if waiting[0] > 0:
            return self.answer({"handle": body["handle"]}, 202)
        return self.give_sad(waiting[1])

    # ---- Signing ----

    def authorised(self, body):
        """The hashes that may be signed, as a list that gets shorter."""
        token = self.bearer()
        if token["scope"] == "credential" and self.options.version == 2:
            return token["hashes"]
        sad = self.service.sads.get(text(body, "SAD"))
        if sad is None:
            raise Refusal("invalid_request", "Invalid parameter SAD")
        return sad

    def misbehave(self):
        wrong = self.options.wrong
        if wrong == "huge":
            self.send(200, b'{"signatures":["' + b"A" * (3 << 20) + b'"]}')
        elif wrong == "html":
            self.send(200, b"<html>Signed!</html>", "text/html")
        elif wrong == "redirect":
            self.send(307, Location="http://127.0.0.1:1/csc/v1/signatures/signHash")
        elif wrong == "error":
            self.send(500, b"<h1>Oops</h1>", "text/html")
        elif wrong == "twice":
            self.send(200, b'{"signatures":["AA=="],"signatures":["AA=="]}')
        else:
            return False
        return True

    def sign_hash(self, body):
        self.credential(body)
        left, hashes = self.authorised(body), self.hashes(body)
        name = DIGESTS.get(body.get("hashAlgo" if self.options.version == 1 else "hashAlgorithmOID"))
        algorithm = text(body, "signAlgo")
        if name is None or algorithm not in self.service.algorithms():
            raise Refusal("invalid_request", "Invalid parameter signAlgo")
        if (algorithm == PSS) != ("signAlgoParams" in body):
            raise Refusal("invalid_request", "Missing (or invalid type) string parameter signAlgoParams")
        for digest in hashes:
            if digest not in left:
                raise Refusal("invalid_request", "Hash is not authorized by the SAD.")
            left.remove(digest)
        if self.misbehave():
            return None
        if self.options.wrong == "signature":
            hashes = [hashlib.new(name, b"something else").digest() for _ in hashes]
        signatures = [base64.b64encode(self.service.sign(digest, name, algorithm)).decode() for digest in hashes]
        if self.options.wrong == "order":
            signatures.reverse()
        if self.options.wrong == "few":
            signatures.pop()
        if self.options.wrong == "many":
            signatures.append(signatures[0])
        return self.answer({"signatures": signatures})


METHODS = {"info": Handler.info, "auth/login": Handler.login, "credentials/list": Handler.list, "credentials/info": Handler.credential_info,
           "credentials/authorize": Handler.authorize, "credentials/authorizeCheck": Handler.authorize_check,
           "credentials/sendOTP": Handler.send_code, "credentials/getChallenge": Handler.send_code, "signatures/signHash": Handler.sign_hash}


class Server(http.server.ThreadingHTTPServer):
    """Tells of its own mistakes, not of clients that had enough."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--key", required=True)
    parser.add_argument("--chain", required=True)
    parser.add_argument("--version", type=int, choices=[1, 2], default=1)
    parser.add_argument("--ways", default="oauth2client", help="authType, separated by commas")
    parser.add_argument("--mode", choices=["explicit", "oauth2code"], default="explicit")
    parser.add_argument("--proofs", choices=["pin", "otp", "both", "none"], default="pin")
    parser.add_argument("--multisign", type=int, default=20)
    parser.add_argument("--credentials", type=int, default=1)
    parser.add_argument("--polls", type=int, default=0, help="somebody agrees elsewhere, after so many questions")
    parser.add_argument("--plain", action="store_true", help="an RSA key whose algorithms do not name the digest")
    parser.add_argument("--issuer", action="store_true", help="oauth2Issuer in place of oauth2")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--wrong", choices=WRONG)
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.service = Service(options)
    folder = pathlib.Path(options.folder)
    (folder / "requests").write_text("", encoding="utf-8")
    (folder / "port.new").write_text(str(server.server_port), encoding="ascii")
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()
