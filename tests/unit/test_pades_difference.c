/* SPDX-License-Identifier: EUPL-1.2
 *
 * Updates of a handmade document, and what each is taken for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "compare_support.h"

#define CATALOG_OC(rest) CATALOG("/OCProperties <</OCGs [23 0 R] /D <</ON [23 0 R]>>>> " rest)

static const struct compare_example examples[] = {
    /* nothing, or nothing to speak of */
    {"identical object",
     {{5, "<</Contents [6 0 R 60 0 R]/Type/Page /Resources 7 0 R /Parent 2 0 R>>"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"numbers written otherwise",
     {{2, "<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [0.0 0 200.00 300]>>"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"fields become indirect",
     {{4, "<</Fields @1 0 R /SigFlags 3 /DR <</Font <</Helv 15 0 R>>>> /CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)>>"},
      {NEW, "[" FIELDS "]"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"resources become direct",
     {{3, "<</Type /Page /Parent 2 0 R /Contents 6 0 R /Resources <</Font <</F1 15 0 R>> "
          "/XObject <</X1 16 0 R>>>> /Annots [" BOX "]>>"}},
     RFD_CHANGE_NONE,
     CODE(IDENTICAL)},
    {"unreferenced object", {{NEW, "<</Nobody (cares)>>"}}, RFD_CHANGE_NONE, CODE(UNREFERENCED)},

    /* long-term validation */
    {"security store",
     {{1, CATALOG_OC("/DSS @1 0 R")},
      {NEW, "<</Certs [@2 0 R] /VRI <</AB <</Cert [@2 0 R]>>>>>>"},
      {NEW, STREAM("", "30030201")}},
     RFD_CHANGE_LTA,
     CODE(DSS)},
    {"security store without streams", {{1, CATALOG_OC("/DSS <</Certs [(x)]>>")}}, RFD_CHANGE_OTHER, CODE(OTHER)},
    {"security store with an unknown key", {{1, CATALOG_OC("/DSS <</Certs [] /Foo 1>>")}}, RFD_CHANGE_OTHER, ANY},
    {"document time stamp",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET(INVISIBLE "/V @2 0 R")},
      {NEW, TIMESTAMP},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_LTA,
     CODE(DOCUMENT_TIMESTAMP)},
    {"visible document time stamp",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET("/Rect [0 0 9 9] /V @2 0 R")},
      {NEW, TIMESTAMP},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(DOCUMENT_TIMESTAMP)},
    {"tagged document time stamp",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET(INVISIBLE "/V @2 0 R /StructParent 1")},
      {NEW, TIMESTAMP},
      {3, PAGE(BOX " @1 0 R", " /Tabs /S")},
      {20, "<</Type /StructTreeRoot /K [21 0 R @3 0 R] /ParentTree <</Nums [0 [21 0 R] 1 @3 0 R]>> "
           "/ParentTreeNextKey 2>>"},
      {NEW, "<</Type /StructElem /S /Form /P 20 0 R /K <</Type /OBJR /Obj @1 0 R>>>>"}},
     RFD_CHANGE_LTA,
     CODE(DOCUMENT_TIMESTAMP)},
    {"extension",
     {{1, CATALOG_OC("/Extensions <</ESIC <</BaseVersion /1.7 /ExtensionLevel 1>>>>")}},
     RFD_CHANGE_LTA,
     CODE(EXTENSIONS)},
    {"version", {{1, CATALOG_OC("/Version /2.0")}}, RFD_CHANGE_LTA, CODE(EXTENSIONS)},
    {"metadata",
     {{1, CATALOG_OC("/Metadata @1 0 R")}, {NEW, STREAM("/Type /Metadata /Subtype /XML ", "<x></x> ")}},
     RFD_CHANGE_LTA,
     CODE(METADATA)},
    {"metadata that is none",
     {{1, CATALOG_OC("/Metadata @1 0 R")}, {NEW, "<</Type /Metadata>>"}},
     RFD_CHANGE_OTHER,
     CODE(CATALOG)},

    /* signing */
    {"new signature",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET("/Rect [0 0 9 9] /V @2 0 R /AP <</N @3 0 R>>")},
      {NEW, SIGNATURE},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"new signature off the page",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET(INVISIBLE "/V @2 0 R")}, {NEW, SIGNATURE}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"new field with a kid",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, "<</FT /Sig /T (Sig3) /Kids [@2 0 R] /V @3 0 R>>"},
      {NEW, "<</Type /Annot /Subtype /Widget /Parent @1 0 R /Rect [0 0 9 9] /P 3 0 R>>"},
      {NEW, SIGNATURE},
      {3, PAGE(BOX " @2 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"empty field signed",
     {{14, EMPTY_SIGNATURE("/V @1 0 R /F 132 /AP <</N @2 0 R>>")},
      {NEW, SIGNATURE},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"empty field signed, widget put on its page",
     {{14, EMPTY_SIGNATURE("/V @1 0 R")}, {NEW, SIGNATURE}, {3, PAGE(BOX " 14 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE)},
    {"new empty field",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET("/Rect [0 0 9 9]")}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE_FIELD)},
    {"lock put on an empty field",
     {{14, EMPTY_SIGNATURE("/Lock <</Type /SigFieldLock /Action /All>>")}},
     RFD_CHANGE_FORM,
     CODE(SIGNATURE_FIELD)},
    {"unsigned field that covers content",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, NEW_WIDGET("/Rect [0 0 9 9] /AP <</N @2 0 R>>")},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m f ")},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ANNOTATION_CONTENT)},
    {"signature widget of no field",
     {{NEW, NEW_WIDGET("/Rect [0 0 9 9]")}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ANNOTATION_CONTENT)},
    {"new field with an old signature",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET(INVISIBLE "/V 18 0 R")}},
     RFD_CHANGE_OTHER,
     CODE(SIGNED_FIELD)},
    {"new field under an old name",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, "<</FT /Sig /T (name) /Type /Annot /Subtype /Widget " INVISIBLE ">>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"new field with an action",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, NEW_WIDGET(INVISIBLE "/AA <</E <</S /JavaScript /JS (x)>>>>")}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},
    {"new text field",
     {{4, FORM(FIELDS " @1 0 R", "")},
      {NEW, "<</FT /Tx /T (new) /Subtype /Widget /Rect [0 0 9 9]>>"},
      {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"field removed", {{4, FORM("8 0 R 9 0 R 13 0 R 26 0 R", "")}}, RFD_CHANGE_OTHER, CODE(FIELD)},
    {"signature replaced",
     {{13, "<</FT /Sig /T (Sig1) /V @1 0 R /Kids [12 0 R]>>"}, {NEW, SIGNATURE}},
     RFD_CHANGE_OTHER,
     CODE(SIGNED_FIELD)},
    {"signature changed in place", {{18, SIGNATURE}}, RFD_CHANGE_OTHER, CODE(SIGNED_FIELD)},
    {"signature removed", {{13, "<</FT /Sig /T (Sig1) /Kids [12 0 R]>>"}}, RFD_CHANGE_OTHER, CODE(SIGNED_FIELD)},
    {"signed field moved",
     {{12, "<</Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R /Parent 13 0 R>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},

    /* filling in */
    {"text filled in",
     {{8, TEXT_FIELD("/V (new) /AP <</N @1 0 R>>")},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"style added", {{8, TEXT_FIELD("/V (old) /AP <</N 17 0 R>> /DA (/Helv 9 Tf)")}}, RFD_CHANGE_FORM, CODE(FORM)},
    {"kid filled in",
     {{27, "<</FT /Tx /T (a) /V (x) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>"}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"box checked",
     {{9, "<</FT /Btn /T (box) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /V /On /AS /On "
          "/AP <</N <</On 17 0 R>>>>>>"}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"appearances to be made", {{4, FORM(FIELDS, " /NeedAppearances true")}}, RFD_CHANGE_FORM, CODE(FORM)},
    {"font added",
     {{4, "<</Fields [" FIELDS "] /SigFlags 3 /DR <</Font <</Helv 15 0 R /New @1 0 R>>>> "
          "/CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)>>"},
      {NEW, "<</Type /Font /Subtype /Type1 /BaseFont /Courier>>"}},
     RFD_CHANGE_FORM,
     ANY},
    {"font of the form replaced",
     {{4, "<</Fields [" FIELDS "] /SigFlags 3 /DR <</Font <</Helv @1 0 R>>>> "
          "/CO [8 0 R 27 0 R] /DA (/Helv 0 Tf)>>"},
      {NEW, "<</Type /Font /Subtype /Type1 /BaseFont /Courier>>"}},
     RFD_CHANGE_OTHER,
     CODE(RESOURCES)},
    {"appearance without value",
     {{8, TEXT_FIELD("/V (old) /AP <</N @1 0 R>>")},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_OTHER,
     CODE(APPEARANCE)},
    {"appearance replaced in place, used by another field too",
     {{8, TEXT_FIELD("/V (new) /AP <</N 17 0 R>>")},
      {17, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 7 0 R ", "0 0 m S ")}},
     RFD_CHANGE_OTHER,
     CODE(APPEARANCE)},
    {"field moved",
     {{8, "<</FT /Tx /T (name) /Type /Annot /Subtype /Widget /Rect [5 5 9 9] /P 3 0 R /V (old) "
          "/AP <</N 17 0 R>>>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"field hidden", {{8, TEXT_FIELD("/F 2 /V (old) /AP <</N 17 0 R>>")}}, RFD_CHANGE_OTHER, CODE(FIELD)},
    {"field renamed",
     {{8, "<</FT /Tx /T (eman) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R /V (old) "
          "/AP <</N 17 0 R>>>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"action on a field",
     {{8, TEXT_FIELD("/V (old) /AP <</N 17 0 R>> /AA <</F <</S /JavaScript /JS (x)>>>>")}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},

    {"text cleared, appearance taken away",
     {{8, TEXT_FIELD("/V ()")}, {4, FORM(FIELDS, " /NeedAppearances true")}},
     RFD_CHANGE_FORM,
     CODE(FORM)},
    {"key twice", {{8, TEXT_FIELD("/V (new) /AP <</N 17 0 R>> /V (old)")}}, RFD_CHANGE_OTHER, CODE(UNREADABLE)},
    {"new field takes another's widget",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, "<</FT /Sig /T (Sig3) /Kids [12 0 R]>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"field of two parents",
     {{4, FORM(FIELDS " @1 0 R", "")}, {NEW, "<</T (other) /Kids [8 0 R]>>"}},
     RFD_CHANGE_OTHER,
     CODE(FIELD)},
    {"widget of an unknown page",
     {{27, "<</FT /Tx /T (a) /Parent 26 0 R /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 5 0 R>>"}},
     RFD_CHANGE_FORM,
     ANY},

    /* annotations */
    {"note added",
     {{NEW, "<</Type /Annot /Subtype /Highlight /Rect [0 0 9 9]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"note changed",
     {{10, "<</Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (else)>>"}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"note removed", {{3, PAGE("8 0 R 9 0 R 11 0 R 12 0 R", "")}}, RFD_CHANGE_ANNOTATION, CODE(ANNOTATION)},
    {"redaction added",
     {{NEW, "<</Type /Annot /Subtype /Redact /Rect [0 0 9 9]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ANNOTATION_CONTENT)},
    {"link added",
     {{NEW, "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /A <</S /URI /URI (x:y)>>>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},
    {"link within the document",
     {{NEW, "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [5 0 R /Fit]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"unknown annotation",
     {{NEW, "<</Type /Annot /Subtype /Foo /Rect [0 0 9 9]>>"}, {3, PAGE(BOX " @1 0 R", "")}},
     RFD_CHANGE_OTHER,
     CODE(OTHER)},
    {"widget removed", {{3, PAGE("9 0 R 10 0 R 11 0 R 12 0 R", "")}}, RFD_CHANGE_OTHER, CODE(FIELD)},

    {"link led elsewhere",
     {{11, "<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [5 0 R /Fit]>>"}},
     RFD_CHANGE_OTHER,
     CODE(ACTIONS)},
    {"annotation with its structure",
     {{NEW, "<</Type /Annot /Subtype /Highlight /Rect [0 0 9 9] /StructParent 1 /AP <</N @3 0 R>>>>"},
      {3, PAGE(BOX " @1 0 R", "")},
      {20, "<</Type /StructTreeRoot /K [21 0 R @2 0 R] /ParentTree <</Nums [0 [21 0 R] 1 @2 0 R]>> "
           "/ParentTreeNextKey 2>>"},
      {NEW, "<</Type /StructElem /S /Annot /P 20 0 R /K <</Type /OBJR /Obj @1 0 R>>>>"},
      {NEW, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},
    {"first annotation of a page",
     {{NEW, "<</Type /Annot /Subtype /Ink /Rect [0 0 9 9]>>"},
      {5, "<</Type /Page /Parent 2 0 R /Contents [6 0 R 60 0 R] /Resources 7 0 R /Annots [@1 0 R]>>"}},
     RFD_CHANGE_ANNOTATION,
     CODE(ANNOTATION)},

    /* pages */
    {"content changed", {{6, STREAM("", "5 5 m S ")}}, RFD_CHANGE_OTHER, CODE(PAGE_CONTENT)},
    {"content replaced",
     {{3, "<</Type /Page /Parent 2 0 R /Contents @1 0 R /Resources 7 0 R /Annots [" BOX "]>>"},
      {NEW, STREAM("", "5 5 m S ")}},
     RFD_CHANGE_OTHER,
     CODE(PAGE_CONTENT)},
    {"content replaced by a hidden one",
     {{3, "<</Type /Page /Parent 2 0 R /Contents 19 0 R /Resources 7 0 R "
          "/Annots [" BOX "]>>"}},
     RFD_CHANGE_OTHER,
     CODE(HIDDEN_OBJECT)},
    {"content defined later", {{FUTURE, STREAM("", "5 5 m S ")}}, RFD_CHANGE_OTHER, CODE(FUTURE_REFERENCE)},
    {"picture replaced by nothing", {{16, "null"}}, RFD_CHANGE_OTHER, CODE(LAYERS)},
    {"font changed", {{15, "<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>"}}, RFD_CHANGE_OTHER, CODE(RESOURCES)},
    {"page turned", {{3, PAGE(BOX, " /Rotate 90")}}, RFD_CHANGE_OTHER, CODE(PAGE_CONTENT)},
    {"page added",
     {{2, "<</Type /Pages /Kids [3 0 R 5 0 R @1 0 R] /Count 3 /MediaBox [0 0 200 300]>>"},
      {NEW, "<</Type /Page /Parent 2 0 R>>"}},
     RFD_CHANGE_OTHER,
     CODE(PAGES)},
    {"pages swapped",
     {{2, "<</Type /Pages /Kids [5 0 R 3 0 R] /Count 2 /MediaBox [0 0 200 300]>>"}},
     RFD_CHANGE_OTHER,
     ANY},
    {"page replaced by nothing", {{5, "null"}}, RFD_CHANGE_OTHER, CODE(PAGES)},
    {"page size",
     {{2, "<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [0 0 20 30]>>"}},
     RFD_CHANGE_OTHER,
     CODE(PAGE_CONTENT)},
    {"page action", {{3, PAGE(BOX, " /AA <</O <</S /JavaScript /JS (x)>>>>")}}, RFD_CHANGE_OTHER, CODE(ACTIONS)},

    /* the document */
    {"open action", {{1, CATALOG_OC("/OpenAction <</S /JavaScript /JS (x)>>")}}, RFD_CHANGE_OTHER, CODE(ACTIONS)},
    {"layer off",
     {{1, CATALOG("/OCProperties <</OCGs [23 0 R] /D <</OFF [23 0 R]>>>>")}},
     RFD_CHANGE_OTHER,
     CODE(LAYERS)},
    {"names", {{1, CATALOG_OC("/Names <</JavaScript <</Names []>>>>")}}, RFD_CHANGE_OTHER, CODE(CATALOG)},
    {"permissions", {{1, CATALOG_OC("/Perms <</DocMDP 18 0 R>>")}}, RFD_CHANGE_OTHER, CODE(PERMISSIONS)},
    {"outline", {{25, "<</Title (two) /Parent 24 0 R /Dest [3 0 R /Fit]>>"}}, RFD_CHANGE_OTHER, CODE(CATALOG)},
    {"structure changed",
     {{21, "<</Type /StructElem /S /Note /P 20 0 R /Pg 3 0 R /K [0]>>"}},
     RFD_CHANGE_OTHER,
     CODE(STRUCTURE)},
    {"element replaced by nothing", {{21, "null"}}, RFD_CHANGE_OTHER, CODE(STRUCTURE)},
    {"element of content removed",
     {{20, "<</Type /StructTreeRoot /K [] /ParentTree <<>> /ParentTreeNextKey 1>>"}},
     RFD_CHANGE_OTHER,
     CODE(STRUCTURE)},
    {"structure claims content",
     {{20, "<</Type /StructTreeRoot /K [21 0 R @1 0 R] /ParentTree 22 0 R "
           "/ParentTreeNextKey 1>>"},
      {NEW, "<</Type /StructElem /S /P /P 20 0 R /Pg 3 0 R /K [1]>>"}},
     RFD_CHANGE_OTHER,
     CODE(STRUCTURE)},
    {"hidden object changed and used", {{30, "<</Whatever (y)>>"}}, RFD_CHANGE_OTHER, CODE(CATALOG)},
    {"orphan changed and used",
     {{HIDDEN, STREAM("/Type /XObject /Subtype /Form /BBox [0 0 9 9] ", "0 0 m S ")},
      {8, TEXT_FIELD("/V (new) /AP <</N 19 0 R>>")}},
     RFD_CHANGE_OTHER,
     CODE(HIDDEN_OBJECT)},
};

static void test_examples(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct compare_example *e = &examples[i];
        struct support_document before;
        struct support_document after;
        struct difference_context *c;
        support_init(&before);
        support_make_pdf(&before.bytes, compare_base, COMPARE_BASE, TRAILER);
        if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
        compare_apply(&before, e, &after);
        const struct difference *d = compare_last(&after, &c);
        if (d->level != e->level || !compare_has_code(d, e->code)) {
            compare_explain(e->name, d);
            good = false;
        }
        difference_close(c);
        support_close(&after);
        support_close(&before);
    }
    assert_true(good);
}

/** Two updates, the second changing what the first added. */
static void test_security_store_never_shrinks(void **state)
{
    (void)state;
    static const struct compare_example first = {
        "",
        {{1, CATALOG_OC("/DSS @1 0 R")}, {NEW, "<</Certs [@2 0 R]>>"}, {NEW, STREAM("", "30030201")}},
        RFD_CHANGE_LTA,
        ANY};
    static const struct compare_example grown = {
        "grown", {{31, "<</Certs [32 0 R @1 0 R]>>"}, {NEW, STREAM("", "30030202")}}, RFD_CHANGE_LTA, CODE(DSS)};
    static const struct compare_example shrunk = {"shrunk", {{31, "<</Certs []>>"}}, RFD_CHANGE_OTHER, CODE(OTHER)};
    static const struct compare_example changed = {
        "changed", {{32, STREAM("", "30030209")}}, RFD_CHANGE_OTHER, CODE(OTHER)};
    static const struct compare_example removed = {"removed", {{1, CATALOG_OC("")}}, RFD_CHANGE_OTHER, CODE(OTHER)};
    const struct compare_example *const all[] = {&grown, &shrunk, &changed, &removed};
    for (size_t i = 0; i < 4; i++) {
        struct support_document d[3];
        struct difference_context *c;
        support_init(&d[0]);
        support_make_pdf(&d[0].bytes, compare_base, COMPARE_BASE, TRAILER);
        if (support_open(&d[0], "", true) != RFD_OK) fail_msg("%s", d[0].error.detail);
        compare_apply(&d[0], &first, &d[1]);
        compare_apply(&d[1], all[i], &d[2]);
        const struct difference *last = compare_last(&d[2], &c);
        if (last->level != all[i]->level || !compare_has_code(last, all[i]->code)) {
            compare_explain(all[i]->name, last);
            fail();
        }
        const struct difference *again;
        assert_int_equal(difference_between(c, 1, &again, NULL), RFD_OK);
        assert_int_equal(again->level, RFD_CHANGE_LTA);
        assert_int_equal(difference_between(c, 3, &again, NULL), RFD_E_INTERNAL);
        difference_close(c);
        for (size_t k = 0; k < 3; k++) support_close(&d[k]);
    }
}

/** A tagged annotation comes, and goes with its element; a widget's element stays. */
static void test_element_goes_with_its_annotation(void **state)
{
    (void)state;
    static const struct compare_example added = {
        "",
        {{NEW, "<</Type /Annot /Subtype /Highlight /Rect [0 0 9 9] /StructParent 1>>"},
         {3, PAGE(BOX " @1 0 R", "")},
         {20, "<</Type /StructTreeRoot /K [21 0 R @2 0 R] /ParentTree <</Nums [0 [21 0 R] 1 @2 0 R]>> "
              "/ParentTreeNextKey 2>>"},
         {NEW, "<</Type /StructElem /S /Annot /P 20 0 R /K <</Type /OBJR /Obj @1 0 R>>>>"}},
        RFD_CHANGE_ANNOTATION,
        ANY};
    static const struct compare_example removed = {
        "removed",
        {{3, PAGE(BOX, "")},
         {31, "null"},
         {20, "<</Type /StructTreeRoot /K [21 0 R] /ParentTree <</Nums [0 [21 0 R]]>> /ParentTreeNextKey 2>>"},
         {32, "null"}},
        RFD_CHANGE_ANNOTATION,
        CODE(ANNOTATION)};
    static const struct compare_example element_stays = {
        "element stays", {{3, PAGE(BOX, "")}, {31, "null"}}, RFD_CHANGE_ANNOTATION, CODE(ANNOTATION)};
    static const struct compare_example more_removed = {
        "more removed",
        {{3, PAGE(BOX, "")}, {20, "<</Type /StructTreeRoot /K [] /ParentTree <</Nums []>> /ParentTreeNextKey 2>>"}},
        RFD_CHANGE_OTHER,
        CODE(STRUCTURE)};
    const struct compare_example *const all[] = {&removed, &element_stays, &more_removed};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct support_document d[3];
        struct difference_context *c;
        support_init(&d[0]);
        support_make_pdf(&d[0].bytes, compare_base, COMPARE_BASE, TRAILER);
        if (support_open(&d[0], "", true) != RFD_OK) fail_msg("%s", d[0].error.detail);
        compare_apply(&d[0], &added, &d[1]);
        compare_apply(&d[1], all[i], &d[2]);
        const struct difference *last = compare_last(&d[2], &c);
        if (last->level != all[i]->level || !compare_has_code(last, all[i]->code)) {
            compare_explain(all[i]->name, last);
            fail();
        }
        difference_close(c);
        for (size_t k = 0; k < 3; k++) support_close(&d[k]);
    }
}

/* ---- lack of memory ---- */

static void test_memory_runs_out(void **state)
{
    (void)state;
    const struct compare_example *signing = NULL;
    struct support_document before;
    struct support_document after;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (strcmp(examples[i].name, "tagged document time stamp") == 0) signing = &examples[i];
    }
    assert_non_null(signing);
    support_init(&before);
    support_make_pdf(&before.bytes, compare_base, COMPARE_BASE, TRAILER);
    if (support_open(&before, "", true) != RFD_OK) fail_msg("%s", before.error.detail);
    compare_apply(&before, signing, &after);
    for (unsigned long n = 1;; n++) {
        struct pdf_document *doc;
        struct difference_context *c = NULL;
        const struct difference *found = NULL;
        assert_int_equal(pdf_open(after.source, NULL, &doc, NULL), RFD_OK);
        (void)memory_fail_after(n);
        rfd_status status = difference_open(doc, &c, NULL);
        if (status == RFD_OK) status = difference_between(c, 1, &found, NULL);
        (void)memory_fail_after(0);
        difference_close(c);
        if (status == RFD_OK) {
            assert_int_equal(found->level, RFD_CHANGE_LTA);
            pdf_close(doc);
            assert_true(n > 10);
            break;
        }
        assert_int_equal(status, RFD_E_MEMORY);
        pdf_close(doc);
    }
    support_close(&after);
    support_close(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_security_store_never_shrinks),
        cmocka_unit_test(test_element_goes_with_its_annotation),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
