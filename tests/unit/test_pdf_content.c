/* SPDX-License-Identifier: EUPL-1.2
 *
 * Content streams as operators and operands; what is passed over, and where inline images end.
 */
#include "base/buf.h"
#include "base/memory.h"
#include "pdf/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void describe_value(struct buf *out, const struct pdf_value *v)
{
    double number;
    char text[40];
    if (pdf_number(v, &number)) {
        (void)snprintf(text, sizeof text, "%g", number);
        buf_put_text(out, text);
    } else if (v->kind == PDF_NAME || v->kind == PDF_STRING) {
        buf_put_text(out, v->kind == PDF_NAME ? "/" : "'");
        buf_put_slice(out, v->bytes);
    } else if (v->kind == PDF_ARRAY) {
        buf_put_text(out, "[");
        for (uint32_t i = 0; i < v->count; i++) {
            if (i > 0) buf_put_text(out, " ");
            describe_value(out, &v->items[i]);
        }
        buf_put_text(out, "]");
    } else {
        buf_put_text(out, v->kind == PDF_DICTIONARY ? "<<>>" : v->kind == PDF_BOOLEAN ? "bool" : "null");
    }
}

/** Each operation as its operands and its name in parentheses. */
static bool describe(slice bytes, struct buf *out)
{
    struct content c;
    struct content_operation o;
    content_init(&c, bytes);
    while (content_next(&c, &o)) {
        for (size_t i = 0; i < o.count; i++) {
            describe_value(out, &o.operands[i]);
            buf_put_text(out, " ");
        }
        buf_put_text(out, "{");
        buf_put_slice(out, o.name);
        buf_put_text(out, "}");
    }
    bool damaged = c.damaged;
    assert_int_equal(c.status, RFD_OK);
    content_dispose(&c);
    return damaged;
}

static void operations(void **state)
{
    (void)state;
    static const struct {
        const char *content, *expected;
        bool damaged;
    } cases[] = {
        {"", "", false},
        {"q 1 0 0 -1 .5 -.25 cm Q", "{q}1 0 0 -1 0.5 -0.25 {cm}{Q}", false},
        {"BT/F1 12 Tf(a\\)b)Tj<4142>Tj T* ET", "{BT}/F1 12 {Tf}'a)b {Tj}'AB {Tj}{T*}{ET}", false},
        {"[(A)-20(B) 3.5<43>]TJ", "['A -20 'B 3.5 'C] {TJ}", false},
        {"[[1 2]0]d [] 0 d", "[[1 2] 0] {d}[] 0 {d}", false},
        {"0 0 R 1 0 R x", "0 0 {R}1 0 {R}{x}", false},
        {"/Span<</ActualText(x)>>BDC", "/Span <<>> {BDC}", false},
        {"% note\n1 g%x\r2 w", "1 {g}2 {w}", false},
        {"true false null x", "bool bool null {x}", false},
        {"(a)' 1 2(b)\"", "'a {'}1 2 'b {\"}", false},
        {"1 2 re", "1 2 {re}", false},
        /* what is wrong is passed over */
        {"--5 w 1.2.3 w 7- w - w +.5 w", "-5 {w}1.2 {w}7 {w}0 {w}0.5 {w}", true},
        {") 1 w > 2 w } { 3 w ] 4 w", "1 {w}2 {w}3 {w}4 {w}", true},
        {"[(a) Tj (b) Tj", "'a {Tj}'b {Tj}", false},
        {"1 w (never ends", "1 {w}", true},
        {"<4z> Tj 1 w", "{Tj}1 {w}", true},
        {"<< /A >> BDC 1 w", "{BDC}1 {w}", true},
        {"1 2 3", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 1 << 16);
        bool damaged = describe(slice_text(cases[i].content), &out);
        buf_put_byte(&out, 0);
        assert_string_equal((const char *)out.data, cases[i].expected);
        assert_int_equal(damaged, cases[i].damaged);
        buf_dispose(&out);
    }
}

static void inline_images(void **state)
{
    (void)state;
    static const struct {
        slice content;
        const char *expected;
        bool damaged;
    } cases[] = {
        {SLICE("BI/W 2/H 2 ID \1\2\3\4 EI 1 w"), "{BI}/W 2 /H 2 {ID}1 {w}", false},
        {SLICE("BI/W 2 ID abEIcd EI\377 EI \200\nEI Q"), "{BI}/W 2 {ID}{Q}", false},
        {SLICE("BI/F[/A85/Fl]ID <~x EIx~>\nEI\nQ"), "{BI}/F [/A85 /Fl] {ID}{Q}", false},
        {SLICE("BI ID EI q"), "{BI}{ID}{q}", false},
        {SLICE("BI ID abc EI"), "{BI}{ID}", false},
        {SLICE("BI ID abc E"), "{BI}{ID}", true},
        {SLICE("BI ID"), "{BI}{ID}", true},
        {SLICE("BI ID x EI(a)Tj"), "{BI}{ID}'a {Tj}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 1 << 16);
        bool damaged = describe(cases[i].content, &out);
        buf_put_byte(&out, 0);
        assert_string_equal((const char *)out.data, cases[i].expected);
        assert_int_equal(damaged, cases[i].damaged);
        buf_dispose(&out);
    }
}

/** `count` times `text`, then " w": how many operands arrive. */
static size_t operands_of(const char *text, size_t count, bool *damaged)
{
    struct buf bytes;
    struct content c;
    struct content_operation o = {.count = 0};
    buf_init(&bytes, 1 << 24);
    for (size_t i = 0; i < count; i++) buf_put_text(&bytes, text);
    buf_put_text(&bytes, " w");
    content_init(&c, buf_slice(&bytes));
    bool any = content_next(&c, &o);
    *damaged = c.damaged;
    size_t operands = any ? o.count : 0;
    content_dispose(&c);
    buf_dispose(&bytes);
    return operands;
}

static void limits(void **state)
{
    (void)state;
    bool damaged;
    assert_int_equal(operands_of("1 ", 60000, &damaged), 60000);
    assert_false(damaged);
    assert_int_equal(operands_of("1 ", 1000000, &damaged), 65536);
    assert_true(damaged);
    /* Each of these would be quadratic if an unfinished token were tried again one byte later. */
    assert_int_equal(operands_of("(", 1 << 22, &damaged), 0);
    assert_int_equal(operands_of("[", 1 << 22, &damaged), 0);
    assert_int_equal(operands_of("<", 1 << 22, &damaged), 0);
    assert_int_equal(operands_of("<<", 1 << 22, &damaged), 0);
    assert_int_equal(operands_of(" ID ", 1 << 20, &damaged), 0);
    assert_int_equal(operands_of("ID EI\377", 1 << 20, &damaged), 0);
}

static void no_memory(void **state)
{
    (void)state;
    static const char text[] = "[(a\\n)(b\\n)[1 2]]TJ/A#20B<</C[1 2 3]>>BDC 1 1 1 1 1 1 1 1 w";
    for (unsigned long n = 1;; n++) {
        struct content c;
        struct content_operation o;
        size_t count = 0;
        memory_fail_after(n);
        content_init(&c, slice_text(text));
        while (content_next(&c, &o)) count++;
        memory_fail_after(0);
        rfd_status status = c.status;
        content_dispose(&c);
        if (status == RFD_OK) {
            assert_int_equal(count, 3);
            assert_true(n > 1);
            break;
        }
        assert_int_equal(status, RFD_E_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations),
        cmocka_unit_test(inline_images),
        cmocka_unit_test(limits),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
