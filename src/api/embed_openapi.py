#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed_openapi.py OUT.c FILE.json [NAME]: the description as a C text NAME_text (openapi_text), without blanks."""
import json
import pathlib
import sys

LINE = 96


def main():
    out, source, *name = sys.argv[1:]
    name = name[0] if name else "openapi"
    text = json.dumps(json.loads(pathlib.Path(source).read_text()), ensure_ascii=True, separators=(",", ":"))
    lines = [text[at:at + LINE].replace("\\", "\\\\").replace('"', '\\"') for at in range(0, len(text), LINE)]
    body = "\n".join(f'    "{line}"' for line in lines)
    pathlib.Path(out).write_text(
        f"#include <stddef.h>\n\nextern const char {name}_text[];\nextern const size_t {name}_length;\n"
        f"const char {name}_text[] =\n{body};\nconst size_t {name}_length = sizeof {name}_text - 1;\n")


main()
