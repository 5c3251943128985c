# SPDX-License-Identifier: EUPL-1.2
"""A million requests of certificates, and as many certificates: how they are made up, and what is asked of their lists (bench/lists.py).

usage: bench/registration.py HOME            fills the SQLite database of an instance, which has the demonstration's data
       bench/registration.py postgresql://…  the same of a PostgreSQL database
"""

import base64
import json
import pathlib
import re
import subprocess
import urllib.parse

# Who asks: the agent of the demonstration signs in with a certificate.
AGENT, LEAD, AUDITOR = "agent", "U0007", "U0008"
AGENT_PERSON = "(SELECT id FROM person WHERE number = '00000105')"
LEAD_PERSON = "(SELECT id FROM person WHERE number = '00000104')"
MOMENT, STEP = "1700000000000000", "50000000"
DEMO_UNITS = 13

# Of each person p one request and one certificate. The lists that everybody sees first are the long ones: 100,000 wait for an
# agent, 50,000 for their address, 10,000 are the asker's own.
WAY = "CASE WHEN p.id % 10 = 3 THEN 'agency' WHEN p.id % 100 = 7 THEN 'revocation' ELSE 'online' END"
STATES = {
    "online": "CASE WHEN p.id % 20 = 0 THEN 'unverified' WHEN p.id % 20 IN (1, 2) THEN 'started' WHEN p.id % 20 = 4 THEN 'taken' WHEN p.id % 20 = 5 THEN 'rejected' "
              "WHEN p.id % 20 = 6 THEN 'cancelled' WHEN p.id % 20 = 8 THEN 'observed' ELSE 'issued' END",
    "agency": "CASE WHEN p.id / 10 % 20 = 0 THEN 'draft' WHEN p.id / 10 % 20 IN (1, 2) THEN 'sent' WHEN p.id / 10 % 20 = 4 THEN 'taken' WHEN p.id / 10 % 20 = 5 THEN 'observed' "
              "WHEN p.id / 10 % 20 = 6 THEN 'approved' WHEN p.id / 10 % 20 = 7 THEN 'rejected' ELSE 'attended' END",
    "revocation": "CASE WHEN p.id / 100 % 4 = 0 THEN 'asked' WHEN p.id / 100 % 4 = 1 THEN 'rejected' ELSE 'revoked' END",
}
STATE = f"CASE WHEN p.id % 10 = 3 THEN {STATES['agency']} WHEN p.id % 100 = 7 THEN {STATES['revocation']} ELSE {STATES['online']} END"
CODE = "CASE WHEN p.id % 10 = 3 THEN 'C' WHEN p.id % 100 = 7 THEN 'R' ELSE 'S' END || '-' || substr(CAST(10000000 + p.id AS TEXT), 2) || '-2026'"
UNIT = f"CASE WHEN p.id / 7 % 4 = 0 THEN NULL WHEN p.id / 7 % 4 = 1 THEN p.unit ELSE p.id % {DEMO_UNITS} + 1 END"
ENTITY = "CASE WHEN p.id / 7 % 4 = 1 THEN p.entity ELSE 1 END"
CREATED = f"{MOMENT} + p.id * 1000003 % 999979 * {STEP}"
NEW = "person p WHERE p.mail LIKE 'p%@example.pe'"
CERTIFICATE_STATE = "CASE WHEN x.person % 10 = 1 THEN 3 WHEN x.person % 10 = 2 THEN 4 WHEN x.person % 1000 = 5 THEN 2 ELSE 1 END"
PERSON_OF = "JOIN applicant x ON x.request = r.id AND x.place = 1"
WORDS = "SELECT DISTINCT word, id FROM ({}) y ORDER BY word, id"

