#!/usr/bin/env python3
"""PDF files made by hand, octet by octet, with features that the programs at
hand do not produce, or not on demand; and very large files.

Each small file shows one thing. The offsets of all of them are right: where a
file departs from the standard, it does so on purpose and says so. Only the
Python standard library is used, and the same octets come out every time.
"""

import argparse
import os
import random
import sys
import zlib


class Writer:
    """Writes the objects and the cross-reference sections of one file.

    Positions are kept as the standard counts them, from the '%' of the
    header, whatever comes before it.
    """

    def __init__(self, output, header=b"%PDF-1.7", eol=b"\n", junk=b""):
        self.output = output
        self.eol = eol
        self.origin = len(junk)
        self.position = 0
        # Number -> position, or (stream, index), or None when freed; only
        # what was written after the last cross-reference section.
        self.entries = {}
        self.generations = {}
        self.size = 1
        self.previous = None
        output.write(junk)
        # The comment with octets above 127 marks the file as binary.
        self.put(header + eol + b"%\xe2\xe3\xcf\xd3" + eol)

    def put(self, data):
        self.output.write(data)
        self.position += len(data)

    def skip(self, count):
        """Leaves a hole, which takes no room on disk."""
        self.output.seek(count, os.SEEK_CUR)
        self.position += count

    def _begin(self, number, generation):
        self.entries[number] = self.position
        self.generations[number] = generation
        self.size = max(self.size, number + 1)
        self.put(b"%d %d obj" % (number, generation) + self.eol)

    def object(self, number, body, generation=0):
        self._begin(number, generation)
        self.put(body.replace(b"\n", self.eol) + self.eol + b"endobj"
                 + self.eol)

    def begin_stream(self, number, dictionary, length, generation=0):
        self._begin(number, generation)
        # After 'stream' comes CR LF or LF, never CR alone.
        first = b"\n" if self.eol == b"\n" else b"\r\n"
        text = b"<< %s /Length %s >>\nstream" % (dictionary, length)
        self.put(text.replace(b"\n", self.eol) + first)

    def end_stream(self):
        self.put(self.eol + b"endstream" + self.eol + b"endobj" + self.eol)

    def stream(self, number, dictionary, data, generation=0, length=None):
        self.begin_stream(number, dictionary, length or b"%d" % len(data),
                          generation)
        self.put(data)
        self.end_stream()

    def object_stream(self, number, members):
        """An object stream; 'members' maps numbers to the bodies."""
        heads, bodies = [], b""
        for member, body in members.items():
            heads.append(b"%d %d" % (member, len(bodies)))
            bodies += body + b"\n"
        head = b" ".join(heads) + b"\n"
        self.stream(number, b"/Type /ObjStm /N %d /First %d /Filter "
                    b"/FlateDecode" % (len(members), len(head)),
                    zlib.compress(head + bodies))
        for index, member in enumerate(members):
            self.entries[member] = (number, index)
            self.generations[member] = 0
            self.size = max(self.size, member + 1)

    def free(self, number):
        """Deletes an object: the next one with its number has another
        generation."""
        self.entries[number] = None
        self.generations[number] = self.generations.get(number, 0) + 1

    def _subsections(self, numbers):
        """Splits the numbers in runs of consecutive ones."""
        runs = []
        for number in sorted(numbers):
            if runs and runs[-1][-1] + 1 == number:
                runs[-1].append(number)
            else:
                runs.append([number])
        return runs

    def _trailer_entries(self, extra):
        text = b"/Size %d /Root 1 0 R" % self.size
        if self.previous is not None:
            text += b" /Prev %d" % self.previous
        return text + (b" " + extra if extra else b"")

    def _table(self, numbers):
        """The 'xref' section with these numbers."""
        freed = sorted(n for n in numbers if self.entries[n] is None)
        # The free entries make a list: each one has the number of the next,
        # the last one 0. Number 0 is its head.
        following = dict(zip([0] + freed, freed + [0]))
        numbers = set(numbers)
        if freed or self.previous is None:
            numbers.add(0)
        # All the entries are 20 octets long, whatever the end of line.
        end = self.eol if len(self.eol) == 2 else b" " + self.eol
        self.put(b"xref" + self.eol)
        for run in self._subsections(numbers):
            self.put(b"%d %d" % (run[0], len(run)) + self.eol)
            lines = []
            for number in run:
                if number == 0:
                    lines.append(b"%010d 65535 f%s" % (following[0], end))
                elif self.entries[number] is None:
                    lines.append(b"%010d %05d f%s" % (
                        following[number], self.generations[number], end))
                else:
                    lines.append(b"%010d %05d n%s" % (
                        self.entries[number], self.generations[number], end))
            self.put(b"".join(lines))

    def _finish(self, start):
        self.put(b"startxref" + self.eol + b"%d" % start + self.eol
                 + b"%%EOF" + self.eol)
        self.previous = start
        self.entries = {}

    def end_table(self, extra=b""):
        """Ends a revision with a classical section."""
        start = self.position
        self._table(self.entries)
        self.put(b"trailer" + self.eol + b"<< "
                 + self._trailer_entries(extra) + b" >>" + self.eol)
        self._finish(start)

    def _reference_stream(self, number, numbers, extra, width):
        """A cross-reference stream with these numbers."""
        rows, index = [], []
        for run in self._subsections(numbers):
            index.append(b"%d %d" % (run[0], len(run)))
            for item in run:
                entry = self.entries[item]
                if item == 0 or entry is None:
                    kind, second = 0, 0
                    third = 65535 if item == 0 else self.generations[item]
                elif isinstance(entry, tuple):
                    kind, (second, third) = 2, entry
                else:
                    kind, second, third = 1, entry, self.generations[item]
                rows.append(bytes((kind,)) + second.to_bytes(width, "big")
                            + third.to_bytes(2, "big"))
        self.stream(number, b"/Type /XRef /W [1 %d 2] /Index [%s] /Filter "
                    b"/FlateDecode %s" % (width, b" ".join(index), extra),
                    zlib.compress(b"".join(rows)))

    def end_stream_xref(self, number, extra=b"", width=4):
        """Ends a revision with a cross-reference stream."""
        start = self.position
        self.entries[number] = start
        self.generations[number] = 0
        self.size = max(self.size, number + 1)
        numbers = set(self.entries)
        if self.previous is None:
            numbers.add(0)
            self.entries[0] = None
        self._reference_stream(number, numbers, self._trailer_entries(extra),
                               width)
        self._finish(start)

    def end_hybrid(self, number, extra=b""):
        """Ends with a classical section that has no mention of the objects
        inside object streams, and a stream with those alone."""
        hidden = [n for n, e in self.entries.items() if isinstance(e, tuple)]
        visible = [n for n in self.entries if n not in hidden]
        self.size = max(self.size, number + 1)
        second = self.position
        self._reference_stream(number, hidden, b"/Size %d" % self.size, 4)
        # A reader that knows only of tables would see these as free.
        for item in hidden:
            self.entries[item] = None
            self.generations[item] = 0
        start = self.position
        self._table(visible + [number] + hidden)
        self.put(b"trailer" + self.eol + b"<< " + self._trailer_entries(
            b"/XRefStm %d " % second + extra) + b" >>" + self.eol)
        self._finish(start)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica " \
       b"/Encoding /WinAnsiEncoding >>"
