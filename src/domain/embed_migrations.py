#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed_migrations.py OUT.c FILE.sql...: the migrations as a C table; NNNN-name.sql is number and name."""
import pathlib
import sys


def literal(text):
    lines = text.splitlines() or [""]
    return "\n".join('        "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in lines)


def main():
    out, *files = sys.argv[1:]
    rows = []
    for file in sorted(map(pathlib.Path, files)):
        number, name = file.stem.split("-", 1)
        rows.append(f'    {{{int(number)}, "{name}",\n{literal(file.read_text())}}},')
    pathlib.Path(out).write_text(
        '#include "domain/schema.h"\n\nconst struct migration domain_migrations[] = {\n' + "\n".join(rows) + "\n};\n"
        "const size_t domain_migration_count = sizeof domain_migrations / sizeof *domain_migrations;\n")


main()
