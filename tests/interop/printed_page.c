/* SPDX-License-Identifier: EUPL-1.2
 *
 * Prints a document with each kind of part, for 85-printed-pages.sh: printed_page OUTPUT WIDTH HEIGHT ROWS, in points,
 * with so many rows in its table.
 */
#include "base/buf.h"
#include "base/memory.h"
#include "base/number.h"
#include "print/printed.h"

#include <stdio.h>

#define MOMENT     (RFD_SECOND * 1795298400) /* 2026-11-21 22:00 UTC */
#define REGULAR(s) ((struct span){SLICE(s), FONT_REGULAR, COLOUR_BLACK})
#define BOLD(s)    ((struct span){SLICE(s), FONT_BOLD, COLOUR_BLACK})
#define ITALIC(s)  ((struct span){SLICE(s), FONT_ITALIC, COLOUR_BLACK})

enum { ROWS_MAXIMUM = 100000, COLUMNS = 5, TEXT_SIZE = 48, SIDE_MAXIMUM = 5000 };

static rfd_status draw_time_line(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    (void)context;
    canvas_line(c, 0, height / 2, width, height / 2, 1.2, 0x9aa7b5);
    for (int i = 0; i < 5; i++)
        canvas_circle(c, 6 + (width - 12) * i / 4, height / 2, 5, 1, i == 3 ? 0xb3261e : 0x1f3a5f, CANVAS_NONE);
    return canvas_check(c, error);
}

static void add_verdict(struct printed *p)
{
    static const struct printed_pair pairs[] = {
        {"Fichero", "contrato-de-obra-2026-0417.pdf"},
        {"SHA-256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        {"Observaciones", "Se firmó en tres pasos: la técnica municipal, la interventora y el alcalde."},
    };
    printed_heading(p, 1, "Informe de validación");
    printed_words(p, "Este informe dice quién firmó, cuándo, y si el documento cambió después.");
    printed_banner(p, "Las tres firmas son válidas", "Comprobado el 21 de noviembre de 2026", 0xe3f1e7, 0x14532d);
    printed_heading(p, 2, "El documento");
    printed_pairs(p, pairs, sizeof pairs / sizeof *pairs, 0);
}

static bool add_payments(struct printed *p, size_t rows)
{
    static const struct printed_column columns[COLUMNS] = {{"Nº", 1, ALIGN_RIGHT},
                                                           {"Referencia", 2, ALIGN_LEFT},
                                                           {"Concepto", 4, ALIGN_LEFT},
                                                           {"Fecha", 2, ALIGN_LEFT},
                                                           {"Importe (€)", 2, ALIGN_RIGHT}};
    char(*texts)[TEXT_SIZE] = memory_zeroed(rows * COLUMNS, sizeof *texts);
    struct printed_cell *cells = memory_zeroed(rows * COLUMNS, sizeof *cells);
    bool made = texts != NULL && cells != NULL;
    for (size_t i = 0; i < rows && made; i++) {
        char(*row)[TEXT_SIZE] = &texts[i * COLUMNS];
        (void)snprintf(row[0], TEXT_SIZE, "%zu", i + 1);
        (void)snprintf(row[1], TEXT_SIZE, "2026-%05zu", 1000 + i * 7);
        (void)snprintf(row[2], TEXT_SIZE, "%s", i % 7 == 3 ? "Licitación pública, anuncio previo" : "Pago de nómina");
        (void)snprintf(row[3], TEXT_SIZE, "%02zu.%02zu.2026", i % 28 + 1, i % 12 + 1);
        (void)snprintf(row[4], TEXT_SIZE, "%zu.%03zu,%02zu", i + 1, i * 37 % 1000, i % 100);
        for (size_t k = 0; k < COLUMNS; k++) cells[i * COLUMNS + k].text = row[k];
    }
    printed_heading(p, 2, "Relación de pagos");
    if (made) printed_table(p, columns, COLUMNS, cells, rows);
    memory_free(texts);
    memory_free(cells);
    return made;
}

static void add_rest(struct printed *p)
{
    const struct span integrity[] = {BOLD("Integridad. "), REGULAR("Ningún byte cambió.")};
    const struct span trust[] = {BOLD("Confianza. "), REGULAR("Las cadenas llegan a la lista de confianza.")};
    const struct span letters[] = {REGULAR("Quechua: "),   ITALIC("ch'aska, p'unchaw"),
                                   REGULAR("; catalán: "), ITALIC("col·legi, intel·ligència"),
                                   REGULAR("; aimara: "),  ITALIC("jaqï, ñäka.")};
    printed_heading(p, 2, "Qué se comprobó");
    printed_item(p, integrity, 2);
    printed_item(p, trust, 2);
    printed_heading(p, 3, "Palabras difíciles");
    printed_paragraph(p, letters, 6, &(struct printed_text){.alignment = ALIGN_JUSTIFY});
    printed_drawing(p, 30, "Línea de tiempo con cinco sucesos", draw_time_line, NULL);
    printed_rule(p);
    printed_qr(p, "https://example.org/verificar?c=7F3A9C21D04E", 85, "Código QR con la dirección de verificación");
}

static int tell(const struct rfd_error *error)
{
    (void)fprintf(stderr, "%s: %s\n", rfd_status_name(error->code), error->detail);
    return 1;
}

static int write_file(const char *path, rfd_bytes bytes)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL) return 1;
    bool written = fwrite(bytes.data, 1, bytes.length, f) == bytes.length;
    return fclose(f) == 0 && written ? 0 : 1;
}

static int print(const char *path, double width, double height, size_t rows, struct fonts *fonts)
{
    struct printed *p = NULL;
    rfd_bytes bytes = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    const struct printed_settings settings = {.title = "Informe <de> \"validación\" & más",
                                              .author = "Ayuntamiento de Peñíscola",
                                              .language = "es",
                                              .time = MOMENT,
                                              .width = width,
                                              .height = height,
                                              .header = "Ayuntamiento de Peñíscola · Secretaría General",
                                              .footer = "Código de verificación 7F3A-9C21-D04E",
                                              .page_label = "Página %1 de %2"};
    if (printed_new(fonts, &settings, &p, &error) != RFD_OK) return tell(&error);
    add_verdict(p);
    int result = add_payments(p, rows) ? 0 : 1;
    add_rest(p);
    if (result == 0) result = printed_finish(p, &bytes, &error) != RFD_OK ? tell(&error) : write_file(path, bytes);
    printed_free(p);
    memory_free(bytes.data);
    return result;
}

int main(int argc, char **argv)
{
    uint64_t width;
    uint64_t height;
    uint64_t rows;
    struct fonts *fonts = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (argc != 5 || !number_unsigned(slice_text(argv[2]), SIDE_MAXIMUM, &width) ||
        !number_unsigned(slice_text(argv[3]), SIDE_MAXIMUM, &height) ||
        !number_unsigned(slice_text(argv[4]), ROWS_MAXIMUM, &rows)) {
        (void)fprintf(stderr, "usage: printed_page OUTPUT WIDTH HEIGHT ROWS\n");
        return 2;
    }
    if (fonts_new(NULL, &fonts, &error) != RFD_OK) return tell(&error);
    int result = print(argv[1], (double)width, (double)height, (size_t)rows, fonts);
    fonts_free(fonts);
    return result;
}