FILE_ID = b"/ID [<00112233445566778899AABBCCDDEEFF> " \
          b"<00112233445566778899AABBCCDDEEFF>]"

SENTENCES = (
    "La niña pidió un café y un pingüino de peluche.",
    "Este documento es una muestra inventada para las pruebas.",
    "Ninguna persona citada en estas líneas existe.",
    "El acta se aprueba por asentimiento, sin más asuntos que tratar.",
    "Se adjuntan como anexo las cuentas del ejercicio, que suman 0,00 €.",
    "Veintitrés años después, el faro de la isla volvió a encenderse.",
)


def literal(text):
    """A literal string with the octets of WinAnsiEncoding."""
    data = text.encode("cp1252")
    for char in (b"\\", b"(", b")"):
        data = data.replace(char, b"\\" + char)
    return b"(" + data + b")"


def page_text(title, lines=()):
    text = b"BT /F1 16 Tf 72 760 Td " + literal(title) + b" Tj ET\n"
    if lines:
        text += b"BT /F1 10 Tf 14 TL 72 730 Td\n"
        for line in lines:
            text += literal(line) + b" Tj T*\n"
        text += b"ET\n"
    return text


def write_document(writer, pages, catalog=b"", page=b""):
    """Objects of a plain document: 1 catalog, 2 pages, 3 font, and from
    number 4 on, two for each page. Returns the next number."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages)))
    writer.object(1, b"<< /Type /Catalog /Pages 2 0 R%s >>" % (
        b" " + catalog if catalog else b""))
    writer.object(2, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        kids, len(pages)))
    writer.object(3, FONT)
    for i, content in enumerate(pages):
        writer.object(4 + 2 * i, b"""<< /Type /Page /Parent 2 0 R
/MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>
/Contents %d 0 R%s >>""" % (5 + 2 * i, b" " + page if page else b""))
        writer.stream(5 + 2 * i, b"", content)
    return 4 + 2 * len(pages)


# --- the small files ---------------------------------------------------------
#
# Each function writes one file to 'output'. The table at the end gives the
# names and what is remarkable.

def make_header(version):
    def make(output):
        writer = Writer(output, b"%PDF-" + version)
        write_document(writer, [page_text("Header " + version.decode())])
        writer.end_table(FILE_ID if version >= b"1.1" else b"")
    return make


def make_eol(eol):
    def make(output):
        writer = Writer(output, b"%PDF-1.4", eol=eol)
        write_document(writer, [page_text("End of line " + repr(eol))])
        writer.end_table(FILE_ID)
    return make


JUNK_BEFORE = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" \
    + b"\0\1\2\3 junk before the header \n" * 8
JUNK_AFTER = b"\r\n--boundary--\r\n" + b"junk after the end \0\n" * 20


def make_junk(before, after):
    def make(output):
        writer = Writer(output, b"%PDF-1.5", junk=before)
        write_document(writer, [page_text("Junk around the document")])
        writer.end_table(FILE_ID)
        writer.put(after)
    return make


def make_hybrid(output):
    writer = Writer(output, b"%PDF-1.5")
    write_document(writer, [page_text("Hybrid-reference file")],
                   b"/PageMode /UseNone /PieceInfo << /Refrenda 7 0 R >>")
    writer.object_stream(6, {
        7: b"<< /LastModified (D:20240102030405Z) /Private 8 0 R >>",
        8: b"[ (hidden from old readers) ]"})
    writer.end_hybrid(9, FILE_ID)


def make_object_streams(output):
    writer = Writer(output, b"%PDF-1.5")
    writer.object_stream(5, {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>",
        3: FONT,
        6: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
           b"<< /Font << /F1 3 0 R >> >> /Contents 4 0 R >>"})
    writer.stream(4, b"", page_text("Object streams"))
    writer.end_stream_xref(7, FILE_ID, width=3)


def make_wide_xref(output):
    writer = Writer(output, b"%PDF-1.7")
    number = write_document(writer, [page_text("Eight octets per offset")])
    writer.end_stream_xref(number, FILE_ID, width=8)


def make_inherited(output):
    writer = Writer(output, b"%PDF-1.4")
    # 1 catalog; 2 root; 3, 4 intermediate; 5 below 4; 10.. pages.
    writer.object(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    writer.object(2, b"""<< /Type /Pages /Kids [3 0 R 4 0 R 14 0 R] /Count 5
/MediaBox [0 0 595 842] /Resources << /Font << /F1 6 0 R >> >> >>""")
    writer.object(3, b"<< /Type /Pages /Parent 2 0 R /Kids [10 0 R 11 0 R] "
                     b"/Count 2 /Rotate 90 >>")
    writer.object(4, b"<< /Type /Pages /Parent 2 0 R /Kids [5 0 R 13 0 R] "
                     b"/Count 2 /MediaBox [0 0 842 1191] "
                     b"/CropBox [20 30 800 1100] >>")
    writer.object(5, b"<< /Type /Pages /Parent 4 0 R /Kids [12 0 R] /Count 1 "
                     b"/Rotate 270 >>")
    writer.object(6, FONT)
    own = {10: b"", 11: b" /Rotate 0", 12: b" /Rotate 180 /UserUnit 2",
           13: b" /MediaBox [-100 -50 495 792] /CropBox [-80 -20 400 700]",
           14: b" /Rotate -90"}
    parents = {10: 3, 11: 3, 12: 5, 13: 4, 14: 2}
    for number, extra in own.items():
        writer.object(number, b"<< /Type /Page /Parent %d 0 R /Contents "
                      b"%d 0 R%s >>" % (parents[number], number + 10, extra))
        writer.stream(number + 10, b"", page_text(
            "Page object %d:%s" % (number, extra.decode() or " inherits all")))
    writer.end_table(FILE_ID)


NOTE = b"<< /Type /Annot /Subtype /Text /Rect [72 600 92 620] " \
       b"/Contents (A note) /F 28 >>"
LINK = b"<< /Type /Annot /Subtype /Link /Rect [72 750 300 780] " \
       b"/Border [0 0 0] /A << /S /URI /URI (http://example.invalid/) >> >>"


def make_annots(page, objects):
    def make(output):
        writer = Writer(output, b"%PDF-1.6")
        number = write_document(writer, [page_text("Annotations")], page=page)
        for body in objects:
            writer.object(number, body)
            number += 1
        writer.end_table(FILE_ID)
    return make


def text_field(name, rectangle, extra=b""):
    return b"""<< /Type /Annot /Subtype /Widget /FT /Tx /T %s /F 4
/Rect [%s] /P 4 0 R /DA (/F1 10 Tf 0 g) /V () /MK << /BC [0.5] >>%s >>""" % (
        literal(name), rectangle, b" " + extra if extra else b"")


def signature_field(name, rectangle, extra=b""):
    return b"""<< /Type /Annot /Subtype /Widget /FT /Sig /T %s /F 132
