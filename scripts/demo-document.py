#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes a real document of several pages with cairo, for the demonstration: demo-document.py FILE."""

import sys

import cairo

WIDTH, HEIGHT, MARGIN = 595.28, 841.89, 64
TITLE = "Resolución de Gerencia N.º 014-2026"
PARAGRAPHS = [
    "Municipalidad de Valdehierro (entidad ficticia, para demostración)",
    "VISTO: el informe técnico sobre la mejora del archivo central, presentado por la Oficina de Gestión "
    "Documental, y la propuesta de firmar electrónicamente los actos administrativos;",
    "CONSIDERANDO: que los documentos firmados deben poder verificarse por cualquier persona, en cualquier momento "
    "y sin depender de quien los firmó; que la firma debe seguir siendo verificable cuando los certificados hayan "
    "caducado; y que ninguna persona debe entregar su clave privada a un tercero para firmar;",
    "SE RESUELVE: Artículo 1.º Aprobar el uso de la firma electrónica con sello de tiempo y datos de validación en "
    "todas las resoluciones de esta gerencia.",
    "Artículo 2.º Encargar a la Oficina de Gestión Documental la publicación de las instrucciones de verificación.",
    "Artículo 3.º La presente resolución entra en vigor al día siguiente de su firma.",
]


def lines(context, text, width):
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if context.text_extents(longer).x_advance > width and line:
            yield line
            line = word
        else:
            line = longer
    yield line


def page(context, number, count):
    context.set_source_rgb(0.1, 0.1, 0.12)
    context.select_font_face("DejaVu Serif", cairo.FONT_SLANT_NORMAL, cairo.FONT_WEIGHT_BOLD)
    context.set_font_size(18)
    context.move_to(MARGIN, MARGIN + 20)
    context.show_text(TITLE if number == 1 else f"Anexo {number - 1}")
    context.select_font_face("DejaVu Serif")
    context.set_font_size(11)
    y = MARGIN + 60
    for paragraph in PARAGRAPHS:
        for line in lines(context, paragraph, WIDTH - 2 * MARGIN):
            context.move_to(MARGIN, y)
            context.show_text(line)
            y += 16
        y += 10
    context.set_font_size(9)
    context.move_to(WIDTH - MARGIN - 60, HEIGHT - 40)
    context.show_text(f"Página {number} de {count}")
    context.show_page()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    surface = cairo.PDFSurface(sys.argv[1], WIDTH, HEIGHT)
    surface.set_metadata(cairo.PDFMetadata.TITLE, TITLE)
    context = cairo.Context(surface)
    for number in range(1, 4):
        page(context, number, 3)
    surface.finish()


if __name__ == "__main__":
    main()
