#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Applicants and agents at the pages of a real server, without script: the way of a request, and all that goes wrong on it.

usage: registration_story.py CASE --home FOLDER --url URL --database ADDRESS [--refrendad PROGRAM] [--rounds N] [--ready URL]

Prints a line of the Test Anything Protocol for each thing that is checked: "ok what" or "not ok what: why". CASE is one of

    races      two agents at once take one request, approve one, revoke one
    doubles    every form is sent several times at once
    links      links of mails that are over, used, or made up; folios and numbers that are guessed
    units      an agent of another unit, who is nobody here
    files      files that are too large, or not what they say
    kills      the server is killed (SIGKILL, all of its processes) while each step is being done; it is started again, and
               the same is sent once more

Agents sign in with HOME/agente.p12, HOME/agente-2.p12 and HOME/agente-3.p12 (agente-3's are of another unit's).
"""
import argparse
import base64
import hashlib
import html
import http.client
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import uuid

UNIT, OTHER_UNIT = 10, 11  # of the demonstration: Obras Privadas, Control Urbano
PATIENCE = 60
FAILED = []


# ---- What is told ----

def tell(good, what, why=""):
    print(f"{'ok' if good else 'not ok'} {what}" + ("" if good else f": {why}"), flush=True)
    if not good:
        FAILED.append(what)


def same(got, wanted, what):
    tell(got == wanted, what, f"{got!r} instead of {wanted!r}")


# ---- The database, from the side ----

class Database:
    def __init__(self, address):
        self.address = address
        self.postgresql = address.startswith("postgresql:")

    def rows(self, query):
        if self.postgresql:
            done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.address, "-c", query], stdout=subprocess.PIPE, check=True)
            return [line.split("|") for line in done.stdout.decode().splitlines()]
        db = sqlite3.connect(self.address.removeprefix("sqlite:"), timeout=60)
        found = [[str(value) for value in row] for row in db.execute(query)]
        db.commit()
        db.close()
        return found

    def one(self, query):
        found = self.rows(query)
        return found[0][0] if found else None

    def mail(self, name, to):
        """The newest mail of this name to an address."""
        hexed = "encode(convert_to(body, 'UTF8'), 'hex')" if self.postgresql else "hex(body)"
        found = self.one(f"SELECT {hexed} FROM outbox WHERE name = '{name}' AND recipient = '{to}' AND channel = 0 ORDER BY id DESC LIMIT 1")
        return bytes.fromhex(found).decode() if found else ""


# ---- A browser ----

class Lost(Exception):
    """No answer: nobody knows whether it was done."""


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        self.location = headers.get("Location") or ""

    def hidden(self, name):
        found = re.search(f'name="{re.escape(name)}" value="([^"]*)"', self.text)
        return html.unescape(found[1]) if found else ""

    def words(self):
        return " ".join(re.sub("<[^>]*>", " ", re.sub("(?s)<head>.*?</head>", "", self.text)).split())[:400]


class Browser:
    def __init__(self, story):
        self.story, self.cookies = story, {"__Host-refrenda-language": "en"}

    def ask(self, method, path, fields=None, files=()):
        url = urllib.parse.urlsplit(self.story.url)
        headers = {"Accept": "text/html", "Accept-Language": "en", "Host": url.netloc, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if fields is not None:
            body, headers["Content-Type"] = multipart(fields, files) if files else (urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")
        link = http.client.HTTPConnection(url.hostname, url.port, timeout=PATIENCE)
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost(f"{method} {path}: {error}") from error
        finally:
            link.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers, content.decode("utf-8", "replace"))

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, fields, files=()):
        return self.ask("POST", path, fields, files)


def multipart(fields, files):
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields]
    for name, file, content in files:
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode())
        parts.append(content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


# ---- Files and keys ----

def pdf(text):
    """A page with nothing on it; `text` makes it another one."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>", b"<</Title(" + text.encode() + b")>>"]
    out = b"%PDF-1.7\n"
    places = []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + item + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return out + f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()


def run(*command, given=None):
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout


def new_request(folder, name):
    """A key and its PKCS#10."""
    key = folder / f"{name}.key"
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key))
    return run("openssl", "req", "-new", "-key", str(key), "-subj", f"/CN={name}", "-outform", "DER")


