/* SPDX-License-Identifier: EUPL-1.2
 *
 * The text of a page, its boxes, markers in it; content that is wrong, hostile or endless.
 */
#include "pdf_draft.h"

#include "base/memory.h"
#include "pdf/page_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

/* Fonts: F has glyphs of half an em from -0.2 to 0.8; H is Helvetica without widths; D has names for its codes; U codes
 * of two bytes that are Unicode, V the same written downwards; T is of type 3, with glyphs of one em. */
#define DESCRIPTOR "/FontDescriptor<</MissingWidth 500/Ascent 800/Descent -200>>"
static const char *const objects[] = {
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 600 800]/Resources 5 0 R>>",
    "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
    NULL, /* the content */
    "<</Font<</F 6 0 R/H 7 0 R/D 8 0 R/U 9 0 R/V 10 0 R/T 11 0 R/Bad 3 0 R>>/XObject<</Image 12 0 R/Form 13 0 R/Outer "
    "14 0 R/Self 15 0 R/Bomb 16 0 R/Broken 17 0 R>>/Properties<</P<</ActualText(prop)>>>>"
    "/ColorSpace<</Icc[/ICCBased 18 0 R]/Tint[/Separation/X/DeviceGray 19 0 R]>>>>",
    "<</Type/Font/Subtype/Type1/BaseFont/X/Encoding/WinAnsiEncoding/Widths[]" DESCRIPTOR ">>",
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    "<</Type/Font/Subtype/Type1/BaseFont/Y/Widths[]" DESCRIPTOR
    "/Encoding<</Differences[1/ntilde/uni00E1/fi/braceleft 65/acute/zcaron/g37]>>>>",
    "<</Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 20 0 R/DescendantFonts[<</DW 400/W[65[500 500]67 90 "
    "500]" DESCRIPTOR ">>]>>",
    "<</Type/Font/Subtype/Type0/Encoding/Identity-V/ToUnicode 20 0 R/DescendantFonts[<</DW 1000" DESCRIPTOR ">>]>>",
    "<</Type/Font/Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FontBBox[0 -20 100 80]/FirstChar 65/LastChar 66/Widths[100 "
    "100]/Encoding<</Differences[65/A/B]>>/CharProcs<<>>>>",
};

static const struct {
    const char *entries, *data;
} streams[] = {
    {"/Subtype/Image/Width 1/Height 1", "x"},
    {"/Subtype/Form/BBox[0 0 1000 1000]/Matrix[1 0 0 1 100 0]", "BT /F 10 Tf (form) Tj ET Q Q q q 0 0 5 5 re f"},
    {"/Subtype/Form/BBox[0 0 20 20]/Resources<</XObject<</In 13 0 R>>/Font<</F 6 0 R>>>>",
     "2 0 0 2 0 0 cm /In Do /Form Do 0 0 500 500 re f"},
    {"/Subtype/Form/BBox[0 0 9 9]", "BT /F 10 Tf (x) Tj ET /Self Do /Self Do"},
    {"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A 21 0 R>>>>", "/A Do /A Do /A Do /A Do /A Do /A Do /A Do"},
    {"/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode", "not compressed"},
    {"/N 3", ""},
    {"", ""},
    {"", "1 beginbfrange <0001> <FFFD> <0001> endbfrange"},
};

struct read {
    struct draft d;
    struct opened o;
    struct pdf_page_text t;
    rfd_status status;
};

/** A page with this content; `page` replaces the page's dictionary unless NULL. */
static void write_page(struct draft *d, slice content, const char *page)
{
    draft_begin(d);
    for (uint32_t i = 0; i < 11; i++) {
        if (i == 3)
            draft_stream(d, 4, "", content);
        else
            draft_object(d, i + 1, i == 2 && page != NULL ? page : objects[i]);
    }
    for (uint32_t i = 0; i < sizeof streams / sizeof *streams; i++)
        draft_stream(d, i + 12, streams[i].entries, slice_text(streams[i].data));
    for (uint32_t n = 21; n < 30; n++) { /* each paints the next one seven times */
        char entries[100];
        (void)snprintf(entries, sizeof entries, "/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A %u 0 R>>>>",
                       n == 29 ? 12 : n + 1);
        draft_stream(d, n, entries, slice_text(streams[4].data));
    }
    draft_stream(d, 30, "", SLICE("BT /F 10 T"));
    draft_stream(d, 31, "", SLICE("f [(two"));
    draft_stream(d, 32, "", SLICE(" parts)] TJ ET"));
    draft_table(d, "/Root 1 0 R");
}