/Rect [%s] /P 4 0 R%s >>""" % (
        literal(name), rectangle, b"\n" + extra if extra else b"")


LOCK_ALL = b"/Lock << /Type /SigFieldLock /Action /All >>"
LOCK_INCLUDE = b"/Lock << /Type /SigFieldLock /Action /Include " \
               b"/Fields [(Nombre) (Importe)] >>"
LOCK_EXCLUDE = b"/Lock << /Type /SigFieldLock /Action /Exclude " \
               b"/Fields [(Observaciones)] >>"


def make_form(mode):
    """A form with text fields and signature fields, in several layouts:
    'direct' has the whole AcroForm inside the catalog; in 'indirect', it is
    an object, and its Fields and the Annots of the page too, the locks as
    well; in 'streams', all that is in an object stream."""
    def make(output):
        writer = Writer(output, b"%PDF-1.7")
        numbers = range(6, 14)
        bodies = [
            text_field("Nombre", b"72 700 300 720"),
            text_field("Importe", b"72 670 300 690"),
            text_field("Observaciones", b"72 640 300 660"),
            signature_field("FirmaTodo", b"72 500 252 560", LOCK_ALL),
            signature_field("FirmaIncluye", b"300 500 480 560", LOCK_INCLUDE),
            signature_field("FirmaExcluye", b"72 420 252 480", LOCK_EXCLUDE),
            signature_field("Firma con acentos: áéíóú ñ", b"300 420 480 480"),
            signature_field("FirmaInvisible", b"0 0 0 0"),
        ]
        references = b" ".join(b"%d 0 R" % n for n in numbers)
        array = b"[" + references + b"]"
        resources = b"/DR << /Font << /F1 3 0 R >> >> /DA (/F1 10 Tf 0 g)"
        if mode == "direct":
            write_document(
                writer, [page_text("Form")],
                b"/AcroForm << /Fields %s %s >>" % (array, resources),
                b"/Annots " + array)
            for number, body in zip(numbers, bodies):
                writer.object(number, body)
            writer.end_table(FILE_ID)
            return
        write_document(writer, [page_text("Form")], b"/AcroForm 14 0 R",
                       b"/Annots 16 0 R")
        objects = dict(zip(numbers, bodies))
        objects[14] = b"<< /Fields 15 0 R %s >>" % resources
        objects[15] = array
        objects[16] = array
        # The locks apart, as some producers write them.
        for number, lock in ((9, LOCK_ALL), (10, LOCK_INCLUDE),
                             (11, LOCK_EXCLUDE)):
            objects[number] = objects[number].replace(
                lock, b"/Lock %d 0 R" % (number + 8))
            objects[number + 8] = lock[len(b"/Lock "):]
        if mode == "streams":
            writer.object_stream(20, objects)
            writer.end_stream_xref(21, FILE_ID)
        else:
            for number, body in objects.items():
                writer.object(number, body)
            writer.end_table(FILE_ID)
    return make


def make_hierarchy(output):
    """Fields with a hierarchy of names, and fields apart from their
    widgets: 'contrato.firmas.primera' has its widget merged, and
    'contrato.firmas.segunda' has it as a child; 'contrato.nombre' is shown
    twice."""
    writer = Writer(output, b"%PDF-1.7")
    write_document(writer, [page_text("Hierarchy of fields")],
                   b"/AcroForm << /Fields [6 0 R] /DR << /Font << /F1 3 0 R "
                   b">> >> /DA (/F1 10 Tf 0 g) >>",
                   b"/Annots [8 0 R 10 0 R 12 0 R 13 0 R]")
    widget = b"/Type /Annot /Subtype /Widget /F 4 /P 4 0 R"
    writer.object(6, b"<< /T (contrato) /Kids [7 0 R 11 0 R] >>")
    writer.object(7, b"<< /T (firmas) /Parent 6 0 R /FT /Sig "
                     b"/Kids [8 0 R 9 0 R] >>")
    writer.object(8, b"<< /T (primera) /Parent 7 0 R %s "
                     b"/Rect [72 500 252 560] >>" % widget)
    writer.object(9, b"<< /T (segunda) /Parent 7 0 R /Kids [10 0 R] >>")
    writer.object(10, b"<< /Parent 9 0 R %s /Rect [300 500 480 560] >>"
                  % widget)
    writer.object(11, b"<< /T (nombre) /FT /Tx /Parent 6 0 R /V () "
                      b"/DA (/F1 10 Tf 0 g) /Kids [12 0 R 13 0 R] >>")
    writer.object(12, b"<< /Parent 11 0 R %s /Rect [72 700 300 720] >>"
                  % widget)
    writer.object(13, b"<< /Parent 11 0 R %s /Rect [72 670 300 690] >>"
                  % widget)
    writer.end_table(FILE_ID)


# Seed values: what each one demands of the signature. The bits of Ff say
# which entries are obligatory.
SEEDS = {
    "SubFilterCades": b"/Ff 2 /Filter /Adobe.PPKLite "
                      b"/SubFilter [/ETSI.CAdES.detached]",
    "SubFilterPkcs7": b"/Ff 2 /Filter /Adobe.PPKLite "
                      b"/SubFilter [/adbe.pkcs7.detached]",
    "DigestSha384": b"/Ff 64 /DigestMethod [(SHA384) (SHA512)]",
    "DigestPreferred": b"/DigestMethod [(SHA256)]",
    "Reasons": b"/Ff 8 /Reasons [(Conforme) (Enterado)]",
    "NoReason": b"/Ff 8 /Reasons [(.)]",
    "Certify": b"/MDP << /P 2 >>",
    "TimeStamp": b"/TimeStamp << /URL (http://127.0.0.1:8731/tsa) /Ff 1 >>",
    "RevInfo": b"/Ff 32 /AddRevInfo true",
    "UnknownFilter": b"/Ff 1 /Filter /Unknown.Handler",
    "KeyUsage": b"/Cert << /Type /SVCert /Ff 32 /KeyUsage [(11)] >>",
    "LockDocument": b"/Ff 128 /LockDocument /true",
}


def make_seeds(output):
    writer = Writer(output, b"%PDF-1.7")
    numbers = range(6, 6 + len(SEEDS))
    array = b"[" + b" ".join(b"%d 0 R" % n for n in numbers) + b"]"
    write_document(writer, [page_text("Seed values")],
                   b"/AcroForm << /Fields %s >>" % array, b"/Annots " + array)
    for row, (number, (name, seed)) in enumerate(zip(numbers, SEEDS.items())):
        top = 720 - 50 * row
        rectangle = b"72 %d 252 %d" % (top - 40, top)
        # By turns direct and indirect.
        if row % 2:
            writer.object(number + 50, b"<< /Type /SV %s >>" % seed)
            value = b"/SV %d 0 R" % (number + 50)
        else:
            value = b"/SV << /Type /SV %s >>" % seed
        writer.object(number, signature_field(name, rectangle, value))
    writer.end_table(FILE_ID)


def make_revisions(kinds):
    """Several revisions. The second replaces the content of the page, the
    third adds a page, the fourth deletes an object and the fifth uses its
    number again with another generation."""
    def make(output):
        writer = Writer(output, b"%PDF-1.7")
        page = b"""<< /Type /Page /Parent 2 0 R
/MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>
/Contents %s >>"""

        def end(revision):
            kind = kinds[revision % len(kinds)]
            if kind == "table":
                writer.end_table(FILE_ID)
            else:
                writer.end_stream_xref(40 + revision, FILE_ID)

        write_document(writer, [page_text("Revision 1")])
        writer.object(10, b"(an object that will be deleted)")
        end(0)
        writer.stream(5, b"", page_text("Revision 2"))
        end(1)
        writer.object(2, b"<< /Type /Pages /Kids [4 0 R 6 0 R] /Count 2 >>")
        writer.object(6, page % b"7 0 R")
        writer.stream(7, b"", page_text("Added in revision 3"))
        end(2)
        writer.free(10)
        end(3)
        writer.object(6, page % b"[7 0 R 10 1 R]")
        writer.stream(10, b"", b"BT /F1 10 Tf 72 700 Td "
                      b"(Generation 1) Tj ET\n", generation=1)
        end(4)
    return make


def make_syntax(output):
    """Everything lawful that a hasty parser gets wrong."""
    writer = Writer(output, b"%PDF-1.7")
    writer.object(1, b"""% a comment with >> endobj inside
<</Type/Catalog/Pages 2 0 R/Lang<65732D4553>%comment
/#4d#61rkInfo<</Marked false>>/PageLabels<</Nums[0<</S/D>>]>>
/PieceInfo<</A#20B<</LastModified(D:20240102030405+01'00')/Private
[(nested (parentheses) \\( \\) \\\\ \\101\\7)<>< 4 8 6 9 >()-.5 +7 4. .0 null
true false/ /Empty#2FName 9 0 R]>>>>>>""")
    writer.object(2, b"<</Type/Pages/Kids[ 4 0\nR]/Count\t1>>")
    writer.object(3, FONT)
    writer.object(4, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.0 +842]"
                     b"/Resources<</Font<</F1 3 0 R>>>>/Contents[5 0 R"
                     b" 7 0 R]>>")
    content = page_text("Odd syntax") + b"% endstream endobj in a comment\n"
    writer.stream(5, b"", content, length=b"6 0 R")
    writer.object(6, b"%d" % len(content))
    packed = zlib.compress(b"q 1 0 0 RG 72 740 400 2 re S Q\n")
    packed = packed.hex().encode() + b">"
    writer.stream(7, b"/Filter[/ASCIIHexDecode/FlateDecode]"
                     b"/DecodeParms[null null]", packed)
    # An indirect object without any white space around.
    writer.entries[9] = writer.position
    writer.generations[9] = 0
    writer.size = 10
    writer.put(b"9 0 obj[-1]endobj\n")
    # Object 8 does not exist: a free entry in the middle.
    writer.entries[8] = None
    writer.generations[8] = 1
    writer.end_table(FILE_ID)


