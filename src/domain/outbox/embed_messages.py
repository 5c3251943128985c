#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed_messages.py OUT.c FILE...: the messages' texts as a C table. NAME.LANGUAGE.mail has the subject in its first
line, then an empty one, then the text; NAME.LANGUAGE.sms is one line."""
import pathlib
import sys


def literal(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n"\n     "')
    return f'"{escaped}"'


def main():
    out, *names = sys.argv[1:]
    files = {pathlib.Path(name).name: pathlib.Path(name).read_text() for name in names}
    rows = []
    for file in sorted(files):
        name, language, kind = file.rsplit(".", 2)
        if kind != "mail":
            continue
        subject, empty, body = files[file].split("\n", 2)
        if not subject or empty:
            raise SystemExit(f"{file}: the first line is the subject, the second one is empty")
        sms = files.get(f"{name}.{language}.sms")
        short = literal(sms.rstrip("\n")) if sms else "NULL"
        rows.append(f"    {{{literal(name)}, {literal(language)}, {literal(subject)},\n     {literal(body)},\n     {short}}},")
    pathlib.Path(out).write_text(
        '#include "domain/outbox/message.h"\n\nconst struct message_default message_defaults[] = {\n' + "\n".join(rows) + "\n};\n"
        "const size_t message_default_count = sizeof message_defaults / sizeof *message_defaults;\n")


main()
