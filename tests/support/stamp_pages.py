#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""For the tests of visible signatures.

usage: stamp_pages.py make DIR            pages of every kind, two pictures
       stamp_pages.py box FILE [UNIT]     the ink on the last page: left, top, right, bottom in millimetres as seen
       stamp_pages.py inside FILE UNIT LEFT TOP RIGHT BOTTOM [fill]
                                          the ink is inside the box, and with "fill" reaches its edges
       stamp_pages.py lines FILE LINE...  pdftotext finds these lines in this order
"""

import math
import pathlib
import struct
import subprocess
import sys
import zlib

RESOLUTION = 144
TOLERANCE = 0.6  # millimetres: a pixel and a line

PAGES = {
    "portrait": "/MediaBox[0 0 595.276 841.89]",
    "landscape": "/MediaBox[0 0 841.89 595.276]",
    "turned-90": "/MediaBox[0 0 595.276 841.89]/Rotate 90",
    "turned-180": "/MediaBox[0 0 595.276 841.89]/Rotate 180",
    "turned-270": "/MediaBox[0 0 595.276 841.89]/Rotate 270",
    "cropped": "/MediaBox[-60 -40 700 900]/CropBox[80 90 500 640]",
    "cropped-90": "/MediaBox[-60 -40 700 900]/CropBox[80 90 500 640]/Rotate 90",
    "swapped": "/MediaBox[595.276 841.89 0 0]/Rotate -90",
    "a5": "/MediaBox[0 0 419.528 595.276]",
    "unit": "/MediaBox[0 0 297.638 420.945]/UserUnit 2",
}

XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>%d</pdfaid:part>'
    '<pdfaid:conformance>B</pdfaid:conformance></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


def stream(text):
    return f"<</Length {len(text)}>>stream\n{text}\nendstream"


def write_pdf(path, pages, content="", catalog="", more=()):
    objects = [f"<</Type/Catalog/Pages 2 0 R{catalog}>>", "", stream(content)]
    first = len(objects) + 1 + len(more)
    objects += more
    kids = " ".join(f"{first + i} 0 R" for i in range(len(pages)))
    objects[1] = f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>"
    objects += [f"<</Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<<>>{page}>>" for page in pages]
    out, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(out)


def write_png(path, width, height, pixel):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def make(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        write_pdf(folder / f"{name}.pdf", [page])
    write_pdf(folder / "mixed.pdf", list(PAGES.values()))
    write_pdf(folder / "leaky.pdf", [PAGES["portrait"]] * 2, content="q q 3 0 0 3 0 0 cm 1 0 0 rg")
    for part in (1, 2, 3):
        write_pdf(folder / f"pdfa-{part}.pdf", [PAGES["portrait"]], catalog="/Metadata 4 0 R", more=[
            f"<</Type/Metadata/Subtype/XML/Length {len(XMP % part)}>>stream\n{XMP % part}\nendstream"])

    def ink(x, y):
        line = 60 + 38 * math.sin(x / 21) * math.cos(x / 57) - x * 0.05
        return (20, 30, 120, max(0, min(255, int(255 * (3.2 - abs(y - line))))) if 8 < x < 292 else 0)

    write_png(folder / "hand.png", 300, 120, ink)
    write_png(folder / "crest.png", 60, 80, lambda x, y: (180, 30, 40, 255 if abs(x - 30) < 28 - max(0, y - 50) else 0))
    # Ink in all four corners, to be measured.
    write_png(folder / "corners.png", 200, 100, lambda x, y: (0, 0, 0, 255 if (x < 4 or x > 195) and (y < 4 or y > 95) else 0))


def ink_box(path, unit):
    pages = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    last = next(line.split()[1] for line in pages.splitlines() if line.startswith("Pages:"))
    picture = subprocess.run(
        ["pdftoppm", "-gray", "-cropbox", "-r", str(RESOLUTION), "-f", last, "-l", last, path],
        capture_output=True, check=True).stdout
    _, size, _, pixels = picture.split(b"\n", 3)
    width, height = map(int, size.split())
    rows = [y for y in range(height) if min(pixels[y * width:(y + 1) * width]) < 200]
    columns = [x for x in range(width) if min(pixels[x::width]) < 200]
    if not rows:
        sys.exit(f"{path}: nothing is there")
    scale = 25.4 / RESOLUTION * unit  # poppler does not know /UserUnit
    return columns[0] * scale, rows[0] * scale, (columns[-1] + 1) * scale, (rows[-1] + 1) * scale


def inside(path, unit, *rest):
    wanted = [float(v) for v in rest[:4]]
    found = ink_box(path, float(unit))
    print("ink", " ".join(f"{v:.2f}" for v in found), "wanted", *wanted)
    slack = TOLERANCE * float(unit)
    good = (found[0] >= wanted[0] - slack and found[1] >= wanted[1] - slack
            and found[2] <= wanted[2] + slack and found[3] <= wanted[3] + slack)
    if "fill" in rest:
        good = good and all(abs(a - b) <= slack for a, b in zip(found, wanted))
    sys.exit(not good)


def lines(path, *wanted):
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    found = [" ".join(line.split()) for line in text.replace("\f", "\n").splitlines() if line.strip()]
    print("\n".join(found))
    rest = iter(found)
    sys.exit(not all(line in rest for line in wanted))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "box":
        print(*(f"{v:.2f}" for v in ink_box(arguments[0], float((arguments + ["1"])[1]))))
    else:
        {"make": make, "inside": inside, "lines": lines}[command](*arguments)
