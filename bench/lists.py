# SPDX-License-Identifier: EUPL-1.2
"""Lists of a million rows as pages of the platform: the rows of bench/table.py about them."""

import contextlib
import http.client
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import time
import urllib.parse

import authority
import registration

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS, ROUNDS, LIMIT = 1000000, 11, 100
PASSWORD = "caracola azul 26"
WEB = 'web:\n  listen: ["127.0.0.1:{port}"]\n  url: "http://localhost:{port}"\n  demo: true\n  posts_per_minute: 0\n'
AUDITOR, PERSONNEL, MANAGER, OPERATOR, ADMINISTRATOR = "U0008", "U0005", "U0004", "U0002", "U0001"

# --- A million rows of invented people -----------------------------------------------------------------------------------

GIVEN, SURNAMES, UNITS = 300, 4000, 1000
SYLLABLES = ("ma", "ri", "jo", "se", "qui", "pe", "ra", "mon", "ti", "lla", "que", "va", "sa", "nar", "do", "gu")


def name(number):
    """Two to four syllables; the lower the number, the more people have it."""
    text, number = "", number + 17
    while number > 0:
        text, number = text + SYLLABLES[number % 16], number // 16
    return text


def name_of(factor, other, names):
    """The number of a name, so that few are common."""
    return f"(i * {factor} % 999983) % {names} * ((i * {other} % 999979) % 1000) / 1000"


