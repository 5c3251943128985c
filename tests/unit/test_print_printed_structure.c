/* SPDX-License-Identifier: EUPL-1.2
 *
 * The structure is walked with our own reader, as a program that reads aloud would: from the pages' marked content to
 * the elements that own it (ISO 32000-2 §14.7.5), and from the tree down.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "paper.h"

#include "base/number.h"

static rfd_status draw_line(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    (void)context;
    canvas_line(c, 0, height / 2, width, height / 2, 1, COLOUR_BLACK);
    return canvas_check(c, error);
}

static void fill(struct printed *p)
{
    static char tall[400];
    const struct span spans[] = {{SLICE("Texto "), FONT_REGULAR, 0}, {SLICE("en negrita."), FONT_BOLD, 0}};
    const struct printed_pair pairs[] = {{"Nombre", "Núria"}, {"Cargo", NULL}};
    const struct printed_column columns[] = {{"Concepto", 3, ALIGN_LEFT}, {"Importe", 1, ALIGN_RIGHT}};
    const struct printed_column bare[] = {{NULL, 1, ALIGN_LEFT}};
    struct printed_cell cells[40];
    for (size_t i = 0; i < 40; i++) cells[i] = (struct printed_cell){i % 2 == 0 ? "Obra" : "1,00", FONT_REGULAR, 0};
    memset(tall, '\n', sizeof tall - 1);
    cells[9].text = tall;
    printed_heading(p, 3, "Sin padre");
    printed_heading(p, 1, "Informe");
    printed_heading(p, 3, "Nieto");
    printed_words(p, "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\nu\nv\nw\nx\ny\nz");
    printed_banner(p, "Válida", "Hoy", 0xe3f1e7, 0x14532d);
    printed_pairs(p, pairs, 2, 0);
    printed_heading(p, 2, "Pagos");
    printed_table(p, columns, 2, cells, 20);
    printed_table(p, bare, 1, cells, 3);
    for (int i = 0; i < 12; i++) printed_item(p, spans, 2);
    printed_words(p, "entre dos listas");
    printed_item(p, spans, 1);
    printed_rule(p);
    printed_qr(p, "https://example.org/verificar", 60, "Código QR");
    printed_drawing(p, 20, "Una línea", draw_line, NULL);
    printed_drawing(p, 20, NULL, draw_line, NULL);
}

static void begin(struct paper *p)
{
    struct printed_settings settings = paper_settings();
    settings.header = "Ayuntamiento";
    settings.footer = "Pie";
    settings.page_label = "Página %1 de %2";
    paper_begin(p, &settings);
}

static const struct pdf_value *root_of(struct paper *p)
{
    return pdf_get(&p->view, pdf_catalog(&p->view), "StructTreeRoot");
}

static slice type_of(struct paper *p, const struct pdf_value *element)
{
    return pdf_get(&p->view, element, "S")->bytes;
}

static bool is_type(struct paper *p, const struct pdf_value *element, const char *type)
{
    return slice_is(type_of(p, element), type);
}

/** Whether the element lists this piece of this page. */
static bool owns(struct paper *p, const struct pdf_value *element, struct pdf_reference page, int64_t mark)
{
    const struct pdf_value *kids = pdf_get(&p->view, element, "K");
    for (size_t i = 0; i < kids->count; i++) {
        const struct pdf_value *kid = pdf_item(&p->view, kids, i);
        struct pdf_reference on = pdf_reference_of(element, "Pg");
        int64_t number = -1;
        if (kid->kind == PDF_DICTIONARY && pdf_entry_of(kid, "MCID")->kind != PDF_NULL) {
            on = pdf_reference_of(kid, "Pg");
            (void)pdf_integer(pdf_get(&p->view, kid, "MCID"), &number);
        } else if (!pdf_integer(kid, &number)) {
            continue;
        }
        if (on.number == page.number && number == mark) return true;
    }
    return false;
}

/* ---- From the pages ---- */

static bool ends_with(slice line, const char *text)
{
    size_t length = strlen(text);
    return line.length >= length && slice_is(slice_from(line, line.length - length), text);
}

