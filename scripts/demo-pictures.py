#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Draws a handwritten signature and a coat of arms, both invented, as PNG: demo-pictures.py FOLDER."""

import pathlib
import sys

import cairo

INK = (0.09, 0.16, 0.42)


def signature(path):
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 900, 380)
    c = cairo.Context(surface)
    c.set_source_rgba(*INK, 1)
    c.set_line_cap(cairo.LINE_CAP_ROUND)
    c.set_line_join(cairo.LINE_JOIN_ROUND)
    strokes = [
        (11, [(120, 250), (150, 20, 300, 30, 250, 160), (215, 260, 110, 330, 90, 280), (75, 225, 230, 180, 300, 235)]),
        (8, [(300, 235), (330, 190, 350, 190, 345, 230), (345, 265, 385, 250, 400, 210), (405, 190, 420, 190, 415, 230),
             (415, 265, 450, 245, 470, 205)]),
        (8, [(470, 205), (500, 90, 540, 70, 515, 170), (500, 240, 510, 270, 545, 235), (570, 205, 600, 195, 585, 230),
             (580, 260, 620, 245, 650, 215), (690, 180, 760, 190, 830, 150)]),
        (5, [(110, 330), (300, 290, 560, 290, 800, 320), (700, 340, 500, 335, 420, 350)]),
    ]
    for width, points in strokes:
        c.set_line_width(width)
        c.move_to(*points[0])
        for p in points[1:]:
            c.curve_to(*p)
        c.stroke()
    surface.write_to_png(str(path))


def crest(path):
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 600, 720)
    c = cairo.Context(surface)

    def shield():
        c.move_to(60, 60)
        c.line_to(540, 60)
        c.line_to(540, 380)
        c.curve_to(540, 540, 420, 620, 300, 680)
        c.curve_to(180, 620, 60, 540, 60, 380)
        c.close_path()

    shield()
    c.clip()
    for colour, box in (((0.62, 0.09, 0.13), (0, 0, 300, 370)), ((0.95, 0.78, 0.25), (300, 0, 300, 370)),
                        ((0.09, 0.27, 0.52), (0, 370, 600, 400))):
        c.set_source_rgb(*colour)
        c.rectangle(*box)
        c.fill()
    c.set_source_rgb(0.95, 0.78, 0.25)  # a sheaf
    c.set_line_width(14)
    for x in (-70, -35, 0, 35, 70):
        c.move_to(180, 310)
        c.curve_to(180 + x * 0.2, 240, 180 + x, 200, 180 + x, 120)
        c.stroke()
    c.rectangle(130, 245, 100, 22)
    c.fill()
    c.set_source_rgb(0.13, 0.36, 0.20)  # a tree
    c.rectangle(408, 240, 24, 90)
    c.fill()
    for x, y, r in ((420, 160, 62), (380, 205, 48), (460, 205, 48)):
        c.arc(x, y, r, 0, 6.2832)
        c.fill()
    c.set_source_rgb(1, 1, 1)  # waves
    c.set_line_width(18)
    for y in (440, 510, 580):
        c.move_to(40, y)
        for x in range(40, 560, 130):
            c.curve_to(x + 35, y - 45, x + 95, y + 45, x + 130, y)
        c.stroke()
    c.reset_clip()
    shield()
    c.set_source_rgb(0.15, 0.13, 0.10)
    c.set_line_width(16)
    c.stroke()
    surface.write_to_png(str(path))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    signature(folder / "firma.png")
    crest(folder / "escudo.png")


if __name__ == "__main__":
    main()
