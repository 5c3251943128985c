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


def sign(pdf, signer, changes, number, extra=b"", padding=0, cms=None, sub_filter=b"adbe.pkcs7.detached", **how):
    """Appends an update with the changes and, as object `number`, a signature over all of it."""
    room = b"<" + b"0" * (2 * RESERVED) + b">"
    body = (
        b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s /Contents %s "
        b"/ByteRange [0 ********** ********** **********] /M (D:20261121000000Z) %s>>" % (sub_filter, room, extra)
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


def sign_new(pdf, signer, visible=False, extra=b"", widget_extra=b"", also=None, **how):
    """Signs a new field, in view or not, and whatever else is changed `also`."""
    number, widget, look = pdf.size, pdf.size + 1, pdf.size + 2
    box = b"/Rect [200 110 300 140] /AP <</N %d 0 R>>" % look if visible else b"/Rect [0 0 0 0]"
    changes = {
        widget: b"<</FT /Sig /T (Hand) /V %d 0 R /Type /Annot /Subtype /Widget /P 4 0 R /F 132 %s%s>>"
        % (number, widget_extra, box),
        3: pdf.objects[3].replace(b"29 0 R", b"29 0 R %d 0 R" % widget, 1),
        4: pdf.objects[4].replace(b"29 0 R", b"29 0 R %d 0 R" % widget, 1),
    }
    if visible:
        changes[look] = forge_pdf.form(b"BT /Helv 8 Tf 2 5 Td (signed by hand) Tj ET")
    changes.update(also or {})
    return sign(pdf, signer, changes, number, extra=extra, **how)


def wrapped(data, evil, hole=None, fake=None, pad=b"\n", spare=0, kind="table"):
    """Signature wrapping: the second signed part moves back, and the gap before it takes other objects.

    The signed part ends with its startxref; what stands at that offset in the gap is the attacker's cross-reference.
    """
    gap, after = span(data, data.rindex(b"/Type /Sig"))[1:3]
    head, tail = data[:gap], data[after:]
    pdf = Pdf(data)
    number = int(re.findall(rb"(\d+) 0 obj", head)[-1])
    dictionary = re.match(rb" ?/ByteRange \[[^\]]*\](.*?)>>\nendobj\n", tail, re.S).group(1)
    objects = {int(n): body.strip() for n, body in forge_pdf.OBJECT.findall(tail) if b"0" * 99 not in body}
    objects.update(evil)
    moved = pdf.startxref + 4000
    fake = fake or b" /ByteRange [0 %d %d %d]"
    out = head + (data[gap:after] if hole is None else hole) + fake % (gap, moved, len(tail))
    out += b" " + dictionary + b">>\nendobj\n"
    rows = {number: data.rindex(b"%d 0 obj" % number, 0, gap)}
    for n, body in objects.items():
        rows[n] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    assert len(out) <= pdf.startxref
    out += b"\n" * (pdf.startxref - len(out))
    previous = int(re.findall(rb"/Prev (\d+)", data)[-1])
    trailer = b"/Size %d /Root 1 0 R /Info 19 0 R /Prev %d %s" % (pdf.size, previous, forge_pdf.IDENTITY)
    if kind == "stream":
        rows = {n: (1, at, 0) for n, at in {**rows, pdf.size: len(out)}.items()}
        out += forge_pdf.xref_stream(pdf.size, rows, trailer.replace(b"%d" % pdf.size, b"%d" % (pdf.size + 1), 1))
    else:
        out += forge_pdf.table(rows) + b"trailer\n<<%s>>\n" % trailer
    assert len(out) <= moved
    return out + pad * (moved - len(out)) + tail + b"\n" * spare
