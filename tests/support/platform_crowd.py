#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""People at the pages of one or several nodes, as many at once, who note what was acknowledged; and whether it is there.

usage: platform_crowd.py work   --url URL... --seconds N --notes FOLDER --people N [--pause MILLISECONDS]
       platform_crowd.py verify --url URL... --notes FOLDER --database ADDRESS --blobs FOLDER
       platform_crowd.py people --database ADDRESS --count N

"people" clones the demonstration's people and accounts by SQL, so that there are enough to ask roles for and to change passwords of.
"work": requesters send requests of roles (some with a letter), two heads approve the same ones at once, others sign in, others change
their passwords. Whoever gets no answer, or 503, asks again, at the next node, with the same form. Notes, one line each:

    sent TOKEN REQUEST SHA256-OF-LETTER|-    approved REQUEST    session SHA256-OF-TOKEN    password CODE PASSWORD
"""
import argparse
import collections
import hashlib
import http.client
import pathlib
import random
import re
import socket
import subprocess
import sqlite3
import threading
import time
import urllib.parse
import uuid

PASSWORD = "caracola azul 26"
UNIT = 10  # Obras Privadas, whose people the demonstration's operator asks roles for
MODEL = 10  # one of them
PATIENCE = 120


# ---- The database, from the side ----

def rows(database, query):
    if database.startswith("postgresql:"):
        done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", database, "-c", query], stdout=subprocess.PIPE, check=True)
        return [line.split("|") for line in done.stdout.decode().splitlines()]
    db = sqlite3.connect(database.removeprefix("sqlite:"), timeout=60)
    found = [[str(value) for value in row] for row in db.execute(query)]
    db.commit()
    db.close()
    return found


def hexed(database, column):
    return f"encode({column}, 'hex')" if database.startswith("postgresql:") else f"lower(hex({column}))"


def make_people(database, count):
    """People of the unit, with a post in it; every fourth has an account with the demonstration's password."""
    new = f"WITH RECURSIVE n(i) AS (SELECT 5000 UNION ALL SELECT i + 1 FROM n WHERE i < {4999 + count}) INSERT INTO "
    number = "'0000' || CAST(n.i AS text)"
    rows(database, new + "person(country, document, number, given_names, surname, second_surname, sort_name, mail, mobile, language, "
         f"entity, unit) SELECT country, document, {number}, 'Persona', 'Inventada', 'Ene', 'inventada ' || {number}, "
         f"'p' || {number} || '@ciudad-inventada.example', '', language, entity, unit FROM person, n WHERE id = {MODEL}")
    rows(database, new + "appointment(person, position, entity, acting, starts, ends, document) SELECT p.id, a.position, a.entity, "
         f"a.acting, a.starts, NULL, a.document FROM appointment a, person p, n WHERE a.person = {MODEL} AND p.number = {number}")
    rows(database, new + "account(code, person, entity, level, state, password, must_change, factors, language, created) SELECT "
         f"'X' || {number}, p.id, a.entity, level, state, password, must_change, factors, a.language, created "
         f"FROM account a, person p, n WHERE a.person = {MODEL} AND p.number = {number} AND n.i % 4 = 0")
    # A second head, who may decide the same requests.
    rows(database, "INSERT INTO role_assignment(person, role, entity, unit, home, starts, giver, ender, end_reason, sort_name, told) "
         f"SELECT 8, role, entity, unit, home, starts, giver, '', '', sort_name, told FROM role_assignment WHERE role = 'access_approver' "
         f"AND unit = {UNIT}")


# ---- A browser ----

class Lost(Exception):
    """No answer: nobody knows whether it was done."""


