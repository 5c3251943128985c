# SPDX-License-Identifier: EUPL-1.2
"""Edits of a signed document, and tables of those that its signature may allow. For forge_changes.py, forge_legal.py.

Objects of the documents are those of forge_pdf. A row is a name and a function of the signed document (a Pdf) that
gives its changes, or changes and the arguments of the update.
"""

import re

from forge_pdf import WIDGET, add, drop, form, stream, swap

COVER = b"1 1 1 rg 0 0 200 20 re f BT /Helv 10 Tf 0 g 2 5 Td (Pay 9999 euros) Tj ET"


def edit(number, old, new):
    return lambda p: {number: swap(p.objects[number], old, new)}


def more(number, entries):
    return lambda p: {number: add(p.objects[number], entries)}


def without(number, pattern):
    return lambda p: {number: drop(p.objects[number], pattern)}


def annotated(body, extra=b"", page=4, **others):
    """A new annotation on the first page, with an appearance when its text says %d."""

    def make(p):
        new = {p.size: body % (p.size + 1) if b"%d" in body else body}
        new[page] = add(swap(p.objects[page], b"/Annots [", b"/Annots [%d 0 R " % p.size), extra)
        if b"%d" in body:
            new[p.size + 1] = form(others.get("look", COVER))
        return new

    return make


def fielded(body, page=True):
    """A new field, with an appearance when its text says %d."""

    def make(p):
        new = {p.size: body % (p.size + 1) if b"%d" in body else body}
        new[3] = swap(p.objects[3], b"/Fields [", b"/Fields [%d 0 R " % p.size)
        if page:
            new[4] = swap(p.objects[4], b"/Annots [", b"/Annots [%d 0 R " % p.size)
        if b"%d" in body:
            new[p.size + 1] = form(COVER)
        return new

    return make


def both(*makers):
    def make(p):
        out = {}
        for maker in makers:
            for number, body in maker(p).items():
                assert number not in out
                out[number] = body
        return out

    return make


def signed_field(p):
    return p.find(rb"/T\s*\(Sig1\)")


def of_signed(change):
    return lambda p: {signed_field(p): change(p.objects[signed_field(p)])}


def annotation(subtype, rest=b""):
    return b"<</Type /Annot /Subtype /%s /Rect [50 495 250 515] /P 4 0 R /F 4 %s>>" % (subtype, rest)


LOOK = b"/AP <</N %d 0 R>>"
MARKUP = {
    "text": annotation(b"Text", b"/Contents (a comment)"),
    "highlight": annotation(b"Highlight", b"/QuadPoints [50 515 250 515 50 495 250 495] /C [1 1 0]"),
    "freetext": annotation(b"FreeText", b"/DA (/Helv 10 Tf) /Contents (seen) " + LOOK),
    "ink": annotation(b"Ink", b"/InkList [[50 500 60 510]]"),
    "square": annotation(b"Square", b"/IC [1 1 1] " + LOOK),
    "line": annotation(b"Line", b"/L [50 500 60 510]"),
    "stamp": annotation(b"Stamp", b"/Name /Draft " + LOOK),
    "strikeout": annotation(b"StrikeOut", b"/QuadPoints [50 515 250 515 50 495 250 495]"),
    "caret": annotation(b"Caret"),
    "polygon": annotation(b"Polygon", b"/Vertices [50 500 60 500 60 510]"),
    "file": annotation(b"FileAttachment", b"/FS <</Type /Filespec /F (a.txt) /UF (a.txt)>>"),
    "popup": annotation(b"Popup", b"/Parent 13 0 R"),
}


def value(number, text, rest=b""):
    return lambda p: {number: add(drop(p.objects[number], rb"/V \([A-Za-z]*\)") if b"/V (" in p.objects[number] else p.objects[number], b"/V (%s)%s" % (text, rest))}


def filled(p):
    return {8: swap(swap(p.objects[8], b"(Alice)", b"(Bob)"), b"16 0 R", b"%d 0 R" % p.size), p.size: form(b"BT /Helv 10 Tf 2 5 Td (Bob) Tj ET")}


def rewritten(p):
    spaced = p.objects[8].replace(b" /", b"\n  /").replace(b"[50 300 250 320]", b"[ 50.0 300 250.00 320 ]")
    return {8: spaced}


