# SPDX-License-Identifier: EUPL-1.2
"""Attacks on the signature itself and on where the file ends: USF, SWA, ISA, shadow replacement. For forgeries.py."""

import re

import forge_pdf
import forge_sign
from forge_pdf import Pdf, add, drop, stream, swap

RANGE = rb"/ByteRange\s*\[[^\]]*\]"
CONTENTS = rb"/Contents\s*<[0-9a-fA-F]*>"
EVIL = stream(b"", b"BT /F1 12 Tf 50 500 Td (Pay 9999 euros) Tj ET")

# ---- universal signature forgery ----

BYTE_RANGES = {
    "no-value": b"/ByteRange",
    "absent": b"",
    "null": b"/ByteRange null",
    "empty": b"/ByteRange []",
    "string": b"/ByteRange (0 1 2 3)",
    "hexadecimal": b"/ByteRange <00010203>",
    "name": b"/ByteRange /All",
    "true": b"/ByteRange true",
    "dictionary": b"/ByteRange <<>>",
    "number": b"/ByteRange 0",
    "reference": b"/ByteRange 7 0 R",
    "one": b"/ByteRange [0]",
    "pair": b"/ByteRange [0 %(b)d]",
    "three": b"/ByteRange [0 %(b)d %(c)d]",
    "five": b"/ByteRange [0 %(b)d %(c)d %(d)d 0]",
    "six": b"/ByteRange [0 %(b)d %(c)d %(d)d 0 0]",
    "twice": b"/ByteRange [0 %(b)d %(c)d %(d)d 0 %(b)d %(c)d %(d)d]",
    "zeros": b"/ByteRange [0 0 0 0]",
    "nulls": b"/ByteRange [null null null null]",
    "strings": b"/ByteRange [(0) (%(b)d) (%(c)d) (%(d)d)]",
    "references": b"/ByteRange [7 0 R 7 0 R 7 0 R 7 0 R]",
    "nested": b"/ByteRange [[0 %(b)d %(c)d %(d)d]]",
    "reals": b"/ByteRange [0.5 %(b)d.5 %(c)d.5 %(d)d.5]",
    "negative": b"/ByteRange [-1 %(b)d %(c)d %(d)d]",
    "negative-length": b"/ByteRange [0 -%(b)d %(c)d %(d)d]",
    "all-negative": b"/ByteRange [-1 -1 -1 -1]",
    "huge": b"/ByteRange [0 %(b)d %(c)d 99999999999]",
    "beyond-64-bit": b"/ByteRange [0 %(b)d %(c)d 99999999999999999999999]",
    "wraps-64-bit": b"/ByteRange [0 %(b)d %(c)d 9223372036854775807]",
    "huge-start": b"/ByteRange [99999999999 %(b)d %(c)d %(d)d]",
    "no-first": b"/ByteRange [0 0 %(c)d %(d)d]",
    "no-second": b"/ByteRange [0 %(b)d %(c)d 0]",
    "overlapping": b"/ByteRange [0 %(c)d %(b)d %(d)d]",
    "no-gap": b"/ByteRange [0 %(b)d %(b)d %(d)d]",
    "backwards": b"/ByteRange [%(c)d %(d)d 0 %(b)d]",
    "late-start": b"/ByteRange [9 %(b)d %(c)d %(d)d]",
}
ALMOST = {"no-first", "no-second", "overlapping", "no-gap", "backwards", "late-start", "huge-start"}
CONTENTS_VALUES = {
    "no-value": b"/Contents",
    "absent": b"",
    "null": b"/Contents null",
    "empty": b"/Contents <>",
    "empty-literal": b"/Contents ()",
    "zero": b"/Contents <00>",
    "zero-literal": b"/Contents (\\000)",
    "zeros": b"/Contents <" + b"0" * 400 + b">",
    "text": b"/Contents (signature)",
    "array": b"/Contents []",
    "number": b"/Contents 0",
    "name": b"/Contents /DER",
    "true": b"/Contents true",
    "dictionary": b"/Contents <<>>",
    "reference": b"/Contents 16 0 R",
    "dangling": b"/Contents 999 0 R",
    "short": b"/Contents <30>",
    "empty-sequence": b"/Contents <3000>",
    "integer": b"/Contents <020101>",
    "long-length": b"/Contents <308400000000>",
    "indefinite": b"/Contents <308000000000>",
}
DICTIONARIES = {
    "no-subfilter": (rb"/SubFilter\s*/[A-Za-z0-9.]+", b""),
    "odd-subfilter": (rb"/SubFilter\s*/[A-Za-z0-9.]+", b"/SubFilter /Odd"),
    "null-subfilter": (rb"/SubFilter\s*/[A-Za-z0-9.]+", b"/SubFilter null"),
    "timestamp-subfilter": (rb"/SubFilter\s*/[A-Za-z0-9.]+", b"/SubFilter /ETSI.RFC3161"),
    "rsa-subfilter": (rb"/SubFilter\s*/[A-Za-z0-9.]+", b"/SubFilter /adbe.x509.rsa_sha1"),
    "sha1-subfilter": (rb"/SubFilter\s*/[A-Za-z0-9.]+", b"/SubFilter /adbe.pkcs7.sha1"),
    "no-filter": (rb"/Filter\s*/Adobe.PPKLite", b""),
    "odd-filter": (rb"/Filter\s*/Adobe.PPKLite", b"/Filter /Odd"),
    "other-type": (rb"/Type\s*/Sig", b"/Type /DocTimeStamp"),
    "other-reason": (rb"/Type\s*/Sig", b"/Type /Sig /Reason (I never said so)"),
    "only-names": (rb".*", b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Name (Somebody)>>"),
    "null": (rb".*", b"null"),
    "empty": (rb".*", b"<<>>"),
    "array": (rb".*", b"[]"),
    "string": (rb".*", b"(signature)"),
    "unclosed": (rb">>$", b""),
}


def in_place(data, pattern, value):
    """The same length, so that nothing else moves; None when the value is too long for it."""
    at = data.rindex(b"/ByteRange")
    start = data.rindex(b" obj", 0, at)
    match = re.search(pattern, data[start : data.index(b"endobj", at)].rstrip(), re.S)
    room = match.end() - match.start()
    if len(value) > room:
        return None
    return data[: start + match.start()] + value.ljust(room) + data[start + match.end() :]


def forged_field(data, body):
    """A signature that nobody made, in a document that nobody signed."""
    pdf = Pdf(data)
    return pdf.update({pdf.size: body, 29: add(pdf.objects[29], b"/V %d 0 R" % pdf.size)}).data


def universal(signed, signer):
    data = signed["plain"]
    pdf = Pdf(data)
    number = pdf.find(rb"/ByteRange")
    body = pdf.objects[number]
    at = dict(zip((b"a", b"b", b"c", b"d"), forge_sign.span(data, data.rindex(b"/ByteRange"))))
    values = [("byterange-" + n, RANGE, v % at, "USF,SWA" if n in ALMOST else "USF") for n, v in BYTE_RANGES.items()]
    cms = {
        "no-signers": b"/Contents <" + signer.without_signers().hex().encode() + b">",
        "own-content": b"/Contents <" + signer.cms(b"something else", "-nodetach").hex().encode() + b">",
        "of-others": b"/Contents <" + signer.cms(b"something else").hex().encode() + b">",
        "literal": b"/Contents (" + re.search(CONTENTS, body).group()[11:-1] + b")",
    }
    values += [("contents-" + n, CONTENTS, v, "USF") for n, v in CONTENTS_VALUES.items()]
    values += [("contents-" + n, CONTENTS, v, "any") for n, v in cms.items()]
    values += [("dictionary-" + n, p, v, "any") for n, (p, v) in DICTIONARIES.items()]
    fields = b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Name (Somebody) %s %s>>"
    for name, pattern, value, family in values:
        changed = re.sub(pattern, lambda _, value=value: value, body, count=1, flags=re.S)
        yield f"usf update {name}", "reject " + family, pdf.update({number: changed}).data
        placed = in_place(data, pattern, value) if pattern != rb".*" else None
        if placed:
            yield f"usf in place {name}", "reject " + family.replace("any", "failed"), placed
        if pattern == RANGE:
            yield f"usf unsigned {name}", "reject USF,SWA", forged_field(signed["unsigned"], fields % (value, b"/Contents <3000>"))
        if pattern == CONTENTS:
            forged = fields % (b"/ByteRange [0 100 200 300]", value)
            yield f"usf unsigned {name}", "reject any", forged_field(signed["unsigned"], forged)
    page = {6: EVIL, number: drop(body, RANGE)}
    yield "usf update and content", "reject USF", pdf.update(page).data


# ---- signature wrapping ----


def wrapping(signed, signer):
    before = Pdf(signed["unsigned"])
    data = forge_sign.sign_new(before, signer, padding=20000)
    gap, after = forge_sign.span(data, data.rindex(b"/Type /Sig"))[1:3]
    hole = data[gap:after]
    text = add(swap(Pdf(data).objects[8], b"(Alice)", b"(Mallory)"), b"")
    ways = {
        "content": ({6: EVIL}, {}),
        "field": ({8: text}, {}),
        "nothing": ({}, {}),
        "spaces": ({6: EVIL}, {"pad": b" "}),
        "zero bytes": ({6: EVIL}, {"pad": b"\0"}),
        "comment": ({6: EVIL}, {"pad": b"%"}),
        "stream": ({6: EVIL}, {"kind": "stream"}),
        "longer file": ({6: EVIL}, {"spare": 1}),
        "no contents": ({6: EVIL}, {"hole": b"<>"}),
        "zero contents": ({6: EVIL}, {"hole": b"<00>"}),
        "contents twice": ({6: EVIL}, {"hole": hole + b" /Contents " + hole}),
        "literal contents": ({6: EVIL}, {"hole": b"(" + hole[1:-1] + b")"}),
        "null contents": ({6: EVIL}, {"hole": b"null"}),
        "no range": ({6: EVIL}, {"fake": b" /Ignored [0 %d %d %d]"}),
        "true range": ({6: EVIL}, {"fake": b" /ByteRange [0 %d %d %d] /Ignored [0 0 0]"}),
        "ranges of one byte more": ({6: EVIL}, {"fake": b" /ByteRange [0 %d %d %d 0]"}),
        "catalog": ({1: forge_pdf.DOCUMENT[25]}, {}),
    }
    for name, (evil, how) in ways.items():
        yield f"swa {name}", "reject SWA,USF", forge_sign.wrapped(data, evil, **how)
    room = len(hole.rstrip(b"0>")) + 2  # of the reserved space some is taken for other things
    for name, odd in {
        "space behind": b"",
        "comment in gap": b"%Pay 9999 euros\n",
        "object in gap": b">>endobj 6 0 obj " + EVIL + b" endobj",
        "second string": b"<00>",
        "entry in gap": b"/Extra <<>>",
        "contents again": b"/Contents <00>",
        "array": b"] [",
    }.items():
        short = hole[:room] + b">" + odd
        yield f"swa {name}", "reject any", data[:gap] + short.ljust(len(hole)) + data[after:]
    early = b" " * 9 + hole[:-10] + b">"
    yield "swa space before", "reject SWA,USF", data[:gap] + early + data[after:]
    yield from wrapping_later(signed, data)


def wrapping_later(signed, data):
    """Updates that make something of the gap, or of a copy of the signature."""
    pdf = Pdf(data)
    number = pdf.find(rb"/ByteRange")
    copied = pdf.objects[number]
    ours = Pdf(signed["plain"])
    target = ours.find(rb"/ByteRange")
    gap = forge_sign.span(ours.data, ours.data.rindex(b"/ByteRange"))[1]
    again = ours.objects[target]
    yield "swa copy of the signature", "reject any", pdf.update({number: copied, 6: EVIL}).data
    yield "swa copy under another number", "reject any", ours.update(
        {ours.size: again, ours.find(rb"/T\s*\(Sig1\)"): swap(ours.objects[ours.find(rb"/T\s*\(Sig1\)")], b"/V %d 0 R" % target, b"/V %d 0 R" % ours.size), 6: EVIL}
    ).data
    field = ours.objects[ours.find(rb"/T\s*\(Sig1\)")]
    form = swap(ours.objects[3], b"29 0 R", b"29 0 R %d 0 R" % ours.size)
    shared = {ours.size: swap(field, b"(Sig1)", b"(Sig2)"), 3: form}
    yield "swa two fields of one signature", "reject any", ours.update(shared).data
    later = {29: add(ours.objects[29], b"/V %d 0 R" % target)}
    yield "swa empty field takes the signature", "reject any", ours.update(later).data
    back = forge_pdf.update_bytes(ours, {6: EVIL})
    yield "swa startxref into the gap", "reject any", ours.data + re.sub(rb"startxref\n\d+", b"startxref\n%d" % (gap + 1), back)
    yield "swa prev into the gap", "reject any", ours.update({6: EVIL}, prev=gap + 1).data
    yield "swa prev of the unsigned", "reject any", ours.update({6: EVIL}, prev=Pdf(signed["unsigned"]).startxref).data
    many = ours.update({6: EVIL}, prev=Pdf(signed["unsigned"]).startxref, eof=b"%%EOF\n" * 40).data
    yield "swa prev of the unsigned, many ends", "reject any", many
    yield "swa prev of itself", "reject any", ours.update({6: EVIL}, prev=len(ours.data) + len(EVIL) + 17).data
    yield "swa prev absent", "reject failed", re.sub(rb"/Prev %d " % ours.startxref, b"", ours.update({6: EVIL}).data)


# ---- incremental saving ----


def saving(signed, signer):
    del signer
    for source in ("plain", "packed"):
        pdf = Pdf(signed[source])
        whole = forge_pdf.update_bytes(pdf, {6: EVIL})
        objects = whole[: whole.index(b"endobj\n") + 7]
        section = whole[len(objects) :]
        table = forge_pdf.update_bytes(pdf, {6: EVIL}, kind="table")
        trailer = table[table.index(b"trailer") :]
        closing = section[section.index(b"startxref") :]
        old = b"startxref\n%d\n%%%%EOF\n" % pdf.startxref
        number = pdf.find(rb"/ByteRange")
        copy = b"%d 0 obj\n%s\nendobj\n" % (number, pdf.objects[number])
        ways = {
            "update": whole,
            "objects only": objects,
            "object unclosed": objects[:-8],
            "object without stream end": objects[: objects.index(b"endstream")],
            "objects and eof": objects + b"%%EOF\n",
            "objects, old startxref": objects + old,
            "objects, trailer": objects + trailer,
            "objects, trailer, old startxref": objects + trailer[: trailer.index(b"startxref")] + old,
            "objects, no trailer": objects + (b"xref\n6 1\n%010d 00000 n \n" % len(pdf.data)) + closing,
            "trailer only": trailer,
            "trailer, old startxref": trailer[: trailer.index(b"startxref")] + old,
            "startxref only": closing,
            "old startxref only": old,
            "eof only": b"%%EOF\n",
            "eof twice": whole + b"%%EOF\n",
            "startxref zero": objects + section.replace(closing, b"startxref\n0\n%%EOF\n"),
            "startxref beyond": objects + section.replace(closing, b"startxref\n99999999\n%%EOF\n"),
            "no eof": whole.replace(b"%%EOF\n", b""),
            "no startxref": whole.replace(closing, b""),
            "unlisted": forge_pdf.update_bytes(pdf, {6: EVIL}, listed=[]),
            "unlisted beside listed": forge_pdf.update_bytes(pdf, {6: EVIL, pdf.size: b"null"}, listed=[pdf.size]),
            "empty xref": forge_pdf.update_bytes(pdf, {}) + objects + forge_pdf.update_bytes(pdf, {}),
            "copied signature": copy + whole,
            "copied signature only": copy,
            "copied signature without xref": copy + objects + old,
            "in a comment": b"%" + whole.replace(b"\n", b" ") + b"\n" + old,
            "garbage": b"Pay 9999 euros\n",
            "long comment": b"%" + b"x" * 2000 + b"\n" + old,
            "zero bytes": b"\0" * 100,
            "spaces": b" " * 3000 + objects,
            "the file again": pdf.data,
            "the unsigned file again": signed["unsigned"],
        }
        harmless = {"eof only", "old startxref only", "zero bytes"}
        for name, appended in ways.items():
            yield f"isa {source} {name}", "reject ISA,SWA" if name not in harmless else "reject any", pdf.data + appended
        yield f"isa {source} one byte before", "reject failed", b"x" + pdf.data
        yield f"isa {source} page before", "unreadable", b"%PDF-1.7\n6 0 obj\n" + EVIL + b"\nendobj\n" + pdf.data
        yield f"isa {source} cut", "unreadable", pdf.data[:-60]
        yield f"isa {source} cut eof", "reject failed", pdf.data[:-6]
        yield f"isa {source} byte changed", "reject failed", pdf.data.replace(b"Pay 100", b"Pay 900", 1)
        other = "stream" if source == "plain" else "table"
        yield f"isa {source} other kind of update", "reject ISA", pdf.update({6: EVIL}, kind=other).data
        yield f"isa {source} object stream", "reject any", pdf.update(
            {4: swap(pdf.objects[4], b"/Contents 6 0 R", b"/Contents 22 0 R")}, kind="stream", compressed=True
        ).data
        yield f"isa {source} object stream replaced", "reject any", pdf.update(
            {4: swap(pdf.objects[4], b"/Contents 6 0 R", b"/Contents 15 0 R")}, kind="stream", compressed=True
        ).data
    yield from hybrid(signed)


def hybrid(signed):
    """A table for some readers, a stream named by /XRefStm for others."""
    pdf = Pdf(signed["plain"])
    for name, evil in {"page": {6: EVIL}, "catalog": {1: forge_pdf.DOCUMENT[25]}}.items():
        at, out, rows = len(pdf.data), b"", {}
        for number, body in evil.items():
            rows[number] = (1, at + len(out), 0)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        rows[pdf.size] = (1, at + len(out), 0)
        hidden = at + len(out)
        trailer = b"/Size %d /Root 1 0 R /Info 19 0 R %s" % (pdf.size + 1, forge_pdf.IDENTITY)
        out += forge_pdf.xref_stream(pdf.size, rows, trailer)
        start = at + len(out)
        out += b"xref\n0 0\ntrailer\n<<%s /Prev %d /XRefStm %d>>\n" % (trailer, pdf.startxref, hidden)
        yield f"isa hybrid {name}", "reject any", pdf.data + out + b"startxref\n%d\n%%%%EOF\n" % start


def make(signed, signer):
    for family in (universal, wrapping, saving):
        yield from family(signed, signer)