N = f"WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) "
MOMENT = "1700000000000000"
# Everybody but the people of the demonstration, who own the accounts that ask.
NEW = "person p WHERE p.mail LIKE 'p%@example.pe'"
OF_PEOPLE = "SELECT w.word, x.id FROM {table} x JOIN person_word w ON w.id = x.{person}"
FILLING = {
    "people": (
        "INSERT INTO entity(name, short_name, sort_name, country, tax_number, domains) SELECT 'Entity ' || number, 'E' || number, "
        "'entity ' || number, 'pe', CAST(90000000000 + number AS TEXT), '' FROM bench_name WHERE number < 3",
        "INSERT INTO unit(entity, code, abbreviation, name, sort_name, path) SELECT number % 4 + 1, 'B' || number, 'B' || number, "
        f"'Unit ' || number, 'unit ' || number, '/' || (number + 1000) || '/' FROM bench_name WHERE number < {UNITS}",
        "INSERT INTO person(country, document, number, given_names, surname, second_surname, sort_name, mail, mobile, language, entity, unit) "
        f"{N} SELECT 'pe', 'dni', CAST(10000000 + i * 7919 % 89999999 AS TEXT), g.name, CASE WHEN i % 250000 = 7 THEN 'quetzalcoatl' ELSE s.name END, "
        "z.name, s.name || ' ' || z.name || ' ' || g.name, 'p' || i || '@example.pe', '', 'es', u.entity, u.id FROM n "
        f"JOIN bench_name g ON g.number = {name_of(7919, 104729, GIVEN)} JOIN bench_name s ON s.number = {name_of(15485863, 32452843, SURNAMES)} "
        f"JOIN bench_name z ON z.number = {name_of(49979687, 67867967, SURNAMES)} JOIN unit u ON u.id = i % {UNITS} + 1",
        "INSERT INTO person_word(word, id) SELECT DISTINCT word, id FROM (" + " UNION ALL ".join(
            f"SELECT {column} AS word, id FROM {NEW}" for column in ("given_names", "surname", "second_surname", "number")) + ") x ORDER BY word, id"),
    # A fifth are the operator's, and of these a fifth wait for the head of the unit.
    "requests": (
        "INSERT INTO access_request(code, state, requester, subject, entity, unit, reason, decision, created, sent, agent, tray, escalated, letter, "
        "signed_text, signature) SELECT 'B-' || p.id, CASE WHEN p.id % 25 = 0 THEN 'sent' ELSE 'approved' END, "
        f"CASE WHEN p.id % 5 = 0 THEN (SELECT person FROM account WHERE code = '{OPERATOR}') ELSE p.id END, p.id, 1, 10, '', '', {MOMENT} + p.id * 1000003 % 999979 * 1000000, "
        f"{MOMENT} + p.id * 1000003 % 999979 * 1000000 + 1, false, 10, 0, '', '', {{nothing}} FROM {NEW}",
        "INSERT INTO access_request_word(word, id) SELECT DISTINCT word, id FROM (" + OF_PEOPLE.format(table="access_request", person="subject") +
        " WHERE x.code LIKE 'B-%' UNION ALL SELECT lower(code), id FROM access_request WHERE code LIKE 'B-%') y ORDER BY word, id"),
    "roles": (
        "INSERT INTO role_assignment(person, role, entity, unit, home, starts, ends, giver, ender, end_reason, sort_name, told) "
        "SELECT p.id, CASE WHEN p.id % 100 = 0 THEN 'notifier' ELSE 'signer' END, p.entity, p.unit, p.unit, "
        f"{MOMENT} + p.id * 1000003 % 999979 * 50000000, CASE WHEN p.id % 3 = 0 THEN {MOMENT} + p.id * 1000003 % 999979 * 50000000 + 10000000000000 END, "
        f"'system:bench', '', '', p.sort_name, true FROM {NEW}",
        "INSERT INTO role_assignment_word(word, id) SELECT DISTINCT word, id FROM (" + OF_PEOPLE.format(table="role_assignment", person="person") +
        " WHERE x.giver = 'system:bench') y ORDER BY word, id"),
    "accounts": (
        "INSERT INTO account(code, person, level, state, password, must_change, factors, language, created) "
        f"SELECT number, id, 1, CASE WHEN id % 10000 = 0 THEN 'locked' ELSE 'open' END, '', false, 0, 'es', {MOMENT} + id * 1000003 % 999979 * 1000000 FROM {NEW}",
        "INSERT INTO account_word(word, id) SELECT DISTINCT word, id FROM (" + OF_PEOPLE.format(table="account", person="person") +
        f" WHERE x.created < {MOMENT} + 1000000000000) y ORDER BY word, id"),
    "audit": (
        "INSERT INTO audit_row(sequence, time, node, action, actor, object, detail, previous, hash) "
        f"{N} SELECT i, {MOMENT} + i * 1000000, 'one', CASE WHEN i % 100000 = 7 THEN 'role.end' WHEN i % 2 = 0 THEN 'account.sign-in' ELSE 'role.give' END, "
        "'account:' || i * 7919 % 50000, 'person:' || i * 104729 % 200000, '{{}}', {nothing}, {nothing} FROM n",
        f"UPDATE audit_chain SET sequence = {ROWS}"),
}
# The list's address, and what is asked there: who, what they choose.
PAGES = {
    "people": ("/organizacion/personas", [
        (AUDITOR, query) for query in (
            "", "pagina=100", "pagina=1000", "pagina=50000", "pagina=100000000", "filas=100", "filas=100&pagina=5000", "sort=-name", "sort=number",
            "sort=-number&pagina=100000000", "buscar=quetzalcoatl", "buscar=10007919", "buscar=zzz", "buscar=ma", "buscar=ma&pagina=100",
            "buscar=ma&pagina=1000", "buscar=ma&sort=number", "buscar=mama+riri", "buscar=ma+ri", "buscar=ma+quetzal", "entity=2",
            "entity=2&buscar=ma", "unit=20")] + [
        (PERSONNEL, query) for query in ("", "pagina=1000", "sort=number", "buscar=ma", "buscar=ma&pagina=100", "buscar=ma+ri", "buscar=quetzalcoatl")] + [
        (MANAGER, query) for query in ("", "buscar=ma")] + [(OPERATOR, query) for query in ("", "buscar=ma")]),
    "requests": ("/accesos/solicitudes", [
        (OPERATOR, query) for query in (
            "", "pagina=100", "pagina=1000", "pagina=100000000", "sort=created", "sort=sent", "sort=-sent", "state=sent", "state=draft", "state=sent&pagina=1000",
            "buscar=quetzalcoatl", "buscar=ma", "buscar=ma&pagina=1000", "buscar=mama+riri", "buscar=ma+ri")]),
    "roles": ("/accesos/historial", [
        (AUDITOR, query) for query in (
            "", "pagina=1000", "pagina=50000", "pagina=100000000", "sort=person", "sort=-person", "sort=role", "sort=-role", "sort=starts", "fecha=2024-06-01",
            "fecha=2024-06-01&buscar=ma", "fecha=2024-06-01&sort=person", "fecha=2023-11-16", "role=notifier", "role=auditor", "buscar=quetzalcoatl",
            "buscar=ma", "buscar=ma&pagina=1000", "buscar=mama+riri", "buscar=ma+ri")] + [
        (MANAGER, query) for query in ("", "buscar=ma", "fecha=2024-06-01")] + [(OPERATOR, "")]),
    "accounts": ("/administracion/cuentas", [
        (ADMINISTRATOR, query) for query in (
            "", "pagina=1000", "pagina=50000", "pagina=100000000", "sort=code", "sort=-code", "sort=created", "state=locked", "state=open", "state=closed",
            "level=2", "buscar=quetzalcoatl", "buscar=ma", "buscar=ma&pagina=1000", "buscar=mama+riri", "buscar=ma+ri")]),
    "audit": ("/auditoria", [
        (AUDITOR, query) for query in (
            "", "pagina=1000", "pagina=50000", "pagina=100000000", "sort=sequence", "actor=account:7919", "object=person:104729", "actor=account:7919&object=person:1",
            "action=role.give", "action=role.end", "action=account.close", "desde=2023-11-20&hasta=2023-11-21", "desde=2023-11-20&hasta=2023-11-21&action=role.end",
            "desde=2030-01-01")]),
}
TITLES = {"people": "people", "requests": "requests of roles (200,000 are the asker's)", "roles": "history of roles", "accounts": "accounts", "audit": "audit trail"}
TABLES = {"people": ("person", "person_word"), "requests": ("access_request", "access_request_word"), "roles": ("role_assignment", "role_assignment_word"),
          "accounts": ("account", "account_word"), "audit": ("audit_row",)}

