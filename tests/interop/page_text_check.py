#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What page_text reads, against what poppler's pdftotext reads.

  page_text_check.py make FOLDER                  documents of every producer with markers; prints their names
  page_text_check.py words PROGRAM FILE PASSWORD  share of poppler's words that page_text finds; at least 97 in 100
  page_text_check.py marker PROGRAM FILE MARKER   the same number of markers, each within a few points
"""

import collections
import html
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
SHARE, POINTS, LEAST_WORDS = 0.97, 4.0, 20
MARKERS = ["{{firma:1}}", "Al pie {{firma:2}} firma la persona.", "{{visado:1}}"]


def inputs():
    """The makers of make-inputs, with marked paragraphs."""
    sys.dont_write_bytecode = True
    path = os.path.join(HERE, "inputs", "make-inputs")
    loader = importlib.machinery.SourceFileLoader("make_inputs", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_inputs", loader))
    loader.exec_module(module)
    module.PARAGRAPHS = module.PARAGRAPHS[:2] + MARKERS + module.PARAGRAPHS[2:4]
    module.handmade.SENTENCES = list(module.handmade.SENTENCES) + MARKERS
    return module


def make_tex(module, output, work):
    escaped = [p.replace("{", r"\{").replace("}", r"\}") for p in module.PARAGRAPHS]
    module.PARAGRAPHS, kept = escaped, module.PARAGRAPHS
    module.pdftex()(output, work)
    module.PARAGRAPHS = kept


def make(folder):
    module, folder = inputs(), os.path.abspath(folder)
    makers = {"libreoffice": module.libreoffice({}), "chromium": module.chromium, "cairo": module.cairo("VERSION_1_5"),
              "ghostscript": module.ghostscript(), "pdftex": lambda o, w: make_tex(module, o, w)}
    for name, maker in makers.items():
        work = os.path.join(folder, "work", "of-" + name)
        os.makedirs(work, exist_ok=True)
        output = os.path.join(folder, name + ".pdf")
        try:
            maker(output, work)
        except module.Skipped as missing:
            print("skipped", name, missing)
            continue
        print("made", name)
        for degrees in (90, 180, 270):
            turned = "%s-turned-%d" % (name, degrees)
            target = os.path.join(folder, turned + ".pdf")
            if shutil.which("qpdf") and subprocess.run(["qpdf", output, "--rotate=+%d" % degrees, target],
                                                       check=False).returncode == 0:
                print("made", turned)
    shutil.rmtree(os.path.join(folder, "work"))


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout.decode("utf-8", "replace")


def words(text):
    return collections.Counter(unicodedata.normalize("NFKC", text).replace("\u00ad", "-").split())


def compare_words(program, path, password):
    theirs = words(run("pdftotext", "-enc", "UTF-8", "-raw", "-upw", password, "-opw", password, path, "-"))
    ours = words(run(program, "text", path, password))
    total, common = sum(theirs.values()), sum((theirs & ours).values())
    print("%d of %d words; missing: %s" % (common, total, list((theirs - ours))[:10]))
    return common >= SHARE * total or total < LEAST_WORDS


def poppler_markers(path, marker):
    """Boxes of the marker, put together from words: letters in a row, blanks left out."""
    page, letters = 0, []
    for line in run("pdftotext", "-bbox", path, "-").splitlines():
        page += "<page " in line
        found = re.match(r'\s*<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*)</word>', line)
        if found:
            box = [float(n) for n in found.groups()[:4]]
            letters += [(c, page, box) for c in html.unescape(found[5])]
    text, at = "".join(c for c, _, _ in letters), 0
    while (at := text.find(marker, at)) >= 0:
        boxes = [box for _, _, box in letters[at:at + len(marker)]]
        yield (letters[at][1], min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes),
               max(b[3] for b in boxes))
        at += len(marker)


def compare_markers(program, path, marker):
    ours = sorted([float(n) for n in line.split()] for line in run(program, "find", path, marker).splitlines())
    theirs = sorted(poppler_markers(path, marker))
    print("ours   %s\ntheirs %s" % (ours, theirs))
    close = all(abs(a - b) <= POINTS for x, y in zip(ours, theirs) for a, b in zip(x, y))
    return bool(ours) and len(ours) == len(theirs) and close


def main():
    command, *arguments = sys.argv[1:]
    if command == "make":
        make(*arguments)
        return 0
    return 0 if {"words": compare_words, "marker": compare_markers}[command](*arguments) else 1


if __name__ == "__main__":
    sys.exit(main())