class Key:
    """What the browser does with the file of an agent's certificate."""

    def __init__(self, home, name):
        secret = home / "agente.password" if name == "agente" else home / f"{name}.password"
        self.pem, self.key = home / f"{name}.story.pem", home / f"{name}.story.key"
        p12 = ["openssl", "pkcs12", "-in", str(home / f"{name}.p12"), "-passin", f"file:{secret}"]
        run(*p12, "-clcerts", "-nokeys", "-out", str(self.pem))
        run(*p12, "-nocerts", "-nodes", "-out", str(self.key))
        self.certificate = run("openssl", "x509", "-in", str(self.pem), "-outform", "DER")

    def sign(self, text):
        return run("openssl", "dgst", "-sha256", "-sign", str(self.key), given=text)

    def cms(self, text):
        return base64.b64encode(run("openssl", "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md", "sha256", "-signer", str(self.pem), "-inkey", str(self.key), "-outform", "DER",
                                    given=text)).decode()


# ---- What people do ----

class Story:
    def __init__(self, options):
        self.home, self.url, self.database = pathlib.Path(options.home), options.url, Database(options.database)
        self.options = options
        self.keys = {}
        self.server = None

    def agent(self, name):
        if name not in self.keys:
            self.keys[name] = Key(self.home, name)
        browser, key = Browser(self), self.keys[name]
        browser.key = key
        token = browser.get("/acceso/certificado").hidden("csrf")
        text = json.loads(browser.post("/acceso/certificado/texto", [("csrf", token)]).text)["text"].encode()
        fields = [(field, base64.b64encode(value).decode()) for field, value in (("text", text), ("certificate", key.certificate), ("signature", key.sign(text)))]
        answer = browser.post("/acceso/certificado", [("csrf", token), *fields])
        if answer.status != 303:
            sys.exit(f"{name} cannot sign in: {answer.status} {answer.words()}")
        return browser

    # An applicant.

    def form(self, unit=UNIT, browser=None):
        """The form, filled in: it can be sent several times."""
        browser = browser or Browser(self)
        page = browser.get("/firma/solicitud")
        number = f"{random.randrange(10**7, 10**8 - 10**6)}"
        mail = f"p{number}@ejemplo.example"
        key = new_request(self.home, f"persona-{number}")
        fields = [("csrf", page.hidden("csrf")), ("token", page.hidden("token")), ("motive", "issue/first-issue"), ("document", "dni"), ("number", number), ("given_names", "Persona"),
                  ("surname", "Inventada"), ("second_surname", "Prueba"), ("unit", str(unit)), ("locality", "150101"), ("address", "Calle Ficticia 1"), ("mail", mail), ("mail_again", mail),
                  ("mobile", "+51987654321"), ("key", base64.b64encode(key).decode()), ("key_name", "clave.key")]
        files = [(kind, f"{kind}.pdf", pdf(f"{kind} {number}")) for kind in ("identity-front", "identity-back", "proof-of-address")]
        return {"browser": browser, "fields": fields, "files": files, "number": number, "mail": mail}

    def proof(self, browser):
        """The work that the browser does for who is not signed in."""
        code = json.loads(browser.get("/acceso/codigo-de-seguridad").text)
        n = next(n for n in range(code["maxnumber"] + 1) if hashlib.sha256(f"{code['salt']}{n}".encode()).hexdigest() == code["challenge"])
        answer = {**{name: code[name] for name in ("algorithm", "challenge", "salt", "signature")}, "number": n}
        return base64.b64encode(json.dumps(answer).encode()).decode()

    def send(self, form, files=None):
        browser = form["browser"]
        return browser.post("/firma/solicitud", [*form["fields"], ("codigo-de-seguridad", self.proof(browser))], form["files"] if files is None else files)

    def requests(self, form):
        """(id, folio, state) of all that were made of a form."""
        return self.database.rows(f"SELECT r.id, r.code, r.state FROM request r JOIN applicant a ON a.request = r.id WHERE a.number = '{form['number']}' AND r.way = 'online' ORDER BY r.id")

    def asked(self, **how):
        form = self.form(**how)
        answer = self.send(form)
        if answer.status != 303:
            sys.exit(f"a request was not taken: {answer.status} {answer.words()}")
        (form["id"], form["folio"], _), = self.requests(form)
        return form

    def link(self, form):
        found = re.search(r"/firma/confirmar/([A-Za-z0-9_-]+)", self.database.mail("request-confirm", form["mail"]))
        return found[1] if found else ""

    def confirm(self, form):
        browser, path = form["browser"], f"/firma/confirmar/{self.link(form)}"
        page = browser.get(path)
        return browser.post(path, [("csrf", page.hidden("csrf"))])

    def confirmed(self, **how):
        form = self.asked(**how)
        answer = self.confirm(form)
        if self.requests(form)[0][2] != "started":
            sys.exit(f"a request was not confirmed: {answer.status} {answer.words()}")
        return form

    # An agent.

    def take(self, agent, form):
        path = f"/agente/solicitudes/{form['id']}"
        page = agent.get(path)
        return agent.post(f"{path}/tomar", [("csrf", page.hidden("csrf"))])

    def mark(self, agent, form):
        path = f"/agente/solicitudes/{form['id']}"
        page = agent.get(path)
        evidence = [row[0] for row in self.database.rows(f"SELECT id FROM evidence WHERE request = {form['id']} AND NOT replaced")]
        ticks = [("seen", number) for number in evidence] + [("mark", f"{number}.{mark}") for number in evidence for mark in ("legible", "complete", "current")]
        return agent.post(f"{path}/revisar", [("csrf", page.hidden("csrf")), *ticks])

    def approval(self, agent, form):
        """The form that approves, signed."""
        path = f"/agente/solicitudes/{form['id']}"
        page = agent.get(f"{path}/generar")
        text = agent.get(f"{path}/aprobacion.txt")
        if text.status != 200:
            return None
        return f"{path}/generar", [("csrf", page.hidden("csrf")), ("signature", agent.key.cms(text.text.encode()))]

    def approve(self, agent, form):
        return agent.post(*self.approval(agent, form))

    def taken(self, agent, **how):
        form = self.confirmed(**how)
        self.take(agent, form)
        self.mark(agent, form)
        return form

    def issued(self, agent, **how):
        form = self.taken(agent, **how)
        answer = self.approve(agent, form)
        form["certificate"] = self.certificate(form)
        if form["certificate"] is None:
            sys.exit(f"nothing was issued: {answer.status} {answer.words()}")
        return form

    def certificate(self, form):
        found = self.database.one(f"SELECT certificate FROM applicant WHERE request = {form['id']}")
        return None if found in (None, "", "None") else found

    def revocation(self, agent, form, reason="pin-exposed"):
        """The form that revokes, signed."""
        path = f"/agente/certificados/{form['certificate']}"
        page = agent.get(f"{path}/revocar")
        text = agent.get(f"{path}/revocacion.txt?motivo={reason}")
        return f"{path}/revocar", [("csrf", page.hidden("csrf")), ("number", form["number"]), ("reason", reason), ("note", ""), ("verdict", "revoke"),
                                   ("signature", agent.key.cms(text.text.encode()))]

    def state(self, form):
        return self.requests(form)[0][2]

    def certificates(self, form):
        return int(self.database.one(f"SELECT count(*) FROM certificate WHERE subject_id = 'IDCPE-{form['number']}'"))

    def mails(self, name, form):
        return int(self.database.one(f"SELECT count(*) FROM outbox WHERE name = '{name}' AND recipient = '{form['mail']}' AND channel = 0"))

    def ocsp(self, form):
        """What the status service says: good, revoked, unknown."""
        der = self.database.one(f"SELECT {'encode(der, ' + chr(39) + 'hex' + chr(39) + ')' if self.database.postgresql else 'hex(der)'} FROM certificate_der WHERE certificate = {form['certificate']}")
        file = self.home / f"persona-{form['number']}.der"
        file.write_bytes(bytes.fromhex(der))
        issuer = self.home / "public/emisora-1.pem"
        done = subprocess.run(["openssl", "ocsp", "-issuer", str(issuer), "-cert", str(file), "-url", f"{self.options.status}/ocsp", "-CAfile", str(self.home / "public/raiz.pem"), "-no_nonce"],
                              capture_output=True, text=True, check=False)
        found = re.search(r": (good|revoked|unknown)", done.stdout)
        return found[1] if found else done.stderr


