# SPDX-License-Identifier: EUPL-1.2
"""Updates that follow the rules of the file format and are forbidden (ISO 32000-2 §12.8.2.2-4): shadow attacks, evil
annotations, sneaky signatures, everything that changes what is shown or done. For forgeries.py."""

import re

import forge_pdf
from forge_edit import COMMENTS, COVER, FILLING, LOOK, MARKUP, METADATA, TAGGED
from forge_edit import annotated, annotation, apply, edit, fielded, more, of_signed, security_store, signed_field, without
from forge_pdf import WIDGET, Pdf, add, drop, form, stream, swap

CODE = b"<</S /JavaScript /JS (app.alert\\(1\\))>>"

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


def make(signed, signer):
    del signer
    yield from forbidden(signed)
