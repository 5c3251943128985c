/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reports: what they say of every outcome, that strangers' text stays text, that the picture holds together over any
 * span of time, and that HTML and PDF say the same.
 */
#include "report_support.h"
#include "verify_fixture.h"

#include "base/language.h"
#include "base/memory.h"
#include "base/text.h"
#include "pades/report/report_axis.h"

enum { ARENA_MAXIMUM = 64 << 20, DEPTH_MAXIMUM = 32 };

static struct arena arena;
static struct i18n_catalogue *spanish, *catalan;
static struct rfd_language *spanish_language;

static int set_up(void **state)
{
    static const char *const codes[] = {"es", "ca"};
    struct i18n_catalogue **const catalogues[] = {&spanish, &catalan};
    (void)state;
    (void)folder_new();
    arena_init(&arena, ARENA_MAXIMUM);
    for (size_t i = 0; i < 2; i++) {
        char po[512];
        char mo[512];
        (void)snprintf(po, sizeof po, "%s/po/%s.po", source_root(), codes[i]);
        (void)snprintf(mo, sizeof mo, "%s", folder_file(codes[i]));
        if (RUN("msgfmt", "-o", mo, po) != 0) return 0;
        if (i18n_open(mo, catalogues[i], NULL) != RFD_OK) return -1;
        if (i == 0 && rfd_language_open("es", mo, &spanish_language, NULL) != RFD_OK) return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    i18n_close(spanish);
    i18n_close(catalan);
    rfd_language_close(spanish_language);
    arena_dispose(&arena);
    folder_remove();
    return 0;
}

static struct report build(const struct report_source *source, const struct i18n_catalogue *catalogue)
{
    struct report report;
    struct rfd_error error = RFD_ERROR_INIT;
    if (report_build(source, catalogue, "en", &arena, &report, &error) != RFD_OK) fail_msg("%s", error.detail);
    return report;
}

/** The report as a zero-terminated text. */
static char *html_of(const struct report_source *source, const struct rfd_language *language)
{
    rfd_bytes bytes = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    if (report_html(source, language, &bytes, &error) != RFD_OK) fail_msg("%s", error.detail);
    char *text = arena_text(&arena, slice_bytes(bytes));
    assert_non_null(text);
    assert_int_equal(strlen(text), bytes.length);
    rfd_bytes_free(&bytes);
    return text;
}

/* --- Verdicts ---------------------------------------------------------------------------------------------------- */

#define P RFD_TOTAL_PASSED
#define I RFD_INDETERMINATE
#define F RFD_TOTAL_FAILED

/* Letters are signatures that are valid, doubtful or wrong; after '|' stand time stamps of the document. */
static const struct {
    const char *outcome, *verdict, *spanish;
    enum report_tone tone;
} verdicts[] = {
    {"", "This document is not signed", "Este documento no está firmado", REPORT_PLAIN},
    {"P", "The signature is valid", "La firma es válida", REPORT_GOOD},
    {"I", "The signature could not be confirmed", "No se pudo comprobar la firma", REPORT_DOUBT},
    {"F", "The signature is not valid", "La firma no es válida", REPORT_BAD},
    {"PPP", "All 3 signatures are valid", "Todas las firmas son válidas (3)", REPORT_GOOD},
    {"PPI", "1 of 3 signatures could not be confirmed", "1 de 3 firmas no se pudo comprobar", REPORT_DOUBT},
    {"PII", "2 of 3 signatures could not be confirmed", "2 de 3 firmas no se pudieron comprobar", REPORT_DOUBT},
    {"III", "None of the signatures could be confirmed", "No se pudo comprobar ninguna de las firmas", REPORT_DOUBT},
    {"PIF", "1 of 3 signatures is not valid", "1 de 3 firmas no es válida", REPORT_BAD},
    {"PFF", "2 of 3 signatures are not valid", "2 de 3 firmas no son válidas", REPORT_BAD},
    {"FF", "None of the signatures is valid", "Ninguna de las firmas es válida", REPORT_BAD},
    {"|P", "The time stamp of the document is valid", "El sello de tiempo del documento es válido", REPORT_GOOD},
    {"|PF", "A time stamp of the document is not valid", "Un sello de tiempo del documento no es válido", REPORT_BAD},
    {"P|P", "The signature is valid", "La firma es válida", REPORT_GOOD},
    {"P|I", "The signature is valid, but not everything could be confirmed",
     "La firma es válida, pero no se pudo comprobar todo", REPORT_DOUBT},
};

static struct report_source outcome_source(const char *outcome)
{
    static struct rfd_signature_report signatures[8];
    struct report_source source = report_short();
    const struct rfd_signature_report *one = source.signatures;
    bool stamp = false;
    source.signatures = signatures;
    source.count = 0;
    for (const char *at = outcome; *at != '\0'; at++) {
        if (*at == '|') {
            stamp = true;
            continue;
        }
        struct rfd_signature_report *s = &signatures[source.count++];
        *s = *one;
        s->kind = stamp ? RFD_KIND_DOCUMENT_TIMESTAMP : RFD_KIND_APPROVAL;
        s->indication = *at == 'P' ? P : *at == 'I' ? I : F;
        s->sub_indication = *at == 'P' ? RFD_SUB_NONE : RFD_SUB_HASH_FAILURE;
    }
    return source;
}

static void verdicts_read_well(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        struct report_source source = outcome_source(verdicts[i].outcome);
        struct report report = build(&source, NULL);
        assert_string_equal(report.verdict, verdicts[i].verdict);
        assert_int_equal(report.tone, verdicts[i].tone);
        if (spanish == NULL) continue;
        report = build(&source, spanish);
        assert_string_equal(report.verdict, verdicts[i].spanish);
    }
}

