# SPDX-License-Identifier: EUPL-1.2
"""Handmade PDFs and incremental updates of them, written by nothing that Refrenda uses. For forgeries.py."""

import re

OBJECT = re.compile(rb"(?<![0-9])(\d+) 0 obj\b(.*?)\bendobj", re.S)


def stream(entries, data):
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def form(data):
    return stream(b"/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources <</Font <</Helv 7 0 R>>>>", data)


def add(body, entries):
    """The dictionary with more entries."""
    at = body.index(b"stream\n") if b"stream\n" in body else len(body)
    at = body.rindex(b">>", 0, at)
    return body[:at] + b" " + entries + body[at:]


def swap(body, old, new):
    assert old in body, (old, body)
    return body.replace(old, new, 1)


def drop(body, pattern):
    """Without what the pattern finds."""
    assert re.search(pattern, body, re.S), (pattern, body)
    return re.sub(pattern, b"", body, count=1, flags=re.S)


class Pdf:
    """Bytes of a file, its newest objects, and where its newest cross-reference is."""

    def __init__(self, data):
        self.data = data
        self.objects = {}
        for match in OBJECT.finditer(data):
            body = match.group(2).strip()
            self.objects[int(match.group(1))] = body
            if b"/ObjStm" in body[:200]:
                self.unpack(body)
        self.startxref = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
        self.is_stream = not data[self.startxref :].startswith(b"xref")
        self.size = max(self.objects) + 1

    def unpack(self, body):
        if b"/FlateDecode" in body[:200]:
            return
        count, first = (int(re.search(key + rb" (\d+)", body).group(1)) for key in (rb"/N", rb"/First"))
        data = body[body.index(b"stream\n") + 7 :]
        head = [int(n) for n in data[:first].split()[: 2 * count]]
        ends = head[3::2] + [body.rindex(b"\nendstream") - body.index(b"stream\n") - 7 - first]
        for number, start, end in zip(head[::2], head[1::2], ends):
            self.objects[number] = data[first + start : first + end].strip()

    def find(self, pattern):
        """The highest object whose text the pattern finds."""
        return max(n for n, body in self.objects.items() if re.search(pattern, body, re.S))

    def update(self, changes, **how):
        return Pdf(self.data + update_bytes(self, changes, **how))


def table(entries, free=()):
    out = b"xref\n"
    for number in sorted(set(entries) | set(free)):
        if number in free:
            out += b"%d 1\n0000000000 00001 f \n" % number
        else:
            out += b"%d 1\n%010d 00000 n \n" % (number, entries[number])
    return out


def xref_stream(number, rows, trailer):
    """Rows are number: (type, second, third)."""
    index = b" ".join(b"%d 1" % n for n in sorted(rows))
    data = b"".join(bytes([rows[n][0]]) + rows[n][1].to_bytes(4, "big") + bytes([rows[n][2]]) for n in sorted(rows))
    body = stream(b"/Type /XRef /W [1 4 1] /Index [%s] %s" % (index, trailer), data)
    return b"%d 0 obj\n%s\nendobj\n" % (number, body)