def at_once(*works):
    """Runs them in threads that begin together; their answers (or what they raised), in order."""
    answers, gate = [None] * len(works), threading.Barrier(len(works))

    def do(number, work):
        gate.wait()
        try:
            answers[number] = work()
        except Exception as error:  # pylint: disable=broad-except
            answers[number] = error

    threads = [threading.Thread(target=do, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def statuses(answers):
    return [answer.status if isinstance(answer, Answer) else repr(answer) for answer in answers]


# ---- Two agents ----

def races(story):
    first, second = story.agent("agente"), story.agent("agente-2")
    for n in range(story.options.rounds):
        form = story.confirmed()
        path = f"/agente/solicitudes/{form['id']}"
        tokens = [agent.get(path).hidden("csrf") for agent in (first, second)]
        answers = at_once(*(lambda agent=agent, token=token: agent.post(f"{path}/tomar", [("csrf", token)]) for agent, token in zip((first, second), tokens)))
        taker = story.database.one(f"SELECT p.number FROM request r JOIN person p ON p.id = r.taker WHERE r.id = {form['id']}")
        told = int(story.database.one(f"SELECT count(*) FROM request_event WHERE request = {form['id']} AND event = 'taken'"))
        tell(statuses(answers) == [303, 303] and told == 1, f"{n + 1}: of two agents who take a request one has it", f"{statuses(answers)}, taken {told} times")
        winner, loser, name = (first, second, "Elvira") if taker == "00000105" else (second, first, "Wanda")
        page = loser.get(path)
        tell(page.status == 200 and name in page.text and "/tomar" not in page.text, f"{n + 1}: the other is told who has it", f"{page.status} {page.words()}")
        same(loser.get(f"{path}/generar").status, 303, f"{n + 1}: who does not have it cannot approve it")
        story.mark(winner, form)
        approval = story.approval(winner, form)
        # The other sends the very approval, and one of their own.
        stolen = loser.post(approval[0], [("csrf", loser.get(path).hidden("csrf")), approval[1][1]])
        tell(stolen.status in (303, 403, 409, 422) and story.certificate(form) is None, f"{n + 1}: an approval that somebody else signed is nothing", stolen.words())
        answers = at_once(*(lambda: winner.post(*approval) for _ in range(3)))
        form["certificate"] = story.certificate(form)
        tell(statuses(answers) == [303] * 3 and story.certificates(form) == 1 and story.state(form) == "issued", f"{n + 1}: approved three times at once, one certificate",
             f"{statuses(answers)}, {story.certificates(form)} certificates, {story.state(form)}")
        same(story.mails("certificate-issued", form), 1, f"{n + 1}: it is mailed once")
        same(story.ocsp(form), "good", f"{n + 1}: OCSP says good")
        orders = [story.revocation(agent, form, reason) for agent, reason in ((first, "pin-exposed"), (second, "pin-lost"))]
        answers = at_once(*(lambda agent=agent, order=order: agent.post(*order, files=[("signature_file", "", b"")]) for agent, order in zip((first, second), orders)))
        done = [answer.status for answer in answers if isinstance(answer, Answer)]
        tell(sorted(done) in ([303, 303], [303, 409]) and 303 in done, f"{n + 1}: of two agents who revoke one does", f"{statuses(answers)} {[a.words() for a in answers if isinstance(a, Answer)]}")
        rows = story.database.rows(f"SELECT v.rfc_reason, s.reason FROM revocation v JOIN certificate_status s ON s.certificate = v.certificate WHERE v.certificate = {form['certificate']}")
        tell(len(rows) == 1 and rows[0][0] == rows[0][1], f"{n + 1}: once, for the reason of who did", f"{rows}")
        same(story.ocsp(form), "revoked", f"{n + 1}: OCSP says revoked")
        same(story.mails("certificate-revoked", form), 1, f"{n + 1}: the holder is told once")


# ---- Impatient people ----

def doubles(story):
    agent = story.agent("agente")
    form = story.form()
    proofs = [story.proof(form["browser"]) for _ in range(4)]
    answers = at_once(*(lambda proof=proof: form["browser"].post("/firma/solicitud", [*form["fields"], ("codigo-de-seguridad", proof)], form["files"]) for proof in proofs))
    rows = story.requests(form)
    tell(set(statuses(answers)) == {303} and len(rows) == 1, "a request that is sent four times at once is one", f"{statuses(answers)} {rows}")
    form["id"], form["folio"], _ = rows[0]
    same(story.mails("request-confirm", form), 1, "one mail asks to confirm it")
    link = story.link(form)
    page = form["browser"].get(f"/firma/confirmar/{link}")
    same(story.state(form), "unverified", "opening the link confirms nothing: programs that look at mails open links")
    answers = at_once(*(lambda: form["browser"].post(f"/firma/confirmar/{link}", [("csrf", page.hidden("csrf"))]) for _ in range(4)))
    told = int(story.database.one(f"SELECT count(*) FROM request_event WHERE request = {form['id']} AND event = 'confirmed'"))
    tell(all(status in (200, 303) for status in statuses(answers)) and told == 1 and story.state(form) == "started", "confirmed four times at once is once", f"{statuses(answers)} {told}")
    path = f"/agente/solicitudes/{form['id']}"
    token = agent.get(path).hidden("csrf")
    answers = at_once(*(lambda: agent.post(f"{path}/tomar", [("csrf", token)]) for _ in range(4)))
    told = int(story.database.one(f"SELECT count(*) FROM request_event WHERE request = {form['id']} AND event = 'taken'"))
    tell(set(statuses(answers)) == {303} and told == 1, "taken four times at once is once", f"{statuses(answers)} {told}")
    story.mark(agent, form)
    story.approve(agent, form)
    form["certificate"] = story.certificate(form)
    order = story.revocation(agent, form)
    answers = at_once(*(lambda: agent.post(*order, files=[("signature_file", "", b"")]) for _ in range(4)))
    rows = story.database.rows(f"SELECT request FROM revocation WHERE certificate = {form['certificate']}")
    tell(set(statuses(answers)) == {303} and len(rows) == 1, "revoked four times at once is once", f"{statuses(answers)} {rows} {[a.words() for a in answers if isinstance(a, Answer)][:1]}")
    same(story.mails("certificate-revoked", form), 1, "one mail tells the holder")
    codes = story.database.rows("SELECT code FROM request WHERE way = 'revocation' ORDER BY id")
    numbers = [int(code[0].split("-")[1]) for code in codes]
    same(numbers, list(range(1, len(numbers) + 1)), "the numbers of revocations have no gaps")


# ---- Links and folios ----

def links(story):
    form = story.asked()
    link, browser = story.link(form), form["browser"]
    path = f"/firma/confirmar/{link}"
    token = browser.get(path).hidden("csrf")
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "B"), link + "A", "A" * len(link), "x", "%00", ".."):
        answer = browser.post(f"/firma/confirmar/{wrong}", [("csrf", token)])
        if answer.status not in (400, 404, 410) and "confirm" not in answer.text:
            tell(False, f"the made-up link {wrong}", f"{answer.status} {answer.words()}")
    same(story.state(form), "unverified", "links that are made up confirm nothing")
    past = "(SELECT max(ends) - 400000000000 FROM request_link)"
    story.database.rows(f"UPDATE request_link SET ends = {past} WHERE request = {form['id']} AND purpose = 'confirm'" + (" RETURNING 1" if story.database.postgresql else ""))
    story.database.rows("SELECT 1")
    answer = browser.post(path, [("csrf", token)])
    tell(story.state(form) == "unverified" and answer.status in (404, 410, 200), "a link that is over confirms nothing", f"{answer.status} {story.state(form)}")
    tell("confirmar" in answer.text or "mail" in answer.text.lower(), "and the page says how to get another", answer.words())
    # Folio and number have to belong together.
    other = story.asked()
    for folio, number, what in ((form["folio"], other["number"], "another request's number"), (other["folio"], form["number"], "another request's folio"), ("S-9999-2026", form["number"], "a forged folio"),
                                (form["folio"], "' OR 1=1 --", "what a program might take"), (form["folio"], "", "no number")):
        stranger = Browser(story)
        page = stranger.get("/firma/seguimiento")
        answer = stranger.post("/firma/seguimiento", [("csrf", page.hidden("csrf")), ("folio", folio), ("number", number)])
        shown = form["mail"] in answer.text or "Inventada" in answer.text or answer.status == 303
        tell(answer.status in (200, 404, 422) and not shown, f"with {what} nothing is shown", f"{answer.status} {answer.words()}")
    stranger = Browser(story)
    page = stranger.get("/firma/seguimiento")
    answer = stranger.post("/firma/seguimiento", [("csrf", page.hidden("csrf")), ("folio", form["folio"]), ("number", form["number"])])
    tell(answer.status == 303, "with the right ones it is", f"{answer.status} {answer.words()}")
    # A pass for one request opens no other.
    pass_cookie = stranger.cookies.get("__Host-refrenda-folio", "")
    forged = Browser(story)
    forged.cookies["__Host-refrenda-folio"] = pass_cookie.replace(form["id"], other["id"], 1)
    answer = forged.get("/firma/seguimiento")
    tell(other["mail"] not in answer.text and other["folio"] not in answer.text, "a pass that was altered opens nothing", answer.words())
    slow = 0
    for _ in range(14):
        stranger = Browser(story)
        page = stranger.get("/firma/seguimiento")
        slow += stranger.post("/firma/seguimiento", [("csrf", page.hidden("csrf")), ("folio", form["folio"]), ("number", "12345678")]).status == 429
    tell(slow > 0, "who guesses numbers of a folio is slowed down", f"{slow} times")