static void read_written(struct read *r)
{
    struct pdf_page page;
    r->o = draft_open(&r->d, true);
    struct pdf_view view = pdf_latest(draft_must_open(&r->o));
    assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_OK);
    r->status = pdf_page_text(&view, &page, &r->t, NULL);
    assert_int_equal(r->status, RFD_OK);
    assert_int_equal(view.failure.code, RFD_OK);
}

static void read_slice(struct read *r, slice content)
{
    write_page(&r->d, content, NULL);
    read_written(r);
}

static void read_text(struct read *r, const char *content)
{
    read_slice(r, slice_text(content));
}

static void finish(struct read *r)
{
    draft_close_opened(&r->o);
    buf_dispose(&r->d.b);
}

static bool near_box(struct pdf_box a, struct pdf_box b)
{
    return fabs(a.left - b.left) < 0.011 && fabs(a.bottom - b.bottom) < 0.011 && fabs(a.right - b.right) < 0.011 &&
           fabs(a.top - b.top) < 0.011;
}

static void assert_box(struct pdf_box is, struct pdf_box wanted)
{
    if (!near_box(is, wanted))
        fail_msg("[%g %g %g %g], wanted [%g %g %g %g]", is.left, is.bottom, is.right, is.top, wanted.left,
                 wanted.bottom, wanted.right, wanted.top);
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *content, *text;
    } cases[] = {
        {"", ""},
        {"BT /F 10 Tf (plain) Tj ET", "plain"},
        {"BT /F 10 Tf (a\\361o \\200) Tj ET", "año €"},
        {"BT /H 10 Tf (it's) Tj ET", "it’s"},
        {"BT /D 10 Tf (\\001\\002\\003\\004C) Tj ET", "ñáfi{"},
        {"BT /U 10 Tf <004100F10042> Tj ET", "AñB"},
        {"BT /V 10 Tf <0041004200430044> Tj ET", "ABCD"},
        {"BT /T 10 Tf (AB) Tj ET", "AB"},
        {"BT /None 10 Tf (no such font) Tj ET", "no such font"},
        {"BT (no font at all) Tj ET", ""},
        /* gaps */
        {"BT /F 10 Tf [(ke)-50(rn)40(ed)] TJ ET", "kerned"},
        {"BT /F 10 Tf [(two)-250(words)] TJ ET", "two words"},
        {"BT /F 10 Tf [(two )-250( words)] TJ ET", "two  words"},
        {"BT /F 10 Tf (one) Tj 0 -12 Td (two) Tj ET", "one two"},
        {"BT /F 10 Tf 12 TL (one) Tj T* (two) Tj (three) ' 1 2 (four) \" ET", "one two three four"},
        {"BT /F 10 Tf (one) Tj 15 0 Td (two) Tj ET", "onetwo"},
        {"BT /F 10 Tf (E=mc) Tj 6 Tf 3 Ts (2) Tj ET", "E=mc2"},
        {"BT /F 10 Tf 4 Tc (spaced) Tj ET", "spaced"},
        {"BT /F 10 Tf 200 Tz (wide) Tj 40 0 Td (er) Tj ET", "wideer"},
        {"BT /F 10 Tf (a) Tj ET BT /F 10 Tf 5 0 Td (b) Tj ET BT /F 10 Tf 30 0 Td (c) Tj ET", "ab c"},
        {"BT /F 10 Tf 3 Tr (scanned) Tj ET", "scanned"},
        {"q 0 1 -1 0 300 300 cm BT /F 10 Tf (up) Tj 10 0 Td (wards) Tj ET Q", "upwards"},
        {"BT /D 10 Tf (A) Tj /F 10 Tf 0 0 Td (aB) Tj ET", "áB"}, /* an accent under a letter */
        {"BT /D 10 Tf (A) Tj /F 10 Tf (a) Tj ET", "´a"},
        /* marked content */
        {"BT /F 10 Tf /Span<</ActualText(soft)>>BDC (s-) Tj 0 -9 Td (ft) Tj EMC ( x) Tj ET", "soft x"},
        {"BT /F 10 Tf /Span/P BDC /Q BMC (x) Tj EMC (y) Tj EMC (z) Tj EMC ET", "propz"},
        {"BT /F 10 Tf /Span<</ActualText<FEFF00F1>>>BDC EMC (n) Tj /Span<</ActualText()>>BDC (-) Tj EMC ET", "n"},
        /* forms and images */
        {"/Form Do BT /F 10 Tf 300 0 Td (page) Tj ET", "form page"},
        {"/Outer Do", "form"}, /* what it does not find in its own resources is not there */
        {"/Self Do", "x"},
        {"BT /F 10 Tf (a) Tj ET BI /W 9 ID xEI EI\377 EI BT 30 0 Td (b) Tj ET", "a b"},
        {"/Image Do /None Do (x) Do Do", ""},
        /* what is wrong */
        {"Q Q Q BT /F 10 Tf (a) Tj", "a"},
        {"q q q BT /F 10 Tf (a) Tj", "a"},
        {"BT /F (x) Tf /F Tf Tf 1 Td Tm cm 5 TJ /X Tj TJ (y) TJ ET", ""},
        {"BT /F 10 Tf (a) Tj unknown 5 ] (b) Tj ET", "ab"},
        {"BT /F 10 Tf 1e9 Tz (a) Tj 99999999999999999999999999999999999999999999 0 Td (b) Tj ET", "a b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct read r;
        read_text(&r, cases[i].content);
        if (!slice_is(r.t.text, cases[i].text))
            fail_msg("%s: \"%.*s\"", cases[i].content, (int)r.t.text.length, (const char *)r.t.text.data);
        for (size_t c = 0; c < r.t.character_count; c++)
            assert_true(r.t.characters[c].offset + r.t.characters[c].length <= r.t.text.length);
        finish(&r);
    }
}