FILLING = {
    "registration": (
        "INSERT INTO request(code, way, kind, motive, description, country, state, entity, unit, requester, language, in_person, created, sent, taken, taker, concluded, "
        "note, external, counted, counted_place, sort_name) SELECT code, way, CASE way WHEN 'revocation' THEN 'revoke' ELSE 'issue' END, '', 'Solicitud de prueba', 'pe', state, "
        "entity, unit, CASE way WHEN 'online' THEN NULL WHEN 'agency' THEN CASE WHEN id / 10 % 10 = 0 THEN {lead} ELSE id END ELSE id END, 'es', false, created, created, "
        "CASE WHEN waits THEN NULL ELSE created + 3600000000 END, CASE WHEN waits THEN NULL WHEN id / 20 % 5 = 0 THEN {agent} ELSE id END, "
        "CASE WHEN state IN ('issued', 'rejected', 'cancelled', 'attended', 'revoked') THEN created + 86400000000 END, '', false, state, coalesce(unit, -entity), sort_name "
        "FROM (SELECT z.*, state IN ('unverified', 'started', 'draft', 'sent', 'asked') AS waits FROM (SELECT p.id, {way} AS way, {state} AS state, {code} AS code, {unit} AS unit, "
        "{entity} AS entity, {created} AS created, p.sort_name FROM {new}) z) y ORDER BY y.id",
        "INSERT INTO applicant(request, place, person, country, document, number, second_document, second_number, given_names, surname, second_surname, mail, mobile, organisation, "
        "unit, post, way_of_working, locality, address, installed_at, device, profile, central, spki, pkcs10, approved, approved_again, attempt, external_certificate, "
        "external_approval, installation, installation_phone) SELECT r.id, 1, p.id, 'pe', 'dni', p.number, '', '', p.given_names, p.surname, p.second_surname, p.mail, '', '', r.unit, "
        "'', '', '150101', '', '', '', 'pe-natural-person', false, {nothing}, {nothing}, {nothing}, {nothing}, 1, {nothing}, '', '', '' FROM {new_of_request}",
        "INSERT INTO request_word(word, id) " + WORDS.format(" UNION ALL ".join(
            ["SELECT w.word, x.request AS id FROM applicant x JOIN person_word w ON w.id = x.person WHERE x.mail LIKE 'p%@example.pe'"] +
            [f"SELECT {word}, id FROM request WHERE description = 'Solicitud de prueba'" for word in ("lower(substr(code, 1, 1)) AS word", "substr(code, 3, 7)", "'2026'")])),
        # The register: an authority of the instance has issued them.
        "INSERT INTO certificate(authority, serial, profile, subject, subject_id, mail, not_before, not_after, issued_at, request, client) "
        "SELECT (SELECT max(id) FROM authority), {serial}, 'pe-natural-person', 'CN=' || x.given_names || ' ' || x.surname, 'IDCPE-' || x.number, x.mail, r.created, r.created + "
        "157680000000000, r.created + (1 + r.id % 300) * 3600000000, r.code, 'bench' FROM request r {person_of} WHERE r.description = 'Solicitud de prueba' ORDER BY r.id",
        "INSERT INTO certificate_status(serial, authority, certificate, state, part, revoked_at, reason) SELECT c.serial, c.authority, c.id, {certificate_state}, 1, "
        "CASE WHEN x.person % 10 = 1 THEN c.issued_at + 100 * 86400000000 END, CASE WHEN x.person % 10 = 1 THEN 1 END FROM certificate c JOIN request r ON r.code = c.request "
        "{person_of} WHERE c.client = 'bench' ORDER BY c.serial",
        "INSERT INTO certificate_agent(certificate, request, applicant, entity, unit, agent, issued, revoker, revoked, state, counted, way, took, serial, number, sort_name) "
        "SELECT c.id, r.id, x.id, r.entity, coalesce(r.unit, 1), CASE WHEN x.person / 20 % 5 = 0 THEN {agent} ELSE x.person END, c.issued_at, CASE WHEN x.person % 10 = 1 THEN CASE "
        "WHEN x.person / 20 % 5 = 0 THEN {agent} ELSE x.person END END, CASE WHEN x.person % 10 = 1 THEN c.issued_at + 100 * 86400000000 END, {certificate_state}, {certificate_state}, "
        "r.way, c.issued_at - r.created, {hex}, x.number, r.sort_name FROM certificate c JOIN request r ON r.code = c.request {person_of} WHERE c.client = 'bench' ORDER BY c.id",
        "INSERT INTO certificate_agent_word(word, id) " + WORDS.format(
            "SELECT w.word, a.certificate AS id FROM certificate_agent a JOIN request_word w ON w.id = a.request UNION ALL SELECT serial, certificate FROM certificate_agent"),
        "INSERT INTO revocation(request, certificate, reason, rfc_reason, asker, serial, signed_text, signature, rejected, revoked) SELECT r.id, a.certificate, '1', 1, 'Agente', "
        "a.serial, '', {nothing}, r.state = 'rejected', CASE r.state WHEN 'revoked' THEN r.created + 3600000000 END FROM request r JOIN certificate_agent a ON a.request = r.id "
        "WHERE r.way = 'revocation' AND r.description = 'Solicitud de prueba'",
        "INSERT INTO registration_count(kind, way, place, month, name, number) SELECT 'request', way, counted_place, {created_month}, state, count(*) FROM request "
        "WHERE description = 'Solicitud de prueba' GROUP BY way, counted_place, {created_month}, state",
        "INSERT INTO registration_count(kind, way, place, month, name, number) SELECT 'certificate', way, coalesce(unit, -entity), {issued_month}, CAST(state AS TEXT), count(*) "
        "FROM certificate_agent GROUP BY way, coalesce(unit, -entity), {issued_month}, CAST(state AS TEXT)"),
    "certificates": (),
    "agencies": (),
}
NEEDS = {"certificates": ["registration"], "agencies": ["registration"]}
PARTS = {"lead": LEAD_PERSON, "agent": AGENT_PERSON, "way": WAY, "state": STATE, "code": CODE, "unit": UNIT, "entity": ENTITY, "created": CREATED, "new": NEW, "person_of": PERSON_OF,
         "certificate_state": CERTIFICATE_STATE,
         "new_of_request": "request r JOIN person p ON p.id = CAST(substr(r.code, 3, 7) AS BIGINT) WHERE r.description = 'Solicitud de prueba' ORDER BY r.id"}