static void expect_translated(const char *message)
{
    const struct i18n_catalogue *const catalogues[] = {spanish, catalan};
    if (*message == '\0') return;
    for (size_t i = 0; i < 2; i++) {
        if (catalogues[i] != NULL && i18n_get(catalogues[i], message) == message) fail_msg("no words for %s", message);
    }
}

static void every_code_has_words(void **state)
{
    (void)state;
    for (int i = 0; i <= RFD_SUB_SIGNED_DATA_NOT_FOUND; i++) {
        const struct report_advice *advice = report_sub_indication((enum rfd_sub_indication)i);
        assert_true(advice->meaning != NULL && *advice->meaning != '\0' && *advice->advice != '\0');
        expect_translated(advice->meaning);
        expect_translated(advice->advice);
    }
    for (int i = 0; i < RFD_FINDING_COUNT; i++) expect_translated(report_finding_advice((enum rfd_finding_code)i));
    for (int i = 0; i <= RFD_CHANGE_OTHER; i++) {
        expect_translated(report_change_words((enum rfd_change_level)i, true));
        expect_translated(report_change_words((enum rfd_change_level)i, false));
    }
    for (int i = 0; i <= RFD_REVOCATION_NOT_NEEDED; i++)
        expect_translated(report_revocation_words((enum rfd_revocation_state)i));
    for (int i = 0; i <= RFD_KIND_DOCUMENT_TIMESTAMP; i++) {
        expect_translated(report_kind_name((enum rfd_signature_kind)i));
        expect_translated(report_passed_meaning((enum rfd_signature_kind)i));
        for (int k = 0; k <= RFD_TOTAL_FAILED; k++)
            expect_translated(report_verdict_word((enum rfd_indication)k, (enum rfd_signature_kind)i));
    }
    for (int i = 0; i <= RFD_LEVEL_B_LTA; i++) expect_translated(report_level_words((enum rfd_level)i));
}

/* --- Words ------------------------------------------------------------------------------------------------------- */