/** Where the marker "{{firma:1}}" must be found, however it is painted. */
static void markers(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        struct pdf_box box;
    } cases[] = {
        {"BT /F 10 Tf 100 200 Td (Sign {{firma:1}} here) Tj ET", {125, 198, 180, 208}},
        {"BT /F 10 Tf 100 200 Td [({{)20(fir)-90(ma)-130(:)-300(1}})] TJ ET", {100, 198, 160, 208}},
        {"BT /F 10 Tf 100 200 Td ({{fi) Tj (rma) Tj (:1}}) Tj ET", {100, 198, 155, 208}},
        {"BT /F 10 Tf 1 0 0 1 100 200 Tm({)Tj 1 0 0 1 106 200 Tm({)Tj 1 0 0 1 112 200 Tm(f)Tj 1 0 0 1 118 200 Tm(i)Tj "
         "1 0 0 1 124 200 Tm(r)Tj 1 0 0 1 130 200 Tm(m)Tj 1 0 0 1 136 200 Tm(a)Tj 1 0 0 1 142 200 Tm(:)Tj 1 0 0 1 148 "
         "200 Tm(1)Tj 1 0 0 1 154 200 Tm(})Tj 1 0 0 1 160 200 Tm(})Tj ET",
         {100, 198, 165, 208}},
        {"BT /F 10 Tf 100 200 Td ({{firma:) Tj 0 -10 Td (1}}) Tj ET", {100, 188, 140, 208}},
        {"BT /F 10 Tf 100 200 Td ({ { fir ma : 1 } }) Tj ET", {100, 198, 190, 208}},
        {"BT /F 10 Tf 100 200 Td ({{fir) Tj /D 10 Tf () Tj /F 10 Tf (ma:1}}) Tj ET", {100, 198, 155, 208}},
        {"BT /D 10 Tf 100 200 Td (\\004\\004\\003) Tj /F 10 Tf (rma:1}}) Tj ET", {100, 198, 150, 208}},
        {"BT /F 10 Tf 100 200 Td 3 Tr ({{firma:1}}) Tj ET", {100, 198, 155, 208}},
        {"BT /F 10 Tf 0 1 -1 0 100 200 Tm ({{firma:1}}) Tj ET", {92, 200, 102, 255}},
        {"2 0 0 2 0 0 cm BT /F 10 Tf 50 50 Td ({{firma:1}}) Tj ET", {100, 96, 210, 116}},
        {"BT /F 10 Tf 100 200 Td 50 Tz 5 Ts ({{firma:1}}) Tj ET", {100, 203, 127.5, 213}},
        {"BT /F 1 Tf 10 0 0 10 100 200 Tm ({{firma:1}}) Tj ET", {100, 198, 155, 208}},
        {"BT /F 10 Tf 100 200 Td /Span<</ActualText({{firma:1}})>>BDC (abcd) Tj EMC (x) Tj ET", {100, 198, 120, 208}},
        {"BT /F 10 Tf 100 200 Td ({{firma:{{firma:1}}) Tj ET", {140, 198, 195, 208}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct read r;
        struct pdf_box box;
        read_text(&r, cases[i].content);
        if (!pdf_page_text_find(&r.t, SLICE("{{firma:1}}"), 0, &box)) fail_msg("%s: not found", cases[i].content);
        assert_box(box, cases[i].box);
        assert_false(pdf_page_text_find(&r.t, SLICE("{{firma:1}}"), 1, &box));
        finish(&r);
    }
}

