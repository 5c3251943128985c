/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "paper.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

#define MOMENT (RFD_SECOND * 1795298400) /* 2026-11-21 22:00 UTC */

static rfd_status draw_line(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    ++*(int *)context;
    canvas_line(c, 0, height / 2, width, height / 2, 1, COLOUR_BLACK);
    return canvas_check(c, error);
}

/** One of each part. */
static void fill(struct printed *p, int *drawn)
{
    const struct span spans[] = {{SLICE("Texto "), FONT_REGULAR, 0}, {SLICE("en negrita."), FONT_BOLD, 0}};
    const struct printed_pair pairs[] = {{"Nombre", "Núria Peña"}, {"Cargo", "Interventora"}};
    const struct printed_column columns[] = {{"Concepto", 3, ALIGN_LEFT}, {"Importe", 1, ALIGN_RIGHT}};
    const struct printed_cell cells[] = {{"Obra", FONT_REGULAR, 0}, {"1.250,00", FONT_REGULAR, 0}};
    printed_heading(p, 1, "Informe");
    printed_words(p, "Una frase.");
    printed_paragraph(p, spans, 2, NULL);
    printed_banner(p, "Válida", "Comprobada hoy", 0xe3f1e7, 0x14532d);
    printed_pairs(p, pairs, 2, 0);
    printed_heading(p, 2, "Pagos");
    printed_table(p, columns, 2, cells, 1);
    printed_item(p, spans, 2);
    printed_item(p, spans, 1);
    printed_rule(p);
    printed_space(p, 10);
    printed_qr(p, "https://example.org/verificar", 60, "Código QR");
    printed_page_break(p);
    printed_drawing(p, 20, "Una línea", draw_line, drawn);
}

static void test_empty(void **state)
{
    (void)state;
    struct paper p;
    paper_begin(&p, NULL);
    paper_finish(&p);
    assert_int_equal(p.pages, 1);
    paper_close(&p);
}

static void test_one_of_each(void **state)
{
    (void)state;
    struct paper p;
    int drawn = 0;
    struct printed_settings settings = paper_settings();
    settings.header = "Ayuntamiento";
    settings.footer = "Pie";
    settings.page_label = "Página %1 de %2 (100%)";
    paper_begin(&p, &settings);
    fill(p.printed, &drawn);
    paper_finish(&p);
    assert_int_equal(drawn, 1);
    assert_true(p.pages >= 3);
    for (size_t i = 1; i <= p.pages; i++) {
        char label[64];
        (void)snprintf(label, sizeof label, "Página %zu de %zu (100%%)", i, p.pages);
        const char *text = paper_text(&p, i);
        if (strstr(text, label) == NULL) fail_msg("%s not in %s", label, text);
        assert_non_null(strstr(text, "Ayuntamiento"));
        assert_non_null(strstr(text, "Pie"));
    }
    const char *const check[] = {"qpdf", "--check", paper_path(&p), NULL};
    if (support_has("qpdf")) assert_int_equal(support_run(check), 0);
    paper_close(&p);
}

/** Each line of pdffonts below the two of the head says: embedded, a subset, with Unicode. */
static void test_fonts_are_embedded(void **state)
{
    (void)state;
    struct paper p;
    int drawn = 0;
    paper_begin(&p, NULL);
    fill(p.printed, &drawn);
    paper_finish(&p);
    const char *line = strchr(paper_ask(&p, "pdffonts", NULL), '\n') + 1;
    size_t fonts = 0;
    for (line = strchr(line, '\n') + 1; *line != 0; line = strchr(line, '\n') + 1) {
        const char *yes = strstr(line, "yes yes yes");
        assert_true(yes != NULL && yes < strchr(line, '\n'));
        fonts++;
    }
    assert_int_equal(fonts, 2);
    paper_close(&p);
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct paper one;
    struct paper two;
    int drawn = 0;
    paper_begin(&one, NULL);
    paper_begin(&two, NULL);
    fill(one.printed, &drawn);
    fill(two.printed, &drawn);
    paper_finish(&one);
    paper_finish(&two);
    assert_true(slice_equal(buf_slice(&one.file.bytes), buf_slice(&two.file.bytes)));
    paper_close(&one);
    paper_close(&two);
}

