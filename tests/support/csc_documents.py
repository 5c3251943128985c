#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Whole documents by signatures/signDoc of the CSC API 2.0, authorised with the PIN of a seal.

Usage: csc_documents.py BASE TOKEN CREDENTIAL PIN FOLDER [--code CODE] [--later] [--validation] ITEM...

An ITEM is FORMAT:ENVELOPE:LEVEL:FILE. What comes out is FOLDER/1, FOLDER/2 ... in the request's order. Prints a word for what
was answered; what was refused ends it with 1.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import sys
import urllib.error
import urllib.request

SHA256 = "2.16.840.1.101.3.4.2.1"
RSA_SHA256 = "1.2.840.113549.1.1.11"


def main():
    parser = argparse.ArgumentParser()
    for name in ("base", "token", "credential", "pin", "folder"):
        parser.add_argument(name)
    parser.add_argument("items", nargs="+")
    parser.add_argument("--code")
    parser.add_argument("--later", action="store_true")
    parser.add_argument("--validation", action="store_true")
    a = parser.parse_args()

    def post(method, body):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {a.token}"}
        request = urllib.request.Request(f"{a.base}/{method}", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            print(method, refused.code, refused.read().decode("utf-8", "replace"))
            sys.exit(1)

    items = [item.split(":", 3) for item in a.items]
    contents = [pathlib.Path(item[3]).read_bytes() for item in items]
    hashes = [base64.b64encode(hashlib.sha256(content).digest()).decode() for content in contents]
    proofs = [{"id": "PIN", "value": a.pin}] + ([{"id": "OTP", "value": a.code}] if a.code else [])
    sad = post("credentials/authorize", {"credentialID": a.credential, "numSignatures": len(items), "hashes": hashes,
                                         "hashAlgorithmOID": SHA256, "authData": proofs})["SAD"]
    documents = [{"document": base64.b64encode(content).decode(), "signature_format": item[0], "signed_envelope_property": item[1],
                  "conformance_level": item[2], "signAlgo": RSA_SHA256} for item, content in zip(items, contents)]
    request = {"credentialID": a.credential, "SAD": sad, "documents": documents, "returnValidationInfo": a.validation}
    if a.later:
        request["operationMode"] = "A"
    answer = post("signatures/signDoc", request)
    if a.later:
        answer = post("signatures/signPolling", {"requestID": answer["responseID"]})
    whole, signatures = iter(answer.get("DocumentWithSignature", [])), iter(answer.get("SignatureObject", []))
    folder = pathlib.Path(a.folder)
    folder.mkdir(exist_ok=True)
    for i, item in enumerate(items, 1):
        (folder / str(i)).write_bytes(base64.b64decode(next(whole if item[0] == "P" else signatures)))
    print("signed", " ".join(f"{name}={len(answer['validationInfo'].get(name, []))}" for name in ("ocsp", "crl", "certificates"))
          if a.validation else "")


if __name__ == "__main__":
    main()