static void character_boxes(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        size_t index;
        struct pdf_box box;
    } cases[] = {
        {"BT /F 10 Tf 1 Tc 2 Tw 100 200 Td (a b) Tj ET", 2, {114, 198, 119, 208}},
        {"BT /H 10 Tf 100 200 Td (WA) Tj ET", 1, {109.44, 197.8, 116.11, 209}},
        {"BT /U 10 Tf 100 200 Td <004100420030> Tj ET", 2, {110, 198, 114, 208}},
        {"BT /U 10 Tf 2 Tw 100 200 Td <00200041> Tj ET", 1, {104, 198, 109, 208}},
        {"BT /V 10 Tf 100 200 Td <00410042> Tj ET", 1, {95, 179.2, 105, 189.2}},
        {"BT /T 10 Tf 100 200 Td (AB) Tj ET", 1, {110, 198, 120, 208}},
        {"BT /F -10 Tf 100 200 Td (ab) Tj ET", 1, {90, 192, 95, 202}},
        {"/Form Do", 0, {100, -2, 105, 8}},
        {"/Outer Do", 0, {200, -4, 210, 16}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct read r;
        read_text(&r, cases[i].content);
        assert_true(r.t.character_count > cases[i].index);
        assert_box(r.t.characters[cases[i].index].box, cases[i].box);
        finish(&r);
    }
}

static void painted_boxes(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        size_t count;
        struct pdf_box first;
    } cases[] = {
        {"10 20 30 40 re f", 1, {10, 20, 40, 60}},
        {"10 20 30 40 re n 10 20 30 40 re W n", 0, {0, 0, 0, 0}},
        {"1 g 10 20 30 40 re f", 0, {0, 0, 0, 0}},
        {"1 1 1 rg 10 20 30 40 re f 0 0 0 0 k 10 20 30 40 re f", 0, {0, 0, 0, 0}},
        {"/Icc cs 1 1 1 sc 10 20 30 40 re f /DeviceGray cs 1 scn 10 20 30 40 re f", 0, {0, 0, 0, 0}},
        {"/Tint cs 1 scn 10 20 30 40 re f", 1, {10, 20, 40, 60}},
        {"q 1 g Q 10 20 30 40 re f", 1, {10, 20, 40, 60}},
        {"1 G 10 20 30 40 re S", 0, {0, 0, 0, 0}},
        {"2 w 10 20 30 40 re S", 4, {9, 19, 41, 21}},
        {"2 w 10 20 30 40 re B", 1, {9, 19, 41, 61}},
        {"10 20 m 40 20 l S", 1, {9.5, 19.5, 40.5, 20.5}},
        {"0 w 10 20 m 40 20 l S", 1, {9.9, 19.9, 40.1, 20.1}},
        {"10 20 m 20 20 l 20 60 l h 15 90 m 16 91 l f", 2, {10, 20, 20, 60}},
        {"10 20 m 10 60 40 60 40 20 c f", 1, {10, 20, 40, 60}},
        {"10 20 m 40 60 40 20 v 1 2 3 4 y s", 3, {9.5, 19.5, 40.5, 60.5}},
        {"0 0 600 800 re f", 0, {0, 0, 0, 0}},
        {"-5 -5 700 900 re f", 0, {0, 0, 0, 0}},
        {"0 0 600 700 re f", 1, {0, 0, 600, 700}},
        {"-50 700 100 400 re f", 1, {0, 700, 50, 800}},
        {"700 0 10 10 re f", 0, {0, 0, 0, 0}},
        {"q 100 0 0 50 10 20 cm /Image Do Q", 1, {10, 20, 110, 70}},
        {"q 600 0 0 800 0 0 cm /Image Do Q", 0, {0, 0, 0, 0}},
        {"q 0 100 -50 0 100 20 cm BI/W 1 ID x EI Q", 1, {50, 20, 100, 120}},
        {"q 10 20 30 40 re W n /Sh sh Q", 1, {10, 20, 40, 60}},
        {"q 10 20 30 40 re W* n 0 0 600 800 re f Q", 1, {10, 20, 40, 60}},
        {"q 10 20 30 40 re W n 100 100 9 9 re f Q 5 5 5 5 re f", 1, {5, 5, 10, 10}},
        {"/Sh sh", 0, {0, 0, 0, 0}},
        {"/Form Do", 1, {100, 0, 105, 5}},
        {"2 0 0 2 0 0 cm q q q Q Q Q Q Q 5 5 10 10 re f", 1, {10, 10, 30, 30}},
        {"BT /F 10 Tf (text) Tj ET", 0, {0, 0, 0, 0}},
        {"f S B b h n W sh", 0, {0, 0, 0, 0}},
        {"10 20 l 30 40 l f", 1, {10, 20, 30, 40}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct read r;
        read_text(&r, cases[i].content);
        if (r.t.box_count != cases[i].count) fail_msg("%s: %zu boxes", cases[i].content, r.t.box_count);
        if (r.t.box_count > 0) assert_box(r.t.boxes[0], cases[i].first);
        finish(&r);
    }
}

