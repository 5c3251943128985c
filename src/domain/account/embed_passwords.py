#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""embed_passwords.py OUT.c LIST.txt.xz: the sorted beginnings of the SHA-256 of each line, as a C table."""
import hashlib
import lzma
import pathlib
import sys

SIZE = 5  # COMMON_HASH_SIZE
ROW = 16


def main():
    out, source = sys.argv[1:]
    lines = lzma.decompress(pathlib.Path(source).read_bytes()).splitlines()
    hashes = sorted({hashlib.sha256(line.lower()).digest()[:SIZE] for line in lines})
    rows = []
    for start in range(0, len(hashes), ROW):
        octets = b"".join(hashes[start:start + ROW])
        rows.append('    "' + "".join(f"\\x{octet:02x}" for octet in octets) + '"')
    pathlib.Path(out).write_text(
        '#include "domain/account/common_table.h"\n\n'
        f"const size_t common_password_count = {len(hashes)};\n"
        "const uint8_t common_passwords[] =\n" + "\n".join(rows) + ";\n")


main()
