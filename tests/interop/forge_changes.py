# SPDX-License-Identifier: EUPL-1.2
"""Updates that follow the rules of the file format, allowed by the signature or not (ISO 32000-2 §12.8.2.2-4): shadow
attacks, evil annotations, sneaky signatures, everything that changes what is shown or done; and what may be done.

Objects of the documents are those of forge_pdf. A row is a name and a function of the signed document (a Pdf) that
gives its changes, or changes and the arguments of the update.
"""

import re

import forge_pdf
import forge_sign
from forge_pdf import WIDGET, Pdf, add, drop, form, stream, swap

CODE = b"<</S /JavaScript /JS (app.alert\\(1\\))>>"
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
EVIL_ANNOTATIONS = {
    "redact": annotation(b"Redact", b"/QuadPoints [50 515 250 515 50 495 250 495] " + LOOK),
    "watermark": annotation(b"Watermark", LOOK),
    "screen": annotation(b"Screen", LOOK),
    "movie": annotation(b"Movie", b"/Movie <</F (a.avi)>>"),
    "3d": annotation(b"3D", LOOK),
    "rich media": annotation(b"RichMedia", LOOK),
    "trap net": annotation(b"TrapNet", LOOK),
    "printer's mark": annotation(b"PrinterMark", LOOK),
    "unknown": annotation(b"Evil", LOOK),
    "without subtype": b"<</Type /Annot /Rect [50 495 250 515] " + LOOK + b">>",
    "stamp with script": annotation(b"Stamp", b"/A " + CODE),
    "text with script": annotation(b"Text", b"/AA <</E " + CODE + b">>"),
    "link with script": annotation(b"Link", b"/A " + CODE),
    "link with web address": annotation(b"Link", b"/A <</S /URI /URI (https://evil.example)>>"),
    "link with launch": annotation(b"Link", b"/A <</S /Launch /F (evil.exe)>>"),
    "widget of no field": b"<</FT /Tx /T (lone) /V (evil) /Rect [50 495 250 515] " + LOOK + WIDGET + b">>",
    "widget of a field": b"<</Parent 8 0 R /Rect [50 495 250 515] " + LOOK + WIDGET + b">>",
    "signature widget of no field": b"<</FT /Sig /T (lone) /Rect [50 495 250 515] " + LOOK + WIDGET + b">>",
}

