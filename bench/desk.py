# SPDX-License-Identifier: EUPL-1.2
"""Issuing through the whole stack, from the agent's signature to the certificate that is mailed: the row of bench/table.py about it."""

import base64
import concurrent.futures
import re
import sqlite3
import statistics
import subprocess
import time
import urllib.parse

import authority
import lists
import platform_rows
import registration

REQUESTS, AGENTS, TARGET = 400, 8, 0.5


def pkcs10(work, number):
    """A request with a new key, and its SubjectPublicKeyInfo."""
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", work / "key", "-subj", f"/CN=prueba {number}", "-outform", "DER",
                    "-out", work / "request"], check=True, capture_output=True)
    spki = subprocess.run(["openssl", "ec", "-in", work / "key", "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return (work / "request").read_bytes(), spki


def taken(home, work, count, first):
    """So many requests that the agent has taken and checked, with the applicant's key; their ids."""
    database = sqlite3.connect(home / "data/refrenda.db", isolation_level=None, timeout=60)
    agent = database.execute(f"SELECT {registration.AGENT_PERSON}").fetchone()[0]
    now, ids = int(time.time() * 1e6), []
    for number in range(first, first + count):
        request, spki = pkcs10(work, number)
        database.execute("BEGIN")
        cursor = database.execute(
            "INSERT INTO request(code, way, kind, motive, description, country, state, entity, unit, language, in_person, created, sent, taken, taker, note, external, sort_name) "
            "VALUES (?, 'online', 'issue', '', '', 'pe', 'taken', 1, 1, 'es', 0, ?, ?, ?, ?, '', 0, 'prueba')", (f"S-9{number:06}-2026", now, now, now, agent))
        ids.append(cursor.lastrowid)
        database.execute(
            "INSERT INTO applicant(request, place, country, document, number, second_document, second_number, given_names, surname, second_surname, mail, mobile, organisation, post, "
            "way_of_working, locality, address, installed_at, device, profile, central, spki, pkcs10, approved, approved_again, attempt, external_certificate, external_approval, installation, "
            "installation_phone) VALUES (?, 1, 'pe', 'dni', ?, '', '', 'ANA', 'PRUEBA', '', ?, '', '', '', '', '150101', '', '', '', 'pe-natural-person', 0, ?, ?, x'', x'', 0, x'', '', '', '')",
            (ids[-1], str(50000000 + number), f"a{number}@example.pe", spki, request))
        database.execute("COMMIT")
    database.close()
    return ids


def token_of(reader):
    return re.search(r'name="csrf" value="([^"]+)"', reader.text)[1]


def approvals(reader, key, ids):
    """What the agent's browser would send for each: the form's body."""
    if reader.ask("GET", f"/agente/solicitudes/{ids[0]}/generar") != 200:
        raise SystemExit(f"bench: {reader.text[:2000]}")
    token, bodies = token_of(reader), []
    for one in ids:
        if reader.ask("GET", f"/agente/solicitudes/{one}/aprobacion.txt") != 200:
            raise SystemExit(f"bench: request {one}: {reader.text[:2000]}")
        signature = base64.b64encode(key.approve(reader.text.encode())).decode()
        bodies.append((f"/agente/solicitudes/{one}/generar", urllib.parse.urlencode({"csrf": token, "signature": signature})))
    return bodies


def send(reader, orders):
    """Whether all led to a certificate."""
    for path, body in orders:
        if reader.ask("POST", path, body) != 303 or not reader.location.startswith("/agente/certificados/"):
            raise SystemExit(f"bench: {path}: {reader.location} {reader.text[:1000]}")


def keeper_alone(bench):
    """Microseconds of processor for a certificate, its approval verified, in the keeper without anything around it."""
    text = bench.program("bench_keeper", "2000", "1000").output
    return float(re.search(r"^certificate.*?([\d.]+) us", text, re.M)[1])


def through_the_api(bench, build, work):
    """HTTPS, the approval's check, the register, the keeper: of the registration API, 64 clients at once."""
    one, costs, rates, alone, clients, count = authority.Authority(build, work / "stack"), [], [], [], 64, 5000
    one.start()
    try:
        one.client("medida")
        for turn in range(max(1, bench.rounds // 2)):
            done = one.issue(count, clients, 1 + turn * count)
            costs.append(done["microseconds"])
            rates.append(done["rate"])
            alone.append(keeper_alone(bench))
    finally:
        one.stop()
    put_row(bench, f"issuing through the whole stack, over the registration API (HTTPS, register, keeper), {clients} clients, theirs included", costs, rates, alone)


def put_row(bench, name, costs, rates, alone):
    ratios = sorted(a / c for a, c in zip(alone, costs))
    bench.row(name, f"the keeper alone: {statistics.median(alone):.0f} µs of processor", f"≥ {TARGET}",
              f"{statistics.median(ratios):.2f} by processor time ({statistics.median(costs):.0f} µs; {statistics.median(rates):,.0f}/s)",
              "met" if ratios[0] >= TARGET else "MISSED" if ratios[-1] < TARGET else "UNDECIDED")


def issuing(bench, build, work):
    through_the_api(bench, build, work)
    through_the_desk(bench, build, work)


def through_the_desk(bench, build, work):
    one = platform_rows.Platform(build, work / "desk")
    count = max(1, bench.rounds // 2)
    ids = taken(one.home, work, REQUESTS * count, 1)
    one.start()
    costs, walls, alone = [], [], []
    try:
        key = registration.Key(one.home)
        readers = [lists.Reader(one.web_port, registration.AGENT, one.home) for _ in range(AGENTS)]
        for turn in range(count):
            mine = ids[turn * REQUESTS:(turn + 1) * REQUESTS]
            parts = [approvals(reader, key, mine[i::AGENTS]) for i, reader in enumerate(readers)]
            begun, before = time.monotonic(), lists.processor(one.processes())
            with concurrent.futures.ThreadPoolExecutor(AGENTS) as pool:
                list(pool.map(send, readers, parts))
            walls.append(REQUESTS / (time.monotonic() - begun))
            costs.append((lists.processor(one.processes()) - before) * 1000 / REQUESTS)
            alone.append(keeper_alone(bench))
    finally:
        one.stop()
    put_row(bench, f"the same over the agent's pages: session, form, approval, request, register, audit, mail; {AGENTS} agents", costs, walls, alone)