static void dates_are_written_as_people_do(void **state)
{
    (void)state;
    struct report_source source = report_short();
    assert_string_equal(build(&source, NULL).checked, "21 November 2026, 18:50:24 (UTC)");
    if (spanish == NULL) skip();
    assert_string_equal(build(&source, spanish).checked, "21 de noviembre de 2026, 18:50:24 (UTC)");
    struct report_voice v = {.arena = &arena, .catalogue = catalan, .code = "ca"};
    assert_string_equal(report_day(&v, INT64_C(90) * 86400 * RFD_SECOND), "1 d'abril de 1970");
    assert_string_equal(report_short_day(&v, 0), "01/01/1970");
    assert_string_equal(report_moment(&v, RFD_TIME_NONE), "");
}

static void names_are_taken_apart(void **state)
{
    (void)state;
    struct report_voice v = {.arena = &arena, .code = "en"};
    static const struct {
        const char *name, *attribute, *value;
    } cases[] = {
        {"CN=Alba,O=Town", "CN", "Alba"},
        {"CN=Alba,O=Town", "O", "Town"},
        {"O=CN\\=Fake\\,CN=x,CN=Real", "CN", "Real"},
        {"CN=a\\,b\\2Bc\\C3\\B1", "CN", "a,b+cñ"},
        {"OCN=x", "CN", ""},
        {"", "CN", ""},
        {"CN=\\", "CN", "\\"},
        {"C=PE+CN=Joined", "CN", "Joined"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(report_attribute(&v, cases[i].name, cases[i].attribute), cases[i].value);
    assert_string_equal(report_person(&v, "O=Only"), "O=Only");
    assert_string_equal(report_fill(&v, "%2, %1 and 5% of %3", "a", "b", NULL), "b, a and 5% of %3");
    assert_string_equal(report_fill(&v, "%1", "%1\n", NULL), "%1\xEF\xBF\xBD");
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    static char text[3 * REPORT_TEXT_MAXIMUM + 1];
    struct report_voice v = {.arena = &arena, .code = "en"};
    for (size_t i = 0; i + 3 <= sizeof text - 1; i += 3) memcpy(text + i, "€", 3);
    const char *clean = report_clean(&v, text);
    assert_true(strlen(clean) <= REPORT_TEXT_MAXIMUM + strlen("…"));
    assert_true(text_is_utf8(slice_text(clean)) && strstr(clean, "\xEF\xBF\xBD") == NULL);
}

/* --- HTML -------------------------------------------------------------------------------------------------------- */

static const char *const void_tags[] = {"meta", "br"};

static bool is_void(slice tag)
{
    for (size_t i = 0; i < sizeof void_tags / sizeof *void_tags; i++) {
        if (slice_is(tag, void_tags[i])) return true;
    }
    return false;
}

/** Every tag is closed in order, and every attribute quoted. */
static void expect_well_formed(const char *html)
{
    slice open[DEPTH_MAXIMUM];
    size_t depth = 0;
    const char *at = html + strlen("<!DOCTYPE html>");
    assert_int_equal(strncmp(html, "<!DOCTYPE html>", 15), 0);
    while ((at = strchr(at, '<')) != NULL) {
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes;
        slice tag = slice_of(name, strcspn(name, " />\n"));
        const char *end = name;
        for (bool quoted = false; *end != '\0' && (quoted || *end != '>'); end++) {
            if (*end == '"') quoted = !quoted;
            assert_true(quoted || *end != '<');
            assert_true(*end != '=' || quoted || end[1] == '"');
        }
        assert_int_equal(*end, '>');
        if (closes) {
            assert_true(depth > 0 && slice_equal(open[depth - 1], tag));
            depth--;
        } else if (end[-1] != '/' && !is_void(tag)) {
            assert_true(depth < DEPTH_MAXIMUM);
            open[depth++] = tag;
        }
        at = end;
    }
    assert_int_equal(depth, 0);
}

static void pages_are_well_formed(void **state)
{
    (void)state;
    const struct report_source sources[] = {report_unsigned(), report_short(), report_hostile(), report_long()};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        expect_well_formed(html_of(&sources[i], NULL));
        expect_well_formed(html_of(&sources[i], spanish_language));
    }
}

static void pages_fetch_and_run_nothing(void **state)
{
    (void)state;
    static const char *const forbidden[] = {"<script", "<img",     "<iframe",    "<link", "<a ",
                                            "http:",   "https:",   "src=",       "href=", "url(",
                                            "@import", "style=\"", "javascript:"};
    struct report_source source = report_long();
    const char *html = html_of(&source, NULL);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) assert_null(strstr(html, forbidden[i]));
    assert_non_null(strstr(html, "default-src 'none'; style-src 'sha256-"));
    assert_non_null(strstr(html, "<html lang=\"en\">"));
}