METADATA = {
    "info": lambda p: {19: b"<</Title (Contract) /Producer (other) /ModDate (D:20261122000000Z)>>"},
    "info new": lambda p: ({p.size: b"<</Title (Contract)>>"}, {"info": b"/Info %d 0 R" % p.size}),
    "metadata": lambda p: {20: stream(b"/Type /Metadata /Subtype /XML", b"<x/>")},
    "metadata new": lambda p: {1: swap(p.objects[1], b"20 0 R", b"%d 0 R" % p.size), p.size: stream(b"/Type /Metadata /Subtype /XML", b"<x/>")},
    "version": more(1, b"/Version /2.0"),
    "extensions": more(1, b"/Extensions <</ESIC <</BaseVersion /1.7 /ExtensionLevel 5>>>>"),
    "nothing": lambda p: {},
    "unchanged objects": lambda p: {n: p.objects[n] for n in (1, 2, 4, 8, 7)},
    "spaces": rewritten,
    "identifier": lambda p: ({}, {"identity": b"/ID [<00112233445566778899aabbccddeeff><01>]"}),
    "fields indirect": lambda p: {p.size: re.search(rb"/Fields\s*(\[[^\]]*\])", p.objects[3]).group(1), 3: re.sub(rb"/Fields\s*\[[^\]]*\]", b"/Fields %d 0 R" % p.size, p.objects[3])},
    "annotations indirect": lambda p: {p.size: re.search(rb"/Annots\s*(\[[^\]]*\])", p.objects[4]).group(1), 4: re.sub(rb"/Annots\s*\[[^\]]*\]", b"/Annots %d 0 R" % p.size, p.objects[4])},
    "form direct": lambda p: {1: swap(p.objects[1], b"/AcroForm 3 0 R", b"/AcroForm " + p.objects[3])},
    "form renumbered": lambda p: {1: swap(p.objects[1], b"/AcroForm 3 0 R", b"/AcroForm %d 0 R" % p.size), p.size: p.objects[3]},
    "font direct": lambda p: {5: swap(p.objects[5], b"/F1 7 0 R", b"/F1 " + p.objects[7])},
    "content stream of another number": lambda p: {5: swap(p.objects[5], b"15 0 R", b"%d 0 R" % p.size), p.size: p.objects[15]},
    "kids indirect": lambda p: {2: swap(p.objects[2], b"[4 0 R 5 0 R]", b"%d 0 R" % p.size), p.size: b"[4 0 R 5 0 R]"},
    "null entries": more(1, b"/OpenAction null /Names null"),
    "unused object": lambda p: {p.size: b"<</Nobody (cares)>>"},
    "resources indirect": lambda p: {p.size: b"<</Font <</F1 7 0 R>>>>", 5: re.sub(rb"/Resources <<.*?>>>>", b"/Resources %d 0 R" % p.size, p.objects[5])},
}
FILLING = {
    "text": value(9, b"100"),
    "text cleared": value(8, b""),
    "text and appearance": filled,
    "text, appearance written over": lambda p: {8: swap(p.objects[8], b"(Alice)", b"(Bob)"), 16: form(b"BT (Bob) Tj ET")},
    "text, appearances to be made": lambda p: {**value(9, b"100")(p), 3: add(p.objects[3], b"/NeedAppearances true")},
    "text of a kid": value(27, b"x"),
    "text in a string object": lambda p: {9: add(p.objects[9], b"/V %d 0 R" % p.size), p.size: b"(100)"},
    "rich text": value(9, b"100", b" /RV (<p>100</p>)"),
    "check box": lambda p: {10: swap(swap(p.objects[10], b"/V /Off", b"/V /Yes"), b"/AS /Off", b"/AS /Yes")},
    "choice": lambda p: {11: swap(p.objects[11], b"/V (Lima)", b"/V (Cusco) /I [1]")},
    "read only": lambda p: {8: add(p.objects[8], b"/Ff 1")},
    "default resources": lambda p: {3: swap(p.objects[3], b"/Helv 7 0 R", b"/Helv 7 0 R /Zapf %d 0 R" % p.size), p.size: b"<</Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats>>"},
    "everything": both(value(9, b"100"), value(27, b"x"), value(28, b"y")),
    "field with a lock": lambda p: {29: add(p.objects[29], b"/Lock <</Type /SigFieldLock /Action /Include /Fields [(name)]>>")},
    "empty signature field": fielded(b"<</FT /Sig /T (Empty) /Rect [200 200 300 240] " + WIDGET + b">>"),
}
COMMENTS = {
    "changed": edit(13, b"(note)", b"(another note)"),
    "moved": edit(13, b"[300 500 320 520]", b"[310 500 330 520]"),
    "removed": edit(4, b"13 0 R ", b""),
    "removed and freed": lambda p: {4: swap(p.objects[4], b"13 0 R ", b""), 13: None},
    "with popup": lambda p: {
        4: swap(p.objects[4], b"/Annots [", b"/Annots [%d 0 R %d 0 R " % (p.size, p.size + 1)),
        p.size: annotation(b"Highlight", b"/QuadPoints [50 515 250 515 50 495 250 495] /Popup %d 0 R" % (p.size + 1)),
        p.size + 1: annotation(b"Popup", b"/Parent %d 0 R" % p.size),
    },
    "link moved": edit(14, b"[50 500 150 512]", b"[50 500 160 512]"),
    "reply": annotated(annotation(b"Text", b"/IRT 13 0 R /Contents (I agree)")),
    "first of a page": lambda p: {5: add(p.objects[5], b"/Annots [%d 0 R]" % p.size), p.size: annotation(b"Text", b"/Contents (x)")},
    "link within": annotated(annotation(b"Link", b"/Dest [5 0 R /Fit]")),
}


TAGGED = {
    "removed with its element": lambda p: {
        4: swap(p.objects[4], b"13 0 R ", b""),
        13: None,
        31: swap(p.objects[31], b" 34 0 R", b""),
        32: swap(p.objects[32], b" 1 34 0 R", b""),
        34: None,
    },
    "added with its element": lambda p: {
        **annotated(annotation(b"Highlight", b"/StructParent 2"))(p),
        30: swap(p.objects[30], b"NextKey 2", b"NextKey 3"),
        31: swap(p.objects[31], b"34 0 R]", b"34 0 R %d 0 R]" % (p.size + 1)),
        32: swap(p.objects[32], b"34 0 R]", b"34 0 R 2 %d 0 R]" % (p.size + 1)),
        p.size + 1: b"<</Type /StructElem /S /Annot /P 31 0 R /Pg 4 0 R /K [<</Type /OBJR /Obj %d 0 R>>]>>" % p.size,
    },
}


def apply(pdf, maker, **more_how):
    made = maker(pdf)
    changes, how = made if isinstance(made, tuple) else (made, {})
    return pdf.update(changes, **{**how, **more_how}).data


def security_store(der):
    return lambda p: {
        1: add(p.objects[1], b"/DSS %d 0 R" % p.size),
        p.size: b"<</Certs [%d 0 R]>>" % (p.size + 1),
        p.size + 1: stream(b"", der),
    }