class Browser:
    def __init__(self, crowd):
        self.crowd = crowd
        self.node = random.randrange(len(crowd.urls))
        self.cookies = {}
        self.link = None

    def turn(self):
        if self.link:
            self.link.close()
        self.link = None
        self.node = (self.node + 1) % len(self.crowd.urls)

    def once(self, method, path, fields=None, letter=None):
        """(status, headers, body), or Lost."""
        url = urllib.parse.urlsplit(self.crowd.urls[self.node])
        headers = {"Accept": "text/html", "Accept-Language": "en", "Host": self.crowd.host,
                   "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if letter is not None:
            edge = uuid.uuid4().hex
            parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields]
            parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="letter"; filename="oficio.pdf"\r\n'
                         "Content-Type: application/pdf\r\n\r\n".encode() + letter + f"\r\n--{edge}--\r\n".encode())
            body = b"".join(parts)
            headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
        elif fields is not None:
            body = urllib.parse.urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        try:
            if self.link is None:
                self.link = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.crowd.count(f"no answer ({type(error).__name__})")
            self.turn()
            raise Lost from error
        finally:
            self.crowd.slowest = max(self.crowd.slowest, time.monotonic() - began)
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status >= 500:
            self.crowd.refused(answer, content)
        return answer.status, answer.headers, content.decode("utf-8", "replace")

    def ask(self, method, path, fields=None, letter=None):
        """Until something else than no answer or 5xx comes; whether it took more than one try."""
        until = time.monotonic() + PATIENCE
        tries = 0
        while True:
            tries += 1
            try:
                status, headers, body = self.once(method, path, fields, letter)
                if status < 500:
                    return status, headers, body, tries > 1
            except Lost:
                pass
            if time.monotonic() > until:
                raise Lost(f"{method} {path} had no answer for {PATIENCE} s")
            time.sleep(0.1 + random.random() * 0.2)

    def sign_in(self, code, password):
        """The session's token; None when the password is wrong. Tries that died count as wrong ones: then one waits."""
        for _ in range(20):
            self.cookies = {k: v for k, v in self.cookies.items() if "visitor" in k}
            _, _, page, _ = self.ask("GET", "/acceso")
            status, headers, page, _ = self.ask("POST", "/acceso", [("csrf", hidden(page, "csrf")), ("usuario", code), ("clave", password)])
            if status == 303 and "acceso" not in headers["Location"]:
                return self.cookies["__Host-refrenda"]
            if "several wrong tries" not in page:
                break
            self.crowd.count("waits after tries that died")
            time.sleep(2)
        if status != 303 and "not right" not in page:
            self.crowd.odd(f"sign-in of {code}: {status} {headers.get('Location')} {' '.join(re.sub('<[^>]*>', ' ', page).split())[:300]}")
        return None


def hidden(page, name):
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


# ---- People ----

class Crowd:
    def __init__(self, urls, notes, pause):
        self.urls, self.pause = urls, pause
        self.host = urllib.parse.urlsplit(urls[0]).netloc
        self.notes = open(notes / "acknowledged", "a", buffering=1)
        self.lock = threading.Lock()
        self.door = threading.Lock()
        self.counts = collections.Counter()
        self.oddities = []
        self.slowest = 0.0
        self.queue = collections.deque()
        self.stop = threading.Event()

    def note(self, *words):
        with self.lock:
            self.notes.write(" ".join(words) + "\n")
            self.counts[words[0]] += 1

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def odd(self, what):
        with self.lock:
            self.oddities.append(what)

    def refused(self, answer, content):
        retry = answer.headers.get("Retry-After")
        self.count(f"{answer.status} {'with' if retry else 'WITHOUT'} Retry-After")
        if answer.status != 503 or not retry:
            self.odd(f"{answer.status}: {' '.join(re.sub(b'<[^>]*>', b' ', content).decode('utf-8', 'replace').split())[:300]}")

    def rest(self):
        self.stop.wait(self.pause / 1000 * (0.5 + random.random()))


def signed_in(crowd, code):
    browser = Browser(crowd)
    with crowd.door:
        if not browser.sign_in(code, PASSWORD):
            crowd.odd(f"{code} cannot sign in")
    return browser


def requester(crowd, people):
    """A letter every fifth time, for which another role is asked."""
    browser = signed_in(crowd, "U0002")
    n = 0
    while not crowd.stop.is_set() and people:
        with crowd.lock:
            person, role = people.pop()
        n += 1
        letter = None
        path = f"/accesos/solicitudes/nueva/{person}"
        if n % 5 == 0:
            role = "certifying_agent"
            letter = b"%PDF-1.4\n" + random.randbytes(200_000) + b"\n%%EOF\n"
        status, _, page, _ = browser.ask("GET", path)
        if status == 303:
            browser = signed_in(crowd, "U0002")
            continue
        token = hidden(page, "token")
        fields = [("csrf", hidden(page, "csrf")), ("token", token), ("unit", str(UNIT)), ("lines", role), ("reason", f"Prueba {n}"),
                  ("action", "send")]
        status, headers, page, again = browser.ask("POST", path, fields, letter)
        found = re.search(r"/accesos/solicitudes/(\d+)$", headers.get("Location") or "")
        if status != 303 or not found:
            crowd.odd(f"sending: {status} {headers.get('Location')} again={again} {' '.join(re.sub('<[^>]*>', ' ', page).split())[:400]}")
            continue
        crowd.note("sent", token, found[1], hashlib.sha256(letter).hexdigest() if letter else "-")
        if not letter:
            for queue in crowd.queue:
                queue.append(found[1])
        crowd.rest()