FILLING.update(registration.FILLING)
PAGES.update(registration.PAGES)
TITLES.update(registration.TITLES)
TABLES.update(registration.TABLES)


class Sqlite:
    name = "SQLite"

    def __init__(self, home):
        self.connection = sqlite3.connect(home / "data/refrenda.db", isolation_level=None)
        for setting in ("synchronous = off", "cache_size = -1000000", "temp_store = memory"):
            self.run(f"PRAGMA {setting}")

    def run(self, sql):
        return self.connection.execute(sql).fetchall()

    def indexes(self, tables):
        """Name and SQL of those that can be made again."""
        return [row for table in tables for row in self.run(f"SELECT name, sql FROM sqlite_master WHERE tbl_name = '{table}' AND type = 'index' AND sql IS NOT NULL")]

    def end(self):
        self.connection.close()

    @staticmethod
    def processes():
        return []


class Postgresql:
    name = "PostgreSQL"

    def __init__(self, address):
        self.address = address
        # Only while it is filled: what it asks for is set back by end().
        self.settings = ("fsync = off", "max_wal_size = '8GB'", "maintenance_work_mem = '512MB'", "autovacuum = off")
        for setting in self.settings:
            self.run(f"ALTER SYSTEM SET {setting}")
        self.run("SELECT pg_reload_conf()")
        self.postmaster = int(self.run("SELECT pg_read_file('postmaster.pid')")[0][0])

    def run(self, sql):
        """Without checking references: that takes longer than all the rest."""
        done = subprocess.run(["psql", "-AtX", "-F\t", "-v", "ON_ERROR_STOP=1", self.address, "-c", "SET session_replication_role = replica; SET work_mem = '256MB'", "-c", sql],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench: {done.stderr}\n{sql[:300]}")
        return [line.split("\t") for line in done.stdout.splitlines() if line != "SET"]

    def indexes(self, tables):
        names = ", ".join(f"'{table}'" for table in tables) or "''"
        return self.run(f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({names}) AND indexname NOT IN (SELECT conname FROM pg_constraint)")

    def end(self):
        """What autovacuum does by itself a minute after so many rows have come."""
        self.run("VACUUM ANALYZE")
        for setting in self.settings:
            self.run(f"ALTER SYSTEM RESET {setting.split()[0]}")
        self.run("SELECT pg_reload_conf()")
        self.run("CHECKPOINT")

    def processes(self):
        return children(self.postmaster)


def fill(database, kinds):
    values = ", ".join(f"({number}, '{name(number)}')" for number in range(SURNAMES))
    database.run("CREATE TABLE bench_name(number BIGINT PRIMARY KEY, name TEXT NOT NULL)")
    database.run(f"INSERT INTO bench_name(number, name) VALUES {values}")
    for kind in kinds:
        indexes = database.indexes(TABLES[kind])
        for index, _ in indexes:
            database.run(f"DROP INDEX {index}")
        for sql in FILLING[kind]:
            database.run(registration.sql(sql, database.name == "SQLite").replace("{{}}", "{}"))
        for _, sql in indexes:
            database.run(sql)
    database.run("DROP TABLE bench_name")
    database.end()


# --- Asking --------------------------------------------------------------------------------------------------------------


def children(pid):
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def processor(pids):
    """Milliseconds of processor that these processes have used."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(task.read_text().split()[0])
    return total / 1e6


class Reader:
    """A browser that has signed in: with a password, the agent with the certificate."""

    def __init__(self, port, code, home):
        self.port, self.cookies = port, {}
        self.connection = http.client.HTTPConnection("localhost", port, timeout=120)
        if code == registration.AGENT:
            registration.sign_in(self, registration.Key(home))
            return
        self.ask("GET", "/acceso")
        token = re.search(r'name="csrf" value="([^"]+)"', self.text)[1]
        body = urllib.parse.urlencode({"csrf": token, "usuario": code, "clave": PASSWORD})
        if self.ask("POST", "/acceso", body) != 303:
            raise SystemExit(f"bench: {code} cannot sign in: {self.text[:2000]}")

    def ask(self, method, path, body=None):
        headers = {"Accept": "text/html", "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Origin": f"http://localhost:{self.port}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.text, self.location = answer.read().decode(), answer.headers.get("Location", "")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status


def ask(reader, path, pids):
    """Median and worst milliseconds, and the median of the processor's."""
    took, cost = [], []
    for _ in range(ROUNDS):
        begun, before = processor(pids), time.monotonic()
        if reader.ask("GET", path) != 200:
            raise SystemExit(f"bench: {path}: {reader.text[:2000]}")
        took.append((time.monotonic() - before) * 1000)
        cost.append(processor(pids) - begun)
    return statistics.median(took), max(took), statistics.median(cost)


def measure(server, port, database, kind):
    path, questions = PAGES[kind]
    readers, answers = {}, []
    for who, query in questions:
        reader = readers.setdefault(who, None) or Reader(port, who, server.home)
        readers[who] = reader
        reader.ask("GET", path)  # so that the connection to the database is there
        pids = children(server.server.pid) + database.processes()
        median, worst, cost = ask(reader, query if query.startswith("/") else f"{path}?{query}" if query else path, pids)
        answers.append((median, worst, cost, f"{who} {query or 'first page'}"))
        if os.environ.get("REFRENDA_BENCH_EACH"):
            print(f"    {kind}: {median:.1f} ms, worst {worst:.1f}, processor {cost:.1f}: {who} {query}", flush=True)
    return sorted(answers, reverse=True)


def put_row(bench, kind, database, answers):
    slowest = ", ".join(f"{question} {median:.0f} ms" for median, _, _, question in answers[:3])
    median, _, cost, _ = answers[0]
    cost = max(answer[2] for answer in answers)
    worst = max(answer[1] for answer in answers)
    word = "met" if median <= LIMIT else "MISSED" if cost > LIMIT else "UNDECIDED"
    bench.row(f"a page of the list of {ROWS:,} rows: {TITLES[kind]}, {database.name}, {len(answers)} questions", f"slowest: {slowest}", f"≤ {LIMIT} ms",
              f"{median:.0f} ms the slowest (processor {cost:.0f} ms), {answers[len(answers) // 2][0]:.0f} ms the middle one, {worst:.0f} ms the worst answer", word)


@contextlib.contextmanager
def own_postgresql():
    """A server of its own, and its address; None: it is not installed."""
    with subprocess.Popen([ROOT / "tests/support/postgresql-server", "sh", "-c", 'echo "$REFRENDA_POSTGRESQL"; exec cat'], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip() or None
        server.stdin.close()


def run(bench, build, work, kinds, address):
    plan_end = f"database: {address}\n" if address else ""
    one = authority.Authority(build, work / ("pages-postgresql" if address else "pages-sqlite"), edit=lambda plan: plan + plan_end)
    port, = authority.free_ports(1)
    with open(one.home / "refrenda.yaml", "a") as settings:
        settings.write(WEB.format(port=port))
    one.refrenda("demo", "fill", "--home", one.home)
    database = Postgresql(address) if address else Sqlite(one.home)
    needed = kinds if kinds == ["audit"] else ["people"] + [kind for kind in kinds if kind != "people"]
    needed = list(dict.fromkeys(one for kind in needed for one in [*registration.NEEDS.get(kind, []), kind]))
    begun = time.monotonic()
    fill(database, needed)
    print(f"    {database.name} filled in {time.monotonic() - begun:.0f} s", flush=True)
    one.start()
    try:
        for kind in kinds:
            put_row(bench, kind, database, measure(one, port, database, kind))
    finally:
        one.stop()


def pages(bench, build, work):
    """Spec: under 100 ms with a million rows. Each question is asked eleven times, one after the other; its median counts. `--only "pages people SQLite"`."""
    for name in ("SQLite", "PostgreSQL"):
        kinds = [kind for kind in PAGES if bench.wanted(f"pages {kind} {name}")]
        if kinds and name == "SQLite":
            run(bench, build, work, kinds, None)
        elif kinds:
            with own_postgresql() as address:
                if address is not None:
                    run(bench, build, work, kinds, address)
