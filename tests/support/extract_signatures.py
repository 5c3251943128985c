#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Takes signatures out of a PDF for other programs to check, by text search alone (no parser of ours).

usage: extract_signatures.py FILE FOLDER

For the n-th ByteRange (n from 0, in file order) writes FOLDER/n.cms (DER without padding), FOLDER/n.content (the covered
bytes) and FOLDER/n.subfilter. Prints how many there were.
"""

import pathlib
import re
import sys


def der_length(data):
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data = pathlib.Path(sys.argv[1]).read_bytes()
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for found in re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data):
        a, b, c, d = map(int, found.groups())
        gap = data[a + b : c]
        if not (gap.startswith(b"<") and gap.endswith(b">")):
            sys.exit(f"the gap of signature {count} is not a hexadecimal string")
        cms = bytes.fromhex(gap[1:-1].decode("ascii"))
        start = max(data.rfind(b" obj", 0, found.start()), 0)
        filters = re.findall(rb"/SubFilter\s*/([A-Za-z0-9.]+)", data[start : data.find(b"endobj", found.start())])
        (folder / f"{count}.cms").write_bytes(cms[: der_length(cms)])
        (folder / f"{count}.content").write_bytes(data[a : a + b] + data[c : c + d])
        (folder / f"{count}.subfilter").write_bytes(filters[0] if filters else b"")
        count += 1
    print(count)


if __name__ == "__main__":
    main()