/** "/P <</MCID 3>> BDC" belongs to the element that the parent tree names, whose type is its tag. */
static void check_mark(struct paper *p, struct pdf_reference page, slice line, const struct pdf_value *owners,
                       int64_t expected)
{
    const uint8_t *number = memmem(line.data, line.length, "/MCID ", 6);
    uint64_t mark;
    assert_non_null(number);
    slice digits = slice_of(number + 6, 0);
    while (digits.data[digits.length] >= '0' && digits.data[digits.length] <= '9') digits.length++;
    assert_true(number_unsigned(digits, 1000, &mark));
    assert_int_equal(mark, expected);
    const struct pdf_value *owner = pdf_item(&p->view, owners, (size_t)mark);
    slice tag = slice_of(line.data + 1, 0);
    while (tag.data[tag.length] != ' ') tag.length++;
    assert_true(slice_equal(tag, type_of(p, owner)));
    assert_true(owns(p, owner, page, expected));
}

/** All that shows something is marked, marks are not nested, and each is closed. */
static size_t check_content(struct paper *p, struct pdf_reference page, slice content, const struct pdf_value *owners)
{
    static const char *const showing[] = {"Tj", "TJ", " S", " f", "f*", " B", " Do", "\nf", "\nS"};
    size_t marks = 0;
    bool open = false;
    while (content.length > 0) {
        const uint8_t *end = memchr(content.data, '\n', content.length);
        slice line = slice_part(content, 0, end == NULL ? content.length : (size_t)(end - content.data));
        content = slice_from(content, line.length + 1);
        bool begins = ends_with(line, "BDC") || ends_with(line, "BMC");
        if (begins) assert_false(open);
        if (ends_with(line, "BDC")) check_mark(p, page, line, owners, (int64_t)marks++);
        if (ends_with(line, "BMC")) assert_true(slice_is(line, "/Artifact BMC"));
        if (begins) open = true;
        for (size_t i = 0; i < sizeof showing / sizeof *showing; i++) assert_true(open || !ends_with(line, showing[i]));
        assert_true(open || !(slice_is(line, "f") || slice_is(line, "S")));
        if (slice_is(line, "EMC")) {
            assert_true(open);
            open = false;
        }
    }
    assert_false(open);
    return marks;
}

static void check_page(struct paper *p, size_t index)
{
    struct pdf_page page;
    int64_t key;
    size_t marks = 0;
    assert_int_equal(pdf_page(&p->view, index, &page, NULL), RFD_OK);
    assert_true(pdf_integer(pdf_get(&p->view, page.dictionary, "StructParents"), &key));
    assert_int_equal(key, index);
    assert_true(slice_is(pdf_get(&p->view, page.dictionary, "Tabs")->bytes, "S"));
    const struct pdf_value *numbers = pdf_get(&p->view, pdf_get(&p->view, root_of(p), "ParentTree"), "Nums");
    const struct pdf_value *owners = pdf_item(&p->view, numbers, 2 * index + 1);
    const struct pdf_value *contents = pdf_get(&p->view, page.dictionary, "Contents");
    assert_int_equal(contents->count, 3);
    for (size_t i = 0; i < contents->count; i++) {
        slice content;
        const struct pdf_value *stream = pdf_item(&p->view, contents, i);
        assert_int_equal(pdf_stream_data(&p->view, stream, 1 << 20, &content, NULL), RFD_OK);
        size_t found = check_content(p, page.reference, content, owners);
        assert_true(i == 0 || found == 0);
        marks += found;
    }
    assert_int_equal(owners->count, marks);
}

static void test_content_is_owned(void **state)
{
    (void)state;
    struct paper p;
    begin(&p);
    fill(p.printed);
    paper_finish(&p);
    assert_true(p.pages > 4);
    for (size_t i = 0; i < p.pages; i++) check_page(&p, i);
    int64_t next;
    assert_true(pdf_integer(pdf_get(&p.view, root_of(&p), "ParentTreeNextKey"), &next));
    assert_int_equal(next, p.pages);
    paper_close(&p);
}

/* ---- From the tree ---- */