def update_bytes(pdf, changes, root=1, trailer=b"", kind=None, prev=None, compressed=False, base=None, size=None,
                 identity=b"/ID [<00112233445566778899aabbccddeeff><ffeeddccbbaa99887766554433221100>]",
                 info=b"/Info 19 0 R", listed=None, eof=b"%%EOF\n", end=None, entry=b""):
    """One update. A change to None frees the object; `listed` says which the cross-reference tells of."""
    kind = kind or ("stream" if pdf.is_stream else "table")
    base = len(pdf.data) if base is None else base
    prev = pdf.startxref if prev is None else prev
    size = size or max([pdf.size - 1, *changes]) + 1
    offsets, out, rows = {}, b"" if pdf.data.endswith(b"\n") else b"\n", {}
    free = [n for n, body in changes.items() if body is None]
    if compressed:
        inside = sorted(n for n in changes if n not in free and not changes[n].endswith(b"endstream"))
        head, content = b"", b""
        for at, number in enumerate(inside):
            head += b"%d %d " % (number, len(content))
            content += changes[number] + b" "
            rows[number] = (2, size, at)
        rows[size] = (1, base + len(out), 0)
        packed = stream(b"/Type /ObjStm /N %d /First %d" % (len(inside), len(head)), head + content)
        out += b"%d 0 obj\n%s\nendobj\n" % (size, packed)
        size += 1
    for number, body in changes.items():
        if body is None or number in rows:
            continue
        offsets[number] = base + len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    shown = {n: at for n, at in offsets.items() if listed is None or n in listed}
    at = base + len(out)
    tail = b"/Root %d 0 R %s %s /Prev %d %s" % (root, info, identity, prev, trailer)
    if kind == "stream":
        rows.update({n: (1, where, 0) for n, where in shown.items()})
        rows.update({n: (0, 0, 1) for n in free})
        rows[size] = (1, at, 0)
        out += xref_stream(size, rows, b"/Size %d " % (size + 1) + tail)
    else:
        out += table(shown, free) + b"trailer\n<</Size %d %s>>\n" % (size, tail)
    return out + b"startxref\n%d\n%s" % (at if end is None else end, eof)


# ---- documents ----