def head(crowd, code, queue):
    """Two heads have the same requests before them: one of them decides."""
    browser = signed_in(crowd, code)
    while not crowd.stop.is_set() or queue:
        if not queue:
            time.sleep(0.05)
            continue
        number = queue.popleft()
        status, _, page, _ = browser.ask("GET", f"/accesos/solicitudes/{number}")
        if status != 200:
            crowd.odd(f"{code} at request {number}: {status}")
            continue
        status, headers, page, again = browser.ask("POST", f"/accesos/solicitudes/{number}/decidir",
                                                   [("csrf", hidden(page, "csrf")), ("verdict", "approve")])
        if status == 303:
            crowd.note("approved", number, code)
        elif status != 409 and not (status == 403 and "csrf" not in page):
            crowd.odd(f"{code} decides {number}: {status} again={again} {' '.join(re.sub('<[^>]*>', ' ', page).split())[:300]}")
        if crowd.stop.is_set() and time.monotonic() > crowd.over:
            return


def visitor(crowd, codes):
    while not crowd.stop.is_set():
        browser = Browser(crowd)
        token = browser.sign_in(random.choice(codes), PASSWORD)
        if token:
            crowd.note("session", hashlib.sha256(token.encode()).hexdigest())
        crowd.rest()


def changer(crowd, code):
    """Whoever does not know whether the password was changed finds out by signing in."""
    password, n = PASSWORD, 0
    browser = Browser(crowd)
    if not browser.sign_in(code, password):
        crowd.odd(f"{code} cannot sign in at first")
        return
    while not crowd.stop.is_set():
        n += 1
        new = f"mapamundi {code} {n} {random.randrange(10 ** 6)}"
        _, _, page, _ = browser.ask("GET", "/cuenta/clave")
        try:
            status, headers, page = browser.once("POST", "/cuenta/clave", [("csrf", hidden(page, "csrf")), ("old", password),
                                                                         ("password", new), ("repeat", new)])
        except Lost:
            status = 0
        if status == 303 and headers["Location"] == "/cuenta":
            password = new
            crowd.note("password", code, password.replace(" ", "_"))
        else:
            crowd.count("password unknown")
            for candidate in (new, password) * 20:
                if browser.sign_in(code, candidate):
                    if candidate == new:
                        crowd.note("password", code, new.replace(" ", "_"))
                    password = candidate
                    break
            else:
                crowd.odd(f"{code} cannot sign in any more after {status}")
                return
        crowd.rest()


def work(a):
    a.notes.mkdir(exist_ok=True)
    crowd = Crowd(a.url, a.notes, a.pause)
    crowd.queue = [collections.deque(), collections.deque()]
    roles = ["signer", "registrar", "assistant", "operator", "issuer", "desk_analyst"]
    found = rows(a.database, "SELECT id FROM person WHERE number LIKE '0000%' AND sort_name LIKE 'inventada %' ORDER BY id")
    asked = {(r[0], r[1]) for r in rows(a.database, "SELECT r.subject, l.role FROM access_request r JOIN access_line l ON l.request = r.id")}
    people = [(person, role) for role in roles for (person,) in found if (person, role) not in asked]
    random.shuffle(people)
    codes = [row[0] for row in rows(a.database, "SELECT code FROM account WHERE code LIKE 'X%' ORDER BY code")]
    threads = [threading.Thread(target=requester, args=(crowd, people)) for _ in range(a.people)]
    threads += [threading.Thread(target=head, args=(crowd, code, queue)) for code, queue in zip(("U0003", "U0004"), crowd.queue)]
    threads += [threading.Thread(target=visitor, args=(crowd, codes[a.people:])) for _ in range(a.people)]
    threads += [threading.Thread(target=changer, args=(crowd, code)) for code in codes[:a.people]]
    began = time.monotonic()
    crowd.over = began + a.seconds + 30
    for thread in threads:
        thread.start()
    time.sleep(a.seconds)
    crowd.stop.set()
    for thread in threads:
        thread.join(PATIENCE + 60)
    print(f"in {time.monotonic() - began:.0f} s: " + ", ".join(f"{n} {what}" for what, n in sorted(crowd.counts.items())) +
          f"; the slowest answer after {crowd.slowest:.1f} s")
    for odd in crowd.oddities[:20]:
        print("odd:", odd)
    alive = sum(thread.is_alive() for thread in threads)
    if alive:
        print(f"{alive} wait for an answer still")
    return 1 if crowd.oddities or alive or not crowd.counts["sent"] else 0


# ---- Is it there ----