SQLITE = {"nothing": "zeroblob(0)", "serial": "CAST(printf('%020d', r.id * 7919 % 99999989) AS BLOB)", "hex": "lower(hex(c.serial))",
          "created_month": "CAST(strftime('%Y%m', created / 1000000, 'unixepoch') AS INTEGER)", "issued_month": "CAST(strftime('%Y%m', issued / 1000000, 'unixepoch') AS INTEGER)"}
POSTGRESQL = {"nothing": "''", "serial": "convert_to(lpad(CAST(r.id * 7919 % 99999989 AS TEXT), 20, '0'), 'UTF8')", "hex": "encode(c.serial, 'hex')",
              "created_month": "CAST(to_char(to_timestamp(created / 1000000), 'YYYYMM') AS BIGINT)", "issued_month": "CAST(to_char(to_timestamp(issued / 1000000), 'YYYYMM') AS BIGINT)"}
TABLES = {"registration": ("request", "request_word", "applicant", "certificate", "certificate_status", "certificate_agent", "certificate_agent_word", "revocation"),
          "certificates": (), "agencies": ()}
TITLES = {"registration": "requests of certificates, at the agent's desk", "certificates": "certificates, at the agent's desk", "agencies": "requests of units, and the statistics"}

SEARCHES = ("buscar=quetzalcoatl", "buscar=ma", "buscar=ma&pagina=100", "buscar=mama+riri", "buscar=ma+ri", "buscar=ma+quetzal", "buscar=zzz")


def of(path, *queries):
    """Questions about a list at another address."""
    return [f"{path}?{query}" if query else path for query in queries]