WIDGET = b"/Type /Annot /Subtype /Widget /P 4 0 R /F 4 "
ANNOTATIONS = b"8 0 R 9 0 R 10 0 R 11 0 R 13 0 R 14 0 R 27 0 R 28 0 R 29 0 R"
DOCUMENT = {
    1: b"<</Type /Catalog /Pages 2 0 R /AcroForm 3 0 R /Metadata 20 0 R /Lang (en) "
    b"/OCProperties <</OCGs [21 0 R] /D <</ON [21 0 R]>>>>>>",
    2: b"<</Type /Pages /Kids [4 0 R 5 0 R] /Count 2 /MediaBox [0 0 400 600]>>",
    3: b"<</Fields [8 0 R 9 0 R 10 0 R 11 0 R 26 0 R 29 0 R] /DR <</Font <</Helv 7 0 R>>>> /DA (/Helv 10 Tf 0 g)>>",
    4: b"<</Type /Page /Parent 2 0 R /Contents 6 0 R "
    b"/Resources <</Font <</F1 7 0 R>> /XObject <</Im1 12 0 R>> /Properties <</L1 21 0 R>>>> /Annots [%s]>>" % ANNOTATIONS,
    5: b"<</Type /Page /Parent 2 0 R /Contents 15 0 R /Resources <</Font <</F1 7 0 R>>>>>>",
    6: stream(b"", b"BT /F1 12 Tf 50 500 Td (Pay 100 euros) Tj ET /OC /L1 BDC q 9 0 0 9 50 400 cm /Im1 Do Q EMC"),
    7: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
    8: b"<</FT /Tx /T (name) /V (Alice) /DA (/Helv 10 Tf 0 g) /AP <</N 16 0 R>> /Rect [50 300 250 320] %s>>" % WIDGET,
    9: b"<</FT /Tx /T (amount) /DA (/Helv 10 Tf 0 g) /Rect [50 270 250 290] %s>>" % WIDGET,
    10: b"<</FT /Btn /T (agree) /V /Off /AS /Off /AP <</N <</Yes 17 0 R /Off 18 0 R>>>> /Rect [50 240 60 250] %s>>" % WIDGET,
    11: b"<</FT /Ch /Ff 131072 /T (city) /Opt [(Lima) (Cusco)] /V (Lima) /DA (/Helv 10 Tf 0 g) /Rect [50 210 150 230] %s>>"
    % WIDGET,
    12: stream(b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\x80"),
    13: b"<</Type /Annot /Subtype /Text /Rect [300 500 320 520] /Contents (note) /P 4 0 R>>",
    14: b"<</Type /Annot /Subtype /Link /Rect [50 500 150 512] /Border [0 0 0] /A <</S /URI /URI (https://example.org)>> /P 4 0 R>>",
    15: stream(b"", b"BT /F1 12 Tf 50 500 Td (Second page) Tj ET"),
    16: form(b"/Tx BMC BT /Helv 10 Tf 2 5 Td (Alice) Tj ET EMC"),
    17: form(b"q 1 0 0 RG 0 0 m 10 10 l S Q"),
    18: form(b"q Q"),
    19: b"<</Title (Contract) /Producer (hand)>>",
    20: stream(b"/Type /Metadata /Subtype /XML", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"),
    21: b"<</Type /OCG /Name (layer)>>",
    # nothing leads to these four: what a shadow attacker has prepared
    22: stream(b"", b"BT /F1 12 Tf 50 500 Td (Pay 9999 euros) Tj ET"),
    23: b"<</Type /Page /Parent 24 0 R /Contents 22 0 R /Resources <</Font <</F1 7 0 R>>>>>>",
    24: b"<</Type /Pages /Kids [23 0 R] /Count 1 /MediaBox [0 0 400 600]>>",
    25: b"<</Type /Catalog /Pages 24 0 R /AcroForm 3 0 R>>",
    26: b"<</T (group) /Kids [27 0 R 28 0 R]>>",
    27: b"<</FT /Tx /T (a) /Parent 26 0 R /Rect [50 180 150 200] %s>>" % WIDGET,
    28: b"<</FT /Tx /T (b) /Parent 26 0 R /Rect [50 150 150 170] %s>>" % WIDGET,
    29: b"<</FT /Sig /T (Later) /Rect [200 50 300 100] %s>>" % WIDGET,
}
TAGGED = {
    1: DOCUMENT[1][:-2] + b" /MarkInfo <</Marked true>> /StructTreeRoot 30 0 R>>",
    4: DOCUMENT[4][:-2] + b" /StructParents 0 /Tabs /S>>",
    6: stream(b"", b"/P <</MCID 0>> BDC BT /F1 12 Tf 50 500 Td (Pay 100 euros) Tj ET EMC"),
    13: DOCUMENT[13][:-2] + b" /StructParent 1>>",
    30: b"<</Type /StructTreeRoot /K [31 0 R] /ParentTree 32 0 R /ParentTreeNextKey 2>>",
    31: b"<</Type /StructElem /S /Document /P 30 0 R /K [33 0 R 34 0 R]>>",
    32: b"<</Nums [0 [33 0 R] 1 34 0 R]>>",
    34: b"<</Type /StructElem /S /Annot /P 31 0 R /K <</Type /OBJR /Obj 13 0 R /Pg 4 0 R>>>>",
    33: b"<</Type /StructElem /S /P /P 31 0 R /Pg 4 0 R /K [0]>>",
}
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
IDENTITY = b"/ID [<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"


def write(objects, compressed=False):
    """A whole file, with a table or with object and cross-reference streams."""
    nothing = type("Nothing", (), {"data": HEADER, "is_stream": compressed, "startxref": 0, "size": 1})
    out = update_bytes(nothing, objects, identity=IDENTITY, compressed=compressed).replace(b" /Prev 0 ", b" ")
    if not compressed:
        start = out.index(b"xref\n") # the table of a whole file is one subsection that begins with the free list
        rows = [out.index(b"\n%d 0 obj" % n) + 1 + len(HEADER) if n > 1 else len(HEADER) for n in sorted(objects)]
        one = b"xref\n0 %d\n0000000000 65535 f \n" % (len(rows) + 1) + b"".join(b"%010d 00000 n \n" % r for r in rows)
        out = out[:start] + one + out[out.index(b"trailer\n") :]
    return HEADER + out


def documents():
    """Name to bytes of the documents to be signed."""
    return {
        "plain": write(DOCUMENT),
        "packed": write(DOCUMENT, compressed=True),
        "tagged": write({**DOCUMENT, **TAGGED}),
    }