/** Which types may stand in which (§14.8.4). */
static const struct {
    const char *type, *parents;
} nesting[] = {
    {"H1", "Document"},    {"H2", "Document"}, {"H3", "Document"}, {"P", "Document"}, {"Figure", "Document"},
    {"Table", "Document"}, {"TR", "Table"},    {"TH", "TR"},       {"TD", "TR"},      {"L", "Document"},
    {"LI", "L"},           {"Lbl", "LI"},      {"LBody", "LI"},
};

static void check_nesting(struct paper *p, const struct pdf_value *element, const struct pdf_value *parent)
{
    for (size_t i = 0; i < sizeof nesting / sizeof *nesting; i++) {
        if (!is_type(p, element, nesting[i].type)) continue;
        assert_true(is_type(p, parent, nesting[i].parents));
        return;
    }
    fail_msg("an element of another type");
}

static void check_attributes(struct paper *p, const struct pdf_value *element)
{
    const struct pdf_value *attributes = pdf_get(&p->view, element, "A");
    if (is_type(p, element, "TH")) assert_int_equal(pdf_get(&p->view, attributes, "Scope")->kind, PDF_NAME);
    if (is_type(p, element, "L")) assert_int_equal(pdf_get(&p->view, attributes, "ListNumbering")->kind, PDF_NAME);
    if (!is_type(p, element, "Figure")) return;
    assert_true(pdf_get(&p->view, element, "Alt")->bytes.length > 0);
    assert_int_equal(pdf_get(&p->view, attributes, "BBox")->count, 4);
}

static void check_element(struct paper *p, const struct pdf_value *element, const struct pdf_value *parent,
                          struct pdf_reference parent_reference)
{
    assert_int_equal(pdf_reference_of(element, "P").number, parent_reference.number);
    if (parent != NULL) check_nesting(p, element, parent);
    check_attributes(p, element);
    const struct pdf_value *kids = pdf_get(&p->view, element, "K");
    for (size_t i = 0; i < kids->count; i++) {
        if (kids->items[i].kind != PDF_REFERENCE) continue;
        const struct pdf_value *kid = pdf_item(&p->view, kids, i);
        const struct pdf_value *back = pdf_get(&p->view, kid, "P");
        assert_ptr_equal(back, element);
        check_element(p, kid, element, pdf_reference_of(kid, "P"));
    }
}

static size_t count_kids(struct paper *p, const struct pdf_value *element)
{
    return pdf_get(&p->view, element, "K")->count;
}

/** All rows of a table have as many cells; levels of headings are not left out (ISO 14289-1 §7.4.2). */
static void check_document(struct paper *p, const struct pdf_value *document)
{
    const struct pdf_value *kids = pdf_get(&p->view, document, "K");
    uint8_t level = '0';
    size_t lists = 0;
    for (size_t i = 0; i < kids->count; i++) {
        const struct pdf_value *part = pdf_item(&p->view, kids, i);
        slice type = type_of(p, part);
        if (type.length == 2 && type.data[0] == 'H') {
            assert_true(type.data[1] <= level + 1);
            level = type.data[1];
        }
        lists += slice_is(type, "L");
        if (!slice_is(type, "Table")) continue;
        const struct pdf_value *rows = pdf_get(&p->view, part, "K");
        size_t cells = count_kids(p, pdf_item(&p->view, rows, 0));
        for (size_t row = 1; row < rows->count; row++)
            assert_int_equal(count_kids(p, pdf_item(&p->view, rows, row)), cells);
    }
    assert_int_equal(lists, 2);
}

static void test_tree(void **state)
{
    (void)state;
    struct paper p;
    begin(&p);
    fill(p.printed);
    paper_finish(&p);
    const struct pdf_value *document = pdf_get(&p.view, root_of(&p), "K");
    assert_true(is_type(&p, document, "Document"));
    check_element(&p, document, NULL, pdf_reference_of(pdf_catalog(&p.view), "StructTreeRoot"));
    check_document(&p, document);
    assert_true(pdf_get(&p.view, pdf_get(&p.view, pdf_catalog(&p.view), "MarkInfo"), "Marked")->boolean);
    assert_int_equal(pdf_view_status(&p.view, NULL), RFD_OK);
    paper_close(&p);
}