static void pages(void **state)
{
    (void)state;
    static const struct {
        const char *page, *text;
        bool complete;
    } cases[] = {
        {"<</Type/Page/Parent 2 0 R>>", "", true},
        {"<</Type/Page/Parent 2 0 R/Contents[]>>", "", true},
        {"<</Type/Page/Parent 2 0 R/Contents[4 0 R 4 0 R]>>", "abab", true},
        {"<</Type/Page/Parent 2 0 R/Contents[4 0 R 17 0 R 4 0 R]>>", "abab", false},
        {"<</Type/Page/Parent 2 0 R/Contents[4 0 R 7 0 R 90 0 R]>>", "ab", false},
        {"<</Type/Page/Parent 2 0 R/Contents 17 0 R>>", "", false},
        {"<</Type/Page/Parent 2 0 R/Contents(x)>>", "", false},
        {"<</Type/Page/Parent 2 0 R/Contents[30 0 R 31 0 R 32 0 R]>>", "two\n parts", true},
        {"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>>>", "ab", true},
        {"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources(x)>>", "ab", true},
        {"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F<</Subtype/Type0>>>>>>>>", "", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct read r;
        write_page(&r.d, SLICE("BT /F 10 Tf (ab) Tj ET"), cases[i].page);
        read_written(&r);
        if (i != 7 && !slice_is(r.t.text, cases[i].text)) fail_msg("case %zu", i);
        if (i != 7) assert_int_equal(r.t.complete, cases[i].complete);
        finish(&r);
    }
}

/** Repeats a text until `length`, after a beginning. */
static void read_repeated(struct read *r, const char *begin, const char *text, size_t length)
{
    struct buf content;
    buf_init(&content, length + 1000);
    buf_put_text(&content, begin);
    while (content.length < length) buf_put_text(&content, text);
    read_slice(r, buf_slice(&content));
    buf_dispose(&content);
}

static void hostile_content(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *text;
    } cases[] = {
        {"", "/Bomb Do "},
        {"", "/Self Do "},
        {"", "q "},
        {"", "Q "},
        {"", "/Outer Do "},
        {"BT /F 10 Tf ", "(aaaaaaaaaaaaaaaa)Tj "},
        {"", "0 0 9 9 re f "},
        {"", "0 0 m 1 1 l "},
        {"BT /F 10 Tf ", "(\xB4)Tj "},
        {"", "/F 9 Tf "},
        {"", "/Icc cs "},
        {"", "/P/P BDC "},
        {"", "2 0 0 2 9 9 cm "},
        {"", "BI ID x EI "},
        {"BT /F 10 Tf [", "(a)-300 "},
        {"", "((("},
        {"", "BMC "},
        {"BT /F 10 Tf ", "2 0 0 2 0 0 Tm (a)Tj 2 0 0 2 0 0 cm "},
        {"", "/Broken Do "},
        {"", "/Bad 1 Tf (a)Tj "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct read r;
        struct timespec from, to;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        read_repeated(&r, cases[i].begin, cases[i].text, MEGABYTE / 2);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
        if (seconds > 20) fail_msg("%s: %g s", cases[i].text, seconds);
        finish(&r);
    }
}

static void limits_are_told(void **state)
{
    (void)state;
    static const char *const texts[] = {"/Bomb Do ", "/Self Do ", "/Broken Do ", "q q q q "};
    struct read r;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        read_repeated(&r, "", texts[i], 4096);
        assert_false(r.t.complete);
        finish(&r);
    }
    read_repeated(&r, "BT /F 1 Tf ", "(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)'", 2 * MEGABYTE);
    assert_false(r.t.complete);
    assert_int_equal(r.t.character_count, MEGABYTE);
    finish(&r);
}