def make_gaps(output):
    """Numbers far apart: several subsections, and a large /Size."""
    writer = Writer(output, b"%PDF-1.4")
    writer.object(1, b"<< /Type /Catalog /Pages 500 0 R >>")
    writer.object(500, b"<< /Type /Pages /Kids [70000 0 R] /Count 1 >>")
    writer.object(70000, b"""<< /Type /Page /Parent 500 0 R
/MediaBox [0 0 595 842] /Resources << /Font << /F1 3000 0 R >> >>
/Contents 70001 0 R >>""")
    writer.stream(70001, b"", page_text("Numbers far apart"))
    writer.object(3000, FONT)
    writer.end_table(FILE_ID)


def make_no_id(output):
    writer = Writer(output, b"%PDF-1.3")
    write_document(writer, [page_text("Without /ID nor /Info")])
    writer.end_table()


def make_catalog_version(output):
    writer = Writer(output, b"%PDF-1.3")
    number = write_document(writer, [page_text("Version 1.7 in the catalog")],
                            b"/Version /1.7 /Extensions << /ADBE << "
                            b"/BaseVersion /1.7 /ExtensionLevel 8 >> >>")
    writer.object(number, b"<< /Title <FEFF00460069007200610031> "
                          b"/Author (Autor\\355a inventada) >>")
    writer.end_table(FILE_ID + b" /Info %d 0 R" % number)


def make_metadata(output):
    writer = Writer(output, b"%PDF-2.0")
    packet = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Muñeca inventada</rdf:li>
</rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()
    number = write_document(
        writer, [page_text("Metadata, an attachment and an outline")],
        b"/Metadata 6 0 R /Outlines 7 0 R /Names << /EmbeddedFiles << /Names "
        b"[(nota.txt) 9 0 R] >> >>")
    writer.stream(number, b"/Type /Metadata /Subtype /XML", packet)
    writer.object(7, b"<< /Type /Outlines /First 8 0 R /Last 8 0 R /Count 1 "
                     b">>")
    writer.object(8, b"<< /Title (Inicio) /Parent 7 0 R /Dest [4 0 R /Fit] >>")
    writer.object(9, b"<< /Type /Filespec /F (nota.txt) /UF (nota.txt) /EF << "
                     b"/F 10 0 R >> >>")
    writer.stream(10, b"/Type /EmbeddedFile /Subtype /text#2Fplain",
                  b"An attached note.\n")
    writer.end_table(FILE_ID)


def make_ordinary(output):
    """About 20 KB and five pages of text: the document of the benchmarks."""
    chance = random.Random(20)
    pages = []
    for page in range(1, 6):
        lines = []
        for _ in range(48):
            sentence = chance.choice(SENTENCES)
            lines.append(sentence + " " + "%08d" % chance.randrange(10**8))
        pages.append(page_text("Documento de muestra, página %d" % page,
                               lines))
    writer = Writer(output, b"%PDF-1.7")
    write_document(writer, pages)
    writer.end_table(FILE_ID)


# name: (function, remarks). A remark that begins with 'junk' marks a file
# that a strict reader is entitled to complain about.
SMALL_FILES = {
    "header-" + version.decode(): (make_header(version),
                                   "header %PDF-" + version.decode())
    for version in (b"1.0", b"1.1", b"1.2", b"1.3", b"1.4", b"1.5", b"1.6",
                    b"1.7", b"2.0")}