SHADOW = {
    "replace appearance": (lambda p: {16: form(COVER)}, "SHADOW"),
    "replace appearance entry": (lambda p: {8: swap(p.objects[8], b"16 0 R", b"%d 0 R" % p.size), p.size: form(COVER)}, "SHADOW"),
    "replace appearance of check box": (lambda p: {17: form(COVER)}, "SHADOW"),
    "appearance of an empty field": (lambda p: {9: add(p.objects[9], LOOK % p.size), p.size: form(COVER)}, "SHADOW"),
    "appearance of a signature field": (lambda p: {29: add(p.objects[29], LOOK % p.size), p.size: form(COVER)}, "any"),
    "appearance of the signed field": (
        lambda p: {p.size: form(COVER), signed_field(p): add(swap(p.objects[signed_field(p)], b"[0 0 0 0]", b"[50 495 250 515]"), LOOK % p.size)},
        "any",
    ),
    "replace font": (lambda p: {7: swap(p.objects[7], b"/Helvetica", b"/Symbol")}, "any"),
    "replace font encoding": (edit(7, b"/WinAnsiEncoding", b"<</Differences [49 /nine /nine]>>"), "any"),
    "hide by freed image": (lambda p: {12: None}, "any"),
    "hide by null image": (lambda p: {12: b"null"}, "any"),
    "hide by other image": (edit(12, b"\x80\nend", b"\xff\nend"), "any"),
    "hide by larger image": (edit(12, b"/Width 1", b"/Width 2"), "any"),
    "hide by removed image": (without(4, rb"/XObject\s*<</Im1 12 0 R>>"), "any"),
    "hide by renamed image": (edit(4, b"/Im1 12", b"/Im2 12"), "any"),
    "hide by layer": (edit(1, b"/ON [21 0 R]", b"/OFF [21 0 R]"), "SHADOW"),
    "hide by base state": (edit(1, b"/ON [21 0 R]", b"/ON [21 0 R] /BaseState /OFF"), "SHADOW"),
    "hide by layer usage": (edit(21, b"(layer)", b"(layer) /Usage <</View <</ViewState /OFF>>>>"), "any"),
    "no layers": (without(1, rb"/OCProperties <<.*?>>>>"), "SHADOW"),
    "catalog retargeted": (lambda p: ({}, {"root": 25, "trailer": b""}), "any"),
    "catalog copied with other pages": (lambda p: ({p.size: swap(p.objects[1], b"/Pages 2 0 R", b"/Pages 24 0 R")}, {"root": p.size}), "any"),
    "pages retargeted": (edit(1, b"/Pages 2 0 R", b"/Pages 24 0 R"), "SHADOW"),
    "kid retargeted": (edit(2, b"[4 0 R 5 0 R]", b"[23 0 R 5 0 R]"), "SHADOW"),
    "content retargeted": (edit(4, b"/Contents 6 0 R", b"/Contents 22 0 R"), "SHADOW"),
    "content array": (edit(4, b"/Contents 6 0 R", b"/Contents [6 0 R 22 0 R]"), "any"),
    "content written over": (lambda p: {6: p.objects[22]}, "any"),
    "content freed": (lambda p: {6: None}, "any"),
    "page freed": (lambda p: {5: None}, "any"),
    "field freed": (lambda p: {8: None}, "any"),
}
CHANGES = {
    "open action": more(1, b"/OpenAction " + CODE),
    "open action of another page": more(1, b"/OpenAction [5 0 R /Fit]"),
    "actions": more(1, b"/AA <</WC " + CODE + b">>"),
    "scripts": more(1, b"/Names <</JavaScript <</Names [(a) " + CODE + b"]>>>>"),
    "embedded file": more(1, b"/Names <</EmbeddedFiles <</Names [(a) <</Type /Filespec /F (a.txt)>>]>>>>"),
    "page action": more(4, b"/AA <</O " + CODE + b">>"),
    "field action": more(8, b"/AA <</K " + CODE + b">>"),
    "field activation": more(8, b"/A " + CODE),
    "calculation order": more(3, b"/CO [8 0 R]"),
    "xfa": more(3, b"/XFA 20 0 R"),
    "collection": more(1, b"/Collection <</View /H>>"),
    "needs rendering": more(1, b"/NeedsRendering true"),
    "viewer preferences": more(1, b"/ViewerPreferences <</HideToolbar true>>"),
    "page labels": more(1, b"/PageLabels <</Nums [0 <</S /D /St 7>>]>>"),
    "outlines": more(1, b"/Outlines <</First 1 0 R>>"),
    "language": edit(1, b"(en)", b"(es)"),
    "rotated": more(4, b"/Rotate 180"),
    "rotated all": more(2, b"/Rotate 180"),
    "media box": edit(2, b"[0 0 400 600]", b"[0 0 400 450]"),
    "media box of the page": more(4, b"/MediaBox [0 0 400 450]"),
    "crop box": more(4, b"/CropBox [0 0 400 450]"),
    "crop box of all": more(2, b"/CropBox [0 0 400 450]"),
    "user unit": more(4, b"/UserUnit 2"),
    "thread beads": more(4, b"/B [6 0 R]"),
    "group": more(4, b"/Group <</S /Transparency>>"),
    "annotations removed": without(4, rb"/Annots\s*\[[^\]]*\]"),
    "annotations emptied": lambda p: {4: re.sub(rb"/Annots\s*\[[^\]]*\]", b"/Annots []", p.objects[4])},
    "inherited resources": more(2, b"/Resources <</Font <</F1 12 0 R>>>>"),
    "resources of the page": edit(5, b"/Font <</F1 7 0 R>>", b"/Font <</F1 %d 0 R>>" % 12),
    "color space": edit(4, b"/Properties", b"/ColorSpace <</DefaultRGB /DeviceCMYK>> /Properties"),
    "page added": lambda p: {2: swap(swap(p.objects[2], b"5 0 R]", b"5 0 R %d 0 R]" % p.size), b"/Count 2", b"/Count 3"), p.size: p.objects[5]},
    "hidden page added": edit(2, b"[4 0 R 5 0 R] /Count 2", b"[4 0 R 5 0 R 23 0 R] /Count 3"),
    "page removed": edit(2, b"[4 0 R 5 0 R] /Count 2", b"[4 0 R] /Count 1"),
    "pages reordered": edit(2, b"[4 0 R 5 0 R]", b"[5 0 R 4 0 R]"),
    "page twice": edit(2, b"[4 0 R 5 0 R] /Count 2", b"[4 0 R 4 0 R] /Count 2"),
    "count": edit(2, b"/Count 2", b"/Count 1"),
    "parent": edit(5, b"/Parent 2 0 R", b"/Parent 24 0 R"),
    "form removed": without(1, rb"/AcroForm 3 0 R"),
    "form copied without the signature": lambda p: {1: swap(p.objects[1], b"3 0 R", b"%d 0 R" % p.size), p.size: forge_pdf.DOCUMENT[3]},
    "fields emptied": lambda p: {3: re.sub(rb"/Fields\s*\[[^\]]*\]", b"/Fields []", p.objects[3])},
    "field removed": edit(3, b"8 0 R ", b""),
    "signed field removed": lambda p: {3: swap(p.objects[3], b" %d 0 R]" % signed_field(p), b"]")},
    "kid removed": edit(26, b"27 0 R ", b""),
    "kid renamed": edit(27, b"/T (a)", b"/T (c)"),
    "group renamed": edit(26, b"(group)", b"(grasp)"),
    "field renamed": edit(8, b"(name)", b"(mane)"),
    "field moved": edit(8, b"[50 300 250 320]", b"[50 495 250 515]"),
    "field type": edit(8, b"/Tx", b"/Btn"),
    "field flags": more(8, b"/Ff 8192"),
    "field hidden": edit(8, b"/F 4", b"/F 2"),
    "field not printed": edit(8, b"/F 4", b"/F 0"),
    "field length": more(8, b"/MaxLen 3"),
    "field default": more(8, b"/DV (Mallory)"),
    "field border": more(8, b"/MK <</BG [1 1 1]>>"),
    "field on a layer": more(8, b"/OC 21 0 R"),
    "choices": edit(11, b"(Cusco)", b"(Puno)"),
    "text field added": fielded(b"<</FT /Tx /T (new) /V (evil) /Rect [50 495 250 515] " + LOOK + WIDGET + b">>"),
    "button added": fielded(b"<</FT /Btn /Ff 65536 /T (new) /Rect [50 495 250 515] " + LOOK + WIDGET + b">>"),
    "field under a taken name": fielded(b"<</FT /Sig /T (name) /Rect [0 0 0 0] " + WIDGET + b">>"),
    "field under the signature's name": fielded(b"<</FT /Sig /T (Sig1) /Rect [0 0 0 0] " + WIDGET + b">>"),
    "default font replaced": edit(3, b"/Helv 7 0 R", b"/Helv 12 0 R"),
    "default appearance": edit(3, b"(/Helv 10 Tf 0 g)", b"(/Helv 0 Tf 1 g)"),
    "signature flags": lambda p: {3: re.sub(rb"/SigFlags 3", b"/SigFlags 0", p.objects[3])},
    "signature value removed": of_signed(lambda body: drop(body, rb"/V \d+ 0 R")),
    "signature value null": of_signed(lambda body: re.sub(rb"/V \d+ 0 R", b"/V null", body)),
    "signature value freed": lambda p: {p.find(rb"/ByteRange"): None},
    "signed field moved": of_signed(lambda body: re.sub(rb"/Rect\s*\[[^\]]*\]", b"/Rect [50 495 250 515]", body)),
    "signed field of another type": of_signed(lambda body: re.sub(rb"/FT\s*/Sig", b"/FT /Tx", body)),
    "signed field renamed": of_signed(lambda body: swap(body, b"(Sig1)", b"(Sig9)")),
    "signed field locked": of_signed(lambda body: add(body, b"/Lock <</Type /SigFieldLock /Action /All>>")),
    "signature reason": lambda p: {p.find(rb"/ByteRange"): add(p.objects[p.find(rb"/ByteRange")], b"/Reason (evil)")},
    "permissions added": lambda p: {1: add(p.objects[1], b"/Perms <</DocMDP %d 0 R>>" % p.find(rb"/ByteRange"))},
    "usage rights added": lambda p: {1: add(p.objects[1], b"/Perms <</UR3 %d 0 R>>" % p.find(rb"/ByteRange"))},
    "metadata of another type": edit(20, b"/Type /Metadata", b"/Type /XObject"),
    "extensions odd": more(1, b"/Extensions (none)"),
    "version odd": more(1, b"/Version /Odd"),
    "version lowered": lambda p: {1: add(p.objects[1], b"/Version /0.9")},
    "encrypted": lambda p: ({}, {"trailer": b"/Encrypt <</Filter /Standard /V 1 /R 2 /O <00> /U <00> /P -4>>"}),
    "first half of the identifier": lambda p: ({}, {"identity": b"/ID [<99><99>]"}),
    "trailer entry": lambda p: ({}, {"trailer": b"/Evil 22 0 R"}),
    "dictionary with a key twice": lambda p: {1: add(p.objects[1], b"/Pages 24 0 R")},
    "dss that is none": more(1, b"/DSS <</Certs [(x)]>>"),
    "link led elsewhere": edit(14, b"example.org", b"example.net"),
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
TAGS = {
    "element of content removed": lambda p: {31: swap(p.objects[31], b"33 0 R ", b""), 33: None},
    "element freed": lambda p: {33: None},
    "element of another kind": edit(33, b"/S /P", b"/S /Artifact"),
    "element with other text": more(33, b"/ActualText (Pay 9999 euros)"),
    "elements swapped": edit(31, b"33 0 R 34 0 R", b"34 0 R 33 0 R"),
    "element claims content": lambda p: {31: swap(p.objects[31], b"34 0 R]", b"34 0 R %d 0 R]" % p.size), p.size: b"<</Type /StructElem /S /P /P 31 0 R /Pg 4 0 R /K [1]>>"},
    "parent tree emptied": edit(32, b"[0 [33 0 R] 1 34 0 R]", b"[]"),
    "roles": more(30, b"/RoleMap <</P /H1>>"),
    "no tags": without(1, rb"/StructTreeRoot 30 0 R"),
    "marked": edit(1, b"/Marked true", b"/Marked false"),
}


def apply(pdf, maker, **more_how):
    made = maker(pdf)
    changes, how = made if isinstance(made, tuple) else (made, {})
    return pdf.update(changes, **{**how, **more_how}).data


def forbidden(signed):
    for name, (maker, family) in SHADOW.items():
        yield f"shadow {name}", "reject " + family, apply(Pdf(signed["plain"]), maker)
        yield f"shadow packed {name}", "reject " + family, apply(Pdf(signed["packed"]), maker, compressed=True)
    for name, maker in CHANGES.items():
        for source in ("plain", "p3") if not name.startswith("permissions") else ("plain",):
            pdf = Pdf(signed[source])
            yield f"change {source} {name}", "reject any", apply(pdf, maker)
    for name, body in {**EVIL_ANNOTATIONS, **MARKUP}.items():
        for source in ("plain", "p1", "p2"):
            yield f"eaa {source} {name}", "reject any", apply(Pdf(signed[source]), annotated(body))
    for name, body in EVIL_ANNOTATIONS.items():
        yield f"eaa p3 {name}", "reject any", apply(Pdf(signed["p3"]), annotated(body))
    for name, maker in COMMENTS.items():
        for source in ("plain", "p1", "p2"):
            yield f"eaa {source} {name}", "reject any", apply(Pdf(signed[source]), maker)
    for name, maker in FILLING.items():
        yield f"filling p1 {name}", "reject any", apply(Pdf(signed["p1"]), maker)
        yield f"filling under p1, hidden, {name}", "reject any", apply(Pdf(apply(Pdf(signed["p1"]), lambda p: {})), maker)
    sneaky = b"<</FT /Sig /T (Sneaky) /Rect [50 495 250 515] " + LOOK + WIDGET + b">>"
    states = sneaky.replace(LOOK, b"/AS /On /AP <</N <</On %d 0 R>>>>")
    for source in ("plain", "p1", "p2", "p3"):
        yield f"ssa {source} painted field", "reject any", apply(Pdf(signed[source]), fielded(sneaky))
        yield f"ssa {source} painted state", "reject any", apply(Pdf(signed[source]), fielded(states))
        fake = sneaky.replace(b"/FT /Sig", b"/FT /Sig /V <</Type /Sig /Filter /Adobe.PPKLite>>")
        yield f"ssa {source} painted field with an empty value", "reject any", apply(Pdf(signed[source]), fielded(fake))
        true = sneaky.replace(b"/FT /Sig", b"/FT /Sig /V <</Type /Sig /Filter /Adobe.PPKLite /ByteRange [0 1 2 3] /Contents <00>>>")
        yield f"ssa {source} painted field with a false value", "reject any", apply(Pdf(signed[source]), fielded(true))
    locked = {"include": FILLING["text and appearance"], "exclude": FILLING["text"], "lockall": FILLING["check box"]}
    for source, maker in locked.items():
        yield f"lock {source}", "reject any", apply(Pdf(signed[source]), maker)
    yield "lock exclude kid", "reject any", apply(Pdf(signed["exclude"]), FILLING["text of a kid"])
    for name, maker in TAGS.items():
        yield f"change tagged3 {name}", "reject any", apply(Pdf(signed["tagged3"]), maker)
    yield "change tagged annotation removed with its element", "reject any", apply(Pdf(signed["tagged"]), TAGGED["removed with its element"])
    yield from removed(signed)


def removed(signed):
    """What a signature's own update put into the catalog is taken away again."""
    for source, pattern in (("p2", rb"/Perms\s*<<.*?>>"), ("p3", rb"/Perms\s*<<.*?>>")):
        pdf = Pdf(signed[source])
        yield f"change {source} permissions removed", "reject any", apply(pdf, without(1, pattern))
    store = Pdf(apply(Pdf(signed["plain"]), security_store(b"certificate")))
    yield "change dss removed", "reject any", apply(store, without(1, rb"/DSS \d+ 0 R"))
    yield "change dss shrunk", "reject any", apply(store, lambda p: {p.find(rb"/Certs"): b"<</Certs []>>"})
    yield "change dss certificate", "reject any", apply(store, lambda p: {p.size - 1: stream(b"", b"evil")})
    raised = Pdf(apply(Pdf(signed["plain"]), METADATA["extensions"]))
    yield "change extensions lowered", "reject any", apply(raised, edit(1, b"Level 5", b"Level 1"))
    yield "change extensions removed", "reject any", apply(raised, without(1, rb"/Extensions <<.*?>>>>"))


def security_store(der):
    return lambda p: {
        1: add(p.objects[1], b"/DSS %d 0 R" % p.size),
        p.size: b"<</Certs [%d 0 R]>>" % (p.size + 1),
        p.size + 1: stream(b"", der),
    }


def allowed(signed, signer):
    store = {"dss": security_store(signer.certificate_der())}
    for source, groups in {
        "plain": (METADATA, store, FILLING),
        "packed": (METADATA, store, FILLING),
        "p1": (METADATA, store),
        "p2": (METADATA, store, FILLING),
        "p3": (METADATA, store, FILLING, COMMENTS),
        "packed3": (METADATA, store, FILLING, COMMENTS),
        "tagged3": (METADATA, store, FILLING, COMMENTS, TAGGED),
    }.items():
        pdf = Pdf(signed[source])
        for group in groups:
            for name, maker in group.items():
                yield f"legal {source} {name}", "accept", apply(pdf, maker)
                if pdf.is_stream:
                    yield f"legal {source} compressed {name}", "accept", apply(pdf, maker, compressed=True)
        if COMMENTS in groups:
            for name, body in MARKUP.items():
                yield f"legal {source} annotation {name}", "accept", apply(pdf, annotated(body))
    linear = Pdf(signed["linear"])  # its objects have other numbers
    amount = linear.find(rb"\(amount\)")
    yield "legal linear text", "accept", apply(linear, value(amount, b"100"), root=linear.find(rb"/Catalog"), info=b"")
    yield "legal lock include", "accept", apply(Pdf(signed["include"]), FILLING["text"])
    yield "legal lock exclude", "accept", apply(Pdf(signed["exclude"]), FILLING["text and appearance"])
    yield "legal lock all, metadata", "accept", apply(Pdf(signed["lockall"]), METADATA["info"])
    yield from second(signed, signer)


def tagged_widget(p):
    """The structure element of a new widget, object p.size + 1 of sign_new."""
    element = p.size + 9
    return {
        30: swap(swap(p.objects[30], b"[31 0 R]", b"[31 0 R %d 0 R]" % element), b"NextKey 2", b"NextKey 3"),
        32: swap(p.objects[32], b"34 0 R]", b"34 0 R 2 %d 0 R]" % element),
        element: b"<</Type /StructElem /S /Form /P 30 0 R /Pg 4 0 R /K <</Type /OBJR /Obj %d 0 R /Pg 4 0 R>>>>" % (p.size + 1),
    }


def second(signed, signer):
    for source in ("plain", "packed", "p2", "p3", "include", "lockall", "tagged", "packed3"):
        pdf = Pdf(signed[source])
        yield f"legal {source} second signature", "accept", forge_sign.sign_new(pdf, signer)
        yield f"legal {source} second signature in view", "accept", forge_sign.sign_new(pdf, signer, visible=True)
        if source not in ("lockall",):
            yield f"legal {source} signature of a field", "accept", forge_sign.sign_existing(pdf, signer)
        if pdf.is_stream:
            yield f"legal {source} second signature, compressed", "reject any", forge_sign.sign_new(pdf, signer, compressed=True)
    both_signed = Pdf(forge_sign.sign_new(Pdf(signed["plain"]), signer))
    yield "legal two signatures, then filling", "accept", apply(both_signed, FILLING["text"])
    yield "legal three signatures", "accept", forge_sign.sign_existing(both_signed, signer)
    filled_between = Pdf(apply(Pdf(signed["plain"]), FILLING["text"]))
    yield "legal filling, then second signature", "accept", forge_sign.sign_new(filled_between, signer)
    yield "legal tagged second signature in the structure", "accept", tagged_signature(signed, signer)
    yield "lock existing field of lockall", "reject any", forge_sign.sign_existing(Pdf(signed["lockall"]), signer)
    yield "lock p1 second signature", "reject any", forge_sign.sign_new(Pdf(signed["p1"]), signer)
    evil = apply(Pdf(signed["plain"]), SHADOW["content retargeted"][0])
    yield "change signed again", "reject any", forge_sign.sign_new(Pdf(evil), signer)
    also = {6: signed and forge_pdf.DOCUMENT[22]}
    yield "change within a second signature", "reject any", forge_sign.sign_new(Pdf(signed["plain"]), signer, also=also)


def tagged_signature(signed, signer):
    pdf = Pdf(signed["tagged"])
    return forge_sign.sign_new(pdf, signer, visible=True, widget_extra=b"/StructParent 2 ", also=tagged_widget(pdf))


def make(signed, signer):
    yield from forbidden(signed)
    yield from allowed(signed, signer)