static bool xmp_has(struct paper *p, const char *text)
{
    slice data;
    const struct pdf_value *metadata = pdf_get(&p->view, pdf_catalog(&p->view), "Metadata");
    assert_int_equal(pdf_stream_data(&p->view, metadata, 1 << 20, &data, NULL), RFD_OK);
    return memmem(data.data, data.length, text, strlen(text)) != NULL;
}

static void test_metadata(void **state)
{
    (void)state;
    struct paper p;
    struct printed_settings settings = paper_settings();
    settings.title = "A < B & \"C\" > D";
    settings.author = "Peñíscola";
    settings.time = MOMENT;
    paper_begin(&p, &settings);
    paper_finish(&p);
    const struct pdf_value *info = pdf_get(&p.view, pdf_trailer(&p.view), "Info");
    assert_true(slice_is(pdf_get(&p.view, info, "Title")->bytes, "A < B & \"C\" > D"));
    assert_true(slice_is(pdf_get(&p.view, info, "Author")->bytes, "Pe\xF1\xEDscola"));
    assert_true(slice_is(pdf_get(&p.view, info, "Producer")->bytes, "Refrenda"));
    assert_true(slice_is(pdf_get(&p.view, info, "CreationDate")->bytes, "D:20261121220000Z"));
    assert_true(slice_is(pdf_get(&p.view, info, "ModDate")->bytes, "D:20261121220000Z"));
    assert_true(xmp_has(&p, "A &lt; B &amp; &quot;C&quot; &gt; D</rdf:li>"));
    assert_true(xmp_has(&p, "<rdf:li>Peñíscola</rdf:li>"));
    assert_true(xmp_has(&p, "<xmp:CreateDate>2026-11-21T22:00:00Z</xmp:CreateDate>"));
    assert_true(xmp_has(&p, "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"));
    assert_true(xmp_has(&p, "<pdfuaid:part>1</pdfuaid:part>"));
    const struct pdf_value *catalog = pdf_catalog(&p.view);
    assert_true(slice_is(pdf_get(&p.view, catalog, "Lang")->bytes, "es"));
    assert_true(pdf_get(&p.view, pdf_get(&p.view, catalog, "ViewerPreferences"), "DisplayDocTitle")->boolean);
    const struct pdf_value *intent = pdf_item(&p.view, pdf_get(&p.view, catalog, "OutputIntents"), 0);
    assert_true(slice_is(pdf_get(&p.view, intent, "S")->bytes, "GTS_PDFA1"));
    assert_int_equal(pdf_get(&p.view, intent, "DestOutputProfile")->kind, PDF_STREAM);
    paper_close(&p);
}

/** Two, out of order: the tree of names is in order (ISO 32000-2 §7.9.6). */
static void test_attachments(void **state)
{
    (void)state;
    struct paper p;
    slice data;
    struct printed_settings settings = paper_settings();
    const struct printed_attachment all[] = {
        {"solicitud.json", "application/json", "Datos de la solicitud", SLICE("{\"a\":1}")},
        {"anexo.txt", "text/plain", NULL, SLICE("anexo")}};
    settings.time = MOMENT;
    paper_begin(&p, &settings);
    printed_words(p.printed, "x");
    for (size_t i = 0; i < 2; i++) printed_attach(p.printed, &all[i]);
    paper_finish(&p);
    assert_true(xmp_has(&p, "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"));
    const struct pdf_value *catalog = pdf_catalog(&p.view);
    const struct pdf_value *names = pdf_get(&p.view, pdf_get(&p.view, catalog, "Names"), "EmbeddedFiles");
    names = pdf_get(&p.view, names, "Names");
    assert_true(slice_is(pdf_item(&p.view, names, 0)->bytes, "anexo.txt"));
    const struct pdf_value *file = pdf_item(&p.view, names, 3);
    assert_true(slice_is(pdf_get(&p.view, file, "UF")->bytes, "solicitud.json"));
    assert_true(slice_is(pdf_get(&p.view, file, "AFRelationship")->bytes, "Data"));
    const struct pdf_value *stream = pdf_get(&p.view, pdf_get(&p.view, file, "EF"), "F");
    assert_true(slice_is(pdf_get(&p.view, stream, "Subtype")->bytes, "application/json"));
    assert_int_equal(pdf_stream_data(&p.view, stream, 1 << 20, &data, NULL), RFD_OK);
    assert_true(slice_is(data, "{\"a\":1}"));
    assert_true(slice_is(pdf_get(&p.view, pdf_item(&p.view, pdf_get(&p.view, catalog, "AF"), 1), "F")->bytes,
                         "solicitud.json"));
    paper_close(&p);
}