static void strangers_text_stays_text(void **state)
{
    (void)state;
    struct report_source source = report_hostile();
    const char *html = html_of(&source, NULL);
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "</text></text>"));
    assert_null(strstr(html, "\xE2\x80\xAE"));
    assert_null(strchr(html, 0x1B));
    assert_null(strchr(html, 0xFF));
    assert_true(text_is_utf8(slice_text(html)));
    assert_non_null(
        strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;&quot;&#39;&amp;"));
}

static void the_verdict_comes_first_and_codes_last(void **state)
{
    (void)state;
    static const char *const order[] = {"<h1>1 of 8 signatures is not valid</h1>",
                                        "What happened when",
                                        "The signatures one by one",
                                        "This is not the document that was signed",
                                        "Technical annex",
                                        "TOTAL-FAILED",
                                        "HASH_FAILURE",
                                        "digest-mismatch"};
    struct report_source source = report_long();
    const char *at = strstr(html_of(&source, NULL), "<body>");
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *found = strstr(at, order[i]);
        if (found == NULL) fail_msg("%s is not there, or too early", order[i]);
        at = found;
    }
}

static void pages_are_the_same_each_time(void **state)
{
    (void)state;
    struct report_source source = report_long();
    assert_string_equal(html_of(&source, NULL), html_of(&source, NULL));
}

/* --- The picture ------------------------------------------------------------------------------------------------- */

static struct report_timeline lay_out(const struct report_row *rows, size_t count, rfd_time checked, double width)
{
    struct report_voice v = {.arena = &arena, .code = "en"};
    struct report_timeline t;
    const struct report_picture what = {rows, count, 0, count, checked, width};
    report_timeline_layout(&v, &what, &t);
    assert_false(v.failed);
    return t;
}

static void expect_inside(const struct report_timeline *t)
{
    assert_true(t->count > 0 && t->height > 0);
    for (size_t i = 0; i < t->count; i++) {
        const struct report_shape *s = &t->shapes[i];
        assert_true(s->x >= -0.01 && s->x <= t->width + 0.01 && s->y >= 0 && s->y <= t->height);
        if (s->kind == REPORT_BOX) assert_true(s->x + s->width <= t->width + 0.01);
        if (s->kind == REPORT_TEXT) assert_non_null(s->text);
    }
}

/** Boxes of the revisions stand on one line: none touches another. */
static void expect_apart(const struct report_timeline *t)
{
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct report_shape *a = &t->shapes[i];
            const struct report_shape *b = &t->shapes[k];
            if (a->kind != REPORT_BOX || b->kind != REPORT_BOX || a->stroke != REPORT_PAINT_INK ||
                b->stroke != REPORT_PAINT_INK)
                continue;
            assert_true(a->x >= b->x + b->width || b->x >= a->x + a->width);
        }
    }
}

static void pictures_hold_together(void **state)
{
    (void)state;
    static const double widths[] = {320, 336, 560, 800, 940, 2000};
    const struct report_source sources[] = {report_short(), report_hostile(), report_long()};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct report report = build(&sources[i], NULL);
        for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
            struct report_timeline t = lay_out(report.rows, report.row_count, report.time, widths[k]);
            expect_inside(&t);
            expect_apart(&t);
        }
    }
}

