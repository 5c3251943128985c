#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Documents signed by openssl in the formats from before PAdES (ISO 32000-2 12.8.3).

    legacy_formats.py DOCUMENT FOLDER KEY CERTIFICATE CHAIN

writes FOLDER/{rsa-sha1,rsa-sha256,inside-sha1,detached}.pdf, and each with one byte changed as NAME-changed.pdf.
"""

import hashlib
import os
import subprocess
import sys

import forge_pdf
import forge_sign


def run(data, *command):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def octet_string(data):
    assert 256 <= len(data) < 65536
    return b"\x04\x82" + len(data).to_bytes(2, "big") + data


class Old(forge_sign.Signer):
    def __init__(self, key, certificate, chain):
        super().__init__(key, certificate, chain)
        self.key = key
        self.chain = chain

    def bare(self, digest):
        return lambda data: octet_string(run(data, "openssl", "dgst", f"-{digest}", "-sign", self.key))

    def detached(self, data):
        return run(data, "openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", *self.arguments)

    def inside(self, data):
        digest = hashlib.sha1(data).digest()
        command = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha1", *self.arguments]
        return run(digest, *command)

    def cert_entry(self):
        """/Cert: the signer's certificate and those above it."""
        chain = open(self.chain, encoding="ascii").read().split("-----BEGIN CERTIFICATE-----")[1:]
        ders = [self.certificate_der()]
        ders += [run(b"-----BEGIN CERTIFICATE-----" + one.encode(), "openssl", "x509", "-outform", "DER") for one in chain]
        return b"/Cert [%s]" % b" ".join(b"<%s>" % der.hex().encode() for der in ders)


def main():
    document, folder = sys.argv[1:3]
    signer = Old(*sys.argv[3:6])
    with open(document, "rb") as stream:
        pdf = forge_pdf.Pdf(stream.read())
    cert = signer.cert_entry()
    made = {
        "rsa-sha1": forge_sign.sign_existing(pdf, signer, cms=signer.bare("sha1"), sub_filter=b"adbe.x509.rsa_sha1", extra=cert),
        "rsa-sha256": forge_sign.sign_existing(pdf, signer, cms=signer.bare("sha256"), sub_filter=b"adbe.x509.rsa_sha1", extra=cert),
        "inside-sha1": forge_sign.sign_existing(pdf, signer, cms=signer.inside, sub_filter=b"adbe.pkcs7.sha1"),
        "detached": forge_sign.sign_existing(pdf, signer, cms=signer.detached),
    }
    for name, data in made.items():
        at = data.index(b"/MediaBox")
        digit = next(i for i in range(at, at + 60) if chr(data[i]) in "123456789")
        changed = data[:digit] + bytes([data[digit] ^ 1]) + data[digit + 1 :]
        for suffix, content in (("", data), ("-changed", changed)):
            with open(os.path.join(folder, name + suffix + ".pdf"), "wb") as stream:
                stream.write(content)


if __name__ == "__main__":
    main()
