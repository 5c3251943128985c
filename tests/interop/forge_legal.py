# SPDX-License-Identifier: EUPL-1.2
"""Updates that a signature allows (ISO 32000-2 §12.8.2.2-4), and second signatures, allowed or not. For forgeries.py."""

import forge_pdf
import forge_sign
from forge_changes import SHADOW
from forge_edit import COMMENTS, FILLING, MARKUP, METADATA, TAGGED, annotated, apply, security_store, value
from forge_pdf import Pdf, swap


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
    yield from allowed(signed, signer)