/** As another program reads it. */
static void test_read_aloud(void **state)
{
    (void)state;
    static const char *const order[] = {"Document", "H1",    "Sin padre", "H1",     "Informe", "H2",       "Nieto",
                                        "P",        "Table", "TH",        "Nombre", "TD",      "Concepto", "Obra",
                                        "L",        "LI",    "Lbl",       "LBody",  "Figure",  "Figure"};
    struct paper p;
    begin(&p);
    fill(p.printed);
    paper_finish(&p);
    const char *at = paper_ask(&p, "pdfinfo", "-struct-text");
    assert_null(strstr(at, "Ayuntamiento"));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        if (at == NULL) fail_msg("%s is missing or too early", order[i]);
    }
    paper_close(&p);
}

/* ---- Outline ---- */

static void test_outline(void **state)
{
    (void)state;
    struct paper p;
    begin(&p);
    fill(p.printed);
    paper_finish(&p);
    const struct pdf_value *outlines = pdf_get(&p.view, pdf_catalog(&p.view), "Outlines");
    int64_t count;
    assert_true(pdf_integer(pdf_get(&p.view, outlines, "Count"), &count));
    assert_int_equal(count, 4);
    const struct pdf_value *orphan = pdf_get(&p.view, outlines, "First");
    const struct pdf_value *top = pdf_get(&p.view, outlines, "Last");
    assert_true(slice_is(pdf_get(&p.view, orphan, "Title")->bytes, "Sin padre"));
    assert_true(slice_is(pdf_get(&p.view, top, "Title")->bytes, "Informe"));
    assert_ptr_equal(pdf_get(&p.view, orphan, "Next"), top);
    assert_ptr_equal(pdf_get(&p.view, top, "Prev"), orphan);
    const struct pdf_value *deep = pdf_get(&p.view, top, "First");
    assert_true(slice_is(pdf_get(&p.view, deep, "Title")->bytes, "Nieto"));
    assert_true(slice_is(pdf_get(&p.view, pdf_get(&p.view, top, "Last"), "Title")->bytes, "Pagos"));
    const struct pdf_value *destination = pdf_get(&p.view, deep, "Dest");
    assert_true(slice_is(pdf_get(&p.view, pdf_item(&p.view, destination, 0), "Type")->bytes, "Page"));
    assert_true(slice_is(pdf_item(&p.view, destination, 1)->bytes, "XYZ"));
    paper_close(&p);
}

static void test_no_outline(void **state)
{
    (void)state;
    struct paper p;
    paper_begin(&p, NULL);
    printed_words(p.printed, "x");
    paper_finish(&p);
    assert_int_equal(pdf_entry_of(pdf_catalog(&p.view), "Outlines")->kind, PDF_NULL);
    paper_close(&p);
}

/** More pages than one node of the page tree takes. */
static void test_page_tree(void **state)
{
    (void)state;
    for (size_t pages = 31; pages < 70; pages += 2) {
        struct paper p;
        struct pdf_page page;
        paper_begin(&p, NULL);
        for (size_t i = 0; i < pages; i++) {
            printed_words(p.printed, "x");
            printed_page_break(p.printed);
        }
        paper_finish(&p);
        assert_int_equal(p.pages, pages);
        assert_int_equal(pdf_page(&p.view, pages - 1, &page, NULL), RFD_OK);
        int64_t key;
        assert_true(pdf_integer(pdf_get(&p.view, page.dictionary, "StructParents"), &key));
        assert_int_equal(key, pages - 1);
        const struct pdf_value *root = pdf_get(&p.view, pdf_catalog(&p.view), "Pages");
        assert_true(pdf_get(&p.view, root, "Kids")->count <= 32);
        paper_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_is_owned), cmocka_unit_test(test_tree),       cmocka_unit_test(test_read_aloud),
        cmocka_unit_test(test_outline),          cmocka_unit_test(test_no_outline), cmocka_unit_test(test_page_tree),
    };
    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
