#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed_help.py OUT.c FILE...: docs/help/LANGUAGE/TOPIC.md as a C table; the first line of each is its title."""
import pathlib
import sys


def literal(text):
    lines = text.splitlines()
    return "\n".join('     "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in lines)


def main():
    out, *names = sys.argv[1:]
    rows = []
    for path in sorted(map(pathlib.Path, names), key=lambda p: (p.parent.name, p.stem)):
        first, text = path.read_text().split("\n", 1)
        if not first.startswith("# "):
            raise SystemExit(f"{path}: the first line is the title")
        title = first[2:].replace('"', '\\"')
        rows.append(f'    {{"{path.parent.name}", "{path.stem}", "{title}",\n{literal(text.strip())}}},')
    pathlib.Path(out).write_text(
        '#include "web/help/help.h"\n\nconst struct help_text help_texts[] = {\n' + "\n".join(rows) + "\n};\n"
        "const size_t help_text_count = sizeof help_texts / sizeof *help_texts;\n")


main()
