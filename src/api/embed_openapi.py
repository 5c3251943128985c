#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed_openapi.py OUT.c FILE.json: the description as a C text, without blanks."""
import json
import pathlib
import sys

LINE = 96


def main():
    out, source = sys.argv[1:]
    text = json.dumps(json.loads(pathlib.Path(source).read_text()), ensure_ascii=True, separators=(",", ":"))
    lines = [text[at:at + LINE].replace("\\", "\\\\").replace('"', '\\"') for at in range(0, len(text), LINE)]
    body = "\n".join(f'    "{line}"' for line in lines)
    pathlib.Path(out).write_text(
        "#include <stddef.h>\n\nextern const char openapi_text[];\nextern const size_t openapi_length;\n"
        f"const char openapi_text[] =\n{body};\nconst size_t openapi_length = sizeof openapi_text - 1;\n")


main()