static void many_rows_are_cut(void **state)
{
    (void)state;
    enum { MANY = 200 };
    struct report_source source = report_short();
    struct rfd_signature_report *many = arena_zeroed(&arena, MANY, sizeof *many);
    for (size_t i = 0; i < MANY; i++) many[i] = source.signatures[0];
    source.signatures = many;
    source.count = MANY;
    struct report report = build(&source, NULL);
    assert_int_equal(report.row_count, REPORT_ROWS_MAXIMUM);
    assert_string_equal(report.left_out, "The picture shows the first 60 of 200 signatures.");
    assert_int_equal(report.card_count, MANY);
    struct report_timeline t = lay_out(report.rows, report.row_count, report.time, 900);
    expect_inside(&t);
}

static void the_axis_is_marked_at_round_dates(void **state)
{
    (void)state;
    static const struct {
        int64_t days;
        double width;
        enum report_tick_unit unit;
    } cases[] = {{1, 800, REPORT_TICK_DAY},         {30, 800, REPORT_TICK_DAY},
                 {200, 800, REPORT_TICK_MONTH},     {3 * 365, 800, REPORT_TICK_MONTH},
                 {30 * 365, 800, REPORT_TICK_YEAR}, {3000 * 365, 800, REPORT_TICK_YEAR},
                 {30 * 365, 100, REPORT_TICK_YEAR}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report_axis axis = report_axis_start(0);
        struct report_ticks ticks;
        report_axis_include(&axis, cases[i].days * 86400 * RFD_SECOND, 5000);
        report_axis_finish(&axis, 0, cases[i].width);
        report_axis_ticks(&axis, 60, &ticks);
        assert_int_equal(ticks.unit, cases[i].unit);
        assert_true(ticks.count > 0 && (double)ticks.count * 60 <= cases[i].width + 60);
        for (size_t k = 0; k < ticks.count; k++)
            assert_true(ticks.at[k] >= axis.from && ticks.at[k] <= axis.until &&
                        ticks.at[k] % (86400 * RFD_SECOND) == 0);
    }
}

/* --- PDF --------------------------------------------------------------------------------------------------------- */

static rfd_bytes pdf_of(const struct report_source *source, const struct rfd_language *language)
{
    rfd_bytes bytes = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    if (report_pdf(source, language, &bytes, &error) != RFD_OK) fail_msg("%s", error.detail);
    return bytes;
}

static void a_pdf_says_what_the_page_says(void **state)
{
    (void)state;
    static const char *const order[] = {"Informe sobre las firmas de un documento",
                                        "1 de 8 firmas no es válida",
                                        "Qué pasó y cuándo",
                                        "Las firmas, una a una",
                                        "Clàudia d'Exemple i Prat",
                                        "Este no es el documento que se firmó: se alteró después.",
                                        "Anexo técnico",
                                        "TOTAL-FAILED",
                                        "HASH_FAILURE"};
    struct report_source source = report_long();
    struct buf text;
    if (spanish_language == NULL) skip();
    rfd_bytes pdf = pdf_of(&source, spanish_language);
    const char *file = folder_write("report.pdf", slice_bytes(pdf));
    rfd_bytes_free(&pdf);
    if (RUN("pdftotext", "-raw", file, folder_file("report.txt")) != 0) skip();
    assert_true(file_read(folder_file("report.txt"), &text));
    buf_put_byte(&text, 0);
    const char *at = (const char *)text.data;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *found = strstr(at, order[i]);
        if (found == NULL) fail_msg("%s is not there, or too early", order[i]);
        at = found;
    }
    buf_dispose(&text);
}