PAGES = {
    "registration": ("/agente/solicitudes", [
        (AGENT, query) for query in (
            "", "pagina=100", "pagina=1000", "pagina=100000000", "filas=100", "sort=name", "sort=-name", "sort=-created", "unit=5", "kind=issue", "in-person=1",
            "from=2024-06-01T00:00:00Z&until=2024-06-02T00:00:00Z", "buscar=S-0100001-2026", "buscar=10007919", *SEARCHES,
            *of("/agente/solicitudes/sin-validar", "", "pagina=1000", "sort=-name", "buscar=ma", "buscar=quetzalcoatl"),
            *of("/agente/mis-solicitudes", "", "pagina=100", "sort=name", "state=observed", "buscar=ma", "buscar=quetzalcoatl"),
            *of("/agente/busqueda", "", "pagina=1000", "pagina=50000", "pagina=100000000", "sort=name", "sort=-name", "sort=created", "state=issued", "state=issued&sort=name", "state=taken",
                "state=cancelled&pagina=500", "taker=20", "buscar=S-0100001-2026", "buscar=0100001", "buscar=10007919", "state=issued&buscar=ma", *SEARCHES))]),
    "certificates": ("/agente/busqueda/validos", [
        (AGENT, query) for query in (
            "", "pagina=1000", "pagina=50000", "pagina=100000000", "sort=name", "sort=-name", "sort=issued", "unit=5", "unit=5&sort=name", "from=2024-06-01T00:00:00Z&until=2024-06-02T00:00:00Z",
            "buscar=30303030303030303030303030303030303039313936", "buscar=S-0100001-2026", "buscar=10007919", *SEARCHES,
            *of("/agente/busqueda/revocados", "", "pagina=1000", "pagina=100000000", "sort=name", "sort=revoked", "sort=issued", *SEARCHES),
            *of("/agente/mis-certificados", "", "pagina=1000", "pagina=100000000", "sort=name", "sort=issued", *SEARCHES),
            *of("/agente/mis-revocados", "", "pagina=500", "sort=name", "sort=revoked", "buscar=ma", "buscar=quetzalcoatl"),
            *of("/agente/revocaciones", "", "pagina=100", "sort=code", "sort=-code", "sort=asked", "state=asked", "state=rejected", "buscar=ma", "buscar=quetzalcoatl"))]),
    "agencies": ("/tramites/bandeja", [
        (AGENT, query) for query in (
            "", "pagina=1000", "pagina=100000000", "sort=created", "state=sent", "state=attended", "state=observed", "unit=5", "unit=5&state=attended", "kind=issue", "buscar=C-0100003-2026",
            *SEARCHES)] + [
        (LEAD, query) for query in of("/tramites/certificados", "", "pagina=100", "sort=created", "state=sent", "state=attended", "buscar=ma", "buscar=quetzalcoatl")] + [
        (AUDITOR, query) for query in of("/certificados/estadisticas", "")]),
}


def sql(text, sqlite):
    """With the parts named in braces; twice, as parts have parts."""
    for _ in range(3):
        for name, part in {**PARTS, **(SQLITE if sqlite else POSTGRESQL)}.items():
            text = text.replace("{" + name + "}", part)
    return text


# --- The agent's certificate -----------------------------------------------------------------------------------------------


class Key:
    """What the browser does with the file of a certificate."""

    def __init__(self, home):
        self.folder = home
        secret = ["-passin", f"file:{home / 'agente.password'}"]
        p12 = ["openssl", "pkcs12", "-in", home / "agente.p12", *secret]
        self.pem, self.key = home / "agente.bench.pem", home / "agente.bench.key"
        subprocess.run([*p12, "-clcerts", "-nokeys", "-out", self.pem], check=True, capture_output=True)
        subprocess.run([*p12, "-nocerts", "-nodes", "-out", self.key], check=True, capture_output=True)
        self.certificate = subprocess.run(["openssl", "x509", "-in", self.pem, "-outform", "DER"], check=True, capture_output=True).stdout

    def sign(self, text):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text, check=True, capture_output=True).stdout

    def approve(self, text):
        """The CMS that an approval is (src/keeper/approval.h)."""
        return subprocess.run(["openssl", "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md", "sha256", "-signer", self.pem, "-inkey", self.key, "-outform", "DER"], input=text,
                              check=True, capture_output=True).stdout


def sign_in(reader, key):
    """As the page with the certificate does."""
    reader.ask("GET", "/acceso/certificado")
    token = re.search(r'name="csrf" value="([^"]+)"', reader.text)[1]
    reader.ask("POST", "/acceso/certificado/texto", urllib.parse.urlencode({"csrf": token}))
    text = json.loads(reader.text)["text"].encode()
    fields = {name: base64.b64encode(value).decode() for name, value in (("text", text), ("certificate", key.certificate), ("signature", key.sign(text)))}
    if reader.ask("POST", "/acceso/certificado", urllib.parse.urlencode({"csrf": token, **fields})) != 303:
        raise SystemExit(f"bench: the agent cannot sign in: {reader.text[:2000]}")


def main():
    import sys  # noqa: PLC0415
    import lists  # noqa: PLC0415
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = sys.argv[1]
    lists.fill(lists.Postgresql(target) if target.startswith("postgresql") else lists.Sqlite(pathlib.Path(target)), ["people", "registration"])


if __name__ == "__main__":
    main()