# ---- Other units ----

def units(story):
    stranger, agent = story.agent("agente-3"), story.agent("agente")
    form = story.issued(agent)
    waiting = story.confirmed()
    listed = stranger.get("/agente/solicitudes")
    tell(listed.status == 200 and waiting["folio"] not in listed.text, "an agent of another unit does not see a request", listed.words())
    token = stranger.get("/cuenta").hidden("csrf")
    number = form["certificate"]
    for path in (f"/agente/solicitudes/{waiting['id']}", f"/agente/solicitudes/{waiting['id']}/generar", f"/agente/solicitudes/{waiting['id']}/aprobacion.txt", f"/agente/certificados/{number}",
                 f"/agente/certificados/{number}/revocar", f"/agente/certificados/{number}/revocacion.txt?motivo=pin-exposed", f"/certificados/{number}", f"/certificados/{number}/cadena.pem"):
        answer = stranger.get(path)
        tell(answer.status in (303, 403, 404) and "Inventada" not in answer.text, f"nothing at {path.replace(number, 'N').replace(waiting['id'], 'N')}", f"{answer.status} {answer.words()}")
    evidence = story.database.one(f"SELECT max(id) FROM evidence WHERE request = {waiting['id']}")
    same(stranger.get(f"/evidencias/{evidence}").status, 404, "nor the files")
    for path, fields in ((f"/agente/solicitudes/{waiting['id']}/tomar", []), (f"/agente/solicitudes/{waiting['id']}/cancelar", [("cancel", "1"), ("reason", "x"), ("note", "x")]),
                         (f"/agente/certificados/{number}/reenviar", []), (f"/agente/certificados/{number}/revocar", [("number", form["number"]), ("reason", "pin-exposed"), ("verdict", "ask")]),
                         (f"/certificados/{number}/revocar", [("number", form["number"]), ("reason", "express-request")])):
        answer = stranger.post(path, [("csrf", token), *fields])
        tell(answer.status in (403, 404), f"nor can they POST {path.replace(number, 'N').replace(waiting['id'], 'N')}", f"{answer.status} {answer.words()}")
    same((story.state(waiting), story.ocsp(form)), ("started", "good"), "nothing was changed")
    served = story.confirmed(unit=OTHER_UNIT)
    tell(served["folio"] in stranger.get("/agente/solicitudes").text, "their own unit's request they see")