static void test_without_metadata(void **state)
{
    (void)state;
    struct paper p;
    struct printed_settings settings = {.time = RFD_TIME_NONE};
    paper_begin(&p, &settings);
    printed_words(p.printed, "x");
    paper_finish(&p);
    assert_false(xmp_has(&p, "pdfuaid"));
    assert_false(xmp_has(&p, "CreateDate"));
    assert_false(xmp_has(&p, "dc:title"));
    assert_int_equal(pdf_get(&p.view, pdf_catalog(&p.view), "Lang")->kind, PDF_NULL);
    struct pdf_page page;
    assert_int_equal(pdf_page(&p.view, 0, &page, NULL), RFD_OK);
    assert_true(fabs(printed_width(p.printed) - (595.276 - 2 * 20 * 72 / 25.4)) < 0.01);
    paper_close(&p);
}

static void expect_refused(const struct printed_settings *settings)
{
    struct printed *p = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(printed_new(paper_fonts(), settings, &p, &error), RFD_E_ARGUMENT);
    assert_int_equal(error.code, RFD_E_ARGUMENT);
    assert_null(p);
}

static void test_bad_settings(void **state)
{
    (void)state;
    static char longer[20000];
    memset(longer, 'a', sizeof longer - 1);
    struct printed_settings good = paper_settings();
    const char *const titles[] = {"a\nb", "a\x01", "\xC3", "\xC2\x85", "\xEF\xBF\xBE", longer};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        struct printed_settings bad = good;
        bad.title = titles[i];
        expect_refused(&bad);
    }
    const char *const languages[] = {"e s", "-es", "es_ES", "<"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct printed_settings bad = good;
        bad.language = languages[i];
        expect_refused(&bad);
    }
    const double pages[][3] = {{300, 300, 140}, {300, 300, -1},  {10, 300, 1},   {300, 20000, 30},
                               {NAN, 300, 30},  {300, 300, NAN}, {300, NAN, 30}, {INFINITY, 300, 30}};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct printed_settings bad = good;
        bad.width = pages[i][0];
        bad.height = pages[i][1];
        bad.margin = pages[i][2];
        expect_refused(&bad);
    }
    good.margin = 10;
    good.footer = "no room";
    expect_refused(&good);
}

static void bad_level_0(struct printed *p)
{
    printed_heading(p, 0, "x");
}
static void bad_level_4(struct printed *p)
{
    printed_heading(p, 4, "x");
}
static void bad_size(struct printed *p)
{
    printed_paragraph(p, NULL, 0, &(struct printed_text){.size = -1});
}
static void bad_size_nan(struct printed *p)
{
    printed_paragraph(p, NULL, 0, &(struct printed_text){.size = NAN});
}
static void bad_indent(struct printed *p)
{
    printed_paragraph(p, NULL, 0, &(struct printed_text){.indent = 239});
}
static void bad_before(struct printed *p)
{
    printed_paragraph(p, NULL, 0, &(struct printed_text){.before = NAN});
}
static void bad_space(struct printed *p)
{
    printed_space(p, -1);
}
static void bad_labels(struct printed *p)
{
    printed_pairs(p, NULL, 0, 239);
}
static void bad_columns(struct printed *p)
{
    printed_table(p, NULL, 0, NULL, 0);
}
static void bad_many_columns(struct printed *p)
{
    static const struct printed_column columns[65];
    printed_table(p, columns, 65, NULL, 0);
}
static void bad_narrow_columns(struct printed *p)
{
    static const struct printed_column columns[64] = {{"x", 1, ALIGN_LEFT}};
    printed_table(p, columns, 64, NULL, 0);
}
static void bad_rows(struct printed *p)
{
    static const struct printed_column columns[2] = {{"x", 1, ALIGN_LEFT}};
    printed_table(p, columns, 2, NULL, SIZE_MAX / 2);
}
static void bad_share(struct printed *p)
{
    printed_table(p, &(struct printed_column){"x", -1, ALIGN_LEFT}, 1, NULL, 0);
}
static void bad_code(struct printed *p)
{
    printed_qr(p, "", 50, "none");
}
static void bad_code_size(struct printed *p)
{
    printed_qr(p, "x", 0, "none");
}