static void pdfs_are_the_same_each_time_and_sound(void **state)
{
    (void)state;
    const struct report_source sources[] = {report_unsigned(), report_short(), report_hostile(), report_long()};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        rfd_bytes first = pdf_of(&sources[i], NULL);
        rfd_bytes second = pdf_of(&sources[i], NULL);
        assert_true(slice_equal(slice_bytes(first), slice_bytes(second)));
        const char *file = folder_write("same.pdf", slice_bytes(first));
        int status = RUN("qpdf", "--check", file);
        assert_true(status == 0 || status == 127);
        rfd_bytes_free(&first);
        rfd_bytes_free(&second);
    }
}

/* --- The public way, and failing memory -------------------------------------------------------------------------- */

static void a_real_verification_is_reported(void **state)
{
    (void)state;
    struct identity root = identity_new("P-256", "Root", NULL, NULL);
    struct identity signer = identity_new("P-256", "Alba Ejemplo", &root, NULL);
    struct rfd_key *key;
    rfd_bytes html = {0};
    rfd_bytes pdf = {0};
    folder_write_identity(&signer, "signer.pem", "signer.key");
    assert_int_equal(
        rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &key, NULL), RFD_OK);
    struct rfd_trust *trust = trust_new(&root, NULL);
    struct buf plain = pdf_new(2000);
    struct buf document = pdf_sign(&plain, key, 0);
    struct rfd_verification *v = verify(buf_slice(&document), trust);
    assert_int_equal(rfd_verification_html(v, "one.pdf", NULL, &html, NULL), RFD_OK);
    assert_int_equal(rfd_verification_pdf(v, "one.pdf", NULL, &pdf, NULL), RFD_OK);
    char *text = arena_text(&arena, slice_bytes(html));
    expect_well_formed(text);
    assert_non_null(strstr(text, "Alba Ejemplo"));
    assert_non_null(strstr(text, "The signature could not be confirmed"));
    assert_true(slice_starts(slice_bytes(pdf), SLICE("%PDF-1.7")));
    rfd_bytes_free(&html);
    rfd_bytes_free(&pdf);
    rfd_verification_free(v);
    rfd_trust_free(trust);
    rfd_key_free(key);
    buf_dispose(&plain);
    buf_dispose(&document);
    identity_free(&signer);
    identity_free(&root);
}

typedef rfd_status writer(const struct report_source *source, const struct rfd_language *language, rfd_bytes *out,
                          struct rfd_error *error);

static void expect_clean_failures(writer *write)
{
    struct report_source source = report_short();
    for (unsigned long n = 1;; n++) {
        rfd_bytes bytes = {0};
        (void)memory_fail_after(n);
        rfd_status status = write(&source, NULL, &bytes, NULL);
        (void)memory_fail_after(0);
        rfd_bytes_free(&bytes);
        if (status == RFD_OK) break;
        assert_int_equal(status, RFD_E_MEMORY);
    }
}

static void failing_memory_is_an_error(void **state)
{
    (void)state;
    expect_clean_failures(report_html);
    expect_clean_failures(report_pdf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_read_well),
        cmocka_unit_test(every_code_has_words),
        cmocka_unit_test(dates_are_written_as_people_do),
        cmocka_unit_test(names_are_taken_apart),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(pages_are_well_formed),
        cmocka_unit_test(pages_fetch_and_run_nothing),
        cmocka_unit_test(strangers_text_stays_text),
        cmocka_unit_test(the_verdict_comes_first_and_codes_last),
        cmocka_unit_test(pages_are_the_same_each_time),
        cmocka_unit_test(pictures_hold_together),
        cmocka_unit_test(many_rows_are_cut),
        cmocka_unit_test(the_axis_is_marked_at_round_dates),
        cmocka_unit_test(a_pdf_says_what_the_page_says),
        cmocka_unit_test(pdfs_are_the_same_each_time_and_sound),
        cmocka_unit_test(a_real_verification_is_reported),
        cmocka_unit_test(failing_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
