#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Forgeries of signed PDFs, and legal updates of them.

    forgeries.py documents FOLDER                        writes the documents to be signed
    forgeries.py forge FOLDER KEY CERTIFICATE CHAIN      makes FOLDER/forged/*.pdf of FOLDER/signed/*.pdf

forged/index.tsv tells for each file what a verifier must say: "accept", or "reject" and the families of which it must
name one ("any": no matter which). The classes are those of published research: universal signature forgery,
incremental saving and signature wrapping (Mladenov, Mainka, Meyer zu Selhausen, Grothe, Schwenk, 2019), shadow attacks
(2021), evil annotations and sneaky signatures on certified documents (Rohlmann, Mladenov, Mainka, Schwenk, 2021).
"""

import os
import re
import sys

import forge_attacks
import forge_changes
import forge_legal
import forge_pdf
import forge_sign


def forge(folder, signer):
    signed = {}
    for file in sorted(os.listdir(os.path.join(folder, "signed"))):
        with open(os.path.join(folder, "signed", file), "rb") as stream:
            signed[os.path.splitext(file)[0]] = stream.read()
    forged = os.path.join(folder, "forged")
    os.makedirs(forged, exist_ok=True)
    index = []
    made = [row for table in (forge_attacks, forge_changes, forge_legal) for row in table.make(signed, signer)]
    for name, expected, data in made:
        file = re.sub(r"[^A-Za-z0-9+.-]+", "-", name).strip("-") + ".pdf"
        assert file not in (row[0] for row in index), file
        with open(os.path.join(forged, file), "wb") as stream:
            stream.write(data)
        index.append((file, expected))
    with open(os.path.join(forged, "index.tsv"), "w", encoding="ascii") as stream:
        stream.writelines(f"{file}\t{expected}\n" for file, expected in index)


def main():
    if sys.argv[1] == "documents":
        for name, data in forge_pdf.documents().items():
            with open(os.path.join(sys.argv[2], name + ".pdf"), "wb") as stream:
                stream.write(data)
    else:
        forge(sys.argv[2], forge_sign.Signer(*sys.argv[3:6]))


if __name__ == "__main__":
    main()