/** The first failure is told, and nothing after it changes that. */
static void test_bad_parts(void **state)
{
    (void)state;
    void (*const bad[])(struct printed *) = {bad_level_0, bad_level_4,      bad_size,           bad_size_nan,
                                             bad_indent,  bad_before,       bad_space,          bad_labels,
                                             bad_columns, bad_many_columns, bad_narrow_columns, bad_rows,
                                             bad_share,   bad_code,         bad_code_size};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct paper p;
        int drawn = 0;
        paper_begin(&p, NULL);
        bad[i](p.printed);
        fill(p.printed, &drawn);
        paper_fails(&p, RFD_E_ARGUMENT);
        assert_true(drawn == 0);
    }
}

static rfd_status refuse(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    (void)context;
    (void)c;
    return error_set(error, RFD_E_CANCELLED, "%f x %f", width, height);
}

static void test_drawing_fails(void **state)
{
    (void)state;
    struct paper p;
    paper_begin(&p, NULL);
    printed_words(p.printed, "before");
    printed_drawing(p.printed, 20, "none", refuse, NULL);
    printed_words(p.printed, "behind");
    paper_fails(&p, RFD_E_CANCELLED);
}

static void test_too_many_pages(void **state)
{
    (void)state;
    struct paper p;
    paper_begin(&p, NULL);
    for (int i = 0; i < 20001; i++) {
        printed_words(p.printed, "x");
        printed_page_break(p.printed);
    }
    paper_fails(&p, RFD_E_LIMIT);
}

static rfd_status make(struct rfd_error *error)
{
    struct printed *p = NULL;
    rfd_bytes bytes = {0};
    int drawn = 0;
    struct printed_settings settings = paper_settings();
    settings.header = "A";
    settings.page_label = "%1";
    TRY(printed_new(paper_fonts(), &settings, &p, error));
    fill(p, &drawn);
    printed_words(p, "\xF0\x9F\xA6\x96 and \x01"); /* to be mended and cleaned */
    rfd_status status = printed_finish(p, &bytes, error);
    printed_free(p);
    memory_free(bytes.data);
    return status;
}

static void test_memory_fails(void **state)
{
    (void)state;
    assert_int_equal(make(NULL), RFD_OK); /* fills the cache of the fonts */
    for (int once = 0; once < 2; once++) {
        bool failed = true;
        for (unsigned long n = 1; failed; n += once == 0 ? 1 : 3) {
            struct rfd_error error = RFD_ERROR_INIT;
            (void)(once == 1 ? memory_fail_once(n) : memory_fail_after(n));
            rfd_status status = make(&error);
            failed = memory_fail_after(0) >= n;
            if (failed && status != RFD_E_MEMORY && status != RFD_OK) fail_msg("%lu: %s", n, error.detail);
            if (failed && once == 0) assert_int_equal(status, RFD_E_MEMORY);
            if (!failed) assert_int_equal(status, RFD_OK);
            assert_int_equal(error.code, status);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_one_of_each),
        cmocka_unit_test(test_fonts_are_embedded),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_attachments),
        cmocka_unit_test(test_without_metadata),
        cmocka_unit_test(test_bad_settings),
        cmocka_unit_test(test_bad_parts),
        cmocka_unit_test(test_drawing_fails),
        cmocka_unit_test(test_too_many_pages),
        cmocka_unit_test(test_memory_fails),
    };
    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