def verify(a):
    wrong = []

    def expect(good, what):
        if not good:
            wrong.append(what)

    notes = [line.split() for line in (a.notes / "acknowledged").read_text().splitlines()]
    sent = {words[2]: words for words in notes if words[0] == "sent"}
    approved = collections.Counter(words[1] for words in notes if words[0] == "approved")
    db = a.database
    stored = {r[0]: r for r in rows(db, "SELECT id, token, state, letter FROM access_request WHERE token IS NOT NULL")}
    for number, words in sent.items():
        row = stored.get(number)
        expect(row and row[1] == words[1], f"request {number} was acknowledged and is not there")
        expect(row and row[2] in ("sent", "approved"), f"request {number} was sent and is {row and row[2]}")
        expect(row and (words[3] == "-" or row[3] == words[3]), f"request {number} has another letter")
    expect(len(sent) == sum(words[0] == "sent" for words in notes), "a request was acknowledged twice")
    for number, count in approved.items():
        expect(count == 1, f"request {number} was approved {count} times")
        expect(number in stored and stored[number][2] == "approved", f"request {number} was approved and is not")
    expect(not rows(db, "SELECT token FROM access_request WHERE token IS NOT NULL GROUP BY token HAVING count(*) > 1"), "a form made two")
    is_approved = {r[0] for r in stored.values() if r[2] == "approved"}
    granted = collections.Counter(r[0] for r in rows(db, "SELECT request FROM role_assignment WHERE request IS NOT NULL"))
    asked = collections.Counter(r[0] for r in rows(db, "SELECT request FROM access_line"))
    for number in stored:
        expect(granted[number] == (asked[number] if number in is_approved else 0),
               f"request {number}: {stored[number][2]}, {asked[number]} roles asked for, {granted[number]} given")
    for action, numbers in (("access.approve", is_approved), ("access.send", set(stored) - {n for n, r in stored.items() if r[2] == "draft"})):
        told = collections.Counter(r[0] for r in rows(db, f"SELECT object FROM (SELECT object, action FROM audit_row UNION ALL SELECT object, action FROM audit_waiting) a WHERE action = '{action}'")
                                   if r[0].removeprefix("access:") in stored)
        expect(set(told) == {f"access:{n}" for n in numbers} and all(n == 1 for n in told.values()),
               f"the audit trail's {action} rows are not those of the requests: {len(told)} {len(numbers)}")
    sessions = {r[0] for r in rows(db, f"SELECT {hexed(db, 'token')} FROM session")}
    for words in notes:
        expect(words[0] != "session" or words[1] in sessions, "an acknowledged session is not there")
    crowd = Crowd(a.url, a.notes, 0)
    passwords = {words[1]: words[2].replace("_", " ") for words in notes if words[0] == "password"}
    for code, password in passwords.items():
        expect(Browser(crowd).sign_in(code, password), f"{code} cannot sign in with the password that was acknowledged last")
    blobs = 0
    reader = Browser(crowd)
    reader.sign_in("U0002", PASSWORD)
    for row in rows(db, "SELECT id, letter FROM access_request WHERE letter <> '' AND state <> 'draft'"):
        blobs += 1
        status, _, _, _ = reader.ask("GET", f"/accesos/solicitudes/{row[0]}")
        expect(status == 200, f"request {row[0]} is shown with {status}")
        url = urllib.parse.urlsplit(crowd.urls[blobs % len(crowd.urls)])
        link = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        link.request("GET", f"/accesos/solicitudes/{row[0]}/oficio",
                     headers={"Host": crowd.host, "Cookie": f"__Host-refrenda={reader.cookies['__Host-refrenda']}"})
        answer = link.getresponse()
        content = answer.read()
        expect(answer.status == 200 and hashlib.sha256(content).hexdigest() == row[1], f"the letter of request {row[0]} is not whole")
    print(f"{len(sent)} requests, {len(approved)} approvals acknowledged of {len(is_approved)}, {len(passwords)} people with new passwords, "
          f"{sum(w[0] == 'session' for w in notes)} sessions, {blobs} letters: {len(wrong)} wrong")
    for what in wrong[:20]:
        print("wrong:", what)
    return 1 if wrong or not sent or not approved else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("work", "verify", "people"))
    parser.add_argument("--url", nargs="+")
    parser.add_argument("--database", required=True)
    parser.add_argument("--notes", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--pause", type=int, default=100)
    a = parser.parse_args()
    socket.setdefaulttimeout(60)
    if a.what == "people":
        make_people(a.database, a.count)
        return 0
    return work(a) if a.what == "work" else verify(a)


raise SystemExit(main())
