# SPDX-License-Identifier: EUPL-1.2
"""Signatures that Refrenda did not make: openssl's CMS in a dictionary of our own order. For forgeries.py."""

import re
import subprocess

import forge_pdf
from forge_pdf import Pdf, add

RESERVED = 6000


class Signer:
    """A key and its certificates, in PEM files."""

    def __init__(self, key, certificate, chain):
        self.arguments = ["-signer", certificate, "-inkey", key, "-certfile", chain]
        self.certificate = certificate

    def cms(self, data, *options):
        command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-cades", *self.arguments]
        return subprocess.run([*command, *options], input=data, stdout=subprocess.PIPE, check=True).stdout

    def certificate_der(self):
        command = ["openssl", "x509", "-in", self.certificate, "-outform", "DER"]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout

    def without_signers(self):
        command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", self.certificate, "-outform", "DER"]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def span(data, at=0):
    """Numbers of the first ByteRange behind `at`."""
    return [int(n) for n in re.search(rb"/ByteRange\s*\[\s*([0-9 ]+)\]", data[at:]).group(1).split()]


def sign(pdf, signer, changes, number, extra=b"", padding=0, cms=None, **how):
    """Appends an update with the changes and, as object `number`, a signature over all of it."""
    room = b"<" + b"0" * (2 * RESERVED) + b">"
    body = (
        b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Contents %s "
        b"/ByteRange [0 ********** ********** **********] /M (D:20261121000000Z) %s>>" % (room, extra)
    )
    objects = {number: body, **changes}
    if padding:
        objects[max(pdf.size, *objects) + 1] = forge_pdf.stream(b"", b"0" * padding)
    data = pdf.data + forge_pdf.update_bytes(pdf, objects, **how)
    gap = data.index(room, len(pdf.data))
    after = gap + len(room)
    numbers = (b"%d" % gap, b"%d" % after, b"%d" % (len(data) - after))
    data = data.replace(b"********** ********** **********", b" ".join(n.ljust(10) for n in numbers))
    digits = (cms or signer.cms)(data[:gap] + data[after:]).hex().encode()
    return data[:gap] + b"<" + digits.ljust(2 * RESERVED, b"0") + b">" + data[after:]


def sign_existing(pdf, signer, **how):
    """Signs the empty field Later."""
    number = pdf.size
    return sign(pdf, signer, {29: add(pdf.objects[29], b"/V %d 0 R" % number)}, number, **how)


def sign_new(pdf, signer, visible=False, extra=b"", **how):
    """Signs a new field, in view or not."""
    number, widget, look = pdf.size, pdf.size + 1, pdf.size + 2
    box = b"/Rect [200 110 300 140] /AP <</N %d 0 R>>" % look if visible else b"/Rect [0 0 0 0]"
    changes = {
        widget: b"<</FT /Sig /T (Hand) /V %d 0 R /Type /Annot /Subtype /Widget /P 4 0 R /F 132 %s>>" % (number, box),
        3: pdf.objects[3].replace(b"29 0 R", b"29 0 R %d 0 R" % widget, 1),
        4: pdf.objects[4].replace(b"29 0 R", b"29 0 R %d 0 R" % widget, 1),
    }
    if visible:
        changes[look] = forge_pdf.form(b"BT /Helv 8 Tf 2 5 Td (signed by hand) Tj ET")
    return sign(pdf, signer, changes, number, extra=extra, **how)


def wrapped(pdf, signer, in_gap, keep_contents=True, contents=None):
    """Signature wrapping: the second signed part moves back, the gap grows by what `in_gap` makes.

    The signed part ends with a startxref; what stands at that offset in the gap is another cross-reference.
    """
    first, gap, after, rest = span(pdf.data, len(pdf.data) - len(pdf.tail))
    del first, rest
    head, hole, tail = pdf.data[:gap], pdf.data[gap:after], pdf.data[after:]
    hole = (contents or hole) if keep_contents else b"<00>"
    dictionary = re.match(rb" ?/ByteRange \[[^\]]*\](.*?)>>\nendobj\n", tail, re.S).group(1)
    for moved in range(len(pdf.data) + 40000, len(pdf.data) + 40001):
        numbers = (b"%d" % gap, b"%d" % moved, b"%d" % len(tail))
        fake = b" /ByteRange [0 " + b" ".join(n.ljust(10) for n in numbers) + b"]" + dictionary + b">>\nendobj\n"
        start = head + hole + fake
        middle = in_gap(len(start))
        space = moved - len(start) - len(middle)
        assert space > 0
        return start + middle + b"\n" * space + tail
    return None