static void finding(void **state)
{
    (void)state;
    static const struct {
        const char *marker;
        size_t count;
    } cases[] = {
        {"aab", 2}, {"a a b", 2}, {"aa", 3},      {"c", 1},   {"d", 0},       {"", 0},
        {" ", 0},   {"ñ", 1},     {"aaacaab", 0}, {"bcñ", 0}, {"bcñaaab", 0}, {"aabañaaacaa", 0},
    };
    struct read r;
    struct pdf_box box = {7, 7, 7, 7};
    read_text(&r, "BT /F 10 Tf (aab a\\361 aab  c aa) Tj ET");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        while (pdf_page_text_find(&r.t, slice_text(cases[i].marker), count, &box)) count++;
        if (count != cases[i].count) fail_msg("%s: %zu", cases[i].marker, count);
    }
    assert_true(pdf_page_text_find(&r.t, SLICE("aab"), 1, &box));
    assert_box(box, (struct pdf_box){35, -2, 50, 8});
    char marker[300];
    memset(marker, 'a', sizeof marker);
    assert_false(pdf_page_text_find(&r.t, slice_of(marker, sizeof marker), 0, &box));
    finish(&r);
    read_repeated(&r, "BT /F 1 Tf ", "(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)'", 2 * MEGABYTE);
    marker[200] = 'b';
    assert_false(pdf_page_text_find(&r.t, slice_of(marker, 201), 0, &box));
    finish(&r);
}

/** Every allocation fails once, and from then on. */
static void no_memory(void **state)
{
    (void)state;
    static const char content[] =
        "q q BT /F 10 Tf (a) Tj /D 10 Tf (\\001A) Tj /U 9 Tf <0041> Tj /T 9 Tf (A) Tj [(b)-300(c)] TJ /S<</ActualText"
        "(x)>>BDC (y) Tj EMC ET /Outer Do /Form Do 0 0 5 5 re f /Icc cs 1 1 1 scn 1 1 1 1 re B {{firma:1}}";
    struct draft d;
    write_page(&d, slice_text(content), "<</Type/Page/Parent 2 0 R/Contents[4 0 R 4 0 R]>>");
    for (int once = 0; once < 2; once++) {
        for (unsigned long n = 1;; n++) {
            struct pdf_page page;
            struct pdf_page_text t;
            struct rfd_error error = RFD_ERROR_INIT;
            struct opened o = draft_open(&d, true);
            struct pdf_view view = pdf_latest(draft_must_open(&o));
            assert_int_equal(pdf_page(&view, 0, &page, NULL), RFD_OK);
            (void)(once ? memory_fail_once(n) : memory_fail_after(n));
            rfd_status status = pdf_page_text(&view, &page, &t, &error);
            (void)(once ? memory_fail_once(0) : memory_fail_after(0));
            draft_close_opened(&o);
            assert_int_equal(error.code, status);
            if (status == RFD_OK) {
                assert_true(n > 20);
                break;
            }
            assert_int_equal(status, RFD_E_MEMORY);
        }
    }
    buf_dispose(&d.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),           cmocka_unit_test(markers), cmocka_unit_test(character_boxes),
        cmocka_unit_test(painted_boxes),   cmocka_unit_test(pages),   cmocka_unit_test(hostile_content),
        cmocka_unit_test(limits_are_told), cmocka_unit_test(finding), cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