SMALL_FILES.update({
    "eol-cr": (make_eol(b"\r"), "all ends of line are CR"),
    "eol-crlf": (make_eol(b"\r\n"), "all ends of line are CR LF"),
    "junk-before": (make_junk(JUNK_BEFORE, b""),
                    "junk: octets before the header"),
    "junk-after": (make_junk(b"", JUNK_AFTER),
                   "junk: octets after the last %%EOF"),
    "junk-both": (make_junk(JUNK_BEFORE, JUNK_AFTER),
                  "junk: octets before the header and after %%EOF"),
    "hybrid": (make_hybrid, "hybrid-reference file with /XRefStm"),
    "object-streams": (make_object_streams,
                       "the catalog and the page in an object stream"),
    "xref-stream-wide": (make_wide_xref, "/W [1 8 2], no object streams"),
    "inherited": (make_inherited, "nested page tree; inherited MediaBox, "
                  "CropBox, Rotate, Resources; negative origin"),
    "annots-direct": (make_annots(b"/Annots [6 0 R " + LINK + b"]", [NOTE]),
                      "direct /Annots with a direct annotation"),
    "annots-indirect": (make_annots(b"/Annots 6 0 R",
                                    [b"[7 0 R 8 0 R]", NOTE, LINK]),
                        "indirect /Annots"),
    "annots-empty": (make_annots(b"/Annots 6 0 R", [b"[]"]),
                     "indirect and empty /Annots"),
    "form-direct": (make_form("direct"), "direct AcroForm; empty signature "
                    "fields with FieldMDP locks All, Include and Exclude"),
    "form-indirect": (make_form("indirect"), "the same with indirect "
                      "AcroForm, Fields, Annots and Lock"),
    "form-streams": (make_form("streams"),
                     "the same inside an object stream"),
    "form-hierarchy": (make_hierarchy, "fields with parents; widgets apart "
                       "from fields"),
    "form-seeds": (make_seeds, "empty signature fields with seed values"),
    "revisions-table": (make_revisions(["table"]), "5 revisions; a deleted "
                        "object; generation 1"),
    "revisions-stream": (make_revisions(["stream"]), "5 revisions; a deleted "
                         "object; generation 1"),
    "revisions-mixed": (make_revisions(["table", "stream"]), "5 revisions "
                        "with tables and streams by turns"),
    "odd-syntax": (make_syntax, "lawful but unusual syntax"),
    "gaps": (make_gaps, "object numbers up to 70001 with gaps"),
    "no-id": (make_no_id, "neither /ID nor /Info"),
    "catalog-version": (make_catalog_version,
                        "header 1.3, /Version /1.7 in the catalog"),
    "metadata": (make_metadata, "XMP, attachment and outline"),
    "ordinary-20k": (make_ordinary, "ordinary document of 20 KB"),
})


# --- the large files ---------------------------------------------------------

