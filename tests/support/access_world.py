#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Puts an entity with people, roles, accounts and open sessions into a home's SQLite database, for scripts that ask the
pages about roles. Whoever holds the database may do this; nobody else.

usage: access_world.py DATABASE     prints NAME TOKEN for each session
"""
import base64
import hashlib
import os
import sqlite3
import sys
import time

UNITS = [(None, "GM", "Gerencia Municipal", "/1/"), (1, "GAF", "Gerencia de Administración y Finanzas", "/1/2/"),
         (2, "OTI", "Oficina de Tecnologías de la Información", "/1/2/3/"), (1, "OTRA", "Otra Oficina", "/1/4/")]
# name, surname, identity number, unit, leads it, roles (role, unit)
PEOPLE = [
    ("olga", "Operadora Ficticia", "00000001", 3, False, [("access_operator", 3)]),
    ("hugo", "Jefe Ficticio", "00000002", 3, True, [("access_approver", 3)]),
    ("delia", "Adjunta Ficticia", "00000003", 3, False, [("access_approver", 3)]),
    ("ana", "Analista Ficticia", "00000004", 3, False, []),
    ("gregorio", "Gerente Ficticio", "00000005", 2, True, [("access_approver", 2)]),
    ("elvira", "Imaginaria Núñez", "00000105", 1, True, [("access_approver", 1)]),
    ("oscar", "Operador Ajeno", "00000007", 4, False, [("access_operator", 4)]),
    ("otto", "Jefe Ajeno", "00000008", 4, True, [("access_approver", 4)]),
    ("lucia", "Responsable Ficticia", "00000009", 1, False, [("certification_lead", 1)]),
    ("aurora", "Auditora Ficticia", "00000010", 1, False, [("auditor", None)]),
    ("adan", "Administrador Ficticio", "00000011", 1, False, [("administrator", None)]),
]


def make_organisation(db):
    db.execute("INSERT INTO entity(name, short_name, sort_name, country, tax_number, domains, closed) VALUES "
               "('Municipalidad Ficticia', 'Muni', 'municipalidad', 'pe', '20131370645', '', 0)")
    for number, (parent, code, name, path) in enumerate(UNITS, 1):
        db.execute("INSERT INTO unit(entity, parent, code, abbreviation, name, sort_name, path, closed) "
                   "VALUES (1, ?, ?, ?, ?, ?, ?, 0)", (parent, code, code, name, name.lower(), path))
        for head, title in ((1, "Jefatura"), (0, "Analista")):
            db.execute("INSERT INTO position(unit, name, sort_name, head, places, closed) VALUES (?, ?, ?, ?, 99, 0)",
                       (number, title, title.lower(), head))


def make_person(db, number, person, now):
    name, surname, document, unit, head, roles = person
    db.execute("INSERT INTO person(country, document, number, given_names, surname, second_surname, sort_name, mail, mobile, "
               "language, closed, entity, unit) VALUES ('pe', 'dni', ?, ?, ?, '', ?, ?, '', 'es', 0, 1, ?)",
               (document, name.capitalize(), surname, f"{surname} {name}".lower(), f"{name}@example.pe", unit))
    for word in {name, *surname.lower().split(), document}:
        db.execute("INSERT INTO person_word(word, id) VALUES (?, ?)", (word, number))
    db.execute("INSERT INTO appointment(person, position, entity, acting, starts, ends, document) VALUES (?, ?, 1, 0, 0, NULL, '')",
               (number, unit * 2 - head))
    for role, place in roles:
        db.execute("INSERT INTO role_assignment(person, role, entity, unit, home, starts, ends, giver, ender, end_reason, "
                   "sort_name, told) VALUES (?, ?, ?, ?, ?, ?, NULL, 'system:test', '', '', ?, 0)",
                   (number, role, place and 1, place, place, now - 86400_000_000, surname.lower()))
    db.execute("INSERT INTO account(code, person, level, state, password, must_change, factors, language, created) "
               "VALUES (?, ?, 2, 'open', '', 0, 0, 'en', ?)", (f"U{number:04}", number, now))
    token = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=")
    db.execute("INSERT INTO session(token, account, pending_ends, methods, wanted, created, seen, ends, secret, notice, client, "
               "agent) VALUES (?, ?, 0, 1, 0, ?, ?, ?, ?, '', '127.0.0.1', '')",
               (hashlib.sha256(token).digest(), number, now, now, now + 36000_000_000, os.urandom(32)))
    print(name, token.decode())


def main():
    db = sqlite3.connect(sys.argv[1], timeout=30)
    now = int(time.time() * 1_000_000)
    make_organisation(db)
    for number, person in enumerate(PEOPLE, 1):
        make_person(db, number, person, now)
    db.commit()


main()