# ---- Files ----

def files(story):
    good = [(kind, f"{kind}.pdf", pdf(f"{kind} {random.random()}")) for kind in ("identity-front", "identity-back", "proof-of-address")]
    large = pdf("large")[:-6] + b"%" * (10 * 2**20 + 1) + b"\n%%EOF\n"
    disguised = (("a program", b"MZ" + os.urandom(4000)), ("a page", b"<html><script>alert(1)</script></html>"), ("an archive", b"PK\x03\x04" + os.urandom(4000)), ("half a PDF", pdf("half")[:200]),
                 ("a picture that is cut off", base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAA+gAAAPoCAYAAABNo9TkAAAA")), ("nothing", b""), ("a text that begins like a PDF", b"%PDF-1.7\n" + b"x" * 5000),
                 ("a vector graphic", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'))
    for what, content in (*disguised, ("more than 10 MB", large)):
        form = story.form()
        answer = story.send(form, [("identity-front", "dni.pdf", content), *good[1:]])
        tell(answer.status in (413, 422) and not story.requests(form), f"{what} with the name of a PDF is refused", f"{answer.status} {answer.words()}")
        if what == "a program":
            tell(form["mail"] in answer.text, "what was typed stays", answer.words())
    form = story.form()
    answer = story.send(form, [("identity-front", "../../../etc/passwd\x00.pdf", good[0][2]), *good[1:]])
    rows = story.requests(form)
    if answer.status == 303:
        names = story.database.rows(f"SELECT name FROM evidence WHERE request = {rows[0][0]}")
        tell(all("/" not in name[0] for name in names), "a name is never a path", f"{names}")
    else:
        tell(answer.status in (400, 422), "a name that is a path is refused, or made a name", f"{answer.status} {answer.words()}")
    form = story.form()
    answer = story.send(form, [*good, ("no-such-kind", "x.pdf", pdf("x"))])
    kinds = [row[0] for row in story.database.rows(f"SELECT e.kind FROM evidence e JOIN applicant a ON a.request = e.request WHERE a.number = '{form['number']}' ORDER BY 1")]
    tell("no-such-kind" not in kinds, "files that nobody asked for are not kept", f"{kinds}")
    form = story.form()
    story.send(form, [*good, ("identity-front", "again.pdf", pdf("again"))])
    count = story.database.one(f"SELECT count(*) FROM evidence e JOIN applicant a ON a.request = e.request WHERE a.number = '{form['number']}' AND e.kind = 'identity-front' AND NOT e.replaced")
    tell(count in ("0", "1"), "two files for one field are not two", count)
    form = story.form()
    form["fields"] = [(name, "QUJD" if name == "key" else value) for name, value in form["fields"]]
    answer = story.send(form)
    tell(answer.status == 422 and not story.requests(form), "what is no PKCS#10 is refused", f"{answer.status}")


# ---- Killed ----

def is_running(number):
    try:
        return pathlib.Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Server:
    def __init__(self, story):
        self.story, self.process = story, None

    def start(self):
        log = open(f"{self.story.home}.log", "ab")
        self.process = subprocess.Popen([self.story.options.refrendad, "--home", str(self.story.home)], stderr=log, start_new_session=True)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                sys.exit(f"the server ended with {self.process.returncode}")
            try:
                urllib.request.urlopen(self.story.options.ready, timeout=5).read()
                if Browser(self.story).get("/acceso").status == 200:
                    return
            except (OSError, Lost):
                pass
            time.sleep(0.05)
        sys.exit("the server does not come back")

    def children(self, number):
        try:
            found = [int(child) for child in pathlib.Path(f"/proc/{number}/task/{number}/children").read_text().split()]
        except OSError:
            return []
        return [deep for child in found for deep in (child, *self.children(child))]

    def kill(self):
        """All of it, at once: nobody is asked to end."""
        numbers = [self.process.pid, *self.children(self.process.pid)]
        for number in numbers:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        until = time.monotonic() + PATIENCE
        while any(is_running(number) for number in numbers[1:]) and time.monotonic() < until:
            time.sleep(0.01)  # they have the ports until then

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


def killed(story, delay, work):
    """Does `work` while the server is killed after `delay` seconds, and starts it again; what was answered, or None."""
    answers = []

    def do():
        try:
            answers.append(work())
        except Lost:
            pass

    thread = threading.Thread(target=do)
    thread.start()
    time.sleep(delay)
    story.server.kill()
    thread.join()
    story.server.start()
    return answers[0] if answers else None


def wait_for(what, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return bool(what())


def kills(story):
    story.server = Server(story)
    story.server.start()
    try:
        kill_rounds(story)
    finally:
        story.server.stop()
    kept(story)


def kill_rounds(story):
    delays = (0.002, 0.01, 0.02, 0.04, 0.08, 0.15)
    for n in range(story.options.rounds):
        delay = delays[n % len(delays)] * (0.7 + 0.6 * random.random())
        kill_one(story, f"{delay * 1000:.0f} ms", delay)


def kept(story):
    same(story.database.one("SELECT count(*) FROM request_event e JOIN request r ON r.id = e.request WHERE e.event = 'issued' AND r.state <> 'issued' AND r.way = 'online'"), "0",
         "no request was issued and is something else")
    same(story.database.one("SELECT count(*) - count(DISTINCT subject_id) FROM certificate WHERE subject LIKE 'Persona Inventada%'"), "0", "nobody has two certificates")
    for series in "SR":
        numbers = sorted(int(row[0].split("-")[1]) for row in story.database.rows(f"SELECT code FROM request WHERE code LIKE '{series}-%'"))
        same(numbers, list(range(1, len(numbers) + 1)), f"the numbers of {series} have no gaps and are there once")


def kill_one(story, what, delay):
    # Asking.
    form = story.form()
    proof = story.proof(form["browser"])
    answer = killed(story, delay, lambda: form["browser"].post("/firma/solicitud", [*form["fields"], ("codigo-de-seguridad", proof)], form["files"]))
    if answer is not None and answer.status == 303:
        same(len(story.requests(form)), 1, f"killed after {what}: a request that was acknowledged is there")
    again = story.send(form)
    rows = story.requests(form)
    tell(again.status == 303 and len(rows) == 1, f"killed after {what} while asking: sent again it is one request", f"{again.status} {rows} {again.words()}")
    form["id"], form["folio"], _ = rows[0]
    tell(story.link(form) != "" and story.mails("request-confirm", form) == 1, "with its mail, once", f"{story.mails('request-confirm', form)}")
    # Confirming.
    path = f"/firma/confirmar/{story.link(form)}"
    token = form["browser"].get(path).hidden("csrf")
    killed(story, delay, lambda: form["browser"].post(path, [("csrf", token)]))
    again = story.confirm(form)
    same((again.status in (200, 303), story.state(form)), (True, "started"), f"killed after {what} while confirming")
    # Taking.
    agent = story.agent("agente")
    path = f"/agente/solicitudes/{form['id']}"
    token = agent.get(path).hidden("csrf")
    killed(story, delay, lambda: agent.post(f"{path}/tomar", [("csrf", token)]))
    again = agent.post(f"{path}/tomar", [("csrf", token)])
    same((again.status, story.state(form)), (303, "taken"), f"killed after {what} while taking: the agent is still signed in, and has it")
    story.mark(agent, form)
    # Approving and issuing.
    approval = story.approval(agent, form)
    answer = killed(story, delay, lambda: agent.post(*approval))
    again = agent.post(*approval)
    # The keeper may have come later than the page: then the worker issues it, or the agent by trying again.
    there = wait_for(lambda: story.state(form) == "issued" or agent.post(*approval) is None, 5) or wait_for(lambda: story.state(form) == "issued", 150)
    tell(there and again.status in (303, 409) and story.certificates(form) == 1, f"killed after {what} while issuing: one certificate, of that request",
         f"{answer and answer.status} {again.status} {story.state(form)} {story.certificates(form)}")
    form["certificate"] = story.certificate(form)
    same(story.mails("certificate-issued", form), 1, "it is mailed once")
    # Revoking.
    order = story.revocation(agent, form)
    answer = killed(story, delay, lambda: agent.post(*order, files=[("signature_file", "", b"")]))
    if answer is not None and answer.status == 303:
        same(story.ocsp(form), "revoked", f"killed after {what}: what was told as revoked is")
    again = agent.post(*order, files=[("signature_file", "", b"")])
    tell(again.status == 303 or wait_for(lambda: story.ocsp(form) == "revoked", 120), f"killed after {what} while revoking: sent again it is done", f"{again.status} {again.words()}")
    tell(wait_for(lambda: story.database.one(f"SELECT count(*) FROM revocation WHERE certificate = {form['certificate']} AND revoked IS NOT NULL") == "1", 120), "with one receipt")
    same((story.ocsp(form), story.mails("certificate-revoked", form)), ("revoked", 1), "OCSP says so, and the holder is told once")


def main():
    cases = {"races": races, "doubles": doubles, "links": links, "units": units, "files": files, "kills": kills}
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=cases)
    for name in ("home", "url", "database", "status", "ready", "refrendad"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    cases[options.case](Story(options))
    sys.exit(len(FAILED) > 0)


if __name__ == "__main__":
    main()