def make_many_objects(output, count, size):
    """'count' objects and a classical table, 'size' octets in all."""
    writer = Writer(output)
    group = 1000
    next_number = write_document(writer, [page_text("Many objects")],
                                 b"/PieceInfo << /Refrenda << /LastModified "
                                 b"(D:20240102030405Z) /Private 6 0 R >> >>")
    # Besides those of the document, the object with the groups, and in each
    # group one object for the array and up to 1000 that the array mentions.
    available = count - next_number
    groups = max(1, -(-available // (group + 1)))
    fillers = available - groups
    if fillers < 1:
        sys.exit("handmade: too few objects")
    first_group = next_number + 1
    first = first_group + groups
    writer.object(next_number, b"[%s]" % b" ".join(
        b"%d 0 R" % (first_group + i) for i in range(groups)))
    for i in range(groups):
        members = range(first + i * group,
                        first + min((i + 1) * group, fillers))
        writer.object(first_group + i, b"[%s]" % b" ".join(
            b"%d 0 R" % n for n in members))

    # What the table and the trailer will take: 20 octets for each entry.
    tail = 20 * (first + fillers) + 220
    overhead = sum(len(b"%d 0 obj\n<< /V () >>\nendobj\n" % n)
                   for n in range(first, first + fillers))
    padding = size - writer.position - tail - overhead
    if padding < 0:
        sys.exit("handmade: %d objects do not fit in %d octets"
                 % (count, size))
    each, more = divmod(padding, fillers)
    text = (b"valor " * (each // 6 + 2))
    for i in range(fillers):
        length = each + (1 if i < more else 0)
        writer.object(first + i, b"<< /V (%s) >>" % text[:length])
    writer.end_table(FILE_ID)


def make_many_pages(output, count, size):
    """'count' pages with an image each, 'size' octets in all."""
    writer = Writer(output)
    fan = 50
    # Three objects per page: page, content, image. The numbers of the tree
    # come after all the others.
    first = 3
    tree = first + 3 * count
    level, parents = [first + 3 * i for i in range(count)], {}
    nodes, number, weight = [], tree, {n: 1 for n in level}
    while len(level) > 1 or not nodes:
        upper = []
        for i in range(0, len(level), fan):
            kids = level[i:i + fan]
            nodes.append((number, kids))
            weight[number] = sum(weight[kid] for kid in kids)
            for kid in kids:
                parents[kid] = number
            upper.append(number)
            number += 1
        level = upper
    root = level[0]

    writer.object(1, b"<< /Type /Catalog /Pages %d 0 R >>" % root)
    writer.object(2, FONT)
    # An image of random grey octets, different in each page: nothing is
    # smaller when compressed, and the pages can be seen.
    width = 100
    each = (size - writer.position - 20 * number - 120 * len(nodes)) // count
    height = (each - 700) // width
    if height < 1:
        sys.exit("handmade: %d pages do not fit in %d octets" % (count, size))
    noise = random.Random(300).randbytes(width * height + 8192)
    for i in range(count):
        page = first + 3 * i
        writer.object(page, b"""<< /Type /Page /Parent %d 0 R
/MediaBox [0 0 595 842] /Resources << /Font << /F1 2 0 R >>
/XObject << /Im0 %d 0 R >> >> /Contents %d 0 R >>""" % (
            parents[page], page + 2, page + 1))
        writer.stream(page + 1, b"", page_text("Página %d" % (i + 1))
                      + b"q 400 0 0 600 72 100 cm /Im0 Do Q\n")
        start = (i * 37) % 8192
        writer.stream(page + 2, b"/Type /XObject /Subtype /Image /Width %d "
                      b"/Height %d /ColorSpace /DeviceGray "
                      b"/BitsPerComponent 8" % (width, height),
                      noise[start:start + width * height])
    for node, kids in nodes:
        parent = parents.get(node)
        writer.object(node, b"<< /Type /Pages /Count %d /Kids [%s]%s >>" % (
            weight[node], b" ".join(b"%d 0 R" % kid for kid in kids),
            b" /Parent %d 0 R" % parent if parent else b""))
    # The remainder goes in a comment, so that the size is what was asked for.
    rest = size - writer.position - 20 * number - 220
    if rest > 1:
        writer.put(b"%" + b" " * (rest - 2) + b"\n")
    writer.end_table(FILE_ID)


def make_sparse(output, offset, kind):
    """All the objects but one are beyond 'offset': before, a stream that is
    a hole."""
    writer = Writer(output)
    # The number of the stream is the one that follows those of the document.
    hole = 6
    prefix = writer.position
    length = offset - prefix
    if length < 1:
        sys.exit("handmade: the offset is too small")
    if kind == "table" and offset >= 10**10 - 4096:
        sys.exit("handmade: the offsets of a table have only ten digits")
    writer.begin_stream(hole, b"/Type /Refrenda.Hole", b"%d" % length)
    writer.skip(length)
    writer.end_stream()
    write_document(writer, [page_text("Beyond %d" % offset)],
                   b"/PieceInfo << /Refrenda << /LastModified "
                   b"(D:20240102030405Z) /Private %d 0 R >> >>" % hole)
    if kind == "table":
        writer.end_table(FILE_ID)
    else:
        writer.end_stream_xref(hole + 1, FILE_ID, width=8)


def write_file(path, make, *arguments):
    """Writes a file under another name and renames it when complete."""
    temporary = path + ".part"
    try:
        with open(temporary, "wb") as output:
            make(output, *arguments)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def octets(text):
    """A number of octets, with an optional decimal suffix."""
    units = {"k": 10**3, "M": 10**6, "G": 10**9,
             "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    for suffix in sorted(units, key=len, reverse=True):
        if text.endswith(suffix):
            return int(float(text[:-len(suffix)]) * units[suffix])
    return int(text)


def main():
    parser = argparse.ArgumentParser(
        description="Makes PDF files by hand: the set of small ones into a "
                    "folder, or one large file.",
        epilog="Sizes accept the suffixes k, M, G, Ki, Mi and Gi.")
    parser.add_argument("target", help="folder for the small files, or name "
                        "of the large file; with --list, not used",
                        nargs="?")
    parser.add_argument("--list", action="store_true",
                        help="list the small files and what they show")
    parser.add_argument("--only", metavar="NAME", action="append",
                        help="make only this small file")
    parser.add_argument("--objects", type=int, metavar="N",
                        help="one file with N objects (see --size)")
    parser.add_argument("--pages", type=int, metavar="N",
                        help="one file with N pages (see --size)")
    parser.add_argument("--size", type=octets, metavar="BYTES",
                        help="size of that file (default: 25M with "
                             "--objects, 300M with --pages)")
    parser.add_argument("--sparse", type=octets, metavar="BYTES",
                        help="one sparse file with the objects of the "
                             "document beyond that position")
    parser.add_argument("--xref", choices=("table", "stream"),
                        default="stream",
                        help="cross references of the sparse file "
                             "(default: %(default)s)")
    arguments = parser.parse_args()

    if arguments.list:
        for name, (_, remark) in SMALL_FILES.items():
            print("%s\t%s" % (name, remark))
        return
    if not arguments.target:
        parser.error("where to?")
    large = [o for o in ("objects", "pages", "sparse")
             if getattr(arguments, o) is not None]
    if len(large) > 1:
        parser.error("--objects, --pages and --sparse exclude one another")
    if arguments.objects is not None:
        write_file(arguments.target, make_many_objects, arguments.objects,
                   arguments.size or 25 * 10**6)
    elif arguments.pages is not None:
        write_file(arguments.target, make_many_pages, arguments.pages,
                   arguments.size or 300 * 10**6)
    elif arguments.sparse is not None:
        write_file(arguments.target, make_sparse, arguments.sparse,
                   arguments.xref)
    else:
        os.makedirs(arguments.target, exist_ok=True)
        unknown = set(arguments.only or ()) - set(SMALL_FILES)
        if unknown:
            parser.error("no such file: " + ", ".join(sorted(unknown)))
        for name, (make, _) in SMALL_FILES.items():
            if not arguments.only or name in arguments.only:
                write_file(os.path.join(arguments.target, name + ".pdf"),
                           make)


if __name__ == "__main__":
    main()
